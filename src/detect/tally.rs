//! What is kept of a flood: per clause the first and the last sighting and a count.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::record::Stamp;
use crate::rule::NeedleId;

use super::allowance::of_text;
use super::answers::Answers;
use super::ending::Ending;
use super::sighting::{Common, Glimpse, Sighting};
use super::stray::Stray;

/// Most lanes told apart.
const LANES: usize = 8;
/// Most distinct values kept of a capture that a clearing clause compares.
const VALUES: usize = 64;
/// What a tally takes without what it says, and its place among others, in bytes.
const TALLY: usize = size_of::<Tally>() + 48;
/// What a sighting of its own takes without what it says, in bytes.
const SIGHTING: usize = size_of::<Sighting>() + 32;
/// What a value takes besides its text, and its place among others, in bytes.
const VALUE: usize = 64;
/// What a boot takes without tallies, and the room for some, in bytes.
const BOOT: usize = 2 * size_of::<BootLog>() + 160;

/// All sightings of one clause in one boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// How many records matched.
    pub count: u64,
    /// The first.
    pub first: Arc<Sighting>,
    /// The last.
    pub last: Arc<Sighting>,
    /// Whether a process ended with one of the records.
    pub deadly: bool,
    more: Option<Box<More>>,
}

/// What few tallies have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct More {
    lanes: Vec<Sighting>,
    beside: Vec<Arc<Sighting>>,
    values: BTreeMap<String, BTreeSet<String>>,
}

impl Tally {
    /// A clause seen once; values are kept of the captures that are `compared`.
    #[must_use]
    pub fn new(sighting: Sighting, compared: &BTreeSet<String>) -> Self {
        let first = Arc::new(sighting);
        let sighting = &*first;
        let captures = sighting.captures.iter().filter(|(name, _)| compared.contains(*name));
        let more = More {
            lanes: if sighting.lane.is_some() { vec![sighting.bare()] } else { Vec::new() },
            beside: Vec::new(),
            values: captures.map(|(name, value)| (name.clone(), BTreeSet::from([value.clone()]))).collect(),
        };
        Self {
            count: 1,
            last: if sighting.around.is_none() { Arc::clone(&first) } else { Arc::new(sighting.bare()) },
            deadly: sighting.last_word,
            more: (more != More::default()).then(|| Box::new(more)),
            first: Arc::clone(&first),
        }
    }

    /// About how many bytes it takes, besides what its first sighting says.
    pub(super) fn size(&self) -> usize {
        let sightings = usize::from(!Arc::ptr_eq(&self.first, &self.last)) + 1;
        TALLY + sightings * SIGHTING + self.more.as_ref().map_or(0, |more| more.size())
    }

    /// Counts `times` further sightings, of which this is the last; echoes are told later than what came behind them. One that says what the
    /// last said allocates nothing. Gives about how many bytes the tally has grown.
    pub(super) fn add(&mut self, glimpse: &Glimpse<'_>, times: u64, compared: &BTreeSet<String>) -> usize {
        self.count += times;
        self.deadly |= glimpse.last_word;
        let mut grown = if glimpse.record.lane.is_some() { self.add_to_lane(glimpse) } else { 0 };
        if glimpse.hit < self.last.hit {
            // An echo; what it says is known.
            return grown;
        }
        if Arc::ptr_eq(&self.first, &self.last) {
            self.last = Arc::new(self.first.bare());
            grown += SIGHTING;
        }
        grown += Arc::make_mut(&mut self.last).show(glimpse);
        for (name, value) in self.last.captures.iter().filter(|(name, _)| compared.contains(*name)) {
            grown += self.more.get_or_insert_default().add_value(name, value);
        }
        grown
    }

    /// The last of each lane, where lines have one; few.
    #[must_use]
    pub fn lanes(&self) -> &[Sighting] {
        self.more.as_ref().map_or(&[], |more| &more.lanes)
    }

    /// Further lines of the one sighting: the other facts of a state.
    #[must_use]
    pub fn beside(&self) -> &[Arc<Sighting>] {
        self.more.as_ref().map_or(&[], |more| &more.beside)
    }

    /// Distinct values of a capture that a clearing clause compares, at most a bounded number.
    #[must_use]
    pub fn values(&self, capture: &str) -> Option<&BTreeSet<String>> {
        self.more.as_ref()?.values.get(capture)
    }

    /// Adds further lines of the one sighting.
    pub(super) fn also(&mut self, lines: Vec<Arc<Sighting>>) {
        if !lines.is_empty() {
            self.more.get_or_insert_default().beside = lines;
        }
    }

    /// The lane seen last comes last. Gives about how many bytes the lanes have grown.
    fn add_to_lane(&mut self, glimpse: &Glimpse<'_>) -> usize {
        let lanes = &mut self.more.get_or_insert_default().lanes;
        let lane = glimpse.record.lane.as_deref();
        if let Some(known) = lanes.iter_mut().find(|known| known.lane.as_deref() == lane) {
            if known.hit > glimpse.hit {
                return 0;
            }
            let grown = known.show(glimpse);
            lanes.sort_by_key(|known| known.hit);
            return grown;
        }
        if lanes.len() >= LANES {
            return 0;
        }
        let (new, bytes) = Common::default().keep(glimpse);
        lanes.push(new);
        size_of::<Sighting>() + bytes
    }
}

impl More {
    /// About how many bytes it takes.
    fn size(&self) -> usize {
        let values = self.values.values().flatten().map(|value| VALUE + of_text(value));
        size_of::<Self>() + self.lanes.len() * size_of::<Sighting>() + values.sum::<usize>()
    }

    /// Remembers a value of a capture. Gives the bytes of one seen first.
    fn add_value(&mut self, name: &str, value: &str) -> usize {
        let known = match self.values.get_mut(name) {
            Some(known) => known,
            None => self.values.entry(name.to_owned()).or_default(),
        };
        if known.len() >= VALUES || known.contains(value) {
            return 0;
        }
        known.insert(value.to_owned());
        VALUE + of_text(value)
    }
}

/// One life of a unit's process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootLog {
    /// From 1.
    pub number: u32,
    /// Its first line, if a line marked it; `None` when the input begins inside it.
    pub began: Option<Sighting>,
    /// All of it lies at or behind this offset in the input.
    pub since: u64,
    /// Whether somebody told that it ended.
    pub over: bool,
    /// Whether any line of it matched.
    pub matched: bool,
    /// When the last line did, where it has a time.
    pub ended: Option<Stamp>,
    /// Offset in the input of the literal that it was judged for.
    pub(super) until: u64,
    /// About how many bytes were counted for it.
    pub(super) bytes: usize,
    /// Clauses that matched.
    pub tallies: BTreeMap<NeedleId, Box<Tally>>,
}

impl BootLog {
    pub(super) const fn new(number: u32) -> Self {
        Self {
            number,
            began: None,
            since: 0,
            over: false,
            matched: false,
            ended: None,
            until: 0,
            bytes: BOOT,
            tallies: BTreeMap::new(),
        }
    }

    /// A line of it matched, with a literal at `hit`.
    pub(super) const fn reach(&mut self, hit: u64, time: Option<Stamp>) {
        self.matched = true;
        if self.until <= hit {
            (self.until, self.ended) = (hit, time);
        }
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
    /// How its server answered lately.
    pub answers: Answers,
    /// What its last records tell that no rule explains.
    pub ending: Ending,
    /// The last line of the input.
    pub end: Option<Sighting>,
    /// Whether it is the state of a container instead of a log.
    pub state: bool,
}
