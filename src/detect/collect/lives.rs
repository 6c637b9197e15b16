//! Where the lives of a unit's process begin and end.

use crate::num::{narrow, wide};
use crate::record::{self, Record, Tech, is_of_project};
use crate::rule::{ENDED, Found, Needle, NeedleId, Owner, Part, Role, RuleSet, STEP, Severity};
use crate::scan::Window;

use super::super::boot::{Fault, Splitter, open_next};
use super::super::herald::MANAGERS;
use super::super::sighting::{Common, Place};
use super::super::tally::Unit;
use super::{Collector, glimpse, with_context};

/// So far before the end of one life its lines are looked for.
const NEAR: usize = 32 * 1024;
const LINES: usize = 200;

/// A record, and the clauses that match it.
type Needles<'n> = [(NeedleId, &'n Needle)];

impl Collector<'_> {
    /// A start that no line passed which says anything began a boot too: its process runs, and what was before it is over.
    pub(super) fn pass_starts(&mut self) {
        if !self.starts.pass_rest(self.facts.first_time) {
            return;
        }
        for index in 0..self.units.len() {
            if self.units.get(index).and_then(|(unit, _)| unit.boots.last()).is_some_and(|boot| boot.matched) {
                self.open(index, 0);
            }
        }
    }

    /// Begins a boot where the first line of a program stands again in the lines before byte `to` of the window.
    pub(super) fn pass_heralds(&mut self, window: &Window<'_>, to: usize, whole: bool) {
        for (name, at) in self.heralds.again(window, to, whole) {
            self.tell(window);
            self.echoes.forget();
            let index = self.units.iter().position(|(unit, _)| unit.name == name);
            let Some(index) = index.filter(|_| !self.starts.is_last()) else { continue };
            if let Some((_, splitter)) = self.units.get_mut(index) {
                *splitter = Splitter::default();
            }
            self.open(index, window.base + wide(at));
            self.heralds.watch(name.as_deref(), window.base + wide(at));
            let record = alone(window, at);
            let found = Found { at: 0, captures: std::sync::Arc::default() };
            let place = Place::new(self.source, window, &record, at);
            self.began(index, place, &found, &mut Common::default());
        }
    }

    /// Opens the next boot of a unit, of which all lies behind this offset.
    fn open(&mut self, index: usize, since: u64) {
        let Some((unit, _)) = self.units.get_mut(index) else { return };
        let (taken, free) = open_next(unit, self.boots, since);
        self.heralds.begun(unit.name.as_deref());
        self.allowance.take(taken);
        self.allowance.give_back(free);
    }

    /// Remembers the line that began the last boot of a unit.
    fn began(&mut self, index: usize, place: Place<'_>, found: &Found, common: &mut Common) {
        let boot = self.units.get_mut(index).and_then(|(unit, _)| unit.boots.last_mut());
        if let Some(boot) = boot.filter(|boot| boot.began.is_none()) {
            let (began, bytes) = with_context(place.window, &glimpse(place, found), common);
            boot.began = Some(began);
            boot.bytes += bytes;
            self.allowance.take(bytes);
        }
    }

    /// Opens a new boot when one of the marks of this record begins one.
    pub(super) fn split(&mut self, index: usize, place: Place<'_>, found: &[(NeedleId, Found)], common: &mut Common) {
        let record = place.record;
        let restarted = self.starts.passes(record.time);
        let needles: Vec<(NeedleId, &Needle)> =
            found.iter().filter_map(|(id, _)| Some((*id, self.rules.needles.get(*id)?))).collect();
        let lines_split = !self.starts.is_last();
        let Some((unit, splitter)) = self.units.get_mut(index) else { return };
        let over = splitter.over().filter(|_| lines_split && !record.tech.is_some_and(Tech::is_tool));
        if restarted && unit.boots.last().is_some_and(|boot| !boot.tallies.is_empty()) {
            *splitter = Splitter::default();
            self.open(index, 0);
        } else if let Some(over) = over {
            *splitter = Splitter::default();
            self.open(index, over);
        }
        let banner = needles.iter().position(|(_, needle)| needle.part == Part::Boot);
        if let Some(since) = self.begins(index, place, found, &needles).filter(|_| lines_split) {
            self.open(index, if banner.is_some() { place.hit } else { since });
        }
        if let Some((_, found)) = banner.and_then(|banner| found.get(banner)) {
            self.began(index, place, found, common);
        }
        let ends = |id: &NeedleId| self.rules.needles.get(*id).is_some_and(|needle| needle.spec.ends);
        if let Some((_, found)) = found.iter().find(|(id, _)| lines_split && ends(id)) {
            self.ends(index, place, found);
        }
    }

    /// Whether the marks of a record begin a new boot, and behind which offset that lies.
    fn begins(
        &mut self,
        index: usize,
        place: Place<'_>,
        found: &[(NeedleId, Found)],
        needles: &Needles<'_>,
    ) -> Option<u64> {
        let units = self.units.len();
        let (_, splitter) = self.units.get_mut(index)?;
        let printer = (place.record.pid, place.record.lane.clone());
        let at = |part: Part| needles.iter().find(|(_, needle)| needle.part == part).map(|(id, _)| *id);
        let since = splitter.failed_at().unwrap_or(place.hit);
        let begins = if at(Part::Boot).is_some() {
            let begins = splitter.banner();
            needles.iter().for_each(|(_, needle)| splitter.enters(needle.part, &printer));
            begins
        } else if let Some(id) = at(Part::BootAgain) {
            let step = found.iter().find(|(other, _)| *other == id).and_then(|(_, found)| found.captures.get(STEP));
            let begins = splitter.again(id, step, &printer, units);
            needles.iter().filter(|_| step.is_some()).for_each(|(_, needle)| splitter.enters(needle.part, &printer));
            begins
        } else {
            let ready = at(Part::Ready).is_some() && splitter.ready(&printer);
            for (_, needle) in needles {
                splitter.event(needle.part, &printer);
            }
            ready | fault(self.rules, place, needles).is_some_and(|fault| splitter.fault(&printer, fault))
        };
        begins.then_some(since)
    }

    /// Takes it that the life of a unit is over that a record names, or of the only one that it may be about.
    fn ends(&mut self, index: usize, place: Place<'_>, found: &Found) {
        let Some(index) = self.ended(index, found) else { return };
        let Some((unit, splitter)) = self.units.get_mut(index) else { return };
        let silent = splitter.ends(place.hit, |since| has_lines(place, since, unit.name.as_deref()));
        if let Some(since) = silent {
            self.open(index, since);
        }
        if let Some(boot) = self.units.get_mut(index).and_then(|(unit, _)| unit.boots.last_mut()) {
            boot.over = true;
        }
    }

    /// The unit whose end is told in a line of another, or in one of its own.
    fn ended(&self, index: usize, found: &Found) -> Option<usize> {
        let name = ENDED.iter().find_map(|name| found.captures.get(*name))?;
        let name = name.strip_suffix(".service").unwrap_or(name);
        let is = |unit: &str| is_of_project(name, unit);
        let named = self.units.iter().position(|(unit, _)| unit.name.as_deref().is_some_and(is));
        let own = self.units.get(index)?.0.name.as_deref();
        // A service of systemd may run a program of any name, and its lines have that.
        let told = |unit: &Unit| unit.name.as_deref().is_some_and(|name| !MANAGERS.contains(&name));
        let mut others = self.units.iter().enumerate().filter(|(_, (unit, _))| told(unit)).map(|(other, _)| other);
        let only = own.filter(|own| *own == "systemd").and_then(|_| others.next()).filter(|_| others.next().is_none());
        named.or(only)
    }
}

/// The record of one line, without a look at those beside it: a program begins with it.
fn alone(window: &Window<'_>, at: usize) -> Record {
    let line = window.bytes.get(at..window.next_line(at)).unwrap_or_default();
    let mut record = record::record_at(line, 0);
    record.lines.iter_mut().for_each(|line| line.offset += at);
    record
}

/// Whether a unit printed something behind this offset and before a record. Of what is no longer in the window nobody knows, and most do.
fn has_lines(place: Place<'_>, since: u64, unit: Option<&str>) -> bool {
    let Place { window, hit, .. } = place;
    let to = narrow(hit.saturating_sub(window.base));
    let from = narrow(since.saturating_sub(window.base));
    let Some(part) = window.bytes.get(window.next_line(from)..to).filter(|part| part.len() <= NEAR) else {
        return to > from;
    };
    let of_unit = |raw: &[u8]| record::peel(raw).unit.as_deref() == unit;
    memchr::memchr_iter(b'\n', part).count() > LINES
        || part.split(|byte| *byte == b'\n').any(|raw| !raw.is_empty() && of_unit(raw))
}

/// What a record with such clauses tells of a fault that ends a process.
fn fault(rules: &RuleSet, place: Place<'_>, needles: &Needles<'_>) -> Option<Fault> {
    let ending = |(_, needle): &(NeedleId, &Needle)| {
        let Owner::Rule(index) = needle.owner else { return None };
        let rule = rules.rules.get(index).filter(|_| needle.part == Part::Match)?;
        (rule.role == Role::Cause && rule.severity == Severity::Critical).then_some(rule.start_only)
    };
    let step = needles.iter().filter_map(ending).max()?;
    Some(Fault { dying: place.last_word, step, at: place.hit })
}
