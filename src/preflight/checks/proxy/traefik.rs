//! Traefik: what labels and its files of routers name, against what is defined, and against the services that are there.

use std::collections::BTreeSet;

use crate::deploy::tree::below;
use crate::deploy::{ServerSetting, Service, Spot, Value, Variable, nearest};
use crate::preflight::reach::{Reached, reach};

use super::upstream::{closed, unanswered};
use super::{Context, Hit, Hits, Level};

/// Names of one kind that are alike enough for a slip.
const ALIKE: f64 = 0.75;

/// The one Traefik of a deployment, and what it is told.
struct Traefik<'a> {
    service: &'a Service,
    /// Options and settings by their names in small letters.
    given: Vec<(String, String, Spot)>,
    /// Whether all of it is known.
    complete: bool,
}

impl<'a> Traefik<'a> {
    /// The Traefik of a deployment that has one.
    fn of(context: &Context<'a>) -> Option<Self> {
        let mut all = context.deployment.services.iter().filter(|service| service.is_traefik());
        let service = all.next().filter(|_| all.next().is_none())?;
        let words = || service.command.iter().flat_map(|line| &line.words);
        let mut given: Vec<(String, String, Spot)> = service
            .settings
            .iter()
            .map(|setting| (setting.name.clone(), setting.value.clone(), setting.spot.clone()))
            .collect();
        for word in words() {
            let Some(option) = word.known().and_then(|text| text.strip_prefix("--")) else { continue };
            let (name, value) = option.split_once('=').unwrap_or((option, "true"));
            given.push((name.to_ascii_lowercase(), value.to_owned(), word.spot.clone()));
        }
        for variable in &service.environment {
            let Some(name) = variable.name.strip_prefix("TRAEFIK_") else { continue };
            let value = variable.value.as_ref().and_then(Value::known).unwrap_or_default();
            given.push((name.to_ascii_lowercase().replace('_', "."), value.to_owned(), variable.spot.clone()));
        }
        let toml = service.volumes.iter().any(|mount| mount.target.ends_with(".toml"));
        let read = given.iter().all(|(name, ..)| name != ServerSetting::UNREAD);
        let known = words().all(|word| word.known().is_some()) && service.environment_complete;
        let complete = read && known && !toml && service.entrypoint.is_none() && !given.is_empty();
        Some(Self { service, given, complete })
    }

    /// What is named right behind this prefix: `web` of `entrypoints.web.address`.
    fn names(&self, prefix: &str) -> BTreeSet<&str> {
        let behind = self.given.iter().filter_map(|(name, ..)| name.strip_prefix(prefix)?.split('.').next());
        behind.filter(|name| !name.is_empty()).collect()
    }

    fn docker(&self) -> bool {
        let is = |name: &str| name == "providers.docker" || name.starts_with("providers.docker.");
        let off = |name: &str, value: &str| name == "providers.docker" && value == "false";
        self.given.iter().any(|(name, value, _)| is(name) && !off(name, value))
    }
}

/// A label of Traefik's whose service is not left out.
fn labels<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a Service, &'a Variable, String)> {
    let is = |variable: &&Variable| variable.name.eq_ignore_ascii_case("traefik.enable");
    let off = move |service: &Service| {
        let value = service.labels.iter().find(is).and_then(|label| label.value.as_ref()).and_then(Value::known);
        value.is_some_and(|value| value.eq_ignore_ascii_case("false"))
    };
    let on = context.deployment.services.iter().filter(move |service| !off(service));
    on.flat_map(|service| service.labels.iter().map(move |label| (service, label, label.name.to_ascii_lowercase())))
        .filter(|(.., name)| name.starts_with("traefik."))
}

/// What a router names: `middlewares` of `traefik.http.routers.shop.middlewares`.
fn of_router(name: &str) -> Option<&str> {
    let kinds = ["traefik.http.routers.", "traefik.tcp.routers.", "http.routers.", "tcp.routers."];
    let rest = kinds.iter().find_map(|kind| name.strip_prefix(kind))?;
    rest.split_once('.').map(|(_, setting)| setting)
}

fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty() && !name.contains(['$', '{']))
}

/// A router of a label that waits at an entry point which nobody opens.
pub(super) fn entry_point(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let Some(traefik) = Traefik::of(context).filter(|traefik| traefik.complete) else { return hits };
    let known = traefik.names("entrypoints.");
    if known.is_empty() {
        return hits;
    }
    for (service, label, name) in labels(context) {
        let Some(value) = label.value.as_ref().filter(|_| of_router(&name) == Some("entrypoints")) else { continue };
        let Some(text) = value.known() else { continue };
        let lacks = |name: &&str| *name != "traefik" && !known.contains(name.to_ascii_lowercase().as_str());
        let lacking: Vec<&str> = listed(text).filter(lacks).collect();
        let none = lacking.len() == listed(text).count();
        for name in lacking {
            let hit = Hit::at(value.spot.clone()).with("service", &service.name).with("name", name);
            let hit =
                nearest(name, known.iter().copied(), ALIKE).into_iter().fold(hit, |hit, near| hit.with("near", near));
            let hit = hit.with("known", known.iter().copied().collect::<Vec<_>>().join(", "));
            hits.once(if none { hit } else { hit.only(Level::Warning) });
        }
    }
    hits
}

/// A router of a label whose certificates come from a resolver that is nowhere described.
pub(super) fn resolver(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let Some(traefik) = Traefik::of(context).filter(|traefik| traefik.complete) else { return hits };
    let known = traefik.names("certificatesresolvers.");
    for (service, label, name) in labels(context) {
        let Some(value) = label.value.as_ref().filter(|_| of_router(&name) == Some("tls.certresolver")) else {
            continue;
        };
        let Some(text) = value.known().filter(|text| !text.is_empty()) else { continue };
        if known.contains(text.to_ascii_lowercase().as_str()) {
            continue;
        }
        let hit = Hit::at(value.spot.clone()).with("service", &service.name).with("name", text);
        hits.once(
            nearest(text, known.iter().copied(), ALIKE).into_iter().fold(hit, |hit, near| hit.with("near", near)),
        );
    }
    hits
}

/// A router that names a middleware or a service which nothing defines: of a label, those of labels; of a file, those of the files.
pub(super) fn name_undefined(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let Some(traefik) = Traefik::of(context) else { return hits };
    let label_names: Vec<String> = labels(context).map(|(.., name)| name).collect();
    let by_label = |kind: &str, name: &str| {
        let beginnings = [format!("traefik.http.{kind}.{name}."), format!("traefik.tcp.{kind}.{name}.")];
        label_names.iter().any(|label| beginnings.iter().any(|beginning| label.starts_with(beginning)))
    };
    let by_file = |kind: &str, name: &str| {
        traefik.names(&format!("http.{kind}.")).contains(name) || traefik.names(&format!("tcp.{kind}.")).contains(name)
    };
    let own = labels(context).filter_map(|(_, label, name)| {
        let value = label.value.as_ref()?;
        Some((name, value.known()?.to_owned(), value.spot.clone(), "docker"))
    });
    let files = traefik.given.iter().map(|(name, value, spot)| (name.clone(), value.clone(), spot.clone(), "file"));
    for (name, text, spot, here) in own.chain(files) {
        let kind = match of_router(&name) {
            Some("middlewares") => "middlewares",
            Some("service") => "services",
            _ => continue,
        };
        for written in listed(&text) {
            let (name, provider) = written.split_once('@').unwrap_or((written, here));
            let lower = name.to_ascii_lowercase();
            let lacks = match provider {
                // Other deployments may define some too, and a service without labels of its own gets one by its name.
                "docker" => {
                    traefik.docker() && !by_label(kind, &lower) && (kind == "middlewares" || !name.contains('-'))
                }
                "file" => traefik.complete && !by_file(kind, &lower),
                _ => false,
            };
            if lacks {
                let word = kind.trim_end_matches('s');
                let hit = Hit::at(spot.clone()).with("kind", word).with("name", name).with("provider", provider);
                hits.once(if provider == "file" && here == "file" { hit } else { hit.only(Level::Warning) });
            }
        }
    }
    hits
}

/// A service that Traefik is to serve, and shares no network with.
pub(super) fn network(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let Some(traefik) = Traefik::of(context).filter(Traefik::docker) else { return hits };
    let mut told = BTreeSet::new();
    for (service, label, name) in labels(context).filter(|(_, _, name)| of_router(name) == Some("rule")) {
        // A service of Traefik's own, or of a file, is asked instead of the container.
        let elsewhere = service.labels.iter().any(|other| {
            of_router(&other.name.to_ascii_lowercase()) == Some("service")
                && other.value.as_ref().and_then(Value::known).is_none_or(|value| value.contains('@'))
        });
        if service.name == traefik.service.name || elsewhere || !told.insert(&service.name) {
            continue;
        }
        if let Reached::Apart(_) = reach(context, traefik.service, &service.name) {
            let hit = Hit::at(label.spot.clone()).with("service", &service.name).with("label", name);
            hits.once(hit.with("traefik", &traefik.service.name));
        }
    }
    hits
}

/// The servers of the files: host, port where that is known, and place.
fn servers<'a>(traefik: &'a Traefik<'_>) -> impl Iterator<Item = (&'a str, Option<u16>, &'a Spot)> {
    let of_server = |name: &str| name.starts_with("http.services.") && name.ends_with(".loadbalancer.servers.url");
    traefik.given.iter().filter(move |(name, ..)| of_server(name)).filter_map(|(_, value, spot)| {
        let (scheme, rest) = value.split_once("://")?;
        let address = rest.split('/').next().unwrap_or_default();
        let (host, port) = address.split_once(':').unwrap_or((address, "80"));
        let plain = !host.is_empty() && !host.contains(['{', '$', '[']);
        plain.then(|| (host, port.parse().ok().filter(|_| scheme == "http"), spot))
    })
}

/// A server of a file that is no service.
pub(super) fn upstream(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let Some(traefik) = Traefik::of(context) else { return hits };
    for (host, _, spot) in servers(&traefik) {
        unanswered(context, traefik.service, host, spot.clone()).into_iter().for_each(|hit| hits.once(hit));
    }
    hits
}

/// A server of a file whose port the service does not open.
pub(super) fn port(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let Some(traefik) = Traefik::of(context) else { return hits };
    for (host, port, spot) in servers(&traefik) {
        let Some(port) = port else { continue };
        let Reached::Service(other) = reach(context, traefik.service, host) else { continue };
        closed(context, other, port, || Hit::at(spot.clone())).into_iter().for_each(|hit| hits.once(hit));
    }
    hits
}

/// Certificates that are kept inside of the container, and asked for again whenever it is created anew.
pub(super) fn storage(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let Some(traefik) = Traefik::of(context) else { return hits };
    let service = traefik.service;
    for (name, path, spot) in &traefik.given {
        if !name.starts_with("certificatesresolvers.") || !name.ends_with(".acme.storage") || path.contains(['$', '{'])
        {
            continue;
        }
        let place = if path.starts_with('/') { path.clone() } else { format!("/{path}") };
        if !service.volumes.iter().any(|mount| below(&place, &mount.target).is_some())
            && service.volumes_from.is_empty()
        {
            hits.once(Hit::at(spot.clone()).with("path", path).with("service", &service.name));
        }
    }
    hits
}
