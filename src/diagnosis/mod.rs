//! Takes matches, courses and strays, gives a [`Diagnosis`]: who is to blame, what followed, what is over, what is unexplained.
//!
//! Knows nothing of how it looks. Blame is found in the steps of `docs/architecture.md`: the last boot is judged, what a later line
//! disproves is dropped, what another finding explains is its consequence, the rest is ranked by printed reasons.

mod blame;
mod clear;
mod end;
mod finding;
mod health;
mod lanes;
mod last_word;
mod link;
mod listen;
mod masked;
mod needed;
mod reach;
mod recover;
mod scene;
mod state_fact;
mod step;
mod verdict;

use std::collections::BTreeMap;

use crate::detect::{LastWords, Sighting, Unit};
use crate::rule::{NeedleId, Owner, ProfileFile, RuleSet, Severity};
use crate::timeline::{Course, choose, course};

use lanes::Lanes;

pub use blame::{Blamed, Confidence};
pub use finding::{Finding, Masked};
pub use scene::{Scene, names, profile_of};
pub use verdict::Verdict;

/// So many times one error is no slip.
const REPEATS: u32 = 3;

/// So many lines more than a boot that failed had are no longer the same beginning.
const FURTHER: u64 = 2;

/// What was found out.
#[derive(Debug)]
pub struct Diagnosis<'u> {
    /// The answer in one word.
    pub verdict: Verdict,
    /// What is blamed: the root cause first, then independent faults.
    pub causes: Vec<Blamed>,
    /// Findings that are over, and the line that proves it.
    pub cleared: Vec<(Finding, Sighting)>,
    /// Findings too light to be blamed.
    pub remarks: Vec<Finding>,
    /// Rules whose words occurred although they do not hold.
    pub ruled_out: Vec<(usize, String)>,
    /// Units with their courses, in the order of the inputs.
    pub units: Vec<UnitView<'u>>,
    /// Index of the unit whose timeline tells the story.
    pub main: usize,
}

/// A unit, its profile and the courses of its boots.
#[derive(Debug)]
pub struct UnitView<'u> {
    /// The unit.
    pub unit: &'u Unit,
    /// Index of its profile.
    pub profile: Option<usize>,
    /// One per boot.
    pub courses: Vec<Course<'u>>,
    /// Index of the boot that is judged.
    pub judged: usize,
    /// For each boot, the rule to blame.
    pub boot_causes: Vec<Option<usize>>,
}

impl<'u> UnitView<'u> {
    /// Its profile.
    #[must_use]
    pub fn program<'r>(&self, rules: &'r RuleSet) -> Option<&'r ProfileFile> {
        rules.profiles.get(self.profile?)
    }

    /// Whether it is of a server that others wait for.
    #[must_use]
    pub fn is_service(&self, rules: &RuleSet) -> bool {
        self.program(rules).is_some_and(|profile| profile.service)
    }

    /// The course of the judged boot.
    #[must_use]
    pub fn course(&self) -> Option<&Course<'u>> {
        self.courses.get(self.judged)
    }

    /// Whether its log ends behind the proof that its program is up, and shows nothing since but an error that nobody explains: one that ends
    /// programs, or the same again and again. Who was up may have ended of it. A server tells so of its clients.
    #[must_use]
    pub fn ends_badly(&self, rules: &RuleSet) -> bool {
        let ending = &self.unit.ending;
        let ready = self.course().and_then(|course| course.ready).map_or(0, |line| line.line);
        let server = self.is_service(rules);
        let ended = match ending.last_words {
            Some(LastWords::Uncaught) => true,
            Some(LastWords::Logged) => !server,
            None => false,
        };
        ending.line > ready && (ended || ending.repeated >= REPEATS && !server)
    }

    fn new(rules: &RuleSet, scene: &Scene, unit: &'u Unit, forced: Option<usize>) -> Self {
        let fitting = choose(rules, unit).or_else(|| profile_of(rules, scene.state_of(unit.source)?));
        let service = fitting.and_then(|index| rules.profiles.get(index)).is_some_and(|profile| profile.service);
        let profile = if service { fitting } else { forced.or(fitting) };
        let courses: Vec<Course<'u>> = unit.boots.iter().map(|boot| course(rules, profile, boot)).collect();
        let mut view = Self { unit, profile, courses, judged: 0, boot_causes: Vec::new() };
        let last = unit.boots.len().saturating_sub(1);
        for index in 0..unit.boots.len() {
            let mut findings = finding::of_boot(rules, &view, 0, index);
            findings.retain(|finding| is_severe(rules, finding));
            let (mut active, _) = clear::split(rules, scene, findings, std::slice::from_ref(&view));
            active.extend(masked::derive(rules, &active));
            let views = std::slice::from_ref(&view);
            let blamed = blame::blame(Lanes { rules, scene, views }, active);
            view.boot_causes.push(blamed.first().map(|blamed| blamed.rule));
        }
        view.judged = view.last_telling(rules, scene, last);
        view
    }

    /// Whether a boot has said more than the one before it had when that failed: then it got over that.
    fn came_further(&self, rules: &RuleSet, index: usize) -> bool {
        let boots = &self.unit.boots;
        let before = index.checked_sub(1).and_then(|before| boots.get(before).zip(*self.boot_causes.get(before)?));
        // The lines of several units are counted as one's.
        let Some((before, cause)) = before.filter(|_| self.unit.name.is_none()) else { return false };
        let own = |id: NeedleId| rules.needles.get(id).is_some_and(|needle| needle.owner == Owner::Rule(cause));
        let failed = before.tallies.iter().filter(|(id, _)| own(**id)).map(|(_, tally)| tally.first.line).min();
        let began = boots.get(index).and_then(|boot| boot.began.as_ref());
        let lines = began.zip(self.unit.end.as_ref()).map(|(began, end)| end.line.saturating_sub(began.line));
        let begun = before.began.as_ref().map_or(1, |began| began.line);
        lines.zip(failed).is_some_and(|(lines, failed)| lines > failed.saturating_sub(begun) + FURTHER)
    }

    /// The last boot; but when that one has only just begun, the last one that failed.
    fn last_telling(&self, rules: &RuleSet, scene: &Scene, last: usize) -> usize {
        let blank = |index: usize| {
            self.boot_causes.get(index).is_none_or(Option::is_none)
                && self.courses.get(index).is_none_or(|course| course.ready.is_none() && course.stopped.is_none())
                && self.unit.boots.get(index).is_none_or(|boot| !boot.over)
                && !self.came_further(rules, index)
        };
        // Its last words are of the last boot.
        let silent = self.unit.strays.iter().all(|stray| !stray.last_word);
        let failed = |index: &usize| self.boot_causes.get(*index).is_some_and(Option::is_some);
        let lives = scene.state_of(self.unit.source).is_some_and(|state| state.lives_on(scene.now()));
        if last > 0 && silent && blank(last) && failed(&(last - 1)) && !lives { last - 1 } else { last }
    }
}

/// Judges everything that was seen. `forced` is the profile the user named; `scene` holds the containers, if any were asked for.
#[must_use]
pub fn diagnose<'u>(rules: &RuleSet, units: &'u [Unit], forced: Option<usize>, scene: &Scene) -> Diagnosis<'u> {
    let mut views: Vec<UnitView<'u>> = units.iter().map(|unit| UnitView::new(rules, scene, unit, forced)).collect();
    let mut findings = Vec::new();
    let mut ruled_out = BTreeMap::new();
    for (index, view) in views.iter().enumerate() {
        findings.extend(finding::of_boot(rules, view, index, view.judged));
        if let Some(boot) = view.unit.boots.get(view.judged) {
            ruled_out.extend(crate::detect::dropped(rules, boot));
        }
    }
    let (findings, mut remarks): (Vec<_>, Vec<_>) = findings.into_iter().partition(|finding| is_severe(rules, finding));
    let (mut active, mut cleared) = clear::split(rules, scene, unexcused(rules, findings, &remarks), &views);
    // What goes on anywhere is not over.
    cleared
        .retain(|(over, _)| active.iter().all(|one| blame::key(rules, scene, one) != blame::key(rules, scene, over)));
    cleared.iter().for_each(|(over, _)| forgive(&mut views, over, &active));
    active.extend(masked::derive(rules, &active));
    active.extend(listen::derive(rules, scene, &views, &active));
    active.extend(listen::confirmed(Lanes { rules, scene, views: &views }, &mut remarks, &active));
    active.extend(reach::derive(rules, scene, &views, &active));
    active.extend(health::derive(rules, scene, &views, &active));
    active.extend(needed::derive(rules, scene, &views, &active));
    active.extend(last_word::derive(rules, scene, &views, &active));
    let causes = blame::blame(Lanes { rules, scene, views: &views }, active);
    let main = main_unit(rules, scene, &views, &causes);
    let verdict = verdict::verdict(rules, scene, &views, main, &causes, !cleared.is_empty());
    Diagnosis { verdict, causes, cleared, remarks, ruled_out: ruled_out.into_iter().collect(), units: views, main }
}

/// Whether a finding weighs enough to be blamed by itself.
fn is_severe(rules: &RuleSet, finding: &Finding) -> bool {
    rules.rules.get(finding.rule).is_some_and(|rule| rule.severity >= Severity::Error)
}

/// Takes the blame for its boot from a finding that is over.
fn forgive(views: &mut [UnitView<'_>], over: &Finding, active: &[Finding]) {
    let Some(view) = views.get_mut(over.unit) else { return };
    let judged = view.judged;
    let stands = active.iter().any(|one| (one.unit, one.rule) == (over.unit, over.rule));
    if let Some(cause) = view.boot_causes.get_mut(judged).filter(|cause| **cause == Some(over.rule) && !stands) {
        *cause = None;
    }
}

/// The findings that no remark before them in their input excuses.
fn unexcused(rules: &RuleSet, findings: Vec<Finding>, remarks: &[Finding]) -> Vec<Finding> {
    let excuses: Vec<&Finding> =
        remarks.iter().filter(|remark| rules.rules.get(remark.rule).is_some_and(|rule| rule.excuses)).collect();
    let excused = |finding: &Finding| {
        let first = &finding.matched.first;
        let before = |line: &Sighting| line.source == first.source && line.offset < first.offset;
        !finding.of_state && excuses.iter().any(|remark| before(&remark.matched.last))
    };
    findings.into_iter().filter(|finding| !excused(finding)).collect()
}

/// The unit with the longest course of an application; without one, the root cause's.
fn main_unit(rules: &RuleSet, scene: &Scene, views: &[UnitView<'_>], causes: &[Blamed]) -> usize {
    let blamed = causes.first().and_then(|cause| cause.members.first()).map(|member| member.unit);
    let weight = |index: usize, view: &UnitView<'_>| {
        let profile = view.program(rules);
        let phases = view.course().map_or(0, |course| course.entered.iter().flatten().count());
        let application = profile.is_some_and(|profile| !profile.service);
        let asked = scene.is_asked(scene.of_source(view.unit.source));
        (asked, application, phases, Some(index) == blamed, std::cmp::Reverse(index))
    };
    views.iter().enumerate().max_by_key(|(index, view)| weight(*index, view)).map_or(0, |(index, _)| index)
}

#[cfg(test)]
mod link_tests;
#[cfg(test)]
mod lives_tests;
#[cfg(test)]
mod reach_tests;
#[cfg(test)]
mod recover_tests;
#[cfg(test)]
mod scene_tests;
#[cfg(test)]
mod verdict_tests;
