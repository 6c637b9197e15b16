//! Hosts that are services, but on no network in common; and hosts of keyword strings that are none.

use crate::deploy::{Kind, Variable};
use crate::preflight::connection::{bare, connections};
use crate::preflight::reach::{Reached, reach};
use crate::preflight::url;

use super::{Context, Hit, Hits, origin};

/// Endings of variables that hold the name of a host.
const HOSTS: [&str; 5] = ["_HOST", "_HOSTNAME", "_SERVER", "_ADDR", "_ADDRESS"];

/// A host on no network in common.
pub(super) fn host_apart(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let connections = connections(service);
        for variable in &service.environment {
            let Some(value) = variable.value.as_ref().filter(|_| !hits.more()) else { continue };
            // A file that several services share names hosts that not all of them ask.
            if context.deployment.file(value.spot.file).is_some_and(|file| file.kind == Kind::Env) {
                continue;
            }
            let Some((host, keywords)) = value.known().and_then(|text| host(variable, text)) else { continue };
            // Databases, caches and queues have a check of their own.
            if connections.iter().any(|known| known.host.name == variable.name) {
                continue;
            }
            let reached = reach(context, service, host);
            let Some(reason) = reached.why(service).filter(|_| keywords || reached != Reached::Nobody) else {
                continue;
            };
            let hit = Hit::at(origin(context.deployment, value, host)).with("variable", &variable.name);
            let hit = hit.with("host", host).with("reason", reason);
            hits.once(hit);
        }
    }
    hits
}

/// The host that a variable names, and whether a string of keywords (`host=db port=5432`) does.
fn host<'a>(variable: &Variable, text: &'a str) -> Option<(&'a str, bool)> {
    if let Some(found) = url::parse(bare(text)) {
        return Some((found.host, false)).filter(|(host, _)| !host.contains(','));
    }
    if let Some(host) = keywords(text) {
        return Some((host, true));
    }
    let named = HOSTS.iter().any(|ending| variable.name.ends_with(ending));
    let name = text.split(':').next().unwrap_or(text);
    named.then_some((name, false))
}

/// The host of `host=db port=5432 dbname=shop`, as libpq reads it.
fn keywords(text: &str) -> Option<&str> {
    let pairs = || text.split_whitespace().map(|word| word.split_once('='));
    let database = pairs().any(|pair| matches!(pair, Some(("dbname" | "user" | "port" | "sslmode", _))));
    if !database || pairs().any(|pair| pair.is_none()) {
        return None;
    }
    let host = pairs().flatten().find(|(key, _)| *key == "host").map(|(_, host)| host.trim_matches('\''))?;
    (!host.contains(',')).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::keywords;

    #[test]
    fn keyword_strings_name_hosts() {
        assert_eq!(keywords("host=pg port=5432 dbname=x"), Some("pg"));
        assert_eq!(keywords("host='pg' user=x"), Some("pg"));
        for none in ["host=pg", "a host=pg port=1", "host=a,b port=1", ""] {
            assert_eq!(keywords(none), None, "{none}");
        }
    }
}
