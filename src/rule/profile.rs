//! What a profile holds: what an application's good start looks like, exactly as people write it.
//!
//! This file is also compiled into the build script.

use serde::{Deserialize, Serialize};

use super::file::{ClauseSpec, VerifySpec};

/// One `patterns/profiles/<app>.toml`: what an application's good start looks like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileFile {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// Its name on the command line.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Of two profiles that fit, the one with the higher rank is used.
    #[serde(default)]
    pub rank: u32,
    /// A server that others wait for (database, cache, proxy), not the application itself.
    #[serde(default)]
    pub service: bool,
    /// The area of the rules about it, where that is not its id.
    #[serde(default)]
    pub area: Option<String>,
    /// The port it opens.
    #[serde(default)]
    pub port: Option<u16>,
    /// The path its health endpoint answers on.
    #[serde(default)]
    pub health_path: Option<String>,
    /// Logs it writes inside the container.
    #[serde(default)]
    pub log_files: Vec<String>,
    /// The container's usual name.
    #[serde(default)]
    pub container: Option<String>,
    /// Its images, without registry and tag; a registry or organisation before them is allowed.
    #[serde(default)]
    pub images: Vec<String>,
    /// Schemes of the URLs by which its clients find it.
    #[serde(default)]
    pub schemes: Vec<String>,
    /// Lines only this application prints.
    #[serde(default)]
    pub recognise: Vec<ClauseSpec>,
    /// Lines that begin a boot.
    #[serde(default)]
    pub boot: Vec<ClauseSpec>,
    /// Lines that a process prints once, and that begin a boot when they come again from the same process id and lane, or after the
    /// process before them had died.
    #[serde(default)]
    pub boot_again: Vec<ClauseSpec>,
    /// Lines that prove that it is up.
    #[serde(default)]
    pub ready: Vec<ClauseSpec>,
    /// Lines that prove that it ended on purpose.
    #[serde(default)]
    pub stopped: Vec<ClauseSpec>,
    /// Its phases in order.
    #[serde(default)]
    pub phase: Vec<PhaseSpec>,
    /// Its documentation's success criteria: what must hold after any cure.
    #[serde(default)]
    pub success: Vec<VerifySpec>,
    /// Its documentation's troubleshooting.
    #[serde(default)]
    pub documentation: Vec<DocumentationSpec>,
    /// The way back and whom to call.
    #[serde(default)]
    pub escalation: Option<EscalationSpec>,
}

impl ProfileFile {
    /// The area of the rules about it.
    #[must_use]
    pub fn area(&self) -> &str {
        self.area.as_deref().unwrap_or(&self.id)
    }
}

/// `[[phase]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseSpec {
    /// Its name in rules.
    pub name: String,
    /// Its name in reports.
    pub title: String,
    /// Lines that enter it.
    #[serde(default)]
    pub enter: Vec<ClauseSpec>,
    /// Lines that prove it passed.
    #[serde(default)]
    pub leave: Vec<ClauseSpec>,
    /// Lines in which a script claims that it passed; no proof.
    #[serde(default)]
    pub claim: Vec<ClauseSpec>,
    /// What can keep a start in it without a word, for an unfinished log.
    #[serde(default)]
    pub silent: Option<SilentSpec>,
    /// Shown only when it was entered.
    #[serde(default)]
    pub optional: bool,
}

/// What is missing when a log ends inside a phase, and what would bring it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilentSpec {
    /// What is missing.
    pub missing: String,
    /// The command that brings it.
    pub run: String,
}

/// `[[documentation]]`: an entry of the application's own troubleshooting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentationSpec {
    /// Its title.
    pub title: String,
    /// Its cure in a few words.
    pub cure: String,
    /// Lines that show that the cure is in place already.
    #[serde(default)]
    pub in_place: Vec<ClauseSpec>,
}

/// `[escalation]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationSpec {
    /// Commands that restore what ran before.
    pub rollback: Vec<String>,
    /// Who takes over.
    pub contact: String,
    /// What to hand over.
    pub hand_over: String,
}
