//! Containers that ended without an error although others need them: a server that was stopped is no job that is done.

use std::collections::BTreeMap;

use crate::container::ContainerState;
use crate::rule::{Derived, RuleSet, Strength};

use super::UnitView;
use super::finding::Finding;
use super::scene::Scene;
use super::state_fact::Place;

/// What follows from containers that ended with status 0 and that another one, which runs or tries to, needs or asks in vain.
pub(super) fn derive(rules: &RuleSet, scene: &Scene, views: &[UnitView<'_>], active: &[Finding]) -> Vec<Finding> {
    let ended = |state: &ContainerState| state.status == "exited" && state.exit_code == 0 && state.started.is_some();
    let all = scene.containers();
    let found = all.iter().enumerate().filter(|(_, state)| ended(state)).filter(|(index, state)| {
        let awaited = all.iter().any(|other| {
            let same = other.project.is_some() && other.project == state.project;
            let needs = state.service.as_ref().is_some_and(|service| other.needs.contains(service));
            same && needs && (other.is_running() || other.status == "restarting")
        });
        let asked = active.iter().any(|finding| scene.target(rules, finding) == Some(*index));
        awaited || asked
    });
    let finding = |(index, state): (usize, &ContainerState)| {
        let names = [("name", state.name.clone()), ("code", "0".to_owned())];
        let names: BTreeMap<String, String> = names.map(|(name, value)| (name.to_owned(), value)).into();
        let place = Place { rules, scene, views, index };
        place.finding(Derived::NeededEnded, Strength::Suggests, names, &["status", "exit-code", "finished"], None)
    };
    found.filter_map(finding).collect()
}
