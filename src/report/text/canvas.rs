//! Lines on a terminal or in a pipe: colours, wrapping between words, cutting at the edge.

use std::io;

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::TextStyle;

/// What a piece of text is, not how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Strong,
    Dim,
    Good,
    Bad,
    Warn,
    Command,
}

/// A text and what it is.
pub(crate) type Piece = (Ink, String);

/// Column at which the bodies of labelled fields begin.
const BODY: usize = 20;
/// Below this width a label stands on a line of its own.
const NARROW: usize = 64;

/// Where the writers of the sections draw.
pub(crate) struct Canvas<'o> {
    pub(crate) style: TextStyle,
    out: &'o mut dyn io::Write,
}

impl<'o> Canvas<'o> {
    pub(crate) fn new(style: TextStyle, out: &'o mut dyn io::Write) -> Self {
        Self { style, out }
    }

    pub(crate) fn width(&self) -> usize {
        usize::from(self.style.width).max(20)
    }

    fn narrow(&self) -> bool {
        self.width() < NARROW
    }

    /// Column of a field's body.
    pub(crate) fn body(&self) -> usize {
        if self.narrow() { 4 } else { BODY }
    }

    pub(crate) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// One line as it is.
    pub(crate) fn line(&mut self, indent: usize, pieces: &[Piece]) -> io::Result<()> {
        let mut line = " ".repeat(indent);
        for (ink, text) in pieces {
            line.push_str(&self.painted(*ink, text));
        }
        writeln!(self.out, "{}", line.trim_end())
    }

    /// A paragraph, wrapped between words; `label` stands before its first line.
    pub(crate) fn field(&mut self, label: &str, pieces: &[Piece]) -> io::Result<()> {
        let body = self.body();
        self.hanging(label, body, body, pieces)
    }

    /// Like [`Self::field`], with lines after the first indented to `rest`.
    pub(crate) fn hanging(&mut self, label: &str, first: usize, rest: usize, pieces: &[Piece]) -> io::Result<()> {
        let lines = flow(pieces, self.width().saturating_sub(first), self.width().saturating_sub(rest));
        let mut lead = self.lead(label, first)?;
        for line in &lines {
            let text: String = line.iter().map(|(ink, text)| self.painted(*ink, text)).collect();
            writeln!(self.out, "{}", format!("{lead}{text}").trim_end())?;
            lead = " ".repeat(rest);
        }
        Ok(())
    }

    /// A line that must stay in one piece, such as a command.
    pub(crate) fn verbatim(&mut self, label: &str, indent: usize, pieces: &[Piece]) -> io::Result<()> {
        let mut line = self.lead(label, indent)?;
        for (ink, text) in pieces {
            line.push_str(&self.painted(*ink, text));
        }
        writeln!(self.out, "{line}")
    }

    /// The spaces before a first line, with the label in them if there is room.
    fn lead(&mut self, label: &str, indent: usize) -> io::Result<String> {
        if label.is_empty() {
            return Ok(" ".repeat(indent));
        }
        let room = indent.saturating_sub(2);
        let painted = self.painted(Ink::Strong, label);
        if label.width() < room {
            return Ok(format!("  {painted}{}", " ".repeat(room - label.width())));
        }
        writeln!(self.out, "  {painted}")?;
        Ok(" ".repeat(indent))
    }

    /// A log line: cut at the edge of a terminal, whole everywhere else.
    pub(crate) fn fitted(&self, text: &str, indent: usize) -> String {
        if self.style.cut {
            cut(text, self.width().saturating_sub(indent), self.style.unicode)
        } else {
            text.to_owned()
        }
    }

    /// The same in at most so many lines: what proves something may stand at its end.
    pub(crate) fn broken(&self, text: &str, indent: usize, most: usize) -> Vec<String> {
        let room = self.width().saturating_sub(indent);
        let mut lines = Vec::new();
        let mut rest = if self.style.cut { text.replace('\t', "    ") } else { text.to_owned() };
        while self.style.cut && lines.len() + 1 < most && rest.width() > room {
            let end = fitting(&rest, room).len();
            // Between words, if one ends near the edge.
            let word = rest.get(..end).and_then(|line| line.rfind(' ')).map(|blank| blank + 1);
            let behind = rest.split_off(word.filter(|word| word * 3 > end * 2).unwrap_or(end));
            lines.push(std::mem::replace(&mut rest, behind));
        }
        lines.push(self.fitted(&rest, indent));
        lines
    }

    fn painted(&self, ink: Ink, text: &str) -> String {
        if !self.style.color || ink == Ink::Plain || text.is_empty() {
            return text.to_owned();
        }
        let style = match ink {
            Ink::Plain => Style::new(),
            Ink::Strong => Style::new().bold(),
            Ink::Dim => Style::new().dimmed(),
            Ink::Good => AnsiColor::Green.on_default().bold(),
            Ink::Bad => AnsiColor::Red.on_default().bold(),
            Ink::Warn => AnsiColor::Yellow.on_default().bold(),
            Ink::Command => AnsiColor::Cyan.on_default(),
        };
        format!("{style}{text}{style:#}")
    }
}

/// Words of the pieces in lines of at most the given widths. A word wider than a line stays whole; a no-break space does not part words.
fn flow(pieces: &[Piece], first: usize, rest: usize) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = vec![Vec::new()];
    let (mut used, mut room) = (0, first);
    for word in words(pieces) {
        let wide: usize = word.iter().map(|(_, text)| text.width()).sum();
        let gap = usize::from(used > 0);
        if used > 0 && used + gap + wide > room {
            lines.push(Vec::new());
            (used, room) = (0, rest);
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                used += 1;
                append(line, word.first().map_or(Ink::Plain, |(ink, _)| *ink), " ");
            }
            word.iter().for_each(|(ink, text)| append(line, *ink, &text.replace('\u{a0}', " ")));
            used += wide;
        }
    }
    lines
}

/// Words of one kind become one piece, so that a line is coloured once and not word by word.
fn append(line: &mut Vec<Piece>, ink: Ink, text: &str) {
    match line.last_mut() {
        // A space takes the colour of what stands before it: it is not seen.
        Some((last, piece)) if *last == ink || text == " " => piece.push_str(text),
        _ => line.push((ink, text.to_owned())),
    }
}

/// Splits at spaces and line ends only; pieces that touch form one word.
fn words(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut words: Vec<Vec<Piece>> = Vec::new();
    let mut open = false;
    for (ink, text) in pieces {
        for part in text.split_inclusive([' ', '\n', '\t']) {
            let word = part.trim_end_matches([' ', '\n', '\t']);
            if !word.is_empty() {
                match words.last_mut() {
                    Some(last) if open => last.push((*ink, word.to_owned())),
                    _ => words.push(vec![(*ink, word.to_owned())]),
                }
            }
            open = word.len() == part.len() && (open || !word.is_empty());
        }
    }
    words
}

/// At most `room` columns; what is missing is said by the last of them.
fn cut(text: &str, room: usize, unicode: bool) -> String {
    let tabs = text.replace('\t', "    ");
    if tabs.width() <= room {
        return tabs;
    }
    let mark = if unicode { "…" } else { "..." };
    let room = room.saturating_sub(mark.width());
    format!("{}{mark}", fitting(&tabs, room))
}

/// The beginning of a text that takes at most `room` columns.
fn fitting(text: &str, room: usize) -> &str {
    let mut used = 0;
    let beyond = |(_, character): &(usize, char)| {
        used += character.width().unwrap_or(0);
        used > room
    };
    let end = text.char_indices().find(beyond).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(lines: &[Vec<Piece>]) -> Vec<String> {
        lines.iter().map(|line| line.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }

    #[test]
    fn words_wrap_and_touching_pieces_stay_together() {
        let pieces = [
            (Ink::Plain, "one two (".to_owned()),
            (Ink::Warn, "risk:\u{a0}restart".to_owned()),
            (Ink::Plain, ") three".to_owned()),
        ];
        assert_eq!(flat(&flow(&pieces, 12, 24)), ["one two", "(risk: restart) three"]);
    }

    #[test]
    fn a_broken_line_goes_on_below() {
        let mut out = Vec::new();
        let style = TextStyle { color: false, width: 20, unicode: true, cut: true };
        let page = Canvas::new(style, &mut out);
        assert_eq!(page.broken("abcdefg", 14, 4), ["abcdef", "g"]);
        assert_eq!(page.broken("abcdef", 14, 4), ["abcdef"]);
        assert_eq!(page.broken("abcd efg", 14, 4), ["abcd ", "efg"]);
        assert_eq!(page.broken("日本語日本語日本語", 14, 2), ["日本語", "日本…"]);
        let page = Canvas::new(TextStyle { cut: false, ..style }, &mut out);
        assert_eq!(page.broken("abcdefg", 14, 4), ["abcdefg"]);
    }

    #[test]
    fn a_cut_line_fills_the_width_and_never_more() {
        assert_eq!(cut("abcdef", 6, true), "abcdef");
        assert_eq!(cut("abcdefg", 6, true), "abcde…");
        assert_eq!(cut("日本語日本語", 6, true), "日本…");
        assert_eq!(cut("abcdefg", 6, false), "abc...");
    }
}
