//! Who explains whom, and who comes first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::detect::{Order, Sighting, order};
use crate::record::Clock;
use crate::rule::{Role, RuleSet, Severity, Strength};

use super::finding::Finding;

/// How sure a verdict is. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// A generic line.
    Possible,
    /// A line that usually means this.
    Likely,
    /// A line that names the fault itself, or two independent kinds of evidence.
    Confirmed,
}

/// A fault that is blamed, with all findings of its rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blamed {
    /// Index of the rule.
    pub rule: usize,
    /// Its findings, one per unit, the first in time first.
    pub members: Vec<Finding>,
    /// How sure.
    pub confidence: Confidence,
    /// Why it is blamed, in rank order.
    pub reasons: Vec<String>,
    /// What followed from it: rules with their findings, in the order of their first lines.
    pub consequences: Vec<(usize, Vec<Finding>)>,
}

/// Lines by which a wrapper may precede its reason.
const NEAR: u64 = 20;

type Groups = BTreeMap<usize, Vec<Finding>>;

/// Groups findings by rule, drops those that others explain, ranks the rest.
pub(super) fn blame(rules: &RuleSet, active: Vec<Finding>) -> Vec<Blamed> {
    let mut groups: Groups = BTreeMap::new();
    let severe = |finding: &Finding| rules.rules.get(finding.rule).is_some_and(|rule| rule.severity >= Severity::Error);
    for finding in active.into_iter().filter(severe) {
        groups.entry(finding.rule).or_default().push(finding);
    }
    for members in groups.values_mut() {
        members.sort_by_key(|member| (member.matched.first.source, member.matched.first.offset));
    }
    let edges: Vec<(usize, usize)> = groups
        .iter()
        .flat_map(|(cause, members)| {
            let targets = rules.explains.get(*cause).into_iter().flatten();
            let seen = targets.filter_map(|target| Some((*target, groups.get(target)?)));
            seen.filter(|(_, effects)| may_follow(members, effects)).map(|(target, _)| (*cause, target))
        })
        .collect();
    let explained: BTreeSet<usize> = edges.iter().map(|(_, effect)| *effect).collect();
    let roots: Vec<usize> = groups.keys().copied().filter(|rule| !explained.contains(rule)).collect();
    rank(rules, &groups, &edges, &roots)
}

/// Whether an effect's line can lie behind its cause's: nothing shows that all effects were over before the cause began. A
/// wrapper may be printed just before its reason.
fn may_follow(causes: &[Finding], effects: &[Finding]) -> bool {
    let near =
        |cause: &Sighting, effect: &Sighting| cause.source == effect.source && cause.line.abs_diff(effect.line) <= NEAR;
    causes.iter().any(|cause| {
        let cause = &cause.matched.first;
        effects
            .iter()
            .map(|effect| &effect.matched.last)
            .any(|effect| order(cause, effect) != Order::After || near(cause, effect))
    })
}

fn rank(rules: &RuleSet, groups: &Groups, edges: &[(usize, usize)], roots: &[usize]) -> Vec<Blamed> {
    let reach: BTreeMap<usize, BTreeSet<usize>> = roots.iter().map(|root| (*root, reachable(edges, *root))).collect();
    let clocked =
        roots.iter().filter_map(|root| groups.get(root)).flatten().all(|member| wall(&member.matched.first).is_some());
    let key = |root: &usize| {
        let rule = rules.rules.get(*root);
        let members = groups.get(root).map(Vec::as_slice).unwrap_or_default();
        let strength = members.iter().map(|member| member.matched.strength).max();
        let first = members.iter().map(|member| place(&member.matched.first, clocked)).min();
        (
            rule.is_none_or(|rule| rule.role == Role::Symptom),
            Reverse(reach.get(root).map_or(0, BTreeSet::len)),
            Reverse(strength),
            Reverse(rule.map(|rule| rule.severity)),
            first,
        )
    };
    let mut ranked = roots.to_vec();
    ranked.sort_by_key(key);
    let earliest = roots.iter().min_by_key(|root| {
        groups.get(root).and_then(|members| members.iter().map(|member| place(&member.matched.first, clocked)).min())
    });
    let mut told = BTreeSet::new();
    let mut blamed = Vec::new();
    for root in &ranked {
        let effects: Vec<usize> =
            reach.get(root).into_iter().flatten().copied().filter(|effect| told.insert(*effect)).collect();
        blamed.extend(one(rules, groups, *root, &effects, earliest == Some(root)));
    }
    blamed
}

fn reachable(edges: &[(usize, usize)], root: usize) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut open = vec![root];
    while let Some(next) = open.pop() {
        let effects = edges.iter().filter(|(cause, _)| *cause == next).map(|(_, effect)| *effect);
        open.extend(effects.filter(|effect| *effect != root && seen.insert(*effect)).collect::<Vec<_>>());
    }
    seen
}

fn one(rules: &RuleSet, groups: &Groups, root: usize, effects: &[usize], first: bool) -> Option<Blamed> {
    let members = groups.get(&root)?.clone();
    let rule = rules.rules.get(root)?;
    let strength = members.iter().map(|member| member.matched.strength).max()?;
    let kinds = kinds(&members);
    let confidence = confidence(rule.role, strength, kinds);
    let mut consequences: Vec<(usize, Vec<Finding>)> =
        effects.iter().filter_map(|effect| Some((*effect, groups.get(effect)?.clone()))).collect();
    consequences.sort_by_key(|(_, members)| {
        members.first().map(|member| (member.matched.first.source, member.matched.first.offset))
    });
    let mut reasons = Vec::new();
    match strength {
        Strength::Names if rule.role == Role::Cause => reasons.push("names the fault itself".to_owned()),
        Strength::Hints => reasons.push("only a generic line speaks for it".to_owned()),
        _ => reasons.push("its line usually means this".to_owned()),
    }
    if kinds > 1 {
        reasons.push(format!("{kinds} independent kinds of evidence agree"));
    }
    if first {
        reasons.push("first failure of the boot".to_owned());
    }
    match consequences.len() {
        0 => {}
        1 => reasons.push("explains 1 other finding".to_owned()),
        count => reasons.push(format!("explains {count} other findings")),
    }
    if rule.role == Role::Symptom {
        reasons.push("a symptom: nothing in the input explains it".to_owned());
    }
    Some(Blamed { rule: root, members, confidence, reasons, consequences })
}

/// Independent kinds of evidence: different lines in different units (the client's log and the server's), not copies of one line.
fn kinds(members: &[Finding]) -> usize {
    let texts: BTreeSet<&str> = members.iter().map(|member| member.matched.first.text.trim()).collect();
    let units: BTreeSet<usize> = members.iter().map(|member| member.unit).collect();
    texts.len().min(units.len())
}

fn confidence(role: Role, strength: Strength, kinds: usize) -> Confidence {
    match (role, strength) {
        (Role::Cause, Strength::Names) => Confidence::Confirmed,
        (Role::Cause, Strength::Suggests) if kinds > 1 => Confidence::Confirmed,
        (_, Strength::Names | Strength::Suggests) => Confidence::Likely,
        (_, Strength::Hints) if kinds > 1 => Confidence::Likely,
        (_, Strength::Hints) => Confidence::Possible,
    }
}

fn wall(place: &Sighting) -> Option<i64> {
    place.time.filter(|time| matches!(time.clock, Clock::Utc | Clock::Local)).map(|time| time.micros)
}

/// A total order of places: by time where all of them have one, else by input and offset.
fn place(sighting: &Sighting, clocked: bool) -> (i64, usize, u64) {
    let time = if clocked { wall(sighting).unwrap_or(0) } else { 0 };
    (time, sighting.source, sighting.offset)
}
