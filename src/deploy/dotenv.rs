//! Environment files: text → entries and faults, each with its place.

use std::ops::Range;

/// A file of variables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dotenv {
    /// In the order of the file; a key may come several times, and the last one holds.
    pub entries: Vec<Entry>,
    /// What is wrong with the file.
    pub faults: Vec<Fault>,
    /// Whether any line ends in CR LF.
    pub crlf: bool,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// Up to the end of the line or ` #`.
    None,
    /// Taken as it stands.
    Single,
    /// With escapes and variables.
    Double,
}

/// One variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub key: String,
    /// Where the name stands.
    pub key_range: Range<usize>,
    /// Its value without quotes and comment, escapes resolved, variables as they stand; none for a key alone, whose value comes from outside.
    pub value: Option<String>,
    /// Where the value stands, with its quotes and without its comment; empty behind the sign for an empty value.
    pub value_range: Range<usize>,
    /// How it is written.
    pub quote: Quote,
    /// Whether `export` stands before it.
    pub export: bool,
}

impl Entry {
    /// Whether compose replaces `$NAME` and `${NAME}` in it.
    #[must_use]
    pub fn interpolated(&self) -> bool {
        self.quote != Quote::Single
    }
}

/// What is wrong with a place of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub range: Range<usize>,
    /// What.
    pub kind: FaultKind,
}

/// What can be wrong with a file of variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A character that no name has: compose refuses the file.
    BadName,
    /// A blank inside a name: compose refuses the file.
    BlankInName,
    /// `=` without a name before it.
    NoName,
    /// A quote that nothing closes: compose refuses the file.
    Unterminated,
    /// Text behind a closing quote: taken for another name, so it is lost.
    BehindQuote,
    /// `KEY= # comment`: nothing stands before the comment, so it becomes the value.
    CommentAsValue,
}

impl FaultKind {
    /// Whether compose refuses the whole file.
    #[must_use]
    pub fn refuses(self) -> bool {
        matches!(self, Self::BadName | Self::BlankInName | Self::Unterminated)
    }
}

impl Dotenv {
    /// The entry that holds for a name: the last one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.key == key)
    }
}

/// Reads a file of variables; never fails, it recognises less.
#[must_use]
pub fn parse(text: &str) -> Dotenv {
    let mut found = Dotenv { crlf: text.contains("\r\n"), ..Dotenv::default() };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        if let Some((key, value)) = body.split_once('=').filter(|(key, _)| !key.trim_start().starts_with('#')) {
            let begin = at + key.len() + 1;
            let quote = match value.chars().next() {
                Some('"') => Quote::Double,
                Some('\'') => Quote::Single,
                _ => Quote::None,
            };
            found.entries.push(Entry {
                key: key.trim().to_owned(),
                key_range: at..at + key.len(),
                value: Some(value.trim().trim_matches(['"', '\'']).to_owned()),
                value_range: begin..begin + value.len(),
                quote,
                export: false,
            });
        }
        at += line.len();
    }
    found
}
