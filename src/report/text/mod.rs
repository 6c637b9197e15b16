//! The report for a person at a terminal: the answer first, one screen, readable without colour.

pub(crate) mod canvas;
mod cause;
mod evidence;
mod timeline;

use std::io;

use self::canvas::{Canvas, Ink, Piece};
use super::model::{Cause, Cleared, Container, Report, Unexplained, Verdict};
use super::{visit, words};

/// How the text is drawn; the caller looks at the terminal, the writer does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextStyle {
    /// Whether colours may be used.
    pub color: bool,
    /// Columns; 100 is good for a pipe.
    pub width: u16,
    /// Whether anything beyond ASCII can be shown. Without it every other byte is replaced, since a terminal that does not
    /// speak UTF-8 may take some of those bytes for control characters.
    pub unicode: bool,
    /// Whether log lines are cut at the width. For terminals only: what is attached to a ticket must be whole.
    pub cut: bool,
}

impl TextStyle {
    /// A report in a file.
    pub const FILE: Self = Self { color: false, width: 100, unicode: true, cut: false };
}

/// Unexplained records shown at most; more would push the answer off the screen.
const UNEXPLAINED: usize = 5;

/// Writes the report.
///
/// # Errors
/// What `out` says.
pub fn write(report: &Report, style: TextStyle, out: &mut dyn io::Write) -> io::Result<()> {
    if style.unicode {
        return sections(report, &mut Canvas::new(style, out));
    }
    let mut plain = report.clone();
    visit::texts(&mut plain, &mut |group| group.texts.iter_mut().for_each(|text| **text = ascii(text)));
    let mut drawn = Vec::new();
    sections(&plain, &mut Canvas::new(style, &mut drawn))?;
    out.write_all(ascii(&String::from_utf8_lossy(&drawn)).as_bytes())
}

/// The nearest ASCII for signs and typography, `?` for the rest.
pub(crate) fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\0'..='\x7f' => plain.push(character),
            '…' => plain.push_str("..."),
            '→' => plain.push_str("->"),
            '▶' | '❯' | '➤' | '➜' => plain.push('>'),
            '│' | '┃' => plain.push('|'),
            '⋮' => plain.push(':'),
            '✓' | '✔' | '✅' => plain.push('+'),
            '✗' | '✖' | '❌' | '×' => plain.push('x'),
            '·' | '–' | '—' | '─' | '•' => plain.push('-'),
            '“' | '”' | '„' => plain.push('"'),
            '‘' | '’' => plain.push('\''),
            '\u{a0}' => plain.push(' '),
            _ => plain.push('?'),
        }
    }
    plain
}

fn sections(report: &Report, page: &mut Canvas<'_>) -> io::Result<()> {
    headline(report, page)?;
    let decided = !matches!(report.verdict, Verdict::Unknown | Verdict::Starting);
    let Some((root, further)) = report.causes.split_first().filter(|_| decided) else {
        return without_verdict(report, page);
    };
    cause::root(report, root, page)?;
    timeline::section(report, page)?;
    cause::cure(root, page)?;
    briefly("Also wrong", report, further, page)?;
    cleared(&report.cleared, page)?;
    unexplained(&report.unexplained, "Unexplained", page)?;
    rest(report, page)?;
    next(report, page)?;
    cause::references(root, page)?;
    escalation(report, page)?;
    footer(report, page)
}

/// Nobody is to blame: what is missing comes first, then what is seen of it, then the errors that no rule knows.
fn without_verdict(report: &Report, page: &mut Canvas<'_>) -> io::Result<()> {
    next(report, page)?;
    briefly("What is seen", report, &report.causes, page)?;
    let answer = if matches!(report.verdict, Verdict::Healthy) { "Unexplained" } else { "Worth reading" };
    timeline::section(report, page)?;
    cleared(&report.cleared, page)?;
    unexplained(&report.unexplained, answer, page)?;
    rest(report, page)?;
    if !matches!(report.verdict, Verdict::Healthy) {
        escalation(report, page)?;
    }
    footer(report, page)
}

fn ink(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Healthy => Ink::Good,
        Verdict::Failed => Ink::Bad,
        Verdict::Degraded | Verdict::Starting | Verdict::Unknown => Ink::Warn,
    }
}

fn headline(report: &Report, page: &mut Canvas<'_>) -> io::Result<()> {
    let word = format!("{} {}", words::sign(report.verdict), words::verdict(report.verdict));
    let indent = word.chars().count() + 3;
    let pieces = [
        (ink(report.verdict), word.replace(' ', "\u{a0}")),
        plain("\u{a0}\u{a0} "),
        (Ink::Strong, report.summary.clone()),
    ];
    page.hanging("", 0, indent, &pieces)
}

fn plain(text: impl Into<String>) -> Piece {
    (Ink::Plain, text.into())
}

fn dim(text: impl Into<String>) -> Piece {
    (Ink::Dim, text.into())
}

/// A text that stays in one piece when its line wraps.
fn kept(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

/// Commands that restore what ran before, and who takes over.
fn escalation(report: &Report, page: &mut Canvas<'_>) -> io::Result<()> {
    let Some(escalation) = &report.escalation else {
        return Ok(());
    };
    page.blank()?;
    let mut label = "Roll back";
    for command in &escalation.rollback {
        page.verbatim(label, page.body(), &[(Ink::Command, command.clone())])?;
        label = "";
    }
    if escalation.contact.is_empty() {
        return Ok(());
    }
    page.field("Hand over to", &[plain(format!("{}, with {}", escalation.contact, escalation.hand_over))])
}

/// Causes in short form.
fn briefly(mut label: &str, report: &Report, causes: &[Cause], page: &mut Canvas<'_>) -> io::Result<()> {
    for cause in causes {
        page.blank()?;
        page.field(label, &[(Ink::Strong, cause.title.clone())])?;
        page.field("", &[dim(cause::facts(report, cause).join(" · "))])?;
        if let Some(evidence) = cause.evidence.first() {
            let place = words::place(evidence);
            let indent = page.body() + place.chars().count() + 2;
            let text = page.fitted(evidence.text.lines().next().unwrap_or_default(), indent);
            page.verbatim("", page.body(), &[dim(place), plain("  "), plain(text)])?;
        }
        if let Some(remedy) = cause.remedies.first() {
            page.field("", &[plain("→\u{a0}"), plain(remedy.step.clone()), cause::risk(&remedy.risk)])?;
        }
        label = "";
    }
    Ok(())
}

fn cleared(cleared: &[Cleared], page: &mut Canvas<'_>) -> io::Result<()> {
    if cleared.is_empty() {
        return Ok(());
    }
    page.blank()?;
    let mut label = "Recovered";
    for item in cleared {
        let proof = format!(" · {} · over since {}", item.rule, words::place(&item.cleared_by));
        page.field(label, &[dim("was:\u{a0}"), plain(item.title.clone()), dim(proof)])?;
        label = "";
    }
    Ok(())
}

fn unexplained(records: &[Unexplained], label: &str, page: &mut Canvas<'_>) -> io::Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    page.blank()?;
    let mut label = label;
    for record in records.iter().take(UNEXPLAINED) {
        page.field(label, &[dim(format!("{}:{} · {}", record.source, record.line, record.why))])?;
        for line in record.text.lines().take(3) {
            let indent = page.body() + 2;
            page.verbatim("", indent, &[plain(page.fitted(line, indent))])?;
        }
        label = "";
    }
    let more = records.len().saturating_sub(UNEXPLAINED);
    if more > 0 {
        page.field("", &[dim(format!("and {more} more; the JSON report has them all"))])?;
    }
    Ok(())
}

/// Containers and notes.
fn rest(report: &Report, page: &mut Canvas<'_>) -> io::Result<()> {
    if !report.containers.is_empty() {
        page.blank()?;
    }
    let mut label = if report.containers.len() == 1 { "Container" } else { "Containers" };
    for container in &report.containers {
        page.field(
            label,
            &[(Ink::Strong, container.name.clone()), plain("  "), plain(container_facts(container).join(" · "))],
        )?;
        label = "";
    }
    if !report.notes.is_empty() {
        page.blank()?;
    }
    let mut label = if report.notes.len() == 1 { "Note" } else { "Notes" };
    for note in &report.notes {
        page.field(label, &[plain(note.clone())])?;
        label = "";
    }
    Ok(())
}

fn container_facts(container: &Container) -> Vec<String> {
    let exit = container.exit_code.filter(|_| container.status != "running").map(|code| format!("exit status {code}"));
    let killed = container.oom_killed.filter(|killed| *killed).map(|_| "ended by the memory limit".to_owned());
    let restarts = container.restart_count.filter(|count| *count > 0).map(|count| format!("restarted {count} times"));
    let state = [Some(container.status.clone()), container.health.clone(), exit, killed, restarts];
    state.into_iter().flatten().chain([container.image.clone()]).collect()
}

/// What is missing, and the command that brings it.
fn next(report: &Report, page: &mut Canvas<'_>) -> io::Result<()> {
    if !report.next.is_empty() {
        page.blank()?;
    }
    let mut label = "To find out";
    for step in &report.next {
        page.field(label, &[plain(step.missing.clone())])?;
        page.verbatim("", page.body(), &[(Ink::Command, step.run.clone())])?;
        label = "";
    }
    Ok(())
}

/// What was masked, what was read, and by which program; for whoever finds this in a ticket.
fn footer(report: &Report, page: &mut Canvas<'_>) -> io::Result<()> {
    page.blank()?;
    if let Some(masked) = words::redactions(report) {
        page.hanging("", 2, 2, &[dim(masked)])?;
    }
    let rules = words::counted(report.coverage.rules, "rule");
    let tool = format!("{} {}", report.tool.name, report.tool.version);
    let facts = [tool, rules, format!("profile {}", report.coverage.profile), report.generated_at.clone()];
    let read: Vec<String> = words::inputs(report).iter().map(|input| kept(input)).collect();
    let facts: Vec<String> = [read.join(", ")].into_iter().chain(facts.iter().map(|fact| kept(fact))).collect();
    page.hanging("", 2, 2, &[dim(facts.join("\u{a0}· "))])
}

#[cfg(test)]
mod tests {
    use super::ascii;

    #[test]
    fn ascii_keeps_the_meaning_of_signs() {
        assert_eq!(ascii("✗ a → b · c…"), "x a -> b - c...");
        assert_eq!(ascii("naïve 日本"), "na?ve ??");
    }
}
