//! A text in which each digit is a zero: lines that differ by their numbers alone are the same.

/// Bytes of a word.
pub(super) const WORD: usize = 8;
/// Bytes that are told at a time.
pub(super) const PIECE: usize = 2 * WORD;
/// What stands behind the text.
const END: u8 = b'\n';

/// The text piece by piece, each as two words; behind its last byte stand a line break and zeros.
#[derive(Debug, Clone)]
pub(super) struct Zeros<'t> {
    text: &'t [u8],
    /// So many first bytes stay as they are.
    named: usize,
    at: usize,
}

impl<'t> Zeros<'t> {
    /// Of a text of which so many first bytes stay as they are.
    pub(super) const fn of(text: &'t [u8], named: usize) -> Self {
        Self { text, named, at: 0 }
    }
}

impl Iterator for Zeros<'_> {
    type Item = [u64; 2];

    #[inline(always)]
    fn next(&mut self) -> Option<[u64; 2]> {
        let rest = self.text.get(self.at..)?;
        let said = rest.first_chunk().map_or_else(|| ended(self.text, rest), words);
        let zeros = said.map(without_digits);
        let named = self.named.saturating_sub(self.at);
        self.at += PIECE;
        Some(if named == 0 { zeros } else { with_first(named, said, zeros) })
    }
}

fn words(piece: &[u8; PIECE]) -> [u64; 2] {
    let (words, _) = piece.as_chunks();
    std::array::from_fn(|number| words.get(number).map_or(0, |word| u64::from_le_bytes(*word)))
}

/// A word in which each digit is a zero. All bytes at once: compilers find no good way for one after the other.
fn without_digits(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const LOW: u64 = EACH * 0x7f;
    // The sum reaches the highest bit of a byte from this one on, and does not go on into the next byte.
    let from = |byte: u8| (word & LOW) + EACH * (0x80 - u64::from(byte));
    let digits = from(b'0') & !from(b'9' + 1) & !word & !LOW;
    word & !((digits >> 3) - (digits >> 7))
}

/// Which of sixteen bytes, the lowest first, is the first of this kind.
pub(super) fn first_of(piece: u128, byte: u8) -> Option<usize> {
    const EACH: u128 = u128::MAX / 0xff;
    let other = piece ^ (EACH * u128::from(byte));
    // Of the highest bits of bytes the lowest that is set is that of the first zero byte.
    let found = other.wrapping_sub(EACH) & !other & (EACH << 7);
    (found != 0).then(|| usize::try_from(found.trailing_zeros() / u8::BITS).unwrap_or(0))
}

/// Words with so many first bytes of others.
fn with_first(bytes: usize, others: [u64; 2], words: [u64; 2]) -> [u64; 2] {
    let taken = |bytes: usize| if bytes < WORD { (1 << (8 * bytes)) - 1 } else { u64::MAX };
    let with = |taken: u64, other: u64, word: u64| (other & taken) | (word & !taken);
    let ([first, second], [zeros, behind]) = (others, words);
    [with(taken(bytes), first, zeros), with(taken(bytes.saturating_sub(WORD)), second, behind)]
}

/// The last bytes of a text, fewer than a piece, its end, and zeros.
fn ended(text: &[u8], rest: &[u8]) -> [u64; 2] {
    let bits = u8::BITS * u32::try_from(rest.len()).unwrap_or(0);
    // What stands before them is shifted out.
    let last = text.last_chunk().map(|last| u128::from_le_bytes(*last).checked_shr(u128::BITS - bits).unwrap_or(0));
    let last = last.unwrap_or_else(|| rest.iter().rev().fold(0, |last, byte| last << u8::BITS | u128::from(*byte)));
    words(&(last | u128::from(END) << bits).to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &[u8], named: usize) -> Vec<u8> {
        Zeros::of(text, named).flatten().flat_map(u64::to_le_bytes).collect()
    }

    #[test]
    fn digits_become_zeros_and_nothing_else_does() {
        for byte in 0..=u8::MAX {
            let text = [b'{', b'/', byte, b':', byte, 0xff, 9].repeat(5);
            let zero = if byte.is_ascii_digit() { b'0' } else { byte };
            for named in 0..=text.len() + 1 {
                let (first, rest) = text.split_at(named.min(text.len()));
                let mut expected = first.to_vec();
                expected.extend(rest.iter().map(|other| if *other == byte { zero } else { *other }));
                expected.extend([END]);
                expected.resize(48, 0);
                assert_eq!(bytes(&text, named), expected, "{byte}, {named} bytes are named");
            }
        }
    }

    #[test]
    fn the_first_byte_of_a_kind_is_found() {
        for (text, found) in [("{}", 0), ("x{{", 1), ("xxxxxxxx{xxxxxxx", 8), ("xxxxxxxxxxxxxxx{", 15)] {
            let bytes = format!("{text:x<16}").into_bytes();
            assert_eq!(first_of(u128::from_le_bytes(bytes.try_into().unwrap()), b'{'), Some(found), "{text}");
        }
        let beside = [0, 1, 0x7a, 0x7c, 0xfa, 0xfb, 0xfc, 0xff];
        for one in beside {
            for other in beside {
                let piece = u128::from_le_bytes(std::array::from_fn(|at| if at % 2 == 0 { one } else { other }));
                assert_eq!(first_of(piece, 0x7b), None, "{one} {other}");
            }
        }
    }

    #[test]
    fn every_text_ends() {
        for length in 0..100 {
            let text = vec![b'x'; length];
            let told = bytes(&text, 0);
            assert_eq!(told.len(), (length / PIECE + 1) * PIECE);
            assert_eq!(told.iter().position(|byte| *byte == END), Some(length));
        }
    }
}
