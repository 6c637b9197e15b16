//! What was found in the ranges of a file, judged in the order of the file.

use std::fs::File;
use std::io;

use super::ranges::{Found, read_at};
use super::window::{self, AHEAD, HISTORY, RANGE, READ, STEP, Sink, Totals, Window};
use crate::num::{narrow, wide};

/// Where in a range something was found, and a place near it with the line breaks before that. Small: a line may have four bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    at: u32,
    near: u32,
    newlines: u32,
}

impl Mark {
    pub(super) fn new(at: usize, near: usize, newlines: u64) -> Self {
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Self { at: small(wide(at)), near: small(wide(near)), newlines: small(newlines) }
    }
}

/// Judges what was found, in the order of the file.
pub(super) struct Order<'a> {
    file: &'a File,
    /// What lies around a hit of which its range does not hold enough.
    around: Extract,
    /// Bytes of the ranges that were judged.
    total: u64,
    /// Number of the line at the beginning of the next range.
    line: u64,
    /// The line judged last goes on in the next range.
    open: bool,
    /// What lies before this offset of the file was judged.
    behind: u64,
}

impl<'a> Order<'a> {
    pub(super) fn new(file: &'a File) -> Self {
        Self::behind(file, 0, 1)
    }

    /// The same behind so many bytes that others judged, with the number of the line there.
    pub(super) fn behind(file: &'a File, total: u64, line: u64) -> Self {
        Self { file, around: Extract::default(), total, line, open: false, behind: 0 }
    }

    /// A range, with which `bytes` begins, before its hits are judged; for the sink, the first one is the beginning of the file.
    pub(super) fn range<'b>(&self, bytes: &'b [u8], sink: &mut dyn Sink) -> Range<'b> {
        let length = bytes.len().min(RANGE);
        if self.total == 0 {
            sink.begin(&Window::part(bytes, 0, (0, 1)));
        }
        // The rest of a line that was judged.
        let rest = if self.open { second_line(bytes, length).unwrap_or(bytes.len()) } else { 0 };
        let behind = rest.max(narrow(self.behind.saturating_sub(self.total)));
        Range { window: Window::part(bytes, self.total, (0, self.line)), length, enough: None, behind }
    }

    /// Tells the sink of a hit, unless it went through that line itself.
    pub(super) fn hit(&mut self, range: &mut Range<'_>, mark: Mark, sink: &mut dyn Sink) -> io::Result<()> {
        let hit = narrow(mark.at.into());
        if hit < range.behind {
            return Ok(());
        }
        let (bytes, length) = (range.window.bytes, range.length);
        range.window.know(narrow(mark.near.into()), self.line + u64::from(mark.newlines));
        let enough = range.enough.get_or_insert_with(|| enough(bytes, self.total == 0, length < RANGE));
        range.behind = if enough.contains(&hit) {
            sink.hit(&range.window, hit, length)
        } else {
            let reach = enough.start.max(bytes.len() - enough.end);
            sink.pass(&range.window);
            self.around.hold(self.file, self.total + wide(hit), reach)?;
            self.around.show(&range.window, hit, length, sink)
        };
        self.behind = self.total + wide(range.behind);
        Ok(())
    }

    /// All hits of a range were judged, in which that was found.
    pub(super) fn judged(&self, range: &Range<'_>, found: &Found, sink: &mut dyn Sink) {
        let end = (range.length, self.line + found.newlines);
        sink.pass(&Window::part(range.window.bytes, range.window.base, end));
    }

    /// Goes on behind a range, whose hits were judged; false behind the last one.
    pub(super) fn pass(&mut self, found: &Found, progress: &mut dyn FnMut(u64)) -> bool {
        self.open = found.open || (self.open && found.second_line.is_none());
        self.total += wide(found.length);
        self.line += found.newlines;
        progress(self.total);
        found.length == RANGE
    }

    /// Tells the sink of the end of the file, or of what could be read of it.
    pub(super) fn finish(mut self, outcome: io::Result<()>, sink: &mut dyn Sink) -> (Totals, io::Result<()>) {
        let loaded = self.around.load(self.file, self.total.saturating_sub(2 * wide(HISTORY)), self.total);
        let tail = &self.around;
        sink.end(&Window::part(&tail.bytes, tail.base, (tail.bytes.len(), self.line)));
        (Totals::of(self.total, self.line, tail.bytes.last()), outcome.and(loaded))
    }
}

/// A range of which hits are judged.
pub(super) struct Range<'b> {
    window: Window<'b>,
    length: usize,
    /// Hits there have enough around them; known from the first hit on.
    enough: Option<std::ops::Range<usize>>,
    /// What lies before it was judged.
    behind: usize,
}

/// Offset just behind the first line break of a range of this length, if it has one.
pub(super) fn second_line(bytes: &[u8], length: usize) -> Option<usize> {
    memchr::memchr(b'\n', bytes.get(..length)?).map(|at| at + 1)
}

/// A part of a file that is in memory.
#[derive(Default)]
struct Extract {
    /// Offset of the first of `bytes` in the file.
    base: u64,
    bytes: Vec<u8>,
    /// Hits at these offsets in the file have enough around them.
    enough: std::ops::Range<u64>,
}

impl Extract {
    /// Makes it hold what is looked at around a hit at `offset`: that is likely to lie within `reach` bytes.
    fn hold(&mut self, file: &File, offset: u64, reach: usize) -> io::Result<()> {
        let reach = reach + reach / 4;
        if !self.enough.contains(&offset) && reach < HISTORY {
            // Hits come in order, so more is read behind the hit: enough for those at the end of a range and at the next one's beginning.
            self.load(file, offset.saturating_sub(wide(reach)), offset + wide(3 * reach))?;
        }
        if !self.enough.contains(&offset) {
            self.load(file, offset.saturating_sub(wide(HISTORY)), offset + wide(READ + AHEAD))?;
        }
        Ok(())
    }

    /// Reads the file from `from` to `to`, or to its end.
    fn load(&mut self, file: &File, from: u64, to: u64) -> io::Result<()> {
        let wanted = narrow(to.saturating_sub(from));
        self.bytes.resize(wanted, 0);
        let outcome = read_at(file, &mut self.bytes, from);
        self.bytes.truncate(outcome.as_ref().copied().unwrap_or(0));
        self.base = from;
        let enough = enough(&self.bytes, from == 0, self.bytes.len() < wanted);
        self.enough = from + wide(enough.start)..from + wide(enough.end);
        outcome.map(drop)
    }

    /// Tells the sink of a hit at byte `at` of a range's window, of which so many bytes are its own, unless the file has become shorter.
    fn show(&self, range: &Window<'_>, at: usize, length: usize, sink: &mut dyn Sink) -> usize {
        let here = |at: usize| narrow((range.base + wide(at)).saturating_sub(self.base));
        if here(at) >= self.bytes.len() {
            return range.next_line(at);
        }
        let window = Window::part(&self.bytes, self.base, (here(at), range.line(at)));
        let behind = sink.hit(&window, here(at), here(length));
        sink.pass(&window);
        narrow((self.base + wide(behind)).saturating_sub(range.base))
    }
}

/// Where in `bytes` hits have enough before and behind them: so many lines, so many bytes, or the input's beginning or end.
fn enough(bytes: &[u8], begins: bool, ends: bool) -> std::ops::Range<usize> {
    let before = if begins { 0 } else { window::enough(bytes.chunks(STEP), HISTORY) };
    let behind = if ends { 0 } else { window::enough(bytes.rchunks(STEP), AHEAD) };
    before..bytes.len().saturating_sub(behind)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::window::LINES;
    use super::super::{Plain, scan, scan_file};
    use super::*;
    use crate::num::Dice;

    const NEEDLE: &str = "needle";

    /// Notes hits, with all that a sink may look at around each.
    #[derive(Debug, Default, PartialEq)]
    struct Seen {
        /// So many lines behind each hit's own it does not want to be told of.
        further: usize,
        hits: Vec<(u64, u64)>,
        around: Vec<Vec<u8>>,
        ends: Vec<Vec<u8>>,
    }

    impl Sink for Seen {
        fn hit(&mut self, window: &Window<'_>, at: usize, _: usize) -> usize {
            let next = (0..self.further).fold(window.next_line(at), |line, _| window.next_line(line));
            let (before, behind) = window.bytes.split_at(at);
            let before = memchr::memrchr_iter(b'\n', before).nth(LINES).unwrap_or(0).max(at.saturating_sub(HISTORY));
            let behind = memchr::memchr_iter(b'\n', behind).nth(LINES).unwrap_or(behind.len()).min(AHEAD);
            self.hits.push((window.line(at), window.base + wide(at)));
            let around = window.bytes.get(before..(at + behind).min(window.bytes.len()));
            self.around.push(around.unwrap_or_default().to_vec());
            next
        }
        fn pass(&mut self, _: &Window<'_>) {}
        fn begin(&mut self, window: &Window<'_>) {
            self.ends.push(window.bytes.iter().take(RANGE / 2).copied().collect());
        }
        fn end(&mut self, window: &Window<'_>) {
            let tail = window.bytes.len().saturating_sub(HISTORY);
            self.ends.push(window.bytes.get(tail..).unwrap_or_default().to_vec());
        }
    }

    /// A log of lines of nearly `length` bytes, one in `rare` of them with a needle somewhere.
    fn log(size: usize, length: usize, rare: usize, seed: u64) -> Vec<u8> {
        let mut dice = Dice(seed);
        let mut text = Vec::new();
        while text.len() < size {
            let start = text.len();
            text.resize(start + dice.below(length), b'.');
            if dice.below(rare) == 0 {
                let at = start + dice.below(text.len() - start + 1);
                text.splice(at..at, NEEDLE.bytes());
            }
            text.push(b'\n');
        }
        text.truncate(size);
        text
    }

    #[test]
    fn around_each_hit_lies_what_one_thread_sees() {
        let prefilter = Plain::new(&[NEEDLE.to_owned()]);
        for (size, length, rare, further) in [
            (3 * RANGE, 100, 50, 0),
            (3 * RANGE + 5, 100, 2, 2),
            (5 * RANGE, 60, 1, 40),
            (4 * RANGE, 2_000, 9, 3),
            (5 * RANGE, 9_000, 3, 4),
            (8 * RANGE, 100_000, 1, 0),
            (2 * RANGE, 2, 7_000, 6),
            (RANGE - 1, 300, 5, 7),
        ] {
            let text = log(size, length, rare, 1 + wide(length));
            let mut one = Seen { further, ..Seen::default() };
            let (totals, _) = scan(&mut &*text, &prefilter, &mut one, &mut |_| {});
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&text).unwrap();
            for threads in [1, 2, 3] {
                let mut several = Seen { further, ..Seen::default() };
                let (again, outcome) = scan_file(&file, threads, &prefilter, &mut several, &mut |_| {});
                outcome.unwrap();
                assert_eq!((again, &several.hits), (totals, &one.hits), "lines of {length} bytes, {threads} threads");
                assert!(several == one, "lines of {length} bytes, {threads} threads");
            }
        }
    }

    /// Breaks off in the third range.
    struct Broken;

    impl Sink for Broken {
        fn hit(&mut self, window: &Window<'_>, at: usize, _: usize) -> usize {
            assert!(window.base < 2 * wide(RANGE), "as this test wants it");
            window.next_line(at)
        }
        fn pass(&mut self, _: &Window<'_>) {}
        fn begin(&mut self, _: &Window<'_>) {}
        fn end(&mut self, _: &Window<'_>) {}
    }

    #[test]
    fn a_sink_that_breaks_off_leaves_no_thread_waiting() {
        let prefilter = Plain::new(&[NEEDLE.to_owned()]);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&log(20 * RANGE, 100, 2, 7)).unwrap();
        let scanned = std::panic::catch_unwind(|| scan_file(&file, 3, &prefilter, &mut Broken, &mut |_| {}).0);
        assert!(scanned.is_err());
    }

    #[test]
    fn enough_is_lines_or_bytes_or_an_end() {
        let short = vec![b'\n'; READ];
        assert_eq!(enough(&short, false, false), STEP..READ - STEP);
        assert_eq!(enough(&short, true, true), 0..READ);
        let long = vec![b'.'; READ];
        assert!(enough(&long, false, false).is_empty(), "nowhere");
        let long = vec![b'.'; HISTORY + READ + AHEAD];
        assert_eq!(enough(&long, false, false), HISTORY..HISTORY + READ);
        assert_eq!(enough(b"", false, false), 0..0);
    }
}
