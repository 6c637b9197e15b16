//! Report v1: the frozen structs that every output renders.
//!
//! Field names and meanings are a contract (`docs/report-v1.schema.json`); changes are additions only. All text in here is
//! already redacted and free of control sequences; a writer computes nothing.

use std::collections::BTreeMap;

use serde::Serialize;

/// The value of [`Report::schema`].
pub const SCHEMA: &str = "diagnose.report/1";

/// One diagnosis, ready to be written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// What wrote the report.
    pub tool: Tool,
    /// When, as RFC 3339 in UTC; given as an argument, never read from a clock in here.
    pub generated_at: String,
    /// The answer in one word.
    pub verdict: Verdict,
    /// The answer in one sentence.
    pub summary: String,
    /// Display name of the application whose start was recognised (`Twenty CRM`), if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// What was read.
    pub inputs: Vec<Input>,
    /// The root cause first, then independent faults in rank order.
    pub causes: Vec<Cause>,
    /// Findings that a later line proved to be over.
    pub cleared: Vec<Cleared>,
    /// Error-like records that no rule covers, the most telling first.
    pub unexplained: Vec<Unexplained>,
    /// Rules whose words occurred but that did not hold, and why.
    pub ruled_out: Vec<RuledOut>,
    /// Boots and phases.
    pub timeline: Timeline,
    /// Containers whose state was asked for; empty for files and pipes.
    pub containers: Vec<Container>,
    /// How much was seen.
    pub coverage: Coverage,
    /// What was masked.
    pub redactions: Redactions,
    /// Facts that do not decide the verdict but that a reader should know; each one sentence.
    pub notes: Vec<String>,
    /// What would bring the missing evidence; only when the verdict is `unknown` or `starting`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<NextStep>,
    /// The documented way back and the one to call when the remedies do not help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
}

/// Name and version of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tool {
    /// `diagnose`.
    pub name: &'static str,
    /// Its version.
    pub version: String,
}

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The application came up and nothing stands against it.
    Healthy,
    /// Nothing failed so far and the start is not over.
    Starting,
    /// The application serves, but something is broken.
    Degraded,
    /// The start failed.
    Failed,
    /// The input proves nothing.
    Unknown,
}

/// One thing that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Input {
    /// As the user typed it; `<stdin>` for a pipe.
    pub name: String,
    /// `file`, `stdin`, `docker`.
    pub kind: String,
    /// `plain`, `gzip`, `zstd`, and the envelope (`docker-json`, `compose`, …), joined by `+`.
    pub format: String,
    /// Bytes after decompression.
    pub bytes: u64,
    /// Lines, the last one counted even without a newline.
    pub lines: u64,
    /// Time of the first line that has one, RFC 3339 (without offset when the log gives no zone).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_time: Option<String>,
    /// Time of the last line that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_time: Option<String>,
    /// Why reading ended early, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<String>,
}

/// A fault that is blamed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cause {
    /// The rule's id, `area/fault`.
    pub rule: String,
    /// What is wrong, with the names from the log filled in.
    pub title: String,
    /// `critical`, `error`, `warning`, `info`.
    pub severity: String,
    /// How sure the verdict is.
    pub confidence: Confidence,
    /// `cause` or `symptom`.
    pub role: String,
    /// Phase of the start in which it struck.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// The container it was found in; only where containers were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// Number of the boot, from 1.
    pub boot: u32,
    /// How often it occurred in that boot.
    pub count: u64,
    /// Time of the first occurrence, or `source:line` without a time.
    pub first: String,
    /// Time of the last occurrence, or `source:line` without a time.
    pub last: String,
    /// Named parts of the matched lines.
    pub captures: BTreeMap<String, String>,
    /// Why this one is blamed, in rank order.
    pub reasons: Vec<String>,
    /// The lines that prove it.
    pub evidence: Vec<Evidence>,
    /// What followed from it.
    pub consequences: Vec<Consequence>,
    /// What it means and why it happens.
    pub summary: String,
    /// What the user sees because of it.
    pub impact: String,
    /// Entries of the application's documentation it corresponds to, each with what to make of the documented cure.
    pub documented: Vec<String>,
    /// Steps that mend it, in order.
    pub remedies: Vec<Remedy>,
    /// How to see that it worked.
    pub verify: Vec<Verify>,
    /// Where to read on.
    pub references: Vec<Reference>,
}

/// How sure the verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A generic line, or a guess from what is missing.
    Possible,
    /// A line that usually means this.
    Likely,
    /// A line that names the fault itself, or two independent kinds of evidence.
    Confirmed,
}

/// A line that proves something, with its surroundings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The input's name.
    pub source: String,
    /// Line number in that input, from 1.
    pub line: u64,
    /// Its time, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// `stdout` or `stderr`, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// The line, without transport prefixes and colours.
    pub text: String,
    /// Bytes of the line before those that are shown; none are left when the report is sealed.
    #[serde(skip)]
    pub unshown: usize,
    /// The lines before it, blank ones as well, nearest last; at most five.
    pub before: Vec<String>,
    /// The lines after it, blank ones as well; at most five.
    pub after: Vec<String>,
}

/// A finding that another one explains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consequence {
    /// The rule's id.
    pub rule: String,
    /// What happened.
    pub title: String,
    /// How often.
    pub count: u64,
    /// Where it is seen.
    pub evidence: Vec<Evidence>,
}

/// One step of a cure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// What to do.
    pub step: String,
    /// The command that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// `none`, `restart`, `data-loss`.
    pub risk: String,
}

/// One check that the cure worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verify {
    /// The command.
    pub run: String,
    /// What it must show.
    pub expect: String,
}

/// Where to read on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// A finding that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cleared {
    /// The rule's id.
    pub rule: String,
    /// What had happened.
    pub title: String,
    /// The line that proves the recovery.
    pub cleared_by: Evidence,
}

/// An error-like record that no rule covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unexplained {
    /// The input's name.
    pub source: String,
    /// Line number, from 1.
    pub line: u64,
    /// The record, at most a few lines of it.
    pub text: String,
    /// Why it looks like an error.
    pub why: String,
}

/// A rule that was considered and dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuledOut {
    /// The rule's id.
    pub rule: String,
    /// Why it does not hold.
    pub why: String,
}

/// Boots in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// Every life of the process that was seen; the last one is judged.
    pub boots: Vec<Boot>,
}

/// One life of the process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Boot {
    /// From 1.
    pub number: u32,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began: Option<String>,
    /// When its last line was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// `ready`, `failed`, `unfinished`.
    pub outcome: String,
    /// For a failed boot, the id that is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Its phases in order of the profile.
    pub phases: Vec<Phase>,
}

/// One phase of a start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phase {
    /// Its name in the profile.
    pub name: String,
    /// When it was entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entered: Option<String>,
    /// When it was left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// `passed`, `failed`, `entered` (and not left), `never-reached`.
    pub outcome: String,
    /// Display name (`database migrations`).
    pub title: String,
    /// Milliseconds between entering and leaving, where the log has times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub millis: Option<u64>,
}

/// State of one container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its compose service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Its image.
    pub image: String,
    /// As the engine says it: `running`, `exited`, …
    pub status: String,
    /// As the engine says it: `healthy`, `unhealthy`, `starting`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<String>,
    /// Exit status of the last run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// Whether the kernel's memory limit ended a process in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oom_killed: Option<bool>,
    /// Restarts by policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_count: Option<i64>,
}

/// How much was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Lines in all inputs.
    pub lines: u64,
    /// Records that a rule or mark looked at.
    pub records_judged: u64,
    /// Rules that were looked for.
    pub rules: u64,
    /// The profile whose phases were used.
    pub profile: String,
    /// Whether the last boot's beginning is inside the input.
    pub start_seen: bool,
}

/// What was masked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Redactions {
    /// Occurrences masked.
    pub count: u64,
    /// Occurrences by kind (`url-password`, `token`, `email`, …).
    pub kinds: BTreeMap<String, u64>,
    /// There were too many secrets to look for each wherever it occurs again: those beyond were masked where they stand as secrets.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub too_many: bool,
}

/// A command that would bring missing evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// What is missing.
    pub missing: String,
    /// The command that brings it.
    pub run: String,
}

/// The way back, and whom to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Escalation {
    /// Commands that restore what ran before, in order.
    pub rollback: Vec<String>,
    /// Who takes over.
    pub contact: String,
    /// What to hand over.
    pub hand_over: String,
}
