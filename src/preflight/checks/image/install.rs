//! Installations in a Dockerfile: as whom, of what, and whether their failure is seen.

use std::collections::BTreeSet;

use crate::deploy::dockerfile::{Image, InstructionKind};
use crate::deploy::shell::{Invocation, Join, Link};
use crate::deploy::{Spot, shell};

use super::super::super::image::FACTS;
use super::super::super::scripts::{RunStep, each_run};
use super::{Context, Hit, Hits, Level, shown, swallows};

/// What is called for each command: with a way to make a hit at a place, and the hits so far.
type Visit<'v> = dyn FnMut(&RunStep<'_, '_, '_, '_>, &dyn Fn(std::ops::Range<usize>) -> Hit, &mut Hits) + 'v;

/// Goes through the commands of all `RUN`s of all services; `visit` may give a place and a hit without one.
fn each(context: &Context<'_>, visit: &mut Visit<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(file) = service.dockerfile.as_ref().map(|dockerfile| dockerfile.file) else { continue };
        let hit = |range| Hit::at(Spot::new(file, range));
        each_run(service, &mut |run| visit(run, &hit, &mut hits));
    }
    hits
}

/// The package manager's verb, when a command installs packages of the system.
fn system_install(invocation: &Invocation) -> Option<&str> {
    let verb = invocation.subcommand()?;
    let installs = match invocation.program()? {
        "apt-get" | "apt" | "aptitude" => matches!(verb, "install" | "upgrade" | "dist-upgrade" | "full-upgrade"),
        "apk" => matches!(verb, "add" | "upgrade"),
        "yum" | "dnf" | "microdnf" | "zypper" => matches!(verb, "install" | "update" | "upgrade" | "groupinstall"),
        _ => false,
    };
    installs.then_some(verb)
}

/// Whether a command installs or builds what the image is for.
fn prepares(invocation: &Invocation) -> bool {
    let Some(program) = invocation.program() else { return false };
    let verb = invocation.subcommand().unwrap_or_default();
    match program {
        "npm" | "pnpm" | "yarn" | "bun" => {
            matches!(
                verb,
                "" | "install"
                    | "ci"
                    | "i"
                    | "add"
                    | "build"
                    | "run"
                    | "workspaces"
                    | "workspace"
                    | "prune"
                    | "rebuild"
            )
        }
        "npx" | "nx" => invocation.arguments().any(|word| word.contains("build")),
        "pip" | "pip3" | "poetry" | "uv" | "composer" | "bundle" | "gem" | "pipenv" => {
            matches!(verb, "install" | "sync" | "update" | "")
        }
        "go" | "cargo" | "mvn" | "gradle" | "gradlew" | "mvnw" | "dotnet" | "make" | "tsc" => true,
        _ => system_install(invocation).is_some(),
    }
}

/// `npm ci || true`, `npm ci || echo …`, `npm ci; exit 0`.
pub(super) fn masked(context: &Context<'_>) -> Hits {
    each(context, &mut |run, hit, hits| {
        let invocation = run.step.invocation();
        let known = prepares(&invocation) && run.own && !run.step.place.substituted;
        if known && (run.step.next.is_some_and(swallows) || ends_the_same(run)) {
            let end = run.step.next.map_or(run.step.pipeline.span.end, |next: &Link| next.pipeline.span.end);
            hits.push(hit(run.step.pipeline.span.start..end).with("command", shown(run.step)));
        }
    })
}

/// Whether the `RUN` succeeds whatever this command does: `…; exit 0`.
fn ends_the_same(run: &RunStep<'_, '_, '_, '_>) -> bool {
    let InstructionKind::Run(crate::deploy::dockerfile::Command::Shell { script, .. }) = &run.instruction.kind else {
        return false;
    };
    let Some((last, before)) = script.body.items.split_last() else { return false };
    let [link] = last.chain.as_slice() else { return false };
    let [command] = link.pipeline.commands.as_slice() else { return false };
    let shell::CommandKind::Simple(simple) = &command.kind else { return false };
    let name = |index: usize| simple.words.get(index).and_then(shell::Word::literal).unwrap_or_default();
    let fine = matches!(name(0).as_str(), "true" | ":") || name(0) == "exit" && name(1) == "0";
    let here = before.iter().any(|item| item.span.contains(&run.step.command.span.start));
    fine && here && !run.step.state.errexit && run.step.next.is_none_or(|next| next.joined == Join::And)
}

/// Packages of the system under a user that may not install them.
pub(super) fn without_root(context: &Context<'_>) -> Hits {
    each(context, &mut |run, hit, hits| {
        let invocation = run.step.invocation();
        let updates =
            matches!(invocation.program(), Some("apt-get" | "apt")) && invocation.subcommand() == Some("update");
        let program = invocation.program().unwrap_or_default().to_owned();
        let changes = updates || system_install(&invocation).is_some();
        if !changes || !run.own || invocation.through.iter().any(|name| name == "sudo" || name == "gosu") {
            return;
        }
        if let Some((user, inherited)) = user(run.image) {
            let from = if inherited { run.image.base.clone().unwrap_or_default() } else { "USER above".to_owned() };
            hits.push(
                hit(run.step.command.span.clone()).with("user", user).with("from", from).with("program", program),
            );
        }
    })
}

/// The user of a place, when it is not root: `USER`, or what the base image says.
fn user(image: &Image<'_>) -> Option<(String, bool)> {
    match image.user {
        Some(text) => {
            let text = image.expand(&text.text)?;
            let name = text.split(':').next().unwrap_or_default();
            (!matches!(name, "root" | "0" | "")).then(|| (name.to_owned(), false))
        }
        None => Some((FACTS.of(image.base.as_deref()?)?.user.clone()?, true)),
    }
}

/// `apt-get install` without the lists of packages.
pub(super) fn apt_without_update(context: &Context<'_>) -> Hits {
    let mut lists: BTreeSet<usize> = BTreeSet::new();
    let mut stage = None;
    each(context, &mut |run, hit, hits| {
        if stage != Some(run.stage) {
            stage = Some(run.stage);
            lists.clear();
        }
        let invocation = run.step.invocation();
        let program = invocation.program().unwrap_or_default();
        let words: Vec<&str> = invocation.arguments().collect();
        if matches!(program, "apt-get" | "apt" | "aptitude") && words.contains(&"update") {
            lists.insert(run.stage);
        }
        if program == "rm" && words.iter().any(|word| word.contains("/var/lib/apt/lists")) {
            lists.remove(&run.stage);
        }
        // A script or a group that is not seen through may bring the lists.
        if program.ends_with(".sh") || words.iter().any(|word| word.contains("setup_") || word.contains("update")) {
            lists.insert(run.stage);
        }
        let installs = matches!(program, "apt-get" | "apt") && words.contains(&"install");
        let local = words.iter().any(|word| word.starts_with("./") || word.ends_with(".deb"));
        if installs && run.own && !local && !lists.contains(&run.stage) && !mounts_lists(run) {
            lists.insert(run.stage);
            let known =
                run.image.base.as_deref().and_then(|base| FACTS.of(base)).is_some_and(|facts| facts.family.is_some());
            let found = hit(run.step.command.span.clone());
            hits.push(if known { found } else { found.only(Level::Warning) });
        }
    })
}

fn mounts_lists(run: &RunStep<'_, '_, '_, '_>) -> bool {
    run.instruction
        .flags
        .iter()
        .any(|flag| flag.value.as_ref().is_some_and(|value| value.text.contains("/var/lib/apt")))
}

/// An installation that asks whether it should go on.
pub(super) fn asks(context: &Context<'_>) -> Hits {
    let mut answered = false;
    each(context, &mut |run, hit, hits| {
        let invocation = run.step.invocation();
        let all: Vec<String> = run
            .step
            .simple
            .words
            .iter()
            .map(|word| run.step.state.expand(word).unwrap_or_else(|| "?".to_owned()))
            .collect();
        answered |= all.iter().any(|word| word.contains("Assume-Yes") || word.contains("assumeyes") || word == "?");
        let program = invocation.program().unwrap_or_default();
        let asking = matches!(program, "apt-get" | "apt" | "yum" | "dnf" | "microdnf")
            && system_install(&invocation) == Some("install");
        if asking && run.own && run.step.index == 0 && !answered && !all.iter().any(|word| says_yes(word)) {
            let end = run.step.command.span.clone();
            hits.push(hit(end).with("program", program));
        }
    })
}

fn says_yes(word: &str) -> bool {
    let short =
        word.starts_with('-') && !word.starts_with("--") && (word.contains('y') || word.matches('q').count() > 1);
    short
        || matches!(
            word,
            "--yes"
                | "--assume-yes"
                | "--assumeyes"
                | "--force-yes"
                | "--simulate"
                | "--download-only"
                | "--trivial-only"
        )
}
