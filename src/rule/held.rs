//! What a text must hold for a regex to match it: a look that tells of most clauses with a common literal that they do not match, and costs
//! far less than to compile their regex.
//!
//! This file is also compiled into the build script.

use regex_syntax::hir::{Hir, HirKind};
use serde::{Deserialize, Serialize};

use super::literal;

/// Shorter texts stand in most records.
const SHORTEST: usize = 3;
/// Most texts of a group, and most groups of a clause.
const TEXTS: usize = 8;
const GROUPS: usize = 3;
/// What stands between groups, and between the texts of one; no text holds it.
const NEXT: char = '\u{1}';
const OR: char = '\u{2}';

/// Texts of which a match holds at least one.
type Group = Vec<String>;

/// For each clause, texts that every match of its regex holds: of each group one. In one piece, for a start reads it whether a log asks for it or
/// not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    texts: String,
    /// For each clause, where its texts end.
    ends: Vec<usize>,
}

impl Held {
    /// Of clauses: the regex of each, and the literals of which one is found before the clause is looked at.
    pub(super) fn of<'c>(clauses: impl Iterator<Item = (Option<&'c str>, &'c [String])>) -> Self {
        let mut all = Self::default();
        for (regex, known) in clauses {
            let mut groups = regex.and_then(literal::parsed).map(|hir| held(&hir)).unwrap_or_default();
            groups.retain(|group| !is_known(group, known));
            groups.sort_by_key(|group| std::cmp::Reverse(shortest(group)));
            for group in groups.iter().take(GROUPS) {
                for text in group {
                    all.texts.push_str(text);
                    all.texts.push(OR);
                }
                all.texts.push(NEXT);
            }
            all.ends.push(all.texts.len());
        }
        all
    }

    /// Whether the regex of a clause may match a text; it does not where this says no.
    #[must_use]
    pub fn may_match(&self, clause: usize, text: &str) -> bool {
        let end = |clause: usize| self.ends.get(clause).copied();
        let from = clause.checked_sub(1).and_then(end).unwrap_or(0);
        let groups = end(clause).and_then(|end| self.texts.get(from..end)).unwrap_or_default();
        groups.split_terminator(NEXT).all(|group| group.split_terminator(OR).any(|held| text.contains(held)))
    }
}

/// Whether a text that is known to stand there holds the only one of the group.
fn is_known(group: &Group, known: &[String]) -> bool {
    matches!((group.as_slice(), known), ([text], [known]) if known.contains(text.as_str()))
}

fn shortest(group: &Group) -> usize {
    group.iter().map(String::len).min().unwrap_or(0)
}

/// The groups of a regex.
fn held(hir: &Hir) -> Vec<Group> {
    match hir.kind() {
        HirKind::Literal(literal) => group(&literal.0).into_iter().collect(),
        HirKind::Capture(capture) => held(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => held(&repetition.sub),
        HirKind::Concat(parts) => sequence(parts),
        HirKind::Alternation(branches) => {
            let best = |branch: &Hir| held(branch).into_iter().max_by_key(shortest);
            let any: Option<Vec<Group>> = branches.iter().map(best).collect();
            any.map(|groups| groups.concat()).filter(|group| group.len() <= TEXTS).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Of a sequence, those of each part; literals that stand beside each other are one.
fn sequence(parts: &[Hir]) -> Vec<Group> {
    let (mut groups, mut run) = (Vec::new(), Vec::new());
    for part in literal::flat(parts) {
        match part.kind() {
            HirKind::Literal(literal) => run.extend_from_slice(&literal.0),
            HirKind::Look(_) | HirKind::Empty => {}
            _ => {
                groups.extend(group(&std::mem::take(&mut run)));
                groups.extend(held(part));
            }
        }
    }
    groups.extend(group(&run));
    groups
}

/// A group of one text, if it tells something.
fn group(bytes: &[u8]) -> Option<Group> {
    let text = std::str::from_utf8(bytes).ok()?;
    (text.len() >= SHORTEST && !text.contains([NEXT, OR])).then(|| vec![text.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(regex: &str) -> Vec<Vec<String>> {
        literal::parsed(regex).map(|hir| held(&hir)).unwrap()
    }

    #[test]
    fn a_match_holds_a_text_of_each_group() {
        for (regex, expected) in [
            (r#"^role "(?P<role>[^"]+)" does not exist$"#, vec![vec!["role \""], vec!["\" does not exist"]]),
            (r"(?:psql: |pg_dump: )?role", vec![vec!["role"]]),
            (r"(?:vhost|virtual host) '?\S+ not found\b", vec![vec!["vhost", "virtual host"], vec![" not found"]]),
            (r"(?:vhost|.*) is gone", vec![vec![" is gone"]]),
            (r"(?i:role) is gone", vec![vec![" is gone"]]),
            (r"a+b{2}c?", vec![]),
            (r"connect\b ECONNREFUSED [\d.]+:6379\b", vec![vec!["connect ECONNREFUSED "], vec![":6379"]]),
        ] {
            assert_eq!(groups(regex), expected, "{regex}");
        }
    }

    #[test]
    fn what_does_not_hold_it_need_not_be_searched() {
        let known = [" does not exist".to_owned()];
        let regexes = [r"^relation \S+ does not exist", "(?:vhost|bucket) does not exist", " does not exist"];
        let held = Held::of(regexes.iter().map(|regex| (Some(*regex), known.as_slice())));
        let may = |text: &str| [0, 1, 2].map(|clause| held.may_match(clause, text));
        assert_eq!(may("relation x does not exist"), [true, false, true]);
        assert_eq!(may("a bucket does not exist"), [false, true, true]);
        assert!(held.may_match(3, "of a clause that is not known everything may match"));
    }
}
