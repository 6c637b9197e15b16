//! The plain implementations: the reference that the fast prefilter is compared to, and the exact look at one record.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{Hit, Prefilter};

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
}

/// Finds *all* literals in a short text, overlapping ones included: the exact look at one record.
#[derive(Debug)]
pub struct Words(Option<AhoCorasick>);

impl Words {
    /// Builds the automaton; the compact form, because texts are short and building must be quick.
    #[must_use]
    pub fn new(literals: &[String]) -> Self {
        let build = || AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(literals).ok();
        Self(if literals.is_empty() { None } else { build() })
    }

    /// Calls `each` with the index of every literal in `text`, once per occurrence.
    pub fn each(&self, text: &str, mut each: impl FnMut(usize)) {
        if let Some(automaton) = &self.0 {
            for found in automaton.find_overlapping_iter(text) {
                each(found.pattern().as_usize());
            }
        }
    }
}

/// The prefilter for a set of literals: the fast one, or the plain one where a literal is too short for it.
#[must_use]
pub fn prefilter(literals: &[String]) -> Box<dyn Prefilter> {
    let bytes: Vec<&[u8]> = literals.iter().map(String::as_bytes).collect();
    match super::Bucketed::new(&bytes) {
        Some(fast) => Box::new(fast),
        None => Box::new(Plain::new(literals)),
    }
}
