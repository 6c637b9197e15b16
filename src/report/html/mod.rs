//! The report as one page: to hand over, to read in a browser, to print.
//!
//! Everything is inside the file and nothing is fetched; the page is complete without its script, which only adds buttons. A policy names
//! style and script by their hashes, so that a browser would refuse markup of a log even if it got in.

mod cause;
mod chain;
mod draw;
mod evidence;
mod markup;
mod page;
mod sections;
mod timeline;

use std::io;

use self::markup::Markup;
use super::model::{Report, Verdict};

/// Writes the page.
///
/// # Errors
/// What `out` says.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut body = Markup::default();
    let decided = !matches!(report.verdict, Verdict::Unknown | Verdict::Starting);
    if decided && !report.causes.is_empty() {
        with_cause(report, &mut body);
    } else {
        without_cause(report, &mut body);
    }
    out.write_all(page::page(report, body).as_bytes())
}

fn with_cause(report: &Report, body: &mut Markup) {
    let Some((root, further)) = report.causes.split_first() else { return };
    body.section("cause", "Root cause", |section| cause::root(report, root, section));
    timeline::section(report, body);
    sections::fix(root, body);
    sections::verification(root, body);
    sections::further("Also wrong", report, further, body);
    sections::cleared(report, body);
    sections::unexplained(report, body);
    sections::containers(report, body);
    sections::notes(report, body);
    sections::next(report, body);
    sections::ruled_out(report, body);
    sections::references(root, body);
    sections::escalation(report, body);
    sections::inputs(report, body);
}

/// Nobody is to blame: what is missing comes first, then what is seen of it, then the errors that no rule knows.
fn without_cause(report: &Report, body: &mut Markup) {
    sections::next(report, body);
    sections::further("What is seen", report, &report.causes, body);
    timeline::section(report, body);
    sections::cleared(report, body);
    sections::unexplained(report, body);
    sections::containers(report, body);
    sections::notes(report, body);
    if report.verdict != Verdict::Healthy {
        sections::escalation(report, body);
    }
    sections::ruled_out(report, body);
    sections::inputs(report, body);
}

#[cfg(test)]
mod tests;
