//! Values behind the sign of a setting: where one ends, and whether it can be a secret.

use super::cursor::{first, last};
use super::{key, line, value};

/// Bytes behind a value in which another setting tells that this is one.
const NEAR: usize = 200;

/// Bytes of a text by which its value is judged.
const JUDGED: usize = 256;
/// A value that ends so near to the end of that may go on behind it.
const CUT: usize = 16;

/// What stands around a value and decides whether it can be one.
pub(super) struct Place<'t> {
    pub(super) kind: &'static str,
    pub(super) name: &'t str,
    /// `=` without a space, as a shell writes it.
    pub(super) tight: bool,
    /// The name is quoted, as in JSON.
    pub(super) quoted_name: bool,
    pub(super) equals: bool,
    /// The text before the name, on its line.
    pub(super) before: &'t str,
    /// The text after the sign, on its line.
    pub(super) after: &'t str,
}

/// Where in `after` the secret stands, if there is one. A long text is judged by its beginning: what is refused there is not read on.
pub(super) fn secret(place: &Place<'_>) -> Option<(usize, usize)> {
    let head = first(place.after, JUDGED);
    if head.len() == place.after.len() {
        return judged(place);
    }
    let (start, end) = judged(&Place { after: head, ..*place })?;
    // One that the beginning cuts is read again to its end.
    if end + CUT < head.len() { Some((start, end)) } else { judged(place).or(Some((start, end))) }
}

fn judged(place: &Place<'_>) -> Option<(usize, usize)> {
    if place.before.ends_with("://") || place.after.starts_with(['=', '>']) || place.after.starts_with("//") {
        return None;
    }
    // `-----BEGIN` is the label of a key; `"token":"word","start_offset":0` a part of a text.
    if place.after.starts_with("-----BEGIN")
        || place.kind == "token" && place.quoted_name && place.after.contains("start_offset")
    {
        return None;
    }
    // `"password":{"type":"string"}` is an object; `secretsmanager:…:secret:x` a name of the cloud.
    if place.quoted_name && ["{\"", "{\\\""].iter().any(|open| place.after.starts_with(open)) || is_cloud_name(place) {
        return None;
    }
    if place.before.ends_with("${") {
        return default_of_variable(place.after);
    }
    if let Some((start, end)) = value::quoted(place.after) {
        let secret = place.after.get(start..end)?;
        let syntax = place.kind == "token" && is_syntax(place.before);
        let told = place.tight && !place.name.contains(|c: char| c.is_ascii_lowercase());
        let said =
            !told && value::is_sentence(secret) || value::is_placeholder(secret) || is_name(secret) || secret.len() < 2;
        let object = place.kind == "secret" && is_object(secret);
        return (!syntax
            && !said
            && !object
            && (place.kind != "credential" || value::is_strong(secret) || secret.contains(':'))
            && fits(place.kind, place.name, secret))
        .then_some((start, end));
    }
    if let Some(words) = line::phrase(place).or_else(|| line::password(place)) {
        return Some((0, words));
    }
    let end = unquoted(place);
    let (token, rest) = place.after.split_at_checked(end)?;
    accepted(place, token, rest).then_some((0, end))
}

/// What a name that may hold many things must hold to be a secret.
pub(super) fn fits(kind: &str, name: &str, secret: &str) -> bool {
    let ends = |end: &str| name.len() >= end.len() && name.to_ascii_lowercase().ends_with(end);
    let digits = secret.bytes().filter(u8::is_ascii_digit).count();
    match kind {
        "secret" if ends("string") => secret.len() > 3 && !secret.starts_with('{'),
        "token" if ends("csrf") || ends("xsrf") => secret.len() >= 16,
        "code" if ends("cvv") || ends("cvc") || ends("cvv2") => (3..=4).contains(&digits) && digits == secret.len(),
        "code" if ends("pin") => (4..=8).contains(&digits) && digits == secret.len(),
        "code" => secret.len() >= 4 && digits > 0 && (digits < secret.len() || digits >= 6),
        "credential" if ends("hash") => secret.len() >= 20 && digits > 0,
        "credential" if ends("id") => secret.len() >= 20 && digits > 0 && !secret.contains('/'),
        "session" if ends("sess") || ends("session") => {
            value::is_random(secret)
                || secret.len() >= 20 && digits > 2 && value::is_strong(secret) && secret.matches('-').count() < 4
        }
        _ => true,
    }
}

/// `${PASSWORD:-default}`: a plain word is a placeholder in a template, anything else may be somebody's password.
fn default_of_variable(after: &str) -> Option<(usize, usize)> {
    let start = after.find(|c: char| !matches!(c, '-' | '=' | '?' | '+'))?;
    let end = after.find('}').unwrap_or(after.len());
    // Behind `:?` stands what compose says when the variable is not set.
    let message =
        after.starts_with('?') && after.get(start..end).is_some_and(|text| text.contains(' ') && !text.contains('$'));
    if message {
        return None;
    }
    after.get(start..end).filter(|default| value::is_strong(default)).map(|_| (start, end))
}

/// Bytes of a value without quotes: to a space, or to what begins the next setting.
fn unquoted(place: &Place<'_>) -> usize {
    let around = place.before.trim_end_matches('-').chars().next_back();
    let around = around.filter(|c| !place.quoted_name && matches!(c, '"' | '\'' | '`'));
    // In a string the escaped newline ends the setting.
    let json = place.before.contains(['"', '\'']) || place.before.contains("\\n");
    // Behind `NAME=` of a shell only another `NAME=` is a setting; anything else belongs to the value.
    let shell = place.tight && !place.name.contains(|c: char| c.is_ascii_lowercase());
    let begins_setting = |rest: &str| begins_setting(rest) && (!shell || begins_constant(rest));
    let mut end = place.after.len();
    if let Some(closed) = around.filter(|_| place.tight).and_then(|quote| place.after.find(quote)) {
        let inside = place.after.get(..closed).unwrap_or_default();
        return inside.find("\\n").filter(|_| json).unwrap_or(closed);
    }
    // In a list of settings with `;` between them a value may hold spaces.
    let listed = place.tight && place.before.contains('=') && place.before.trim_end().ends_with(';');
    if let Some(close) = place.after.strip_prefix('{').and_then(closing_brace).filter(|_| listed) {
        return close + "{}".len();
    }
    if let Some(close) = place.after.find(';').filter(|_| listed)
        && place.after.get(close + 1..).is_some_and(|rest| rest.trim().is_empty() || begins_setting(rest))
    {
        return close;
    }
    for (at, character) in place.after.char_indices() {
        let rest = place.after.get(at + character.len_utf8()..).unwrap_or_default();
        let stop = match character {
            _ if character.is_whitespace() => true,
            _ if Some(character) == around => true,
            ',' | ';' => rest.is_empty() || rest.starts_with(' ') || begins_setting(rest),
            '&' => begins_setting(rest),
            '\\' => json && rest.starts_with(['n', 'r']),
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

/// The brace that is not doubled, as a part of a value is.
fn closing_brace(inside: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let close = at + inside.get(at..)?.find('}')?;
        if !inside.get(close + 1..)?.starts_with('}') {
            return Some(close);
        }
        at = close + 2;
    }
}

/// `NAME=` stands next.
fn begins_constant(rest: &str) -> bool {
    let name = rest.trim_start_matches(|c: char| c.is_ascii_uppercase() || c == '_');
    name.len() + 1 < rest.len() && name.starts_with('=')
}

/// `name=` or `name:` stands next.
fn begins_setting(rest: &str) -> bool {
    let name =
        rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '"' | '\''));
    name.len() < rest.len() && name.starts_with(['=', ':'])
}

/// A placeholder, the name of a variable, or a place: where the secret is, not what it is.
fn stands_for_another(place: &Place<'_>, token: &str) -> bool {
    let same = token.eq_ignore_ascii_case(place.name) && token.contains('_');
    // `password: $password` hands a variable on.
    let variable = token.strip_prefix('$').is_some_and(|name| {
        name.eq_ignore_ascii_case(place.name)
            || key::kind(name).is_some() && name.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    same || variable && !place.equals
        || value::is_placeholder(token)
        || is_path_of_shell(place.name, token)
        || is_name(token)
}

fn accepted(place: &Place<'_>, token: &str, rest: &str) -> bool {
    if stands_for_another(place, token)
        || is_next_field(place, token)
        || token.len() < 2
        || !fits(place.kind, place.name, token)
        || is_counted(place.name) && value::is_count(token)
    {
        return false;
    }
    // `PASS: tests/run.sh` is how tests report.
    if place.kind == "credential" || place.name == "PASS" && !place.tight {
        return value::is_strong(token) && (place.name != "PASS" || !token.contains('/'));
    }
    let password = place.kind == "password";
    if !password && is_file(token) {
        return false;
    }
    if place.name.starts_with(['x', 'X']) && place.name.get(1..2) == Some("-") {
        return true;
    }
    if !password && place.kind != "code" && value::is_measure(token) || place.name == "pass" && value::is_count(token) {
        return false;
    }
    if place.tight {
        return true;
    }
    if is_code(place.after) || is_type(token) || !password && value::is_path(token) {
        return false;
    }
    let closed = is_closed(place, rest);
    let constant = place.name.len() > 3 && !place.name.contains(|c: char| c.is_ascii_lowercase());
    let lead = place.before.trim_end();
    let begins = lead.is_empty() || lead.ends_with(['{', ',', '(', '-', '[', '"', '\'', ';', '|']);
    // `passwd: user 'deploy' does not exist`
    if !closed || !rest.trim().is_empty() && !value::is_typed(token) && value::is_sentence(place.after) {
        return value::is_strong(token) && !value::is_sentence(place.after);
    }
    if is_syntax(place.before) {
        return value::is_strong(token) && token.len() >= 16;
    }
    let structural = begins || place.quoted_name || constant || place.equals || is_glued(place, rest);
    let letters = token.chars().all(|c| c.is_ascii_alphabetic());
    // A word, or the name of a type in a program's text.
    let word = letters
        && !is_glued(place, rest)
        && (token.len() < 12 || token.len() < 24 && token.starts_with(|c: char| c.is_ascii_uppercase()));
    match (structural, password) {
        (true, true) => true,
        (true, false) => !word || constant,
        (false, true) => !word,
        (false, false) => value::is_strong(token),
    }
}

/// `arn:aws:secretsmanager:eu-west-1:123456789012:secret:x`
fn is_cloud_name(place: &Place<'_>) -> bool {
    let near = last(place.before, NEAR);
    place.before.ends_with(':') && near.rsplit([' ', '"', '=']).next().is_some_and(|word| word.contains("arn:"))
}

/// `Password: Name:api` of an object that Go prints: the value is empty, the next field follows.
fn is_next_field(place: &Place<'_>, token: &str) -> bool {
    let field = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    !place.tight
        && !place.equals
        && place.before.contains('{')
        && field(place.name)
        && token.split_once(':').is_some_and(|(name, _)| name.len() > 1 && field(name))
        && place.before.trim_end_matches([' ', '{']).contains(':')
}

/// `bad_password=33` says how many there were.
fn is_counted(name: &str) -> bool {
    ["bad", "wrong", "failed", "invalid", "missing"].iter().any(|head| name.starts_with(head))
}

/// What follows shows that the value ends here: nothing, a sign, another setting.
fn is_closed(place: &Place<'_>, rest: &str) -> bool {
    let next = rest.trim_start();
    next.is_empty()
        || next.starts_with([',', ';', '}', ')', ']', '&', '"', '\'', '#'])
        || next.starts_with("-> ")
        || place.before.contains(['{', '[']) && begins_setting(next.split(' ').next().unwrap_or_default())
        || rest.bytes().take(NEAR).any(|byte| byte == b'=')
}

/// `{Host:db Passwd:x Port:5}`: an object as Go prints it, between two fields or at its end.
fn is_glued(place: &Place<'_>, rest: &str) -> bool {
    place.kind == "password"
        && place.name.starts_with(|c: char| c.is_ascii_uppercase())
        && !place.after.starts_with(' ')
        && place.before.contains('{')
        && (rest.starts_with('}') || begins_setting(rest.trim_start().split(' ').next().unwrap_or_default()))
}

/// `default/db-creds`: the namespace and the name of a secret of a cluster.
fn is_object(value: &str) -> bool {
    let name = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    value.split_once('/').is_some_and(|(space, object)| name(space) && name(object))
}

/// `MYSQL_PASSWORD` as the value of another setting: the name of a variable.
fn is_name(value: &str) -> bool {
    value.contains('_')
        && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        && key::kind(value).is_some()
}

/// `/certs/tls.key`: where a key lies.
fn is_file(value: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-');
    let end = value.rsplit(['/', '.']).next().unwrap_or_default();
    let named =
        value.contains('.') && (2..=6).contains(&end.len()) || value.starts_with("/run/") || value.starts_with("/etc/");
    value.starts_with(['/', '.', '~'])
        && value.contains('/')
        && named
        && value.bytes().all(|byte| part(byte) || byte == b'~')
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
            | "eos"
            | "bos"
            | "eot"
            | "eom"
            | "pad"
            | "unk"
            | "mask"
            | "sep"
            | "lf"
            | "fim"
    )
}

/// A type where a program's text names one: `&str`, `Option<String>`, `Token![=]`.
fn is_type(token: &str) -> bool {
    const HEADS: [&str; 12] =
        ["Option<", "Vec<", "Box<", "Result<", "Arc<", "Promise<", "Array<", "Token![", "*const", "&[", "&mut", "&'"];
    HEADS.iter().any(|head| token.starts_with(head))
        || matches!(
            token.trim_end_matches([')', ',', ';']),
            "&str" | "&String" | "&dyn" | "u8" | "u16" | "u32" | "u64" | "usize"
        )
}

/// An expression of a program instead of a value.
pub(super) fn is_code(after: &str) -> bool {
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
