//! Health checks and those who wait for them.

use crate::deploy::dockerfile::InstructionKind;
use crate::deploy::{Condition, Dependency, DependencyForm, Deployment, DockerfileOf, HealthForm, Service, Spot};
use crate::preflight::checks::{Context, Hit, Hits, Level};
use crate::preflight::image::name_and_tag;

/// What is known of a service's health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::preflight::checks) enum Health {
    /// It has one.
    There,
    /// It has none.
    Absent,
    /// Its image may bring one.
    Unknown,
}

pub(in crate::preflight::checks) fn health(service: &Service) -> Health {
    match service.healthcheck.as_ref().map(|health| health.form) {
        Some(HealthForm::Cmd | HealthForm::Shell) => return Health::There,
        Some(HealthForm::None) => return Health::Absent,
        Some(HealthForm::Inherited) | None => {}
    }
    match &service.dockerfile {
        Some(own) => of_dockerfile(own),
        None if service.build.is_some() => Health::Unknown,
        None => service.image_name().map_or(Health::Unknown, of_image),
    }
}

/// The stages that the built one begins with, the built one first.
fn of_dockerfile(own: &DockerfileOf) -> Health {
    let stages = &own.model.stages;
    let named = |name: &str| {
        stages.iter().position(|stage| stage.name.as_ref().is_some_and(|known| known.text.eq_ignore_ascii_case(name)))
    };
    let mut at = own.target.as_deref().map_or(stages.len().checked_sub(1), named);
    for _ in 0..=stages.len() {
        let Some(stage) = at.and_then(|at| stages.get(at)) else { return Health::Unknown };
        for instruction in stage.instructions.iter().rev() {
            if let InstructionKind::Healthcheck(command) = &instruction.kind {
                return if command.is_some() { Health::There } else { Health::Absent };
            }
        }
        at = named(&stage.image.text).filter(|next| Some(*next) < at);
        if at.is_none() {
            // A variable in the tag changes nothing; one in the name makes it none that is known.
            return of_image(&stage.image.text);
        }
    }
    Health::Unknown
}

/// These images have no health check; others may.
fn of_image(image: &str) -> Health {
    const WITHOUT: [&str; 32] = [
        "postgres",
        "redis",
        "mysql",
        "mariadb",
        "mongo",
        "nginx",
        "httpd",
        "node",
        "python",
        "golang",
        "ruby",
        "php",
        "alpine",
        "debian",
        "ubuntu",
        "busybox",
        "rabbitmq",
        "memcached",
        "eclipse-temurin",
        "openjdk",
        "valkey",
        "caddy",
        "traefik",
        "haproxy",
        "scratch",
        "wordpress",
        "nextcloud",
        "tomcat",
        "rust",
        "elixir",
        "nats",
        "twentycrm/twenty",
    ];
    if WITHOUT.contains(&name_and_tag(image).0) { Health::Absent } else { Health::Unknown }
}

/// Who waits for health, and for whom.
fn dependencies(deployment: &Deployment) -> impl Iterator<Item = (&Service, &Dependency, &Service)> {
    let pairs = deployment.services.iter().flat_map(|service| service.depends_on.iter().map(move |d| (service, d)));
    pairs.filter_map(|(service, dependency)| Some((service, dependency, deployment.service(&dependency.service)?)))
}

/// Waiting for the health of a service that has no health check.
pub(super) fn no_healthcheck(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, dependency, other) in dependencies(context.deployment) {
        let absent = health(other);
        if dependency.condition != Condition::Healthy || absent == Health::There || other.provider {
            continue;
        }
        let spot = dependency.condition_spot.clone().unwrap_or_else(|| dependency.spot.clone());
        let hit = Hit::at(spot).with("service", &service.name).with("name", &other.name);
        if absent == Health::Absent {
            hits.push(hit);
        }
    }
    hits
}

/// Not waiting for the health of a service that has a health check.
pub(super) fn not_healthy(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let mut rewritten: Option<(&str, Option<(Spot, String)>)> = None;
    for (service, dependency, other) in dependencies(context.deployment) {
        if dependency.condition != Condition::Started || health(other) != Health::There || hits.more() {
            continue;
        }
        let spot = dependency.condition_spot.clone().unwrap_or_else(|| dependency.spot.clone());
        let hit = Hit::at(spot.clone()).with("service", &service.name).with("name", &other.name);
        if dependency.condition_spot.is_some() {
            // Written out, it is a decision.
            hits.push(hit.fix(spot, "service_healthy").only(Level::Note));
            continue;
        }
        if rewritten.as_ref().is_none_or(|(name, _)| *name != service.name) {
            rewritten = Some((&service.name, list_as_map(context, service)));
        }
        let map = rewritten.as_ref().and_then(|(_, map)| map.clone());
        hits.push(match map.filter(|_| dependency.form == DependencyForm::List) {
            Some((list, map)) => hit.fix(list, map),
            None => hit,
        });
    }
    hits
}

/// A block list of names and the map that says the same, with a wait for health where there is a health check.
fn list_as_map(context: &Context<'_>, service: &Service) -> Option<(Spot, String)> {
    let deployment = context.deployment;
    let first = service.depends_on.first()?;
    let file = deployment.file(first.spot.file)?;
    let place = file.place(first.spot.range.start);
    let line = file.line(place.line);
    let dash = line.len() - line.trim_start().len();
    let lead = line.get(..dash)?;
    let key = file.line(place.line.checked_sub(1)?);
    let alone = key.trim() == "depends_on:" && line.trim_start() == format!("- {}", first.service);
    if !alone || lead.contains('\t') {
        return None;
    }
    // A map stands deeper than its key; a list need not.
    let deeper = if key.len() - key.trim_start().len() == dash { "  " } else { "" };
    let mut out = Vec::new();
    for (index, dependency) in service.depends_on.iter().enumerate() {
        let expected = place.line + index;
        let own = file.line(expected);
        if dependency.form != DependencyForm::List || own.trim_end() != format!("{lead}- {}", dependency.service) {
            return None;
        }
        let there = deployment.service(&dependency.service).is_some_and(|other| health(other) == Health::There);
        let condition = if there { "service_healthy" } else { "service_started" };
        out.push(format!("{lead}{deeper}{}:\n{lead}{deeper}  condition: {condition}", dependency.service));
    }
    let last = service.depends_on.last()?;
    let start = file.line_range(place.line).start;
    Some((Spot::new(first.spot.file, start..last.spot.range.end), out.join("\n")))
}
