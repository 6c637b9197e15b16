//! What leads from a fault in one place to what is seen in another.
//!
//! A place is a service of a composed log, a pod, a unit of the journal, or a file that is called like one. Within one place the rules say what
//! follows from what. Between two, something must lead across:
//! - *asked*: the effect says that another program does not answer, and that may be the cause's: by its name, by what it is, or by a port that
//!   belongs to no other server;
//! - *shared*: both are about one server, or about what it holds;
//! - *the machine*: what the host or its engine lacks is everybody's affair.
//!
//! Where it is not known whose place it is, nothing is in the way.

use std::net::IpAddr;

use crate::detect::Sighting;
use crate::record::Layers;
use crate::rule::{ENDED, Role, RuleFile, RuleSet};

use super::end::speaks;
use super::finding::Finding;
use super::lanes::{Lanes, OUTSIDE, is};
use super::scene::service_of;

/// Areas of what a machine lacks.
const MACHINE: [&str; 2] = ["engine", "host"];
/// Areas of rules that tell of others without being asked for an answer.
const TELLERS: [&str; 3] = ["container", "engine", "host"];
/// Areas of what a server holds for all its clients.
const HELD: [&str; 1] = ["migration"];
/// Words in names of files that tell what a log is, or of when, instead of whose.
const GENERAL: [&str; 53] = [
    "access",
    "all",
    "app",
    "application",
    "boot",
    "build",
    "ci",
    "combined",
    "compose",
    "console",
    "container",
    "crash",
    "cri",
    "current",
    "daemon",
    "debug",
    "deploy",
    "describe",
    "dmesg",
    "docker",
    "dump",
    "entrypoint",
    "err",
    "error",
    "errors",
    "events",
    "full",
    "install",
    "journal",
    "journalctl",
    "json",
    "kern",
    "kernel",
    "kubectl",
    "log",
    "logs",
    "main",
    "messages",
    "old",
    "out",
    "output",
    "pod",
    "previous",
    "run",
    "service",
    "stack",
    "start",
    "startup",
    "stderr",
    "stdout",
    "syslog",
    "system",
    "test",
];

impl Lanes<'_> {
    /// Whether something leads from a fault to what is seen elsewhere.
    pub(super) fn linked(self, cause: &Finding, effect: &Finding) -> bool {
        let rule = |finding: &Finding| self.rules.rules.get(finding.rule);
        let Some((fault, seen)) = rule(cause).zip(rule(effect)) else { return true };
        let Some((from, to)) = self.place(cause, fault).zip(self.place(effect, seen)) else { return true };
        let near = cause.unit == effect.unit || is(from, to) || is(to, from);
        near || MACHINE.contains(&fault.area())
            || self.asks(effect, cause)
            || (shared(self.rules, fault, seen) && !self.misnames(effect))
            || (seen.remote && self.may_ask(effect, seen, cause, fault))
    }

    /// Whether a finding tells how a program looks to those who ask it: a proxy that gets no answer.
    pub(super) fn is_from_outside(self, finding: &Finding) -> bool {
        self.rules.rules.get(finding.rule).is_some_and(from_outside)
    }

    /// Whether a program that was never up says nothing behind a fault which another one's line is to prove healed.
    pub(super) fn is_mute_since(self, finding: &Finding, proof: &Sighting) -> bool {
        let Some(view) = self.views.get(finding.unit).filter(|view| !view.is_service(self.rules)) else { return false };
        let last = &finding.matched.last;
        let own = proof.source == last.source
            && view
                .unit
                .boots
                .iter()
                .flat_map(|boot| boot.tallies.values())
                .any(|tally| tally.last.offset == proof.offset);
        let up = view.course().is_some_and(|course| !course.readies.is_empty());
        !own && !speaks(view, last) && !up && self.scene.of_finding(finding).is_none()
    }

    /// Whether the program that an effect asks in vain may be the cause's, though nothing names it.
    fn may_ask(self, effect: &Finding, seen: &RuleFile, cause: &Finding, fault: &RuleFile) -> bool {
        let outside = OUTSIDE.contains(&seen.area());
        if let Some(server) = service_of(self.rules, seen).filter(|_| !outside) {
            return self.place(cause, fault).is_some_and(|from| is(from, &server.id));
        }
        let Some((host, port)) = self.scene.pointer(self.rules, effect) else { return true };
        if host.parse::<IpAddr>().is_err() {
            return outside && !self.misnames(effect);
        }
        let owners = self.rules.profiles.iter().filter(|profile| profile.service && !OUTSIDE.contains(&profile.area()));
        let mut owners = owners.filter(|profile| port.is_some() && profile.port == port).peekable();
        let own = self.views.get(cause.unit).and_then(|view| view.program(self.rules));
        let area = |area: &str| area == fault.area() || own.is_some_and(|own| own.area() == area);
        owners.peek().is_none() || owners.any(|owner| area(owner.area()))
    }

    /// Whether a name that is asked for is that of no service whose lines were gathered with those that ask: it is a wrong one, or of something
    /// that is not here.
    fn misnames(self, effect: &Finding) -> bool {
        let unknown = self.rules.rules.get(effect.rule).is_some_and(lacks_name);
        let host = self.scene.pointer(self.rules, effect).map(|(host, _)| host).filter(|_| unknown);
        let source = effect.matched.first.source;
        let names =
            || self.views.iter().filter(|view| view.unit.source == source).filter_map(|view| view.unit.name.as_deref());
        host.is_some_and(|host| names().next().is_some() && !names().any(|name| is(name, &host)))
    }

    /// Whose lines a finding stands in, or of whose end it tells; nothing where nobody knows. The manager of the journal's units tells of others.
    fn place<'f>(&'f self, finding: &'f Finding, rule: &RuleFile) -> Option<&'f str> {
        let line = &finding.matched.first;
        if TELLERS.contains(&rule.area()) {
            let name = ENDED.iter().find_map(|name| finding.matched.captures.get(*name)).map(String::as_str);
            let known = |name: &&str| {
                let mut names = self.views.iter().filter_map(|view| view.unit.name.as_deref());
                names.any(|known| is(known, name) || is(name, known))
            };
            return name.filter(known);
        }
        if line.layers.contains(Layers::JOURNALD) && line.text.contains(".service") {
            return None;
        }
        let unit = self.views.get(finding.unit)?.unit;
        let source = unit.source;
        let gathered = || self.views.iter().any(|view| view.unit.source == source && view.unit.name.is_some());
        match unit.name.as_deref() {
            None if gathered() => None,
            None => self.scene.called(source),
            name => name,
        }
    }
}

/// Whether a rule tells how a program looks to those who ask it.
pub(super) fn from_outside(rule: &RuleFile) -> bool {
    rule.role == Role::Symptom && rule.remote && OUTSIDE.contains(&rule.area())
}

/// Whether a rule tells that nobody knows the name that is asked for.
pub(super) fn lacks_name(rule: &RuleFile) -> bool {
    rule.id.ends_with("host-unknown")
}

/// Whether two rules are about one server, as its clients and itself see it, or about what it holds.
fn shared(rules: &RuleSet, rule: &RuleFile, other: &RuleFile) -> bool {
    rule.area() == other.area() && (HELD.contains(&rule.area()) || service_of(rules, rule).is_some())
}

/// Whose log a file is, by its name: `api` of `logs/api.log` and of `shop-api-error.log.1` what is left without the words that any log is called by.
pub(super) fn called(file: &str) -> Option<String> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file).to_ascii_lowercase();
    let bare = name.split_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let general =
        |word: &&str| word.is_empty() || GENERAL.contains(word) || word.bytes().any(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = bare.split(['-', '_', ' ']).filter(|word| !general(word)).collect();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' ');
    (!words.is_empty() && bare.chars().all(fits)).then(|| words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::called;

    #[test]
    fn a_file_tells_by_its_name_whose_log_it_is() {
        for (file, expected) in [
            ("logs/api.log", Some("api")),
            ("shop-api-error.log.1", Some("shop-api")),
            ("/var/log/nginx/error.log", None),
            ("worker.cri.log", Some("worker")),
            ("0f3c2a-json.log", None),
            ("compose.log", None),
            ("<stdin>", None),
        ] {
            assert_eq!(called(file).as_deref(), expected, "{file}");
        }
    }
}
