//! What nginx passes requests on to, against the services that are there.

use std::collections::HashSet;

use crate::deploy::nginx::routes::is_loopback;
use crate::deploy::shell::{Invocation, Step};
use crate::deploy::{Deployment, NGINX_FOLDERS, Service, Spot};
use crate::preflight::ports::{keeps_default, opened, words};
use crate::preflight::reach::{Reached, meant, reach};
use crate::preflight::scripts::{each_run, each_step, is_application, running};

use super::{Context, Hit, Hits, Level, is_plain, proxies, targets};

/// What follows of an unknown name that is looked up at the start, and why.
const EARLY: (&str, &str) = (
    "nginx does not start",
    "nginx looks every plain name up when it starts. One that does not exist ends the start with \"host not found in upstream\", and takes \
     every other site of this nginx with it.",
);
/// And of one that is looked up for each request.
const LATE: (&str, &str) = (
    "what is passed there is answered with 502",
    "A target with a variable is looked up for each request. nginx starts, and only the requests that are passed there fail.",
);

/// What to write instead of a host that does not answer.
fn advice(service: &Service, reached: Reached<'_>) -> String {
    match reached {
        Reached::Apart(other) => format!("Give {} and {} a network in common.", service.name, other.name),
        _ => format!("Write the name of a service that shares a network with {}.", service.name),
    }
}

pub(super) fn upstream_unknown(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, read) in proxies(context) {
        for target in targets(&read) {
            if hits.more() {
                break;
            }
            let host = &target.address.host;
            let reached = reach(context, service, host);
            if matches!(reached, Reached::Nobody) && may_be_written(context, service, host) {
                continue;
            }
            let reason = match reached {
                Reached::FromHost(other) => Some(format!(
                    "{} uses the host's network, where the name of {} means nothing",
                    service.name, other.name
                )),
                _ => reached.why(service),
            };
            let Some(reason) = reason else { continue };
            let (consequence, because) = if target.late { LATE } else { EARLY };
            let hit = Hit::at(target.origin(context.deployment, service, host))
                .with("service", service.name.clone())
                .with("host", host.clone())
                .with("reason", reason)
                .with("consequence", consequence)
                .with("because", because)
                .with("advice", advice(service, reached));
            // The way to make a backend optional.
            hits.once(if target.late { hit.only(Level::Note) } else { hit });
        }
    }
    hits
}

/// Whether the build or a script of the container writes configuration that may give the name a meaning.
fn may_be_written(context: &Context<'_>, service: &Service, host: &str) -> bool {
    let mut may = false;
    each_run(service, &mut |run| may |= writes(run.step, host));
    each_step(context.deployment, service, &mut |_, step, _| may |= writes(step, host));
    may
}

/// Whether a command writes a configuration whose text names the host, or cannot be read.
fn writes(step: &Step<'_, '_>, host: &str) -> bool {
    let configuration = |path: &str| NGINX_FOLDERS.iter().any(|folder| path.starts_with(folder));
    let invocation = step.invocation();
    let program = invocation.program().unwrap_or_default();
    let unread = || invocation.words.iter().any(|word| word.text.as_ref().is_none_or(|text| text.contains(host)));
    if step.output_file().is_some_and(|path| configuration(&path)) {
        return !matches!(program, "echo" | "printf") || unread();
    }
    if !invocation.arguments().any(configuration) {
        return false;
    }
    match program {
        "sed" | "perl" | "envsubst" => unread(),
        "cp" | "mv" | "install" | "tee" | "curl" | "wget" | "tar" | "git" => true,
        _ => false,
    }
}

pub(super) fn upstream_localhost(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, read) in proxies(context) {
        if service.network_mode.is_some() || !runs_alone(context, service) {
            continue;
        }
        // Others may use this container's network.
        let joined = format!("service:{}", service.name);
        let guests = context
            .deployment
            .services
            .iter()
            .any(|other| other.network_mode.as_ref().is_some_and(|m| m.raw == joined));
        let own: Vec<u16> = read.iter().flat_map(|one| &one.routes.listens).filter_map(|listen| listen.port).collect();
        let mut told = HashSet::new();
        for target in targets(&read).into_iter().filter(|target| is_loopback(&target.address.host)) {
            let port = target.address.port.unwrap_or(80);
            if guests || own.contains(&port) || !told.insert(port) {
                continue;
            }
            let owner = context.deployment.services.iter().find(|other| {
                other.name != service.name
                    && other.ports.iter().any(|known| (known.container.0..=known.container.1).contains(&port))
            });
            let mut hit = Hit::at(target.origin(context.deployment, service, &target.address.host))
                .with("service", service.name.clone())
                .with("directive", target.directive.clone())
                .with("port", port.to_string());
            if let Some(owner) = owner {
                hit = hit.with("owner", owner.name.clone());
            }
            let hit = if is_plain(context, service) { hit } else { hit.only(Level::Warning) };
            hits.once(hit);
        }
    }
    hits
}

/// Whether nothing but nginx is started in its container, as far as the files tell.
fn runs_alone(context: &Context<'_>, service: &Service) -> bool {
    const PREPARE: [&str; 16] = [
        "nginx",
        "nginx-debug",
        "envsubst",
        "sed",
        "echo",
        "printf",
        "cat",
        "cp",
        "mkdir",
        "set",
        "export",
        "sleep",
        "test",
        "[",
        "exec",
        "sh",
    ];
    let commands = running(context.deployment, service);
    let nginx = commands.iter().all(|found| {
        let program = found.invocation.program();
        program.is_some_and(|name| {
            PREPARE.contains(&name) || name == "docker-entrypoint.sh" || name.starts_with('-') || name.contains(' ')
        })
    });
    let hooks = service.volumes.iter().any(|mount| mount.target.starts_with("/docker-entrypoint.d"));
    let mut brings = false;
    each_run(service, &mut |run| {
        let tools = ["supervisor", "supervisord", "s6-overlay", "runit", "nodejs", "python3", "php-fpm"];
        brings |= run.step.invocation().arguments().any(|word| tools.contains(&word));
    });
    nginx && !hooks && !brings
}

pub(super) fn upstream_port(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, read) in proxies(context) {
        for target in targets(&read) {
            let Some(port) = target.address.port else { continue };
            let Reached::Service(other) = reach(context, service, &target.address.host) else { continue };
            let at = || {
                Hit::at(target.origin(context.deployment, service, &port.to_string())).with("service", &service.name)
            };
            closed(context, other, port, at).into_iter().for_each(|hit| hits.once(hit));
        }
    }
    hits
}

/// That nobody answers a proxy at this host, which stands there, and what may be meant.
pub(super) fn unanswered(context: &Context<'_>, proxy: &Service, host: &str, spot: Spot) -> Option<Hit> {
    let reason = reach(context, proxy, host).why(proxy)?;
    let hit = Hit::at(spot).with("service", &proxy.name).with("host", host).with("reason", reason);
    Some(meant(context, proxy, host).into_iter().fold(hit, |hit, near| hit.with("near", near)))
}

/// That a service does not open the port which is asked for, if enough speaks for it; the hit begins with `at`.
pub(super) fn closed(context: &Context<'_>, target: &Service, port: u16, at: impl FnOnce() -> Hit) -> Option<Hit> {
    let known = opened(context, target).filter(|known| !known.may_be(port))?;
    let published = target.publishes(port);
    if !(known.certain || known.told || published) {
        return None;
    }
    let hit = at().with("target", &target.name).with("port", port.to_string());
    let hit = known.tell(context.deployment, hit);
    let hit = if published { hit.with("published", port.to_string()) } else { hit };
    // `PORT`, the program reads it or the proxy asks for the port of the host.
    let certain = known.certain || known.explicit && (known.read || published);
    Some(if certain { hit } else { hit.only(Level::Warning) })
}

/// A service whose command says that it listens inside its own container only.
pub(super) fn upstream_loopback(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, read) in proxies(context) {
        for target in targets(&read) {
            let Reached::Service(other) = reach(context, service, &target.address.host) else { continue };
            let mut bound =
                running(context.deployment, other).into_iter().filter(|found| is_application(&found.invocation));
            let own = bound.find_map(|found| Some((loopback(&found.invocation, target.address.port)?, found.spot)));
            let Some((address, spot)) = own.filter(|_| other.name != service.name && other.nginx.is_empty()) else {
                continue;
            };
            let hit = Hit::at(spot).with("service", other.name.clone()).with("address", address);
            hits.once(hit.with("proxy", service.name.clone()));
        }
    }
    hits
}

/// The address of the container itself that a command tells its program to listen on; none where it names another port than this one.
fn loopback(invocation: &Invocation, port: Option<u16>) -> Option<String> {
    let words: Vec<&str> = invocation.arguments().collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let (option, joined) = word.split_once('=').map_or((*word, None), |(option, value)| (option, Some(value)));
        let value = joined.or_else(|| words.get(at + 1).copied())?;
        let (host, own) = value.rsplit_once(':').map_or((value, None), |(host, own)| (host, own.parse::<u16>().ok()));
        let binds = matches!(option, "--host" | "--bind" | "-b" | "--address" | "--hostname");
        let same = own.is_none() || own == port;
        (binds && is_loopback(host) && same).then(|| value.to_owned())
    })
}

/// A target with a variable is looked up for each request, and nginx asks the system's resolver only at its start.
pub(super) fn resolver_missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, read) in proxies(context) {
        // What is not among the files may hold one.
        let partial =
            !service.nginx.iter().any(|file| file.path.ends_with("/nginx.conf")) && !is_plain(context, service);
        if partial || read.iter().any(|one| one.routes.resolver) {
            continue;
        }
        let addresses = |host: &str| host.parse::<std::net::IpAddr>().is_ok();
        for target in targets(&read).into_iter().filter(|target| target.late && !addresses(&target.address.host)) {
            let hit =
                Hit::at(target.spot()).with("service", service.name.clone()).with("host", target.address.host.clone());
            hits.once(hit);
        }
    }
    hits
}

/// nginx looks a plain name up once, at its start: the container behind it must be there by then.
pub(super) fn start_order(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, read) in proxies(context) {
        for target in targets(&read).into_iter().filter(|target| !target.late) {
            let Reached::Service(other) = reach(context, service, &target.address.host) else { continue };
            if other.name == service.name || waits(context.deployment, service, &other.name) {
                continue;
            }
            let restarts = service.restart.as_ref().and_then(|value| value.known());
            let healed = restarts.is_some_and(|policy| policy != "no");
            let hit = Hit::at(target.spot()).with("service", service.name.clone()).with("target", other.name.clone());
            let told = hits.more() || hits.iter().any(|known| known.values == hit.values);
            if !told {
                hits.push(if healed { hit.only(Level::Note) } else { hit });
            }
        }
    }
    hits
}

/// Whether a service starts after another one, directly or through others.
fn waits(deployment: &Deployment, service: &Service, other: &str) -> bool {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut open = vec![service];
    while let Some(service) = open.pop() {
        let links = service.links.iter().filter_map(|link| link.raw.split(':').next());
        let dependencies = service.depends_on.iter().map(|dependency| dependency.service.as_str());
        if links.chain(dependencies.clone()).any(|name| name == other) {
            return true;
        }
        open.extend(dependencies.filter(|name| seen.insert(name)).filter_map(|name| deployment.service(name)));
    }
    false
}

/// A published port that no server of the configuration listens on.
pub(super) fn published_port(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, read) in proxies(context) {
        let listens: Vec<_> = read.iter().flat_map(|one| &one.routes.listens).collect();
        if listens.is_empty() || listens.iter().any(|listen| listen.port.is_none()) || !is_plain(context, service) {
            continue;
        }
        let ports = listens.iter().filter(|listen| !listen.loopback).filter_map(|listen| listen.port);
        let ports: Vec<u16> = ports.chain(keeps_default(service).then_some(80)).collect();
        for port in service.ports.iter().filter(|port| port.protocol != "udp") {
            let (first, last) = port.container;
            if ports.iter().any(|known| (first..=last).contains(known)) {
                continue;
            }
            hits.push(
                Hit::at(port.spot.clone())
                    .with("service", service.name.clone())
                    .with("port", first.to_string())
                    .with("opened", words(&ports)),
            );
        }
    }
    hits
}

/// A target with a path replaces the location's own: both end in a slash, or neither does.
pub(super) fn location_slash(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (_, read) in proxies(context) {
        for one in &read {
            for pass in one.routes.passes.iter().filter(|pass| !pass.variable) {
                let Some((location, _)) = &pass.location else { continue };
                let Some((_, rest)) = pass.target.split_once("://") else { continue };
                let Some((_, path)) = rest.split_once('/') else { continue };
                let ends = path.is_empty() || path.ends_with('/');
                if location == "/" || ends == location.ends_with('/') {
                    continue;
                }
                let spot = crate::deploy::Spot::new(one.file.file, pass.range.clone());
                hits.push(Hit::at(spot).with("location", location.clone()).with("target", pass.target.clone()));
            }
        }
    }
    hits
}
