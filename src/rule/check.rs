//! The judge of rule files: everything that can be said about a rule without running it.
//!
//! Running the examples is `detect`'s part of the judgement.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::fact::{FACTS, fact, is_fact};
use super::file::{ClauseSpec, ExampleSpec, Expected, Role, RuleFile, SCHEMA};
use super::load::{LoadError, PatternFile, weigh, weigh_all};
use super::profile::ProfileFile;
use super::{compile, edges, names, required, template, whole};

/// Technologies a rule's `scope` may name.
const SCOPES: [&str; 14] = [
    "node", "nest", "nx", "yarn", "npm", "pnpm", "postgres", "psql", "redis", "nginx", "mysql", "kernel", "shell",
    "docker",
];
/// Placeholders that are always there.
const BUILT_IN: [&str; 6] = ["container", "service", "server_service", "port", "health_path", "log_file"];

/// One defect of a rule file, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file as the user knows it.
    pub file: String,
    /// Line from 1.
    pub line: usize,
    /// Column from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The line itself.
    pub excerpt: String,
    /// The one thing to do.
    pub help: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gutter = self.line.to_string();
        let blank = " ".repeat(gutter.len());
        writeln!(f, "error: {}", self.message)?;
        writeln!(f, "{blank}--> {}:{}:{}", self.file, self.line, self.column)?;
        writeln!(f, "{gutter} | {}", self.excerpt)?;
        writeln!(f, "{blank} | {}^", " ".repeat(self.column.saturating_sub(1)))?;
        write!(f, "{blank} = help: {}", self.help)
    }
}

impl Problem {
    /// A problem at a byte of a file.
    #[must_use]
    pub fn at(file: &PatternFile, offset: usize, message: impl Into<String>, help: impl Into<String>) -> Self {
        let before = file.text.get(..offset).unwrap_or(&file.text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let excerpt = file.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        Self {
            file: file.shown.clone(),
            line: before.matches('\n').count() + 1,
            column: before.get(start..).unwrap_or_default().chars().count() + 1,
            message: message.into(),
            excerpt: excerpt.chars().take(160).collect(),
            help: help.into(),
        }
    }

    /// A problem at the first place where `word` occurs, else at the file's beginning.
    #[must_use]
    pub fn near(file: &PatternFile, word: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::at(file, file.text.find(word).unwrap_or(0), message, help)
    }
}

/// Judges one file by itself. The rule is given back when it could be read at all.
#[must_use]
pub fn check_text(file: &PatternFile) -> (Option<RuleFile>, Vec<Problem>) {
    if file.name.starts_with("profiles/") {
        return (None, check_profile(file));
    }
    match toml::from_str::<RuleFile>(&file.text) {
        Err(error) => (None, vec![unreadable(file, &error)]),
        Ok(rule) if let Err(error) = weigh(file, &rule, &mut 0) => (None, vec![too_large(file, &error)]),
        Ok(rule) => {
            let mut judge = Judge { file, rule: &rule, problems: Vec::new() };
            judge.identity();
            judge.clauses();
            judge.corroborate();
            judge.captures();
            judge.advice();
            judge.examples();
            let problems = judge.problems;
            (Some(rule), problems)
        }
    }
}

fn unreadable(file: &PatternFile, error: &toml::de::Error) -> Problem {
    let offset = error.span().map_or(0, |span| span.start);
    Problem::at(file, offset, error.message().trim(), "see docs/rule-format.md for the fields of a rule")
}

fn too_large(file: &PatternFile, error: &LoadError) -> Problem {
    let (near, what) = match error {
        LoadError::Regex { what, error, .. } => (what.as_str(), format!("{what}: {error}")),
        error => ("", error.to_string()),
    };
    Problem::near(file, near, what, error.help())
}

fn check_profile(file: &PatternFile) -> Vec<Problem> {
    let profile: ProfileFile = match toml::from_str(&file.text) {
        Ok(profile) => profile,
        Err(error) => return vec![unreadable(file, &error)],
    };
    if let Err(error) = weigh_all(file, profile.clauses(), &mut 0) {
        return vec![too_large(file, &error)];
    }
    let mut problems: Vec<_> = profile.clauses().filter_map(|(_, clause)| clause_problem(file, clause)).collect();
    if format!("profiles/{}.toml", profile.id) != file.name {
        let message = format!("the id \"{}\" is not the file's name", profile.id);
        problems.push(Problem::near(file, "id", message, "name the file after the id"));
    }
    problems
}

/// Judges rules in each other's company: `explains` and `explained_by` must name rules, and nobody explains himself.
#[must_use]
pub fn check_together(files: &[(PatternFile, RuleFile)]) -> Vec<Problem> {
    let mut rules: Vec<&(PatternFile, RuleFile)> = files.iter().collect();
    rules.sort_by(|a, b| a.1.id.cmp(&b.1.id));
    let mut problems = Vec::new();
    for (file, rule) in &rules {
        for pattern in rule.explains.iter().chain(&rule.explained_by) {
            if !rules.iter().any(|(_, other)| names(pattern, &other.id)) {
                let message = format!("\"{pattern}\" is no rule's id");
                problems.push(Problem::near(
                    file,
                    &format!("\"{pattern}\""),
                    message,
                    "name an existing rule, or area/*",
                ));
            }
        }
    }
    let plain: Vec<RuleFile> = rules.iter().map(|(_, rule)| rule.clone()).collect();
    let graph = edges(&plain);
    for (index, (file, rule)) in rules.iter().enumerate() {
        if rule.role == Role::Cause && reaches(&graph, &plain, index, index) {
            let message = format!("{} explains itself through other rules", rule.id);
            problems.push(Problem::near(file, "explains", message, "drop the edge that leads from effect to cause"));
        }
    }
    problems
}

fn reaches(graph: &[Vec<usize>], rules: &[RuleFile], from: usize, goal: usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut open: Vec<usize> = graph.get(from).cloned().unwrap_or_default();
    while let Some(next) = open.pop() {
        if next == goal {
            return true;
        }
        if seen.insert(next) && rules.get(next).is_some_and(|rule| rule.role == Role::Cause) {
            open.extend(graph.get(next).into_iter().flatten());
        }
    }
    false
}

/// What keeps a clause from ever matching.
pub(super) fn clause_problem(file: &PatternFile, clause: &ClauseSpec) -> Option<Problem> {
    let near = format!("\"{}\"", clause.name);
    let problem = |message: String, help: &str| Some(Problem::near(file, &near, message, help));
    let name = &clause.name;
    let forms = [clause.contains.is_some(), clause.regex.is_some(), !clause.state.is_empty()];
    if forms.iter().filter(|form| **form).count() != 1 {
        return problem(format!("clause \"{name}\" needs exactly one of contains, regex, state"), "keep one of them");
    }
    if let Some(wrong) = facts_problem(file, clause) {
        return Some(wrong);
    }
    for pattern in clause.regex.iter().chain(&clause.not) {
        if let Err(error) = compile(pattern) {
            let offset = file.text.find(&**pattern).unwrap_or(0);
            let message = format!("clause \"{name}\": {error}");
            return Some(Problem::at(
                file,
                offset,
                message,
                "this is Rust regex syntax: no look-around, no back-references",
            ));
        }
    }
    if clause.state.is_empty() && required(clause).is_empty() {
        let help = "put a text of four or more plain bytes that every match contains into it";
        return problem(format!("clause \"{name}\" has no required literal"), help);
    }
    None
}

/// What is wrong with the facts of a `state` clause.
fn facts_problem(file: &PatternFile, clause: &ClauseSpec) -> Option<Problem> {
    let place = format!("clause \"{}\"", clause.name);
    clause.state.iter().find_map(|(key, value)| fact_problem(file, &place, key, value))
}

/// What is wrong with a fact and the regex for its value.
fn fact_problem(file: &PatternFile, place: &str, key: &str, value: &str) -> Option<Problem> {
    if !is_fact(key) {
        let known: Vec<&str> = FACTS.iter().map(|(key, _)| *key).collect();
        let message = format!("\"{key}\" is no fact of a container's state");
        return Some(Problem::near(file, key, message, format!("one of {}", known.join(", "))));
    }
    let error = compile(&whole(value)).err()?;
    let help = "this is Rust regex syntax, and it must match the whole value";
    Some(Problem::near(file, value, format!("{place}: {error}"), help))
}

struct Judge<'a> {
    file: &'a PatternFile,
    rule: &'a RuleFile,
    problems: Vec<Problem>,
}

impl Judge<'_> {
    fn blame(&mut self, near: &str, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem::near(self.file, near, message, help));
    }

    fn identity(&mut self) {
        let rule = self.rule;
        if rule.schema != SCHEMA {
            self.blame("schema", format!("schema {} is not known", rule.schema), format!("write schema = {SCHEMA}"));
        }
        if format!("{}.toml", rule.id) != self.file.name {
            self.blame("id ", format!("the id \"{}\" is not the file's path", rule.id), "id and path are area/fault");
        }
        for word in rule.scope.iter().filter(|word| !SCOPES.contains(&word.as_str())) {
            self.blame(word, format!("\"{word}\" is no technology"), format!("one of {}", SCOPES.join(", ")));
        }
    }

    fn clauses(&mut self) {
        let rule = self.rule;
        let matching = &rule.matching;
        let forms = [!matching.any.is_empty(), !matching.all.is_empty(), !matching.sequence.is_empty()];
        let count = forms.iter().filter(|form| **form).count();
        if count > 1 || (count == 0 && matching.derived.is_none()) {
            self.blame("[match]", "[match] needs exactly one of any, all, sequence, or derived", "keep one of them");
        }
        let mut seen = BTreeSet::new();
        for (_, clause) in rule.clauses() {
            if !seen.insert(&clause.name) {
                self.blame(
                    &clause.name,
                    format!("two clauses are named \"{}\"", clause.name),
                    "give each its own name",
                );
            }
            self.problems.extend(clause_problem(self.file, clause));
        }
    }

    fn corroborate(&mut self) {
        for (key, values) in &self.rule.corroborate {
            if values.is_empty() {
                self.blame(
                    key,
                    format!("[corroborate] gives no value for \"{key}\""),
                    "give a regex, or drop the fact",
                );
            }
            let problems = values.iter().filter_map(|value| fact_problem(self.file, "[corroborate]", key, value));
            self.problems.extend(problems);
        }
    }

    fn captures(&mut self) {
        let rule = self.rule;
        let groups: Vec<BTreeSet<String>> = rule.matching.clauses().iter().map(|clause| groups(clause)).collect();
        let all: BTreeSet<&String> = groups.iter().flatten().collect();
        for group in &all {
            if !rule.captures.contains_key(*group) {
                self.blame(
                    &format!("P<{group}>"),
                    format!("the capture \"{group}\" is not declared"),
                    "say in [captures] what it is",
                );
            }
        }
        for name in rule.captures.keys().filter(|name| matches!(name.as_str(), "container" | "service")) {
            let help = "give the capture another name, and write {its_name|…} where it comes first";
            self.blame(name, format!("the capture \"{name}\" would hide the built-in one"), help);
        }
        let derived = rule.matching.derived.is_some();
        for name in rule.captures.keys().filter(|name| !derived && !all.contains(name)) {
            self.blame(name, format!("no clause captures \"{name}\""), "remove it from [captures], or capture it");
        }
        let always = |name: &str| {
            BUILT_IN.contains(&name)
                || (groups.is_empty() && derived)
                || (!groups.is_empty() && !derived && groups.iter().all(|set| set.contains(name)))
        };
        for (text, lone) in texts(rule) {
            if let Some(inner) = template::broken(text) {
                let help = "behind the last bar may stand letters, digits, _, - and .";
                self.blame(inner, format!("{{{inner}}} is no placeholder"), help);
            }
            let (bare, mentioned) = template::placeholders(text);
            if let Some(name) =
                mentioned.iter().find(|name| !BUILT_IN.contains(name) && !rule.captures.contains_key(**name))
            {
                self.blame(text, format!("{{{name}}} is no capture of this rule"), "use a declared capture");
            } else if let Some(name) = bare.iter().find(|name| lone && !always(name)) {
                let help = "put the stretch that needs it into [square brackets]";
                self.blame(text, format!("not every alternative captures {{{name}}}"), help);
            }
        }
    }

    fn advice(&mut self) {
        let rule = self.rule;
        let missing = [
            ("[[remedy]]", rule.remedy.is_empty()),
            ("[[verify]]", rule.verify.is_empty()),
            ("[[reference]]", rule.reference.is_empty()),
        ];
        for (part, _) in missing.iter().filter(|(_, missing)| *missing) {
            self.blame("id ", format!("{} has no {part}", rule.id), format!("add a {part}"));
        }
        for text in [&rule.title, &rule.summary, &rule.impact] {
            if text.trim().is_empty() {
                self.blame(
                    "id ",
                    format!("{} has an empty title, summary or impact", rule.id),
                    "say it in one sentence",
                );
            }
        }
    }

    /// An example is a log or a state, and each line of a state is a fact.
    fn example_text(&mut self, example: &ExampleSpec) {
        if example.log.is_empty() == example.state.is_empty() {
            self.blame(&example.name, "an example needs exactly one of log, state", "keep one of the two");
        }
        for line in example.state.lines().filter(|line| !line.trim().is_empty() && fact(line).is_none()) {
            self.blame(line, format!("\"{line}\" is no fact"), "write a line as fact: value; see docs/rule-format.md");
        }
    }

    fn examples(&mut self) {
        let rule = self.rule;
        let names: BTreeSet<&str> = rule.matching.clauses().iter().map(|clause| clause.name.as_str()).collect();
        let mut reached = BTreeMap::new();
        let mut negative = 0;
        for example in &rule.example {
            self.example_text(example);
            match &example.matches {
                Expected::Flag(true) => {
                    self.blame(&example.name, "matches = true says nothing", "name the alternative that matches");
                }
                Expected::Flag(false) => {
                    negative += 1;
                    if example.why.is_none() {
                        self.blame(&example.name, "an example that must not match needs a why", "say why in one line");
                    }
                }
                Expected::Clause(name) => {
                    if !names.contains(name.as_str()) && (rule.matching.derived.is_none() || name != "derived") {
                        self.blame(
                            &example.name,
                            format!("there is no alternative \"{name}\""),
                            "name one of the clauses",
                        );
                    }
                    *reached.entry(name.as_str()).or_insert(0) += 1;
                }
            }
        }
        if negative == 0 {
            self.blame(
                "id ",
                format!("{} has no example that must not match", rule.id),
                "add a near miss with matches = false",
            );
        }
        for name in names.iter().filter(|name| !reached.contains_key(**name)) {
            let near = format!("\"{name}\"");
            self.blame(&near, format!("no example reaches the alternative \"{name}\""), "add an example for it");
        }
    }
}

/// Texts with placeholders; the flag tells whether a missing capture would leave a hole in a sentence.
fn texts(rule: &RuleFile) -> Vec<(&str, bool)> {
    let mut texts = vec![(rule.title.as_str(), true), (rule.summary.as_str(), true), (rule.impact.as_str(), true)];
    texts.extend(rule.remedy.iter().map(|remedy| (remedy.step.as_str(), true)));
    texts.extend(rule.remedy.iter().filter_map(|remedy| remedy.run.as_deref()).map(|run| (run, false)));
    texts.extend(rule.verify.iter().flat_map(|verify| [(verify.run.as_str(), false), (verify.expect.as_str(), false)]));
    texts
}

fn groups(clause: &ClauseSpec) -> BTreeSet<String> {
    let patterns = clause.regex.as_deref().into_iter().chain(clause.state.values().map(String::as_str));
    let compiled: Vec<_> = patterns.filter_map(|pattern| compile(pattern).ok()).collect();
    compiled.iter().flat_map(|regex| regex.capture_names().flatten()).map(str::to_owned).collect()
}
