//! A window of a log's bytes → its records: all of them, or the one around a hit.

use std::borrow::Cow;
use std::collections::HashMap;

use super::clean::clean;
use super::fold::{Entry, Lane, Record, extent};
use super::layers::Layers;
use super::line::{Line, peel, peel_parts};
use super::near::Reader;
use super::shape::{self, Shape};
use super::types::{Stamp, Stream};

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
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    /// The line that holds byte `at`, or that its line break ends.
    pub(super) fn around(window: &[u8], at: usize) -> Self {
        let at = at.min(window.len());
        let at = if at == window.len() && window.ends_with(b"\n") { at.saturating_sub(1) } else { at };
        let before = window.get(..at).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        Self { start, end: line_end(window, at) }
    }

    pub(super) fn next(self, window: &[u8]) -> usize {
        (self.end + 1).min(window.len())
    }

    /// The line's bytes, as far as they are read.
    pub(super) fn bytes(self, window: &[u8]) -> &[u8] {
        window.get(self.start..self.end.min(self.start + LONG)).unwrap_or_default()
    }

    /// The line as one entry, or as two where another process's line is glued to it. Of a long line that was hit far
    /// behind its start, the prefixes are read from its start and the text around the hit.
    pub(super) fn entries<'w>(self, window: &'w [u8], hit: Option<usize>) -> impl Iterator<Item = Entry<'w>> + use<'w> {
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
        let entry = move |line| Entry { offset: self.start, shape: shape::of(&line), line };
        std::iter::once(first).chain(glued).map(entry)
    }
}

pub(super) fn line_end(window: &[u8], from: usize) -> usize {
    let rest = window.get(from..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(window.len(), |at| from + at)
}

/// Lines from a byte on.
pub(super) struct Forward<'w> {
    window: &'w [u8],
    at: usize,
}

impl<'w> Forward<'w> {
    pub(super) const fn new(window: &'w [u8], at: usize) -> Self {
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
pub(super) struct Backward<'w> {
    pub(super) window: &'w [u8],
    pub(super) end: usize,
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
pub(super) struct Key<'w> {
    unit: Option<Cow<'w, str>>,
    lane: Option<Cow<'w, str>>,
    stream: Option<Stream>,
}

impl<'w> Key<'w> {
    pub(super) fn of(line: &Line<'w>) -> Self {
        Self { unit: line.unit.clone(), lane: line.lane.clone(), stream: line.stream }
    }

    pub(super) fn is_of(&self, line: &Line<'w>) -> bool {
        self.stream == line.stream && self.lane == line.lane && self.unit == line.unit
    }
}

/// The writer within a lane: PostgreSQL's processes share one output, and only their prefix tells them apart. What else begins a message is
/// of a nameless writer. What goes on (`None`) is of the writer of the line before it, and so is what follows a line that was cut.
pub(super) fn writer(entry: &Entry<'_>, behind_cut: bool) -> Option<Option<u32>> {
    match entry.shape {
        _ if entry.line.layers.contains(Layers::POSTGRES) => Some(entry.line.pid),
        Shape::Head => Some(None),
        Shape::Continues | Shape::Blank | Shape::Companion => None,
        _ => (!behind_cut).then_some(None),
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

/// Who writes in a lane at the moment.
#[derive(Debug, Default, Clone, Copy)]
struct Writing {
    writer: Option<u32>,
    /// How often another wrote between the lines of the nameless one: his records end there.
    breaks: usize,
    /// The last line goes on in the next.
    cut: bool,
}

/// The records of a window as indices of their lines.
fn groups(entries: &[Entry<'_>]) -> Vec<Vec<usize>> {
    let mut writing: HashMap<Key<'_>, Writing> = HashMap::new();
    let mut lanes: HashMap<(Key<'_>, Option<u32>, usize), Vec<usize>> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let key = Key::of(&entry.line);
        let current = writing.entry(key.clone()).or_default();
        if let Some(writer) = writer(entry, current.cut) {
            current.breaks += usize::from(current.writer.is_none() && writer.is_some());
            current.writer = writer;
        }
        current.cut = entry.line.partial;
        let breaks = if current.writer.is_none() { current.breaks } else { 0 };
        lanes.entry((key, current.writer, breaks)).or_default().push(index);
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
