//! Report v1 as JSON: the contract of `docs/report-v1.schema.json`.

use std::io;

use super::model::Report;

/// Writes the report, indented, with a newline at its end. Characters beyond ASCII stay as they are.
///
/// # Errors
/// What `out` says; a report itself can always be written.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    out.write_all(b"\n")
}
