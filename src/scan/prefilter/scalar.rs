//! The scan without SIMD: every window against the bitmap. The twin every kernel must agree with.

use super::kernel::Places;
use super::verify::Bitmap;

/// As [`super::kernel::Supported::find`].
pub(super) fn find(bitmap: &Bitmap, text: &[u8], positions: usize, places: &mut Places) -> (usize, usize) {
    for (number, place) in (0..).zip(places.iter_mut()) {
        *place = number;
    }
    let newlines = memchr::memchr_iter(b'\n', text.get(..positions).unwrap_or(text)).count();
    (keep(bitmap, text, positions.min(text.len().saturating_sub(3)), places), newlines)
}

/// Of the first `found` places keeps those where a window may begin. Decides nothing by a branch: what passes the
/// buckets is as good as chance.
#[inline]
pub(super) fn keep(bitmap: &Bitmap, text: &[u8], found: usize, places: &mut Places) -> usize {
    let mut kept = 0;
    for number in 0..found {
        let place = places.get(number).copied().unwrap_or(0);
        let passes = bitmap.may_begin(text, usize::from(place));
        if let Some(to) = places.get_mut(kept) {
            *to = place;
        }
        kept += usize::from(passes);
    }
    kept
}
