//! From a diagnosis to the frozen report: names filled in, places written out, everything cleaned and redacted once.

use std::collections::BTreeSet;

use crate::container::ContainerState;
use crate::detect::Sighting;
use crate::diagnosis::{self, Blamed, Diagnosis, Finding, Scene, UnitView};
use crate::record::{Stamp, Stream};
use crate::rule::{ProfileFile, ReferenceSpec, RuleFile, RuleSet, Severity, in_full};

use super::model::{
    Cause, Cleared, Confidence, Consequence, Container, Coverage, Escalation, Evidence, Input, Reference, Report,
    RuledOut, SCHEMA, Tool, Verdict,
};
use super::place::Place;
use super::redact::Redactor;
use super::{course, head, seal, sentence};

/// Evidence lines shown per cause.
const PROOFS: usize = 3;

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
    let builder = Builder {
        rules,
        diagnosis,
        scene,
        redact: facts.redact,
        names: facts.inputs.iter().map(|input| input.name.clone()).collect(),
    };
    let lines = facts.inputs.iter().map(|input| input.lines).sum();
    let verdict = verdict(diagnosis.verdict);
    let profile = builder.profile();
    Report {
        schema: SCHEMA,
        tool: Tool { name: "diagnose", version: env!("CARGO_PKG_VERSION").to_owned() },
        generated_at: facts.generated_at.clone(),
        verdict,
        summary: head::summary(&builder, lines),
        application: builder.application().map(|profile| profile.name.clone()),
        causes: diagnosis.causes.iter().filter_map(|blamed| builder.cause(blamed)).collect(),
        cleared: builder.recovered(),
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

/// Everything the parts of a report are made from.
pub(super) struct Builder<'a, 'u> {
    pub(super) rules: &'a RuleSet,
    pub(super) diagnosis: &'a Diagnosis<'u>,
    pub(super) scene: &'a Scene,
    /// Whether secrets are masked.
    pub(super) redact: bool,
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

    /// A finding's title with its names.
    pub(super) fn title(&self, finding: &Finding) -> String {
        self.rule(finding.rule).map(|rule| self.naming(Some(finding)).say(&rule.title)).unwrap_or_default()
    }

    fn cause(&self, blamed: &Blamed) -> Option<Cause> {
        let rule = &*in_full(self.rule(blamed.rule)?);
        let lead = blamed.members.first()?;
        let naming = self.naming(Some(lead));
        let firsts = blamed.members.iter().map(|member| &member.matched.first);
        let lasts = blamed.members.iter().map(|member| &member.matched.last);
        Some(Cause {
            rule: rule.id.clone(),
            title: naming.say(&rule.title),
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
            captures: naming.captures.clone(),
            reasons: blamed.reasons.clone(),
            evidence: self.proofs(&blamed.members),
            consequences: blamed
                .consequences
                .iter()
                .filter_map(|(rule, members)| self.consequence(*rule, members))
                .collect(),
            summary: naming.explain(&rule.summary),
            impact: naming.impact(&rule.impact),
            documented: sentence::documented(self, rule),
            remedies: self.remedies(rule, lead, &naming),
            verify: self.checks(rule, &naming),
            references: rule.reference.iter().map(reference).collect(),
        })
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
    pub(super) fn proofs(&self, members: &[Finding]) -> Vec<Evidence> {
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

    pub(super) fn source(&self, place: &Sighting) -> String {
        self.names.get(place.source).cloned().unwrap_or_default()
    }

    /// When it was, or where.
    fn place(&self, place: &Sighting) -> String {
        place.time.map_or_else(|| format!("{}:{}", self.source(place), place.line), |time| time.rfc3339())
    }

    /// What is over: of one rule and one line that proves it once, and nothing that stands elsewhere.
    fn recovered(&self) -> Vec<Cleared> {
        let causes = &self.diagnosis.causes;
        let effects = causes.iter().flat_map(|blamed| &blamed.consequences).map(|(rule, _)| *rule);
        let standing: Vec<usize> = causes.iter().map(|blamed| blamed.rule).chain(effects).collect();
        let mut seen = BTreeSet::new();
        let over = self.diagnosis.cleared.iter().filter(|(finding, line)| {
            !standing.contains(&finding.rule) && seen.insert((finding.rule, line.source, line.line))
        });
        let told = |(finding, line): &(Finding, Sighting)| {
            let rule = self.rule(finding.rule)?;
            Some(Cleared { rule: rule.id.clone(), title: self.title(finding), cleared_by: self.evidence(line) })
        };
        over.filter_map(told).collect()
    }

    fn ruled_out(&self) -> Vec<RuledOut> {
        let known = self.diagnosis.ruled_out.iter();
        known
            .filter_map(|(rule, why)| Some(RuledOut { rule: self.rule(*rule)?.id.clone(), why: why.clone() }))
            .collect()
    }

    /// The way back is for what came with a deployment; where no cause is known, it may have. Its commands are for Docker.
    fn escalation(&self) -> Option<Escalation> {
        let spec = self.application()?.escalation.as_ref()?;
        let root = self.diagnosis.causes.first();
        let area = root.and_then(|cause| self.rule(cause.rule)).map(RuleFile::area);
        let deployed =
            area.is_none_or(|area| spec.deployed.is_empty() || spec.deployed.iter().any(|known| known == area));
        let place = self.site(root.and_then(|cause| cause.members.first())).place;
        let back = deployed && matches!(place, Place::Docker | Place::Compose);
        Some(Escalation {
            rollback: if back { spec.rollback.clone() } else { Vec::new() },
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

fn reference(reference: &ReferenceSpec) -> Reference {
    Reference { title: reference.title.clone(), url: reference.url.clone() }
}

/// How often a fault occurred. Several inputs are several views of the same events (`tee`, an access log beside an error log), so the
/// fullest one counts.
fn count(members: &[Finding]) -> u64 {
    members.iter().map(|member| member.matched.count).max().unwrap_or(0)
}
