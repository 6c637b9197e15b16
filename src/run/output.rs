//! Where a report goes: standard output, files, or both.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::cli::{Color, DiagnoseArgs, Format, PreflightFormat};
use crate::report::{self, Report, TextStyle};

use super::message::Message;
use super::place::{self, Readers};

/// The formats of one command.
pub(super) trait Written: Copy {
    /// What standard output gets when nothing was asked for.
    const TEXT: Self;
    /// The endings it knows, for the help of a message.
    const ENDINGS: &'static str;

    /// The format that a file's ending names; `given` is what `--format` says, where an ending fits several.
    fn of_ending(ending: &str, given: Option<Self>) -> Option<Self>;
}

impl Written for Format {
    const TEXT: Self = Self::Text;
    const ENDINGS: &'static str = ".txt, .json, .md or .html";

    fn of_ending(ending: &str, _: Option<Self>) -> Option<Self> {
        match ending {
            "json" => Some(Self::Json),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            "txt" | "text" | "log" => Some(Self::Text),
            _ => None,
        }
    }
}

impl Written for PreflightFormat {
    const TEXT: Self = Self::Text;
    const ENDINGS: &'static str = ".txt, .json, .md or .sarif";

    fn of_ending(ending: &str, given: Option<Self>) -> Option<Self> {
        match (ending, given) {
            ("json", Some(Self::Sarif)) | ("sarif", _) => Some(Self::Sarif),
            ("json", _) => Some(Self::Json),
            ("md" | "markdown", _) => Some(Self::Markdown),
            ("txt" | "text", _) => Some(Self::Text),
            _ => None,
        }
    }
}

/// What was typed about outputs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outputs<'a, F> {
    /// The files; `-` is standard output, and so is none at all.
    pub(super) paths: &'a [PathBuf],
    /// What `--format` says.
    pub(super) format: Option<F>,
    /// When to use colours.
    pub(super) color: Color,
}

impl<F: Written> Outputs<'_, F> {
    /// Refuses files of unknown format, before anything is read.
    ///
    /// # Errors
    /// When an output's ending says nothing.
    pub(super) fn check(&self) -> Result<(), Message> {
        self.paths.iter().try_for_each(|path| self.format_of(path).map(drop))
    }

    /// Writes a report to each output, in its format.
    ///
    /// # Errors
    /// When one cannot be written. A closed pipe is no error.
    pub(super) fn write(&self, render: impl Fn(F, TextStyle, &mut dyn Write) -> io::Result<()>) -> Result<(), Message> {
        if self.paths.is_empty() {
            let format = self.format.unwrap_or(F::TEXT);
            return to_stdout(self.color, |style, out| render(format, style, out));
        }
        for path in self.paths {
            let format = self.format_of(path)?;
            if is_stdout(path) {
                to_stdout(self.color, |style, out| render(format, style, out))?;
            } else {
                to_file(path, |style, out| render(format, style, out))?;
            }
        }
        Ok(())
    }

    fn format_of(&self, path: &Path) -> Result<F, Message> {
        if is_stdout(path) {
            return Ok(self.format.unwrap_or(F::TEXT));
        }
        if path.is_dir() {
            let what = format!("{} is a directory", path.display());
            return Err(Message::new(what).help(format!("name a file in it: -o {}", path.join("report.md").display())));
        }
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        F::of_ending(&ending, self.format).or(self.format).ok_or_else(|| {
            let what = format!("the extension of {} names no format", path.display());
            Message::new(what).help(format!("end the name in {}, or add --format", F::ENDINGS))
        })
    }
}

/// Whether a file's name stands for standard output.
pub(super) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn to_file(path: &Path, render: impl Fn(TextStyle, &mut dyn Write) -> io::Result<()>) -> Result<(), Message> {
    place::write(path, Readers::AsUsual, &|out| render(TextStyle::FILE, out)).map_err(|error| unwritten(path, &error))
}

/// Refuses to write over what is read, under whatever name: the only copy of a log must not become a report.
///
/// # Errors
/// When an output is one of these files, or a link to one.
pub(super) fn spare(outputs: &[PathBuf], read: impl IntoIterator<Item = PathBuf>) -> Result<(), Message> {
    let written: Vec<_> = outputs.iter().filter_map(|path| Some((path, file_id(path)?))).collect();
    if written.is_empty() {
        return Ok(());
    }
    let ids: BTreeSet<_> = read.into_iter().filter_map(|path| file_id(&path)).collect();
    written.iter().find(|(_, id)| ids.contains(id)).map_or(Ok(()), |(path, _)| {
        let what = format!("{} is one of the files that are read, and writing to it would destroy it", path.display());
        Err(Message::new(what).help("name another file behind -o"))
    })
}

/// What a regular file is under all of its names.
#[cfg(unix)]
fn file_id(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|facts| (facts.dev(), facts.ino()))
}

/// Elsewhere links are followed, and a second name of a file is not known.
#[cfg(not(unix))]
fn file_id(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok().filter(|path| path.is_file())
}

fn to_stdout(color: Color, render: impl FnOnce(TextStyle, &mut dyn Write) -> io::Result<()>) -> Result<(), Message> {
    let stdout = io::stdout();
    let style = TextStyle {
        color: super::colored(color),
        width: width(&stdout),
        unicode: unicode(),
        cut: stdout.is_terminal(),
    };
    let mut out = BufWriter::new(stdout.lock());
    unless_closed(render(style, &mut out).and_then(|()| out.flush())).map_err(|error| {
        Message::new(format!("the report cannot be written: {error}")).help("write it to a file: -o report.txt")
    })
}

/// What came of writing to standard output: a reader that went away is no error.
pub(super) fn unless_closed(outcome: io::Result<()>) -> io::Result<()> {
    outcome.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Says that a file cannot be written.
pub(super) fn unwritten(path: &Path, error: &io::Error) -> Message {
    Message::new(format!("{} cannot be written: {error}", path.display()))
        .help("choose a folder that exists and has room")
}

/// The outputs of a diagnosis.
pub(super) fn outputs(args: &DiagnoseArgs) -> Outputs<'_, Format> {
    Outputs { paths: &args.output, format: args.format, color: args.color }
}

/// Writes a diagnosis.
///
/// # Errors
/// When an output cannot be written. A closed pipe is no error.
pub(super) fn write(args: &DiagnoseArgs, report: &Report) -> Result<(), Message> {
    outputs(args).write(|format, style, out| match format {
        Format::Text => report::text::write(report, style, out),
        Format::Json => report::json::write(report, out),
        Format::Markdown => report::markdown::write(report, out),
        Format::Html => report::html::write(report, out),
    })
}

pub(super) fn width(stdout: &io::Stdout) -> u16 {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let terminal = || terminal_size::terminal_size_of(stdout).map(|(columns, _)| columns.0);
    columns.or_else(terminal).filter(|columns| *columns > 0).unwrap_or(TextStyle::FILE.width).clamp(40, 160)
}

/// Whether the locale can show more than ASCII; unset means a pipe or a container, where UTF-8 is the rule.
pub(super) fn unicode() -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|text| !text.is_empty()));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8")
            || locale.contains("utf8")
            || !matches!(locale.as_str(), "c" | "posix") && !locale.contains("8859")
    }) || !io::stdout().is_terminal()
}
