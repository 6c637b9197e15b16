//! What a record that may come again looks like, and what of it its time may change.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use memchr::memmem::Finder;

use crate::num::{mix, mix_two, wide};

use super::alike;
use super::apps;
use super::fold::Entry;
use super::layers::Layers;
use super::line::Line;
use super::named::Named;
use super::shape::{self, Shape};
use super::window::Span;
use super::zeros::{PIECE, Zeros};

/// A longer record is read each time, and one of more lines.
const LONGEST: usize = 4096;
const LINES: usize = 64;
/// Key of the time in Docker's records and of most loggers.
const TIME: &[u8] = b"\"time\":";
static TIMES: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(TIME));
/// Digits of a number of milliseconds that count: the first ones, of which none may be zero.
const FIXED: usize = 4;
/// Every line whose text begins so goes on with one before it: a frame of a stack.
pub(super) const FRAME: &str = "    at ";
/// In frames that say more than a place: of Node's own code, of a library, of a migration.
const TELLING: [&str; 4] = ["node_modules", "node:", "internal/", "/migrations/"];
static OTHERS: LazyLock<[Finder<'_>; 4]> = LazyLock::new(|| TELLING.map(Finder::new));

/// Of a message's first bytes, in which a date or an address may still be a prefix, only numbers that stand apart may be others.
const PREFIX: usize = 40;

/// Lines of one lane behind one another that were a record, and where of each its times stand and no part of its message.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    lane: u64,
    /// It begins no record by itself: what stands before it must end there.
    bare: bool,
    lines: Vec<(Span, [Range<usize>; 2])>,
    /// If there is one before its frames, where in its message numbers stand.
    numbers: Vec<Range<usize>>,
    /// So many of them are no frames at the record's end.
    said: usize,
    /// What stands around a frame's text, if that is known.
    around: Option<[Text; 2]>,
}

impl Lines {
    /// Of the lines of a record, if they are one message of which nothing goes on in others and that may come again.
    pub(super) fn of(window: &[u8], lane: u64, entries: &[Entry<'_>]) -> Option<Self> {
        let (head, shape) = entries.first().map(|entry| (&entry.line, entry.shape))?;
        let goes_on = [Layers::POSTGRES, Layers::NPM].iter().any(|layer| head.layers.contains(*layer));
        let folds = shape::folds(&head.text);
        let known = matches!(shape, Shape::Head | Shape::Bare | Shape::ErrorName);
        let cut = entries.iter().any(|entry| entry.line.partial);
        if goes_on || folds || !known || cut || entries.len() > LINES {
            return None;
        }
        let lines: Vec<_> = entries.iter().map(|entry| (Span::around(window, entry.offset), &entry.line)).collect();
        let apart = lines.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if one.end + 1 != other.start));
        let raw = window.get(lines.first()?.0.start..lines.last()?.0.end)?;
        if apart || raw.len() > LONGEST || apps::GLUES.find(raw).is_some() {
            return None;
        }
        let frames = lines.iter().skip(1).rev().take_while(|(_, line)| is_own_frame(line.text.as_bytes())).count();
        let said = lines.len() - frames;
        let (span, line) = lines.get(said).unwrap_or(lines.first()?);
        let plain = span.bytes(window) == line.text.as_bytes();
        let around = match (plain, frames) {
            (true, _) => Some(Default::default()),
            (false, 0) => None,
            (false, _) => around(span.bytes(window), line),
        };
        let first = lines.first().filter(|_| said == 1);
        let numbers = first.map(|(span, line)| numbers(span.bytes(window), line)).unwrap_or_default();
        let lines = lines.into_iter().map(|(span, line)| (span, times(span.bytes(window), line))).collect();
        Some(Self { lane, bare: shape != Shape::Head, lines, numbers, said, around })
    }

    /// The form of the record; of its frames at the end only that there may be some, unless one of them `tells` something.
    pub(super) fn form(&self, window: &[u8], tells: &dyn Fn(&[u8]) -> bool) -> Option<Form> {
        let (first, last) = (self.lines.first()?.0, self.lines.last()?.0);
        let frames = self.lines.get(self.said).and_then(|(frame, _)| window.get(frame.start..last.end));
        let told = frames.is_some_and(tells);
        let said = self.lines.get(..if told { self.lines.len() } else { self.said })?;
        let raw = window.get(first.start..said.last()?.0.end)?;
        let times =
            said.iter().flat_map(|(span, times)| times.iter().map(|time| shifted(time, span.start - first.start)));
        Some(Form {
            text: Text::of(raw, times),
            line: first.end - first.start,
            numbers: self.numbers.iter().filter(|_| said.len() == 1).cloned().collect(),
            lane: self.lane,
            bare: self.bare,
            around: self.around.clone().filter(|_| !told),
        })
    }
}

fn shifted(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// What stands before and behind a text in its raw line.
fn around(raw: &[u8], line: &Line<'_>) -> Option<[Text; 2]> {
    let end = if raw.first() == Some(&b'{') { alike::message(raw, line)? + line.text.len() } else { raw.len() };
    let start = end.checked_sub(line.text.len())?;
    if raw.get(start..end)? != line.text.as_bytes() {
        return None;
    }
    let times = times(raw, line);
    let before = Text::of(raw.get(..start)?, times.iter().filter(|time| time.end <= start).cloned());
    let behind = times.iter().filter(|time| time.start >= end).map(|time| time.start - end..time.end - end);
    Some([before, Text::of(raw.get(end..)?, behind)])
}

/// Where in a line times stand and no part of its message; nowhere where a name in its prefixes has a colon.
fn times(raw: &[u8], line: &Line<'_>) -> [Range<usize>; 2] {
    const NOWHERE: Range<usize> = 0..0;
    let names = [&line.unit, &line.lane, &line.context];
    if names.into_iter().flatten().any(|name| name.contains(':')) {
        return [NOWHERE; 2];
    }
    if raw.first() == Some(&b'{') {
        let mut found = TIMES.find_iter(raw).map(|at| at + TIME.len());
        let time = match (found.next(), found.next()) {
            (Some(from), None) => from..value_end(raw, from),
            _ => NOWHERE,
        };
        return [alike::message(raw, line).map_or(NOWHERE, |start| 1..start), time];
    }
    let start = alike::text_start(raw, line).unwrap_or(raw.len());
    match raw.get(start + line.text.len()..) {
        Some([]) => [0..start, NOWHERE],
        Some([b' ', b'+', elapsed @ .., b'm', b's']) => [0..start, raw.len() - 2 - elapsed.len()..raw.len() - 2],
        _ => [NOWHERE; 2],
    }
}

/// Where in a line's message numbers stand that are no part of a time, if the message stands at its end as it is.
fn numbers(raw: &[u8], line: &Line<'_>) -> Vec<Range<usize>> {
    let start = alike::text_start(raw, line).filter(|start| start + line.text.len() == raw.len());
    let Some(start) = start.filter(|_| raw.first() != Some(&b'{')) else { return Vec::new() };
    // What begins a message may still be a time or a name.
    let Some(word) = memchr::memchr(b' ', raw.get(start..).unwrap_or_default()) else { return Vec::new() };
    let mut at = start + word;
    let mut found: Vec<_> = connection(raw, line, start).into_iter().collect();
    while let Some(digit) = raw.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_digit)) {
        let from = at + digit;
        let length = raw.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
        at = from + length;
        let beside = [from.checked_sub(1).and_then(|before| raw.get(before)), raw.get(at)];
        let apart = |byte: &&u8| from < start + PREFIX && matches!(byte, b'-' | b'/' | b'.' | b',' | b'T' | b'[');
        if !beside.into_iter().flatten().any(|byte| *byte == b':' || apart(&byte)) {
            found.push(from..at);
        }
    }
    found
}

/// Where the number of nginx's connection stands before the message, which is not read.
fn connection(raw: &[u8], line: &Line<'_>, start: usize) -> Option<Range<usize>> {
    let before = raw.get(..start).filter(|_| line.layers.contains(Layers::NGINX))?.strip_suffix(b" ")?;
    let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let from = before.len() - digits;
    (digits > 0 && raw.get(from.checked_sub(1)?) == Some(&b'*')).then_some(from..before.len())
}

/// Where a number, or a text in quotes, that begins at `from` ends.
fn value_end(raw: &[u8], from: usize) -> usize {
    let rest = raw.get(from..).unwrap_or_default();
    let length = match rest.split_first() {
        Some((b'"', text)) => memchr::memchr(b'"', text).map_or(0, |end| end + 1),
        _ => rest.iter().take_while(|byte| byte.is_ascii_digit()).count(),
    };
    from + length
}

/// A record that is the same wherever it comes again.
#[derive(Debug, Clone)]
pub struct Form {
    text: Text,
    /// Bytes of its first line.
    line: usize,
    /// Where in its one line numbers stand that may be others, if nobody looks at them.
    numbers: Vec<Range<usize>>,
    pub(super) lane: u64,
    pub(super) bare: bool,
    /// Where frames of a stack may follow that tell nothing: what stands around the text of each.
    around: Option<[Text; 2]>,
}

impl Form {
    /// Bytes from there on by which a form is found: [`key`](Self::key).
    pub const KEY: usize = 24;
    /// So many bytes from there on count, those behind the first but for their digits.
    const MOST: usize = 160;

    /// Its first line as it was first seen.
    #[must_use]
    pub fn line(&self) -> &[u8] {
        self.text.raw.get(..self.line).unwrap_or_default()
    }

    /// Bytes of its lines, without the last break and the frames that may follow.
    #[must_use]
    pub fn length(&self) -> usize {
        self.text.raw.len()
    }

    /// A number by which the form of a record is found whose first line has something to find at byte `at`: of its length, of what stands
    /// there, which no time changes, and of what follows but for its digits.
    #[must_use]
    pub fn key(line: &[u8], at: usize) -> u64 {
        let first = mix(wide(line.len()), wide(at));
        Zeros::of(line.get(at..).unwrap_or_default(), Self::KEY).take(Self::MOST / PIECE).fold(first, mix_two)
    }

    /// Where numbers stand in its first line that may be others, if nobody looks at them: [`let_differ`](Self::let_differ).
    #[must_use]
    pub fn numbers(&self) -> &[Range<usize>] {
        &self.numbers
    }

    /// Takes as the same record also one that has other numbers there, each as long, that hold none of these digits, of which a zero byte stands
    /// for any digit; a number that holds some may not be another.
    pub fn let_differ(&mut self, numbers: Vec<Range<usize>>, named: &Arc<Named>) {
        self.text.named = Some(Arc::clone(named));
        for Range { start: from, end: to } in numbers {
            let number = self.text.raw.get(from..to).unwrap_or_default();
            if !named.stands_in(number) {
                self.text.free.push(Free { from, to, digits: Digits::Unnamed });
            }
        }
        self.text.free.sort_unstable_by_key(|free| free.from);
    }

    /// Whether a record that begins with this is told from the other form by no more than its time, and is as well known.
    #[must_use]
    pub fn knows(&self, other: &Self) -> bool {
        self.text.takes(&other.text.raw) && self.around.is_some() >= other.around.is_some()
    }

    /// Where the record at `start` ends, behind its last break, if it differs from this one by no more than its time and by its frames, of
    /// which none `tells` anything.
    pub(super) fn end(&self, window: &[u8], start: usize, tells: &dyn Fn(&[u8]) -> bool) -> Option<usize> {
        let said = start + self.text.raw.len();
        if window.get(said) != Some(&b'\n') || !self.text.takes(window.get(start..said)?) {
            return None;
        }
        let mut end = said + 1;
        let Some(around) = &self.around else { return Some(end) };
        let begins = |end: usize| {
            let text = end + around[0].raw.len();
            window.get(text..text + FRAME.len()) == Some(FRAME.as_bytes())
        };
        while begins(end) {
            let length = memchr::memchr(b'\n', window.get(end..)?)?;
            if !is_frame(around, window.get(end..end + length)?) {
                break;
            }
            end += length + 1;
            if end - start > LONGEST {
                return None;
            }
        }
        let frames = window.get(said + 1..end)?;
        (frames.is_empty() || !tells(frames)).then_some(end)
    }
}

/// Whether a text is a frame of a program's own JavaScript: it says where in the program, while one of a library also says whose fault it is,
/// and one of a migration when.
pub(crate) fn is_own_frame(text: &[u8]) -> bool {
    let ends = |text: &[u8]| {
        let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        text.len().checked_sub(digits + 1).filter(|colon| digits > 0 && text.get(*colon) == Some(&b':'))
    };
    let place = text.strip_suffix(b")").unwrap_or(text);
    let line = ends(place).and_then(|colon| ends(place.get(..colon)?));
    text.starts_with(FRAME.as_bytes()) && line.is_some() && !OTHERS.iter().any(|other| other.find(text).is_some())
}

/// Whether a raw line is a frame and nothing else.
fn is_frame([before, behind]: &[Text; 2], raw: &[u8]) -> bool {
    let (start, end) = (before.raw.len(), raw.len().saturating_sub(behind.raw.len()));
    let parts = (raw.get(..start), raw.get(start..end), raw.get(end..));
    let (Some(first), Some(text), Some(last)) = parts else { return false };
    let plain = |byte: &u8| matches!(byte, b' '..=b'~');
    let quoted = |byte: &u8| matches!(byte, b'"' | b'\\');
    is_own_frame(text)
        && before.takes(first)
        && behind.takes(last)
        && text.iter().all(plain)
        && (behind.raw.is_empty() || !text.iter().any(quoted))
}

/// Bytes of which some digits may be others.
#[derive(Debug, Clone, Default)]
struct Text {
    raw: Vec<u8>,
    free: Vec<Free>,
    /// Digits that a number must not hold to be another.
    named: Option<Arc<Named>>,
}

impl Text {
    /// One in which times stand there.
    fn of(raw: &[u8], times: impl Iterator<Item = Range<usize>>) -> Self {
        let free = times.flat_map(|time| free(raw, time.start, time.end)).collect();
        Self { raw: raw.to_vec(), free, named: None }
    }

    fn takes(&self, raw: &[u8]) -> bool {
        if raw.len() != self.raw.len() {
            return false;
        }
        let mut behind = 0;
        for free in &self.free {
            if raw.get(behind..free.from) != self.raw.get(behind..free.from) || !free.takes(raw, self.named.as_deref())
            {
                return false;
            }
            behind = free.to;
        }
        raw.get(behind..) == self.raw.get(behind..)
    }
}

/// Digits that may be others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Free {
    from: usize,
    to: usize,
    digits: Digits,
}

/// Which digits they may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digits {
    /// All.
    All,
    /// Minutes or seconds: two digits below sixty.
    Sixty,
    /// All but those that somebody names.
    Unnamed,
}

impl Free {
    fn takes(self, raw: &[u8], named: Option<&Named>) -> bool {
        let Some(digits) = raw.get(self.from..self.to) else { return false };
        let taken = match self.digits {
            Digits::All => true,
            Digits::Sixty => digits.first() < Some(&b'6'),
            Digits::Unnamed => !named.is_some_and(|named| named.stands_in(digits)),
        };
        taken && digits.iter().all(u8::is_ascii_digit)
    }
}

/// The digits from `from` to `to` that a time may change without a change of what is read: minutes, seconds and their fractions, the
/// milliseconds that Nest counts since the line before, and of those since 1970 all but the first.
fn free(raw: &[u8], from: usize, to: usize) -> Vec<Free> {
    let part = raw.get(..to).unwrap_or_default();
    let digits = |at: usize| part.iter().skip(at).take_while(|byte| byte.is_ascii_digit()).count();
    let mut free = Vec::new();
    if from > 0 && digits(from) == to - from {
        let fixed = if part.get(from - 1) == Some(&b'+') { 0 } else { FIXED };
        free.extend((to - from > fixed).then_some(Free { from: from + fixed, to, digits: Digits::All }));
        return free;
    }
    let mut at = from;
    while at < to {
        let colon = |at: usize| part.get(at) == Some(&b':');
        let clock = digits(at) == 1 && colon(at + 1) && digits(at + 2) == 2 && colon(at + 4) && digits(at + 5) == 2;
        if !clock || (colon(at + 7) && digits(at + 8) > 0) {
            at += 1;
            continue;
        }
        let sixty = |from: usize| Free { from, to: from + 2, digits: Digits::Sixty };
        free.extend([sixty(at + 2), sixty(at + 5)]);
        at += 7;
        let fraction = digits(at + 1);
        if matches!(part.get(at), Some(b'.' | b',')) && fraction > 0 {
            free.push(Free { from: at + 1, to: at + 1 + fraction, digits: Digits::All });
            at += 1 + fraction;
        }
    }
    free
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
