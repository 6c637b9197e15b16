//! Where the parser stands in the text, and the small steps it takes: blanks, comments, line ends with the here-documents behind them.

use std::ops::Range;

use super::model::{Extension, ExtensionKind, Redirect, RedirectOperator, SyntaxError};
use super::parser::is_name;
use crate::deploy::text::NOT_READ;

/// The result of one grammar function.
pub(super) type Parsed<T> = Result<T, SyntaxError>;

/// Constructs inside one another; a script that a person wrote has a handful. The bound keeps the stack small on a hostile text.
const DEEPEST: usize = 64;
/// Commands of one script that are read: a hundred times as many as a long one has.
const COMMANDS: usize = 10_000;
/// Commands, words and expansions of one script.
const PARTS: usize = 30_000;

/// The operators of redirection, longer ones before those they begin with.
const REDIRECTS: [(&str, RedirectOperator); 12] = [
    ("&>>", RedirectOperator::AppendBoth),
    ("&>", RedirectOperator::WriteBoth),
    ("<<<", RedirectOperator::HereString),
    ("<<-", RedirectOperator::HereDocument),
    ("<<", RedirectOperator::HereDocument),
    ("<>", RedirectOperator::ReadWrite),
    ("<&", RedirectOperator::DuplicateInput),
    ("<", RedirectOperator::Read),
    (">>", RedirectOperator::Append),
    (">&", RedirectOperator::DuplicateOutput),
    (">|", RedirectOperator::Write),
    (">", RedirectOperator::Write),
];

/// A place in a text, and what was met on the way to it.
pub(super) struct Cursor<'a> {
    text: &'a str,
    /// Where the text begins in its file; all places that are given out count from the file's beginning.
    base: usize,
    position: usize,
    end: usize,
    depth: usize,
    commands: usize,
    /// Commands, words and expansions so far.
    pub(super) parts: usize,
    /// Here-documents whose text begins after the next line end: delimiter, and whether tabs before it are taken off.
    pending: Vec<(String, bool)>,
    pub(super) extensions: Vec<Extension>,
    /// The first quote that spans lines and ends right before a letter: where a forgotten quote probably is.
    pub(super) suspect: Option<Range<usize>>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, base: usize) -> Self {
        Self {
            text,
            base,
            position: 0,
            end: text.len(),
            depth: 0,
            commands: 0,
            parts: 0,
            pending: Vec::new(),
            extensions: Vec::new(),
            suspect: None,
        }
    }

    pub(super) fn position(&self) -> usize {
        self.base + self.position
    }

    /// Makes the text end after so many bytes; gives the end it had.
    pub(super) fn end_after(&mut self, bytes: usize) -> usize {
        let end = self.end;
        self.end = self.position.saturating_add(bytes).min(end);
        end
    }

    /// Undoes [`Self::end_after`].
    pub(super) fn end_again(&mut self, end: usize) {
        self.end = end;
    }

    pub(super) fn at_end(&self) -> bool {
        self.position >= self.end
    }

    /// The text from here on.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.position..self.end).unwrap_or_default()
    }

    /// The text from a place up to here.
    pub(super) fn read_since(&self, start: usize) -> &'a str {
        self.text.get(start.saturating_sub(self.base)..self.position).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest().bytes().next()
    }

    pub(super) fn before(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position.checked_sub(1)?).copied()
    }

    pub(super) fn starts(&self, sign: &str) -> bool {
        self.rest().starts_with(sign)
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.position = self.position.saturating_add(bytes).min(self.end);
    }

    /// Takes the sign if it stands here.
    pub(super) fn take(&mut self, sign: &str) -> bool {
        let there = self.starts(sign);
        if there {
            self.skip(sign.len());
        }
        there
    }

    /// Back to a place where the parser was before; used only to give back blanks.
    pub(super) fn rewind(&mut self, position: usize) {
        self.position = position.saturating_sub(self.base);
    }

    pub(super) fn range(&self, bytes: usize) -> Range<usize> {
        self.position()..self.base + self.position.saturating_add(bytes).min(self.end)
    }

    /// One character, whatever its width.
    pub(super) fn character(&mut self) -> Option<char> {
        let found = self.rest().chars().next()?;
        self.position += found.len_utf8();
        Some(found)
    }

    pub(super) fn error(&self, message: String, span: Range<usize>) -> SyntaxError {
        SyntaxError { message, span, limit: false }
    }

    pub(super) fn extension(&mut self, kind: ExtensionKind) {
        let span = self.range(2);
        self.extensions.push(Extension { kind, span });
    }

    /// Goes one construct deeper.
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEEPEST {
            let message = format!("constructs are nested more than {DEEPEST} deep");
            return Err(self.error(message, self.range(1)));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Counts a command; one in a substitution counts as well.
    pub(super) fn count_command(&mut self) -> Parsed<()> {
        self.commands += 1;
        if self.commands > COMMANDS {
            return Err(self.limit(format!("there are more than {COMMANDS} commands; {NOT_READ}")));
        }
        self.count_part()
    }

    /// Counts a part: a command, a word, or an expansion in one.
    pub(super) fn count_part(&mut self) -> Parsed<()> {
        self.parts += 1;
        if self.parts > PARTS {
            return Err(self.limit(format!("there are more than {PARTS} words; {NOT_READ}")));
        }
        Ok(())
    }

    fn limit(&self, message: String) -> SyntaxError {
        SyntaxError { message, span: self.range(1), limit: true }
    }

    /// Skips blanks, continued lines and a comment.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.skip(1),
                Some(b'\\') if self.starts("\\\n") => self.skip(2),
                Some(b'#') if self.before().is_none_or(|byte| b" \t\r\n;&|()".contains(&byte)) => {
                    self.skip(self.rest().find('\n').unwrap_or(self.rest().len()));
                }
                _ => return,
            }
        }
    }

    /// Skips blanks and line ends; here-documents are read where their line ends.
    pub(super) fn newlines(&mut self) -> Parsed<()> {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return Ok(());
            }
            self.skip(1);
            for (delimiter, tabs) in std::mem::take(&mut self.pending) {
                self.here_document(&delimiter, tabs);
            }
        }
    }

    /// A here-document without its delimiter ends with the text, as the shells have it.
    fn here_document(&mut self, delimiter: &str, tabs: bool) {
        while !self.at_end() {
            let line = self.rest().split('\n').next().unwrap_or_default();
            self.skip(line.len() + 1);
            let line = line.trim_end_matches('\r');
            if (if tabs { line.trim_start_matches('\t') } else { line }).trim_end_matches(' ') == delimiter {
                return;
            }
        }
    }

    /// The characters up to the next blank or sign, when none of them is quoted or expanded; else nothing.
    pub(super) fn bare_word(&self) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c: char| c.is_ascii_whitespace() || ";&|()<>".contains(c)).unwrap_or(rest.len());
        let word = rest.get(..length.min(256)).unwrap_or_default();
        let word = word.strip_suffix('\\').filter(|_| ends_behind_line(rest.get(length..))).unwrap_or(word);
        if word.contains(['\'', '"', '\\', '$', '`']) { "" } else { word }
    }

    /// Takes the bare word that stands here, and says where it was.
    pub(super) fn bare_word_taken(&mut self) -> Range<usize> {
        let span = self.range(self.bare_word().len());
        self.skip(span.len());
        span
    }

    /// What stands here, for a message.
    pub(super) fn token(&self) -> (String, Range<usize>) {
        if self.peek() == Some(b'\n') {
            return ("end of line".to_owned(), self.range(1));
        }
        let rest = self.rest();
        let signs = rest.bytes().take_while(|byte| b";&|()<>".contains(byte)).take(2).count();
        let word: String = rest.chars().take_while(|c| !c.is_ascii_whitespace() && !";&|()<>".contains(*c)).collect();
        match (signs, word.char_indices().nth(40)) {
            (0, None) => (word.clone(), self.range(word.len())),
            (0, Some((cut, _))) => (word.get(..cut).unwrap_or_default().to_owned(), self.range(word.len())),
            _ => (rest.get(..signs).unwrap_or_default().to_owned(), self.range(signs)),
        }
    }

    /// Whether a word begins here.
    pub(super) fn at_word(&self) -> bool {
        match self.peek() {
            None => false,
            Some(b'<') => self.starts("<("),
            Some(b'>') => self.starts(">("),
            Some(byte) => !byte.is_ascii_whitespace() && !b";&|()".contains(&byte),
        }
    }

    /// Whether `name ( )` stands here.
    pub(super) fn defines_function(&self) -> bool {
        let name = self.bare_word();
        let after = self.rest().get(name.len()..).unwrap_or_default().trim_start_matches([' ', '\t']);
        !name.is_empty()
            && !name.contains('=')
            && after.strip_prefix('(').is_some_and(|inner| inner.trim_start_matches([' ', '\t']).starts_with(')'))
    }

    /// `NAME=`, `NAME+=` or `NAME[…]=` here: the name, and the bytes up to the value.
    pub(super) fn assignment_head(&self) -> Option<(String, usize)> {
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let name = rest.get(..length).filter(|name| is_name(name))?;
        let mut after = rest.get(length..)?;
        if after.starts_with('[') {
            // Near enough: a far one would make a long line cost its square.
            let close = after.bytes().take(128).take_while(|byte| *byte != b'\n').position(|byte| byte == b']')?;
            after = after.get(close + 1..)?;
        }
        let after = after.strip_prefix("+=").or_else(|| after.strip_prefix('='))?;
        Some((name.to_owned(), rest.len() - after.len()))
    }

    /// What stands between `((` and `))`, the first `(` being `lead` bytes away; nothing when they are parentheses of commands.
    pub(super) fn arithmetic(&self, lead: usize) -> Option<String> {
        let inner = self.rest().get(lead + 2..)?;
        let mut open = 0_usize;
        for (index, byte) in inner.bytes().enumerate() {
            match byte {
                b'(' => open += 1,
                b')' if open == 0 => {
                    let text = inner.get(..index)?;
                    return inner.get(index..)?.starts_with("))").then(|| text.to_owned());
                }
                b')' => open -= 1,
                _ => {}
            }
        }
        None
    }

    /// A redirection, if one begins here.
    pub(super) fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let start = self.position();
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let after = self.rest().get(digits..).unwrap_or_default();
        let found =
            REDIRECTS.iter().find(|(sign, _)| after.starts_with(sign) && (digits == 0 || !sign.starts_with('&')));
        let Some(&(sign, operator)) = found else { return Ok(None) };
        if after.starts_with("<(") || after.starts_with(">(") {
            return Ok(None);
        }
        match operator {
            RedirectOperator::HereString => self.extension(ExtensionKind::HereString),
            RedirectOperator::WriteBoth | RedirectOperator::AppendBoth => self.extension(ExtensionKind::RedirectBoth),
            _ => {}
        }
        let descriptor = self.rest().get(..digits).and_then(|number| number.parse().ok());
        self.skip(digits + sign.len());
        self.blanks();
        if !self.at_word() {
            return Err(self.error(format!("`{sign}` leads nowhere"), start..self.position()));
        }
        let target = self.word()?;
        if operator == RedirectOperator::HereDocument {
            let written = self.read_since(target.span.start).to_owned();
            self.pending.push((target.literal().unwrap_or(written), sign == "<<-"));
        }
        Ok(Some(Redirect { descriptor, operator, target, span: start..self.position() }))
    }
}

/// Whether a word whose line is continued ends there: the line end is taken out, and a blank or a sign begins the next line.
fn ends_behind_line(rest: Option<&str>) -> bool {
    let Some(next) = rest.and_then(|rest| rest.strip_prefix('\n')) else { return false };
    next.starts_with("\\\n") || next.chars().next().is_none_or(|c| c.is_ascii_whitespace() || ";&|()<>".contains(c))
}
