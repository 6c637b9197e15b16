//! Whose an address is: which of the containers another one reaches by a host and a port.

use std::net::IpAddr;

use super::siblings::related;
use super::state::ContainerState;

/// How far clocks and stamps may lie apart, in microseconds.
const SLACK: i64 = 2_000_000;

/// Which of the containers another one reaches by this host and port; ended ones included.
#[must_use]
pub fn owner(host: &str, port: Option<u16>, from: usize, containers: &[ContainerState]) -> Option<usize> {
    found(host, port, from, containers).map(|(index, _)| index)
}

/// Whether an owner is only the likeliest one: nobody holds the address any more, and nothing names who held it.
#[must_use]
pub fn is_guess(host: &str, port: Option<u16>, from: usize, containers: &[ContainerState]) -> bool {
    found(host, port, from, containers).is_some_and(|(_, guess)| guess)
}

/// The container that holds an address now although another one was meant: it was started behind the one that asks, which looked the address
/// up before, and the port is not open there.
#[must_use]
pub fn successor(host: &str, port: Option<u16>, from: usize, containers: &[ContainerState]) -> Option<usize> {
    let (asks, port) = (containers.get(from)?, port?);
    let holder = containers.iter().position(|state| state.addresses().any(|known| known == host))?;
    let state = containers.get(holder).filter(|_| holder != from)?;
    let later = state.started.zip(asks.started).is_some_and(|(started, asked)| started > asked);
    let named = asks.upstreams.iter().any(|upstream| is_called(state, parts(upstream).0));
    let open = |port| state.listeners.as_ref().map(|open| open.iter().any(|listener| listener.port == port));
    let serves = |port| open(port).unwrap_or_else(|| state.exposed.is_empty() || state.exposed.contains(&port));
    (later && !named && !serves(port)).then_some(holder)
}

/// The owner, and whether that is a guess.
fn found(host: &str, port: Option<u16>, from: usize, containers: &[ContainerState]) -> Option<(usize, bool)> {
    let own = containers.get(from)?;
    if matches!(host, "localhost" | "::1") || host.starts_with("127.") {
        return Some((from, false));
    }
    if matches!(host, "host.docker.internal" | "host.containers.internal") {
        let publishes = |state: &ContainerState| state.ports.iter().any(|known| port.is_some() && known.host == port);
        return containers.iter().position(publishes).map(|index| (index, false));
    }
    let near = |(index, state): &(usize, &ContainerState)| *index == from || related(own, state);
    let near: Vec<(usize, &ContainerState)> = containers.iter().enumerate().filter(near).collect();
    let successor = successor(host, port, from, containers);
    let holds = |(index, state): &&(usize, &ContainerState)| {
        Some(*index) != successor && state.addresses().any(|known| known == host)
    };
    let called = |(_, state): &&(usize, &ContainerState)| is_called(state, host);
    if let Some((index, _)) = near.iter().find(holds).or_else(|| near.iter().find(called)) {
        return Some((*index, false));
    }
    host.parse::<IpAddr>().ok()?;
    let others: Vec<(usize, &ContainerState)> = near.into_iter().filter(|(index, _)| *index != from).collect();
    let named = others.iter().filter(|(_, state)| is_named(own, state, port));
    only(named.map(|(index, _)| *index)).map(|index| (index, false)).or_else(|| last_owner(own, port, &others))
}

/// An ended container has no address any more. The likeliest owner is the only one that ended while the address was in use, and announces the
/// port; or, where none does, announces nothing at all.
fn last_owner(own: &ContainerState, port: Option<u16>, others: &[(usize, &ContainerState)]) -> Option<(usize, bool)> {
    let port = port?;
    // Who ended before the address was looked up had none.
    let late = |state: &ContainerState| {
        own.started.zip(state.finished).is_none_or(|(started, finished)| finished + SLACK >= started)
    };
    let ended = || others.iter().filter(|(_, state)| state.has_ended() && late(state));
    if ended().any(|(_, state)| state.exposed.contains(&port)) {
        let announces = ended().filter(|(_, state)| state.exposed.contains(&port));
        return only(announces.map(|(index, _)| *index)).map(|index| (index, true));
    }
    // A job that is done, and what ended in another way than by failing or by order, did not serve.
    let silent = ended().filter(|(_, state)| state.exposed.is_empty() && state.exit_code != 0);
    only(silent.map(|(index, _)| *index)).map(|index| (index, true))
}

/// Whether the configuration of a proxy names a container, which has ended, for a port.
fn is_named(proxy: &ContainerState, state: &ContainerState, port: Option<u16>) -> bool {
    let fits = |(host, known): (&str, Option<u16>)| is_called(state, host) && (known.is_none() || known == port);
    state.has_ended() && proxy.upstreams.iter().any(|upstream| fits(parts(upstream)))
}

/// Host and port of `crm:3000`.
fn parts(upstream: &str) -> (&str, Option<u16>) {
    match upstream.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (upstream, None),
    }
}

fn is_called(state: &ContainerState, host: &str) -> bool {
    state.names().any(|name| name.eq_ignore_ascii_case(host))
}

/// The only one of several.
fn only(mut all: impl Iterator<Item = usize>) -> Option<usize> {
    all.next().filter(|_| all.next().is_none())
}

#[cfg(test)]
#[path = "owner_tests.rs"]
mod tests;
