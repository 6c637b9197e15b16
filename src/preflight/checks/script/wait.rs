//! Loops that wait for a server at a name that leads nowhere.

use std::ops::Range;

use crate::deploy::shell::Invocation;
use crate::deploy::{ScriptRole, Service, Spot};
use crate::preflight::ports::opened;
use crate::preflight::reach::{Reached, reach};

use super::super::super::scripts::{each_step, running};
use super::{Context, Hit, Hits, Level};

/// Programs that do nothing but wait for `host:port`.
const WAITERS: [&str; 5] = ["wait-for", "wait-for.sh", "wait-for-it", "wait-for-it.sh", "wait_for_it.sh"];

/// A wait for a host that nobody is called, or for the container itself.
pub(super) fn host_unknown(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    // A service alone waits for somebody of another deployment.
    for service in context.deployment.services.iter().filter(|_| context.deployment.services.len() > 1) {
        for found in running(context.deployment, service) {
            let waits = found.invocation.program().is_some_and(|name| WAITERS.contains(&name));
            if let Some((host, port)) = asked(&found.invocation).filter(|_| waits) {
                hits.extend(look(context, service, &host, port, found.spot.clone()));
            }
        }
        let mut background = false;
        let mut found: Vec<(String, Option<u16>, Spot, bool)> = Vec::new();
        each_step(context.deployment, service, &mut |script, step, spot: &dyn Fn(&Range<usize>) -> Spot| {
            background |= step.place.background.is_some();
            let looped = !step.place.loops.is_empty() && script.role != ScriptRole::Mounted;
            if let Some((host, port)) = asked(&step.invocation()).filter(|_| looped) {
                found.push((host, port, spot(&step.command.span), step.place.condition));
            }
        });
        for (host, port, spot, condition) in found {
            let itself = matches!(reach(context, service, &host), Reached::Itself);
            if let Some(hit) = look(context, service, &host, port, spot).filter(|_| !(itself && background)) {
                hits.once(if condition { hit } else { hit.only(Level::Warning) });
            }
        }
    }
    hits
}

fn look(context: &Context<'_>, service: &Service, host: &str, port: Option<u16>, spot: Spot) -> Option<Hit> {
    let hit = Hit::at(spot).with("service", &service.name).with("host", host);
    let opens = |other: &&Service| {
        let opened = opened(context, other);
        other.name != service.name
            && port.is_some_and(|port| opened.is_some_and(|known| known.certain && known.ports.contains(&port)))
    };
    let server = context.deployment.services.iter().find(opens);
    let hit = server.into_iter().fold(hit, |hit, server| hit.with("near", &server.name));
    match reach(context, service, host) {
        Reached::Nobody => Some(hit.with("reason", "no service is called that")),
        Reached::Itself if service.network_mode.is_none() => {
            server.map(|_| hit.with("reason", "that is the container itself").only(Level::Warning))
        }
        _ => None,
    }
}

/// The host that a command asks whether it is there, and the port.
fn asked(invocation: &Invocation) -> Option<(String, Option<u16>)> {
    let words: Vec<&str> = invocation.words.iter().map(|word| word.text.as_deref().unwrap_or("$")).collect();
    let option = |names: &[&str]| {
        words.iter().enumerate().find_map(|(at, word)| {
            let joined = names.iter().find_map(|name| word.strip_prefix(name)?.strip_prefix('='));
            joined.or_else(|| names.contains(word).then(|| words.get(at + 1).copied()).flatten())
        })
    };
    let plain = |text: &str| !text.is_empty() && !text.contains('$');
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    let (host, port) = match invocation.program()? {
        "nc" | "ncat" | "netcat" => {
            let rest: Vec<&str> = words.iter().skip(1).copied().collect();
            let pair = rest.windows(2).find(|pair| matches!(pair, [host, port] if !host.starts_with('-') && port.parse::<u16>().is_ok() && host.parse::<u32>().is_err()))?;
            (*pair.first()?, number(pair.get(1).copied()))
        }
        "pg_isready" => (option(&["-h", "--host"])?, number(option(&["-p", "--port"])).or(Some(5432))),
        "mysqladmin" | "mariadb-admin" => {
            (option(&["-h", "--host"])?, number(option(&["-P", "--port"])).or(Some(3306)))
        }
        "redis-cli" => (option(&["-h"])?, number(option(&["-p"])).or(Some(6379))),
        name if WAITERS.contains(&name) => {
            let (host, port) = words.get(1)?.split_once(':')?;
            (host, number(Some(port)))
        }
        _ => return None,
    };
    plain(host).then(|| (host.to_owned(), port))
}
