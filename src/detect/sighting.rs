//! A line that proves something, and how two of them lie in time.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::num::wide;
use crate::record::{Clock, Layers, Level, Record, Stamp, Stream, texts};
use crate::scan::Window;

use super::allowance::of_captures;

/// Bytes shown before a match that lies far inside a long line.
const LEAD: usize = 120;
/// Bytes kept before these: what makes a text a secret stands before it.
const UNSHOWN: usize = 2048;
/// Longest line kept, in bytes.
const LONGEST: usize = 2048;

/// A line that a clause matched. Its copies share what they say.
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
    /// The envelopes around the record.
    pub layers: Layers,
    /// The record's lane.
    pub lane: Option<Arc<str>>,
    /// Whether a process ended with the record.
    pub last_word: bool,
    /// Offset in the input of the literal that the record was judged for: records are judged in this order.
    pub(super) hit: u64,
    /// Bytes that were counted for what it says by itself: the most that it said.
    pub(super) room: usize,
    /// The line without prefixes and colours.
    pub text: Arc<str>,
    /// Bytes of it before those that are shown.
    pub unshown: usize,
    /// The lines around it, blank ones as well; few, and only for first sightings.
    pub(super) around: Option<Arc<Around>>,
    /// Named parts.
    pub captures: Arc<BTreeMap<String, String>>,
}

/// The lines before and after evidence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Around {
    before: Beside,
    after: Beside,
}

impl Around {
    pub(super) fn new(before: Beside, after: Beside) -> Option<Arc<Self>> {
        let any = !before.raw.is_empty() || !after.raw.is_empty();
        any.then(|| Arc::new(Self { before, after }))
    }
}

/// Lines beside evidence, as they stand in the log: their prefixes are peeled off when they are shown, which hardly any are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Beside {
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
    fn texts(&self) -> Vec<String> {
        if self.plain {
            return String::from_utf8_lossy(&self.raw).lines().map(|text| shorten(text).into_owned()).collect();
        }
        texts(&self.raw).iter().map(|text| shorten(text).into_owned()).collect()
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

/// How far the clock may run against the order of the lines before it is believed, in microseconds: where several write into one log, lines
/// arrive late, and Compose's old versions print one service behind the other.
const LATE: i64 = 2_000_000;

/// Orders two sightings: in one input by place, unless the clock tells clearly otherwise; across inputs by time where the clocks can be compared.
///
/// A wall clock without a zone is compared to UTC as it stands, which is what containers run on by default.
#[must_use]
pub fn order(a: &Sighting, b: &Sighting) -> Order {
    let utc = |line: &Sighting| line.time.filter(|time| time.clock == Clock::Utc);
    let ordering = if a.source == b.source {
        let told = utc(a).zip(utc(b)).map(|(a, b)| a.micros.saturating_sub(b.micros));
        let told = told.filter(|apart| apart.abs() >= LATE).map(|apart| apart.cmp(&0));
        Some(told.unwrap_or_else(|| a.offset.cmp(&b.offset)))
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
            layers: Layers::NONE,
            lane: None,
            last_word: false,
            hit: line,
            room: 0,
            text: shorten(text).into(),
            unshown: 0,
            around: None,
            captures: Arc::default(),
        }
    }

    /// The lines before it, without prefixes and colours.
    #[must_use]
    pub fn before(&self) -> Vec<String> {
        self.around.as_ref().map(|around| around.before.texts()).unwrap_or_default()
    }

    /// The lines after it, without prefixes and colours.
    #[must_use]
    pub fn after(&self) -> Vec<String> {
        self.around.as_ref().map(|around| around.after.texts()).unwrap_or_default()
    }

    /// Whether a server wrote it whose lines are known by their form: a proxy, a database, the kernel.
    #[must_use]
    pub fn is_of_server(&self) -> bool {
        let servers = [Layers::NGINX, Layers::POSTGRES, Layers::REDIS, Layers::MYSQL, Layers::KERNEL];
        servers.iter().any(|layer| self.layers.contains(*layer))
    }

    /// The same without context, and without a count of its own for what it says.
    pub(super) fn bare(&self) -> Self {
        Self { room: 0, around: None, ..self.clone() }
    }

    /// Becomes the sighting that was glimpsed, without context; nothing is allocated where it says what this one said. Gives by how many bytes
    /// it takes more than it ever did.
    pub(super) fn show(&mut self, glimpse: &Glimpse<'_>) -> usize {
        let Glimpse { source, line, offset, record, last_word, hit, time, text, unshown, captures } = glimpse;
        (self.source, self.line, self.offset, self.time) = (*source, *line, *offset, *time);
        (self.stream, self.level, self.last_word, self.hit) = (record.stream, record.level, *last_word, *hit);
        self.layers = record.layers;
        self.around = None;
        if self.lane.as_deref() != record.lane.as_deref() {
            self.lane = record.lane.as_deref().map(Arc::from);
        }
        self.unshown = *unshown;
        let same = (*self.text == **text, self.captures == **captures);
        if !same.0 {
            self.text = glimpse.kept().into();
        }
        if !same.1 {
            self.captures = shortened(captures);
        }
        if same == (true, true) { 0 } else { self.grown() }
    }

    /// By how many bytes what it says is more than was counted; they are counted by it.
    fn grown(&mut self) -> usize {
        let needed = self.text.len() + of_captures(&self.captures);
        let grown = needed.saturating_sub(self.room);
        self.room += grown;
        grown
    }
}

/// What clauses found in one record has much in common, and is kept once.
#[derive(Debug, Default)]
pub(super) struct Common {
    text: Option<Arc<str>>,
    lane: Option<Arc<str>>,
    captures: Option<Arc<BTreeMap<String, String>>>,
    /// The lines around the one at this offset.
    around: Option<(u64, Option<Arc<Around>>)>,
}

impl Common {
    /// The sighting, without context, and how many bytes it takes besides itself.
    pub(super) fn keep(&mut self, glimpse: &Glimpse<'_>) -> (Sighting, usize) {
        let text = glimpse.kept();
        let known = self.text.clone().filter(|known| **known == *text);
        let mut bytes = if known.is_some() { 0 } else { text.len() };
        let text = known.unwrap_or_else(|| text.into());
        let lane = glimpse.record.lane.as_deref();
        if self.lane.as_deref() != lane {
            self.lane = lane.map(Arc::from);
            bytes += lane.map_or(0, str::len);
        }
        if self.captures.as_ref().is_none_or(|known| !Arc::ptr_eq(known, glimpse.captures)) {
            bytes += of_captures(glimpse.captures);
        }
        (self.text, self.captures) = (Some(Arc::clone(&text)), Some(Arc::clone(glimpse.captures)));
        let sighting = Sighting {
            source: glimpse.source,
            line: glimpse.line,
            offset: glimpse.offset,
            time: glimpse.time,
            stream: glimpse.record.stream,
            level: glimpse.record.level,
            layers: glimpse.record.layers,
            lane: self.lane.clone(),
            last_word: glimpse.last_word,
            hit: glimpse.hit,
            room: bytes,
            text,
            unshown: glimpse.unshown,
            around: None,
            captures: shortened(glimpse.captures),
        };
        (sighting, bytes)
    }

    /// The same with the lines around it, as `around` gives them where they are not known.
    pub(super) fn keep_with<'w>(
        &mut self,
        glimpse: &Glimpse<'_>,
        around: impl FnOnce() -> (&'w [u8], &'w [u8]),
    ) -> (Sighting, usize) {
        let (sighting, mut bytes) = self.keep(glimpse);
        let known = self.around.take().filter(|(offset, _)| *offset == glimpse.offset);
        let (_, around) = self.around.insert(known.unwrap_or_else(|| {
            let (before, after) = around();
            bytes += before.len() + after.len() + size_of::<Around>();
            (glimpse.offset, Around::new(Beside::new(before), Beside::new(after)))
        }));
        (Sighting { around: around.clone(), ..sighting }, bytes)
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
    /// Bytes of the text before those that are shown.
    pub(super) unshown: usize,
    pub(super) captures: &'a Arc<BTreeMap<String, String>>,
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
        (text, unshown): (Cow<'a, str>, usize),
        captures: &'a Arc<BTreeMap<String, String>>,
    ) -> Self {
        let Place { source, window, record, last_word, hit } = place;
        let (line, offset) = (window.line(offset), window.base + wide(offset));
        Self { source, line, offset, record, last_word, hit, time: record.time, text, unshown, captures }
    }

    /// What is kept of its text.
    fn kept(&self) -> Cow<'_, str> {
        shorten_to(&self.text, self.unshown + LONGEST)
    }

    /// The sighting, without context.
    pub(super) fn keep(&self) -> Sighting {
        Common::default().keep(self).0
    }
}

fn shortened(captures: &Arc<BTreeMap<String, String>>) -> Arc<BTreeMap<String, String>> {
    if captures.values().all(|value| value.len() <= LONGEST) {
        return Arc::clone(captures);
    }
    Arc::new(captures.iter().map(|(name, value)| (name.clone(), shorten(value).into_owned())).collect())
}

/// Of a long line whose match lies far inside, the part from some way before the match on, and how much of it comes before what is shown.
/// It begins behind the end of a word: half a secret is not seen to be one.
pub(super) fn from_match(text: &str, at: usize) -> (&str, usize) {
    if at <= 2 * LEAD || text.len() <= 4 * LEAD {
        return (text, 0);
    }
    let shown = boundary(text, at - LEAD);
    let start = match boundary(text, shown.saturating_sub(UNSHOWN)) {
        0 => 0,
        cut => cut + text.get(cut..at).and_then(|part| part.find(ends_word)).unwrap_or(at - cut),
    };
    let shown = shown.max(start);
    (text.get(start..).unwrap_or_default(), shown - start)
}

/// Whether nothing goes on from before this into what follows: between words, values and fields.
fn ends_word(character: char) -> bool {
    character.is_whitespace() || matches!(character, '"' | '\'' | ',' | ';' | '&' | '|' | '{' | '}')
}

/// The last place up to there where a character begins.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Cuts a line to [`LONGEST`] bytes.
pub(super) fn shorten(text: &str) -> Cow<'_, str> {
    shorten_to(text, LONGEST)
}

fn shorten_to(text: &str, length: usize) -> Cow<'_, str> {
    if text.len() <= length {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{} …", text.get(..boundary(text, length)).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_far_inside_a_long_line_is_shown() {
        let line = format!("{}é connect ECONNREFUSED", "x".repeat(16_000));
        let shown = |line, at| {
            let (text, unshown) = from_match(line, at);
            text.get(unshown..).unwrap().to_owned()
        };
        assert_eq!(shown(&line, 16_003), " connect ECONNREFUSED", "of a word without an end nothing is shown");
        let line = format!("secret: {} wait: {}é connect ECONNREFUSED", "y".repeat(4_000), "x ".repeat(300));
        let at = line.find("connect").unwrap();
        let found = shown(&line, at);
        assert!(
            found.trim_start().starts_with("x x") && found.ends_with("é connect ECONNREFUSED") && found.len() < 200,
            "{found}"
        );
        assert!(!from_match(&line, at).0.contains('y'), "half a secret");
        assert_eq!(shown("short ECONNREFUSED", 6), "short ECONNREFUSED");
    }
}
