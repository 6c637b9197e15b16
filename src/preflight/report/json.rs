//! The report for programs.

use std::io;

use super::Report;

/// Writes the report as JSON, with a newline at the end.
///
/// # Errors
/// What `out` says.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}
