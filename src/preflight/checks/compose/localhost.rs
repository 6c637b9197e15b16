//! `localhost` where another container is meant.

use crate::deploy::{Deployment, Service, Value};
use crate::preflight::app::app;
use crate::preflight::checks::{Context, Hit, Hits, Level};
use crate::preflight::connection::{bare, connections, kind_of};
use crate::preflight::{ports, url};

/// Connections to the container itself although the server is another one.
pub(super) fn look(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        if shares(context.deployment, service) || hits.more() {
            continue;
        }
        for connection in connections(service) {
            if loopback(connection.host.text) && !hits.more() {
                let scheme = url::parse(bare(connection.host.value.known().unwrap_or_default())).map(|url| url.scheme);
                let target = server(
                    context,
                    service,
                    scheme,
                    connection.host.name,
                    connection.port.as_ref().map(|(port, _)| *port),
                );
                hits.extend(hit(service, connection.host.name, connection.host.value, connection.host.text, target));
            }
        }
        hits.extend(words(context, service));
        hits.extend(web(context, service));
    }
    hits
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

fn server<'a>(
    context: &Context<'a>,
    service: &Service,
    scheme: Option<&str>,
    name: &str,
    port: Option<u16>,
) -> Server<'a> {
    let speaks = |other: &Service| {
        app(context, other).is_some_and(|app| {
            let by_scheme = scheme.is_some_and(|scheme| {
                let scheme = scheme.split('+').next().unwrap_or(scheme);
                app.profile.schemes.iter().any(|known| known == scheme)
            });
            let lower = name.to_ascii_lowercase();
            let named = lower.contains(&app.profile.id) || app.profile.id == "postgres" && lower.starts_with("pg");
            by_scheme || scheme.is_none() && app.profile.service && named
        })
    };
    let opens = |other: &Service| {
        port.is_some_and(|port| ports::opened(context, other).is_some_and(|opened| opened.ports.contains(&port)))
    };
    if speaks(service) {
        return Server::Itself;
    }
    let others = || context.deployment.services.iter().filter(|other| other.name != service.name);
    let database = |other: &&Service| {
        scheme.is_none()
            && port.is_none()
            && app(context, other).is_some_and(|app| matches!(app.profile.id.as_str(), "postgres" | "mysql"))
    };
    let found = others().find(|other| speaks(other)).or_else(|| others().find(|other| opens(other)));
    found.or_else(|| others().find(database)).map_or(Server::Nobody, Server::Other)
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
        let target = server(context, service, Some(url.scheme), "", url.port);
        hits.extend(hit(service, "the command", word, url.host, target));
    }
    hits
}

/// Words in the names of variables that hold addresses for somebody outside.
const OUTSIDE: [&str; 26] = [
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
