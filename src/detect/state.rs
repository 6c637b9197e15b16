//! Judges the state of a container: `state` clauses against its facts, and the clauses of logs against what the engine said itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::num::wide;
use crate::rule::{Owner, Part, RuleSet, Seen, fact};
use crate::scan::Words;

use super::judge::candidates;
use super::sighting::{Around, Beside, Sighting, shorten};
use super::tally::{BootLog, Tally, Unit};

/// The fact whose value is the engine's own message, worded as in the engine's log.
const ENGINE: &str = "engine-error";
/// Facts shown around evidence.
const CONTEXT: usize = 2;

/// The unit of a container's state: a text of `fact: value` lines that is input number `source`.
///
/// `boot` is the number of the container's last boot, which is what a state tells of.
#[must_use]
pub fn judge_state(rules: &RuleSet, words: &Words, source: usize, text: &str, boot: u32) -> Unit {
    let state = State::new(source, text);
    let mut log = BootLog::new(boot);
    for (id, needle) in rules.needles.iter().enumerate().filter(|(_, needle)| needle.of_state()) {
        if let Some((proofs, captures)) = needle.find_facts(&state.facts) {
            let mut lines = proofs.into_iter().filter_map(|index| state.sighting(index, &captures));
            if let Some(first) = lines.next() {
                let mut tally = Tally::new(first, &rules.compared);
                tally.also(lines.map(Arc::new).collect());
                log.tallies.insert(id, Box::new(tally));
            }
        }
    }
    state.heard(rules, words, &mut log);
    let last = log.tallies.values().map(|tally| &tally.last).max_by_key(|line| line.offset);
    if let Some((offset, time)) = last.map(|line| (line.offset, line.time)) {
        log.reach(offset, time);
    }
    Unit {
        source,
        name: None,
        boots: vec![log],
        dropped: 0,
        strays: Vec::new(),
        end: None,
        calm: Vec::new(),
        answers: super::answers::Answers::default(),
        ending: super::ending::Ending::default(),
        state: true,
    }
}

struct State<'t> {
    source: usize,
    /// Of each fact, the number of its line and its offset in the text.
    places: Vec<(u64, usize)>,
    facts: Vec<(&'t str, &'t str)>,
}

impl<'t> State<'t> {
    fn new(source: usize, text: &'t str) -> Self {
        let mut state = Self { source, places: Vec::new(), facts: Vec::new() };
        let mut offset = 0;
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            if let Some(found) = fact(line) {
                state.places.push((number, offset));
                state.facts.push(found);
            }
            offset += line.len();
        }
        state
    }

    fn line(&self, index: usize) -> Option<String> {
        let (key, value) = self.facts.get(index)?;
        Some(shorten(&format!("{key}: {value}")).into_owned())
    }

    fn sighting(&self, index: usize, captures: &BTreeMap<String, String>) -> Option<Sighting> {
        let (line, offset) = *self.places.get(index)?;
        let around = |from: usize, to: usize| {
            let lines: Vec<String> = (from..to).filter_map(|index| self.line(index)).collect();
            Beside::plain(&lines.join("\n"))
        };
        let alone = Sighting::alone(self.source, line, &self.line(index)?);
        Some(Sighting {
            offset: wide(offset),
            around: Around::new(
                around(index.saturating_sub(CONTEXT), index),
                around(index + 1, (index + 1 + CONTEXT).min(self.facts.len())),
            ),
            captures: Arc::new(captures.clone()),
            ..alone
        })
    }

    /// What the engine says is worded as in its log and on its command line: the clauses of logs know it.
    fn heard(&self, rules: &RuleSet, words: &Words, log: &mut BootLog) {
        for (index, (key, value)) in self.facts.iter().enumerate() {
            if *key != ENGINE {
                continue;
            }
            for id in candidates(value, &rules.literals, words) {
                let Some(needle) = rules.needles.get(id) else { continue };
                let of_engine = match needle.owner {
                    Owner::Rule(rule) => rules
                        .rules
                        .get(rule)
                        .is_some_and(|rule| rule.scope.is_empty() || rule.scope.iter().any(|scope| scope == "docker")),
                    Owner::Profile(_) => false,
                };
                let found = (of_engine && needle.part == Part::Match)
                    .then(|| needle.find(value, value.len(), &mut Seen::default()))
                    .flatten();
                if let Some(sighting) = found.and_then(|found| self.sighting(index, &found.captures)) {
                    log.tallies.insert(id, Box::new(Tally::new(sighting, &rules.compared)));
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
