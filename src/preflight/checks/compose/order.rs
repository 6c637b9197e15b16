//! `depends_on`: who waits for whom.

use std::collections::{HashMap, VecDeque};

use crate::deploy::{Condition, Dependency, Fault, FaultKind, Named, Service, Spot, Value};
use crate::preflight::app::app;
use crate::preflight::checks::{Context, Hit, Hits, Level};

use super::names::{undefined, whole};

/// A dependency that is no service.
pub(super) fn unknown(context: &Context<'_>) -> Hits {
    let deployment = context.deployment;
    let mut hits = Hits::default();
    // A compose file that is included and not there may bring it.
    let cut = |fault: &Fault| fault.kind == FaultKind::Missing(Named::Compose);
    if !whole(deployment) || deployment.faults.iter().any(cut) {
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
pub(super) fn cycle(context: &Context<'_>) -> Hits {
    let services = &context.deployment.services;
    let graph = Graph::new(services);
    let mut hits = Hits::default();
    for (index, service) in services.iter().enumerate() {
        let steps = graph.steps_to(index);
        for (spot, other) in waits(service) {
            let Some(path) = graph.path(other, &steps) else { continue };
            // Each circle once: told by its first service.
            if path.iter().any(|other| *other < index) || hits.more() {
                continue;
            }
            let names = path.iter().filter_map(|other| services.get(*other)).map(|other| other.name.as_str());
            let names: Vec<&str> = std::iter::once(service.name.as_str()).chain(names).collect();
            let hit = Hit::at(spot.clone()).with("service", &service.name);
            hits.push(hit.with("circle", names.join(" → ")));
        }
    }
    hits
}

/// The services that one is started after, each with its place: what it depends on, links, or takes volumes or the network from.
fn waits(service: &Service) -> impl Iterator<Item = (&Spot, &str)> {
    let named = service.depends_on.iter().map(|dependency| (&dependency.spot, dependency.service.as_str()));
    let listed = service.links.iter().chain(&service.volumes_from);
    let listed = listed.filter_map(|value| Some((&value.spot, value.known()?.split(':').next()?)));
    let shared =
        service.network_mode.as_ref().and_then(|mode| Some((&mode.spot, mode.known()?.strip_prefix("service:")?)));
    named.chain(listed).chain(shared)
}

/// Who waits for whom, by the numbers of the services.
struct Graph<'a> {
    numbers: HashMap<&'a str, usize>,
    /// Those each service waits for, in their order.
    waits: Vec<Vec<usize>>,
    /// Those that wait for each service.
    waited: Vec<Vec<usize>>,
}

impl<'a> Graph<'a> {
    fn new(services: &'a [Service]) -> Self {
        let numbers: HashMap<&str, usize> =
            services.iter().enumerate().rev().map(|(number, service)| (service.name.as_str(), number)).collect();
        let number = |(_, name): (&Spot, &str)| numbers.get(name).copied();
        let waits: Vec<Vec<usize>> =
            services.iter().map(|service| waits(service).filter_map(number).collect()).collect();
        let mut waited = vec![Vec::new(); services.len()];
        for (from, others) in waits.iter().enumerate() {
            for other in others {
                waited.get_mut(*other).into_iter().for_each(|list: &mut Vec<usize>| list.push(from));
            }
        }
        Self { numbers, waits, waited }
    }

    /// How many steps lead from each service to one; nothing where none do.
    fn steps_to(&self, target: usize) -> Vec<Option<usize>> {
        let mut steps = vec![None; self.waits.len()];
        let mut queue = VecDeque::from([(target, 0)]);
        while let Some((at, count)) = queue.pop_front() {
            let Some(slot) = steps.get_mut(at).filter(|slot| slot.is_none()) else { continue };
            *slot = Some(count);
            queue.extend(self.waited.get(at).into_iter().flatten().map(|from| (*from, count + 1)));
        }
        steps
    }

    /// The services from one to the target of `steps`, both included; the shortest way.
    fn path(&self, from: &str, steps: &[Option<usize>]) -> Option<Vec<usize>> {
        let left = |at: usize| steps.get(at).copied().flatten();
        let mut at = *self.numbers.get(from)?;
        let mut count = left(at)?;
        let mut path = vec![at];
        while count > 0 {
            count -= 1;
            at = *self.waits.get(at)?.iter().find(|next| left(**next) == Some(count))?;
            path.push(at);
        }
        Some(path)
    }
}

/// Waiting for the end of a server.
pub(super) fn never_ends(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        for dependency in service.depends_on.iter().filter(|dependency| dependency.condition == Condition::Completed) {
            let other = context.deployment.service(&dependency.service);
            let server = other.and_then(|other| app(context, other)).filter(|app| {
                let own = app.service.dockerfile.is_some() || app.service.build.is_some();
                app.by_image && app.profile.service && app.is_server() && !own && app.service.entrypoint.is_none()
            });
            let Some(server) = server else { continue };
            let spot = dependency.condition_spot.clone().unwrap_or_else(|| dependency.spot.clone());
            let hit = Hit::at(spot).with("service", &service.name).with("name", &dependency.service);
            hits.push(hit.with("server", &server.profile.name));
        }
    }
    hits
}

/// A dependency that only starts with a profile that its dependent does not need.
pub(super) fn disabled(context: &Context<'_>) -> Hits {
    let deployment = context.deployment;
    let on = deployment.env.iter().find(|variable| variable.name == "COMPOSE_PROFILES");
    let unsure = on.is_some_and(|variable| variable.value.as_ref().is_none_or(|value| value.known().is_none()));
    let on = on.and_then(|variable| variable.value.as_ref()).and_then(Value::known).unwrap_or_default();
    let enabled = |service: &Service| {
        let mut names = service.profiles.iter().map(Value::known);
        service.profiles.is_empty()
            || names.any(|name| name.is_none_or(|name| on.split(',').any(|on| on.trim() == name || on.trim() == "*")))
    };
    let mut hits = Hits::default();
    for service in deployment.services.iter().filter(|service| service.profiles.is_empty()) {
        let required = |dependency: &&Dependency| dependency.required;
        for dependency in service.depends_on.iter().filter(required) {
            let Some(other) = deployment.service(&dependency.service).filter(|other| !enabled(other)) else { continue };
            let profile = other.profiles.first().map(|value| value.raw.as_str()).unwrap_or_default();
            let hit = Hit::at(dependency.spot.clone()).with("service", &service.name).with("name", &other.name);
            let hit = hit.with("profile", profile);
            hits.push(if unsure { hit.only(Level::Warning) } else { hit });
        }
    }
    hits
}
