//! Each secret of the table through a whole bundle: no member of the archive tells it, in whatever envelope its line came.
#![expect(clippy::unwrap_used, reason = "tests say plainly what they expect")]

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use diagnose::bundle::{Kept, learn, mask};
use diagnose::report::redact::Redactor;

#[path = "redaction/vanish.rs"]
mod vanish;

/// Text and secret; `~` is taken out, it keeps made-up tokens from being taken for real ones.
fn secrets() -> impl Iterator<Item = (String, String)> {
    vanish::VANISH.iter().map(|(text, secret)| {
        let (text, secret) = (text.replace('~', ""), secret.replace('~', ""));
        let text = if secret.contains("aclpw") { text.replace(" *", " ~*") } else { text };
        (text, secret)
    })
}

/// A line as it is, as `docker logs -t` and compose print it, and as Docker keeps it.
const ENVELOPES: [fn(&str) -> String; 3] = [
    |line| format!("{line}\n"),
    |line| format!("server-1  | 2026-11-26T12:00:00.000000001Z {line}\n"),
    |line| {
        let text = serde_json::to_string(&format!("{line}\n")).unwrap();
        format!("{{\"log\":{text},\"stream\":\"stderr\",\"time\":\"2026-11-26T12:00:00.000000001Z\"}}\n")
    },
];

#[test]
fn no_log_of_a_bundle_tells_a_secret() {
    assert!(secrets().count() >= 100);
    let mut told = Vec::new();
    for (text, secret) in secrets() {
        for envelope in ENVELOPES {
            let lines = ["starting"].into_iter().chain(text.split('\n')).chain(["ended"]);
            let log: String = lines.map(envelope).collect();
            let kept = Kept::whole(log.clone().into_bytes());
            let mut redactor = Redactor::new();
            learn(&mut redactor, &kept);
            let masked = String::from_utf8(mask(&mut redactor, &kept)).unwrap();
            // Inside of JSON a secret with quotes or backslashes is written otherwise.
            let escaped = serde_json::to_string(&secret).unwrap();
            if masked.contains(&secret) || masked.contains(escaped.trim_matches('"')) || !masked.contains("[redacted:")
            {
                told.push(masked.clone());
            }
            assert_eq!(masked.lines().count(), log.lines().count(), "{masked}");
        }
    }
    assert!(told.is_empty(), "{} secrets are told:\n{}", told.len(), told.join("\n"));
}

/// The whole table as one log, near a fault: secrets that cannot stand in a report by chance are in no member.
#[test]
fn no_member_of_a_bundle_tells_a_secret() {
    let table: String = secrets().map(|(text, _)| format!("{text}\n\n")).collect();
    let log = format!("{table}Error: listen EADDRINUSE: address already in use :::3000\n{table}");
    let mut child = Command::new(env!("CARGO_BIN_EXE_diagnose"))
        .args(["bundle", "-o", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(log.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let tar = ruzstd::decoding::StreamingDecoder::new(output.stdout.as_slice()).unwrap();
    let mut archive = tar::Archive::new(tar);
    let mut looked_at = 0;
    for entry in archive.entries().unwrap() {
        let (mut entry, mut text) = (entry.unwrap(), String::new());
        entry.read_to_string(&mut text).unwrap();
        let name = entry.path().unwrap().display().to_string();
        for (_, secret) in
            secrets().filter(|(_, secret)| secret.len() >= 8 && secret.contains(|c: char| c.is_ascii_digit()))
        {
            assert!(!text.contains(&secret), "{name} tells {secret}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 300, "{looked_at}");
}
