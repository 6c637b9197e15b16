//! The connection to an engine, and the read-only questions it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bollard::errors::Error as ClientError;
use bollard::models::EventMessage;
use bollard::{API_DEFAULT_VERSION, Docker};
use futures_util::{Stream, StreamExt};
use serde::de::DeserializeOwned;
use tokio::runtime::Runtime;

use super::address::Address;
use super::error::EngineError;
use super::inspect;
use super::mounts;
use super::siblings::{Entries, Entry, near, valid_name};
use super::state::{ContainerState, Event};

/// How long an engine of this machine or network may take for one answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same through ssh, which has to log in first.
const SSH_PATIENCE: Duration = Duration::from_secs(20);
/// Most events read, and most bytes of them.
const EVENTS: usize = 512;
const EVENT_BYTES: usize = 1 << 20;
/// Most bytes of what an engine says of one container: a large one takes 50 KiB.
const STATE: usize = 512 << 10;
/// Most bytes of the list of all containers.
const LIST: usize = 16 << 20;

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
        let broken = |error: std::io::Error| EngineError::Broken { url: address.shown(), why: error.to_string() };
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

    /// The body of an answer about containers as it comes. The client library gathers answers whole, however long they are; in pieces it gives
    /// only the content of a container. So every question is asked as one for that: its path stands in the place of the name, and what
    /// the library adds (`/export`) becomes a part of the query that engines do not know and ignore.
    pub(super) fn body(&self, path: &str, query: &str) -> impl Stream<Item = Result<Vec<u8>, ClientError>> + use<> {
        let pieces = self.docker.export_container(&format!("{path}?{query}&as="));
        pieces.map(|piece| piece.map(|bytes| bytes.to_vec()))
    }

    /// An answer, of which so many bytes are listened to, and whether that is all of it.
    fn answer(&self, path: &str, query: &str, most: usize) -> Result<(Vec<u8>, bool), EngineError> {
        let mut pieces = std::pin::pin!(self.body(path, query));
        self.ask(async {
            let mut bytes = Vec::new();
            while let Some(piece) = pieces.next().await {
                bytes.extend_from_slice(&piece?);
                if bytes.len() > most {
                    return Ok((bytes, false));
                }
            }
            Ok((bytes, true))
        })
    }

    /// An answer in JSON.
    fn json<T: DeserializeOwned>(&self, path: &str, query: &str, most: usize) -> Result<T, EngineError> {
        let url = || self.address.shown();
        let (bytes, whole) = self.answer(path, query, most)?;
        if !whole {
            return Err(EngineError::Long { url: url(), question: format!("/containers/{path}"), most: most >> 10 });
        }
        serde_json::from_slice(&bytes).map_err(|error| EngineError::Broken { url: url(), why: error.to_string() })
    }

    pub(super) fn failed(&self, error: &ClientError) -> EngineError {
        EngineError::of(&self.address, error, self.patience.as_secs())
    }

    /// A flag that is set when the program is interrupted (Ctrl-C), which then does not end by that. It is looked at while the engine is asked.
    #[must_use]
    pub fn interruption(&self) -> Arc<AtomicBool> {
        let flag = Arc::new(AtomicBool::new(false));
        let set = Arc::clone(&flag);
        self.runtime.spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                set.store(true, Ordering::Relaxed);
            }
        });
        self.runtime.block_on(tokio::task::yield_now());
        flag
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
        self.json("json", "all=true", LIST).map(|Entries(entries)| entries)
    }

    /// The state of a container by name, id or the beginning of its id; without events.
    ///
    /// # Errors
    /// When the name is no name, no container or several have it, or the engine does not answer.
    pub fn inspect(&self, name: &str) -> Result<ContainerState, EngineError> {
        if !valid_name(name) {
            return Err(EngineError::BadName { name: name.to_owned() });
        }
        match self.state(name) {
            Err(EngineError::Refused { status: 404, .. }) => self.missing(name),
            Err(EngineError::Refused { message, .. }) if message.contains("Multiple IDs") => {
                let entries = self.list().unwrap_or_default();
                let same = entries.into_iter().filter(|entry| entry.id.starts_with(name));
                let candidates = same.map(|entry| entry.name).collect();
                Err(EngineError::Ambiguous { name: name.to_owned(), candidates })
            }
            answer => answer,
        }
    }

    fn state(&self, id: &str) -> Result<ContainerState, EngineError> {
        let mut state = self.json(&format!("{id}/json"), "size=false", STATE).map(inspect::state)?;
        if self.address.is_local() {
            state.missing_mounts = mounts::missing(&state, &mounts::exists);
        }
        state.listeners = self.listeners(&state);
        state.bound();
        Ok(state)
    }

    /// A name that no container has: the newest task of a swarm service of that name, else the names that are near.
    fn missing(&self, name: &str) -> Result<ContainerState, EngineError> {
        let entries = self.list()?;
        let tasks = entries.iter().filter(|entry| entry.swarm_service.as_deref() == Some(name));
        if let Some(task) = tasks.max_by_key(|entry| entry.created) {
            return self.state(&task.id);
        }
        Err(EngineError::Unknown { name: name.to_owned(), near: near(name, &entries), any: !entries.is_empty() })
    }

    /// What the engine did to a container between two times (microseconds since 1970), oldest first. An engine remembers few events,
    /// so none is no proof of anything; one that does not answer here is no failure either. It answers only when `until` is over.
    #[must_use]
    pub fn events(&self, id: &str, since: i64, until: i64) -> Vec<Event> {
        let kinds = r#"["die","kill","oom","stop","start","restart","pause","unpause"]"#;
        let filters = escaped(&format!(r#"{{"container":["{id}"],"type":["container"],"event":{kinds}}}"#));
        let query = format!("since={}&until={}&filters={filters}", seconds(since), seconds(until));
        let (bytes, _) = self.answer("../events", &query, EVENT_BYTES).unwrap_or_default();
        let messages = serde_json::Deserializer::from_slice(&bytes).into_iter::<EventMessage>();
        messages.map_while(Result::ok).filter_map(inspect::event).take(EVENTS).collect()
    }
}

/// A text as the value of a query.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
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
