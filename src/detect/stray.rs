//! Error-like records that no rule covers: with no rule at all they are the answer.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::num::wide;
use crate::record::{self, Level, Record, Tech};
use crate::rule::Pattern;
use crate::scan::Window;

use super::answers::{Answers, Request, request};
use super::ending::Ending;
use super::explained::Explained;
use super::last_word::Endings;
use super::sighting::{Glimpse, Place, Sighting, shorten};

/// Calm records remembered per unit.
const CALM: usize = 8;
/// Most strays kept per unit.
const MOST: usize = 64;
/// Bytes at the beginning of a line in which a level stands.
const HEAD: usize = 160;
/// Weight of a record that names an error.
const NAMES: u8 = 3;
/// Most lines of a stray that are shown.
const LINES: usize = 4;
/// Most lines of a tail that are looked through, from its end: a tail of shorter lines than any log has would take hundreds of bytes for each.
const DENSE: usize = 16 * 1024;

/// An error-like record that no clause matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// Where it is.
    pub place: Sighting,
    /// Its first lines.
    pub text: String,
    /// Why it looks like an error.
    pub why: &'static str,
    /// How telling it is; higher is better.
    pub weight: u8,
    /// Whether its program ended with it, as far as the input tells.
    pub last_word: bool,
    /// Whether that is certain, for a runtime or whoever ran the program says so.
    pub certain: bool,
}

/// What the tail of an input says besides the matches, unit by unit.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Error-like records without a match, with the unit they belong to, in order of their lines.
    pub(super) strays: Vec<(Option<String>, Stray)>,
    /// For each unit, the lines of its last records that show it going on.
    pub(super) calm: BTreeMap<Option<String>, VecDeque<u64>>,
    /// For each unit, how its server answered.
    pub(super) answers: BTreeMap<Option<String>, Answers>,
    /// For each unit, what its last records tell.
    pub(super) endings: BTreeMap<Option<String>, Ending>,
}

/// Looks through the records of a window's tail.
pub(super) fn survey(window: &Window<'_>, start: usize, source: usize, explained: &Explained) -> Survey {
    let tail = window.bytes.get(start..).unwrap_or_default();
    let dense = memchr::memrchr_iter(b'\n', tail).nth(DENSE).map_or(0, |newline| newline + 1);
    let (start, tail) = (start + dense, tail.get(dense..).unwrap_or_default());
    let mut survey = Survey::default();
    let mut endings = Endings::default();
    for record in record::records(tail) {
        let Some(head) = record.lines.first() else { continue };
        let offset = start + head.offset;
        let asked = request(record.body.lines().next().unwrap_or_default());
        survey.answer(window, source, &record, offset, asked);
        let line = window.bytes.get(offset..window.next_line(offset)).unwrap_or_default();
        if explained.contains(window.base + wide(offset)) {
            survey.ending(&record).goes_on();
            endings.note(&record, line, None);
            continue;
        }
        let troubled = troubled(&record.body);
        let weighed = weigh(&record, troubled);
        // Who asks whether the program lives hears nothing of what else it does.
        let calm = !troubled && asked.is_none_or(|asked| !asked.probe) && goes_on(&record);
        survey.end(window, &record, offset, (asked, calm, weighed.is_some_and(|(weight, _)| weight >= NAMES)));
        if calm {
            let calm = survey.calm.entry(record.unit.clone()).or_default();
            calm.push_back(window.line(offset));
            if calm.len() > CALM {
                calm.pop_front();
            }
        }
        let Some((weight, why)) = weighed else {
            endings.note(&record, line, None);
            continue;
        };
        let (number, text) = telling(&record.body);
        let at = record.lines.get(number).map_or(offset, |line| start + line.offset);
        let place = sighting(window, source, &record, at, text);
        let text = shorten(text).into_owned();
        endings.note(&record, line, Some(&text));
        survey.stray(record.unit, Stray { place, text, why, weight, last_word: false, certain: false });
    }
    for (unit, last) in endings.into_last() {
        let own = survey.strays.iter_mut().filter(|(other, stray)| *other == unit && stray.text == last.text);
        own.for_each(|(_, stray)| (stray.last_word, stray.certain) = (true, last.certain));
    }
    survey
}

/// The sighting of a record at byte `at` of the window, with the first line of a text as what it shows.
fn sighting(window: &Window<'_>, source: usize, record: &Record, at: usize, text: &str) -> Sighting {
    let first = text.lines().next().unwrap_or_default();
    Glimpse::of(Place::new(source, window, record, at), at, (first.into(), 0), &Arc::default()).keep()
}

/// Whether a text is a Python traceback.
fn is_traceback(body: &str) -> bool {
    body.starts_with("Traceback (most recent call last)")
}

/// What is shown of a record, and the number of its first line within: its first lines; of a Python traceback, which ends with the reason, that.
fn telling(body: &str) -> (usize, &str) {
    let reason = |line: &str| !line.is_empty() && !line.starts_with([' ', '\t']);
    let lines = body.lines().enumerate().skip(1).filter(|(_, line)| reason(line));
    if is_traceback(body)
        && let Some((number, line)) = lines.last()
    {
        return (number, line);
    }
    let end = memchr::memchr_iter(b'\n', body.as_bytes()).nth(LINES - 1).unwrap_or(body.len());
    (0, body.get(..end).unwrap_or(body))
}

/// Whether a record without trouble shows that its process goes on: something that a logger says that is no farewell, or a request that was
/// answered well. A bare text may be the rest of an error, and what is logged as one shows nothing, whatever it says.
fn goes_on(record: &Record) -> bool {
    if record.level >= Some(Level::Error) {
        return false;
    }
    let first = record.body.lines().next().unwrap_or_default().as_bytes();
    let tool = record.tech.is_some_and(Tech::is_tool);
    let said = record.level.is_some() || record.tech.is_some() || ANSWERED.is_match(first);
    said && !tool && !first.is_empty() && !REFUSED.is_match(first) && !FAREWELL.is_match(first)
}

impl Survey {
    /// Notes how a request was answered, if a record tells of one: what `asked` says of its first line, or the whole line in the file, for of what
    /// a logger writes as JSON only the message is left in the body.
    fn answer(&mut self, window: &Window<'_>, source: usize, record: &Record, at: usize, asked: Option<Request<'_>>) {
        let line = window.bytes.get(at..window.next_line(at)).unwrap_or_default();
        let whole = if asked.is_none() { String::from_utf8_lossy(line) } else { Cow::default() };
        let Some(request) = asked.or_else(|| request(&whole)) else { return };
        let answers = self.answers.entry(record.unit.clone()).or_default();
        if request.status < 500 {
            answers.alive = window.base + wide(at);
        }
        if !request.probe {
            answers.note(request, &|| sighting(window, source, record, at, &record.body));
        }
    }

    fn ending(&mut self, record: &Record) -> &mut Ending {
        self.endings.entry(record.unit.clone()).or_default()
    }

    /// Notes what a record that no rule explains tells of how the log ends: what it says of a request, whether it shows the process going on, and
    /// whether it is like an error.
    fn end(&mut self, window: &Window<'_>, record: &Record, at: usize, seen: (Option<Request<'_>>, bool, bool)) {
        let (asked, calm, error) = seen;
        let ending = self.ending(record);
        match asked.filter(|asked| !asked.probe) {
            _ if calm => ending.goes_on(),
            Some(request) if request.status < 500 => ending.goes_on(),
            Some(_) => ending.answers(),
            None if asked.is_some() => {}
            None => {
                let head = window.bytes.get(at..window.next_line(at).min(at + HEAD)).unwrap_or_default();
                ending.note(record, window.line(at), head, error);
            }
        }
    }

    fn stray(&mut self, unit: Option<String>, stray: Stray) {
        if self.strays.iter().any(|(other, old)| *other == unit && old.text == stray.text) {
            return;
        }
        self.strays.push((unit, stray));
        if self.strays.len() > MOST
            && let Some(least) =
                (0..self.strays.len()).min_by_key(|index| self.strays.get(*index).map(|(_, stray)| stray.weight))
        {
            self.strays.remove(least);
        }
    }
}

/// How error-like a record is, if at all.
fn weigh(record: &Record, troubled: bool) -> Option<(u8, &'static str)> {
    match record.level {
        Some(Level::Fatal) => return Some((5, "logged as fatal")),
        // Redis has one mark for its errors, its warnings and its version.
        Some(Level::Error) if record.tech == Some(Tech::Redis) && (!troubled || record.body.starts_with("WARNING")) => {
            return None;
        }
        Some(Level::Error) => return Some((4, "logged as an error")),
        Some(_) => return None,
        None => {}
    }
    if is_traceback(&record.body) {
        return Some((3, "names an error"));
    }
    let first = record.body.lines().find(|line| !line.trim().is_empty())?;
    if !troubled {
        return None;
    }
    if NOTHING.is_match(first.as_bytes()) {
        return None;
    }
    if NAMED.is_match(record.body.as_bytes()) {
        Some((3, "names an error"))
    } else if SPOKEN.is_match(first.as_bytes()) && !WARNED.is_match(first.as_bytes()) {
        Some((2, "speaks of a failure"))
    } else {
        None
    }
}

/// Whether a text has a word that [`NAMED`] or [`SPOKEN`] cannot match without: most have none, and need no regex.
pub(super) fn troubled(text: &str) -> bool {
    static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .ascii_case_insensitive(true)
            .build(TROUBLE)
            .ok()
    });
    WORDS.as_ref().is_none_or(|words| words.is_match(text))
}

/// A line of an access log.
static ANSWERED: Pattern =
    Pattern::constant(r#"HTTP/[0-9.]+"? \d{3}\b|^ ?(?:GET|HEAD|POST|PUT|PATCH|DELETE) /\S* \d{3}\b"#);
/// A request that was answered with an error.
static REFUSED: Pattern = Pattern::constant(
    r#"HTTP/[0-9.]+"? [45]\d\d\b|^ ?(?:GET|HEAD|POST|PUT|PATCH|DELETE) /\S* [45]\d\d\b|^Completed [45]\d\d |"status(?:Code)?":\s?[45]\d\d\b"#,
);
/// What a process says when it ends.
static FAREWELL: Pattern = Pattern::constant(
    r"(?i:\b(?:shut(?:ting)?[ -]?down|clos(?:ed|ing)|stopping|stopped|exiting|terminat(?:ed|ing)|goodbye|finished (?:server|worker|parent) process|SIGTERM|SIGINT|SIGQUIT)\b)",
);

const TROUBLE: [&str; 18] = [
    "error",
    "exception",
    "fatal",
    "panic",
    "segmentation fault",
    "core dumped",
    "not found",
    "no such",
    "denied",
    "refused",
    "cannot",
    "can't",
    "could",
    "unable to",
    "failed",
    "exited with code ",
    "invalid",
    "aborted",
];

/// A count of faults that is zero.
static NOTHING: Pattern = Pattern::constant(
    r"(?i)\b(?:errors?|fail(?:ed|ures?)|invalid)\b[:=]? ?0\b|\b(?:0|no) (?:errors?|fail(?:ed|ures?)|problems?)\b",
);

/// What says of itself that it is a warning.
static WARNED: Pattern =
    Pattern::constant(r"(?:^|[\s\[(])(?:[A-Z][A-Za-z]*Warning|WARN(?:ING)?|[Ww]arning)(?:\[\d+\])?[\]:) ]");

/// An error under its name, as runtimes print one that nothing caught: JavaScript and Python, Java and .NET, Elixir, Ruby, Rust.
static NAMED: Pattern = Pattern::constant(concat!(
    r"^(?:Uncaught |Unhandled exception[.:] (?:[\w.]+: )?|Exception in thread [^\n]{1,80} |Caused by: )?(?:[A-Za-z_]\w*\.)*",
    r"(?:[A-Z]\w*(?:Error|Exception)|Error|Exception|error|fatal|panic|FATAL|ERROR)(?: \[[^\]]+\]| \([^)]+\))?: \S",
    r"|^\*\* \([\w.]+\) |^\S+:\d+:in [^\n]*\((?:\w+::)*\w*(?:Error|Exception)\)$|^thread '[^']*' (?:\(\d+\) )?panicked at",
));

static SPOKEN: Pattern = Pattern::constant(
    r"(?i)\b(?:fatal|panic|segmentation fault|core dumped|not found|no such|denied|refused|cannot|can't|could not|couldn't|unable to|failed(?: to)?|exited with code [1-9][0-9]*|invalid|aborted)\b",
);

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(u64, &'static str)> {
        let window = Window::whole(text.as_bytes());
        let survey = survey(&window, 0, 0, &Explained::default());
        survey.strays.into_iter().map(|(_, stray)| (stray.place.line, stray.why)).collect()
    }

    #[test]
    fn an_exit_of_any_number_but_zero_is_seen() {
        assert_eq!(found("task exited with code 137\ntask exited with code 0\n"), vec![(1, "speaks of a failure")]);
    }

    #[test]
    fn an_error_is_known_by_its_name_in_any_language() {
        for text in [
            "Error: boom",
            "Uncaught Error: boom",
            "TypeError [ERR_X]: boom",
            "Exception: boom",
            "java.lang.IllegalStateException: boom",
            "Exception in thread \"main\" java.lang.IllegalStateException: boom",
            "Unhandled exception. System.InvalidOperationException: boom",
            "app.errors.BoomError: boom",
            "** (RuntimeError) boom",
            "/app/x.rb:3:in 'f': boom (RuntimeError)",
            "/app/x.rb:3:in `f': boom (Net::OpenError)",
            "thread 'main' panicked at src/main.rs:3:5:",
            "panic: boom",
        ] {
            assert_eq!(found(&format!("starting\n{text}\n")), vec![(2, "names an error")], "{text}");
        }
        for text in [
            "Errors: none of note",
            "errors.md: written",
            "ErrorBoundary: mounted",
            "error",
            "in 'f': (RuntimeError) is raised",
        ] {
            assert_eq!(found(&format!("starting\n{text}\n")), vec![], "{text}");
        }
    }

    #[test]
    fn a_traceback_ends_with_its_reason() {
        let text = "Traceback (most recent call last):\n  File \"/app.py\", line 3, in get\n    ask()\nsocket.gaierror: [Errno -2] Name or service not known\n";
        let survey = survey(&Window::whole(text.as_bytes()), 0, 0, &Explained::default());
        let shown: Vec<_> = survey.strays.iter().map(|(_, stray)| (stray.place.line, stray.text.as_str())).collect();
        assert_eq!(shown, vec![(4, "socket.gaierror: [Errno -2] Name or service not known")]);
    }

    #[test]
    fn redis_says_its_version_as_loud_as_its_errors() {
        let at = "1:M 23 Nov 2026 18:44:13.120 #";
        let text = format!(
            "{at} Redis version=7.0.15, just started\n{at} Server initialized\n{at} WARNING Memory overcommit must be enabled, a save may fail\n{at} Fatal error, it broke\n"
        );
        assert_eq!(found(&text), vec![(4, "logged as an error")]);
    }

    #[test]
    fn errors_are_seen_and_ordinary_lines_are_not() {
        let text = "[2026-01-01 00:00:00] [INFO] no such problem, 0 failed\nlistening\n[2026-01-01 00:00:01] [ERROR] it broke\nlistening again\nFooError: x\nwidget could not turn\n";
        assert_eq!(found(text), vec![(3, "logged as an error"), (5, "names an error"), (6, "speaks of a failure")]);
    }
}
