//! The text as the kernels take it, block by block, and the places they give back: all of it safe.

use super::choose::WIDTH;

/// Positions for which a kernel gives bits at a time.
pub(super) const LANES: usize = 64;
pub(super) const STEP: u16 = 64;
/// Bytes that are loaded for them.
pub(super) const SPAN: usize = LANES + WIDTH - 1;

/// The bytes of one block.
#[derive(Clone, Copy)]
pub(super) struct Block<'a>(pub(super) &'a [u8; SPAN]);

impl Block<'_> {
    /// The `W` bytes from `at` on. Every caller's `at` is known to the compiler and in range, so nothing is checked when it
    /// runs; the zeros are never given.
    #[inline(always)]
    pub(super) fn bytes<const W: usize>(&self, at: usize) -> &[u8; W] {
        let bytes = self.0.get(at..).and_then(<[u8]>::first_chunk);
        debug_assert!(bytes.is_some(), "a load must stay in its block");
        bytes.unwrap_or(&[0; W])
    }
}

/// Positions a text may have.
pub(super) const MOST: usize = 4096;
const _: () = assert!(MOST.is_power_of_two(), "a place is cut to the bits of one below it");
/// Positions of a text that is short.
pub(super) const FEW: usize = 512;
/// Room for so many positions, and for [`LANES`] that are written too many.
pub(super) type Places = [u16];
/// So many are written whether there are as many or not: it is cheaper than to ask.
const EAGER: usize = 2;

/// Adds the places of the bits that are set.
#[inline(always)]
pub(super) fn push(mut lanes: u64, base: u16, places: &mut Places, filled: &mut usize) {
    let (mut to, end) = (*filled, *filled + usize::try_from(lanes.count_ones()).unwrap_or(0));
    *filled = end;
    loop {
        let Some(some) = places.get_mut(to..).and_then(<[u16]>::first_chunk_mut::<EAGER>) else { return };
        for place in some {
            *place = base.wrapping_add(u16::try_from(lanes.trailing_zeros()).unwrap_or(0));
            lanes &= lanes.wrapping_sub(1);
        }
        to += EAGER;
        if to >= end {
            return;
        }
    }
}

/// The bytes from `at` to the end or one block, and a bit for each position that begins four of the text's bytes.
pub(super) fn padded(text: &[u8], at: usize) -> ([u8; SPAN], u64) {
    let mut block = [0; SPAN];
    let rest = text.get(at..).unwrap_or(&[]);
    for (to, &byte) in block.iter_mut().zip(rest) {
        *to = byte;
    }
    (block, low_bits(rest.len().saturating_sub(3)))
}

/// As many low bits as asked for, at most all.
#[inline(always)]
pub(super) fn low_bits(count: usize) -> u64 {
    if count >= LANES { u64::MAX } else { (1 << count) - 1 }
}
