use super::super::{Input, Link, Verdict};
use super::*;
use crate::report::model::Tool;

fn found(id: &str, line: usize) -> Found {
    Found {
        id: id.into(),
        severity: "error".into(),
        file: "a b/compose.yaml".into(),
        line,
        column: 3,
        end_line: line,
        end_column: 9,
        title: "Title".into(),
        message: "Message.".into(),
        why: "Why.".into(),
        instead: "Instead.".into(),
        fix: None,
        cause: Some("env/missing".into()),
        references: vec![Link { title: "Docs".into(), url: "https://example.com/x".into() }],
        lines: vec![Line { number: line, text: "  image: x".into() }],
        advice: false,
        mark: (3, 6),
    }
}

fn report(findings: Vec<Found>) -> Report {
    Report {
        schema: "diagnose.preflight/1".into(),
        tool: Tool { name: "diagnose", version: "1.0.0".into() },
        verdict: Verdict::Errors,
        findings,
        inputs: vec![Input { file: "a b/compose.yaml".into(), kind: "compose".into(), lines: 9 }],
        notes: vec!["one note".into()],
    }
}

fn valid(report: &Report) -> Value {
    let mut out = Vec::new();
    write(report, &mut out).unwrap();
    let log: Value = serde_json::from_slice(&out).unwrap();
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/sarif-2.1.0.json");
    // The published pattern for languages has a bracket that opens nowhere; this program writes no language.
    let schema = std::fs::read_to_string(schema).unwrap().replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let errors: Vec<_> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&log).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    log
}

#[test]
fn an_empty_report_is_valid() {
    let log = valid(&report(Vec::new()));
    assert_eq!(log["runs"][0]["results"], json!([]));
}

#[test]
fn findings_have_rules_places_and_stable_fingerprints() {
    let log = valid(&report(vec![found("env/b", 3), found("env/a", 4), found("env/b", 5)]));
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 2);
    let results = run["results"].as_array().unwrap();
    assert_eq!(results[0]["ruleIndex"], 1);
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"], json!({ "uri": "a%20b/compose.yaml", "uriBaseId": "DEPLOYMENT" }));
    assert_eq!(place["region"]["snippet"]["text"], "  image: x");
    let prints: Vec<_> = results.iter().map(|r| r["partialFingerprints"]["diagnose/v1"].clone()).collect();
    // The same line twice differs in its number alone; moved, it keeps its print.
    assert_eq!(prints[0].as_str().unwrap().split(':').next(), prints[2].as_str().unwrap().split(':').next());
    assert_ne!(prints[0], prints[2]);
    let moved = valid(&report(vec![found("env/b", 30)]));
    assert_eq!(moved["runs"][0]["results"][0]["partialFingerprints"]["diagnose/v1"], prints[0]);
}

#[test]
fn certain_fixes_are_given() {
    let edit =
        Change { file: "a b/compose.yaml".into(), line: 3, column: 3, end_line: 3, end_column: 9, text: "y".into() };
    let mut with = found("env/a", 3);
    with.fix = Some(Fix { diff: "-x\n+y\n".into(), edits: vec![edit] });
    let mut secret = found("env/a", 4);
    secret.fix = Some(Fix { diff: "-x\n+y\n".into(), edits: Vec::new() });
    let log = valid(&report(vec![with, secret]));
    let results = &log["runs"][0]["results"];
    let change = &results[0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["replacements"][0]["insertedContent"]["text"], "y");
    assert_eq!(results[1].get("fixes"), None);
}

#[test]
fn addresses_are_escaped() {
    assert_eq!(location("../x:y#z.conf"), json!({ "uri": "../x%3Ay%23z.conf", "uriBaseId": "DEPLOYMENT" }));
    assert_eq!(location("/etc/ü"), json!({ "uri": "file:///etc/%C3%BC" }));
}
