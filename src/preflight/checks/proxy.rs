//! nginx in front of the services: what it passes on to, and what it listens on.

mod directive;
mod form;
mod haproxy;
mod health;
mod label;
mod traefik;
mod upstream;

use std::collections::HashSet;
use std::ops::Range;

use crate::deploy::nginx::routes::{Address, Routes, routes};
use crate::deploy::nginx::variable;
use crate::deploy::{Deployment, FileId, NginxFile, Service, Spot, Value};
use crate::preflight::app::{Setting, app, setting};

use super::env::origin;
use super::{Context, Entry, Hit, Hits, Level};

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[
    ("proxy/caddy-port", label::caddy_port),
    ("proxy/caddy-upstream", label::caddy_upstream),
    ("proxy/certificate-missing", form::certificate_missing),
    ("proxy/directive-arguments", form::directive_arguments),
    ("proxy/directive-misplaced", directive::misplaced),
    ("proxy/directive-unknown", directive::unknown),
    ("proxy/haproxy-certificate", haproxy::certificate),
    ("proxy/haproxy-name-undefined", haproxy::name_undefined),
    ("proxy/haproxy-port", haproxy::port),
    ("proxy/haproxy-upstream", haproxy::upstream),
    ("proxy/health-path-unknown", health::path_unknown),
    ("proxy/include-missing", form::include_missing),
    ("proxy/label-port", label::port),
    ("proxy/location-slash", upstream::location_slash),
    ("proxy/published-port", upstream::published_port),
    ("proxy/resolver-missing", upstream::resolver_missing),
    ("proxy/start-order", upstream::start_order),
    ("proxy/traefik-entrypoint", traefik::entry_point),
    ("proxy/traefik-name-undefined", traefik::name_undefined),
    ("proxy/traefik-network", traefik::network),
    ("proxy/traefik-port", traefik::port),
    ("proxy/traefik-resolver", traefik::resolver),
    ("proxy/traefik-storage", traefik::storage),
    ("proxy/traefik-upstream", traefik::upstream),
    ("proxy/upstream-localhost", upstream::upstream_localhost),
    ("proxy/upstream-loopback", upstream::upstream_loopback),
    ("proxy/upstream-port", upstream::upstream_port),
    ("proxy/upstream-unknown", upstream::upstream_unknown),
    ("proxy/variable-unknown", form::variable_unknown),
];

/// One file of a service's configuration, and what it passes on.
struct Read<'a> {
    file: &'a NginxFile,
    routes: Routes,
}

/// Every service with a configuration of nginx.
fn proxies<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a Service, Vec<Read<'a>>)> {
    let with = context.deployment.services.iter().filter(|service| !service.nginx.is_empty());
    with.map(|service| {
        let read = service.nginx.iter().map(|file| {
            let known = |name: &str| known(context, service, file, name);
            Read { file, routes: routes(&file.model, &known) }
        });
        (service, read.collect())
    })
}

/// A variable of the environment, as a template sees it.
fn known(context: &Context<'_>, service: &Service, file: &NginxFile, name: &str) -> Option<String> {
    if !is_template(file) {
        return None;
    }
    match setting(context.deployment, service, name) {
        Setting::Known(value) => Some(value.to_owned()),
        _ => None,
    }
}

fn is_template(file: &NginxFile) -> bool {
    file.path.ends_with(".template")
}

/// An address that requests are passed on to.
struct Target {
    file: FileId,
    range: Range<usize>,
    address: Address,
    /// Its name is looked up while nginx runs.
    late: bool,
    directive: String,
}

impl Target {
    fn spot(&self) -> Spot {
        Spot::new(self.file, self.range.clone())
    }

    /// Where a piece of it was written: in a template, at the variable that holds it.
    fn origin(&self, deployment: &Deployment, service: &Service, piece: &str) -> Spot {
        let spot = self.spot();
        let template = service.nginx.iter().any(|file| file.file == self.file && is_template(file));
        let mut names = deployment.slice(&spot).split('$').skip(1).map(|after| variable(after).0).filter(|_| template);
        let holds = |value: &&Value| value.known().is_some_and(|text| text.contains(piece));
        let value = names.find_map(|name| service.variable(name)?.value.as_ref().filter(holds));
        value.map_or(spot, |value| origin(deployment, value, piece))
    }
}

/// Every address that a service's nginx passes on to, upstream blocks resolved.
fn targets(read: &[Read<'_>]) -> Vec<Target> {
    let mut found = Vec::new();
    let named: HashSet<&str> =
        read.iter().flat_map(|read| &read.routes.upstreams).map(|upstream| upstream.name.as_str()).collect();
    for one in read {
        for server in one.routes.upstreams.iter().flat_map(|upstream| &upstream.servers) {
            if let Some(address) = server.address.clone() {
                let directive = "server".to_owned();
                found.push(Target {
                    file: one.file.file,
                    range: server.range.clone(),
                    address,
                    late: server.late,
                    directive,
                });
            }
        }
        for pass in &one.routes.passes {
            let Some(address) = pass.address.clone().filter(|address| !named.contains(address.host.as_str())) else {
                continue;
            };
            let (range, directive) = (pass.range.clone(), pass.directive.clone());
            found.push(Target { file: one.file.file, range, address, late: pass.variable, directive });
        }
    }
    found
}

/// Whether the container runs nothing but nginx.
fn is_plain(context: &Context<'_>, service: &Service) -> bool {
    app(context, service).is_some_and(|app| app.profile.area() == "proxy" && app.by_image)
        && service.entrypoint.is_none()
}
