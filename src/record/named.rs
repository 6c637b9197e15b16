//! Digits that somebody names, so that a number that holds them is not as good as any other.

/// Numbers of three digits.
const THREES: usize = 1000;

/// Texts of digits, of which a zero byte stands for any digit.
#[derive(Debug)]
pub struct Named {
    texts: Vec<String>,
    /// A bit for each number of three digits with which one of them begins: most numbers hold none of these.
    begins: [u64; THREES.div_ceil(64)],
    /// Whether one of them is shorter.
    short: bool,
}

impl Named {
    /// These texts.
    #[must_use]
    pub fn new(texts: Vec<String>) -> Self {
        let mut begins = [0; THREES.div_ceil(64)];
        for first in texts.iter().filter_map(|text| text.as_bytes().first_chunk::<3>()) {
            for number in first.iter().fold(vec![0], |numbers, digit| with_digit(&numbers, *digit)) {
                if let Some(word) = begins.get_mut(number / 64) {
                    *word |= 1 << (number % 64);
                }
            }
        }
        let short = texts.iter().any(|text| text.len() < 3);
        Self { texts, begins, short }
    }

    /// Whether a number holds one of them.
    pub(super) fn stands_in(&self, number: &[u8]) -> bool {
        (self.short || number.windows(3).any(|three| self.begins(three))) && self.is_held(number)
    }

    fn begins(&self, three: &[u8]) -> bool {
        let number = three.iter().fold(0, |number, digit| number * 10 + value(*digit));
        self.begins.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    fn is_held(&self, number: &[u8]) -> bool {
        let stands =
            |part: &[u8], text: &[u8]| part.iter().zip(text).all(|(digit, named)| *named == 0 || digit == named);
        let mut texts = self.texts.iter().map(String::as_bytes);
        texts.any(|text| number.windows(text.len().max(1)).any(|part| stands(part, text)))
    }
}

/// The numbers with a digit behind each; a zero byte stands for all.
fn with_digit(numbers: &[usize], digit: u8) -> Vec<usize> {
    let digits = if digit == 0 { 0..10 } else { value(digit)..value(digit) + 1 };
    digits.flat_map(|digit| numbers.iter().map(move |number| number * 10 + digit)).collect()
}

fn value(digit: u8) -> usize {
    usize::from(digit.wrapping_sub(b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Dice;

    #[test]
    fn a_number_holds_what_a_look_at_each_place_finds() {
        let mut dice = Dice(7);
        let mut held = 0;
        for round in 0..20_000 {
            let mut text = |most: usize, any: bool| -> String {
                let mut digit = || match dice.below(10) {
                    0 if any => '\0',
                    digit => char::from(b"0123456789"[digit]),
                };
                (0..=most).map(|_| digit()).collect::<String>()
            };
            // In half of the rounds none of them is short.
            let texts: Vec<String> = (0..3).map(|number| text((round + number) % 4 + round % 2 * 2, true)).collect();
            let number = text(round % 7, false);
            let stands = |text: &String, at: usize| {
                text.bytes().enumerate().all(|(place, named)| {
                    number.as_bytes().get(at + place).is_some_and(|digit| named == 0 || named == *digit)
                })
            };
            let plain = texts.iter().any(|text| (0..number.len()).any(|at| stands(text, at)));
            held += usize::from(plain);
            assert_eq!(Named::new(texts.clone()).stands_in(number.as_bytes()), plain, "{texts:?} in {number}");
        }
        assert!((2_000..18_000).contains(&held), "{held} of 20,000 hold one");
    }
}
