//! What a profile holds: what an application's good start looks like, exactly as people write it.
//!
//! This file is also compiled into the build script.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::file::{ClauseSpec, VerifySpec};

/// One `patterns/profiles/<app>.toml`: what an application's good start looks like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileFile {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// Whether it is none of the program's own.
    #[serde(skip)]
    pub added: bool,
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
    /// Files and folders inside the container that say, for a proxy, whom it asks.
    #[serde(default)]
    pub config_files: Vec<String>,
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
    pub recognise: Vec<Arc<ClauseSpec>>,
    /// Lines that begin a boot.
    #[serde(default)]
    pub boot: Vec<Arc<ClauseSpec>>,
    /// Lines that a process prints once, and that begin a boot when they come again from the same process id and lane, or after the
    /// process before them had died.
    #[serde(default)]
    pub boot_again: Vec<Arc<ClauseSpec>>,
    /// Lines that prove that it is up.
    #[serde(default)]
    pub ready: Vec<Arc<ClauseSpec>>,
    /// Lines that prove that it ended on purpose.
    #[serde(default)]
    pub stopped: Vec<Arc<ClauseSpec>>,
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
    /// What it needs of the deployment it runs in.
    #[serde(default)]
    pub requires: Option<RequiresSpec>,
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
    pub enter: Vec<Arc<ClauseSpec>>,
    /// Lines that prove it passed.
    #[serde(default)]
    pub leave: Vec<Arc<ClauseSpec>>,
    /// Lines in which a script claims that it passed; no proof.
    #[serde(default)]
    pub claim: Vec<Arc<ClauseSpec>>,
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
    /// Areas and ids of the rules whose faults the cure can mend; all where none is named.
    #[serde(default)]
    pub helps: Vec<String>,
    /// Lines that show that the cure is in place already.
    #[serde(default)]
    pub in_place: Vec<Arc<ClauseSpec>>,
}

/// `[escalation]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationSpec {
    /// Lines for a shell that restore what ran before.
    pub rollback: Vec<String>,
    /// Areas of rules whose faults come with a deployment, so that going back can help; all where none is named.
    #[serde(default)]
    pub deployed: Vec<String>,
    /// Who takes over.
    pub contact: String,
    /// What to hand over.
    pub hand_over: String,
}

/// `[requires]`: what an application needs of the deployment it runs in, for the look at its files before the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiresSpec {
    /// Texts that only its own Dockerfile, scripts and commands hold, for an image of any name.
    #[serde(default)]
    pub recognise: Vec<String>,
    /// Files at the root of its build context, one of which must be there besides such a text.
    #[serde(default)]
    pub files: Vec<String>,
    /// Least memory it starts in, in MiB.
    #[serde(default)]
    pub memory: Option<u64>,
    /// It keeps jobs in Redis, which must therefore throw no key away.
    #[serde(default)]
    pub queue: bool,
    /// Words in lists of packages, and in commands, that tell of such a use in any application.
    #[serde(default)]
    pub queue_words: Vec<String>,
    /// Variables, `NAME` or `NAME=value`, that tell the same.
    #[serde(default)]
    pub queue_variables: Vec<String>,
    /// It creates the database that its connection URL names.
    #[serde(default)]
    pub creates_database: bool,
    /// The variable that tells it which port to open.
    #[serde(default)]
    pub port_variable: Option<String>,
    /// The first version that reads it, where older ones read another.
    #[serde(default)]
    pub port_variable_since: Option<String>,
    /// Variables that other programs read for their port, and it does not.
    #[serde(default)]
    pub ignored_ports: Vec<String>,
    /// Options of its command line that tell it which port to open.
    #[serde(default)]
    pub port_options: Vec<String>,
    /// Variables that hold the address its users know it by.
    #[serde(default)]
    pub public_urls: Vec<String>,
    /// First words of a command that runs the server itself; empty where any command does. An option alone always does.
    #[serde(default)]
    pub servers: Vec<String>,
    /// The command of its production image.
    #[serde(default)]
    pub production: Vec<String>,
    /// The folder that command needs.
    #[serde(default)]
    pub production_directory: Option<String>,
    /// Commands that need tools which its production image leaves out.
    #[serde(default)]
    pub development: Vec<String>,
    /// Its variables.
    #[serde(default)]
    pub variable: Vec<VariableSpec>,
    /// How it is told who may log in; of a server that others connect to.
    #[serde(default)]
    pub login: Vec<LoginSpec>,
}

/// `[[requires.variable]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableSpec {
    /// Its name.
    pub name: String,
    /// The application ends without it; otherwise it starts and something does not work.
    #[serde(default)]
    pub stops: bool,
    /// Not needed where one of these is set: `NAME`, or `NAME=value`.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Needed only where all of these are set for certain.
    #[serde(default)]
    pub when: Vec<String>,
    /// It may be missing, for it can be told in another way; it must not be set to nothing.
    #[serde(default)]
    pub empty_only: bool,
    /// Not needed where the build context holds one of these files.
    #[serde(default)]
    pub unless_files: Vec<String>,
    /// Not needed where the Dockerfile, a script or a command holds one of these texts.
    #[serde(default)]
    pub unless_text: Vec<String>,
    /// The images that need it, as in the profile's `images`; empty = all.
    #[serde(default)]
    pub images: Vec<String>,
    /// What it is for, and what happens without it.
    pub why: String,
}

/// `[[requires.login]]`: the variables that create a server's first user and database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginSpec {
    /// The images that read them, as in the profile's `images`; empty = all.
    #[serde(default)]
    pub images: Vec<String>,
    /// Holds the user's name.
    #[serde(default)]
    pub user: Option<String>,
    /// The user where that variable is not set, or where there is none.
    #[serde(default)]
    pub default_user: Option<String>,
    /// Holds the user's password.
    #[serde(default)]
    pub password: Option<String>,
    /// Holds the database's name.
    #[serde(default)]
    pub database: Option<String>,
    /// Nobody is asked for a password where one of these is set: `NAME`, or `NAME=value`.
    #[serde(default)]
    pub open: Vec<String>,
}
