//! The other containers of an engine: who is near in name, and who belongs to the same project or networks.

use std::collections::BTreeSet;

use bollard::models::{ContainerSummary, EndpointSettings};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::state::ContainerState;

/// Most near names that are suggested.
const SUGGESTED: usize = 3;
/// Most containers of an engine.
const LISTED: usize = 20_000;
/// Likeness from which on a name is worth suggesting; 1 is equal.
const LIKE: f64 = 0.8;
/// Names that are less like by more than this than the best one are not suggested beside it.
const SPREAD: f64 = 0.05;

/// A container as the list shows it. The list knows no aliases; those take an inspection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// `running`, `exited`, …
    pub status: String,
    /// Its compose service.
    pub service: Option<String>,
    /// Its compose project.
    pub project: Option<String>,
    /// The swarm service it is a task of.
    pub swarm_service: Option<String>,
    /// When it was made, seconds since 1970.
    pub created: i64,
    /// Names of its networks.
    pub networks: BTreeSet<String>,
    /// Its addresses in them, while it runs.
    pub addresses: BTreeSet<String>,
    /// Host ports it holds.
    pub host_ports: BTreeSet<u16>,
}

impl From<ContainerSummary> for Entry {
    fn from(summary: ContainerSummary) -> Self {
        let labels = summary.labels.unwrap_or_default();
        let label = |name: &str| labels.get(name).filter(|value| !value.is_empty()).cloned();
        let name = summary.names.unwrap_or_default().into_iter().find(|name| name.matches('/').count() == 1);
        let networks = summary.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
        Self {
            id: summary.id.unwrap_or_default(),
            name: name.unwrap_or_default().trim_start_matches('/').to_owned(),
            image: summary.image.unwrap_or_default(),
            status: summary.state.map(|state| state.to_string()).unwrap_or_default(),
            service: label("com.docker.compose.service"),
            project: label("com.docker.compose.project").or_else(|| label("com.docker.stack.namespace")),
            swarm_service: label("com.docker.swarm.service.name"),
            created: summary.created.unwrap_or(0),
            addresses: networks.values().flat_map(addresses).collect(),
            networks: networks.into_keys().collect(),
            host_ports: summary.ports.unwrap_or_default().into_iter().filter_map(|port| port.public_port).collect(),
        }
    }
}

/// The addresses of an endpoint.
fn addresses(endpoint: &EndpointSettings) -> impl Iterator<Item = String> + use<> {
    let all = [endpoint.ip_address.clone(), endpoint.global_ipv6_address.clone()];
    all.into_iter().flatten().filter(|address| !address.is_empty())
}

/// The list as the engine gives it, of which no more is held than it is needed for.
pub(super) struct Entries(pub(super) Vec<Entry>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(List)
    }
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = Entries;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of containers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(summary) = list.next_element::<ContainerSummary>()? {
            if entries.len() == LISTED {
                return Err(A::Error::custom(format!("it lists more than {LISTED} containers")));
            }
            entries.push(Entry::from(summary));
        }
        Ok(Entries(entries))
    }
}

impl Entry {
    /// Whether it is called so, or has this address.
    #[must_use]
    pub fn is_at(&self, host: &str) -> bool {
        self.addresses.contains(host) || self.names().any(|name| name.eq_ignore_ascii_case(host))
    }

    /// Names it can be meant by.
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.service.as_deref())
    }
}

/// Whether a text can be the name or id of a container. The client library puts names into URLs as they are: `../info?x=` would be
/// another request.
#[must_use]
pub fn valid_name(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(inner)
}

/// The names of containers that are near to a name that none has, the nearest first.
#[must_use]
pub fn near(name: &str, entries: &[Entry]) -> Vec<String> {
    let mut scored: Vec<(f64, &str)> = entries
        .iter()
        .filter_map(|entry| {
            let best = entry.names().map(|other| likeness(name, other)).fold(0.0, f64::max);
            (best >= LIKE).then_some((best, entry.name.as_str()))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    let close = scored.into_iter().take_while(|(score, _)| best - score < SPREAD);
    close.take(SUGGESTED).map(|(_, name)| name.to_owned()).collect()
}

/// How alike two names are, from 0 to 1. `_` and `-` are the same (compose 1 and 2), and a name inside of another is near.
#[must_use]
pub(super) fn likeness(a: &str, b: &str) -> f64 {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', '.'], "-");
    let (a, b) = (plain(a), plain(b));
    if a == b {
        return 1.0;
    }
    let inside = |short: &str, long: &str| short.len() >= 3 && format!("-{long}-").contains(&format!("-{short}-"));
    if inside(&a, &b) || inside(&b, &a) {
        return 0.95;
    }
    // A mistyped name may lack the project's prefix, too.
    let ends = |long: &str, short: &str| {
        long.match_indices('-')
            .filter_map(|(at, _)| long.get(at + 1..))
            .map(|end| strsim::normalized_damerau_levenshtein(end, short) - 0.05)
            .fold(0.0, f64::max)
    };
    let whole = strsim::normalized_damerau_levenshtein(&a, &b).max(strsim::jaro_winkler(&a, &b) - 0.05);
    whole.max(ends(&b, &a)).max(ends(&a, &b))
}

/// Whether two containers belong together: the same compose project, or a network in common that is not the default one.
#[must_use]
pub fn related(a: &ContainerState, b: &ContainerState) -> bool {
    let project = a.project.is_some() && a.project == b.project;
    project || a.own_networks().any(|network| b.own_networks().any(|other| other == network)) || both_default(a, b)
}

/// On the default bridge containers reach each other by address only; that is enough to own one.
fn both_default(a: &ContainerState, b: &ContainerState) -> bool {
    let on = |state: &ContainerState| state.networks.iter().any(|endpoint| endpoint.network == "bridge");
    on(a) && on(b)
}

/// The names in reach of a container that are near to one that nobody has, the nearest first.
#[must_use]
pub fn near_hosts(host: &str, from: usize, containers: &[ContainerState]) -> Vec<String> {
    let Some(own) = containers.get(from) else { return Vec::new() };
    let others = containers.iter().enumerate().filter(|(index, state)| *index != from && related(own, state));
    let mut scored: Vec<(f64, String)> = others
        .flat_map(|(_, state)| state.names().map(str::to_owned).collect::<Vec<_>>())
        .filter(|name| !is_id(name))
        .map(|name| (likeness(host, &name), name))
        .filter(|(score, _)| *score >= LIKE)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(SUGGESTED).map(|(_, name)| name).collect()
}

/// Engines give every container its short id as an alias.
fn is_id(name: &str) -> bool {
    name.len() >= 12 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(names: &[(&str, Option<&str>)]) -> Vec<Entry> {
        let entry = |(name, service): &(&str, Option<&str>)| Entry {
            name: (*name).to_owned(),
            service: service.map(str::to_owned),
            ..Entry::default()
        };
        names.iter().map(entry).collect()
    }

    #[test]
    fn names_are_names() {
        for good in ["ent-twenty-crm", "a", "0a1b2c", "x_y.z"] {
            assert!(valid_name(good), "{good}");
        }
        for bad in ["", "-x", "../info?x=#", "a/b", "a b", "é", "a%2f", "."] {
            assert!(!valid_name(bad), "{bad}");
        }
    }

    #[test]
    fn near_names_are_suggested_the_nearest_first() {
        let all =
            entries(&[("ent-twenty-crm", Some("crm")), ("ent-tenant-db", None), ("shop_server_1", Some("server"))]);
        assert_eq!(near("ent_twenty_crm", &all), ["ent-twenty-crm"]);
        assert_eq!(near("ent-twenty-cmr", &all)[0], "ent-twenty-crm");
        assert_eq!(near("crm", &all), ["ent-twenty-crm"]);
        assert_eq!(near("server", &all), ["shop_server_1"]);
        assert_eq!(near("tenant-bd", &all), ["ent-tenant-db"]);
        assert_eq!(near("grafana", &all), Vec::<String>::new());
    }
}
