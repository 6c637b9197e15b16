//! What a check's file holds, exactly as people write it.
//!
//! This file is also compiled into the build script; it therefore depends on serde alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One `patterns/checks/<area>/<name>.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckFile {
    /// Always 1.
    pub schema: u32,
    /// `area/name`, equal to the file's path.
    pub id: String,
    /// What is wrong, in a few words, without values.
    pub title: String,
    /// How bad it is at most; the function may say less.
    pub severity: Level,
    /// What is wrong here; holds `{values}`, and stretches in `[brackets]` that are dropped when a value is missing.
    pub message: String,
    /// Why it fails.
    pub why: String,
    /// What to write instead; may hold values.
    pub instead: String,
    /// The rule that names it at run time, if one does.
    #[serde(default)]
    pub cause: Option<String>,
    /// Good for any deployment, and no fault of this one: the text for a terminal does not say it each time.
    #[serde(default)]
    pub advice: bool,
    /// The check as a text that is looked for, instead of a function.
    #[serde(default)]
    pub text: Option<TextSpec>,
    /// Where to read on.
    #[serde(default)]
    pub reference: Vec<Reference>,
    /// Deployments in which it is found.
    #[serde(default)]
    pub failing: Vec<Failing>,
    /// Deployments in which nothing is wrong.
    #[serde(default)]
    pub clean: Vec<Clean>,
}

/// How bad a finding is. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Style, or worth knowing.
    Note,
    /// The start can fail.
    Warning,
    /// The start fails for certain, or its failure is hidden.
    Error,
}

impl Level {
    /// The word in files and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// `[text]`: each match in a file of these kinds is a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSpec {
    /// `compose`, `dockerfile`, `script`, `env`, `nginx`, `package`.
    pub kinds: Vec<String>,
    /// Multi-line; the group `at` is what the finding points to, else the whole match. Named groups are values of the message.
    pub regex: String,
}

/// `[[reference]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// `[[failing]]`, with its files in `[failing.files]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failing {
    /// What it shows.
    pub name: String,
    /// The file the finding stands in.
    pub file: String,
    /// Its line.
    pub line: usize,
    /// The level it has here, when the function says less than the check.
    #[serde(default)]
    pub severity: Option<Level>,
    /// The finding's file after its fix, line by line, when a fix is certain.
    #[serde(default)]
    pub fixed: Option<String>,
    /// Path to text.
    pub files: BTreeMap<String, String>,
    /// Path to whether it may be executed; not known of the others.
    #[serde(default)]
    pub executable: BTreeMap<String, bool>,
}

/// `[[clean]]`, with its files in `[clean.files]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clean {
    /// What it shows.
    pub name: String,
    /// Path to text.
    pub files: BTreeMap<String, String>,
    /// Path to whether it may be executed; not known of the others.
    #[serde(default)]
    pub executable: BTreeMap<String, bool>,
}
