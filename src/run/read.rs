//! Reads every input once, from its beginning to its end.

use std::cell::RefCell;
use std::io::{self, IsTerminal};
use std::rc::Rc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::bundle::{Keep, Kept, KeptInput, Limits, Tee, What};
use crate::detect::{Collector, Unit, judge_state};
use crate::report::InputFacts;
use crate::rule::RuleSet;
#[cfg(unix)]
use crate::scan::{LARGE, MOST, scan_file};
use crate::scan::{Prefilter, Sink, Totals, Window, Words, scan};
use crate::source::{self, Source};

use super::docker::Gathered;
use super::message::Message;
use super::repeat;

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
    pub(super) rules: &'r RuleSet,
    words: Words,
    threads: usize,
    /// About how many bytes are kept of what was read.
    kept: usize,
    pub(super) read: Read,
    /// What is kept of the inputs, when a bundle is to be made of them.
    pub(super) keeping: Option<Keeping>,
}

/// Reads all inputs in order; what a bundle among them holds is read in its place.
///
/// # Errors
/// When none of them could be opened, or a bundle is broken.
pub(super) fn all(names: &[String], mut reading: Reading<'_>) -> Result<Gathered, Message> {
    let mut gathered = Gathered::default();
    for name in names {
        match source::open(name) {
            Ok(source) if source.formats.contains(&source::BUNDLE) => {
                repeat::add(source, &mut reading, &mut gathered)?;
            }
            Ok(source) => {
                reading.add(source, Vec::new());
                gathered.scene.input_of(None);
            }
            Err(error) => reading.read.failed.push(Message::new(error.to_string()).help(error.help())),
        }
    }
    if reading.read.inputs.is_empty() {
        let mut failed = reading.read.failed.into_iter();
        let first = failed.next().unwrap_or_else(|| Message::new("there is nothing to read"));
        return Err(failed.fold(first, |message, other| message.note(other.what)));
    }
    (gathered.read, gathered.kept) = reading.finish();
    Ok(gathered)
}

impl<'r> Reading<'r> {
    pub(super) fn new(rules: &'r RuleSet) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            rules,
            words: Words::with_windows(&rules.literals.texts, &rules.literals.windows),
            threads,
            kept: 0,
            read: Read::default(),
            keeping: None,
        }
    }

    /// The same with this many threads.
    pub(super) fn with_threads(self, threads: Option<usize>) -> Self {
        Self { threads: threads.unwrap_or(self.threads), ..self }
    }

    /// The same, keeping of each input what goes into a bundle.
    pub(super) fn keeping(self) -> Self {
        Self { keeping: Some(Keeping::default()), ..self }
    }

    /// What was read, and what was kept of it.
    pub(super) fn finish(self) -> (Read, Vec<KeptInput>) {
        (self.read, self.keeping.map(|keeping| keeping.inputs).unwrap_or_default())
    }

    /// Reads a log; `starts` are the known beginnings of its boots, microseconds since 1970.
    pub(super) fn add(&mut self, mut source: Source, starts: Vec<i64>) {
        let kept = self.keeping.as_ref().map(|keeping| keeping.tee(&mut source));
        let known = kept.as_ref().map(|_| starts.clone()).unwrap_or_default();
        let mut collector =
            Collector::new(self.rules, &self.words, self.read.inputs.len()).with_starts(starts).with_kept(self.kept);
        let mut progress = Progress::new(&source);
        let show = &mut |bytes| progress.show(bytes);
        let mut noting = Noting { collector: &mut collector, keep: kept.as_deref() };
        let (totals, outcome) = scan_source(&mut source, &self.words, self.threads, &mut noting, show);
        progress.finish();
        if let Some((keeping, kept)) = self.keeping.as_mut().zip(kept) {
            keeping.add(kept.replace(Keep::new(Limits::of(0))).finish(), known);
        }
        let (units, facts) = collector.finish();
        self.kept = facts.kept;
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
            incomplete: outcome.err().map(|error| reason(&error)).or_else(|| crowded(facts.refused)),
        });
    }

    /// Judges the state of a container, given as its facts. `log` is the input that holds its log.
    pub(super) fn state(&mut self, name: &str, facts: &str, log: Option<usize>) {
        let source = self.read.inputs.len();
        let boots = self.read.units.iter().filter(|unit| Some(unit.source) == log).flat_map(|unit| unit.boots.last());
        let boot = boots.map(|boot| boot.number).max().unwrap_or(1);
        self.read.units.push(judge_state(self.rules, &self.words, source, facts, boot));
        if let Some(keeping) = &mut self.keeping {
            keeping.inputs.push(KeptInput { what: What::State, log, ..KeptInput::default() });
        }
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

/// Most that is kept of one log, and of all of them.
const KEPT: (usize, usize) = (4 * 1024 * 1024, 8 * 1024 * 1024);
/// What is kept of a log in any case.
const LEAST: usize = 64 * 1024;

/// What is kept of the inputs. Each log gets half of the room that those before it have left.
#[derive(Default)]
pub(super) struct Keeping {
    inputs: Vec<KeptInput>,
    used: usize,
}

impl Keeping {
    /// Lets what is read pass by, in the order in which it is read.
    fn tee(&self, source: &mut Source) -> Rc<RefCell<Keep>> {
        let room = (KEPT.1.saturating_sub(self.used) / 2).clamp(LEAST, KEPT.0);
        let reader = std::mem::replace(&mut source.reader, Box::new(io::empty()));
        let (tee, keep) = Tee::around(reader, Limits::of(room));
        source.reader = Box::new(tee);
        source.file = None;
        keep
    }

    fn add(&mut self, kept: Kept, starts: Vec<i64>) {
        self.used += kept.size();
        self.inputs.push(KeptInput { kept, starts, ..KeptInput::default() });
    }
}

/// Hands hits on, and says to what is kept of the log where they are.
struct Noting<'a, 'c> {
    collector: &'a mut Collector<'c>,
    keep: Option<&'a RefCell<Keep>>,
}

impl Sink for Noting<'_, '_> {
    fn hit(&mut self, window: &Window<'_>, at: usize, limit: usize) -> usize {
        // What is kept must be told of every line.
        let Some(keep) = self.keep else { return self.collector.hit(window, at, limit) };
        keep.borrow_mut().note(window, at);
        self.collector.hit(window, at, at)
    }

    fn begin(&mut self, window: &Window<'_>) {
        self.collector.begin(window);
    }

    fn end(&mut self, window: &Window<'_>) {
        self.collector.end(window);
    }
}

/// Scans a large plain file by ranges, anything else from its beginning to its end; the sink sees the same.
fn scan_source(
    source: &mut Source,
    prefilter: &dyn Prefilter,
    threads: usize,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(u64),
) -> (Totals, io::Result<()>) {
    #[cfg(unix)]
    if let Some(file) = source.file.as_ref().filter(|_| source.size >= Some(LARGE)) {
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

/// What was left out of a log that names more services, boots and kinds of findings than there is room for.
fn crowded(refused: u64) -> Option<String> {
    let what = "services, boots and findings than are kept";
    (refused > 0).then(|| format!("it names more {what}: {refused} lines with findings of further kinds were left out"))
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
