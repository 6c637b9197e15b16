//! `application > file &`: the container's log shows nothing of it.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::deploy::shell::{self, CommandKind, Invocation, Step};
use crate::deploy::{Condition, Dependency, Deployment, ScriptFile, Service};

use super::super::super::image::FACTS;
use super::super::super::scripts::{each_step, is_application, leading, runs_its_arguments, state_of};
use super::{Context, Hit, Hits, Level};

/// Programs that serve an application; others beside it are taken for the application when nothing else is started.
const HELPERS: [&str; 24] = [
    "cron",
    "crond",
    "sshd",
    "rsyslogd",
    "syslogd",
    "syslog-ng",
    "redis-server",
    "nginx",
    "Xvfb",
    "socat",
    "ssh-agent",
    "tail",
    "sleep",
    "cat",
    "echo",
    "printf",
    "kill",
    "test",
    "inotifywait",
    "dbus-daemon",
    "supervisord",
    "fail2ban-server",
    "wait",
    "rm",
];

/// Files that are the container's own output.
fn is_own_output(file: &str) -> bool {
    matches!(file, "/dev/stdout" | "/dev/stderr" | "/dev/tty" | "/dev/console")
        || file.starts_with("/proc/")
        || file.starts_with("/dev/fd/")
}

/// What a service's scripts do besides.
#[derive(Default)]
struct Scene {
    /// Files that are shown for as long as the application lives.
    shown: BTreeSet<String>,
    /// Files that are shown by the command that the container's life hangs on.
    followed: BTreeSet<String>,
    /// An application in the foreground.
    foreground: bool,
    /// The script stays alive without one.
    kept: bool,
}

fn scene(deployment: &Deployment, service: &Service) -> Scene {
    let mut scene = Scene::default();
    each_step(deployment, service, &mut |_, step, _| {
        let invocation = step.invocation();
        let program = invocation.program().unwrap_or_default();
        let front = step.place.background.is_none() && !step.place.substituted;
        if program == "tail" {
            let files = invocation.arguments().filter(|word| !word.starts_with('-')).map(str::to_owned);
            let ends = invocation.arguments().any(|word| word.starts_with("--pid"));
            if front && !ends { scene.followed.extend(files) } else { scene.shown.extend(files) }
        }
        let waits = matches!(program, "tail" | "wait" | "sleep") && front;
        scene.kept |= waits && (step.place.last || !step.place.loops.is_empty());
        scene.foreground |= front
            && step.place.last
            && step.pipeline.commands.len() == 1
            && (invocation.is_exec() && invocation.words.first().is_some_and(|word| word.text.is_none())
                || runs_its_arguments(step, &invocation)
                || is_application(&invocation));
    });
    scene
}

/// Applications in the background whose output nobody shows.
pub(super) fn silent(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let scene = scene(context.deployment, service);
        each_step(context.deployment, service, &mut |_, step, spot| {
            let Some(file) = step.output_file() else { return };
            if step.place.background.is_none() || step.place.substituted || is_own_output(&file) {
                return;
            }
            let invocation = step.invocation();
            let arguments = runs_its_arguments(step, &invocation);
            let certain = arguments || is_application(&invocation);
            if scene.shown.contains(&file) || !certain && !may_be_application(&scene, step, &invocation) {
                return;
            }
            let followed = scene.followed.contains(&file);
            let hidden = if followed {
                "`tail` keeps the container alive when it has ended"
            } else {
                "`docker logs` shows nothing of it"
            };
            let program = if arguments { "The command" } else { invocation.program().unwrap_or("The application") };
            let hit =
                Hit::at(spot(&step.command.span)).with("program", program).with("file", &file).with("hidden", hidden);
            let lower = scene.foreground || followed || !certain;
            hits.push(if lower { hit.only(Level::Warning) } else { hit });
        });
    }
    hits
}

/// Commands that end at once, and that nobody starts a container for.
const BRIEF: [&str; 40] = [
    ":", "[", "cat", "cd", "chgrp", "chmod", "chown", "cp", "curl", "cut", "date", "echo", "envsubst", "exit",
    "export", "false", "grep", "hostname", "id", "ln", "ls", "mkdir", "mv", "printf", "pwd", "rm", "sed", "set",
    "shift", "sleep", "test", "touch", "trap", "tr", "true", "umask", "unset", "wget", "whoami", "install",
];

/// Servers that are no applications of one's own.
const SERVERS: [&str; 13] = [
    "nginx",
    "redis-server",
    "postgres",
    "mysqld",
    "mariadbd",
    "mongod",
    "rabbitmq-server",
    "httpd",
    "caddy",
    "haproxy",
    "traefik",
    "supervisord",
    "memcached",
];

/// A script that puts what the container is for into the background, and ends.
pub(super) fn ends(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in context.deployment.services.iter().filter(|service| !is_job(context.deployment, service)) {
        for script in leading(service) {
            let Some((range, program)) = left_behind(service, script) else { continue };
            hits.once(Hit::at(script.spot(context.deployment, &range)).with("program", program));
        }
    }
    hits
}

/// Whether others wait for its end.
fn is_job(deployment: &Deployment, service: &Service) -> bool {
    let waits =
        |dependency: &Dependency| dependency.service == service.name && dependency.condition == Condition::Completed;
    deployment.services.iter().any(|other| other.depends_on.iter().any(waits))
}

/// The program in the background of a script in which everything else ends at once.
fn left_behind(service: &Service, script: &ScriptFile) -> Option<(Range<usize>, String)> {
    let (mut started, mut goes_on) = (None, false);
    shell::walk(&script.model, state_of(service, script), &mut |step| {
        let invocation = step.invocation();
        let program = invocation.program().unwrap_or_default();
        if step.place.substituted {
            return;
        }
        if step.place.background.is_some() {
            let serves = is_application(&invocation) || SERVERS.contains(&program);
            if serves && started.is_none() && step.place.loops.is_empty() {
                started = Some((step.command.span.clone(), program.to_owned()));
            }
            return;
        }
        let rounds = step.place.loops.iter().all(|around| matches!(around.kind, CommandKind::For { .. }));
        let forever = program == "sleep" && invocation.arguments().any(|word| word.starts_with("inf"));
        let unknown = program == "sleep" && invocation.words.iter().any(|word| word.text.is_none());
        let redirects = program == "exec" && step.simple.words.len() == 1;
        let assigns = step.simple.words.is_empty();
        goes_on |= !(rounds && !forever && !unknown && (BRIEF.contains(&program) || redirects || assigns));
    });
    started.filter(|_| !goes_on)
}

/// Whether a program that is not known is what the container is for: started alone, and nothing else is.
fn may_be_application(scene: &Scene, step: &Step<'_, '_>, invocation: &Invocation) -> bool {
    let alone = step.place.background.is_some_and(|item| {
        let [link] = item.chain.as_slice() else { return false };
        matches!(link.pipeline.commands.as_slice(), [only] if only.span == step.command.span)
    });
    let known = invocation
        .program()
        .is_some_and(|name| HELPERS.contains(&name) || FACTS.watched.iter().any(|watched| watched == name));
    alone && !known && !invocation.words.is_empty() && scene.kept && !scene.foreground
}
