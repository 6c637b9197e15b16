//! Several files at a time: threads read those whose turn comes next, and what they give is taken in the order of the names.
//!
//! What a file leaves depends on those before it by two numbers only: how many inputs they are, which is known as soon as they are opened, and
//! how much is kept of them. The latter is believed to be what it is when the reading begins; where that made a difference, the file is read
//! again in its turn (`detect::Allowance::behind_others`).

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder};

use crate::detect::Collector;
use crate::rule::RuleSet;
use crate::scan::{Sink, Window, Words, scan};
use crate::source::{self, Source, SourceError};

use super::read::{Done, Progress, Reading, is_large};

/// Files that have less together are read before another thread has begun, in bytes.
const WORTH: u64 = 256 << 10;
/// Files read at a time: each takes a window of its own, and what a reader remembers.
const READERS: usize = 2;
/// Files whose turn is this far away are not opened yet.
const AHEAD: usize = 32;
/// So much is kept of a file before its turn, in bytes; then its reading waits.
const KEPT: usize = 512 << 10;
/// While so much is kept of files that were read and whose turn has not come, no further one is begun, in bytes.
const WAITING: usize = 1 << 20;

/// Reads as many of the first names as can be read beside each other. Gives those that are left; the first of them is to be read in its turn, and
/// may be open already.
pub(super) fn read<'n>(names: &'n [OsString], reading: &mut Reading<'_>) -> (&'n [OsString], Option<Source>) {
    let readers = reading.threads.min(READERS).min(names.len());
    if readers < 2 || reading.keeping.is_some() || !is_worth_it(names) {
        return (names, None);
    }
    let words = Arc::clone(&reading.words);
    let first = State { number: reading.read.inputs.len(), kept: reading.kept, ..State::default() };
    let desk = Desk {
        names,
        rules: reading.rules,
        words: &words,
        state: Mutex::new(first),
        moved: Condvar::new(),
        turn: AtomicUsize::new(0),
    };
    let (taken, opened) = thread::scope(|scope| {
        let _leaving = Leaving(&desk);
        let begin = |_: &usize| Builder::new().spawn_scoped(scope, || desk.work()).is_ok();
        // The system may give no thread, or fewer.
        if (0..readers).filter(begin).count() == 0 { (0, None) } else { desk.take(reading) }
    });
    (names.get(taken..).unwrap_or_default(), opened)
}

/// Whether there is more than one file, and enough in them.
fn is_worth_it(names: &[OsString]) -> bool {
    let (mut files, mut bytes) = (0, 0_u64);
    for name in names.iter().take(AHEAD).take_while(|name| can_be_opened_early(name)) {
        let size = fs::metadata(name).map_or(0, |meta| meta.len());
        files += usize::from(size > 0);
        bytes = bytes.saturating_add(size);
        if files > 1 && bytes >= WORTH {
            return true;
        }
    }
    false
}

/// Standard input and pipes are opened in their turn: what is read there is gone.
fn can_be_opened_early(name: &OsStr) -> bool {
    name != "-" && fs::metadata(name).map_or(true, |meta| meta.is_file() || meta.is_dir())
}

/// What became of a name.
enum Outcome {
    /// It was read as input of this number.
    Read(usize, Box<Done>),
    Failed(SourceError),
    /// It is read in its turn, alone.
    Turn(Option<Source>),
}

/// What readers and the one who takes have in common.
struct Desk<'d> {
    names: &'d [OsString],
    rules: &'d RuleSet,
    words: &'d Words,
    state: Mutex<State>,
    /// Told of every change of the state and of `turn`.
    moved: Condvar,
    /// Index of the name whose outcome is taken next.
    turn: AtomicUsize,
}

#[derive(Default)]
struct State {
    /// Index of the name that is opened next.
    next: usize,
    /// The number its input gets.
    number: usize,
    /// About how many bytes are kept of all inputs that were taken.
    kept: usize,
    /// No further file is begun.
    barred: bool,
    /// Nobody takes any more.
    left: bool,
    /// A reader has broken off.
    broken: bool,
    /// What waits to be taken.
    outcomes: BTreeMap<usize, Outcome>,
}

impl State {
    fn waiting(&self) -> usize {
        let own = |outcome: &Outcome| if let Outcome::Read(_, done) = outcome { done.facts.kept.own() } else { 0 };
        self.outcomes.values().map(own).sum()
    }
}

/// A file that somebody reads.
struct Task {
    index: usize,
    number: usize,
    kept: usize,
    source: Source,
}

impl Desk<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something is so.
    fn wait<'s>(&self, state: MutexGuard<'s, State>, holds: impl Fn(&State) -> bool) -> MutexGuard<'s, State> {
        self.moved.wait_while(state, |state| !holds(state)).unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> usize {
        self.turn.load(Ordering::Relaxed)
    }

    /// Reads one file after the other.
    fn work(&self) {
        let _breaking = Breaking(self);
        while let Some(task) = self.claim() {
            let index = task.index;
            let outcome = self.outcome(task);
            self.lock().outcomes.insert(index, outcome);
            self.moved.notify_all();
        }
    }

    /// Opens the next file that is read beside others. Numbers are given in the order of the names, so nobody else opens one meanwhile.
    fn claim(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            state = self.wait(state, |state| {
                let near = state.next < self.turn() + AHEAD && state.waiting() < WAITING;
                near || state.next <= self.turn() || state.barred || state.left
            });
            let name = self.names.get(state.next).filter(|_| !state.barred && !state.left)?;
            let index = state.next;
            state.next += 1;
            let outcome = match opened(name) {
                Ok(Some(source)) if !alone(&source) => {
                    let (number, kept) = (state.number, state.kept);
                    state.number += 1;
                    return Some(Task { index, number, kept, source });
                }
                Ok(source) => {
                    state.barred = true;
                    Outcome::Turn(source)
                }
                Err(error) => Outcome::Failed(error),
            };
            state.outcomes.insert(index, outcome);
            self.moved.notify_all();
        }
    }

    /// Reads a file, and from its beginning again when its turn has come and another number of bytes is kept than was believed.
    fn outcome(&self, mut task: Task) -> Outcome {
        let (index, number) = (task.index, task.number);
        loop {
            if let Some(done) = self.read(task) {
                return Outcome::Read(number, Box::new(done));
            }
            let kept = self.lock().kept;
            // It is open, so it has a name.
            match source::open(self.names.get(index).map_or(OsStr::new(""), OsString::as_os_str)) {
                Ok(source) => task = Task { index, number, kept, source },
                Err(error) => return Outcome::Failed(error),
            }
        }
    }

    /// None if it was given up.
    fn read(&self, task: Task) -> Option<Done> {
        let Task { index, number, kept, mut source } = task;
        let mut collector = Collector::new(self.rules, self.words, number).with_kept(kept);
        let given_up = Cell::new(false);
        let mut progress = Progress::new(&source);
        // One bar at a time.
        let show = &mut |bytes| {
            if self.turn() == index {
                progress.show(bytes);
            }
        };
        let mut sink = Patient { collector: &mut collector, desk: self, index, its_turn: false, given_up: &given_up };
        let mut reader = Stopped { reader: &mut *source.reader, given_up: &given_up };
        let outcome = scan(&mut reader, self.words, &mut sink, show);
        progress.finish();
        (!given_up.get()).then(|| Done::new(source, collector, outcome))
    }

    /// Takes what was read, in order. Gives how many names are done with, and the next one's source where it is open.
    fn take(&self, reading: &mut Reading<'_>) -> (usize, Option<Source>) {
        for (index, name) in self.names.iter().enumerate() {
            let mut state = self.wait(self.lock(), |state| state.broken || state.outcomes.contains_key(&index));
            let outcome = state.outcomes.remove(&index);
            drop(state);
            match outcome {
                Some(Outcome::Read(number, done)) if reading.may_take(number, &done) => reading.take(*done),
                Some(Outcome::Read(..)) => reading.add_named(name),
                Some(Outcome::Failed(error)) => reading.fail(&error),
                Some(Outcome::Turn(source)) => return (index, source),
                // The scope hands its panic on.
                None => return (index, None),
            }
            self.next_turn(index + 1, reading.kept);
        }
        (self.names.len(), None)
    }

    fn next_turn(&self, turn: usize, kept: usize) {
        let mut state = self.lock();
        state.kept = kept;
        // Whoever waits looks at it while it has the state.
        self.turn.store(turn, Ordering::Relaxed);
        drop(state);
        self.moved.notify_all();
    }

    /// Waits for the turn of a file. Gives what is kept of those before it.
    fn await_turn(&self, index: usize) -> usize {
        self.wait(self.lock(), |state| self.turn() == index || state.left).kept
    }
}

/// A file's source, unless it must not be opened before its turn.
fn opened(name: &OsStr) -> Result<Option<Source>, SourceError> {
    if can_be_opened_early(name) { source::open(name).map(Some) } else { Ok(None) }
}

/// Whether an input is not read beside others: a bundle holds inputs of its own, and a large plain file keeps all processors busy by itself.
fn alone(source: &Source) -> bool {
    source.formats.contains(&source::BUNDLE) || is_large(source)
}

/// Tells the readers that nobody takes any more.
struct Leaving<'l, 'd>(&'l Desk<'d>);

impl Drop for Leaving<'_, '_> {
    fn drop(&mut self) {
        self.0.lock().left = true;
        self.0.moved.notify_all();
    }
}

/// Tells who waits that a reader has broken off.
struct Breaking<'b, 'd>(&'b Desk<'d>);

impl Drop for Breaking<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().broken = true;
            self.0.moved.notify_all();
        }
    }
}

/// Hands hits on until much is kept, and then waits for the file's turn; gives up where what was believed until then made a difference.
struct Patient<'p, 'c, 'd> {
    collector: &'p mut Collector<'c>,
    desk: &'p Desk<'d>,
    index: usize,
    its_turn: bool,
    given_up: &'p Cell<bool>,
}

impl Sink for Patient<'_, '_, '_> {
    fn hit(&mut self, window: &Window<'_>, at: usize, limit: usize) -> usize {
        if self.given_up.get() {
            return window.bytes.len();
        }
        let behind = self.collector.hit(window, at, limit);
        if !self.its_turn && self.collector.kept() > KEPT {
            self.its_turn = true;
            let kept = self.desk.await_turn(self.index);
            self.given_up.set(!self.collector.go_on_with_kept(kept));
        }
        behind
    }

    fn pass(&mut self, window: &Window<'_>) {
        self.collector.pass(window);
    }

    fn begin(&mut self, window: &Window<'_>) {
        self.collector.begin(window);
    }

    fn end(&mut self, window: &Window<'_>) {
        if !self.given_up.get() {
            self.collector.end(window);
        }
    }
}

/// Ends when the reading is given up.
struct Stopped<'s> {
    reader: &'s mut dyn Read,
    given_up: &'s Cell<bool>,
}

impl Read for Stopped<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.given_up.get() { Ok(0) } else { self.reader.read(space) }
    }
}

#[cfg(test)]
#[path = "beside_tests.rs"]
mod tests;
