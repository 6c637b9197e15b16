//! The timeline of the report.

use crate::detect::{Order, Sighting, order};
use crate::diagnosis::{Finding, UnitView, Verdict};
use crate::rule::ProfileFile;
use crate::timeline::Course;

use super::build::Builder;
use super::model::{Boot, Phase, Timeline};

/// Boots and phases of the unit whose story is told.
pub(super) fn timeline(builder: &Builder<'_, '_>) -> Timeline {
    let Some(view) = builder.main() else { return Timeline { boots: Vec::new() } };
    Timeline { boots: (0..view.unit.boots.len()).filter_map(|index| boot(builder, view, index)).collect() }
}

/// Whether the judged boot's beginning is inside the input.
pub(super) fn start_seen(builder: &Builder<'_, '_>) -> bool {
    builder.main().is_some_and(|view| {
        let boot = view.unit.boots.get(view.judged);
        view.judged > 0
            || boot.is_some_and(|boot| boot.began.is_some())
            || view.unit.boots.iter().all(|boot| !boot.matched)
    })
}

fn boot(builder: &Builder<'_, '_>, view: &UnitView<'_>, index: usize) -> Option<Boot> {
    let log = view.unit.boots.get(index)?;
    let course = view.courses.get(index)?;
    let judged = index == view.judged;
    let cause = if judged {
        builder.diagnosis.causes.first().map(|cause| cause.rule)
    } else {
        view.boot_causes.get(index).copied().flatten()
    };
    let began = log.began.as_ref().or_else(|| earliest(course));
    let outcome = match (cause, course.ready) {
        (Some(_), _) => "failed",
        (None, Some(_)) => "ready",
        (None, None) => "unfinished",
    };
    Some(Boot {
        number: log.number,
        began: began.and_then(|place| place.time).map(|time| time.rfc3339()),
        ended: log.ended.map(|time| time.rfc3339()),
        outcome: outcome.to_owned(),
        cause: cause.and_then(|rule| builder.rule(rule)).map(|rule| rule.id.clone()),
        phases: view.profile.and_then(|profile| builder.rules.profiles.get(profile)).map_or_else(Vec::new, |profile| {
            let failed = if judged { failed_phase(builder, view) } else { None };
            phases(profile, course, failed, cause.is_some())
        }),
    })
}

fn earliest<'u>(course: &Course<'u>) -> Option<&'u Sighting> {
    course.entered.iter().flatten().copied().min_by_key(|place| place.offset)
}

/// The phase of this unit in which the root cause struck.
fn failed_phase(builder: &Builder<'_, '_>, view: &UnitView<'_>) -> Option<usize> {
    let cause = builder.diagnosis.causes.first()?;
    let same = cause
        .members
        .iter()
        .find(|member| builder.diagnosis.units.get(member.unit).is_some_and(|unit| std::ptr::eq(unit, view)));
    let ready = view.course().and_then(|course| course.ready);
    let outlived = |member: &Finding| ready.is_some_and(|ready| ready.offset < member.matched.first.offset);
    if builder.diagnosis.verdict == Verdict::Degraded && same.is_some_and(outlived) {
        // What met an application that was up, and is, struck no phase of its start.
        return None;
    }
    let own = same.and_then(|member| member.phase);
    own.or_else(|| {
        // Seen in another input: the phase that this unit was in at that time.
        let course = view.course()?;
        let first = &cause.members.first()?.matched.first;
        let entered = course.entered.iter().enumerate().filter_map(|(index, at)| Some((index, (*at)?)));
        let before = entered.filter(|(_, at)| order(at, first) == Order::Before && at.source != first.source);
        before.max_by_key(|(_, at)| at.offset).map(|(index, _)| index)
    })
}

fn phases(profile: &ProfileFile, course: &Course<'_>, failed: Option<usize>, blamed: bool) -> Vec<Phase> {
    let mut phases = Vec::new();
    let reached = course.reached();
    for (index, spec) in profile.phase.iter().enumerate() {
        let entered = course.entered.get(index).copied().flatten();
        if entered.is_none() && (spec.optional || reached.is_some_and(|reached| reached > index)) {
            continue;
        }
        let end = course.end_of(index);
        let outcome = if failed == Some(index) {
            "failed"
        } else if entered.is_some() && (reached != Some(index) || course.ready.is_some() || end.is_some()) {
            "passed"
        } else if entered.is_some() {
            if blamed && failed.is_none() { "failed" } else { "entered" }
        } else {
            "never-reached"
        };
        let times = entered.and_then(|at| at.time).zip(end.and_then(|at| at.time));
        let millis = times.filter(|(from, to)| from.clock == to.clock && to.micros >= from.micros);
        phases.push(Phase {
            name: spec.name.clone(),
            entered: entered.and_then(|at| at.time).map(|time| time.rfc3339()),
            left: end.and_then(|at| at.time).map(|time| time.rfc3339()),
            outcome: outcome.to_owned(),
            title: spec.title.clone(),
            millis: millis.map(|(from, to)| from.micros.abs_diff(to.micros) / 1000).filter(|millis| *millis > 0),
        });
    }
    phases
}
