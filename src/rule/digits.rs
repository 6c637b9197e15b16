//! Which digits of a text matter to a clause: a flood names another request, client or process in each of its lines, and says the same.
//!
//! This file is also compiled into the build script.

use std::slice;

use regex_syntax::hir::{Class, Hir, HirKind};
use serde::{Deserialize, Serialize};

use super::file::ClauseSpec;
use super::literal;

/// Most texts that one place of a regex may have.
const MOST: usize = 32;

/// What a clause names of numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digits {
    /// Texts around digits; [`ANY`] stands for any of them.
    pub texts: Vec<String>,
    /// Digits that may stand anywhere; [`ANY`] stands for any of them.
    pub bare: Vec<String>,
}

/// Any digit.
pub const ANY: char = '\0';

/// What a clause names. Two texts that differ in numbers alone, each as long in one as in the other, are the same to it, and match in the same
/// places, if where these numbers are none of its texts stands, whatever its digits, and none of them holds its bare digits.
pub(super) fn of_clause(clause: &ClauseSpec) -> Digits {
    let mut named = Named::default();
    if let Some(text) = &clause.contains {
        named.add(&[text.as_bytes().to_vec()]);
    }
    for pattern in [&clause.regex, &clause.not].into_iter().flatten() {
        match literal::parsed(pattern) {
            Some(hir) => named.sequence(slice::from_ref(&hir)),
            None => named.any(),
        }
    }
    named.0.sort_unstable();
    named.0.dedup();
    of_texts(named.0.iter().map(String::as_str))
}

/// What texts name of numbers.
pub(super) fn of_texts<'t>(texts: impl Iterator<Item = &'t str>) -> Digits {
    let texts = texts.filter(|text| text.contains(is_digit)).map(str::to_owned);
    let (bare, mut texts): (Vec<_>, Vec<_>) = texts.partition(|text| text.chars().all(is_digit));
    texts.sort_unstable();
    texts.dedup();
    Digits { texts, bare }
}

#[derive(Default)]
struct Named(Vec<String>);

impl Named {
    /// Every digit may matter.
    fn any(&mut self) {
        self.0.push(ANY.to_string());
    }

    fn add(&mut self, texts: &[Vec<u8>]) {
        self.0.extend(texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()));
    }

    /// Goes through parts that stand behind one another; those that can only be a few texts are joined.
    fn sequence(&mut self, parts: &[Hir]) {
        let parts = literal::flat(parts);
        let mut run = vec![Vec::new()];
        for (number, part) in parts.iter().enumerate() {
            if let Some(longer) = exact(part).and_then(|texts| product(&run, &texts)) {
                run = longer;
                continue;
            }
            // Digits beside others belong to the same number.
            let behind = run.iter().all(|text| text.last().is_some_and(is_digit_byte));
            let before = parts
                .get(number + 1)
                .and_then(|next| exact(next))
                .is_some_and(|texts| texts.iter().all(|text| text.first().is_some_and(is_digit_byte)));
            self.add(&run);
            run = exact(part).unwrap_or_else(|| vec![Vec::new()]);
            match part.kind() {
                HirKind::Class(class) if tells_digits_apart(class) => self.any(),
                HirKind::Repetition(repetition) => match repetition.sub.kind() {
                    HirKind::Class(class) if is_of_digits(class) && (behind || before) => {}
                    HirKind::Class(class) if tells_digits_apart(class) => self.any(),
                    _ => self.sequence(slice::from_ref(&repetition.sub)),
                },
                HirKind::Alternation(branches) => {
                    branches.iter().for_each(|branch| self.sequence(slice::from_ref(branch)))
                }
                _ => {}
            }
        }
        self.add(&run);
    }
}

fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit() || letter == ANY
}

fn is_digit_byte(byte: &u8) -> bool {
    is_digit(char::from(*byte))
}

/// The few texts that a part can be; for some digits there is [`ANY`].
fn exact(part: &Hir) -> Option<Vec<Vec<u8>>> {
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Class(class) if is_of_digits(class) && tells_digits_apart(class) => {
            Some(vec![ANY.to_string().into_bytes()])
        }
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(vec![Vec::new()], |run, part| product(&run, &exact(part)?)),
        HirKind::Alternation(branches) => {
            let texts: Option<Vec<_>> = branches.iter().map(exact).collect();
            texts.map(|texts| texts.concat()).filter(|texts| texts.len() <= MOST)
        }
        _ => None,
    }
}

/// Each text behind each of the others, unless they are many.
fn product(run: &[Vec<u8>], texts: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let all = || run.iter().flat_map(|text| texts.iter().map(|more| [text.as_slice(), more].concat())).collect();
    (run.len() * texts.len() <= MOST).then(all)
}

/// Whether a class has some digits and not others.
fn tells_digits_apart(class: &Class) -> bool {
    let has = |digit: &u8| match class {
        Class::Unicode(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&char::from(*digit))),
        Class::Bytes(class) => class.iter().any(|range| (range.start()..=range.end()).contains(digit)),
    };
    !matches!((b'0'..=b'9').filter(has).count(), 0 | 10)
}

/// Whether a class has nothing but digits.
fn is_of_digits(class: &Class) -> bool {
    match class {
        Class::Unicode(class) => {
            class.iter().all(|range| range.start().is_ascii_digit() && range.end().is_ascii_digit())
        }
        Class::Bytes(class) => class.iter().all(|range| range.start().is_ascii_digit() && range.end().is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_clause_names_is_told_from_what_it_takes_as_it_comes() {
        let known: [(&str, &[&str], &[&str]); 14] = [
            (r"port \d+ is \w+ in [^ ]+", &[], &[]),
            (r"failed \(111: Connection refused\)", &["failed (111: Connection refused)"], &[]),
            (r"status 50[234] of \d{3}", &["status 50\0 of "], &[]),
            (r"(?:code 28P01|SQLSTATE\[0800[16]\])", &["SQLSTATE[0800\0]", "code 28P01"], &[]),
            (r"to (?P<port>(?:[1-9]?543\d|6432))\b", &[], &["543", "6432"]),
            (r"from 10\.\d+\.0\.1", &[".0.1", "from 10."], &[]),
            (r"\bexit code (?P<code>[1-9]\d*)", &["exit code \0"], &[]),
            (r"IPv[46] address", &["IPv\0 address"], &[]),
            (r"exit 1\d\d", &["exit 1"], &[]),
            (r"4\d[39]", &[], &["\0", "4"]),
            (r"[^:]+: [a-z]+ [0-9a-f]{8}", &[], &[]),
            (r"[^0]x", &[], &["\0"]),
            (r"a[1-9]+b", &[], &["\0"]),
            (r"errno (?:-?[35]|110)\b", &[], &["\0", "110"]),
        ];
        for (regex, texts, bare) in known {
            let found = of_clause(&ClauseSpec { regex: Some((*regex).into()), ..ClauseSpec::default() });
            assert_eq!((found.texts, found.bare), (owned(texts), owned(bare)), "{regex}");
        }
        let clause = ClauseSpec {
            contains: Some("error 1045 (28000)".to_owned()),
            not: Some("user 7".into()),
            ..ClauseSpec::default()
        };
        assert_eq!(of_clause(&clause).texts, ["error 1045 (28000)", "user 7"]);
    }

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }
}
