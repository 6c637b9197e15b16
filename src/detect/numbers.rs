//! Which numbers of a record may be others, for no clause looks at them and no report shows them.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::record::{Form, Named};
use crate::rule::{ANY, Digits};
use crate::scan::Bucketed;

use super::judge::Verdicts;

/// So many digits one behind the other are seldom met by chance.
const RARE: usize = 3;
/// Most sets of digits remembered; then all are forgotten.
const MOST: usize = 64;

/// Looks for numbers at which nobody looks.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// Finds the literals that have digits, each digit made a zero; and those that are then alike.
    literals: OnceCell<Option<(Bucketed, Vec<Vec<String>>)>>,
    /// What was named so far: most forms of a log share it.
    known: BTreeMap<Vec<String>, Arc<Named>>,
}

impl Numbers {
    /// Of the places of numbers in the line of a form, with its first literal at `at`, those at which no clause looks and of which nothing is shown, but
    /// for the digits that come with them, of which [`ANY`] stands for any. `literals` is what the literals of all clauses name of numbers,
    /// `concerned` what those clauses do that the record may concern.
    pub(super) fn idle<'d>(
        &mut self,
        form: &Form,
        at: usize,
        found: &Verdicts,
        literals: &Digits,
        concerned: impl Iterator<Item = &'d Digits>,
    ) -> Option<(Vec<Range<usize>>, Arc<Named>)> {
        let line = form.line();
        // The bytes by which the form is found must be the same.
        let free = |number: &Range<usize>| number.end <= at || number.start >= at + Form::KEY;
        let shown = shown(line, found);
        let seen = |number: &Range<usize>| shown.iter().any(|part| part.start < number.end && part.end > number.start);
        let numbers: Vec<_> = form.numbers().iter().filter(|number| free(number) && !seen(number)).cloned().collect();
        if numbers.is_empty() {
            return None;
        }
        let mut looked_at = LookedAt { line, zeros: zeroed(line), numbers, named: literals.bare.clone() };
        for digits in concerned {
            digits.texts.iter().for_each(|text| looked_at.everywhere(text));
            looked_at.named.extend_from_slice(&digits.bare);
        }
        // Where other digits may make a literal, others of the rules' clauses are concerned.
        let (finder, alike) = self.literals.get_or_init(|| with_digits(&literals.texts)).as_ref()?;
        let zeros = looked_at.zeros.clone();
        finder.all(&zeros, &mut |hit| {
            alike.get(hit.literal).into_iter().flatten().for_each(|text| looked_at.at(hit.start, text));
        });
        let LookedAt { numbers, mut named, .. } = looked_at;
        named.sort_unstable();
        named.dedup();
        if self.known.len() >= MOST {
            self.known.clear();
        }
        let named = self.known.entry(named).or_insert_with_key(|named| Arc::new(Named::new(named.clone())));
        Some((numbers, Arc::clone(named)))
    }
}

/// Where in a line stands what was captured of it; what stands nowhere as it is may be of anywhere.
fn shown(line: &[u8], found: &Verdicts) -> Vec<Range<usize>> {
    let mut values: Vec<_> = found.iter().flat_map(|(_, found)| found.captures.values()).collect();
    values.sort_unstable();
    values.dedup();
    let places = |value: &String| {
        let mut places: Vec<_> = memchr::memmem::find_iter(line, value).map(|at| at..at + value.len()).collect();
        if places.is_empty() {
            places.push(0..line.len());
        }
        places
    };
    values.into_iter().flat_map(places).collect()
}

/// Finds texts of which each digit is made a zero, and gives the texts that are each of these.
fn with_digits(texts: &[String]) -> Option<(Bucketed, Vec<Vec<String>>)> {
    let mut alike: BTreeMap<Vec<u8>, Vec<String>> = BTreeMap::new();
    for text in texts {
        alike.entry(zeroed(text.as_bytes())).or_default().push(text.clone());
    }
    let (zeros, alike): (Vec<_>, Vec<_>) = alike.into_iter().unzip();
    Some((Bucketed::unchosen(&zeros.iter().map(Vec::as_slice).collect::<Vec<_>>())?, alike))
}

/// A line of which clauses look at some numbers.
struct LookedAt<'l> {
    line: &'l [u8],
    /// The same, each digit made a zero.
    zeros: Vec<u8>,
    /// Places of numbers at which nobody looks.
    numbers: Vec<Range<usize>>,
    /// Digits that matter wherever they stand.
    named: Vec<String>,
}

impl LookedAt<'_> {
    fn everywhere(&mut self, text: &str) {
        let places: Vec<_> = memchr::memmem::find_iter(&self.zeros, &zeroed(text.as_bytes())).collect();
        places.into_iter().for_each(|at| self.at(at, text));
    }

    /// What stands at `at` is this text, if it has its digits. One of its numbers that is another there, and seldom met by chance, has to be.
    fn at(&mut self, at: usize, text: &str) {
        match other(self.line.get(at..).unwrap_or_default(), text) {
            Some(number) => self.named.push(number.to_owned()),
            None => self.numbers.retain(|number| number.end <= at || number.start >= at + text.len()),
        }
    }
}

/// The first number of a text, seldom met by chance, in whose place the line has another.
fn other<'t>(line: &[u8], text: &'t str) -> Option<&'t str> {
    let mut end = 0;
    let mut parts = text.as_bytes().chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit());
    parts.find_map(|part| {
        let start = end;
        end += part.len();
        let number = part.len() >= RARE && part.iter().all(u8::is_ascii_digit);
        (number && line.get(start..end) != Some(part)).then(|| text.get(start..end))?
    })
}

/// A text with each digit made a zero.
fn zeroed(text: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| byte.is_ascii_digit() || char::from(byte) == ANY;
    text.iter().map(|byte| if digit(*byte) { b'0' } else { *byte }).collect()
}
