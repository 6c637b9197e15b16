//! The contract: every JSON report is valid against the published schema, and the schema names every field.

#![expect(clippy::unwrap_used, reason = "helpers of tests may say plainly what they expect")]

mod report_samples;

use diagnose::report::json;
use serde_json::Value;

const SCHEMA: &str = include_str!("../docs/report-v1.schema.json");

fn written() -> Vec<(&'static str, Value)> {
    let written = |report| {
        let mut out = Vec::new();
        json::write(report, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    };
    report_samples::all().iter().map(|(name, report)| (*name, written(report))).collect()
}

#[test]
fn reports_are_valid() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (name, report) in written() {
        let errors: Vec<String> =
            validator.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn a_report_that_breaks_the_contract_is_refused() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (_, report) = written().swap_remove(0);
    let breaks: [fn(&mut Value); 4] = [
        |report| report["verdict"] = "broken".into(),
        |report| drop(report.as_object_mut().unwrap().remove("causes")),
        |report| report["causes"][0]["evidence"][0]["line"] = 0.into(),
        |report| report["causes"][0]["remedies"][0]["risk"] = "unlikely".into(),
    ];
    for (number, broken) in breaks.iter().enumerate() {
        let mut report = report.clone();
        broken(&mut report);
        assert!(!validator.is_valid(&report), "number {number} is accepted");
    }
    let mut added = report;
    added["causes"][0]["later"] = "an addition".into();
    assert!(validator.is_valid(&added), "changes are additions");
}

/// A field that the schema does not describe would be a promise nobody wrote down.
#[test]
fn every_field_is_described() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    for (name, report) in written() {
        let mut unknown = Vec::new();
        undescribed(&schema, &schema, &report, name, &mut unknown);
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}

fn undescribed(root: &Value, schema: &Value, value: &Value, path: &str, unknown: &mut Vec<String>) {
    let reference = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| root.pointer(reference.trim_start_matches('#')));
    let schema = reference.unwrap_or(schema);
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        values.iter().for_each(|value| undescribed(root, items, value, path, unknown));
    }
    if let (Some(properties), Some(fields)) = (schema.get("properties"), value.as_object()) {
        for (name, value) in fields {
            let path = format!("{path}.{name}");
            match properties.get(name) {
                Some(schema) => undescribed(root, schema, value, &path, unknown),
                None => unknown.push(path),
            }
        }
    }
}
