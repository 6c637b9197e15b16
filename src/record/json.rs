//! One flat look at a JSON object on one line: its members in order, values unparsed.
//!
//! A whole document is never built, for a log record has a handful of members worth reading. It is more lenient than
//! JSON (a lone surrogate becomes U+FFFD) and stricter than a search: a truncated object is no object.

use std::borrow::Cow;

use nom::{Parser as _, branch::alt, bytes::complete::take_while1, character::complete::char, combinator::recognize};

use super::time::{Res, no};

/// Deeper nesting than any logger writes; the bound of the recursion.
const MAX_DEPTH: usize = 32;

/// The value of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A string's inside, still escaped.
    Text(&'a str),
    /// A number, `true`, `false` or `null`, as written.
    Word(&'a str),
    /// An object, with its braces.
    Object(&'a str),
    /// An array, with its brackets.
    Array(&'a str),
}

impl<'a> Value<'a> {
    /// The text of a string.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(raw) => Some(unescape(raw)),
            _ => None,
        }
    }

    /// The text of a string, or the source of anything else but `null`.
    pub(super) fn shown(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(raw) => Some(unescape(raw)),
            Self::Word("null") => None,
            Self::Word(raw) | Self::Object(raw) | Self::Array(raw) => Some(Cow::Borrowed(raw)),
        }
    }
}

/// The members of the object that `i` consists of (white space after it is allowed).
pub(super) fn object(i: &str) -> Option<Vec<(&str, Value<'_>)>> {
    let (rest, members) = members(i, MAX_DEPTH).ok()?;
    rest.trim_ascii().is_empty().then_some(members)
}

/// The values of the array `i`.
pub(super) fn array(i: &str) -> Option<Vec<Value<'_>>> {
    let mut values = Vec::new();
    let mut rest = i.strip_prefix('[')?.trim_ascii_start();
    if rest.starts_with(']') {
        return Some(values);
    }
    loop {
        let (after, found) = value(rest, MAX_DEPTH).ok()?;
        values.push(found);
        let after = after.trim_ascii_start();
        match after.strip_prefix(',') {
            Some(next) => rest = next.trim_ascii_start(),
            None => return after.starts_with(']').then_some(values),
        }
    }
}

fn members(i: &str, depth: usize) -> Res<'_, Vec<(&str, Value<'_>)>> {
    let (i, _) = char('{').parse(i)?;
    let mut found = Vec::with_capacity(8);
    let mut rest = i.trim_ascii_start();
    if let Some(after) = rest.strip_prefix('}') {
        return Ok((after, found));
    }
    loop {
        let (i, member) = member(rest, depth)?;
        found.push(member);
        let i = i.trim_ascii_start();
        if let Some(after) = i.strip_prefix(',') {
            rest = after.trim_ascii_start();
        } else {
            let (i, _) = char('}').parse(i)?;
            return Ok((i, found));
        }
    }
}

fn member(i: &str, depth: usize) -> Res<'_, (&str, Value<'_>)> {
    let (i, key) = string(i)?;
    let (i, _) = char(':').parse(i.trim_ascii_start())?;
    let (i, value) = value(i.trim_ascii_start(), depth)?;
    Ok((i, (key, value)))
}

fn value(i: &str, depth: usize) -> Res<'_, Value<'_>> {
    match i.as_bytes().first() {
        Some(b'"') => string.map(Value::Text).parse(i),
        Some(b'{') if depth > 0 => recognize(|i| members(i, depth - 1)).map(Value::Object).parse(i),
        Some(b'[') if depth > 0 => recognize(|i| elements(i, depth - 1)).map(Value::Array).parse(i),
        _ => word.map(Value::Word).parse(i),
    }
}

fn elements(i: &str, depth: usize) -> Res<'_, ()> {
    let (i, _) = char('[').parse(i)?;
    let mut rest = i.trim_ascii_start();
    if let Some(after) = rest.strip_prefix(']') {
        return Ok((after, ()));
    }
    loop {
        let (i, _) = value(rest, depth)?;
        let i = i.trim_ascii_start();
        match i.strip_prefix(',') {
            Some(after) => rest = after.trim_ascii_start(),
            None => return char(']').map(drop).parse(i),
        }
    }
}

fn word(i: &str) -> Res<'_, &str> {
    let number = take_while1(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
    let name = take_while1(|c: char| c.is_ascii_lowercase());
    let (rest, found) = alt((number, name)).parse(i)?;
    let known =
        matches!(found, "true" | "false" | "null") || found.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    if known { Ok((rest, found)) } else { no() }
}

/// A quoted string; gives its inside, escapes untouched.
pub(super) fn string(i: &str) -> Res<'_, &str> {
    let (inside, _) = char('"').parse(i)?;
    let mut from = 0_usize;
    loop {
        let Some(tail) = inside.as_bytes().get(from..) else { return no() };
        let Some(at) = memchr::memchr2(b'"', b'\\', tail) else { return no() };
        let at = from + at;
        if inside.as_bytes().get(at) == Some(&b'\\') {
            from = at + 2;
            continue;
        }
        let Some((text, quote)) = inside.split_at_checked(at) else { return no() };
        let (rest, _) = char('"').parse(quote)?;
        return Ok((rest, text));
    }
}

/// The text that an escaped string means. Borrowed when nothing is escaped. An unknown escape stays as written.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        rest = match chars.next() {
            Some('u') => unicode(&mut out, chars.as_str()),
            Some(c) => {
                simple(&mut out, c);
                chars.as_str()
            }
            None => "",
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn simple(out: &mut String, c: char) {
    match c {
        'n' => out.push('\n'),
        'r' => out.push('\r'),
        't' => out.push('\t'),
        'b' => out.push('\u{8}'),
        'f' => out.push('\u{c}'),
        '"' | '\\' | '/' => out.push(c),
        other => {
            out.push('\\');
            out.push(other);
        }
    }
}

/// After `\u`: one code unit, or two of a surrogate pair.
fn unicode<'a>(out: &mut String, i: &'a str) -> &'a str {
    let Some((high, rest)) = code_unit(i) else {
        out.push_str("\\u");
        return i;
    };
    if (0xd800..0xdc00).contains(&high)
        && let Some((low @ 0xdc00..=0xdfff, after)) = rest.strip_prefix("\\u").and_then(code_unit)
    {
        let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        return after;
    }
    out.push(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
    rest
}

fn code_unit(i: &str) -> Option<(u32, &str)> {
    let (hex, rest) = i.split_at_checked(4)?;
    let valid = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some((valid.then(|| u32::from_str_radix(hex, 16).ok())??, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_in_order() {
        let found = object(r#"{"log":"a\n","attrs":{"x":["}",1]},"n":-1.5e3,"t":true, "z" : null} "#).unwrap();
        assert_eq!(found[0], ("log", Value::Text("a\\n")));
        assert_eq!(found[1], ("attrs", Value::Object(r#"{"x":["}",1]}"#)));
        assert_eq!(found[2], ("n", Value::Word("-1.5e3")));
        assert_eq!(found[4], ("z", Value::Word("null")));
        assert_eq!(object("{}"), Some(vec![]));
    }

    #[test]
    fn what_is_no_object() {
        for text in
            ["", "{", r#"{"log":"cut"#, r#"{"log":"cut\"}"#, "{a:1}", r#"{"a":1}x"#, r#"{"a":nope}"#, r#"{"a":1,}"#]
        {
            assert_eq!(object(text), None, "{text}");
        }
        assert_eq!(object(&"{\"a\":".repeat(10_000)), None);
        assert_eq!(object(&format!("{{\"a\":{}}}", "[".repeat(10_000))), None);
    }

    #[test]
    fn arrays() {
        assert_eq!(array(r#"["a", 1]"#), Some(vec![Value::Text("a"), Value::Word("1")]));
        assert_eq!(array("[]"), Some(vec![]));
        assert_eq!(array("[1"), None);
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape(r"\u001b[32m\t\u00e9 \ud83d\ude00"), "\u{1b}[32m\té 😀");
        assert_eq!(unescape(r"\ud83d lone \ude00"), "\u{fffd} lone \u{fffd}");
        assert_eq!(unescape(r"\ud83d\u0041"), "\u{fffd}A");
        assert_eq!(unescape(r"\q \u12 \"), r"\q \u12 ");
        assert_eq!(unescape(r"\u+123"), r"\u+123");
        assert!(matches!(unescape("plain"), Cow::Borrowed("plain")));
    }
}
