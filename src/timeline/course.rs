//! The course of one boot through the phases of a profile.

use crate::detect::{BootLog, Sighting, Tally};
use crate::rule::{Owner, Part, RuleSet};

/// How a boot went. Lists are indexed like the profile's phases or documentation entries.
#[derive(Debug, Clone, Default)]
pub struct Course<'b> {
    /// First line that entered each phase.
    pub entered: Vec<Option<&'b Sighting>>,
    /// Last line that proves each phase passed.
    pub left: Vec<Option<&'b Sighting>>,
    /// Claims of success of each phase.
    pub claims: Vec<Option<&'b Tally>>,
    /// Last report that the application is up.
    pub ready: Option<&'b Sighting>,
    /// Last report that it is up of each lane, or of the whole.
    pub readies: Vec<&'b Sighting>,
    /// Last report that it ended on purpose.
    pub stopped: Option<&'b Sighting>,
    /// For each documentation entry, the line that shows its cure in place.
    pub in_place: Vec<Option<&'b Sighting>>,
}

/// Reads the course of a boot off its tallies. Without a profile only the readiness of any profile counts.
#[must_use]
pub fn course<'b>(rules: &RuleSet, profile: Option<usize>, boot: &'b BootLog) -> Course<'b> {
    let file = profile.and_then(|index| rules.profiles.get(index));
    let phases = file.map_or(0, |file| file.phase.len());
    let mut course = Course {
        entered: vec![None; phases],
        left: vec![None; phases],
        claims: vec![None; phases],
        in_place: vec![None; file.map_or(0, |file| file.documentation.len())],
        ..Course::default()
    };
    let mut again: Vec<Option<&'b Sighting>> = vec![None; phases];
    for (id, tally) in &boot.tallies {
        let Some(needle) = rules.needles.get(*id) else { continue };
        let Owner::Profile(owner) = needle.owner else { continue };
        if profile.is_none_or(|profile| profile == owner) {
            course.note(needle.part, tally);
            if let Part::Enter(index) = needle.part {
                latest(again.get_mut(index), &tally.last);
            }
        }
    }
    course.in_order(&again);
    course
}

/// Keeps the later of two lines.
fn latest<'b>(slot: Option<&mut Option<&'b Sighting>>, line: &'b Sighting) {
    if let Some(slot) = slot
        && slot.is_none_or(|old| line.offset > old.offset)
    {
        *slot = Some(line);
    }
}

impl<'b> Course<'b> {
    fn note(&mut self, part: Part, tally: &'b Tally) {
        let earliest = |slot: Option<&mut Option<&'b Sighting>>| {
            if let Some(slot) = slot
                && slot.is_none_or(|old| tally.first.offset < old.offset)
            {
                *slot = Some(&tally.first);
            }
        };
        match part {
            Part::Enter(index) => earliest(self.entered.get_mut(index)),
            Part::Leave(index) => latest(self.left.get_mut(index), &tally.last),
            Part::InPlace(index) => earliest(self.in_place.get_mut(index)),
            Part::Ready => {
                latest(Some(&mut self.ready), &tally.last);
                self.readies.push(&tally.last);
                self.readies.extend(tally.lanes());
            }
            Part::Stopped => latest(Some(&mut self.stopped), &tally.last),
            Part::Claim(index) => {
                if let Some(slot) = self.claims.get_mut(index) {
                    *slot = Some(tally);
                }
            }
            _ => {}
        }
    }

    /// A later phase is entered behind the earlier ones: a framework that earlier steps use too has its own phase only afterwards.
    fn in_order(&mut self, again: &[Option<&'b Sighting>]) {
        let mut floor = 0;
        for (slot, last) in self.entered.iter_mut().zip(again) {
            if slot.is_some_and(|first| first.offset < floor) {
                *slot = last.filter(|last| last.offset >= floor);
            }
            floor = slot.map_or(floor, |entered| entered.offset.max(floor));
        }
        // The last phase of every profile is that the port is open: readiness is the proof of it.
        if let Some(last) = self.entered.last_mut()
            && last.is_none()
        {
            *last = self.ready;
        }
    }

    /// The phase a line lies in: the last one entered before it.
    #[must_use]
    pub fn phase_at(&self, place: &Sighting) -> Option<usize> {
        let entered = self.entered.iter().enumerate();
        let before =
            entered.filter_map(|(index, at)| at.filter(|at| at.offset <= place.offset).map(|at| (at.offset, index)));
        before.max().map(|(_, index)| index)
    }

    /// The phase entered last.
    #[must_use]
    pub fn reached(&self) -> Option<usize> {
        let entered = self.entered.iter().enumerate();
        entered.filter_map(|(index, at)| at.map(|at| (at.offset, index))).max().map(|(_, index)| index)
    }

    /// Where a phase ends: its own proof, or the entry of the next phase.
    #[must_use]
    pub fn end_of(&self, phase: usize) -> Option<&'b Sighting> {
        let entered = (*self.entered.get(phase)?)?;
        let next = self.entered.iter().flatten().filter(|at| at.offset > entered.offset).min_by_key(|at| at.offset);
        next.copied().or_else(|| self.left.get(phase).copied().flatten())
    }
}
