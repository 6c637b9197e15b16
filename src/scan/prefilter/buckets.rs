//! The tables a kernel shuffles with.
//!
//! A bucket lets a position pass when each byte of the window there is one that some window of the bucket has in that place.
//! A group is eight buckets: one bit each of a table's bytes.

use super::choose::{BUCKETS, WIDTH, Window};

/// Groups of eight buckets.
pub(super) const GROUPS: usize = BUCKETS / BITS;
/// Buckets in a group.
const BITS: usize = 8;

/// What the kernels look bytes up in. Bit `k` of an entry stands for bucket `k` of its group.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(super) struct Tables {
    /// By group, place in the window, and the fifth and the lower four bits of the byte.
    pub(super) fives: [[[[u8; 16]; 2]; WIDTH]; GROUPS],
    /// By group, place in the window and the lower six bits of the byte.
    pub(super) sixes: [[Sixes; WIDTH]; GROUPS],
    /// In each byte all bits but the highest. It stands here, for a compiler that knew it would find another way to use it.
    pub(super) most: Sixes,
}

/// By the lower six bits of a byte the buckets it passes: what a register holds.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Sixes(pub(super) [u8; 64]);

impl Tables {
    /// Tables that let these literals' windows pass.
    pub(super) fn new<'a>(windows: impl Iterator<Item = (&'a [u8], Window)>) -> Box<Self> {
        let (fives, sixes) = ([[[[0; 16]; 2]; WIDTH]; GROUPS], [[Sixes([0; _]); WIDTH]; GROUPS]);
        let mut tables = Box::new(Self { fives, sixes, most: Sixes([i8::MAX.cast_unsigned(); _]) });
        for (literal, window) in windows {
            for place in 0..WIDTH {
                match literal.get(window.offset + place) {
                    Some(&byte) => tables.allow(window.bucket, place, byte),
                    None => (0..=u8::MAX).for_each(|byte| tables.allow(window.bucket, place, byte)),
                }
            }
        }
        tables
    }

    fn allow(&mut self, bucket: usize, place: usize, byte: u8) {
        let (group, bit) = (bucket / BITS, 1 << (bucket % BITS));
        let fives = self.fives.get_mut(group).and_then(|of| of.get_mut(place));
        if let Some(fives) = fives.and_then(|of| of.get_mut(usize::from(byte >> 4 & 1))) {
            mark(fives, usize::from(byte & 15), bit);
        }
        if let Some(Sixes(sixes)) = self.sixes.get_mut(group).and_then(|of| of.get_mut(place)) {
            mark(sixes, usize::from(byte & 63), bit);
        }
    }
}

fn mark(table: &mut [u8], place: usize, bit: u8) {
    if let Some(entry) = table.get_mut(place) {
        *entry |= bit;
    }
}
