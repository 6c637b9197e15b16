//! The grammar of words: quotes, variables, substitutions.

use super::cursor::{Cursor, Parsed};
use super::model::{ExtensionKind, List, Parameter, Part, Word};
use super::parser;

/// What ends a word besides quotes and expansions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// A blank or a sign.
    Blank,
    /// `}` of a parameter, outside or inside double quotes.
    Brace {
        /// Whether `'` is a plain character.
        quoted: bool,
    },
}

/// The parts of a word as they are found; plain characters are gathered.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    text: String,
    /// Whether there were quotes: `''` is a word too.
    quoted: bool,
}

impl Parts {
    fn push(&mut self, part: Part) {
        self.flush();
        self.parts.push(part);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(Part::Literal(std::mem::take(&mut self.text)));
        }
    }

    fn end(mut self) -> Vec<Part> {
        self.flush();
        if self.parts.is_empty() && self.quoted {
            self.parts.push(Part::Literal(String::new()));
        }
        merged(self.parts)
    }
}

impl Cursor<'_> {
    /// The word that begins here; without any character it is an error.
    pub(super) fn word(&mut self) -> Parsed<Word> {
        self.word_until(Until::Blank)
    }

    fn word_until(&mut self, until: Until) -> Parsed<Word> {
        self.count_part()?;
        let start = self.position();
        let mut parts = Parts::default();
        while let Some(byte) = self.peek() {
            if self.word_ends(byte, until, start) {
                break;
            }
            self.piece(byte, until, &mut parts)?;
        }
        Ok(Word { parts: parts.end(), span: start..self.position() })
    }

    fn word_ends(&self, byte: u8, until: Until, start: usize) -> bool {
        match until {
            Until::Brace { .. } => byte == b'}',
            Until::Blank => match byte {
                b'<' | b'>' => !self.starts("<(") && !self.starts(">("),
                b'(' => !(self.position() > start && self.before().is_some_and(|byte| b"=?*+@!".contains(&byte))),
                _ => byte.is_ascii_whitespace() || b";&|)".contains(&byte),
            },
        }
    }

    fn piece(&mut self, byte: u8, until: Until, parts: &mut Parts) -> Parsed<()> {
        let single = until != (Until::Brace { quoted: true });
        match byte {
            b'\'' if single => self.single_quoted(parts),
            b'"' => self.double_quoted(parts),
            b'\\' => {
                self.escape(parts);
                Ok(())
            }
            b'$' => self.dollar(parts, until == Until::Blank),
            b'`' => self.backquoted(parts),
            b'<' | b'>' if until == Until::Blank => {
                self.extension(ExtensionKind::ProcessSubstitution);
                self.skip(2);
                let list = self.substitution("(")?;
                parts.push(Part::Process(list));
                Ok(())
            }
            b'(' if until == Until::Blank => self.parenthesis(parts),
            _ => {
                parts.text.extend(self.character());
                Ok(())
            }
        }
    }

    /// `(` inside a word: the array of `declare a=(…)`, or a pattern such as `@(a|b)`.
    fn parenthesis(&mut self, parts: &mut Parts) -> Parsed<()> {
        if self.before() == Some(b'=') {
            return self.array();
        }
        let open = self.range(1);
        let mut depth = 0_usize;
        while let Some(found) = self.character() {
            parts.text.push(found);
            match found {
                '(' => depth += 1,
                ')' if depth == 1 => return Ok(()),
                ')' => depth -= 1,
                _ => {}
            }
        }
        Err(self.error("`(` is not closed".to_owned(), open))
    }

    /// The words of an array; the parser stands at `(`.
    pub(super) fn array(&mut self) -> Parsed<()> {
        self.extension(ExtensionKind::Array);
        let open = self.range(1);
        self.skip(1);
        loop {
            self.newlines()?;
            if self.take(")") {
                return Ok(());
            }
            if !self.at_word() {
                return Err(self.error("the array is not closed: `)` is missing".to_owned(), open));
            }
            self.nested(Self::word)?;
        }
    }

    fn escape(&mut self, parts: &mut Parts) {
        self.skip(1);
        match self.character() {
            Some('\n') => {}
            Some(found) => parts.text.push(found),
            None => parts.text.push('\\'),
        }
    }

    fn single_quoted(&mut self, parts: &mut Parts) -> Parsed<()> {
        let open = self.range(1);
        self.skip(1);
        let Some(length) = self.rest().find('\'') else { return Err(self.unclosed("'", open)) };
        parts.text.push_str(self.rest().get(..length).unwrap_or_default());
        parts.quoted = true;
        self.skip(length + 1);
        self.note_suspect(&open);
        Ok(())
    }

    fn double_quoted(&mut self, parts: &mut Parts) -> Parsed<()> {
        let open = self.range(1);
        self.skip(1);
        parts.quoted = true;
        loop {
            match self.peek() {
                None => return Err(self.unclosed("\"", open)),
                Some(b'"') => break,
                Some(b'\\') => self.escape_in_quotes(parts),
                Some(b'$') => self.dollar(parts, false)?,
                Some(b'`') => self.backquoted(parts)?,
                Some(_) => parts.text.extend(self.character()),
            }
        }
        self.skip(1);
        self.note_suspect(&open);
        Ok(())
    }

    fn escape_in_quotes(&mut self, parts: &mut Parts) {
        self.skip(1);
        match self.peek() {
            Some(b'\n') => self.skip(1),
            Some(b'$' | b'`' | b'"' | b'\\') => parts.text.extend(self.character()),
            _ => parts.text.push('\\'),
        }
    }

    fn note_suspect(&mut self, open: &std::ops::Range<usize>) {
        let follows = self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric());
        if self.suspect.is_none() && follows && self.spans_lines(open.start) {
            self.suspect = Some(open.clone());
        }
    }

    fn unclosed(&self, quote: &str, open: std::ops::Range<usize>) -> super::model::SyntaxError {
        let place = self.suspect.clone().unwrap_or(open);
        self.error(format!("the quote {quote} is not closed"), place)
    }

    fn dollar(&mut self, parts: &mut Parts, bare: bool) -> Parsed<()> {
        self.count_part()?;
        if self.starts("$((")
            && let Some(text) = self.arithmetic(1)
        {
            self.skip(text.len() + 5);
            parts.push(Part::Arithmetic(text));
            return Ok(());
        }
        if self.take("$(") {
            let list = self.substitution("$(")?;
            parts.push(Part::Substitution(list));
            return Ok(());
        }
        if self.starts("${") {
            let parameter = self.nested(|cursor| cursor.braced(!bare))?;
            parts.push(Part::Parameter(Box::new(parameter)));
            return Ok(());
        }
        self.skip(1);
        match self.peek() {
            Some(b'\'') if bare => self.ansi_quoted(parts)?,
            Some(b'"') if bare => {}
            Some(byte) if byte == b'_' || byte.is_ascii_alphabetic() => {
                let name = self.name();
                parts.push(parameter(name));
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?-$!".contains(&byte) => {
                let name: String = self.character().into_iter().collect();
                parts.push(parameter(name));
            }
            _ => parts.text.push('$'),
        }
        Ok(())
    }

    fn name(&mut self) -> String {
        let length = self.rest().bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let name = self.rest().get(..length).unwrap_or_default().to_owned();
        self.skip(length);
        name
    }

    /// `$'…'`, whose escapes are left as they are written.
    fn ansi_quoted(&mut self, parts: &mut Parts) -> Parsed<()> {
        let open = self.range(1);
        self.skip(1);
        parts.quoted = true;
        loop {
            match self.character() {
                None => return Err(self.unclosed("'", open)),
                Some('\'') => return Ok(()),
                Some('\\') => {
                    parts.text.push('\\');
                    parts.text.extend(self.character());
                }
                Some(found) => parts.text.push(found),
            }
        }
    }

    /// The commands of a substitution whose opening sign has been read.
    fn substitution(&mut self, sign: &str) -> Parsed<List> {
        let open = self.position().saturating_sub(2)..self.position();
        let list = parser::list(self)?;
        if self.take(")") {
            return Ok(list);
        }
        let message = if self.at_end() {
            format!("`{sign}` is not closed: `)` is missing")
        } else {
            format!("`{}` stands where `)` of `{sign}` is expected", self.token().0)
        };
        Err(self.error(message, open))
    }

    /// Commands in backquotes. Those with escapes inside are beyond this reader and give an empty list.
    fn backquoted(&mut self, parts: &mut Parts) -> Parsed<()> {
        self.count_part()?;
        let open = self.range(1);
        self.skip(1);
        let mut escaped = false;
        let close = self.rest().bytes().position(|byte| {
            let ends = byte == b'`' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let Some(length) = close else { return Err(self.unclosed("`", open)) };
        let after = self.position() + length;
        let plain = !self.rest().get(..length).unwrap_or_default().contains('\\');
        let mut list = List::default();
        if plain {
            let end = self.end_after(length);
            list = parser::list(self)?;
            self.end_again(end);
        }
        self.rewind(after);
        self.skip(1);
        parts.push(Part::Substitution(list));
        Ok(())
    }

    /// `${…}`.
    fn braced(&mut self, quoted: bool) -> Parsed<Parameter> {
        let open = self.range(2);
        self.skip(2);
        let mut prefix = String::new();
        if (self.starts("#") || self.starts("!")) && !self.starts("#}") && !self.starts("!}") {
            if self.starts("!") {
                self.extension(ExtensionKind::ParameterOperator);
            }
            prefix.extend(self.character());
        }
        let mut name = self.name();
        if name.is_empty() {
            name.extend(self.character());
        }
        self.subscript();
        let mut operator = self.parameter_operator();
        let plain = quoted && !operator.starts_with(['#', '%', '/']);
        let argument = self.word_until(Until::Brace { quoted: plain })?;
        if !self.take("}") {
            return Err(self.error("`${` is not closed: `}` is missing".to_owned(), open));
        }
        operator.insert_str(0, &prefix);
        Ok(Parameter { name, operator, argument: Some(Box::new(argument)).filter(|word| !word.parts.is_empty()) })
    }

    fn subscript(&mut self) {
        if self.starts("[")
            && let Some(length) = self.rest().find(']')
        {
            self.extension(ExtensionKind::Array);
            self.skip(length + 1);
        }
    }

    fn parameter_operator(&mut self) -> String {
        const KNOWN: [&str; 12] = [":-", ":=", ":?", ":+", "-", "=", "?", "+", "##", "#", "%%", "%"];
        const BASH: [&str; 8] = ["//", "/", "^^", "^", ",,", ",", "@", ":"];
        if let Some(sign) = KNOWN.iter().find(|sign| self.starts(sign)) {
            self.skip(sign.len());
            return (*sign).to_owned();
        }
        let Some(sign) = BASH.iter().find(|sign| self.starts(sign)) else { return String::new() };
        self.extension(ExtensionKind::ParameterOperator);
        self.skip(sign.len());
        (*sign).to_owned()
    }

    fn spans_lines(&self, start: usize) -> bool {
        self.read_since(start).contains('\n')
    }
}

fn parameter(name: String) -> Part {
    Part::Parameter(Box::new(Parameter { name, operator: String::new(), argument: None }))
}

/// Neighbouring texts become one.
fn merged(parts: Vec<Part>) -> Vec<Part> {
    let mut merged: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match (merged.last_mut(), part) {
            (Some(Part::Literal(before)), Part::Literal(text)) => before.push_str(&text),
            (_, part) => merged.push(part),
        }
    }
    merged
}

impl Word {
    /// The word's text, when nothing in it is expanded.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        self.parts.iter().map(|part| if let Part::Literal(text) = part { Some(text.as_str()) } else { None }).collect()
    }

    /// Whether the word is exactly this text.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        match self.parts.as_slice() {
            [Part::Literal(found)] => found == text,
            _ => false,
        }
    }
}
