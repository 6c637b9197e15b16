//! What is to be done, and how to see that it helped: the texts of a rule with names filled in, for the place in which the fault stood.

use std::collections::BTreeMap;

use crate::container::ContainerState;
use crate::detect::Sighting;
use crate::diagnosis::{self, Finding, UnitView};
use crate::rule::{ProfileFile, RemedySpec, RuleFile, VerifySpec, fill, fill_command};

use super::build::Builder;
use super::model::{Remedy, Verify};
use super::place::{Place, Site, service, tell};
use super::redact::Redactor;
use super::sanitize::visible;
use super::{command, dialect};

/// Areas whose rules tell of changes to a database, and of the servers that hold one.
const MIGRATING: [&str; 2] = ["migration", "twenty"];
const DATABASES: [&str; 2] = ["postgres", "mysql"];

/// What placeholders stand for.
pub(super) type Values = BTreeMap<String, String>;

/// Names to fill in, and the place in which they mean something.
pub(super) struct Naming {
    /// What the lines of the finding name, as far as it may be told.
    pub(super) captures: Values,
    /// The same, and what else is known.
    pub(super) values: Values,
    pub(super) site: Site,
}

impl Naming {
    /// A sentence with its names.
    pub(super) fn say(&self, text: &str) -> String {
        fill(text, &self.values)
    }

    /// A command with its names, as it is said in the place; nothing where it cannot be said there.
    pub(super) fn command(&self, text: &str) -> Option<String> {
        command::said(&fill_command(text, &self.values), &self.site)
    }

    /// What the user sees of a fault: where an image is built, nothing runs that could end.
    pub(super) fn impact(&self, text: &str) -> String {
        if self.site.place == Place::Build { "The image is not built.".to_owned() } else { self.say(text) }
    }

    /// What a fault means, in the words of the place.
    pub(super) fn explain(&self, text: &str) -> String {
        self.say(&dialect::said(text, self.site.place))
    }

    /// A step with this text, which is not that of the rule where the place has other words.
    fn remedy(&self, remedy: &RemedySpec, step: &str) -> Remedy {
        let run = remedy.run.as_deref().and_then(|run| self.command(run));
        Remedy { step: self.say(step), run, risk: remedy.risk.word().to_owned() }
    }

    fn check(&self, verify: &VerifySpec) -> Option<Verify> {
        let expect = dialect::step(&verify.expect, self.site.place)?;
        Some(Verify { run: self.command(&verify.run)?, expect: self.say(&expect) })
    }
}

impl Builder<'_, '_> {
    /// The names for what a finding is about, or for the unit whose story is told.
    pub(super) fn naming(&self, finding: Option<&Finding>) -> Naming {
        let mut site = self.site(finding);
        let at_server = finding.is_some_and(|finding| self.is_at_server(finding));
        let captures = finding.map(|finding| self.captures(finding)).unwrap_or_default();
        let mut values = captures.clone();
        let mut offer = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                values.entry(name.to_owned()).or_insert(value);
            }
        };
        for (name, value) in self.engine_names(finding).into_iter().filter(|(name, _)| !at_server || name != "service")
        {
            offer(&name, Some(value));
        }
        offer("container", if site.place == Place::Unit { site.unit.clone() } else { None });
        offer("container", if site.place == Place::Pod { site.pod.clone() } else { site.container.clone() });
        if site.place == Place::Docker {
            offer("container", self.own_profile(finding).and_then(|profile| profile.container.clone()));
        }
        offer("service", if at_server { self.application_service() } else { site.service.clone() });
        offer("server_service", finding.and_then(|finding| self.server(finding, &site)));
        let profile = self.profile();
        offer("port", profile.and_then(|profile| profile.port).map(|port| port.to_string()));
        offer("health_path", profile.and_then(|profile| profile.health_path.clone()));
        offer("log_file", profile.and_then(|profile| profile.log_files.first().cloned()));
        let own: &[&str] =
            if site.place == Place::Pod { &["container", "service", "name"] } else { &["container", "service"] };
        site.own = own.iter().filter_map(|name| values.get(*name).cloned()).collect();
        Naming { captures, values, site }
    }

    /// What the lines of a finding name. A part that is masked where it stands in its line, but would not be known for a secret alone, is hidden.
    fn captures(&self, finding: &Finding) -> Values {
        let mut values = (*finding.matched.captures).clone();
        if !self.redact || values.is_empty() {
            return values;
        }
        // A record may go on below the line that is shown of it.
        let near =
            |line: &Sighting| visible(&[line.before(), vec![line.text.to_string()], line.after()].concat().join("\n"));
        let lines = [&finding.matched.first].into_iter().chain(&finding.matched.proofs).map(|line| near(line));
        let masked: Vec<(String, String)> = lines.map(|line| (Redactor::new().mask(&line), line)).collect();
        for value in values.values_mut() {
            let hidden =
                masked.iter().any(|(shown, line)| line.contains(value.as_str()) && !shown.contains(value.as_str()));
            if hidden && !value.is_empty() && Redactor::new().mask(value) == *value {
                "[redacted]".clone_into(value);
            }
        }
        values
    }

    /// Where a finding was made. A log that an engine gave is a container's.
    pub(super) fn site(&self, finding: Option<&Finding>) -> Site {
        let view = finding.map_or_else(|| self.main(), |finding| self.diagnosis.units.get(finding.unit));
        let last = || view.and_then(|view| view.unit.end.as_ref());
        let Some(line) = finding.map(|finding| &*finding.matched.first).or_else(last) else { return Site::default() };
        if finding.is_some_and(|finding| finding.of_state) || self.scene.state_of(line.source).is_some() {
            return Site::default();
        }
        tell(view.and_then(|view| view.unit.name.as_deref()), line)
    }

    /// The service of the server that a finding's rule is about: the one that showed it, unless that is known for another program, else the one whose
    /// lines or whose image tell.
    fn server(&self, finding: &Finding, site: &Site) -> Option<String> {
        let rule = self.rule(finding.rule)?;
        let about = |profile: &ProfileFile| profile.service && profile.area() == rule.area();
        let changes = MIGRATING.contains(&rule.area());
        let database = |profile: &ProfileFile| profile.service && DATABASES.contains(&profile.area());
        let is_server = |profile: &ProfileFile| about(profile) || (changes && database(profile));
        let known = |index: usize| self.rules.profiles.get(index);
        let own = self.engine_names(Some(finding)).remove("service").or_else(|| site.service.clone());
        let may_be = self.rules.profiles.iter().any(about) && !rule.remote;
        let profile = self.own_profile(Some(finding));
        if own.is_some() && profile.is_some_and(is_server) {
            return own;
        }
        let of_unit = |view: &UnitView<'_>| {
            let server = view.profile.and_then(known).is_some_and(is_server);
            self.service_of(view).filter(|_| server)
        };
        let of_state = |state: &ContainerState| {
            let server = diagnosis::profile_of(self.rules, state).and_then(known).is_some_and(is_server);
            state.service.clone().filter(|_| server)
        };
        let mut units = self.diagnosis.units.iter().filter_map(of_unit);
        let told = units.next().or_else(|| self.scene.containers().iter().find_map(of_state));
        told.or_else(|| own.filter(|_| profile.is_none() && may_be))
    }

    /// Whether a finding stands in the lines of the server that its rule is about: whose service must be started is the application, then.
    fn is_at_server(&self, finding: &Finding) -> bool {
        let area = self.rule(finding.rule).map(RuleFile::area).filter(|area| *area != "proxy");
        self.own_profile(Some(finding)).is_some_and(|profile| profile.service && Some(profile.area()) == area)
    }

    /// The service of the application whose story is told.
    fn application_service(&self) -> Option<String> {
        self.profile().filter(|profile| !profile.service)?;
        self.service_of(self.main()?)
    }

    /// The service of a unit, by the engine or by the name before its lines.
    fn service_of(&self, view: &UnitView<'_>) -> Option<String> {
        let name = diagnosis::names(self.scene, view.unit.source).remove("service");
        name.or_else(|| view.unit.name.as_deref().map(service))
    }

    /// The profile of the unit that showed a finding; a log without names of units is the application's, unless a server wrote it.
    fn own_profile(&self, finding: Option<&Finding>) -> Option<&ProfileFile> {
        let Some(finding) = finding else { return self.profile() };
        let view: &UnitView<'_> = self.diagnosis.units.get(finding.unit)?;
        match view.profile {
            Some(index) => self.rules.profiles.get(index),
            None if view.unit.name.is_none() => self.profile(),
            None => None,
        }
    }

    /// What the engine calls the container of a finding; without one, the first that was asked for.
    fn engine_names(&self, finding: Option<&Finding>) -> Values {
        let all = 0..if finding.is_some() { 0 } else { self.names.len() };
        let sources = finding.map(|finding| finding.matched.first.source).into_iter().chain(all);
        let named = sources.map(|source| diagnosis::names(self.scene, source));
        named.into_iter().find(|names| !names.is_empty()).unwrap_or_default()
    }

    /// Whether a step reads a log that the container's logging driver does not keep.
    fn is_vain(&self, remedy: &RemedySpec, finding: &Finding) -> bool {
        let state = self.scene.state_of(finding.matched.first.source);
        let logs = remedy.run.as_deref().is_some_and(|run| run.starts_with("docker logs"));
        logs && state.is_some_and(|state| state.log_driver == "none")
    }

    /// The steps of a rule that can be taken: those that mean something in the place, unless none does.
    pub(super) fn remedies(&self, rule: &RuleFile, finding: &Finding, naming: &Naming) -> Vec<Remedy> {
        let steps = || rule.remedy.iter().filter(|remedy| !self.is_vain(remedy, finding));
        let told =
            steps().filter_map(|remedy| Some(naming.remedy(remedy, &dialect::step(&remedy.step, naming.site.place)?)));
        let told: Vec<Remedy> = told.collect();
        if told.is_empty() { steps().map(|remedy| naming.remedy(remedy, &remedy.step)).collect() } else { told }
    }

    /// The rule's own checks, which are of what showed the fault, then what must hold of the application that was asked for.
    pub(super) fn checks(&self, rule: &RuleFile, naming: &Naming) -> Vec<Verify> {
        let mut checks: Vec<Verify> = rule.verify.iter().filter_map(|verify| naming.check(verify)).collect();
        if naming.site.place == Place::Build {
            if checks.is_empty() {
                let (run, expect) = ("docker compose build".to_owned(), "it ends without an error".to_owned());
                checks.push(Verify { run, expect });
            }
            return checks;
        }
        let of_application = self.naming(None);
        for check in self.success(rule).iter().filter_map(|verify| of_application.check(verify)) {
            if checks.iter().all(|known| known.run != check.run) {
                checks.push(check);
            }
        }
        checks
    }

    /// The application's own success criteria, for its root cause.
    fn success(&self, rule: &RuleFile) -> &[VerifySpec] {
        let root = self.diagnosis.causes.first().and_then(|cause| self.rule(cause.rule));
        let profile = self.application().filter(|_| root.is_some_and(|root| root.id == rule.id));
        profile.map(|profile| profile.success.as_slice()).unwrap_or_default()
    }
}
