//! Passwords in statements.

use super::cursor::{Cursor, is_plain, is_quote, is_word, last};
use super::{Span, redis, value};

/// Bytes before a word in which the statement it belongs to is looked for.
const NEAR: usize = 160;

/// Behind the word `password`: `PASSWORD 'x'`, `PASSWORD('x')`, `password E'x'`.
pub(super) fn literal(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if (is_quote(here.before()) || matches!(here.before(), b':' | b'.' | b'-')) && is_quote(end.byte()) {
        return redis::field(here, end, spans);
    }
    // `SET PASSWORD FOR 'user'@'host' = 'x'`
    let whose = end.gap().and_then(|next| next.word("for")).and_then(Cursor::gap);
    let whose = whose.and_then(|name| name.skip(|byte| byte > b' ').take(" = "));
    let start = whose.unwrap_or(end).blanks();
    let start = start.take("(").map_or(start, Cursor::blanks);
    let start = start.take("e'").map_or(start, |_| start.plus(1));
    string(start, |_| true, spans);
}

/// `SECRET 'x'` and `KEY 'x'` in capitals, as options of a statement; `PRAGMA key = 'x'` has a sign.
pub(super) fn constant(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if here.until(end).bytes().all(|byte| byte.is_ascii_uppercase()) {
        let attached = here.line_before().contains("ATTACH");
        string(end.blanks(), |text| attached || value::is_strong(text), spans);
    } else if here.line_before().trim_end().to_ascii_lowercase().ends_with("pragma")
        && let Some(start) = end.sign()
    {
        string(start, |_| true, spans);
    }
}

/// A string between single or double quotes; a doubled quote is part of it.
fn string(start: Cursor<'_>, accept: impl Fn(&str) -> bool, spans: &mut Vec<Span>) {
    let quote = start.byte();
    if !matches!(quote, b'\'' | b'"') {
        return;
    }
    // Quotes that CSV doubled.
    let doubled = start.rest().starts_with("\"\"").then(|| value::quoted(start.line_after())).flatten();
    if let Some((from, to)) = doubled.filter(|(from, _)| *from == 2) {
        spans.push(Span::new(start.at + from, start.at + to, "password"));
        return;
    }
    let begin = start.plus(1);
    let mut end = begin;
    loop {
        end = end.skip(|byte| byte != quote && byte != b'\n');
        if end.byte() != quote || end.plus(1).byte() != quote || begin.at == end.at {
            break;
        }
        end = end.plus(2);
    }
    let secret = begin.until(end);
    let spoken = quote == b'"'
        && (end.byte() != quote || value::is_sentence(secret) || secret.starts_with([':', ',', ' ', '=']));
    if !secret.is_empty()
        && !spoken
        && !value::is_word(secret)
        && !secret.starts_with([',', ')', ':', ' ', '.'])
        && accept(secret)
    {
        spans.push(Span::new(begin.at, end.at, "password"));
    }
}

/// Behind the word `identified`: `BY 'x'`, `WITH plugin BY 'x'`, `BY PASSWORD 'x'`, `BY x`.
pub(super) fn identified(end: Cursor<'_>, spans: &mut Vec<Span>) {
    // `revision identified by 'x'` speaks of something else.
    let line = end.line_before();
    let near = last(line, NEAR).to_ascii_lowercase();
    let user = ["user", "grant", "alter", "create", "role", "'@'", "set "].iter().any(|word| near.contains(word));
    let user = user || end.back(is_word).until(end).bytes().all(|byte| byte.is_ascii_uppercase());
    let Some(mut next) = end.gap().filter(|_| user || near.trim() == "identified") else {
        return;
    };
    if let Some(plugin) = next.word("with").and_then(Cursor::gap) {
        let Some(behind) = plugin.skip(|byte| byte > b' ').gap() else {
            return;
        };
        next = behind;
    }
    let Some(next) = next.word("by").or_else(|| next.word("as")).and_then(Cursor::gap) else {
        return;
    };
    let next = next.word("password").and_then(Cursor::gap).unwrap_or(next);
    if matches!(next.byte(), b'\'' | b'"') {
        return string(next, |_| true, spans);
    }
    let end = next.skip(|byte| is_plain(byte) && !matches!(byte, b';' | b','));
    if value::is_strong(next.until(end)) {
        spans.push(Span::new(next.at, end.at, "password"));
    }
}
