//! Widening of lengths to the `u64` of offsets and counts, which never fails on the platforms this runs on.

/// A length as an offset.
pub(crate) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// An offset as a length; saturates where addresses are smaller than offsets.
pub(crate) fn narrow(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
