//! From a position that may begin a window to the first literal that occurs.
//!
//! Takes flagged positions; gives the smallest hit, and how far one still has to look for a smaller one: a window found
//! later may belong to a literal that starts earlier.

use super::Hit;
use super::windows::Window;

/// One bit a hashed window; 64 KiB, so sparse that thousands of windows let little else pass.
pub(super) type Bitmap = [u64; WORDS];
const WORDS: usize = 1 << (PLACE_BITS - 6);
/// Bits of a bit's number.
const PLACE_BITS: u32 = 19;

/// A literal, found by one of its windows.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Its eight bytes, or four where the literal has no more.
    window: u64,
    literal: u32,
    /// Where the literal begins among the bytes of all.
    at: u32,
    length: u32,
    /// Where in the literal its window lies.
    offset: u32,
    /// The next entry of the same slot; [`NONE`] behind the last.
    next: u32,
    /// Four bytes of the literal, and where they lie in it: the last ones, or the first where the window is near the end.
    probe: u32,
    probed: u32,
}

/// No entry.
const NONE: u32 = u32::MAX;

/// The windows and literals a flagged position is compared with.
#[derive(Debug)]
pub(super) struct Verifier {
    /// The first four bytes of every window.
    bitmap: Box<Bitmap>,
    /// The eight bytes of whole windows.
    whole: Box<Bitmap>,
    /// The first four bytes of the windows that have fewer than eight, if there are any.
    short: Option<Box<Bitmap>>,
    /// By hash of a whole window, its first entry, and the same for short ones; the length is a power of two.
    slots: [Vec<u32>; 2],
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    /// No window lies further inside its literal than this.
    reach: usize,
}

const fn hash(window: u32) -> u32 {
    window.wrapping_mul(0x9e37_79b1)
}

/// The bit of a hash.
const fn place(hash: u32) -> u32 {
    hash >> (32 - PLACE_BITS)
}

/// The bit of eight bytes.
fn hash_whole(window: u64) -> u32 {
    narrow_hash(window.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACE_BITS))
}

fn narrow_hash(hash: u64) -> u32 {
    u32::try_from(hash).unwrap_or(0)
}

fn set(bitmap: &mut Bitmap, place: u32) {
    if let Some(word) = bitmap.get_mut(wide(place >> 6)) {
        *word |= 1 << (place & 63);
    }
}

#[inline]
fn is_set(bitmap: &Bitmap, place: u32) -> bool {
    bitmap.get(wide(place >> 6)).is_some_and(|word| word >> (place & 63) & 1 == 1)
}

/// Whether a window may be one of those looked for.
#[inline]
pub(super) fn may_be(bitmap: &Bitmap, window: u32) -> bool {
    is_set(bitmap, place(hash(window)))
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
    /// Finds each literal that has windows; those of one literal follow each other.
    pub(super) fn new(literals: &[&[u8]], windows: &[Window]) -> Self {
        let [bitmap, whole] = [(); 2].map(|()| Box::new([0; WORDS]));
        let slots = [(); 2].map(|()| vec![NONE; windows.len().max(2).next_power_of_two()]);
        let entries = Vec::with_capacity(windows.len());
        let mut verifier = Self { bitmap, whole, short: None, slots, entries, bytes: Vec::new(), reach: 0 };
        for same in windows.chunk_by(|left, right| left.literal == right.literal) {
            let at = narrow(verifier.bytes.len());
            for window in same {
                let text = literals.get(window.literal).copied().unwrap_or(&[]);
                verifier.add(text, window, at);
            }
            let literal = same.first().and_then(|window| literals.get(window.literal)).copied();
            verifier.bytes.extend_from_slice(literal.unwrap_or(&[]));
        }
        verifier
    }

    fn add(&mut self, text: &[u8], window: &Window, at: u32) {
        let Some(key) = narrow_window(text, window.offset) else {
            return;
        };
        set(&mut self.bitmap, place(hash(key)));
        let [of_whole, of_short] = &mut self.slots;
        let (slots, bit, bytes) = match whole_window(text, window.offset) {
            Some(bytes) => {
                set(&mut self.whole, hash_whole(bytes));
                (of_whole, hash_whole(bytes), bytes)
            }
            None => {
                let bit = place(hash(key));
                set(self.short.get_or_insert_with(|| Box::new([0; WORDS])), bit);
                (of_short, bit, u64::from(key))
            }
        };
        let mask = slots.len().wrapping_sub(1);
        let Some(slot) = slots.get_mut(wide(bit) & mask) else {
            return;
        };
        let next = std::mem::replace(slot, narrow(self.entries.len()));
        let (literal, offset, length) = (narrow(window.literal), narrow(window.offset), narrow(text.len()));
        let probed = if window.offset + 8 > text.len() { 0 } else { text.len() - 4 };
        let (probe, probed) = (narrow_window(text, probed).unwrap_or(0), narrow(probed));
        self.entries.push(Entry { window: bytes, literal, at, length, offset, next, probe, probed });
        self.reach = self.reach.max(window.offset);
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

    /// The entries of a window, whose bit is given.
    fn of_window(&self, slots: &[u32], bit: u32, window: u64) -> impl Iterator<Item = &Entry> {
        let first = slots.get(wide(bit) & slots.len().wrapping_sub(1)).copied().unwrap_or(NONE);
        let entry = |place: u32| self.entries.get(wide(place));
        let same = std::iter::successors(entry(first), move |before| entry(before.next));
        same.filter(move |entry| entry.window == window)
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
    #[inline]
    pub(super) fn look(&mut self, at: usize) {
        self.look_whole(at);
        if let Some(short) = self.verifier.short.as_deref()
            && let Some(window) = narrow_window(self.haystack, at)
            && is_set(short, place(hash(window)))
        {
            let [_, slots] = &self.verifier.slots;
            self.compare(at, slots, place(hash(window)), u64::from(window));
        }
    }

    /// Looks at one position that may begin a window of eight bytes.
    #[inline]
    pub(super) fn look_whole(&mut self, at: usize) {
        if let Some(window) = whole_window(self.haystack, at)
            && is_set(&self.verifier.whole, hash_whole(window))
        {
            let [slots, _] = &self.verifier.slots;
            self.compare(at, slots, hash_whole(window), window);
        }
    }

    #[inline(never)]
    fn compare(&mut self, at: usize, slots: &[u32], bit: u32, window: u64) {
        for entry in self.verifier.of_window(slots, bit, window) {
            let start = at.checked_sub(wide(entry.offset));
            let Some(start) = start.filter(|&start| start >= self.from && start < self.limit) else {
                continue;
            };
            let hit = Hit { start, literal: wide(entry.literal) };
            if narrow_window(self.haystack, start + wide(entry.probed)) != Some(entry.probe)
                || self.best.is_some_and(|best| best < hit)
            {
                continue;
            }
            let (first, length) = (wide(entry.at), wide(entry.length));
            let literal = self.verifier.bytes.get(first..first + length);
            if literal.is_none() || self.haystack.get(start..start + length) != literal {
                continue;
            }
            match &mut self.each {
                Some(each) => each(hit),
                None => {
                    self.best = Some(hit);
                    self.end = self.end.min(start + self.verifier.reach + 1);
                }
            }
        }
    }
}
