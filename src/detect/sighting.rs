//! A line that proves something, and how two of them lie in time.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::num::wide;
use crate::record::{Clock, Level, Record, Stamp, Stream, texts};
use crate::scan::Window;

use super::allowance::of_text;

/// Bytes shown before a match that lies far inside a long line.
const LEAD: usize = 120;
/// Longest line kept, in bytes.
const LONGEST: usize = 2048;

/// A line that a clause matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Index of the input.
    pub source: usize,
    /// Line number, from 1.
    pub line: u64,
    /// Byte offset of the line in the input.
    pub offset: u64,
    /// Its time.
    pub time: Option<Stamp>,
    /// Its stream, if known.
    pub stream: Option<Stream>,
    /// The record's level.
    pub level: Option<Level>,
    /// The record's lane.
    pub lane: Option<String>,
    /// Whether a process ended with the record.
    pub last_word: bool,
    /// Offset in the input of the literal that the record was judged for: records are judged in this order.
    pub(super) hit: u64,
    /// The line without prefixes and colours.
    pub text: String,
    /// The lines before it, blank ones as well; few, and only for first sightings.
    pub before: Beside,
    /// The lines after it, blank ones as well; few, and only for first sightings.
    pub after: Beside,
    /// Named parts.
    pub captures: BTreeMap<String, String>,
}

/// Lines beside evidence, as they stand in the log: their prefixes are peeled off when they are shown, which hardly any are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    raw: Box<[u8]>,
    /// They are no lines of a log, and have no prefix.
    plain: bool,
}

impl Beside {
    pub(super) fn new(raw: &[u8]) -> Self {
        Self { raw: raw.into(), plain: false }
    }

    pub(super) fn plain(text: &str) -> Self {
        Self { raw: text.as_bytes().into(), plain: true }
    }

    /// The lines without prefixes and colours.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        if self.plain {
            return String::from_utf8_lossy(&self.raw).lines().map(shorten).collect();
        }
        texts(&self.raw).iter().map(|text| shorten(text)).collect()
    }
}

/// How two sightings lie in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The first is earlier.
    Before,
    /// The first is later.
    After,
    /// The same line, or the same moment.
    Same,
    /// Different inputs without a common clock.
    Unknown,
}

/// Orders two sightings: in one input by place, across inputs by time where the clocks can be compared.
///
/// A wall clock without a zone is compared to UTC as it stands, which is what containers run on by default.
#[must_use]
pub fn order(a: &Sighting, b: &Sighting) -> Order {
    let ordering = if a.source == b.source {
        Some(a.offset.cmp(&b.offset))
    } else {
        a.time.zip(b.time).and_then(|(a, b)| comparable(a.clock, b.clock).then(|| a.micros.cmp(&b.micros)))
    };
    match ordering {
        Some(std::cmp::Ordering::Less) => Order::Before,
        Some(std::cmp::Ordering::Greater) => Order::After,
        Some(std::cmp::Ordering::Equal) => Order::Same,
        None => Order::Unknown,
    }
}

fn comparable(a: Clock, b: Clock) -> bool {
    let wall = |clock| matches!(clock, Clock::Utc | Clock::Local);
    (wall(a) && wall(b)) || (a == b && a != Clock::Monotonic)
}

impl Sighting {
    /// A line of a text that is no log: without time, place in a stream and context.
    #[must_use]
    pub fn alone(source: usize, line: u64, text: &str) -> Self {
        Self {
            source,
            line,
            offset: line,
            time: None,
            stream: None,
            level: None,
            lane: None,
            last_word: false,
            hit: line,
            text: shorten(text),
            before: Beside::default(),
            after: Beside::default(),
            captures: BTreeMap::new(),
        }
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        let captures: usize = self.captures.iter().map(|(name, value)| of_text(name) + of_text(value)).sum();
        size_of::<Self>() + of_text(&self.text) + self.before.raw.len() + self.after.raw.len() + captures
    }

    /// Becomes the sighting that was glimpsed, without context; nothing is allocated where it says what this one said.
    pub(super) fn show(&mut self, glimpse: &Glimpse<'_>) {
        let Glimpse { source, line, offset, record, last_word, hit, time, text, captures } = glimpse;
        (self.source, self.line, self.offset, self.time) = (*source, *line, *offset, *time);
        (self.stream, self.level, self.last_word, self.hit) = (record.stream, record.level, *last_word, *hit);
        if self.lane != record.lane {
            self.lane.clone_from(&record.lane);
        }
        if self.text != **text {
            // Its room is used again, so that it never takes more than the longest.
            self.text.clear();
            self.text.push_str(&shorten(text));
        }
        if self.captures != **captures {
            self.captures = shortened(captures);
        }
        (self.before, self.after) = Default::default();
    }
}

/// A line that a clause matches, before it is known whether it is kept.
#[derive(Debug)]
pub(super) struct Glimpse<'a> {
    pub(super) source: usize,
    pub(super) line: u64,
    pub(super) offset: u64,
    /// The record the line belongs to.
    pub(super) record: &'a Record,
    /// Whether a process ended with the record.
    pub(super) last_word: bool,
    /// See [`Sighting`].
    pub(super) hit: u64,
    pub(super) time: Option<Stamp>,
    pub(super) text: Cow<'a, str>,
    pub(super) captures: &'a BTreeMap<String, String>,
}

/// A record where it stands: what all that is glimpsed of it has in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) source: usize,
    pub(super) window: &'a Window<'a>,
    pub(super) record: &'a Record,
    /// Whether a process ended with the record.
    pub(super) last_word: bool,
    /// Offset in the input of the literal that the record was judged for.
    pub(super) hit: u64,
}

impl<'a> Place<'a> {
    /// The place of a record that was judged for what stands at byte `at` of the window.
    pub(super) fn new(source: usize, window: &'a Window<'a>, record: &'a Record, at: usize) -> Self {
        Self { source, window, record, last_word: record.is_last_word(), hit: window.base + wide(at) }
    }
}

impl<'a> Glimpse<'a> {
    /// The line at byte `offset` of the window, which belongs to the record.
    pub(super) fn of(
        place: Place<'a>,
        offset: usize,
        text: Cow<'a, str>,
        captures: &'a BTreeMap<String, String>,
    ) -> Self {
        let Place { source, window, record, last_word, hit } = place;
        let (line, offset) = (window.line(offset), window.base + wide(offset));
        Self { source, line, offset, record, last_word, hit, time: record.time, text, captures }
    }

    /// The sighting, without context.
    pub(super) fn keep(&self) -> Sighting {
        Sighting {
            source: self.source,
            line: self.line,
            offset: self.offset,
            time: self.time,
            stream: self.record.stream,
            level: self.record.level,
            lane: self.record.lane.clone(),
            last_word: self.last_word,
            hit: self.hit,
            text: shorten(&self.text),
            before: Beside::default(),
            after: Beside::default(),
            captures: shortened(self.captures),
        }
    }
}

fn shortened(captures: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    captures.iter().map(|(name, value)| (name.clone(), shorten(value))).collect()
}

/// Of a long line whose match lies far inside, the part from shortly before the match on.
pub(super) fn from_match(text: &str, at: usize) -> Cow<'_, str> {
    if at <= 2 * LEAD || text.len() <= 4 * LEAD {
        return Cow::Borrowed(text);
    }
    let start = (0..=at - LEAD).rev().find(|start| text.is_char_boundary(*start)).unwrap_or(0);
    Cow::Owned(format!("… {}", text.get(start..).unwrap_or_default()))
}

/// Cuts a line to [`LONGEST`] bytes.
pub(super) fn shorten(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{} …", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_far_inside_a_long_line_is_shown() {
        let line = format!("{}é connect ECONNREFUSED", "x".repeat(16_000));
        let shown = from_match(&line, 16_003);
        assert!(shown.starts_with("… x") && shown.ends_with("é connect ECONNREFUSED") && shown.len() < 200, "{shown}");
        assert_eq!(from_match("short ECONNREFUSED", 6), "short ECONNREFUSED");
    }
}
