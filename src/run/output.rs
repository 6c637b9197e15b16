//! Where the report goes.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use crate::cli::{DiagnoseArgs, Format};
use crate::report::{self, Report, TextStyle};

use super::message::Message;

/// Columns of a report that does not go to a terminal.
pub(super) const COLUMNS: u16 = 100;

/// Refuses output files of unknown format before anything is read.
///
/// # Errors
/// When an output's extension says nothing.
pub(super) fn check(args: &DiagnoseArgs) -> Result<(), Message> {
    args.output.iter().try_for_each(|path| format_of(path, args).map(drop))
}

fn format_of(path: &Path, args: &DiagnoseArgs) -> Result<Format, Message> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match (extension.to_ascii_lowercase().as_str(), args.format) {
        ("json", _) => Ok(Format::Json),
        ("md" | "markdown", _) => Ok(Format::Markdown),
        ("txt" | "text" | "log", _) => Ok(Format::Text),
        (_, Some(format)) => Ok(format),
        _ => {
            let what = format!("the extension of {} names no format", path.display());
            Err(Message::new(what).help("end the name in .txt, .json or .md, or add --format"))
        }
    }
}

/// Writes the report to standard output, or to the files that were asked for.
///
/// # Errors
/// When a file cannot be written. A closed pipe is no error.
pub(super) fn write(args: &DiagnoseArgs, report: &Report) -> Result<(), Message> {
    for path in &args.output {
        let format = format_of(path, args)?;
        let failed = |error: io::Error| {
            let what = format!("{} cannot be written: {error}", path.display());
            Message::new(what).help("choose a folder that exists and has room")
        };
        if path.as_os_str() == "-" {
            to_stdout(args, format, report)?;
            continue;
        }
        let mut file = BufWriter::new(File::create(path).map_err(failed)?);
        let style = TextStyle { color: false, width: COLUMNS, unicode: true, cut: false };
        render(report, format, style, &mut file).and_then(|()| file.flush()).map_err(failed)?;
    }
    if args.output.is_empty() { to_stdout(args, args.format.unwrap_or(Format::Text), report) } else { Ok(()) }
}

fn to_stdout(args: &DiagnoseArgs, format: Format, report: &Report) -> Result<(), Message> {
    let stdout = io::stdout();
    let style = TextStyle {
        color: super::colored(args.color),
        width: width(&stdout),
        unicode: unicode(),
        cut: stdout.is_terminal(),
    };
    let mut out = BufWriter::new(stdout.lock());
    match render(report, format, style, &mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Message::new(format!("the report cannot be written: {error}"))
                .help("write it to a file: -o report.txt"))
        }
        _ => Ok(()),
    }
}

fn render(report: &Report, format: Format, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => report::text::write(report, style, out),
        Format::Json => report::json::write(report, out),
        Format::Markdown => report::markdown::write(report, out),
    }
}

pub(super) fn width(stdout: &io::Stdout) -> u16 {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let terminal = || terminal_size::terminal_size_of(stdout).map(|(columns, _)| columns.0);
    columns.or_else(terminal).filter(|columns| *columns > 0).unwrap_or(COLUMNS).clamp(40, 160)
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
