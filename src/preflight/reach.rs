//! Who answers to a name inside the network of a deployment.

use std::collections::HashMap;

use crate::deploy::{Deployment, FaultKind, Kind, Service, Value, nearest};
use crate::record::before_number;

use super::check::Context;

/// What a host name leads to, as far as the files tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reached<'a> {
    /// This service.
    Service(&'a Service),
    /// This service, but the two share no network.
    Apart(&'a Service),
    /// This service, but who asks has the host's network, where its name means nothing.
    FromHost(&'a Service),
    /// The container itself.
    Itself,
    /// Nobody here.
    Nobody,
    /// Somebody outside, or it cannot be known.
    Elsewhere,
}

impl Reached<'_> {
    /// Why nobody answers in this network, for whoever asks.
    pub(super) fn why(self, from: &Service) -> Option<String> {
        match self {
            Self::Nobody => Some("no service, container name or alias of this deployment is called that".to_owned()),
            Self::Apart(other) => Some(format!("the service {} shares no network with {}", other.name, from.name)),
            _ => None,
        }
    }
}

/// What a host name in a service's container leads to.
pub(super) fn reach<'a>(context: &Context<'a>, from: &'a Service, host: &str) -> Reached<'a> {
    let deployment = context.deployment;
    if crate::deploy::nginx::routes::is_loopback(host) || host == "0.0.0.0" {
        return Reached::Itself;
    }
    let from = space(deployment, from);
    let listed = from.extra_hosts.iter().any(|entry| entry.raw.split([':', '=']).next() == Some(host));
    let outside = from.external_links.iter().any(|link| link.raw.split(':').any(|name| name == host));
    if listed || outside || !is_label(host) || shared_space(from) {
        return Reached::Elsewhere;
    }
    let names = context.memo.names.get_or_init(|| Names::new(deployment));
    let linked = linked(deployment, from, host);
    let named = names.first.get(&host.to_ascii_lowercase()).copied().into_iter().chain(linked).min();
    let first = named.or_else(|| numbered(deployment, host));
    let Some(target) = first.and_then(|first| deployment.services.get(first)) else {
        let nobody = names.known && closed(deployment, from);
        return if nobody { Reached::Nobody } else { Reached::Elsewhere };
    };
    if mode(from) == Some("host") {
        return Reached::FromHost(target);
    }
    if target.network_mode.is_some() || from.network_mode.is_some() {
        return Reached::Elsewhere;
    }
    if networks(from).iter().any(|network| networks(target).contains(network)) {
        Reached::Service(target)
    } else {
        Reached::Apart(target)
    }
}

/// A name without dots, as compose gives to its services.
fn is_label(host: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !host.is_empty() && host.chars().all(fits) && !host.chars().all(|c| c.is_ascii_digit())
}

fn mode(service: &Service) -> Option<&str> {
    service.network_mode.as_ref().map(|value| value.known().unwrap_or_default())
}

/// The service whose network this one uses: itself, or the one of `network_mode: service:NAME`.
fn space<'a>(deployment: &'a Deployment, service: &'a Service) -> &'a Service {
    let named = mode(service).and_then(|mode| mode.strip_prefix("service:"));
    named.and_then(|name| deployment.service(name)).unwrap_or(service)
}

/// Whether its network is that of another container, or not known.
fn shared_space(service: &Service) -> bool {
    mode(service).is_some_and(|mode| !matches!(mode, "host" | "bridge" | "none"))
}

/// What the services of a deployment are called.
#[derive(Debug)]
pub(super) struct Names {
    /// For every name in small letters the first service that answers to it.
    first: HashMap<String, usize>,
    /// Whether all names are known, and all files could be read.
    known: bool,
}

impl Names {
    fn new(deployment: &Deployment) -> Self {
        let compose = |fault: &crate::deploy::Fault| {
            let form =
                matches!(fault.kind, FaultKind::Yaml | FaultKind::Compose | FaultKind::Missing(_) | FaultKind::Limit);
            form && deployment.file(fault.spot.file).is_some_and(|file| file.kind == Kind::Compose)
        };
        let (mut first, mut known) = (HashMap::new(), !deployment.faults.iter().any(compose));
        for (number, service) in deployment.services.iter().enumerate() {
            let aliases = service.networks.iter().flat_map(|network| &network.aliases);
            let further = service.container_name.iter().chain(aliases).map(Value::known);
            for name in std::iter::once(Some(service.name.as_str())).chain(further) {
                known &= name.is_some();
                name.into_iter().for_each(|name| {
                    first.entry(name.to_ascii_lowercase()).or_insert(number);
                });
            }
        }
        Self { first, known }
    }
}

/// The first service that another one links under this name.
fn linked(deployment: &Deployment, from: &Service, host: &str) -> Option<usize> {
    let links = from.links.iter().filter_map(|entry| entry.raw.split_once(':'));
    let named = links.filter(|(_, alias)| *alias == host).map(|(name, _)| name);
    named.filter_map(|name| deployment.services.iter().position(|service| service.name == name)).min()
}

/// The service whose name is most like the one that was meant.
pub(super) fn meant<'a>(context: &Context<'a>, from: &Service, host: &str) -> Option<&'a str> {
    let others = context.deployment.services.iter().filter(|service| service.name != from.name);
    nearest(host, others.map(|service| service.name.as_str()), 0.75)
}

/// The service whose container compose itself calls so: `shop-db-1`, or `shop_db_1`.
fn numbered(deployment: &Deployment, host: &str) -> Option<usize> {
    let name = before_number(host)?;
    let own = |service: &Service| {
        let project = name.strip_suffix(service.name.as_str()).filter(|_| service.container_name.is_none());
        project.is_some_and(|project| project.len() > 1 && project.ends_with(['-', '_']))
    };
    deployment.services.iter().position(own)
}

fn networks(service: &Service) -> Vec<&str> {
    if service.networks.is_empty() {
        return vec!["default"];
    }
    service.networks.iter().map(|network| network.network.as_str()).collect()
}

/// Whether everybody in the networks of a service is known, as far as it depends on that service: none of them belongs to others.
fn closed(deployment: &Deployment, from: &Service) -> bool {
    let external = |name: &&str| deployment.networks.iter().any(|top| top.name == *name && top.external);
    let linked =
        from.links.iter().all(|link| deployment.service(link.raw.split(':').next().unwrap_or_default()).is_some());
    mode(from).is_none() && linked && !networks(from).iter().any(external)
}
