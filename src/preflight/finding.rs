//! What a check's function gives: a place, values for the texts of the check, and a fix where it is certain.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::{Deref, Range};

use crate::deploy::{FileId, Spot};

use super::file::{CheckFile, Level};

/// One sighting of a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where it stands.
    pub spot: Spot,
    /// Values for the check's texts.
    pub values: BTreeMap<String, String>,
    /// Less than the check's own severity, where this sighting is less certain.
    pub severity: Option<Level>,
    /// Changes that mend it.
    pub fix: Vec<Edit>,
    /// The rule that names this sighting at run time, where it is not the check's own.
    pub cause: Option<&'static str>,
}

/// Bytes of a file and what to write in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Which file.
    pub file: FileId,
    /// The bytes to replace; empty to insert.
    pub range: Range<usize>,
    /// The new text.
    pub text: String,
}

impl Hit {
    /// A sighting at a place.
    #[must_use]
    pub const fn at(spot: Spot) -> Self {
        Self { spot, values: BTreeMap::new(), severity: None, fix: Vec::new(), cause: None }
    }

    /// With a value for `{name}` in the texts.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    /// Less severe than the check is.
    #[must_use]
    pub const fn only(mut self, level: Level) -> Self {
        self.severity = Some(level);
        self
    }

    /// Named by another rule at run time than the check's.
    #[must_use]
    pub const fn caused(mut self, rule: &'static str) -> Self {
        self.cause = Some(rule);
        self
    }

    /// With a change that mends it for certain.
    #[must_use]
    pub fn fix(mut self, spot: Spot, text: impl Into<String>) -> Self {
        self.fix.push(Edit { file: spot.file, range: spot.range, text: text.into() });
        self
    }
}

/// The sightings of one check: each once, and so many at most, for a deployment may be wrong in a hundred thousand places.
#[derive(Debug, Clone, Default)]
pub struct Hits {
    kept: Vec<Hit>,
    /// Prints of those that are kept.
    known: HashSet<u64>,
    more: bool,
}

impl Hits {
    /// Sightings of one check that are told.
    pub const MOST: usize = 500;

    /// Adds a sighting, unless it is known.
    pub fn push(&mut self, hit: Hit) {
        let mut print = DefaultHasher::new();
        (&hit.spot, &hit.values, hit.severity).hash(&mut print);
        if self.known.contains(&print.finish()) {
            return;
        }
        if self.kept.len() >= Self::MOST {
            self.more = true;
            return;
        }
        self.known.insert(print.finish());
        self.kept.push(hit);
    }

    /// Adds a sighting, unless there is one at its place.
    pub fn once(&mut self, hit: Hit) {
        if !self.kept.iter().any(|known| known.spot == hit.spot) {
            self.push(hit);
        }
    }

    /// Whether there are more than are kept: looking on finds nothing that would be told.
    #[must_use]
    pub const fn more(&self) -> bool {
        self.more
    }
}

impl Deref for Hits {
    type Target = [Hit];

    fn deref(&self) -> &[Hit] {
        &self.kept
    }
}

impl Extend<Hit> for Hits {
    fn extend<I: IntoIterator<Item = Hit>>(&mut self, hits: I) {
        hits.into_iter().for_each(|hit| self.push(hit));
    }
}

impl FromIterator<Hit> for Hits {
    fn from_iter<I: IntoIterator<Item = Hit>>(found: I) -> Self {
        let mut hits = Self::default();
        hits.extend(found);
        hits
    }
}

impl IntoIterator for Hits {
    type Item = Hit;
    type IntoIter = std::vec::IntoIter<Hit>;

    fn into_iter(self) -> Self::IntoIter {
        self.kept.into_iter()
    }
}

/// A sighting and the check it belongs to.
#[derive(Debug, Clone)]
pub struct Finding<'c> {
    /// The check.
    pub check: &'c CheckFile,
    /// The sighting.
    pub hit: Hit,
}

impl Finding<'_> {
    /// How bad it is here: never worse than the check says.
    #[must_use]
    pub fn level(&self) -> Level {
        self.hit.severity.unwrap_or(self.check.severity).min(self.check.severity)
    }
}
