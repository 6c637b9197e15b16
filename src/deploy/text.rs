//! A file of a deployment: its path, its text, and where a byte of it stands. The one place where bytes become lines and columns.

use std::ops::Range;

/// The longest text that variables are put into, in bytes: sixty that each hold the one before twice would fill any memory. No path,
/// command or address is longer; one that is counts as unknown.
pub const EXPANDED: usize = 64 * 1024;

/// The same for a word of a script or a Dockerfile, which every check puts together again.
pub(in crate::deploy) const WORD: usize = 4096;

/// The longest path that is followed; a longer one counts as unknown.
pub(in crate::deploy) const PATH: usize = 1024;

/// Bytes that the values of all variables at one place of a script, a Dockerfile or a configuration have together; further ones are unknown.
pub(in crate::deploy) const HELD: usize = 1 << 20;

/// How a fault ends that says only that a file has more than any has: a limit of this program, no mistake.
pub(in crate::deploy) const NOT_READ: &str = "what follows was not read";

/// Index of a file in [`super::Deployment::files`].
pub type FileId = usize;

/// What a file is, as far as the deployment says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A compose file, an override, an included or extended one.
    Compose,
    /// A Dockerfile.
    Dockerfile,
    /// A script that a container runs.
    Script,
    /// `.env` or an `env_file`.
    Env,
    /// A configuration of nginx, or a template of one.
    Nginx,
    /// `package.json`.
    Package,
    /// The settings of a cache or of Caddy.
    Settings,
    /// The program that a command names by its file.
    Program,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Below the deployment's folder, with `/`.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Its text; bytes that are no UTF-8 are replaced.
    pub text: String,
    /// Whether it may be executed, where the folder can tell.
    pub executable: Option<bool>,
    lines: Vec<usize>,
}

/// Line and column, both counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// A stretch of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spot {
    /// Which file.
    pub file: FileId,
    /// Bytes of its text.
    pub range: Range<usize>,
}

impl Spot {
    /// A stretch of a file.
    #[must_use]
    pub const fn new(file: FileId, range: Range<usize>) -> Self {
        Self { file, range }
    }
}

impl File {
    /// A file with its lines counted.
    #[must_use]
    pub fn new(path: impl Into<String>, kind: Kind, text: impl Into<String>) -> Self {
        let text = text.into();
        let lines = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        Self { path: path.into(), kind, text, executable: None, lines }
    }

    /// The bytes it takes: its text, and where its lines begin.
    #[must_use]
    pub fn cost(&self) -> usize {
        self.text.len() + self.lines.len() * size_of::<usize>()
    }

    /// Where a byte stands. One beyond the end stands at the end.
    #[must_use]
    pub fn place(&self, byte: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= byte).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let before = byte.min(self.text.len()).saturating_sub(start);
        let text = self.text.get(start..).unwrap_or_default();
        let whole = |text: &str| text.chars().count();
        let inside = || text.char_indices().take_while(|(at, _)| *at < before).count();
        let column = text.get(..before).map_or_else(inside, whole) + 1;
        Place { line, column }
    }

    /// How many lines it has; a newline at the end begins no further one.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.lines.len() - usize::from(self.text.ends_with('\n') || self.text.is_empty())
    }

    /// The bytes of a line, counted from 1, without its line end.
    #[must_use]
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let start = line.checked_sub(1).and_then(|index| self.lines.get(index)).copied().unwrap_or(self.text.len());
        let end = self.lines.get(line).map_or(self.text.len(), |next| next - 1).max(start);
        start..end
    }

    /// A line, counted from 1, without its line end (a carriage return before it stays).
    #[must_use]
    pub fn line(&self, line: usize) -> &str {
        self.text.get(self.line_range(line)).unwrap_or_default()
    }

    /// The text of a stretch; empty where the stretch is none of this text.
    #[must_use]
    pub fn slice(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_lines_and_columns() {
        let file = File::new("a", Kind::Compose, "ab\nüx\n\nend");
        let at = |byte| {
            let place = file.place(byte);
            (place.line, place.column)
        };
        assert_eq!(
            [at(0), at(2), at(3), at(5), at(7), at(8), at(99)],
            [(1, 1), (1, 3), (2, 1), (2, 2), (3, 1), (4, 1), (4, 4)]
        );
        assert_eq!((file.line(2), file.line(3), file.line(4), file.line(9)), ("üx", "", "end", ""));
        assert_eq!(file.line_count(), 4);
        assert_eq!(File::new("a", Kind::Env, "a\n").line_count(), 1);
    }
}
