//! The other containers of an engine: who is near in name, and who belongs to the same project or networks.

use std::collections::BTreeSet;

use bollard::models::ContainerSummary;

/// Most near names that are suggested.
const SUGGESTED: usize = 3;
/// Likeness from which on a name is worth suggesting; 1 is equal.
const LIKE: f64 = 0.8;

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
            networks: networks.into_keys().collect(),
            host_ports: summary.ports.unwrap_or_default().into_iter().filter_map(|port| port.public_port).collect(),
        }
    }
}

impl Entry {
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
    scored.into_iter().take(SUGGESTED).map(|(_, name)| name.to_owned()).collect()
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
    strsim::normalized_damerau_levenshtein(&a, &b).max(strsim::jaro_winkler(&a, &b) - 0.05)
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
