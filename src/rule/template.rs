//! Fills `{captures}` into the texts of a rule.

use std::collections::BTreeMap;

/// Replaces `{name}` by its value, and `{name|other|text}` by that of the first name that has one, or by the text, which may be missing. A stretch in
/// `[square brackets]` that holds a placeholder is kept, without its brackets, only when all its placeholders have a value; other brackets are
/// text. An unknown placeholder outside brackets stays as `<name>`.
#[must_use]
pub fn fill(template: &str, values: &BTreeMap<String, String>) -> String {
    filled(template, &|name| values.get(name).map(String::as_str), &|name| format!("<{}>", name.replace('_', " ")))
}

/// As [`fill`], for a command that somebody will paste into a shell: only a value that is one plain word is put in, for a log can hold anything,
/// and an unknown placeholder stays as `NAME`, which no shell takes for a redirection.
#[must_use]
pub fn fill_command(template: &str, values: &BTreeMap<String, String>) -> String {
    let plain = |name: &str| values.get(name).map(String::as_str).filter(|value| is_plain(value));
    filled(template, &plain, &|name| name.replace('_', "-").to_uppercase())
}

/// Whether a text means the same to a shell as to a reader, wherever it stands as a word or in quotes.
fn is_plain(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/@+-".contains(&byte);
    (1..=LONGEST_WORD).contains(&value.len()) && value.bytes().all(plain) && !value.starts_with('-')
}

/// Bytes of the longest value that is put into a command.
const LONGEST_WORD: usize = 128;

/// What a name stands for, if that is known.
type Value<'v> = dyn Fn(&str) -> Option<&'v str> + 'v;

fn filled(template: &str, value: &Value<'_>, unknown: &dyn Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, inner, after)) = optional(rest) {
        out.push_str(&plain(before, value, unknown).0);
        let (text, complete) = plain(inner, value, unknown);
        if complete {
            out.push_str(&text);
        }
        rest = after;
    }
    out.push_str(&plain(rest, value, unknown).0);
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
        let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '|' | '-' | '.');
        let end = rest.find(|c: char| !inside(c)).unwrap_or(rest.len());
        // `%{…}` is curl's, `${…}` the shell's and `{{…}}` the engine's.
        let foreign = text.get(..open).is_some_and(|before| before.ends_with(['%', '$', '{']));
        let name = rest.get(..end)?.split('|').next().is_some_and(is_name);
        if name && !foreign && rest.get(end..)?.starts_with('}') {
            return Some((text.get(..open)?, rest.get(..end)?, rest.get(end + 1..)?));
        }
        from = open + 1;
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The names of a placeholder, and the text that stands for them where none of several is known.
fn alternatives(inner: &str) -> (impl Iterator<Item = &str>, Option<&str>) {
    let (names, text) = inner.rsplit_once('|').map_or((inner, None), |(names, text)| (names, Some(text)));
    (names.split('|'), text.filter(|text| !text.is_empty()))
}

fn plain(text: &str, value: &Value<'_>, unknown: &dyn Fn(&str) -> String) -> (String, bool) {
    let mut out = String::with_capacity(text.len());
    let mut complete = true;
    let mut rest = text;
    while let Some((before, inner, after)) = placeholder(rest) {
        out.push_str(before);
        let (mut names, text) = alternatives(inner);
        if let Some(value) = names.find_map(value).or(text) {
            out.push_str(value);
        } else {
            complete = false;
            out.push_str(&unknown(inner.split('|').next().unwrap_or(inner)));
        }
        rest = after;
    }
    out.push_str(rest);
    (out, complete)
}

/// What in a text looks like a placeholder with others and is none, for its text holds more than letters, digits, `_`, `-` and `.`.
pub(crate) fn broken(template: &str) -> Option<&str> {
    template.match_indices('{').find_map(|(at, _)| {
        let inner = template.get(at + 1..)?.split_once('}')?.0;
        let named = inner.split_once('|').is_some_and(|(name, _)| is_name(name));
        (named && placeholder(template.get(at..)?).is_none_or(|(before, ..)| !before.is_empty())).then_some(inner)
    })
}

/// The names a text holds: those outside brackets for which nothing else stands, and all.
pub(crate) fn placeholders(template: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut bare, mut all) = (Vec::new(), Vec::new());
    let mut rest = template;
    while let Some((before, inner, after)) = optional(rest) {
        collect(before, &mut bare, &mut all);
        collect(inner, &mut Vec::new(), &mut all);
        rest = after;
    }
    collect(rest, &mut bare, &mut all);
    (bare, all)
}

fn collect<'a>(mut text: &'a str, bare: &mut Vec<&'a str>, all: &mut Vec<&'a str>) {
    while let Some((_, inner, after)) = placeholder(text) {
        let (names, other) = alternatives(inner);
        let from = all.len();
        all.extend(names);
        if other.is_none() {
            bare.extend(all.iter().skip(from));
        }
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
    fn the_first_known_of_several_names_is_taken() {
        let template = "getent hosts {host|host_b|db}[, then {user}]";
        assert_eq!(filled(template, &[("host_b", "cache")]), "getent hosts cache");
        assert_eq!(filled(template, &[("host", "a"), ("host_b", "b"), ("user", "u")]), "getent hosts a, then u");
        assert_eq!(filled(template, &[("db", "x")]), "getent hosts db", "the last one is text");
        assert_eq!(filled("at[ {host|host_b|}]", &[]), "at", "nothing stands for it");
        assert_eq!(filled("at[ {host|host_b|}]", &[("host_b", "b")]), "at b");
        assert_eq!(broken("ls {path|/data/x} {host|db}"), Some("path|/data/x"));
        assert_eq!(broken("{host|db} {{json .State}}"), None);
        assert_eq!(filled("{{end}}{{.State|json}} {b}", &[("end", "x"), ("b", "x")]), "{{end}}{{.State|json}} x");
        assert_eq!(filled("{A|b} {|a}", &[("b", "x")]), "{A|b} {|a}", "a name has small letters");
    }

    #[test]
    fn only_plain_words_come_into_a_command() {
        let command = |value: &str| {
            fill_command(
                "docker exec {container} nc -z {host|db} {db_port}",
                &[("host".to_owned(), value.to_owned())].into(),
            )
        };
        assert_eq!(command("tenant-db.internal"), "docker exec CONTAINER nc -z tenant-db.internal DB-PORT");
        for hostile in [
            "x; rm -rf /",
            "$(id)",
            "`id`",
            "a b",
            "a\nb",
            "-e",
            "",
            "x'y",
            "x\"y",
            "x>y",
            "x*",
            "dürr",
            &"x".repeat(129),
        ] {
            assert_eq!(command(hostile), "docker exec CONTAINER nc -z db DB-PORT", "{hostile}");
        }
    }

    #[test]
    fn placeholders_are_told_apart_by_brackets() {
        assert_eq!(placeholders("{a}[ on {b}] of {c}"), (vec!["a", "c"], vec!["a", "b", "c"]));
        assert_eq!(placeholders("{a|b|db} [{c|x}]"), (vec![], vec!["a", "b", "c"]));
    }
}
