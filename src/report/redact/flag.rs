//! Flags of commands whose name says that they hold a secret: `--password x`, `"--token", "x"`, a list of them in YAML.

use super::cursor::{Cursor, is_blank, is_quote};
use super::{Span, accept, key, value};

/// Bytes around an element of a list in which its program is looked for.
const NEAR: usize = 160;

/// A flag that begins with the hyphen here.
pub(super) fn at(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if !matches!(here.before(), b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'`' | b'(' | b'[' | b'=') {
        return;
    }
    if is_quote(here.before()) && here.plus(1).byte() == b'p' && here.plus(2).byte().is_ascii_alphanumeric() {
        attached(here, spans);
    }
    let start = here.skip(|byte| byte == b'-');
    if start.at > here.at + 2 || !start.byte().is_ascii_alphabetic() {
        return;
    }
    let end = start.skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let Some(next) = behind(end) else {
        return;
    };
    let named = start.until(end);
    if matches!(named, "user" | "userpwd" | "proxy-user" | "basic-auth" | "creds" | "src-creds" | "dest-creds" | "auth")
    {
        return login(next, spans);
    }
    let Some(kind) =
        key::kind(named).or_else(|| matches!(named, "passin" | "passout" | "setcookie").then_some("password"))
    else {
        return;
    };
    let Some((start, end)) = argument(next.take("pass:").unwrap_or(next)) else {
        return;
    };
    let secret = here.text.get(start..end).unwrap_or_default();
    if !value::is_word(secret)
        && !is_flag(secret)
        && accept::fits(kind, named, secret)
        && !["env:", "file:", "fd:"].iter().any(|source| secret.starts_with(source))
        && !secret.starts_with(['|', '=', '&', '>'])
    {
        spans.push(Span::new(start, end, kind));
    }
}

/// The next flag stands where the argument could.
fn is_flag(text: &str) -> bool {
    text.starts_with("--") || text.starts_with('-') && text.len() == 2
}

/// `[ '-uroot', '-pSECRET' ]`: attached to its flag, as an element of a list; the program stands beside the list.
fn attached(start: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some((_, stop)) = value::quoted(Cursor::new(start.text, start.at.saturating_sub(1)).line_after()) else {
        return;
    };
    let (from, end) = (start.plus("-p".len()), start.at - 1 + stop);
    let near = start.text.get(
        start.text.floor_char_boundary(start.at.saturating_sub(NEAR))
            ..start.text.floor_char_boundary((end + NEAR).min(start.text.len())),
    );
    let client = near.is_some_and(|text| ["mysql", "mariadb", "'-u", "\"-u"].iter().any(|word| text.contains(word)));
    if client && from.text.get(from.at..end).is_some_and(|secret| secret.len() >= 4 && !value::is_word(secret)) {
        spans.push(Span::new(from.at, end, "password"));
    }
}

/// `--user name:password`; `--user 1000:1000` and `--user node:node` are somebody else.
fn login(start: Cursor<'_>, spans: &mut Vec<Span>) {
    let place = argument(start).and_then(|(from, to)| Some((from, to, start.text.get(from..to)?)));
    if let Some((from, to, (user, password))) =
        place.and_then(|(from, to, word)| Some((from, to, word.split_once(':')?)))
        && !user.is_empty()
        && value::is_strong(password)
    {
        spans.push(Span::new(from + user.len() + 1, to, "password"));
    }
}

/// Where the flag's argument begins: behind blanks, a closed string and a comma, or a bullet on the next line.
fn behind(end: Cursor<'_>) -> Option<Cursor<'_>> {
    if let Some(next) = end.gap().filter(|next| !matches!(next.byte(), b'\n' | b'\r')) {
        return Some(next);
    }
    let closed = end.quote().blanks();
    if closed.at > end.at && closed.byte() == b',' {
        return Some(closed.plus(1).skip(|byte| is_blank(byte) || byte == b'\n'));
    }
    let line = closed.skip(|byte| byte == b'\r').take("\n")?.blanks();
    line.take("- ").map(Cursor::blanks)
}

/// A string or a run of plain characters: the argument's content.
pub(super) fn argument(start: Cursor<'_>) -> Option<(usize, usize)> {
    if let Some((from, to)) = value::quoted(start.line_after()) {
        return (from < to).then_some((start.at + from, start.at + to));
    }
    let end = start.skip(|byte| byte > b' ' && !is_quote(byte) && !matches!(byte, b']' | b'\\'));
    (end.at > start.at).then_some((start.at, end.at))
}
