//! Secrets of Redis: logins as they are typed, sent, monitored and dumped; access lists; settings.

use super::command::push;
use super::cursor::{Cursor, is_blank, is_plain, is_quote, is_word};
use super::{Span, flag, key, value};

/// Strings of a command that are looked at.
const STRINGS: usize = 12;
/// Words behind a login that tell whether it is one.
const WORDS: usize = 4;
/// Rules of an entry of an access list that are looked at.
const RULES: usize = 24;
/// Passwords of such an entry that are looked for.
const PASSWORDS: usize = 4;

/// `AUTH [user] password` as it is typed, or as strings: `"AUTH" "password"`; `AUTH PLAIN …` of a mail server.
pub(super) fn auth(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if matches!(end.byte(), b'"' | b'\\') && matches!(here.before(), b'"') {
        // In an answer of several lines a command begins with `1) `.
        let line = here.line_before();
        let first = end.quote().byte() != b'\n' || line.trim_end_matches('"').ends_with("1) ");
        if first {
            strings(end, spans);
        }
        return;
    }
    if let Some(first) = end.take("(").filter(|first| is_quote(first.byte())) {
        return strings(first, spans);
    }
    if let Some((first, line)) =
        [r"\r\n", "\r\n", "\n"].iter().find_map(|line| Some((end.take(line)?.take("$")?, *line)))
    {
        return raw(first, line, spans);
    }
    // `auth-pass master password` of a sentinel.
    if let Some(master) = end.take("-pass").and_then(Cursor::gap) {
        return setting(master.skip(is_plain), spans);
    }
    let upper = here.until(end) == "AUTH";
    let words: Vec<&str> = end.line_after().split_whitespace().take(WORDS).collect();
    let line = here.line_before();
    let lead = line.trim_end();
    let typed = (lead.is_empty()
        || lead.ends_with(['>', ']', '"', '\''])
        || line.contains("redis-cli")
        || line.contains("MIGRATE "))
        && words.len() <= 2;
    let told = upper && words.len() <= 2;
    let mechanism =
        upper && matches!(words.first().copied(), Some("PLAIN" | "LOGIN" | "XOAUTH2" | "CRAM-MD5" | "plain" | "login"));
    if end.gap().is_none() || !(upper || here.until(end) == "auth") {
        return;
    }
    let secret = match words.as_slice() {
        [_, secret, ..] if mechanism => secret,
        [user, _] if user.contains([':', '=', ',']) => return,
        [.., secret] if typed || told && value::is_strong(secret) => secret,
        _ => return,
    };
    let secret = secret.trim_matches(['"', '\'']);
    if secret.contains(['<', '>']) || secret.ends_with(']') || secret.is_empty() {
        return;
    }
    if let Some(at) = end.line_after().rfind(secret) {
        push(end.text, Some((end.at + at, end.at + at + secret.len())), spans);
    }
}

/// The last of the strings behind `"AUTH"`; a monitor or a dump of a command prints them.
fn strings(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let (mut here, mut secret) = (if is_blank(end.byte()) || end.before() == b'(' { end } else { end.quote() }, None);
    // `"auth":"…"` is the login of a registry.
    let colon = here.blanks();
    if colon.byte() == b':' {
        let start = colon.plus(1).blanks();
        let place = value::quoted(start.line_after()).map(|(from, to)| (start.at + from, start.at + to));
        let word = place.and_then(|(from, to)| end.text.get(from..to)).unwrap_or_default();
        if value::is_login(word) || word.len() >= 24 && value::is_random(word) {
            push(end.text, place, spans);
        }
        return;
    }
    for _ in 0..2 {
        let next = next_string(here);
        let Some((from, to)) = value::quoted(next.line_after()) else {
            break;
        };
        // `"auth", "pass": 141` are names of an object.
        if Cursor::new(end.text, next.at + to).quote().blanks().byte() == b':' {
            break;
        }
        secret = Some((next.at + from, next.at + to));
        here = Cursor::new(end.text, next.at + to).quote();
    }
    push(end.text, secret, spans);
}

/// `"password" "x"`, a field of a hash and its value, also as two lines of an answer.
pub(super) fn field(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let name = end.quote();
    let next = next_string(name);
    if name.blanks().byte() == b',' || !is_quote(next.byte()) || next.at == name.at {
        return;
    }
    if let Some((from, to)) = value::quoted(next.line_after())
        && next.line_after().get(from..to).is_some_and(value::is_chosen)
        && let Some(kind) = key::kind(here.until(end))
    {
        spans.push(Span::new(next.at + from, next.at + to, kind));
    }
}

/// Behind blanks and a comma, or the number of the next line in an answer: `2) "x"`.
fn next_string(here: Cursor<'_>) -> Cursor<'_> {
    let next = here.skip(|byte| is_blank(byte) || byte == b',');
    let number = next.skip(|byte| byte.is_ascii_whitespace());
    let behind = number.skip(|byte| byte.is_ascii_digit());
    match behind.take(")") {
        Some(behind) if next.byte() == b'\n' && behind.at > number.at + 1 => behind.blanks(),
        _ => next,
    }
}

/// `AUTH\r\n$8\r\npassword\r\n`: the protocol as it is sent, its line ends escaped or not.
fn raw(first: Cursor<'_>, line: &str, spans: &mut Vec<Span>) {
    let (mut length, mut secret) = (Some(first), None);
    while let Some(start) = length.take().and_then(|digits| digits.skip(|byte| byte.is_ascii_digit()).take(line)) {
        let end = start.skip(|byte| byte > b' ' && byte != b'\\');
        secret = Some((start.at, end.at));
        length = end.take(line).and_then(|next| next.take("$"));
    }
    push(first.text, secret, spans);
}

/// `AUTH2 user password` among the words of `MIGRATE`.
pub(super) fn auth2(end: Cursor<'_>, spans: &mut Vec<Span>) {
    if !end.line_before().contains("MIGRATE") {
        return;
    }
    let user = end.gap().map(|user| user.quote().skip(is_plain));
    if let Some(secret) = user.and_then(|user| user.quote().gap()).map(Cursor::quote) {
        push(end.text, Some((secret.at, secret.skip(is_plain).at)), spans);
    }
}

/// `HELLO 3 AUTH user password`, with or without quotes.
pub(super) fn hello(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = end.line_after();
    let mut words = line.split_whitespace().map(|word| word.trim_matches(['"', ',']));
    let words: Vec<&str> = words.by_ref().filter(|word| !word.is_empty()).take(4).collect();
    if let ["2" | "3", auth, _, secret] = words.as_slice()
        && auth.eq_ignore_ascii_case("auth")
        && let Some(at) = line.rfind(secret)
    {
        push(end.text, Some((end.at + at, end.at + at + secret.len())), spans);
    }
}

/// `user default on >password #hash` of an access list; as strings of a command: `"SETUSER" "bob" ">password"`.
pub(super) fn user(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if is_quote(here.before()) && is_quote(end.byte()) {
        let mut next = next_string(end.quote());
        for _ in 0..STRINGS {
            let Some((from, to)) = value::quoted(next.line_after()) else {
                return;
            };
            if next.byte() != 0 && Cursor::new(end.text, next.at + from).byte() == b'>' {
                push(end.text, Some((next.at + from + 1, next.at + to)), spans);
            }
            next = next_string(Cursor::new(end.text, next.at + to).quote());
        }
        return;
    }
    let line = end.line_after();
    let signs = line.match_indices(' ').take(RULES).map(|(at, _)| (at, Cursor::new(end.text, end.at + at + 1)));
    for (at, sign) in signs.filter(|(_, sign)| matches!(sign.byte(), b'>' | b'#')).take(PASSWORDS) {
        let start = sign.plus(1);
        let stop = start.skip(is_plain);
        let hash = sign.byte() == b'#' && start.skip(|byte| byte.is_ascii_hexdigit()).at == start.at + 64;
        if (sign.byte() == b'>' || hash) && !line.get(..at).unwrap_or_default().trim().is_empty() {
            push(end.text, Some((start.at, stop.at)), spans);
        }
    }
}

/// `name: 'auth', args: [ 'user', 'password' ]` of a command that failed.
pub(super) fn arguments(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let space = |byte: u8| byte.is_ascii_whitespace();
    let name = end.quote().take(":").map(|next| next.skip(space).quote());
    let login = name.and_then(|next| next.word("auth").or_else(|| next.word("hello")));
    let stored = || {
        let set = ["set", "setex", "psetex", "setnx", "getset", "hset", "rpush", "lpush", "sadd"];
        name.and_then(|next| set.iter().find_map(|word| next.word(word)))
    };
    let told = login.is_some();
    let name = login.or_else(stored);
    let list = name.map(|next| next.quote().skip(|byte| space(byte) || byte == b','));
    let list = list.and_then(|next| next.take("args").map(Cursor::quote)).and_then(|next| next.take(":"));
    let Some(list) = list.map(|next| next.skip(space)).and_then(|next| next.take("[")) else {
        return;
    };
    let inside = list.until(list.skip(|byte| byte != b']'));
    let last = inside.trim_end().trim_end_matches(',');
    let close = last.trim_end_matches(['\'', '"']);
    if let Some(open) = close.rfind(['\'', '"']).filter(|_| close.len() < last.len()) {
        // `[ 'reset:token:4', 'x' ]`: what it is kept under says what it is.
        let key = inside.trim_start().trim_start_matches(['\'', '"']).split(['\'', '"']).next().unwrap_or_default();
        let kept = || {
            let parts = || key.split(':').filter(|part| !part.is_empty());
            parts().any(|part| key::kind(part).is_some()) && close.get(open + 1..).is_some_and(value::is_typed)
        };
        if told || kept() {
            push(end.text, Some((list.at + open + 1, list.at + close.len())), spans);
        }
    }
}

/// `requirepass x`, `"requirepass" "x"`, `requirepass: x`.
pub(super) fn setting(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let name = end.quote();
    // Behind a bare word a comma ends a part of a sentence.
    let sign = name.sign().filter(|_| name.at > end.at || end.blanks().byte() != b',');
    // A name in backquotes is spoken of.
    let gap = || name.gap().filter(|_| end.byte() != b'`');
    let below = || Some(next_string(name)).filter(|next| name.byte() == b'\n' && is_quote(next.byte()));
    let Some(start) = sign.or_else(below).or_else(gap).filter(|start| start.byte() != b'\n') else {
        return;
    };
    // `'requirepass two words'`: the quote before the name ends the value.
    let word = end.back(is_word);
    let around = word.before();
    if is_quote(around) && sign.is_none() && name.at == end.at {
        let stop = start.skip(|byte| byte != around && byte != b'\n');
        return push(end.text, Some((start.at, stop.at)), spans);
    }
    let secret = value::quoted(start.line_after()).map_or_else(
        || flag::argument(start).map(|(from, to)| (from, to - trailing_commas(start.text.get(from..to)))),
        |(from, to)| Some((start.at + from, start.at + to)),
    );
    push(end.text, secret, spans);
}

fn trailing_commas(word: Option<&str>) -> usize {
    word.map_or(0, |word| word.len() - word.trim_end_matches(',').len())
}
