//! Whether a window may begin at a place of a text: what the kernels let pass is asked here first.

use super::choose::MIN_LITERAL;
use crate::num::narrow;

/// Bytes of a key.
pub(super) const WIDE: usize = 8;

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
    pub(super) fn new(shortest: usize) -> Self {
        Self {
            starts: Starts::default(),
            whole: Bits::default(),
            short: Short::new(if shortest > MIN_LITERAL { 5 } else { 4 }),
        }
    }

    /// Lets a window pass that begins with these bytes, the rest of its literal; gives the key by which it is found.
    pub(super) fn add(&mut self, window: &[u8]) -> Option<Key> {
        let key = key(window, 0)?;
        self.starts.set(u32::from_le_bytes(*window.first_chunk()?));
        if window.len() >= WIDE {
            self.whole.set(key);
            return Some(key);
        }
        self.short.set(key, window.len());
        Some(key & self.short.least)
    }

    /// By which keys windows are found that these bytes may be: one of so many bytes, and a shorter one.
    #[inline]
    pub(super) fn keys(&self, key: Key) -> [Option<Key>; 2] {
        [self.whole.has(key).then_some(key), self.short.has(key).then_some(key & self.short.least)]
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
        (narrow((hash >> Self::WORD).into()), hash & ((1 << Self::WORD) - 1))
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
pub(super) fn hash<const LOG: u32>(key: Key) -> usize {
    usize::try_from(key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - LOG)).unwrap_or(0)
}

/// The eight bytes at a place, or near the end at least four and zeros.
#[inline]
pub(super) fn key(text: &[u8], at: usize) -> Option<Key> {
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
