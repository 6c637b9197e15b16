//! The scan for many literals: four bytes at every fourth place of the text, looked up in one table.
//!
//! Takes literals of at least [`SHORTEST`] bytes; gives windows, four neighbouring ones of each literal, so that one of
//! them stands at a fourth place wherever the literal does. Where a literal is long enough, the four bytes behind a window
//! must be known as well: such pairs let so little pass that the number of literals hardly matters, which buckets of bytes
//! cannot do. It needs no SIMD and is the same on every machine.

use super::rarity::level;
use super::windows::{REACH, Window};

/// So many bytes are looked at, so far apart.
pub(super) const STRIDE: usize = 4;
/// The shortest literal with a window at every place of the stride.
pub(super) const SHORTEST: usize = 2 * STRIDE - 1;
/// The shortest literal whose windows all have four known bytes behind them.
const PAIRED: usize = SHORTEST + STRIDE;

/// Of a hash so many bits choose an entry: the table, 128 KiB, still lies near the processor.
const BITS: u32 = 16;
const ENTRIES: usize = 1 << BITS;
const PAIR_BUCKETS: u8 = 7;

type Word = [u8; STRIDE];

/// By hash of four bytes: the buckets of which they may begin a window, and those of which they may end one. What begins
/// always has the bit [`Strided::ALONE`], so that a window that passes alone needs nothing before it.
#[derive(Debug)]
pub(super) struct Strided(Box<[[u8; 2]; ENTRIES]>);

#[inline]
fn hash(word: Word) -> usize {
    usize::try_from(u32::from_le_bytes(word).wrapping_mul(0x9e37_79b1) >> (32 - BITS)).unwrap_or(0)
}

impl Strided {
    /// The table for some of the literals, given by their indices; adds their windows to `windows`.
    pub(super) fn new(literals: &[&[u8]], chosen: &[usize], windows: &mut Vec<Window>) -> Self {
        let mut table = Self(Box::new([[Self::ALONE, 0]; ENTRIES]));
        let mut levels = Vec::new();
        for &literal in chosen {
            let text = literals.get(literal).copied().unwrap_or(&[]);
            let (_, first) = rarest(text, &mut levels);
            table.put(text.get(first..).unwrap_or(&[]), literal);
            windows.extend((first..first + STRIDE).map(|offset| Window { literal, offset }));
        }
        table
    }

    /// Lets the windows at the first four places of a text pass.
    fn put(&mut self, text: &[u8], turn: usize) {
        let words = |from: usize| -> Vec<Word> {
            let rest = text.get(from..).unwrap_or(&[]);
            rest.windows(STRIDE).filter_map(|word| word.first_chunk().copied()).take(STRIDE).collect()
        };
        let begins = words(0);
        if text.len() < PAIRED {
            for word in begins {
                self.mark(word, [0, Self::ALONE]);
            }
            return;
        }
        let ends = words(STRIDE);
        let bucket = self.fullest(&begins, &ends, turn);
        for (begin, end) in begins.into_iter().zip(ends) {
            self.mark(begin, [bucket, 0]);
            self.mark(end, [0, bucket]);
        }
    }

    /// The bucket that already lets most of these words pass; of equals one that differs from turn to turn.
    fn fullest(&self, begins: &[Word], ends: &[Word], turn: usize) -> u8 {
        let known = |place: usize, words: &[Word], bucket: u8| {
            words.iter().filter(|word| self.entry(**word).get(place).is_some_and(|bits| bits & bucket != 0)).count()
        };
        let turn = u8::try_from(turn % usize::from(PAIR_BUCKETS)).unwrap_or(0);
        let buckets = (0..PAIR_BUCKETS).map(|bucket| 1_u8 << ((bucket + turn) % PAIR_BUCKETS));
        buckets.max_by_key(|bucket| known(0, begins, *bucket) + known(1, ends, *bucket)).unwrap_or(1)
    }

    fn mark(&mut self, word: Word, [begin, end]: [u8; 2]) {
        if let Some([begins, ends]) = self.0.get_mut(hash(word)) {
            *begins |= begin;
            *ends |= end;
        }
    }

    #[inline]
    fn entry(&self, word: Word) -> [u8; 2] {
        self.0.get(hash(word)).copied().unwrap_or([Self::ALONE, 0])
    }

    /// Writes for each whole four bytes of `text` whether a window may begin there or four bytes before it: not zero.
    /// `before` is what the four bytes before the text let pass (at first [`Strided::NOTHING`]); gives the same for the
    /// next text.
    #[inline]
    pub(super) fn mark_words(&self, text: &[u8], mut before: u8, marks: &mut [u8]) -> u8 {
        for (word, mark) in text.as_chunks().0.iter().zip(marks) {
            let [begin, end] = self.entry(*word);
            *mark = before & end;
            before = begin;
        }
        before
    }

    /// Of an entry's bits this one stands for windows that pass alone, each other one for a bucket of pairs.
    pub(super) const ALONE: u8 = 1 << 7;
    /// What a text without anything before it begins with.
    pub(super) const NOTHING: u8 = Self::ALONE;
}

/// The literals whose windows pass alone and often, the commonest first.
pub(super) fn common(literals: &[&[u8]], chosen: &[usize]) -> Vec<usize> {
    let text = |index: usize| literals.get(index).copied().unwrap_or(&[]);
    let mut levels = Vec::new();
    let alone = chosen.iter().filter(|index| text(**index).len() < PAIRED);
    let mut costs: Vec<(f32, usize)> = alone.map(|index| (rarest(text(*index), &mut levels).0, *index)).collect();
    costs.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    costs.into_iter().map(|(_, index)| index).collect()
}

/// How common the four windows of a literal are that text has least, and where they begin.
fn rarest(text: &[u8], levels: &mut Vec<i32>) -> (f32, usize) {
    levels.clear();
    let runs = text.windows(3).take(REACH).map(|run| run.first_chunk().copied().map_or(0, level));
    levels.extend(runs);
    // Runs of three that a window holds.
    let width = if text.len() < PAIRED { STRIDE - 2 } else { 2 * STRIDE - 2 };
    let shares: Vec<f32> = levels.windows(width).map(|window| share(window.iter().sum())).collect();
    let costs = shares.windows(STRIDE).map(|four| four.iter().sum::<f32>()).zip(0..);
    costs.min_by(|(left, _), (right, _)| left.total_cmp(right)).unwrap_or((0.0, 0))
}

/// The share of text that a sum of levels stands for, but for a factor.
fn share(level: i32) -> f32 {
    (f32::from(i16::try_from(level).unwrap_or(i16::MAX)) / 2.0).exp2()
}
