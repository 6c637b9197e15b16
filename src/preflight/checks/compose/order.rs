//! `depends_on`: who waits for whom.

use crate::deploy::{Dependency, Service, Value};
use crate::preflight::checks::{Context, Hit, Level};

use super::names::{undefined, whole};

/// A dependency that is no service.
pub(super) fn unknown(context: &Context<'_>) -> Vec<Hit> {
    let deployment = context.deployment;
    let mut hits = Vec::new();
    if !whole(deployment) {
        return hits;
    }
    for service in &deployment.services {
        for dependency in service.depends_on.iter().filter(|dependency| dependency.required) {
            if deployment.service(&dependency.service).is_none() {
                let names = deployment.services.iter().filter(|other| other.name != service.name);
                let names = names.map(|other| other.name.as_str());
                let hit = undefined(&dependency.spot, service, &dependency.service, names);
                let near = hit.values.get("near").cloned();
                // A list item may be quoted: the fix replaces exactly what is written.
                let plain = deployment.slice(&dependency.spot) == dependency.service;
                hits.push(match near.filter(|_| plain) {
                    Some(near) => hit.fix(dependency.spot.clone(), near),
                    None => hit,
                });
            }
        }
    }
    hits
}

/// Services that wait for each other.
pub(super) fn cycle(context: &Context<'_>) -> Vec<Hit> {
    let services = &context.deployment.services;
    let mut hits = Vec::new();
    for service in services {
        for dependency in &service.depends_on {
            let Some(path) = path(services, &dependency.service, &service.name) else { continue };
            let names: Vec<&str> = std::iter::once(service.name.as_str()).chain(path).collect();
            // Each circle once: told by its first service.
            let first = names.iter().filter_map(|name| services.iter().position(|other| other.name == *name)).min();
            if services.iter().position(|other| other.name == service.name) == first {
                let hit = Hit::at(dependency.spot.clone()).with("service", &service.name);
                hits.push(hit.with("circle", names.join(" → ")));
            }
        }
    }
    hits
}

/// The services from one to another along `depends_on`, both included; the shortest way.
fn path<'a>(services: &'a [Service], from: &'a str, to: &str) -> Option<Vec<&'a str>> {
    let mut ways = vec![vec![from]];
    let mut seen = vec![from];
    while !ways.is_empty() {
        let mut next = Vec::new();
        for way in ways {
            let last = way.last().copied()?;
            if last == to {
                return Some(way);
            }
            let Some(service) = services.iter().find(|service| service.name == last) else { continue };
            for dependency in &service.depends_on {
                if !seen.contains(&dependency.service.as_str()) {
                    seen.push(&dependency.service);
                    next.push(way.iter().copied().chain([dependency.service.as_str()]).collect());
                }
            }
        }
        ways = next;
    }
    None
}

/// A dependency that only starts with a profile that its dependent does not need.
pub(super) fn disabled(context: &Context<'_>) -> Vec<Hit> {
    let deployment = context.deployment;
    let on = deployment.env.iter().find(|variable| variable.name == "COMPOSE_PROFILES");
    let on = on.and_then(|variable| variable.value.as_ref()).and_then(Value::known).unwrap_or_default();
    let enabled = |service: &Service| {
        let mut names = service.profiles.iter().map(Value::known);
        service.profiles.is_empty()
            || names.any(|name| name.is_none_or(|name| on.split(',').any(|on| on.trim() == name || on.trim() == "*")))
    };
    let mut hits = Vec::new();
    for service in deployment.services.iter().filter(|service| service.profiles.is_empty()) {
        let required = |dependency: &&Dependency| dependency.required;
        for dependency in service.depends_on.iter().filter(required) {
            let Some(other) = deployment.service(&dependency.service).filter(|other| !enabled(other)) else { continue };
            let profiles: Vec<&str> = other.profiles.iter().map(|value| value.raw.as_str()).collect();
            let hit = Hit::at(dependency.spot.clone()).with("service", &service.name).with("name", &other.name);
            hits.push(hit.with("profile", profiles.join(", ")).only(Level::Warning));
        }
    }
    hits
}
