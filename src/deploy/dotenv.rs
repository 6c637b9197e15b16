//! Compose's `.env` grammar: text → entries and faults, each with its place.
//!
//! Written by hand: the crates for this grammar give values without places, or another dialect than compose reads. What compose accepts is
//! accepted here, oddities included: `KEY: value`, a key without value (taken from the surroundings), quotes over several lines. Where
//! compose refuses the whole file, this parser notes the fault and goes on with the next line, so that one mistake does not hide the others.
//!
//! Values are not interpolated here: an [`Entry`] says whether compose would do it.

use std::ops::Range;

/// Statements that are read, good and bad ones: many times as many as a file has.
const STATEMENTS: usize = 5000;

/// A file of variables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dotenv {
    /// In the order of the file; a key may come several times, and the last one holds.
    pub entries: Vec<Entry>,
    /// What is wrong with the file.
    pub faults: Vec<Fault>,
    /// Whether any line ends in CR LF.
    pub crlf: bool,
    /// Whether it has more statements than are read.
    pub cut: bool,
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
    let mut parser = Parser { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 }, found: Dotenv::default() };
    parser.found.crlf = text.contains("\r\n");
    while parser.find_statement() {
        parser.found.cut = parser.found.entries.len() + parser.found.faults.len() >= STATEMENTS;
        if parser.found.cut {
            break;
        }
        parser.statement();
    }
    parser.found
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    found: Dotenv,
}

/// A blank that does not end a line.
fn is_blank(character: char) -> bool {
    character != '\n' && character.is_whitespace()
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The offset of the end of the line, before its newline.
    fn line_end(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        from + rest.find('\n').unwrap_or(rest.len())
    }

    fn skip(&mut self, test: fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(test).len();
    }

    /// Goes to the next statement, over blank lines and comments; false at the end.
    fn find_statement(&mut self) -> bool {
        loop {
            self.skip(char::is_whitespace);
            if !self.rest().starts_with('#') {
                return !self.rest().is_empty();
            }
            self.at = self.line_end(self.at);
        }
    }

    fn fault(&mut self, range: Range<usize>, kind: FaultKind) {
        self.found.faults.push(Fault { range, kind });
    }

    /// One statement, which leaves the parser behind it.
    fn statement(&mut self) {
        let export = self.export();
        let start = self.at;
        let end = self.line_end(start);
        let line = self.text.get(start..end).unwrap_or_default();
        let sign = line.find(['=', ':']);
        let name = line.get(..sign.unwrap_or(line.len())).unwrap_or_default().trim_end();
        let key_range = start..start + name.len();
        if let Some((kind, range)) = name_fault(name, sign.is_some()) {
            self.fault(start + range.start..start + range.end, kind);
            self.at = end;
            return;
        }
        let Some(sign) = sign else {
            let (key, value_range) = (name.to_owned(), key_range.end..key_range.end);
            self.found.entries.push(Entry { key, key_range, value: None, value_range, quote: Quote::None, export });
            self.at = end;
            return;
        };
        self.at = start + sign + 1;
        self.skip(is_blank);
        if let Some((value, value_range, quote)) = self.value(start + sign + 1) {
            let value = Some(value);
            self.found.entries.push(Entry { key: name.to_owned(), key_range, value, value_range, quote, export });
        }
    }

    /// Skips `export ` and says whether it stood there.
    fn export(&mut self) -> bool {
        let Some(rest) = self.rest().strip_prefix("export") else { return false };
        let blank = rest.starts_with(char::is_whitespace);
        if blank {
            self.at += "export".len();
            self.skip(is_blank);
        }
        blank
    }

    /// The value at the place reached; `sign` is the offset behind the sign.
    fn value(&mut self, sign: usize) -> Option<(String, Range<usize>, Quote)> {
        match self.rest().chars().next() {
            Some('"') => self.quoted('"', Quote::Double),
            Some('\'') => self.quoted('\'', Quote::Single),
            _ => Some(self.plain(sign)),
        }
    }

    fn plain(&mut self, sign: usize) -> (String, Range<usize>, Quote) {
        let (start, end) = (self.at, self.line_end(self.at));
        let line = self.text.get(start..end).unwrap_or_default();
        let value = line.split(" #").next().unwrap_or_default().trim_end();
        self.at = end;
        if value.is_empty() {
            return (String::new(), sign.min(start)..sign.min(start), Quote::None);
        }
        let range = start..start + value.len();
        if value.starts_with('#') && start > sign {
            self.fault(range.clone(), FaultKind::CommentAsValue);
        }
        (value.to_owned(), range, Quote::None)
    }

    fn quoted(&mut self, mark: char, quote: Quote) -> Option<(String, Range<usize>, Quote)> {
        let start = self.at;
        let inside = self.text.get(start + 1..).unwrap_or_default();
        let Some(length) = closing(inside, mark) else {
            let end = self.line_end(start);
            self.fault(start..end, FaultKind::Unterminated);
            self.at = end;
            return None;
        };
        let raw = inside.get(..length).unwrap_or_default();
        let plain = raw.replace(&format!("\\{mark}"), &mark.to_string());
        let value = if quote == Quote::Double { unescape(&plain) } else { plain };
        self.at = start + length + 2;
        let range = start..self.at;
        let end = self.line_end(self.at);
        let tail = self.text.get(self.at..end).unwrap_or_default();
        let text = tail.trim();
        // A sign in it makes compose read it as a statement of its own, which is judged as such.
        if !text.is_empty() && !text.starts_with('#') && !text.contains('=') {
            let from = self.at + (tail.len() - tail.trim_start().len());
            self.fault(from..from + text.len(), FaultKind::BehindQuote);
            self.at = end;
        }
        Some((value, range, quote))
    }
}

/// What is wrong with a name, and where in it.
fn name_fault(name: &str, sign: bool) -> Option<(FaultKind, Range<usize>)> {
    if name.is_empty() {
        return sign.then_some((FaultKind::NoName, 0..1));
    }
    let known = |c: char| c.is_whitespace() || c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']');
    if let Some((at, wrong)) = name.char_indices().find(|(_, character)| !known(*character)) {
        return Some((FaultKind::BadName, at..at + wrong.len_utf8()));
    }
    name.contains(' ').then_some((FaultKind::BlankInName, 0..name.len()))
}

/// How far it is to the quote that closes; one behind a backslash does not.
fn closing(inside: &str, mark: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in inside.char_indices() {
        if character == mark && !escaped {
            return Some(at);
        }
        escaped = character == '\\' && !escaped;
    }
    None
}

/// Resolves the escapes of a value in double quotes; an escaped dollar stays one for the interpolation.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('$') => out.push_str("$$"),
            Some('\\') => out.push('\\'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
#[path = "dotenv_tests.rs"]
mod tests;
