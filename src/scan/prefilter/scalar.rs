//! The scan without SIMD: every window against the bitmap. The twin every kernel must agree with.

use super::block::{MOST, Places};
use super::verify::{Bitmap, Key, WIDE};

/// As [`super::kernel::Supported::find`].
pub(super) fn find(bitmap: &Bitmap, text: &[u8], positions: usize, places: &mut Places) -> (usize, usize) {
    for (number, place) in (0..).zip(places.iter_mut()) {
        *place = number;
    }
    let newlines = memchr::memchr_iter(b'\n', text.get(..positions).unwrap_or(text)).count();
    (keep(bitmap, text, positions.min(text.len().saturating_sub(3)), places), newlines)
}

/// Of the first `found` places keeps those where a window may begin.
#[inline]
pub(super) fn keep(bitmap: &Bitmap, text: &[u8], found: usize, places: &mut Places) -> usize {
    // Where every place has eight bytes behind it, none is asked about.
    if let Some(text) = text.first_chunk::<{ MOST + WIDE - 1 }>() {
        let at = |place: usize| text.get(place % MOST..).unwrap_or_default();
        let found = keep_if(found, places, |place| at(place).first_chunk().is_some_and(|four| bitmap.may_start(*four)));
        return keep_if(found, places, |place| {
            at(place).first_chunk().is_some_and(|eight| bitmap.may_be(Key::from_le_bytes(*eight)))
        });
    }
    keep_if(found, places, |place| bitmap.may_begin(text, place))
}

/// Decides nothing by a branch: what passes is as good as chance.
#[inline(always)]
fn keep_if(found: usize, places: &mut Places, passes: impl Fn(usize) -> bool) -> usize {
    let mut kept = 0;
    for number in 0..found.min(MOST) {
        let place = places.get(number).copied().unwrap_or(0);
        if let Some(to) = places.get_mut(kept) {
            *to = place;
        }
        kept += usize::from(passes(usize::from(place)));
    }
    kept
}
