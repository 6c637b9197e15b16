//! A regex that is compiled when it is first needed: most reports hold no secret, and a start has 30 ms.

use std::sync::OnceLock;

use regex::{Captures, Regex};

use super::Span;

/// A place where a secret stands: a group of a match.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) kind: &'static str,
    /// Lower-case words of which one must occur, so that the regex is not even compiled for other texts.
    needs: &'static [&'static str],
    text: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) const fn new(kind: &'static str, needs: &'static [&'static str], text: &'static str) -> Self {
        Self { kind, needs, text, regex: OnceLock::new() }
    }

    /// The compiled pattern; `None` only for a mistake that a test of this module would have shown.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(self.text).ok()).as_ref()
    }

    /// Calls `each` with every match, if the text can have one. `lower` is the text in ASCII lower case.
    pub(super) fn each<'t>(&self, text: &'t str, lower: &str, mut each: impl FnMut(&Captures<'t>)) {
        if !self.needs.is_empty() && !self.needs.iter().any(|word| lower.contains(word)) {
            return;
        }
        if let Some(regex) = self.regex() {
            regex.captures_iter(text).for_each(|found| each(&found));
        }
    }

    /// Adds the first group that took part in every match that `accept` agrees with.
    pub(super) fn find(&self, text: &str, lower: &str, spans: &mut Vec<Span>, accept: impl Fn(&str) -> bool) {
        self.each(text, lower, |found| {
            if let Some(secret) =
                found.iter().skip(1).flatten().next().filter(|secret| !secret.is_empty() && accept(secret.as_str()))
            {
                spans.push(Span { start: secret.start(), end: secret.end(), kind: self.kind });
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::{assign, command, header, shape, url};

    #[test]
    fn every_pattern_compiles_and_has_a_group() {
        let rooms: [&[super::Pattern]; 5] =
            [&shape::PATTERNS, &command::PATTERNS, &header::PATTERNS, &assign::PATTERNS, &url::PATTERNS];
        let single = [&shape::PEM, &header::COOKIE, &command::SENTENCE, &command::FLAG, &assign::PAIR];
        for pattern in rooms.iter().copied().flatten().chain(single) {
            assert!(pattern.regex().is_some_and(|regex| regex.captures_len() > 1), "{pattern:?}");
        }
    }
}
