//! One pass over a text: each word and each sign is shown to the finders that could begin there.

use super::cursor::{Cursor, is_word};
use super::{
    Span, assign, beside, call, command, complaint, field, flag, foreign, header, link, mail, object, pem, protocol,
    query, random, redis, sentence, shape, spoken, sql, substitute, table, torn, url,
};

/// A longer secret is not looked into, in bytes: what is said in it is a part of it.
const INSIDE: usize = 256;
/// Bytes between a sign and its secret at most: blanks, quotes, a type.
const NEAR: usize = 16;

/// Every place where a secret may stand, in no order.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut here = Cursor::new(text, 0);
    let (length, mut seen) = (text.len(), 0);
    while here.at < length {
        if spans.len() > seen {
            let new = spans.get(seen..).unwrap_or_default().iter();
            let long = new
                .filter(|span| span.start <= here.at + NEAR && span.end > here.at + INSIDE)
                .map(|span| span.end)
                .max();
            here.at = long.unwrap_or(here.at);
            seen = spans.len();
            continue;
        }
        let byte = here.byte();
        if is_word(byte) {
            let end = here.skip(is_word);
            let before = spans.len();
            word(here, end, &mut spans);
            if spans.len() == before {
                random::at(here, end, &mut spans);
            }
            here = end;
        } else if byte == b'\\' && matches!(here.plus(1).byte(), b'n' | b'r' | b't') {
            // The letter belongs to the escape, not to the word behind it.
            here = here.plus(2);
        } else if byte == b'%' && here.plus(1).byte().is_ascii_hexdigit() && here.plus(2).byte().is_ascii_hexdigit() {
            url::encoded(here, &mut spans);
            here = here.plus(3);
        } else {
            sign(byte, here, &mut spans);
            here = here.plus(1);
        }
    }
    spans
}

fn sign(byte: u8, here: Cursor<'_>, spans: &mut Vec<Span>) {
    match byte {
        b'=' => {
            assign::at(here, spans);
            complaint::unknown(here, spans);
        }
        b':' => {
            assign::at(here, spans);
            url::at(here, spans);
            protocol::password_file(here, spans);
            if !here.before().is_ascii() {
                foreign::printed(here, spans);
            }
        }
        b'-' => {
            flag::at(here, spans);
            command::tested(here, spans);
            assign::arrow(here, spans);
        }
        b'?' | b'&' => link::parameter(here, spans),
        b'@' if !torn::at(here, spans) => {
            mail::at(here, spans);
            url::before_host(here, spans);
        }
        b'>' => field::element(here, spans),
        b'(' => call::at(here, spans),
        b',' => call::pair(here, spans),
        b'|' => table::at(here, spans),
        b'.' => assign::dots(here, spans),
        b'"' | b'\'' => quote(byte, here, spans),
        b'[' => query::list(here, spans),
        b'\t' => protocol::cookie_jar(here, spans),
        b';' => {
            assign::serialized(here, spans);
            object::attributes(here, spans);
        }
        b'/' => {
            link::path(here, spans);
            protocol::slashed(here, spans);
        }
        b'<' => command::here_string(here, spans),
        b'~' => shape::azure(here, spans),
        0xef | 0xe2 => {
            assign::wide(here, spans);
            table::drawn(here, spans);
        }
        b'$' | b'{' | b'*' => shape::hash(here, spans),
        _ => {}
    }
}

fn quote(byte: u8, here: Cursor<'_>, spans: &mut Vec<Span>) {
    foreign::quoted(here, spans);
    torn::quoted(here, spans);
    if byte == b'"' {
        protocol::user_list(here, spans);
        complaint::unread(here, spans);
    }
}

fn word(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    // No token is short, unless a sign stands in it.
    if end.at - here.at >= 16
        || matches!(end.byte(), b'-' | b'.' | b'/' | b':' | b'+' | b'=' | b'$')
        || here.before() == b'-'
    {
        shape::at(here, end, spans);
    }
    if matches!(here.byte(), b'3'..=b'6') && end.at - here.at >= 13 {
        protocol::card(here, end, spans);
    }
    let word = here.until(end);
    let Some(keyword) = keywords(here.byte() | 0x20).iter().find(|keyword| keyword.eq_ignore_ascii_case(word)) else {
        command::program(here, end, spans);
        return beside::name(here, end, spans);
    };
    if !told(keyword, here, end, spans) {
        protocol_word(keyword, here, end, spans);
    }
}

/// Words behind which a secret is named, or told in a sentence; whether this is one of them.
fn told(keyword: &str, here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    match keyword {
        "password" | "passphrase" | "passwort" | "kennwort" | "wachtwoord" | "psk" => {
            beside::directive(here, end, spans);
            sentence::at(end, keyword, spans);
            sql::literal(here, end, spans);
            table::aligned(here, end, spans);
        }
        "passe" if here.line_before().ends_with("ot de ") => sentence::at(end, keyword, spans),
        "community" => protocol::network(here, end, spans),
        "secret" | "token" | "key" => {
            protocol::network(here, end, spans);
            beside::directive(here, end, spans);
            sentence::at(end, keyword, spans);
            sql::constant(here, end, spans);
            query::duplicate(end, spans);
        }
        "code" | "codes" | "otp" | "pin" => sentence::code(here, end, spans),
        "phrase" | "mnemonic" => sentence::phrase(end, spans),
        "data" | "stringdata" if here.before() != b'.' => {
            object::manifest(here, end, spans);
            complaint::at(here, end, spans);
        }
        "value" | "received" | "input_value" | "input" | "given" | "got" | "actual" | "converting" | "old" | "new"
        | "parsing" => {
            complaint::at(here, end, spans);
            spoken::at(here, end, spans);
        }
        "data" => complaint::at(here, end, spans),
        "rejected" | "expected" | "computed" | "was" => spoken::at(here, end, spans),
        "from" => spoken::changed(here, end, spans),
        "must" => spoken::demanded(here, end, spans),
        "s" => substitute::at(here, end, spans),
        "binding" => query::bound(end, spans),
        "jwt" | "malformed" => sentence::malformed(end, spans),
        "event" => command::not_run(here, end, spans),
        "values" => query::values(here, end, spans),
        "parameters" | "params" | "bindings" | "bind" => query::parameters(here, end, spans),
        "identified" => sql::identified(end, spans),
        _ => return false,
    }
    true
}

/// Words of protocols, commands and files.
fn protocol_word(keyword: &str, here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    match keyword {
        "authorization" => header::authorization(end, spans),
        "bearer" => header::bearer(end, spans),
        "basic" => header::basic(end, spans),
        "cookie" | "cookie2" | "set_cookie" | "http_cookie" => {
            header::cookie(end, spans);
            object::cookie_pair(end, spans);
        }
        "cookies" => object::cookies(end, spans),
        "securestring" => object::secure_string(here, end, spans),
        "createuser" => object::create_user(end, spans),
        "base32" => object::one_time(here, end, spans),
        "begin" => pem::begin(here, spans),
        "end" => pem::end(here, spans),
        "private" => pem::putty(end, spans),
        "machine" | "default" => protocol::netrc(end, spans),
        "auth" if protocol::stats(here, end, spans) => {}
        "auth" => redis::auth(here, end, spans),
        "auth2" => redis::auth2(end, spans),
        "sess" | "session" => query::session(end, spans),
        "pass" => protocol::pass(here, end, spans),
        "login" => protocol::login(here, end, spans),
        "mask" | "secrets" => protocol::workflow(here, end, spans),
        "hello" => redis::hello(end, spans),
        "user" | "setuser" => redis::user(here, end, spans),
        "name" | "command" => {
            redis::arguments(end, spans);
            command::not_run(here, end, spans);
            field::form(here, end, spans);
        }
        "kty" => protocol::web_key(end, spans),
        "eap" | "xauth" => protocol::exchange(here, end, spans),
        "334" => protocol::smtp(end, spans),
        _ if keyword.starts_with("client_") || keyword.ends_with("_secret") || keyword.ends_with("_0") => {
            protocol::key_log(end, spans);
        }
        _ => redis::setting(end, spans),
    }
}

/// The words above that begin with a letter; most words of a log end here.
#[rustfmt::skip]
const fn keywords(first: u8) -> &'static [&'static str] {
    match first {
        b'a' => &["auth", "auth2", "authorization", "actual"],
        b'b' => &["base32", "basic", "bearer", "begin", "bind", "binding", "bindings", "bindpw"],
        b'c' => &["code", "codes", "command", "community", "converting", "cookie", "cookie2", "cookies", "createuser", "client_random", "client_traffic_secret_0", "client_handshake_traffic_secret", "computed"],
        b'd' => &["data", "default"],
        b'e' => &["eap", "end", "event", "expected", "exporter_secret"],
        b'f' => &["from"],
        b'g' => &["given", "got"],
        b'h' => &["hello", "http_cookie"],
        b'i' => &["identified", "input", "input_value"],
        b'j' => &["jwt"],
        b'k' => &["key", "kennwort", "kty"],
        b'l' => &["login"],
        b'm' => &["machine", "malformed", "mask", "masterauth", "mnemonic", "must"],
        b'n' => &["name", "new"],
        b'o' => &["old", "otp"],
        b'p' => &["pass", "password", "passphrase", "passe", "passwort", "phrase", "pin", "psk", "parameters", "params", "parsing", "primaryauth", "private"],
        b'r' => &["received", "rejected", "requirepass", "rocommunity", "rwcommunity"],
        b's' => &["s", "secret", "secrets", "sess", "session", "securestring", "setuser", "set_cookie", "stringdata", "server_traffic_secret_0", "server_handshake_traffic_secret"],
        b't' => &["token"],
        b'u' => &["user"],
        b'v' => &["value", "values"],
        b'w' => &["wachtwoord", "was"],
        b'x' => &["xauth"],
        b'3' => &["334"],
        _ => &[],
    }
}
