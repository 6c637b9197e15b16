//! The scan without SIMD: every window against the bitmap. The twin every kernel must agree with.

use super::verify::{Bitmap, may_be};

/// Shows `visit` each position from `from` on whose window may be one looked for, as a block of one lane, until the
/// position `visit` gave last.
pub(super) fn scan(bitmap: &Bitmap, haystack: &[u8], from: usize, mut visit: impl FnMut(usize, u64) -> usize) {
    let Some(rest) = haystack.get(from..) else {
        return;
    };
    let Some((head, tail)) = rest.split_first_chunk::<3>() else {
        return;
    };
    let [a, b, c] = *head;
    let mut window = u32::from_le_bytes([0, a, b, c]);
    let mut end = haystack.len();
    for (at, &byte) in (from..).zip(tail) {
        window = window >> 8 | u32::from(byte) << 24;
        if at >= end {
            return;
        }
        if may_be(bitmap, window) {
            end = visit(at, 1);
        }
    }
}
