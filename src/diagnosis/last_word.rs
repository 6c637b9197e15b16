//! Programs whose log ends with an error that no rule knows: that they failed is certain, only not why.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::detect::{Match, Stray};
use crate::rule::{Derived, RuleSet, Strength};

use super::UnitView;
use super::finding::Finding;
use super::scene::Scene;

/// What follows from the last words of programs of which nothing else is known.
pub(super) fn derive(rules: &RuleSet, scene: &Scene, views: &[UnitView<'_>], active: &[Finding]) -> Vec<Finding> {
    let Some(rule) = rules.rules.iter().position(|rule| rule.matching.derived == Some(Derived::LastWord)) else {
        return Vec::new();
    };
    let tells =
        |finding: &Finding| finding.of_state || rules.rules.get(finding.rule).is_some_and(|rule| !rule.inconclusive);
    let known = |index: usize| active.iter().any(|finding| finding.unit == index && tells(finding));
    let ended = views.iter().enumerate().filter(|(index, _)| !known(*index));
    ended.filter_map(|(index, view)| finding(rule, index, view, said(rules, scene, view)?)).collect()
}

/// The last words of a program that does not serve, so far as is known, or that certainly ended with them; not of a server, which outlives the
/// errors of its clients.
fn said<'v>(rules: &RuleSet, scene: &Scene, view: &'v UnitView<'_>) -> Option<&'v Stray> {
    let stray = view.unit.strays.iter().find(|stray| stray.last_word && !stray.place.is_of_server())?;
    let up = view.course().is_some_and(|course| course.ready.is_some()) || view.unit.answers.alive > 0;
    let runs = scene.state_of(view.unit.source).is_some_and(|state| state.status == "running");
    let open = !view.unit.state && !view.is_service(rules) && !runs && view.judged + 1 == view.unit.boots.len();
    (open && (!up || stray.certain)).then_some(stray)
}

fn finding(rule: usize, unit: usize, view: &UnitView<'_>, stray: &Stray) -> Option<Finding> {
    let mut line = stray.place.clone();
    line.last_word = true;
    let phase = view.course().and_then(|course| course.phase_at(&line));
    let line = Arc::new(line);
    let error = stray.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned();
    let matched = Match {
        rule,
        clauses: Vec::new(),
        count: 1,
        first: Arc::clone(&line),
        last: Arc::clone(&line),
        proofs: vec![line],
        strength: Strength::Hints,
        captures: Arc::new(BTreeMap::from([("error".to_owned(), error)])),
    };
    let boot = view.unit.boots.get(view.judged)?.number;
    Some(Finding { rule, unit, boot, matched, phase, masked: None, of_state: false })
}
