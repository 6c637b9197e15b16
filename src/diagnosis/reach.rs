//! The ports that others ask a container for, against those that are open inside of it.
//!
//! Only what was seen counts: where the listeners of a container are not known, nothing follows. A port that nobody publishes and no proxy
//! asks for is the container's own affair, and of several published ports one that is open is enough.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::container::{ContainerState, Listener};
use crate::detect::Sighting;
use crate::rule::{Derived, RuleSet, Strength};

use super::UnitView;
use super::finding::Finding;
use super::listen;
use super::scene::Scene;
use super::state_fact::Place;

/// How long an application that reports to be up may take to open its port: some report it just before. Microseconds.
const SETTLING: i64 = 5_000_000;
/// The same from the start of one that reports nothing.
const SILENT: i64 = 60_000_000;
/// Ports of ssh, debuggers, profilers and metrics, which programs open only when they are told to.
const BESIDE: [u16; 17] =
    [22, 2222, 2345, 4040, 5005, 5678, 6060, 8778, 9090, 9091, 9100, 9102, 9113, 9187, 9229, 9230, 9464];

/// What somebody asks a container for.
struct Question<'a, 'u> {
    place: Place<'a, 'u>,
    state: &'a ContainerState,
    open: &'a [Listener],
    ports: Vec<u16>,
    /// The line of the proxy that was refused.
    refused: Option<&'a Arc<Sighting>>,
}

/// What follows from the ports that are open inside of containers that run.
pub(super) fn derive(rules: &RuleSet, scene: &Scene, views: &[UnitView<'_>], active: &[Finding]) -> Vec<Finding> {
    let known = |index: usize| active.iter().any(|finding| is_told(rules, scene, finding, index));
    let questions = refusals(rules, scene, views, active);
    let asked: Vec<usize> = questions.iter().map(|question| question.place.index).collect();
    let published = published(rules, scene, views).into_iter().filter(|it| !asked.contains(&it.place.index));
    let all = questions.into_iter().chain(published).filter(|question| !known(question.place.index));
    let mut found: Vec<Finding> = all.filter_map(|question| question.answer()).collect();
    found.dedup_by_key(|finding| (finding.rule, finding.unit));
    found
}

/// Whether an application has only just reported that it is up, and has not opened its published port yet.
pub(super) fn is_settling(rules: &RuleSet, scene: &Scene, views: &[UnitView<'_>]) -> bool {
    published(rules, scene, views).iter().any(|question| {
        let since = question.place.ready().map(|ready| scene.now() - ready);
        since.is_some_and(|since| since < SETTLING) && !question.is_reached() && !question.is_beside()
    })
}

/// Whether a proxy is refused in spite of what the application's log says of its port: the kernel knows better.
pub(super) fn is_open(scene: &Scene, container: usize, port: u16) -> bool {
    let open = scene.containers().get(container).and_then(|state| state.listeners.as_deref());
    open.unwrap_or_default().iter().any(|listener| listener.port == port && !listener.is_loopback())
}

/// Whether a log tells already where the application of a container listens, or that it cannot.
fn is_told(rules: &RuleSet, scene: &Scene, finding: &Finding, container: usize) -> bool {
    let listens = rules.rules.get(finding.rule).is_some_and(|rule| rule.area() == "listen" && !rule.inconclusive);
    listens && scene.of_finding(finding) == Some(container)
}

/// What proxies asked for and were refused.
fn refusals<'a, 'u>(
    rules: &'a RuleSet,
    scene: &'a Scene,
    views: &'a [UnitView<'u>],
    active: &'a [Finding],
) -> Vec<Question<'a, 'u>> {
    let wrong = rules.rules.iter().position(|rule| rule.matching.derived == Some(Derived::WrongPort));
    let effects = wrong.and_then(|wrong| rules.explains.get(wrong));
    let question = |finding: &'a Finding| {
        effects?.contains(&finding.rule).then_some(())?;
        let (_, port) = listen::place(finding.matched.captures.get("upstream")?)?;
        let place = Place { rules, scene, views, index: scene.target(rules, finding)? };
        question(place, vec![port.parse().ok()?], Some(&finding.matched.first))
    };
    active.iter().filter_map(question).collect()
}

/// What the engine hands on to the containers that were asked for.
fn published<'a, 'u>(rules: &'a RuleSet, scene: &'a Scene, views: &'a [UnitView<'u>]) -> Vec<Question<'a, 'u>> {
    let question = |index: usize| {
        let place = Place { rules, scene, views, index };
        let bound = scene.containers().get(index)?.ports.iter().filter(|port| port.bound);
        // What serves by datagrams may leave its TCP ports closed.
        let streams: Option<Vec<u16>> = bound.map(|port| (port.protocol == "tcp").then_some(port.inside)).collect();
        let mut ports = streams?;
        ports.sort_unstable();
        ports.dedup();
        question(place, ports, None).filter(|question| !question.ports.is_empty())
    };
    (0..scene.asked()).filter_map(question).collect()
}

fn question<'a, 'u>(
    place: Place<'a, 'u>,
    ports: Vec<u16>,
    refused: Option<&'a Arc<Sighting>>,
) -> Option<Question<'a, 'u>> {
    let state = place.scene.containers().get(place.index)?;
    Some(Question { place, state, open: state.listeners.as_deref()?, ports, refused })
}

impl Question<'_, '_> {
    fn is_reached(&self) -> bool {
        self.open.iter().any(|listener| self.ports.contains(&listener.port) && !listener.is_loopback())
    }

    /// Whether nobody needs the ports to be open.
    fn is_beside(&self) -> bool {
        self.refused.is_none() && self.ports.iter().all(|port| BESIDE.contains(port))
    }

    fn answer(&self) -> Option<Finding> {
        let now = self.place.scene.now();
        // What a database reports before its data is there says nothing of others.
        let ready = self.place.ready().filter(|_| !self.place.is_service());
        let settled = match ready {
            Some(ready) => now - ready >= SETTLING,
            None => self.state.started.is_some_and(|started| now - started >= SILENT),
        };
        if self.is_reached() || self.is_beside() || !settled {
            return None;
        }
        let strength = if ready.is_some() { Strength::Names } else { Strength::Suggests };
        let found = self.hidden(strength);
        // Of a program that does not report that it is up only a proxy tells that it should serve, and where.
        let known = ready.is_some() || self.refused.is_some();
        found.or_else(|| self.elsewhere(strength).or_else(|| self.nowhere(strength)).filter(|_| known))
    }

    /// Open for the container itself only.
    fn hidden(&self, strength: Strength) -> Option<Finding> {
        let listener = self.open.iter().find(|listener| self.ports.contains(&listener.port))?;
        let names = [("address", listener.to_string()), ("port", listener.port.to_string())];
        self.finding(Derived::WrongAddress, strength, names)
    }

    /// Open on other ports.
    fn elsewhere(&self, strength: Strength) -> Option<Finding> {
        let mut others: Vec<u16> =
            self.open.iter().filter(|listener| !listener.is_loopback()).map(|listener| listener.port).collect();
        others.retain(|port| !BESIDE.contains(port));
        others.dedup();
        let port = (!others.is_empty()).then(|| listed(&others))?;
        let asked = if self.refused.is_some() { "asked" } else { "published" };
        self.finding(Derived::WrongPort, strength, [("port", port), (asked, listed(&self.ports))])
    }

    /// Open nowhere.
    fn nowhere(&self, strength: Strength) -> Option<Finding> {
        let first = self.ports.first().map(ToString::to_string).unwrap_or_default();
        self.finding(Derived::NeverOpened, strength, [("target", listed(&self.ports)), ("port", first)])
    }

    fn finding<const N: usize>(
        &self,
        kind: Derived,
        strength: Strength,
        names: [(&str, String); N],
    ) -> Option<Finding> {
        let names: BTreeMap<String, String> = names.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let proofs: &[&str] = if self.refused.is_some() { &["listens"] } else { &["port", "listens"] };
        self.place.finding(kind, strength, names, proofs, self.refused)
    }
}

fn listed(ports: &[u16]) -> String {
    ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
