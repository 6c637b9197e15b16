//! A match judged in its context.

use std::sync::Arc;

use crate::detect::{Match, Sighting, combine};
use crate::rule::{Role, RuleSet, Severity};

use super::{UnitView, masked};

/// A rule that holds in the judged boot of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Index of the rule.
    pub rule: usize,
    /// Index of the unit.
    pub unit: usize,
    /// Number of the boot, from 1.
    pub boot: u32,
    /// What matched.
    pub matched: Match,
    /// Phase it struck in, index in the unit's profile.
    pub phase: Option<usize>,
    /// The claim of success that was printed over it.
    pub masked: Option<Masked>,
    /// Whether the state of a container shows it, not a log.
    pub of_state: bool,
}

/// A step that failed and then claimed success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// The phase.
    pub phase: usize,
    /// The claim.
    pub claim: Arc<Sighting>,
}

/// The findings of one boot.
pub(super) fn of_boot(rules: &RuleSet, view: &UnitView<'_>, unit: usize, boot: usize) -> Vec<Finding> {
    let Some((log, course)) = view.unit.boots.get(boot).zip(view.courses.get(boot)) else { return Vec::new() };
    let mut findings: Vec<Finding> = combine(rules, log)
        .into_iter()
        .map(|matched| Finding {
            rule: matched.rule,
            unit,
            boot: log.number,
            phase: course.phase_at(&matched.first),
            masked: None,
            of_state: view.unit.state,
            matched,
        })
        .collect();
    let blameable = |finding: &Finding| {
        rules.rules.get(finding.rule).is_some_and(|rule| rule.role == Role::Cause && rule.severity >= Severity::Error)
    };
    for finding in findings.iter_mut().filter(|finding| blameable(finding)) {
        finding.masked = masked::claim_over(finding, course);
    }
    findings
}
