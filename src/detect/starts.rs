//! When the process of an input was started, as the engine knows it: a boot begins there, whatever the lines say.

use std::collections::VecDeque;

use crate::record::{Clock, Stamp};

/// A process' first line may carry a stamp this much before its start, in microseconds (observed: up to 6 ms on an idle machine, more on a busy
/// one; the engine waits 100 ms before it restarts a container, so that no line of the life before lies there).
const SLACK: i64 = 90_000;

/// The known beginnings of boots, microseconds since 1970 in UTC.
#[derive(Debug, Default)]
pub(super) struct Starts {
    /// Those that no line has passed yet, in order.
    ahead: VecDeque<i64>,
    /// The last of all.
    last: Option<i64>,
    /// The last one was passed: what follows is one boot, whatever the lines say.
    over: bool,
}

impl Starts {
    pub(super) fn new(mut starts: Vec<i64>) -> Self {
        starts.sort_unstable();
        Self { last: starts.last().copied(), ahead: starts.into(), over: false }
    }

    /// Whether no start lies ahead.
    pub(super) fn is_empty(&self) -> bool {
        self.ahead.is_empty()
    }

    /// Whether the lines are of the last boot that is known.
    pub(super) const fn is_last(&self) -> bool {
        self.over
    }

    /// Whether a start lies between the lines before and one of this time.
    pub(super) fn passes(&mut self, time: Option<Stamp>) -> bool {
        let Some(time) = time.filter(|time| time.clock == Clock::Utc) else { return false };
        let mut passed = false;
        while self.ahead.front().is_some_and(|start| *start <= time.micros + SLACK) {
            self.ahead.pop_front();
            passed = true;
        }
        self.over |= passed && self.ahead.is_empty();
        passed
    }

    /// At the end of an input whose first line has this time: passes those behind it that no line passed which says anything. Whether there were
    /// such. Without times nothing is known of where they lie.
    pub(super) fn pass_rest(&mut self, first: Option<Stamp>) -> bool {
        let first = first.filter(|first| first.clock == Clock::Utc);
        let rest = first.is_some_and(|first| self.ahead.back().is_some_and(|start| *start > first.micros + SLACK));
        if rest {
            self.ahead.clear();
            self.over = true;
        }
        rest
    }

    /// Whether a line of this time is of a boot before the last one.
    pub(super) fn is_earlier(&self, time: Option<Stamp>) -> bool {
        let utc = time.filter(|time| time.clock == Clock::Utc);
        self.last.zip(utc).is_some_and(|(last, time)| time.micros + SLACK < last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Option<Stamp> {
        Some(Stamp { micros, clock: Clock::Utc })
    }

    #[test]
    fn a_start_is_passed_once_and_the_rest_at_the_end() {
        let mut starts = Starts::new(vec![2_000_000, 1_000_000]);
        assert!(!starts.passes(None) && !starts.passes(at(900_000)));
        assert!(starts.passes(at(980_000)), "a first line may be stamped a little early");
        assert!(!starts.passes(at(1_500_000)) && !starts.is_last() && !starts.is_empty());
        assert!(starts.is_earlier(at(1_500_000)) && !starts.is_earlier(at(1_960_000)) && !starts.is_earlier(None));
        assert!(!starts.pass_rest(None) && !starts.pass_rest(at(2_000_000)));
        assert!(starts.pass_rest(at(900_000)) && starts.is_last() && !starts.pass_rest(at(900_000)));
    }
}
