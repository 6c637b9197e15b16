//! All rules and profiles in one piece, and every clause of them in one fixed order.
//!
//! This file is also compiled into the build script.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::file::{ClauseSpec, RuleFile};
use super::profile::ProfileFile;

/// All knowledge in one piece, as the build script writes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Rules without their examples, in order of their ids.
    pub rules: Vec<RuleFile>,
    /// Profiles in order of their ids.
    pub profiles: Vec<ProfileFile>,
    /// Required literals of every clause, in the order of [`Table::clauses`].
    pub required: Vec<Vec<String>>,
    /// The literals for which the scan's windows were chosen beforehand: where in its literal a window begins, and its bucket.
    pub windows: BTreeMap<String, [usize; 2]>,
}

/// Where a clause stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// One of `any`, `all` or `sequence`.
    Match,
    /// `absent`.
    Absent,
    /// `cleared_by.any`.
    Clear,
    /// A profile's `recognise`.
    Recognise,
    /// A profile's `boot`.
    Boot,
    /// A profile's `boot_again`.
    BootAgain,
    /// A profile's `ready`.
    Ready,
    /// A profile's `stopped`.
    Stopped,
    /// `enter` of the phase with this index.
    Enter(usize),
    /// `leave` of the phase with this index.
    Leave(usize),
    /// `claim` of the phase with this index.
    Claim(usize),
    /// `in_place` of the documentation entry with this index.
    InPlace(usize),
}

impl RuleFile {
    /// Every clause and where it stands, in a fixed order.
    pub fn clauses(&self) -> impl Iterator<Item = (Part, &ClauseSpec)> {
        let matching = self.matching.clauses().iter().map(|c| (Part::Match, c));
        let absent = self.matching.absent.iter().map(|c| (Part::Absent, c));
        let clear = self.cleared_by.iter().flat_map(|c| &c.any).map(|c| (Part::Clear, c));
        matching.chain(absent).chain(clear)
    }
}

fn tagged(part: Part, list: &[ClauseSpec]) -> Vec<(Part, &ClauseSpec)> {
    list.iter().map(|clause| (part, clause)).collect()
}

impl ProfileFile {
    /// Every clause and where it stands, in a fixed order.
    pub fn clauses(&self) -> impl Iterator<Item = (Part, &ClauseSpec)> {
        let mut all = tagged(Part::Recognise, &self.recognise);
        all.extend(tagged(Part::Boot, &self.boot));
        all.extend(tagged(Part::BootAgain, &self.boot_again));
        all.extend(tagged(Part::Ready, &self.ready));
        all.extend(tagged(Part::Stopped, &self.stopped));
        for (index, phase) in self.phase.iter().enumerate() {
            all.extend(tagged(Part::Enter(index), &phase.enter));
            all.extend(tagged(Part::Leave(index), &phase.leave));
            all.extend(tagged(Part::Claim(index), &phase.claim));
        }
        for (index, entry) in self.documentation.iter().enumerate() {
            all.extend(tagged(Part::InPlace(index), &entry.in_place));
        }
        all.into_iter()
    }
}

impl Table {
    /// Every clause of every rule, then of every profile.
    pub fn clauses(&self) -> impl Iterator<Item = (Part, &ClauseSpec)> {
        let rules = self.rules.iter().flat_map(RuleFile::clauses);
        rules.chain(self.profiles.iter().flat_map(ProfileFile::clauses))
    }
}
