//! Ports and addresses that the application is told, against those it has.

use crate::deploy::{HealthForm, Service};
use crate::preflight::app::{App, Setting, apps, setting};
use crate::preflight::runs::{Runs, runs};
use crate::preflight::url;

use super::{Context, Hit, Hits, Level};

/// A variable for the port that the application does not read.
pub(super) fn port_ignored(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for app in apps(context) {
        let Some(requires) = app.requires() else { continue };
        let (Some(read), Some(default)) = (&requires.port_variable, app.profile.port) else { continue };
        if is_old(&app) || runs(context, &app) == Runs::Other {
            continue;
        }
        let opened = match setting(context.deployment, app.service, read) {
            Setting::Known(text) => text.trim().parse().unwrap_or(default),
            Setting::Unknown => continue,
            Setting::Absent => default,
        };
        for name in &requires.ignored_ports {
            let Some(variable) = app.service.variable(name) else { continue };
            let Some(port) = app.service.env(name).and_then(|text| text.trim().parse::<u16>().ok()) else { continue };
            let hit = Hit::at(variable.spot.clone())
                .with("service", app.service.name.clone())
                .with("variable", name.clone())
                .with("read", read.clone())
                .with("application", app.profile.name.clone())
                .with("port", port.to_string())
                .with("opened", opened.to_string());
            hits.push(if port == opened {
                hit.only(Level::Note)
            } else if asked(app.service, port) {
                hit
            } else {
                hit.only(Level::Warning)
            });
        }
    }
    hits
}

/// Whether the service's own health check or published ports ask for a port.
fn asked(service: &Service, port: u16) -> bool {
    let published = service.ports.iter().any(|known| (known.container.0..=known.container.1).contains(&port));
    let text = format!(":{port}");
    let probed = service
        .healthcheck
        .as_ref()
        .is_some_and(|check| check.form != HealthForm::None && check.test.iter().any(|word| word.raw.contains(&text)));
    published || probed
}

/// Whether the image is of a version before the variable was renamed, or of one that cannot be told.
fn is_old(app: &App<'_>) -> bool {
    let Some(since) = app.requires().and_then(|requires| requires.port_variable_since.as_deref()) else { return false };
    let image = app.service.image.as_ref().and_then(|image| image.known()).unwrap_or_default();
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    let Some(version) = numbers(tag) else { return false };
    numbers(since).is_some_and(|since| version < since)
}

/// `(0, 42)` of `v0.42.1`.
fn numbers(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The public address names a port of this machine that no service publishes.
pub(super) fn public_url(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for app in apps(context) {
        for name in app.requires().iter().flat_map(|requires| &requires.public_urls) {
            let (Some(variable), Some(text)) = (app.service.variable(name), app.service.env(name)) else { continue };
            let Some(found) = url::parse(text).filter(|found| local(found.host)) else { continue };
            let port = found.port.unwrap_or(if found.scheme == "https" { 443 } else { 80 });
            let services = &context.deployment.services;
            let published: Vec<_> =
                services.iter().flat_map(|service| &service.ports).filter_map(|port| port.host).collect();
            let unknown = services
                .iter()
                .any(|service| service.network_mode.is_some() || service.ports.iter().any(|port| port.host.is_none()));
            if published.is_empty() || unknown || published.iter().any(|(first, last)| (*first..=*last).contains(&port))
            {
                continue;
            }
            let hit = Hit::at(variable.spot.clone()).with("variable", name.clone()).with("port", port.to_string());
            if !hits.more() && !hits.contains(&hit) {
                hits.push(hit);
            }
        }
    }
    hits
}

fn local(host: &str) -> bool {
    crate::deploy::nginx::routes::is_loopback(host)
}
