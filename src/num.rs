//! Widening of lengths to the `u64` of offsets and counts, which never fails on the platforms this runs on; a quick hash; and dice for tests.

use std::hash::{BuildHasherDefault, Hasher};

/// A length as an offset.
pub(crate) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// An offset as a length; saturates where addresses are smaller than offsets.
pub(crate) fn narrow(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// A number of another and a word.
pub(crate) const fn mix(number: u64, word: u64) -> u64 {
    (number ^ word).wrapping_mul(SPREAD).rotate_left(31)
}

/// A number of another and two words.
pub(crate) fn mix_two(number: u64, [first, second]: [u64; 2]) -> u64 {
    let (low, high) = (number ^ first).carrying_mul(second ^ SPREAD, 0);
    low ^ high
}

/// An odd number whose multiples spread: two to the 64 by the golden ratio.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// For tables of the program's own texts, of which a start makes some with thousands: a tenth of it went into the hash that is safe against
/// strangers.
pub(crate) type Quick = BuildHasherDefault<QuickHasher>;

/// Eight bytes at a time.
#[derive(Debug, Default)]
pub(crate) struct QuickHasher(u64);

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        let rest = rest.iter().rev().fold(wide(rest.len()), |word, byte| word << 8 | u64::from(*byte));
        for word in words.iter().map(|word| u64::from_le_bytes(*word)).chain([rest]) {
            self.0 = mix(self.0, word);
        }
    }

    fn finish(&self) -> u64 {
        self.0.wrapping_mul(SPREAD)
    }
}

/// Dice for tests that make their own inputs; the same on every run.
#[cfg(test)]
pub(crate) struct Dice(pub(crate) u64);

#[cfg(test)]
impl Dice {
    /// A number below `end`; the seed must not be zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        narrow(self.0 >> 33) % end
    }
}
