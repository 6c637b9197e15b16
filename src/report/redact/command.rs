//! Secrets in command lines: flags of clients, places of arguments, what a shell hands to their input.

use super::cursor::{Cursor, is_blank, is_plain};
use super::program::{self, Taken};
use super::{Span, header, key, value};

/// Arguments of a command that are looked at.
const ARGUMENTS: usize = 40;

/// A word that may be the name of a program.
pub(super) fn program(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if !matches!(end.byte(), b' ' | b'\t' | b'"' | b'\'' | b'-' | b'.' | b'\\' | b',' | b':') {
        return;
    }
    let name = here.until(end);
    if name == "echo" || name == "printf" {
        return echo(end, spans);
    }
    if matches!(name, "cat" | "tee" | "openssl" | "pwgen") {
        written(end, spans);
    }
    let mut programs = program::called(name).peekable();
    if programs.peek().is_none() {
        return;
    }
    let line = end.line_after();
    let Some((_, _, taken)) = programs.find(|(_, needs, _)| line.contains(needs)) else {
        return;
    };
    let arguments = arguments(end);
    let texts: Vec<&str> = arguments.iter().map(|(from, to)| end.text.get(*from..*to).unwrap_or_default()).collect();
    if name == "curl" {
        jar(end, &arguments, &texts, spans);
    }
    let secret = match taken {
        Taken::Attached(letter) => flagged(&arguments, &texts, *letter, (true, false)),
        Taken::Flag(letters) | Taken::Apart(letters) => {
            let how = (matches!(taken, Taken::Flag(_)), true);
            let found = letters.chars().filter_map(|letter| flagged(&arguments, &texts, letter, how));
            found.for_each(|secret| push(end.text, Some(secret), spans));
            None
        }
        Taken::Login(letter, sign) => return login(end, &arguments, &texts, (*letter, *sign), spans),
        Taken::Account => account(&arguments, &texts),
        Taken::Last(words) => last(&arguments, &texts, words),
    };
    push(end.text, secret, spans);
}

pub(super) fn push(text: &str, secret: Option<(usize, usize)>, spans: &mut Vec<Span>) {
    if let Some((start, end)) = secret
        && let Some(word) = text.get(start..end)
        && !word.is_empty()
        && !value::is_word(word)
    {
        spans.push(Span::new(start, end, "password"));
    }
}

/// The value of a flag of one letter: attached to it, apart from it, or both.
fn flagged(places: &[(usize, usize)], texts: &[&str], letter: char, how: (bool, bool)) -> Option<(usize, usize)> {
    let (joined, apart) = how;
    let mut pairs = places.iter().zip(texts);
    while let Some(((start, end), text)) = pairs.next() {
        let Some(attached) = text.strip_prefix('-').and_then(|text| text.strip_prefix(letter)) else {
            continue;
        };
        if attached.starts_with("/-") {
            continue;
        }
        if !attached.is_empty() {
            if !joined {
                continue;
            }
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
    let attached = |text: &'_ &str| {
        let short = text.strip_prefix('-').and_then(|text| text.strip_prefix(letter));
        short.or_else(|| ["--user", "--proxy-user"].iter().find_map(|flag| text.strip_prefix(flag))).map(str::len)
    };
    // One for the server, one for the proxy.
    for (at, text, length) in
        texts.iter().enumerate().filter_map(|(at, text)| Some((at, text, attached(text)?))).take(2)
    {
        let attached = text.get(text.len() - length..).unwrap_or_default();
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

/// `-b name=value`: the cookies that are sent.
fn jar(end: Cursor<'_>, places: &[(usize, usize)], texts: &[&str], spans: &mut Vec<Span>) {
    let at = texts.iter().position(|text| matches!(*text, "-b" | "--cookie")).map(|at| at + 1);
    if let Some((from, to)) = at.and_then(|at| places.get(at)) {
        header::cookies(end.text.get(*from..*to).unwrap_or_default(), *from, spans);
    }
}

/// `user/SECRET@place`
fn account(places: &[(usize, usize)], texts: &[&str]) -> Option<(usize, usize)> {
    let ((from, _), text) =
        places.iter().zip(texts).find(|(_, text)| text.contains('/') && !text.starts_with(['-', '/', '@']))?;
    let (user, rest) = text.split_once('/')?;
    let secret = rest.rsplit_once('@').map_or(rest, |(secret, _)| secret);
    Some((from + user.len() + 1, from + user.len() + 1 + secret.len()))
}

/// The last argument, if there are enough of them to hold one.
fn last(places: &[(usize, usize)], texts: &[&str], words: &[&str]) -> Option<(usize, usize)> {
    let cluster = |text: &str| {
        let letters = text.strip_prefix('-').filter(|letters| letters.bytes().all(|byte| byte.is_ascii_alphabetic()));
        letters.is_some_and(|letters| {
            words.iter().filter_map(|word| word.strip_prefix('-')).any(|word| letters.contains(word))
        })
    };
    let at = texts.iter().position(|text| words.contains(text) || cluster(text))?;
    // `net use Z: \\\\host\\share x /user:y`
    if texts.get(at) == Some(&"use") {
        let mut shared = texts.iter().skip(at).skip_while(|text| !text.starts_with("\\\\"));
        let secret = shared.by_ref().skip(1).find(|text| !text.starts_with('/'))?;
        let index = texts.iter().position(|text| text == secret)?;
        return places.get(index).copied();
    }
    let behind = texts.get(at + 1..)?.iter().filter(|text| !text.starts_with('-')).count();
    let (word, least) = (texts.get(at)?, texts.last()?);
    let enough = match *word {
        "login" | "obscure" | "auth" | "authtoken" | "add-authtoken" | "setapikey" | "install" => {
            behind == 1 && !least.contains('=') && value::is_strong(least)
        }
        "alias" | "host" => behind >= 5 && texts.get(at + 1).is_some_and(|next| matches!(*next, "set" | "add")),
        "reset-admin-password" | "pypi-token.pypi" | "password" | "passwd" => behind == 1,
        _ => behind >= 2,
    };
    enough.then(|| places.last().copied()).flatten()
}

/// Bytes of three lines of a trace at most.
const TRACED: usize = 2000;

/// What reads a secret from its input.
const READERS: [&str; 13] = [
    "--password-stdin",
    "kinit",
    "sudo -S",
    "passwd --stdin",
    "chpasswd",
    "--with-token",
    "login --",
    "cryptsetup",
    "smbpasswd -s",
    "-passin stdin",
    "--passphrase-fd 0",
    "rclone obscure",
    "private-key /dev/stdin",
];

/// `echo secret | docker login --password-stdin`, `echo user:secret | chpasswd`; a trace has the reader on a line beside it.
fn echo(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = end.line_after();
    let reader = match line.split_once('|') {
        Some((_, reader)) => reader,
        None if end.line_before().trim_start().starts_with('+') => neighbours(end),
        None => return,
    };
    if READERS.iter().any(|word| reader.contains(word)) {
        handed(end, reader.contains("chpasswd"), spans);
    }
}

/// `chpasswd <<< user:secret`, and in a trace `cat <<< secret` beside its reader.
pub(super) fn here_string(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if here.before() == b'<' || !here.rest().starts_with("<<<") || here.plus(3).byte() == b'<' {
        return;
    }
    let reads = |text: &str| READERS.iter().any(|word| text.contains(word));
    let (line, near) = (here.line_before(), neighbours(here));
    if reads(line) || line.trim_start().starts_with('+') && reads(near) {
        handed(here.plus(3), line.contains("chpasswd") || near.contains("chpasswd"), spans);
    }
}

/// `+ '[' -z x ']'` in a trace beside a line that sets a secret's name: what is tested, behind the hyphen here.
pub(super) fn tested(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let test = here.take("-z ").or_else(|| here.take("-n "));
    let Some(start) = test.filter(|_| here.before() == b' ' && here.line_before().starts_with('+')) else { return };
    let start = start.blanks().quote();
    let stop = start.skip(is_plain);
    let secret = start.until(stop);
    let named = |line: &str| {
        let exported = ["export ", "readonly ", "declare "].iter().find_map(|word| line.split_once(word));
        exported.and_then(|(_, name)| key::kind(name.split(['=', ' ']).next()?.trim()))
    };
    if here.line_before().contains('[')
        && value::is_strong(secret)
        && let Some(kind) = neighbours(here).lines().find_map(named)
    {
        spans.push(Span::new(start.at, stop.at, kind));
    }
}

/// `/app/.env: line 7: x: command not found`, `line 9: !x: event not found`: a shell read a piece of a value as something else. Behind
/// `event`, or the word that could not be run.
pub(super) fn not_run(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    const PLACES: [&str; 3] = [".env", "secrets", "credentials"];
    let line = here.line_before();
    let Some((place, piece)) = line.strip_suffix(": ").and_then(|line| line.rsplit_once(": ")) else { return };
    let file = place.split(": line").next().unwrap_or_default();
    let history = end.take(" not found").is_some() && piece.starts_with('!');
    let run = here.take("command not found").is_some() && PLACES.iter().any(|place| file.contains(place));
    if (history || run) && value::is_typed(piece) && !piece.contains(' ') {
        let start = here.at - ": ".len() - piece.len();
        spans.push(Span::new(start, start + piece.len(), "password"));
    }
}

/// `+ cat /run/secrets/x`, `+ openssl rand -hex 16` in a trace: the word alone on the line below is what it wrote.
fn written(end: Cursor<'_>, spans: &mut Vec<Span>) {
    const SECRETS: [&str; 5] = ["/run/secrets/", " rand -", "-password", "_password", "_secret"];
    let line = end.line_after();
    if !end.line_before().starts_with('+')
        || !SECRETS.iter().any(|place| line.contains(place))
        || line.contains(['|', '>'])
    {
        return;
    }
    let next = end.plus(line.len() + 1);
    let text = next.line_after().trim_end();
    let stop = next.at + text.len();
    if text.len() >= 6 && !text.contains(char::is_whitespace) && value::is_typed(text) && !text.starts_with('+') {
        push(end.text, Some((next.at, stop)), spans);
    }
}

/// The line above to the line below.
fn neighbours(here: Cursor<'_>) -> &str {
    let start = here.at - here.line_before().len();
    let above = Cursor::new(here.text, start.saturating_sub(1)).line_before().len() + 1;
    let end = here.at + here.line_after().len();
    let below = Cursor::new(here.text, (end + 1).min(here.text.len())).line_after().len() + 1;
    let lines = here.text.get(start.saturating_sub(above)..(end + below).min(here.text.len()));
    lines.filter(|lines| lines.len() <= TRACED).unwrap_or_default()
}

/// The first argument that is no flag, or what stands behind its colon.
fn handed(end: Cursor<'_>, user: bool, spans: &mut Vec<Span>) {
    let mut words = arguments(end).into_iter();
    let format = |word: &str| word.starts_with('-') || word.starts_with('%');
    if let Some((start, stop)) = words.find(|place| end.text.get(place.0..place.1).is_some_and(|word| !format(word))) {
        let word = end.text.get(start..stop).unwrap_or_default();
        let user = if user { word.find(':').map_or(0, |at| at + 1) } else { 0 };
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
