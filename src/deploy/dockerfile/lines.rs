//! A Dockerfile's text → its instructions as stretches of text, with continued lines put together.

use std::ops::Range;

/// One instruction's text.
///
/// It has as many bytes as in the file, so that every byte keeps its place: comments and empty lines inside it are blanks, and
/// a continued line ends in `\` and a newline, whatever the escape character is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The text.
    pub(super) text: String,
    /// Where it begins in the file.
    pub(super) start: usize,
    /// Where the line end behind it is.
    pub(super) end: usize,
}

/// Gives one instruction after the other.
pub(super) struct Lines<'a> {
    file: &'a str,
    at: usize,
    /// `\`, or the backtick that `# escape=` names.
    pub(super) escape: char,
}

impl<'a> Lines<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        let mut lines = Self { file, at: 0, escape: '\\' };
        if file.starts_with('\u{feff}') {
            lines.at = '\u{feff}'.len_utf8();
        }
        lines.directives();
        lines
    }

    /// The comments at the top that are none: `# escape=`.
    fn directives(&mut self) {
        let mut at = self.at;
        while let Some(line) = line_at(self.file, at) {
            let Some((name, value)) = line.trim_start().strip_prefix('#').and_then(|rest| rest.split_once('=')) else {
                return;
            };
            let name = name.trim().to_ascii_lowercase();
            if name == "escape" && value.trim() == "`" {
                self.escape = '`';
            }
            if !matches!(name.as_str(), "escape" | "syntax" | "check") {
                return;
            }
            at += line.len() + 1;
        }
    }

    /// The next line of the file as it stands, for here-documents.
    pub(super) fn raw(&mut self) -> Option<Range<usize>> {
        let line = line_at(self.file, self.at)?;
        let range = self.at..self.at + line.len();
        self.at = range.end + 1;
        Some(range)
    }

    fn continued(&self, line: &str) -> bool {
        line.trim_end().ends_with(self.escape)
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let mut line = line_at(self.file, self.at)?;
        while is_blank(line) || is_comment(line) {
            self.at += line.len() + 1;
            line = line_at(self.file, self.at)?;
        }
        let start = self.at;
        let mut text = String::new();
        let mut end = start;
        loop {
            self.at += line.len() + 1;
            let skipped = end > start && (is_blank(line) || is_comment(line));
            if skipped {
                text.extend(std::iter::repeat_n(' ', line.len() + 1));
            } else if self.continued(line) {
                let kept = line.trim_end().strip_suffix(self.escape).unwrap_or_default();
                text.push_str(kept);
                text.extend(std::iter::repeat_n(' ', line.len() - kept.len() - self.escape.len_utf8()));
                text.push_str("\\\n");
            } else {
                text.push_str(line.trim_end_matches('\r'));
                return Some(Line { end: self.at - 1, text, start });
            }
            end = self.at;
            match line_at(self.file, self.at) {
                Some(next) => line = next,
                None => return Some(Line { text, start, end: self.file.len() }),
            }
        }
    }
}

/// The line that begins at a byte, without its end; nothing behind the last one.
fn line_at(file: &str, at: usize) -> Option<&str> {
    let rest = file.get(at..).filter(|rest| !rest.is_empty())?;
    rest.split('\n').next()
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}
