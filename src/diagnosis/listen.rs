//! Two logs against each other: where the application says it listens, and where the proxy looks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use crate::detect::{BootLog, Match, Sighting, Tally};
use crate::rule::{Derived, Owner, Part, Role, RuleSet, Severity, Strength};

use super::UnitView;
use super::finding::Finding;
use super::lanes::Lanes;
use super::reach;
use super::scene::Scene;

/// An open port, as the application reported it.
struct Open<'u> {
    unit: usize,
    boot: u32,
    port: String,
    address: Option<String>,
    line: &'u Sighting,
}

/// What follows from a refused proxy and an application that reports another port, or an address that only it can reach.
pub(super) fn derive(rules: &RuleSet, scene: &Scene, views: &[UnitView<'_>], active: &[Finding]) -> Option<Finding> {
    let refused = active.iter().find(|finding| finding.matched.captures.contains_key("upstream"))?;
    let (host, asked) = place(refused.matched.captures.get("upstream")?)?;
    let target = scene.target(rules, refused);
    // What the kernel shows is open was reported late, or again.
    if target.zip(asked.parse().ok()).is_some_and(|(target, port)| reach::is_open(scene, target, port)) {
        return None;
    }
    let asked_of = |view: &UnitView<'_>| target.is_none() || scene.of_source(view.unit.source) == target;
    let asked_views = views.iter().enumerate().filter(|(_, view)| asked_of(view));
    let open: Vec<Open<'_>> = asked_views.flat_map(|(unit, view)| reported(rules, unit, view)).collect();
    let fitting = open.iter().find(|open| open.port == asked);
    let (kind, open) = match fitting {
        None => (Derived::WrongPort, open.first()?),
        Some(open) => {
            let hidden = open.address.as_deref().is_some_and(loopback) && !loopback(host);
            hidden.then_some((Derived::WrongAddress, open))?
        }
    };
    let rule = rules.rules.iter().position(|rule| rule.matching.derived == Some(kind))?;
    let mut captures = BTreeMap::from([("port".to_owned(), open.port.clone()), ("asked".to_owned(), asked.to_owned())]);
    captures.extend(open.address.iter().map(|address| ("address".to_owned(), address.clone())));
    let line = Arc::new(open.line.clone());
    let proofs = vec![Arc::clone(&line), Arc::clone(&refused.matched.first)];
    let matched = Match {
        rule,
        clauses: Vec::new(),
        count: 1,
        first: Arc::clone(&line),
        last: line,
        proofs,
        strength: Strength::Names,
        captures: Arc::new(captures),
    };
    Some(Finding { rule, unit: open.unit, boot: open.boot, matched, phase: None, masked: None, of_state: false })
}

/// Takes out of the remarks those that tell why another program is refused: that a server listens for its own machine only is its own affair
/// until somebody else asks.
pub(super) fn confirmed(lanes: Lanes<'_>, remarks: &mut Vec<Finding>, active: &[Finding]) -> Vec<Finding> {
    let local = |remark: &Finding| {
        lanes
            .rules
            .rules
            .get(remark.rule)
            .is_some_and(|rule| rule.role == Role::Cause && rule.severity == Severity::Warning)
    };
    let all: Vec<usize> = remarks.iter().map(|remark| remark.rule).collect();
    let asks = |finding: &Finding, remark: &Finding| {
        let explains = lanes.rules.explains.get(remark.rule).is_some_and(|effects| effects.contains(&finding.rule));
        let refused = finding.matched.proofs.iter().any(|proof| says_refused(&proof.text));
        let (host, port) = lanes.scene.pointer(lanes.rules, finding).unzip();
        let told = |finding: &Finding, name: &str| finding.matched.captures.get(name)?.parse::<u16>().ok();
        let profile = || lanes.views.get(remark.unit)?.program(lanes.rules)?.port;
        let own = told(remark, "port").or_else(profile);
        let ports = port.flatten().or_else(|| told(finding, "to_port")).zip(own).map(|(asked, own)| asked == own);
        let only = all.iter().filter(|rule| **rule == remark.rule).count() == 1;
        // An address names nobody.
        let nobody = host.is_none_or(|host| host.parse::<IpAddr>().is_ok_and(|address| !address.is_loopback()));
        let asked = match ports {
            Some(same) => same && (lanes.asks(finding, remark) || (only && nobody)),
            None => lanes.asks(finding, remark),
        };
        explains && refused && asked && finding.unit != remark.unit
    };
    remarks.extract_if(.., |remark| local(remark) && active.iter().any(|finding| asks(finding, remark))).collect()
}

fn says_refused(text: &str) -> bool {
    ["refused", "REFUSED"].iter().any(|word| text.contains(word))
}

/// Host and port of `http://172.18.0.5:3000` or `server:3000`.
pub(super) fn place(upstream: &str) -> Option<(&str, &str)> {
    let bare = upstream.split_once("://").map_or(upstream, |(_, rest)| rest);
    let (host, port) = bare.rsplit_once(':')?;
    port.bytes().all(|byte| byte.is_ascii_digit()).then_some((host, port)).filter(|(_, port)| !port.is_empty())
}

fn loopback(host: &str) -> bool {
    host.starts_with("127.") || matches!(host, "localhost" | "::1" | "[::1]")
}

/// The ports that an application's unit reports to be open, each once.
fn reported<'u>(rules: &RuleSet, unit: usize, view: &UnitView<'u>) -> Vec<Open<'u>> {
    let service = view.program(rules).is_none_or(|profile| profile.service);
    let Some(boot) = view.unit.boots.get(view.judged).filter(|_| !service) else { return Vec::new() };
    let mut seen = BTreeSet::new();
    let lines = ready_marks(rules, boot);
    let open = |tally: &'u Tally| {
        let port = tally.last.captures.get("port")?.clone();
        let address = tally.last.captures.get("address").cloned();
        Some(Open { unit, boot: boot.number, port, address, line: &tally.last })
    };
    lines.filter_map(open).filter(|open| seen.insert(open.port.clone())).collect()
}

/// What the marks of profiles saw of an application that is up.
pub(super) fn ready_marks<'u>(rules: &RuleSet, boot: &'u BootLog) -> impl Iterator<Item = &'u Tally> {
    let ready = |id: usize| {
        rules
            .needles
            .get(id)
            .is_some_and(|needle| needle.part == Part::Ready && matches!(needle.owner, Owner::Profile(_)))
    };
    boot.tallies.iter().filter(move |(id, _)| ready(**id)).map(|(_, tally)| &**tally)
}
