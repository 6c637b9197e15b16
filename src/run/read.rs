//! Reads every input once, from its beginning to its end.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::detect::{Collector, Unit};
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
pub(super) struct Read {
    pub(super) units: Vec<Unit>,
    pub(super) inputs: Vec<InputFacts>,
    pub(super) records: u64,
    /// Inputs that could not be opened.
    pub(super) failed: Vec<Message>,
}

/// Reads all inputs in order.
///
/// # Errors
/// When none of them could be opened.
pub(super) fn all(names: &[String], rules: &RuleSet, threads: Option<usize>) -> Result<Read, Message> {
    let words = Words::new(&rules.literals.texts);
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let mut read = Read { units: Vec::new(), inputs: Vec::new(), records: 0, failed: Vec::new() };
    for name in names {
        match source::open(name) {
            Ok(source) => one(source, rules, &words, threads, &mut read),
            Err(error) => read.failed.push(Message::new(error.to_string()).help(error.help())),
        }
    }
    if read.inputs.is_empty() {
        let mut failed = read.failed.into_iter();
        let first = failed.next().unwrap_or_else(|| Message::new("there is nothing to read"));
        return Err(failed.fold(first, |message, other| message.note(other.what)));
    }
    Ok(read)
}

fn one(mut source: Source, rules: &RuleSet, words: &Words, threads: usize, read: &mut Read) {
    let mut collector = Collector::new(rules, words, read.inputs.len());
    let mut progress = Progress::new(&source);
    let (totals, outcome) = whole(&mut source, words, threads, &mut collector, &mut |bytes| progress.show(bytes));
    progress.finish();
    let (units, facts) = collector.finish();
    read.records += facts.records;
    read.units.extend(units);
    let mut formats: Vec<String> = source.formats.iter().map(|format| (*format).to_owned()).collect();
    formats.extend(facts.layers.names().map(str::to_owned));
    read.inputs.push(InputFacts {
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

/// Scans a large plain file side by side, anything else from its beginning to its end; the sink sees the same.
fn whole(
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
