//! The sentences of a report that no rule writes.

use std::collections::BTreeMap;

use crate::diagnosis::UnitView;
use crate::rule::RuleFile;

use super::build::{Builder, Facts};
use super::model::NextStep;

/// The container that was asked for, if it ended with status 0: a job that is done, or a server that ended too early.
pub(super) fn done<'b>(builder: &Builder<'b, '_>) -> Option<&'b str> {
    let state = builder.scene.containers().first()?;
    (state.status == "exited" && state.exit_code == 0).then_some(state.name.as_str())
}

/// The furthest phase of the story, by its display name.
pub(super) fn reached(builder: &Builder<'_, '_>) -> Option<String> {
    let index = builder.main()?.course()?.reached()?;
    builder.profile()?.phase.get(index).map(|phase| phase.title.clone())
}

/// The documentation's entries for a rule, each with what to make of its cure.
pub(super) fn documented(builder: &Builder<'_, '_>, rule: &RuleFile) -> Vec<String> {
    let Some(profile) = builder.application() else { return Vec::new() };
    let courses = || builder.diagnosis.units.iter().filter(|view| view.profile.is_some()).filter_map(UnitView::course);
    let tell = |title: &String| {
        let known = profile.documentation.iter().enumerate().find(|(_, entry)| entry.title == *title);
        let Some((index, entry)) = known else { return Some(format!("\"{title}\"")) };
        let in_place = courses().any(|course| course.in_place.get(index).is_some_and(Option::is_some));
        let helps = entry.helps.is_empty() || entry.helps.iter().any(|it| *it == rule.id || it == rule.area());
        if in_place {
            Some(format!("\"{title}\". Its cure ({}) is already in place and cannot help.", entry.cure))
        } else {
            helps.then(|| format!("\"{title}\": {}", entry.cure))
        }
    };
    rule.documented.iter().filter_map(tell).collect()
}

/// Facts that do not decide the verdict.
pub(super) fn notes(builder: &Builder<'_, '_>, facts: &Facts) -> Vec<String> {
    let mut notes = builder.remarks();
    notes.extend(masked(builder));
    if let Some(view) = builder.main() {
        notes.extend(boots(builder, view));
    }
    for input in &facts.inputs {
        notes.extend(input.incomplete.iter().map(|why| format!("{}: {why}", input.name)));
        if input.bytes == 0 && input.incomplete.is_none() {
            notes.push(format!("{} is empty", input.name));
        }
    }
    notes.extend(facts.notes.iter().cloned());
    notes.extend(facts.unreadable.iter().cloned());
    notes
}

/// Steps that failed and claimed success, although the application came up in spite of it.
fn masked(builder: &Builder<'_, '_>) -> Option<String> {
    let hidden = builder.diagnosis.cleared.iter().filter_map(|(finding, _)| finding.masked.as_ref());
    let masked = hidden.min_by_key(|masked| (masked.claim.source, masked.claim.offset))?;
    let claim = masked.claim.text.trim();
    let line = masked.claim.line;
    Some(format!(
        "A step failed and its script printed \"{claim}\" all the same (line {line}): its work may not have been done"
    ))
}

/// How the earlier boots went.
fn boots(builder: &Builder<'_, '_>, view: &UnitView<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let id = |rule: usize| builder.rule(rule).map(|rule| rule.id.as_str()).unwrap_or_default();
    let root = builder.diagnosis.causes.first().map(|cause| cause.rule);
    let causes: Vec<(u32, Option<usize>)> =
        view.unit.boots.iter().map(|boot| boot.number).zip(view.boot_causes.iter().copied()).collect();
    let same = causes.iter().filter(|(_, cause)| cause.is_some() && *cause == root).count();
    if same > 1 {
        notes.push(match view.unit.dropped {
            0 => format!("{same} of {} boots failed for the same reason", causes.len()),
            dropped => {
                let total = causes.len() + crate::num::narrow(u64::from(dropped));
                format!("{same} of the {} boots that were kept, of {total}, failed for the same reason", causes.len())
            }
        });
    }
    let judged = view.unit.boots.get(view.judged).map(|boot| boot.number);
    let mut others: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (number, cause) in causes.iter().filter(|(number, cause)| *cause != root && Some(*number) != judged) {
        if let Some(rule) = cause.filter(|rule| !follows(builder, *rule)) {
            others.entry(rule).or_default().push(number.to_string());
        }
    }
    for (rule, numbers) in others.iter().take(4) {
        let boots = if numbers.len() == 1 { "Boot" } else { "Boots" };
        notes.push(format!("{boots} {} failed for another reason: {}", numbers.join(", "), id(*rule)));
    }
    if view.judged + 1 < view.unit.boots.len() {
        notes.push(format!("Boot {} has only just begun; the one before it is judged", view.unit.boots.len()));
    }
    notes
}

/// Whether a rule's fault follows from the root cause: a boot that shows no more than that failed for no other reason.
fn follows(builder: &Builder<'_, '_>, rule: usize) -> bool {
    let Some(root) = builder.diagnosis.causes.first() else { return false };
    let explained = || {
        let (root, rule) = (builder.rule(root.rule)?, builder.rule(rule)?);
        Some(root.explains.contains(&rule.id))
    };
    root.consequences.iter().any(|(other, _)| *other == rule) || explained().unwrap_or(false)
}

/// Whether the input shows only that something waited.
pub(super) fn hidden(builder: &Builder<'_, '_>) -> bool {
    builder.diagnosis.causes.iter().any(|cause| builder.rule(cause.rule).is_some_and(|rule| rule.inconclusive))
}

/// What would bring the missing evidence.
pub(super) fn next(builder: &Builder<'_, '_>, lines: u64) -> Vec<NextStep> {
    let naming = builder.naming(builder.diagnosis.causes.first().and_then(|cause| cause.members.first()));
    let mut steps = Vec::new();
    // What cannot be asked in the place is not told to be asked.
    let mut add = |missing: String, run: &str| {
        steps.extend(naming.command(run).map(|run| NextStep { missing, run }));
    };
    let hidden = hidden(builder);
    if lines == 0 && builder.scene.containers().is_empty() {
        add(
            "any output at all: the state of the container says more".to_owned(),
            "docker inspect --format '{{json .State}}' {container}",
        );
        return steps;
    }
    match builder.profile().map(|profile| profile.log_files.as_slice()) {
        Some([file, ..]) if hidden => {
            let missing =
                format!("the application's own output: the start script sends it to {file} inside the container");
            let both = format!("{} {}", builder.names.join(" ").replace("<stdin>", "container.log"), base(file));
            add(missing, &format!("docker cp {{container}}:{file} . && diagnose {both}"));
        }
        _ if hidden => {
            let missing =
                "the application's own output: the start script sends it to a file inside the container".to_owned();
            add(missing, "docker exec {container} sh -c 'ls -t /tmp/*.log /var/log/*.log'");
        }
        _ => {}
    }
    let silent = builder.main().and_then(|view| {
        let phase = builder.profile()?.phase.get(view.course()?.reached()?)?;
        phase.silent.as_ref()
    });
    if let Some(silent) = silent.filter(|_| !hidden) {
        add(naming.say(&silent.missing), &silent.run);
    }
    match builder.scene.containers() {
        [] => {
            add(
                "how the container ended, if it did".to_owned(),
                "docker inspect --format '{{json .State}}' {container}",
            );
        }
        [state, ..] if state.is_running() => {
            add("what runs in the container now".to_owned(), "docker exec {container} ps aux");
        }
        _ => {}
    }
    if builder.scene.containers().is_empty()
        && builder.main().and_then(UnitView::course).is_none_or(|course| course.reached().is_none())
    {
        add("the beginning of the start".to_owned(), "docker logs {container} 2>&1 | diagnose");
    }
    steps
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
