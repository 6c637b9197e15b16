//! Which records of the tail a rule explains.

use std::collections::VecDeque;
use std::ops::Range;

use super::collect::TAIL;
use crate::num::wide;

/// Where records begin that a rule explains, remembered so that they are not called strays: those that the tail may still hold.
#[derive(Debug, Default)]
pub(super) struct Explained(VecDeque<Range<u64>>);

impl Explained {
    /// Adds every record that begins at or behind `from` and before `to`; they come about in order.
    pub(super) fn add(&mut self, from: u64, to: u64) {
        self.0.push_back(from..to);
        while self.0.front().is_some_and(|first| first.end + wide(TAIL) < to) {
            self.0.pop_front();
        }
    }

    /// The same in order, none inside of another, so that they are soon found.
    pub(super) fn settle(&mut self) {
        self.0.make_contiguous().sort_unstable_by_key(|range| range.start);
        let mut behind = 0;
        self.0.retain(|range| {
            let new = range.end > behind;
            behind = behind.max(range.end);
            new
        });
    }

    /// Whether a rule explains the record that begins there; only once they are settled.
    pub(super) fn contains(&self, offset: u64) -> bool {
        let begun = self.0.partition_point(|range| range.start <= offset);
        begun.checked_sub(1).and_then(|last| self.0.get(last)).is_some_and(|range| range.contains(&offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_range_is_explained_however_the_ranges_came() {
        let mut explained = Explained::default();
        for (from, to) in [(10, 20), (40, 41), (12, 15), (20, 30), (5, 6), (18, 25)] {
            explained.add(from, to);
        }
        explained.settle();
        let known: Vec<u64> = (0..50).filter(|offset| explained.contains(*offset)).collect();
        assert_eq!(known, std::iter::once(5).chain(10..30).chain([40]).collect::<Vec<_>>());
    }

    #[test]
    fn what_the_tail_cannot_hold_is_forgotten() {
        let mut explained = Explained::default();
        explained.add(0, 1);
        explained.add(1, wide(TAIL));
        assert_eq!(explained.0.len(), 2);
        explained.add(wide(TAIL) + 1, wide(TAIL) + 2);
        assert_eq!(explained.0.len(), 2);
    }
}
