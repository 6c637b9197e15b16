//! What is over although the process that met it says nothing of it: most programs are silent when things go well.
//!
//! What proves a recovery is later than the fault and of the same subject. Two things do:
//! - *The other one began anew.* What did not answer was started behind the last complaint and runs, healthy where that is checked, and who
//!   complained was up before and runs on without a further word of it. What a server refuses (a password, a database that does not exist) is not
//!   mended by its restart.
//! - *The same is asked and answered.* A request log shows that each path which failed during the fault was answered well later.
//!
//! What proves nothing clears nothing: an answer to another path, a probe of the container itself, another container that is up, an
//! earlier line, silence.

use crate::detect::{Answer, Order, Sighting, order};
use crate::record::Clock;
use crate::rule::RuleSet;

use super::UnitView;
use super::finding::Finding;
use super::scene::Scene;
use super::state_fact::Place;
use super::verdict::is_proxy;

/// How long what began anew must run where nobody checks its health, in microseconds.
const SETTLED: i64 = 3_000_000;
/// How long before the program's own complaint its failure may be in the request log, in microseconds.
const EARLY: i64 = 2_000_000;

/// The line that proves it, for a finding of a process that was up before and has not ended since.
pub(super) fn proof(rules: &RuleSet, scene: &Scene, finding: &Finding, views: &[UnitView<'_>]) -> Option<Sighting> {
    // Of a log alone nobody knows whether its process still runs.
    let own = scene.of_finding(finding).and_then(|index| scene.containers().get(index));
    if finding.of_state || finding.masked.is_some() || own.is_none_or(|state| !state.is_well()) {
        return None;
    }
    began_anew(rules, scene, finding, views).or_else(|| answered(rules, scene, finding, views))
}

fn utc(line: &Sighting) -> Option<i64> {
    line.time.filter(|time| time.clock == Clock::Utc).map(|time| time.micros)
}

/// The start of the container at the other end, if it lies behind the last complaint.
fn began_anew(rules: &RuleSet, scene: &Scene, finding: &Finding, views: &[UnitView<'_>]) -> Option<Sighting> {
    let (last, from) = (utc(&finding.matched.last)?, scene.of_finding(finding)?);
    let index = scene.target(rules, finding).filter(|target| *target != from)?;
    let state = scene.containers().get(index)?;
    let started = state.started.filter(|started| *started > last)?;
    let healthy = state.health.as_ref().map(|health| health.status == "healthy");
    let settled = healthy.unwrap_or(scene.now() - started >= SETTLED);
    // A proxy that tells of others serves.
    let up = rules.rules.get(finding.rule).is_some_and(|rule| rule.area() == "proxy") || was_up(scene, finding, views);
    (state.is_well() && settled && up).then_some(())?;
    Place { rules, scene, views, index }.line("started")
}

/// Whether the process reported to be up before the fault, or its container is checked and found healthy.
fn was_up(scene: &Scene, finding: &Finding, views: &[UnitView<'_>]) -> bool {
    let state = scene.state_of(finding.matched.first.source);
    let healthy = state.and_then(|state| state.health.as_ref()).is_some_and(|health| health.status == "healthy");
    let course = views.get(finding.unit).and_then(UnitView::course);
    let up = |line: &&Sighting| line.offset < finding.matched.last.offset;
    healthy || course.is_some_and(|course| course.readies.iter().any(up))
}

/// The last good answer to what failed during the fault, where all that failed was answered well since.
fn answered(rules: &RuleSet, scene: &Scene, finding: &Finding, views: &[UnitView<'_>]) -> Option<Sighting> {
    let own = scene.of_finding(finding);
    let telling = views.iter().enumerate().filter(|(index, view)| {
        *index == finding.unit || is_proxy(rules, view) || (own.is_some() && scene.of_source(view.unit.source) == own)
    });
    for (_, view) in telling {
        let paths = view.unit.answers.paths.iter();
        let failed: Vec<&Answer> = paths.filter(|answer| failed_with(finding, answer)).collect();
        let good: Vec<&Sighting> = failed.iter().filter_map(|answer| good_since(answer, finding)).collect();
        if good.len() == failed.len()
            && let Some(line) = good.first()
        {
            return Some((*line).clone());
        }
    }
    None
}

/// Whether requests for a path failed while a fault was there, or behind it.
fn failed_with(finding: &Finding, answer: &Answer) -> bool {
    let first = &finding.matched.first;
    answer.bad.as_ref().is_some_and(|bad| {
        let early = bad
            .time
            .zip(first.time)
            .is_some_and(|(bad, first)| bad.clock == first.clock && bad.micros + EARLY >= first.micros);
        early || matches!(order(first, bad), Order::Before | Order::Same)
    })
}

/// The last good answer, if it lies behind the last bad one and behind the fault.
fn good_since<'a>(answer: &'a Answer, finding: &Finding) -> Option<&'a Sighting> {
    let good = answer.good.as_ref()?;
    let behind = |line: &Sighting| order(line, good) == Order::Before;
    (answer.bad.as_ref().is_none_or(behind) && behind(&finding.matched.last)).then_some(good)
}

/// Whether a path that failed during a fault, or behind it, was not answered well since: then it goes on.
pub(super) fn still_fails(rules: &RuleSet, scene: &Scene, finding: &Finding, views: &[UnitView<'_>]) -> bool {
    let own = scene.of_finding(finding);
    let telling = views.iter().enumerate().filter(|(index, view)| {
        *index == finding.unit || (own.is_some() && (is_proxy(rules, view) || scene.of_source(view.unit.source) == own))
    });
    telling.flat_map(|(_, view)| &view.unit.answers.paths).any(|answer| {
        failed_with(finding, answer)
            && answer.bad.as_ref().is_some_and(|bad| order(&finding.matched.last, bad) != Order::After)
            && answer.good.as_ref().zip(answer.bad.as_ref()).is_none_or(|(good, bad)| order(bad, good) != Order::Before)
    })
}

/// Whether what was never answered with an error is answered well since a fault began.
pub(super) fn serves_others(view: &UnitView<'_>, finding: &Finding) -> bool {
    let since = |good: &Sighting| order(&finding.matched.first, good) == Order::Before;
    view.unit.answers.paths.iter().any(|answer| answer.bad.is_none() && answer.good.as_ref().is_some_and(since))
}

/// Whether all that was asked for behind the begin of a fault was answered well, and something was behind its last line.
pub(super) fn serves(view: &UnitView<'_>, finding: &Finding) -> bool {
    let answers = &view.unit.answers;
    let good =
        |answer: &Answer| answer.good.as_ref().is_some_and(|good| order(&finding.matched.last, good) == Order::Before);
    let bad = |answer: &Answer| failed_with(finding, answer) && good_since(answer, finding).is_none();
    answers.failing == 0 && answers.paths.iter().any(good) && !answers.paths.iter().any(bad)
}
