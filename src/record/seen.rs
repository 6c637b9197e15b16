//! What earlier looks at a log have shown, so that a flood of hits costs no more than the log: which lane a line is of, and where the last
//! record of a lane ends.

use std::collections::VecDeque;
use std::collections::hash_map::DefaultHasher;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hash};

use super::alike::Alike;
use crate::num::{narrow, wide};

/// Places for lines whose lane is remembered. With sixteen bytes for each they cover what is looked at around one hit, so that no two lines
/// of it share one unless they are as short as that.
const LINES: usize = 8192;
/// Lanes whose last record is remembered.
const LANES: usize = 64;

/// Facts about lines, by their offset in the input.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Offset in the input of the window that is looked at.
    pub(super) base: u64,
    /// The lane of a line whose offset leads to this place.
    lines: Vec<Option<(u64, u64)>>,
    /// What lines are to those beside them, by how they begin.
    pub(super) alike: Alike,
    /// Lanes, and the offset behind the last record of each.
    ends: VecDeque<(u64, u64)>,
}

/// A number for a lane. Of two lanes hardly ever the same, and nothing but time is lost where it is.
pub(super) fn number(lane: &impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(lane)
}

impl Seen {
    /// Remembers the lane of the line at `start`.
    pub(super) fn keep(&mut self, start: usize, lane: u64) {
        if self.lines.is_empty() {
            self.lines = vec![None; LINES];
        }
        let offset = self.base + wide(start);
        if let Some(slot) = self.lines.get_mut(place(offset)) {
            *slot = Some((offset, lane));
        }
    }

    /// Whether the line at `start` is known to be of another lane.
    pub(super) fn is_of_another(&self, start: usize, lane: u64) -> bool {
        let offset = self.base + wide(start);
        let known = self.lines.get(place(offset)).copied().flatten();
        known.is_some_and(|(line, other)| line == offset && other != lane)
    }

    /// A record of the lane ended before `end`.
    pub(super) fn ended(&mut self, lane: u64, end: usize) {
        let end = self.base + wide(end);
        if let Some((_, known)) = self.ends.back_mut().filter(|(known, _)| *known == lane) {
            *known = end;
            return;
        }
        self.ends.retain(|(known, _)| *known != lane);
        if self.ends.len() >= LANES {
            self.ends.pop_front();
        }
        self.ends.push_back((lane, end));
    }

    /// Where folding may begin in a lane, if that is known to be at or before the line at `start`.
    pub(super) fn floor(&self, lane: u64, start: usize) -> Option<usize> {
        let (_, end) = self.ends.iter().find(|(known, _)| *known == lane)?;
        end.checked_sub(self.base).map(narrow).filter(|floor| *floor <= start)
    }
}

fn place(offset: u64) -> usize {
    narrow(offset >> 4) % LINES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_by_its_offset_in_the_input() {
        let mut seen = Seen::default();
        assert!(!seen.is_of_another(5, 1));
        seen.keep(5, 1);
        assert!(seen.is_of_another(5, 2) && !seen.is_of_another(5, 1) && !seen.is_of_another(6, 2));
        seen.base = 3;
        assert!(seen.is_of_another(2, 2) && !seen.is_of_another(5, 2));
    }

    #[test]
    fn folding_begins_behind_the_last_record_of_the_lane() {
        let mut seen = Seen::default();
        seen.ended(1, 10);
        assert_eq!([seen.floor(1, 9), seen.floor(1, 10), seen.floor(2, 10)], [None, Some(10), None]);
        seen.base = 4;
        assert_eq!(seen.floor(1, 10), Some(6));
        seen.base = 11;
        assert_eq!(seen.floor(1, 10), None, "it has left the window");
        (2..80).for_each(|lane| seen.ended(lane, 0));
        assert_eq!((seen.floor(1, 10), seen.ends.len()), (None, LANES));
    }
}
