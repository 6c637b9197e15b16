//! The report for a person at a terminal.

use std::io;

use crate::report::TextStyle;
use crate::report::text::canvas::{Canvas, Ink, Piece};

use super::{Found, Report, Verdict};

/// Column at which labelled texts begin.
const BODY: usize = 12;

/// Writes the report.
///
/// # Errors
/// What `out` says.
pub fn write(report: &Report, style: TextStyle, out: &mut dyn io::Write) -> io::Result<()> {
    if style.unicode {
        return page(report, &mut Canvas::new(style, out));
    }
    let mut drawn = Vec::new();
    page(report, &mut Canvas::new(style, &mut drawn))?;
    out.write_all(crate::report::text::ascii(&String::from_utf8_lossy(&drawn)).as_bytes())
}

fn page(report: &Report, page: &mut Canvas<'_>) -> io::Result<()> {
    headline(report, page)?;
    for finding in &report.findings {
        page.blank()?;
        one(finding, page)?;
    }
    if !report.notes.is_empty() {
        page.blank()?;
    }
    report.notes.iter().try_for_each(|note| page.hanging("", 0, 2, &[(Ink::Dim, format!("· {note}"))]))
}

fn headline(report: &Report, page: &mut Canvas<'_>) -> io::Result<()> {
    let count = |word: &str| report.findings.iter().filter(|finding| finding.severity == word).count();
    let counted = [("error", count("error")), ("warning", count("warning")), ("note", count("note"))];
    let parts = counted.iter().filter(|(_, count)| *count > 0).map(|(word, count)| plural(*count, word));
    let (ink, sign) = match report.verdict {
        Verdict::Clean => (Ink::Good, "✓"),
        Verdict::Warnings => (Ink::Warn, "!"),
        Verdict::Errors => (Ink::Bad, "✗"),
    };
    let mut said = parts.collect::<Vec<_>>().join(", ");
    if said.is_empty() {
        said = "nothing found".to_owned();
    }
    let files = plural(report.inputs.len(), "file");
    page.line(0, &[(ink, format!("{sign} {said}")), (Ink::Plain, format!(" in {files}"))])
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

fn one(finding: &Found, page: &mut Canvas<'_>) -> io::Result<()> {
    let ink = match finding.severity.as_str() {
        "error" => Ink::Bad,
        "warning" => Ink::Warn,
        _ => Ink::Strong,
    };
    page.hanging(
        "",
        0,
        2,
        &[
            (ink, finding.severity.clone()),
            (Ink::Plain, " ".to_owned()),
            (Ink::Strong, finding.message.clone()),
            (Ink::Dim, format!(" [{}]", finding.id)),
        ],
    )?;
    page.line(2, &[(Ink::Dim, format!("--> {}:{}:{}", finding.file, finding.line, finding.column))])?;
    lines(finding, ink, page)?;
    labelled("why", &finding.why, page)?;
    labelled("instead", &finding.instead, page)?;
    diff(finding, page)?;
    finding.cause.as_ref().map_or(Ok(()), |cause| labelled("later", &format!("diagnose would call it {cause}"), page))
}

fn labelled(label: &str, text: &str, page: &mut Canvas<'_>) -> io::Result<()> {
    page.hanging(label, BODY, BODY, &[(Ink::Plain, text.to_owned())])
}

fn lines(finding: &Found, ink: Ink, page: &mut Canvas<'_>) -> io::Result<()> {
    let wide = finding.lines.last().map_or(1, |line| line.number.to_string().len()).max(3);
    for line in &finding.lines {
        let lead = format!("{:>wide$} │ ", line.number);
        let shown = page.fitted(&line.text, wide + 5);
        page.line(2, &[(Ink::Dim, lead), (Ink::Plain, shown)])?;
    }
    let Some(first) = finding.lines.first().filter(|_| finding.lines.len() == 1) else { return Ok(()) };
    let (before, carets) = caret(finding, &first.text);
    let pieces: [Piece; 2] = [(Ink::Dim, format!("{:>wide$} │ ", "")), (ink, format!("{before}{carets}"))];
    page.line(2, &pieces)
}

/// Blanks and carets below a line. Tabs stay tabs, so that the caret stands where the text does.
fn caret(finding: &Found, text: &str) -> (String, String) {
    let before = text.chars().take(finding.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let room = text.chars().count().saturating_sub(finding.column - 1).max(1);
    let long = if finding.end_line == finding.line { finding.end_column.saturating_sub(finding.column) } else { room };
    (before, "^".repeat(long.clamp(1, room)))
}

fn diff(finding: &Found, page: &mut Canvas<'_>) -> io::Result<()> {
    let Some(fix) = &finding.fix else { return Ok(()) };
    for line in fix.diff.lines().filter(|line| !line.starts_with("---") && !line.starts_with("+++")) {
        let ink = match line.as_bytes().first() {
            Some(b'-') => Ink::Bad,
            Some(b'+') => Ink::Good,
            _ => continue,
        };
        page.line(BODY, &[(ink, line.to_owned())])?;
    }
    Ok(())
}
