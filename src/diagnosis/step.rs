//! Steps of a start script, and what is proof that a fault in one is over: what a step was to do is not done by a server that comes up later.

use crate::detect::{BootLog, Sighting};
use crate::rule::{Owner, Part, RuleFile, RuleSet, STEP};
use crate::timeline::Course;

use super::UnitView;
use super::finding::Finding;
use super::scene::service_of;

/// Whether a fault stopped a step that nothing shows to have been done again.
pub(super) fn is_undone(rules: &RuleSet, rule: &RuleFile, finding: &Finding, views: &[UnitView<'_>]) -> bool {
    let Some((boot, course)) = own(finding, views) else { return false };
    // A script that asks until it is answered ends with a true claim: only what a server refused, or a migration met, was certainly left behind.
    let refused = rule.start_only || (service_of(rules, rule).is_some() && !rule.remote);
    let entered = |phase: usize| course.entered.get(phase).copied().flatten();
    let behind = |entered: &Sighting| entered.offset < finding.matched.first.offset;
    let masked = finding.masked.as_ref().is_some_and(|masked| entered(masked.phase).is_some_and(behind));
    (masked && refused) || finding.phase.is_some_and(|phase| is_left_open(rules, finding, boot, course, phase))
}

/// Whether a fault lies in a step that a script names, which was never proven or claimed to be done, before another process began.
fn is_left_open(rules: &RuleSet, finding: &Finding, boot: &BootLog, course: &Course<'_>, phase: usize) -> bool {
    let Some(entered) = course.entered.get(phase).copied().flatten() else { return false };
    let first = finding.matched.first.offset;
    let between = |line: &Sighting| line.offset > entered.offset && line.offset < first;
    let proven = course.left.get(phase).copied().flatten().is_some();
    let claimed = course.claims.get(phase).copied().flatten().is_some_and(|claim| between(&claim.first));
    let named = entered.captures.contains_key(STEP);
    named && !proven && !claimed && !marks(rules, boot).any(between)
}

/// The line that proves that migrations which failed before ran to their end in a process which began since.
pub(super) fn done_again<'u>(
    rules: &RuleSet,
    rule: &RuleFile,
    finding: &Finding,
    views: &[UnitView<'u>],
) -> Option<&'u Sighting> {
    let (boot, course) = own(finding, views).filter(|_| rule.start_only && finding.masked.is_none())?;
    let profile = views.get(finding.unit)?.program(rules)?;
    let phases = profile.phase.iter().zip(&course.left).filter(|(phase, _)| rule.phases.contains(&phase.name));
    let last = finding.matched.last.offset;
    let began = |left: &&Sighting| marks(rules, boot).any(|mark| mark.offset > last && mark.offset < left.offset);
    phases.filter_map(|(_, left)| *left).filter(|left| left.offset > last).find(began)
}

/// The last line of each kind that a process prints once, other than the steps of a script.
fn marks<'b>(rules: &RuleSet, boot: &'b BootLog) -> impl Iterator<Item = &'b Sighting> {
    let again = |id: usize| {
        let needle = rules.needles.get(id);
        needle.is_some_and(|needle| needle.part == Part::BootAgain && matches!(needle.owner, Owner::Profile(_)))
    };
    let all = boot.tallies.iter().filter(move |(id, _)| again(**id)).map(|(_, tally)| &*tally.last);
    all.filter(|line| !line.captures.contains_key(STEP))
}

fn own<'v, 'u>(finding: &Finding, views: &'v [UnitView<'u>]) -> Option<(&'u BootLog, &'v Course<'u>)> {
    let view = views.get(finding.unit)?;
    let index = view.unit.boots.iter().position(|boot| boot.number == finding.boot)?;
    view.unit.boots.get(index).zip(view.courses.get(index))
}
