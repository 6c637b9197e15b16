//! Ports of the host: one program each.

use crate::deploy::{Port, Service, Value};
use crate::preflight::app::app;
use crate::preflight::checks::{Context, Hit, Hits, Level};
use crate::preflight::ports::opened;

/// Two services on one port of the host.
pub(super) fn twice(context: &Context<'_>) -> Hits {
    let services =
        context.deployment.services.iter().filter(|service| service.network_mode.is_none() && service.starts());
    let ports: Vec<(&Service, &Port)> = services.flat_map(|s| s.ports.iter().map(move |port| (s, port))).collect();
    let mut hits = Hits::default();
    for (index, (service, port)) in ports.iter().enumerate() {
        let before = ports.iter().take(index).find(|(other, known)| clash(known, port) && together(other, service));
        let Some((other, known)) = before else { continue };
        let Some(shared) = overlap(known, port) else { continue };
        let hit = Hit::at(port.spot.clone()).with("service", &service.name).with("other", &other.name);
        let hit = hit.with("port", shared.to_string());
        // With a profile it depends on how compose is called.
        let sure = service.profiles.is_empty() && other.profiles.is_empty();
        hits.push(if sure { hit } else { hit.only(Level::Warning) });
    }
    hits
}

/// Whether two services can run side by side.
pub(super) fn together(a: &Service, b: &Service) -> bool {
    let names = |service: &Service| service.profiles.iter().map(|value| value.raw.clone()).collect::<Vec<_>>();
    let (a, b) = (names(a), names(b));
    a.is_empty() || b.is_empty() || a.iter().any(|name| b.contains(name))
}

fn clash(a: &Port, b: &Port) -> bool {
    let every = |port: &Port| port.address.as_deref().is_none_or(|address| matches!(address, "" | "0.0.0.0" | "::"));
    let address = every(a) || every(b) || a.address == b.address;
    let unknown = |port: &Port| port.address.as_deref().is_some_and(|address| address.contains('$'));
    address && a.protocol == b.protocol && !unknown(a) && !unknown(b) && overlap(a, b).is_some()
}

/// The first port of the host that both take. A range for one port of the container is a choice, not a claim.
fn overlap(a: &Port, b: &Port) -> Option<u16> {
    let taken = |port: &Port| {
        let (first, last) = port.host?;
        let choice = last > first && port.container.0 == port.container.1;
        (!choice).then_some((first, last))
    };
    let (a, b) = (taken(a)?, taken(b)?);
    let first = a.0.max(b.0);
    (first <= a.1.min(b.1)).then_some(first)
}

/// Servers that open one port and no other.
const SINGLE: [&str; 3] = ["postgres", "mysql", "redis"];

/// Ports that are published, none of which the container opens.
pub(super) fn closed(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in context.deployment.services.iter().filter(|service| service.network_mode.is_none()) {
        let Some(known) = opened(context, service) else { continue };
        let single = app(context, service).is_some_and(|app| SINGLE.contains(&app.profile.id.as_str()) && app.by_image);
        let server = known.certain && single;
        if !(server || known.explicit) || !service.nginx.is_empty() {
            continue;
        }
        let may = |port: u16| {
            known.shown.contains(&port) || known.also.contains(&port) || !server && known.exposed.contains(&port)
        };
        let tcp = service.ports.iter().filter(|port| port.protocol != "udp");
        let all: Vec<&Port> = tcp.collect();
        if all.iter().any(|port| (port.container.0..=port.container.1).any(may)) {
            continue;
        }
        for port in all {
            let hit =
                Hit::at(port.spot.clone()).with("service", &service.name).with("port", port.container.0.to_string());
            let hit = known.tell(context.deployment, hit);
            hits.push(if server || known.read { hit } else { hit.only(Level::Warning) });
        }
    }
    hits
}

/// Several containers on one port of the host.
pub(super) fn replicas(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let swarm = context.deployment.services.iter().any(|service| service.swarm);
    for service in &context.deployment.services {
        let Some((count, _)) = service.replicas.as_ref().filter(|(count, _)| *count > 1) else { continue };
        let fixed = |port: &&Port| port.host.is_some_and(|(first, last)| first == last);
        let host = service.network_mode.as_ref().and_then(Value::known) == Some("host");
        for port in service.ports.iter().filter(fixed).filter(|_| !host) {
            let number = port.host.map(|(first, _)| first.to_string()).unwrap_or_default();
            let hit = Hit::at(port.spot.clone()).with("service", &service.name).with("count", count.to_string());
            let hit = hit.with("port", number);
            hits.push(if swarm || !service.profiles.is_empty() { hit.only(Level::Warning) } else { hit });
        }
    }
    hits
}
