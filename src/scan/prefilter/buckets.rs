//! The tables a kernel shuffles with.
//!
//! A bucket lets a position pass when each byte of the window there is one that some window of the bucket has in that place.
//! A group is eight buckets: one bit each of a table's bytes.

use super::choose::{BUCKETS, CLASSES, WIDTH, Window, class};

/// Groups of eight buckets.
pub(super) const GROUPS: usize = BUCKETS / BITS;
/// Buckets in a group.
const BITS: usize = 8;

/// What the kernels look bytes up in. Bit `k` of an entry stands for bucket `k` (of its group, where an entry has eight).
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(super) struct Tables {
    /// By place in the window and class of the byte.
    pub(super) classes: [Classes; WIDTH],
    /// By group, place in the window, low and then high half of the byte, and its value.
    pub(super) halves: [[[[u8; 16]; 2]; WIDTH]; GROUPS],
    /// By group, place in the window and the lower six bits of the byte.
    pub(super) sixes: [[Sixes; WIDTH]; GROUPS],
}

/// By the lower six bits of a byte the buckets it passes: what a register holds.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Sixes(pub(super) [u8; 64]);

/// By class of a byte the buckets it passes, little end first, for the lower and then the upper half of the classes: what two registers
/// hold.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Classes(pub(super) [[u8; GROUPS * CLASSES / 2]; 2]);

impl Tables {
    /// Tables that let these literals' windows pass.
    pub(super) fn new<'a>(windows: impl Iterator<Item = (&'a [u8], Window)>) -> Box<Self> {
        let (classes, halves) = ([Classes([[0; _]; 2]); WIDTH], [[[[0; 16]; 2]; WIDTH]; GROUPS]);
        let sixes = [[Sixes([0; _]); WIDTH]; GROUPS];
        let mut tables = Box::new(Self { classes, halves, sixes });
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
        if let Some(Classes(classes)) = self.classes.get_mut(place) {
            mark(classes.as_flattened_mut(), class(byte) * GROUPS + group, bit);
        }
        if let Some([low, high]) = self.halves.get_mut(group).and_then(|of| of.get_mut(place)) {
            mark(low, usize::from(byte & 15), bit);
            mark(high, usize::from(byte >> 3 & 15), bit);
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
