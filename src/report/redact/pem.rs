//! Keys in PEM: over several lines, with whatever a log writes before each of them, or in one line with escaped newlines.

use super::Span;
use super::cursor::Cursor;

/// Bytes of a label at most.
const LABEL: usize = 48;
/// Bytes of a run of base64 that is a part of the key, wherever on its line it stands.
const RUN: usize = 16;
/// The same on a line that says how the key is encrypted.
const HEAD: usize = 40;

/// The block that begins with this word.
pub(super) fn begin(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if here.text.get(..here.at).is_none_or(|before| !before.ends_with("-----")) {
        return;
    }
    let label = here.line_after().strip_prefix("BEGIN").filter(|rest| rest.starts_with([' ', '+', '%']));
    let Some((label, _)) = label.and_then(|rest| rest.split_once("-----")) else {
        return;
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'+' | b'%');
    if label.is_empty() || label.len() > LABEL || !label.bytes().all(plain) {
        return;
    }
    let start = here.plus("BEGIN".len() + label.len() + "-----".len());
    let kind = if label.contains("PRIVATE") || label.contains("Static key") { "private-key" } else { "pem" };
    let body = start.rest();
    let next = memchr::memmem::find(body.as_bytes(), b"-----");
    let closed = next.filter(|at| body.get(*at..).is_some_and(|rest| rest.starts_with("-----END")));
    let body = body.get(..next.unwrap_or(body.len())).unwrap_or_default();
    let (mut at, mut last) = (start.at, None);
    for (number, line) in body.split_inclusive('\n').enumerate() {
        let Some((from, to)) = part(line, number == 0, closed.is_some(), last) else {
            // What stands behind the label, or in a block that ends somewhere, is no end of it.
            if closed.is_none() && !(number == 0 && is_empty(line) || is_head(line)) {
                return;
            }
            at += line.len();
            continue;
        };
        spans.push(Span { start: at + from, end: at + to, kind, same: last.is_some() });
        last = Some((around(line, (from, to)), from));
        at += line.len();
    }
}

/// The part of the key on a line of its block, whatever stands around it.
fn part(line: &str, label: bool, closed: bool, last: Option<((u8, u8), usize)>) -> Option<(usize, usize)> {
    // Before the label of the end nothing short is a part of the key.
    let last = last.filter(|_| line.ends_with('\n'));
    let cut = !line.ends_with('\n') && closed && !label;
    let line = line.trim_end();
    let least = if is_head(line) { HEAD } else { RUN };
    let long = runs(line).find(|(from, to)| to - from >= least);
    if let Some((from, to)) = long {
        let text = line.get(from..to).unwrap_or_default();
        let has = |test: fn(&u8) -> bool| text.bytes().any(|byte| test(&byte));
        let mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
        let beside = !label || is_empty(line.get(..from).unwrap_or_default());
        return (closed || (mixed || to - from == line.len()) && beside).then(|| (from, joined(line, to, closed)));
    }
    let sentence = label && line.split_whitespace().nth(1).is_some();
    let alike = |(last, _): ((u8, u8), usize)| runs(line).filter(move |place| around(line, *place) == last);
    let same = |last: ((u8, u8), usize)| alike(last).find(|(from, _)| *from == last.1).or_else(|| alike(last).last());
    let short = last.and_then(same);
    short.or_else(|| encoded(line, closed).filter(|_| !sentence && !cut))
}

/// The bytes before and behind a part; those of other lines of the block are the same.
fn around(line: &str, (from, to): (usize, usize)) -> (u8, u8) {
    let line = line.trim_end().as_bytes();
    let byte = |at: Option<usize>| at.and_then(|at| line.get(at)).copied().unwrap_or(b'\n');
    (byte(from.checked_sub(1)), byte(Some(to)))
}

/// The end of a run and of those that follow it behind escaped newlines, or blanks in a block that ends.
fn joined(line: &str, mut end: usize, closed: bool) -> usize {
    while let Some(rest) = line.get(end..) {
        let gap = gap(rest);
        let behind = rest.get(gap..).unwrap_or_default();
        let length = runs(behind).next().filter(|(from, _)| *from == 0).map_or(0, |(_, to)| to);
        let blank = rest.starts_with(' ');
        let short = length < RUN && behind.get(length..).is_some_and(|rest| !rest.trim().is_empty());
        if gap == 0 || length == 0 || blank && (!closed || short) {
            return end;
        }
        end += gap + length;
    }
    end
}

/// Bytes of blanks, or of escaped newlines.
fn gap(text: &str) -> usize {
    let blanks = text.len() - text.trim_start_matches(' ').len();
    let (mut at, mut next) = (blanks, text);
    while let Some(rest) = next.strip_prefix('\\').filter(|_| blanks == 0) {
        let Some(behind) = rest.trim_start_matches('\\').strip_prefix(['n', 'r']) else {
            break;
        };
        at = text.len() - behind.len();
        next = behind;
    }
    at
}

/// The runs of base64 in a line; slashes may be escaped, signs may be encoded for a URL.
fn runs(line: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = line.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && !is_part(byte(at)) {
            at += 1;
        }
        let escape = at > 0 && byte(at - 1) == b'\\' && matches!(byte(at), b'n' | b'r');
        let mut start = at + usize::from(escape);
        while byte(start) == b'+' {
            start += 1;
        }
        at = start;
        let coded = |at: usize| {
            byte(at) == b'%' && byte(at + 1).is_ascii_hexdigit() || byte(at) == b'\\' && byte(at + 1) == b'/'
        };
        while is_part(byte(at)) || coded(at) {
            at += 1;
        }
        (start < at || escape || start < bytes.len()).then_some((start, at))
    })
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
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
        match part(line, false, false, None) {
            Some((from, to)) if last.len() >= RUN || first => {
                spans.push(Span { start: at + from, end: at + to, kind: "private-key", same: !first });
            }
            _ if first && is_empty(last) => continue,
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

/// Nothing but quotes, signs and ends of lines.
fn is_empty(text: &str) -> bool {
    let text = text.replace("\\n", "").replace("\\r", "");
    text.bytes().all(|byte| byte < 0x80 && !byte.is_ascii_alphanumeric())
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
        let inside = line.get(lead..tail)?;
        let plain = inside.bytes().all(|byte| is_part(byte) || byte == b'\\');
        return (lead < tail && plain).then_some((lead, tail));
    }
    let start = line.rfind(|character: char| character.is_whitespace()).map_or(0, |at| at + 1);
    let word = line.get(start..)?;
    let word = word.trim_start_matches(['"', '\'', '+', '|']);
    let start = end - word.len();
    let word = word.trim_end_matches(['"', '\'', ',', '\\']);
    let least = if certain { 1 } else { 4 };
    (word.len() >= least && word.bytes().all(is_part)).then_some((start, start + word.len()))
}

/// Bytes of the escaped newline that a body in one line begins with.
fn escaped(line: &str) -> Option<usize> {
    let slashes = line.len() - line.trim_start_matches('\\').len();
    (slashes > 0 && line.get(slashes..)?.starts_with(['n', 'r'])).then_some(slashes + 1)
}
