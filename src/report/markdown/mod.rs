//! The report for a ticket: the order of the text report, with boxes to tick and room for every line of evidence.

pub(crate) mod escape;
mod sections;

use std::io;

use self::escape::{code_span, fence, prose};
use super::model::{Report, Verdict};
use super::words;

/// Writes the report as GitHub-flavoured Markdown. Nothing that came from a log is read as markup, links, or calls anyone.
///
/// # Errors
/// What `out` says.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let page = &mut Page { out, open: false };
    page.line(&format!(
        "# {} {}: {}",
        words::sign(report.verdict),
        words::verdict(report.verdict),
        prose(&report.summary)
    ))?;
    let decided = !matches!(report.verdict, Verdict::Unknown | Verdict::Starting);
    let Some((root, further)) = report.causes.split_first().filter(|_| decided) else {
        return without_verdict(report, page);
    };
    sections::root(report, root, page)?;
    sections::timeline(report, page)?;
    sections::fix(root, page)?;
    sections::verification(root, page)?;
    sections::briefly("Also wrong", report, further, page)?;
    sections::cleared(report, page)?;
    sections::unexplained(report, page)?;
    sections::containers(report, page)?;
    sections::notes(report, page)?;
    sections::next(report, page)?;
    sections::references(root, page)?;
    sections::escalation(report, page)?;
    sections::inputs(report, page)
}

/// Nobody is to blame: what is missing comes first, then what is seen of it, then the errors that no rule knows.
fn without_verdict(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    sections::next(report, page)?;
    sections::briefly("What is seen", report, &report.causes, page)?;
    sections::timeline(report, page)?;
    sections::cleared(report, page)?;
    sections::unexplained(report, page)?;
    sections::containers(report, page)?;
    sections::notes(report, page)?;
    if report.verdict != Verdict::Healthy {
        sections::escalation(report, page)?;
    }
    sections::inputs(report, page)
}

/// Blocks of Markdown, with the blank lines between them.
struct Page<'o> {
    out: &'o mut dyn io::Write,
    /// Whether the last line was not blank.
    open: bool,
}

impl Page<'_> {
    /// One line; the caller has escaped it.
    fn line(&mut self, text: &str) -> io::Result<()> {
        self.open = true;
        writeln!(self.out, "{}", text.trim_end())
    }

    /// One blank line, however many blocks ask for it.
    fn blank(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.open) { writeln!(self.out) } else { Ok(()) }
    }

    fn heading(&mut self, level: usize, title: &str) -> io::Result<()> {
        self.blank()?;
        self.line(&format!("{} {title}", "#".repeat(level)))?;
        self.blank()
    }

    /// A paragraph of foreign text.
    fn paragraph(&mut self, text: &str) -> io::Result<()> {
        if text.trim().is_empty() { Ok(()) } else { self.line(&prose(text)).and_then(|()| self.blank()) }
    }

    /// A list item of foreign text.
    fn item(&mut self, text: &str) -> io::Result<()> {
        self.line(&format!("- {}", prose(text)))
    }

    /// Lines as they are, in a fence that they cannot close.
    fn fenced(&mut self, indent: usize, language: &str, text: &str) -> io::Result<()> {
        let (fence, pad) = (fence(text), " ".repeat(indent));
        self.line(&format!("{pad}{fence}{language}"))?;
        for line in text.lines() {
            self.line(&format!("{pad}{line}"))?;
        }
        self.line(&format!("{pad}{fence}"))
    }

    /// A command: inside the line when it is one line, in a fence otherwise.
    fn command(&mut self, lead: &str, command: &str, after: &str) -> io::Result<()> {
        if command.trim().contains('\n') {
            self.line(&format!("{lead}{after}"))?;
            return self.fenced(2, "sh", command);
        }
        self.line(&format!("{lead}{}{after}", code_span(command)))
    }

    /// A table; the cells are escaped already.
    fn table(&mut self, header: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
        self.line(&format!("| {} |", header.join(" | ")))?;
        self.line(&format!("|{}", " --- |".repeat(header.len())))?;
        for row in rows {
            self.line(&format!("| {} |", row.join(" | ")))?;
        }
        Ok(())
    }
}
