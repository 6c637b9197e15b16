//! The net below all other finders: a run so random that it can only be a token, unless what stands around it says that it is an id,
//! a digest, a public key or a name.

use super::Span;
use super::cursor::{Cursor, is_blank, is_quote, is_word};

/// Bytes of a token at least.
const TOKEN: usize = 28;
/// The same of base64 with its signs.
const BLOB: usize = 40;
/// Digits in one at least.
const DIGITS: usize = 3;
/// Letters that make a word.
const WORD: usize = 4;
/// Bytes that are looked at; the rest is like them.
const LOOKED: usize = 256;
/// Bytes before a token in which it may be said what it is.
const NEAR: usize = 48;

/// The run that begins with the word here.
pub(super) fn at(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    if end.at - here.at < TOKEN && !matches!(end.byte(), b'-' | b'+' | b'/' | b'=' | b'.')
        || matches!(here.before(), b'-' | b'$')
        || here.before() == b'+' && is_token(Cursor::new(here.text, here.at - 1).before())
    {
        return;
    }
    let token = here.skip(is_token);
    // Inside of a longer run it was looked at from the run's beginning.
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let blob = if here.before() == b'/' { here } else { here.skip(part).skip(|byte| byte == b'=') };
    let signed =
        |text: &str| text.ends_with('=') || text.bytes().filter(|byte| matches!(byte, b'+' | b'/')).count() > 0;
    let blob_fits = blob.at - here.at >= BLOB && signed(here.until(blob));
    let stop = match (blob_fits, token.at - here.at >= TOKEN) {
        (true, _) if blob.at >= token.at && is_random(here.until(blob)) => blob,
        (_, true) if is_random(here.until(token)) => token.skip(|byte| byte == b'='),
        _ => return,
    };
    let text = here.until(stop);
    let harmless = is_named_harmless(here) || is_public(text) || is_object(text) || is_file(stop);
    if !harmless && !is_in_public(here) && !is_told_harmless(here) {
        spans.push(Span::new(here.at, stop.at, "token"));
    }
}

fn is_token(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

/// Letters of both cases and digits that change often, and hardly a word among them.
fn is_random(text: &str) -> bool {
    let bytes = text.as_bytes().get(..text.len().min(LOOKED)).unwrap_or_default();
    if bytes.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let class = |byte: u8| match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    };
    let (mut counts, mut changes, mut words) = ([0_usize; 4], 0, 0);
    let (mut before, mut run, mut capital) = (0, 0_usize, false);
    for byte in bytes.iter().copied().chain([0]) {
        let now = class(byte);
        if let Some(count) = counts.get_mut(now) {
            *count += 1;
        }
        let joins = now == before || now == 1 && before == 2 && run == 1;
        if now == before || joins {
            capital = capital || now != before;
            run += 1;
        } else {
            let word = (before == 1 || before == 2) && run + usize::from(capital) >= WORD;
            words += if word { run } else { 0 };
            (run, capital) = (1, false);
        }
        changes += usize::from(now != before && now > 0 && before > 0);
        before = now;
    }
    let [_, lower, upper, digits] = counts;
    lower > 1 && upper > 1 && digits >= DIGITS && words * 2 < bytes.len() && changes * 5 >= bytes.len() * 2
}

/// What stands before says what it is: `request-id: `, `etag="`, `sha256-`, `id `.
fn is_named_harmless(here: Cursor<'_>) -> bool {
    #[rustfmt::skip]
    const NAMES: &[&str] = &[
        "id", "ids", "uuid", "guid", "etag", "hash", "hashes", "digest", "checksum", "integrity", "fingerprint", "thumbprint", "nonce", "trace",
        "traceid", "spanid", "requestid", "hostid", "span", "traceparent", "cursor", "continue", "version", "versionid", "revision", "commit",
        "sha", "sha1", "sha224", "sha256", "sha384", "sha512", "md5", "sum", "h1", "cid", "kid", "x5t", "n", "x", "y", "e", "pubkey", "publickey",
        "public", "boundary", "crc32c", "blake3", "tag", "ref", "symbol", "mappings", "pin", "ray", "peer", "rayid",
    ];
    let from = here.text.floor_char_boundary(here.at.saturating_sub(NEAR));
    let near = Cursor::new(here.text.get(from..here.at).unwrap_or_default(), here.at - from);
    if ["base64,", "W/\"", "W/\\\"", "public key: ", "public key "].iter().any(|lead| near.text.ends_with(lead)) {
        return true;
    }
    let sign = near.back(|byte| is_blank(byte) || is_quote(byte) || matches!(byte, b'\\' | b'(' | b'['));
    let end = sign.back(|byte| {
        is_quote(byte) || is_blank(byte) || matches!(byte, b':' | b'=' | b'-' | b'/' | b'\\' | b'>' | b'#' | b'<')
    });
    let start = end.back(|byte| is_word(byte) || byte == b'-' || byte == b'.');
    let name = start.until(end);
    // A word in a path is the name of a thing: `/ids/…`.
    let mut words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    let known = |word: &str| NAMES.iter().any(|known| known.eq_ignore_ascii_case(word));
    let humps = ["Id", "ID", "Hash", "Digest", "Key", "Etag", "ETag", "Fingerprint", "Checksum", "Nonce", "Cursor"];
    let public =
        |hump: &&str| name.ends_with(hump) && (*hump != "Key" || name.to_ascii_lowercase().ends_with("publickey"));
    words.any(known) || humps.iter().any(public) || name.starts_with("ssh-") || name.starts_with("ecdsa-")
}

/// A line about digests: `Public key pins do not match … peer: x`, `checksum mismatch: got x`.
fn is_told_harmless(here: Cursor<'_>) -> bool {
    const TOLD: [&str; 8] =
        ["checksum", "integrity", "digest", "fingerprint", "pinn", "key pin", "hash mismatch", "etag"];
    let from = here.text.floor_char_boundary(here.at.saturating_sub(LOOKED));
    let near = here.text.get(from..here.at).unwrap_or_default().to_ascii_lowercase();
    TOLD.iter().any(|word| near.contains(word))
}

/// In the middle of a digest or a public key that has signs in it.
fn is_in_public(here: Cursor<'_>) -> bool {
    if !matches!(here.before(), b'/' | b'+') {
        return false;
    }
    let from = here.text.floor_char_boundary(here.at.saturating_sub(LOOKED));
    let near = Cursor::new(here.text.get(from..here.at).unwrap_or_default(), here.at - from);
    let start = near.back(|byte| is_token(byte) || matches!(byte, b'/' | b'+'));
    is_public(start.rest())
        || !start.rest().contains("//") && is_named_harmless(Cursor::new(here.text, from + start.at))
}

/// `price_1PqX…`, `PK_a3ff…`: the name of a thing in a service or in a database, behind the kind of it.
fn is_object(text: &str) -> bool {
    const KINDS: &str = "price prod evt cus pi ch re sub in ii txn card ba pm seti src si acct po tr py req dp file il promo sched prc we ins msg \
         call conn usr user org team inv ord order job run task thread asst batch chatcmpl resp call toolu";
    let Some((kind, name)) = text.split_once('_').or_else(|| text.split_once('-')) else {
        return false;
    };
    name.bytes().all(|byte| byte.is_ascii_hexdigit())
        || name.len() < 2 * TOKEN && !name.contains(['-', '_']) && KINDS.split_whitespace().any(|known| known == kind)
}

/// Keys that everybody may see, names that a compiler made, addresses of contents.
fn is_public(text: &str) -> bool {
    #[rustfmt::skip]
    const HEADS: &[&str] = &[
        "AAAAB3Nza", "AAAAC3Nza", "AAAAE2Vj", "AAAAGnNr", "MCow", "MFkwEwYH", "MHYwEAYH", "MIIBIjANBgkq", "MIICIjANBgkq", "LS0tLS1CRUdJTiBDRVJU",
        "LS0tLS1CRUdJTiBQVUJM", "sha1-", "sha256-", "sha384-", "sha512-", "_ZN", "_R", "_T0", "0x", "WebKitForm",
    ];
    HEADS.iter().any(|head| text.starts_with(head)) || text.len() == 46 && text.starts_with("Qm")
}

/// `main-BXk3f9aQ.js`: the end of a file's name follows.
fn is_file(end: Cursor<'_>) -> bool {
    let stop = end.plus(1).skip(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    end.byte() == b'.'
        && (1..=6).contains(&stop.at.saturating_sub(end.at + 1))
        && !is_word(stop.byte())
        && end.plus(1).byte().is_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_programs_are_not_random() {
        for text in [
            "q8Zr2TnV5xLk9WbY3mHc7PdJ4sGf",
            "oHVBqA8XYS7lkQ-4yN9NK_ywxTpSj2OQ",
            "dGhpcyBpcyBhIHNlY3JldA0K+Zm9v/YmFyMTIzNDU2Nzg5MA==",
        ] {
            assert!(is_random(text), "{text}");
        }
        for text in [
            "AddPasswordResetToken1700000000000",
            "0123456789abcdef0123456789ABCDEF",
            "UserServiceImpl2FA3Provider4Factory5",
            "01HQZX3V7K9M2N4P6R8T0W1Y3A5C7E9G",
            "Java_org_apache_hadoop_io_nativeio_NativeIO_POSIX_open0",
        ] {
            assert!(!is_random(text), "{text}");
        }
    }
}
