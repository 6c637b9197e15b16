//! Tools that a script calls and the image does not have.

use std::collections::BTreeSet;

use crate::deploy::shell::{self, CommandKind, Join, Link};
use crate::deploy::{ScriptRole, Service};

use super::super::super::image::{FACTS, lacks};
use super::super::super::scripts::state_of;
use super::{Context, Hit, Hits, Level};

/// A tool that is called and not there.
pub(super) fn missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let mut told: BTreeSet<String> = BTreeSet::new();
        let asked: BTreeSet<String> = service.scripts.iter().flat_map(|script| asked_for(service, script)).collect();
        for script in service.scripts.iter().filter(|script| script.role != ScriptRole::Mounted) {
            shell::walk(&script.model, state_of(service, script), &mut |step| {
                let invocation = step.invocation();
                let wrappers = invocation.through.iter().map(String::as_str);
                for tool in wrappers.chain(invocation.program()) {
                    let watched = FACTS.watched.iter().any(|name| name == tool);
                    if !watched || asked.contains(tool) || told.contains(tool) || !lacks(service, tool) {
                        continue;
                    }
                    // Behind `||` stands what is done without it.
                    let optional = step.next.is_some_and(|next| next.joined == Join::Or && !exits(next))
                        && step.place.loops.is_empty();
                    if optional {
                        continue;
                    }
                    told.insert(tool.to_owned());
                    let waits = step.place.condition && !step.place.loops.is_empty() && !step.place.conditional;
                    let ends =
                        step.state.errexit && !step.place.condition && !step.place.conditional && !step.place.lost;
                    let spot = script.spot(context.deployment, &step.command.span);
                    let hit = told_of(Hit::at(spot), service, tool);
                    let last = step.place.last && !step.place.condition && !step.place.conditional;
                    let certain = (waits || ends || last) && script.role != ScriptRole::Called;
                    hits.push(if certain { hit } else { hit.only(Level::Warning) });
                }
            });
        }
    }
    hits
}

/// What a tool may be replaced by.
const OTHERS: [(&[&str], &str); 2] = [
    (
        &["curl", "wget", "nc", "netcat", "ncat"],
        "use what the image has: `wget -q -O- URL` and `nc -z HOST PORT` on Alpine, `node -e` or `python -c` where the language is there",
    ),
    (&["pnpm", "yarn"], "run `corepack enable` before it, where the image's Node.js brings corepack"),
];

fn told_of(hit: Hit, service: &Service, tool: &str) -> Hit {
    let built = service.dockerfile.is_some();
    let how = if built { "Install the tool in the Dockerfile" } else { "Build an image that installs the tool" };
    let hit = hit.with("tool", tool).with("image", service.startup.base.clone().unwrap_or_default()).with("how", how);
    let hit = if built { hit.with("place", "the Dockerfile") } else { hit };
    let other = OTHERS.iter().find(|(tools, _)| tools.contains(&tool));
    other.into_iter().fold(hit, |hit, (_, other)| hit.with("other", *other))
}

/// Whether what stands behind `||` ends the script.
fn exits(next: &Link) -> bool {
    let kind = next.pipeline.commands.last().map(|command| &command.kind);
    match kind {
        Some(CommandKind::Simple(simple)) => {
            simple.words.first().is_some_and(|word| word.is("exit") || word.is("return") || word.is("false"))
        }
        // A block that reports and ends.
        Some(CommandKind::Group(_)) => true,
        _ => false,
    }
}

/// Tools whose presence the script asks for, `command -v curl`, or that it installs itself.
fn asked_for(service: &Service, script: &crate::deploy::ScriptFile) -> BTreeSet<String> {
    let mut asked = BTreeSet::new();
    shell::walk(&script.model, state_of(service, script), &mut |step| {
        let first = step.simple.words.first();
        let asks = first.is_some_and(|word| {
            [
                "command", "which", "type", "hash", "apk", "apt-get", "apt", "yum", "dnf", "microdnf", "npm", "pip",
                "corepack",
            ]
            .iter()
            .any(|name| word.is(name))
        });
        if first.is_some_and(|word| word.is("corepack")) {
            asked.extend(["pnpm", "yarn"].map(str::to_owned));
        }
        let function =
            step.place.function.is_some_and(|name| step.simple.words.first().is_some_and(|word| word.is(name)));
        if asks || function {
            asked.extend(step.simple.words.iter().skip(1).filter_map(|word| step.state.expand(word)));
        }
    });
    asked
}
