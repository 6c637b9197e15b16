//! Pipelines: their status is that of their last command, and `exec` in one replaces nothing.

use std::ops::Range;

use crate::deploy::Spot;
use crate::deploy::shell::{CommandKind, Join, Pipeline, Step, Word};

use super::super::super::scripts::{Shell, each_run, each_step, last_program, old_dash, shell_of, shell_of_build};
use super::{Context, Hit, Hits, Level};

/// Commands that pass on what they read, and succeed whatever it is.
const FILTERS: [&str; 19] = [
    "tail",
    "head",
    "tee",
    "cat",
    "sed",
    "tr",
    "cut",
    "sort",
    "uniq",
    "ts",
    "logger",
    "nl",
    "fold",
    "column",
    "awk",
    "pino-pretty",
    "bunyan",
    "less",
    "more",
];

/// Commands whose failure nobody waits for.
const HARMLESS: [&str; 29] = [
    "echo", "printf", "cat", "ls", "ps", "find", "env", "df", "du", "date", "head", "tail", "sort", "id", "hostname",
    "uname", "openssl", "tr", "grep", "egrep", "awk", "sed", "cut", "printenv", "set", "getent", "yes", "dig", "ip",
];

/// `exec program | tee file`.
pub(super) fn exec(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        each_step(context.deployment, service, &mut |_, step, spot| {
            let invocation = step.invocation();
            if !invocation.is_exec()
                || step.pipeline.commands.len() < 2
                || step.place.substituted
                || invocation.words.is_empty()
            {
                return;
            }
            let filter = last_program(step.pipeline).unwrap_or_default();
            let hit = Hit::at(spot(&step.pipeline.span)).with("filter", filter);
            // With pipefail the status is right; only the signals go astray.
            hits.push(if step.state.pipefail { hit.only(Level::Warning) } else { hit });
        });
    }
    hits
}

/// `program | tail || fail`, `if program | tail; then`, and `program | tee` under `set -e`.
pub(super) fn masked(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        each_step(context.deployment, service, &mut |_, step, spot| {
            if step.place.substituted && (!step.place.condition || step.place.lost) {
                return;
            }
            hits.extend(masked_at(step, spot, true));
        });
        let Some(file) = service.dockerfile.as_ref().map(|dockerfile| dockerfile.file) else { continue };
        each_run(service, &mut |run| {
            if run.own && !run.step.place.substituted {
                hits.extend(masked_at(run.step, &|range| Spot::new(file, range.clone()), false));
            }
        });
    }
    hits
}

fn masked_at(step: &Step<'_, '_>, spot: &dyn Fn(&Range<usize>) -> Spot, errexit: bool) -> Option<Hit> {
    let filter = last_program(step.pipeline).filter(|name| FILTERS.contains(&name.as_str()))?;
    let invocation = step.invocation();
    let program = invocation.program();
    if answers(step.pipeline) {
        return None;
    }
    if step.index != 0 || step.pipeline.commands.len() < 2 || step.state.pipefail || ignored_on_purpose(step) {
        return None;
    }
    if program.is_some_and(|name| HARMLESS.contains(&name)) || invocation.is_exec() || program.is_none() && !errexit {
        return None;
    }
    let hit =
        Hit::at(spot(&step.pipeline.span)).with("filter", filter).with("program", program.unwrap_or("the program"));
    match (step.place.condition, step.state.errexit && errexit && step.place.background.is_none()) {
        // It is run again by itself: the filter is for its log.
        (true, _) if again(step, program) => Some(hit.only(Level::Warning)),
        (true, _) => Some(hit),
        (false, true) if !step.place.last => Some(hit.only(Level::Warning)),
        _ => None,
    }
}

/// Whether the last command's own status is what is asked: `awk '… { exit 1 }'`, `sed '/x/q1'`.
fn answers(pipeline: &Pipeline) -> bool {
    let Some(CommandKind::Simple(simple)) = pipeline.commands.last().map(|command| &command.kind) else { return false };
    let text = |word: &Word| word.literal().unwrap_or_default();
    let quits = |text: &str| {
        text.match_indices(['q', 'Q']).any(|(at, _)| text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit))
    };
    match simple.words.first().and_then(Word::literal).as_deref() {
        Some("awk") => simple.words.iter().any(|word| text(word).contains("exit")),
        Some("sed") => simple.words.iter().any(|word| quits(&text(word))),
        _ => false,
    }
}

/// `program | filter || program`
fn again(step: &Step<'_, '_>, program: Option<&str>) -> bool {
    let next = step.next.filter(|next| next.joined == Join::Or).and_then(|next| next.pipeline.commands.first());
    let Some(CommandKind::Simple(simple)) = next.map(|command| &command.kind) else { return false };
    simple.words.first().and_then(Word::literal).is_some_and(|word| Some(word.as_str()) == program)
}

/// `… || true`
fn ignored_on_purpose(step: &Step<'_, '_>) -> bool {
    let Some(next) = step.next.filter(|next| next.joined == Join::Or) else { return false };
    let [command] = next.pipeline.commands.as_slice() else { return false };
    let CommandKind::Simple(simple) = &command.kind else { return false };
    simple.words.first().is_some_and(|word| word.is("true") || word.is(":"))
}

/// `set -o pipefail` in a shell that has none.
pub(super) fn unsupported(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let base = service.startup.base.as_deref();
        each_step(context.deployment, service, &mut |script, step, spot| {
            let alpine = || context.deployment.file(script.file).is_some_and(|file| installs_with_apk(&file.text));
            let shell = match shell_of(service, script) {
                Shell::Unknown if alpine() => Shell::Ash,
                shell => shell,
            };
            hits.extend(pipefail_at(step, shell, old_dash(base)).map(|(range, sure)| leveled(spot(&range), sure)));
        });
        let Some(file) = service.dockerfile.as_ref().map(|dockerfile| dockerfile.file) else { continue };
        each_run(service, &mut |run| {
            let found = pipefail_at(run.step, shell_of_build(run.image), old_dash(run.image.base.as_deref()));
            if let Some((range, sure)) = found.filter(|(_, sure)| run.own && *sure) {
                hits.push(leveled(Spot::new(file, range), sure));
            }
        });
    }
    hits
}

/// Whether a script uses the package manager of Alpine, whose `sh` is BusyBox's.
fn installs_with_apk(text: &str) -> bool {
    text.contains("apk add") || text.contains("/sbin/apk") || text.contains("apk --no-cache")
}

fn leveled(spot: Spot, sure: bool) -> Hit {
    if sure { Hit::at(spot) } else { Hit::at(spot).only(Level::Warning) }
}

fn pipefail_at(step: &Step<'_, '_>, shell: Shell, old: bool) -> Option<(Range<usize>, bool)> {
    let words = &step.simple.words;
    let sets = words.first().is_some_and(|word| word.is("set")) && words.iter().any(|word: &Word| word.is("pipefail"));
    // A try: its failure is asked, and in a subshell it ends nothing else.
    let tried = step.place.condition && step.next.is_none_or(|next| next.joined == Join::Or);
    if !sets || tried {
        return None;
    }
    match shell {
        Shell::Dash => Some((step.command.span.clone(), old)),
        Shell::Unknown => Some((step.command.span.clone(), false)),
        Shell::Bash | Shell::Ash => None,
    }
}
