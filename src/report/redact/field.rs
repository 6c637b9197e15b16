//! Values that take more than a word: elements of XML, blocks of YAML, lists, bytes, arrays as PHP prints them.

use super::accept::Place;
use super::cursor::{Cursor, is_quote};
use super::{Span, key, value};

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
    let name = named.or_else(|| tag.split_whitespace().next()).unwrap_or_default();
    let value = here.plus(1);
    let end = value.skip(|byte| !matches!(byte, b'<' | b'\n'));
    if tag.starts_with(['/', '!']) || end.at == value.at || !end.rest().starts_with("</") {
        return;
    }
    if let Some(kind) = key::kind(name) {
        let text = value.until(end);
        let start = end.at - text.trim_start().len();
        spans.push(Span::new(start, start + text.trim().len(), kind));
    }
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
    let bare = here.skip(|byte| byte > b' ' && byte != b']' && !is_quote(byte));
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
        let head = value.take("{")?.skip(|byte| byte != b'[' && byte != b'\n' && byte != b'}');
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
