//! From a position that may begin a window to the first literal that occurs.
//!
//! Takes flagged positions in ascending order; gives the smallest hit, and how far one still has to look for a smaller
//! one: a window found later may belong to a literal that starts earlier.

use super::Hit;
use super::windows::Window;

/// One bit a hashed window; 8 KiB stay in the first cache.
pub(super) type Bitmap = [u64; 1024];

/// A literal, found by its window.
#[derive(Debug, Clone, Copy)]
struct Entry {
    window: u32,
    literal: u32,
    /// Where the literal begins among the bytes of all.
    at: u32,
    length: u32,
    /// Where in the literal its window lies.
    offset: u32,
}

/// Where the entries of a window are; an empty slot has none.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    window: u32,
    first: u32,
    count: u32,
}

/// The windows and literals a flagged position is compared with.
#[derive(Debug)]
pub(super) struct Verifier {
    /// The first four bytes of every window.
    bitmap: Box<Bitmap>,
    /// The eight bytes of whole windows.
    whole: Box<Bitmap>,
    /// The first four bytes of the windows that have fewer than eight, if there are any.
    short: Option<Box<Bitmap>>,
    /// Open addressing, at most half full; the length is a power of two.
    slots: Vec<Slot>,
    /// By window, then by literal.
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    /// No window lies further inside its literal than this.
    reach: usize,
}

const fn hash(window: u32) -> u32 {
    window.wrapping_mul(0x9e37_79b1)
}

const fn upper(hash: u32) -> u16 {
    let [.., low, high] = hash.to_le_bytes();
    u16::from_le_bytes([low, high])
}

/// Sixteen bits of eight bytes.
const fn hash_whole(window: u64) -> u16 {
    let [.., low, high] = window.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
    u16::from_le_bytes([low, high])
}

fn set(bitmap: &mut Bitmap, hash: u16) {
    if let Some(word) = bitmap.get_mut(usize::from(hash >> 6)) {
        *word |= 1 << (hash & 63);
    }
}

#[inline]
fn is_set(bitmap: &Bitmap, hash: u16) -> bool {
    bitmap.get(usize::from(hash >> 6)).is_some_and(|word| word >> (hash & 63) & 1 == 1)
}

/// Whether a window may be one of those looked for.
#[inline]
pub(super) fn may_be(bitmap: &Bitmap, window: u32) -> bool {
    is_set(bitmap, upper(hash(window)))
}

/// The four bytes at a place, if there are so many.
#[inline]
fn narrow_window(text: &[u8], at: usize) -> Option<u32> {
    let window = text.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*window))
}

/// The eight bytes at a place, if there are so many.
#[inline]
fn whole_window(text: &[u8], at: usize) -> Option<u64> {
    let window = text.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*window))
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn wide(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl Verifier {
    /// Finds each literal that has a window.
    pub(super) fn new(literals: &[&[u8]], windows: &[Window]) -> Self {
        let mut bytes = Vec::with_capacity(literals.iter().map(|literal| literal.len()).sum());
        let [mut bitmap, mut whole, mut short] = [(); 3].map(|()| Box::new([0; 1024]));
        let mut any_short = false;
        let mut entries = Vec::with_capacity(windows.len());
        for window in windows {
            let text = literals.get(window.literal).copied().unwrap_or(&[]);
            let Some(key) = narrow_window(text, window.offset) else {
                continue;
            };
            set(&mut bitmap, upper(hash(key)));
            match whole_window(text, window.offset) {
                Some(window) => set(&mut whole, hash_whole(window)),
                None => {
                    set(&mut short, upper(hash(key)));
                    any_short = true;
                }
            }
            entries.push(Entry {
                window: key,
                literal: narrow(window.literal),
                at: narrow(bytes.len()),
                length: narrow(text.len()),
                offset: narrow(window.offset),
            });
            bytes.extend_from_slice(text);
        }
        entries.sort_unstable_by_key(|entry| (entry.window, entry.literal));
        let reach = entries.iter().map(|entry| wide(entry.offset)).max().unwrap_or(0);
        Self { bitmap, whole, short: any_short.then_some(short), slots: slots(&entries), entries, bytes, reach }
    }

    pub(super) fn bitmap(&self) -> &Bitmap {
        &self.bitmap
    }

    /// Whether a window may begin at a place.
    #[inline]
    fn may_be_at(&self, haystack: &[u8], at: usize) -> bool {
        let is_short = |bitmap| narrow_window(haystack, at).is_some_and(|window| may_be(bitmap, window));
        match whole_window(haystack, at) {
            Some(window) if is_set(&self.whole, hash_whole(window)) => true,
            Some(_) => self.short.as_deref().is_some_and(is_short),
            // At the end there is room for a short one only.
            None => is_short(&self.bitmap),
        }
    }

    /// A search that has seen nothing yet.
    pub(super) fn search<'a>(&'a self, haystack: &'a [u8], from: usize) -> Search<'a> {
        Search { verifier: self, haystack, from, best: None, end: haystack.len() }
    }

    fn of_window(&self, window: u32) -> &[Entry] {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = wide(hash(window) >> 8);
        loop {
            match self.slots.get(at & mask) {
                Some(slot) if slot.count > 0 && slot.window == window => {
                    let (first, count) = (wide(slot.first), wide(slot.count));
                    return self.entries.get(first..first + count).unwrap_or(&[]);
                }
                Some(slot) if slot.count > 0 => at += 1,
                _ => return &[],
            }
        }
    }
}

fn slots(entries: &[Entry]) -> Vec<Slot> {
    let size = (entries.len() * 2).max(2).next_power_of_two();
    let mut slots = vec![Slot::default(); size];
    let mut first = 0;
    for same in entries.chunk_by(|left, right| left.window == right.window) {
        let window = same.first().map_or(0, |entry| entry.window);
        let filled = Slot { window, first: narrow(first), count: narrow(same.len()) };
        first += same.len();
        let mut at = wide(hash(window) >> 8);
        while slots.get(at & (size - 1)).is_some_and(|slot| slot.count > 0) {
            at += 1;
        }
        if let Some(slot) = slots.get_mut(at & (size - 1)) {
            *slot = filled;
        }
    }
    slots
}

/// One search in one haystack.
#[derive(Debug)]
pub(super) struct Search<'a> {
    verifier: &'a Verifier,
    haystack: &'a [u8],
    from: usize,
    best: Option<Hit>,
    /// Windows from here on cannot belong to a smaller hit than the best.
    end: usize,
}

impl Search<'_> {
    pub(super) fn best(&self) -> Option<Hit> {
        self.best
    }

    /// Looks at the positions `base + lane` for each bit of `lanes`; gives the position from which on none need be shown.
    #[inline]
    pub(super) fn visit(&mut self, base: usize, mut lanes: u64) -> usize {
        while lanes != 0 {
            let at = base + wide(lanes.trailing_zeros());
            lanes &= lanes - 1;
            if self.verifier.may_be_at(self.haystack, at) {
                self.compare(at);
            }
        }
        self.end
    }

    #[inline(never)]
    fn compare(&mut self, at: usize) {
        let Some(window) = narrow_window(self.haystack, at) else {
            return;
        };
        for entry in self.verifier.of_window(window) {
            let Some(start) = at.checked_sub(wide(entry.offset)).filter(|&start| start >= self.from) else {
                continue;
            };
            let hit = Hit { start, literal: wide(entry.literal) };
            if self.best.is_some_and(|best| best < hit) {
                continue;
            }
            let (first, length) = (wide(entry.at), wide(entry.length));
            let literal = self.verifier.bytes.get(first..first + length);
            if literal.is_some() && self.haystack.get(start..start + length) == literal {
                self.best = Some(hit);
                self.end = self.end.min(start + self.verifier.reach + 1);
            }
        }
    }
}
