//! `localhost` where another container is meant.

use crate::deploy::{Deployment, Kind as FileKind, Service, Value};
use crate::preflight::app::app;
use crate::preflight::checks::{Context, Hit, Hits, Level};
use crate::preflight::connection::{Connection, Kind, Part, bare, connections, kind_of};
use crate::preflight::reach::{Reached, reach};
use crate::preflight::{ports, url};

/// Connections to the container itself although the server is another one.
pub(super) fn look(context: &Context<'_>) -> Hits {
    let mut found: Vec<Hit> = Vec::new();
    for service in &context.deployment.services {
        if shares(context.deployment, service) || found.len() > 2 * Hits::MOST {
            continue;
        }
        let connections = connections(service);
        for connection in connections.iter().filter(|connection| loopback(connection.host.text)) {
            found.extend(connected(context, service, connection, &connections));
        }
        found.extend(words(context, service));
        found.extend(web(context, service));
    }
    // Several services take one line of a file: the worst is told.
    found.sort_by_key(|hit| std::cmp::Reverse(hit.severity.unwrap_or(Level::Error)));
    let mut hits = Hits::default();
    found.into_iter().for_each(|hit| hits.once(hit));
    hits
}

/// A connection that leads to the container itself.
fn connected(
    context: &Context<'_>,
    service: &Service,
    connection: &Connection<'_>,
    all: &[Connection<'_>],
) -> Option<Hit> {
    let part = connection.host;
    let shared = from_file(context.deployment, part.value);
    let official = app(context, service).is_some_and(|app| app.by_image && app.profile.service);
    if shared && official {
        return None;
    }
    let target = server(context, service, connection);
    let nobody = matches!(target, Server::Nobody);
    let hit = hit(service, part.name, part.value, part.text, target)?;
    // A file that several services share, or that an application brings, names more than each of them asks for.
    let right = |other: &Connection<'_>| {
        let like = other.kind == connection.kind || [other.kind, connection.kind].contains(&Kind::Database);
        like && matches!(reach(context, service, other.host.text), Reached::Service(_))
    };
    let unused = nobody && !connection.url || all.iter().any(right);
    let hit = match connection.kind {
        Kind::Postgres => hit.caused("postgres/refused"),
        Kind::Mysql => hit.caused("mysql/refused"),
        _ => hit,
    };
    Some(match (shared && unused, chosen_elsewhere(service, connection)) {
        (true, _) => hit.only(Level::Note),
        (false, true) => hit.only(Level::Warning),
        (false, false) => hit,
    })
}

/// Whether a variable of the same program chooses among stores, and names another one: `GEARMAN_QUEUE_TYPE=builtin` beside `GEARMAN_MYSQL_HOST`.
fn chosen_elsewhere(service: &Service, connection: &Connection<'_>) -> bool {
    let (Some(scheme), Some((first, _))) = (connection.scheme, connection.host.name.split_once('_')) else {
        return false;
    };
    let chooses = |name: &str| {
        let rest = name.strip_prefix(first).filter(|rest| rest.starts_with('_'));
        rest.is_some_and(|rest| {
            ["_TYPE", "_BACKEND", "_DRIVER", "_STORE", "_STORAGE"].iter().any(|end| rest.ends_with(end))
        })
    };
    let mut choices = service.environment.iter().filter(|variable| chooses(&variable.name));
    !connection.url
        && choices.any(|variable| {
            let text = variable.value.as_ref().and_then(Value::known).unwrap_or_default().to_ascii_lowercase();
            !text.is_empty() && !text.contains(scheme)
        })
}

/// Whether a variable comes as a whole from a file of variables.
fn from_file(deployment: &Deployment, value: &Value) -> bool {
    deployment.file(value.spot.file).is_some_and(|file| file.kind == FileKind::Env)
}

fn loopback(host: &str) -> bool {
    crate::deploy::nginx::routes::is_loopback(host) || host == "0.0.0.0"
}

/// Whether the container shares its network with another one, or with the host.
fn shares(deployment: &Deployment, service: &Service) -> bool {
    let guest = |other: &Service| {
        let mode = other.network_mode.as_ref().and_then(Value::known).and_then(|mode| mode.strip_prefix("service:"));
        mode == Some(service.name.as_str())
    };
    service.network_mode.is_some() || deployment.services.iter().any(guest)
}

/// The server that was meant; `None` when the container may be it itself.
enum Server<'a> {
    Other(&'a Service),
    Nobody,
    Itself,
}

/// The server that a connection means: one of its kind, else one that opens its port.
fn server<'a>(context: &Context<'a>, service: &Service, connection: &Connection<'_>) -> Server<'a> {
    let scheme = connection.scheme.map(|scheme| scheme.split('+').next().unwrap_or(scheme));
    let speaks = |other: &Service| scheme.is_some_and(|scheme| speaks(context, other, scheme));
    let port = connection.port.as_ref().map(|(port, _)| *port);
    let opens = |other: &Service| {
        port.is_some_and(|port| ports::opened(context, other).is_some_and(|opened| opened.ports.contains(&port)))
    };
    if speaks(service) {
        return Server::Itself;
    }
    let others = || context.deployment.services.iter().filter(|other| other.name != service.name);
    let database = |other: &&Service| {
        scheme.is_none()
            && app(context, other).is_some_and(|app| matches!(app.profile.id.as_str(), "postgres" | "mysql"))
    };
    // A port alone tells nothing of a server whose kind is named.
    let found = others().find(|other| speaks(other));
    let found = found.or_else(|| others().find(|other| (connection.url || scheme.is_none()) && opens(other)));
    found.or_else(|| others().find(|other| port.is_none() && database(other))).map_or(Server::Nobody, Server::Other)
}

/// Whether a service is a server that is found by URLs of a scheme.
fn speaks(context: &Context<'_>, other: &Service, scheme: &str) -> bool {
    let known = app(context, other).is_some_and(|app| app.profile.schemes.iter().any(|known| known == scheme));
    let name = other.image_name().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
    let word = match scheme {
        "mongodb" => "mongo",
        "amqp" | "amqps" => "rabbitmq",
        "memcached" | "clickhouse" | "elasticsearch" | "nats" | "kafka" => scheme,
        _ => return known,
    };
    known || name == word || name.starts_with(&format!("{word}-")) && !name.ends_with("-express")
}

fn hit(service: &Service, name: &str, value: &Value, host: &str, target: Server<'_>) -> Option<Hit> {
    let hit = Hit::at(value.spot.clone()).with("service", &service.name).with("name", name).with("host", host);
    match target {
        Server::Itself => None,
        Server::Nobody => Some(hit.only(Level::Warning)),
        Server::Other(other) => Some(replaced(hit, value, host, &other.name).with("other", &other.name)),
    }
}

/// The fix: the name of the service in place of the host, where the value is written as it reads and names the host once.
fn replaced(hit: Hit, value: &Value, host: &str, name: &str) -> Hit {
    let long = value.spot.range.end - value.spot.range.start;
    let once = value.raw.matches(host).count() == 1;
    match value.raw.find(host).filter(|_| once && long == value.raw.len()) {
        Some(at) => {
            let start = value.spot.range.start + at;
            let spot = crate::deploy::Spot::new(value.spot.file, start..start + host.len());
            hit.fix(spot, name)
        }
        None => hit,
    }
}

/// Connection URLs among the words of a command.
fn words(context: &Context<'_>, service: &Service) -> Hits {
    let lines = service.entrypoint.iter().chain(&service.command);
    let mut hits = Hits::default();
    for word in lines.flat_map(|line| &line.words) {
        let Some(text) = word.known() else { continue };
        let text = text.rsplit_once('=').filter(|(flag, _)| flag.starts_with('-')).map_or(text, |(_, value)| value);
        let Some(url) = url::parse(bare(text)).filter(|url| kind_of(url.scheme).is_some() && loopback(url.host)) else {
            continue;
        };
        let part = Part { text: url.host, name: "the command", value: word };
        let connection = Connection {
            kind: Kind::Other,
            host: part,
            port: url.port.map(|port| (port, part)),
            user: None,
            password: None,
            database: None,
            url: true,
            scheme: Some(url.scheme),
        };
        hits.extend(hit(service, part.name, word, url.host, server(context, service, &connection)));
    }
    hits
}

/// Words in the names of variables that hold addresses for somebody outside.
const OUTSIDE: [&str; 27] = [
    "PUBLIC",
    "VITE",
    "REACT_APP",
    "FRONT",
    "EXTERNAL",
    "BROWSER",
    "CALLBACK",
    "REDIRECT",
    "ORIGIN",
    "CORS",
    "BASE_URL",
    "SERVER_URL",
    "SITE",
    "APP_URL",
    "DOMAIN",
    "NEXTAUTH",
    "HOSTNAME",
    "ROOT_URL",
    "WEB",
    "LINK",
    "ALLOWED",
    "ISSUER",
    "HOST_URL",
    "CLIENT",
    "UI_",
    "HEALTH",
    "REWRITE",
];

/// Web addresses: many are meant for a browser, so only one whose port another service opens, and whose name does not speak of the outside.
fn web(context: &Context<'_>, service: &Service) -> Hits {
    let mut hits = Hits::default();
    for variable in &service.environment {
        let Some(value) = &variable.value else { continue };
        let url = value.known().and_then(url::parse);
        let Some(url) = url.filter(|url| matches!(url.scheme, "http" | "https" | "grpc" | "ws") && loopback(url.host))
        else {
            continue;
        };
        let name = variable.name.to_ascii_uppercase();
        let Some(port) = url.port.filter(|_| !OUTSIDE.iter().any(|word| name.contains(word))) else { continue };
        let opens = |other: &Service| ports::opened(context, other).is_some_and(|opened| opened.ports.contains(&port));
        let own = service.ports.iter().any(|known| known.container.0 <= port && port <= known.container.1);
        let mut others = context.deployment.services.iter().filter(|other| other.name != service.name);
        if own || opens(service) {
            continue;
        }
        if let Some(other) = others.find(|other| opens(other)) {
            let found = hit(service, &variable.name, value, url.host, Server::Other(other));
            hits.extend(found.map(|hit| hit.only(Level::Warning)));
        }
    }
    hits
}
