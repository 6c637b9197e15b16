//! Secrets in the path and the query of an address: links that let somebody in, signatures, codes.

use super::cursor::{Cursor, is_word, last};
use super::{Span, value};

/// Bytes of an address before a parameter that are looked at.
const ADDRESS: usize = 400;

/// Parameters of a query that hold a secret, besides those that any setting's name tells.
const PARAMETERS: [&str; 23] = [
    "sig",
    "state",
    "access",
    "nonce",
    "signature",
    "x-amz-signature",
    "x-amz-credential",
    "x-goog-signature",
    "x-oss-signature",
    "key",
    "auth",
    "otp",
    "ticket",
    "sid",
    "code",
    "hmac",
    "pass",
    "x-goog-credential",
    "device_code",
    "code_verifier",
    "client_assertion",
    "id_token_hint",
    "logout_token",
];

/// Those that hold a secret only if their value was made by chance.
const CHANCE: [&str; 3] = ["state", "access", "nonce"];

/// The parameter of a query that begins with the sign here.
pub(super) fn parameter(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let start = here.plus(1);
    let start = start.take("amp;").unwrap_or(start);
    let equals = start.skip(|byte| is_word(byte) || byte == b'-');
    let name = start.until(equals);
    // The signature of an address that is valid for a time has many names.
    let signed = || {
        let line = here.line_before();
        let address = last(line, ADDRESS);
        ["expires=", "exp=", "expiry="].iter().any(|time| address.contains(time))
    };
    let listed = PARAMETERS.iter().any(|known| known.eq_ignore_ascii_case(name));
    if equals.byte() != b'=' || !(listed || matches!(name, "hash" | "md5" | "digest" | "h") && signed()) {
        return;
    }
    let secret = equals.plus(1);
    let end =
        secret.skip(|byte| byte > b' ' && !matches!(byte, b'&' | b'"' | b'\'' | b'`' | b'#' | b'<' | b'>' | b'\\'));
    let text = secret.until(end);
    let code = name.eq_ignore_ascii_case("code") && (text.len() < 6 || value::is_measure(text) || is_errno(text));
    // `?key=city` sorts, `state=<random>` lets somebody in.
    let weak = ["key", "code", "state", "auth", "ticket", "nonce", "access"]
        .iter()
        .any(|weak| weak.eq_ignore_ascii_case(name));
    let word = weak && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let plain = text.split('%').next().unwrap_or_default();
    // Beside the code that it was sent with.
    let answered = name.eq_ignore_ascii_case("state")
        && value::is_strong(plain)
        && (end.take("&code=").is_some() || here.line_before().contains("code="));
    let chance = answered
        || !CHANCE.iter().any(|chance| chance.eq_ignore_ascii_case(name))
        || value::is_random(plain)
        || value::is_strong(plain) && plain.len() >= 16;
    if !text.is_empty() && !code && !word && chance {
        spans.push(Span::new(secret.at, end.at, "query-secret"));
    }
}

/// `ECONNREFUSED`, which a page for errors may take as its code.
fn is_errno(text: &str) -> bool {
    text.starts_with('E') && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// What stands before a part of a path that lets somebody in.
const LINKS: [&str; 24] = [
    "reset-password",
    "password-reset",
    "reset_password",
    "password_reset",
    "resetpassword",
    "reset",
    "verify",
    "verify-email",
    "email-verification",
    "confirm",
    "confirm-email",
    "confirmation",
    "activate",
    "activation",
    "invite",
    "invites",
    "invitation",
    "accept-invite",
    "magic",
    "magic-link",
    "magic-login",
    "set-password",
    "unlock",
    "recover",
];

/// The part of a path that begins behind the slash here, as a mail hands it out: `/reset-password/x`.
pub(super) fn path(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let start = here.plus(1);
    let end = start.skip(|byte| is_word(byte) || byte == b'-');
    if end.at - start.at < 12 {
        return;
    }
    let part = |byte: u8| is_word(byte) || byte == b'-';
    let begin = here.back(part);
    let word = begin.until(here);
    // `/reset/MTI/x`: the number of the user stands between.
    let between = Cursor::new(here.text, begin.at.saturating_sub(1));
    let outer = if word.len() < 12 { between.back(part).until(between) } else { "" };
    let secret = start.until(end);
    let hyphens = secret.bytes().filter(|byte| *byte == b'-').count();
    let digits = secret.bytes().filter(u8::is_ascii_digit).count();
    // `/v3/x`: the key of a project stands behind the version.
    let versioned = word
        .strip_prefix('v')
        .is_some_and(|number| number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit()));
    let project = versioned && secret.len() >= 32 && value::is_random(secret);
    let link = || LINKS.iter().any(|known| known.eq_ignore_ascii_case(word) || known.eq_ignore_ascii_case(outer));
    // A shorter one is a number or a name if it has no letters, or signs.
    let letters = secret.bytes().filter(u8::is_ascii_alphabetic).count();
    let certain = secret.len() >= 20 || letters >= 3 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let kept = || matches!(word, "keys" | "api-keys" | "tokens" | "sessions") && value::is_random(secret);
    if project || digits >= 3 && hyphens < 3 && certain && link() || secret.len() < 32 && kept() {
        spans.push(Span::new(start.at, end.at, "url-token"));
    }
}
