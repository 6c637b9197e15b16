//! Values that stand apart from their names: two fields of an object, or a complaint that quotes what it refuses.

use super::cursor::{Cursor, first, is_quote, is_word};
use super::{Span, key, value};

/// Bytes around a value in which its name is looked for.
const NEAR: usize = 240;

/// Fields that hold a name.
const FIELDS: [&str; 11] =
    ["name", "key", "variable", "property", "path", "field", "param", "parameter", "setting", "env", "option"];

/// Behind a word that a value may follow: `name: DB_PASSWORD`, `value: x`; `"DB_PASSWORD" with value "x" fails`; `received: 'x'`.
pub(super) fn at(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let word = here.until(end);
    let name = end.quote();
    let sign = name.sign().filter(|_| name.blanks().byte() != b',');
    let Some(start) = sign.or_else(|| name.gap()) else {
        return;
    };
    let start = start.take("string ").unwrap_or(start);
    let string = value::quoted(start.line_after());
    if string.is_none() && !(sign.is_some() && word.eq_ignore_ascii_case("value")) {
        return;
    }
    let (from, to) = string.map_or_else(
        || (start.at, start.skip(|byte| byte > b' ' && !matches!(byte, b',' | b'}')).at),
        |(from, to)| (start.at + from, start.at + to),
    );
    let secret = here.text.get(from..to).unwrap_or_default();
    let from_here = here.text.floor_char_boundary(here.at.saturating_sub(NEAR));
    let before = here.text.get(from_here..here.at).unwrap_or_default();
    let kind = match subject(before, string.is_some()) {
        Subject::Field(kind) if from < to => Some(kind),
        Subject::Named(kind) if value::is_chosen(secret) && !secret.contains("...") => Some(kind),
        _ if before.contains("SecureString") && sign.is_some() && from < to => Some("secret"),
        _ if word == "value"
            && secret.len() >= 16
            && value::is_strong(secret)
            && is_cookie(Cursor::new(here.text, to)) =>
        {
            Some("cookie")
        }
        Subject::None if string.is_some() && value::is_chosen(secret) => behind(Cursor::new(here.text, to)),
        _ => None,
    };
    if let Some(kind) = kind {
        spans.push(Span::new(from, to, kind));
    }
}

/// `unknown variable 'passwrod=x'`: the name is not known, and may be meant to be that of a secret.
pub(super) fn unknown(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let name = here.back(|byte| is_word(byte) || byte == b'-');
    let before = name.quote_before().line_before().trim_end().to_ascii_lowercase();
    let told = ["unknown variable", "unknown option", "unrecognized option", "unrecognized argument"];
    if name.at < here.at && told.iter().any(|words| before.trim_end_matches(':').ends_with(words)) {
        let value = here.plus(1);
        let end = value.skip(|byte| byte > b' ' && !is_quote(byte));
        spans.push(Span::new(value.at, end.at, "password"));
    }
}

/// `in variable name "DB_PASSWORD x"`, `unterminated quoted value "x`: what a reader of a settings file could not read, behind the quote here.
pub(super) fn unread(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let before = here.line_before().trim_end().trim_end_matches(&['\\', '"'][..]).trim_end();
    let text = here.plus(1);
    let line = text.line_after();
    let length = line.find('"').unwrap_or(line.len());
    let line = line.get(..length).unwrap_or_default();
    let name = if before.ends_with("variable name") {
        line.find(' ').map(|blank| blank + 1)
    } else {
        (before.ends_with("variable name near") || before.ends_with("unterminated quoted value")).then_some(0)
    };
    if let Some(from) = name.filter(|from| *from < length) {
        spans.push(Span::new(text.at + from, text.at + length, "password"));
    }
}

/// `"name":"SID","value":"x","domain":…`: what only a cookie has follows.
fn is_cookie(end: Cursor<'_>) -> bool {
    let line = end.line_after();
    let near = first(line, NEAR);
    let object = near.split('}').next().unwrap_or_default();
    object.contains("\"domain\"") || object.contains("\"httpOnly\"")
}

/// Whom a text before a value speaks of.
enum Subject {
    /// `name: DB_PASSWORD`: the field before names the value.
    Field(&'static str),
    /// A setting that is spoken of, or is the value's parent.
    Named(&'static str),
    /// One that holds no secret.
    Other,
    None,
}

/// The last name in a text that could be meant.
fn subject(before: &str, string: bool) -> Subject {
    let open = before.rfind('}').map_or(0, |at| at + 1);
    // What was masked has a name of its own, before it.
    let mask = before.rfind("[redacted:").filter(|at| *at >= open);
    let open = mask.and_then(|at| Some(at + before.get(at..)?.find(']')? + 1)).unwrap_or(open);
    let mut end = before.len();
    let bytes = before.as_bytes();
    let part = |byte: u8| is_word(byte) || matches!(byte, b'.' | b'-');
    while end > open {
        let here = Cursor::new(before, end).back(|byte| !is_word(byte));
        let start = here.back(part);
        let name = start.until(here).trim_start_matches(['.', '-']);
        if here.at == start.at || start.at < open {
            break;
        }
        let quoted = bytes.get(here.at).copied().is_some_and(is_quote);
        let spelled = name.contains(['_', '-', '.']) || name.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
        let alone = start.line_before().trim().is_empty() && here.line_after().trim().is_empty();
        let meant = match here.quote().take(":") {
            // What has a value of its own is no subject.
            Some(value) => is_open(value, quoted) && (string || is_parent(here)),
            None => string && (spelled || quoted || alone),
        };
        match key::kind(name) {
            Some(kind) if is_field(start) => return Subject::Field(kind),
            Some(kind) if meant => return Subject::Named(kind),
            None if is_constant(name) => return Subject::Other,
            _ => end = start.at,
        }
    }
    if mask.is_some() {
        return Subject::Other;
    }
    Subject::None
}

/// Behind the colon of a name: an object, a list, the end of the line, or a complaint in words.
fn is_open(value: Cursor<'_>, quoted: bool) -> bool {
    let start = value.blanks();
    let word = start.until(start.skip(is_word));
    let said = start.at > value.at && !value::is_placeholder(word) || !quoted;
    matches!(start.byte(), b'{' | b'[' | b'\n' | b'\r' | 0) || said && start.byte().is_ascii_alphabetic()
}

/// `secret:` alone on its line.
fn is_parent(end: Cursor<'_>) -> bool {
    end.quote().take(":").is_some_and(|next| next.line_after().trim().is_empty())
}

fn is_constant(name: &str) -> bool {
    name.len() > 3
        && name.contains('_')
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit())
}

/// Whether a field that holds names stands before.
fn is_field(start: Cursor<'_>) -> bool {
    let between = |byte: u8| byte == b' ' || byte == b'\t' || is_quote(byte) || byte == b'\\' || byte == b'[';
    let sign = start.back(between);
    if !matches!(sign.before(), b':' | b'=') {
        return false;
    }
    let field = Cursor::new(sign.text, sign.at - 1).back(between);
    let field = field.back(is_word).until(field);
    FIELDS.iter().any(|known| known.eq_ignore_ascii_case(field))
}

/// `Invalid value "x" for API_SECRET`, `value: 'x', property: 'password'`, `value 'x' at 'Jwt:Key'`: the name comes later on the line.
pub(super) fn behind(end: Cursor<'_>) -> Option<&'static str> {
    let line = end.line_after();
    let line = first(line, NEAR);
    let mut words = line
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')))
        .map(|word| word.trim_matches(':'))
        .filter(|word| !word.is_empty());
    let leads = |word: &&str| {
        matches!(*word, "for" | "For" | "at") || FIELDS.iter().any(|known| known.eq_ignore_ascii_case(word))
    };
    words.find(leads)?;
    let skip = ["setting", "variable", "environment", "the", "env", "option", "field", "config", "key"];
    key::kind(words.find(|word| !skip.contains(word))?)
}
