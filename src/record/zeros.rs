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
        let said = rest.first_chunk().map_or_else(|| words(&ended(rest)), words);
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

/// Words with so many first bytes of others.
fn with_first(bytes: usize, others: [u64; 2], words: [u64; 2]) -> [u64; 2] {
    let taken = |bytes: usize| if bytes < WORD { (1 << (8 * bytes)) - 1 } else { u64::MAX };
    let with = |taken: u64, other: u64, word: u64| (other & taken) | (word & !taken);
    let ([first, second], [zeros, behind]) = (others, words);
    [with(taken(bytes), first, zeros), with(taken(bytes.saturating_sub(WORD)), second, behind)]
}

/// The last bytes of a text, its end, and zeros.
#[inline(never)]
fn ended(rest: &[u8]) -> [u8; PIECE] {
    let mut piece = [0; PIECE];
    for (to, byte) in piece.iter_mut().zip(rest.iter().chain([&END])) {
        *to = *byte;
    }
    piece
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
    fn every_text_ends() {
        for length in 0..100 {
            let text = vec![b'x'; length];
            let told = bytes(&text, 0);
            assert_eq!(told.len(), (length / PIECE + 1) * PIECE);
            assert_eq!(told.iter().position(|byte| *byte == END), Some(length));
        }
    }
}
