//! The moving window over an input: bounded memory for any input, and enough history around every hit.

use std::cell::Cell;
use std::io::{self, Read};

use super::Prefilter;
use super::buffer::Buffer;
use crate::num::wide;

/// Bytes read at a time.
pub(super) const READ: usize = 256 * 1024;
/// Bytes of a range of a file that can be read at any place. More of them are read faster, and fit into no second cache.
pub(super) const RANGE: usize = 512 * 1024;
/// Room that is not worth another read: readers that hand on whole lines leave some.
const LITTLE: usize = READ / 8;
/// Bytes kept before the part that is being scanned, for folding, context and the look at the tail.
pub(super) const HISTORY: usize = 256 * 1024;
/// Bytes that must lie behind a hit before it is judged, so that its record is whole.
pub(super) const AHEAD: usize = 64 * 1024;
/// Whoever is told of a hit looks at no more lines before or behind it than these, however short they are.
pub(super) const LINES: usize = crate::record::REACH_LINES + 24;
/// What is kept before what is read, at most.
const FRONT: usize = HISTORY + AHEAD;
/// Room for what is read of an input of which all history is kept: that is moved when the room is full, so it is several times as large.
const AREA: usize = 4 * READ;
/// Bytes of which lines are counted at a time.
pub(super) const STEP: usize = 4 * 1024;
/// Bytes scanned at a time.
pub(super) const PART: usize = 64 * 1024;

/// The part of an input that is in memory.
#[derive(Debug)]
pub struct Window<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Offset of the first byte in the whole input.
    pub base: u64,
    /// Line number, from 1, of the byte asked about last, from which it is counted on.
    mark: Cell<(usize, u64)>,
}

impl Window<'_> {
    /// A window over a text that is in memory as a whole.
    #[must_use]
    pub const fn whole(bytes: &[u8]) -> Window<'_> {
        Window { bytes, base: 0, mark: Cell::new((0, 1)) }
    }

    /// Line number, from 1, of the line that holds the byte at `offset` of the window.
    #[must_use]
    pub fn line(&self, offset: usize) -> u64 {
        let (at, line) = self.mark.get();
        let newlines = |from: usize, to: usize| {
            wide(self.bytes.get(from..to).map_or(0, |part| memchr::memchr_iter(b'\n', part).count()))
        };
        let line = if offset >= at { line + newlines(at, offset) } else { line.saturating_sub(newlines(offset, at)) };
        self.mark.set((offset, line));
        line
    }

    /// A place whose line is known, and its number.
    pub(crate) fn mark(&self) -> (usize, u64) {
        self.mark.get()
    }

    /// Takes this to be the number of the line at `offset`.
    pub(super) fn know(&self, offset: usize, line: u64) {
        self.mark.set((offset, line));
    }

    /// The same as [`line`](Self::line), counted from a place whose line is known, if that is nearer.
    pub(crate) fn line_by(&self, offset: usize, mark: (usize, u64)) -> u64 {
        if mark.0.abs_diff(offset) < self.mark.get().0.abs_diff(offset) {
            self.mark.set(mark);
        }
        self.line(offset)
    }

    /// A part of an input: its bytes, the offset of the first, and the line number of one of them.
    #[must_use]
    pub const fn part(bytes: &[u8], base: u64, mark: (usize, u64)) -> Window<'_> {
        Window { bytes, base, mark: Cell::new(mark) }
    }

    /// Offset just behind the line that holds the byte at `offset`.
    #[must_use]
    pub fn next_line(&self, offset: usize) -> usize {
        let rest = self.bytes.get(offset..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |found| offset + found + 1)
    }

    /// The last `length` bytes, from a line's beginning on if there is one.
    #[must_use]
    pub fn tail_start(&self, length: usize) -> usize {
        let from = self.bytes.len().saturating_sub(length);
        if from == 0 { 0 } else { self.next_line(from).min(self.bytes.len()) }
    }
}

/// Who is told of hits.
pub trait Sink {
    /// A literal begins at byte `at` of the window. Gives where the line begins of whose hits it wants to be told next: it may itself go
    /// through lines that begin before `limit`.
    fn hit(&mut self, window: &Window<'_>, at: usize, limit: usize) -> usize;
    /// The bytes of the windows that were shown since the last call may go; the window is one of them, and holds the others.
    fn pass(&mut self, window: &Window<'_>);
    /// The first bytes of the input have arrived.
    fn begin(&mut self, window: &Window<'_>);
    /// The input is over; the window holds its tail.
    fn end(&mut self, window: &Window<'_>);
}

/// How much was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes.
    pub bytes: u64,
    /// Lines, the last one counted even without a newline.
    pub lines: u64,
}

impl Totals {
    /// Of so many bytes, of which the last one is `last`, with this number of the line behind it.
    pub(super) fn of(bytes: u64, line: u64, last: Option<&u8>) -> Self {
        Self { bytes, lines: line - 1 + u64::from(last.is_some_and(|byte| *byte != b'\n')) }
    }
}

/// Reads an input to its end and tells the sink of every line with a hit, once per line.
///
/// `progress` is told the number of bytes after every read.
///
/// # Errors
/// The reader's, after everything before it was judged; the totals so far come with it.
pub fn scan(
    reader: &mut dyn Read,
    prefilter: &dyn Prefilter,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(u64),
) -> (Totals, io::Result<()>) {
    let mut state = State::new(AREA, READ, HISTORY);
    let outcome = state.run(reader, prefilter, sink, progress);
    let window = state.window();
    sink.end(&window);
    let (bytes, line) = state.end();
    (Totals::of(bytes, line, window.bytes.last()), outcome)
}

/// What is read lies behind what is kept of the bytes before, always at the same places of the buffer.
pub(super) struct State {
    buffer: Buffer,
    /// Bytes read at a time.
    read: usize,
    /// So many bytes are kept in any case before those that are to be judged.
    history: usize,
    /// Where in the buffer the window begins and ends.
    first: usize,
    filled: usize,
    /// Everything before this offset of the buffer was judged.
    scanned: usize,
    /// Offset in the input of the window's first byte.
    base: u64,
    /// Number of the line at `scanned`.
    line: u64,
    /// The line judged last goes on at `scanned`.
    open: bool,
}

impl State {
    /// Nothing was read yet; there is room for `area` bytes beside what is kept, which is `history` bytes, or the fewer that hold enough lines
    /// around what is to be judged.
    pub(super) fn new(area: usize, read: usize, history: usize) -> Self {
        let (first, filled, scanned) = (FRONT, FRONT, FRONT);
        Self { buffer: Buffer::new(FRONT + area), read, history, first, filled, scanned, base: 0, line: 1, open: false }
    }

    /// Reads to the end, or to an error, and judges all of it.
    pub(super) fn run(
        &mut self,
        reader: &mut dyn Read,
        prefilter: &dyn Prefilter,
        sink: &mut dyn Sink,
        progress: &mut dyn FnMut(u64),
    ) -> io::Result<()> {
        let mut begun = false;
        loop {
            self.make_room();
            let result = self.fill(reader);
            let over = !matches!(result, Ok(true));
            if !begun && (over || self.filled > self.first) {
                begun = true;
                sink.begin(&self.window());
            }
            progress(self.base + wide(self.filled - self.first));
            self.judge(prefilter, sink, over);
            if over {
                return result.map(|_| ());
            }
        }
    }

    /// What is in memory.
    pub(super) fn window(&self) -> Window<'_> {
        let bytes = self.buffer.bytes().get(self.first..self.filled).unwrap_or_default();
        Window { bytes, base: self.base, mark: Cell::new((self.scanned - self.first, self.line)) }
    }

    /// So many bytes were read, and this is the number of the line behind them.
    pub(super) fn end(&self) -> (u64, u64) {
        let window = self.window();
        (window.base + wide(window.bytes.len()), window.line(window.bytes.len()))
    }

    /// Moves what is kept to the front when the next read would not fit.
    fn make_room(&mut self) {
        if self.filled + self.read <= self.buffer.bytes().len() {
            return;
        }
        let judged = self.buffer.bytes().get(self.first..self.scanned).unwrap_or_default();
        let cut = self.scanned - self.history.max(enough(judged.rchunks(STEP), HISTORY)).min(judged.len());
        let kept = self.filled - cut;
        let moved = FRONT.saturating_sub(kept);
        self.buffer.bytes_mut().copy_within(cut..self.filled, moved);
        self.base += wide(cut - self.first);
        (self.first, self.filled, self.scanned) = (moved, moved + kept, moved + self.scanned - cut);
    }

    /// Reads about as much as fits into one read; false at the end of the input.
    fn fill(&mut self, reader: &mut dyn Read) -> io::Result<bool> {
        let end = (self.filled + self.read).min(self.buffer.bytes().len());
        let (count, outcome) = fill(reader, self.buffer.bytes_mut().get_mut(self.filled..end).unwrap_or_default());
        self.filled += count;
        outcome
    }

    /// Judges everything that has enough behind it.
    fn judge(&mut self, prefilter: &dyn Prefilter, sink: &mut dyn Sink, over: bool) {
        let all = self.buffer.bytes().get(self.first..self.filled).unwrap_or_default();
        let limit = self.filled - if over { 0 } else { enough(all.rchunks(STEP), AHEAD).min(all.len()) };
        // Lines are counted while their bytes are still near the processor.
        while self.scanned < limit {
            if self.open {
                self.skip(limit);
                continue;
            }
            let part = limit.min(self.scanned.saturating_add(PART)) - self.first;
            let window = self.window();
            let (mut behind, mut open) = (self.scanned - self.first, false);
            let newlines = prefilter.each(window.bytes, behind, part, &mut |hit, counted| {
                window.know(counted.place, self.line + wide(counted.newlines));
                behind = sink.hit(&window, hit.start, limit - self.first);
                open = behind == window.bytes.len() && window.bytes.last() != Some(&b'\n');
                behind
            });
            let scanned = part.max(behind);
            if let Some(newlines) = newlines {
                window.know(part, self.line + wide(newlines));
            }
            let line = window.line(scanned);
            (self.scanned, self.line, self.open) = (self.first + scanned, line, open);
        }
        sink.pass(&self.window());
    }

    /// Goes to the end of the line that was judged last, if it lies before `limit`.
    fn skip(&mut self, limit: usize) {
        let rest = self.buffer.bytes().get(self.scanned..limit).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map(|at| self.scanned + at + 1);
        self.open = end.is_none();
        let scanned = end.unwrap_or(limit);
        (self.line, self.scanned) = (self.window().line(scanned - self.first), scanned);
    }
}

/// Bytes of the steps that hold enough lines, or so many if that is fewer; of all of them if they do not.
pub(super) fn enough<'b>(steps: impl Iterator<Item = &'b [u8]>, bytes: usize) -> usize {
    let (mut lines, mut taken) = (0, 0);
    for step in steps {
        if lines > LINES || taken >= bytes {
            break;
        }
        lines += memchr::memchr_iter(b'\n', step).count();
        taken += step.len();
    }
    taken.min(bytes)
}

/// Reads until hardly any room is left, however the input arrives. Gives how much was read, and false at the end of the input.
pub(super) fn fill(reader: &mut dyn Read, space: &mut [u8]) -> (usize, io::Result<bool>) {
    let mut filled = 0;
    while let Some(rest) = space.get_mut(filled..).filter(|rest| rest.len() > LITTLE) {
        match reader.read(rest) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Err(error)),
            Ok(0) => return (filled, Ok(false)),
            Ok(count) => filled += count,
        }
    }
    (filled, Ok(true))
}

#[cfg(test)]
mod tests {
    use super::super::Plain;
    use super::*;

    #[derive(Default)]
    struct Seen(Vec<(u64, u64)>);

    impl Sink for Seen {
        fn hit(&mut self, window: &Window<'_>, at: usize, _: usize) -> usize {
            self.0.push((window.line(at), window.base + wide(at)));
            window.next_line(at)
        }
        fn pass(&mut self, _: &Window<'_>) {}
        fn begin(&mut self, _: &Window<'_>) {}
        fn end(&mut self, _: &Window<'_>) {}
    }

    /// Hands out at most `step` bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(self.1).min(space.len());
            space[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn run(text: &[u8], step: usize) -> (Vec<(u64, u64)>, Totals) {
        let mut seen = Seen::default();
        let prefilter = Plain::new(&["needle".to_owned()]);
        let (totals, outcome) = scan(&mut Drip(text, step), &prefilter, &mut seen, &mut |_| {});
        outcome.unwrap();
        (seen.0, totals)
    }

    #[test]
    fn hits_carry_their_line_and_offset_however_the_input_arrives() {
        let mut text = Vec::new();
        let mut expected = Vec::new();
        for number in 1..=60_000_u64 {
            if number % 997 == 0 {
                expected.push((number, wide(text.len()) + 5));
                text.extend_from_slice(b"some needle here, and a second needle\n");
            } else {
                text.extend_from_slice(format!("line {number} of an ordinary log without anything\n").as_bytes());
            }
        }
        for step in [usize::MAX, 262_144, 65_537, 1_000] {
            let (seen, totals) = run(&text, step);
            assert_eq!(seen, expected, "step {step}");
            assert_eq!(totals, Totals { bytes: wide(text.len()), lines: 60_000 });
        }
    }

    #[test]
    fn a_line_longer_than_the_window_is_one_line() {
        let mut text = vec![b'x'; 9 * AREA / 4];
        text.extend_from_slice(b" needle\nneedle");
        let (seen, totals) = run(&text, usize::MAX);
        assert_eq!(seen, vec![(1, wide(9 * AREA / 4) + 1), (2, wide(9 * AREA / 4) + 8)]);
        assert_eq!(totals.lines, 2);
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert_eq!(run(b"", 1), (Vec::new(), Totals { bytes: 0, lines: 0 }));
    }
}
