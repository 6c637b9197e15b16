//! Fills `{captures}` into the texts of a rule.

use std::collections::BTreeMap;

/// Replaces `{name}` by its value. A stretch in `[square brackets]` that holds a placeholder is kept, without its brackets, only
/// when all its placeholders have a value; other brackets are text. An unknown placeholder outside brackets stays as `<name>`.
#[must_use]
pub fn fill(template: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, inner, after)) = optional(rest) {
        out.push_str(&plain(before, values).0);
        let (text, complete) = plain(inner, values);
        if complete {
            out.push_str(&text);
        }
        rest = after;
    }
    out.push_str(&plain(rest, values).0);
    out
}

/// The first bracketed stretch that holds a placeholder: what is before it, in it, after it.
fn optional(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text.get(from..)?.find('[')?;
        let close = open + text.get(open..)?.find(']')?;
        let inner = text.get(open + 1..close)?;
        let nested = inner.rfind('[').map_or(open, |deeper| open + 1 + deeper);
        let inner = text.get(nested + 1..close)?;
        if placeholder(inner).is_some() {
            return Some((text.get(..nested)?, inner, text.get(close + 1..)?));
        }
        from = close + 1;
    }
}

/// The first `{name}`: what is before it, the name, what is after it.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text.get(from..)?.find('{')?;
        let rest = text.get(open + 1..)?;
        let end =
            rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')).unwrap_or(rest.len());
        // `%{…}` is curl's and `${…}` the shell's.
        let foreign = text.get(..open).is_some_and(|before| before.ends_with(['%', '$']));
        if end > 0 && !foreign && rest.get(end..)?.starts_with('}') {
            return Some((text.get(..open)?, rest.get(..end)?, rest.get(end + 1..)?));
        }
        from = open + 1;
    }
}

fn plain(text: &str, values: &BTreeMap<String, String>) -> (String, bool) {
    let mut out = String::with_capacity(text.len());
    let mut complete = true;
    let mut rest = text;
    while let Some((before, name, after)) = placeholder(rest) {
        out.push_str(before);
        if let Some(value) = values.get(name) {
            out.push_str(value);
        } else {
            complete = false;
            out.push('<');
            out.push_str(&name.replace('_', " "));
            out.push('>');
        }
        rest = after;
    }
    out.push_str(rest);
    (out, complete)
}

/// The placeholders of a text: outside brackets, and all.
pub(crate) fn placeholders(template: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut bare, mut all) = (Vec::new(), Vec::new());
    let mut rest = template;
    while let Some((before, inner, after)) = optional(rest) {
        collect(before, &mut bare);
        collect(inner, &mut all);
        rest = after;
    }
    collect(rest, &mut bare);
    all.extend(&bare);
    (bare, all)
}

fn collect<'a>(mut text: &'a str, names: &mut Vec<&'a str>) {
    while let Some((_, name, after)) = placeholder(text) {
        names.push(name);
        text = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, pairs: &[(&str, &str)]) -> String {
        fill(template, &pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn captures_are_filled_in_and_empty_stretches_dropped() {
        let template = r#"PostgreSQL has no database[ "{database}"]"#;
        assert_eq!(filled(template, &[("database", "default")]), r#"PostgreSQL has no database "default""#);
        assert_eq!(filled(template, &[]), "PostgreSQL has no database");
    }

    #[test]
    fn other_brackets_and_braces_are_text() {
        let text = "docker inspect -f '{{.State.ExitCode}}' {container} | grep '[0-9]'";
        assert_eq!(filled(text, &[("container", "x")]), "docker inspect -f '{{.State.ExitCode}}' x | grep '[0-9]'");
        assert_eq!(filled("see {port_number}", &[]), "see <port number>");
        assert_eq!(filled("curl -w '%{http_code}' ${url}", &[("url", "x")]), "curl -w '%{http_code}' ${url}");
        assert_eq!(filled("[ -f x ] && [{a}]", &[("a", "1")]), "[ -f x ] && 1");
    }

    #[test]
    fn placeholders_are_told_apart_by_brackets() {
        assert_eq!(placeholders("{a}[ on {b}] of {c}"), (vec!["a", "c"], vec!["b", "a", "c"]));
    }
}
