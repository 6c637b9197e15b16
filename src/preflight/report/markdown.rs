//! The report for tickets.

use std::io;

use super::Report;

/// Writes the report as Markdown.
///
/// # Errors
/// What `out` says.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in &report.findings {
        writeln!(out, "- **{}** `{}:{}` {}", finding.severity, finding.file, finding.line, finding.message)?;
    }
    Ok(())
}
