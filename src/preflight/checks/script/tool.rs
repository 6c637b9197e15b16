//! Tools that a script calls and the image does not have.

use std::collections::BTreeSet;

use crate::deploy::ScriptRole;
use crate::deploy::shell::{self, CommandKind, Join, Link};

use super::super::super::image::{FACTS, lacks};
use super::super::super::scripts::state_of;
use super::{Context, Hit, Hits, Level};

/// A tool that is called and not there.
pub(super) fn missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let mut told: BTreeSet<String> = BTreeSet::new();
        for script in service.scripts.iter().filter(|script| script.role != ScriptRole::Mounted) {
            let asked = asked_for(service, script);
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
                    let ends = step.state.errexit && !step.place.condition && !step.place.conditional;
                    let hit = Hit::at(script.spot(context.deployment, &step.command.span))
                        .with("tool", tool)
                        .with("image", service.startup.base.clone().unwrap_or_default());
                    let last = step.place.last && !step.place.condition && !step.place.conditional;
                    let certain = (waits || ends || last) && script.role != ScriptRole::Called;
                    hits.push(if certain { hit } else { hit.only(Level::Warning) });
                }
            });
        }
    }
    hits
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

/// Tools whose presence the script asks for: `command -v curl`.
fn asked_for(service: &crate::deploy::Service, script: &crate::deploy::ScriptFile) -> BTreeSet<String> {
    let mut asked = BTreeSet::new();
    shell::walk(&script.model, state_of(service, script), &mut |step| {
        let first = step.simple.words.first();
        let asks = first.is_some_and(|word| {
            ["command", "which", "type", "hash", "apk", "apt-get"].iter().any(|name| word.is(name))
        });
        let function =
            step.place.function.is_some_and(|name| step.simple.words.first().is_some_and(|word| word.is(name)));
        if asks || function {
            asked.extend(step.simple.words.iter().skip(1).filter_map(|word| step.state.expand(word)));
        }
    });
    asked
}
