//! Bytes of a line → text without colours, carriage returns and other control characters.

use std::borrow::Cow;

/// The text of a raw line. Borrowed when there is nothing to remove, which is the common case without colours.
///
/// Tabs stay. A carriage return inside the line (a progress bar drawn over itself) becomes a line break when there is
/// text on both sides, so that neither is lost and `^` still means the beginning of what was printed.
pub(super) fn clean(raw: &[u8]) -> Cow<'_, str> {
    let raw = trim_end(strip_bom(raw));
    if any_suspicious(raw) {
        let bytes = scrub(raw);
        let text =
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        // What was taken out may have stood between the two bytes of a control character.
        let c1 = |character| matches!(character, '\u{80}'..='\u{9f}');
        return Cow::Owned(if text.contains(c1) { text.replace(c1, "\u{fffd}") } else { text });
    }
    std::str::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed)
}

/// Whether a byte is [`suspicious`]; asks many at once, for most lines have none.
fn any_suspicious(raw: &[u8]) -> bool {
    let any = |chunk: &[u8; 32]| chunk.iter().fold(0, |any, &byte| any | u8::from(suspicious(byte))) != 0;
    let (chunks, rest) = raw.as_chunks();
    chunks.iter().any(any) || raw.last_chunk().map_or_else(|| rest.iter().any(|&byte| suspicious(byte)), any)
}

/// As [`clean`] for text that an envelope has unescaped.
pub(super) fn clean_str(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => clean(text.as_bytes()),
        Cow::Owned(text) => match clean(text.as_bytes()) {
            Cow::Borrowed(kept) if kept.len() == text.len() => Cow::Owned(text),
            cleaned => Cow::Owned(cleaned.into_owned()),
        },
    }
}

fn strip_bom(raw: &[u8]) -> &[u8] {
    raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw)
}

fn trim_end(mut raw: &[u8]) -> &[u8] {
    while let Some((b'\r' | b'\n', before)) = raw.split_last() {
        raw = before;
    }
    raw
}

/// Control characters, and the first byte of the C1 controls' UTF-8 form.
const fn suspicious(byte: u8) -> bool {
    ((byte < 0x20) & (byte != b'\t')) | (byte == 0x7f) | (byte == 0xc2)
}

fn scrub(raw: &[u8]) -> Vec<u8> {
    let mut out = Text::default();
    out.bytes.reserve(raw.len());
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            0x1b => escape(after),
            b'\r' | b'\n' => {
                out.line_break();
                after
            }
            0xc2 => c1(&mut out, after),
            byte if suspicious(byte) => after,
            byte => {
                out.push(byte);
                after
            }
        };
    }
    out.finish()
}

/// The text so far. A return in the middle of a line becomes a break only between two texts, so it waits until
/// something is printed behind it; blanks drawn meanwhile are the second text's.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    printed: bool,
    waiting: Option<usize>,
}

impl Text {
    fn push(&mut self, byte: u8) {
        if byte == b' ' || byte == b'\t' {
            self.bytes.push(byte);
            return;
        }
        if let Some(at) = self.waiting.take() {
            let blanks = self.bytes.split_off(at);
            self.bytes.push(b'\n');
            self.bytes.extend_from_slice(&blanks);
        }
        self.printed = true;
        self.bytes.push(byte);
    }

    fn line_break(&mut self) {
        match self.waiting {
            Some(at) => self.bytes.truncate(at),
            None if self.printed => self.waiting = Some(self.bytes.len()),
            None => self.bytes.clear(),
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if let Some(at) = self.waiting {
            self.bytes.truncate(at);
        }
        self.bytes
    }
}

fn c1<'a>(out: &mut Text, after: &'a [u8]) -> &'a [u8] {
    match after.split_first() {
        Some((0x9b, rest)) => control_sequence(rest),
        Some((0x80..=0x9f, rest)) => rest,
        _ => {
            out.push(0xc2);
            after
        }
    }
}

/// What follows the sequence that an ESC began. An unfinished one at the line's end is dropped whole; an unterminated
/// string (OSC, DCS) loses only its introducer, for its text may be the message.
fn escape(after: &[u8]) -> &[u8] {
    let after = without_delete(after);
    match after.split_first() {
        Some((b'[', rest)) => control_sequence(rest),
        Some((b']' | b'P' | b'X' | b'^' | b'_', rest)) => terminated(rest).unwrap_or(rest),
        Some((0x20..=0x2f, rest)) => designation(rest),
        Some((0x30..=0x7e, rest)) => rest,
        _ => after,
    }
}

/// A terminal ignores DEL within a sequence.
fn without_delete(mut rest: &[u8]) -> &[u8] {
    while let Some((0x7f, after)) = rest.split_first() {
        rest = after;
    }
    rest
}

fn control_sequence(mut rest: &[u8]) -> &[u8] {
    while let Some((&byte, after)) = rest.split_first() {
        match byte {
            0x20..=0x3f | 0x7f => rest = after,
            0x40..=0x7e => return after,
            _ => return rest,
        }
    }
    rest
}

fn designation(mut rest: &[u8]) -> &[u8] {
    while let Some((&byte, after)) = rest.split_first() {
        match byte {
            0x20..=0x2f | 0x7f => rest = after,
            0x30..=0x7e => return after,
            _ => return rest,
        }
    }
    rest
}

fn terminated(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        rest = match rest.split_first()? {
            (0x07, after) => return Some(after),
            (0x1b, after) => match without_delete(after).split_first() {
                Some((b'\\', after)) => return Some(after),
                _ => return None,
            },
            (_, after) => after,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(raw: &str) -> String {
        clean(raw.as_bytes()).into_owned()
    }

    #[test]
    fn two_halves_make_no_control_character() {
        assert_eq!(clean(b"a\xc2\0\x9bb"), "a\u{fffd}b");
        assert_eq!(clean(b"a\xc2\x1b[m\x9bb"), "a\u{fffd}b");
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(clean(b"a\tb \xc3\xa9"), Cow::Borrowed("a\tb é")));
        assert!(matches!(clean(b"text\r\n"), Cow::Borrowed("text")));
    }

    #[test]
    fn colours_of_every_kind_go() {
        assert_eq!(of("\x1b[32m[Nest] 25  - \x1b[39mx\x1b[38;5;3m[y] \x1b[39m"), "[Nest] 25  - x[y] ");
        assert_eq!(of("\x1b[38:2::1:2:3mrgb\x1b[m"), "rgb");
        assert_eq!(of("\u{9b}31mc1\u{9b}0m"), "c1");
        assert_eq!(of("\x1b(B\x1b[mlinux"), "linux");
        assert_eq!(of("é\u{a0}\x1b[1mb"), "é\u{a0}b");
    }

    #[test]
    fn cursor_and_title_sequences_go() {
        assert_eq!(of("\x1b[2K\x1b[1G\x1b[?25lready"), "ready");
        assert_eq!(of("\x1b]0;title\x07text"), "text");
        assert_eq!(of("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), "link");
    }

    #[test]
    fn unterminated_sequences_lose_no_text() {
        assert_eq!(of("\x1b]error: lost"), "error: lost");
        assert_eq!(of("text\x1b["), "text");
        assert_eq!(of("text\x1b"), "text");
        assert_eq!(of("\x1b[3\x7f1mred\x1b\x7f[m \x1b]0;title\x1b\x7f\\end"), "red end");
    }

    #[test]
    fn carriage_returns() {
        assert_eq!(of("10%\r20%"), "10%\n20%");
        assert_eq!(of("\r\rtext\r\r"), "text");
        assert_eq!(of("10%\r\x1b[K"), "10%");
        assert_eq!(of("10%\r\r\n20%"), "10%\n20%");
        assert_eq!(of("a\r  \r  b"), "a\n  b");
        assert_eq!(of("  \r b\r  "), " b");
        assert_eq!(of(&"a\r ".repeat(3)), "a\n a\n a");
    }

    #[test]
    fn invalid_utf8_is_replaced() {
        assert_eq!(clean(b"a\xffb"), "a\u{fffd}b");
        assert_eq!(clean(b"\x1b[1ma\xffb\x00"), "a\u{fffd}b");
        assert_eq!(clean(b"\xc2"), "\u{fffd}");
        assert_eq!(clean(b"\xef\xbb\xbfbom"), "bom");
    }
}
