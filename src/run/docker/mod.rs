//! Everything a Docker engine knows of a failure: the containers that were asked for, their logs and files, and the neighbours that
//! the evidence points to. Read-only.

mod files;
mod log;
mod neighbours;

use std::time::{Duration, Instant};

use chrono::Utc;

use crate::bundle::KeptInput;
use crate::cli::DockerArgs;
use crate::container::{ContainerState, Engine, EngineError, Entry, Environment, Event, resolve};
use crate::diagnosis::Scene;
use crate::rule::RuleSet;

use super::message::Message;
use super::read::{Read, Reading};

pub(super) use files::extra_logs;

/// Most containers that are read at once; of a project the oldest.
const MOST: usize = 64;
/// After so long no further container is begun.
const TIME: Duration = Duration::from_secs(60);
/// How far back events are asked for, in microseconds before a container's start.
pub(super) const EVENTS_BEFORE: i64 = 3_600_000_000;

/// What was gathered.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) read: Read,
    pub(super) scene: Scene,
    /// Facts for the reader, one sentence each.
    pub(super) notes: Vec<String>,
    /// Settings whose secrets are masked wherever they occur.
    pub(super) secrets: Vec<String>,
    /// What was kept of each input for a bundle.
    pub(super) kept: Vec<KeptInput>,
    /// The profile that was forced when a bundle was made.
    pub(super) profile: Option<usize>,
    /// Whether a bundle was among the inputs.
    pub(super) bundled: bool,
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

/// Reads all that bears on the containers that were asked for. `seen` is what was seen of the one that was watched.
///
/// # Errors
/// When the engine does not answer, or a container does not exist.
pub(super) fn gather(
    engine: &Engine,
    args: &DockerArgs,
    reading: Reading<'_>,
    forced: Option<usize>,
    seen: &[Event],
) -> Result<Gathered, Message> {
    let now = Utc::now().timestamp_micros();
    let begun = Instant::now();
    let (mut states, mut failed) = (Vec::new(), Vec::new());
    let mut names = asked(engine, args)?;
    let unread = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    for name in names {
        match engine.inspect(&name) {
            Ok(state) if states.iter().any(|known: &ContainerState| known.id == state.id) => {}
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
    let rules = reading.rules;
    let mut gatherer = Gatherer { engine, args, rules, forced, seen, reading, gathered, entries: None };
    let unread = unread + gatherer.all(states, begun);
    if unread > 0 {
        let what = format!(
            "{unread} containers of the project were not read: {MOST} containers, or {} s for all of them, are the limit",
            TIME.as_secs()
        );
        gatherer.gathered.notes.push(what);
    }
    if !args.no_neighbours {
        gatherer.neighbours();
        gatherer.proxies();
    }
    let Gatherer { reading, mut gathered, .. } = gatherer;
    (gathered.read, gathered.kept) = reading.finish();
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
    seen: &'g [Event],
    reading: Reading<'g>,
    gathered: Gathered,
    /// All containers of the engine, listed when they are first needed.
    entries: Option<Vec<Entry>>,
}

impl Gatherer<'_> {
    /// Reads containers until the time is over; gives how many are left.
    fn all(&mut self, states: Vec<ContainerState>, begun: Instant) -> usize {
        let mut left = states.into_iter();
        while begun.elapsed() < TIME
            && let Some(state) = left.next()
        {
            self.container(state, true);
        }
        left.len()
    }

    /// Reads one container: its log, the files its application writes, and its state.
    fn container(&mut self, mut state: ContainerState, asked: bool) {
        let since = state.started.unwrap_or(0) - EVENTS_BEFORE;
        state.events = self.engine.events(&state.id, since, Utc::now().timestamp_micros());
        if asked {
            state.remember(self.seen);
        }
        state.port_owners = self.port_owners(&state);
        if state.cut {
            self.gathered.notes.push(format!(
                "The engine says more of {} than of any real container; a part of that was left out",
                state.name
            ));
        }
        self.gathered.secrets.extend(state.environment.iter().cloned());
        let index = self.gathered.scene.add(state.clone(), asked);
        let log = self.log(&state, index, asked);
        self.files(&state, index, log);
        let facts = self.gathered.scene.facts_of(index).to_owned();
        self.reading.state(&format!("{} (state)", state.name), &facts, log);
        self.gathered.scene.input_of(Some(index));
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
}
