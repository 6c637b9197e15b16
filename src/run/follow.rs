//! Watches a start until it has succeeded, has failed for certain, or the time is over.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use chrono::Utc;

use crate::container::{ContainerState, Engine, EngineError, Event, LogReader, LogRequest, Waited};
use crate::diagnosis::{Confidence, Diagnosis, Scene, UnitView, Verdict, diagnose};
use crate::rule::{Role, RuleSet, Severity};
use crate::source;

use super::docker::{EVENTS_BEFORE, explain, extra_logs};
use super::message::Message;
use super::read::{Read, Reading};

/// Silence after which what has arrived is judged.
const QUIET: Duration = Duration::from_millis(40);
/// What arrives without a pause is judged this often all the same.
const OFTEN: Duration = Duration::from_millis(120);
/// How often the state is looked at while nothing arrives.
const STATE: Duration = Duration::from_millis(500);
/// How often files inside the container are looked at.
const FILES: Duration = Duration::from_millis(1000);
/// How long an application must stay up after it reported so: a port that is in use is met only then.
const SETTLED: Duration = Duration::from_millis(1500);
/// Ends of a container that comes back after which its failure is certain.
const LIVES: usize = 3;
/// The same where only its state tells of it: about half a minute.
const SILENT_LIVES: usize = 8;
/// The same where its cause is one that others heal, and no time is set: as many restarts take about a minute and a half.
const PATIENT_LIVES: usize = 10;
/// How long an end may take to become a removal, in which it is killed first.
const REMOVAL: Duration = Duration::from_millis(150);
/// Bytes kept of the log's beginning and of its end.
const KEPT: (usize, usize) = (1024 * 1024, 8 * 1024 * 1024);

/// How the watching ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// The start is decided, one way or the other.
    Decided,
    /// The time is over.
    TimedOut,
    /// The user does not want to wait any longer.
    Interrupted,
    /// The engine stopped answering, or the container was removed.
    Lost(EngineError),
}

/// What is known when the engine can no longer be asked.
#[derive(Default)]
pub(super) struct Last {
    pub(super) read: Read,
    pub(super) scene: Scene,
    /// What was seen of the container's runs, which the engine may have forgotten.
    pub(super) seen: Vec<Event>,
}

/// Watches a container. Gives how it ended, and what was read so far.
///
/// # Errors
/// When there is no such container.
pub(super) fn watch(
    engine: &Engine,
    name: &str,
    timeout: Option<Duration>,
    rules: &RuleSet,
    forced: Option<usize>,
) -> Result<(Ended, Last), Message> {
    let state = engine.inspect(name).map_err(|error| explain(&error, name))?;
    let mut watcher = Watcher {
        engine,
        name,
        interrupted: engine.interruption(),
        rules,
        forced,
        until: timeout.map(|timeout| Instant::now() + timeout),
        reading: Reading::new(rules),
        scene: Scene::default(),
        state,
        starts: Vec::new(),
        ends: 0,
        seen: Vec::new(),
        log: Vec::new(),
        files: Vec::new(),
        files_read: None,
        up_since: None,
        told: 0,
    };
    let ended = watcher.run();
    Ok((ended, Last { read: watcher.reading.read, scene: watcher.scene, seen: watcher.seen }))
}

struct Watcher<'w> {
    engine: &'w Engine,
    /// What was typed.
    name: &'w str,
    interrupted: Arc<AtomicBool>,
    rules: &'w RuleSet,
    forced: Option<usize>,
    until: Option<Instant>,
    reading: Reading<'w>,
    scene: Scene,
    state: ContainerState,
    /// Beginnings of the lives seen so far.
    starts: Vec<i64>,
    /// Ends of lives seen so far.
    ends: usize,
    /// What was seen of them, which the engine may forget.
    seen: Vec<Event>,
    log: Vec<u8>,
    /// Files inside the container: name and content.
    files: Vec<(String, Vec<u8>)>,
    files_read: Option<Instant>,
    up_since: Option<Instant>,
    /// Phases that were shown.
    told: usize,
}

impl Watcher<'_> {
    fn run(&mut self) -> Ended {
        loop {
            if let Some(started) = self.state.started.filter(|_| self.state.is_running() || self.state.has_ended()) {
                if !self.starts.contains(&started) {
                    self.starts.push(started);
                }
                if let Some(ended) = self.life(started) {
                    return ended;
                }
                self.ends += 1;
            } else if !self.state.error.is_empty() || self.state.status == "dead" {
                return self.judged_last();
            }
            if let Some(ended) = self.next_life() {
                return ended;
            }
        }
    }

    /// How the watching ends from outside, if it does.
    fn over(&self) -> Option<Ended> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Some(Ended::Interrupted);
        }
        self.until.is_some_and(|until| Instant::now() >= until).then_some(Ended::TimedOut)
    }

    /// The state now.
    fn inspect(&self) -> Result<ContainerState, EngineError> {
        let removed = || EngineError::Removed { name: self.name.to_owned() };
        match self.engine.inspect(&self.state.id) {
            Ok(state) if state.status == "removing" => Err(removed()),
            Err(error) if error.is_missing() => Err(removed()),
            answer => answer,
        }
    }

    /// Follows one life of the container to its end. Gives how the watching ended, if it did.
    fn life(&mut self, started: i64) -> Option<Ended> {
        let request = LogRequest { since: Some(started / 1_000_000 - 1), follow: true, ..LogRequest::default() };
        let mut reader = self.engine.logs(&self.state.id.clone(), request, None);
        let (mut judged, mut news) = (Instant::now(), true);
        loop {
            let waited = reader.wait(QUIET);
            if let Some(over) = self.over() {
                let _ = self.judge();
                return Some(over);
            }
            match waited {
                Waited::More => {
                    news |= self.take(&mut reader);
                    if judged.elapsed() < OFTEN {
                        continue;
                    }
                }
                Waited::Quiet if !news && judged.elapsed() < STATE => continue,
                Waited::Quiet => {}
                // A driver without reading: the state alone is watched.
                Waited::Broken(EngineError::Refused { status: 501, .. }) => {
                    reader = LogReader::silent(self.engine);
                }
                Waited::Over | Waited::Broken(_) => {
                    let _ = self.take(&mut reader);
                    return self.judge_end();
                }
            }
            (judged, news) = (Instant::now(), false);
            match self.judge() {
                Ok(true) => return Some(Ended::Decided),
                Ok(false) if self.state.has_ended() => return self.judge_end(),
                Ok(false) => {}
                Err(error) => return Some(Ended::Lost(error)),
            }
        }
    }

    /// Takes what has arrived. Lines of an earlier life, which whole seconds let in, are left out once this life is not the first.
    fn take(&mut self, reader: &mut LogReader) -> bool {
        let bytes = reader.taken();
        let news = !bytes.is_empty();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let time = crate::record::first_time(line).map(|time| time.micros);
            let known = self.starts.len() > 1
                && time.zip(self.starts.last()).is_some_and(|(time, start)| time < *start - 50_000);
            if !known {
                self.log.extend_from_slice(line);
            }
        }
        if self.log.len() > KEPT.0 + KEPT.1 + KEPT.1 / 4 {
            self.log.drain(KEPT.0..self.log.len() - KEPT.1);
        }
        news
    }

    /// Judges the end of a life; the watching is over when the container does not come back.
    fn judge_end(&mut self) -> Option<Ended> {
        // What is removed is killed first, and seems to have ended by itself for a moment.
        sleep(REMOVAL);
        if let Err(error) = self.inspect() {
            return Some(Ended::Lost(error));
        }
        // The log ends a moment before the state says so.
        let patience = Instant::now() + Duration::from_secs(2);
        loop {
            match self.judge() {
                Ok(true) => return Some(Ended::Decided),
                Ok(false) if self.state.has_ended() || self.later_start() => break,
                Ok(false) if Instant::now() > patience => break,
                Ok(false) => sleep(QUIET),
                Err(error) => return Some(Ended::Lost(error)),
            }
        }
        if let Some((started, finished)) = self.starts.last().zip(self.state.finished).filter(|(from, to)| **from < *to)
        {
            let event = |time: i64, what: &str| Event { time, what: what.to_owned() };
            self.seen.extend([event(*started, "start"), event(finished, "die")]);
        }
        let gone = self.state.status != "restarting" && self.state.has_ended() && !self.state.comes_back();
        let given_up = self.state.status == "exited";
        (gone || given_up).then_some(Ended::Decided)
    }

    fn later_start(&self) -> bool {
        self.state.started.is_some_and(|started| !self.starts.contains(&started))
    }

    /// Waits until the container lives again, or for the first time.
    fn next_life(&mut self) -> Option<Ended> {
        loop {
            if self.later_start() && self.state.is_running() {
                return None;
            }
            if let Some(over) = self.over() {
                let _ = self.judge();
                return Some(over);
            }
            sleep(QUIET * 2);
            match self.inspect() {
                Ok(state) => self.state = state,
                Err(error) => return Some(Ended::Lost(error)),
            }
            if self.later_start() {
                return None;
            }
            if !self.state.error.is_empty() || matches!(self.state.status.as_str(), "dead" | "exited") {
                return Some(self.judged_last());
            }
        }
    }

    fn judged_last(&mut self) -> Ended {
        match self.judge() {
            Ok(_) => Ended::Decided,
            Err(error) => Ended::Lost(error),
        }
    }

    /// Reads everything again and says whether the start is decided.
    fn judge(&mut self) -> Result<bool, EngineError> {
        let asked = self.inspect();
        if let Ok(state) = &asked {
            self.state = state.clone();
            if state.restart_count > 0 {
                let now = Utc::now().timestamp_micros();
                self.state.events = self.engine.events(&state.id, now - EVENTS_BEFORE, now);
                self.state.remember(&self.seen);
            }
            self.look_at_files();
        } else if matches!(asked, Err(EngineError::Removed { .. })) {
            // What was judged last stands: how it is taken away is not its failure.
            return asked.map(|_| false);
        }
        let mut scene = Scene::at(Utc::now().timestamp_micros());
        let container = scene.add(self.state.clone(), true);
        self.reading.forget();
        let log = io::Cursor::new(self.log.clone());
        self.reading.add(source::docker(&self.state.name, "engine-api", Box::new(log)), self.starts.clone());
        scene.input_of(Some(container));
        for (name, bytes) in &self.files {
            self.reading.add(source::docker(name, "file", Box::new(io::Cursor::new(bytes.clone()))), Vec::new());
            scene.input_of(Some(container));
        }
        let facts = scene.facts_of(container).to_owned();
        self.reading.state(&format!("{} (state)", self.state.name), &facts, Some(0));
        scene.input_of(Some(container));
        let diagnosis = diagnose(self.rules, &self.reading.read.units, self.forced, &scene);
        let told = tell(self.rules, &diagnosis, self.told);
        let decided = decided(self.rules, &diagnosis, &self.state, self.lives());
        // After several restarts, that it is up is believed when it has lasted longer than before.
        let shaky = diagnosis.verdict == Verdict::Degraded
            && usize::try_from(self.state.restart_count).unwrap_or(0) >= LIVES - 1
            && !self.state.outlived(scene.now());
        let up = matches!(diagnosis.verdict, Verdict::Healthy | Verdict::Degraded) && !shaky;
        (self.told, self.scene) = (told, scene);
        asked?;
        if !up {
            self.up_since = None;
            return Ok(decided);
        }
        let since = *self.up_since.get_or_insert_with(Instant::now);
        let checked = self.state.health.as_ref().is_some_and(|health| health.status == "healthy");
        Ok(checked || since.elapsed() >= SETTLED)
    }

    /// Ends of lives after which a failure is certain: such that nobody else heals, and others.
    fn lives(&self) -> Lives {
        let restarts = usize::try_from(self.state.restart_count).unwrap_or(0);
        let patient = self.until.is_none() && self.ends >= PATIENT_LIVES;
        let own = self.ends >= LIVES || restarts >= LIVES;
        Lives { own, silent: self.ends >= SILENT_LIVES, others: patient }
    }

    fn look_at_files(&mut self) {
        if self.files_read.is_some_and(|read| read.elapsed() < FILES) && self.state.is_running() {
            return;
        }
        self.files_read = Some(Instant::now());
        self.files = extra_logs(self.engine, self.rules, self.forced, &self.reading.read.units, &self.state);
    }
}

/// Whether a container that comes back has ended often enough.
struct Lives {
    /// For a fault of its own.
    own: bool,
    /// For one of which no line tells.
    silent: bool,
    /// For one that is over once another program runs.
    others: bool,
}

/// Whether a failure is certain: its cause names a fault that no retry heals, or the container has ended for good. A paused one stays so.
fn decided(rules: &RuleSet, diagnosis: &Diagnosis<'_>, state: &ContainerState, lives: Lives) -> bool {
    if state.status == "paused" {
        return true;
    }
    if diagnosis.verdict != Verdict::Failed {
        return false;
    }
    let cause = diagnosis.causes.first().and_then(|cause| Some((cause, rules.rules.get(cause.rule)?)));
    let heals = cause.is_some_and(|(_, rule)| rule.cleared_by.is_some() || rule.remote);
    // Where only the state tells of the ends, the reason may stand in a line that is still on its way: it may be one that others heal.
    let told = cause.is_some_and(|(_, rule)| rule.area() != "container");
    let waits = cause.is_some_and(|(_, rule)| rule.remote) || !(told || lives.silent);
    if state.has_ended() && (!state.comes_back() || lives.others || (lives.own && !waits)) {
        return true;
    }
    let fatal = cause.is_some_and(|(cause, rule)| {
        let certain = cause.confidence == Confidence::Confirmed && rule.severity == Severity::Critical;
        rule.role == Role::Cause && certain && !heals
    });
    state.is_unhealthy() || fatal || is_closed(rules, diagnosis)
}

/// Whether an application that had time to open its port has not opened it, or not for others.
fn is_closed(rules: &RuleSet, diagnosis: &Diagnosis<'_>) -> bool {
    let listens = |rule: usize| rules.rules.get(rule).is_some_and(|rule| rule.area() == "listen");
    diagnosis
        .causes
        .first()
        .is_some_and(|cause| listens(cause.rule) && cause.members.iter().any(|member| member.of_state))
}

/// Shows on a terminal which phases were entered since the last time; gives how many were shown in all.
fn tell(rules: &RuleSet, diagnosis: &Diagnosis<'_>, told: usize) -> usize {
    let view = diagnosis.units.get(diagnosis.main);
    let phases =
        view.and_then(|view| view.profile).and_then(|index| rules.profiles.get(index)).map(|profile| &profile.phase);
    let (Some(course), Some(phases)) = (view.and_then(UnitView::course), phases) else { return told };
    let entered: Vec<&str> = course
        .entered
        .iter()
        .zip(phases)
        .filter(|(entered, _)| entered.is_some())
        .map(|(_, phase)| phase.title.as_str())
        .collect();
    let mut out = io::stderr().lock();
    if out.is_terminal() {
        for title in entered.iter().skip(told) {
            let _ = writeln!(out, "{} {title}", Utc::now().format("%H:%M:%S"));
        }
    }
    entered.len()
}
