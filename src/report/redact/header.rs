//! HTTP headers, as a client, a server or a dump of an object prints them.

use super::cursor::{Cursor, is_plain, is_word};
use super::{Span, base64, value};

/// Schemes behind which one word is the credential.
const SIMPLE: [&str; 18] = [
    "bearer",
    "basic",
    "token",
    "negotiate",
    "ntlm",
    "api-key",
    "apikey",
    "bot",
    "splunk",
    "dpop",
    "key",
    "genie",
    "apitoken",
    "sso-key",
    "geniekey",
    "ssws",
    "sharedkey",
    "zoho-oauthtoken",
];

/// Behind the word `authorization`.
pub(super) fn authorization(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let name = end.quote();
    let name = name.take("]").unwrap_or(name);
    let Some(start) = name.sign().filter(|start| start.byte() != b':').map(Cursor::quote) else {
        return;
    };
    let scheme_end = start.skip(|byte| is_word(byte) || byte == b'-');
    let scheme = start.until(scheme_end);
    let credential = |byte: u8| is_plain(byte) && !matches!(byte, b',' | b';' | b'`');
    match scheme_end.gap() {
        Some(secret) if SIMPLE.iter().any(|known| known.eq_ignore_ascii_case(scheme)) => {
            push(secret, secret.skip(credential), spans);
            folded(secret.skip(credential), spans);
        }
        Some(secret) if is_listed(scheme) => push(secret, secret.skip(|byte| !matches!(byte, b'\n' | b'\\')), spans),
        _ => {
            let end = start.skip(credential);
            let text = start.until(end);
            if text.len() >= 8 && (value::is_strong(text) || text.len() >= 16 && is_mixed(text)) {
                push(start, end, spans);
            }
        }
    }
}

/// Schemes behind which a list of parameters follows, one of them the proof.
fn is_listed(scheme: &str) -> bool {
    ["digest", "aws4-hmac-sha256", "oauth", "signature", "scram-sha-256", "hawk"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme))
        || scheme.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("hmac"))
}

/// Behind the word `bearer`, wherever it stands.
pub(super) fn bearer(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(start) = end.gap() else {
        return;
    };
    let start = start.word("token").and_then(Cursor::gap).unwrap_or(start).quote();
    let end = start.skip(|byte| is_word(byte) || matches!(byte, b'.' | b'~' | b'+' | b'/' | b'=' | b'-' | b'%'));
    let text = start.until(end);
    // `token_type=Bearer expires_in=3599`: another setting follows.
    let setting = text.trim_end_matches('=').contains('=');
    if text.len() >= 8 && !setting && (value::is_strong(text) || text.len() >= 16 && is_mixed(text)) {
        push(start, end, spans);
        folded(end, spans);
    }
}

/// Behind the word `basic`: `Basic authentication` is a word, `Basic dXNlcjpwYXNz` is a login.
pub(super) fn basic(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(start) = end.gap() else {
        return;
    };
    let end = start.skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    let text = start.until(end);
    let login = || base64::decode_text(text).is_some_and(|login| login.contains(':'));
    if text.len() >= 8
        && (login() || text.len() >= 20 && text.bytes().any(|byte| byte.is_ascii_digit()) && is_mixed(text))
    {
        push(start, end, spans);
    }
}

/// The rest of a credential alone on the next line, deeper than the one that it ends: a header was folded.
fn folded(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let next = end.skip(|byte| byte == b'\r').take("\n");
    let Some(start) = next.and_then(Cursor::gap) else { return };
    let stop = start.skip(|byte| is_word(byte) || matches!(byte, b'.' | b'~' | b'+' | b'/' | b'=' | b'-'));
    if stop.line_after().trim().is_empty() && value::is_strong(start.until(stop)) {
        push(start, stop, spans);
    }
}

fn push(start: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if start.at < end.at {
        spans.push(Span::new(start.at, end.at, "authorization"));
    }
}

/// Not a word of a sentence: capitals or digits behind the first letter.
fn is_mixed(text: &str) -> bool {
    let tail = text.get(1..).unwrap_or_default();
    tail.bytes().any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && tail.bytes().any(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Behind the word `cookie`: one string of pairs, or a list of them.
pub(super) fn cookie(end: Cursor<'_>, spans: &mut Vec<Span>) {
    // A list that was read to its end holds this one too.
    if spans.last().is_some_and(|span| span.kind == "cookie" && end.at < span.end) {
        return;
    }
    if end.back(is_word).line_before().ends_with("erlang ") {
        return erlang(end, spans);
    }
    let name = end.quote();
    let name = name.take("]").unwrap_or(name);
    let Some(mut start) = name.sign() else {
        return;
    };
    let list = start.byte() == b'[';
    if list {
        start = start.plus(1).skip(|byte| byte.is_ascii_whitespace());
    }
    loop {
        let begin = start.quote();
        // A first pair that has no sign is none.
        let first = begin.skip(|byte| !matches!(byte, b'\n' | b'"' | b'\'' | b'\\' | b'=' | b';' | b' '));
        if first.byte() == b' ' && !list {
            return;
        }
        let end = begin.skip(|byte| !matches!(byte, b'\n' | b'"' | b'\'' | b'\\'));
        cookies(begin.until(end), begin.at, spans);
        let next = end.quote();
        let Some(next) = next.take(",").filter(|_| list).map(|next| next.skip(|byte| byte.is_ascii_whitespace()))
        else {
            return;
        };
        if next.quote().at == next.at {
            return;
        }
        start = next;
    }
}

/// `erlang cookie x`: what lets the nodes of a cluster in.
fn erlang(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(start) = end.gap().map(Cursor::quote) else { return };
    let stop = start.skip(is_word);
    let text = start.until(stop);
    let chance = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if chance || value::is_strong(text) {
        spans.push(Span::new(start.at, stop.at, "cookie"));
    }
}

/// The values of cookies; their names and attributes stay.
pub(super) fn cookies(list: &str, start: usize, spans: &mut Vec<Span>) {
    let mut at = start;
    for part in list.split_inclusive([';', ',']) {
        let pair = part.trim_end_matches([';', ',']);
        // Another header follows.
        if pair.contains(": ") {
            return;
        }
        if let Some((name, secret)) = pair.split_once('=') {
            let attribute = matches!(
                name.trim().to_ascii_lowercase().as_str(),
                "path" | "domain" | "expires" | "max-age" | "samesite" | "priority" | "version"
            );
            let begin = at + name.len() + 1;
            // `lang=fr`, `theme=dark`
            let word = secret.trim();
            let plain = word.len() < 6 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            if !attribute && !plain && !name.trim().contains(' ') {
                spans.push(Span::new(begin, begin + secret.trim_end().len(), "cookie"));
            }
        }
        at += part.len();
    }
}
