//! Goes through a haystack block by block and gives one hit after the other.
//!
//! Takes what may be a window from the kernels, a block at a time, and keeps it, so that a search that goes on with the
//! next line of the same block looks at no byte twice.

use super::kernel::{LANES, Lanes};
use super::strided::{STRIDE, Strided};
use super::verify::Search;
use super::{Bucketed, Hit, Kernel, scalar};

/// Positions of a block: few enough for its bytes to stay in the first cache.
const BLOCK: usize = 4096;
/// The first block of a search is smaller, for the next hit may be near.
const FIRST: usize = 512;
/// Positions shown at a time.
const CHUNK: usize = 256;

/// A bit for each of 64 times four bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Words {
    alone: u64,
    pairs: u64,
}

/// The block a search is in, and what in it may begin a window.
#[derive(Debug)]
pub(super) struct Sweep<'a> {
    filter: &'a Bucketed,
    haystack: &'a [u8],
    /// Where the block begins and ends.
    start: usize,
    end: usize,
    /// What the last four bytes of the block let pass.
    before: u8,
    size: usize,
    /// A bit for each four bytes: a window that passes alone may begin there, or one of a pair four bytes before.
    words: [Words; BLOCK / STRIDE / 64],
    /// A bit for each byte: a window of a short literal may begin there.
    bytes: [Lanes; BLOCK / LANES],
}

impl<'a> Sweep<'a> {
    pub(super) fn new(filter: &'a Bucketed, haystack: &'a [u8], from: usize) -> Self {
        let start = from.min(haystack.len());
        let (words, bytes) = ([Words::default(); BLOCK / STRIDE / 64], [[0; 2]; BLOCK / LANES]);
        Self { filter, haystack, start, end: start, before: Strided::NOTHING, size: FIRST, words, bytes }
    }

    /// The first hit that starts at `from` or later and before `limit`.
    pub(super) fn next(&mut self, from: usize, limit: usize) -> Option<Hit> {
        let mut search = self.filter.verifier.search(self.haystack, from, limit);
        if !(self.start..=self.end).contains(&from) {
            (self.start, self.end, self.before) = (from, from, Strided::NOTHING);
        }
        let mut at = from;
        // The windows of the last four bytes are shown by the word behind them.
        while at < self.haystack.len() && at < search.end().saturating_add(STRIDE) {
            if at >= self.end {
                self.load();
            }
            self.show(at, &mut search);
            at = self.end;
        }
        search.best()
    }

    /// Shows `each` every occurrence of every literal.
    pub(super) fn all(&mut self, each: &mut dyn FnMut(Hit)) {
        let mut search = self.filter.verifier.every(self.haystack, each);
        while self.end < self.haystack.len() {
            self.load();
            self.show(self.start, &mut search);
        }
    }

    /// Shows a search what in the block may begin a window, from about `at` on.
    #[inline]
    fn show(&self, at: usize, search: &mut Search<'_>) {
        let chunks = self.words.iter().zip(self.bytes.as_chunks::<{ CHUNK / LANES }>().0).enumerate();
        for (chunk, (words, bytes)) in chunks.skip((at - self.start) / CHUNK) {
            let base = self.start + chunk * CHUNK;
            if base >= self.end || base >= search.end().saturating_add(STRIDE) {
                return;
            }
            for place in bits(words.pairs) {
                search.look_whole((base + place * STRIDE).wrapping_sub(STRIDE));
            }
            for place in bits(words.alone) {
                search.look(base + place * STRIDE);
            }
            for (lanes, base) in bytes.as_flattened().iter().zip((base..).step_by(64)) {
                for place in bits(*lanes) {
                    search.look(base + place);
                }
            }
        }
    }

    /// Goes on to the next block.
    fn load(&mut self) {
        self.start = self.end;
        self.end = self.haystack.len().min(self.start + self.size);
        self.size = BLOCK;
        let text = self.haystack.get(self.start..self.end).unwrap_or_default();
        if let Some(strided) = &self.filter.strided {
            let mut marks = [0; BLOCK / STRIDE];
            self.before = strided.mark_words(text, self.before, &mut marks);
            for (words, marks) in self.words.iter_mut().zip(marks.as_chunks().0) {
                *words = Words::of(marks);
            }
        }
        if let Some(short) = &self.filter.short {
            let blocks = text.len().div_ceil(LANES);
            let blocks = self.bytes.get_mut(..blocks).unwrap_or_default();
            match short.kernel.kernel() {
                Kernel::Scalar => scalar::mark(self.filter.verifier.bitmap(), self.haystack, self.start, blocks),
                _ => short.kernel.mark(&short.tables, self.haystack, self.start, blocks),
            }
        }
    }
}

/// The places of the bits that are set.
#[inline]
fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (word != 0).then(|| usize::try_from(word.trailing_zeros()).unwrap_or(0));
        word &= word.wrapping_sub(1);
        place
    })
}

impl Words {
    /// What [`Strided::mark_words`] said of each.
    #[inline]
    fn of(marks: &[u8; 64]) -> Self {
        const PAIRS: u64 = u64::from_ne_bytes([!Strided::ALONE; 8]);
        let mut words = Self::default();
        for eight in marks.as_chunks().0.iter().rev() {
            let eight = u64::from_le_bytes(*eight);
            words.alone = words.alone << 8 | gather(eight & !PAIRS);
            words.pairs = words.pairs << 8 | gather(((eight & PAIRS) + PAIRS) & !PAIRS);
        }
        words
    }
}

/// Each byte's highest bit, the only one it may have, in its place among eight.
#[inline]
const fn gather(bytes: u64) -> u64 {
    (bytes >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
