//! Assignments: environment variables, JSON, YAML, INI, connection strings, and objects as a program prints them.

use super::cursor::{Cursor, is_blank, is_quote, is_word};
use super::{Span, key, value};

/// Bytes of a name at most.
const NAME: usize = 100;
/// Bytes at the end of a name that are looked at first.
const LAST: usize = 8;
/// Blanks between a name and its sign at most.
const BLANKS: usize = 8;

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

/// The name that ends before this place, and whether it is quoted.
fn name(sign: Cursor<'_>) -> Option<(Cursor<'_>, Cursor<'_>, bool)> {
    let blanks = sign.back(is_blank);
    let bracket = if blanks.before() == b']' { Cursor::new(sign.text, blanks.at - 1) } else { blanks };
    let quoted = is_quote(bracket.before());
    let quote = if quoted { Cursor::new(sign.text, bracket.at - 1) } else { bracket };
    let end = quote.back(|byte| byte == b'\\');
    if !may_be_name(end) {
        return None;
    }
    let part = |byte: u8| is_word(byte) || matches!(byte, b'.' | b'-');
    let start = end.back(part).skip(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    let fits = start.at < end.at && end.at - start.at <= NAME && sign.at - blanks.at <= BLANKS;
    fits.then_some((start, end, quoted))
}

/// Whether the word that ends here can name a secret; told from its last letters, most end here.
fn may_be_name(end: Cursor<'_>) -> bool {
    let before = end.text.as_bytes().get(end.at.saturating_sub(LAST)..end.at).unwrap_or_default();
    matches!(before.last(), Some(byte) if is_word(*byte)) && (key::may_end(before) || before.ends_with(b"alue"))
}

/// The setting whose sign is the `=` or `:` here.
pub(super) fn at(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let (sign, equals) = match (here.before(), here.byte(), here.plus(1).byte()) {
        (b':', b'=', _) => return,
        (_, b'=', b'>') | (_, b':', b'=') => (here.plus(2), true),
        (_, byte, _) => (here.plus(1), byte == b'='),
    };
    let Some((start, end, quoted_name)) = name(here) else {
        return;
    };
    let named = start.until(end);
    let Some(kind) = key::kind(named) else {
        if named.eq_ignore_ascii_case("value") {
            beside(start, sign.blanks(), spans);
        }
        return;
    };
    // `Token::new` is a path of a program, `userPassword:: x` an attribute in base64.
    let sign = match (equals, sign.byte(), is_blank(sign.plus(1).byte())) {
        (false, b':', true) => sign.plus(1),
        (false, b':', false) => return,
        _ => sign,
    };
    let value = sign.blanks();
    let place = Place {
        kind,
        name: named,
        tight: here.byte() == b'=' && sign.at == here.at + 1 && value.at == sign.at && !is_blank(here.before()),
        quoted_name,
        equals,
        before: start.line_before(),
        after: value.line_after(),
    };
    if matches!(value.byte(), b'|' | b'>') && block(&place, value, spans)
        || value.byte() == b'[' && list(&place, value, spans)
    {
        return;
    }
    let (value, place) = match wrapped(value) {
        Some(inner) => (inner, Place { after: inner.line_after(), ..place }),
        None => (value, place),
    };
    if let Some((from, to)) = secret(&place) {
        spans.push(Span::new(value.at + from, value.at + to, kind));
    }
}

/// Behind `Some(` and its like, or the type that PHP writes first, if a string stands there.
fn wrapped(value: Cursor<'_>) -> Option<Cursor<'_>> {
    if let Some(next) = value.take("string") {
        let next = next.skip(|byte| byte.is_ascii_digit() || matches!(byte, b'(' | b')')).blanks();
        return is_quote(next.byte()).then_some(next);
    }
    let inner = ["Some(", "Ok(", "Just(", "Secret(", "SecretString("].iter().find_map(|name| value.take(name))?;
    is_quote(inner.byte()).then_some(inner)
}

/// `aws_secret_access_key x`: a name of several words, and a value that can be nothing else.
pub(super) fn beside_name(start: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(value) = end.gap().filter(|_| end.at - start.at >= LAST && may_be_name(end)) else {
        return;
    };
    let value = value.word("is").and_then(Cursor::gap).unwrap_or(value);
    let stop = value.skip(|byte| byte > b' ' && !is_quote(byte));
    if stop.at - value.at >= 2 * LAST
        && value::is_random(value.until(stop))
        && let Some(kind) = key::kind(start.until(end))
    {
        spans.push(Span::new(value.at, stop.at, kind));
    }
}

/// `password -> x`
pub(super) fn arrow(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if here.plus(1).byte() != b'>' || !is_blank(here.before()) {
        return;
    }
    let Some((start, end, _)) = name(here) else {
        return;
    };
    let value = here.plus(2).blanks().quote();
    let stop = value.skip(|byte| byte > b' ' && !is_quote(byte));
    if let Some(kind) = key::kind(start.until(end)).filter(|_| value::is_strong(value.until(stop))) {
        spans.push(Span::new(value.at, stop.at, kind));
    }
}

/// `define('DB_PASSWORD', 'x')`, behind the word.
pub(super) fn define(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let name = end.blanks().take("(").map(|next| next.blanks().quote());
    let Some((start, stop)) = name.map(|start| (start, start.skip(is_word))) else {
        return;
    };
    let Some(kind) = key::kind(start.until(stop)) else {
        return;
    };
    let value = stop.quote().blanks().take(",").map(Cursor::blanks);
    if let Some((value, (from, to))) = value.and_then(|value| Some((value, value::quoted(value.line_after())?))) {
        spans.push(Span::new(value.at + from, value.at + to, kind));
    }
}

/// `<password>x</password>`, `<property name="db.password">x</property>`: the tag that ends here.
pub(super) fn element(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = here.line_before();
    let Some(tag) = line.rfind('<').and_then(|at| line.get(at + 1..)).filter(|tag| tag.len() <= 2 * NAME) else {
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

/// A setting whose name and value stand in two fields: `name: DB_PASSWORD`, `value: x`.
fn beside(start: Cursor<'_>, value: Cursor<'_>, spans: &mut Vec<Span>) {
    let between = |byte: u8| byte.is_ascii_whitespace() || is_quote(byte) || matches!(byte, b',' | b'\\');
    let end = start.back(between);
    let name = end.back(|byte| is_word(byte) || matches!(byte, b'.' | b'-'));
    let Some(kind) = key::kind(name.until(end)).filter(|_| end.at < start.at) else {
        return;
    };
    let sign = name.back(|byte| is_blank(byte) || is_quote(byte) || byte == b'\\');
    if !matches!(sign.before(), b':' | b'=') {
        return;
    }
    let field = Cursor::new(sign.text, sign.at - 1).back(|byte| is_blank(byte) || is_quote(byte) || byte == b'\\');
    let field = field.back(is_word).until(field);
    let (from, to) = value::quoted(value.line_after()).map_or_else(
        || (value.at, value.skip(|byte| byte > b' ' && !matches!(byte, b',' | b'}')).at),
        |(from, to)| (value.at + from, value.at + to),
    );
    if ["name", "key", "variable", "property"].iter().any(|known| known.eq_ignore_ascii_case(field)) && from < to {
        spans.push(Span::new(from, to, kind));
    }
}

/// A block of YAML: the lines below that are indented deeper than the name's.
fn block(place: &Place<'_>, value: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
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
fn list(place: &Place<'_>, value: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
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

/// Where in `after` the secret stands, if there is one.
fn secret(place: &Place<'_>) -> Option<(usize, usize)> {
    if place.before.ends_with("://") || place.after.starts_with(['=', '>']) || place.after.starts_with("//") {
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
        return (!syntax && !said && !object).then_some((start, end));
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

/// Bytes of a value without quotes: to a space, or to what begins the next setting.
fn unquoted(place: &Place<'_>) -> usize {
    let around = place.before.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'));
    // In a string of JSON the escaped newline ends the setting.
    let json = place.before.contains('"');
    // Behind `NAME=` of a shell only another `NAME=` is a setting; anything else belongs to the value.
    let shell = place.tight && !place.name.contains(|c: char| c.is_ascii_lowercase());
    let begins_setting = |rest: &str| begins_setting(rest) && (!shell || begins_constant(rest));
    let mut end = place.after.len();
    if let Some(closed) = around.filter(|_| place.tight).and_then(|quote| place.after.find(quote)) {
        let inside = place.after.get(..closed).unwrap_or_default();
        return inside.find("\\n").filter(|_| json).unwrap_or(closed);
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

fn accepted(place: &Place<'_>, token: &str, rest: &str) -> bool {
    if value::is_placeholder(token) || is_path_of_shell(place.name, token) || is_name(token) || token.len() < 2 {
        return false;
    }
    // `PASS: tests/run.sh` is how tests report.
    if place.kind == "credential" || place.name == "PASS" && !place.tight {
        return value::is_strong(token) && (place.name != "PASS" || !token.contains('/'));
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
    if is_code(place.after) || is_type(token) || !password && value::is_path(token) {
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
    let letters = token.chars().all(|c| c.is_ascii_alphabetic());
    // A word, or the name of a type in a program's text.
    let word = letters && (token.len() < 12 || token.len() < 24 && token.starts_with(|c: char| c.is_ascii_uppercase()));
    match (structural, password) {
        (true, true) => true,
        (true, false) => !word || constant,
        (false, true) => !word,
        (false, false) => value::is_strong(token),
    }
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
