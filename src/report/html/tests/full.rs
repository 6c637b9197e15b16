//! A report in which every field is filled, each with the same text.

use std::collections::BTreeMap;

use super::super::super::model::*;

/// Two of everything, so that lists, separators and the brief forms are reached.
pub(super) fn full(verdict: Verdict, text: &str) -> Report {
    let text = text.to_owned();
    let some = || Some(text.clone());
    Report {
        schema: SCHEMA,
        tool: Tool { name: "diagnose", version: text.clone() },
        generated_at: text.clone(),
        verdict,
        summary: text.clone(),
        application: some(),
        inputs: vec![input(&text), input(&text)],
        causes: vec![cause(&text), cause(&text)],
        cleared: vec![Cleared { rule: text.clone(), title: text.clone(), cleared_by: evidence(&text, 7) }],
        unexplained: vec![Unexplained { source: text.clone(), line: 9, text: text.clone(), why: text.clone() }],
        ruled_out: vec![RuledOut { rule: text.clone(), why: text.clone() }],
        timeline: Timeline { boots: vec![boot(1, &text), boot(5, &text)] },
        containers: vec![container(&text), container(&text)],
        coverage: Coverage { lines: 1, records_judged: 2, rules: 3, profile: text.clone(), start_seen: true },
        redactions: Redactions { count: 2, kinds: BTreeMap::from([(text.clone(), 2)]), too_many: true },
        notes: vec![text.clone(), text.clone()],
        next: vec![NextStep { missing: text.clone(), run: text.clone() }],
        escalation: Some(Escalation {
            rollback: vec![text.clone(), text.clone()],
            contact: format!("{text} contact"),
            hand_over: text.clone(),
        }),
    }
}

fn input(text: &str) -> Input {
    Input {
        name: text.to_owned(),
        kind: text.to_owned(),
        format: text.to_owned(),
        bytes: 1,
        lines: 2,
        first_time: Some(text.to_owned()),
        last_time: Some(text.to_owned()),
        incomplete: Some(text.to_owned()),
    }
}

fn cause(text: &str) -> Cause {
    let text = text.to_owned();
    Cause {
        rule: text.clone(),
        title: format!("{text} title"),
        severity: text.clone(),
        confidence: Confidence::Likely,
        role: text.clone(),
        phase: Some(text.clone()),
        container: Some(text.clone()),
        boot: 5,
        count: 3,
        first: format!("{text} first"),
        last: format!("{text} last"),
        captures: BTreeMap::from([(text.clone(), text.clone())]),
        reasons: vec![text.clone()],
        evidence: vec![evidence(&text, 10), evidence(&format!("{text} again"), 90)],
        consequences: vec![consequence(&text), consequence(&text)],
        summary: text.clone(),
        impact: format!("{text} impact"),
        documented: vec![text.clone()],
        remedies: vec![
            Remedy { step: text.clone(), run: Some(text.clone()), risk: text.clone() },
            Remedy { step: text.clone(), run: None, risk: "none".to_owned() },
        ],
        verify: vec![Verify { run: text.clone(), expect: text.clone() }],
        references: vec![
            Reference { title: text.clone(), url: text.clone() },
            Reference { title: text.clone(), url: "https://example.com/".to_owned() },
        ],
    }
}

fn consequence(text: &str) -> Consequence {
    let (rule, title) = (text.to_owned(), text.to_owned());
    Consequence { rule, title, count: 2, evidence: vec![evidence(text, 20)] }
}

fn evidence(text: &str, line: u64) -> Evidence {
    Evidence {
        source: text.to_owned(),
        line,
        time: Some(text.to_owned()),
        stream: Some(text.to_owned()),
        text: format!("{text} proof"),
        unshown: 0,
        before: vec![format!("{text} before"); 2],
        after: vec![format!("{text} after"); 2],
    }
}

fn boot(number: u32, text: &str) -> Boot {
    let (some, outcome) = (Some(text.to_owned()), text.to_owned());
    let phases = ["passed", "failed", "entered", "never-reached", text].map(|outcome| Phase {
        name: text.to_owned(),
        entered: Some(text.to_owned()),
        left: Some(text.to_owned()),
        outcome: outcome.to_owned(),
        title: text.to_owned(),
        millis: Some(5),
    });
    Boot { number, began: some.clone(), ended: some.clone(), outcome, cause: some, phases: phases.into() }
}

fn container(text: &str) -> Container {
    Container {
        name: text.to_owned(),
        service: Some(text.to_owned()),
        image: text.to_owned(),
        status: text.to_owned(),
        health: Some(text.to_owned()),
        exit_code: Some(1),
        oom_killed: Some(true),
        restart_count: Some(2),
    }
}
