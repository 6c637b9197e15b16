//! `application > file &`: the container's log shows nothing of it.

use std::collections::BTreeSet;

use super::super::super::scripts::{each_step, is_application};
use super::{Context, Hit, Level};

/// Files that are the container's own output.
fn is_own_output(file: &str) -> bool {
    matches!(file, "/dev/stdout" | "/dev/stderr" | "/dev/tty" | "/dev/console")
        || file.starts_with("/proc/")
        || file.starts_with("/dev/fd/")
}

/// Applications in the background whose output nobody shows.
pub(super) fn silent(context: &Context<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for service in &context.deployment.services {
        let mut shown: BTreeSet<String> = BTreeSet::new();
        let mut foreground = false;
        each_step(context.deployment, service, &mut |_, step, _| {
            let invocation = step.invocation();
            if invocation.program() == Some("tail") {
                shown.extend(invocation.arguments().map(str::to_owned));
            }
            let unknown = invocation.is_exec() && invocation.words.first().is_some_and(|word| word.text.is_none());
            foreground |= step.place.background.is_none()
                && step.place.last
                && step.pipeline.commands.len() == 1
                && (unknown || is_application(&invocation));
        });
        each_step(context.deployment, service, &mut |_, step, spot| {
            let invocation = step.invocation();
            let Some(file) = step.output_file() else { return };
            let silent = step.place.background.is_some() && !step.place.substituted && is_application(&invocation);
            if !silent || is_own_output(&file) || shown.contains(&file) {
                return;
            }
            let hit = Hit::at(spot(&step.command.span))
                .with("program", invocation.program().unwrap_or_default())
                .with("file", &file);
            hits.push(if foreground { hit.only(Level::Warning) } else { hit });
        });
    }
    hits
}
