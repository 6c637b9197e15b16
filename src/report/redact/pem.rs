//! Keys in PEM: over several lines, with whatever a log writes before each of them, or in one line with escaped newlines.

use super::Span;
use super::cursor::Cursor;

/// Bytes of a label at most.
const LABEL: usize = 48;

/// The block that begins with this word.
pub(super) fn begin(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if here.text.get(..here.at).is_none_or(|before| !before.ends_with("-----")) {
        return;
    }
    let Some((label, _)) = here.line_after().strip_prefix("BEGIN ").and_then(|rest| rest.split_once("-----")) else {
        return;
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b' ';
    if label.is_empty() || label.len() > LABEL || !label.bytes().all(plain) {
        return;
    }
    let start = here.plus("BEGIN ".len() + label.len() + "-----".len());
    let kind = if label.contains("PRIVATE") || label.contains("Static key") { "private-key" } else { "pem" };
    let body = start.rest();
    let next = memchr::memmem::find(body.as_bytes(), b"-----");
    let closed = next.filter(|at| body.get(*at..).is_some_and(|rest| rest.starts_with("-----END ")));
    let body = body.get(..next.unwrap_or(body.len())).unwrap_or_default();
    let (mut at, mut first) = (start.at, true);
    for (number, line) in body.split_inclusive('\n').enumerate() {
        let sentence = number == 0 && line.split_whitespace().nth(1).is_some();
        let Some((from, to)) = encoded(line, closed.is_some()).filter(|_| !sentence) else {
            // What stands behind the label, or in a block that ends somewhere, is no end of it.
            if closed.is_none() && !(number == 0 && line.trim().is_empty() || is_head(line)) {
                return;
            }
            at += line.len();
            continue;
        };
        spans.push(Span { start: at + from, end: at + to, kind, same: !first });
        first = false;
        at += line.len();
    }
}

/// The lines above an end whose beginning was cut off.
pub(super) fn end(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(body) = here.text.get(..here.at).and_then(|before| before.strip_suffix("-----")) else {
        return;
    };
    // Only what stands behind the label before: each text is looked at once, however many labels there are.
    let label = memchr::memmem::rfind(body.as_bytes(), b"-----").map_or(0, |at| at + "-----".len());
    let begins = || {
        here.text
            .get(..label)
            .and_then(|before| before.rsplit("-----").nth(1))
            .is_some_and(|label| label.starts_with("BEGIN "))
    };
    if here.plus(3).byte() != b' ' || begins() {
        return;
    }
    let body = body.get(label..).unwrap_or_default();
    let (mut at, mut first, begin) = (label + body.len(), true, spans.len());
    for line in body.split_inclusive('\n').rev() {
        at -= line.len();
        let last = line.trim();
        match encoded(line, false) {
            Some((from, to)) if last.len() >= 16 || first => {
                spans.push(Span { start: at + from, end: at + to, kind: "private-key", same: !first });
            }
            _ if first && last.is_empty() => continue,
            _ => break,
        }
        first = false;
    }
    // They were met from the last to the first.
    let (mut lines, mut same) = (spans.split_off(begin.min(spans.len())), false);
    lines.reverse();
    for line in &mut lines {
        line.same = std::mem::replace(&mut same, true);
    }
    spans.append(&mut lines);
}

/// `Private-Lines: 2` of PuTTY, and so many lines.
pub(super) fn putty(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(number) = end.take("-Lines: ") else {
        return;
    };
    let count = number.line_after().trim().parse().unwrap_or(0_usize);
    let (mut at, mut same) = (number.at, false);
    for (index, line) in number.rest().split_inclusive('\n').enumerate().take(count.min(64) + 1) {
        if let Some((from, to)) = encoded(line, false).filter(|_| index > 0) {
            spans.push(Span { start: at + from, end: at + to, kind: "private-key", same });
            same = true;
        }
        at += line.len();
    }
}

/// `Proc-Type: …`, `DEK-Info: …`, `Comment: …`, or nothing.
fn is_head(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || ["Proc-Type:", "DEK-Info:", "Comment:", "Version:"].iter().any(|head| line.contains(head))
}

/// Where the base64 of a line stands: its last word, or all of a line that holds escaped newlines.
fn encoded(line: &str, certain: bool) -> Option<(usize, usize)> {
    let end = line.trim_end().len();
    let line = line.get(..end)?;
    if is_head(line) {
        return None;
    }
    if let Some(lead) = escaped(line) {
        let tail = line.trim_end_matches(['\\', 'n', 'r', '"']).len();
        return (lead < tail).then_some((lead, tail));
    }
    let start = line.rfind(|character: char| character.is_whitespace()).map_or(0, |at| at + 1);
    let word = line.get(start..)?;
    let word = word.trim_start_matches(['"', '\'', '+', '|']);
    let start = end - word.len();
    let word = word.trim_end_matches(['"', '\'', ',', '\\']);
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let least = if certain { 1 } else { 4 };
    (word.len() >= least && word.bytes().all(base64)).then_some((start, start + word.len()))
}

/// Bytes of the escaped newline that a body in one line begins with.
fn escaped(line: &str) -> Option<usize> {
    let slashes = line.len() - line.trim_start_matches('\\').len();
    (slashes > 0 && line.get(slashes..)?.starts_with(['n', 'r'])).then_some(slashes + 1)
}
