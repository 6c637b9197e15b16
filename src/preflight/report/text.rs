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
    let (notes, grave): (Vec<&Found>, Vec<&Found>) = super::ranked(report)
        .into_iter()
        .filter(|finding| !finding.advice)
        .partition(|finding| finding.severity == "note");
    for finding in grave {
        page.blank()?;
        one(finding, page)?;
    }
    if !notes.is_empty() {
        page.blank()?;
    }
    grouped(&notes).into_iter().try_for_each(|(finding, more)| note(finding, more, page))?;
    if !report.notes.is_empty() {
        page.blank()?;
    }
    report.notes.iter().try_for_each(|note| page.hanging("", 0, 2, &[(Ink::Dim, format!("· {note}"))]))
}

fn headline(report: &Report, page: &mut Canvas<'_>) -> io::Result<()> {
    let (ink, sign) = match report.verdict {
        Verdict::Clean => (Ink::Good, "✓"),
        Verdict::Warnings => (Ink::Warn, "!"),
        Verdict::Errors => (Ink::Bad, "✗"),
    };
    let said = super::counted(report.findings.iter().filter(|finding| !finding.advice));
    let files = super::plural(report.inputs.len(), "file");
    page.line(0, &[(ink, format!("{sign} {said}")), (Ink::Plain, format!(" in {files}"))])
}

/// The first note of each check in each line, and how many more stand there: an anchor is taken by many services.
fn grouped<'r>(notes: &[&'r Found]) -> Vec<(&'r Found, usize)> {
    let mut groups: Vec<(&Found, usize)> = Vec::new();
    for note in notes {
        let same = |(known, _): &&mut (&Found, usize)| {
            known.id == note.id && known.file == note.file && known.line == note.line
        };
        match groups.iter_mut().rev().find(same) {
            Some((_, more)) => *more += 1,
            None => groups.push((note, 0)),
        }
    }
    groups
}

/// A note in one line; the other formats have it in full.
fn note(finding: &Found, more: usize, page: &mut Canvas<'_>) -> io::Result<()> {
    let place = format!("{}:{}", finding.file, finding.line);
    let others = if more > 0 { format!(" (and {more} more of this line)") } else { String::new() };
    let pieces: [Piece; 5] = [
        (Ink::Strong, "note".to_owned()),
        (Ink::Plain, format!(" {place} ")),
        (Ink::Dim, finding.id.clone()),
        (Ink::Plain, format!("  {}", finding.message)),
        (Ink::Dim, others),
    ];
    page.hanging("", 0, 2, &pieces)
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
    let (column, long) = finding.mark;
    // Tabs stay tabs, so that the carets stand where the text does.
    let before: String = first.text.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let carets = "^".repeat(long);
    let pieces: [Piece; 2] = [(Ink::Dim, format!("{:>wide$} │ ", "")), (ink, format!("{before}{carets}"))];
    page.line(2, &pieces)
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
