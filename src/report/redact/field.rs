//! Values that take more than a word: elements of XML, blocks of YAML, lists, bytes, arrays as PHP prints them.

use super::accept::Place;
use super::cursor::{Cursor, is_quote, is_word};
use super::{Span, key, value};

/// Items of a list that are looked at.
const ITEMS: usize = 32;
/// Bytes of a tag at most.
const TAG: usize = 200;

/// `<password>x</password>`, `<property name="db.password">x</property>`: the tag that ends here.
pub(super) fn element(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = here.line_before();
    let Some(tag) = line.rfind('<').and_then(|at| line.get(at + 1..)).filter(|tag| tag.len() <= TAG) else {
        return;
    };
    let named = tag.split_once(['"', '\'']).and_then(|(head, rest)| {
        let named = ["name=", "key="].iter().any(|attribute| head.trim_end().ends_with(attribute));
        rest.split(['"', '\'']).next().filter(|_| named)
    });
    let name = named.or_else(|| beside(here, tag)).or_else(|| tag.split_whitespace().next()).unwrap_or_default();
    let value = here.plus(1).skip(|byte| byte.is_ascii_whitespace());
    let (value, close) = value.take("<![CDATA[").map_or((value, "</"), |inside| (inside, "]]>"));
    let end = value.skip(|byte| !matches!(byte, b'<' | b'\n') && (byte != b']' || close == "</"));
    let behind = end.skip(|byte| byte.is_ascii_whitespace());
    if tag.starts_with(['/', '!']) || end.at == value.at || !behind.rest().starts_with(close) {
        return;
    }
    if let Some(kind) = key::kind(name) {
        let text = value.until(end);
        let start = end.at - text.trim_start().len();
        spans.push(Span::new(start, start + text.trim().len(), kind));
    }
}

/// `<name>password</name><value><string>`, `<key>password</key>` and the string below: the name stands in an element before.
fn beside<'t>(here: Cursor<'t>, tag: &str) -> Option<&'t str> {
    if !matches!(tag, "string" | "value" | "stringValue") {
        return None;
    }
    let from = here.text.floor_char_boundary(here.at.saturating_sub(TAG));
    let before = here.text.get(from..here.at - tag.len() - 1)?.trim_end();
    let before = before.strip_suffix("<value>").map_or(before, str::trim_end);
    let inside = before.strip_suffix("</name>").or_else(|| before.strip_suffix("</key>"))?;
    inside.rsplit_once('>').map(|(_, name)| name)
}

/// A block of YAML: the lines below that are indented deeper than the name's.
pub(super) fn block(place: &Place<'_>, value: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    if !matches!(place.after.trim_end(), "|" | ">" | "|-" | ">-" | "|+" | ">+") || place.equals {
        return false;
    }
    let depth = |line: &str| line.len() - line.trim_start().len();
    let least = depth(place.before);
    let mut at = value.at + place.after.len() + 1;
    let mut same = false;
    for line in Cursor::new(value.text, at).rest().split('\n') {
        let text = line.trim();
        if !text.is_empty() {
            if depth(line) <= least {
                break;
            }
            let label = text.starts_with("-----");
            if !label && !value::is_placeholder(text) {
                spans.push(Span { start: at + depth(line), end: at + line.trim_end().len(), kind: place.kind, same });
                same = true;
            }
        }
        at += line.len() + 1;
    }
    true
}

/// A list of strings, or one word in brackets; whether it was one. A list of complaints about the setting is no secret.
pub(super) fn list(place: &Place<'_>, value: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    let mut here = value.plus(1).blanks();
    let numbers = here.skip(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b' '));
    if numbers.byte() == b']' && here.until(numbers).matches(',').count() >= 8 {
        spans.push(Span::new(here.at, numbers.at, place.kind));
        return true;
    }
    let bare = here.skip(|byte| byte > b' ' && !matches!(byte, b'[' | b']') && !is_quote(byte));
    if bare.byte() == b']' && value::is_strong(here.until(bare)) {
        spans.push(Span::new(here.at, bare.at, place.kind));
        return true;
    }
    let strings = is_quote(here.byte());
    while let Some((from, to)) = value::quoted(here.line_after()) {
        let text = here.text.get(here.at + from..here.at + to).unwrap_or_default();
        if !text.contains(' ') && !value::is_placeholder(text) {
            spans.push(Span::new(here.at + from, here.at + to, place.kind));
        }
        here = Cursor::new(here.text, here.at + to).quote().blanks();
        match here.take(",") {
            Some(next) => here = next.blanks(),
            None => break,
        }
    }
    strings
}

/// `<Buffer 6b 1f …>`, `{ "type": "Buffer", "data": [107, 31, …] }`: a secret as bytes.
pub(super) fn bytes(place: &Place<'_>, value: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    let hex = value.take("<Buffer ");
    let list = || {
        let head = value.take("{")?.skip(|byte| !matches!(byte, b'[' | b'\n' | b'}' | b'{'));
        value.until(head).contains("Buffer").then(|| head.plus(1))
    };
    let Some(start) = hex.or_else(list) else {
        return false;
    };
    let end = start.skip(|byte| byte.is_ascii_hexdigit() || matches!(byte, b' ' | b',' | b'.'));
    spans.push(Span::new(start.at, end.at, place.kind));
    true
}

/// `[db_pass] => two words`: in an array printed by PHP the value is the rest of the line.
pub(super) fn printed(place: &Place<'_>, value: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    let text = place.after.trim_end();
    let fits = place.before.trim_start() == "["
        && !text.is_empty()
        && !is_quote(value.byte())
        && !value::is_placeholder(text)
        && text != "Array"
        && !text.ends_with(" Object");
    if fits {
        spans.push(Span::new(value.at, value.at + text.len(), place.kind));
    }
    fits
}

/// `"password":` and the string alone on the next line.
pub(super) fn below(kind: &'static str, value: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    let next = value.skip(|byte| byte.is_ascii_whitespace());
    let string = value::quoted(next.line_after()).filter(|_| value.line_after().trim().is_empty());
    let secret =
        |from: usize, to: usize| next.line_after().get(from..to).is_some_and(|text| !value::is_placeholder(text));
    if let Some((from, to)) = string.filter(|(from, to)| secret(*from, *to)) {
        spans.push(Span::new(next.at + from, next.at + to, kind));
    }
    string.is_some()
}

/// `password:` and one word alone on the next line, deeper than the name.
pub(super) fn word_below(place: &Place<'_>, value: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    let line = value.plus(1).line_after();
    let text = line.trim();
    let depth = |line: &str| line.len() - line.trim_start().len();
    let fits = matches!(place.kind, "password" | "secret" | "token" | "api-key")
        && place.before.trim().is_empty()
        && depth(line) > depth(place.before)
        && value::is_strong(text)
        && !text.contains(char::is_whitespace)
        && !text.ends_with(':')
        && !text.contains("://");
    if fits {
        let start = value.at + 1 + depth(line);
        spans.push(Span::new(start, start + text.len(), place.kind));
    }
    fits
}

/// A string over several lines between three quotes.
pub(super) fn lines(kind: &'static str, value: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    let quotes = if value.byte() == b'"' { "\"\"\"" } else { "\'\'\'" };
    let Some(start) = value.take(quotes).map(|inside| inside.skip(|byte| byte.is_ascii_whitespace())) else {
        return false;
    };
    let body = start.rest();
    let body =
        memchr::memmem::find(body.as_bytes(), quotes.as_bytes()).and_then(|end| body.get(..end)).unwrap_or_default();
    let (mut at, mut same) = (start.at, false);
    for line in body.split_inclusive('\n') {
        let text = line.trim();
        if !text.is_empty() && !text.starts_with("-----") {
            let from = at + line.len() - line.trim_start().len();
            spans.push(Span { start: from, end: from + text.len(), kind, same });
            same = true;
        }
        at += line.len();
    }
    true
}

/// `apiKeys: ["x", "y"]`: a name of several holds a list of secrets, or of their names.
pub(super) fn plural(sign: Cursor<'_>, value: Cursor<'_>, spans: &mut Vec<Span>) {
    let end = sign.quote_before();
    let start = end.back(is_word);
    let name = start.until(end);
    // `keys_b64` says how they are written.
    let name = ["_b64", "_hex", "_base64"].iter().find_map(|form| name.strip_suffix(form)).unwrap_or(name);
    let Some(kind) = name.strip_suffix(['s', 'S']).and_then(key::kind) else {
        return;
    };
    let value = value.take("[]string").unwrap_or(value);
    if value.byte() == b'\n' {
        return items(start, value.plus(1), kind, spans);
    }
    let mut here = value.plus(1).skip(|byte| byte.is_ascii_whitespace());
    while let Some((from, to)) = value::quoted(here.line_after()) {
        let text = here.line_after().get(from..to).unwrap_or_default();
        let secret = value::is_strong(text) || kind == "password" && value::is_chosen(text);
        if secret && !value::is_snake(text) && !text.contains(' ') && key::kind(text).is_none() {
            spans.push(Span::new(here.at + from, here.at + to, kind));
        }
        here = Cursor::new(here.text, here.at + to).quote().skip(|byte| byte.is_ascii_whitespace() || byte == b',');
    }
}

/// `- x` on each line below the name, as YAML lists them.
fn items(name: Cursor<'_>, first: Cursor<'_>, kind: &'static str, spans: &mut Vec<Span>) {
    let mut at = first.at;
    if !name.line_before().trim_start_matches(['-', ' ']).is_empty() {
        return;
    }
    for line in first.rest().split_inclusive('\n').take(ITEMS) {
        let Some(text) = line.trim().strip_prefix("- ").map(|text| text.trim().trim_matches(['"', '\''])) else {
            return;
        };
        if value::is_strong(text) && !text.contains([' ', ':']) && key::kind(text).is_none() && !value::is_snake(text) {
            let from = at + line.rfind(text).unwrap_or_default();
            spans.push(Span::new(from, from + text.len(), kind));
        }
        at += line.len();
    }
}

/// `form-data; name="password"`, an empty line, and the value; the ends of lines may be escaped.
pub(super) fn form(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let name = end.take("=").map(Cursor::quote).filter(|_| here.line_before().ends_with("form-data; "));
    let Some((start, stop)) = name.map(|name| (name, name.skip(|byte| is_word(byte) || matches!(byte, b'-' | b'.'))))
    else {
        return;
    };
    let breaks = |byte: u8| byte.is_ascii_whitespace() || byte == b'\\';
    let mut value = stop.quote();
    while breaks(value.byte()) {
        value = value.skip(breaks);
        // The letter of an escaped end of a line.
        let escape = value.before() == b'\\' && matches!(value.byte(), b'r' | b'n');
        value = if escape { value.plus(1) } else { value };
    }
    let close = value.skip(|byte| byte > b' ' && byte != b'\\');
    if let Some(kind) = key::kind(start.until(stop)).filter(|_| close.at > value.at) {
        spans.push(Span::new(value.at, close.at, kind));
    }
}
