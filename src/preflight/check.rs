//! The checks: their texts, embedded from `patterns/checks/`, and the functions that find their sightings.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use regex::RegexBuilder;

use crate::deploy::{Deployment, Kind, Spot};
use crate::rule::ProfileFile;

use super::file::{CheckFile, TextSpec};
use super::finding::{Finding, Hit, Hits};
use super::ports::Opened;
use super::reach::Names;
use super::{checks, ignore};

/// What a check may look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The deployment.
    pub deployment: &'a Deployment,
    /// What is known of applications.
    pub profiles: &'a [ProfileFile],
    /// What checks have found out and others ask again.
    pub memo: &'a Memo,
}

/// Answers about services, by their names.
#[derive(Debug, Default)]
pub struct Memo {
    /// The application in it: the profile's index, and whether the image told.
    pub(super) applications: RefCell<HashMap<String, Option<(usize, bool)>>>,
    /// The ports it opens.
    pub(super) ports: RefCell<HashMap<String, Option<Opened>>>,
    /// What all of them are called.
    pub(super) names: OnceCell<Names>,
}

/// Looks for one kind of fault.
pub type Look = fn(&Context<'_>) -> Hits;

/// A check's id and its function.
pub type Entry = (&'static str, Look);

/// Why the checks could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error("the embedded checks cannot be read: {0}")]
pub struct LoadError(#[from] postcard::Error);

const TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/checks.bin"));
const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// The checks inside the binary, without their examples, in order of their ids.
///
/// # Errors
/// When the table is damaged.
pub fn embedded() -> Result<Vec<CheckFile>, LoadError> {
    Ok(postcard::from_bytes(TABLE)?)
}

/// The files of the checks inside the binary: path and text.
#[must_use]
pub const fn embedded_texts() -> &'static [(&'static str, &'static str)] {
    TEXTS
}

/// What was found, and what was found and is ignored.
#[derive(Debug, Clone)]
pub struct Judged<'c> {
    /// In order of files and lines.
    pub findings: Vec<Finding<'c>>,
    /// A sentence for every finding that a comment ignores, and for every check that found more than is told.
    pub notes: Vec<String>,
}

/// Every finding of every check.
#[must_use]
pub fn findings<'c>(checks: &'c [CheckFile], context: &Context<'_>) -> Judged<'c> {
    let mut found: Vec<Finding<'c>> = Vec::new();
    let mut notes = Vec::new();
    for check in checks {
        let hits = match (&check.text, function(&check.id)) {
            (Some(text), _) => textual(text, context.deployment),
            (None, Some(look)) => look(context),
            (None, None) => Hits::default(),
        };
        if hits.more() {
            notes.push(format!("{} found more than {} places; only these are told.", check.id, Hits::MOST));
        }
        found.extend(hits.into_iter().map(|hit| Finding { check, hit }));
    }
    let ignores = ignore::all(context.deployment);
    let (mut found, ignored, unused) = ignore::apply(context.deployment, found, &ignores);
    if let Some(check) = checks.iter().find(|check| check.id == checks::UNUSED) {
        found.extend(unused.into_iter().map(|comment| Finding { check, hit: ignore::unused(comment) }));
    }
    let key = |finding: &Finding<'_>| {
        let spot = &finding.hit.spot;
        (spot.file, spot.range.start, std::cmp::Reverse(finding.level()), finding.check.id.clone())
    };
    found.sort_by_cached_key(key);
    found.dedup_by(|a, b| a.check.id == b.check.id && a.hit.spot == b.hit.spot && a.hit.values == b.hit.values);
    notes.extend(ignored);
    Judged { findings: found, notes }
}

/// The function registered for a check.
#[must_use]
pub fn function(id: &str) -> Option<Look> {
    checks::AREAS.iter().flat_map(|area| area.iter()).find(|(name, _)| *name == id).map(|(_, look)| *look)
}

/// The ids of all functions.
pub fn registered() -> impl Iterator<Item = &'static str> {
    checks::AREAS.iter().flat_map(|area| area.iter()).map(|(name, _)| *name)
}

/// A check that is data alone.
fn textual(spec: &TextSpec, deployment: &Deployment) -> Hits {
    let Ok(regex) = RegexBuilder::new(&spec.regex).multi_line(true).build() else { return Hits::default() };
    let mut hits = Hits::default();
    for (id, file) in deployment.files.iter().enumerate() {
        if !spec.kinds.iter().any(|kind| kind == kind_word(file.kind)) {
            continue;
        }
        for groups in regex.captures_iter(&file.text) {
            if hits.more() {
                return hits;
            }
            let Some(at) = groups.name("at").or_else(|| groups.get(0)) else { continue };
            let mut hit = Hit::at(Spot::new(id, at.range()));
            for name in regex.capture_names().flatten() {
                if let Some(value) = groups.name(name) {
                    hit = hit.with(name, value.as_str());
                }
            }
            hits.push(hit);
        }
    }
    hits
}

/// The word for a kind of file in `[text]`.
#[must_use]
pub(super) const fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Compose => "compose",
        Kind::Dockerfile => "dockerfile",
        Kind::Script => "script",
        Kind::Env => "env",
        Kind::Nginx => "nginx",
        Kind::Package => "package",
        Kind::Settings => "settings",
        Kind::Program => "program",
    }
}
