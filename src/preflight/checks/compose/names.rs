//! Names that compose looks up: volumes, networks, secrets, configs, services.

use crate::deploy::{Deployment, FaultKind, MountKind, Service, Spot, Top, Value, nearest};
use crate::preflight::checks::{Context, Hit, Hits, Level};

use super::host_port::together;

/// Whether all of the project is known: what is not named in half a file may stand in the other half.
pub(super) fn whole(deployment: &Deployment) -> bool {
    let cut = |kind: FaultKind| matches!(kind, FaultKind::Yaml | FaultKind::Limit);
    !deployment.partial && !deployment.faults.iter().any(|fault| cut(fault.kind))
}

/// A hit that names a thing nobody defines, with the nearest name that is defined.
pub(super) fn undefined<'a>(spot: &Spot, service: &Service, name: &str, known: impl Iterator<Item = &'a str>) -> Hit {
    let hit = Hit::at(spot.clone()).with("service", &service.name).with("name", name);
    match nearest(name, known, 0.84) {
        Some(near) => hit.with("near", near),
        None => hit,
    }
}

fn tops(tops: &[Top]) -> impl Iterator<Item = &str> {
    tops.iter().map(|top| top.name.as_str())
}

pub(super) fn volume(context: &Context<'_>) -> Hits {
    let known = &context.deployment.volumes;
    let mut hits = Hits::default();
    for (service, mount) in context.deployment.services.iter().flat_map(|s| s.volumes.iter().map(move |m| (s, m))) {
        let name = mount.source.as_ref().and_then(Value::known).filter(|_| mount.kind == MountKind::Volume);
        if let Some(name) =
            name.filter(|name| !hits.more() && whole(context.deployment) && tops(known).all(|other| other != *name))
        {
            hits.push(undefined(&mount.spot, service, name, tops(known)));
        }
    }
    hits
}

pub(super) fn network(context: &Context<'_>) -> Hits {
    let known = &context.deployment.networks;
    let mut hits = Hits::default();
    for (service, network) in context.deployment.services.iter().flat_map(|s| s.networks.iter().map(move |n| (s, n))) {
        let name = network.network.as_str();
        if name != "default" && !hits.more() && whole(context.deployment) && tops(known).all(|other| other != name) {
            hits.push(undefined(&network.spot, service, name, tops(known)));
        }
    }
    hits
}

pub(super) fn secret(context: &Context<'_>) -> Hits {
    listed(context, &context.deployment.secrets, |service| &service.secrets)
}

pub(super) fn config(context: &Context<'_>) -> Hits {
    listed(context, &context.deployment.configs, |service| &service.configs)
}

fn listed(context: &Context<'_>, known: &[Top], of: fn(&Service) -> &Vec<Value>) -> Hits {
    let mut hits = Hits::default();
    for (service, value) in context.deployment.services.iter().flat_map(|s| of(s).iter().map(move |v| (s, v))) {
        let name = value.known().filter(|name| !hits.more() && tops(known).all(|other| other != *name));
        if let Some(name) = name.filter(|_| whole(context.deployment)) {
            hits.push(undefined(&value.spot, service, name, tops(known)));
        }
    }
    hits
}

/// `links` and `network_mode: service:…` that name no service.
pub(super) fn service(context: &Context<'_>) -> Hits {
    let deployment = context.deployment;
    let names = || deployment.services.iter().map(|service| service.name.as_str());
    let mut hits = Hits::default();
    if !whole(deployment) {
        return hits;
    }
    for service in &deployment.services {
        let mode = service.network_mode.as_ref();
        let shared = mode.and_then(|mode| Some((mode, mode.known()?.strip_prefix("service:")?)));
        let linked = service.links.iter().filter_map(|link| Some((link, link.known()?.split(':').next()?)));
        for (value, name) in shared.into_iter().chain(linked) {
            if !hits.more() && names().all(|other| other != name) {
                hits.push(undefined(&value.spot, service, name, names()));
            }
        }
    }
    hits
}

/// A service that says neither what to run nor how to build it.
pub(super) fn image_missing(context: &Context<'_>) -> Hits {
    let broken = |kind: FaultKind| matches!(kind, FaultKind::Missing(_) | FaultKind::Compose);
    if !whole(context.deployment) || context.deployment.faults.iter().any(|fault| broken(fault.kind)) {
        return Hits::default();
    }
    let services = context.deployment.services.iter();
    let bare = services.filter(|service| service.image.is_none() && service.build.is_none() && !service.provider);
    bare.map(|service| Hit::at(service.spot.clone()).with("service", &service.name)).collect()
}

/// An image with capitals in its name: only a registry's host may have them.
pub(super) fn image_name(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let (Some(value), Some(name)) = (&service.image, service.image_name()) else { continue };
        let (first, rest) = name.split_once('/').unwrap_or(("", name));
        let host =
            first.contains(['.', ':']) || first == "localhost" || first.contains(|c: char| c.is_ascii_uppercase());
        let path = if host { rest } else { name };
        if path.contains(|c: char| c.is_ascii_uppercase()) {
            let right = name.replace(path, &path.to_ascii_lowercase());
            let hit = Hit::at(value.spot.clone()).with("service", &service.name).with("image", name);
            hits.push(hit.with("right", right));
        }
    }
    hits
}

/// Two services with one container name, or one service with several containers of one name.
pub(super) fn container_name(context: &Context<'_>) -> Hits {
    let named = context.deployment.services.iter().filter_map(|service| {
        let value = service.container_name.as_ref()?;
        Some((service, value, value.known()?))
    });
    let named: Vec<_> = named.collect();
    let mut hits = Hits::default();
    for (index, (service, value, name)) in named.iter().enumerate() {
        let same = |(other, _, known): &&(&Service, &Value, &str)| known == name && together(other, service);
        if let Some((other, _, _)) = named.iter().take(index).find(same) {
            let hit = Hit::at(value.spot.clone()).with("service", &service.name).with("name", *name);
            let hit = hit.with("other", format!("the service {}", other.name));
            // With a profile it depends on how compose is called.
            let sure = service.profiles.is_empty() && other.profiles.is_empty();
            hits.push(if sure { hit } else { hit.only(Level::Warning) });
        } else if service.replicas.as_ref().is_some_and(|(count, _)| *count > 1) {
            let hit = Hit::at(value.spot.clone()).with("service", &service.name).with("name", *name);
            hits.push(hit.with("other", "its own replicas"));
        }
    }
    hits
}

/// `network_mode` together with what it excludes.
pub(super) fn network_mode(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(mode) = &service.network_mode else { continue };
        let known = mode.known().unwrap_or_default();
        let shared = known.starts_with("service:") || known.starts_with("container:");
        let excluded = match (service.networks.first(), service.ports.first()) {
            (Some(network), _) => Some((network.spot.clone(), "networks")),
            (None, Some(port)) if shared => Some((port.spot.clone(), "ports")),
            _ => None,
        };
        if let Some((spot, what)) = excluded {
            let hit = Hit::at(spot).with("service", &service.name).with("what", what);
            hits.push(hit.with("mode", known));
        }
    }
    hits
}
