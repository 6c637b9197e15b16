//! Health checks against the start they watch: one that gave up too early, and one that asks where nobody serves.

use std::collections::BTreeMap;

use crate::container::{ContainerState, Health, arithmetic, duration};
use crate::rule::{Derived, RuleSet, Strength};

use super::UnitView;
use super::finding::Finding;
use super::listen::ready_marks;
use super::scene::Scene;
use super::state_fact::Place;

/// What follows from an unhealthy container whose log shows nothing wrong.
pub(super) fn derive(rules: &RuleSet, scene: &Scene, views: &[UnitView<'_>], active: &[Finding]) -> Vec<Finding> {
    let unhealthy = scene.containers().iter().enumerate().filter_map(|(index, state)| {
        let health = state.health.as_ref().filter(|health| health.status == "unhealthy")?;
        Some((index, state, health))
    });
    let found = unhealthy.filter_map(|(index, state, health)| {
        let case = Case { place: Place { rules, scene, views, index }, active, state, health };
        case.probe().or_else(|| case.budget())
    });
    found.collect()
}

struct Case<'a, 'u> {
    place: Place<'a, 'u>,
    active: &'a [Finding],
    state: &'a ContainerState,
    health: &'a Health,
}

impl Case<'_, '_> {
    /// The application is up, and the probe asks another port than it serves.
    fn probe(&self) -> Option<Finding> {
        let ready = self.place.ready()?;
        let failed_since = self.health.log.iter().any(|probe| probe.exit_code != 0 && probe.ended > Some(ready));
        let asked = port(&self.health.test.join(" "))?;
        let served = self.served();
        let elsewhere = !served.is_empty() && !served.contains(&asked);
        (failed_since && elsewhere).then_some(())?;
        let names = [("asked", asked), ("served", served.join(", "))];
        self.finding(Derived::HealthProbe, Strength::Names, names, &["probe", "probe-output", "listens"])
    }

    /// The start took, or takes, longer than the health check allows, and nothing else is wrong.
    fn budget(&self) -> Option<Finding> {
        let started = self.state.started?;
        let budget = self.health.budget();
        let needed = self.place.ready().map(|ready| ready - started);
        let going_on = self.place.logs().filter_map(UnitView::course).any(|course| course.reached().is_some());
        let (needed, strength) = match needed {
            Some(needed) => (needed, Strength::Names),
            None if going_on && self.state.is_running() && !self.fails() => {
                (self.place.scene.now() - started, Strength::Suggests)
            }
            None => return None,
        };
        // The last probes stand after the start was over: it is not the budget that they fail for.
        let late = self.place.ready().is_some_and(|ready| {
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
        self.active
            .iter()
            .any(|finding| !finding.of_state && self.place.scene.of_finding(finding) == Some(self.place.index))
    }

    /// The ports that are open, for the probe asks from inside; where that was not seen, those that the application reports.
    fn served(&self) -> Vec<String> {
        if let Some(open) = &self.state.listeners {
            let mut ports: Vec<u16> = open.iter().map(|listener| listener.port).collect();
            ports.dedup();
            return ports.iter().map(ToString::to_string).collect();
        }
        let boots = self.place.logs().filter_map(|view| view.unit.boots.get(view.judged));
        let lines = boots.flat_map(|boot| ready_marks(self.place.rules, boot));
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
        let names: BTreeMap<String, String> = names.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.place.finding(kind, strength, names, proofs, None)
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
