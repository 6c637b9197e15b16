//! From tallies to matches: `any`, `all`, `sequence`, `absent`, `window`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::sighting::{Order, Sighting, order};
use super::tally::{BootLog, Tally};
use crate::rule::{MatchForm, NeedleId, Owner, Part, RuleSet, Strength};

/// A rule that holds in one boot of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Index of the rule.
    pub rule: usize,
    /// Clauses that matched, the strongest first.
    pub clauses: Vec<NeedleId>,
    /// Records that matched the most frequent clause.
    pub count: u64,
    /// The first line of all.
    pub first: Arc<Sighting>,
    /// The last line of all.
    pub last: Arc<Sighting>,
    /// What proves it, the strongest first; one line each.
    pub proofs: Vec<Arc<Sighting>>,
    /// The strongest clause's strength.
    pub strength: Strength,
    /// Named parts, of the strongest clause first.
    pub captures: Arc<BTreeMap<String, String>>,
}

/// The matches of one boot, in order of their rules.
#[must_use]
pub fn combine(rules: &RuleSet, boot: &BootLog) -> Vec<Match> {
    let by_rule = grouped(rules, boot);
    by_rule.into_iter().filter_map(|(rule, parts)| one(rules, boot, rule, &parts)).collect()
}

/// Rules whose words occurred in a boot although the rule does not hold, and why.
#[must_use]
pub fn dropped(rules: &RuleSet, boot: &BootLog) -> Vec<(usize, String)> {
    let absent = |parts: &[NeedleId]| {
        let id = parts.iter().find(|id| part(rules, **id) == Some(Part::Absent))?;
        let tally = boot.tallies.get(id)?;
        Some(format!("line {} says otherwise: {}", tally.first.line, tally.first.text.trim()))
    };
    let grouped = grouped(rules, boot).into_iter();
    let matched = |parts: &[NeedleId]| parts.iter().any(|id| part(rules, *id) == Some(Part::Match));
    grouped.filter(|(_, parts)| matched(parts)).filter_map(|(rule, parts)| Some((rule, absent(&parts)?))).collect()
}

fn part(rules: &RuleSet, id: NeedleId) -> Option<Part> {
    rules.needles.get(id).map(|needle| needle.part)
}

fn grouped(rules: &RuleSet, boot: &BootLog) -> BTreeMap<usize, Vec<NeedleId>> {
    let mut by_rule: BTreeMap<usize, Vec<NeedleId>> = BTreeMap::new();
    for id in boot.tallies.keys() {
        if let Some(Owner::Rule(rule)) = rules.needles.get(*id).map(|needle| needle.owner) {
            by_rule.entry(rule).or_default().push(*id);
        }
    }
    by_rule
}

fn one(rules: &RuleSet, boot: &BootLog, rule: usize, parts: &[NeedleId]) -> Option<Match> {
    let file = rules.rules.get(rule)?;
    if parts.iter().any(|id| part(rules, *id) == Some(Part::Absent)) {
        return None;
    }
    let mut matched: Vec<(NeedleId, &Tally)> = parts
        .iter()
        .filter(|id| part(rules, **id) == Some(Part::Match))
        .filter_map(|id| Some((*id, &**boot.tallies.get(id)?)))
        .collect();
    let tallies: Vec<&Tally> = matched.iter().map(|(_, tally)| *tally).collect();
    let near = window(file.matching.window.as_deref()).is_none_or(|limit| within(&tallies, limit));
    let holds = match file.matching.form() {
        MatchForm::Any => !matched.is_empty(),
        MatchForm::All => matched.len() == file.matching.clauses().len() && near,
        MatchForm::Sequence => matched.len() == file.matching.clauses().len() && near && in_order(&tallies),
        MatchForm::Derived => false,
    };
    if !holds {
        return None;
    }
    let strength = |id: NeedleId| {
        let default = if file.role == crate::rule::Role::Cause { Strength::Names } else { Strength::Suggests };
        rules.needles.get(id).and_then(|needle| needle.spec.strength).unwrap_or(default)
    };
    matched.sort_by_key(|(id, tally)| (std::cmp::Reverse(strength(*id)), tally.first.offset));
    build(rule, &matched, matched.first().map(|(id, _)| strength(*id))?)
}

fn build(rule: usize, matched: &[(NeedleId, &Tally)], strength: Strength) -> Option<Match> {
    let first = matched.iter().map(|(_, tally)| &tally.first).min_by_key(|sighting| sighting.offset)?;
    let last = matched.iter().map(|(_, tally)| &tally.last).max_by_key(|sighting| sighting.offset)?;
    let mut captures: Arc<BTreeMap<String, String>> = Arc::default();
    let mut proofs: Vec<Arc<Sighting>> = Vec::with_capacity(matched.len());
    for (_, tally) in matched {
        if captures.is_empty() {
            captures = Arc::clone(&tally.first.captures);
        }
        for (name, value) in tally.first.captures.iter() {
            if !captures.contains_key(name) {
                Arc::make_mut(&mut captures).insert(name.clone(), value.clone());
            }
        }
        for line in std::iter::once(&tally.first).chain(tally.beside()) {
            if proofs.iter().all(|proof| proof.line != line.line) {
                proofs.push(Arc::clone(line));
            }
        }
    }
    let count = matched.iter().map(|(_, tally)| tally.count).max().unwrap_or(0);
    let clauses = matched.iter().map(|(id, _)| *id).collect();
    Some(Match { rule, clauses, count, first: Arc::clone(first), last: Arc::clone(last), proofs, strength, captures })
}

/// Each clause's last sighting lies behind the first one of the clause before it.
fn in_order(tallies: &[&Tally]) -> bool {
    tallies.windows(2).all(|pair| match pair {
        [a, b] => matches!(order(&a.first, &b.last), Order::Before | Order::Same),
        _ => true,
    })
}

/// Some sighting of each clause lies within `limit` of the first clause's; true where there are no times.
fn within(tallies: &[&Tally], limit: Duration) -> bool {
    let Some(anchor) = tallies.first() else { return true };
    let close = |a: &Sighting, b: &Sighting| match a.time.zip(b.time) {
        Some((a, b)) if a.clock == b.clock => u128::from(a.micros.abs_diff(b.micros)) <= limit.as_micros(),
        _ => true,
    };
    tallies
        .iter()
        .all(|tally| [&anchor.first, &anchor.last].iter().any(|a| close(a, &tally.first) || close(a, &tally.last)))
}

/// `500ms`, `30s`, `5m`.
fn window(text: Option<&str>) -> Option<Duration> {
    let text = text?;
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().ok()?;
    match text.strip_prefix(digits)? {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read() {
        assert_eq!(window(Some("30s")), Some(Duration::from_secs(30)));
        assert_eq!(window(Some("500ms")), Some(Duration::from_millis(500)));
        assert_eq!(window(Some("5m")), Some(Duration::from_secs(300)));
        assert_eq!(window(Some("soon")), None);
    }
}
