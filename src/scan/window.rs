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
/// Size of the buffer: what is kept is moved to its front when it is full, so it is several times as large.
const SIZE: usize = 2 * 1024 * 1024;
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

    /// Tells the number of the line that holds a byte: lines behind it are counted from there.
    pub(super) fn know(&self, (at, line): (usize, u64)) {
        if at > self.mark.get().0 {
            self.mark.set((at, line));
        }
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
    let mut state = State { buffer: Buffer::new(SIZE), filled: 0, scanned: 0, base: 0, mark: (0, 1), open: false };
    let mut begun = false;
    let outcome = loop {
        state.make_room();
        let result = state.fill(reader);
        let over = !matches!(result, Ok(true));
        if !begun && (over || state.filled > 0) {
            begun = true;
            sink.begin(&state.window());
        }
        progress(state.base + wide(state.filled));
        state.judge(prefilter, sink, over);
        if over {
            break result.map(|_| ());
        }
    };
    let window = state.window();
    sink.end(&window);
    let last = window.bytes.last().is_some_and(|byte| *byte != b'\n');
    let lines = window.line(window.bytes.len()) - 1 + u64::from(last);
    (Totals { bytes: state.base + wide(state.filled), lines }, outcome)
}

struct State {
    buffer: Buffer,
    filled: usize,
    /// Everything before this offset of the buffer was judged.
    scanned: usize,
    base: u64,
    /// `scanned`, and the number of the line there.
    mark: (usize, u64),
    /// The line judged last goes on at `scanned`.
    open: bool,
}

impl State {
    fn window(&self) -> Window<'_> {
        Window {
            bytes: self.buffer.bytes().get(..self.filled).unwrap_or_default(),
            base: self.base,
            mark: Cell::new(self.mark),
        }
    }

    /// Drops the oldest bytes when the next read would not fit.
    fn make_room(&mut self) {
        if self.filled + READ <= self.buffer.bytes().len() {
            return;
        }
        let cut = self.scanned.saturating_sub(HISTORY);
        self.buffer.bytes_mut().copy_within(cut..self.filled, 0);
        self.filled -= cut;
        self.scanned -= cut;
        self.base += wide(cut);
        self.mark.0 -= cut;
    }

    /// Reads about as much as fits into one read; false at the end of the input.
    fn fill(&mut self, reader: &mut dyn Read) -> io::Result<bool> {
        let end = (self.filled + READ).min(self.buffer.bytes().len());
        let (count, outcome) = fill(reader, self.buffer.bytes_mut().get_mut(self.filled..end).unwrap_or_default());
        self.filled += count;
        outcome
    }

    /// Judges everything that has enough behind it.
    fn judge(&mut self, prefilter: &dyn Prefilter, sink: &mut dyn Sink, over: bool) {
        let limit = if over { self.filled } else { self.filled.saturating_sub(AHEAD) };
        // Lines are counted while their bytes are still near the processor.
        while self.scanned < limit {
            if self.open {
                self.skip(limit);
                continue;
            }
            let part = limit.min(self.scanned.saturating_add(PART));
            let window = self.window();
            let (mut behind, mut open) = (self.scanned, false);
            let newlines = prefilter.each(window.bytes, behind, part, &mut |hit| {
                behind = sink.hit(&window, hit.start, limit);
                open = behind == window.bytes.len() && window.bytes.last() != Some(&b'\n');
                behind
            });
            let scanned = part.max(behind);
            let newlines = newlines.filter(|_| scanned == part);
            let line = newlines.map_or_else(|| window.line(scanned), |newlines| self.mark.1 + wide(newlines));
            sink.pass(&window);
            (self.scanned, self.mark, self.open) = (scanned, (scanned, line), open);
        }
    }

    /// Goes to the end of the line that was judged last, if it lies before `limit`.
    fn skip(&mut self, limit: usize) {
        let rest = self.buffer.bytes().get(self.scanned..limit).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map(|at| self.scanned + at + 1);
        self.open = end.is_none();
        let scanned = end.unwrap_or(limit);
        self.mark = (scanned, self.window().line(scanned));
        self.scanned = scanned;
    }
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
        let mut text = vec![b'x'; 5 * SIZE];
        text.extend_from_slice(b" needle\nneedle");
        let (seen, totals) = run(&text, usize::MAX);
        assert_eq!(seen, vec![(1, wide(5 * SIZE) + 1), (2, wide(5 * SIZE) + 8)]);
        assert_eq!(totals.lines, 2);
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert_eq!(run(b"", 1), (Vec::new(), Totals { bytes: 0, lines: 0 }));
    }
}
