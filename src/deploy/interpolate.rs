//! `$NAME` and `${NAME…}` in compose files and environment files.
//!
//! Only what the files say is known: a variable that is set nowhere may still be set where compose runs, so a text that needs it is
//! unknown, not empty.

use std::rc::Rc;

use super::text::EXPANDED;

/// What is known of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// Its value.
    Value(Rc<str>),
    /// It is set nowhere in the files.
    Unset,
    /// Whoever runs compose has it, with a value of his own (`HOME`).
    Ambient,
}

/// A text with its variables replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Replaced {
    /// The text; `None` when it depends on something unknown.
    pub(super) text: Option<String>,
    /// What was wrong on the way.
    pub(super) troubles: Vec<Trouble>,
}

/// Something wrong with a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// `${NAME}` of a variable that is set nowhere: compose makes it empty.
    Unset(String),
    /// `${NAME:?why}` of one: compose refuses to start. With the message.
    Required(String, String),
    /// `${` that compose refuses. With what was written.
    Invalid(String),
}

/// Nested defaults that are followed.
const DEPTH: usize = 20;

/// Replaces the variables of a text.
pub(super) fn replace(text: &str, lookup: &dyn Fn(&str) -> Known) -> Replaced {
    let mut troubles = Vec::new();
    let text = filled(text, lookup, &mut troubles, 0);
    Replaced { text, troubles }
}

fn filled(text: &str, lookup: &dyn Fn(&str) -> Known, troubles: &mut Vec<Trouble>, depth: usize) -> Option<String> {
    if !text.contains('$') {
        return Some(text.to_owned());
    }
    let (mut out, mut known, mut rest) = (String::with_capacity(text.len()), true, text);
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        rest = after;
        if out.len() > EXPANDED {
            return None;
        }
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('{') {
            let Some((inside, after)) = braces(inner).filter(|_| depth < DEPTH) else {
                troubles.push(Trouble::Invalid(format!("${rest}")));
                return None;
            };
            match braced(inside, lookup, troubles, depth) {
                Some(value) => out.push_str(&value),
                None => known = false,
            }
            rest = after;
        } else {
            let (name, after) = name(rest);
            match (name, lookup(name)) {
                ("", _) => out.push('$'),
                (_, Known::Value(value)) if value.len() <= EXPANDED => out.push_str(&value),
                (_, Known::Value(_)) => known = false,
                (_, Known::Ambient) => known = false,
                (_, Known::Unset) => {
                    troubles.push(Trouble::Unset(name.to_owned()));
                    known = false;
                }
            }
            rest = after;
        }
    }
    out.push_str(rest);
    known.then_some(out)
}

/// The value of what stands in braces.
fn braced(inside: &str, lookup: &dyn Fn(&str) -> Known, troubles: &mut Vec<Trouble>, depth: usize) -> Option<String> {
    let (name, operator) = name(inside);
    let (colon, rest) = operator.strip_prefix(':').map_or((false, operator), |rest| (true, rest));
    let mut letters = rest.chars();
    let sign = letters.next();
    let argument = letters.as_str();
    if name.is_empty() || sign.is_none() && colon || sign.is_some_and(|sign| !matches!(sign, '-' | '?' | '+')) {
        troubles.push(Trouble::Invalid(format!("${{{inside}}}")));
        return None;
    }
    let value = match lookup(name) {
        Known::Ambient => return None,
        Known::Value(value) if value.len() > EXPANDED => return None,
        Known::Value(value) => Some(value).filter(|value| !colon || !value.is_empty()),
        Known::Unset => None,
    };
    match (sign, value) {
        (Some('+'), Some(_)) | (Some('-'), None) => filled(argument, lookup, troubles, depth + 1),
        (Some('+'), None) => Some(String::new()),
        (Some('?'), None) => {
            troubles.push(Trouble::Required(name.to_owned(), argument.to_owned()));
            None
        }
        (_, Some(value)) => Some(value.as_ref().to_owned()),
        (_, None) => {
            troubles.push(Trouble::Unset(name.to_owned()));
            None
        }
    }
}

/// A name at the beginning, and the rest.
fn name(text: &str) -> (&str, &str) {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c: char| !letter(c)).unwrap_or(text.len());
    match text.split_at_checked(end) {
        Some((name, rest)) if !name.starts_with(|c: char| c.is_ascii_digit()) => (name, rest),
        _ => ("", text),
    }
}

/// What stands before the closing brace, and what behind it.
fn braces(inner: &str) -> Option<(&str, &str)> {
    let mut depth = 1usize;
    for (at, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((inner.get(..at)?, inner.get(at + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Replaced {
        replace(text, &|name| match name {
            "A" => Known::Value("a".into()),
            "E" => Known::Value("".into()),
            "HOME" => Known::Ambient,
            _ => Known::Unset,
        })
    }

    #[test]
    fn every_form_is_replaced() {
        for (text, expected) in [
            ("x", "x"),
            ("$A-${A}-$$A", "a-a-$A"),
            ("${U:-d}${U-d}${E:-d}${E-d}", "ddd"),
            ("${A:+y}${A+y}${E:+y}${E+y}${U+y}", "yyy"),
            ("${A:?e}${E?e}", "a"),
            ("${U:-${V:-${A}}}/x", "a/x"),
            ("${U:-{\"k\": 1}}", "{\"k\": 1}"),
            ("cost $5 and $", "cost $5 and $"),
            ("${U:-$$x}", "$x"),
        ] {
            assert_eq!(of(text), Replaced { text: Some(expected.to_owned()), troubles: Vec::new() }, "{text}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_empty() {
        assert_eq!(of("a$HOME"), Replaced { text: None, troubles: Vec::new() });
        assert_eq!(of("${U}"), Replaced { text: None, troubles: vec![Trouble::Unset("U".to_owned())] });
        let required = Trouble::Required("U".to_owned(), "set it".to_owned());
        assert_eq!(of("${U:?set it}").troubles, [required]);
        assert!(matches!(of("${E:?x}").troubles[..], [Trouble::Required(..)]));
    }

    #[test]
    fn what_compose_refuses_is_told() {
        for text in ["${", "${A", "${}", "${A!}", "${1}", "${A:}", "${A b}"] {
            assert!(matches!(of(text).troubles[..], [Trouble::Invalid(_)]), "{text}: {:?}", of(text));
        }
        let deep = format!("{}x{}", "${U:-".repeat(5000), "}".repeat(5000));
        assert!(of(&deep).text.is_none());
    }
}
