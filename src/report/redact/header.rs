//! HTTP headers, as a client, a server or a dump of an object prints them.

use super::pattern::Pattern;
use super::{Span, value};

pub(super) static PATTERNS: [Pattern; 5] = [
    Pattern::new(
        "authorization",
        &["authorization"],
        r#"(?i)(?-u:\b)authorization\\*["']?\]?[ \t]*(?:=>|[:=,])[ \t]*\\*["']?(?:bearer|basic|token|negotiate|ntlm|api-?key|bot|splunk|dpop|key)[ \t]+([^\s"'\\,;]+)"#,
    ),
    Pattern::new(
        "authorization",
        &["authorization"],
        r#"(?i)(?-u:\b)authorization\\*["']?\]?[ \t]*(?:=>|[:=,])[ \t]*\\*["']?(?:digest|aws4-hmac-sha256|hmac[a-z0-9-]*|oauth)[ \t]+([^\n\\]+)"#,
    ),
    Pattern::new("authorization", &["bearer"], r"(?i)(?-u:\b)bearer[ \t]+([A-Za-z0-9_.~+/=-]{8,})"),
    Pattern::new("authorization", &["basic"], r"(?i)(?-u:\b)basic[ \t]+([A-Za-z0-9+/]{8,}={0,2})"),
    Pattern::new(
        "authorization",
        &["authorization"],
        r#"(?i)(?-u:\b)authorization\\*["']?\]?[ \t]*(?:=>|[:=,])[ \t]*\\*["']?([^\s"'\\,;]{8,})"#,
    ),
];

pub(super) static COOKIE: Pattern = Pattern::new(
    "cookie",
    &["cookie"],
    r#"(?i)(?:^|[^a-z])cookie\\*["']?\]?[ \t]*(?:=>|[:=,])[ \t]*\[?\s*\\*["']?([^\n"'\\]+)"#,
);

pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let lower = text.to_ascii_lowercase();
    for (at, pattern) in PATTERNS.iter().enumerate() {
        // Behind the header's name and a scheme anything is a credential; elsewhere it must look like one.
        pattern.find(text, &lower, spans, |secret| match at {
            0 | 1 => true,
            3 => is_encoded(secret),
            _ => value::is_strong(secret) || is_encoded(secret) && secret.len() >= 16,
        });
    }
    COOKIE.each(text, &lower, |found| {
        if let Some(list) = found.get(1) {
            cookies(list.as_str(), list.start(), spans);
        }
    });
}

/// `Basic authentication` is a word, `Basic dXNlcjpwYXNz` is not.
fn is_encoded(text: &str) -> bool {
    let tail = text.get(1..).unwrap_or_default();
    tail.bytes().any(|byte| byte.is_ascii_uppercase())
        && tail.bytes().any(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// The values of cookies; their names and attributes stay.
fn cookies(list: &str, start: usize, spans: &mut Vec<Span>) {
    let mut at = start;
    for part in list.split_inclusive(';') {
        let pair = part.trim_end_matches(';');
        if let Some((name, secret)) = pair.split_once('=') {
            let attribute = matches!(
                name.trim().to_ascii_lowercase().as_str(),
                "path" | "domain" | "expires" | "max-age" | "samesite" | "priority" | "version"
            );
            let begin = at + name.len() + 1;
            if !attribute && !secret.trim().is_empty() && !name.trim().contains(' ') {
                spans.push(Span { start: begin, end: begin + secret.trim_end().len(), kind: "cookie" });
            }
        }
        at += part.len();
    }
}
