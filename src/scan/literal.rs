//! The plain implementations: the reference that the fast prefilter is compared to, and the exact look at one record.

use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{Bucketed, Hit, Prefilter, Visit};

/// A prefilter without tricks, for comparison.
#[derive(Debug)]
pub struct Plain(Option<AhoCorasick>);

impl Plain {
    /// Builds the automaton; no literals find nothing.
    #[must_use]
    pub fn new(literals: &[String]) -> Self {
        let build = || AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(literals).ok();
        Self(if literals.is_empty() { None } else { build() })
    }
}

impl Prefilter for Plain {
    fn find(&self, haystack: &[u8], from: usize) -> Option<Hit> {
        let found = self.0.as_ref()?.find(haystack.get(from..)?)?;
        Some(Hit { start: from + found.start(), literal: found.pattern().as_usize() })
    }

    fn longest(&self) -> usize {
        self.0.as_ref().map_or(0, AhoCorasick::max_pattern_len)
    }
}

/// Finds *all* literals in a short text, overlapping ones included: the exact look at one record. Built when first used, and
/// then also the fastest prefilter for its literals.
#[derive(Debug)]
pub struct Words {
    literals: Arc<[String]>,
    /// What was chosen beforehand for the fast finder.
    windows: Arc<[Option<[usize; 2]>]>,
    found: OnceLock<Finder>,
}

#[derive(Debug)]
enum Finder {
    Fast(Bucketed),
    /// For literals that are too short to be fast.
    Plain {
        all: Option<AhoCorasick>,
        first: Plain,
    },
}

impl Finder {
    fn plain(literals: &[String]) -> Self {
        let all = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(literals).ok();
        Self::Plain { all: all.filter(|_| !literals.is_empty()), first: Plain::new(literals) }
    }
}

impl Words {
    /// Prepares to look for these literals.
    #[must_use]
    pub fn new(literals: &[String]) -> Self {
        Self::with_windows(literals.into(), [].into())
    }

    /// The same; for some literals it was chosen beforehand where their windows begin, and in which bucket.
    #[must_use]
    pub fn with_windows(literals: Arc<[String]>, windows: Arc<[Option<[usize; 2]>]>) -> Self {
        Self { literals, windows, found: OnceLock::new() }
    }

    /// The same without tricks, for comparison.
    #[must_use]
    pub fn plain(literals: &[String]) -> Self {
        Self { literals: literals.into(), windows: [].into(), found: OnceLock::from(Finder::plain(literals)) }
    }

    /// Calls `each` with the index of every literal in `text`, at least once, in no order.
    pub fn each(&self, text: &str, mut each: impl FnMut(usize)) {
        match self.finder() {
            Finder::Fast(fast) => fast.all(text.as_bytes(), &mut |hit| each(hit.literal)),
            Finder::Plain { all: Some(all), .. } => {
                all.find_overlapping_iter(text).for_each(|found| each(found.pattern().as_usize()));
            }
            Finder::Plain { all: None, .. } => {}
        }
    }

    /// Whether a text holds any literal.
    pub(crate) fn any(&self, text: &[u8]) -> bool {
        self.find(text, 0).is_some()
    }

    fn finder(&self) -> &Finder {
        self.found.get_or_init(|| match Bucketed::with_windows(&bytes(&self.literals), &self.windows) {
            Some(fast) => Finder::Fast(fast),
            None => Finder::plain(&self.literals),
        })
    }

    fn prefilter(&self) -> &dyn Prefilter {
        match self.finder() {
            Finder::Fast(fast) => fast,
            Finder::Plain { first, .. } => first,
        }
    }
}

impl Prefilter for Words {
    fn find(&self, haystack: &[u8], from: usize) -> Option<Hit> {
        self.prefilter().find(haystack, from)
    }

    fn longest(&self) -> usize {
        self.prefilter().longest()
    }

    fn each(&self, haystack: &[u8], from: usize, limit: usize, visit: &mut Visit<'_>) -> Option<usize> {
        self.prefilter().each(haystack, from, limit, visit)
    }
}

fn bytes(literals: &[String]) -> Vec<&[u8]> {
    literals.iter().map(String::as_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same words as the plain automaton finds.
    #[test]
    fn all_words_of_a_text() {
        let few = ["refused", "connection refused", "used", "fuse", "on r"].map(str::to_owned).to_vec();
        let many: Vec<String> = (0..400).map(|number| format!("word {number:03} of many")).chain(few.clone()).collect();
        let text = "connection refused: word 123 of many, connection refused again; word 399 of many".repeat(60);
        for literals in [few, many] {
            let found = |words: &Words| {
                let mut found = Vec::new();
                words.each(&text, |literal| found.push(literal));
                found.sort_unstable();
                found.dedup();
                found
            };
            let expected = found(&Words::plain(&literals));
            assert!(expected.len() > 4);
            assert_eq!(found(&Words::new(&literals)), expected);
        }
    }
}
