//! A piece of a password that a program took for a part of the address behind it: a URL is cut at the wrong place where its password holds
//! signs that have a meaning there.

use super::cursor::{Cursor, last};
use super::{Span, value};

/// Bytes of a line that was folded, and of a piece of it.
const LONG: usize = 400;
/// Bytes before a quote in which it is said what it is.
const NEAR: usize = 240;

/// Behind these a program quotes the host that it did not find: no host's name holds an `@`.
const HOSTS: [&str; 8] = [
    "ENOTFOUND",
    "EAI_AGAIN",
    "host name",
    "Unknown host",
    "UnknownHostException:",
    "server host",
    "lookup",
    "port number:",
];
/// And behind these an address, which may also hold a user's name.
const PLACES: [&str; 7] = ["server at", "connecting to", "connect to", "integer value", "resolve", "reach", "database"];

/// The piece before the `@` here; whether there is one.
pub(super) fn at(here: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    let start = here.back(|byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'`' | b'=' | b'('));
    let piece = start.until(here);
    if is_folded(start, piece) {
        spans.push(Span::new(start.at, here.at, "url-password"));
        return true;
    }
    let before = start.quote_before().line_before().trim_end();
    let told = |words: &[&str]| words.iter().any(|word| ends_with(before, word));
    let host = here.plus(1).byte().is_ascii_alphanumeric() || here.plus(1).byte() == b'[';
    let torn = host
        && !piece.is_empty()
        && !piece.contains("://")
        && !piece.starts_with(['@', '['])
        && (told(&HOSTS) || told(&PLACES) && value::is_typed(piece));
    if torn {
        // What is still a URL's beginning is no secret.
        let from = piece.rfind(':').map_or(0, |colon| colon + 1);
        spans.push(Span::new(start.at + from, here.at, "url-password"));
    }
    torn
}

/// `postgres://user:pass` at the end of a line and `word@host` on the next one, behind the same beginning: a line was folded.
fn is_folded(start: Cursor<'_>, piece: &str) -> bool {
    let lead = start.line_before();
    let Some(above) = (start.at - lead.len()).checked_sub(1).filter(|_| !piece.is_empty() && piece.len() <= LONG)
    else {
        return false;
    };
    let above = Cursor::new(start.text, above).line_before().trim_end();
    let above = last(above, LONG);
    let Some((before, open)) = above.rsplit_once("://") else { return false };
    let scheme = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '+');
    let same = lead.trim().is_empty() || scheme.starts_with(lead) && lead.len() < LONG;
    same && open.contains(':') && !open.contains(['@', ' ', '/', '"', '\''])
}

/// Between quotes, behind what a program could not read as a port or a login: `cast to integer value as 'x'`.
pub(super) fn quoted(here: Cursor<'_>, spans: &mut Vec<Span>) {
    const NUMBERS: [&str; 4] = ["int() with base 10:", "for input string:", "parsing", "integer value as"];
    let line = here.line_before();
    let tail = last(line, NEAR);
    let before = tail.trim_end();
    let number = NUMBERS.iter().any(|word| ends_with(before, word));
    let login = ends_with(before, "expected userinfo component):");
    if !number && !login {
        return;
    }
    let Some((from, to)) = value::quoted(here.line_after()) else { return };
    let piece = here.plus(from).until(here.plus(to));
    if login {
        let user = piece.find(':').map_or(0, |colon| colon + 1);
        return spans.push(Span::new(here.at + from + user, here.at + to, "url-password"));
    }
    // That a number belongs to an address is said on the line.
    let address = ["URL", "url", "URI", "DSN", "Port could not", "jdbc:", "redis", "postgres", "mysql", "amqp"];
    // `5432,db2:5432`, `543x`: a slip in a number is no secret.
    let digits = piece.len() - piece.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let slip =
        digits > 0 && (piece.len() <= 6 || piece.get(digits..).is_some_and(|rest| rest.starts_with([',', ' ', '.'])));
    let typed = piece.bytes().any(|byte| byte.is_ascii_digit()) && value::is_typed(&piece.replace('/', "+"));
    if typed && !slip && !piece.contains("://") && address.iter().any(|word| tail.contains(word)) {
        spans.push(Span::new(here.at + from, here.at + to, "url-password"));
    }
}

fn ends_with(text: &str, word: &str) -> bool {
    let end = text.len().checked_sub(word.len()).and_then(|from| text.get(from..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(word))
}
