//! A piece of a password that a program took for a part of the address behind it: a URL is cut at the wrong place where its password holds
//! signs that have a meaning there.

use super::cursor::Cursor;
use super::{Span, value};

/// Behind these a program quotes the host that it did not find: no host's name holds an `@`.
const HOSTS: [&str; 8] = [
    "ENOTFOUND",
    "EAI_AGAIN",
    "host name",
    "Unknown host",
    "UnknownHostException:",
    "server host",
    "lookup",
    "port number:",
];
/// And behind these an address, which may also hold a user's name.
const PLACES: [&str; 7] = ["server at", "connecting to", "connect to", "integer value", "resolve", "reach", "database"];

/// The piece before the `@` here; whether there is one.
pub(super) fn at(here: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    let start = here.back(|byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'`' | b'=' | b'('));
    let piece = start.until(here);
    let before = start.quote_before().line_before().trim_end();
    let told = |words: &[&str]| words.iter().any(|word| ends_with(before, word));
    let host = here.plus(1).byte().is_ascii_alphanumeric() || here.plus(1).byte() == b'[';
    let torn = host
        && !piece.is_empty()
        && !piece.contains("://")
        && !piece.starts_with(['@', '['])
        && (told(&HOSTS) || told(&PLACES) && value::is_typed(piece));
    if torn {
        // What is still a URL's beginning is no secret.
        let from = piece.rfind(':').map_or(0, |colon| colon + 1);
        spans.push(Span::new(start.at + from, here.at, "url-password"));
    }
    torn
}

fn ends_with(text: &str, word: &str) -> bool {
    let end = text.len().checked_sub(word.len()).and_then(|from| text.get(from..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(word))
}
