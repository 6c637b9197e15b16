//! Steps that failed and claimed success: the exit status was lost on the way (`… | tail` without pipefail).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::detect::Match;
use crate::rule::{Derived, RuleSet, Strength};
use crate::timeline::Course;

use super::finding::{Finding, Masked};

/// The claim printed over a failure: evidence between a phase's entry and its claim, and no proof of success between the two.
pub(super) fn claim_over(finding: &Finding, course: &Course<'_>) -> Option<Masked> {
    let phases = course.claims.iter().enumerate();
    phases.filter_map(|(phase, claim)| Some((phase, (*claim)?))).find_map(|(phase, tally)| {
        let claim = &tally.first;
        let start = course.entered.get(phase).copied().flatten().map_or(0, |entered| entered.offset);
        let start = if start > claim.offset { 0 } else { start };
        let failure = &finding.matched.first;
        let proven = course.left.get(phase).copied().flatten();
        let recovered = proven.is_some_and(|left| left.offset > failure.offset && left.offset < claim.offset);
        (failure.offset >= start
            && failure.offset < claim.offset
            && !recovered
            && own_phase(course, failure.offset, start))
        .then(|| Masked { phase, claim: Arc::clone(claim) })
    })
}

/// Whether no other phase was entered between a phase's start and the failure.
fn own_phase(course: &Course<'_>, failure: u64, start: u64) -> bool {
    !course.entered.iter().flatten().any(|entered| entered.offset > start && entered.offset <= failure && start > 0)
}

/// The finding that a step was masked, where a rule describes it and the failure still stands.
pub(super) fn derive(rules: &RuleSet, findings: &[Finding]) -> Option<Finding> {
    let rule = rules.rules.iter().position(|rule| rule.matching.derived == Some(Derived::MaskedFailure))?;
    let all: Vec<(&Finding, &Masked)> = findings.iter().filter_map(|f| Some((f, f.masked.as_ref()?))).collect();
    let (finding, masked) = all.iter().min_by_key(|(_, masked)| masked.claim.offset)?;
    let (_, latest) = all.iter().max_by_key(|(_, masked)| masked.claim.offset)?;
    let claim = Arc::clone(&masked.claim);
    let captures = BTreeMap::from([("claim".to_owned(), claim.text.trim().to_owned())]);
    let mut claims: Vec<u64> = all.iter().map(|(_, masked)| masked.claim.offset).collect();
    claims.sort_unstable();
    claims.dedup();
    let matched = Match {
        rule,
        clauses: Vec::new(),
        count: crate::num::wide(claims.len()),
        first: Arc::clone(&claim),
        last: Arc::clone(&latest.claim),
        proofs: vec![claim],
        strength: Strength::Suggests,
        captures: Arc::new(captures),
    };
    let (unit, boot) = (finding.unit, finding.boot);
    Some(Finding { rule, unit, boot, matched, phase: Some(masked.phase), masked: None, of_state: false })
}
