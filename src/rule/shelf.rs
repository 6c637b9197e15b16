//! The engines of regexes, of all patterns together: however many a log asks for, they have a bound.
//!
//! A log with every word of every rule in it asks for all of them, and hardly any log for more than some dozens. So they stand on one shelf, and
//! when those that are made for speed take too much of it, they are cleared away: what is used again is made again.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use regex_automata::hybrid::dfa::{self, DFA};
use regex_automata::meta::{self, Regex};
use regex_automata::nfa::thompson::NFA;
use regex_automata::nfa::thompson::backtrack::BoundedBacktracker;
use regex_automata::util::captures::{Captures, GroupInfo};
use regex_automata::util::primitives::PatternID;
use regex_automata::{Anchored, Input, MatchError, MatchKind};

/// What engines that are made for speed may take, in bytes.
const MOST: usize = 3 << 18;
/// What light engines may take, in bytes: some hundred of them, which is more than a log asks for that is not made of rules.
const MOST_LIGHT: usize = 3 << 19;
/// Matches of a pattern after which it pays to tell where one begins by an automaton of its own.
const SOME: u32 = 8;
/// What one of them may remember of its states, in bytes.
const REMEMBERED: usize = 128 << 10;
/// What the parts of an engine take that do not tell their size, in bytes: of a light one, a swift one, and one that does all by itself.
const PARTS: [usize; 3] = [1 << 10, 2 << 10, 8 << 10];
/// What engines may take that nobody needs for a while, in bytes.
const IDLE: usize = 1 << 20;

static SHELF: Shelf = Shelf::new(MOST);

/// Whether, and how far, a pattern matches: an automaton that is determined while it runs. It shares that of the light engine, so it is ready
/// soon, and tells that most texts do not match.
#[derive(Debug)]
pub(super) struct Swift {
    forward: Determined,
    /// Where a match begins that ends there: made for a pattern that has matched some times.
    backward: OnceLock<Option<Determined>>,
    matches: AtomicU32,
}

/// An automaton that is determined while it runs.
#[derive(Debug)]
struct Determined {
    automaton: DFA,
    memories: Memories<dfa::Cache>,
}

/// A regex compiled for speed, which does all by itself.
#[derive(Debug)]
pub(super) struct Fast {
    regex: Regex,
    memories: Memories<(meta::Cache, Captures)>,
}

/// What searches remember for the next: one for each thread that has searched at the same time, and the most it has taken, in bytes.
#[derive(Debug)]
struct Memories<M>(Mutex<Vec<Box<(M, usize)>>>);

/// Where a pattern has an engine.
#[derive(Debug)]
pub(super) enum Slot<E> {
    /// It was not asked for yet.
    Empty,
    /// It stands on the shelf, or did.
    Shelved(Weak<E>),
    /// It stays.
    Kept(Arc<E>),
    /// There is none.
    Refused,
}

/// Engines, and how much they take.
struct Shelf {
    swift: Mutex<Vec<Arc<Swift>>>,
    fast: Mutex<Vec<Arc<Fast>>>,
    light: Mutex<Vec<Arc<BoundedBacktracker>>>,
    taken: AtomicUsize,
    light_taken: AtomicUsize,
    most: usize,
}

impl Swift {
    /// None where the automaton is none that can be determined.
    pub(super) fn new(nfa: &NFA) -> Option<Self> {
        let forward = Determined::new(nfa, MatchKind::LeftmostFirst)?;
        Some(Self { forward, backward: OnceLock::new(), matches: AtomicU32::new(0) })
    }

    /// Whether it matches. An error is none of the text: somebody else must look.
    pub(super) fn is_match(&self, text: &[u8]) -> Result<bool, MatchError> {
        let search = |automaton: &DFA, cache: &mut _| {
            automaton.try_search_fwd(cache, &Input::new(text).earliest(true)).map(|end| end.is_some())
        };
        self.forward.search(search)
    }

    /// Where the first match ends.
    pub(super) fn end(&self, text: &[u8]) -> Result<Option<usize>, MatchError> {
        let search = |automaton: &DFA, cache: &mut _| automaton.try_search_fwd(cache, &Input::new(text));
        Ok(self.forward.search(search)?.map(|end| end.offset()))
    }

    /// Where the first match begins, which ends there, if that is told soon; `reversed` makes the automaton that reads from the end.
    pub(super) fn start(&self, text: &[u8], end: usize, reversed: impl FnOnce() -> Option<NFA>) -> Option<usize> {
        if self.matches.fetch_add(1, Ordering::Relaxed) < SOME {
            return None;
        }
        let make = || {
            let nfa = reversed()?;
            SHELF.grow(nfa.memory_usage());
            Determined::new(&nfa, MatchKind::All)
        };
        let input = Input::new(text).range(..end).anchored(Anchored::Yes);
        let search = |automaton: &DFA, cache: &mut _| automaton.try_search_rev(cache, &input);
        Some(self.backward.get_or_init(make).as_ref()?.search(search).ok()??.offset())
    }
}

impl Determined {
    fn new(nfa: &NFA, kind: MatchKind) -> Option<Self> {
        let config = DFA::config()
            .match_kind(kind)
            .cache_capacity(REMEMBERED)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(3))
            .minimum_bytes_per_state(Some(10));
        let automaton = DFA::builder().configure(config).build_from_nfa(nfa.clone()).ok()?;
        Some(Self { automaton, memories: Memories::new() })
    }

    fn search<T>(&self, search: impl FnOnce(&DFA, &mut dfa::Cache) -> T) -> T {
        let search = |cache: &mut dfa::Cache| search(&self.automaton, cache);
        self.memories.with(|| self.automaton.create_cache(), search, dfa::Cache::memory_usage)
    }
}

impl Fast {
    pub(super) const fn new(regex: Regex) -> Self {
        Self { regex, memories: Memories::new() }
    }

    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        self.remembering(|(cache, _)| self.regex.is_match_with(cache, &Input::new(text)))
    }

    /// Where the first match begins; `read` is shown its groups, where the regex names some.
    pub(super) fn find<T>(
        &self,
        text: &[u8],
        read: impl FnOnce(&Captures, &GroupInfo) -> Option<T>,
    ) -> Option<(usize, Option<T>)> {
        self.remembering(|(cache, found)| {
            // Most do not match, and to find the groups takes as long again.
            let start = self.regex.search_with(cache, &Input::new(text))?.start();
            let info = self.regex.group_info();
            if !names_groups(info) {
                return Some((start, None));
            }
            self.regex.search_captures_with(cache, &Input::new(text), found);
            Some((start, read(found, info)))
        })
    }

    fn remembering<T>(&self, search: impl FnOnce(&mut (meta::Cache, Captures)) -> T) -> T {
        let begin = || (self.regex.create_cache(), self.regex.create_captures());
        self.memories.with(begin, search, |(cache, _)| cache.memory_usage())
    }
}

/// Whether a pattern names some of its groups.
pub(super) fn names_groups(info: &GroupInfo) -> bool {
    info.pattern_names(PatternID::ZERO).flatten().next().is_some()
}

impl<M> Memories<M> {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Searches with what earlier searches remember, and counts by how much that grows.
    fn with<T>(&self, begin: impl FnOnce() -> M, search: impl FnOnce(&mut M) -> T, size: impl Fn(&M) -> usize) -> T {
        let known = lock(&self.0).pop();
        let mut memory = known.unwrap_or_else(|| Box::new((begin(), 0)));
        let (remembered, most) = &mut *memory;
        let found = search(remembered);
        let grown = size(remembered).saturating_sub(*most);
        *most += grown;
        lock(&self.0).push(memory);
        if grown > 0 {
            SHELF.grow(grown);
        }
        found
    }
}

/// Puts a light engine on the shelf. When all are cleared away, so are those that are made for speed: they hold the same automata.
pub(super) fn put_light(light: &Arc<BoundedBacktracker>) {
    let [parts, ..] = PARTS;
    let bytes = light.get_nfa().memory_usage() + parts;
    if SHELF.light_taken.fetch_add(bytes, Ordering::Relaxed) + bytes > MOST_LIGHT {
        SHELF.clear_all();
    }
    lock(&SHELF.light).push(Arc::clone(light));
}

/// Puts a swift one there.
pub(super) fn put_swift(swift: &Arc<Swift>) {
    let [_, parts, _] = PARTS;
    lock(&SHELF.swift).push(Arc::clone(swift));
    SHELF.grow(parts);
}

/// Puts one there that does all by itself.
pub(super) fn put(fast: &Arc<Fast>) {
    let [.., parts] = PARTS;
    lock(&SHELF.fast).push(Arc::clone(fast));
    SHELF.grow(fast.regex.memory_usage() + parts);
}

/// Gives back what the engines take, if that is much: other things are done for a while than to search. What is asked for again is made
/// again.
pub(crate) fn rest() {
    let taken = |of: &AtomicUsize| of.load(Ordering::Relaxed);
    if taken(&SHELF.taken) + taken(&SHELF.light_taken) > IDLE {
        SHELF.clear_all();
    }
}

impl Shelf {
    const fn new(most: usize) -> Self {
        Self {
            swift: Mutex::new(Vec::new()),
            fast: Mutex::new(Vec::new()),
            light: Mutex::new(Vec::new()),
            taken: AtomicUsize::new(0),
            light_taken: AtomicUsize::new(0),
            most,
        }
    }

    fn grow(&self, bytes: usize) {
        if self.taken.fetch_add(bytes, Ordering::Relaxed) + bytes > self.most {
            self.clear();
        }
    }

    fn clear_all(&self) {
        self.clear();
        let cleared = std::mem::take(&mut *lock(&self.light));
        self.light_taken.store(0, Ordering::Relaxed);
        drop(cleared);
    }

    fn clear(&self) {
        let cleared = (std::mem::take(&mut *lock(&self.swift)), std::mem::take(&mut *lock(&self.fast)));
        self.taken.store(0, Ordering::Relaxed);
        drop(cleared);
    }
}

impl<E> Slot<E> {
    /// The engine; made where there is none, and put on the shelf, or kept where nothing `puts` it there.
    pub(super) fn get(
        slot: &Mutex<Self>,
        make: impl FnOnce() -> Option<E>,
        put: Option<fn(&Arc<E>)>,
    ) -> Option<Arc<E>> {
        let mut slot = lock(slot);
        match &*slot {
            Self::Refused => return None,
            Self::Kept(engine) => return Some(Arc::clone(engine)),
            Self::Shelved(engine) => {
                if let Some(engine) = engine.upgrade() {
                    return Some(engine);
                }
            }
            Self::Empty => {}
        }
        let made = make().map(Arc::new);
        *slot = match (&made, put) {
            (None, _) => Self::Refused,
            (Some(engine), Some(_)) => Self::Shelved(Arc::downgrade(engine)),
            (Some(engine), None) => Self::Kept(Arc::clone(engine)),
        };
        drop(slot);
        if let Some((engine, put)) = made.as_ref().zip(put) {
            put(engine);
        }
        made
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
