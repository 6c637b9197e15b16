//! How common is a run of bytes in text?
//!
//! Takes bytes, gives levels: two levels more mean twice as common. The estimate is a table of runs of three symbols (letters
//! without case, and six kinds of other bytes) made by `examples/train.rs` from text it makes up; longer runs are estimated
//! as overlapping runs of three. Nothing here decides an answer, only how fast it comes.

/// 32 lines of 1024 levels (run of three), one of 1024 (run of two), one of 64 (folded byte), each `b'0'` and up.
const TABLE: &[u8] = include_bytes!("trigrams.txt");
const ROW: usize = 1025;
const PAIRS: usize = 32 * ROW;
const BYTES: usize = PAIRS + ROW;

/// The kind of a byte as the table sees it: 0–25 a letter, 26 a digit, 27 blank, 28–30 punctuation, 31 the rest.
#[doc(hidden)]
#[must_use]
pub const fn symbol(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a',
        b'A'..=b'Z' => byte - b'A',
        b'0'..=b'9' => 26,
        b' ' | b'\t' => 27,
        b'-' | b'_' | b':' | b'/' | b'.' => 28,
        b'"' | b'\'' | b',' | b';' | b'(' | b')' | b'[' | b']' | b'{' | b'}' => 29,
        0..=b'~' => 30,
        _ => 31,
    }
}

/// The six bits of a byte that buckets tell apart: upper and lower case are one, so are a byte and its twin past 127.
#[doc(hidden)]
#[must_use]
pub const fn fold(byte: u8) -> u8 {
    (byte & 0x1f) | ((byte >> 1) & 0x20)
}

/// How much a byte is rarer than its symbol, in levels: ten digits share one, five joiners, and so on.
const fn share(symbol: u8) -> i32 {
    match symbol {
        26 => 6,
        28 | 29 => 4,
        30 | 31 => 6,
        _ => 0,
    }
}

/// How common it is, in levels, that two bytes are followed by a third. Levels of following places add up, so that the sum
/// over a window orders windows. Not a probability: only differences mean something.
#[must_use]
pub fn level([a, b, c]: [u8; 3]) -> i32 {
    let [a, b, c] = [symbol(a), symbol(b), symbol(c)];
    run(a, b, c) - pair(a, b) - share(c)
}

fn entry(place: usize) -> i32 {
    TABLE.get(place).map_or(0, |&level| i32::from(level.saturating_sub(b'0')))
}

fn run(a: u8, b: u8, c: u8) -> i32 {
    entry(usize::from(a) * ROW + usize::from(b) * 32 + usize::from(c))
}

fn pair(a: u8, b: u8) -> i32 {
    entry(PAIRS + usize::from(a) * 32 + usize::from(b))
}

/// How common a folded byte is, as a share of all bytes.
#[must_use]
pub fn frequency(folded: u8) -> f32 {
    let level = entry(BYTES + usize::from(folded & 0x3f));
    // Never nothing: text that was not foreseen has every byte.
    (f32::from(u8::try_from(level).unwrap_or(0)) / 2.0 - 25.0).exp2().max(1.0 / 4096.0)
}
