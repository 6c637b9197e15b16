//! Everything a Docker engine knows of a failure: the containers that were asked for, their logs and files, and the neighbours that
//! the evidence points to. Read-only.

use std::io::{Cursor, Read as _};
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::Utc;

use crate::cli::DockerArgs;
use crate::container::{
    ContainerState, Engine, EngineError, Entry, Environment, LogRequest, near_hosts, owner, related, resolve,
};
use crate::detect::Unit;
use crate::diagnosis::{Blamed, Finding, Scene, diagnose, profile_of};
use crate::rule::RuleSet;
use crate::source::{self, Source};
use crate::timeline;

use super::message::Message;
use super::read::{Read, Reading};

/// Neighbours that are read besides what was asked for.
const NEIGHBOURS: usize = 4;
/// Containers that are inspected to find out whose an address is.
const INSPECTED: usize = 40;
/// Last lines read of a log through the engine, which gives about 150,000 a second.
const LINES: u64 = 50_000;
/// The same of a neighbour.
const NEIGHBOUR_LINES: u64 = 10_000;
/// A longer file of a neighbour's log is not read as a whole.
const NEIGHBOUR_BYTES: u64 = 256 * 1024 * 1024;
/// How long the log of one container may be read through the engine.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same of a neighbour.
const NEIGHBOUR_PATIENCE: Duration = Duration::from_secs(3);
/// How far before its start a container's first line may be stamped, in seconds.
const EARLY: i64 = 1;
/// How far back events are asked for, in microseconds before a container's start.
const EVENTS_BEFORE: i64 = 3_600_000_000;

/// What was gathered.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) read: Read,
    pub(super) scene: Scene,
    /// Facts for the reader, one sentence each.
    pub(super) notes: Vec<String>,
    /// Settings whose secrets are masked wherever they occur.
    pub(super) secrets: Vec<String>,
}

/// Connects to the engine that the settings name.
///
/// # Errors
/// When there is none, it may not be used, or it does not answer.
pub(super) fn connect(name: &str) -> Result<Engine, Message> {
    let address = resolve(&Environment::of_process()).map_err(|error| explain(&error, name))?;
    Engine::connect(address).map_err(|error| explain(&error, name))
}

/// An engine's error as a message; with the pipe, where that would do without the engine.
pub(super) fn explain(error: &EngineError, name: &str) -> Message {
    let message = Message::new(error.to_string()).help(error.help());
    if error.offers_pipe() {
        message.note(format!("a log can be piped in instead: docker logs {name} 2>&1 | diagnose"))
    } else {
        message
    }
}

/// Reads all that bears on the containers that were asked for.
///
/// # Errors
/// When the engine does not answer, or a container does not exist.
pub(super) fn gather(
    engine: &Engine,
    args: &DockerArgs,
    rules: &RuleSet,
    forced: Option<usize>,
    now: i64,
) -> Result<Gathered, Message> {
    let (mut states, mut failed) = (Vec::new(), Vec::new());
    for name in asked(engine, args)? {
        match engine.inspect(&name) {
            Ok(state) => states.push(state),
            // Of a project, one may be removed in between.
            Err(error) if args.project.is_some() && error.is_missing() => {}
            Err(error) => failed.push(explain(&error, &name)),
        }
    }
    if states.is_empty() && !failed.is_empty() {
        return Err(failed.remove(0));
    }
    let gathered = Gathered { scene: Scene::at(now), ..Gathered::default() };
    let mut gatherer = Gatherer { engine, args, rules, forced, reading: Reading::new(rules), gathered, entries: None };
    for state in states {
        gatherer.container(state, true);
    }
    if !args.no_neighbours {
        gatherer.neighbours();
    }
    let Gatherer { reading, mut gathered, .. } = gatherer;
    gathered.read = reading.read;
    gathered.read.failed = failed;
    Ok(gathered)
}

/// The names that were asked for: those typed, or all of a project.
fn asked(engine: &Engine, args: &DockerArgs) -> Result<Vec<String>, Message> {
    let Some(project) = &args.project else { return Ok(args.container.clone()) };
    let entries = engine.list().map_err(|error| explain(&error, project))?;
    let of_project = |entry: &&Entry| entry.project.as_deref() == Some(project);
    let mut names: Vec<String> = entries.iter().filter(of_project).map(|entry| entry.id.clone()).collect();
    names.sort_by_key(|id| {
        entries.iter().find(|entry| entry.id == *id).map(|entry| (entry.created, entry.name.clone()))
    });
    if names.is_empty() {
        let mut projects: Vec<&str> = entries.iter().filter_map(|entry| entry.project.as_deref()).collect();
        projects.sort_unstable();
        projects.dedup();
        let known = if projects.is_empty() {
            "no container of this engine belongs to a project; name containers with --container".to_owned()
        } else {
            format!("the projects of this engine are: {}", projects.join(", "))
        };
        return Err(Message::new(format!("no container belongs to the project \"{project}\"")).help(known));
    }
    Ok(names)
}

struct Gatherer<'g> {
    engine: &'g Engine,
    args: &'g DockerArgs,
    rules: &'g RuleSet,
    forced: Option<usize>,
    reading: Reading<'g>,
    gathered: Gathered,
    /// All containers of the engine, listed when they are first needed.
    entries: Option<Vec<Entry>>,
}

impl Gatherer<'_> {
    /// Reads one container: its log, the files its application writes, and its state.
    fn container(&mut self, mut state: ContainerState, asked: bool) {
        let since = state.started.unwrap_or(0) - EVENTS_BEFORE;
        state.events = self.engine.events(&state.id, since, Utc::now().timestamp_micros());
        state.port_owners = self.port_owners(&state);
        self.gathered.secrets.extend(state.environment.iter().cloned());
        let index = self.gathered.scene.add(state.clone(), asked);
        let log = self.log(&state, index, asked);
        self.files(&state, index, log);
        let facts = self.gathered.scene.facts_of(index).to_owned();
        self.reading.state(&format!("{} (state)", state.name), &facts, log);
        self.gathered.scene.input_of(Some(index));
    }

    /// Reads the log; gives its input, if there is one.
    fn log(&mut self, state: &ContainerState, index: usize, asked: bool) -> Option<usize> {
        state.started?;
        let input = self.reading.read.inputs.len();
        let starts = starts(state);
        let source = match self.direct(state, asked).map_or_else(|| self.through_engine(state, asked), Ok) {
            Ok(source) => source,
            Err(error) => {
                self.gathered.notes.push(format!(
                    "The log of {} was not read: {error}. {}",
                    state.name,
                    sentence(&error.help())
                ));
                return None;
            }
        };
        self.reading.add(source, starts);
        self.gathered.scene.input_of(Some(index));
        self.rotation(state, input);
        Some(input)
    }

    /// The engine's own file, which is read fifty times faster than through the engine, if it is here and readable, and, of a
    /// neighbour, not so long that its end must do.
    fn direct(&self, state: &ContainerState, asked: bool) -> Option<Source> {
        let whole = self.args.since.is_none() && self.args.until.is_none() && self.args.tail.is_none();
        let local = self.engine.address.is_local() && state.log_driver == "json-file" && whole;
        let path = state.log_path.as_deref().filter(|_| local)?;
        let source = source::docker_files(&state.name, Path::new(path)).ok()?;
        (asked || source.size.is_none_or(|size| size <= NEIGHBOUR_BYTES)).then_some(source)
    }

    /// The log as the engine gives it. Of a long one the end, and the beginning of the last boot.
    fn through_engine(&mut self, state: &ContainerState, asked: bool) -> Result<Source, EngineError> {
        let (lines, patience) = if asked { (LINES, PATIENCE) } else { (NEIGHBOUR_LINES, NEIGHBOUR_PATIENCE) };
        let deadline = Some(Instant::now() + patience);
        let args = self.args;
        let bounded = args.since.is_some() || args.tail.is_some() || args.all_boots;
        let request = LogRequest {
            since: args.since,
            until: args.until,
            tail: args.tail.or((!bounded).then_some(lines)),
            follow: false,
        };
        let mut tail = self.engine.logs(&state.id, request, deadline);
        let mut first = vec![0; 64 * 1024];
        let count = match tail.read(&mut first) {
            Ok(count) => count,
            Err(error) => return Err(refused(error, state)),
        };
        first.truncate(count);
        let begun = crate::record::first_time(&first).map(|time| time.micros);
        let head =
            state.started.zip(begun).filter(|(started, begun)| !bounded && *begun > *started + EARLY * 1_000_000);
        let rest = Cursor::new(first).chain(tail);
        let reader: Box<dyn std::io::Read> = match head {
            Some((started, begun)) => {
                let request = LogRequest {
                    since: Some(started / 1_000_000 - EARLY),
                    until: Some(begun / 1_000_000),
                    ..LogRequest::default()
                };
                let head = self.engine.logs(&state.id, request, Some(Instant::now() + patience / 2));
                let mut head = head.lines_at_most(lines);
                let mut first = vec![0; 64 * 1024];
                let count = head.read(&mut first).unwrap_or(0);
                first.truncate(count);
                if count > 0 {
                    self.gathered.notes.push(format!(
                        "Of the long log of {} the beginning of its last start and the last {lines} lines were read",
                        state.name
                    ));
                }
                Box::new(Cursor::new(first).chain(head).chain(rest))
            }
            None => Box::new(rest),
        };
        Ok(source::docker(&state.name, "engine-api", reader))
    }

    /// Says so when the beginning of the last boot is not in the log although the log has a limit.
    fn rotation(&mut self, state: &ContainerState, input: usize) {
        let first = self.reading.read.inputs.get(input).and_then(|input| input.first_time);
        let late = first.zip(state.started).is_some_and(|(first, started)| first.micros > started + 5_000_000);
        if let Some(size) = state.log_max_size.as_ref().filter(|_| late) {
            self.gathered.notes.push(format!(
                "The log of {} may lack the beginning of its last start: it is rotated at {size}, and its first line is younger than the start",
                state.name
            ));
        }
    }

    /// The files that the application writes inside the container.
    fn files(&mut self, state: &ContainerState, index: usize, log: Option<usize>) {
        let units: Vec<&Unit> = self.reading.read.units.iter().filter(|unit| Some(unit.source) == log).collect();
        for (name, file) in inside(self.engine, self.rules, self.forced, &units, state) {
            match file {
                Ok((bytes, cut)) => {
                    if cut {
                        self.gathered.notes.push(format!("{name} is long: its last 64 MiB were read"));
                    }
                    self.reading.add(source::docker(&name, "file", Box::new(Cursor::new(bytes))), Vec::new());
                    self.gathered.scene.input_of(Some(index));
                }
                Err(error) => self.gathered.notes.push(format!("{name} was not read: {error}")),
            }
        }
    }

    /// The containers that hold host ports this one asks for.
    fn port_owners(&mut self, state: &ContainerState) -> Vec<(u16, String)> {
        if state.error.is_empty() {
            return Vec::new();
        }
        let wanted: Vec<u16> = state.ports.iter().filter(|port| !port.bound).filter_map(|port| port.host).collect();
        let mut owners = Vec::new();
        for port in wanted.into_iter().filter(|port| state.error.contains(&port.to_string())) {
            let holder = self.entries().iter().find(|entry| entry.id != state.id && entry.host_ports.contains(&port));
            let phrase = holder.map(|entry| format!("{} ({})", entry.name, entry.status));
            owners.push((port, phrase.unwrap_or_else(|| "a process outside of containers".to_owned())));
        }
        owners
    }

    fn entries(&mut self) -> &[Entry] {
        let engine = self.engine;
        self.entries.get_or_insert_with(|| engine.list().unwrap_or_default())
    }

    /// Follows the evidence from container to container.
    fn neighbours(&mut self) {
        let mut others: Option<Vec<ContainerState>> = None;
        let mut known: Vec<String> = Vec::new();
        let mut read = 0;
        while let Some((host, port, from)) = self.pointers().into_iter().find(|(host, _, from)| {
            owner(host, None, *from, self.gathered.scene.containers()).is_none()
                && !known.contains(&format!("{from} {host}"))
        }) {
            known.push(format!("{from} {host}"));
            let others = others.get_or_insert_with(|| self.related());
            let mut all = self.gathered.scene.containers().to_vec();
            let first = all.len();
            all.extend(others.iter().cloned());
            match owner(&host, port, from, &all) {
                Some(found) if found >= first && read < NEIGHBOURS => {
                    read += 1;
                    let state = others.remove(found - first);
                    self.gathered.notes.extend(not_running(&state, &host));
                    self.container(state, false);
                }
                Some(found) if found >= first => {
                    let name = all.get(found).map(|state| state.name.as_str()).unwrap_or_default();
                    self.gathered.notes.push(format!("{name} was not read: {NEIGHBOURS} neighbours are the limit"));
                }
                Some(_) => {}
                None => self.nobody(&host, from, &all),
            }
        }
    }

    /// Hosts and ports that the faults found so far tell of, and the container each was seen in.
    fn pointers(&self) -> Vec<(String, Option<u16>, usize)> {
        let scene = &self.gathered.scene;
        let diagnosis = diagnose(self.rules, &self.reading.read.units, self.forced, scene);
        let members = |cause: &Blamed| -> Vec<Finding> {
            let effects = cause.consequences.iter().flat_map(|(_, members)| members);
            cause.members.iter().chain(effects).cloned().collect()
        };
        let findings: Vec<Finding> = diagnosis.causes.iter().flat_map(members).collect();
        let pointer = |finding: &Finding| {
            let (host, port) = scene.pointer(self.rules, finding)?;
            Some((host, port, scene.of_source(finding.matched.first.source)?))
        };
        findings.iter().filter_map(pointer).collect()
    }

    /// The states of the containers that belong to the same projects and networks as those read so far.
    fn related(&mut self) -> Vec<ContainerState> {
        let mine: Vec<ContainerState> = self.gathered.scene.containers().to_vec();
        let near = |entry: &&Entry| {
            mine.iter().all(|state| state.id != entry.id)
                && mine.iter().any(|state| {
                    (state.project.is_some() && state.project == entry.project)
                        || state.networks.iter().any(|endpoint| entry.networks.contains(&endpoint.network))
                })
        };
        let ids: Vec<String> =
            self.entries().iter().filter(near).take(INSPECTED).map(|entry| entry.id.clone()).collect();
        let states = ids.iter().filter_map(|id| self.engine.inspect(id).ok());
        states.filter(|state| mine.iter().any(|own| related(own, state))).collect()
    }

    /// A name that no container has.
    fn nobody(&mut self, host: &str, from: usize, all: &[ContainerState]) {
        let Some(own) = all.get(from) else { return };
        let numeric = host.parse::<std::net::IpAddr>().is_ok();
        let near = near_hosts(host, from, all);
        let note = match near.first() {
            Some(name) if !numeric => {
                format!("No container in reach of {} is called \"{host}\"; there is \"{name}\"", own.name)
            }
            _ if numeric => format!("No container in reach of {} has the address {host} now", own.name),
            _ if host.contains('.') => return,
            _ => format!("No container in reach of {} is called \"{host}\"", own.name),
        };
        self.gathered.notes.push(note);
    }
}

/// The application's own logs inside a container that exist and hold something, each named `container:path`.
pub(super) fn extra_logs(
    engine: &Engine,
    rules: &RuleSet,
    forced: Option<usize>,
    units: &[Unit],
    state: &ContainerState,
) -> Vec<(String, Vec<u8>)> {
    let units: Vec<&Unit> = units.iter().collect();
    let files = inside(engine, rules, forced, &units, state).into_iter();
    files.filter_map(|(name, file)| Some((name, file.ok()?.0))).collect()
}

type FileEnd = (Vec<u8>, bool);

/// The files that the profile of a container names; its lines tell the profile, else its image.
fn inside(
    engine: &Engine,
    rules: &RuleSet,
    forced: Option<usize>,
    units: &[&Unit],
    state: &ContainerState,
) -> Vec<(String, Result<FileEnd, EngineError>)> {
    let by_marks = units.iter().find_map(|unit| timeline::choose(rules, unit));
    let profile = by_marks.or_else(|| profile_of(rules, state)).or(forced).and_then(|index| rules.profiles.get(index));
    let paths = profile.map(|profile| profile.log_files.as_slice()).unwrap_or_default();
    let read = |path: &String| {
        let name = format!("{}:{path}", state.name);
        match engine.file(&state.id, path) {
            Ok(Some((bytes, cut))) if !bytes.is_empty() => Some((name, Ok((bytes, cut)))),
            Ok(_) => None,
            Err(error) => Some((name, Err(error))),
        }
    };
    paths.iter().filter_map(read).collect()
}

/// That a container which was asked for something does not run.
fn not_running(state: &ContainerState, host: &str) -> Option<String> {
    let how = match state.status.as_str() {
        "running" => return None,
        "exited" | "restarting" | "dead" => format!("{}, exit status {}", state.status, state.exit_code),
        other => other.to_owned(),
    };
    let called = match host.parse::<std::net::IpAddr>() {
        Ok(address) => format!(", by its port the owner of {address},"),
        Err(_) if state.name == host => String::new(),
        Err(_) => format!(", which is \"{host}\","),
    };
    Some(format!("{}{called} does not run: {how}", state.name))
}

/// When the container was started, as far as the engine still knows.
fn starts(state: &ContainerState) -> Vec<i64> {
    let events = state.events.iter().filter(|event| event.what == "start").map(|event| event.time);
    // The event of a start comes a few milliseconds after the start itself.
    let known = state.started;
    let earlier = events.filter(|time| known.is_none_or(|known| *time < known - 500_000));
    earlier.chain(known).collect()
}

/// Why the first read of a log failed: the error of the engine inside of the reader's.
fn refused(error: std::io::Error, state: &ContainerState) -> EngineError {
    let text = error.to_string();
    match error.into_inner().and_then(|inner| inner.downcast::<EngineError>().ok()) {
        Some(inner) => match *inner {
            EngineError::Refused { status: 501, .. } => EngineError::NoLog { driver: state.log_driver.clone() },
            EngineError::Refused { ref message, .. } if message.contains("does not support reading") => {
                EngineError::NoLog { driver: state.log_driver.clone() }
            }
            other => other,
        },
        None => EngineError::Broken { url: String::new(), why: text },
    }
}

fn sentence(help: &str) -> String {
    let mut letters = help.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}
