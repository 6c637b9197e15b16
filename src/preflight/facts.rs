//! What `patterns/images.toml` holds, exactly as people write it.
//!
//! This file is also compiled into the build script.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The file of facts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageFacts {
    /// Tools whose absence may be told.
    pub(crate) watched: Vec<String>,
    /// What packages bring besides a tool of their own name.
    pub(crate) packages: BTreeMap<String, Vec<String>>,
    /// Images that open no port by themselves.
    #[serde(default)]
    pub(crate) runtimes: Vec<String>,
    /// Families of images.
    pub(crate) family: Vec<Family>,
    /// Images; the first that fits counts.
    pub(crate) image: Vec<BaseImage>,
}

/// Images with the same tools.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Family {
    /// Its name.
    pub(crate) name: String,
    /// What `/bin/sh` is.
    #[serde(default)]
    pub(crate) shell: Option<String>,
    /// Its tools.
    pub(crate) tools: Vec<String>,
}

/// One image, or several with the same facts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BaseImage {
    /// Names without tag; `*` stands for anything.
    pub(crate) names: Vec<String>,
    /// Tags; none means all.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    /// Its family.
    #[serde(default)]
    pub(crate) family: Option<String>,
    /// Tools besides its family's.
    #[serde(default)]
    pub(crate) tools: Vec<String>,
    /// Whether a watched tool that is not named is missing.
    #[serde(default)]
    pub(crate) complete: bool,
    /// Tools that are missing for certain, where not all that it has are known.
    #[serde(default)]
    pub(crate) missing: Vec<String>,
    /// Who it runs as, when it is not root.
    #[serde(default)]
    pub(crate) user: Option<String>,
    /// Its working directory.
    #[serde(default)]
    pub(crate) directory: Option<String>,
    /// Its entrypoint.
    #[serde(default)]
    pub(crate) entrypoint: Vec<String>,
    /// Its command.
    #[serde(default)]
    pub(crate) command: Vec<String>,
    /// The profile of the application in it.
    #[serde(default)]
    pub(crate) profile: Option<String>,
}
