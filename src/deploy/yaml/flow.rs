//! Lists and maps in brackets that go over several lines: a text → the same text with each of them on one line.
//!
//! YAML wants their lines indented further than the key they belong to; Go's reader, which is Compose's, does not, and many
//! files end such a list with a bracket below its key. Breaks and comments inside brackets become blanks, one for each
//! letter, so that every place stays what it was.

/// The text with brackets on one line; `None` when none goes over several.
pub(super) fn joined(text: &str) -> Option<String> {
    let mut walk = Walk { out: String::with_capacity(text.len()), ..Walk::default() };
    for line in text.split_inclusive('\n') {
        walk.line(line);
    }
    walk.changed.then_some(walk.out)
}

#[derive(Default)]
struct Walk {
    out: String,
    changed: bool,
    /// Brackets that are open.
    depth: usize,
    /// The quote that is open.
    quote: Option<char>,
    /// Indentation of the key whose text the following, deeper lines are.
    block: Option<usize>,
}

impl Walk {
    fn line(&mut self, line: &str) {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if let Some(block) = self.block {
            if line.trim().is_empty() || indent > block {
                self.out.push_str(line);
                return;
            }
            self.block = None;
        }
        let outside = self.depth == 0 && self.quote.is_none();
        let mut before = Before { starts: true, last: ' ' };
        let mut rest = line.chars();
        while let Some(letter) = rest.next() {
            if self.quote.is_none() && letter == '#' && before.last.is_whitespace() {
                self.comment(letter, rest.as_str());
                break;
            }
            self.letter(letter, &mut before, &mut rest);
        }
        if outside && self.depth == 0 && self.quote.is_none() && opens_block(line) {
            self.block = Some(indent);
        }
    }

    /// A comment and the break behind it.
    fn comment(&mut self, letter: char, rest: &str) {
        if self.depth == 0 {
            self.out.push(letter);
            self.out.push_str(rest);
        } else {
            self.changed = true;
            self.out.extend(std::iter::repeat_n(' ', 1 + rest.chars().count()));
        }
    }

    fn letter(&mut self, letter: char, before: &mut Before, rest: &mut std::str::Chars<'_>) {
        let flow = self.depth > 0;
        match (self.quote, letter) {
            (_, '\n' | '\r') if flow => {
                self.changed = true;
                self.out.push(' ');
                return;
            }
            (Some('"'), '\\') => {
                self.out.push(letter);
                self.out.extend(rest.next());
                return;
            }
            (Some(quote), _) if quote == letter => self.quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if before.starts => self.quote = Some(letter),
            (None, '[' | '{') if before.starts || flow => self.depth += 1,
            (None, ']' | '}') if flow => self.depth -= 1,
            (None, _) => {}
        }
        self.out.push(letter);
        before.pass(letter, flow);
    }
}

/// What stands before a letter in its line.
struct Before {
    /// A value may begin here.
    starts: bool,
    last: char,
}

impl Before {
    fn pass(&mut self, letter: char, flow: bool) {
        self.starts = match letter {
            ' ' => self.starts || matches!(self.last, ':' | '-' | '?'),
            '-' => self.starts && !flow,
            '[' | '{' | ',' | ':' => flow,
            _ => false,
        };
        self.last = letter;
    }
}

/// Whether the following, deeper lines are a text: `key: |`, `- >-`.
fn opens_block(line: &str) -> bool {
    let code = line.split(" #").next().unwrap_or_default().trim_end();
    let word = code.rsplit(' ').next().unwrap_or_default();
    let mut letters = word.chars();
    matches!(letters.next(), Some('|' | '>')) && letters.all(|letter| matches!(letter, '+' | '-' | '0'..='9'))
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn brackets_come_on_one_line_and_nothing_moves() {
        let text = "a:\n  command: [\n    \"run\", # why: [it\n    'x]',\n  ]\n  é: {k: [1,\n2]}\nb: 1\n";
        let flat = joined(text).unwrap();
        assert_eq!(flat.chars().count(), text.chars().count());
        assert_eq!(flat.lines().count(), 4);
        assert!(flat.contains("'x]',") && !flat.contains('#'), "{flat}");
        assert_eq!(flat.chars().position(|letter| letter == 'b'), text.chars().position(|letter| letter == 'b'));
    }

    #[test]
    fn brackets_in_texts_are_letters() {
        for text in [
            "a: it [is\nb: so]\n",
            "a: |\n  x [\n  y\nb: ]\n",
            "a: \"[\n  still text\"\nb: 1\n",
            "- a#[b\n- don't [do\n",
            "a: [1, 2]\nb: {c: d}\n",
            "# [\na: 1\n",
        ] {
            assert_eq!(joined(text), None, "{text}");
        }
    }
}
