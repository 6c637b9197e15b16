//! A value that is spoken of on a line that names a secret: received, refused, expected, changed. No sign joins the two.

use super::cursor::{Cursor, first, is_quote, is_word, last};
use super::{Span, complaint, key, sentence, value};

/// Bytes before a value in which the name is looked for, on its line.
const NEAR: usize = 240;
/// Bytes of a value at most.
const LONG: usize = 256;
/// Names before a value that are looked at.
const NAMES: usize = 40;

/// What is said to be the value.
struct Operand<'t> {
    start: Cursor<'t>,
    text: &'t str,
    /// Between quotes or brackets: where it ends is known.
    framed: bool,
    /// Behind the quote or bracket that closes it.
    behind: Cursor<'t>,
}

impl<'t> Operand<'t> {
    fn at(start: Cursor<'t>) -> Option<Self> {
        let line = start.line_after();
        let letter = Some(start.plus(1)).filter(|next| start.byte() == b'b' && matches!(next.byte(), b'\'' | b'"'));
        let start = letter.unwrap_or(start);
        if let Some((from, to)) = value::quoted(start.line_after()) {
            let (from, to) = (start.plus(from), start.plus(to));
            return Some(Self { start: from, text: from.until(to), framed: true, behind: to.quote() });
        }
        let close = match start.byte() {
            b'[' => "]",
            b'<' => ">",
            _ => "",
        };
        if let Some(to) = Some(close).filter(|close| !close.is_empty()).and_then(|close| line.find(close)) {
            let text = line.get(1..to)?;
            return Some(Self { start: start.plus(1), text, framed: true, behind: start.plus(to + 1) });
        }
        let end = start.skip(|byte| byte > b' ' && !is_quote(byte));
        let text = start.until(end).trim_end_matches(['.', ',', ';', ':', ')', ']', '}', '>']);
        let symbol = text.strip_prefix(':').unwrap_or(text);
        let start = start.plus(text.len() - symbol.len());
        Some(Self { start, text: symbol, framed: false, behind: start.plus(symbol.len()) }).filter(|_| !text.is_empty())
    }

    fn is_secret(&self) -> bool {
        let fits = if self.framed { value::is_chosen(self.text) } else { value::is_strong(self.text) };
        fits && (4..=LONG).contains(&self.text.len()) && !is_notation(self.text)
    }

    fn push(&self, kind: &'static str, spans: &mut Vec<Span>) {
        spans.push(Span::new(self.start.at, self.start.at + self.text.len(), kind));
    }
}

/// A type, a pattern, a place, a time, a measure, the name of a method: what is expected of a value, not one.
fn is_notation(text: &str) -> bool {
    const METHODS: [&str; 16] = [
        "aes", "rsa", "sha", "hmac", "ed25519", "ecdsa", "utf", "base", "argon", "bcrypt", "scrypt", "pbkdf", "scram",
        "int", "uint", "float",
    ];
    let lower = first(text, 8).to_ascii_lowercase();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let unit = text.get(digits..).unwrap_or_default();
    let measure = (1..6).contains(&digits)
        && unit.bytes().all(|byte| byte.is_ascii_lowercase())
        && unit.bytes().any(|byte| byte > b'f');
    let time = text.get(4..5) == Some("-") && digits == 4;
    let host = text.contains('.')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte));
    let method = |head: &str| lower.starts_with(head) && text.len() < 16;
    text.starts_with(['/', '^', '.', '*', '{', '['])
        || text.ends_with("[]")
        || text.contains([' ', ','])
        || text.contains("://")
        || text.contains("::")
        || METHODS.iter().any(|head| method(head))
        || matches!(text, "HS256" | "HS384" | "HS512" | "RS256" | "RS384" | "RS512" | "ES256" | "ES384" | "PS256")
        || measure
        || time
        || host
        || value::is_address(text)
        || value::is_path(text)
        || sentence::is_file(text)
        || key::kind(text).is_some()
}

/// Behind a word that tells of a value: `got x`, `rejected value [x]`, `expected 'x'`, `"old":"x"`.
pub(super) fn at(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let word = here.until(end);
    let name = end.quote();
    let sign = name.sign().filter(|_| name.blanks().byte() != b',');
    let Some(start) = sign.or_else(|| end.gap()) else { return };
    let start = ["of ", "is ", "string "].iter().find_map(|filler| start.take(filler)).unwrap_or(start);
    let Some(operand) = Operand::at(start).filter(Operand::is_secret) else { return };
    let lead = here.line_before();
    let apart = match word.to_ascii_lowercase().as_str() {
        "was" => sign.is_some() || ["but ", "it ", "value ", "actual "].iter().any(|word| lead.ends_with(word)),
        "old" | "new" => sign.is_some() && operand.framed,
        _ => true,
    };
    let kind = || named(lead, &operand).or_else(|| complaint::behind(operand.behind));
    if let Some(kind) = Some(()).filter(|()| apart).and_then(|()| kind()) {
        operand.push(kind, spans);
    }
}

/// `smtp_password changed from "x" to "y"`: both, behind `from`.
pub(super) fn changed(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    const TOLD: [&str; 7] = ["changed", "updated", "rotated", "modified", "switched", "replaced", "altered"];
    let lead = here.line_before();
    let told = lead.trim_end();
    if !TOLD.iter().any(|word| told.ends_with(word)) {
        return;
    }
    let Some(old) = end.gap().and_then(Operand::at) else { return };
    let new = old.behind.gap().and_then(|next| next.word("to")).and_then(Cursor::gap).and_then(Operand::at);
    for operand in [Some(old), new].into_iter().flatten().filter(Operand::is_secret) {
        if let Some(kind) = named(lead, &operand) {
            operand.push(kind, spans);
        }
    }
}

/// `Fernet key must be 32 bytes: b'x'`: what is refused ends the line, behind `must`.
pub(super) fn demanded(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = end.line_after().trim_end();
    let Some(colon) = line.rfind(": ").filter(|at| at + LONG > line.len()) else { return };
    let start = end.plus(colon + 1).blanks();
    let Some(operand) = Operand::at(start).filter(Operand::is_secret) else { return };
    if operand.behind.line_after().trim().len() < 2
        && let Some(kind) = named(here.line_before(), &operand)
    {
        operand.push(kind, spans);
    }
}

/// `assert 'x' == 'y'  # admin_password`: the two strings around the sign here.
pub(super) fn compared(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let sign = here.back(|byte| byte == b'!');
    let end = sign.back(|byte| byte == b' ');
    let right = here.skip(|byte| byte == b'=').blanks();
    if !is_quote(end.before()) || !is_quote(right.byte()) {
        return;
    }
    let inside = Cursor::new(here.text, end.at - 1);
    let start = inside.back(|byte| byte != end.before() && byte != b'\n');
    let left = Operand { start, text: start.until(inside), framed: true, behind: end };
    let Some(right) = Operand::at(right).filter(|right| right.is_secret() && left.is_secret()) else { return };
    let behind = right.behind.line_after();
    let behind = first(behind, NEAR);
    if let Some(kind) = named(start.line_before(), &right).or_else(|| last_name(behind, &right)) {
        left.push(kind, spans);
        right.push(kind, spans);
    }
}

/// The kind of secret that a line names before a value, if what it names last is one.
fn named(lead: &str, operand: &Operand<'_>) -> Option<&'static str> {
    last_name(last(lead, NEAR), operand)
}

fn last_name(before: &str, operand: &Operand<'_>) -> Option<&'static str> {
    let open = before.rfind('}').map_or(0, |at| at + 1);
    let mut end = before.len();
    for _ in 0..NAMES {
        let here = Cursor::new(before, end).back(|byte| !is_word(byte));
        let start = here.back(|byte| is_word(byte) || matches!(byte, b'.' | b'-' | b':'));
        let start = if start.until(here).contains("::") { here.back(is_word) } else { start };
        if here.at <= open || start.at == here.at {
            return None;
        }
        let name = start.until(here).trim_start_matches(['.', '-', ':']);
        let quoted = is_quote(start.before()) && is_quote(here.byte());
        // What has a value of its own is not spoken of.
        let own = here.byte() == b'=' || here.quote().byte() == b':' && !is_said(here.quote().plus(1));
        match kind(start, name, quoted, operand) {
            Some(kind) if !own => return Some(kind),
            None if is_constant(name, quoted) => return None,
            _ => end = start.at,
        }
    }
    None
}

/// Behind a colon: words, an object, or nothing.
fn is_said(behind: Cursor<'_>) -> bool {
    let start = behind.blanks();
    let next = start.skip(is_word);
    let words =
        start.at > behind.at && start.byte().is_ascii_alphabetic() && matches!(next.byte(), b' ' | b':' | b'(' | b',');
    words || matches!(start.byte(), b'{' | b'[' | 0) || start.byte() == b'<'
}

/// The kind of a name before a value: spelled as settings are, between quotes, or a noun for a secret.
fn kind(start: Cursor<'_>, name: &str, quoted: bool, operand: &Operand<'_>) -> Option<&'static str> {
    let spelled = name.contains(['_', '-', '.', ':']) || name.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    let kind = if spelled || quoted {
        key::kind(name).or_else(|| name.strip_suffix(['s', 'S']).and_then(key::kind))
    } else {
        noun(start, name)
    };
    let object =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'/' | b'.' | b'_');
    kind.filter(|kind| match *kind {
        "signature" => value::is_random(operand.text),
        // `secret "db-creds2"` names an object of a cluster.
        "secret" if !spelled => !operand.text.bytes().all(object) || value::is_random(operand.text),
        "code" | "session" | "credential" => value::is_strong(operand.text),
        _ => true,
    })
}

/// `password`, `webhook secret`, `API key`, `access token`; a token of a language is none.
fn noun(start: Cursor<'_>, name: &str) -> Option<&'static str> {
    const TOKENS: [&str; 14] = [
        "access", "auth", "csrf", "xsrf", "api", "refresh", "bearer", "session", "reset", "invite", "deploy", "bot",
        "join", "service",
    ];
    let gap = start.back(|byte| byte == b' ');
    let word = || gap.back(is_word).until(gap).to_ascii_lowercase();
    match name.to_ascii_lowercase().as_str() {
        "password" | "passwd" | "passphrase" | "passwort" | "kennwort" => Some("password"),
        "secret" => Some("secret"),
        "signature" | "hmac" => Some("signature"),
        "token" => TOKENS.contains(&word().as_str()).then_some("token"),
        "key" => key::kind(&format!("{} key", word())),
        _ => None,
    }
}

/// `DB_PORT`, `"PORT"`: another setting is spoken of.
fn is_constant(name: &str, quoted: bool) -> bool {
    name.len() > 3
        && (name.contains('_') || quoted)
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit())
}
