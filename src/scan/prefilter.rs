//! The seam between "where could something be" and everything that asks what it is.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Finds where any of a set of literals begins.
pub trait Prefilter: Send + Sync {
    /// The smallest start, not before `from`, of any literal.
    fn find(&self, haystack: &[u8], from: usize) -> Option<usize>;
}

/// The plain implementation, which every faster one is compared to.
#[derive(Debug)]
pub struct Literal(Option<AhoCorasick>);

impl Literal {
    /// Builds the automaton; no literals find nothing.
    #[must_use]
    pub fn new(literals: &[String]) -> Self {
        let builder = || AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(literals).ok();
        Self(if literals.is_empty() { None } else { builder() })
    }
}

impl Prefilter for Literal {
    fn find(&self, haystack: &[u8], from: usize) -> Option<usize> {
        let rest = haystack.get(from..)?;
        self.0.as_ref()?.find(rest).map(|found| from + found.start())
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
