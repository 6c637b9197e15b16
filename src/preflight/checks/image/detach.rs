//! Programs that go to the background by themselves, where the container lives as long as they stay in front.

use crate::deploy::dockerfile::InstructionKind;
use crate::deploy::shell::{self, Invocation};
use crate::deploy::{File, Service, Spot};

use super::super::super::image::FACTS;
use super::super::super::scripts::{leading, state_of};
use super::{Context, Hit, Hits, Level};

/// What keeps a program in front that was started to go to the background; nothing of one that stays.
fn stays_with(invocation: &Invocation) -> Option<String> {
    let words: Vec<&str> = invocation.arguments().collect();
    if words.len() + 1 != invocation.words.len() {
        return None;
    }
    let has = |word: &str| words.contains(&word);
    match invocation.program()? {
        // `-c FILE` names a configuration that may say it.
        "nginx" if words.iter().all(|word| !word.starts_with('-')) => Some("nginx -g 'daemon off;'".to_owned()),
        "apachectl" | "apache2ctl" if words.is_empty() || words == ["start"] => {
            Some("apachectl -D FOREGROUND".to_owned())
        }
        "service" => match words.as_slice() {
            [name, "start" | "restart"] => Some(format!("the program of {name} itself, in front")),
            _ => None,
        },
        "php-fpm" if has("-D") || has("--daemonize") => Some("php-fpm -F".to_owned()),
        _ => None,
    }
}

/// A command that leaves the container without a process in front.
pub(super) fn look(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        if told_elsewhere(context, service) {
            continue;
        }
        hits.extend(commanded(service));
        for script in leading(service) {
            shell::walk(&script.model, state_of(service, script), &mut |step| {
                let place = step.place;
                let alone = step.pipeline.commands.len() == 1 && place.loops.is_empty() && place.function.is_none();
                // What another image's own configuration says is not known.
                let known = step.invocation().program() != Some("nginx") || known_base(service);
                let last =
                    known && place.last && place.background.is_none() && !place.substituted && step.next.is_none();
                if let Some(stay) = stays_with(&step.invocation()).filter(|_| alone && last) {
                    let hit = hit(script.spot(context.deployment, &step.command.span), &step.invocation(), stay);
                    hits.once(if place.conditional { hit.only(Level::Warning) } else { hit });
                }
            });
        }
    }
    hits
}

fn hit(spot: Spot, invocation: &Invocation, stay: String) -> Hit {
    Hit::at(spot).with("program", invocation.program().unwrap_or_default()).with("stay", stay)
}

fn known_base(service: &Service) -> bool {
    service.startup.base.as_deref().is_some_and(|base| FACTS.of(base).is_some())
}

/// The command itself, in an image whose entrypoint runs what it is given.
fn commanded(service: &Service) -> Option<Hit> {
    let startup = &service.startup;
    let line = startup.command.as_ref().filter(|line| startup.entrypoint.is_none() && line.script.is_none())?;
    let invocation = startup.invocation().filter(|_| known_base(service))?;
    let stay = stays_with(&invocation)?;
    Some(hit(line.spot.clone(), &invocation, stay))
}

/// Whether a configuration may keep nginx in front.
fn told_elsewhere(context: &Context<'_>, service: &Service) -> bool {
    let says = |file| context.deployment.file(file).is_some_and(|file: &File| file.text.contains("daemon"));
    let main = service.nginx.iter().any(|file| file.path.ends_with("/nginx.conf"));
    let below = |target: &str| {
        target.starts_with("/etc/nginx") && (target.ends_with("nginx") || target.ends_with("nginx.conf"))
    };
    let replaced = service.volumes.iter().any(|mount| below(mount.target.trim_end_matches('/')))
        || service.config_targets.iter().any(|target| below(target));
    let copied = service.dockerfile.as_ref().is_some_and(|own| {
        let instructions = own.model.stages.iter().flat_map(|stage| &stage.instructions);
        instructions
            .filter_map(|instruction| match &instruction.kind {
                InstructionKind::Copy(copy) => Some(copy.target.text.as_str()),
                _ => None,
            })
            .any(|target| matches!(target.trim_end_matches('/'), "" | "/etc" | "/etc/nginx"))
    });
    service.nginx.iter().any(|file| says(file.file))
        || service.dockerfile.as_ref().is_some_and(|own| says(own.file))
        || !main && (replaced || copied)
}
