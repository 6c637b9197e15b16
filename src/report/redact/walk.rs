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
    shape::at(here, end, spans);
    if !is_keyword(here.byte() | 0x20, end.at - here.at) {
        return;
    }
    let lower = here.until(end).to_ascii_lowercase();
    match lower.as_str() {
        "authorization" => header::authorization(end, spans),
        "bearer" => header::bearer(end, spans),
        "basic" => header::basic(end, spans),
        "cookie" | "set_cookie" => header::cookie(end, spans),
        "begin" => pem::begin(here, spans),
        "end" => pem::end(here, spans),
        "password" | "passphrase" => {
            sentence::at(end, &lower, spans);
            sql::literal(end, spans);
        }
        "secret" | "token" | "key" => {
            sentence::at(end, &lower, spans);
            sql::constant(here, end, spans);
        }
        "identified" => sql::identified(end, spans),
        "machine" => command::netrc(end, spans),
        "define" => assign::define(end, spans),
        "auth" => command::redis_auth(here, end, spans),
        "hello" => command::redis_hello(end, spans),
        "user" | "setuser" => command::redis_user(end, spans),
        "requirepass" | "masterauth" | "primaryauth" | "bindpw" => command::setting(end, spans),
        "name" => command::redis_arguments(end, spans),
        "334" => command::smtp(end, spans),
        _ => command::program(&lower, end, spans),
    }
}

/// Whether a word of this first letter and length can be one of those above; most words end here.
const fn is_keyword(first: u8, length: usize) -> bool {
    match first {
        b'a' => matches!(length, 2 | 4 | 13),
        b'b' => matches!(length, 5 | 6),
        b'c' => matches!(length, 4 | 6),
        b'd' => length == 6,
        b'e' => matches!(length, 3 | 4),
        b'h' => matches!(length, 5 | 8),
        b'i' => length == 10,
        b'k' => length == 3,
        b'l' => matches!(length, 5 | 7..=12),
        b'm' => matches!(length, 2 | 5..=13),
        b'n' => length == 4,
        b'p' => matches!(length, 8 | 10 | 11),
        b'r' => matches!(length, 5 | 11),
        b's' => matches!(length, 6 | 7 | 10),
        b't' => length == 5,
        b'u' => length == 4,
        b'v' => matches!(length, 5 | 6),
        b'3' => length == 3,
        _ => false,
    }
}
