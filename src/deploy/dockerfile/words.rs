//! The words of an instruction, pairs, and lists in JSON, each with its place.

use super::model::{Pair, Text};

/// A stretch of an instruction's text, and where it begins in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch<'a> {
    /// The text, as long as in the file.
    pub(super) text: &'a str,
    /// Its place in the file.
    pub(super) base: usize,
}

impl<'a> Stretch<'a> {
    /// Without blanks and continued lines at its beginning and end.
    pub(super) fn trimmed(self) -> Self {
        let blank = |c: char| c.is_ascii_whitespace();
        let mut text = self.text;
        loop {
            let next = text.trim_start_matches(blank);
            let next = next.strip_prefix("\\\n").unwrap_or(next);
            if next.len() == text.len() {
                break;
            }
            text = next;
        }
        let base = self.base + self.text.len() - text.len();
        Self { text: text.trim_end_matches(blank).trim_end_matches("\\\n").trim_end_matches(blank), base }
    }

    /// From a byte of it on.
    pub(super) fn from(self, at: usize) -> Self {
        Self { text: self.text.get(at..).unwrap_or_default(), base: self.base + at }
    }

    /// Its first word without quotes taken off, and the rest.
    pub(super) fn split_word(self) -> (&'a str, Self) {
        let length = self.text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(self.text.len());
        let word = self.text.get(..length).unwrap_or_default();
        let word = word.strip_suffix('\\').unwrap_or(word);
        (word, self.from(word.len()).trimmed())
    }

    /// All of it as one text, continued lines joined.
    pub(super) fn joined(self) -> Text {
        Text { text: self.text.replace("\\\n", ""), span: self.base..self.base + self.text.len() }
    }

    /// Its words; quotes hold blanks together and are taken off.
    pub(super) fn words(self, escape: char) -> Vec<Text> {
        let mut words = Vec::new();
        let mut rest = self.trimmed();
        while !rest.text.is_empty() {
            let (word, length) = word(rest.text, escape);
            words.push(Text { text: word, span: rest.base..rest.base + length });
            rest = rest.from(length).trimmed();
        }
        words
    }

    /// `NAME=value …`, or `NAME value with blanks`.
    pub(super) fn pairs(self, escape: char) -> Vec<Pair> {
        let words = self.words(escape);
        if let Some(first) = words.first()
            && !first.text.contains('=')
            && words.len() > 1
        {
            let value = self.trimmed().from(first.span.len()).trimmed().joined();
            return vec![Pair { name: first.clone(), value: Some(value) }];
        }
        words.into_iter().map(pair).collect()
    }

    /// A list of JSON strings; nothing when it is none.
    pub(super) fn list(self) -> Option<Vec<Text>> {
        let mut rest = self.trimmed();
        rest = rest.from(if rest.text.starts_with('[') { 1 } else { return None }).trimmed();
        let mut words = Vec::new();
        if rest.text.starts_with(']') {
            return rest.from(1).trimmed().text.is_empty().then_some(words);
        }
        loop {
            let (text, length) = json_string(rest.text)?;
            words.push(Text { text, span: rest.base..rest.base + length });
            rest = rest.from(length).trimmed();
            match rest.text.chars().next()? {
                ',' => rest = rest.from(1).trimmed(),
                ']' => return rest.from(1).trimmed().text.is_empty().then_some(words),
                _ => return None,
            }
        }
    }
}

/// Divides a word at `=`.
pub(super) fn pair(word: Text) -> Pair {
    let Some((name, value)) = word.text.split_once('=') else { return Pair { name: word, value: None } };
    let middle = word.span.start + name.len();
    let value = Text { text: value.to_owned(), span: (middle + 1).min(word.span.end)..word.span.end };
    Pair { name: Text { text: name.to_owned(), span: word.span.start..middle }, value: Some(value) }
}

/// A word up to a blank: its text, and its length as written.
fn word(text: &str, escape: char) -> (String, usize) {
    let mut word = String::new();
    let mut quote = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        match (quote, character) {
            (_, '\\') if next == Some('\n') => {
                characters.next();
            }
            (None, c) if c.is_ascii_whitespace() => return (word, at),
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), c) if c == escape && next.is_some_and(|next| next != '$' || quote.is_none()) => {
                word.extend(characters.next().map(|(_, next)| next));
            }
            _ => word.push(character),
        }
    }
    (word, text.len())
}

/// A string of JSON at the beginning of a text: what it says, and its length as written.
fn json_string(text: &str) -> Option<(String, usize)> {
    let mut word = String::new();
    let mut characters = text.strip_prefix('"')?.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((word, at + 2)),
            '\\' => match characters.next()?.1 {
                '\n' => {}
                'n' => word.push('\n'),
                't' => word.push('\t'),
                'r' => word.push('\r'),
                'b' | 'f' => word.push(' '),
                'u' => {
                    let digits: String = characters.by_ref().take(4).map(|(_, digit)| digit).collect();
                    word.push(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).unwrap_or('\u{fffd}'));
                }
                plain @ ('"' | '\\' | '/') => word.push(plain),
                _ => return None,
            },
            control if u32::from(control) < 0x20 => return None,
            _ => word.push(character),
        }
    }
    None
}
