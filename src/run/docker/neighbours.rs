//! The neighbours: the containers that the evidence points to, from one to the next.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::container::{ContainerState, Entry, duration, is_guess, near_hosts, owner, related, successor};
use crate::diagnosis::{Blamed, Finding, diagnose, profile_of};
use crate::rule::RuleSet;

use super::Gatherer;

/// Neighbours that are read besides what was asked for.
const NEIGHBOURS: usize = 4;
/// Containers that are inspected to find out whose an address is, besides those that are called so.
const INSPECTED: usize = 40;
/// How long a program may run without listening before that is a fault, in microseconds.
const YOUNG: i64 = 60_000_000;

/// Host and port that evidence tells of, and the container it was seen in.
type Pointer = (String, Option<u16>, usize);

/// Containers in reach that were inspected and not read.
struct Others {
    states: Vec<ContainerState>,
    /// How many are in reach.
    reach: usize,
    /// How many of them were looked at.
    seen: usize,
}

impl Gatherer<'_> {
    /// Follows the evidence from container to container.
    pub(super) fn neighbours(&mut self) {
        let mut others: Option<Others> = None;
        let mut known: Vec<String> = Vec::new();
        let mut read = 0;
        while let Some((host, port, from)) = self.pointers().into_iter().find(|(host, _, from)| {
            owner(host, None, *from, self.gathered.scene.containers()).is_none()
                && !known.contains(&format!("{from} {host}"))
        }) {
            known.push(format!("{from} {host}"));
            let mut others_now = others.take().unwrap_or_else(|| self.related());
            self.look_for(&host, &mut others_now);
            self.configured(&host, from);
            if self.gathered.scene.meant(Some(from), host.clone(), port).0 != host {
                others = Some(others_now);
                continue;
            }
            self.meet(&(host, port, from), &mut others_now, &mut read);
            others = Some(others_now);
        }
    }

    /// Reads the proxies that may ask a container whose log tells of a fault while it runs: their request logs tell whether it goes on.
    pub(super) fn proxies(&mut self) {
        let is_proxy = |rules: &RuleSet, state: &ContainerState| {
            let profile = profile_of(rules, state).and_then(|index| rules.profiles.get(index));
            profile.is_some_and(|profile| profile.area() == "proxy")
        };
        let scene = &self.gathered.scene;
        let diagnosis = diagnose(self.rules, &self.reading.read.units, self.forced, scene);
        let logged = diagnosis.causes.iter().flat_map(|cause| &cause.members).filter(|member| !member.of_state);
        let mut places = logged.filter_map(|member| scene.of_source(member.matched.first.source));
        let doubtful = places.any(|index| {
            let state = scene.containers().get(index);
            scene.is_asked(Some(index))
                && state.is_some_and(|state| state.serves(scene.now()) && !is_proxy(self.rules, state))
        });
        if !doubtful || scene.containers().iter().any(|state| is_proxy(self.rules, state)) {
            return;
        }
        let projects: Vec<Option<String>> = scene.containers().iter().map(|state| state.project.clone()).collect();
        let near = self
            .related()
            .states
            .into_iter()
            .filter(|state| state.project.is_some() && projects.contains(&state.project));
        let proxies: Vec<ContainerState> =
            near.filter(|state| state.is_running() && is_proxy(self.rules, state)).take(1).collect();
        for state in proxies {
            self.container(state, false);
        }
    }

    /// Reads the container that a pointer leads to, or says why there is none.
    fn meet(&mut self, (host, port, from): &Pointer, others: &mut Others, read: &mut usize) {
        let mut all = self.gathered.scene.containers().to_vec();
        let first = all.len();
        all.extend(others.states.iter().cloned());
        self.gathered.notes.extend(taken_over(host, *port, *from, &all));
        match owner(host, *port, *from, &all) {
            Some(found) if found >= first && *read < NEIGHBOURS => {
                *read += 1;
                let guess = is_guess(host, *port, *from, &all);
                let state = others.states.remove(found - first);
                let notes = &mut self.gathered.notes;
                notes.extend(not_running(&state, host, guess));
                notes.extend(not_listening(&state, self.gathered.scene.now()));
                notes.extend(all.get(*from).and_then(|own| unresolved(own, &state, host)));
                self.container(state, false);
            }
            Some(found) if found >= first => {
                let name = all.get(found).map(|state| state.name.as_str()).unwrap_or_default();
                self.gathered.notes.push(format!("{name} was not read: {NEIGHBOURS} neighbours are the limit"));
            }
            Some(_) => {}
            None => self.nobody(host, *from, &all, others),
        }
    }

    /// Hosts and ports that the faults found so far tell of, and the container each was seen in.
    fn pointers(&self) -> Vec<Pointer> {
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

    /// The states of the containers that belong to the same projects and networks as those read so far; of many, those of the same projects and
    /// those that do not run first.
    fn related(&mut self) -> Others {
        let mut near = self.in_reach();
        let projects: BTreeSet<String> =
            self.gathered.scene.containers().iter().filter_map(|state| state.project.clone()).collect();
        let own = |entry: &Entry| entry.project.as_ref().is_some_and(|project| projects.contains(project));
        near.sort_by_key(|entry| (!own(entry), entry.status == "running"));
        let seen: Vec<&Entry> = near.iter().take(INSPECTED).collect();
        let states = seen.iter().filter_map(|entry| self.engine.inspect(&entry.id).ok());
        let mine = self.gathered.scene.containers();
        let states = states.filter(|state| mine.iter().any(|own| related(own, state))).collect();
        Others { states, reach: near.len(), seen: seen.len() }
    }

    /// Those in reach of what was read, without that itself.
    fn in_reach(&mut self) -> Vec<Entry> {
        let mine: Vec<ContainerState> = self.gathered.scene.containers().to_vec();
        let near = |entry: &&Entry| {
            mine.iter().all(|state| state.id != entry.id)
                && mine.iter().any(|state| {
                    (state.project.is_some() && state.project == entry.project)
                        || state.networks.iter().any(|endpoint| entry.networks.contains(&endpoint.network))
                })
        };
        self.entries().iter().filter(near).cloned().collect()
    }

    /// Looks among all in reach for the container that has a name or an address.
    fn look_for(&mut self, host: &str, others: &mut Others) {
        if others.seen >= others.reach {
            return;
        }
        let unseen = |entry: &Entry| others.states.iter().all(|state| state.id != entry.id);
        let called = self.in_reach().into_iter().filter(|entry| entry.is_at(host) && unseen(entry));
        let states: Vec<ContainerState> = called.filter_map(|entry| self.engine.inspect(&entry.id).ok()).collect();
        others.seen += states.len();
        others.states.extend(states);
    }

    /// A name or address that no container has.
    fn nobody(&mut self, host: &str, from: usize, all: &[ContainerState], others: &Others) {
        let Some(own) = all.get(from) else { return };
        let looked = if others.seen < others.reach {
            format!(" ({} of the {} in reach were looked at)", others.seen, others.reach)
        } else {
            String::new()
        };
        let note = if own.network_mode == "none" {
            format!("{} has no network (network mode none): it can reach nobody", own.name)
        } else if host.parse::<IpAddr>().is_ok() {
            format!("No container in reach of {} has the address {host} now{looked}{}", own.name, suspects(own, all))
        } else if let Some(entry) = self.entries().iter().find(|entry| entry.is_at(host)) {
            elsewhere(own, entry, host)
        } else {
            match near_hosts(host, from, all).first() {
                Some(name) => {
                    format!("No container in reach of {} is called \"{host}\"{looked}; there is \"{name}\"", own.name)
                }
                None if host.contains('.') => return,
                None => format!("No container in reach of {} is called \"{host}\"{looked}", own.name),
            }
        };
        self.gathered.notes.push(note);
    }
}

/// The containers that may have had an address: what ended while it was in use; and how to look at more.
fn suspects(own: &ContainerState, all: &[ContainerState]) -> String {
    let since = |state: &&ContainerState| state.has_ended() && state.finished > own.started && related(own, state);
    let names: Vec<&str> = all.iter().filter(since).map(|state| state.name.as_str()).take(NEIGHBOURS).collect();
    let ended = if names.is_empty() {
        String::new()
    } else {
        format!("; ended since {} started: {}", own.name, names.join(", "))
    };
    let project =
        own.project.as_ref().map(|project| format!("; diagnose --project {project} reads all of its project"));
    ended + &project.unwrap_or_default()
}

/// A container of this name that is on other networks.
fn elsewhere(own: &ContainerState, entry: &Entry, host: &str) -> String {
    let mine: Vec<&str> = own.networks.iter().map(|endpoint| endpoint.network.as_str()).collect();
    let theirs: Vec<&str> = entry.networks.iter().map(String::as_str).collect();
    let called = if entry.name == host { String::new() } else { format!(", which is \"{host}\",") };
    let on = |names: &[&str]| if names.is_empty() { "no network".to_owned() } else { names.join(", ") };
    let default = if mine == ["bridge"] { ", where names do not resolve" } else { "" };
    format!(
        "{}{called} ({}) shares no network with {}: it is on {}, {} on {}{default}",
        entry.name,
        entry.status,
        own.name,
        on(&theirs),
        own.name,
        on(&mine)
    )
}

/// That names do not resolve where both are.
fn unresolved(own: &ContainerState, state: &ContainerState, host: &str) -> Option<String> {
    let shared = own.own_networks().any(|network| state.own_networks().any(|other| other == network));
    (host.parse::<IpAddr>().is_err() && !shared).then(|| {
        format!(
            "{} and {} share no network but the default one, in which names do not resolve: put both on a network of their own",
            own.name, state.name
        )
    })
}

/// That an address belongs to another container by now.
fn taken_over(host: &str, port: Option<u16>, from: usize, all: &[ContainerState]) -> Option<String> {
    let (holder, own) = (all.get(successor(host, port, from, all)?)?, all.get(from)?);
    Some(format!(
        "{host} belongs to {} by now, which was started after {} and does not serve port {}: restart {} once its application runs",
        holder.name,
        own.name,
        port.unwrap_or_default(),
        own.name
    ))
}

/// That a container which was asked for something runs, and does not listen yet.
fn not_listening(state: &ContainerState, now: i64) -> Option<String> {
    let up = now - state.started.filter(|_| state.listeners.as_ref().is_some_and(Vec::is_empty))?;
    (up < YOUNG).then(|| format!("{} runs for {}, and nothing listens in it yet", state.name, duration(up)))
}

/// That a container which was asked for something does not run.
fn not_running(state: &ContainerState, host: &str, guess: bool) -> Option<String> {
    let how = match state.status.as_str() {
        "running" => return None,
        "exited" | "restarting" | "dead" => format!("{}, exit status {}", state.status, state.exit_code),
        other => other.to_owned(),
    };
    let called = match host.parse::<IpAddr>() {
        Ok(address) if guess => format!(", likely the last owner of {address},"),
        Ok(address) => format!(", which had the address {address},"),
        Err(_) if state.name == host => String::new(),
        Err(_) => format!(", which is \"{host}\","),
    };
    Some(format!("{}{called} does not run: {how}", state.name))
}
