//! A window of a log's bytes → its records: all of them, or the one around a hit.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use super::fold::{Entry, Lane, Record, extent, restarts};
use super::layers::Layers;
use super::line::{Line, peel, peel_parts};
use super::seen::{self, Seen};
use super::types::{Stamp, Stream};
use super::{apps, clean::clean};

/// How far a record is looked for before and behind a hit, in bytes and in raw lines.
const REACH: usize = 64 * 1024;
const REACH_LINES: usize = 200;
/// Raw lines of other writers of the same lane behind which a message goes on no more: it is written at once, or nearly so.
const APART: usize = 16;
/// Raw lines of other lanes, one after the other, behind which a record is not looked for any further.
const FAR: usize = 64;
/// Of a longer line only this much is read: from its start, or around the hit.
const LONG: usize = 64 * 1024;
/// How much of a long line's start is read for its prefixes.
const PREFIX: usize = 4 * 1024;
/// Bytes of lines that are shown beside another.
const BESIDE: usize = 32 * 1024;
/// Lines that are looked at for the first or last time.
const TIME_LINES: usize = 50;

/// The record to which the line at byte `hit` of `window` belongs. Looks back and ahead a bounded distance and never at
/// lines of other lanes, units or streams. A hit on a line break belongs to the line that it ends, one behind the end
/// to the last line.
#[must_use]
pub fn record_at(window: &[u8], hit: usize) -> Record {
    Reader::default().record_at(window, 0, hit)
}

/// All records of a window in the order of their head lines. Blank lines between records belong to none.
pub fn records(window: &[u8]) -> impl Iterator<Item = Record> {
    let entries: Vec<Entry<'_>> = Forward::new(window, 0).flat_map(|span| span.entries(window, None)).collect();
    let mut groups = groups(&entries);
    groups.sort_unstable_by_key(|group| group.first().copied());
    groups.into_iter().map(move |group| Record::of(group.iter().filter_map(|&index| entries.get(index))))
}

/// Up to `n` raw lines before the one at `offset`, with their breaks, as far as [`BESIDE`].
#[must_use]
pub fn before(window: &[u8], offset: usize, n: usize) -> &[u8] {
    let end = Span::around(window, offset).start;
    let starts = Backward { window, end }.take(n).map(|span| span.start);
    let first = starts.take_while(|start| end - start <= BESIDE).last().unwrap_or(end);
    window.get(first..end).unwrap_or_default()
}

/// Up to `n` raw lines behind the one at `offset`, with their breaks, as far as [`BESIDE`].
#[must_use]
pub fn after(window: &[u8], offset: usize, n: usize) -> &[u8] {
    let from = Span::around(window, offset).next(window);
    let ends = Forward::new(window, from).take(n).map(|span| span.next(window));
    let last = ends.take_while(|end| end - from <= BESIDE).last().unwrap_or(from);
    window.get(from..last).unwrap_or_default()
}

/// The texts of raw lines, prefixes peeled off. Blank lines count: a reader numbers the texts by the line they surround.
#[must_use]
pub fn texts(raw: &[u8]) -> Vec<String> {
    Forward::new(raw, 0).map(|span| peel(span.bytes(raw)).text.into_owned()).collect()
}

/// The first time that one of the first lines of a window gives.
#[must_use]
pub fn first_time(window: &[u8]) -> Option<Stamp> {
    Forward::new(window, 0).take(TIME_LINES).find_map(|span| peel(span.bytes(window)).time)
}

/// The last time that one of the last lines of a window gives.
#[must_use]
pub fn last_time(window: &[u8]) -> Option<Stamp> {
    Backward { window, end: window.len() }.take(TIME_LINES).find_map(|span| peel(span.bytes(window)).time)
}

/// A raw line without its break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// The line that holds byte `at`, or that its line break ends.
    fn around(window: &[u8], at: usize) -> Self {
        let at = at.min(window.len());
        let at = if at == window.len() && window.ends_with(b"\n") { at.saturating_sub(1) } else { at };
        let before = window.get(..at).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        Self { start, end: line_end(window, at) }
    }

    fn next(self, window: &[u8]) -> usize {
        (self.end + 1).min(window.len())
    }

    /// The line's bytes, as far as they are read.
    fn bytes(self, window: &[u8]) -> &[u8] {
        window.get(self.start..self.end.min(self.start + LONG)).unwrap_or_default()
    }

    /// The line as one entry, or as two where another process's line is glued to it. Of a long line that was hit far
    /// behind its start, the prefixes are read from its start and the text around the hit.
    fn entries<'w>(self, window: &'w [u8], hit: Option<usize>) -> impl Iterator<Item = Entry<'w>> + use<'w> {
        let far = hit.filter(|hit| self.end - self.start > LONG && hit.saturating_sub(self.start) > LONG / 2);
        let line = match far {
            Some(hit) => {
                let prefix = window.get(self.start..self.start + PREFIX).unwrap_or_default();
                let text = window.get(hit - LONG / 2..self.end.min(hit + LONG / 2)).unwrap_or_default();
                Line { text: clean(text), ..peel(prefix) }
            }
            None => peel_parts(self.bytes(window)),
        };
        let (first, glued) = line.parts();
        let entry = move |line| Entry { offset: self.start, line };
        std::iter::once(first).chain(glued).map(entry)
    }
}

fn line_end(window: &[u8], from: usize) -> usize {
    let rest = window.get(from..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(window.len(), |at| from + at)
}

/// Lines from a byte on.
struct Forward<'w> {
    window: &'w [u8],
    at: usize,
}

impl<'w> Forward<'w> {
    const fn new(window: &'w [u8], at: usize) -> Self {
        Self { window, at }
    }
}

impl Iterator for Forward<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        if self.at >= self.window.len() {
            return None;
        }
        let span = Span { start: self.at, end: line_end(self.window, self.at) };
        self.at = span.end + 1;
        Some(span)
    }
}

/// Lines that end before a byte, the last first.
struct Backward<'w> {
    window: &'w [u8],
    end: usize,
}

impl Iterator for Backward<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let (last, before) = self.window.get(..self.end)?.split_last()?;
        let end = if *last == b'\n' { self.end - 1 } else { self.end };
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        self.end = start;
        Some(Span { start, end })
    }
}

/// What tells the lanes of a log apart: lines of one lane were written one after the other by one writer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key<'w> {
    unit: Option<Cow<'w, str>>,
    lane: Option<Cow<'w, str>>,
    stream: Option<Stream>,
}

impl<'w> Key<'w> {
    fn of(line: &Line<'w>) -> Self {
        Self { unit: line.unit.clone(), lane: line.lane.clone(), stream: line.stream }
    }

    fn is_of(&self, line: &Line<'w>) -> bool {
        self.stream == line.stream && self.lane == line.lane && self.unit == line.unit
    }
}

/// The writer within a lane: PostgreSQL's processes share one output, and only their prefix tells them apart. A line
/// without a prefix (`None`) is of the writer of the prefixed line before it.
fn writer(line: &Line<'_>) -> Option<Option<u32>> {
    if line.layers.contains(Layers::POSTGRES) {
        Some(line.pid)
    } else if line.head {
        Some(None)
    } else {
        None
    }
}

/// The lines of one lane of a whole window.
struct Listed<'e, 'w> {
    entries: &'e [Entry<'w>],
    lane: &'e [usize],
}

impl<'w> Lane<'w> for Listed<'_, 'w> {
    fn get(&mut self, index: usize) -> Option<&Entry<'w>> {
        self.entries.get(*self.lane.get(index)?)
    }
}

/// The records of a window as indices of their lines.
fn groups(entries: &[Entry<'_>]) -> Vec<Vec<usize>> {
    let mut writers: HashMap<Key<'_>, Option<u32>> = HashMap::new();
    let mut lanes: HashMap<(Key<'_>, Option<u32>), Vec<usize>> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let key = Key::of(&entry.line);
        let current = writers.entry(key.clone()).or_default();
        if let Some(writer) = writer(&entry.line) {
            *current = writer;
        }
        lanes.entry((key, *current)).or_default().push(index);
    }
    let mut groups = Vec::new();
    for lane in lanes.values() {
        let mut listed = Listed { entries, lane };
        let mut start = 0;
        while start < lane.len() {
            let end = extent(&mut listed, start);
            let group = lane.get(start..end.min(lane.len())).unwrap_or_default();
            if !is_blank(entries, group) {
                groups.push(group.to_vec());
            }
            start = end;
        }
    }
    groups
}

fn is_blank(entries: &[Entry<'_>], group: &[usize]) -> bool {
    group.iter().filter_map(|&index| entries.get(index)).all(|entry| !entry.line.head && entry.line.is_blank())
}

/// Finds records around hits: the form to keep where many hits of one window are looked at. It gives what [`record_at`] gives, except that
/// folding knows the record before, however far back that began; in a flood of hits no line is looked at again and again.
#[derive(Debug, Default)]
pub struct Reader {
    seen: Seen,
}

impl Reader {
    /// See [`record_at`]; `base` is the offset of the window in the input.
    pub fn record_at(&mut self, window: &[u8], base: u64, hit: usize) -> Record {
        self.seen.base = base;
        let span = Span::around(window, hit);
        let mut parts: VecDeque<Entry<'_>> = span.entries(window, Some(hit)).collect();
        let behind = parts.split_off(parts.len().min(1));
        let Some(first) = parts.pop_front() else { return Record::default() };
        let (mut lane, at) = if is_behind_glue(span.bytes(window), hit.saturating_sub(span.start)) {
            match behind.into_iter().next() {
                Some(second) => Near::before(window, span, second, Some(first), hit, &mut self.seen),
                None => Near::before(window, span, first, None, hit, &mut self.seen),
            }
        } else {
            let (mut lane, at) = Near::before(window, span, first, None, hit, &mut self.seen);
            lane.pending = behind;
            (lane, at)
        };
        let record = lane.record(at);
        lane.remember(&record);
        record
    }
}

/// Remembers the lane of a line that is one message.
fn keep(seen: &mut Seen, span: Span, parts: &[Entry<'_>]) {
    if let [entry] = parts {
        seen.keep(span.start, seen::number(&Key::of(&entry.line)));
    }
}

fn is_behind_glue(raw: &[u8], at: usize) -> bool {
    let glue = memchr::memmem::find(raw, apps::GLUE.as_bytes());
    glue.is_some_and(|glue| at >= glue + apps::GLUE.len())
}

/// The lines of one lane around a hit: those before it are known, those behind it are read when asked for.
struct Near<'w, 's> {
    window: &'w [u8],
    seen: &'s mut Seen,
    lane: u64,
    key: Key<'w>,
    writer: Option<u32>,
    /// The writer of the last line read, of this lane.
    current: Option<u32>,
    entries: Vec<Entry<'w>>,
    /// Parts of the last raw line that are not looked at yet.
    pending: VecDeque<Entry<'w>>,
    at: usize,
    limit: usize,
    lines_left: usize,
    /// Lines of other writers read since the last one of this writer.
    others: usize,
    /// Raw lines read since the last one of this lane.
    away: usize,
}

impl<'w, 's> Near<'w, 's> {
    /// Walks back from a line to where folding may begin; gives the lane and the line's index in it.
    fn before(
        window: &'w [u8],
        span: Span,
        target: Entry<'w>,
        first: Option<Entry<'w>>,
        hit: usize,
        seen: &'s mut Seen,
    ) -> (Self, usize) {
        let mut back =
            Back { key: Key::of(&target.line), writer: writer(&target.line), taken: Vec::new(), bare: Vec::new() };
        let mut done = restarts(&target.line) || first.is_some_and(|first| back.take(first));
        let lane = seen::number(&back.key);
        let floor = seen.floor(lane, span.start);
        let lines = Backward { window, end: span.start };
        let mut away = 0;
        for before in lines.take(REACH_LINES).take_while(|before| before.start + REACH >= span.start) {
            if done || away == FAR || back.stops_at(floor, before.start) {
                break;
            }
            away += 1;
            if seen.is_of_another(before.start, lane) {
                continue;
            }
            let mut parts: Vec<_> = before.entries(window, None).collect();
            keep(seen, before, &parts);
            if parts.iter().any(|part| back.key.is_of(&part.line)) {
                away = 0;
            }
            while let Some(part) = parts.pop() {
                done = done || back.take(part);
            }
        }
        back.finish(done);
        let (key, writer) = (back.key, back.writer.flatten());
        let mut entries = back.taken;
        entries.reverse();
        let index = entries.len();
        entries.push(target);
        let near = Self {
            window,
            seen,
            lane,
            key,
            writer,
            current: writer,
            entries,
            pending: VecDeque::new(),
            at: span.next(window),
            limit: hit.saturating_add(REACH),
            lines_left: REACH_LINES,
            others: 0,
            away: 0,
        };
        (near, index)
    }

    fn record(&mut self, target: usize) -> Record {
        let mut start = 0;
        loop {
            let end = extent(self, start).max(start + 1);
            if target < end {
                return Record::of(self.entries.iter().skip(start).take(end - start));
            }
            start = end;
        }
    }

    /// Reads one more raw line; false at the end of the reach.
    fn read(&mut self) -> bool {
        if let Some(entry) = self.pending.pop_front() {
            self.keep(entry);
            return true;
        }
        let apart = self.others == APART || self.away == FAR;
        if apart || self.lines_left == 0 || self.at >= self.window.len() || self.at > self.limit {
            return false;
        }
        let span = Span { start: self.at, end: line_end(self.window, self.at) };
        self.lines_left -= 1;
        self.away += 1;
        self.at = span.end + 1;
        if !self.seen.is_of_another(span.start, self.lane) {
            let parts: Vec<_> = span.entries(self.window, None).collect();
            keep(self.seen, span, &parts);
            self.pending.extend(parts);
        }
        true
    }

    /// Notes where the record ends, for the next one of the lane.
    fn remember(&mut self, record: &Record) {
        let Some(last) = record.lines.last().filter(|_| self.writer.is_none()) else { return };
        let same = |entry: &&Entry<'_>| entry.offset == last.offset;
        // The second part of the raw line, if it has one, is no part of the record.
        if self.pending.iter().filter(same).count() + self.entries.iter().filter(same).count() == 1 {
            self.seen.ended(self.lane, line_end(self.window, last.offset) + 1);
        }
    }

    fn keep(&mut self, entry: Entry<'w>) {
        if !self.key.is_of(&entry.line) {
            return;
        }
        self.away = 0;
        if let Some(writer) = writer(&entry.line) {
            self.current = writer;
        }
        if self.current == self.writer {
            self.entries.push(entry);
            self.others = 0;
        } else {
            self.others += 1;
        }
    }
}

impl<'w> Lane<'w> for Near<'w, '_> {
    fn get(&mut self, index: usize) -> Option<&Entry<'w>> {
        while self.entries.len() <= index {
            if !self.read() {
                return None;
            }
        }
        self.entries.get(index)
    }
}

/// The walk back from a hit.
struct Back<'w> {
    key: Key<'w>,
    /// `None` until the first prefixed line tells.
    writer: Option<Option<u32>>,
    taken: Vec<Entry<'w>>,
    /// Lines without a prefix whose writer the next prefixed line before them will tell.
    bare: Vec<Entry<'w>>,
}

impl<'w> Back<'w> {
    /// Looks at one line further back; true when folding may begin there.
    fn take(&mut self, entry: Entry<'w>) -> bool {
        if !self.key.is_of(&entry.line) {
            return false;
        }
        let Some(writer) = writer(&entry.line) else {
            self.bare.push(entry);
            return false;
        };
        if *self.writer.get_or_insert(writer) != writer {
            self.bare.clear();
            return false;
        }
        self.taken.append(&mut self.bare);
        let done = restarts(&entry.line);
        self.taken.push(entry);
        done
    }

    /// Whether the record before ended here, so that folding begins behind it. Only where a lane has no writers with names.
    fn stops_at(&mut self, floor: Option<usize>, line: usize) -> bool {
        let stops = self.writer.flatten().is_none() && floor.is_some_and(|floor| line < floor);
        if stops {
            self.taken.append(&mut self.bare);
        }
        stops
    }

    /// At the end of the reach, lines whose writer nothing told are of the nameless one.
    fn finish(&mut self, done: bool) {
        if !done && self.writer.flatten().is_none() {
            self.taken.append(&mut self.bare);
        }
    }
}
