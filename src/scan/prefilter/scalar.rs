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

/// A text where every place of a block has eight bytes behind it: of none it is asked.
pub(super) type Text = [u8; MOST + WIDE - 1];

/// Of the first `found` places keeps those where a window may begin.
#[inline]
pub(super) fn keep(bitmap: &Bitmap, text: &[u8], found: usize, places: &mut Places) -> usize {
    let Some(text) = text.first_chunk() else {
        return keep_if(found, places, |place| bitmap.may_begin(text, place));
    };
    let found = keep_if(found, places, |place| behind(text, place).is_some_and(|four| bitmap.may_start(four)));
    keep_started(bitmap, text, found, places)
}

/// The same of places where a window may begin by its first four bytes.
#[inline]
pub(super) fn keep_started(bitmap: &Bitmap, text: &Text, found: usize, places: &mut Places) -> usize {
    keep_if(found, places, |place| behind(text, place).is_some_and(|eight| bitmap.may_be(Key::from_le_bytes(eight))))
}

/// The bytes behind a place of a block.
#[inline]
fn behind<const W: usize>(text: &Text, place: usize) -> Option<[u8; W]> {
    text.get(place % MOST..)?.first_chunk().copied()
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
