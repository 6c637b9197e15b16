//! The record around one hit, without a look at more of the log than it takes.

use std::collections::VecDeque;

use super::apps;
use super::fold::{Entry, Lane, Record, extent, restarts};
use super::form::Lines;
use super::seen::{self, Seen};
use super::shape::Shape;
use super::window::{Backward, Key, Span, line_end, writer};

/// How far a record is looked for before and behind a hit, in bytes and in raw lines.
const REACH: usize = 64 * 1024;
pub(crate) const REACH_LINES: usize = 200;
/// Raw lines of other writers of the same lane behind which a message goes on no more: it is written at once, or nearly so.
const APART: usize = 16;
/// Raw lines of other lanes, one after the other, behind which a record is not looked for any further.
const FAR: usize = 64;

/// Finds records around hits: the form to keep where many hits of one window are looked at. It gives what [`record_at`](super::record_at) gives, except that
/// folding knows the record before, however far back that began; in a flood of hits no line is looked at again and again.
#[derive(Debug, Default)]
pub struct Reader {
    pub(super) seen: Seen,
    /// The lines of the last record, if that may come again.
    pub(super) lines: Option<Lines>,
}

impl Reader {
    /// See [`record_at`](super::record_at); `base` is the offset of the window in the input.
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
        self.lines = lane.lines(at, &record, span);
        record
    }
}

/// Remembers the lane of a line that is one message, and what the line is to those beside it.
fn keep(seen: &mut Seen, span: Span, raw: &[u8], parts: &[Entry<'_>]) {
    if let [entry] = parts {
        let lane = seen::number(&Key::of(&entry.line));
        seen.keep(span.start, lane);
        seen.alike.keep(raw, lane, &entry.line, entry.shape);
    }
}

fn is_behind_glue(raw: &[u8], at: usize) -> bool {
    let glue = apps::GLUES.find(raw);
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
    /// That line goes on in the next.
    cut: bool,
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
        let mut back = Back::from(&target);
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
            if back.is_alone(&target) && seen.alike.of(before.bytes(window), lane).is_some_and(|known| known.closed) {
                done = true;
                break;
            }
            let mut parts: Vec<_> = before.entries(window, None).collect();
            keep(seen, before, before.bytes(window), &parts);
            if parts.iter().any(|part| back.key.is_of(&part.line)) {
                away = 0;
            }
            while let Some(part) = parts.pop() {
                done = done || back.take(part);
            }
        }
        back.finish(done);
        let (key, writer, cut) = (back.key, back.writer.flatten(), target.line.partial);
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
            cut,
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
        // The records of a nameless writer end where another writes.
        let apart = if self.writer.is_none() { 1 } else { APART };
        let apart = self.others >= apart || self.away == FAR;
        if apart || self.lines_left == 0 || self.at >= self.window.len() || self.at > self.limit {
            return false;
        }
        let span = Span { start: self.at, end: line_end(self.window, self.at) };
        self.lines_left -= 1;
        self.away += 1;
        self.at = span.end + 1;
        if let Some(known) = self.seen.alike.of(span.bytes(self.window), self.lane).filter(|known| known.ends) {
            if self.writer.is_none() {
                self.lines_left = 0;
                return false;
            }
            if !known.signed {
                (self.current, self.away, self.cut) = (None, 0, false);
                self.others += 1;
                return true;
            }
        }
        if !self.seen.is_of_another(span.start, self.lane) {
            let parts: Vec<_> = span.entries(self.window, None).collect();
            keep(self.seen, span, span.bytes(self.window), &parts);
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

    /// The lines of the record, if it begins at `target` and may come again.
    fn lines(&self, target: usize, record: &Record, span: Span) -> Option<Lines> {
        let parts = self.entries.iter().chain(&self.pending).filter(|entry| entry.offset == span.start).count();
        let entries = self.entries.get(target..target + record.lines.len())?;
        let begins = parts == 1 && record.lines.first().is_some_and(|line| line.offset == span.start);
        Lines::of(self.window, self.lane, entries).filter(|_| begins)
    }

    fn keep(&mut self, entry: Entry<'w>) {
        if !self.key.is_of(&entry.line) {
            return;
        }
        self.away = 0;
        if let Some(writer) = writer(&entry, self.cut) {
            self.current = writer;
        }
        self.cut = entry.line.partial;
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
    /// `None` until a line tells.
    writer: Option<Option<u32>>,
    taken: Vec<Entry<'w>>,
    /// Lines without a prefix whose writer a line before them will tell.
    bare: Vec<Entry<'w>>,
    /// The line looked at last begins a message, unless the one before it is cut.
    begins: bool,
}

impl<'w> Back<'w> {
    fn from(target: &Entry<'w>) -> Self {
        let (writer, begins) = (writer(target, true), writer(target, false).is_some());
        Self { key: Key::of(&target.line), writer, taken: Vec::new(), bare: Vec::new(), begins }
    }

    /// Looks at one line further back; true when folding may begin there.
    fn take(&mut self, entry: Entry<'w>) -> bool {
        if !self.key.is_of(&entry.line) {
            return false;
        }
        if self.begins && !entry.line.partial {
            self.is_of(None);
        }
        self.begins = writer(&entry, false).is_some();
        let Some(writer) = writer(&entry, true) else {
            self.bare.push(entry);
            return false;
        };
        if !self.is_of(writer) {
            // The records of a nameless writer end where another writes.
            return self.writer == Some(None);
        }
        let done = restarts(&entry.line);
        self.taken.push(entry);
        done
    }

    /// Who wrote the lines without a prefix; whether it is the writer looked for.
    fn is_of(&mut self, writer: Option<u32>) -> bool {
        let same = *self.writer.get_or_insert(writer) == writer;
        if same {
            self.taken.append(&mut self.bare);
        } else {
            self.bare.clear();
        }
        same
    }

    /// Whether nothing was met yet, and the line is one that no closed record takes.
    fn is_alone(&self, target: &Entry<'_>) -> bool {
        self.taken.is_empty() && self.bare.is_empty() && matches!(target.shape, Shape::Bare | Shape::ErrorName)
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
