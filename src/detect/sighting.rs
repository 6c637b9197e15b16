//! A line that proves something, and how two of them lie in time.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::num::wide;
use crate::record::{Clock, Level, Record, Stamp, Stream};
use crate::scan::Window;

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
    /// The line without prefixes and colours.
    pub text: String,
    /// The lines before it, blank ones as well; few, and only for first sightings.
    pub before: Vec<String>,
    /// The lines after it, blank ones as well; few, and only for first sightings.
    pub after: Vec<String>,
    /// Named parts.
    pub captures: BTreeMap<String, String>,
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
            text: shorten(text),
            before: Vec::new(),
            after: Vec::new(),
            captures: BTreeMap::new(),
        }
    }

    /// The line at byte `offset` of a window, which belongs to `record`; without context and captures.
    pub(super) fn of(source: usize, window: &Window<'_>, record: &Record, offset: usize, text: &str) -> Self {
        Self {
            source,
            line: window.line(offset),
            offset: window.base + wide(offset),
            time: record.time,
            stream: record.stream,
            level: record.level,
            lane: record.lane.clone(),
            last_word: record.is_last_word(),
            text: shorten(text),
            before: Vec::new(),
            after: Vec::new(),
            captures: BTreeMap::new(),
        }
    }
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
