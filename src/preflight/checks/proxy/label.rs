//! What Traefik and Caddy pass requests on to, against the services that are there.

use crate::preflight::ports::opened;
use crate::preflight::reach::{Reached, reach};

use super::upstream::{closed, unanswered};
use super::{Context, Hit, Hits, Level};

/// A label that tells Traefik a port which the container does not open.
pub(super) fn port(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        for label in &service.labels {
            let name = label.name.to_ascii_lowercase();
            if !name.starts_with("traefik.http.services.") || !name.ends_with(".loadbalancer.server.port") {
                continue;
            }
            let Some(value) = &label.value else { continue };
            let Some(port) = value.known().and_then(|text| text.trim().parse::<u16>().ok()) else { continue };
            let Some(known) = opened(context, service).filter(|known| !known.may_be(port)) else { continue };
            if !(known.certain || known.explicit) {
                continue;
            }
            let hit = Hit::at(value.spot.clone()).with("service", &service.name).with("port", port.to_string());
            let hit = known.tell(context.deployment, hit);
            let agreed = known.read || known.exposed.iter().any(|port| known.shown.contains(port));
            hits.once(if known.certain || agreed { hit } else { hit.only(Level::Warning) });
        }
    }
    hits
}

/// A Caddyfile that passes requests to a host that is no service.
pub(super) fn caddy_upstream(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        for setting in service.settings.iter().filter(|setting| setting.name == CADDY) {
            let address = setting.value.rsplit("://").next().unwrap_or_default();
            let host = address.split([':', '/']).next().unwrap_or_default();
            unanswered(context, service, host, setting.spot.clone()).into_iter().for_each(|hit| hits.once(hit));
        }
    }
    hits
}

/// A Caddyfile that names a port which the service does not open.
pub(super) fn caddy_port(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        for setting in service.settings.iter().filter(|setting| setting.name == CADDY) {
            let (scheme, address) = setting.value.split_once("://").unwrap_or(("http", setting.value.as_str()));
            let (host, port) = address.split_once(':').unwrap_or((address, "80"));
            let Some(port) = port.trim_end_matches('/').parse::<u16>().ok().filter(|_| scheme == "http") else {
                continue;
            };
            let Reached::Service(other) = reach(context, service, host) else { continue };
            let hit = closed(context, other, port, || Hit::at(setting.spot.clone()));
            hit.into_iter().for_each(|hit| hits.once(hit));
        }
    }
    hits
}

/// The directive of a Caddyfile, as it is kept among the settings.
const CADDY: &str = "reverse_proxy";
