//! What is kept of a flood: per clause the first and the last sighting and a count.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::Stamp;
use crate::rule::NeedleId;

use super::allowance::of_text;
use super::sighting::{Beside, Glimpse, Sighting};
use super::stray::Stray;

/// Most lanes told apart.
const LANES: usize = 8;
/// Most distinct values kept of a capture that a clearing clause compares.
const VALUES: usize = 64;

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
    /// Further lines of the one sighting: the other facts of a state.
    pub beside: Vec<Sighting>,
    /// Distinct values of each capture, at most a bounded number.
    pub values: BTreeMap<String, BTreeSet<String>>,
}

impl Tally {
    /// A clause seen once.
    #[must_use]
    pub fn new(sighting: Sighting) -> Self {
        let one = |(name, value): (&String, &String)| (name.clone(), BTreeSet::from([value.clone()]));
        Self {
            count: 1,
            last: Sighting { before: Beside::default(), after: Beside::default(), ..sighting.clone() },
            lanes: if sighting.lane.is_some() { vec![sighting.clone()] } else { Vec::new() },
            deadly: sighting.last_word,
            beside: Vec::new(),
            values: sighting.captures.iter().map(one).collect(),
            first: sighting,
        }
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        let sightings = std::iter::once(&self.first).chain([&self.last]).chain(&self.lanes);
        let values = self.values.values().flatten().map(|value| of_text(value));
        size_of::<Self>() + sightings.map(Sighting::size).sum::<usize>() + values.sum::<usize>()
    }

    /// Counts `times` further sightings, of which this is the last; echoes are told later than what came behind them. One that says what the
    /// last said allocates nothing. Gives about how many bytes the tally has grown.
    pub(super) fn add(&mut self, glimpse: &Glimpse<'_>, times: u64) -> usize {
        self.count += times;
        self.deadly |= glimpse.last_word;
        let mut grown = if glimpse.record.lane.is_some() { self.add_to_lane(glimpse) } else { 0 };
        if glimpse.hit < self.last.hit {
            // An echo; what it says is known.
            return grown;
        }
        let before = self.last.text.capacity();
        self.last.show(glimpse);
        grown += self.last.text.capacity().saturating_sub(before);
        for (name, value) in &self.last.captures {
            let known = match self.values.get_mut(name) {
                Some(known) => known,
                None => self.values.entry(name.clone()).or_default(),
            };
            if known.len() < VALUES && !known.contains(value) {
                grown += of_text(value);
                known.insert(value.clone());
            }
        }
        grown
    }

    /// The lane seen last comes last. Gives the bytes of one seen first.
    fn add_to_lane(&mut self, glimpse: &Glimpse<'_>) -> usize {
        if let Some(known) = self.lanes.iter_mut().find(|known| known.lane == glimpse.record.lane) {
            if known.hit <= glimpse.hit {
                known.show(glimpse);
                self.lanes.sort_by_key(|known| known.hit);
            }
            return 0;
        }
        if self.lanes.len() >= LANES {
            return 0;
        }
        let new = glimpse.keep();
        let size = new.size();
        self.lanes.push(new);
        size
    }
}

/// One life of a unit's process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootLog {
    /// From 1.
    pub number: u32,
    /// Its first line, if a line marked it; `None` when the input begins inside it.
    pub began: Option<Sighting>,
    /// Whether any line of it matched.
    pub matched: bool,
    /// When the last line did, where it has a time.
    pub ended: Option<Stamp>,
    /// Offset in the input of the literal that it was judged for.
    pub(super) until: u64,
    /// Clauses that matched.
    pub tallies: BTreeMap<NeedleId, Tally>,
}

impl BootLog {
    pub(super) const fn new(number: u32) -> Self {
        Self { number, began: None, matched: false, ended: None, until: 0, tallies: BTreeMap::new() }
    }

    /// A line of it matched, with a literal at `hit`.
    pub(super) const fn reach(&mut self, hit: u64, time: Option<Stamp>) {
        self.matched = true;
        if self.until <= hit {
            (self.until, self.ended) = (hit, time);
        }
    }

    /// About how many bytes its tallies take.
    pub(super) fn size(&self) -> usize {
        self.tallies.values().map(Tally::size).sum()
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
    /// Whether it is the state of a container instead of a log.
    pub state: bool,
}
