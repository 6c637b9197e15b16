//! Hosts and ports of databases, caches and queues, against the services that are there.

use crate::deploy::shell::Invocation;
use crate::deploy::{ScriptRole, Service};
use crate::preflight::app::app;
use crate::preflight::connection::{Connection, Kind, connections, kind_of};
use crate::preflight::ports::{opened, words};
use crate::preflight::reach::{Reached, meant, reach};
use crate::preflight::runs::{Runs, runs};
use crate::preflight::scripts::{each_step, running};

use super::{Context, Hit, Hits, Level, origin};

pub(super) fn database_host_unknown(context: &Context<'_>) -> Hits {
    unknown(context, &[Kind::Postgres])
}

pub(super) fn redis_host_unknown(context: &Context<'_>) -> Hits {
    unknown(context, &[Kind::Redis])
}

pub(super) fn host_unknown(context: &Context<'_>) -> Hits {
    unknown(context, &[Kind::Mysql, Kind::Database, Kind::Other])
}

/// Every connection of every service of these kinds.
fn each<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a Service, Connection<'a>)> {
    context.deployment.services.iter().flat_map(|service| {
        let found = connections(service).into_iter();
        found.map(move |connection| (service, connection))
    })
}

fn unknown(context: &Context<'_>, kinds: &[Kind]) -> Hits {
    let mut hits = Hits::default();
    for (service, connection) in each(context).filter(|(_, connection)| kinds.contains(&connection.kind)) {
        if hits.more() {
            break;
        }
        let host = connection.host;
        // A server's own image may tell itself its name.
        if app(context, service).is_some_and(|app| app.by_image && app.profile.service && !connection.url) {
            continue;
        }
        let reached = reach(context, service, host.text);
        let why = match reached {
            Reached::FromHost(target) => Some(format!(
                "{} uses the host's network, where the name of the service {} means nothing",
                service.name, target.name
            )),
            _ => reached.why(service),
        };
        let Some(why) = why else { continue };
        let spot = origin(context.deployment, host.value, host.text);
        // Told already: several services read the same line.
        if hits.iter().any(|known| known.spot == spot) {
            continue;
        }
        let near = meant(context, service, host.text).filter(|_| reached == Reached::Nobody);
        let mut hit = Hit::at(spot).with("variable", host.name).with("host", host.text).with("reason", why);
        hit = hit.with("advice", advice(service, reached));
        if connection.kind == Kind::Mysql {
            hit = hit.caused("mysql/host-unknown");
        }
        if let Some(near) = near {
            hit = hit.with("near", near);
        }
        let (filed, known) = (in_file(context, &connection), has_server(context, connection.kind));
        // Written for this container alone, beside a server of its kind, it is meant.
        let meant = !filed && (known || reached != Reached::Nobody);
        if filed && !known || !meant && !certain(context, service, &connection) {
            hit = hit.only(Level::Warning);
        }
        hits.once(hit);
    }
    hits
}

/// What to write instead of a host that does not answer.
fn advice(service: &Service, reached: Reached<'_>) -> String {
    match reached {
        Reached::Apart(target) => {
            format!("Give {} and {} a network in common; the name is right", service.name, target.name)
        }
        _ => "Write the name of a service that shares a network with this one, or the full name of a server outside"
            .to_owned(),
    }
}

/// Whether the start fails without the server: the application requires the variable, or a script waits for the host.
fn certain(context: &Context<'_>, service: &Service, connection: &Connection<'_>) -> bool {
    let host = connection.host;
    let required = app(context, service).filter(|app| !app.profile.service).is_some_and(|app| {
        let mut needs = app.needs().into_iter().filter(|variable| variable.stops);
        needs.any(|variable| variable.name == host.name || variable.unless.iter().any(|name| name == host.name))
            && runs(context, &app) == Runs::Application
    });
    required || awaited(context, service, host.text)
}

/// Programs that do nothing but wait for a server.
const WAITERS: [&str; 7] =
    ["wait-for", "wait-for.sh", "wait-for-it", "wait-for-it.sh", "wait_for_it.sh", "dockerize", "wait4x"];

/// Whether the container's start waits for a host: with a program that does nothing else, or in a loop.
fn awaited(context: &Context<'_>, service: &Service, host: &str) -> bool {
    let parts = |text: &str| {
        let mut parts = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
        parts.any(|part| part == host)
    };
    let named = |invocation: &Invocation| invocation.arguments().any(parts);
    let waits = |invocation: &Invocation| invocation.program().is_some_and(|program| WAITERS.contains(&program));
    let tells = |invocation: &Invocation| matches!(invocation.program(), Some("echo" | "printf"));
    let mut found = running(context.deployment, service)
        .iter()
        .any(|running| waits(&running.invocation) && named(&running.invocation));
    each_step(context.deployment, service, &mut |script, step, _| {
        let invocation = step.invocation();
        let looped = !step.place.loops.is_empty() && !tells(&invocation);
        let named = named(&invocation) || step.output_file().is_some_and(|file| parts(&file));
        found |= looped && named && script.role != ScriptRole::Mounted;
    });
    found
}

/// Whether the host stands in an environment file, which may hold more than its services use.
fn in_file(context: &Context<'_>, connection: &Connection<'_>) -> bool {
    let file = connection.host.value.spot.file;
    context.deployment.env_files.iter().any(|known| known.file == file)
}

/// Whether any service is a server of this kind.
fn has_server(context: &Context<'_>, kind: Kind) -> bool {
    let fits = |found: Kind| found == kind || kind == Kind::Database && matches!(found, Kind::Postgres | Kind::Mysql);
    let is = |schemes: &[String]| kind != Kind::Other && schemes.iter().any(|scheme| kind_of(scheme).is_some_and(fits));
    context.deployment.services.iter().filter_map(|service| app(context, service)).any(|app| is(&app.profile.schemes))
}

pub(super) fn connection_port(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, connection) in each(context) {
        let Some((port, part)) = connection.port.filter(|_| !hits.more()) else { continue };
        let Reached::Service(target) = reach(context, service, connection.host.text) else { continue };
        let Some(known) = opened(context, target).filter(|known| known.certain && !known.may_be(port)) else {
            continue;
        };
        let published = target.publishes(port);
        let spot = origin(context.deployment, part.value, &port.to_string());
        let mut hit = Hit::at(spot)
            .with("variable", part.name)
            .with("target", target.name.clone())
            .with("port", port.to_string())
            .with("opened", words(&known.shown));
        let why = match (published, usual(port)) {
            (true, _) => "The published port belongs to the host and is not known inside the network.".to_owned(),
            (false, Some(name)) => format!("Port {port} is {name}'s."),
            (false, None) => "Nothing listens there, and the connection is refused.".to_owned(),
        };
        hit = hit.with("because", why);
        if published {
            hit = hit.with("published", port.to_string());
        }
        if target.name == service.name {
            hit = hit.only(Level::Warning);
        }
        hits.once(hit);
    }
    hits
}

/// Whose port a number usually is.
const fn usual(port: u16) -> Option<&'static str> {
    match port {
        3306 => Some("MySQL"),
        5432 => Some("PostgreSQL"),
        6379 => Some("Redis"),
        27017 => Some("MongoDB"),
        _ => None,
    }
}
