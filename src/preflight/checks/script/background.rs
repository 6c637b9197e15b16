//! `application > file &`: the container's log shows nothing of it.

use std::collections::BTreeSet;

use crate::deploy::shell::{Invocation, Step};
use crate::deploy::{Deployment, Service};

use super::super::super::image::FACTS;
use super::super::super::scripts::{each_step, is_application, runs_its_arguments};
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
