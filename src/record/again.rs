//! Records that say again what one before said, at another time.
//!
//! A flood says the same thing again and again. A record that only its time tells from one before, and the program's own frames of a
//! stack, is the same record again where the lines beside it leave it alone as well: nothing of it need be read.

use super::form::{FRAME, Form};
use super::near::Reader;
use super::window::{Backward, Forward};

/// Lines beside a record that are looked at.
const BESIDE: usize = 8;

/// Records of one form, one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// How many.
    pub records: usize,
    /// Where the last of them begins.
    pub last: usize,
    /// Where they end.
    pub end: usize,
}

impl Reader {
    /// The form of the record that was found last, if that may come again; `tells` says of bytes whether somebody looks for something in them.
    #[must_use]
    pub fn form(&self, window: &[u8], tells: &dyn Fn(&[u8]) -> bool) -> Option<Form> {
        self.lines.as_ref()?.form(window, tells)
    }

    /// The records of this form from `start` of the window on, one behind the other, if there is one. Only such are counted that begin before
    /// `limit`, and the last of a row only if it is the first.
    pub fn repeats(
        &mut self,
        window: &[u8],
        base: u64,
        start: usize,
        limit: usize,
        form: &Form,
        tells: &dyn Fn(&[u8]) -> bool,
    ) -> Option<Row> {
        self.seen.base = base;
        let end = form.end(window, start, tells)?;
        let behind = self.ends_behind(window, end, form)?;
        if !self.ends_before(window, start, form) {
            return None;
        }
        let mut row = Row { records: 1, last: start, end };
        if behind == 0 {
            // What the next record is to this one, each of a row is to the one before.
            let mut next = form.end(window, end, tells);
            while let Some(end) = next.filter(|_| row.end < limit) {
                next = form.end(window, end, tells);
                if next.is_none() {
                    break;
                }
                row = Row { records: row.records + 1, last: row.end, end };
            }
        }
        self.seen.ended(form.lane, row.end);
        Some(row)
    }

    /// Whether the lines before leave a record of this form alone.
    fn ends_before(&self, window: &[u8], start: usize, form: &Form) -> bool {
        if !form.bare || self.seen.floor(form.lane, start) == Some(start) {
            return true;
        }
        for before in (Backward { window, end: start }).take(BESIDE) {
            let raw = before.bytes(window);
            match self.seen.alike.of_any(raw) {
                Some(known) if known.lane == form.lane => return known.closed,
                None if !raw.starts_with(FRAME.as_bytes()) => return false,
                _ => {}
            }
        }
        false
    }

    /// How many lines behind a record of this form, which ends there, are none of its lane, if they and the next one leave it alone.
    fn ends_behind(&self, window: &[u8], end: usize, form: &Form) -> Option<usize> {
        let behind = Forward::new(window, end).take_while(|line| line.end < window.len());
        for (number, line) in behind.take(BESIDE).enumerate() {
            let raw = line.bytes(window);
            if raw.is_empty() {
                continue;
            }
            let known = self.seen.alike.of_any(raw)?;
            if known.lane == form.lane {
                return (known.ends || (form.bare && known.bare)).then_some(number);
            }
        }
        None
    }
}
