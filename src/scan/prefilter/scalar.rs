//! The scan without SIMD: every window against the bitmap. The twin every kernel must agree with.

use super::kernel::{LANES, Lanes};
use super::verify::{Bitmap, may_be};

/// As [`super::kernel::Supported::mark`]: a bit for each position from `at` on whose window may be one looked for.
pub(super) fn mark(bitmap: &Bitmap, haystack: &[u8], at: usize, blocks: &mut [Lanes]) {
    let text = haystack.get(at..).unwrap_or_default();
    for (lanes, from) in blocks.iter_mut().zip((0..).step_by(LANES)) {
        let windows = text.get(from..).unwrap_or_default().windows(4).take(LANES);
        let passing = windows
            .map(|window| window.first_chunk().is_some_and(|window| may_be(bitmap, u32::from_le_bytes(*window))));
        *lanes = [0; 2];
        for (place, passes) in passing.enumerate() {
            let [first, second] = lanes;
            *(if place < 64 { first } else { second }) |= u64::from(passes) << (place % 64);
        }
    }
}
