//! From a position that may begin a window to the first literal that occurs.
//!
//! Takes flagged positions; gives the smallest hit, and how far one still has to look for a smaller one: a window found
//! later may belong to a literal that starts earlier.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::Range;

use super::Hit;
use super::choose::{MIN_LITERAL, Window};
use crate::num::Quick;

/// Which windows there are: one bit a hashed beginning and a hashed window of most, and the few short ones as they are, so that hardly
/// anything else passes. The 24 KiB stay in the first cache.
#[derive(Debug)]
pub(super) struct Bitmap {
    starts: Starts,
    whole: Bits,
    short: Short,
}

/// Eight bytes of text, or of a window with fewer as many as the shortest literals have, and zeros.
pub(super) type Key = u64;

impl Bitmap {
    /// For literals of which the shortest has so many bytes.
    fn new(shortest: usize) -> Self {
        Self {
            starts: Starts::default(),
            whole: Bits::default(),
            short: Short::new(if shortest > MIN_LITERAL { 5 } else { 4 }),
        }
    }

    /// Whether a window may begin at a place of a text.
    #[inline]
    pub(super) fn may_begin(&self, text: &[u8], at: usize) -> bool {
        key(text, at).is_some_and(|key| self.may_be(key))
    }

    /// Whether a window may begin with these bytes.
    #[inline]
    pub(super) fn may_start(&self, four: [u8; 4]) -> bool {
        self.starts.has(u32::from_le_bytes(four))
    }

    /// How windows may begin.
    pub(super) fn starts(&self) -> &Starts {
        &self.starts
    }

    /// Whether these may be the bytes of a window.
    #[inline]
    pub(super) fn may_be(&self, key: Key) -> bool {
        self.whole.has(key) | self.short.has(key)
    }
}

/// Bits found by a hash of four bytes that a kernel can make, too.
#[derive(Debug)]
pub(super) struct Starts(pub(super) Box<[u32; 1 << (u16::BITS - Self::WORD)]>);

impl Default for Starts {
    fn default() -> Self {
        Self(Box::new([0; _]))
    }
}

impl Starts {
    /// The upper half of a product with it is the hash.
    pub(super) const SPREAD: u32 = 0x9e37_79b1;
    /// Bits of the hash that say which of a word.
    pub(super) const WORD: u32 = 5;

    fn place(four: u32) -> (usize, u32) {
        let hash = four.wrapping_mul(Self::SPREAD) >> u16::BITS;
        (wide(hash >> Self::WORD), hash & ((1 << Self::WORD) - 1))
    }

    fn set(&mut self, four: u32) {
        let (word, bit) = Self::place(four);
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    #[inline]
    fn has(&self, four: u32) -> bool {
        let (word, bit) = Self::place(four);
        self.0.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }
}

/// Bits found by hash.
#[derive(Debug)]
struct Bits(Box<[u64; 1 << (Self::LOG - 6)]>);

impl Default for Bits {
    fn default() -> Self {
        Self(Box::new([0; _]))
    }
}

impl Bits {
    const LOG: u32 = 16;

    fn set(&mut self, key: Key) {
        let place = hash::<{ Self::LOG }>(key);
        if let Some(word) = self.0.get_mut(place >> 6) {
            *word |= 1 << (place & 63);
        }
    }

    #[inline]
    fn has(&self, key: Key) -> bool {
        let place = hash::<{ Self::LOG }>(key);
        self.0.get(place >> 6).is_some_and(|word| word >> (place & 63) & 1 == 1)
    }
}

/// The windows with fewer bytes than a key.
#[derive(Debug)]
struct Short {
    /// By hash of their first bytes, which of `windows`; of the first, which stands for none, nothing passes but bytes that are no text.
    numbers: Box<[u8; 1 << Self::LOG]>,
    windows: Box<[ShortWindow; 1 << u8::BITS]>,
    used: u8,
    /// The bytes that are hashed, which all of them have.
    least: Key,
}

/// What short windows with the same hash have in common.
#[derive(Debug, Clone, Copy)]
struct ShortWindow {
    text: Key,
    said: Key,
}

impl Short {
    const LOG: u32 = 12;

    /// For windows of at least so many bytes.
    fn new(least: u32) -> Self {
        let none = ShortWindow { text: Key::MAX, said: Key::MAX };
        let least = Key::MAX >> (Key::BITS - u8::BITS * least);
        Self { numbers: Box::new([0; _]), windows: Box::new([none; _]), used: 0, least }
    }

    /// Lets a window of so many bytes pass.
    fn set(&mut self, text: Key, length: usize) {
        let said = (0..WIDE.min(length)).fold(0, |said, byte| said | Key::from(u8::MAX) << (8 * byte));
        let new = ShortWindow { text, said };
        let Some(number) = self.numbers.get_mut(hash::<{ Self::LOG }>(text & self.least)) else { return };
        // Where there is no room for its own, it shares the last one's.
        let known = *number != 0 || self.used == u8::MAX;
        if *number == 0 {
            self.used = self.used.saturating_add(1);
            *number = self.used;
        }
        if let Some(window) = self.windows.get_mut(usize::from(*number)) {
            let same = window.said & said & !(window.text ^ text);
            *window = if known { ShortWindow { said: same, ..new } } else { new };
        }
    }

    #[inline]
    fn has(&self, key: Key) -> bool {
        let number = self.numbers.get(hash::<{ Self::LOG }>(key & self.least));
        let window = number.and_then(|number| self.windows.get(usize::from(*number)));
        window.is_some_and(|window| (window.text ^ key) & window.said == 0)
    }
}

/// So many bits of a key's hash.
#[inline]
fn hash<const LOG: u32>(key: Key) -> usize {
    usize::try_from(key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - LOG)).unwrap_or(0)
}

/// The eight bytes at a place, or near the end at least four and zeros.
#[inline]
fn key(text: &[u8], at: usize) -> Option<Key> {
    let rest = text.get(at..)?;
    if let Some(eight) = rest.first_chunk() {
        return Some(Key::from_le_bytes(*eight));
    }
    let mut eight = [0; 8];
    for (to, byte) in eight.iter_mut().zip(rest) {
        *to = *byte;
    }
    (rest.len() >= 4).then_some(Key::from_le_bytes(eight))
}

/// What stands beside a window, and which of it the literal says: four bytes before the key's eight, and four behind.
#[derive(Debug, Clone, Copy)]
struct Beside {
    text: u64,
    said: u64,
}

impl Beside {
    /// Of a literal whose window lies there.
    fn of(literal: &[u8], offset: usize) -> Self {
        let before = (0..SIDE).map(|byte| offset.checked_sub(SIDE - byte));
        let places = before.chain((0..SIDE).map(|byte| Some(offset + WIDE + byte)));
        let mut beside = Self { text: 0, said: 0 };
        for (place, shift) in places.zip((0..).step_by(8)) {
            if let Some(byte) = place.and_then(|place| literal.get(place)) {
                beside.text |= u64::from(*byte) << shift;
                beside.said |= u64::from(u8::MAX) << shift;
            }
        }
        beside
    }

    /// What stands beside a place of a text; where the text ends or begins, anything.
    fn in_text(text: &[u8], at: usize) -> Option<u64> {
        let around: &[u8; 2 * SIDE + WIDE] = text.get(at.checked_sub(SIDE)?..)?.first_chunk()?;
        let (before, behind) = (around.first_chunk()?, around.last_chunk()?);
        Some(u64::from(u32::from_le_bytes(*before)) | u64::from(u32::from_le_bytes(*behind)) << 32)
    }

    /// Whether the literal may stand where this stands beside its window.
    const fn may_be(self, text: u64) -> bool {
        (self.text ^ text) & self.said == 0
    }
}

/// Bytes of a key.
pub(super) const WIDE: usize = 8;
/// Bytes on one side of it.
const SIDE: usize = 4;

/// A literal, found by its window.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The literal's last eight bytes, if it has so many.
    tail: Key,
    literal: u32,
    /// Where the literal begins among the bytes of all.
    at: u32,
    length: u32,
    /// Where in the literal its window lies.
    offset: u32,
}

/// Where the keys of a slot begin, which end where those of the next one begin.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    first: u32,
    /// No window of the slot lies further inside its literal.
    reach: u32,
}

/// Bits of a key's hash that choose its slot.
const SLOT: u32 = 16;

/// The windows and literals a flagged position is compared with.
#[derive(Debug)]
pub(super) struct Verifier {
    bitmap: Bitmap,
    /// By hash of a key. A power of two, and one.
    slots: Vec<Slot>,
    /// The keys slot by slot, apart from their entries: most places that are looked at have none of a slot's.
    keys: Vec<Key>,
    /// Of each key what stands beside it: a word such as "failed" is the window of many literals.
    beside: Vec<Beside>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    /// No window lies further inside its literal than this.
    reach: usize,
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn wide(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl Verifier {
    /// Finds each literal by its window; of equal ones the first.
    pub(super) fn new(literals: &[&[u8]], windows: &[Window]) -> Self {
        let bitmap = Bitmap::new(literals.iter().map(|literal| literal.len()).min().unwrap_or(0));
        let mut known = HashSet::with_capacity_and_hasher(literals.len(), Quick::default());
        let all = literals.iter().zip(windows).zip(0..).filter(|((literal, _), _)| known.insert(**literal));
        let all = all.map(|((literal, window), number)| (number, *literal, window.offset));
        let slots = vec![Slot::default(); literals.len().max(2).next_power_of_two() + 1];
        let (count, length) = (literals.len(), literals.iter().map(|literal| literal.len()).sum());
        let (keys, beside, entries) = (Vec::with_capacity(count), Vec::with_capacity(count), Vec::with_capacity(count));
        let bytes = Vec::with_capacity(length);
        let mut verifier = Self { bitmap, slots, keys, beside, entries, bytes, reach: 0 };
        let mut found = Vec::with_capacity(count);
        found.extend(all.filter_map(|(number, text, offset)| verifier.entry(number, text, offset)));
        verifier.lay_out(&found);
        verifier
    }

    /// Lays entries out slot by slot: of a slot that which begins first comes first, and of those the first literal, in whose order they
    /// are given. They are counted: to compare them took a tenth of a start.
    fn lay_out(&mut self, found: &[(usize, Key, Beside, Entry)]) {
        for (slot, .., entry) in found {
            if let Some(slot) = self.slots.get_mut(*slot) {
                slot.reach = slot.reach.max(entry.offset);
            }
            if let Some(behind) = self.slots.get_mut(slot + 1) {
                behind.first += 1;
            }
        }
        let mut begin = 0;
        for slot in &mut self.slots {
            begin += slot.first;
            slot.first = begin;
        }
        let mut next: Vec<u32> = self.slots.iter().map(|slot| slot.first).collect();
        let mut order = vec![0; found.len()];
        for (number, (slot, ..)) in found.iter().enumerate() {
            if let Some(next) = next.get_mut(*slot)
                && let Some(place) = order.get_mut(wide(*next))
            {
                (*place, *next) = (number, *next + 1);
            }
        }
        for ends in self.slots.windows(2) {
            if let [begin, end] = ends
                && let Some(of_slot) =
                    order.get_mut(wide(begin.first)..wide(end.first)).filter(|of_slot| of_slot.len() > 1)
            {
                of_slot.sort_by_key(|number| found.get(*number).map(|(.., entry)| Reverse(entry.offset)));
            }
        }
        for (_, key, beside, entry) in order.into_iter().filter_map(|number| found.get(number)) {
            self.keys.push(*key);
            self.beside.push(*beside);
            self.entries.push(*entry);
        }
    }

    /// A literal's slot, its key, what stands beside that, and what else is known of it.
    fn entry(&mut self, number: usize, text: &[u8], offset: usize) -> Option<(usize, Key, Beside, Entry)> {
        let key = key(text, offset)?;
        self.bitmap.starts.set(u32::from_le_bytes(*text.get(offset..)?.first_chunk()?));
        let whole = text.len() - offset >= WIDE;
        if whole {
            self.bitmap.whole.set(key);
        } else {
            self.bitmap.short.set(key, text.len() - offset);
        }
        let key = if whole { key } else { key & self.bitmap.short.least };
        let at = narrow(self.bytes.len());
        self.bytes.extend_from_slice(text);
        self.reach = self.reach.max(offset);
        let tail = text.last_chunk().map_or(0, |tail| Key::from_le_bytes(*tail));
        let beside = Beside::of(text, offset);
        let (literal, length, offset) = (narrow(number), narrow(text.len()), narrow(offset));
        Some((self.slot(key), key, beside, Entry { tail, literal, at, length, offset }))
    }

    fn slot(&self, key: Key) -> usize {
        hash::<SLOT>(key) & self.slots.len().wrapping_sub(2)
    }

    pub(super) fn bitmap(&self) -> &Bitmap {
        &self.bitmap
    }

    /// A search for a hit between `from` and `limit` that has seen nothing yet.
    pub(super) fn search<'a>(&'a self, haystack: &'a [u8], from: usize, limit: usize) -> Search<'a> {
        let end = haystack.len().min(limit.saturating_add(self.reach));
        Search { verifier: self, haystack, from, limit, best: None, end, each: None }
    }

    /// A search that shows `each` every hit, some more than once.
    pub(super) fn every<'a>(&'a self, haystack: &'a [u8], each: &'a mut dyn FnMut(Hit)) -> Search<'a> {
        Search { each: Some(each), ..self.search(haystack, 0, haystack.len()) }
    }

    /// Whether an entry's literal stands at `start`. Most that do not are told by their end.
    fn stands(&self, entry: &Entry, haystack: &[u8], start: usize) -> bool {
        let text = haystack.get(start..start + wide(entry.length));
        let tail = |text: &[u8]| text.last_chunk().is_none_or(|tail| Key::from_le_bytes(*tail) == entry.tail);
        text.is_some_and(tail) && text == self.text(entry)
    }

    /// An entry's literal.
    fn text(&self, entry: &Entry) -> Option<&[u8]> {
        let first = wide(entry.at);
        self.bytes.get(first..first + wide(entry.length))
    }

    /// The entries of a key's slot, those that begin first and of those the first literal before others; and how far inside its literal a
    /// window of them may lie.
    fn of_slot(&self, key: Key) -> (Range<usize>, usize) {
        let slot = self.slot(key);
        match self.slots.get(slot..slot + 2) {
            Some([slot, behind]) => (wide(slot.first)..wide(behind.first), wide(slot.reach)),
            _ => (0..0, 0),
        }
    }

    /// Of some entries of one slot those of a key beside which a text may stand, if that is known.
    fn of_key(&self, slot: Range<usize>, key: Key, beside: Option<u64>) -> impl Iterator<Item = &Entry> {
        let known = |slot: Range<usize>| Some((self.keys.get(slot.clone())?, self.beside.get(slot)?));
        let first = slot.start;
        let (keys, texts) = known(slot).unwrap_or_default();
        let may = move |text: &Beside| beside.is_none_or(|beside| text.may_be(beside));
        let all = keys.iter().zip(texts).zip(first..);
        all.filter(move |((other, text), _)| **other == key && may(text))
            .filter_map(|(_, place)| self.entries.get(place))
    }
}

/// One search in one haystack.
pub(super) struct Search<'a> {
    verifier: &'a Verifier,
    haystack: &'a [u8],
    from: usize,
    limit: usize,
    best: Option<Hit>,
    /// Windows from here on cannot belong to a smaller hit than the best.
    end: usize,
    /// Who is shown every hit, where not only the best is wanted.
    each: Option<&'a mut dyn FnMut(Hit)>,
}

impl Search<'_> {
    pub(super) fn best(&self) -> Option<Hit> {
        self.best
    }

    /// The position from which on none need be shown.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// Looks at one position that may begin a window. The order in which they are shown does not matter.
    pub(super) fn look(&mut self, at: usize) {
        let Some(key) = key(self.haystack, at) else { return };
        if self.verifier.bitmap.whole.has(key) {
            self.compare(at, key);
        }
        let short = &self.verifier.bitmap.short;
        if short.has(key) {
            self.compare(at, key & short.least);
        }
    }

    #[inline]
    fn compare(&mut self, at: usize, key: Key) {
        let (slot, reach) = self.verifier.of_slot(key);
        if self.best.is_none_or(|best| best.start + reach >= at) {
            self.compare_with(slot, at, key);
        }
    }

    /// Compares with the entries of a key's slot what stands there.
    fn compare_with(&mut self, slot: Range<usize>, at: usize, key: Key) {
        for entry in self.verifier.of_key(slot, key, Beside::in_text(self.haystack, at)) {
            let start = at.checked_sub(wide(entry.offset));
            let Some(start) = start.filter(|&start| start >= self.from && start < self.limit) else { continue };
            let hit = Hit { start, literal: wide(entry.literal) };
            if self.best.is_some_and(|best| best < hit) {
                return;
            }
            if !self.verifier.stands(entry, self.haystack, start) {
                continue;
            }
            match &mut self.each {
                Some(each) => each(hit),
                None => {
                    self.best = Some(hit);
                    self.end = self.end.min(start + self.verifier.reach + 1);
                    return;
                }
            }
        }
    }
}
