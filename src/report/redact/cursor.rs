//! A place in a text from which one reads on. Finders are plain functions over it: a start compiles no regex.

/// A text and a place in it, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) const fn new(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    /// The byte here; 0 at the end.
    pub(super) fn byte(self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// The byte before; a newline at the beginning.
    pub(super) fn before(self) -> u8 {
        self.at.checked_sub(1).and_then(|at| self.text.as_bytes().get(at)).copied().unwrap_or(b'\n')
    }

    pub(super) fn rest(self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The text between here and there.
    pub(super) fn until(self, end: Self) -> &'t str {
        self.text.get(self.at..end.at).unwrap_or_default()
    }

    /// The text of this line before this place.
    pub(super) fn line_before(self) -> &'t str {
        let before = self.text.get(..self.at).unwrap_or_default();
        before.get(memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |at| at + 1)..).unwrap_or_default()
    }

    /// The text of this line from here on.
    pub(super) fn line_after(self) -> &'t str {
        let rest = self.rest();
        rest.get(..memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())).unwrap_or_default()
    }

    pub(super) const fn plus(self, bytes: usize) -> Self {
        Self { text: self.text, at: self.at + bytes }
    }

    /// Behind all bytes that `accept` takes.
    pub(super) fn skip(self, accept: impl Fn(u8) -> bool) -> Self {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.plus(rest.iter().position(|byte| !accept(*byte)).unwrap_or(rest.len()))
    }

    /// Before all bytes to the left that `accept` takes.
    pub(super) fn back(self, accept: impl Fn(u8) -> bool) -> Self {
        let before = self.text.as_bytes().get(..self.at).unwrap_or_default();
        let at = before.iter().rposition(|byte| !accept(*byte)).map_or(0, |at| at + 1);
        Self { text: self.text, at }
    }

    /// Behind spaces and tabs.
    pub(super) fn blanks(self) -> Self {
        self.skip(is_blank)
    }

    /// Behind at least one space or tab.
    pub(super) fn gap(self) -> Option<Self> {
        Some(self.blanks()).filter(|next| next.at > self.at)
    }

    /// Behind backslashes and at most one quote: how a string begins or ends, escaped or not.
    pub(super) fn quote(self) -> Self {
        let next = self.skip(|byte| byte == b'\\');
        if is_quote(next.byte()) { next.plus(1) } else { next }
    }

    /// Before blanks, one quote and backslashes to the left: where a name ends before its sign.
    pub(super) fn quote_before(self) -> Self {
        let blanks = self.back(is_blank);
        let quote = if is_quote(blanks.before()) { Self { text: self.text, at: blanks.at - 1 } } else { blanks };
        quote.back(|byte| byte == b'\\')
    }

    /// Behind this text in any case.
    pub(super) fn take(self, tag: &str) -> Option<Self> {
        let bytes = self.text.as_bytes().get(self.at..self.at + tag.len())?;
        bytes.eq_ignore_ascii_case(tag.as_bytes()).then(|| self.plus(tag.len()))
    }

    /// Behind this word in any case, which must not go on.
    pub(super) fn word(self, word: &str) -> Option<Self> {
        self.take(word).filter(|next| !is_word(next.byte()))
    }

    /// Behind `:`, `=`, `=>`, `:=` or `,` and the blanks around it.
    pub(super) fn sign(self) -> Option<Self> {
        let sign = self.blanks();
        let next = match (sign.byte(), sign.plus(1).byte()) {
            (b'=', b'>') | (b':', b'=') => sign.plus(2),
            (b':' | b'=' | b',', _) => sign.plus(1),
            _ => return None,
        };
        Some(next.blanks())
    }
}

/// Letters, digits and `_`, by byte: asked for every byte of a text.
static WORD: [bool; 256] = word_bytes();

/// The first bytes of a text, at most so many and no part of a letter.
pub(super) fn first(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
}

/// The last bytes of a text; a letter that is cut in two is whole.
pub(super) fn last(text: &str, bytes: usize) -> &str {
    text.get(text.floor_char_boundary(text.len().saturating_sub(bytes))..).unwrap_or_default()
}

#[expect(
    clippy::indexing_slicing,
    reason = "the index counts with the byte, so it stays below 256; checked at compile time"
)]
const fn word_bytes() -> [bool; 256] {
    let (mut table, mut byte, mut at) = ([false; 256], 0_u8, 0);
    loop {
        table[at] = byte.is_ascii_alphanumeric() || byte == b'_';
        if byte == u8::MAX {
            return table;
        }
        (byte, at) = (byte + 1, at + 1);
    }
}

pub(super) fn is_word(byte: u8) -> bool {
    WORD.get(usize::from(byte)).copied().unwrap_or(false)
}

pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Neither space nor quote nor backslash: what a value without quotes is made of.
pub(super) const fn is_plain(byte: u8) -> bool {
    byte > b' ' && !matches!(byte, b'"' | b'\'' | b'\\')
}

/// Letters, digits and signs of base64 in both alphabets.
pub(super) const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}
