//! The same log in other clothes and other pieces is the same log.

use std::fs;
use std::io::Cursor;
use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::Value;

use crate::properties::{self, Drip};
use diagnose::source;

/// Logs as programs write them, without the prefix of an engine or of compose.
fn logs() -> &'static [Vec<String>] {
    static LOGS: OnceLock<Vec<Vec<String>>> = OnceLock::new();
    LOGS.get_or_init(|| {
        let files = crate::files_below(&crate::root().join("samples"));
        let logs = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "log"));
        let texts = logs.map(|file| String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned());
        let bare = texts.filter(|text| !text.contains(" | ") && !text.starts_with('{') && !text.contains('\r'));
        let logs: Vec<Vec<String>> = bare.map(|text| text.lines().map(str::to_owned).collect()).collect();
        assert!(logs.len() > 5, "{} logs", logs.len());
        logs
    })
}

/// Whole logs, or parts of several one after the other.
fn mixture() -> impl Strategy<Value = Vec<String>> {
    let part = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..200_usize);
    let parts = prop::collection::vec(part, 1..4).prop_map(|parts| {
        let cut = |(log, start, length): &(prop::sample::Index, prop::sample::Index, usize)| {
            let log = log.get(logs());
            let start = start.index(log.len());
            log[start..log.len().min(start + length)].to_vec()
        };
        parts.iter().flat_map(cut).collect()
    });
    let whole = any::<prop::sample::Index>().prop_map(|log| log.get(logs()).clone());
    prop_oneof![parts, whole]
}

/// What a report says, without what the form of the input changes: names of formats, sizes, times.
fn said(bytes: &[u8]) -> Value {
    let report = properties::diagnosed(&mut source::read("x", Box::new(Cursor::new(bytes.to_vec()))));
    let report = serde_json::to_value(&report).unwrap();
    let evidence = |cause: &Value| -> Vec<(Value, String)> {
        let lines = cause["evidence"].as_array().unwrap().iter();
        lines.map(|line| (line["line"].clone(), line["text"].as_str().unwrap().trim_end().to_owned())).collect()
    };
    let causes: Vec<Value> = report["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cause| {
            let effects: Vec<&Value> = cause["consequences"].as_array().unwrap().iter().map(|c| &c["rule"]).collect();
            serde_json::json!([cause["rule"], cause["count"], cause["confidence"], evidence(cause), effects])
        })
        .collect();
    let cleared: Vec<&Value> = report["cleared"].as_array().unwrap().iter().map(|cleared| &cleared["rule"]).collect();
    serde_json::json!({"verdict": report["verdict"], "causes": causes, "cleared": cleared})
}

fn stamp(line: usize) -> String {
    format!("2026-11-26T12:{:02}:{:02}.{:09}Z", line / 6000 % 60, line / 100 % 60, line % 100 * 10_000_000)
}

fn formed(lines: &[String], form: impl Fn(usize, &str) -> String) -> String {
    lines.iter().enumerate().map(|(index, line)| form(index, line) + "\n").collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn joining_all_records_gives_back_all_lines(lines in mixture(), noise in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>()) {
        let mut text = lines.join("\n").into_bytes();
        let at = at.index(text.len() + 1);
        text.splice(at..at, noise);
        let kept = text.len().min(16_000);
        properties::records(&text[..kept]);
    }

    #[test]
    fn any_split_of_the_input_gives_the_same_report(lines in mixture(), seed in 1..u64::MAX, times in 1..60_usize) {
        let text = formed(&lines, |_, line| line.to_owned()).repeat(times);
        let json = formed(&lines, |index, line| {
            serde_json::json!({"log": format!("{line}\n"), "stream": "stdout", "time": stamp(index)}).to_string()
        });
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes(), json.as_bytes(), &wide] {
            let whole = properties::diagnosed(&mut source::read("x", Box::new(Cursor::new(bytes.to_vec()))));
            let pieces = properties::diagnosed(&mut source::read("x", Box::new(Drip::new(bytes, seed))));
            prop_assert!(whole == pieces, "{:#?}\n{:#?}", whole, pieces);
            properties::assert_report(&whole);
        }
    }

    #[test]
    fn every_form_of_a_log_gives_the_same_diagnosis(lines in mixture()) {
        let plain = said(formed(&lines, |_, line| line.to_owned()).as_bytes());
        let stamped = formed(&lines, |index, line| format!("{} {line}", stamp(index)));
        let compose = formed(&lines, |_, line| format!("server-1  | {line}"));
        let json = formed(&lines, |index, line| {
            serde_json::json!({"log": format!("{line}\n"), "stream": "stdout", "time": stamp(index)}).to_string()
        });
        for (form, text) in [("-t", stamped), ("compose", compose), ("json-file", json)] {
            let other = said(text.as_bytes());
            prop_assert!(plain == other, "{}:\n{:#}\n{:#}\n{}", form, plain, other, lines.join("\n"));
        }
    }
}
