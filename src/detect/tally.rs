//! What is kept of a flood: per clause the first and the last sighting and a count.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{Clock, Level, Stamp, Stream};
use crate::rule::NeedleId;

use super::stray::Stray;

/// Most lanes told apart.
const LANES: usize = 8;
/// Most distinct values kept of a capture that a clearing clause compares.
const VALUES: usize = 64;

/// A line that a clause matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Index of the input.
    pub source: usize,
    /// Line number, from 1.
    pub line: u64,
    /// Byte offset of the line in the input.
    pub offset: u64,
    /// Its time.
    pub time: Option<Stamp>,
    /// Its stream, if known.
    pub stream: Option<Stream>,
    /// The record's level.
    pub level: Option<Level>,
    /// The record's lane.
    pub lane: Option<String>,
    /// Whether a process ended with the record.
    pub last_word: bool,
    /// The line without prefixes and colours.
    pub text: String,
    /// The lines before it, blank ones as well; few, and only for first sightings.
    pub before: Vec<String>,
    /// The lines after it, blank ones as well; few, and only for first sightings.
    pub after: Vec<String>,
    /// Named parts.
    pub captures: BTreeMap<String, String>,
}

/// How two sightings lie in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The first is earlier.
    Before,
    /// The first is later.
    After,
    /// The same line, or the same moment.
    Same,
    /// Different inputs without a common clock.
    Unknown,
}

/// Orders two sightings: in one input by place, across inputs by time where the clocks can be compared.
///
/// A wall clock without a zone is compared to UTC as it stands, which is what containers run on by default.
#[must_use]
pub fn order(a: &Sighting, b: &Sighting) -> Order {
    let ordering = if a.source == b.source {
        Some(a.offset.cmp(&b.offset))
    } else {
        a.time.zip(b.time).and_then(|(a, b)| comparable(a.clock, b.clock).then(|| a.micros.cmp(&b.micros)))
    };
    match ordering {
        Some(std::cmp::Ordering::Less) => Order::Before,
        Some(std::cmp::Ordering::Greater) => Order::After,
        Some(std::cmp::Ordering::Equal) => Order::Same,
        None => Order::Unknown,
    }
}

fn comparable(a: Clock, b: Clock) -> bool {
    let wall = |clock| matches!(clock, Clock::Utc | Clock::Local);
    (wall(a) && wall(b)) || (a == b && a != Clock::Monotonic)
}

/// All sightings of one clause in one boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// How many records matched.
    pub count: u64,
    /// The first.
    pub first: Sighting,
    /// The last.
    pub last: Sighting,
    /// The last of each lane, where lines have one; few.
    pub lanes: Vec<Sighting>,
    /// Whether a process ended with one of the records.
    pub deadly: bool,
    /// Distinct values of each capture, at most a bounded number.
    pub values: BTreeMap<String, BTreeSet<String>>,
}

impl Tally {
    /// A clause seen once.
    #[must_use]
    pub fn new(sighting: Sighting) -> Self {
        let (first, last) = (sighting.clone(), sighting.clone());
        let mut tally = Self { count: 0, first, last, lanes: Vec::new(), deadly: false, values: BTreeMap::new() };
        tally.add(sighting);
        tally
    }

    /// Counts another sighting; sightings come in the order of their lines.
    pub fn add(&mut self, sighting: Sighting) {
        self.count += 1;
        self.deadly |= sighting.last_word;
        if sighting.lane.is_some() {
            self.lanes.retain(|known| known.lane != sighting.lane);
            if self.lanes.len() < LANES {
                self.lanes.push(sighting.clone());
            }
        }
        for (name, value) in &sighting.captures {
            let known = self.values.entry(name.clone()).or_default();
            if known.len() < VALUES {
                known.insert(value.clone());
            }
        }
        self.last = sighting;
    }
}

/// One life of a unit's process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootLog {
    /// From 1.
    pub number: u32,
    /// Its first line, if a line marked it; `None` when the input begins inside it.
    pub began: Option<Sighting>,
    /// The last line of it that anything matched.
    pub last: Option<Sighting>,
    /// Clauses that matched.
    pub tallies: BTreeMap<NeedleId, Tally>,
}

impl BootLog {
    pub(super) const fn new(number: u32) -> Self {
        Self { number, began: None, last: None, tallies: BTreeMap::new() }
    }
}

/// One process tree of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Index of the input.
    pub source: usize,
    /// Service or container name, where the lines carry one.
    pub name: Option<String>,
    /// Its lives in order; never empty. Of a long crash loop the first and the last ones.
    pub boots: Vec<BootLog>,
    /// Boots that were dropped from the middle.
    pub dropped: u32,
    /// Error-like records of the last boot that no clause matched.
    pub strays: Vec<Stray>,
    /// Lines of the last records that show the process going on, in order; few.
    pub calm: Vec<u64>,
    /// The last line of the input.
    pub end: Option<Sighting>,
}
