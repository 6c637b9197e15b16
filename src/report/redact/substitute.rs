//! What a program puts in the place of a secret's name: `s/__DB_PASSWORD__/x/`.

use super::cursor::{Cursor, first, is_blank, is_quote, is_word};
use super::{Span, key, value};

/// Bytes of a pattern at most.
const PATTERN: usize = 120;

/// The word `s` here, if a sign that parts a pattern from its substitute follows.
pub(super) fn at(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let sign = end.byte();
    let begins = is_blank(here.before()) || is_quote(here.before()) || matches!(here.before(), b';' | b'=' | b'\n');
    if !begins || !matches!(sign, b'/' | b'|' | b'#' | b'@' | b',' | b'~' | b'%' | b'!') {
        return;
    }
    let line = end.plus(1).line_after();
    let line = first(line, PATTERN * 4);
    let Some((pattern, rest)) = line.split_once(char::from(sign)).filter(|(pattern, _)| pattern.len() <= PATTERN)
    else {
        return;
    };
    let name = pattern.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let name = name.rsplit(|c: char| !u8::try_from(c).is_ok_and(is_word) && c != '-').next().unwrap_or_default();
    let Some(kind) = key::kind(name) else { return };
    // The substitute may hold the sign: it ends at the last one of the word.
    let closed = rest.find(['"', '\'']).unwrap_or(rest.len());
    let word = rest.get(..closed).unwrap_or_default();
    let word = word.split(char::is_whitespace).next().unwrap_or_default();
    let Some((secret, _)) = word.rsplit_once(char::from(sign)) else { return };
    let start = end.at + 1 + pattern.len() + 1;
    if secret.len() > 2 && !value::is_placeholder(secret) && !secret.starts_with(['$', '&', '\\']) {
        spans.push(Span::new(start, start + secret.len(), kind));
    }
}
