//! Secrets in command lines and protocols: flags of clients, places of arguments, Redis, mail, credential files.

use super::cursor::{Cursor, is_blank, is_plain, is_quote, is_word};
use super::{Span, flag, sentence, value};

/// Arguments of a command that are looked at.
const ARGUMENTS: usize = 40;

/// How a program takes its secret.
#[derive(Clone, Copy)]
enum Taken {
    /// `-pSECRET`; a word behind `-p` is something else.
    Attached(char),
    /// `-p SECRET` or `-pSECRET`.
    Flag(char),
    /// `-u user:SECRET`, also as a long flag.
    Login(char, char),
    /// The last argument, if this word or flag is among the others.
    Last(&'static [&'static str]),
}

/// A program, what must stand on its line, and how it takes its secret.
type Program = (&'static str, &'static str, Taken);

/// The programs whose names begin with a letter; the name may go on.
const fn programs(first: u8) -> &'static [Program] {
    match first {
        b'a' => &[("az", "login", Taken::Flag('p'))],
        b'c' => &[("curl", "", Taken::Login('u', ':'))],
        b'd' => &[("docker", "login", Taken::Flag('p'))],
        b'h' => &[
            ("helm", "login", Taken::Flag('p')),
            ("htpasswd", "", Taken::Last(&["-b", "-bc", "-cb", "-nb", "-nbB", "-Bbn", "-bn", "-Bb", "-bB", "-bcB"])),
        ],
        b'l' => &[("ldap", "-", Taken::Flag('w'))],
        b'm' => &[
            ("mysql", "", Taken::Attached('p')),
            ("mariadb", "", Taken::Attached('p')),
            ("mycli", "", Taken::Attached('p')),
            ("mongo", "", Taken::Flag('p')),
            ("mc", "", Taken::Last(&["alias", "host"])),
            ("mcli", "", Taken::Last(&["alias", "host"])),
        ],
        b'p' => &[("podman", "login", Taken::Flag('p'))],
        b'r' => &[
            ("redis", "-cli", Taken::Flag('a')),
            ("rabbitmqctl", "", Taken::Last(&["add_user", "change_password", "authenticate_user"])),
            ("rclone", "", Taken::Last(&["obscure"])),
        ],
        b's' => &[
            ("sshpass", "", Taken::Flag('p')),
            ("skopeo", "login", Taken::Flag('p')),
            ("sqlcmd", "", Taken::Flag('P')),
            ("smbclient", "", Taken::Login('U', '%')),
        ],
        b'v' => &[("valkey", "-cli", Taken::Flag('a')), ("vault", "login", Taken::Last(&["login"]))],
        _ => &[],
    }
}

/// A word that may be the name of a program.
pub(super) fn program(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if !matches!(end.byte(), b' ' | b'\t' | b'"' | b'\'' | b'-' | b'.' | b'\\' | b',' | b':') {
        return;
    }
    let (first, name) = (here.byte(), here.until(end));
    if first == b'e' && name == "echo" {
        return echo(end, spans);
    }
    let second = here.plus(1).byte();
    let called = |program: &str| program.as_bytes().get(1) == Some(&second) && name.starts_with(program);
    let Some((_, needs, taken)) = programs(first).iter().find(|(program, _, _)| called(program)) else {
        return;
    };
    if !end.line_after().contains(needs) {
        return;
    }
    let arguments = arguments(end);
    let texts: Vec<&str> = arguments.iter().map(|(from, to)| end.text.get(*from..*to).unwrap_or_default()).collect();
    let secret = match taken {
        Taken::Attached(letter) => flagged(&arguments, &texts, *letter, false),
        Taken::Flag(letter) => flagged(&arguments, &texts, *letter, true),
        Taken::Login(letter, sign) => return login(end, &arguments, &texts, (*letter, *sign), spans),
        Taken::Last(words) => last(&arguments, &texts, words),
    };
    push(end.text, secret, spans);
}

fn push(text: &str, secret: Option<(usize, usize)>, spans: &mut Vec<Span>) {
    if let Some((start, end)) = secret
        && let Some(word) = text.get(start..end)
        && !word.is_empty()
        && !value::is_word(word)
    {
        spans.push(Span::new(start, end, "password"));
    }
}

/// The value of a flag of one letter.
fn flagged(places: &[(usize, usize)], texts: &[&str], letter: char, apart: bool) -> Option<(usize, usize)> {
    let mut pairs = places.iter().zip(texts);
    while let Some(((start, end), text)) = pairs.next() {
        let Some(attached) = text.strip_prefix('-').and_then(|text| text.strip_prefix(letter)) else {
            continue;
        };
        if !attached.is_empty() {
            let signs = attached.len() - attached.trim_start_matches(['=', '"', '\'', '\\']).len();
            let from = start + "-p".len() + signs;
            let quotes = attached.len() - attached.trim_end_matches(['"', '\'', '\\']).len();
            return (from + quotes < *end).then_some((from, end - quotes));
        }
        if apart {
            let (place, next) = pairs.next()?;
            return (!next.starts_with('-')).then_some(*place);
        }
    }
    None
}

fn login(end: Cursor<'_>, places: &[(usize, usize)], texts: &[&str], how: (char, char), spans: &mut Vec<Span>) {
    let (letter, sign) = how;
    for (at, text) in texts.iter().enumerate() {
        let short = text.strip_prefix('-').and_then(|text| text.strip_prefix(letter));
        let long = ["--user", "--proxy-user"].iter().find_map(|flag| text.strip_prefix(flag));
        let Some(attached) = short.or(long) else {
            continue;
        };
        let place = if attached.is_empty() { places.get(at + 1) } else { places.get(at) };
        let Some((start, stop)) = place.copied() else {
            return;
        };
        let start = if attached.is_empty() { start } else { stop - attached.len() };
        let word = end.text.get(start..stop).unwrap_or_default();
        if let Some((user, _)) = word.split_once(sign).filter(|(user, _)| !user.is_empty()) {
            push(end.text, Some((start + user.len() + 1, stop - quotes_at_end(word))), spans);
        }
    }
}

fn quotes_at_end(word: &str) -> usize {
    word.len() - word.trim_end_matches(['"', '\'']).len()
}

/// The last argument, if there are enough of them to hold one.
fn last(places: &[(usize, usize)], texts: &[&str], words: &[&str]) -> Option<(usize, usize)> {
    let at = texts.iter().position(|text| words.contains(text))?;
    let behind = texts.get(at + 1..)?.iter().filter(|text| !text.starts_with('-')).count();
    let (word, least) = (texts.get(at)?, texts.last()?);
    let enough = match *word {
        "login" | "obscure" => behind == 1 && !least.contains('=') && value::is_strong(least),
        "alias" | "host" => behind >= 5 && texts.get(at + 1).is_some_and(|next| matches!(*next, "set" | "add")),
        _ => behind >= 2,
    };
    enough.then(|| places.last().copied()).flatten()
}

/// `echo secret | docker login --password-stdin`, `echo user:secret | chpasswd`.
fn echo(end: Cursor<'_>, spans: &mut Vec<Span>) {
    const READERS: [&str; 7] =
        ["--password-stdin", "kinit", "sudo -S", "passwd --stdin", "chpasswd", "--with-token", "login --"];
    let line = end.line_after();
    let Some((_, reader)) = line.split_once('|').filter(|(_, reader)| READERS.iter().any(|word| reader.contains(word)))
    else {
        return;
    };
    if let Some((start, stop)) = arguments(end)
        .into_iter()
        .find(|place| end.text.get(place.0..place.1).is_some_and(|word| !word.starts_with('-')))
    {
        let word = end.text.get(start..stop).unwrap_or_default();
        let user = if reader.contains("chpasswd") { word.find(':').map_or(0, |at| at + 1) } else { 0 };
        push(end.text, Some((start + user, stop)), spans);
    }
}

/// The arguments on the rest of a line, without their quotes, to where another command begins.
fn arguments(end: Cursor<'_>) -> Vec<(usize, usize)> {
    let mut arguments = Vec::new();
    let mut here = end.skip(|byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'|' | b';' | b'&' | b'\\' | b','));
    while arguments.len() < ARGUMENTS {
        here = here.skip(|byte| is_blank(byte) || matches!(byte, b',' | b']' | b'['));
        let escapes = here.skip(|byte| byte == b'\\');
        match escapes.byte() {
            0 | b'\n' | b'|' | b';' => break,
            b'&' if escapes.plus(1).byte() == b'&' => break,
            b'"' | b'\'' if matches!(here.before(), b' ' | b'\t' | b',' | b'[') => {
                let Some((from, to)) = value::quoted(here.line_after()) else {
                    break;
                };
                arguments.push((here.at + from, here.at + to));
                here = Cursor::new(here.text, here.at + to).quote();
            }
            b'"' | b'\'' => here = escapes.plus(1),
            _ => {
                let run = here.skip(|byte| is_plain(byte) || byte == b'\\');
                let run = if run.at == here.at { here.plus(1) } else { run };
                // `-p'two words'`, `user:'two words'`: what the quotes hold belongs to it.
                let open = matches!(run.byte(), b'"' | b'\'')
                    && (run.at == here.at + 2 || matches!(run.before(), b'=' | b':'));
                let inner = value::quoted(run.line_after()).filter(|_| open);
                let stop = inner.map_or(run.at, |(_, to)| run.at + to);
                let word = here.text.get(here.at..stop).unwrap_or_default();
                let bare = if inner.is_some() { word } else { word.trim_end_matches('\\') };
                let bare = if bare.contains('[') { bare } else { bare.trim_end_matches(']') };
                arguments.push((here.at, here.at + bare.len()));
                here = Cursor::new(here.text, stop + usize::from(inner.is_some()));
            }
        }
    }
    arguments
}

/// `AUTH [user] password` as it is typed, or as strings: `"AUTH" "password"`; `AUTH PLAIN …` of a mail server.
pub(super) fn redis_auth(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if matches!(end.byte(), b'"' | b'\\') && matches!(here.before(), b'"') {
        return strings(end, spans);
    }
    if let Some(first) = end.take("(").filter(|first| is_quote(first.byte())) {
        return strings(first, spans);
    }
    // `auth-pass master password` of a sentinel.
    if let Some(master) = end.take("-pass").and_then(Cursor::gap) {
        return setting(master.skip(is_plain), spans);
    }
    let upper = here.until(end) == "AUTH";
    let words: Vec<&str> = end.line_after().split_whitespace().collect();
    let line = here.line_before();
    let lead = line.trim_end();
    let typed =
        (lead.is_empty() || lead.ends_with(['>', ']', '"', '\'']) || line.contains("redis-cli")) && words.len() <= 2;
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

/// `PASS x` of FTP, POP and IRC, alone on its line; `PASS src/a.test.ts` is how tests report.
pub(super) fn pass(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(start) = end.gap().filter(|_| here.until(end) == "PASS") else {
        return;
    };
    let secret = start.line_after().trim_end();
    if value::is_strong(secret) && !secret.contains(['/', ' ']) && !sentence::is_file(secret) {
        push(end.text, Some((start.at, start.at + secret.len())), spans);
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
        if value::is_login(word) {
            push(end.text, place, spans);
        }
        return;
    }
    for _ in 0..2 {
        let next = here.skip(|byte| is_blank(byte) || byte == b',');
        let Some((from, to)) = value::quoted(next.line_after()) else {
            break;
        };
        secret = Some((next.at + from, next.at + to));
        here = Cursor::new(end.text, next.at + to).quote();
    }
    push(end.text, secret, spans);
}

/// `HELLO 3 AUTH user password`, with or without quotes.
pub(super) fn redis_hello(end: Cursor<'_>, spans: &mut Vec<Span>) {
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

/// `user default on >password` of an access list.
pub(super) fn redis_user(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = end.line_after();
    for (at, word) in line.match_indices(" >") {
        let start = end.at + at + word.len();
        let begin = Cursor::new(end.text, start);
        if matches!(line.get(..at).map(|before| before.split_whitespace().count()), Some(1..)) {
            push(end.text, Some((start, begin.skip(is_plain).at)), spans);
        }
    }
}

/// `name: 'auth', args: [ 'user', 'password' ]` of a command that failed.
pub(super) fn redis_arguments(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let space = |byte: u8| byte.is_ascii_whitespace();
    let name = end.quote().take(":").map(|next| next.skip(space).quote());
    let name = name.and_then(|next| next.word("auth").or_else(|| next.word("hello")));
    let list = name.map(|next| next.quote().skip(|byte| space(byte) || byte == b','));
    let list = list.and_then(|next| next.take("args").map(Cursor::quote)).and_then(|next| next.take(":"));
    let Some(list) = list.map(|next| next.skip(space)).and_then(|next| next.take("[")) else {
        return;
    };
    let inside = list.until(list.skip(|byte| byte != b']'));
    let last = inside.trim_end().trim_end_matches(',');
    let close = last.trim_end_matches(['\'', '"']);
    if let Some(open) = close.rfind(['\'', '"']).filter(|_| close.len() < last.len()) {
        push(end.text, Some((list.at + open + 1, list.at + close.len())), spans);
    }
}

/// `requirepass x`, `"requirepass" "x"`, `requirepass: x`.
pub(super) fn setting(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let name = end.quote();
    // Behind a bare word a comma ends a part of a sentence.
    let sign = name.sign().filter(|_| name.at > end.at || end.blanks().byte() != b',');
    let Some(start) = sign.or_else(|| name.gap()).filter(|start| start.byte() != b'\n') else {
        return;
    };
    let secret = value::quoted(start.line_after()).map_or_else(
        || flag::argument(start).map(|(from, to)| (from, to - trailing_commas(start.text.get(from..to)))),
        |(from, to)| Some((start.at + from, start.at + to)),
    );
    push(end.text, secret, spans);
}

fn trailing_commas(word: Option<&str>) -> usize {
    word.map_or(0, |word| word.len() - word.trim_end_matches(',').len())
}

/// What is sent after the server asked for a password: `334 UGFzc3dvcmQ6`.
pub(super) fn smtp(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = end.line_after();
    if line.trim() != "UGFzc3dvcmQ6" {
        return;
    }
    let next = Cursor::new(end.text, end.at + line.len() + 1);
    let answer = next.line_after().trim_end();
    let start = answer.rfind(|character: char| character.is_whitespace()).map_or(0, |at| at + 1);
    if answer.get(start..).is_some_and(|word| word.len() >= 4 && super::base64::decode(word).is_some()) {
        spans.push(Span::new(next.at + start, next.at + answer.len(), "password"));
    }
}

/// `machine host login user password x`, over one line or several.
pub(super) fn netrc(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let rest = end.rest();
    let mut words = rest.split_whitespace();
    let fits = words.next().is_some() && words.next() == Some("login") && words.next().is_some();
    if !fits || words.next() != Some("password") {
        return;
    }
    if let Some(secret) = words.next() {
        let at = rest.find(" password").or_else(|| rest.find("\tpassword")).or_else(|| rest.find("\npassword"));
        let from = at.map(|at| at + " password".len());
        let from = from.and_then(|from| rest.get(from..)?.find(secret).map(|at| from + at));
        push(end.text, from.map(|from| (end.at + from, end.at + from + secret.len())), spans);
    }
}

/// `host:port:database:user:password`, a line of a `.pgpass`.
pub(super) fn password_file(colon: Cursor<'_>, spans: &mut Vec<Span>) {
    let port = colon.plus(1);
    let port_end = if port.byte() == b'*' { port.plus(1) } else { port.skip(|byte| byte.is_ascii_digit()) };
    if !(port.byte() == b'*' || (4..=5).contains(&(port_end.at - port.at))) || port_end.byte() != b':' {
        return;
    }
    let plain = |byte: u8| is_word(byte) || matches!(byte, b'*' | b'-' | b'.');
    let start = colon.back(plain);
    let host = start.until(colon);
    let (database, wanted) = (port_end.plus(1), port_end.plus(1).skip(plain));
    let (user, user_end) = (wanted.plus(1), wanted.plus(1).skip(plain));
    let secret = user_end.plus(1);
    let line = secret.line_after().trim_end();
    let fits = !host.is_empty()
        && (start.before().is_ascii_whitespace() || is_quote(start.before()))
        && database.until(wanted).bytes().any(|byte| !byte.is_ascii_digit())
        && wanted.byte() == b':'
        && user.at < user_end.at
        && user_end.byte() == b':'
        && !line.contains(char::is_whitespace);
    if fits {
        push(colon.text, Some((secret.at, secret.at + line.len())), spans);
    }
}
