//! Lines that say again what a line before said, at another time.
//!
//! A flood says the same thing again and again. A line that is a record of its own, and that only its time tells from one before, is
//! the same record again where the lines beside it leave it alone as well: nothing of it need be read.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::num::wide;

use super::alike;
use super::layers::Layers;
use super::line::Line;
use super::near::Reader;
use super::shape::{self, Shape};
use super::window::{Backward, Forward, Span};

/// A longer line is read each time.
const LONGEST: usize = 1024;
/// Key of the time in Docker's records and of most loggers.
const TIME: &[u8] = b"\"time\":";
static TIMES: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(TIME));
/// Digits of a number of milliseconds that count: the first ones, of which none may be zero.
const FIXED: usize = 4;
/// Lines beside a line that are looked at.
const BESIDE: usize = 8;
/// Every line that begins so goes on with one before it.
const FRAME: &[u8] = b"    at ";

/// Where a line that was a record of its own stands, and what of it may be different when it comes again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lone {
    pub(super) span: Span,
    pub(super) lane: u64,
    /// It begins no record by itself: what stands before it must end there.
    pub(super) bare: bool,
    /// Where, in the line, its times stand and no part of its message.
    times: [Range; 2],
}

impl Lone {
    /// Of a line that is one message, if nothing of it goes on in others.
    pub(super) fn of(raw: &[u8], span: Span, lane: u64, line: &Line<'_>, shape: Shape) -> Option<Self> {
        let goes_on = line.partial || [Layers::POSTGRES, Layers::NPM].iter().any(|layer| line.layers.contains(*layer));
        let folds =
            shape::is_v8_report(&line.text) || shape::is_v8_fatal(&line.text) || line.text.contains(shape::THROW);
        let known = matches!(shape, Shape::Head | Shape::Bare | Shape::ErrorName);
        if raw.len() > LONGEST || goes_on || folds || !known || line.glued.is_some() {
            return None;
        }
        Some(Self { span, lane, bare: shape != Shape::Head, times: times(raw, line) })
    }
}

/// Bytes from here to there.
type Range = (usize, usize);

/// Where in a line times stand and no part of its message; nowhere where a name in its prefixes has a colon.
fn times(raw: &[u8], line: &Line<'_>) -> [Range; 2] {
    const NOWHERE: Range = (0, 0);
    let names = [&line.unit, &line.lane, &line.context];
    if names.into_iter().flatten().any(|name| name.contains(':')) {
        return [NOWHERE; 2];
    }
    if raw.first() == Some(&b'{') {
        let mut found = TIMES.find_iter(raw).map(|at| at + TIME.len());
        let time = match (found.next(), found.next()) {
            (Some(from), None) => (from, value_end(raw, from)),
            _ => NOWHERE,
        };
        return [alike::message(raw, line).map_or(NOWHERE, |start| (1, start)), time];
    }
    let text = line.text.as_bytes();
    [if raw.ends_with(text) { (0, raw.len() - text.len()) } else { NOWHERE }, NOWHERE]
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

/// A line that was a record of its own; it is the same record wherever it comes again.
#[derive(Debug, Clone)]
pub struct Form {
    raw: Vec<u8>,
    /// What its time is free to change.
    free: Vec<Free>,
    lane: u64,
    bare: bool,
}

/// Digits that may be others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Free {
    from: usize,
    to: usize,
    /// They are minutes or seconds: two digits below sixty.
    sixty: bool,
}

impl Form {
    /// The line as it was first seen.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// A number by which the form of a line is found that has something to find at byte `at`: of its length and of what stands there, which
    /// no time changes.
    #[must_use]
    pub fn key(raw: &[u8], at: usize) -> u64 {
        let word = |from: usize| alike::word(raw.get(from..).unwrap_or_default());
        [wide(raw.len()), wide(at), word(at), word(at + 8), word(at + 16)].into_iter().fold(0, alike::mix) >> 32
    }

    pub(super) fn new(raw: &[u8], lone: Lone) -> Self {
        let free = lone.times.into_iter().flat_map(|(from, to)| free(raw, from, to)).collect();
        Self { raw: raw.to_vec(), free, lane: lone.lane, bare: lone.bare }
    }

    /// Whether a line differs from this one by no more than its time.
    #[must_use]
    pub fn takes(&self, raw: &[u8]) -> bool {
        if raw.len() != self.raw.len() {
            return false;
        }
        let mut behind = 0;
        for free in &self.free {
            if raw.get(behind..free.from) != self.raw.get(behind..free.from) || !free.takes(raw) {
                return false;
            }
            behind = free.to;
        }
        raw.get(behind..) == self.raw.get(behind..)
    }

    /// How many lines from the one of this form at `span` on have another behind them that is of the form as well; at least one. Those behind
    /// the first begin before `limit`.
    fn row(&self, window: &[u8], span: Span, limit: usize) -> usize {
        let length = span.end - span.start + 1;
        let takes = |start: usize| {
            let line = window.get(start..start + length).and_then(<[u8]>::split_last);
            line.is_some_and(|(end, raw)| *end == b'\n' && self.takes(raw))
        };
        let mut start = span.start + length;
        while start < limit && takes(start) {
            start += length;
        }
        ((start - span.start) / length - 1).max(1)
    }
}

impl Free {
    fn takes(self, raw: &[u8]) -> bool {
        let Some(digits) = raw.get(self.from..self.to) else { return false };
        digits.iter().all(u8::is_ascii_digit) && (!self.sixty || digits.first() < Some(&b'6'))
    }
}

/// The digits from `from` to `to` that a time may change without a change of what is read: minutes, seconds and their fractions, and of
/// a number of milliseconds all but the first.
fn free(raw: &[u8], from: usize, to: usize) -> Vec<Free> {
    let part = raw.get(..to).unwrap_or_default();
    let digits = |at: usize| part.iter().skip(at).take_while(|byte| byte.is_ascii_digit()).count();
    let mut free = Vec::new();
    if from > 0 && digits(from) == to - from && to - from > FIXED {
        free.push(Free { from: from + FIXED, to, sixty: false });
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
        let sixty = |from: usize| Free { from, to: from + 2, sixty: true };
        free.extend([sixty(at + 2), sixty(at + 5)]);
        at += 7;
        let fraction = digits(at + 1);
        if matches!(part.get(at), Some(b'.' | b',')) && fraction > 0 {
            free.push(Free { from: at + 1, to: at + 1 + fraction, sixty: false });
            at += 1 + fraction;
        }
    }
    free
}

impl Reader {
    /// The form of the record that was found last, if it was one line that may come again.
    #[must_use]
    pub fn form(&self, window: &[u8]) -> Option<Form> {
        let lone = self.lone?;
        Some(Form::new(lone.span.bytes(window), lone))
    }

    /// How many lines, from that between `start` and `end` of the window on, are records of this form, if that one is. Only such are
    /// counted that begin before `limit`, and the last line of a row only if it is the first.
    pub fn repeats(
        &mut self,
        window: &[u8],
        base: u64,
        (start, end): (usize, usize),
        limit: usize,
        form: &Form,
    ) -> Option<usize> {
        let span = Span { start, end };
        self.seen.base = base;
        if !form.takes(span.bytes(window)) {
            return None;
        }
        let behind = self.ends_behind(window, span, form)?;
        if !self.ends_before(window, span, form) {
            return None;
        }
        // What the next line is to this one, each of a row is to the one before.
        let lines = if behind == 0 { form.row(window, span, limit) } else { 1 };
        self.seen.ended(form.lane, span.next(window) + (lines - 1) * (span.end - span.start + 1));
        Some(lines)
    }

    /// Whether the lines before leave a line of this form alone.
    fn ends_before(&self, window: &[u8], span: Span, form: &Form) -> bool {
        if !form.bare || self.seen.floor(form.lane, span.start) == Some(span.start) {
            return true;
        }
        for before in (Backward { window, end: span.start }).take(BESIDE) {
            let raw = before.bytes(window);
            match self.seen.alike.of_any(raw) {
                Some(known) if known.lane == form.lane => return known.closed,
                None if !raw.starts_with(FRAME) => return false,
                _ => {}
            }
        }
        false
    }

    /// How many lines behind a line of this form are none of its lane, if they and the next one leave it alone.
    fn ends_behind(&self, window: &[u8], span: Span, form: &Form) -> Option<usize> {
        let behind = Forward::new(window, span.next(window)).take_while(|line| line.end < window.len());
        for (number, line) in behind.take(BESIDE).enumerate() {
            let known = self.seen.alike.of_any(line.bytes(window))?;
            if known.lane == form.lane {
                return (known.ends || (form.bare && known.bare)).then_some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::peel;
    use super::*;

    fn form(raw: &str) -> Form {
        let raw = raw.as_bytes();
        let span = Span { start: 0, end: raw.len() };
        Form::new(raw, Lone::of(raw, span, 0, &peel(raw), shape::of(&peel(raw))).unwrap())
    }

    #[test]
    fn a_line_is_the_same_at_another_time() {
        let same = [
            ("2026-11-23T18:44:13.119123456Z Error: x", "2026-11-23T18:59:07.000000001Z Error: x"),
            ("[Nest] 23  - 11/23/2026, 1:00:00 PM   ERROR [A] x", "[Nest] 23  - 11/23/2026, 1:07:59 PM   ERROR [A] x"),
            (
                r#"{"log":"[Nest] 23  - 11/23/2026, 1:00:00 PM   ERROR [A] x\n","stream":"stderr","time":"2026-11-23T18:44:13.119Z"}"#,
                r#"{"log":"[Nest] 23  - 11/23/2026, 1:44:14 PM   ERROR [A] x\n","stream":"stderr","time":"2026-11-23T18:44:14.120Z"}"#,
            ),
            (r#"{"level":50,"time":1795100000005,"msg":"x"}"#, r#"{"level":50,"time":1795199999999,"msg":"x"}"#),
            ("Error: x", "Error: x"),
        ];
        for (one, other) in same {
            assert!(form(one).takes(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_line_that_says_something_else_is_another() {
        let other = [
            ("2026-11-23T18:44:13.119Z Error: x", "2026-11-23T18:61:07.000Z Error: x"),
            ("2026-11-23T18:44:13.119Z Error: x", "2026-11-23T19:44:13.119Z Error: x"),
            ("2026-11-23T18:44:13.119Z Error: x", "2026-11-23T18:44:13.119Z Error: y"),
            ("2026-11-23T18:44:13.119Z at 10:11:12 x", "2026-11-23T18:44:13.119Z at 10:11:13 x"),
            ("[Nest] 23  - 11/23/2026, 1:00:00 PM   ERROR [A] x", "[Nest] 24  - 11/23/2026, 1:00:00 PM   ERROR [A] x"),
            (r#"{"level":50,"time":1795100000005,"msg":"x"}"#, r#"{"level":30,"time":1795100000005,"msg":"x"}"#),
            (r#"{"level":50,"time":1795100000005,"msg":"x"}"#, r#"{"level":50,"time":0795100000005,"msg":"x"}"#),
            (
                "172.18.0.5 - - [23/Nov/2026:00:00:00 +0000] \"GET /",
                "172.18.0.5 - - [23/Nov/2026:24:00:00 +0000] \"GET /",
            ),
            ("Error: x", "Error: xy"),
        ];
        for (one, other) in other {
            assert!(!form(one).takes(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_row_ends_before_its_last_line() {
        let (form, span) = (form("Error: x"), Span { start: 2, end: 10 });
        for (behind, limit, lines) in [
            ("Error: x\nError: x\nError: x\n", 99, 3),
            ("Error: x\nError: x\nError: x", 99, 2),
            ("Error: x\nError: x\nError: x\n", 21, 2),
            ("Error: x\nError: x\nError: x\n", 11, 1),
            ("Error: x\nError: y\nError: x\n", 99, 1),
            ("Error: xx\nError: x\n", 99, 1),
            ("", 99, 1),
        ] {
            let window = format!(".\nError: x\n{behind}");
            assert_eq!(form.row(window.as_bytes(), span, limit), lines, "{behind:?} before {limit}");
        }
    }

    #[test]
    fn what_goes_on_in_other_lines_has_no_form() {
        for raw in [
            "npm error x",
            "2026-11-23 18:44:13.119 UTC [71] ERROR:  x",
            r#"{"log":"x","stream":"stderr","time":"2026-11-23T18:44:13Z"}"#,
            "    at x",
            "<--- Last few GCs --->",
            "FATAL ERROR: x",
            "/app/x.js:1",
        ] {
            let span = Span { start: 0, end: raw.len() };
            assert!(
                Lone::of(raw.as_bytes(), span, 0, &peel(raw.as_bytes()), shape::of(&peel(raw.as_bytes()))).is_none(),
                "{raw}"
            );
        }
    }
}
