//! Splits a unit into boots.
//!
//! A boot begins at a banner of the entrypoint (`boot`), or at a line that every process prints once (`boot_again`) when it comes again from a
//! process id and lane that this boot has already seen: within one life of a container, process ids are not used twice for the same
//! thing. Without a start script it also begins there when a process before it had died.

use std::collections::BTreeSet;

use super::tally::{BootLog, Unit};
use crate::rule::{NeedleId, Part};

/// Boots kept at the beginning and at the end of a crash loop.
pub(super) const KEPT: usize = 8;

/// Printers remembered of the boots of all units; when a unit has had its part, those before are forgotten.
const PRINTERS: usize = 4096;
/// What each unit may remember of them in any case.
const LEAST: usize = 64;

/// Who printed a line: process id and lane, as far as known.
pub(super) type Printer = (Option<u32>, Option<String>);

/// What decides whether the next banner begins a new boot.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// Something other than a banner was seen in this boot.
    eventful: bool,
    /// A phase was entered by a line without a process id: a script runs several processes in one boot.
    scripted: bool,
    /// Who printed `boot_again` lines.
    printers: BTreeSet<(NeedleId, Printer)>,
    /// Who printed the last critical fault.
    fault: Option<Printer>,
    /// Where.
    fault_at: u64,
    /// Who printed the last dying words of a process.
    death: Option<Printer>,
}

impl Splitter {
    /// Whether a banner begins a new boot.
    pub(super) fn banner(&mut self) -> bool {
        let begins = self.eventful;
        if begins {
            *self = Self::default();
        }
        begins
    }

    /// Whether a line that each process prints once begins a new boot. Remembers it either way.
    /// There are so many `units`.
    pub(super) fn again(&mut self, needle: NeedleId, printer: &Printer, units: usize) -> bool {
        let key = (needle, printer.clone());
        let begins = self.printers.contains(&key) || self.another(self.fault.as_ref(), printer);
        if begins {
            *self = Self::default();
        }
        self.eventful = true;
        if self.printers.len() >= (PRINTERS / units.max(1)).max(LEAST) {
            self.printers.clear();
        }
        self.printers.insert(key);
        begins
    }

    /// Whether a report of readiness comes from a later process than the one that died.
    pub(super) fn ready(&mut self, printer: &Printer) -> bool {
        let begins = self.another(self.death.as_ref(), printer);
        if begins {
            *self = Self::default();
        }
        self.eventful = true;
        begins
    }

    /// Without a script that goes on after a failure, a line of another process than the one that failed is a new boot.
    fn another(&self, failed: Option<&Printer>, printer: &Printer) -> bool {
        let other = |(pid, lane): &Printer| *lane == printer.1 && (pid.is_none() || *pid != printer.0);
        !self.scripted && failed.is_some_and(other)
    }

    /// Something else was seen.
    pub(super) const fn event(&mut self, part: Part, printer: &Printer) {
        self.eventful = true;
        self.enters(part, printer);
    }

    /// A banner, or something else, may tell that a script runs.
    pub(super) const fn enters(&mut self, part: Part, printer: &Printer) {
        if matches!(part, Part::Enter(_)) && printer.0.is_none() {
            self.scripted = true;
        }
    }

    /// A fault that ends a process was seen. A process dies once: a second death in the same lane, without a script that runs several
    /// processes, is a new boot. `at` is its offset in the input: an echo is told later than what came behind it.
    pub(super) fn fault(&mut self, printer: &Printer, dying: bool, at: u64) -> bool {
        let begins = dying && !self.scripted && self.death.as_ref().is_some_and(|(_, lane)| *lane == printer.1);
        if begins {
            *self = Self { eventful: true, ..Self::default() };
        }
        if self.fault_at <= at {
            (self.fault, self.fault_at) = (Some(printer.clone()), at);
        }
        if dying {
            self.death = Some(printer.clone());
        }
        begins
    }
}

/// Opens the next boot. Of a long loop no more than `kept` boots stay at its beginning and at its end; those between are forgotten, and
/// counted. Gives about how many bytes that takes, and sets free.
pub(super) fn open_next(unit: &mut Unit, kept: usize) -> (usize, usize) {
    let number = unit.boots.last().map_or(1, |boot| boot.number + 1);
    let boot = BootLog::new(number);
    let bytes = boot.bytes;
    unit.boots.push(boot);
    (bytes, forget(unit, kept))
}

/// Forgets the middle of a loop.
pub(super) fn forget(unit: &mut Unit, kept: usize) -> usize {
    let mut free = 0;
    while unit.boots.len() > 2 * kept {
        free += unit.boots.remove(kept).bytes;
        unit.dropped += 1;
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(pid: u32) -> Printer {
        (Some(pid), None)
    }

    #[test]
    fn a_banner_printed_twice_is_one_boot() {
        let mut splitter = Splitter::default();
        assert!(!splitter.banner());
        assert!(!splitter.banner());
        splitter.event(Part::Enter(0), &(None, None));
        assert!(splitter.banner());
        assert!(!splitter.banner());
    }

    #[test]
    fn a_process_id_seen_again_is_a_new_boot() {
        let mut splitter = Splitter::default();
        assert!(!splitter.again(1, &pid(70), 1));
        assert!(!splitter.again(1, &pid(97), 1));
        assert!(splitter.again(1, &pid(70), 1));
        assert!(!splitter.again(1, &pid(97), 1));
        assert!(!splitter.again(1, &(Some(97), Some("1".to_owned())), 1));
    }

    #[test]
    fn a_process_dies_once() {
        let mut splitter = Splitter::default();
        assert!(!splitter.fault(&(None, None), true, 0));
        assert!(splitter.fault(&(None, None), true, 0));
        assert!(!splitter.fault(&(None, Some("1".to_owned())), true, 0), "another lane is another process");
        let mut scripted = Splitter::default();
        scripted.event(Part::Enter(0), &(None, None));
        assert!(!scripted.fault(&(None, None), true, 0));
        assert!(!scripted.fault(&(None, None), true, 0));
    }

    #[test]
    fn a_start_after_a_death_is_a_new_boot_unless_a_script_goes_on() {
        let mut splitter = Splitter::default();
        let _ = splitter.fault(&(None, None), true, 0);
        assert!(splitter.again(1, &pid(101), 1));
        let _ = splitter.fault(&pid(101), false, 0);
        assert!(!splitter.again(2, &pid(101), 1), "the same process goes on");
        assert!(splitter.again(2, &pid(140), 1));
        let mut splitter = Splitter::default();
        splitter.event(Part::Enter(0), &(None, None));
        let _ = splitter.fault(&(None, None), true, 0);
        assert!(!splitter.again(1, &pid(101), 1));
    }
}
