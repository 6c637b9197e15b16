//! Secrets told by their shape alone: tokens of the large providers, JWTs, password hashes.

use super::cursor::{Cursor, is_base64, is_blank, is_quote, is_word};
use super::tokens::{self, Token};
use super::{Span, base64};

/// A token that begins with the word here.
pub(super) fn at(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let second = here.plus(1).byte();
    for token in tokens::of(here.byte()) {
        if token.prefix.as_bytes().get(1) == Some(&second)
            && here.rest().starts_with(token.prefix)
            && prefixed(here, token, spans)
        {
            return;
        }
    }
    match here.byte() {
        b'e' if here.rest().starts_with("eyJ") => {
            jwt(here, spans);
            document(here, spans);
        }
        b'5' | b'K' | b'L' if wallet(here.until(end)) => spans.push(Span::new(here.at, end.at, "private-key")),
        b'L' if here.rest().starts_with("LS0tLS1CRUdJTi") => encoded_key(here, spans),
        b'A' => {
            aws(here, end, spans);
            sasl(here, spans);
            firebase(here, end, spans);
            account(here, end, spans);
        }
        b'M' | b'N' | b'O' => discord(here, end, spans),
        b'a' if here.before() == b'.' && here.until(end) == "atlasv1" => terraform(here, spans),
        b'u' if here.before() == b'-' => mailchimp(here, end, spans),
        b'b' | b'0'..=b'9' => {
            telegram(here, spans);
            hex_license(here, end, spans);
            parts(here, end, spans);
            exchange(here, spans);
        }
        b'a' | b'c'..=b'f' if end.byte() == b'-' => parts(here, end, spans),
        b'v' if here.rest().starts_with("v1.0-") => cloudflare(here, spans),
        b'm' if here.rest().starts_with("md5") => exact(here, "md5".len(), 32, is_hex, "password-hash", spans),
        b'p' if here.before() == b'-' && end.byte() == b'-' && here.until(end) == "pbkdf2" => {
            let stop = end.plus(1).skip(|byte| is_hex(byte) || byte == b',' || byte == b':');
            if stop.at > end.at + 40 {
                spans.push(Span::new(end.at + 1, stop.at, "password-hash"));
            }
        }
        b's' | b'p' | b'S' => derived(here, spans),
        _ => {}
    }
}

fn prefixed(here: Cursor<'_>, token: &Token, spans: &mut Vec<Span>) -> bool {
    // `disk-…` and `task-…` are kept out by the border of the word, `my-sk-…` by this one.
    if here.before() == b'-' && token.prefix.contains('-') {
        return false;
    }
    let start = here.plus(token.prefix.len());
    let end = start.skip(token.accepts);
    let body = start.until(end).trim_end_matches(['.', '-']);
    let fits = body.len() >= token.least && (token.most == 0 || body.len() <= token.most);
    // A name in words has no digit.
    let random = body.bytes().any(|byte| byte.is_ascii_digit())
        || body.len() >= 24 && body.bytes().any(|byte| byte.is_ascii_uppercase()) && !body.contains(['-', '_', '.']);
    if fits && random {
        spans.push(Span::new(here.at, start.at + body.len(), token.kind));
    }
    fits && random
}

const fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn is_token(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

/// A run of exactly so many bytes behind a prefix.
fn exact(
    here: Cursor<'_>,
    prefix: usize,
    length: usize,
    set: fn(u8) -> bool,
    kind: &'static str,
    spans: &mut Vec<Span>,
) {
    let start = here.plus(prefix);
    let end = start.skip(set);
    if end.at - start.at == length && !is_word(end.byte()) {
        spans.push(Span::new(here.at, end.at, kind));
    }
}

fn jwt(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let end = here.skip(|byte| is_token(byte) || byte == b'.');
    let text = here.until(end).trim_end_matches('.');
    let mut parts = text.split('.');
    let head = parts.next().is_some_and(|part| part.len() >= 9);
    if head && parts.next().is_some_and(|part| part.len() >= 4 || part.is_empty() && text.len() > 60) {
        spans.push(Span::new(here.at, here.at + text.len(), "jwt"));
    }
}

/// An object in base64 that names a secret: the login of a registry, a key of a dashboard.
fn document(here: Cursor<'_>, spans: &mut Vec<Span>) {
    const NAMES: [&str; 9] = [
        "\"password\"",
        "\"auth\"",
        "\"payload\"",
        "\"k\"",
        "\"identitytoken\"",
        "\"token\"",
        "\"secret\"",
        "\"key\"",
        "\"fgr\"",
    ];
    let end = here.skip(is_base64);
    let text = here.until(end);
    if text.len() < 40 || end.byte() == b'.' || here.before() == b'.' {
        return;
    }
    // The beginning is enough; of a text that was cut the rest cannot be read.
    let head = text.get(..text.len().min(160) / 4 * 4).unwrap_or_default();
    let decoded = base64::decode(head).unwrap_or_default();
    let decoded = String::from_utf8_lossy(&decoded);
    if NAMES.iter().any(|name| decoded.contains(name)) {
        spans.push(Span::new(here.at, end.at, "token"));
    }
}

/// The key of a wallet: so many letters and digits, and none that look alike.
fn wallet(word: &str) -> bool {
    matches!(word.len(), 51 | 52)
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l'))
        && super::value::is_random(word)
}

/// A key in PEM, in base64 once more; a certificate is none.
fn encoded_key(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let end = here.skip(is_base64);
    let text = here.until(end);
    let decoded = base64::decode(text.get(..text.len().min(64) / 4 * 4).unwrap_or_default()).unwrap_or_default();
    if String::from_utf8_lossy(&decoded).contains("PRIVATE") {
        spans.push(Span::new(here.at, end.at, "private-key"));
    }
}

/// The id of a key, and the key that stands beside it.
fn aws(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let id = here.until(end);
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if id.len() != 20
        || !["AKIA", "ASIA", "ABIA", "ACCA"].iter().any(|head| id.starts_with(head))
        || !id.bytes().all(upper)
    {
        return;
    }
    spans.push(Span::new(here.at, end.at, "aws-key"));
    let start = end.skip(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b':' | b',' | b';' | b'|' | b'/' | b'"' | b'\''));
    let secret = start.skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+'));
    if secret.at - start.at == 40 && start.at > end.at {
        spans.push(Span::new(start.at, secret.at, "aws-secret"));
    }
}

/// `\0user\0password` in base64, as mail, LDAP and brokers take it.
fn sasl(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let end = here.skip(is_base64);
    let text = here.until(end);
    if text.len() < 12 || !matches!(here.plus(1).byte(), b'A'..=b'H') {
        return;
    }
    let plain = base64::decode(text).and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let parts: Vec<&str> = plain.split('\0').collect();
    if let ["", user, password] = parts.as_slice()
        && !user.is_empty()
        && !password.is_empty()
        && !plain.replace('\0', "").chars().any(char::is_control)
    {
        spans.push(Span::new(here.at, end.at, "authorization"));
    }
}

/// `n,,n=user,r=x` in base64, with which a client begins to prove that it knows a password.
fn exchange(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let end = here.skip(is_base64);
    if here.rest().starts_with("biws") && end.at > here.at + 12 {
        spans.push(Span::new(here.at, end.at, "authorization"));
    }
}

/// `AAAA…:APA91b…`
fn firebase(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if here.until(end).starts_with("APA91b") && here.before() == b':' {
        let start = Cursor::new(here.text, here.at - 1).back(is_token);
        let end = here.skip(is_token);
        spans.push(Span::new(start.at, end.at, "api-key"));
    }
}

/// The id of an account and its token: `AC…:…`.
fn account(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let id = here.until(end);
    if id.len() != 34 || !id.starts_with("AC") || !id.bytes().skip(2).all(is_hex) {
        return;
    }
    spans.push(Span::new(here.at, end.at, "api-key"));
    let token = end.skip(|byte| is_blank(byte) || is_quote(byte) || matches!(byte, b':' | b','));
    if token.at > end.at {
        exact(token, 0, 32, is_hex, "token", spans);
    }
}

/// Three parts: an id in base64, a time, a signature.
fn discord(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if !(23..=28).contains(&(end.at - here.at)) || end.byte() != b'.' {
        return;
    }
    let time = end.plus(1);
    let dot = time.skip(is_token);
    let signature = dot.plus(1);
    let last = signature.skip(is_token);
    if dot.at - time.at == 6 && dot.byte() == b'.' && last.at.saturating_sub(signature.at) >= 27 {
        spans.push(Span::new(here.at, last.at, "token"));
    }
}

fn terraform(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let start = Cursor::new(here.text, here.at - 1).back(|byte| byte.is_ascii_alphanumeric());
    let end = here.skip(|byte| is_token(byte) || byte == b'.');
    if here.at - start.at >= 10 && end.at - here.at >= 40 {
        spans.push(Span::new(start.at, end.at, "token"));
    }
}

/// 32 hexadecimal digits and the place they are valid at: `-us12`.
fn mailchimp(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let place = here.until(end);
    let place = place
        .strip_prefix("us")
        .is_some_and(|number| (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()));
    let start = Cursor::new(here.text, here.at - 1).back(is_hex);
    if place && here.at - start.at == 33 && !is_word(start.before()) {
        spans.push(Span::new(start.at, end.at, "api-key"));
    }
}

/// `1234567890:AA…`, in the address behind `bot`.
fn telegram(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let start = if here.rest().starts_with("bot") { here.plus(3) } else { here };
    let colon = start.skip(|byte| byte.is_ascii_digit());
    let body = colon.plus(1);
    let end = body.skip(is_token);
    if (8..=10).contains(&(colon.at - start.at))
        && colon.rest().starts_with(":A")
        && (33..=40).contains(&(end.at - body.at))
    {
        spans.push(Span::new(start.at, end.at, "token"));
    }
}

/// Hexadecimal digits that end in the letters of their provider.
fn hex_license(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if end.at - here.at == 40 && here.until(end).ends_with("NRAL") {
        spans.push(Span::new(here.at, end.at, "api-key"));
    }
}

/// Hexadecimal digits in parts of 32, 8 and 8, as a mailer has them.
fn parts(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let mut place = end;
    if end.at - here.at != 32 || !here.until(end).bytes().all(is_hex) {
        return;
    }
    for _ in 0..2 {
        let start = place.plus(1);
        let stop = start.skip(is_hex);
        if place.byte() != b'-' || stop.at != start.at + 8 {
            return;
        }
        place = stop;
    }
    if !is_token(place.byte()) {
        spans.push(Span::new(here.at, place.at, "api-key"));
    }
}

/// `abc8Q~…`: the secret of an application in Azure, told by its sign.
pub(super) fn azure(sign: Cursor<'_>, spans: &mut Vec<Span>) {
    let token = |byte: u8| is_token(byte) || matches!(byte, b'.' | b'~');
    let start = Cursor::new(sign.text, sign.at.saturating_sub("abc8Q".len()));
    let digit = Cursor::new(sign.text, sign.at.saturating_sub(2)).byte().is_ascii_digit();
    if sign.before() != b'Q' || !digit || token(start.before()) || !start.until(sign).bytes().all(is_word) {
        return;
    }
    let end = sign.skip(token);
    if (38..=42).contains(&(end.at - start.at)) {
        spans.push(Span::new(start.at, end.at, "api-key"));
    }
}

fn cloudflare(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let end = here.plus("v1.0-".len()).skip(|byte| is_hex(byte) || byte == b'-');
    if end.at - here.at > 120 {
        spans.push(Span::new(here.at, end.at, "api-key"));
    }
}

/// Hashes that begin with the name of their function.
fn derived(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(name) = ["scrypt:", "pbkdf2_sha", "pbkdf2:sha", "SCRAM-SHA-"].iter().find_map(|name| here.take(name))
    else {
        return;
    };
    let end = name.skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b':' | b'+' | b'/' | b'=' | b'.'));
    let salted = name.until(end).split_once('$').filter(|(_, salt)| salt.len() >= 20);
    if let Some((head, _)) = salted {
        spans.push(Span::new(name.at + head.len() + 1, end.at, "password-hash"));
    }
}

/// `$2b$…`, `$argon2id$…`, `$6$…`, `{SSHA}…`, `*2470C0…`.
pub(super) fn hash(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if spans.last().is_some_and(|span| here.at < span.end) {
        return;
    }
    match here.byte() {
        b'$' => {
            let name = here.plus(1);
            let end = name.skip(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            let known = matches!(
                name.until(end),
                "1" | "2a"
                    | "2b"
                    | "2x"
                    | "2y"
                    | "5"
                    | "6"
                    | "7"
                    | "y"
                    | "apr1"
                    | "argon2id"
                    | "argon2i"
                    | "argon2d"
                    | "scrypt"
                    | "pbkdf2-sha256"
                    | "pbkdf2-sha512"
                    | "bcrypt-sha256"
            );
            // The rest is only looked at behind a known name: thousands of `$` would each look at all that follow.
            if !known || end.byte() != b'$' {
                return;
            }
            let body = end
                .skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'.' | b'/' | b'+' | b'=' | b','));
            if body.at - end.at > 20 {
                spans.push(Span::new(here.at, body.at, "password-hash"));
            }
        }
        b'{' => {
            let name = ["{SSHA}", "{SHA}", "{SSHA256}", "{SSHA512}", "{SMD5}", "{bcrypt}"].iter();
            if let Some(start) = name.copied().find_map(|name| here.take(name)) {
                let end = start.skip(|byte| is_base64(byte) || byte == b'$' || byte == b'.');
                if end.at - start.at > 20 {
                    spans.push(Span::new(start.at, end.at, "password-hash"));
                }
            }
        }
        _ => exact(here, 1, 40, |byte| byte.is_ascii_digit() || matches!(byte, b'A'..=b'F'), "password-hash", spans),
    }
}

#[cfg(test)]
mod tests {
    use super::super::walk;

    fn kinds(text: &str) -> Vec<&'static str> {
        walk::spans(text).into_iter().map(|span| span.kind).collect()
    }

    #[test]
    fn shapes_need_their_length_and_their_border() {
        let digits = "0123456789abcdef0123456789abcdef";
        assert_eq!(kinds(&format!("AC{digits}")), ["api-key"]);
        assert_eq!(kinds(&format!("AC{digits}0")), [""; 0]);
        assert_eq!(kinds(&format!("{digits}-us7")), ["api-key"]);
        assert_eq!(kinds(&format!("f{digits}-us7")), [""; 0]);
        assert_eq!(kinds(&format!("md5{digits}")), ["password-hash"]);
        assert_eq!(kinds(&format!("sha256:{digits}{digits}")), [""; 0]);
    }

    #[test]
    fn a_login_in_base64_is_told_by_what_it_says() {
        assert_eq!(kinds("AGFwcABIdW50ZXIy"), ["authorization"]);
        assert_eq!(kinds("AGFwcEh1bnRlcjI0"), [""; 0]);
    }
}
