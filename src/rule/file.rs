//! What a rule file holds, exactly as people write it.
//!
//! This file is also compiled into the build script, which turns `patterns/` into one table; it therefore depends on serde alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The value of `schema` this program reads.
pub(crate) const SCHEMA: u32 = 1;

/// One `patterns/<area>/<fault>.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// Whether it is none of the program's own.
    #[serde(skip)]
    pub added: bool,
    /// `area/fault`, equal to the file's path.
    pub id: String,
    /// What is wrong, in a line; may hold `{captures}`.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whether it can be to blame.
    pub role: Role,
    /// Phases in which it strikes.
    #[serde(default)]
    pub phases: Vec<String>,
    /// Technologies whose records may match; empty = any.
    #[serde(default)]
    pub scope: Vec<String>,
    /// What it means and why it happens.
    pub summary: String,
    /// What the user sees because of it.
    pub impact: String,
    /// Ids that are consequences of this fault; `area/*` for a whole area.
    #[serde(default)]
    pub explains: Vec<String>,
    /// Ids that explain this one; `*` for every cause.
    #[serde(default)]
    pub explained_by: Vec<String>,
    /// Entries of the application's documentation it corresponds to.
    #[serde(default)]
    pub documented: Vec<String>,
    /// Seen alone, the finding proves no verdict: the answer stays `unknown`.
    #[serde(default)]
    pub inconclusive: bool,
    /// A fault of the start: in a process that was up before and goes on calmly after it, the same words tell of one handled request.
    #[serde(default)]
    pub start_only: bool,
    /// It stays until somebody mends it: that a process which was up before goes on, or says again that it is up, is no proof that it is over.
    #[serde(default)]
    pub lasting: bool,
    /// It tells that another program does not answer: what is wrong with that program explains it.
    #[serde(default)]
    pub remote: bool,
    /// How it is recognised.
    #[serde(rename = "match")]
    pub matching: MatchSpec,
    /// What is first seen behind it, in the same input, follows from it and is no fault.
    #[serde(default)]
    pub excuses: bool,
    /// Each named group of the clauses, in words.
    #[serde(default)]
    pub captures: BTreeMap<String, String>,
    /// Facts of the container's state that lift the confidence: fact to a regex of which one must match the whole value.
    #[serde(default)]
    pub corroborate: BTreeMap<String, Vec<String>>,
    /// What proves that it is over.
    #[serde(default)]
    pub cleared_by: Option<ClearSpec>,
    /// Steps that mend it.
    #[serde(default)]
    pub remedy: Vec<RemedySpec>,
    /// How to see that it worked.
    #[serde(default)]
    pub verify: Vec<VerifySpec>,
    /// Where to read on.
    #[serde(default)]
    pub reference: Vec<ReferenceSpec>,
    /// Proofs.
    #[serde(default)]
    pub example: Vec<ExampleSpec>,
}

impl RuleFile {
    /// The first part of its id.
    #[must_use]
    pub fn area(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }

    /// Without what is said of the fault once it is found, and what was derived from it: a start need not read that.
    #[must_use]
    pub fn brief(&self) -> Self {
        Self {
            summary: String::new(),
            impact: String::new(),
            explains: Vec::new(),
            explained_by: Vec::new(),
            captures: BTreeMap::new(),
            remedy: Vec::new(),
            verify: Vec::new(),
            reference: Vec::new(),
            ..self.clone()
        }
    }
}

/// How bad a fault is. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth mending some day.
    Warning,
    /// Something is broken.
    Error,
    /// The start fails.
    Critical,
}

impl Severity {
    /// The word in files and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// Whether a finding can be to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Can be the root cause.
    Cause,
    /// Tells that something failed, not why.
    Symptom,
}

impl Role {
    /// The word in files and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cause => "cause",
            Self::Symptom => "symptom",
        }
    }
}

/// `[match]`: exactly one of `any`, `all`, `sequence`; or `derived`, alone or beside one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchSpec {
    /// One clause suffices.
    #[serde(default)]
    pub any: Vec<Arc<ClauseSpec>>,
    /// Each clause must match in the same boot of the same log.
    #[serde(default)]
    pub all: Vec<Arc<ClauseSpec>>,
    /// Each clause, in this order.
    #[serde(default)]
    pub sequence: Vec<Arc<ClauseSpec>>,
    /// The rule does not hold when one of these matches in the same boot.
    #[serde(default)]
    pub absent: Vec<Arc<ClauseSpec>>,
    /// `30s`, `5m`, `500ms`: how far apart the clauses may lie.
    #[serde(default)]
    pub window: Option<String>,
    /// Found by the diagnosis itself, not by clauses.
    #[serde(default)]
    pub derived: Option<Derived>,
}

impl MatchSpec {
    /// The clauses of which one or all must match.
    #[must_use]
    pub fn clauses(&self) -> &[Arc<ClauseSpec>] {
        if !self.any.is_empty() {
            &self.any
        } else if !self.all.is_empty() {
            &self.all
        } else {
            &self.sequence
        }
    }

    /// Which of the four forms it is.
    #[must_use]
    pub const fn form(&self) -> MatchForm {
        if !self.any.is_empty() {
            MatchForm::Any
        } else if !self.all.is_empty() {
            MatchForm::All
        } else if !self.sequence.is_empty() {
            MatchForm::Sequence
        } else {
            MatchForm::Derived
        }
    }
}

/// How the clauses of a rule go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchForm {
    /// One suffices.
    Any,
    /// All of them.
    All,
    /// All of them, in order.
    Sequence,
    /// None: the diagnosis finds it.
    Derived,
}

/// Findings that no single line shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Derived {
    /// A step claimed success although evidence of its failure stands before the claim.
    MaskedFailure,
    /// The proxy asks for another port than the one the application reports.
    WrongPort,
    /// The proxy is refused at the right port, because the application listens on loopback only.
    WrongAddress,
    /// The application says that it is up, and nothing listens in its container.
    NeverOpened,
    /// A container that another one needs to run ended without an error.
    NeededEnded,
    /// The health check gave up before the start was over, and nothing else is wrong.
    HealthBudget,
    /// The health check asks a port or path that the application, which is up, does not serve.
    HealthProbe,
    /// The log ends with an error that nothing caught, and no rule knows why.
    LastWord,
}

/// One way a fault is worded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClauseSpec {
    /// Its name among the alternatives.
    pub name: String,
    /// This text occurs in the record.
    #[serde(default)]
    pub contains: Option<String>,
    /// This regex matches the record (always multi-line).
    #[serde(default)]
    pub regex: Option<Arc<str>>,
    /// These facts of the container's state have these values: fact to a regex that the whole value must match.
    #[serde(default)]
    pub state: BTreeMap<String, String>,
    /// This regex must not match the record.
    #[serde(default)]
    pub not: Option<Arc<str>>,
    /// Lowest level of a record that may match, if the record has one.
    #[serde(default)]
    pub level: Option<LevelSpec>,
    /// How much a match proves.
    #[serde(default)]
    pub strength: Option<Strength>,
    /// Captures that must equal those of the matched clause.
    #[serde(default)]
    pub same: Vec<String>,
    /// Looked for only in the tail of the input.
    #[serde(default)]
    pub tail: bool,
    /// In `cleared_by`: counts only in the log, or the service's part of it, that shows the fault.
    #[serde(default)]
    pub own: bool,
    /// It tells that a process ended: that of the unit which its capture `name` or `command` names.
    #[serde(default)]
    pub ends: bool,
}

/// Lowest level a clause accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LevelSpec {
    /// Any level.
    Info,
    /// Warnings and above.
    Warn,
    /// Errors and above.
    Error,
}

/// How much a matched clause proves. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// A generic line.
    Hints,
    /// A line that usually means this.
    Suggests,
    /// A line that names the fault itself.
    Names,
}

/// `[cleared_by]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClearSpec {
    /// The application's report that it is up is a proof.
    #[serde(default)]
    pub ready: bool,
    /// One of these after the last match is a proof.
    #[serde(default)]
    pub any: Vec<Arc<ClauseSpec>>,
}

/// `[[remedy]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemedySpec {
    /// What to do.
    pub step: String,
    /// The command that does it.
    #[serde(default)]
    pub run: Option<String>,
    /// What it can cost.
    pub risk: Risk,
}

/// What a remedy can cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing.
    None,
    /// A moment of downtime.
    Restart,
    /// Data.
    DataLoss,
}

impl Risk {
    /// The word in files and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Restart => "restart",
            Self::DataLoss => "data-loss",
        }
    }
}

/// `[[verify]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifySpec {
    /// The command.
    pub run: String,
    /// What it must show.
    pub expect: String,
}

/// `[[reference]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceSpec {
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// `[[example]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleSpec {
    /// What it shows.
    pub name: String,
    /// The alternative it matches, or `false`.
    pub matches: Expected,
    /// Why it must not match.
    #[serde(default)]
    pub why: Option<String>,
    /// What the clause must capture.
    #[serde(default)]
    pub captures: BTreeMap<String, String>,
    /// Other rules that rightly match the same log.
    #[serde(default)]
    pub also: Vec<String>,
    /// The log.
    #[serde(default)]
    pub log: String,
    /// The container's state, one `fact: value` a line.
    #[serde(default)]
    pub state: String,
}

/// `matches = "name"` or `matches = false`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Only `false` makes sense; `true` is refused by the judge.
    Flag(bool),
    /// The name of an alternative.
    Clause(String),
}

impl<'de> Deserialize<'de> for Expected {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Expected;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the name of an alternative, or false")
            }
            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Expected, E> {
                Ok(Expected::Flag(flag))
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Expected, E> {
                Ok(Expected::Clause(name.to_owned()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl Serialize for Expected {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Clause(name) => serializer.serialize_str(name),
        }
    }
}
