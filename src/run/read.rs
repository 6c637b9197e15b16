//! Reads every input once, from its beginning to its end.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::bundle::{Keep, Kept, KeptInput, Limits, Tee, What};
use crate::detect::{Collector, SourceFacts, Unit, judge_state};
use crate::report::InputFacts;
use crate::rule::RuleSet;
#[cfg(unix)]
use crate::scan::{LARGE, MOST, scan_file};
use crate::scan::{Prefilter, Sink, Totals, Window, Words, scan, scan_ahead};
use crate::source::{self, Source, SourceError};

use super::beside;
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

/// Reads inputs, and counts what they give in their order.
pub(super) struct Reading<'r> {
    pub(super) rules: &'r RuleSet,
    pub(super) words: Arc<Words>,
    /// At most so many are at work.
    pub(super) threads: usize,
    /// About how many bytes are kept of what was read.
    pub(super) kept: usize,
    pub(super) read: Read,
    /// What is kept of the inputs, when a bundle is to be made of them.
    pub(super) keeping: Option<Keeping>,
}

/// Reads all inputs in order; what a bundle among them holds is read in its place.
///
/// # Errors
/// When none of them could be opened, or a bundle is broken.
pub(super) fn all(names: &[OsString], mut reading: Reading<'_>) -> Result<Gathered, Message> {
    let mut gathered = Gathered::default();
    let mut rest = names;
    loop {
        let before = reading.read.inputs.len();
        let opened;
        (rest, opened) = beside::read(rest, &mut reading);
        (before..reading.read.inputs.len()).for_each(|_| gathered.scene.input_of(None));
        let Some((name, behind)) = rest.split_first() else { break };
        rest = behind;
        match opened.map_or_else(|| source::open(name), Ok) {
            Ok(source) if source.formats.contains(&source::BUNDLE) => {
                repeat::add(source, &mut reading, &mut gathered)?;
            }
            Ok(source) => {
                reading.add(source, Vec::new());
                gathered.scene.input_of(None);
            }
            Err(error) => reading.fail(&error),
        }
    }
    if reading.read.inputs.is_empty() {
        let mut failed = reading.read.failed.into_iter();
        let first = failed.next().unwrap_or_else(|| Message::new("there is nothing to read"));
        return Err(failed.fold(first, |message, other| message.note(other.what)));
    }
    (gathered.read, gathered.kept) = reading.finish();
    gathered.scene.call_inputs(gathered.read.inputs.iter().map(|input| input.name.as_str()));
    Ok(gathered)
}

impl<'r> Reading<'r> {
    pub(super) fn new(rules: &'r RuleSet) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            rules,
            words: Arc::new(Words::with_windows(
                Arc::clone(&rules.literals.texts),
                Arc::clone(&rules.literals.windows),
            )),
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

    /// Begins anew, as if nothing had been read.
    pub(super) fn forget(&mut self) {
        (self.read, self.kept) = (Read::default(), 0);
    }

    /// What was read, and what was kept of it.
    pub(super) fn finish(self) -> (Read, Vec<KeptInput>) {
        (self.read, self.keeping.map(|keeping| keeping.inputs).unwrap_or_default())
    }

    /// Opens and reads a log.
    pub(super) fn add_named(&mut self, name: &OsStr) {
        match source::open(name) {
            Ok(source) => self.add(source, Vec::new()),
            Err(error) => self.fail(&error),
        }
    }

    /// Notes that an input cannot be opened.
    pub(super) fn fail(&mut self, error: &SourceError) {
        self.read.failed.push(Message::new(error.to_string()).help(error.help()));
    }

    /// Reads a log; `starts` are the known beginnings of its boots, microseconds since 1970.
    pub(super) fn add(&mut self, mut source: Source, starts: Vec<i64>) {
        let (mut tee, kept) = self.keeping.as_ref().map(|keeping| keeping.tee(&mut source)).unzip();
        let known = kept.as_ref().map(|_| starts.clone()).unwrap_or_default();
        let mut collector =
            Collector::new(self.rules, &self.words, self.read.inputs.len()).with_starts(starts).with_kept(self.kept);
        let mut progress = Progress::new(&source);
        let show = &mut |bytes| progress.show(bytes);
        let outcome = match tee.as_mut().zip(kept.as_deref()) {
            Some((tee, keep)) => scan(tee, &*self.words, &mut Noting { collector: &mut collector, keep }, show),
            None => scan_source(&mut source, &*self.words, self.threads, &mut collector, show),
        };
        progress.finish();
        if let Some((keeping, kept)) = self.keeping.as_mut().zip(kept) {
            keeping.add(kept.replace(Keep::new(Limits::of(0))).finish(), known);
        }
        self.take(Done::new(source, collector, outcome));
    }

    /// Whether what was read as input of this number is what it is in its turn.
    pub(super) fn may_take(&self, number: usize, done: &Done) -> bool {
        number == self.read.inputs.len() && done.facts.kept.behind_others(self.kept).is_some()
    }

    /// Counts the next input with those before it.
    pub(super) fn take(&mut self, done: Done) {
        let Done { source, units, facts, totals, outcome } = done;
        self.kept = facts.kept.behind_others(self.kept).unwrap_or(facts.kept).used();
        self.read.records += facts.records;
        self.read.units.extend(units);
        let mut formats: Vec<String> = source.formats.iter().map(|format| (*format).to_owned()).collect();
        if source.kind != source::DOCKER {
            formats.extend(facts.layers.names().map(str::to_owned));
        }
        let shrunk = shrunk(&source, totals.bytes);
        self.read.inputs.push(InputFacts {
            name: source.name,
            kind: source.kind.to_owned(),
            format: if formats.is_empty() { "plain".to_owned() } else { formats.join("+") },
            bytes: totals.bytes,
            lines: totals.lines,
            first_time: facts.first_time,
            last_time: facts.last_time,
            incomplete: outcome.err().map(|error| reason(&error)).or(shrunk).or_else(|| crowded(facts.refused)),
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

/// That a file became shorter while it was read, as a rotation by `copytruncate` makes it: what was cut off was not seen.
fn shrunk(source: &Source, read: u64) -> Option<String> {
    /// The mark at the beginning of a UTF-8 file, which is not read.
    const MARK: u64 = 3;
    let size = source.size.filter(|_| source.formats.is_empty())?;
    (read + MARK < size)
        .then(|| format!("the file was cut while it was read: it had {size} bytes, of which {read} were read"))
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
    fn tee(&self, source: &mut Source) -> (Tee, Rc<RefCell<Keep>>) {
        let room = (KEPT.1.saturating_sub(self.used) / 2).clamp(LEAST, KEPT.0);
        let reader = std::mem::replace(&mut source.reader, Box::new(io::empty()));
        Tee::around(reader, Limits::of(room))
    }

    fn add(&mut self, kept: Kept, starts: Vec<i64>) {
        self.used += kept.size();
        self.inputs.push(KeptInput { kept, starts, ..KeptInput::default() });
    }
}

/// Hands hits on, and says to what is kept of the log where they are.
struct Noting<'a, 'c> {
    collector: &'a mut Collector<'c>,
    keep: &'a RefCell<Keep>,
}

impl Sink for Noting<'_, '_> {
    fn hit(&mut self, window: &Window<'_>, at: usize, _: usize) -> usize {
        // What is kept must be told of every line.
        self.keep.borrow_mut().note(window, at);
        self.collector.hit(window, at, at)
    }

    fn pass(&mut self, window: &Window<'_>) {
        self.collector.pass(window);
    }

    fn begin(&mut self, window: &Window<'_>) {
        self.collector.begin(window);
    }

    fn end(&mut self, window: &Window<'_>) {
        self.collector.end(window);
    }
}

/// What one input gives by itself.
pub(super) struct Done {
    /// Read to its end.
    source: Source,
    units: Vec<Unit>,
    pub(super) facts: SourceFacts,
    totals: Totals,
    outcome: io::Result<()>,
}

impl Done {
    pub(super) fn new(source: Source, collector: Collector<'_>, (totals, outcome): (Totals, io::Result<()>)) -> Self {
        let (units, facts) = collector.finish();
        let source = Source { reader: Box::new(io::empty()), file: None, ..source };
        Self { source, units, facts, totals, outcome }
    }
}

/// Whether several threads scan an input side by side, where there are several.
#[cfg(unix)]
pub(super) fn is_large(source: &Source) -> bool {
    source.file.is_some() && source.size >= Some(LARGE)
}

/// Files are read at any place on Unix only.
#[cfg(not(unix))]
pub(super) const fn is_large(_: &Source) -> bool {
    false
}

/// Scans a large plain file by ranges, anything else from its beginning to its end, read by another thread where that pays; the sink sees
/// the same.
fn scan_source(
    source: &mut Source,
    prefilter: &dyn Prefilter,
    threads: usize,
    sink: &mut (dyn Sink + Send),
    progress: &mut (dyn FnMut(u64) + Send),
) -> (Totals, io::Result<()>) {
    #[cfg(unix)]
    if is_large(source)
        && let Some(file) = &source.file
    {
        return scan_file(file, threads.min(MOST), prefilter, sink, progress);
    }
    if threads > 1 && is_worth_a_thread(source) {
        return scan_ahead(&mut *source.reader, prefilter, sink, progress);
    }
    scan(&mut *source.reader, prefilter, sink, progress)
}

/// Whether a thread of its own for reading pays: where there is something to decode, and where files are read. At the other end of a plain pipe
/// somebody works already, who needs the other processor.
fn is_worth_a_thread(source: &Source) -> bool {
    let decoded = source.kind != source::DOCKER && !source.formats.is_empty();
    source.file.is_none() && (decoded || source.size.is_some())
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
pub(super) struct Progress {
    started: Instant,
    bar: Option<ProgressBar>,
    visible: bool,
    name: String,
    size: Option<u64>,
}

impl Progress {
    pub(super) fn new(source: &Source) -> Self {
        let size = source.size.filter(|_| source.formats.is_empty());
        let visible = io::stderr().is_terminal();
        Self { started: Instant::now(), bar: None, visible, name: source.name.clone(), size }
    }

    pub(super) fn show(&mut self, bytes: u64) {
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

    pub(super) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
