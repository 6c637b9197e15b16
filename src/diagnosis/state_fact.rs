//! Findings that follow from the state of a container: their evidence are lines of its facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::detect::{Match, Sighting};
use crate::record::Clock;
use crate::rule::{Derived, RuleSet, Strength, fact};

use super::UnitView;
use super::finding::Finding;
use super::scene::Scene;

/// A container whose state is looked at.
#[derive(Clone, Copy)]
pub(super) struct Place<'a, 'u> {
    pub(super) rules: &'a RuleSet,
    pub(super) scene: &'a Scene,
    pub(super) views: &'a [UnitView<'u>],
    /// Its index in the scene.
    pub(super) index: usize,
}

impl<'a, 'u> Place<'a, 'u> {
    /// The units of the container's own logs.
    pub(super) fn logs(self) -> impl Iterator<Item = &'a UnitView<'u>> {
        self.views.iter().filter(move |view| !view.unit.state && self.is_own(view))
    }

    fn is_own(self, view: &UnitView<'_>) -> bool {
        self.scene.of_source(view.unit.source) == Some(self.index)
    }

    /// When the application reported that it is up, microseconds since 1970.
    pub(super) fn ready(self) -> Option<i64> {
        let lines = self.logs().filter_map(UnitView::course).filter_map(|course| course.ready);
        lines.filter_map(|line| line.time).filter(|time| time.clock == Clock::Utc).map(|time| time.micros).max()
    }

    /// Whether it is a server that others wait for. Such a one may serve nobody but itself for a while, until its data is there.
    pub(super) fn is_service(self) -> bool {
        let mut profiles = self.logs().filter_map(|view| view.program(self.rules));
        profiles.any(|profile| profile.service)
    }

    /// A finding whose evidence are the first facts of these kinds, and what else proves it.
    pub(super) fn finding(
        self,
        kind: Derived,
        strength: Strength,
        captures: BTreeMap<String, String>,
        proofs: &[&str],
        besides: Option<&Arc<Sighting>>,
    ) -> Option<Finding> {
        let rule = self.rules.rules.iter().position(|rule| rule.matching.derived == Some(kind))?;
        let unit = self.views.iter().position(|view| view.unit.state && self.is_own(view))?;
        let view = self.views.get(unit)?;
        let mut lines: Vec<Arc<Sighting>> =
            proofs.iter().filter_map(|key| self.line_of(view.unit.source, key)).map(Arc::new).collect();
        let (first, last, captures) = (lines.first()?.clone(), lines.last()?.clone(), Arc::new(captures));
        lines.extend(besides.cloned());
        let matched = Match { rule, clauses: Vec::new(), count: 1, first, last, proofs: lines, strength, captures };
        let boot = view.unit.boots.first().map_or(1, |boot| boot.number);
        Some(Finding { rule, unit, boot, matched, phase: None, masked: None, of_state: true })
    }

    /// The first fact of a kind as a line of the container's state.
    pub(super) fn line(self, key: &str) -> Option<Sighting> {
        let view = self.views.iter().find(|view| view.unit.state && self.is_own(view))?;
        self.line_of(view.unit.source, key)
    }

    fn line_of(self, source: usize, key: &str) -> Option<Sighting> {
        let lines = self.scene.facts_of(self.index).lines();
        let (line, text) = (1..).zip(lines).find(|(_, line)| fact(line).is_some_and(|(known, _)| known == key))?;
        Some(Sighting::alone(source, line, text))
    }
}
