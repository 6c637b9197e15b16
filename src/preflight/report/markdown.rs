//! The report for tickets.

use std::io;

use crate::report::markdown::escape::{code_cell, code_span, fence, prose};

use super::{Found, Report, Verdict};

/// Writes the report as Markdown.
///
/// # Errors
/// What `out` says.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "# Preflight: {}\n", super::counted(report.findings.iter()))?;
    let answer = match report.verdict {
        Verdict::Clean => "Nothing in these files speaks against a start.",
        Verdict::Warnings => "The start can fail.",
        Verdict::Errors => "The start will fail, or a failure will be hidden.",
    };
    writeln!(out, "{answer}\n")?;
    if !report.findings.is_empty() {
        writeln!(out, "| | Where | What |\n| --- | --- | --- |")?;
    }
    let findings = super::ranked(report);
    for finding in &findings {
        let place = code_cell(&format!("{}:{}", finding.file, finding.line));
        let what = crate::report::markdown::escape::cell(&finding.message);
        writeln!(out, "| {} | {place} | {what} |", finding.severity)?;
    }
    findings.iter().try_for_each(|finding| one(finding, out))?;
    if !report.notes.is_empty() {
        writeln!(out, "\n## Notes\n")?;
    }
    report.notes.iter().try_for_each(|note| writeln!(out, "- {}", prose(note)))?;
    let files: Vec<String> = report.inputs.iter().map(|input| code_span(&input.file)).collect();
    writeln!(out, "\nRead: {}. {} {}", files.join(", "), report.tool.name, report.tool.version)
}

fn one(finding: &Found, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "\n## {}: {}\n", finding.severity, prose(&finding.message))?;
    let place = format!("{}:{}:{}", finding.file, finding.line, finding.column);
    writeln!(out, "{} · {}\n", code_span(&place), code_span(&finding.id))?;
    let lines: Vec<String> = finding.lines.iter().map(|line| format!("{:>4} | {}", line.number, line.text)).collect();
    block("", &lines.join("\n"), out)?;
    writeln!(out, "**Why:** {}\n\n**Instead:** {}", prose(&finding.why), prose(&finding.instead))?;
    if let Some(fix) = &finding.fix {
        writeln!(out)?;
        block("diff", fix.diff.trim_end(), out)?;
    }
    if let Some(cause) = &finding.cause {
        writeln!(out, "\nAt run time `diagnose` would call it {}.", code_span(cause))?;
    }
    let links = finding.references.iter().filter(|link| link.url.starts_with("https://"));
    let links: Vec<String> = links.map(|link| format!("[{}](<{}>)", prose(&link.title), link.url)).collect();
    if links.is_empty() { Ok(()) } else { writeln!(out, "\nRead on: {}", links.join(", ")) }
}

fn block(language: &str, text: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let fence = fence(text);
    writeln!(out, "{fence}{language}\n{text}\n{fence}\n")
}
