//! Health checks: whether there is one, and whether what it asks can be answered in time.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::deploy::dockerfile::{Command, Instruction, InstructionKind};
use crate::deploy::nginx::routes::routes;
use crate::deploy::shell::{self, Argument, Invocation, State};
use crate::deploy::{Condition, Dependency, HealthForm, ScriptFile, ScriptRole, Service, Spot, given};

use super::super::super::app::app;
use super::super::super::image::lacks;
use super::super::super::ports::{opened, words};
use super::super::super::reach::{Reached, reach};
use super::super::super::scripts::state_of;
use super::super::compose::wait::{Health, health};
use super::{Context, Hit, Hits, Level};

/// What a health check runs.
struct Probe {
    /// The programs, and whether another is tried when one fails.
    programs: Vec<(Invocation, bool)>,
    /// Whether a shell is needed.
    shell: bool,
    /// Where it stands.
    spot: Spot,
}

/// `HEALTHCHECK` of the image, unless compose has its own.
fn of_image(service: &Service) -> Option<(usize, &Instruction)> {
    let dockerfile = service.dockerfile.as_ref()?;
    let target = dockerfile.model.target(dockerfile.target.as_deref())?;
    let image = dockerfile.model.build(target, &given(service), &mut |_, _, _| {});
    image.health.map(|instruction| (dockerfile.file, instruction))
}

fn probe(service: &Service) -> Option<Probe> {
    if let Some(check) = service.healthcheck.as_ref().filter(|check| check.form != HealthForm::Inherited) {
        let texts: Vec<Argument> =
            check.test.iter().map(|value| Argument { text: value.text.clone(), span: 0..0 }).collect();
        let spot = check.test_spot.clone();
        return match check.form {
            HealthForm::Cmd => Some(Probe { programs: vec![(Invocation::of(texts), false)], shell: false, spot }),
            HealthForm::Shell => {
                let script = shell::parse(texts.first()?.text.as_deref()?);
                Some(Probe { programs: programs(&script), shell: true, spot })
            }
            HealthForm::None | HealthForm::Inherited => None,
        };
    }
    let (file, instruction) = of_image(service)?;
    let InstructionKind::Healthcheck(Some(command)) = &instruction.kind else { return None };
    let spot = Spot::new(file, command.span().clone());
    Some(match command {
        Command::Exec { words, .. } => {
            let words = words.iter().map(|word| Argument { text: Some(word.text.clone()), span: 0..0 });
            Probe { programs: vec![(Invocation::of(words.collect()), false)], shell: false, spot }
        }
        Command::Shell { script, .. } => Probe { programs: programs(script), shell: true, spot },
    })
}

fn programs(script: &shell::Script) -> Vec<(Invocation, bool)> {
    let mut found = Vec::new();
    shell::walk(script, State::default(), &mut |step| {
        let other = step.next.is_some_and(|next| {
            let command = next.pipeline.commands.first();
            let exits = command.is_some_and(|command| {
                matches!(&command.kind, shell::CommandKind::Simple(simple) if simple.words.first().is_some_and(|word| word.is("exit") || word.is("false")))
            });
            next.joined == shell::Join::Or && !exits
        });
        let asks =
            step.simple.words.first().is_some_and(|word| word.is("command") || word.is("which") || word.is("type"));
        if !asks {
            found.push((step.invocation(), other));
        }
    });
    found
}

/// No health check in the image nor in compose: told at the service where others need it, else at what is built here.
pub(super) fn missing(context: &Context<'_>) -> Hits {
    let needed = needed(context);
    let mut hits = Hits::default();
    for service in context.deployment.services.iter().filter(|service| service.healthcheck.is_none()) {
        let once =
            service.restart.as_ref().and_then(|restart| restart.known()) == Some("no") || !service.profiles.is_empty();
        if once || health(service) != Health::Absent {
            continue;
        }
        let stage = service.dockerfile.as_ref().and_then(|own| {
            let stage = own.model.stages.get(own.model.target(own.target.as_deref())?)?;
            Some(Spot::new(own.file, stage.span.clone()))
        });
        let spot = if needed.contains(service.name.as_str()) { Some(service.spot.clone()) } else { stage };
        let Some(spot) = spot.filter(|spot| hits.iter().all(|known| known.spot != *spot)) else { continue };
        hits.push(Hit::at(spot).with("service", &service.name));
    }
    hits
}

/// Services that others wait for, or that a proxy passes to.
fn needed<'a>(context: &Context<'a>) -> BTreeSet<&'a str> {
    let services = &context.deployment.services;
    let started = |dependency: &&Dependency| dependency.condition != Condition::Completed;
    let mut names: BTreeSet<&str> = services
        .iter()
        .flat_map(|service| service.depends_on.iter().filter(started))
        .map(|dependency| dependency.service.as_str())
        .collect();
    for (service, file) in services.iter().flat_map(|service| service.nginx.iter().map(move |file| (service, file))) {
        let routes = routes(&file.model, &|_| None);
        let servers = routes.upstreams.iter().flat_map(|upstream| &upstream.servers).map(|server| &server.address);
        for address in servers.chain(routes.passes.iter().map(|pass| &pass.address)).flatten() {
            if let Reached::Service(target) = reach(context, service, &address.host) {
                names.insert(target.name.as_str());
            }
        }
    }
    names
}

/// The program of the health check is not in the image.
pub(super) fn tool_missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(probe) = probe(service) else { continue };
        let image = service.startup.base.clone().unwrap_or_default();
        let hit = |tool: &str| Hit::at(probe.spot.clone()).with("tool", tool).with("image", &image);
        if probe.shell && lacks(service, "sh") {
            hits.push(hit("sh"));
            continue;
        }
        for (invocation, other) in &probe.programs {
            if let Some(tool) = invocation.program().filter(|tool| !other && lacks(service, tool)) {
                hits.push(hit(tool));
            }
        }
    }
    hits
}

/// Host, port and path of an address of this container in the arguments of a probe.
fn address(invocation: &Invocation) -> Option<(Option<u16>, String)> {
    if !matches!(invocation.program()?, "curl" | "wget" | "node" | "python" | "python3") {
        return None;
    }
    invocation.arguments().find_map(|word| {
        let at = word.find("localhost").or_else(|| word.find("127.0.0.1")).or_else(|| word.find("0.0.0.0"))?;
        let secure = word.get(..at)?.ends_with("https://");
        let rest = word.get(at..)?.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '.');
        let (port, path) = match rest.strip_prefix(':') {
            Some(rest) => {
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                (Some(digits.parse().ok()?), rest.get(digits.len()..)?)
            }
            None => (Some(if secure { 443 } else { 80 }), rest),
        };
        let path: String = path.chars().take_while(|c| c.is_ascii_graphic() && !"\"'?#)".contains(*c)).collect();
        Some((port, if path.is_empty() { "/".to_owned() } else { path }))
    })
}

/// A path of health that the application does not serve.
pub(super) fn path_unknown(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let (Some(probe), Some(app)) = (probe(service), app(context, service)) else { continue };
        let Some(known) = app.profile.health_path.as_deref().filter(|_| !app.profile.service) else { continue };
        for (_, path) in probe.programs.iter().filter_map(|(invocation, _)| address(invocation)) {
            if path.trim_end_matches('/') != known && path != "/" {
                let hit = Hit::at(probe.spot.clone()).with("path", path).with("known", known);
                hits.push(hit.with("application", &app.profile.name));
            }
        }
    }
    hits
}

/// A port that the container does not open.
pub(super) fn port_closed(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(probe) = probe(service) else { continue };
        // What is published proves that a port is open, and of no other one that it is closed.
        let known = opened(context, service).filter(|open| open.certain || open.told || !open.exposed.is_empty());
        let Some(open) = known.filter(|_| !is_generated(service)) else { continue };
        for (port, _) in probe.programs.iter().filter_map(|(invocation, _)| address(invocation)) {
            let Some(port) = port.filter(|port| !open.may_be(*port)) else { continue };
            let hit = Hit::at(probe.spot.clone()).with("port", port.to_string()).with("open", words(&open.shown));
            let hit = hit.with("because", &open.because);
            let certain = open.certain || open.explicit && open.read;
            hits.push(if certain { hit } else { hit.only(Level::Warning) });
        }
    }
    hits
}

/// Whether the configuration of nginx that the container reads is not the one that the files show: templates, what a script writes.
fn is_generated(service: &Service) -> bool {
    let own = ["/etc/nginx/nginx.conf", "/etc/nginx/conf.d/default.conf"];
    let template = service.nginx.iter().any(|file| file.path.ends_with(".template"));
    let whole = service.nginx.iter().any(|file| own.contains(&file.path.as_str()));
    !service.nginx.is_empty() && (template || !whole || service.scripts.iter().any(|script| writes(service, script)))
}

/// Whether a script may write a configuration.
fn writes(service: &Service, script: &ScriptFile) -> bool {
    let mut writes = false;
    shell::walk(&script.model, state_of(service, script), &mut |step| {
        let writers = ["envsubst", "sed", "gomplate", "confd", "j2", "dockerize"];
        writes |= step.invocation().program().is_some_and(|program| writers.contains(&program));
    });
    writes
}

/// The start script may wait longer than the health check does.
pub(super) fn budget_too_short(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some((budget, spot)) = budget(service) else { continue };
        let scripts = service
            .scripts
            .iter()
            .filter(|script| matches!(script.role, ScriptRole::Entrypoint | ScriptRole::Command | ScriptRole::Called));
        let (mut fixed, mut most) = (Duration::ZERO, Duration::ZERO);
        for script in scripts {
            let waits = shell::waits(&script.model, state_of(service, script));
            fixed += waits.iter().filter(|wait| !wait.ends_early).map(|wait| wait.most).sum::<Duration>();
            most += waits.iter().map(|wait| wait.most).sum::<Duration>();
        }
        if most <= budget {
            continue;
        }
        let hit = Hit::at(spot).with("budget", seconds(budget)).with("wait", seconds(most));
        hits.push(if fixed > budget { hit } else { hit.only(Level::Warning) });
    }
    hits
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs())
}

/// How long a start may take, and where that is said.
fn budget(service: &Service) -> Option<(Duration, Spot)> {
    if let Some(check) = service.healthcheck.as_ref().filter(|check| check.form != HealthForm::None) {
        return Some((check.budget(), check.spot.clone()));
    }
    let (file, instruction) = of_image(service)?;
    if !matches!(instruction.kind, InstructionKind::Healthcheck(Some(_))) {
        return None;
    }
    let flag = |name: &str| instruction.flag(name).and_then(|text| shell::duration(&text.text));
    let retries =
        instruction.flag("retries").and_then(|text| text.text.parse().ok()).filter(|number| *number > 0).unwrap_or(3);
    let interval = flag("interval").unwrap_or(Duration::from_secs(30));
    let budget = flag("start-period").unwrap_or_default() + interval.saturating_mul(retries);
    Some((budget, Spot::new(file, instruction.keyword.clone())))
}
