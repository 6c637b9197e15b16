//! Widening of lengths to the `u64` of offsets and counts, which never fails on the platforms this runs on; and dice for tests.

/// A length as an offset.
pub(crate) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// An offset as a length; saturates where addresses are smaller than offsets.
pub(crate) fn narrow(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
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
