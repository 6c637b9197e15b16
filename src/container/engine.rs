//! The connection to an engine, and the read-only questions it is asked.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bollard::errors::Error as ClientError;
use bollard::query_parameters::{EventsOptionsBuilder, InspectContainerOptions, ListContainersOptionsBuilder};
use bollard::{API_DEFAULT_VERSION, Docker};
use futures_util::StreamExt;
use tokio::runtime::Runtime;

use super::address::Address;
use super::error::EngineError;
use super::inspect;
use super::siblings::{Entry, near, valid_name};
use super::state::{ContainerState, Event};

/// How long an engine of this machine or network may take for one answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same through ssh, which has to log in first.
const SSH_PATIENCE: Duration = Duration::from_secs(20);
/// Most events read.
const EVENTS: usize = 512;

/// An engine that answers.
pub struct Engine {
    /// Where it is.
    pub address: Address,
    pub(super) docker: Docker,
    pub(super) runtime: Arc<Runtime>,
    pub(super) patience: Duration,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Engine {
    /// Connects, and agrees on a version of the API.
    ///
    /// # Errors
    /// When nothing is there, it may not be used, or it does not answer in time.
    pub fn connect(address: Address) -> Result<Self, EngineError> {
        let patience = if address.url.starts_with("ssh://") { SSH_PATIENCE } else { PATIENCE };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let broken = |error: std::io::Error| EngineError::Broken { url: address.url.clone(), why: error.to_string() };
        let runtime = Arc::new(runtime.map_err(broken)?);
        let entered = runtime.enter();
        let docker = open(&address, patience).map_err(|error| EngineError::of(&address, &error, patience.as_secs()))?;
        drop(entered);
        let mut engine = Self { address, docker, runtime, patience };
        let docker = engine.docker.clone();
        engine.docker = engine.ask(docker.negotiate_version())?;
        Ok(engine)
    }

    /// Runs one request to its end.
    pub(super) fn ask<T>(&self, request: impl Future<Output = Result<T, ClientError>>) -> Result<T, EngineError> {
        let limited = async { tokio::time::timeout(self.patience, request).await };
        match self.runtime.block_on(limited) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.failed(&error)),
            Err(_) => Err(self.failed(&ClientError::RequestTimeoutError)),
        }
    }

    pub(super) fn failed(&self, error: &ClientError) -> EngineError {
        EngineError::of(&self.address, error, self.patience.as_secs())
    }

    /// Its version, and that of the API that is spoken: `20.10.24 (API 1.41)`; for the records only.
    #[must_use]
    pub fn version(&self) -> Option<String> {
        let answer = self.ask(self.docker.version()).ok()?;
        let api = answer.api_version.map(|api| format!(" (API {api})")).unwrap_or_default();
        answer.version.map(|version| version + &api)
    }

    /// Every container, running or not.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub fn list(&self) -> Result<Vec<Entry>, EngineError> {
        let options = ListContainersOptionsBuilder::default().all(true).build();
        let answer = self.ask(self.docker.list_containers(Some(options)))?;
        Ok(answer.into_iter().map(Entry::from).collect())
    }

    /// The state of a container by name, id or the beginning of its id; without events.
    ///
    /// # Errors
    /// When the name is no name, no container or several have it, or the engine does not answer.
    pub fn inspect(&self, name: &str) -> Result<ContainerState, EngineError> {
        if !valid_name(name) {
            return Err(EngineError::BadName { name: name.to_owned() });
        }
        let request = self.docker.inspect_container(name, None::<InspectContainerOptions>);
        match self.ask(request) {
            Ok(answer) => Ok(inspect::state(answer)),
            Err(EngineError::Refused { status: 404, .. }) => self.missing(name),
            Err(EngineError::Refused { message, .. }) if message.contains("Multiple IDs") => {
                let entries = self.list().unwrap_or_default();
                let same = entries.into_iter().filter(|entry| entry.id.starts_with(name));
                let candidates = same.map(|entry| entry.name).collect();
                Err(EngineError::Ambiguous { name: name.to_owned(), candidates })
            }
            Err(error) => Err(error),
        }
    }

    /// A name that no container has: the newest task of a swarm service of that name, else the names that are near.
    fn missing(&self, name: &str) -> Result<ContainerState, EngineError> {
        let entries = self.list()?;
        let tasks = entries.iter().filter(|entry| entry.swarm_service.as_deref() == Some(name));
        if let Some(task) = tasks.max_by_key(|entry| entry.created) {
            let request = self.docker.inspect_container(&task.id, None::<InspectContainerOptions>);
            return self.ask(request).map(inspect::state);
        }
        Err(EngineError::Unknown { name: name.to_owned(), near: near(name, &entries), any: !entries.is_empty() })
    }

    /// What the engine did to a container between two times (microseconds since 1970), oldest first. An engine remembers few events,
    /// so none is no proof of anything; one that does not answer here is no failure either. It answers only when `until` is over.
    #[must_use]
    pub fn events(&self, id: &str, since: i64, until: i64) -> Vec<Event> {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        let kinds = ["die", "kill", "oom", "stop", "start", "restart", "pause", "unpause"];
        let filters = HashMap::from([
            ("container".to_owned(), vec![id.to_owned()]),
            ("type".to_owned(), words(&["container"])),
            ("event".to_owned(), words(&kinds)),
        ]);
        let options =
            EventsOptionsBuilder::default().since(&seconds(since)).until(&seconds(until)).filters(&filters).build();
        let collect = async {
            let mut stream = std::pin::pin!(self.docker.events(Some(options)));
            let mut events = Vec::new();
            while let Some(Ok(message)) = stream.next().await {
                events.extend(inspect::event(message));
                if events.len() >= EVENTS {
                    break;
                }
            }
            Ok(events)
        };
        self.ask(collect).unwrap_or_default()
    }
}

/// A time as engines take it: seconds with a fraction.
fn seconds(micros: i64) -> String {
    format!("{}.{:06}000", micros.max(0) / 1_000_000, micros.max(0) % 1_000_000)
}

fn open(address: &Address, patience: Duration) -> Result<Docker, ClientError> {
    let seconds = patience.as_secs();
    let url = address.url.as_str();
    if url.starts_with("unix://") {
        return Docker::connect_with_unix(url, seconds, API_DEFAULT_VERSION);
    }
    if url.starts_with("ssh://") {
        return Docker::connect_with_ssh(url, seconds, API_DEFAULT_VERSION, None);
    }
    match &address.certificates {
        Some(folder) => {
            let file = |name: &str| folder.join(name);
            let (key, cert, ca) = (file("key.pem"), file("cert.pem"), file("ca.pem"));
            Docker::connect_with_ssl(url, &key, &cert, &ca, seconds, API_DEFAULT_VERSION)
        }
        None => Docker::connect_with_http(url, seconds, API_DEFAULT_VERSION),
    }
}
