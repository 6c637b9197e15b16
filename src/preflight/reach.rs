//! Who answers to a name inside the network of a deployment.

use crate::deploy::{Deployment, FaultKind, Kind, Service};

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

/// What a host name in a service's container leads to.
pub(super) fn reach<'a>(deployment: &'a Deployment, from: &'a Service, host: &str) -> Reached<'a> {
    if crate::deploy::nginx::routes::is_loopback(host) || host == "0.0.0.0" {
        return Reached::Itself;
    }
    let from = space(deployment, from);
    let listed = from.extra_hosts.iter().any(|entry| entry.raw.split([':', '=']).next() == Some(host));
    let outside = from.external_links.iter().any(|link| link.raw.split(':').any(|name| name == host));
    if listed || outside || !is_label(host) || shared_space(from) {
        return Reached::Elsewhere;
    }
    let Some(target) = deployment.services.iter().find(|service| answers(from, service, host)) else {
        return if closed(deployment, from) { Reached::Nobody } else { Reached::Elsewhere };
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

/// Whether a service has this name for another one.
fn answers(from: &Service, service: &Service, host: &str) -> bool {
    let is = |name: Option<&str>| name.is_some_and(|name| name.eq_ignore_ascii_case(host));
    let link = |text: &str| text.split_once(':').is_some_and(|(name, alias)| name == service.name && alias == host);
    service.name.eq_ignore_ascii_case(host)
        || is(service.container_name.as_ref().and_then(|name| name.known()))
        || service.networks.iter().flat_map(|network| &network.aliases).any(|alias| is(alias.known()))
        || from.links.iter().any(|entry| link(&entry.raw))
}

fn networks(service: &Service) -> Vec<&str> {
    if service.networks.is_empty() {
        return vec!["default"];
    }
    service.networks.iter().map(|network| network.network.as_str()).collect()
}

/// Whether everybody in the networks of a service is known: none of them belongs to others, all files could be read, all names are known.
fn closed(deployment: &Deployment, from: &Service) -> bool {
    let external = |name: &&str| deployment.networks.iter().any(|top| top.name == *name && top.external);
    let compose = |fault: &crate::deploy::Fault| {
        let form = matches!(fault.kind, FaultKind::Yaml | FaultKind::Compose | FaultKind::Missing | FaultKind::Limit);
        form && deployment.file(fault.spot.file).is_some_and(|file| file.kind == Kind::Compose)
    };
    let named = |service: &Service| {
        let aliases = service.networks.iter().flat_map(|network| &network.aliases);
        service.container_name.iter().chain(aliases).all(|name| name.known().is_some())
    };
    let linked =
        from.links.iter().all(|link| deployment.service(link.raw.split(':').next().unwrap_or_default()).is_some());
    mode(from).is_none()
        && linked
        && !networks(from).iter().any(external)
        && !deployment.faults.iter().any(compose)
        && deployment.services.iter().all(named)
}
