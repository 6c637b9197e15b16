//! The report as SARIF 2.1.0, for code scanning.
//!
//! Addresses are relative to the deployment's folder, columns count characters. The fingerprint of a result is made of the check, the file and
//! the line's text, so that a line that only moves stays the same result.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use serde_json::{Value, json};

use super::{Change, Fix, Found, Line, Report};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The name that addresses are relative to.
const ROOT: &str = "DEPLOYMENT";

/// Writes the report, indented, with a newline at its end.
///
/// # Errors
/// What `out` says; a report itself can always be written.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &log(report))?;
    out.write_all(b"\n")
}

fn log(report: &Report) -> Value {
    let (ids, rules) = rules(report);
    let mut occurrences = BTreeMap::new();
    let results: Vec<Value> =
        report.findings.iter().map(|found| result(found, index(&ids, &found.id), &mut occurrences)).collect();
    let artifacts: Vec<Value> =
        report.inputs.iter().map(|input| json!({ "location": location(&input.file) })).collect();
    let notes: Vec<Value> =
        report.notes.iter().map(|note| json!({ "level": "note", "message": { "text": note } })).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "rules": rules,
            } },
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notes }],
            "originalUriBaseIds": { ROOT: { "description": { "text": "The folder that was looked at." } } },
            "artifacts": artifacts,
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// The checks that found something, each once, in order of their ids.
fn rules(report: &Report) -> (Vec<&str>, Vec<Value>) {
    let ids: BTreeSet<&str> = report.findings.iter().map(|found| found.id.as_str()).collect();
    let first = |id: &str| report.findings.iter().find(|found| found.id == id).map(rule);
    let rules = ids.iter().filter_map(|id| first(id)).collect();
    (ids.into_iter().collect(), rules)
}

fn index(ids: &[&str], id: &str) -> usize {
    ids.iter().position(|known| *known == id).unwrap_or_default()
}

fn rule(found: &Found) -> Value {
    let links: String = found.references.iter().map(|link| format!("\n{}: {}", link.title, link.url)).collect();
    let listed: String = found.references.iter().map(|link| format!("\n- [{}]({})", link.title, link.url)).collect();
    let mut rule = json!({
        "id": found.id,
        "shortDescription": { "text": found.title },
        "fullDescription": { "text": found.why },
        "help": {
            "text": format!("{}\n{}{links}", found.why, found.instead),
            "markdown": format!("{}\n\n**Instead:** {}\n{listed}", found.why, found.instead),
        },
        "defaultConfiguration": { "level": found.severity },
        "properties": { "tags": [found.id.split('/').next().unwrap_or_default()] },
    });
    if let (Some(rule), Some(link)) = (rule.as_object_mut(), found.references.first()) {
        rule.insert("helpUri".to_owned(), json!(link.url));
    }
    rule
}

fn result<'r>(found: &'r Found, rule: usize, occurrences: &mut BTreeMap<(&'r str, &'r str, &'r str), u32>) -> Value {
    let line = found.lines.iter().find(|line| line.number == found.line).map_or("", |line| line.text.trim());
    let occurrence = occurrences.entry((&found.id, &found.file, line)).or_default();
    *occurrence += 1;
    let print = fingerprint(&[&found.id, &found.file, line]);
    let mut result = json!({
        "ruleId": found.id,
        "ruleIndex": rule,
        "level": found.severity,
        "message": { "text": format!("{} {} {}", found.message, found.why, found.instead) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": location(&found.file),
            "region": region(found),
        } }],
        "partialFingerprints": { "diagnose/v1": format!("{print:016x}:{occurrence}") },
    });
    if let Some(result) = result.as_object_mut() {
        if let Some(fix) = found.fix.as_ref().filter(|fix| !fix.edits.is_empty()) {
            result.insert("fixes".to_owned(), json!([fixed(found, fix)]));
        }
        if let Some(cause) = &found.cause {
            result.insert("properties".to_owned(), json!({ "cause": cause }));
        }
    }
    result
}

fn region(found: &Found) -> Value {
    let mut region = json!({
        "startLine": found.line,
        "startColumn": found.column,
        "endLine": found.end_line,
        "endColumn": found.end_column,
    });
    let inside = |line: &&Line| (found.line..=found.end_line).contains(&line.number);
    let shown: Vec<&str> = found.lines.iter().filter(inside).map(|line| line.text.as_str()).collect();
    if let (Some(region), false) = (region.as_object_mut(), shown.is_empty()) {
        region.insert("snippet".to_owned(), json!({ "text": shown.join("\n") }));
    }
    region
}

fn fixed(found: &Found, fix: &Fix) -> Value {
    let files: BTreeSet<&str> = fix.edits.iter().map(|edit| edit.file.as_str()).collect();
    let changes = files.into_iter().map(|file| {
        let edits = fix.edits.iter().filter(|edit| edit.file == file);
        json!({ "artifactLocation": location(file), "replacements": edits.map(replacement).collect::<Vec<_>>() })
    });
    json!({ "description": { "text": found.instead }, "artifactChanges": changes.collect::<Vec<_>>() })
}

fn replacement(edit: &Change) -> Value {
    json!({
        "deletedRegion": {
            "startLine": edit.line,
            "startColumn": edit.column,
            "endLine": edit.end_line,
            "endColumn": edit.end_column,
        },
        "insertedContent": { "text": edit.text },
    })
}

/// A file's address: relative to the folder, unless it stands elsewhere.
fn location(path: &str) -> Value {
    if path.starts_with('/') {
        return json!({ "uri": format!("file://{}", escaped(path)) });
    }
    json!({ "uri": escaped(path), "uriBaseId": ROOT })
}

/// A path as a relative reference; a colon would make its first part a scheme.
fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' | b'+' | b'@' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// FNV-1a over the parts: the same on every machine and in every version, which the standard library's hashers do not promise.
fn fingerprint(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
#[path = "sarif_tests.rs"]
mod tests;
