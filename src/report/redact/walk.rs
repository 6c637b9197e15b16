//! One pass over a text: each word and each sign is shown to the finders that could begin there.

use super::cursor::{Cursor, is_word};
use super::{Span, assign, command, flag, header, mail, pem, sentence, shape, sql, url};

/// Every place where a secret may stand, in no order.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut here = Cursor::new(text, 0);
    let length = text.len();
    while here.at < length {
        let byte = here.byte();
        if is_word(byte) {
            let end = here.skip(is_word);
            word(here, end, &mut spans);
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
        b'=' => assign::at(here, spans),
        b':' => {
            assign::at(here, spans);
            url::at(here, spans);
            command::password_file(here, spans);
        }
        b'-' => {
            flag::at(here, spans);
            assign::arrow(here, spans);
        }
        b'?' | b'&' => url::parameter(here, spans),
        b'@' => {
            mail::at(here, spans);
            url::before_host(here, spans);
        }
        b'>' => assign::element(here, spans),
        b'$' | b'{' | b'*' => shape::hash(here, spans),
        _ => {}
    }
}

fn word(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    // No token is short, unless a sign stands in it.
    if end.at - here.at >= 16 || matches!(end.byte(), b'-' | b'.' | b'/' | b':' | b'+' | b'=') || here.before() == b'-'
    {
        shape::at(here, end, spans);
    }
    let word = here.until(end);
    let Some(keyword) = keywords(here.byte() | 0x20).iter().find(|keyword| keyword.eq_ignore_ascii_case(word)) else {
        command::program(here, end, spans);
        return assign::beside_name(here, end, spans);
    };
    match *keyword {
        "authorization" => header::authorization(end, spans),
        "bearer" => header::bearer(end, spans),
        "basic" => header::basic(end, spans),
        "cookie" | "set_cookie" => header::cookie(end, spans),
        "begin" => pem::begin(here, spans),
        "end" => pem::end(here, spans),
        "password" | "passphrase" => {
            sentence::at(end, keyword, spans);
            sql::literal(end, spans);
        }
        "secret" | "token" | "key" => {
            sentence::at(end, keyword, spans);
            sql::constant(here, end, spans);
        }
        "identified" => sql::identified(end, spans),
        "machine" => command::netrc(end, spans),
        "define" => assign::define(end, spans),
        "auth" => command::redis_auth(here, end, spans),
        "pass" => command::pass(here, end, spans),
        "hello" => command::redis_hello(end, spans),
        "user" | "setuser" => command::redis_user(end, spans),
        "name" | "command" => command::redis_arguments(end, spans),
        "334" => command::smtp(end, spans),
        _ => command::setting(end, spans),
    }
}

/// The words above that begin with a letter; most words of a log end here.
const fn keywords(first: u8) -> &'static [&'static str] {
    match first {
        b'a' => &["auth", "authorization"],
        b'b' => &["basic", "bearer", "begin", "bindpw"],
        b'c' => &["command", "cookie"],
        b'd' => &["define"],
        b'e' => &["end"],
        b'h' => &["hello"],
        b'i' => &["identified"],
        b'k' => &["key"],
        b'm' => &["machine", "masterauth"],
        b'n' => &["name"],
        b'p' => &["pass", "password", "passphrase", "primaryauth"],
        b'r' => &["requirepass"],
        b's' => &["secret", "setuser", "set_cookie"],
        b't' => &["token"],
        b'u' => &["user"],
        b'3' => &["334"],
        _ => &[],
    }
}
