//! How the log of a unit ends: in words that a program ends with, or in one error again and again.

use crate::record::{Level, Record, Stamp, Tech};
use crate::rule::Pattern;

/// Records without a level behind the last words of a program that may still be some of them.
const REST: u32 = 3;
/// Microseconds that lie between two errors at least, where their time is known: what one request met is said at once.
const APART: i64 = 1_000_000;

/// What the last records of a unit tell that no rule explains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// Line of the last of them.
    pub line: u64,
    /// Whether the log ends in words that a program ends with.
    pub last_words: Option<LastWords>,
    /// How often one error came, and nothing else that shows the process going on.
    pub repeated: u32,
    said: String,
    time: Option<Stamp>,
    behind: u32,
}

/// Words that a program ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastWords {
    /// A logger calls the error fatal. Servers say so of a single connection.
    Logged,
    /// The runtime tells of an error that nothing caught.
    Uncaught,
}

impl Ending {
    /// A record that shows the process going on, or that is explained: what was before is over.
    pub(super) fn goes_on(&mut self) {
        *self = Self::default();
    }

    /// A request was answered, badly: whoever answers has not ended.
    pub(super) fn answers(&mut self) {
        self.last_words = None;
    }

    /// Any other record, at this line; `head` is how its raw line begins, `error` whether it is like an error.
    pub(super) fn note(&mut self, record: &Record, line: u64, head: &[u8], error: bool) {
        if record.body.trim().is_empty() {
            return;
        }
        if !error {
            self.behind += 1;
            if self.behind > REST {
                self.last_words = None;
            }
            return;
        }
        let last = last_words(record, head);
        self.last_words = last.or(self.last_words);
        (self.line, self.behind) = (line, 0);
        let said: String =
            record.body.lines().next().unwrap_or_default().chars().filter(|c| !c.is_ascii_digit()).collect();
        if said != self.said {
            (self.said, self.repeated, self.time) = (said, 1, record.time);
            return;
        }
        let between = |before: Stamp, now: Stamp| before.clock != now.clock || now.micros - before.micros >= APART;
        if self.time.zip(record.time).is_none_or(|(before, now)| between(before, now)) {
            self.repeated = self.repeated.saturating_add(1);
            self.time = record.time;
        }
    }
}

/// Whether a program says this when it ends. What a framework calls critical may be of one request.
fn last_words(record: &Record, head: &[u8]) -> Option<LastWords> {
    if record.is_last_word() || (record.level.is_none() && UNCAUGHT.is_match(record.body.as_bytes())) {
        return Some(LastWords::Uncaught);
    }
    let server = matches!(record.tech, Some(Tech::Postgres | Tech::Redis | Tech::Nginx | Tech::Mysql));
    let critical = head.windows(4).any(|word| word.eq_ignore_ascii_case(b"crit"));
    (record.level == Some(Level::Fatal) && !server && !critical).then_some(LastWords::Logged)
}

static UNCAUGHT: Pattern = Pattern::constant(concat!(
    r"^(?:Traceback \(most recent call last\):|Unhandled exception\. |Exception in thread .main. |thread 'main' (?:\(\d+\) )?panicked at",
    r"|panic: [^\n]*\n(?:[^\n]*\n){0,3}goroutine \d+ \[)",
));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::records;

    fn ending(log: &str) -> Ending {
        let mut ending = Ending::default();
        for (line, record) in (1..).zip(records(log.as_bytes())) {
            let error =
                record.level >= Some(Level::Error) || record.body.contains("rror") || record.body.starts_with("T");
            if record.level == Some(Level::Info) {
                ending.goes_on();
            } else {
                ending.note(&record, line, log.lines().next().unwrap_or_default().as_bytes(), error);
            }
        }
        ending
    }

    #[test]
    fn what_a_program_ends_with() {
        let traceback = "Traceback (most recent call last):\n  File \"/a.py\", line 3, in f\n    g()\nValueError: x\n";
        assert_eq!(ending(traceback).last_words, Some(LastWords::Uncaught));
        assert_eq!(ending(&format!("{traceback}waiting for the queue\n")).last_words, Some(LastWords::Uncaught));
        assert_eq!(ending(&format!("{traceback}INFO: served\n")).last_words, None);
        assert_eq!(ending(&format!("{traceback}a\nb\nc\nd\n")).last_words, None);
        assert_eq!(ending("FATAL: no licence\n").last_words, Some(LastWords::Logged));
        assert_eq!(ending("CRITICAL: no licence\n").last_words, None);
        assert_eq!(ending("ERROR: no licence\n").last_words, None);
    }

    #[test]
    fn one_error_again_and_again() {
        let line = |second: u32| format!("2026-01-01 00:00:0{second} ERROR job {second} was lost\n");
        assert_eq!(ending(&[line(1), line(3), line(5)].concat()).repeated, 3);
        assert_eq!(ending(&[line(1), line(1), line(1)].concat()).repeated, 1);
        assert_eq!(ending(&[line(1), "INFO: well\n".to_owned(), line(5)].concat()).repeated, 1);
        assert_eq!(ending(&[line(1), "ERROR: another\n".to_owned(), line(5)].concat()).repeated, 1);
    }
}
