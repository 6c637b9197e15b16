//! The answer in one word.

use crate::detect::{Order, order};
use crate::rule::RuleSet;

use super::UnitView;
use super::blame::Blamed;

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The application came up and nothing stands against it.
    Healthy,
    /// Nothing failed so far and the start is not over.
    Starting,
    /// The application serves, but something is broken.
    Degraded,
    /// The start failed.
    Failed,
    /// The input proves nothing.
    Unknown,
}

/// Judges the whole. A finding that proves nothing alone leaves the verdict open.
pub(super) fn verdict(
    rules: &RuleSet,
    views: &[UnitView<'_>],
    main: usize,
    causes: &[Blamed],
    cleared: bool,
) -> Verdict {
    let conclusive = |cause: &&Blamed| rules.rules.get(cause.rule).is_some_and(|rule| !rule.inconclusive);
    let telling: Vec<&Blamed> = causes.iter().filter(conclusive).collect();
    if !telling.is_empty() {
        return if telling.iter().all(|cause| serves_in_spite(views, cause)) {
            Verdict::Degraded
        } else {
            Verdict::Failed
        };
    }
    if !causes.is_empty() {
        return Verdict::Unknown;
    }
    let applications = || views.iter().filter(|view| is_application(rules, view));
    let up = |view: &UnitView<'_>| view.course().is_some_and(|course| course.ready.is_some());
    let relevant = if applications().next().is_some() { applications().any(up) } else { views.iter().any(up) };
    if relevant {
        return Verdict::Healthy;
    }
    let strays = views.iter().any(|view| !view.unit.strays.is_empty());
    let progress = views.get(main).and_then(UnitView::course).is_some_and(|course| course.reached().is_some());
    if progress && !strays && !cleared { Verdict::Starting } else { Verdict::Unknown }
}

fn is_application(rules: &RuleSet, view: &UnitView<'_>) -> bool {
    view.profile.and_then(|profile| rules.profiles.get(profile)).is_some_and(|profile| !profile.service)
}

/// Whether the process that shows the fault reported to be up after it.
fn serves_in_spite(views: &[UnitView<'_>], cause: &Blamed) -> bool {
    cause.members.iter().all(|member| {
        let ready = views.get(member.unit).and_then(UnitView::course).and_then(|course| course.ready);
        ready.is_some_and(|ready| order(&member.matched.last, ready) == Order::Before)
    })
}
