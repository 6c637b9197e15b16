//! What is over: a later line proves that the fault was healed. A script's claim is no proof.

use std::collections::BTreeSet;

use crate::detect::{Order, Sighting, Tally, order};
use crate::rule::{Needle, Owner, Part, Role, RuleSet};

use super::UnitView;
use super::finding::Finding;

/// Records with nothing amiss that show that a running process got over a fault.
const CALM: usize = 3;

/// Parts the findings into those that stand and those that are over.
pub(super) fn split(
    rules: &RuleSet,
    findings: Vec<Finding>,
    views: &[UnitView<'_>],
) -> (Vec<Finding>, Vec<(Finding, Sighting)>) {
    let mut active = Vec::new();
    let mut cleared = Vec::new();
    for finding in findings {
        match proof(rules, &finding, views) {
            Some(line) => cleared.push((finding, line)),
            None => active.push(finding),
        }
    }
    (active, cleared)
}

fn proof(rules: &RuleSet, finding: &Finding, views: &[UnitView<'_>]) -> Option<Sighting> {
    let rule = rules.rules.get(finding.rule)?;
    let spec = rule.cleared_by.as_ref()?;
    let after = |line: &Sighting| order(&finding.matched.last, line) == Order::Before;
    for (index, view) in views.iter().enumerate() {
        let boot = if index == finding.unit {
            view.unit.boots.iter().position(|boot| boot.number == finding.boot)
        } else {
            Some(view.judged)
        };
        let Some((log, course)) = boot.and_then(|boot| view.unit.boots.get(boot).zip(view.courses.get(boot))) else {
            continue;
        };
        let lines = log.tallies.iter().filter_map(|(id, tally)| {
            let needle = rules.needles.get(*id)?;
            let own = needle.owner == Owner::Rule(finding.rule) && needle.part == Part::Clear;
            (own && agrees(rules, needle, tally, finding, view)).then_some(&tally.last)
        });
        // Readiness proves something about its own process; a symptom seen from outside is healed by anybody's.
        let near = index == finding.unit || rule.role == Role::Symptom;
        let ready = course.ready.filter(|_| spec.ready && near);
        if let Some(line) = lines.chain(ready).find(|line| after(line)) {
            return Some(line.clone());
        }
    }
    healed_in_passing(rules, finding, views.get(finding.unit)?).filter(|_| spec.ready)
}

/// A fault that a retry can heal, met by a process that was up before it, and then nothing of the kind for the rest of the log.
fn healed_in_passing(rules: &RuleSet, finding: &Finding, view: &UnitView<'_>) -> Option<Sighting> {
    let boot = view.unit.boots.iter().position(|boot| boot.number == finding.boot)?;
    if boot + 1 < view.unit.boots.len() {
        return None;
    }
    let ready = view.courses.get(boot)?.ready?;
    let end = view.unit.end.as_ref()?;
    let faults = view.unit.boots.get(boot)?.tallies.iter().filter(|(id, _)| {
        rules
            .needles
            .get(**id)
            .is_some_and(|needle| needle.part == Part::Match && matches!(needle.owner, Owner::Rule(_)))
    });
    let last = faults.map(|(_, tally)| tally.last.line).max().unwrap_or(0).max(finding.matched.last.line);
    let calm = view.unit.calm.iter().filter(|line| **line > last).count();
    let strays = view.unit.strays.iter().any(|stray| stray.place.line > last && stray.weight > 2);
    (ready.offset < finding.matched.first.offset && calm >= CALM && !strays).then(|| end.clone())
}

/// The captures that a clearing clause must share with the finding.
fn agrees(rules: &RuleSet, needle: &Needle, tally: &Tally, finding: &Finding, view: &UnitView<'_>) -> bool {
    needle.spec.same.iter().all(|name| {
        let Some(proven) = tally.values.get(name) else { return false };
        let mut blamed: BTreeSet<&String> = finding.matched.captures.get(name).into_iter().collect();
        let logs = view.unit.boots.iter().flat_map(|boot| &boot.tallies);
        let own = logs.filter(|(id, _)| finding.matched.clauses.contains(id) && rules.needles.get(**id).is_some());
        for (_, tally) in own {
            blamed.extend(tally.values.get(name).into_iter().flatten());
        }
        blamed.iter().any(|value| proven.contains(*value))
    })
}
