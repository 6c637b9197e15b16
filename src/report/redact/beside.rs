//! A value beside its name, with no sign between: `aws_secret_access_key x`, `storePassword 'x'`.

use super::assign::may_be_name;
use super::cursor::{Cursor, is_quote, is_word};
use super::{Span, key, redis, value};

/// Bytes of a name of several words at least.
const LAST: usize = 8;
/// The same of one in capitals: `APP_KEY`.
const SHORT: usize = 5;

/// `aws_secret_access_key x`, `SET app.jwt_secret TO 'x'`: a name of several words, and a value that can be nothing else.
pub(super) fn name(start: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if is_quote(start.before()) && is_quote(end.byte()) && may_be_name(end) {
        return redis::field(start, end, spans);
    }
    let Some(value) = end.gap().filter(|_| end.at - start.at > SHORT && may_be_name(end)) else {
        return;
    };
    if constant(start, end, value, spans) {
        return;
    }
    if end.at - start.at < LAST {
        return;
    }
    if let Some(string) = value.word("to").and_then(Cursor::gap).filter(|string| string.byte() == b'\'')
        && let Some((from, to)) = value::quoted(string.line_after())
        && let Some(kind) = key::kind(start.until(end))
    {
        spans.push(Span::new(string.at + from, string.at + to, kind));
        return;
    }
    // `set -gx NAME x`, `ENV NAME x`: the name is set.
    let before = start.line_before().trim_start();
    let set =
        ["set -gx ", "set -Ux ", "set -x ", "setx ", "ENV ", "setenv "].iter().any(|command| before.ends_with(command));
    let value = value.word("is").and_then(Cursor::gap).unwrap_or(value);
    let given = value.word("set").and_then(Cursor::gap).and_then(|next| next.word("to")).and_then(Cursor::gap);
    if let Some(given) = given {
        let secret = given.quote();
        let stop = secret.skip(|byte| byte > b' ' && !is_quote(byte));
        if value::is_typed(secret.until(stop))
            && let Some(kind) = key::kind(start.until(end))
        {
            spans.push(Span::new(secret.at, stop.at, kind));
        }
        return;
    }
    let stop = value.skip(|byte| byte > b' ' && !is_quote(byte));
    if set
        && !value::is_placeholder(value.until(stop))
        && let Some(kind) = key::kind(start.until(end))
    {
        spans.push(Span::new(value.at, stop.at, kind));
        return;
    }
    let random = stop.at - value.at >= 2 * LAST && value::is_random(value.until(stop));
    if random && let Some(kind) = key::kind(start.until(end)) {
        spans.push(Span::new(value.at, stop.at, kind));
    } else {
        directive(start, end, spans);
    }
}

/// `storePassword 'x'`, `insecure-password x`, `proxy_set_header X-Api-Key x;`: a name of several words, a value, and no more.
pub(super) fn directive(start: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if !matches!(start.before(), b'-' | b' ' | b'\t' | b'\n' | b'/' | b':') || end.gap().is_none() {
        return;
    }
    // `config set //registry/:_authToken x`, `kv put app/password x`
    let line = start.line_before();
    let put = || line.contains(" set ") || line.contains(" put ");
    if matches!(start.before(), b'/' | b':') && !put() {
        return;
    }
    let start = start.back(|byte| is_word(byte) || byte == b'-');
    let name = start.until(end);
    let several = name.contains(['-', '_']) || name.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    let several = several || matches!(start.before(), b'/' | b':');
    let Some(value) = end.gap().filter(|_| several && end.at - start.at >= LAST) else {
        return;
    };
    let string = matches!(value.byte(), b'\'' | b'"').then(|| value::quoted(value.line_after())).flatten();
    let (from, to) = string.map_or_else(
        || (value.at, value.skip(|byte| byte > b' ' && !matches!(byte, b';' | b')')).at),
        |(from, to)| (value.at + from, value.at + to),
    );
    let behind = Cursor::new(end.text, to);
    let behind = if string.is_some() { behind.quote() } else { behind };
    let text = end.text.get(from..to).unwrap_or_default();
    let signs = text.bytes().any(|byte| !byte.is_ascii_alphabetic());
    let fits =
        value::is_chosen(text) && (string.is_some() || signs && value::is_typed(&text.replace(['_', '-', '.'], "+")));
    if fits
        && behind.line_after().trim_start_matches([';', ')']).trim().is_empty()
        && !text.contains(['/', '(', '=', '$'])
        && !value::is_address(text)
        && let Some(kind) = key::kind(name)
    {
        spans.push(Span::new(from, to, kind));
    }
}

/// `incorrect key length for APP_KEY "x"`; whether it is so.
fn constant(start: Cursor<'_>, end: Cursor<'_>, value: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    if !matches!(value.byte(), b'"' | b'\'') || !start.until(end).bytes().all(upper) {
        return false;
    }
    let string = value::quoted(value.line_after()).map(|(from, to)| (value.plus(from), value.plus(to)));
    let typed = |text: &str| value::is_typed(text) && !text.contains([' ', '/', ':']);
    let found = string.filter(|(from, to)| typed(from.until(*to))).zip(key::kind(start.until(end)));
    if let Some(((from, to), kind)) = found {
        spans.push(Span::new(from.at, to.at, kind));
    }
    found.is_some()
}
