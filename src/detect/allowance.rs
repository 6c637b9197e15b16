//! How much is kept of what a log names: however many services, boots and kinds of findings there are, it has a bound.

use std::collections::BTreeMap;

/// Bytes for what all inputs of a run leave.
const MOST: usize = 3 << 20;
/// When so many are used, lines around evidence are no longer kept.
const MUCH: usize = MOST / 2;

/// What was used of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Bytes that the inputs before this one were said to have used.
    start: usize,
    /// Bytes used by now.
    used: usize,
    /// The least and the most that were used at a time.
    least: usize,
    most: usize,
    /// More was given back than was used, so that the count is none.
    torn: bool,
}

impl Allowance {
    /// What is left when inputs before have used so many bytes.
    pub(super) const fn behind(used: usize) -> Self {
        Self { start: used, used, least: used, most: used, torn: false }
    }

    pub(super) const fn take(&mut self, bytes: usize) {
        self.used = self.used.saturating_add(bytes);
        if self.most < self.used {
            self.most = self.used;
        }
    }

    pub(super) const fn give_back(&mut self, bytes: usize) {
        self.torn |= self.used < bytes;
        self.used = self.used.saturating_sub(bytes);
        if self.least > self.used {
            self.least = self.used;
        }
    }

    /// Whether more than the evidence itself may be kept.
    pub(super) const fn is_ample(self) -> bool {
        self.used < MUCH
    }

    /// Whether nothing more can be kept.
    pub(super) const fn is_full(self) -> bool {
        self.used >= MOST
    }

    /// Bytes used by now, those of the inputs before included.
    #[must_use]
    pub const fn used(self) -> usize {
        self.used
    }

    /// Bytes that are kept of this input.
    #[must_use]
    pub const fn own(self) -> usize {
        self.used.saturating_sub(self.start)
    }

    /// What it is where the inputs before this one have used `before` bytes. None where something else would have been kept of it than was: it was
    /// read on the belief that they had used another number of bytes, and that made a difference.
    #[must_use]
    pub fn behind_others(self, before: usize) -> Option<Self> {
        if before == self.start {
            return Some(self);
        }
        let moved = |bytes: usize| bytes.saturating_add(before).checked_sub(self.start);
        let (used, least, most) = (moved(self.used)?, moved(self.least)?, moved(self.most)?);
        let known = step(self.least);
        let same = [self.most, least, most].into_iter().all(|used| step(used) == known);
        (same && !self.torn).then_some(Self { start: before, used, least, most, torn: false })
    }
}

/// How many of the steps were taken at which less is kept.
const fn step(used: usize) -> u8 {
    let used = Allowance::behind(used);
    if used.is_full() {
        2
    } else if used.is_ample() {
        0
    } else {
        1
    }
}

/// About what a text of its own takes, in bytes.
pub(super) const fn of_text(text: &str) -> usize {
    size_of::<String>() + text.len()
}

/// About what named parts take: a map of few has room for eleven.
pub(super) fn of_captures(captures: &BTreeMap<String, String>) -> usize {
    let room = if captures.is_empty() { 0 } else { 11 * size_of::<(String, String)>() };
    room + captures.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Dice;

    #[test]
    fn it_runs_out_in_two_steps() {
        let mut allowance = Allowance::default();
        assert!(allowance.is_ample() && !allowance.is_full());
        allowance.take(MUCH);
        assert!(!allowance.is_ample() && !allowance.is_full());
        allowance.take(MOST - MUCH);
        assert!(allowance.is_full());
        allowance.give_back(1);
        assert!(!allowance.is_full());
        assert_eq!(allowance.own(), MOST - 1);
    }

    /// The answers that decide what is kept, on the way through `course`, and what is used at its end.
    fn walk(start: usize, course: &[(usize, usize)]) -> (Vec<(bool, bool)>, Allowance) {
        let mut allowance = Allowance::behind(start);
        let mut answers = Vec::new();
        for (taken, given) in course {
            allowance.take(*taken);
            answers.push((allowance.is_ample(), allowance.is_full()));
            allowance.give_back(*given);
            answers.push((allowance.is_ample(), allowance.is_full()));
        }
        (answers, allowance)
    }

    #[test]
    fn what_was_believed_of_those_before_matters_only_at_the_steps() {
        let mut dice = Dice(3);
        let (mut same, mut other) = (0, 0);
        for _ in 0..20_000 {
            let course: Vec<_> = (0..dice.below(6)).map(|_| (dice.below(MUCH / 2), dice.below(MUCH / 2))).collect();
            let (believed, before) = (dice.below(MOST + MUCH), dice.below(MOST + MUCH));
            let (answers, allowance) = walk(believed, &course);
            let (real, expected) = walk(before, &course);
            if let Some(after) = allowance.behind_others(before) {
                assert_eq!((answers, after), (real, expected), "{believed} {before} {course:?}");
                same += 1;
            } else {
                other += 1;
            }
        }
        assert!(same > 2_000 && other > 2_000, "{same} {other}");
    }

    #[test]
    fn a_belief_that_is_right_is_never_refused() {
        let (_, allowance) = walk(5, &[(MOST, 1), (3, MOST + 20)]);
        assert_eq!((allowance.behind_others(5), allowance.behind_others(6)), (Some(allowance), None));
    }
}
