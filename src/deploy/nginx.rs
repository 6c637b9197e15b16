//! nginx configuration: text → directives and faults, each with its place.
//!
//! Written by hand: nginx's grammar is a page of tokens, and no crate for it is bounded in depth and goes on behind a mistake. The tokens are
//! nginx's own: a quote counts only where a word begins, `#` likewise, `${` opens no block. Lua blocks are skipped as a whole. Templates for
//! `envsubst` are the same grammar; [`substitute`] fills them in.

mod lua;
pub mod routes;

use std::ops::Range;

use super::text::EXPANDED;

/// Blocks inside blocks that are followed; nginx itself refuses far fewer.
const DEPTH: usize = 64;
/// Most faults told of one file.
const FAULTS: usize = 100;
/// Directives of one file that are read.
const DIRECTIVES: usize = 5000;
/// Words of one file that are read.
const WORDS: usize = 30_000;

/// One file of configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nginx {
    /// The directives outside of all blocks.
    pub directives: Vec<Directive>,
    /// What is wrong with the file.
    pub faults: Vec<Fault>,
    /// How many words were read.
    pub words: usize,
}

impl Nginx {
    /// The bytes it takes without its texts, about.
    pub(super) const fn cost(&self) -> usize {
        200 * (1 + self.words)
    }
}

/// One word of a directive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// Without quotes, escapes of quotes resolved.
    pub text: String,
    /// Where it stands, with its quotes.
    pub range: Range<usize>,
}

/// A directive, with its block where it has one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directive {
    /// Its name.
    pub name: Word,
    /// What follows the name.
    pub args: Vec<Word>,
    /// The directives between its braces; none for one that ends in a semicolon.
    pub block: Option<Vec<Directive>>,
    /// From its name to its semicolon or closing brace.
    pub range: Range<usize>,
}

impl Directive {
    /// The text of one of its arguments.
    #[must_use]
    pub fn arg(&self, index: usize) -> Option<&str> {
        self.args.get(index).map(|word| word.text.as_str())
    }

    /// The directives of its block.
    #[must_use]
    pub fn children(&self) -> &[Directive] {
        self.block.as_deref().unwrap_or_default()
    }
}

/// What is wrong with a place of the file; nginx refuses to start on each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub range: Range<usize>,
    /// What.
    pub kind: FaultKind,
}

/// What can be wrong with a configuration's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// `;` or `{` without a directive before it.
    NoDirective,
    /// A brace closes that none opened.
    ExtraBrace,
    /// A block that the file does not close.
    OpenBlock,
    /// A quote that nothing closes.
    OpenQuote,
    /// Text right behind a closing quote.
    BehindQuote,
    /// A directive that neither semicolon nor block ends.
    NoSemicolon,
    /// More blocks inside each other than are followed.
    TooDeep,
    /// More directives or words than are read.
    TooMany,
}

/// Reads a configuration; never fails, it recognises less.
#[must_use]
pub fn parse(text: &str) -> Nginx {
    let mut parser = Parser { text, at: 0, found: Nginx::default(), open: Vec::new(), words: Vec::new(), taken: 0 };
    if text.starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    while parser.step() {
        if parser.taken >= DIRECTIVES || parser.found.words >= WORDS {
            parser.fault(parser.at..parser.at, FaultKind::TooMany);
            break;
        }
    }
    parser.finish()
}

/// A template with each `${NAME}` and `$NAME` that `value` knows replaced, as `envsubst` of the official image does it.
#[must_use]
pub fn substitute(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let most = text.len() + EXPANDED;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, behind) = variable(after);
        // Beyond any length that makes sense they stay as they stand.
        match value(name).filter(|known| !name.is_empty() && out.len() + known.len() <= most) {
            Some(known) => out.push_str(&known),
            None => {
                out.push('$');
                out.push_str(after.get(..after.len() - behind.len()).unwrap_or_default());
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The name of the variable whose dollar stands before this text, and what follows it; an empty name where there is none.
#[must_use]
pub fn variable(after: &str) -> (&str, &str) {
    let named = |text: &str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    if let Some(inside) = after.strip_prefix('{') {
        return match inside.split_at_checked(named(inside)) {
            Some((name, behind)) if behind.starts_with('}') => (name, behind.get(1..).unwrap_or_default()),
            _ => ("", after),
        };
    }
    after.split_at_checked(named(after)).unwrap_or(("", after))
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    found: Nginx,
    /// Directives whose blocks are open, the innermost last.
    open: Vec<Directive>,
    /// Words of the directive that has not ended yet.
    words: Vec<Word>,
    /// Directives read so far.
    taken: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn fault(&mut self, range: Range<usize>, kind: FaultKind) {
        if self.found.faults.len() < FAULTS || kind == FaultKind::TooMany {
            self.found.faults.push(Fault { range, kind });
        }
    }

    /// Reads one token; false at the end of the text.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        let Some(first) = self.rest().chars().next() else { return false };
        match first {
            '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
            ';' => self.semicolon(),
            '{' => self.enter(),
            '}' => self.leave(),
            '"' | '\'' => self.quoted(first),
            _ => self.plain(),
        }
        true
    }

    /// Takes the words read so far as a directive that ends here.
    fn take(&mut self, end: usize) -> Option<Directive> {
        self.taken += 1;
        let mut words = std::mem::take(&mut self.words).into_iter();
        let name = words.next()?;
        let range = name.range.start..end;
        Some(Directive { name, args: words.collect(), block: None, range })
    }

    fn push(&mut self, directive: Directive) {
        match self.open.last_mut() {
            Some(parent) => parent.block.get_or_insert_default().push(directive),
            None => self.found.directives.push(directive),
        }
    }

    fn semicolon(&mut self) {
        self.at += 1;
        match self.take(self.at) {
            Some(directive) => self.push(directive),
            None => self.fault(self.at - 1..self.at, FaultKind::NoDirective),
        }
    }

    fn enter(&mut self) {
        self.at += 1;
        let Some(mut directive) = self.take(self.at) else {
            // Its closing brace must not close the block around it.
            self.fault(self.at - 1..self.at, FaultKind::NoDirective);
            return self.open.push(Directive { block: Some(Vec::new()), ..Directive::default() });
        };
        if directive.name.text.ends_with("_by_lua_block") {
            self.at += lua::block_length(self.rest());
            directive.range.end = self.at;
            return self.push(directive);
        }
        if self.open.len() >= DEPTH {
            self.fault(directive.range, FaultKind::TooDeep);
            self.at = self.text.len();
            return;
        }
        directive.block = Some(Vec::new());
        self.open.push(directive);
    }

    fn leave(&mut self) {
        self.unfinished();
        self.at += 1;
        match self.open.pop() {
            Some(mut directive) => {
                directive.range.end = self.at;
                if !directive.name.text.is_empty() {
                    self.push(directive);
                }
            }
            None => self.fault(self.at - 1..self.at, FaultKind::ExtraBrace),
        }
    }

    /// A directive that ends because its block or the file does.
    fn unfinished(&mut self) {
        let end = self.words.last().map_or(self.at, |word| word.range.end);
        if let Some(directive) = self.take(end) {
            self.fault(directive.range.clone(), FaultKind::NoSemicolon);
            self.push(directive);
        }
    }

    fn quoted(&mut self, mark: char) {
        let (start, inside) = (self.at, self.text.get(self.at + 1..).unwrap_or_default());
        let mut escaped = false;
        let closing = inside.find(|character| {
            let found = character == mark && !escaped;
            escaped = character == '\\' && !escaped;
            found
        });
        let Some(length) = closing else {
            let line = self.rest().find('\n').unwrap_or(self.rest().len());
            self.fault(start..start + line, FaultKind::OpenQuote);
            self.at = self.text.len();
            return;
        };
        self.at = start + length + 2;
        let text = inside.get(..length).unwrap_or_default().replace(&format!("\\{mark}"), &mark.to_string());
        self.push_word(text, start);
        let behind = self.rest().chars().next();
        if behind.is_some_and(|c| !c.is_whitespace() && !matches!(c, ';' | '{' | ')')) {
            self.fault(start..self.at, FaultKind::BehindQuote);
        }
    }

    /// A word without quotes: up to a blank, a semicolon, or a brace that belongs to no variable.
    fn plain(&mut self) {
        let (start, rest) = (self.at, self.rest());
        let (mut escaped, mut dollar) = (false, false);
        let ends = |character: char| {
            let end = !escaped && (character.is_whitespace() || character == ';' || character == '{' && !dollar);
            escaped = character == '\\' && !escaped;
            dollar = character == '$';
            end
        };
        let length = rest.find(ends).unwrap_or(rest.len());
        self.at = start + length;
        self.push_word(rest.get(..length).unwrap_or_default().to_owned(), start);
    }

    fn push_word(&mut self, text: String, start: usize) {
        self.found.words += 1;
        self.words.push(Word { text, range: start..self.at });
    }

    fn finish(mut self) -> Nginx {
        let ends = |kind| matches!(kind, FaultKind::OpenQuote | FaultKind::TooDeep | FaultKind::TooMany);
        let cut = self.found.faults.iter().any(|fault| ends(fault.kind));
        if cut {
            self.words.clear();
        }
        self.unfinished();
        while let Some(mut directive) = self.open.pop() {
            if !cut && !directive.name.text.is_empty() {
                self.fault(directive.range.clone(), FaultKind::OpenBlock);
            }
            directive.range.end = self.text.len();
            self.push(directive);
        }
        self.found
    }
}

#[cfg(test)]
#[path = "nginx_tests.rs"]
mod tests;
