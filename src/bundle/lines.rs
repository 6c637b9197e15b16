//! The lines of a log, masked and free of control sequences, still in their envelopes.
//!
//! Masking looks at the messages, as it does in the report: what makes a text a secret is often that it begins a line. So the
//! envelope of each line is taken off, the messages are masked in the company of their neighbours, and the envelope is put back.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::record;
use crate::report::redact::Redactor;
use crate::report::sanitize::visible;

use super::keep::{Gap, Kept};

/// Lines that are looked at together.
const GROUP: usize = 48;
/// Lines before and after a group that it is looked at with: a secret may be told by what stands above it.
const MARGIN: usize = 8;
/// Lines that are learnt together: a key of several lines is seen in one piece, wherever it begins.
const BLOCK: usize = 160;

/// A record of Docker's json-file. What else it may hold is not kept: labels and environment of the container.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    log: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
    #[serde(default, skip_serializing)]
    #[expect(dead_code, reason = "named, so that it is known and dropped")]
    attrs: Option<serde::de::IgnoredAny>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
}

/// One line in parts.
struct Parts {
    record: Option<Box<Record>>,
    prefix: String,
    body: String,
    /// Line break inside of a record's text.
    end: bool,
}

/// Learns the secrets of a log; all logs are learnt before the first one is masked.
pub fn learn(redactor: &mut Redactor, kept: &Kept) {
    for (segment, _) in &kept.0 {
        let bodies: Vec<String> = parts(&segment.bytes).into_iter().map(|line| line.body).collect();
        let mut rest = bodies.as_slice();
        while !rest.is_empty() {
            let block = rest.get(..BLOCK).unwrap_or(rest);
            redactor.learn(&block.join("\n"));
            rest = rest.get(BLOCK / 2..).filter(|_| rest.len() > BLOCK).unwrap_or_default();
        }
    }
}

/// The log as it goes into the bundle.
#[must_use]
pub fn mask(redactor: &mut Redactor, kept: &Kept) -> Vec<u8> {
    let mut out = Vec::new();
    for (segment, gap) in &kept.0 {
        out.extend_from_slice(&masked(redactor, &segment.bytes));
        if let Some(gap) = gap {
            out.extend_from_slice(marker(gap).as_bytes());
            out.push(b'\n');
        }
    }
    out
}

/// The line that stands for what is missing; no rule knows it, and no program writes it.
pub(super) fn marker(gap: &Gap) -> String {
    format!("~~~ {} lines ({} bytes) are not in this bundle ~~~", gap.lines, gap.bytes)
}

fn masked(redactor: &mut Redactor, bytes: &[u8]) -> Vec<u8> {
    let lines = parts(bytes);
    let bodies: Vec<&str> = lines.iter().map(|line| line.body.as_str()).collect();
    let mut out = Vec::with_capacity(bytes.len());
    let mut key = Key::default();
    for (group, start) in lines.chunks(GROUP).zip((0..).step_by(GROUP)) {
        let first = start.min(MARGIN);
        let from = start - first;
        let to = (start + group.len() + MARGIN).min(bodies.len());
        let texts = redactor.mask_lines(bodies.get(from..to).unwrap_or_default());
        for (line, text) in group.iter().zip(texts.iter().skip(first)) {
            out.extend_from_slice(line.with(redactor, key.mask(text)).as_bytes());
            out.push(b'\n');
        }
    }
    if !bytes.ends_with(b"\n") {
        out.pop();
    }
    out
}

/// The lines of a key that are too short to be known by themselves: those right behind a masked one.
#[derive(Default)]
struct Key(Option<String>);

impl Key {
    fn mask<'a>(&'a mut self, text: &'a str) -> &'a str {
        let bare = text.trim();
        if bare.starts_with("[redacted:private-key:") && bare.ends_with(']') {
            self.0 = Some(bare.to_owned());
        } else if bare.is_empty() || !bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)) {
            self.0 = None;
        }
        self.0.as_deref().unwrap_or(text)
    }
}

fn parts(bytes: &[u8]) -> Vec<Parts> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split('\n');
    let count = lines.clone().count();
    let whole = if text.is_empty() || text.ends_with('\n') { count - 1 } else { count };
    lines.take(whole).map(Parts::of).collect()
}

impl Parts {
    fn of(line: &str) -> Self {
        let record = line.starts_with('{').then(|| serde_json::from_str::<Box<Record>>(line.trim_end()).ok()).flatten();
        let record = record.filter(|record| record.stream.is_some() || record.time.is_some());
        let shown = visible(record.as_ref().map_or(line, |record| &record.log));
        let text = shown.trim_end_matches('\n');
        let end = text.len() < shown.len();
        // A prefix is all before the message, if the message stands in the line as it is.
        let peeled = record::peel(text.as_bytes());
        let body = match &peeled.text {
            Cow::Borrowed(body) if text.ends_with(body) => body,
            _ => text,
        };
        let prefix = text.strip_suffix(body).unwrap_or_default();
        Self { prefix: prefix.to_owned(), body: body.to_owned(), end, record }
    }

    /// The line with another message.
    fn with(&self, redactor: &mut Redactor, body: &str) -> String {
        let telling = self.prefix.contains(['=', '@']) || self.prefix.contains("://");
        let prefix = if telling { redactor.mask(&self.prefix) } else { self.prefix.clone() };
        let Some(record) = &self.record else { return prefix + body };
        let log = format!("{prefix}{body}{}", if self.end { "\n" } else { "" });
        let part = |text: &Option<String>| text.as_deref().map(visible);
        let record = Record { log, stream: part(&record.stream), attrs: None, time: part(&record.time) };
        serde_json::to_string(&record).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(text: &str) -> String {
        let kept = Kept::whole(text.as_bytes().to_vec());
        let mut redactor = Redactor::new();
        learn(&mut redactor, &kept);
        String::from_utf8(mask(&mut redactor, &kept)).unwrap()
    }

    #[test]
    fn envelopes_stay_and_secrets_and_colours_go() {
        let docker = r#"{"log":"\u001b[31mAUTH s3cretpw\u001b[0m\n","stream":"stderr","attrs":{"env":"PW=attrsecret"},"time":"2026-11-26T12:00:00.1Z"}"#;
        let text = format!(
            "{docker}\nserver-1  | 2026-11-26T12:00:00.1Z AUTH s3cretpw\n\n2026-11-26T12:00:00.1Z \u{1b}[32mPASSWORD=hunter2\n"
        );
        let masked = through(&text);
        assert_eq!(
            masked,
            "{\"log\":\"AUTH [redacted:password:1]\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-26T12:00:00.1Z\"}\n\
             server-1  | 2026-11-26T12:00:00.1Z AUTH [redacted:password:1]\n\n2026-11-26T12:00:00.1Z PASSWORD=[redacted:password:2]\n"
        );
    }

    #[test]
    fn lines_keep_their_numbers() {
        let text: String = (0..300).map(|number| format!("line {number}\n")).collect();
        assert_eq!(through(&text), text);
        for text in ["", "\n", "a", "a\n\n", "\n\nb"] {
            assert_eq!(through(text), text);
        }
    }

    #[test]
    fn a_key_is_masked_wherever_a_group_ends() {
        for before in 20..60 {
            let filler: String = (0..before).map(|number| format!("line {number}\n")).collect();
            let key: String =
                (10..60).map(|number| format!("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj{number}\n")).collect();
            let text = format!("{filler}-----BEGIN PRIVATE KEY-----\n{key}-----END PRIVATE KEY-----\nafter\n");
            let masked = through(&text);
            assert!(!masked.contains("MIIEvQ"), "{before}: {masked}");
            assert_eq!(masked.lines().count(), text.lines().count());
            assert!(masked.ends_with("-----END PRIVATE KEY-----\nafter\n"));
        }
    }

    #[test]
    fn the_short_last_line_of_a_key_is_masked_too() {
        let masked = through(
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\nab==\n-----END RSA PRIVATE KEY-----\nword\n",
        );
        let mask = "[redacted:private-key:1]";
        assert_eq!(
            masked,
            format!("-----BEGIN RSA PRIVATE KEY-----\n{mask}\n{mask}\n-----END RSA PRIVATE KEY-----\nword\n")
        );
    }
}
