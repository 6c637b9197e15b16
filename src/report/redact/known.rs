//! Secrets seen so far: their numbers, and where they occur bare.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{Span, base64, value};

/// Bare occurrences are only looked for from this many bytes on: a shorter word is most often just a word.
const BARE: usize = 6;
/// From here on a secret is no part of a word by accident, and is masked inside longer words too.
const LONG: usize = 12;

/// Longer values of one line are masked where they stand; looking for them elsewhere would cost more than the log.
const LONGEST: usize = 4096;
/// Up to here a secret is looked for in other encodings too.
const SHORT: usize = 512;

/// Bytes of all forms of secrets, and of all names, that are kept: a log of nothing but secrets must not fill the memory.
const KEPT: usize = 256 * 1024;

/// A secret's kind and its number among its kind; 0 for those that came when there were too many to be told apart. They are masked
/// where they stand and not looked for elsewhere.
pub(super) type Number = (&'static str, usize);

#[derive(Debug, Default)]
pub(super) struct Known {
    numbers: HashMap<String, Number>,
    /// Bytes of the forms above, and of the names below.
    kept: usize,
    named: usize,
    /// Whether there was no room for one.
    refused: bool,
    counts: BTreeMap<&'static str, usize>,
    /// Users, hosts and databases of URLs: a password equal to one of them must not hide it.
    names: BTreeSet<String>,
    /// Built when it is first asked for after something new was learnt.
    automaton: Option<(AhoCorasick, Vec<Number>)>,
}

impl Known {
    /// The number of a secret, by order of first sight; decoded and line-wise forms are the same secret.
    pub(super) fn number(&mut self, kind: &'static str, secret: &str) -> Number {
        if let Some(number) = self.numbers.get(secret) {
            return *number;
        }
        if self.kept >= KEPT {
            self.refused = true;
            return (kind, 0);
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let number = (kind, *count);
        self.same(number, secret);
        number
    }

    /// Another part or form of the secret of this number.
    pub(super) fn same(&mut self, number: Number, secret: &str) {
        if self.numbers.contains_key(secret) || self.kept >= KEPT {
            return;
        }
        // These are told by their shape wherever they stand.
        let shaped = matches!(number.0, "email" | "jwt");
        let long = secret.len() > LONGEST;
        for form in if long || shaped { vec![secret.to_owned()] } else { forms(secret) } {
            // What is not looked for does not count.
            self.kept += form.len().min(LONGEST);
            self.numbers.entry(form).or_insert(number);
        }
        if !long {
            self.automaton = None;
        }
    }

    /// Whether secrets came that there was no room to remember.
    pub(super) const fn is_full(&self) -> bool {
        self.refused
    }

    pub(super) fn names(&mut self, names: &[&str]) {
        for name in names {
            if self.named < KEPT && !self.names.contains(*name) {
                self.named += name.len();
                self.names.insert((*name).to_owned());
                self.automaton = None;
            }
        }
    }

    /// Where known secrets stand without anything that shows them to be secrets.
    pub(super) fn bare(&mut self, text: &str) -> Vec<Span> {
        if self.numbers.is_empty() {
            return Vec::new();
        }
        if self.automaton.is_none() {
            self.automaton = self.build();
        }
        let Some((automaton, numbers)) = &self.automaton else {
            return Vec::new();
        };
        let whole = |start: usize, end: usize| end - start >= LONG || stands_alone(text, start, end);
        let found = automaton.find_iter(text).filter(|found| whole(found.start(), found.end()));
        let span = |found: aho_corasick::Match| {
            let (kind, _) = numbers.get(found.pattern().as_usize()).copied().unwrap_or_default();
            Span::new(found.start(), found.end(), kind)
        };
        found.map(span).collect()
    }

    fn build(&self) -> Option<(AhoCorasick, Vec<Number>)> {
        let masked = |secret: &String| {
            (BARE..=LONGEST).contains(&secret.len()) && !value::is_common(secret) && !self.names.contains(secret)
        };
        let (secrets, numbers): (Vec<&String>, Vec<Number>) =
            self.numbers.iter().filter(|(secret, _)| masked(secret)).map(|(secret, number)| (secret, *number)).unzip();
        // A table of all transitions takes longer to build than most logs take to search.
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest).kind(Some(AhoCorasickKind::ContiguousNFA));
        let automaton = builder.build(secrets).ok()?;
        Some((automaton, numbers))
    }
}

/// The forms in which one secret is met: as it is, decoded and encoded for where it may be quoted, and line by line.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    let decoded = percent_decoded(secret);
    let plain = decoded.as_deref().unwrap_or(secret);
    if secret.len() <= SHORT && !value::is_common(plain) {
        forms.extend(encodings(plain));
        forms.extend(encodings(&json_decoded(plain)));
        // A login in base64: the password in it is a secret of its own line.
        let inner = base64::decode_text(secret).filter(|inner| inner.len() >= BARE);
        forms.extend(
            inner.map(|inner| inner.split_once(':').map_or(inner.clone(), |(_, password)| password.to_owned())),
        );
    }
    forms.extend(decoded);
    // A shell that reads the setting without quotes runs the rest as a command.
    let rest = secret.rsplit_once(['&', ';', '|']).map(|(_, rest)| rest);
    forms.extend(rest.filter(|rest| rest.len() >= LONG && value::is_strong(rest)).map(str::to_owned));
    if secret.contains("\\n") {
        let lines = secret.split("\\n").map(|line| line.trim().trim_end_matches('\\'));
        forms.extend(lines.filter(|line| line.len() >= LONG).map(str::to_owned));
    }
    forms
}

/// How a text is written in a URL, in JSON and in base64.
fn encodings(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    let upper = percent_encoded(text);
    if upper != text {
        let pairs = upper.split('%').enumerate().map(|(at, part)| match part.split_at_checked(2) {
            Some((code, rest)) if at > 0 => format!("{}{rest}", code.to_ascii_lowercase()),
            _ => part.to_owned(),
        });
        forms.push(pairs.collect::<Vec<_>>().join("%"));
        forms.push(upper);
    }
    let json = text.replace('\\', r"\\").replace('"', "\\\"");
    forms.push(json.replace('/', r"\/"));
    forms.push(json);
    if text.len() >= BARE {
        forms.push(base64::encode(text));
    }
    forms
}

fn json_decoded(text: &str) -> String {
    text.replace(r"\/", "/").replace("\\\"", "\"").replace(r"\\", r"\")
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    let mut changed = false;
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
        changed = true;
    }
    if changed { String::from_utf8(bytes).ok() } else { None }
}

/// Whether neither neighbour makes the match a part of a longer word.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let after = text.get(end..).and_then(|text| text.chars().next());
    let part =
        |neighbour: Option<char>| neighbour.is_some_and(|character| character.is_alphanumeric() || character == '_');
    !part(before) && !part(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_secret_is_the_same_secret() {
        let mut known = Known::default();
        assert_eq!(known.number("url-password", "p%40ss%2Fword"), ("url-password", 1));
        assert_eq!(known.number("password", "p@ss/word"), ("url-password", 1));
        assert_eq!(known.number("password", "other"), ("password", 1));
        assert_eq!(percent_decoded("100%"), None);
    }

    #[test]
    fn a_short_secret_inside_a_word_is_not_bare() {
        let mut known = Known::default();
        known.number("password", "tiger7");
        assert_eq!(known.bare("xtiger7 tiger77").len(), 0);
        assert_eq!(known.bare("is 'tiger7'?").len(), 1);
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let mut known = Known::default();
        let numbers: Vec<_> = (0..20_000).map(|at| known.number("password", &format!("tiger{at:07}"))).collect();
        assert_eq!(numbers.last(), Some(&("password", 0)));
        assert!(known.is_full() && known.kept < KEPT + LONGEST, "{}", known.kept);
        assert_eq!((known.bare("is tiger0000000").len(), known.bare("is tiger0019999").len()), (1, 0));
        assert_eq!(known.number("password", "tiger0000000"), ("password", 1));
    }
}
