//! The containers around the logs: which unit belongs to which container, and who an address in the evidence is.

use std::collections::BTreeMap;

use crate::container::{ContainerState, facts, is_guess, owner};
use crate::rule::{ProfileFile, RuleFile, RuleSet, fact};

use super::finding::Finding;
use super::link::called;

/// Captures that may name another container, the most telling first.
const POINTERS: [&str; 6] = ["upstream", "address", "host", "url", "to_host", "target"];

/// What is known besides logs. Empty for files and pipes.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    containers: Vec<ContainerState>,
    /// The facts of each container, as its report shows them.
    facts: Vec<String>,
    /// How many of the containers were asked for; they come first. The rest are neighbours.
    asked: usize,
    /// For each input, the container it belongs to.
    of_source: Vec<Option<usize>>,
    /// For each input, whose log it is by its name.
    called: Vec<Option<String>>,
    /// When the states were taken, microseconds since 1970.
    now: i64,
}

impl Scene {
    /// A scene at a moment (microseconds since 1970, UTC); containers are added as they are read.
    #[must_use]
    pub fn at(now: i64) -> Self {
        Self { now, ..Self::default() }
    }

    /// Adds a container; gives its index. All that were asked for come before the first neighbour.
    pub fn add(&mut self, state: ContainerState, asked: bool) -> usize {
        let facts = facts(&state, self.now);
        self.restore(state, facts, asked)
    }

    /// As [`Scene::add`] for a state that was taken before: its facts were written at that time.
    pub fn restore(&mut self, state: ContainerState, facts: String, asked: bool) -> usize {
        self.asked += usize::from(asked);
        self.facts.push(facts);
        self.containers.push(state);
        self.containers.len() - 1
    }

    /// Says to which container the next input belongs.
    pub fn input_of(&mut self, container: Option<usize>) {
        self.of_source.push(container);
    }

    /// Says what the inputs are called, in their order.
    pub fn call_inputs<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        self.called = names.map(called).collect();
    }

    /// Whose log an input is, where its name tells.
    #[must_use]
    pub fn called(&self, source: usize) -> Option<&str> {
        self.called.get(source)?.as_deref()
    }

    /// Says what the configuration of a proxy hands requests on to.
    pub fn hands_on_to(&mut self, container: usize, upstreams: Vec<String>, servers: Vec<(String, String)>) {
        if let Some(state) = self.containers.get_mut(container) {
            (state.upstreams, state.servers) = (upstreams, servers);
        }
    }

    /// How many of the containers were asked for.
    #[must_use]
    pub const fn asked(&self) -> usize {
        self.asked
    }

    /// The containers, those that were asked for first.
    #[must_use]
    pub fn containers(&self) -> &[ContainerState] {
        &self.containers
    }

    /// The facts of a container, one a line.
    #[must_use]
    pub fn facts_of(&self, container: usize) -> &str {
        self.facts.get(container).map_or("", String::as_str)
    }

    /// When the states were taken.
    #[must_use]
    pub const fn now(&self) -> i64 {
        self.now
    }

    /// The container of an input.
    #[must_use]
    pub fn of_source(&self, source: usize) -> Option<usize> {
        self.of_source.get(source).copied().flatten()
    }

    /// The state of the container of an input.
    #[must_use]
    pub fn state_of(&self, source: usize) -> Option<&ContainerState> {
        self.containers.get(self.of_source(source)?)
    }

    /// Whether a container was asked for; without containers everything was.
    #[must_use]
    pub fn is_asked(&self, container: Option<usize>) -> bool {
        container.is_none_or(|container| container < self.asked)
    }

    /// The container a finding was seen in.
    pub(super) fn of_finding(&self, finding: &Finding) -> Option<usize> {
        self.of_source(finding.matched.first.source)
    }

    /// Host and port at the other end of what a finding tells of: from its captures, else from the address in the environment
    /// that belongs to the finding's area.
    #[must_use]
    pub fn pointer(&self, rules: &RuleSet, finding: &Finding) -> Option<(String, Option<u16>)> {
        let rule = rules.rules.get(finding.rule).filter(|rule| rule.remote)?;
        let captures = &finding.matched.captures;
        let own = POINTERS.iter().find_map(|name| place(captures.get(*name)?)).map(|(host, port)| {
            let beside = captures.get("port").and_then(|port| port.parse().ok());
            (host, port.or(beside))
        });
        let own = own.map(|(host, port)| self.meant(self.of_finding(finding), host, port));
        own.or_else(|| self.environment_pointer(rules, rule, self.of_finding(finding)?))
    }

    /// Whom a proxy means by its own name for a server, where its configuration tells: HAProxy's `be/feed` is `feed:9000`.
    #[must_use]
    pub fn meant(&self, from: Option<usize>, host: String, port: Option<u16>) -> (String, Option<u16>) {
        let state = from.and_then(|from| self.containers.get(from));
        let known = state.and_then(|state| state.servers.iter().find(|(name, _)| *name == host));
        known.and_then(|(_, address)| place(address)).unwrap_or((host, port))
    }

    fn environment_pointer(&self, rules: &RuleSet, rule: &RuleFile, container: usize) -> Option<(String, Option<u16>)> {
        let state = self.containers.get(container)?;
        // Of several programs of one area, a server and what stands before it, one has the scheme.
        let services = || rules.profiles.iter().filter(|profile| profile.service && profile.area() == rule.area());
        let of = |scheme: &str| services().find(|profile| profile.schemes.iter().any(|known| known == scheme));
        let urls = state.environment.iter().filter_map(|line| line.split_once('=')).map(|(_, value)| value);
        let mut fitting = urls.filter_map(|url| Some((url, of(url.split_once("://")?.0)?)));
        let (url, profile) = fitting.next()?;
        let (host, port) = place(url)?;
        Some((host, port.or(profile.port)))
    }

    /// What a container's environment says about other containers of the scene, without names, users, secrets and paths:
    /// `redis://cache:6379`. The first of each scheme is the one that counts.
    #[must_use]
    pub fn addresses(&self, container: usize) -> Vec<String> {
        let Some(state) = self.containers.get(container) else { return Vec::new() };
        let (mut schemes, mut addresses) = (Vec::new(), Vec::new());
        for url in state.environment.iter().filter_map(|line| line.split_once('=')).map(|(_, value)| value) {
            let Some((scheme, _)) = url.split_once("://").filter(|(scheme, _)| !schemes.contains(scheme)) else {
                continue;
            };
            schemes.push(scheme);
            let Some((host, port)) = place(url) else { continue };
            if owner(&host, port, container, &self.containers).is_some() {
                let host = if host.contains(':') { format!("[{host}]") } else { host };
                let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                addresses.push(format!("{scheme}://{host}{port}"));
            }
        }
        addresses
    }

    /// The container at the other end of a finding, if it is one of the scene.
    pub(super) fn target(&self, rules: &RuleSet, finding: &Finding) -> Option<usize> {
        let (host, port) = self.pointer(rules, finding)?;
        owner(&host, port, self.of_finding(finding)?, &self.containers)
    }

    /// Whether the container at the other end of a finding is only the likeliest one.
    pub(super) fn is_guess(&self, rules: &RuleSet, finding: &Finding) -> bool {
        let from = self.of_finding(finding);
        let pointer = self.pointer(rules, finding).zip(from);
        pointer.is_some_and(|((host, port), from)| is_guess(&host, port, from, &self.containers))
    }

    /// The first fact of a container that agrees with a rule's `corroborate`.
    pub(super) fn witness(&self, rule: &RuleFile, container: usize) -> Option<&str> {
        let lines = self.facts_of(container).lines();
        lines.filter_map(|line| Some((line, fact(line)?))).find_map(|(line, (key, value))| {
            let wanted = rule.corroborate.get(key)?;
            wanted.iter().any(|pattern| crate::rule::matches_whole(pattern, value)).then_some(line)
        })
    }
}

/// The profile of a container by its image, where its lines do not tell.
#[must_use]
pub fn profile_of(rules: &RuleSet, state: &ContainerState) -> Option<usize> {
    let name = repository(&state.image);
    let fits = |profile: &ProfileFile| profile.images.iter().any(|known| ends_like(name, known));
    let fitting = rules.profiles.iter().enumerate().filter(|(_, profile)| fits(profile));
    fitting.max_by_key(|(_, profile)| profile.rank).map(|(index, _)| index)
}

/// The profile of the service that an area of rules is about: seen from both sides, by its clients and by itself.
pub(super) fn service_of<'r>(rules: &'r RuleSet, rule: &RuleFile) -> Option<&'r ProfileFile> {
    rules.profiles.iter().find(|profile| profile.service && profile.area() == rule.area())
}

/// Host and port of `http://172.18.0.5:3000/x`, `postgres://user:secret@db:5432/default`, `server:3000`, `[::1]:5432` or `db`.
fn place(text: &str) -> Option<(String, Option<u16>)> {
    if text.starts_with("unix:") {
        return None;
    }
    let (whole, bare) = text.split_once("://").map_or((true, text), |(_, rest)| (false, rest));
    // HAProxy names a server behind its group: `be/feed`.
    let server = bare
        .split_once('/')
        .filter(|(group, server)| whole && !group.contains([':', '.']) && !server.contains(['/', ':']));
    let bare = server.map_or(bare, |(_, server)| server);
    let authority = bare.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        return Some((host.to_owned(), port.strip_prefix(':').and_then(|port| port.parse().ok())));
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if host.contains(':') && port.parse::<u16>().is_err() => (authority, None),
        Some((host, port)) => (host, port.parse().ok()),
        None => (authority, None),
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    (!host.is_empty() && host.chars().all(fits)).then(|| (host.to_owned(), port))
}

/// `twentycrm/twenty` of `registry:5000/twentycrm/twenty:v0.33@sha256:…`.
fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// Whether a repository is `known`, or `known` below a registry or an organisation.
fn ends_like(repository: &str, known: &str) -> bool {
    repository.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// Values to fill into texts: what the engine calls the container of an input.
#[must_use]
pub fn names(scene: &Scene, source: usize) -> BTreeMap<String, String> {
    let state = scene.state_of(source);
    let container = state.map(|state| ("container".to_owned(), state.name.clone()));
    let service = state.and_then(|state| Some(("service".to_owned(), state.service.clone()?)));
    container.into_iter().chain(service).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_what_logs_and_settings_hold() {
        let read = |text: &str| place(text).map(|(host, port)| format!("{host} {}", port.unwrap_or(0)));
        for (text, expected) in [
            ("http://172.18.0.5:3000/welcome", "172.18.0.5 3000"),
            ("postgres://user:p@ss@db:5432/default", "db 5432"),
            ("redis://cache", "cache 0"),
            ("server:3000", "server 3000"),
            ("[::1]:5432", "::1 5432"),
            ("::1:5432", "::1 5432"),
            ("tenant-db", "tenant-db 0"),
            ("be/feed", "feed 0"),
            ("server:3000/welcome", "server 3000"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(read("unix:/run/x.sock:"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn images_are_known_below_any_registry() {
        assert_eq!(repository("localhost:5000/twentycrm/twenty:v1@sha256:00"), "localhost:5000/twentycrm/twenty");
        assert!(ends_like(repository("postgres:15-alpine"), "postgres"));
        assert!(ends_like("ghcr.io/x/postgres", "postgres"));
        assert!(!ends_like("my-postgres", "postgres"));
    }
}
