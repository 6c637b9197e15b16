//! From a diagnosis to the frozen report: names filled in, places written out, everything cleaned and redacted once.

use std::collections::BTreeMap;

use crate::container::ContainerState;
use crate::detect::{Sighting, Stray};
use crate::diagnosis::{self, Blamed, Diagnosis, Finding, Scene, UnitView};
use crate::record::{Stamp, Stream};
use crate::rule::{
    ProfileFile, ReferenceSpec, RemedySpec, RuleFile, RuleSet, Severity, VerifySpec, fill, fill_command, in_full,
};

use super::model::{
    Cause, Cleared, Confidence, Consequence, Container, Coverage, Escalation, Evidence, Input, Reference, Remedy,
    Report, RuledOut, SCHEMA, Tool, Unexplained, Verdict, Verify,
};
use super::redact::Redactor;
use super::{course, seal, sentence};

/// Evidence lines shown per cause.
const PROOFS: usize = 3;
/// Strays shown.
const STRAYS: usize = 10;

/// What is known besides the diagnosis.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Inputs in order.
    pub inputs: Vec<InputFacts>,
    /// Records that were judged.
    pub records: u64,
    /// RFC 3339 time of the report.
    pub generated_at: String,
    /// Whether secrets are masked.
    pub redact: bool,
    /// What could not be opened, one sentence each.
    pub unreadable: Vec<String>,
    /// What the reading of containers has to say, one sentence each.
    pub notes: Vec<String>,
    /// `NAME=value` settings of containers: what is secret in them is masked wherever it occurs.
    pub secrets: Vec<String>,
}

impl Facts {
    /// The same with inputs that could not be opened.
    #[must_use]
    pub fn unreadable(mut self, unreadable: Vec<String>) -> Self {
        self.unreadable = unreadable;
        self
    }
}

/// What is known of one input.
#[derive(Debug, Clone)]
pub struct InputFacts {
    /// As the user typed it.
    pub name: String,
    /// `file`, `stdin`.
    pub kind: String,
    /// Decoders and envelopes.
    pub format: String,
    /// Bytes after decompression.
    pub bytes: u64,
    /// Lines.
    pub lines: u64,
    /// Time of the first line that has one.
    pub first_time: Option<Stamp>,
    /// Time of the last line that has one.
    pub last_time: Option<Stamp>,
    /// Why reading ended early.
    pub incomplete: Option<String>,
}

/// Builds the report. Same arguments, same report.
#[must_use]
pub fn build(rules: &RuleSet, diagnosis: &Diagnosis<'_>, scene: &Scene, facts: Facts) -> Report {
    let mut redactor = if facts.redact { Redactor::new() } else { Redactor::off() };
    build_with(rules, diagnosis, scene, facts, &mut redactor)
}

/// As [`build`], with a redactor that has seen, or will see, more than the report.
#[must_use]
pub fn build_with(
    rules: &RuleSet,
    diagnosis: &Diagnosis<'_>,
    scene: &Scene,
    facts: Facts,
    redactor: &mut Redactor,
) -> Report {
    facts.secrets.iter().for_each(|line| redactor.learn(line));
    seal::seal(draft(rules, diagnosis, scene, &facts), redactor)
}

fn draft(rules: &RuleSet, diagnosis: &Diagnosis<'_>, scene: &Scene, facts: &Facts) -> Report {
    let builder =
        Builder { rules, diagnosis, scene, names: facts.inputs.iter().map(|input| input.name.clone()).collect() };
    let lines = facts.inputs.iter().map(|input| input.lines).sum();
    let verdict = verdict(diagnosis.verdict);
    let profile = builder.profile();
    Report {
        schema: SCHEMA,
        tool: Tool { name: "diagnose", version: env!("CARGO_PKG_VERSION").to_owned() },
        generated_at: facts.generated_at.clone(),
        verdict,
        summary: sentence::summary(&builder, lines),
        application: builder.application().map(|profile| profile.name.clone()),
        causes: diagnosis.causes.iter().filter_map(|blamed| builder.cause(blamed)).collect(),
        cleared: diagnosis.cleared.iter().filter_map(|(finding, line)| builder.cleared(finding, line)).collect(),
        unexplained: builder.unexplained(verdict),
        ruled_out: builder.ruled_out(),
        timeline: course::timeline(&builder),
        containers: scene.containers().iter().map(container).collect(),
        coverage: Coverage {
            lines,
            records_judged: facts.records,
            rules: crate::num::wide(rules.rules.len()),
            profile: profile.map_or_else(|| "none".to_owned(), |profile| profile.id.clone()),
            start_seen: course::start_seen(&builder),
        },
        redactions: super::model::Redactions::default(),
        notes: sentence::notes(&builder, facts),
        next: if matches!(verdict, Verdict::Unknown | Verdict::Starting) {
            sentence::next(&builder, lines)
        } else {
            Vec::new()
        },
        escalation: (verdict != Verdict::Healthy).then(|| builder.escalation()).flatten(),
        inputs: facts.inputs.iter().cloned().map(input).collect(),
    }
}

const fn verdict(verdict: diagnosis::Verdict) -> Verdict {
    match verdict {
        diagnosis::Verdict::Healthy => Verdict::Healthy,
        diagnosis::Verdict::Starting => Verdict::Starting,
        diagnosis::Verdict::Degraded => Verdict::Degraded,
        diagnosis::Verdict::Failed => Verdict::Failed,
        diagnosis::Verdict::Unknown => Verdict::Unknown,
    }
}

fn container(state: &ContainerState) -> Container {
    let ran = !state.is_running() && (state.started.is_some() || !state.error.is_empty());
    Container {
        name: state.name.clone(),
        service: state.service.clone(),
        image: state.image.clone(),
        status: state.status.clone(),
        health: state.health.as_ref().map(|health| health.status.clone()),
        exit_code: ran.then_some(state.exit_code),
        oom_killed: Some(state.oom_killed),
        restart_count: Some(state.restart_count),
    }
}

fn input(facts: InputFacts) -> Input {
    Input {
        name: facts.name,
        kind: facts.kind,
        format: facts.format,
        bytes: facts.bytes,
        lines: facts.lines,
        first_time: facts.first_time.map(|time| time.rfc3339()),
        last_time: facts.last_time.map(|time| time.rfc3339()),
        incomplete: facts.incomplete,
    }
}

/// What placeholders stand for.
type Values = BTreeMap<String, String>;

/// Everything the parts of a report are made from.
pub(super) struct Builder<'a, 'u> {
    pub(super) rules: &'a RuleSet,
    pub(super) diagnosis: &'a Diagnosis<'u>,
    pub(super) scene: &'a Scene,
    /// Names of the inputs.
    pub(super) names: Vec<String>,
}

impl<'a, 'u> Builder<'a, 'u> {
    /// The unit whose story is told.
    pub(super) fn main(&self) -> Option<&'a UnitView<'u>> {
        self.diagnosis.units.get(self.diagnosis.main)
    }

    /// Its profile.
    pub(super) fn profile(&self) -> Option<&'a ProfileFile> {
        self.main().and_then(|view| view.profile).and_then(|index| self.rules.profiles.get(index))
    }

    /// Its profile, if that names an application that was recognised.
    pub(super) fn application(&self) -> Option<&'a ProfileFile> {
        self.profile().filter(|profile| !profile.recognise.is_empty())
    }

    /// The rule of a finding.
    pub(super) fn rule(&self, index: usize) -> Option<&'a RuleFile> {
        self.rules.rules.get(index)
    }

    /// What placeholders stand for: the captures, and what the profile knows.
    pub(super) fn values(&self, finding: Option<&Finding>) -> Values {
        let mut values = finding.map(|finding| (*finding.matched.captures).clone()).unwrap_or_default();
        let mut offer = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                values.entry(name.to_owned()).or_insert(value);
            }
        };
        let profile = self.profile();
        let unit =
            finding.and_then(|finding| self.diagnosis.units.get(finding.unit)).and_then(|view| view.unit.name.clone());
        for (name, value) in self.engine_names(finding) {
            offer(&name, Some(value));
        }
        offer("container", profile.and_then(|profile| profile.container.clone()));
        offer("port", profile.and_then(|profile| profile.port).map(|port| port.to_string()));
        offer("health_path", profile.and_then(|profile| profile.health_path.clone()));
        offer("log_file", profile.and_then(|profile| profile.log_files.first().cloned()));
        offer("service", unit.as_deref().map(service));
        values
    }

    /// Whether a step reads a log that the container's logging driver does not keep.
    fn is_vain(&self, remedy: &RemedySpec, finding: &Finding) -> bool {
        let state = self.scene.state_of(finding.matched.first.source);
        let logs = remedy.run.as_deref().is_some_and(|run| run.starts_with("docker logs"));
        logs && state.is_some_and(|state| state.log_driver == "none")
    }

    /// What the engine calls the container of a finding, or the first one that was asked for.
    fn engine_names(&self, finding: Option<&Finding>) -> Values {
        let sources = finding.map(|finding| finding.matched.first.source).into_iter().chain(0..self.names.len());
        let named = sources.map(|source| diagnosis::names(self.scene, source));
        named.into_iter().find(|names| !names.is_empty()).unwrap_or_default()
    }

    /// A finding's title with its names.
    pub(super) fn title(&self, finding: &Finding) -> String {
        self.rule(finding.rule).map(|rule| fill(&rule.title, &self.values(Some(finding)))).unwrap_or_default()
    }

    fn cause(&self, blamed: &Blamed) -> Option<Cause> {
        let rule = &*in_full(self.rule(blamed.rule)?);
        let lead = blamed.members.first()?;
        let values = self.values(Some(lead));
        let say = |text: &str| fill(text, &values);
        let firsts = blamed.members.iter().map(|member| &member.matched.first);
        let lasts = blamed.members.iter().map(|member| &member.matched.last);
        Some(Cause {
            rule: rule.id.clone(),
            title: say(&rule.title),
            severity: rule.severity.word().to_owned(),
            confidence: match blamed.confidence {
                diagnosis::Confidence::Confirmed => Confidence::Confirmed,
                diagnosis::Confidence::Likely => Confidence::Likely,
                diagnosis::Confidence::Possible => Confidence::Possible,
            },
            role: rule.role.word().to_owned(),
            phase: self.phase(lead, rule),
            container: blamed
                .container
                .and_then(|index| self.scene.containers().get(index))
                .map(|state| state.name.clone()),
            boot: lead.boot,
            count: count(&blamed.members),
            first: firsts.min_by_key(|place| (place.source, place.offset)).map(|place| self.place(place))?,
            last: lasts.max_by_key(|place| (place.source, place.offset)).map(|place| self.place(place))?,
            captures: (*lead.matched.captures).clone(),
            reasons: blamed.reasons.clone(),
            evidence: self.proofs(&blamed.members),
            consequences: blamed
                .consequences
                .iter()
                .filter_map(|(rule, members)| self.consequence(*rule, members))
                .collect(),
            summary: say(&rule.summary),
            impact: say(&rule.impact),
            documented: sentence::documented(self, rule),
            remedies: rule
                .remedy
                .iter()
                .filter(|remedy| !self.is_vain(remedy, lead))
                .map(|it| advice(it, &values))
                .collect(),
            verify: self.checks(rule, &values),
            references: rule.reference.iter().map(reference).collect(),
        })
    }

    /// The rule's own checks, then what must hold of the application that was asked for.
    fn checks(&self, rule: &RuleFile, values: &Values) -> Vec<Verify> {
        let of_application = self.values(None);
        let own = rule.verify.iter().map(|verify| check(verify, values));
        own.chain(self.success(rule).map(|verify| check(verify, &of_application))).collect()
    }

    /// The application's own success criteria, for its root cause; a check that the rule has already is not repeated.
    fn success(&self, rule: &RuleFile) -> impl Iterator<Item = &'a VerifySpec> {
        let root = self.diagnosis.causes.first().and_then(|cause| self.rule(cause.rule));
        let profile = self.application().filter(|_| root.is_some_and(|root| root.id == rule.id));
        let known: Vec<String> = rule.verify.iter().map(|verify| verify.run.clone()).collect();
        let criteria = profile.map(|profile| profile.success.as_slice()).unwrap_or_default();
        criteria.iter().filter(move |verify| !known.contains(&verify.run))
    }

    fn consequence(&self, rule: usize, members: &[Finding]) -> Option<Consequence> {
        let lead = members.first()?;
        let evidence = lead.matched.proofs.iter().take(1).map(|proof| self.evidence(proof)).collect();
        Some(Consequence {
            rule: self.rule(rule)?.id.clone(),
            title: self.title(lead),
            count: count(members),
            evidence,
        })
    }

    /// Name of the phase: where it happened, else where the rule says it happens.
    fn phase(&self, finding: &Finding, rule: &RuleFile) -> Option<String> {
        let profile = self.diagnosis.units.get(finding.unit).and_then(|view| view.profile);
        let phases = profile.and_then(|index| self.rules.profiles.get(index)).map(|profile| profile.phase.as_slice());
        let seen = phases.zip(finding.phase).and_then(|(phases, index)| phases.get(index));
        seen.map(|phase| phase.name.clone()).or_else(|| rule.phases.first().cloned())
    }

    /// The proving lines of all members, each text once.
    fn proofs(&self, members: &[Finding]) -> Vec<Evidence> {
        let mut proofs: Vec<Evidence> = Vec::new();
        for proof in members.iter().flat_map(|member| &member.matched.proofs) {
            if proofs.len() < PROOFS && proofs.iter().all(|known| known.text.trim() != proof.text.trim()) {
                proofs.push(self.evidence(proof));
            }
        }
        proofs
    }

    /// A line as evidence.
    pub(super) fn evidence(&self, place: &Sighting) -> Evidence {
        Evidence {
            source: self.source(place),
            line: place.line,
            time: place.time.map(|time| time.rfc3339()),
            stream: place.stream.map(|stream| match stream {
                Stream::Stdout => "stdout".to_owned(),
                Stream::Stderr => "stderr".to_owned(),
            }),
            text: place.text.to_string(),
            unshown: place.unshown,
            before: place.before(),
            after: place.after(),
        }
    }

    fn source(&self, place: &Sighting) -> String {
        self.names.get(place.source).cloned().unwrap_or_default()
    }

    /// When it was, or where.
    fn place(&self, place: &Sighting) -> String {
        place.time.map_or_else(|| format!("{}:{}", self.source(place), place.line), |time| time.rfc3339())
    }

    fn cleared(&self, finding: &Finding, line: &Sighting) -> Option<Cleared> {
        let rule = self.rule(finding.rule)?;
        Some(Cleared { rule: rule.id.clone(), title: self.title(finding), cleared_by: self.evidence(line) })
    }

    fn ruled_out(&self) -> Vec<RuledOut> {
        let known = self.diagnosis.ruled_out.iter();
        known
            .filter_map(|(rule, why)| Some(RuledOut { rule: self.rule(*rule)?.id.clone(), why: why.clone() }))
            .collect()
    }

    /// Strays of the judged boots, the most telling first. Over a healthy application only what it logged as errors itself.
    fn unexplained(&self, verdict: Verdict) -> Vec<Unexplained> {
        let least = if verdict == Verdict::Healthy { 4 } else { 0 };
        let strays = self.diagnosis.units.iter().flat_map(|view| &view.unit.strays);
        let mut strays: Vec<&Stray> = strays.filter(|stray| stray.weight >= least).collect();
        strays.sort_by_key(|stray| (std::cmp::Reverse(stray.weight), stray.place.source, stray.place.offset));
        let mut shown: Vec<Unexplained> = Vec::new();
        for stray in strays {
            if shown.len() < STRAYS && shown.iter().all(|known| known.text != stray.text) {
                let (source, line) = (self.source(&stray.place), stray.place.line);
                shown.push(Unexplained { source, line, text: stray.text.clone(), why: stray.why.to_owned() });
            }
        }
        shown
    }

    fn escalation(&self) -> Option<Escalation> {
        let spec = self.application()?.escalation.as_ref()?;
        Some(Escalation {
            rollback: spec.rollback.clone(),
            contact: spec.contact.clone(),
            hand_over: spec.hand_over.clone(),
        })
    }

    /// Findings too light to be blamed, in words.
    pub(super) fn remarks(&self) -> Vec<String> {
        let severe =
            |finding: &&Finding| self.rule(finding.rule).is_some_and(|rule| rule.severity >= Severity::Warning);
        let remarks = self.diagnosis.remarks.iter().filter(severe);
        let told = |finding: &Finding| {
            let id = self.rule(finding.rule).map(|rule| rule.id.as_str()).unwrap_or_default();
            format!(
                "{} ({id}, {}:{})",
                self.title(finding),
                self.source(&finding.matched.first),
                finding.matched.first.line
            )
        };
        remarks.map(told).collect()
    }
}

/// The service whose container Compose writes before a line: `server-1` is the first of `server`.
fn service(unit: &str) -> String {
    let digits = unit.trim_end_matches(|last: char| last.is_ascii_digit());
    let name = digits.strip_suffix(['-', '_']).filter(|name| digits.len() < unit.len() && !name.is_empty());
    name.unwrap_or(unit).to_owned()
}

fn advice(remedy: &RemedySpec, values: &Values) -> Remedy {
    let run = remedy.run.as_deref().map(|run| fill_command(run, values));
    Remedy { step: fill(&remedy.step, values), run, risk: remedy.risk.word().to_owned() }
}

fn check(verify: &VerifySpec, values: &Values) -> Verify {
    Verify { run: fill_command(&verify.run, values), expect: fill(&verify.expect, values) }
}

fn reference(reference: &ReferenceSpec) -> Reference {
    Reference { title: reference.title.clone(), url: reference.url.clone() }
}

/// How often a fault occurred. Several inputs are several views of the same events (`tee`, an access log beside an error log), so the
/// fullest one counts.
fn count(members: &[Finding]) -> u64 {
    members.iter().map(|member| member.matched.count).max().unwrap_or(0)
}
