//! Runs the examples of rules: each must do what it says, and no other rule may match that the example does not announce.

use std::collections::{BTreeMap, BTreeSet};

use crate::rule::{ExampleSpec, Expected, PatternFile, Problem, RuleFile, RuleSet};
use crate::scan::{Words, scan};

use super::collect::Collector;
use super::combine::{Match, combine};
use super::state::judge_state;

/// Runs every example of `files` against `rules`, which must hold these files' rules and may hold more.
#[must_use]
pub fn check_examples(rules: &RuleSet, files: &[(PatternFile, RuleFile)]) -> Vec<Problem> {
    let bench = Bench { rules, words: Words::new(&rules.literals.texts) };
    files
        .iter()
        .flat_map(|(file, rule)| rule.example.iter().flat_map(|example| bench.judge(file, rule, example)))
        .collect()
}

/// Expected by an example of a finding that the diagnosis derives; not visible to clauses.
const DERIVED: &str = "derived";

struct Bench<'r> {
    rules: &'r RuleSet,
    words: Words,
}

impl Bench<'_> {
    fn matches(&self, example: &ExampleSpec) -> BTreeMap<String, Match> {
        let units = if example.state.is_empty() {
            let mut collector = Collector::new(self.rules, &self.words, 0);
            let _ = scan(&mut example.log.as_bytes(), &self.words, &mut collector, &mut |_| {});
            collector.finish().0
        } else {
            vec![judge_state(self.rules, &self.words, 0, &example.state, 1)]
        };
        let found = units.iter().flat_map(|unit| &unit.boots).flat_map(|boot| combine(self.rules, boot));
        let named = found.filter_map(|found| Some((self.rules.rules.get(found.rule)?.id.clone(), found)));
        named.collect()
    }

    fn judge(&self, file: &PatternFile, rule: &RuleFile, example: &ExampleSpec) -> Vec<Problem> {
        let matches = self.matches(example);
        let near = |message: String, help: &str| Problem::near(file, &example.name, message, help);
        let mut problems = Vec::new();
        let own = matches.get(&rule.id);
        match (&example.matches, own) {
            (Expected::Clause(name), _) if name == DERIVED => {}
            (Expected::Flag(_), Some(found)) => {
                let message =
                    format!("example \"{}\" matches at line {}: {}", example.name, found.first.line, found.first.text);
                problems.push(near(message, "narrow the clause, or add not or absent"));
            }
            (Expected::Clause(name), None) => {
                let message = format!("example \"{}\" does not match (expected \"{name}\")", example.name);
                problems.push(near(message, "compare the regex with the record's body; see level, scope and absent"));
            }
            (Expected::Clause(name), Some(found)) => problems.extend(
                self.details(example, name, found).map(|message| near(message, "correct the example or the clause")),
            ),
            (Expected::Flag(_), None) => {}
        }
        let announced: BTreeSet<&str> = example.also.iter().map(String::as_str).chain([rule.id.as_str()]).collect();
        for (id, found) in matches.iter().filter(|(id, _)| !announced.contains(id.as_str())) {
            let message = format!(
                "{id} matches the example \"{}\" at line {}: {}",
                example.name, found.first.line, found.first.text
            );
            problems.push(near(message, "narrow that rule, or announce it with also = […]"));
        }
        problems
    }

    fn details(&self, example: &ExampleSpec, name: &str, found: &Match) -> Option<String> {
        let names: Vec<&str> = found
            .clauses
            .iter()
            .filter_map(|id| self.rules.needles.get(*id))
            .map(|needle| needle.spec.name.as_str())
            .collect();
        if !names.contains(&name) {
            return Some(format!("example \"{}\" matches by {}, not by \"{name}\"", example.name, names.join(", ")));
        }
        let wrong = example.captures.iter().find(|(key, value)| found.captures.get(*key) != Some(value));
        wrong.map(|(key, value)| {
            let seen = found.captures.get(key).map_or("nothing", String::as_str);
            format!("example \"{}\" captures {key} = {seen}, not {value}", example.name)
        })
    }
}
