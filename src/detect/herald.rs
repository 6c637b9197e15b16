//! The first line of a program, which it says once in its life: where the same words stand again, it began anew.
//!
//! Most programs that no profile knows say first that they start, and which version they are. A log that begins in the midst of a life has
//! another first line: one that tells of a start, and of nothing that a running process does again and again, is believed. So is nothing that
//! came again before anything had failed, as several processes of one program say it.

use memchr::memmem::Finder;

use crate::num::{narrow, wide};
use crate::record::{Level, Line, peel};
use crate::scan::Window;

use super::answers::is_answer;
use super::stray::troubled;

/// How much of an input's beginning is gone through for the first lines of its units.
const HEAD: usize = 64 * 1024;
const LINES: usize = 256;
/// Most units whose first line is known.
const MOST: usize = 16;
/// How far before a hit the words are looked for. So much stands in every window.
const NEAR: usize = 32 * 1024;
const NEAR_LINES: usize = 200;
/// How far behind the first fault of a life the next one may begin: what goes on for longer does not end of it.
const FAR: u64 = 2 << 20;
/// Lengths of a first line, and of the part of it that is looked for.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=240;
const PIECE: usize = 6;

/// Who tells of others' lives.
pub(super) const MANAGERS: [&str; 4] = ["systemd", "kernel", "dockerd", "containerd"];
/// Words for a start.
const START: [&str; 8] =
    ["starting", "start", "booting", "launching", "initializing", "initialising", "startup", "bootstrapping"];
/// Words for what a process does again and again.
const PERIODIC: [&str; 55] = [
    "attempt",
    "backup",
    "batch",
    "build",
    "call",
    "check",
    "cleanup",
    "collection",
    "compaction",
    "connection",
    "crawl",
    "cron",
    "cycle",
    "download",
    "election",
    "event",
    "export",
    "fetch",
    "flush",
    "heartbeat",
    "import",
    "index",
    "iteration",
    "job",
    "loop",
    "message",
    "migration",
    "migrations",
    "pass",
    "phase",
    "poll",
    "probe",
    "query",
    "refresh",
    "reload",
    "replication",
    "request",
    "restart",
    "retry",
    "rotation",
    "round",
    "run",
    "scan",
    "schedule",
    "session",
    "snapshot",
    "step",
    "sync",
    "task",
    "test",
    "tests",
    "thread",
    "transaction",
    "update",
    "upload",
];

/// The first line of a unit.
#[derive(Debug)]
struct Herald {
    unit: Option<String>,
    /// What it says, without numbers that may be others.
    said: String,
    /// What is looked for.
    piece: Finder<'static>,
    /// Offset behind it.
    end: u64,
    /// A further life began.
    again: bool,
    /// Where the first fault of this life is, or where it began with this line.
    fault: Option<u64>,
    /// It came again before anything had failed.
    common: bool,
    /// This life goes on for too long.
    spent: bool,
}

/// The first lines of an input's units.
#[derive(Debug, Default)]
pub(super) struct Heralds {
    all: Vec<Herald>,
    /// Something failed in a life of one of them.
    armed: bool,
    /// Up to where they were looked for.
    done: u64,
}

impl Heralds {
    /// Reads them off the first bytes of an input.
    pub(super) fn learn(&mut self, window: &Window<'_>) {
        let mut known: Vec<Option<String>> = Vec::new();
        let mut from = 0;
        for _ in 0..LINES {
            let end = window.next_line(from);
            let Some(raw) = window.bytes.get(from..end).filter(|raw| !raw.is_empty() && end <= HEAD) else { return };
            let line = peel(raw.trim_ascii_end());
            let unit = line.unit.as_ref().map(|unit| unit.clone().into_owned());
            from = end;
            if line.text.trim().is_empty() || known.contains(&unit) {
                continue;
            }
            if let Some((said, piece)) = Some(&line).filter(|line| is_herald(line)).and_then(|line| telling(&line.text))
            {
                let piece = Finder::new(&piece).into_owned();
                self.all.push(Herald {
                    unit: unit.clone(),
                    said,
                    piece,
                    end: wide(end),
                    again: false,
                    fault: None,
                    common: false,
                    spent: false,
                });
            }
            // Of an input without names the first line is the only one.
            if unit.is_none() || known.len() >= MOST {
                return;
            }
            known.push(unit);
        }
    }

    /// A clause knows what a unit says at this offset: where that is its first line, the profiles know better what it tells.
    pub(super) fn known(&mut self, unit: Option<&str>, hit: u64) {
        let own = |herald: &Herald| herald.end > hit && !herald.again && herald.unit.as_deref() == unit;
        if hit < wide(HEAD) {
            self.all.retain(|herald| !own(herald));
        }
    }

    /// A fault was met at byte `at` of the window by a unit.
    pub(super) fn fault(&mut self, window: &Window<'_>, unit: Option<&str>, at: usize) {
        let Some(herald) = self.all.iter_mut().find(|herald| herald.unit.as_deref() == unit) else { return };
        if herald.common || herald.spent || herald.fault.is_some() {
            return;
        }
        let from = narrow(herald.end.saturating_sub(window.base)).max(at.saturating_sub(NEAR));
        let mut before = herald.places(window, from, at).into_iter();
        herald.common = !herald.again && before.any(|before| newlines(window, before, at) <= NEAR_LINES);
        if !herald.common {
            herald.fault = Some(window.base + wide(at));
            self.armed = true;
        }
    }

    /// A new life of a unit began.
    pub(super) fn begun(&mut self, unit: Option<&str>) {
        let own = |herald: &&mut Herald| herald.unit.as_deref() == unit;
        for herald in self.all.iter_mut().filter(own) {
            (herald.again, herald.fault, herald.spent) = (true, None, false);
        }
        self.armed = self.all.iter().any(|herald| herald.fault.is_some());
    }

    /// A life began with the first line, at this offset: the next one may begin before anything fails.
    pub(super) fn watch(&mut self, unit: Option<&str>, at: u64) {
        let own = |herald: &&mut Herald| herald.unit.as_deref() == unit;
        self.all.iter_mut().filter(own).for_each(|herald| herald.fault = Some(at));
        self.armed = true;
    }

    /// Whether it is worth while to look for them.
    pub(super) const fn is_armed(&self) -> bool {
        self.armed
    }

    /// The units whose first line came again in the lines before byte `to` of the window, and where it stands, since the last time that somebody
    /// asked; only near the end of these, unless the `whole` is to be looked through.
    pub(super) fn again(&mut self, window: &Window<'_>, to: usize, whole: bool) -> Vec<(Option<String>, usize)> {
        let done = narrow(self.done.saturating_sub(window.base));
        let from = if whole { done } else { done.max(to.saturating_sub(NEAR)) };
        let mut found = Vec::new();
        for herald in &mut self.all {
            let Some(fault) = herald.fault else { continue };
            let from = from.max(narrow(fault.saturating_sub(window.base)));
            if window.base + wide(to) > fault + FAR {
                (herald.fault, herald.spent) = (None, true);
                continue;
            }
            let near = |at: &usize| whole || newlines(window, *at, to) <= NEAR_LINES;
            found.extend(herald.places(window, from, to).into_iter().filter(near).map(|at| (herald.unit.clone(), at)));
        }
        self.done = window.base + wide(to);
        self.armed = self.all.iter().any(|herald| herald.fault.is_some());
        found
    }
}

impl Herald {
    /// Where the line stands between two bytes of the window.
    fn places(&self, window: &Window<'_>, from: usize, to: usize) -> Vec<usize> {
        let part = window.bytes.get(from..to).unwrap_or_default();
        let place = |at: usize| {
            let start = memchr::memrchr(b'\n', part.get(..at)?).map_or(0, |newline| newline + 1);
            let end = memchr::memchr(b'\n', part.get(at..)?).map_or(part.len(), |newline| at + newline);
            let line = peel(part.get(start..end)?.trim_ascii_end());
            let own = line.unit.as_deref() == self.unit.as_deref() && line.lane.is_none();
            let same = own && telling(&line.text).is_some_and(|(said, _)| said == self.said);
            same.then_some(from + start)
        };
        let mut places: Vec<usize> = self.piece.find_iter(part).filter_map(place).collect();
        // The words may stand twice in the line.
        places.dedup();
        places
    }
}

fn newlines(window: &Window<'_>, from: usize, to: usize) -> usize {
    window.bytes.get(from..to).map_or(0, |part| memchr::memchr_iter(b'\n', part).count())
}

/// Whether a program says with a line that it starts, and nothing that it may say again later.
fn is_herald(line: &Line<'_>) -> bool {
    let text = &*line.text;
    let plain = line.level <= Some(Level::Info) && line.lane.is_none() && !troubled(text) && !is_answer(text);
    let manager = line.unit.as_ref().is_some_and(|unit| MANAGERS.contains(&&**unit));
    if !plain || manager || !LENGTHS.contains(&text.len()) {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let words = || lower.split(|c: char| !c.is_alphanumeric());
    words().any(|word| START.contains(&word)) && !words().any(|word| PERIODIC.contains(&word))
}

/// What a line says without its versions, addresses and times, and the longest part between two of them.
fn telling(text: &str) -> Option<(String, String)> {
    if !LENGTHS.contains(&text.len()) {
        return None;
    }
    let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ':' | '/' | '-');
    let (mut said, mut piece, mut rest) = (String::with_capacity(text.len()), "", text);
    while !rest.is_empty() {
        let length = rest.find(|c: char| !number(c)).unwrap_or(rest.len());
        let (run, behind) = rest.split_at_checked(length)?;
        let changes = run.contains(|c: char| c.is_ascii_digit())
            && run.trim_matches(['.', ':', '/', '-']).contains(['.', ':', '/', '-']);
        said.push_str(if changes { "\0" } else { run });
        let length = behind.find(number).unwrap_or(behind.len());
        let (words, behind) = behind.split_at_checked(length)?;
        said.push_str(words);
        piece = if words.len() > piece.len() { words } else { piece };
        rest = behind;
    }
    let piece = piece.trim();
    (piece.len() >= PIECE).then(|| (said, piece.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(log: &str, fault: &str) -> Vec<(Option<String>, u64)> {
        let window = Window::whole(log.as_bytes());
        let mut heralds = Heralds::default();
        heralds.learn(&window);
        let at = log.lines().take_while(|line| !line.ends_with(fault)).map(|line| line.len() + 1).sum();
        let unit = peel(log.get(at..).unwrap().lines().next().unwrap_or_default().as_bytes()).unit;
        heralds.fault(&window, unit.as_deref(), at);
        heralds.again(&window, log.len(), true).into_iter().map(|(unit, at)| (unit, window.line(at))).collect()
    }

    #[test]
    fn the_first_line_comes_again_where_the_program_begins_anew() {
        for (first, second) in [
            ("shop-api 3.1.0 starting", "shop-api 3.1.1 starting"),
            (
                "2026-11-27T22:14:03.370000418Z worker 1.4 starting",
                "2026-11-27T22:15:03.370000418Z worker 1.4 starting",
            ),
            ("2026/11/27 22:14:03 catalog v1.9.2 starting", "2026/11/27 22:19:03 catalog v1.9.2 starting"),
            ("INFO Booting the ledger", "INFO Booting the ledger"),
        ] {
            let log = format!("{first}\nfault\n{second}\n");
            assert_eq!(again(&log, "fault"), [(None, 3)], "{first}");
        }
        let log = "api-1  | ledger starting\ndb-1   | a server starting\napi-1  | fault\ndb-1   | a server starting\napi-1  | ledger starting\n";
        assert_eq!(again(log, "fault"), [(Some("api-1".to_owned()), 5)]);
    }

    #[test]
    fn what_a_running_process_says_again_begins_nothing() {
        for first in [
            "GET /healthz 200 1ms",
            "================",
            "Starting job nightly",
            "Error: cannot find it while starting",
            "[WARN] starting without a cache",
            "[0] shop-api starting",
            "connected to the queue",
        ] {
            let log = format!("{first}\nfault\n{first}\nmore\n");
            assert_eq!(again(&log, "fault"), [], "{first}");
        }
        assert_eq!(again("worker 1 starting\nfault\nworker 2 starting\n", "fault"), [], "another worker");
        let cluster = "ledger starting\nledger starting\nfault\nledger starting\n";
        assert_eq!(again(cluster, "fault"), [], "several processes of one program");
        assert_eq!(
            again(
                "api-1  | ledger starting\nweb-1  | ledger starting\napi-1  | fault\nweb-1  | ledger starting\n",
                "fault"
            ),
            []
        );
    }
}
