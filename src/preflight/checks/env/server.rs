//! What servers are told of themselves, against what they accept and what their clients ask for.

use crate::deploy::near::{ANY, nearest};
use crate::deploy::{Service, Value};
use crate::preflight::app::{Setting, app, setting};
use crate::preflight::connection::{bare, connections};
use crate::preflight::image::name_and_tag;
use crate::preflight::reach::{Reached, reach};

use super::{Context, Hit, Hits, Level, origin};

/// `MYSQL_USER=root`, which the image refuses.
pub(super) fn user_refused(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let server = app(context, service).filter(|app| app.by_image && app.profile.id == "mysql" && app.is_server());
        let official = server.is_some_and(|app| app.among(&["mysql".to_owned()]));
        let Some(value) = service.variable("MYSQL_USER").and_then(|variable| variable.value.as_ref()) else { continue };
        if official && value.known() == Some("root") {
            let spot = origin(context.deployment, value, "root");
            hits.once(Hit::at(spot).with("service", &service.name).with("variable", "MYSQL_USER"));
        }
    }
    hits
}

/// A client of MongoDB that asks for a replica set which the server is not part of.
pub(super) fn replica_set(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        for connection in connections(service).into_iter().filter(|connection| connection.scheme == Some("mongodb")) {
            let text = bare(connection.host.value.known().unwrap_or_default());
            let query = text.split_once('?').map_or("", |(_, query)| query);
            let asked =
                query.split('&').find_map(|pair| pair.strip_prefix("replicaSet=")).filter(|name| !name.is_empty());
            let Reached::Service(target) = reach(context, service, connection.host.text) else { continue };
            let (Some(asked), Some(runs)) = (asked, member(target)) else { continue };
            if runs == Some(asked) {
                continue;
            }
            let told =
                runs.map_or_else(|| "runs without a replica set".to_owned(), |name| format!("is of the set {name}"));
            let spot = origin(context.deployment, connection.host.value, asked);
            let hit = Hit::at(spot).with("variable", connection.host.name).with("asked", asked).with("told", told);
            hits.once(hit.with("target", &target.name));
        }
    }
    hits
}

/// The replica set of a server: `Some(None)` where it is of none, nothing where it cannot be told.
fn member(service: &Service) -> Option<Option<&str>> {
    let (name, _) = service.image.as_ref().and_then(Value::known).map(name_and_tag)?;
    if name != "mongo" || service.build.is_some() || service.entrypoint.is_some() {
        return None;
    }
    let words = service.command.iter().flat_map(|line| &line.words);
    let texts: Option<Vec<&str>> = words.map(Value::known).collect();
    let texts: Vec<&str> = texts?.into_iter().flat_map(str::split_whitespace).collect();
    if texts.iter().any(|word| word.contains("config") || *word == "-f" || word.contains('$') || word.ends_with(".sh"))
    {
        return None;
    }
    let joined = texts.iter().find_map(|word| word.strip_prefix("--replSet="));
    let after = || texts.iter().position(|word| *word == "--replSet").and_then(|at| texts.get(at + 1).copied());
    Some(joined.or_else(after).map(|name| name.trim_matches(['"', '\''])))
}

/// Variables that tell Kafka what to tell its clients.
const ADVERTISED: [&str; 2] = ["KAFKA_ADVERTISED_LISTENERS", "KAFKA_CFG_ADVERTISED_LISTENERS"];

/// Kafka that sends its clients to localhost, where clients are other containers.
pub(super) fn advertised(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(value) = ADVERTISED.iter().find_map(|name| service.variable(name)?.value.as_ref()) else { continue };
        let Some(text) = value.known().filter(|text| !text.is_empty()) else { continue };
        let hosts = text.split(',').map(|one| one.trim().split_once("://").and_then(|(_, rest)| rest.rsplit_once(':')));
        if !hosts.into_iter().all(|found| found.is_some_and(|(host, _)| matches!(host, "localhost" | "127.0.0.1"))) {
            continue;
        }
        let Some(client) = context.deployment.services.iter().find(|other| asks(context, other, service)) else {
            continue;
        };
        let hit = Hit::at(origin(context.deployment, value, text)).with("service", &service.name);
        hits.once(hit.with("client", &client.name).with("address", text));
    }
    hits
}

/// Whether the environment of a container names a server as `host:port`.
fn asks(context: &Context<'_>, from: &Service, server: &Service) -> bool {
    let named = |address: &str| {
        let address = address.trim().rsplit("://").next().unwrap_or_default();
        let host = address.split_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map(|(host, _)| host);
        host.is_some_and(
            |host| matches!(reach(context, from, host), Reached::Service(other) if other.name == server.name),
        )
    };
    let mut values = from.environment.iter().filter_map(|variable| variable.value.as_ref()?.known());
    from.name != server.name && values.any(|text| text.split(',').any(named))
}

/// A variable `…_FILE` that names a secret which is not given to the container.
pub(super) fn secret_path(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(given) = service.secret_targets.as_ref() else { continue };
        for variable in service.environment.iter().filter(|variable| variable.name.ends_with("_FILE")) {
            let Some(value) = &variable.value else { continue };
            let Some(path) = value.known().filter(|path| path.starts_with("/run/secrets/")) else { continue };
            if service.is_given(path) || given.iter().any(|target| target == path) {
                continue;
            }
            let near = nearest(path, given.iter().map(String::as_str), ANY);
            let hit = Hit::at(value.spot.clone()).with("service", &service.name).with("variable", &variable.name);
            let hit = hit.with("path", path);
            let hit = near.into_iter().fold(hit, |hit, near| hit.with("near", near));
            hits.once(if reads(context, service, &variable.name) { hit } else { hit.only(Level::Warning) });
        }
    }
    hits
}

/// Whether a server's own entrypoint reads the file, and ends where it is not there.
fn reads(context: &Context<'_>, service: &Service, name: &str) -> bool {
    let plain = name.strip_suffix("_FILE").unwrap_or(name);
    let server = app(context, service).filter(|app| app.by_image && app.profile.service && app.is_server());
    let login = server.is_some_and(|app| {
        let logins = app.requires().into_iter().flat_map(|requires| &requires.login);
        let mut names = logins.flat_map(|login| login.user.iter().chain(&login.password).chain(&login.database));
        names.any(|known| known == plain)
    });
    login && setting(context.deployment, service, plain) == Setting::Absent
}
