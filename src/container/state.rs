//! What the engine knows of a container, as plain data. Times are microseconds since 1970 in UTC, durations microseconds.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ports::Listener;

/// What the engine knows of one container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerState {
    /// Its id, 64 hexadecimal digits.
    pub id: String,
    /// Its name, without the slash.
    pub name: String,
    /// Its compose service.
    pub service: Option<String>,
    /// Its compose project.
    pub project: Option<String>,
    /// Its image, as it was asked for.
    pub image: String,
    /// Entrypoint and command.
    pub command: Vec<String>,
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`.
    pub status: String,
    /// Exit status of the last run; 0 while the first one goes on.
    pub exit_code: i64,
    /// Whether the kernel's memory limit ended a process in it; engines miss some.
    pub oom_killed: bool,
    /// Process id of its first process on the engine's machine, while it runs.
    #[serde(skip)]
    pub pid: Option<i64>,
    /// Why the engine could not start it; empty when it could.
    pub error: String,
    /// When the last run began; `None` when it never did.
    pub started: Option<i64>,
    /// When the last run ended. May lie a little before `started`, observed on 20.10.
    pub finished: Option<i64>,
    /// Restarts by policy; a start by hand counts as none.
    pub restart_count: i64,
    /// `no`, `always`, `unless-stopped`, `on-failure:5`.
    pub restart_policy: String,
    /// Memory limit in bytes.
    pub memory_limit: Option<u64>,
    /// Its health check, if it has one.
    pub health: Option<Health>,
    /// Host ports it asks for or holds.
    pub ports: Vec<Port>,
    /// Ports its image announces.
    pub exposed: BTreeSet<u16>,
    /// What is open inside of it; `None` where that cannot be seen, which proves nothing.
    pub listeners: Option<Vec<Listener>>,
    /// Source and target of what the host's file system gives it.
    #[serde(skip)]
    pub binds: Vec<(String, String)>,
    /// Those of them that do not exist, where that can be seen, before its first start: `/srv/crm -> /data`.
    pub missing_mounts: Vec<String>,
    /// Where the engine keeps its own files of it, if it says so.
    #[serde(skip)]
    pub storage: Option<String>,
    /// Hosts and ports that its configuration hands requests on to, where it is a proxy: `crm:3000`.
    pub upstreams: Vec<String>,
    /// Its own names for some of these: `feed` and `feed:9000` of HAProxy's `server feed feed:9000 check`.
    pub servers: Vec<(String, String)>,
    /// The compose services that it needs to run, not only to have run.
    pub needs: Vec<String>,
    /// Networks it belongs to.
    pub networks: Vec<Endpoint>,
    /// Network mode: `bridge`, `host`, `container:…`, a network's name.
    pub network_mode: String,
    /// `json-file`, `local`, `none`, …
    pub log_driver: String,
    /// Where the engine keeps its log, if it says so.
    #[serde(skip)]
    pub log_path: Option<String>,
    /// Bytes after which the log is rotated, if it is.
    pub log_max_size: Option<String>,
    /// Whether it has a terminal: one stream, colours, CRLF.
    pub tty: bool,
    /// What the engine did to it lately, oldest first. The engine remembers 256 events in all, so a missing one proves nothing.
    pub events: Vec<Event>,
    /// `NAME=value` of its environment; only for masking and for the hosts in it, never shown.
    #[serde(skip)]
    pub environment: Vec<String>,
    /// Who holds host ports that it asks for and did not get: port, and the holder as a phrase.
    pub port_owners: Vec<(u16, String)>,
    /// Whether more was said of it than of any real container; the rest was left out.
    #[serde(skip)]
    pub cut: bool,
}

/// A health check and what it saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// `starting`, `healthy`, `unhealthy`.
    pub status: String,
    /// Failed probes in a row.
    pub failing: i64,
    /// `["CMD-SHELL", "curl …"]` or `["CMD", "curl", …]`.
    pub test: Vec<String>,
    /// Between two probes.
    pub interval: i64,
    /// Failures in it do not count.
    pub start_period: i64,
    /// Failures in a row until unhealthy.
    pub retries: i64,
    /// The last probes, oldest first; the engine keeps five.
    pub log: Vec<Probe>,
}

impl Health {
    /// How long a start may take before the container counts as unhealthy: start period + retries × interval.
    #[must_use]
    pub const fn budget(&self) -> i64 {
        self.start_period.saturating_add(self.retries.saturating_mul(self.interval))
    }
}

/// One answer of a health check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Probe {
    /// Exit status; -1 when it timed out or could not be run at all.
    pub exit_code: i64,
    /// What it printed; the engine keeps 4 KiB.
    pub output: String,
    /// When it ended.
    pub ended: Option<i64>,
}

/// A published port.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Port {
    /// Inside the container.
    pub inside: u16,
    /// `tcp`, `udp`, `sctp`.
    pub protocol: String,
    /// Address of the host; empty = all.
    pub address: String,
    /// On the host; `None` = any free one.
    pub host: Option<u16>,
    /// Whether the engine has it bound now.
    pub bound: bool,
}

/// Membership in a network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    /// The network's name.
    pub network: String,
    /// Its address there; `None` once the container has ended.
    pub address: Option<String>,
    /// IPv6 address there.
    pub address6: Option<String>,
    /// Names it answers to there, besides its own.
    pub aliases: Vec<String>,
}

/// Something the engine did to a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub time: i64,
    /// `oom`, `kill signal=9`, `die exitCode=137`.
    pub what: String,
}

/// A run is long without comparison after it, and none outlives others before it; in microseconds.
const MINUTE: i64 = 60_000_000;
const MOMENT: i64 = 10_000_000;
/// An engine that waits so long before a restart did so at least for the fourth time in a row: it begins with a tenth of a second and doubles.
const WAITED: i64 = 700_000;

impl ContainerState {
    /// Whether a process of it is alive now.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.status.as_str(), "running" | "paused")
    }

    /// Whether its run has lasted longer than each before it that is known, and not only for a moment; where none is known, for long.
    #[must_use]
    pub fn outlived(&self, now: i64) -> bool {
        let Some(started) = self.started else { return false };
        let (mut begun, mut longest) = (None, None);
        for event in self.events.iter().filter(|event| event.time < started) {
            match event.what.split(' ').next() {
                Some("start") => begun = Some(event.time),
                Some("die") => longest = longest.max(begun.take().map(|begun| event.time - begun)),
                _ => {}
            }
        }
        // An engine forgets events soon; but it waits longer and longer only behind runs of less than ten seconds.
        let waited = self.finished.filter(|finished| *finished < started).map(|finished| started - finished);
        let longest = longest.or(waited.filter(|waited| *waited >= WAITED).map(|_| MOMENT));
        now - started > longest.map_or(MINUTE, |longest| longest.saturating_mul(2).max(MOMENT))
    }

    /// Whether its run is more than another try: by hand it was started once and has lasted, by its policy it has lasted longer than those before.
    #[must_use]
    pub fn lives_on(&self, now: i64) -> bool {
        let healthy = self.health.as_ref().is_some_and(|health| health.status == "healthy");
        let lasts = || match self.restart_count {
            0 => self.started.is_some_and(|started| now - started >= MOMENT),
            _ => self.outlived(now),
        };
        self.is_well() && (healthy || lasts())
    }

    /// Whether it runs, its health check does not complain, and it is not restarted again and again.
    #[must_use]
    pub fn serves(&self, now: i64) -> bool {
        self.is_well() && self.is_settled(now)
    }

    /// Whether its health check complains.
    #[must_use]
    pub fn is_unhealthy(&self) -> bool {
        self.health.as_ref().is_some_and(|health| health.status == "unhealthy")
    }

    /// Whether it runs and its health check, if it has one, does not complain.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.status == "running" && !self.is_unhealthy()
    }

    /// Whether it was not restarted, or runs longer than before.
    fn is_settled(&self, now: i64) -> bool {
        self.restart_count == 0 || self.outlived(now)
    }

    /// Whether the mark that the kernel's memory limit ended a process is of a run before this one: an engine may keep it behind the next start.
    #[must_use]
    pub fn was_oom_killed_before(&self, now: i64) -> bool {
        let again = self.started.zip(self.finished).is_some_and(|(started, finished)| finished < started);
        let since = self.events.iter().any(|event| event.what == "oom" && Some(event.time) >= self.started);
        self.oom_killed && again && !since && self.is_running() && self.is_settled(now)
    }

    /// Adds what was seen of its earlier runs, where the engine has forgotten how they ended.
    pub fn remember(&mut self, seen: &[Event]) {
        let known = |event: &Event| event.what.starts_with("die") && Some(event.time) < self.started;
        if !self.events.iter().any(known) {
            self.events.extend(seen.iter().cloned());
            self.events.sort_by_key(|event| event.time);
        }
    }

    /// Whether the engine will start it again by itself.
    #[must_use]
    pub fn comes_back(&self) -> bool {
        !matches!(self.restart_policy.as_str(), "" | "no")
    }

    /// Whether its last run has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.status.as_str(), "exited" | "dead" | "restarting")
    }

    /// Names other containers reach it by.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let aliases = self.networks.iter().flat_map(|endpoint| &endpoint.aliases).map(String::as_str);
        std::iter::once(self.name.as_str()).chain(self.service.as_deref()).chain(aliases)
    }

    /// Its addresses in its networks.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.networks.iter().flat_map(|endpoint| endpoint.address.iter().chain(&endpoint.address6)).map(String::as_str)
    }

    /// The networks in which containers find each other by name: not the default bridge.
    pub fn own_networks(&self) -> impl Iterator<Item = &str> {
        let default = |name: &str| matches!(name, "bridge" | "host" | "none" | "podman");
        self.networks.iter().map(|endpoint| endpoint.network.as_str()).filter(move |name| !default(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_outlives_those_before_it_when_it_lasts_twice_as_long() {
        let second = |number: i64| number * 1_000_000;
        let event = |time: i64, what: &str| Event { time: second(time), what: what.to_owned() };
        let state = ContainerState {
            started: Some(second(100)),
            events: vec![event(10, "start"), event(18, "die exitCode=1"), event(100, "start")],
            ..ContainerState::default()
        };
        assert!(!state.outlived(second(114)) && state.outlived(second(117)));
        let short = ContainerState { events: vec![event(10, "start"), event(11, "die exitCode=1")], ..state.clone() };
        assert!(!short.outlived(second(109)) && short.outlived(second(111)), "not only for a moment");
        let waited = ContainerState { events: Vec::new(), finished: Some(second(99)), ..state.clone() };
        assert!(!waited.outlived(second(119)) && waited.outlived(second(121)), "the engine waited for a second");
        let unknown = ContainerState { events: Vec::new(), ..state };
        assert!(!unknown.outlived(second(159)) && unknown.outlived(second(161)));
    }
}
