//! Health checks against the start they watch: one that gave up too early, and one that asks where nobody serves.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::container::{ContainerState, Health, arithmetic, duration};
use crate::detect::{Match, Sighting};
use crate::record::Clock;
use crate::rule::{Derived, RuleSet, Strength, fact};

use super::UnitView;
use super::finding::Finding;
use super::listen::ready_marks;
use super::scene::Scene;

/// What follows from an unhealthy container whose log shows nothing wrong.
pub(super) fn derive(rules: &RuleSet, scene: &Scene, views: &[UnitView<'_>], active: &[Finding]) -> Vec<Finding> {
    let unhealthy = scene.containers().iter().enumerate().filter_map(|(index, state)| {
        let health = state.health.as_ref().filter(|health| health.status == "unhealthy")?;
        Some((index, state, health))
    });
    let found = unhealthy.filter_map(|(index, state, health)| {
        let case = Case { rules, scene, views, active, index, state, health };
        case.probe().or_else(|| case.budget())
    });
    found.collect()
}

struct Case<'a, 'u> {
    rules: &'a RuleSet,
    scene: &'a Scene,
    views: &'a [UnitView<'u>],
    active: &'a [Finding],
    index: usize,
    state: &'a ContainerState,
    health: &'a Health,
}

impl Case<'_, '_> {
    /// The units of the container's own logs.
    fn logs(&self) -> impl Iterator<Item = &UnitView<'_>> {
        self.views.iter().filter(|view| !view.unit.state && self.scene.of_source(view.unit.source) == Some(self.index))
    }

    /// When the application reported that it is up, microseconds since 1970.
    fn ready(&self) -> Option<i64> {
        let lines = self.logs().filter_map(UnitView::course).filter_map(|course| course.ready);
        lines.filter_map(|line| line.time).filter(|time| time.clock == Clock::Utc).map(|time| time.micros).max()
    }

    /// The application is up, and the probe asks another port than it serves.
    fn probe(&self) -> Option<Finding> {
        let ready = self.ready()?;
        let failed_since = self.health.log.iter().any(|probe| probe.exit_code != 0 && probe.ended > Some(ready));
        let asked = port(&self.health.test.join(" "))?;
        let served = self.served();
        let elsewhere = !served.is_empty() && !served.contains(&asked);
        (failed_since && elsewhere).then_some(())?;
        let names = [("asked", asked), ("served", served.join(", "))];
        self.finding(Derived::HealthProbe, Strength::Names, names, &["probe", "probe-output"])
    }

    /// The start took, or takes, longer than the health check allows, and nothing else is wrong.
    fn budget(&self) -> Option<Finding> {
        let started = self.state.started?;
        let budget = self.health.budget();
        let needed = self.ready().map(|ready| ready - started);
        let going_on = self.logs().filter_map(UnitView::course).any(|course| course.reached().is_some());
        let (needed, strength) = match needed {
            Some(needed) => (needed, Strength::Names),
            None if going_on && self.state.is_running() && !self.fails() => {
                (self.scene.now() - started, Strength::Suggests)
            }
            None => return None,
        };
        // The last probes stand after the start was over: it is not the budget that they fail for.
        let late = self.ready().is_some_and(|ready| {
            self.health.log.iter().filter(|probe| probe.exit_code != 0 && probe.ended > Some(ready)).count() > 1
        });
        (needed > budget && !late).then_some(())?;
        let names = [
            ("budget", duration(budget)),
            ("arithmetic", arithmetic(self.health)),
            ("needed", format!("{}{}", if strength == Strength::Names { "" } else { "more than " }, duration(needed))),
        ];
        self.finding(Derived::HealthBudget, strength, names, &["probe-budget", "probe-output"])
    }

    /// Whether the container's own log shows a fault.
    fn fails(&self) -> bool {
        self.active.iter().any(|finding| !finding.of_state && self.scene.of_finding(finding) == Some(self.index))
    }

    /// The ports that the application reports to be open.
    fn served(&self) -> Vec<String> {
        let boots = self.logs().filter_map(|view| view.unit.boots.get(view.judged));
        let lines = boots.flat_map(|boot| ready_marks(self.rules, boot));
        let mut ports: Vec<String> = lines.filter_map(|tally| tally.last.captures.get("port").cloned()).collect();
        ports.sort();
        ports.dedup();
        ports
    }

    fn finding<const N: usize>(
        &self,
        kind: Derived,
        strength: Strength,
        names: [(&str, String); N],
        proofs: &[&str],
    ) -> Option<Finding> {
        let rule = self.rules.rules.iter().position(|rule| rule.matching.derived == Some(kind))?;
        let unit = self
            .views
            .iter()
            .position(|view| view.unit.state && self.scene.of_source(view.unit.source) == Some(self.index))?;
        let view = self.views.get(unit)?;
        let lines: Vec<Arc<Sighting>> =
            proofs.iter().filter_map(|key| self.line(view.unit.source, key)).map(Arc::new).collect();
        let captures: BTreeMap<String, String> =
            names.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let (first, last, captures) = (lines.first()?.clone(), lines.last()?.clone(), Arc::new(captures));
        let matched = Match { rule, clauses: Vec::new(), count: 1, first, last, proofs: lines, strength, captures };
        let boot = view.unit.boots.first().map_or(1, |boot| boot.number);
        Some(Finding { rule, unit, boot, matched, phase: None, masked: None, of_state: true })
    }

    /// The first fact of a kind as a line of the state.
    fn line(&self, source: usize, key: &str) -> Option<Sighting> {
        let lines = self.scene.facts_of(self.index).lines();
        let (line, text) = (1..).zip(lines).find(|(_, line)| fact(line).is_some_and(|(known, _)| known == key))?;
        Some(Sighting::alone(source, line, text))
    }
}

/// The port of the first address in a probe's command: `http://localhost:3000/health`, `nc -z localhost 3000`.
fn port(command: &str) -> Option<String> {
    let words = command.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '|' | ';'));
    let hosts = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"];
    let mut after_host = false;
    for word in words {
        let bare = word.split_once("://").map_or(word, |(_, rest)| rest);
        let authority = bare.split(['/', '?']).next().unwrap_or_default();
        let number = |text: &str| text.parse::<u16>().is_ok();
        for host in hosts {
            match authority.strip_prefix(host) {
                Some("") if word.contains("://") => return Some("80".to_owned()),
                Some("") => after_host = true,
                Some(rest) => {
                    if let Some(port) = rest.strip_prefix(':').filter(|port| number(port)) {
                        return Some(port.to_owned());
                    }
                }
                None if after_host && number(word) => return Some(word.to_owned()),
                None => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn a_probe_s_port_is_read_from_its_command() {
        for (command, expected) in [
            ("CMD-SHELL curl -f http://localhost:3000/health || exit 1", Some("3000")),
            ("CMD wget -qO- http://127.0.0.1:8080", Some("8080")),
            ("CMD-SHELL nc -z localhost 5432", Some("5432")),
            ("CMD curl -f http://localhost/healthz", Some("80")),
            ("CMD pg_isready -U postgres", None),
            ("CMD-SHELL test -f /tmp/ready", None),
        ] {
            assert_eq!(port(command).as_deref(), expected, "{command}");
        }
    }
}
