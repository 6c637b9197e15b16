//! Secrets in what mail servers and others are told, and in files of credentials.

use super::command::push;
use super::cursor::{Cursor, is_blank, is_quote, is_word};
use super::{Span, sentence, value};

/// `PASS x` of FTP, POP and IRC, alone on its line; `PASS src/a.test.ts` is how tests report.
pub(super) fn pass(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(start) = end.gap().filter(|_| here.until(end) == "PASS") else {
        return;
    };
    let stop = start.skip(|byte| byte > b' ');
    let secret = start.until(stop);
    let alone = stop.skip(|byte| is_blank(byte) || byte == b'\r');
    if !matches!(alone.byte(), b'\n' | 0) || secret.contains('/') || sentence::is_file(secret) {
        return;
    }
    if value::is_strong(secret) || is_sent(here) && value::is_chosen(secret) {
        push(end.text, Some((start.at, stop.at)), spans);
    }
}

/// `a1 LOGIN user x` of IMAP.
pub(super) fn login(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let tag = here.back(is_blank);
    let begin = tag.back(is_word);
    let Some(user) = end.gap().filter(|_| here.until(end) == "LOGIN" && (1..=8).contains(&(tag.at - begin.at))) else {
        return;
    };
    let secret = user.skip(|byte| byte > b' ').gap();
    let Some((start, stop)) = secret.map(|start| match value::quoted(start.line_after()) {
        Some((from, to)) => (start.plus(from), start.plus(to)),
        None => (start, start.skip(|byte| byte > b' ')),
    }) else {
        return;
    };
    let alone = stop.quote().skip(|byte| is_blank(byte) || byte == b'\r');
    if matches!(alone.byte(), b'\n' | 0)
        && (begin.line_before().is_empty() || is_sent(begin))
        && value::is_chosen(start.until(stop))
    {
        push(end.text, Some((start.at, stop.at)), spans);
    }
}

/// `stats auth admin:x` of a proxy, `auth user:pass app:x`: the word behind the last colon.
pub(super) fn stats(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    let format = end.take(" user:pass ").map(Cursor::blanks);
    let told = here.line_before().trim_end().ends_with("stats");
    let Some(start) = format.or_else(|| end.gap().filter(|_| told)) else { return false };
    let stop = start.skip(|byte| byte > b' ' && !is_quote(byte));
    let Some((user, secret)) = start.until(stop).split_once(':') else { return false };
    push(end.text, Some((start.at + user.len() + 1, stop.at)).filter(|_| !secret.is_empty()), spans);
    true
}

/// Behind the sign of a client's side: `C: `, `> `, `<- `.
fn is_sent(start: Cursor<'_>) -> bool {
    let line = start.line_before().trim_end();
    ["C:", ">", "<", "->", "<-", ">>", "<<", "Client:", "S:", "SEND:", "send:"]
        .iter()
        .any(|sign| line.trim_start().ends_with(sign))
}

/// `credentials admin:x`: behind the name of an administrator, on a line that speaks of logins.
pub(super) fn account(colon: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    const SPOKEN: [&str; 4] = ["login", "credential", "basic auth", "password"];
    let start = colon.back(|byte| is_word(byte) || matches!(byte, b'.' | b'-' | b'@'));
    let named = ["admin", "root", "administrator"].contains(&start.until(colon)) && is_blank(start.before());
    if start.at == colon.at || !named && !is_login_of(start) {
        return false;
    }
    let (value, line) = (colon.plus(1), start.line_before().to_ascii_lowercase());
    let stop = value.skip(|byte| byte > b' ' && !is_quote(byte) && byte != b',' && byte != b')');
    let secret = value.until(stop);
    let fits = value::is_strong(secret)
        && !secret.contains([':', '/'])
        && (!named || SPOKEN.iter().any(|word| line.contains(word)));
    if fits {
        push(colon.text, Some((value.at, stop.at)), spans);
    }
    fits
}

/// `credentials: admin / x`: the slash here stands between them.
pub(super) fn slashed(here: Cursor<'_>, spans: &mut Vec<Span>) {
    const SPOKEN: [&str; 3] = ["login", "credential", "password"];
    let end = here.back(is_blank);
    let user = end.back(is_word);
    let known = ["admin", "root", "administrator", "user", "guest", "superuser"];
    let told = || user.line_before().trim_end().trim_end_matches(':').ends_with("credentials");
    let apart = end.at < here.at || user.line_before().trim_end().ends_with(':');
    let named = apart && known.iter().any(|known| known.eq_ignore_ascii_case(user.until(end)));
    if user.at == end.at || !is_blank(user.before()) || !named && !told() {
        return;
    }
    let start = here.plus(1).blanks();
    let stop = start.skip(|byte| byte > b' ' && !is_quote(byte) && !matches!(byte, b',' | b')' | b'/'));
    let line = user.line_before().to_ascii_lowercase();
    if value::is_strong(start.until(stop)) && SPOKEN.iter().any(|word| line.contains(word)) {
        push(here.text, Some((start.at, stop.at)), spans);
    }
}

/// `snmp-server community x RO`, `radius-server host y key x`, as a switch is told.
pub(super) fn network(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = here.line_before().trim_start();
    let Some(start) = end
        .gap()
        .filter(|_| ["snmp-server ", "radius-server ", "tacacs-server "].iter().any(|word| line.contains(word)))
    else {
        return;
    };
    // A digit says how the secret is written.
    let start = Some(start.plus(1))
        .filter(|_| matches!(start.byte(), b'0' | b'5' | b'7'))
        .and_then(Cursor::gap)
        .unwrap_or(start);
    let stop = start.skip(|byte| byte > b' ');
    if value::is_chosen(start.until(stop)) {
        push(here.text, Some((start.at, stop.at)), spans);
    }
}

/// `auth = user:x`, `user=name:x`, `[smtp.example]:587 user:x`: a setting of logins, or a host stands before the user.
fn is_login_of(user: Cursor<'_>) -> bool {
    let sign = user.back(|byte| is_blank(byte) || is_quote(byte));
    if sign.before() == b'=' {
        let end = Cursor::new(sign.text, sign.at - 1).back(is_blank);
        let name = end.back(is_word).until(end).to_ascii_lowercase();
        return name == "user"
            || name == "auth"
            || name == "userpwd"
            || name.ends_with("_auth")
            || name.ends_with("userinfo");
    }
    let host = sign.back(is_blank).back(|byte| byte > b' ').until(sign).trim_end();
    let port = host.trim_end_matches(|c: char| c.is_ascii_digit());
    sign.at < user.at && host.starts_with('[') && port.ends_with("]:") && port.len() < host.len()
}

/// `domain TRUE / FALSE 0 name x` with tabs between, a line of a jar of cookies: the value behind the last one.
pub(super) fn cookie_jar(tab: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(next) = ["TRUE\t/", "FALSE\t/"].iter().find_map(|flag| tab.plus(1).take(flag)) else {
        return;
    };
    let mut fields = next.line_after().splitn(5, '\t');
    let (_, secure, expires, name) = (fields.next(), fields.next(), fields.next(), fields.next());
    let value = fields.next().unwrap_or_default().trim_end();
    let known = matches!(secure, Some("TRUE" | "FALSE"))
        && expires.is_some_and(|time| time.bytes().all(|byte| byte.is_ascii_digit()));
    if known && name.is_some() && value.len() > 8 {
        let start = next.at + next.line_after().trim_end().len() - value.len();
        spans.push(Span::new(start, start + value.len(), "cookie"));
    }
}

/// `"user" "x"` alone on its line, as a pool of connections lists its users.
pub(super) fn user_list(quote: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = quote.line_after().trim_end();
    let told = quote.line_before().trim_end().ends_with("userlist.txt:");
    if !told && !matches!(quote.before(), b'\n') || !line.ends_with('"') {
        return;
    }
    let Some((user, secret)) = line.get(1..line.len() - 1).and_then(|inside| inside.split_once("\" \"")) else {
        return;
    };
    let plain = !user.is_empty() && user.bytes().all(|byte| is_word(byte) || byte == b'-');
    // Beside other users a point is a part of the password.
    let listed = |line: &str| line.starts_with('"') && line.trim_end().ends_with('"') && line.contains("\" \"");
    let above = quote.at.checked_sub(1).is_some_and(|at| listed(Cursor::new(quote.text, at).line_before()));
    let below = listed(quote.plus(quote.line_after().len() + 1).line_after());
    let sentence = secret.contains(['"', ' ', '/', ':']) || secret.contains('.') && !above && !below;
    if plain && value::is_strong(secret) && !sentence {
        let start = quote.at + 1 + user.len() + "\" \"".len();
        spans.push(Span::new(start, start + secret.len(), "password"));
    }
}

/// `mara : EAP "x"` of a file of secrets.
pub(super) fn exchange(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let upper = here.until(end).bytes().all(|byte| byte.is_ascii_uppercase());
    let string = end.gap().filter(|_| upper && here.line_before().trim_end().ends_with(':'));
    if let Some((start, (from, to))) = string.and_then(|start| Some((start, value::quoted(start.line_after())?))) {
        push(end.text, Some((start.at + from, start.at + to)), spans);
    }
}

/// Digits of a card where one is spoken of: so many, and their sum is right.
pub(super) fn card(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    const NEAR: usize = 60;
    let digits = here.until(end);
    if !(13..=19).contains(&digits.len())
        || !matches!(here.byte(), b'3'..=b'6')
        || !digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return;
    }
    let double = |digit: u8| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let values = digits.bytes().rev().map(|byte| byte - b'0').enumerate();
    let sum: u32 = values.map(|(at, digit)| u32::from(if at % 2 == 1 { double(digit) } else { digit })).sum();
    let from = here.text.floor_char_boundary(here.at.saturating_sub(NEAR));
    let before = here.text.get(from..here.at).unwrap_or_default().to_ascii_lowercase();
    if sum.is_multiple_of(10) && ["card", "pan\"", "pan=", "cc_num", "ccnum"].iter().any(|word| before.contains(word)) {
        spans.push(Span::new(here.at, end.at, "credential"));
    }
}

/// `CLIENT_RANDOM hex hex` and its like: the second is the key of a connection.
pub(super) fn key_log(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let hex = |byte: u8| byte.is_ascii_hexdigit();
    let random = end.gap().map(|start| (start, start.skip(hex)));
    let secret = random.filter(|(start, stop)| stop.at == start.at + 64).and_then(|(_, stop)| stop.gap());
    if let Some((start, stop)) =
        secret.map(|start| (start, start.skip(hex))).filter(|(start, stop)| stop.at >= start.at + 64)
    {
        spans.push(Span::new(start.at, stop.at, "private-key"));
    }
}

/// `{"kty":"RSA", … "d":"x"}`: the private part of a key, on the line of its kind.
pub(super) fn web_key(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = if end.quote().blanks().byte() == b':' { end.line_after() } else { "" };
    for name in ["\"d\":", "\"k\":", "\"p\":", "\"q\":", "\"dp\":", "\"dq\":", "\"qi\":"] {
        let start = line.find(name).map(|at| end.plus(at + name.len()).blanks());
        if let Some((start, (from, to))) = start.and_then(|start| Some((start, value::quoted(start.line_after())?))) {
            push(end.text, Some((start.at + from, start.at + to)), spans);
        }
    }
}

/// `::add-mask::x`, and the value that a workflow prints behind the name of a secret.
pub(super) fn workflow(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if let Some(start) = end.take("::").filter(|_| here.line_before().ends_with("::add-")) {
        return push(end.text, Some((start.at, start.at + start.line_after().trim_end().len())), spans);
    }
    let line = end.line_after();
    if !here.line_before().trim_end().trim_end_matches(':').ends_with("Evaluating") || end.byte() != b'.' {
        return;
    }
    let next = Cursor::new(end.text, end.at + line.len() + 1);
    let sign = next.line_after().find("=> ").map(|at| next.plus(at + "=> ".len()));
    if let Some((start, (from, to))) = sign.and_then(|start| Some((start, value::quoted(start.line_after())?))) {
        push(end.text, Some((start.at + from, start.at + to)), spans);
    }
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
    let host = end.take(" login").is_some() || words.next().is_some();
    let fits = host && words.next() == Some("login") && words.next().is_some();
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
