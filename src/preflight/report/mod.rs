//! The report of `preflight`: its frozen structs, masked and cleaned once, and its writers, which compute nothing.

mod build;
pub mod json;
pub mod markdown;
pub mod sarif;
pub mod text;

use serde::Serialize;

use crate::report::model::Tool;

pub use build::build;

/// What was asked of the report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Only findings of this service.
    pub service: Option<String>,
    /// Show secrets.
    pub no_redact: bool,
}

/// `diagnose.preflight/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `diagnose.preflight/1`.
    pub schema: String,
    /// Who wrote it.
    pub tool: Tool,
    /// The worst of the findings.
    pub verdict: Verdict,
    /// In order of files and lines.
    pub findings: Vec<Found>,
    /// The files that were read.
    pub inputs: Vec<Input>,
    /// What was not looked at, and why.
    pub notes: Vec<String>,
}

/// The findings counted by level, for a headline.
fn counted<'r>(findings: impl Iterator<Item = &'r Found> + Clone) -> String {
    let count = |word: &str| findings.clone().filter(|finding| finding.severity == word).count();
    let counted = ["error", "warning", "note"].map(|word| (word, count(word)));
    let parts = counted.iter().filter(|(_, count)| *count > 0).map(|(word, count)| plural(*count, word));
    let said = parts.collect::<Vec<_>>().join(", ");
    if said.is_empty() { "nothing found".to_owned() } else { said }
}

/// The findings, the worst first; of one level in order of files and lines.
fn ranked(report: &Report) -> Vec<&Found> {
    let mut findings: Vec<&Found> = report.findings.iter().collect();
    findings.sort_by_key(|finding| match finding.severity.as_str() {
        "error" => 0,
        "warning" => 1,
        _ => 2,
    });
    findings
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Whether the deployment will start, as far as its files tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No errors and no warnings; notes at most.
    Clean,
    /// Warnings.
    Warnings,
    /// Errors.
    Errors,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The check.
    pub id: String,
    /// `error`, `warning`, `note`.
    pub severity: String,
    /// Path below the deployment's folder.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Where it ends.
    pub end_line: usize,
    /// The column behind its end.
    pub end_column: usize,
    /// What the check looks for, without values.
    pub title: String,
    /// What is wrong here.
    pub message: String,
    /// Why it fails.
    pub why: String,
    /// What to write instead.
    pub instead: String,
    /// A change that mends it, where one is certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// The rule that names it at run time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Where to read on.
    pub references: Vec<Link>,
    /// The lines it stands in.
    pub lines: Vec<Line>,
    /// Good for any deployment and no fault of this one: the text for a terminal leaves it out.
    #[serde(skip)]
    pub advice: bool,
    /// Column and length of the carets below the first of them: where the finding stands in the masked text.
    #[serde(skip)]
    pub mark: (usize, usize),
}

/// A line as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// From 1.
    pub number: usize,
    /// Its text, masked.
    pub text: String,
}

/// Where to read on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// A change that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// As a unified diff without context.
    pub diff: String,
    /// Its single changes; absent where one of them would hold a secret.
    pub edits: Vec<Change>,
}

/// A stretch of a file and what to write in its place. Lines and columns from 1, the end is exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Path below the deployment's folder.
    pub file: String,
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column behind the end.
    pub end_column: usize,
    /// The new text.
    pub text: String,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Input {
    /// Path below the deployment's folder.
    pub file: String,
    /// `compose`, `dockerfile`, `script`, `env`, `nginx`, `package`.
    pub kind: String,
    /// How many lines it has.
    pub lines: usize,
}
