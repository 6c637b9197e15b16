//! Splits a unit into boots.
//!
//! A boot begins at a banner of the entrypoint (`boot`), or at a line that every process prints once (`boot_again`) when it comes again from a
//! process id and lane that this boot has already seen: within one life of a container, process ids are not used twice for the same
//! thing. Without a start script it also begins there when a process before it had died; but a failed migration may be a step of a script whose
//! words nobody knows, and then only a line of the same kind tells that all began anew.

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
    /// Who printed `boot_again` lines, and of what step.
    printers: BTreeSet<(NeedleId, Option<String>, Printer)>,
    /// Who printed the last critical fault.
    fault: Option<Printer>,
    /// Where.
    fault_at: u64,
    /// It may be of a step ahead of the server.
    step: bool,
    /// Who printed the last dying words of a process.
    death: Option<Printer>,
    /// This boot began with a second death.
    looping: bool,
    /// Where somebody tells that this boot is over.
    over: Option<u64>,
}

/// A fault that ends a process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    /// A process ended with its record.
    pub(super) dying: bool,
    /// It is of what a start script does ahead of the server, or the server at first.
    pub(super) step: bool,
    /// Its offset in the input: an echo is told later than what came behind it.
    pub(super) at: u64,
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

    /// Whether a line that each process prints once, of a `step` if it names one, begins a new boot. Remembers it either way.
    /// There are so many `units`.
    pub(super) fn again(&mut self, needle: NeedleId, step: Option<&String>, printer: &Printer, units: usize) -> bool {
        let key = (needle, step.cloned(), printer.clone());
        let alike = |(mark, named, _): &(NeedleId, Option<String>, Printer)| *mark == needle && named.as_ref() == step;
        // A step that goes over its fault may be the same program as the server behind it, which is then another process.
        let known = !self.step || (self.death.is_some() && self.printers.iter().any(alike));
        let begins = self.printers.contains(&key) || (known && self.another(self.fault.as_ref(), printer));
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
        let known = !self.step || self.looping;
        let begins = known && self.another(self.death.as_ref(), printer);
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

    /// Where somebody tells that this boot is over: whatever is said behind it is of the next one.
    pub(super) const fn over(&self) -> Option<u64> {
        self.over
    }

    /// Where the last fault of this boot is.
    pub(super) fn failed_at(&self) -> Option<u64> {
        self.fault.as_ref().map(|_| self.fault_at + 1)
    }

    /// Somebody tells at this place that this boot is over. Where the one before was over, if he had told so before and something was `said`
    /// since: then a boot passed of which no line is known.
    pub(super) fn ends(&mut self, at: u64, said: impl FnOnce(u64) -> bool) -> Option<u64> {
        let silent = self.over.filter(|over| said(*over));
        *self = Self { over: Some(at), ..Self::default() };
        silent
    }

    /// A fault that ends a process was seen. A process dies once: a second death in the same lane, without a script that runs several
    /// processes, is a new boot.
    pub(super) fn fault(&mut self, printer: &Printer, fault: Fault) -> bool {
        let begins = fault.dying && !self.scripted && self.death.as_ref().is_some_and(|(_, lane)| *lane == printer.1);
        if begins {
            *self = Self { eventful: true, looping: true, ..Self::default() };
        }
        if self.fault_at <= fault.at {
            // What else the same process says of its end is of that step too.
            self.step = fault.step || (self.step && self.fault.as_ref() == Some(printer));
            (self.fault, self.fault_at) = (Some(printer.clone()), fault.at);
        }
        if fault.dying {
            self.death = Some(printer.clone());
        }
        begins
    }
}

/// Opens the next boot, of which all lies behind the offset `since`. Of a long loop no more than `kept` boots stay at its beginning and at its end; those between are forgotten, and
/// counted. Gives about how many bytes that takes, and sets free.
pub(super) fn open_next(unit: &mut Unit, kept: usize, since: u64) -> (usize, usize) {
    let number = unit.boots.last().map_or(1, |boot| boot.number + 1);
    let boot = BootLog { since, ..BootLog::new(number) };
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

    fn fault(dying: bool) -> Fault {
        Fault { dying, step: false, at: 0 }
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
        assert!(!splitter.again(1, None, &pid(70), 1));
        assert!(!splitter.again(1, None, &pid(97), 1));
        assert!(splitter.again(1, None, &pid(70), 1));
        assert!(!splitter.again(1, None, &pid(97), 1));
        assert!(!splitter.again(1, None, &(Some(97), Some("1".to_owned())), 1));
    }

    #[test]
    fn a_process_dies_once() {
        let mut splitter = Splitter::default();
        assert!(!splitter.fault(&(None, None), fault(true)));
        assert!(splitter.fault(&(None, None), fault(true)));
        assert!(!splitter.fault(&(None, Some("1".to_owned())), fault(true)), "another lane is another process");
        let mut scripted = Splitter::default();
        scripted.event(Part::Enter(0), &(None, None));
        assert!(!scripted.fault(&(None, None), fault(true)));
        assert!(!scripted.fault(&(None, None), fault(true)));
    }

    #[test]
    fn a_start_after_a_death_is_a_new_boot_unless_a_script_goes_on() {
        let mut splitter = Splitter::default();
        let _ = splitter.fault(&(None, None), fault(true));
        assert!(splitter.again(1, None, &pid(101), 1));
        let _ = splitter.fault(&pid(101), fault(false));
        assert!(!splitter.again(2, None, &pid(101), 1), "the same process goes on");
        assert!(splitter.again(2, None, &pid(140), 1));
        let mut splitter = Splitter::default();
        splitter.event(Part::Enter(0), &(None, None));
        let _ = splitter.fault(&(None, None), fault(true));
        assert!(!splitter.again(1, None, &pid(101), 1));
    }

    #[test]
    fn behind_a_failed_step_only_a_mark_of_the_same_kind_begins_anew() {
        let step = Fault { dying: true, step: true, at: 0 };
        let mut splitter = Splitter::default();
        assert!(!splitter.again(1, Some(&"migrate".to_owned()), &(None, None), 1));
        assert!(!splitter.fault(&(None, None), step));
        assert!(!splitter.again(2, None, &pid(61), 1), "the script goes on with the server");
        assert!(!splitter.ready(&pid(61)));
        assert!(!splitter.again(1, Some(&"migrate:metadata".to_owned()), &(None, None), 1), "the next step");
        assert!(splitter.again(1, Some(&"migrate".to_owned()), &(None, None), 1));
        let mut splitter = Splitter::default();
        assert!(!splitter.again(2, None, &pid(61), 1));
        assert!(!splitter.fault(&pid(61), step));
        assert!(splitter.again(2, None, &pid(84), 1), "the server itself begins anew");
        let mut splitter = Splitter::default();
        assert!(!splitter.again(2, None, &pid(34), 1));
        assert!(!splitter.fault(&pid(34), Fault { dying: false, ..step }));
        assert!(!splitter.again(2, None, &pid(61), 1), "the step was the same program as the server");
        assert!(splitter.again(2, None, &pid(34), 1), "the step comes again");
        let mut splitter = Splitter::default();
        assert!(!splitter.fault(&(None, None), step) && splitter.fault(&(None, None), step));
        assert!(splitter.ready(&(None, None)), "what dies again and again is the server");
    }
}
