//! Text that Markdown must not read: log lines may hold markup, links, or names that would call people.

use super::super::prose::{Part, parts};

/// Prose in a paragraph, heading or list item: one line, markup escaped, balanced `` `code` `` kept.
pub(crate) fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (at, part) in parts(text).into_iter().enumerate() {
        match part {
            Part::Code(code) => add_code(code, &mut out),
            Part::Plain(plain) => words(plain, at == 0, &mut out),
        }
    }
    out
}

/// Prose in a table cell.
pub(crate) fn cell(text: &str) -> String {
    prose(text).replace("\\|", "|").replace('|', "\\|")
}

/// Text as code inside a line. The delimiter is longer than any run of backticks in it.
pub(crate) fn code_span(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return String::new();
    }
    let ticks = "`".repeat(longest_run(&text).saturating_add(1));
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A code span behind what is there: two delimiters without a space between them would be read as one.
fn add_code(text: &str, out: &mut String) {
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(&code_span(text));
}

/// Code in a table cell, where a bar would end the cell even inside code.
pub(crate) fn code_cell(text: &str) -> String {
    code_span(text).replace('|', "\\|")
}

/// A fence that nothing in the text can close.
pub(crate) fn fence(text: &str) -> String {
    "`".repeat(longest_run(text).saturating_add(1).max(3))
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// Words one by one; those that a forge would turn into a link or a call become code, where nothing is linked.
fn words(text: &str, first: bool, out: &mut String) {
    let mut start = first;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let (core, tail) = trailing(bare);
        if links(core) {
            add_code(core, out);
            escaped(tail, out);
        } else {
            if start && opens_block(bare) {
                out.push('\\');
            }
            escaped(bare, out);
        }
        if bare.len() < word.len() {
            out.push(' ');
        }
        start = start && bare.is_empty();
    }
}

/// Punctuation after a word is not part of it.
fn trailing(word: &str) -> (&str, &str) {
    let core = word.trim_end_matches(['.', ',', ';', ':', ')', '!', '?', '"', '\'']);
    word.split_at_checked(core.len()).unwrap_or((word, ""))
}

/// `@name`, `#12`, `!12`, `GH-12`, `a@b.c`, addresses.
fn links(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let address = lower.contains("://") || lower.contains("www.") || lower.contains("mailto:");
    let numbered = |sign: char| after(word, sign).is_some_and(|next| next.is_ascii_digit());
    let called = after(word, '@').is_some_and(|next| next.is_ascii_alphanumeric() || next == '_');
    address || called || numbered('#') || numbered('!') || numbered('$') || numbered('&') || lower.contains("gh-")
}

fn after(word: &str, sign: char) -> Option<char> {
    word.split_once(sign).and_then(|(_, rest)| rest.trim_start_matches(sign).chars().next())
}

/// Whether a word at the start of a line would begin a list, a quotation or a rule.
fn opens_block(word: &str) -> bool {
    matches!(word, "-" | "+") || word.starts_with("--") || word.starts_with('=')
}

fn escaped(text: &str, out: &mut String) {
    let mut previous = ' ';
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let inside = previous.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        match character {
            // Inside a word it is no markup, and names such as SERVER_URL stay readable as they are.
            '_' if inside => out.push(character),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '$' | '!' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
        previous = character;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_of_a_log_is_shown_and_not_read() {
        assert_eq!(prose("<img src=x> & *bold* [a](b)"), r"&lt;img src=x&gt; &amp; \*bold\* \[a\](b)");
        assert_eq!(prose("- [ ] item"), r"\- \[ \] item");
        assert_eq!(prose("a\n# b"), r"a \# b");
        assert_eq!(prose("a_b costs $5 ~x~"), r"a_b costs `$5` \~x\~");
    }

    #[test]
    fn delimiters_of_neighbours_are_kept_apart() {
        assert_eq!(prose("`<b>````<http://x>x"), "`<b>` ```` ```<http://x>x ````");
        assert_eq!(prose("`a``b`"), "`a` `b`");
    }

    #[test]
    fn names_numbers_and_addresses_do_not_link() {
        assert_eq!(prose("ask @octocat, see #12."), "ask `@octocat`, see `#12`.");
        assert_eq!(prose("at https://evil.example/x)."), "at `https://evil.example/x`).");
        assert_eq!(prose("@nestjs/core@10.4.1 failed"), "`@nestjs/core@10.4.1` failed");
        assert_eq!(prose("user@example.com"), "`user@example.com`");
    }

    #[test]
    fn code_stays_code_and_a_lone_backtick_is_text() {
        assert_eq!(prose("run `yarn start` in `/app`"), "run `yarn start` in `/app`");
        assert_eq!(prose("odd ` tick"), r"odd \` tick");
        assert_eq!(code_span("a `b` c"), "``a `b` c``");
        assert_eq!(code_span("`b`"), "`` `b` ``");
        assert_eq!(fence("x ```` y"), "`````");
    }

    #[test]
    fn a_bar_does_not_end_a_cell() {
        assert_eq!(cell("a | b `c|d`"), r"a \| b `c\|d`");
        assert_eq!(code_cell("ps | grep x"), r"`ps \| grep x`");
    }
}
