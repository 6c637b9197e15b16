//! Short forms of the parts of a report.

use diagnose::report::model::*;

pub(super) fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

pub(super) fn empty(verdict: Verdict, summary: &str) -> Report {
    Report {
        schema: SCHEMA,
        tool: Tool { name: "diagnose", version: "0.1.0".to_owned() },
        generated_at: "2026-11-24T03:00:00Z".to_owned(),
        verdict,
        summary: summary.to_owned(),
        application: Some("Twenty CRM".to_owned()),
        inputs: Vec::new(),
        causes: Vec::new(),
        cleared: Vec::new(),
        unexplained: Vec::new(),
        ruled_out: Vec::new(),
        timeline: Timeline { boots: Vec::new() },
        containers: Vec::new(),
        coverage: Coverage {
            lines: 1295,
            records_judged: 61,
            rules: 132,
            profile: "twenty".to_owned(),
            start_seen: true,
        },
        redactions: Redactions::default(),
        notes: Vec::new(),
        next: Vec::new(),
        escalation: None,
    }
}

pub(super) fn input(name: &str, lines: u64) -> Input {
    Input {
        name: name.to_owned(),
        kind: "file".to_owned(),
        format: "plain".to_owned(),
        bytes: lines * 80,
        lines,
        first_time: Some("2024-12-24T09:00:00".to_owned()),
        last_time: None,
        incomplete: None,
    }
}

pub(super) fn cause(rule: &str, title: &str, confidence: Confidence, phase: &str) -> Cause {
    Cause {
        rule: rule.to_owned(),
        title: title.to_owned(),
        severity: "critical".to_owned(),
        confidence,
        role: "cause".to_owned(),
        phase: Some(phase.to_owned()),
        container: None,
        boot: 1,
        count: 1,
        first: "2024-12-24T09:00:10".to_owned(),
        last: "2024-12-24T09:00:10".to_owned(),
        captures: Default::default(),
        reasons: Vec::new(),
        evidence: Vec::new(),
        consequences: Vec::new(),
        summary: String::new(),
        impact: String::new(),
        documented: Vec::new(),
        remedies: Vec::new(),
        verify: Vec::new(),
        references: Vec::new(),
    }
}

pub(super) fn line(source: &str, line: u64, text: &str, before: &[&str], after: &[&str]) -> Evidence {
    let (source, text, time, stream) = (source.to_owned(), text.to_owned(), None, None);
    Evidence { source, line, time, stream, text, unshown: 0, before: owned(before), after: owned(after) }
}

pub(super) fn followed(rule: &str, title: &str, count: u64, evidence: Evidence) -> Consequence {
    Consequence { rule: rule.to_owned(), title: title.to_owned(), count, evidence: vec![evidence] }
}

pub(super) fn remedy(step: &str, run: Option<&str>, risk: &str) -> Remedy {
    Remedy { step: step.to_owned(), run: run.map(str::to_owned), risk: risk.to_owned() }
}

pub(super) fn verify(run: &str, expect: &str) -> Verify {
    Verify { run: run.to_owned(), expect: expect.to_owned() }
}

pub(super) fn stray(source: &str, line: u64, text: &str) -> Unexplained {
    Unexplained { source: source.to_owned(), line, text: text.to_owned(), why: "says ERROR or failed".to_owned() }
}

pub(super) fn boot(number: u32, began: &str, outcome: &str, cause: Option<&str>, phases: Vec<Phase>) -> Boot {
    let began = (!began.is_empty()).then(|| began.to_owned());
    Boot { number, began, ended: None, outcome: outcome.to_owned(), cause: cause.map(str::to_owned), phases }
}

pub(super) fn phase(name: &str, title: &str, outcome: &str, millis: Option<u64>) -> Phase {
    let (name, title, outcome) = (name.to_owned(), title.to_owned(), outcome.to_owned());
    Phase { name, entered: None, left: None, outcome, title, millis }
}

pub(super) fn escalation() -> Escalation {
    Escalation {
        rollback: owned(&["docker compose down", "# restore the old files from the backup", "docker compose up -d"]),
        contact: "DevOps team".to_owned(),
        hand_over: "this report and the logs it names".to_owned(),
    }
}
