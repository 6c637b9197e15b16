//! What a whole object tells of its fields: a secret of a cluster, a jar of cookies, the key of one-time passwords.

use super::cursor::{Cursor, is_blank, is_quote, is_word};
use super::{Span, value};

/// Bytes around a block in which its kind is looked for.
const NEAR: usize = 1500;
/// Fields of an object that are looked at.
const FIELDS: usize = 32;

/// Behind `data` or `stringData`: each value is a secret if the object is one.
pub(super) fn manifest(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(colon) = end.quote().blanks().take(":") else {
        return;
    };
    let below = colon.line_after().trim().is_empty();
    let inline = colon.blanks().take("{").filter(|_| is_quote(end.byte()) || end.byte() == b'\\');
    if !below && inline.is_none() || !is_secret(here) {
        return;
    }
    match inline {
        Some(open) => fields(open, spans, |_, text| !value::is_placeholder(text), "secret"),
        None => lines(here, colon, spans),
    }
}

/// Whether the object around says that it is a secret.
fn is_secret(here: Cursor<'_>) -> bool {
    let from = here.text.floor_char_boundary(here.at.saturating_sub(NEAR));
    let to = here.text.floor_char_boundary((here.at + NEAR).min(here.text.len()));
    let (before, behind) =
        (here.text.get(from..here.at).unwrap_or_default(), here.text.get(here.at..to).unwrap_or_default());
    let before = before.rsplit("\n---").next().unwrap_or_default();
    let behind = behind.split("\n---").next().unwrap_or_default();
    ["kind: Secret\n", "kind: Secret\r", "\"kind\":\"Secret\"", "\"kind\": \"Secret\"", "\\\"kind\\\":\\\"Secret\\\""]
        .iter()
        .any(|kind| before.contains(kind) || behind.contains(kind))
        || behind.ends_with("kind: Secret")
}

/// The values of a block, deeper than its name.
fn lines(here: Cursor<'_>, colon: Cursor<'_>, spans: &mut Vec<Span>) {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let least = depth(here.line_before());
    let mut at = colon.at + colon.line_after().len() + 1;
    let mut block = None;
    for line in here.text.get(at..).unwrap_or_default().split_inclusive('\n').take(FIELDS) {
        let indent = depth(line);
        let text = line.trim();
        if text.is_empty() || indent <= least {
            return;
        }
        let inside = block.is_some_and(|field| indent > field);
        let (name, secret) = if inside { ("", text) } else { text.split_once(':').unwrap_or((text, "")) };
        let secret = secret.trim().trim_matches(['"', '\'']);
        if !inside {
            block = matches!(secret, "|" | "|-" | ">" | ">-" | "").then_some(indent);
        }
        let start = line.rfind(secret).unwrap_or(0);
        let plain = matches!(secret, "" | "|" | "|-" | ">" | ">-")
            || value::is_placeholder(secret)
            || secret.starts_with("-----");
        if !plain && (inside || !name.contains(' ')) {
            spans.push(Span::new(at + start, at + start + secret.len(), "secret"));
        }
        at += line.len();
    }
}

/// `cookies: { sid: 'x', locale: 'fr' }`, behind the word.
pub(super) fn cookies(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let open = end.quote().sign().and_then(|next| next.take("{"));
    if let Some(open) = open {
        fields(open, spans, is_cookie, "cookie");
    }
}

/// `Cookie session=x`, without a sign behind the word.
pub(super) fn cookie_pair(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(name) = end.gap() else {
        return;
    };
    let sign = name.skip(|byte| is_word(byte) || matches!(byte, b'.' | b'-'));
    let start = sign.plus(1);
    let stop = start.skip(|byte| byte > b' ' && !is_quote(byte) && !matches!(byte, b';' | b',' | b')'));
    let text = start.until(stop);
    if sign.byte() == b'='
        && sign.at > name.at
        && text.len() >= 8
        && is_cookie(name.until(sign), text)
        && value::is_strong(text.trim_start_matches('.'))
    {
        spans.push(Span::new(start.at, stop.at, "cookie"));
    }
}

/// Not where a cookie is valid, nor a setting in a word.
fn is_cookie(name: &str, text: &str) -> bool {
    let attribute = [
        "path",
        "domain",
        "expires",
        "maxage",
        "max-age",
        "samesite",
        "httponly",
        "secure",
        "locale",
        "lang",
        "theme",
        "originalmaxage",
    ];
    !attribute.iter().any(|known| known.eq_ignore_ascii_case(name))
        && text.len() > 5
        && !value::is_placeholder(text)
        && !text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// The strings of an object's own fields.
fn fields(open: Cursor<'_>, spans: &mut Vec<Span>, wanted: impl Fn(&str, &str) -> bool, kind: &'static str) {
    let gap = |byte: u8| byte.is_ascii_whitespace() || byte == b',';
    let mut here = open.skip(gap);
    for _ in 0..FIELDS {
        let name = here.quote();
        let stop = name.skip(|byte| is_word(byte) || matches!(byte, b'.' | b'-'));
        let Some(start) = stop.quote().sign().filter(|_| stop.at > name.at) else {
            return;
        };
        let Some((from, to)) = value::quoted(start.line_after()) else {
            let stop = start.skip(|byte| !matches!(byte, b',' | b'\n' | b'}' | b'{' | b'['));
            if matches!(stop.byte(), b'}' | b'{' | b'[') {
                return;
            }
            here = stop.skip(gap);
            continue;
        };
        if wanted(name.until(stop), start.line_after().get(from..to).unwrap_or_default()) && from < to {
            spans.push(Span::new(start.at + from, start.at + to, kind));
        }
        here = Cursor::new(start.text, start.at + to).quote().skip(gap);
    }
}

/// `{ ascii: 'x', base32: 'y', otpauth_url: … }`: the same key in each of its forms.
pub(super) fn one_time(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = (here.line_before(), end.line_after());
    if !line.0.contains("ascii") && !line.1.contains("otpauth") && !line.1.contains("hex:") {
        return;
    }
    let open = line.0.rfind('{').map(|at| Cursor::new(here.text, here.at - line.0.len() + at + 1));
    let form = |name: &str, text: &str| matches!(name, "ascii" | "hex" | "base32") && text.len() >= 10;
    if let Some(open) = open {
        fields(open, spans, form, "secret");
    }
}

/// `name=x; path=/; HttpOnly`: what only a cookie has stands behind the semicolon here.
pub(super) fn attributes(here: Cursor<'_>, spans: &mut Vec<Span>) {
    const ATTRIBUTES: [&str; 7] = ["path=/", "httponly", "samesite=", "max-age=", "secure;", "domain=", "expires="];
    let next = here.plus(1).blanks();
    if !ATTRIBUTES.iter().any(|attribute| next.take(attribute).is_some()) {
        return;
    }
    let start = here.back(|byte| byte > b' ' && !is_quote(byte) && !matches!(byte, b';' | b','));
    let Some((name, text)) = start.until(here).split_once('=') else {
        return;
    };
    let named = !name.is_empty() && name.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'));
    if named && text.len() >= 8 && is_cookie(name, text) {
        spans.push(Span::new(start.at + name.len() + 1, here.at, "cookie"));
    }
}

/// `ConvertTo-SecureString "x" -AsPlainText`.
pub(super) fn secure_string(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(next) = end.gap().filter(|_| here.before() == b'-') else {
        return;
    };
    let start = next.word("-string").and_then(Cursor::gap).unwrap_or(next);
    let place = value::quoted(start.line_after())
        .map_or_else(|| (start.at, start.skip(|byte| byte > b' ').at), |(from, to)| (start.at + from, start.at + to));
    let text = here.text.get(place.0..place.1).unwrap_or_default();
    if !text.is_empty() && !text.starts_with(['$', '-', '(']) {
        spans.push(Span::new(place.0, place.1, "password"));
    }
}

/// `createUser monitor SHA "x" AES "y"`, as a daemon of SNMP is told.
pub(super) fn create_user(end: Cursor<'_>, spans: &mut Vec<Span>) {
    const KINDS: [&str; 9] = ["MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512", "DES", "AES", "AES256"];
    let mut here = end;
    let mut secret = false;
    for _ in 0..8 {
        let Some(next) = here.gap() else {
            return;
        };
        let string = value::quoted(next.line_after());
        let (from, to) = string
            .map_or_else(|| (next.at, next.skip(|byte| byte > b' ').at), |(from, to)| (next.at + from, next.at + to));
        let text = here.text.get(from..to).unwrap_or_default();
        if secret && !text.is_empty() {
            spans.push(Span::new(from, to, "password"));
        }
        secret = string.is_none() && KINDS.contains(&text);
        here = Cursor::new(here.text, to);
        here = if string.is_some() { here.quote() } else { here };
        if here.byte() == b'\n' || !is_blank(here.byte()) {
            return;
        }
    }
}
