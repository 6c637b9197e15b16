//! Assignments: environment variables, JSON, YAML, INI, connection strings, and objects as a program prints them.

use super::pattern::Pattern;
use super::{Span, key, value};

/// Settings whose name and value stand in two fields.
pub(super) static PATTERNS: [Pattern; 2] = [
    Pattern::new(
        "password",
        &["value"],
        r#"(?i)(?-u:\b)name\\*["']?[ \t]*[:=][ \t]*\\*["']?[a-z0-9_.-]*(?:passw(?:or)?d|secret|token|passphrase|api_?key|access_?key|private_?key|_pass|_pwd)\\*["']?[ \t]*,?\s*\\*["']?value\\*["']?[ \t]*[:=][ \t]*\\*["']?([^\s"'\\,}]+)"#,
    ),
    Pattern::new(
        "password",
        &["</"],
        r"(?i)<(?:[a-z]+[._-]?)*(?:password|passwd|secret|token|apikey|api-key|passphrase)>([^<\n]+)</",
    ),
];

pub(super) static PAIR: Pattern =
    Pattern::new("", &[], r#"([A-Za-z_][A-Za-z0-9_.-]{0,99})(\\*["'`]?\]?)([ \t]{0,8})(=>|:=|[:=])([ \t]{0,8})"#);

/// What stands around a value and decides whether it can be one.
struct Place<'t> {
    kind: &'static str,
    name: &'t str,
    /// `=` without a space, as a shell writes it.
    tight: bool,
    /// The name is quoted, as in JSON.
    quoted_name: bool,
    equals: bool,
    /// The text before the name, on its line.
    before: &'t str,
    /// The text after the sign, on its line.
    after: &'t str,
}

pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let lower = text.to_ascii_lowercase();
    for pattern in &PATTERNS {
        pattern.find(text, &lower, spans, |_| true);
    }
    PAIR.each(text, &lower, |found| {
        let (Some(whole), Some(name), Some(sign)) = (found.get(0), found.get(1), found.get(4)) else {
            return;
        };
        let Some(kind) = key::kind(name.as_str()) else {
            return;
        };
        let before = text.get(..name.start()).unwrap_or_default();
        let after = text.get(whole.end()..).unwrap_or_default();
        let blank = |group: usize| found.get(group).is_none_or(|space| space.is_empty());
        let place = Place {
            kind,
            name: name.as_str(),
            tight: sign.as_str() == "=" && blank(3) && blank(5),
            quoted_name: found.get(2).is_some_and(|quote| quote.as_str().contains(['"', '\''])),
            equals: sign.as_str() != ":",
            before: before.rsplit('\n').next().unwrap_or_default(),
            after: after.split('\n').next().unwrap_or_default(),
        };
        if let Some((start, end)) = secret(&place) {
            spans.push(Span { start: whole.end() + start, end: whole.end() + end, kind });
        }
    });
}

/// Where in `after` the secret stands, if there is one.
fn secret(place: &Place<'_>) -> Option<(usize, usize)> {
    if place.before.ends_with("://") || place.after.starts_with(['=', '>']) || place.after.starts_with("//") {
        return None;
    }
    if place.before.ends_with("${") {
        return default_of_variable(place.after);
    }
    if let Some((start, end)) = quoted(place.after) {
        let secret = place.after.get(start..end)?;
        let syntax = place.kind == "token" && is_syntax(place.before);
        let said = value::is_sentence(secret) || value::is_placeholder(secret);
        return (!syntax && !said).then_some((start, end));
    }
    let end = unquoted(place);
    let (token, rest) = place.after.split_at_checked(end)?;
    accepted(place, token, rest).then_some((0, end))
}

/// `${PASSWORD:-default}`: a plain word is a placeholder in a template, anything else may be somebody's password.
fn default_of_variable(after: &str) -> Option<(usize, usize)> {
    let start = after.find(|c: char| !matches!(c, '-' | '=' | '?' | '+'))?;
    let end = after.find('}').unwrap_or(after.len());
    after.get(start..end).filter(|default| value::is_strong(default)).map(|_| (start, end))
}

/// The inside of a quoted value; one that is not closed ends with the line.
fn quoted(after: &str) -> Option<(usize, usize)> {
    let escapes = after.len() - after.trim_start_matches('\\').len();
    let quote = after.get(escapes..)?.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let start = escapes + 1;
    let closing = format!("{}{quote}", "\\".repeat(escapes));
    let body = after.get(start..)?;
    let mut at = 0;
    loop {
        let Some(next) = body.get(at..).and_then(|rest| rest.find(&closing)).map(|next| next + at) else {
            return Some((start, start + body.len()));
        };
        let slashes = body.get(..next).map_or(0, |before| before.len() - before.trim_end_matches('\\').len());
        if slashes % 2 == 0 || escapes > 0 {
            return Some((start, start + next));
        }
        at = next + 1;
    }
}

/// Bytes of a value without quotes: to a space, or to what begins the next setting.
fn unquoted(place: &Place<'_>) -> usize {
    let around = place.before.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'));
    let mut end = place.after.len();
    if let Some(closed) = around.filter(|_| place.tight).and_then(|quote| place.after.find(quote)) {
        return closed;
    }
    for (at, character) in place.after.char_indices() {
        let rest = place.after.get(at + character.len_utf8()..).unwrap_or_default();
        let stop = match character {
            _ if character.is_whitespace() => true,
            _ if Some(character) == around => true,
            ',' | ';' => rest.is_empty() || rest.starts_with(' ') || begins_setting(rest),
            '&' => begins_setting(rest),
            _ => false,
        };
        if stop {
            end = at;
            break;
        }
    }
    let token = place.after.get(..end).unwrap_or_default();
    let opened = |open: char, close: char| token.matches(open).count() >= token.matches(close).count();
    let mut token = token.trim_end_matches(['"', '\'', '\\']);
    for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
        if !opened(open, close) {
            token = token.trim_end_matches(close);
        }
    }
    token.len()
}

/// `name=` or `name:` stands next.
fn begins_setting(rest: &str) -> bool {
    let name =
        rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '"' | '\''));
    name.len() < rest.len() && name.starts_with(['=', ':'])
}

fn accepted(place: &Place<'_>, token: &str, rest: &str) -> bool {
    if value::is_placeholder(token) || is_path_of_shell(place.name, token) {
        return false;
    }
    let password = place.kind == "password";
    if place.name.starts_with(['x', 'X']) && place.name.get(1..2) == Some("-") {
        return true;
    }
    if !password && value::is_measure(token) || place.name == "pass" && value::is_measure(token) {
        return false;
    }
    if place.tight {
        return true;
    }
    if is_code(place.after) {
        return false;
    }
    let closed = rest.trim().is_empty()
        || rest.starts_with([',', ';', '}', ')', ']', '&', '"', '\''])
        || rest.trim_start().starts_with('#')
        || rest.contains('=');
    let constant = place.name.len() > 3 && !place.name.contains(|c: char| c.is_ascii_lowercase());
    let lead = place.before.trim_end();
    let begins = lead.is_empty() || lead.ends_with(['{', ',', '(', '-', '[', '"', '\'', ';', '|']);
    if !closed {
        return value::is_strong(token) && !value::is_sentence(place.after);
    }
    if is_syntax(place.before) {
        return value::is_strong(token) && token.len() >= 16;
    }
    let structural = begins || place.quoted_name || constant || place.equals;
    let word = token.len() < 12 && token.chars().all(|c| c.is_ascii_alphabetic());
    match (structural, password) {
        (true, true) => true,
        (true, false) => !word || constant,
        (false, true) => !word,
        (false, false) => value::is_strong(token),
    }
}

/// `PWD=/app` is where a shell stands.
fn is_path_of_shell(name: &str, token: &str) -> bool {
    matches!(name, "PWD" | "OLDPWD" | "pwd") && token.starts_with(['/', '~', '.'])
}

/// The word before the name makes it a token of a language: `Unexpected token: x`.
fn is_syntax(before: &str) -> bool {
    let word = before.split_whitespace().next_back().unwrap_or_default().to_ascii_lowercase();
    matches!(
        word.as_str(),
        "unexpected"
            | "invalid"
            | "illegal"
            | "unknown"
            | "expected"
            | "bad"
            | "next"
            | "current"
            | "end"
            | "missing"
            | "injection"
            | "provider"
    )
}

/// An expression of a program instead of a value.
fn is_code(after: &str) -> bool {
    let head = after.trim_start();
    let keyword =
        ["await ", "new ", "this.", "self.", "process.", "function", "async ", "require(", "config.", "typeof "];
    let call = head.split_once('(').is_some_and(|(name, rest)| {
        rest.contains(')')
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$'))
            && head.trim_end_matches([',', ';', ' ']).ends_with([')', '}'])
    });
    call || keyword.iter().any(|word| head.starts_with(word))
}
