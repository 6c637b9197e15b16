//! Reads every input once, from its beginning to its end.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::detect::{Collector, Unit, judge_state};
use crate::report::InputFacts;
use crate::rule::RuleSet;
#[cfg(unix)]
use crate::scan::{LARGE, MOST, scan_file};
use crate::scan::{Prefilter, Sink, Totals, Words, scan};
use crate::source::{self, Source};

use super::message::Message;

/// How long a read must last before progress is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// What came out of the inputs.
#[derive(Default)]
pub(super) struct Read {
    pub(super) units: Vec<Unit>,
    pub(super) inputs: Vec<InputFacts>,
    pub(super) records: u64,
    /// Inputs that could not be opened.
    pub(super) failed: Vec<Message>,
}

/// Reads inputs one after the other.
pub(super) struct Reading<'r> {
    rules: &'r RuleSet,
    words: Words,
    threads: usize,
    pub(super) read: Read,
}

/// Reads all inputs in order.
///
/// # Errors
/// When none of them could be opened.
pub(super) fn all(names: &[String], rules: &RuleSet, threads: Option<usize>) -> Result<Read, Message> {
    let mut reading = Reading::new(rules);
    reading.threads = threads.unwrap_or(reading.threads);
    for name in names {
        match source::open(name) {
            Ok(source) => reading.add(source, Vec::new()),
            Err(error) => reading.read.failed.push(Message::new(error.to_string()).help(error.help())),
        }
    }
    let read = reading.read;
    if read.inputs.is_empty() {
        let mut failed = read.failed.into_iter();
        let first = failed.next().unwrap_or_else(|| Message::new("there is nothing to read"));
        return Err(failed.fold(first, |message, other| message.note(other.what)));
    }
    Ok(read)
}

impl<'r> Reading<'r> {
    pub(super) fn new(rules: &'r RuleSet) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            rules,
            words: Words::with_windows(&rules.literals.texts, &rules.literals.windows),
            threads,
            read: Read::default(),
        }
    }

    /// Reads a log; `starts` are the known beginnings of its boots, microseconds since 1970.
    pub(super) fn add(&mut self, mut source: Source, starts: Vec<i64>) {
        let mut collector = Collector::new(self.rules, &self.words, self.read.inputs.len()).with_starts(starts);
        let mut progress = Progress::new(&source);
        let show = &mut |bytes| progress.show(bytes);
        let (totals, outcome) = scan_source(&mut source, &self.words, self.threads, &mut collector, show);
        progress.finish();
        let (units, facts) = collector.finish();
        self.read.records += facts.records;
        self.read.units.extend(units);
        let mut formats: Vec<String> = source.formats.iter().map(|format| (*format).to_owned()).collect();
        if source.kind != source::DOCKER {
            formats.extend(facts.layers.names().map(str::to_owned));
        }
        self.read.inputs.push(InputFacts {
            name: source.name,
            kind: source.kind.to_owned(),
            format: if formats.is_empty() { "plain".to_owned() } else { formats.join("+") },
            bytes: totals.bytes,
            lines: totals.lines,
            first_time: facts.first_time,
            last_time: facts.last_time,
            incomplete: outcome.err().map(|error| reason(&error)),
        });
    }

    /// Judges the state of a container, given as its facts. `log` is the input that holds its log.
    pub(super) fn state(&mut self, name: &str, facts: &str, log: Option<usize>) {
        let source = self.read.inputs.len();
        let boots = self.read.units.iter().filter(|unit| Some(unit.source) == log).flat_map(|unit| unit.boots.last());
        let boot = boots.map(|boot| boot.number).max().unwrap_or(1);
        self.read.units.push(judge_state(self.rules, &self.words, source, facts, boot));
        self.read.inputs.push(InputFacts {
            name: name.to_owned(),
            kind: source::DOCKER.to_owned(),
            format: "state".to_owned(),
            bytes: crate::num::wide(facts.len()),
            lines: crate::num::wide(facts.lines().count()),
            first_time: None,
            last_time: None,
            incomplete: None,
        });
    }
}

/// Scans a large plain file side by side, anything else from its beginning to its end; the sink sees the same.
fn scan_source(
    source: &mut Source,
    prefilter: &dyn Prefilter,
    threads: usize,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(u64),
) -> (Totals, io::Result<()>) {
    #[cfg(unix)]
    if threads > 1
        && let Some(file) = source.file.as_ref().filter(|_| source.size >= Some(LARGE))
    {
        return scan_file(file, threads.min(MOST), prefilter, sink, progress);
    }
    scan(&mut *source.reader, prefilter, sink, progress)
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the compressed data ends too early; what came before was read".to_owned(),
        _ => format!("reading stopped: {error}; what came before was read"),
    }
}
/// A bar on standard error, shown on a terminal when a read lasts longer than [`PATIENCE`].
struct Progress {
    started: Instant,
    bar: Option<ProgressBar>,
    visible: bool,
    name: String,
    size: Option<u64>,
}

impl Progress {
    fn new(source: &Source) -> Self {
        let size = source.size.filter(|_| source.formats.is_empty());
        let visible = io::stderr().is_terminal();
        Self { started: Instant::now(), bar: None, visible, name: source.name.clone(), size }
    }

    fn show(&mut self, bytes: u64) {
        if !self.visible || self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = self.size.map_or_else(ProgressBar::no_length, ProgressBar::new);
            let form = if self.size.is_some() {
                "{msg} {wide_bar} {bytes}/{total_bytes} {eta}"
            } else {
                "{msg} {bytes} {bytes_per_sec}"
            };
            if let Ok(style) = ProgressStyle::with_template(form) {
                bar.set_style(style);
            }
            bar.set_message(crate::report::sanitize::clean(&self.name));
            bar
        });
        bar.set_position(bytes);
    }

    fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
