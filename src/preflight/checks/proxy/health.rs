//! Paths of health that a proxy asks for, against the one that the application serves.

use crate::deploy::nginx::Directive;
use crate::deploy::{Service, Spot};
use crate::preflight::app::app;
use crate::preflight::reach::{Reached, reach};

use super::{Context, Hit, Hits, Read, proxies};

pub(super) fn path_unknown(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, read) in proxies(context) {
        for one in &read {
            locations(&one.file.model.directives, &mut |location| {
                for (path, range) in asked(location) {
                    let behind = backends(context, service, &read, one, location);
                    let found = behind.into_iter().find_map(|other| unknown(context, other, &path));
                    let spot = Spot::new(one.file.file, range);
                    hits_at(&mut hits, found, &path, &spot);
                }
            });
        }
    }
    for service in &context.deployment.services {
        for label in service.labels.iter().filter(|label| label.name.ends_with(".healthcheck.path")) {
            let Some((path, spot)) = label.value.as_ref().and_then(|value| Some((value.known()?, &value.spot))) else {
                continue;
            };
            hits_at(&mut hits, unknown(context, service, path), path, spot);
        }
    }
    hits
}

fn hits_at(hits: &mut Hits, found: Option<(&str, &str)>, path: &str, spot: &Spot) {
    let Some((application, known)) = found else { return };
    let hit = Hit::at(spot.clone()).with("path", path).with("known", known);
    hits.once(hit.with("application", application));
}

/// The application of a service and its path of health, when a path that speaks of health is another one.
fn unknown<'a>(context: &Context<'a>, service: &'a Service, path: &str) -> Option<(&'a str, &'a str)> {
    let app = app(context, service).filter(|app| !app.profile.service)?;
    let known = app.profile.health_path.as_deref()?;
    let path = path.split(['?', '#']).next().unwrap_or(path).trim_end_matches('/');
    (path != known && speaks_of_health(path)).then_some((&app.profile.name, known))
}

fn speaks_of_health(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    last.contains("health") || matches!(last.as_str(), "livez" | "readyz" | "live" | "ready" | "liveness" | "readiness")
}

/// Shows every `location`.
fn locations<'a>(directives: &'a [Directive], look: &mut dyn FnMut(&'a Directive)) {
    for directive in directives {
        if directive.name.text == "location" {
            look(directive);
        }
        locations(directive.children(), look);
    }
}

/// The paths that a location's requests have behind the proxy, with their places: the target's own, else the location's.
fn asked(location: &Directive) -> Vec<(String, std::ops::Range<usize>)> {
    let place = match (location.arg(0), location.args.get(1)) {
        (Some("=" | "^~"), Some(word)) => Some(word),
        (Some("~" | "~*"), _) => None,
        _ => location.args.first(),
    };
    let mut found = Vec::new();
    for child in location.children() {
        let Some(word) = child.args.first() else { continue };
        if child.name.text == "proxy_pass" {
            let path = word.text.split_once("://").and_then(|(_, rest)| Some(rest.split_once('/')?.1));
            match path {
                Some(path) => found.push((format!("/{path}"), word.range.clone())),
                None => found.extend(place.map(|place| (place.text.clone(), place.range.clone()))),
            }
        }
        if child.name.text == "health_check"
            && let Some((word, path)) = child.args.iter().find_map(|word| Some((word, word.text.strip_prefix("uri=")?)))
        {
            found.push((path.to_owned(), word.range.clone()));
        }
    }
    found
}

/// The services that a location passes requests on to.
fn backends<'a>(
    context: &Context<'a>,
    service: &'a Service,
    read: &[Read<'_>],
    one: &Read<'_>,
    location: &Directive,
) -> Vec<&'a Service> {
    let words = location.children().iter().filter(|child| child.name.text == "proxy_pass");
    let ranges: Vec<_> = words.filter_map(|child| child.args.first()).map(|word| word.range.clone()).collect();
    let passes = one.routes.passes.iter().filter(|pass| ranges.contains(&pass.range));
    let mut hosts = Vec::new();
    for address in passes.filter_map(|pass| pass.address.as_ref()) {
        let upstreams = read.iter().flat_map(|read| &read.routes.upstreams);
        let servers = upstreams.filter(|upstream| upstream.name == address.host).flat_map(|upstream| &upstream.servers);
        let before = hosts.len();
        hosts.extend(servers.filter_map(|server| server.address.as_ref()).map(|address| address.host.as_str()));
        if hosts.len() == before {
            hosts.push(&address.host);
        }
    }
    let reached = hosts.into_iter().filter_map(|host| match reach(context, service, host) {
        Reached::Service(other) => Some(other),
        _ => None,
    });
    reached.collect()
}
