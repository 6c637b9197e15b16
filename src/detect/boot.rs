//! Splits a unit into boots.
//!
//! A boot begins at a banner of the entrypoint, or when a line that every process prints once (`boot_by_pid`) comes again from a
//! process id that this boot has already seen: within one life of a container, process ids are not used twice for the same thing.

use std::collections::BTreeSet;

use super::tally::{BootLog, Unit};
use crate::rule::{NeedleId, Part};

/// Boots kept at the beginning and at the end of a crash loop.
const KEPT: usize = 8;

/// What decides whether the next banner begins a new boot.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// Something other than a banner was seen in this boot.
    eventful: bool,
    /// Banners seen in this boot.
    banners: BTreeSet<NeedleId>,
    /// Process ids seen at `boot_by_pid` lines.
    pids: BTreeSet<(NeedleId, u32)>,
}

impl Splitter {
    /// Whether a matched mark begins a new boot. Remembers it either way.
    pub(super) fn begins(&mut self, part: Part, needle: NeedleId, pid: Option<u32>) -> bool {
        match part {
            Part::Boot => {
                let begins = self.eventful;
                if begins {
                    *self = Self::default();
                }
                self.banners.insert(needle);
                begins
            }
            Part::BootByPid => {
                let Some(pid) = pid else { return false };
                let begins = self.pids.contains(&(needle, pid));
                if begins {
                    *self = Self::default();
                }
                self.eventful = true;
                self.pids.insert((needle, pid));
                begins
            }
            _ => {
                self.eventful = true;
                false
            }
        }
    }
}

/// Opens the next boot; of a long loop the middle is forgotten, and counted.
pub(super) fn open_next(unit: &mut Unit) {
    let number = unit.boots.last().map_or(1, |boot| boot.number + 1);
    unit.boots.push(BootLog::new(number));
    if unit.boots.len() > 2 * KEPT {
        unit.boots.remove(KEPT);
        unit.dropped += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banner_printed_twice_is_one_boot() {
        let mut splitter = Splitter::default();
        assert!(!splitter.begins(Part::Boot, 1, None));
        assert!(!splitter.begins(Part::Boot, 1, None));
        assert!(!splitter.begins(Part::Enter(0), 2, None));
        assert!(splitter.begins(Part::Boot, 1, None));
        assert!(!splitter.begins(Part::Boot, 1, None));
    }

    #[test]
    fn a_process_id_seen_again_is_a_new_boot() {
        let mut splitter = Splitter::default();
        assert!(!splitter.begins(Part::BootByPid, 1, Some(70)));
        assert!(!splitter.begins(Part::BootByPid, 1, Some(97)));
        assert!(splitter.begins(Part::BootByPid, 1, Some(70)));
        assert!(!splitter.begins(Part::BootByPid, 1, Some(97)));
        assert!(!splitter.begins(Part::BootByPid, 1, None));
    }
}
