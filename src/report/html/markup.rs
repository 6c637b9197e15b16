//! Markup in which foreign text cannot become markup: names of elements and attributes are fixed in the program, all else is escaped.

use super::super::prose::{Part, parts};
use super::super::sanitize;

/// Attributes of an element.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

/// Elements inside a line; after any other a new line begins in the file.
const INLINE: [&str; 13] = ["a", "b", "bdi", "code", "dd", "desc", "dt", "mark", "span", "td", "text", "th", "title"];

/// A piece of a page.
#[derive(Debug, Default)]
pub(super) struct Markup {
    text: String,
    /// Id and title of each section, in order, for the table of contents.
    pub(super) contents: Vec<(&'static str, &'static str)>,
}

impl Markup {
    /// What was written.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Text of the program itself, markup included.
    pub(super) fn fixed(&mut self, markup: &'static str) {
        self.text.push_str(markup);
    }

    /// Another piece, in place.
    pub(super) fn append(&mut self, piece: Self) {
        self.text.push_str(&piece.text);
    }

    /// Foreign text.
    pub(super) fn text(&mut self, text: &str) {
        escape(text, &mut self.text);
    }

    /// Foreign prose, whose `` `code` `` is set as code.
    pub(super) fn prose(&mut self, text: &str) {
        for part in parts(text) {
            match part {
                Part::Plain(words) => self.text(words),
                Part::Code(code) => self.element("code", &[], code),
            }
        }
    }

    /// An element without content, such as `rect` or `meta`.
    pub(super) fn empty(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.open(name, attributes);
        // HTML's own are closed by their name, SVG's must be.
        self.text.truncate(self.text.len().saturating_sub(1));
        self.text.push_str(if matches!(name, "meta" | "link") { ">\n" } else { "/>\n" });
    }

    /// An element that holds foreign text.
    pub(super) fn element(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        self.inside(name, attributes, |inner| inner.text(text));
    }

    /// An element that holds others.
    pub(super) fn inside(&mut self, name: &'static str, attributes: Attributes<'_>, content: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        content(self);
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
        if !INLINE.contains(&name) {
            self.text.push('\n');
        }
    }

    /// A part of the page with a heading of its own, named in the contents.
    pub(super) fn section(&mut self, id: &'static str, title: &'static str, content: impl FnOnce(&mut Self)) {
        self.contents.push((id, title));
        self.inside("section", &[("id", id), ("aria-labelledby", &format!("{id}-title"))], |section| {
            section.element("h2", &[("id", &format!("{id}-title"))], title);
            content(section);
        });
    }

    /// A name and its value in a list of facts.
    pub(super) fn fact(&mut self, name: &'static str, value: impl FnOnce(&mut Self)) {
        self.inside("div", &[], |pair| {
            pair.element("dt", &[], name);
            pair.inside("dd", &[], value);
        });
    }

    /// A command, whole; the script adds a button to it.
    pub(super) fn command(&mut self, command: &str) {
        self.inside("div", &[("class", "command")], |block| {
            block.inside("pre", &[], |pre| pre.element("code", &[], command.trim_matches('\n')));
        });
    }

    fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.text.push('<');
        self.text.push_str(name);
        for (key, value) in attributes {
            self.text.push(' ');
            self.text.push_str(key);
            self.text.push_str("=\"");
            escape(value, &mut self.text);
            self.text.push('"');
        }
        self.text.push('>');
    }
}

/// Escaped for text and for attributes in quotes alike. A report was cleaned before; what still would steer or reorder is shown as `�`.
fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(character),
            _ if character.is_control() || sanitize::reorders(character) => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Markup)) -> String {
        let mut markup = Markup::default();
        write(&mut markup);
        markup.into_text()
    }

    #[test]
    fn foreign_text_stays_text_in_elements_and_attributes() {
        let hostile = "</code><script>alert(\"1\")</script>&amp;' onload='x";
        let escaped = "&lt;/code&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39; onload=&#39;x";
        assert_eq!(
            written(|markup| markup.element("code", &[("title", hostile)], hostile)),
            format!("<code title=\"{escaped}\">{escaped}</code>")
        );
        assert_eq!(written(|markup| markup.prose("a `<b>` <i>")), "a <code>&lt;b&gt;</code> &lt;i&gt;");
    }

    #[test]
    fn controls_and_overrides_are_seen() {
        assert_eq!(
            written(|markup| markup.text("a\0b\u{1b}[1m\u{202e}c\td\ne")),
            "a\u{fffd}b\u{fffd}[1m\u{fffd}c\td\ne"
        );
    }

    #[test]
    fn empty_elements_are_closed_as_their_language_wants() {
        assert_eq!(written(|markup| markup.empty("meta", &[("name", "a")])), "<meta name=\"a\">\n");
        assert_eq!(written(|markup| markup.empty("rect", &[("x", "1")])), "<rect x=\"1\"/>\n");
    }

    #[test]
    fn sections_are_collected_for_the_contents() {
        let mut markup = Markup::default();
        markup.section("fix", "Fix", |_| ());
        assert_eq!(markup.contents, [("fix", "Fix")]);
        assert_eq!(
            markup.into_text(),
            "<section id=\"fix\" aria-labelledby=\"fix-title\"><h2 id=\"fix-title\">Fix</h2>\n</section>\n"
        );
    }
}
