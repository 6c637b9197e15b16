//! HAProxy's configuration: its sections, and the words of their lines with their places.

use std::ops::Range;

use super::text::FileId;

/// Lines of one file that are kept: the largest that people write by hand have some hundreds.
const LINES: usize = 2000;
/// Words of one line that are kept.
const WORDS: usize = 64;

/// The configuration of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HaproxyFile {
    /// Its file.
    pub file: FileId,
    /// What it says.
    pub model: Haproxy,
}

/// A configuration, as far as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Haproxy {
    /// Its sections in order.
    pub sections: Vec<Section>,
    /// Whether all of it is known: nothing was left out, and no line stands under a condition.
    pub complete: bool,
}

/// A section: from its keyword to the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// `backend`
    pub kind: String,
    /// Its name, where it has one.
    pub name: Option<Word>,
    /// Its lines.
    pub lines: Vec<Vec<Word>>,
}

/// A word without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word; variables as they stand.
    pub text: String,
    /// Where it stands.
    pub range: Range<usize>,
}

const KINDS: [&str; 19] = [
    "global",
    "defaults",
    "frontend",
    "backend",
    "listen",
    "peers",
    "resolvers",
    "userlist",
    "mailers",
    "cache",
    "program",
    "http-errors",
    "ring",
    "log-forward",
    "fcgi-app",
    "crt-store",
    "traces",
    "acme",
    "log-profile",
];

impl Haproxy {
    /// Reads a configuration.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut found = Self { sections: Vec::new(), complete: true };
        let mut start = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let words = words(line, start);
            start += line.len();
            let Some(first) = words.first() else { continue };
            // `.if`, and a line that goes on below.
            if number >= LINES || first.text.starts_with('.') || line.trim_end().ends_with('\\') {
                found.complete = false;
            }
            if number >= LINES {
                break;
            }
            if KINDS.contains(&first.text.as_str()) {
                let name = words.get(1).cloned();
                found.sections.push(Section { kind: first.text.clone(), name, lines: Vec::new() });
            } else if let Some(section) = found.sections.last_mut() {
                section.lines.push(words);
            }
        }
        found
    }

    /// Whether there is a section of one of these kinds with this name.
    #[must_use]
    pub fn has(&self, kinds: &[&str], name: &str) -> bool {
        let named = |section: &Section| section.name.as_ref().is_some_and(|word| word.text == name);
        self.sections.iter().any(|section| kinds.contains(&section.kind.as_str()) && named(section))
    }

    /// How many lines it has.
    pub(super) fn parts(&self) -> usize {
        self.sections.iter().map(|section| 1 + section.lines.len()).sum()
    }
}

/// The words of a line that begins at this byte, up to a comment.
fn words(line: &str, start: usize) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut word: Option<Word> = None;
    let (mut quote, mut escaped) = (None, false);
    for (at, letter) in line.char_indices() {
        let blank = quote.is_none() && !escaped && letter.is_whitespace();
        if blank || (quote.is_none() && !escaped && letter == '#') {
            words.extend(word.take());
            if letter == '#' || words.len() >= WORDS {
                break;
            }
            continue;
        }
        let here = start + at;
        let open = word.get_or_insert_with(|| Word { text: String::new(), range: here..here });
        open.range.end = here + letter.len_utf8();
        match (quote, letter) {
            _ if escaped => {
                escaped = false;
                open.text.push(letter);
            }
            (None | Some('"'), '\\') => escaped = true,
            (Some(mark), letter) if mark == letter => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (_, letter) => open.text.push(letter),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_have_lines_of_words_with_their_places() {
        let text = "global\n  log stdout local0\n\nbackend api # all\n  server a1 api:8000 check \"my word\" # x\nlisten st\\ ats\n";
        let found = Haproxy::read(text);
        assert!(found.complete && found.has(&["backend", "listen"], "api") && !found.has(&["listen"], "api"));
        let server = &found.sections[1].lines[0];
        let words: Vec<&str> = server.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(words, ["server", "a1", "api:8000", "check", "my word"]);
        assert_eq!(text.get(server[2].range.clone()), Some("api:8000"));
        assert_eq!(found.sections[2].name.as_ref().unwrap().text, "st ats");
        assert!(!Haproxy::read("global\n.if defined(X)\n  daemon\n.endif\n").complete);
    }
}
