//! Error-like records that no rule covers, without those that belong to a fault that the report names already.

use crate::detect::Stray;
use crate::diagnosis::Blamed;
use crate::rule::Derived;

use super::build::Builder;
use super::model::{Evidence, Unexplained, Verdict};

/// Strays shown.
const STRAYS: usize = 10;
/// Lines on either side of a shown proof that are shown with it.
const BESIDE: u64 = 2;
/// Bytes of the shortest text that a record can be said to quote.
const QUOTED: usize = 5;
/// Captures that name what a fault is about, not where it was met.
const SUBJECTS: [&str; 16] = [
    "column",
    "constraint",
    "database",
    "extension",
    "file",
    "index",
    "migration",
    "module",
    "package",
    "project",
    "relation",
    "role",
    "schema",
    "table",
    "target",
    "variable",
];
/// What says no more than that something before it failed.
const WRAPPERS: [&str; 18] = [
    "Failed with result '",
    ".service: Failed to start",
    "Main process exited, code=",
    "Failed to start ",
    "Migration failed",
    "migration failed",
    "rake aborted!",
    "Application run failed",
    "exited with code ",
    "exited with 1",
    "exited with status ",
    "exit status ",
    "did not complete successfully: exit code",
    "Command failed with exit code",
    "ELIFECYCLE",
    "npm ERR! code",
    "npm error code",
    "error Command failed",
];

/// What of a report explains a record.
struct Told {
    proofs: Vec<Evidence>,
    /// Those that say only that a program gave up: what stands beside them may be the reason.
    bare: Vec<Evidence>,
    /// Whether each is of a fault that stands.
    subjects: Vec<String>,
    /// Whether a fault stands at all.
    stands: bool,
}

impl Builder<'_, '_> {
    /// Strays of the judged boots, the most telling first. Over a healthy application only what it logged as errors itself.
    pub(super) fn unexplained(&self, verdict: Verdict) -> Vec<Unexplained> {
        let least = if verdict == Verdict::Healthy { 4 } else { 0 };
        let told = self.told();
        let strays = self.diagnosis.units.iter().flat_map(|view| &view.unit.strays);
        let mut strays: Vec<&Stray> = strays.filter(|stray| stray.weight >= least).collect();
        strays.sort_by_key(|stray| (std::cmp::Reverse(stray.weight), stray.place.source, stray.place.offset));
        let mut shown: Vec<Unexplained> = Vec::new();
        let mut forms: Vec<String> = Vec::new();
        for stray in strays {
            let (source, line, form) = (self.source(&stray.place), stray.place.line, form(&stray.text));
            if shown.len() < STRAYS && !forms.contains(&form) && !told.explains(&source, stray) {
                forms.push(form);
                shown.push(Unexplained { source, line, text: stray.text.clone(), why: stray.why.to_owned() });
            }
        }
        shown
    }

    fn told(&self) -> Told {
        let causes = &self.diagnosis.causes;
        let gave_up = |blamed: &&Blamed| {
            self.rule(blamed.rule).is_some_and(|rule| rule.matching.derived == Some(Derived::LastWord))
        };
        let (ends, faults): (Vec<&Blamed>, Vec<&Blamed>) = causes.iter().partition(gave_up);
        let proofs = |all: Vec<&Blamed>| all.into_iter().flat_map(|one| self.proofs(&one.members)).collect::<Vec<_>>();
        let (mut proofs, bare) = (proofs(faults), proofs(ends));
        let effects = causes.iter().flat_map(|blamed| &blamed.consequences).flat_map(|(_, members)| members);
        let others = effects.chain(self.diagnosis.cleared.iter().map(|(finding, _)| finding));
        proofs.extend(others.filter_map(|member| member.matched.proofs.first()).map(|proof| self.evidence(proof)));
        let captures = causes.iter().flat_map(|blamed| &blamed.members).flat_map(|member| &*member.matched.captures);
        let subjects = captures.filter(|(name, value)| SUBJECTS.contains(&name.as_str()) && value.len() >= QUOTED);
        let subjects = subjects.map(|(_, value)| value.clone()).collect();
        Told { proofs, bare, subjects, stands: !causes.is_empty() }
    }
}

impl Told {
    /// Whether a record stands beside a line that is shown, says the same, names what the fault is about, or says only that something failed.
    fn explains(&self, source: &str, stray: &Stray) -> bool {
        let line = stray.place.line;
        let first = stray.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
        let beside = |proof: &Evidence| {
            let lines = crate::num::wide(proof.text.lines().count().max(1));
            let (from, to) = (proof.line.saturating_sub(BESIDE), proof.line.saturating_add(lines + BESIDE - 1));
            proof.source == source && (from..=to).contains(&line)
        };
        let same = |proof: &Evidence| {
            let said = proof.text.lines().next().unwrap_or_default().trim();
            (said.len() >= 2 * QUOTED && stray.text.contains(said))
                || (first.len() >= 2 * QUOTED && proof.text.contains(first))
        };
        let quotes = || self.subjects.iter().any(|subject| names(&stray.text, subject));
        let wraps = || WRAPPERS.iter().any(|words| first.contains(words));
        let own = self.bare.iter().any(|proof| same(proof) || (proof.source == source && proof.line == line));
        own || self.proofs.iter().any(|proof| beside(proof) || same(proof)) || (self.stands && (quotes() || wraps()))
    }
}

/// Whether a text holds a name as a word of its own.
fn names(text: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(word) && !after.is_some_and(word)
    })
}

/// A text without its numbers: what comes again and again is shown once.
fn form(text: &str) -> String {
    text.chars().filter(|character| !character.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word() {
        assert!(names(r#"SELECT * FROM "core"."keyValuePair""#, "keyValuePair"));
        assert!(!names("keyValuePairs", "keyValuePair"));
        assert!(!names("my-users", "users"));
    }

    #[test]
    fn what_differs_in_numbers_is_one_record() {
        assert_eq!(form("retry 1 in 2.00 seconds"), form("retry 12 in 4.00 seconds"));
        assert_ne!(form("retry of a"), form("retry of b"));
    }
}
