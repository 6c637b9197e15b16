//! `diagnose rules …`.

use std::io::{self, Write};
use std::path::Path;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;

use crate::cli::{ListFormat, RulesAction};
use crate::detect::check_examples;
use crate::num::wide;
use crate::report::words::counted;
use crate::rule::{self, LoadError, PatternFile, Problem, RuleFile, RuleSet};

use super::message::Message;
use super::output::unless_closed;

/// Runs one of the actions; gives the exit status.
///
/// # Errors
/// When rules cannot be read or do not exist.
pub(super) fn run(action: &RulesAction) -> Result<u8, Message> {
    match action {
        RulesAction::List { format, patterns } => list(*format, &load(patterns)?),
        RulesAction::Show { id, patterns } => show(id, patterns),
        RulesAction::Check { path } => check(path.as_deref(), true),
        RulesAction::Test { path } => check(path.as_deref(), false),
        RulesAction::Profiles => profiles(&load(&[])?),
        RulesAction::Literals => say(&(load(&[])?.literals.texts.join("\n") + "\n")).map(|()| 0),
    }
}

fn load(patterns: &[std::path::PathBuf]) -> Result<RuleSet, Message> {
    rule::embedded(patterns).map_err(|error| Message::new(error.to_string()).help(error.help()))
}

/// Prints what may hold texts of foreign rule files.
fn say(text: &str) -> Result<(), Message> {
    unless_closed(io::stdout().lock().write_all(crate::report::sanitize::visible(text).as_bytes()))
        .map_err(|error| Message::new(format!("cannot write: {error}")))
}

fn list(format: ListFormat, rules: &RuleSet) -> Result<u8, Message> {
    let text = match format {
        ListFormat::Json => {
            let rows: Vec<_> = rules
                .rules
                .iter()
                .map(|rule| {
                    json!({ "id": rule.id, "title": rule.title, "role": rule.role.word(), "severity": rule.severity.word(),
                            "area": rule.area(), "phases": rule.phases, "documented": rule.documented })
                })
                .collect();
            serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n"
        }
        ListFormat::Text => {
            let mut table = plain_table();
            table.set_header(["rule", "role", "severity", "title"]);
            for rule in &rules.rules {
                table.add_row([rule.id.as_str(), rule.role.word(), rule.severity.word(), rule.title.as_str()]);
            }
            format!("{table}\n\n{} rules\n", rules.rules.len())
        }
    };
    say(&text).map(|()| 0)
}

fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

fn profiles(rules: &RuleSet) -> Result<u8, Message> {
    let mut table = plain_table();
    table.set_header(["profile", "application", "port", "phases"]);
    for profile in &rules.profiles {
        let port = profile.port.map_or_else(String::new, |port| port.to_string());
        let phases: Vec<&str> = profile.phase.iter().map(|phase| phase.name.as_str()).collect();
        table.add_row([profile.id.clone(), profile.name.clone(), port, phases.join(" → ")]);
    }
    say(&format!("{table}\n")).map(|()| 0)
}

fn show(id: &str, patterns: &[std::path::PathBuf]) -> Result<u8, Message> {
    let mut files = rule::embedded_texts();
    for folder in patterns {
        files.extend(rule::read_folder(folder).map_err(|error| Message::new(error.to_string()))?);
    }
    let name = format!("{id}.toml");
    match files.iter().rev().find(|file| file.name.eq_ignore_ascii_case(&name)) {
        Some(file) => say(&file.text).map(|()| 0),
        None => {
            let mut near: Vec<(usize, &str)> = files
                .iter()
                .filter_map(|file| file.name.strip_suffix(".toml"))
                .map(|other| (common(&id.to_ascii_lowercase(), other), other))
                .collect();
            near.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
            let names: Vec<&str> = near.iter().take(3).map(|(_, other)| *other).collect();
            Err(Message::new(format!("there is no rule \"{id}\"")).help(format!("did you mean {}?", names.join(", "))))
        }
    }
}

/// How many three-letter pieces of `a` occur in `b`.
fn common(a: &str, b: &str) -> usize {
    // No id is longer.
    let letters: Vec<char> = a.chars().take(100).collect();
    letters.windows(3).filter(|piece| b.contains(&piece.iter().collect::<String>())).count()
}

/// `check` judges form and examples; `test` runs the examples alone.
fn check(path: Option<&Path>, form: bool) -> Result<u8, Message> {
    let files = match path {
        Some(path) => rule::read_folder(path)
            .map_err(|error| Message::new(error.to_string()).help("name a rule file or a folder of them"))?,
        None => rule::embedded_texts(),
    };
    if files.is_empty() {
        let none = LoadError::Empty { path: path.unwrap_or_else(|| Path::new(".")).to_owned() };
        return Err(Message::new(format!("{none}: nothing was checked")).help(none.help()));
    }
    let (mut problems, mut own, mut regexes) = (Vec::new(), Vec::new(), 0);
    for file in files {
        let (rule, found) = rule::check_text(&file);
        if form || rule.is_none() {
            problems.extend(found);
        }
        if let Some(rule) = rule {
            rule::weigh(&file, &rule, &mut regexes)
                .map_err(|error| Message::new(error.to_string()).help(error.help()))?;
            own.push((file, rule));
        }
    }
    let all = company(path, &own);
    if form {
        let names: Vec<&str> = own.iter().map(|(file, _)| file.shown.as_str()).collect();
        problems
            .extend(rule::check_together(&all).into_iter().filter(|problem| names.contains(&problem.file.as_str())));
    }
    problems.extend(examples(&own, &all)?);
    let count = own.iter().map(|(_, rule)| rule.example.len()).sum::<usize>();
    report(&problems, own.len(), count)
}

/// The rules to check, in the company of the embedded ones they do not replace.
fn company(path: Option<&Path>, own: &[(PatternFile, RuleFile)]) -> Vec<(PatternFile, RuleFile)> {
    let mut all = own.to_vec();
    if path.is_some() {
        for file in rule::embedded_texts() {
            if let (Some(rule), _) = rule::check_text(&file)
                && all.iter().all(|(_, other)| other.id != rule.id)
            {
                all.push((file, rule));
            }
        }
    }
    all
}

fn examples(own: &[(PatternFile, RuleFile)], all: &[(PatternFile, RuleFile)]) -> Result<Vec<Problem>, Message> {
    let files: Vec<PatternFile> = all.iter().map(|(file, _)| file.clone()).collect();
    let set = rule::from_texts(&files).map_err(|error| Message::new(error.to_string()))?;
    Ok(check_examples(&set, own))
}

fn report(problems: &[Problem], rules: usize, examples: usize) -> Result<u8, Message> {
    let mut text = String::new();
    let judged = format!("{}, {}", counted(wide(rules), "rule"), counted(wide(examples), "example"));
    for problem in problems {
        text.push_str(&format!("{problem}\n\n"));
    }
    if problems.is_empty() {
        text.push_str(&format!("{judged}: all as they should be\n"));
    } else {
        text.push_str(&format!("{judged}: {}\n", counted(wide(problems.len()), "problem")));
    }
    say(&text).map(|()| if problems.is_empty() { 0 } else { 1 })
}
