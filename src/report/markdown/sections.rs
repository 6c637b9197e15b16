//! The sections of a ticket, each silent when it has nothing to say.

use std::io;

use super::super::block::{Block, blocks};
use super::super::model::{Cause, Container, Evidence, Input, Phase, Report};
use super::super::words;
use super::Page;
use super::escape::{cell, code_cell, code_span, prose};

/// Lines of context around each proving line: all that the report holds.
const CONTEXT: usize = 3;

pub(super) fn root(report: &Report, cause: &Cause, page: &mut Page<'_>) -> io::Result<()> {
    page.heading(2, &format!("Root cause: {}", prose(&cause.title)))?;
    page.line(&facts(report, cause))?;
    page.blank()?;
    page.paragraph(&cause.summary)?;
    page.line("### Evidence")?;
    evidence(&cause.evidence, page)?;
    if !cause.impact.is_empty() || !cause.consequences.is_empty() {
        page.heading(3, "Because of this")?;
        page.paragraph(&cause.impact)?;
        for consequence in &cause.consequences {
            page.line(&format!("- {} · {}", prose(&words::consequence(consequence)), code_span(&consequence.rule)))?;
        }
    }
    list(3, "Why this one", &cause.reasons, page)?;
    list(3, "Documented as", &cause.documented, page)
}

/// Id, confidence, severity, phase, boot, how often and when.
fn facts(report: &Report, cause: &Cause) -> String {
    let boots = words::boots(report);
    let mut facts = vec![
        code_span(&cause.rule),
        words::confidence(cause.confidence).to_owned(),
        format!("severity {}", prose(&cause.severity)),
    ];
    facts.extend(words::container(report, cause).map(|place| prose(&place)));
    facts.extend(cause.phase.as_deref().map(|name| format!("phase {}", prose(&words::phase_title(report, name)))));
    if boots > 1 {
        facts.push(format!("boot {} of {boots}", cause.boot));
    }
    if cause.count > 1 {
        facts.push(format!(
            "{} times, first {}, last {}",
            words::grouped(cause.count),
            code_span(&cause.first),
            code_span(&cause.last)
        ));
    } else if !cause.first.is_empty() {
        facts.push(format!("at {}", code_span(&cause.first)));
    }
    facts.join(" · ")
}

fn list(level: usize, title: &str, items: &[String], page: &mut Page<'_>) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    page.heading(level, title)?;
    items.iter().try_for_each(|item| page.item(item))
}

fn evidence(evidence: &[Evidence], page: &mut Page<'_>) -> io::Result<()> {
    for block in blocks(evidence, CONTEXT).iter().filter(|block| !block.rows.is_empty()) {
        page.blank()?;
        let also: Vec<String> = block.also.iter().map(|place| code_span(place)).collect();
        let also = if also.is_empty() { String::new() } else { format!(", the same in {}", also.join(", ")) };
        page.line(&format!("{}{also}", code_span(block.source)))?;
        page.blank()?;
        page.fenced(0, "text", &numbered(block))?;
    }
    Ok(())
}

fn numbered(block: &Block<'_>) -> String {
    let gutter = block.gutter();
    let mut lines = Vec::new();
    let mut last = None;
    for row in &block.rows {
        if Block::gap(last, row) {
            lines.push(format!("  {:>gutter$} ⋮", ""));
        }
        last = Some(row.number);
        let mark = if row.proves { "▶" } else { " " };
        lines.push(format!("{mark} {:>gutter$} │ {}", row.number, row.text));
    }
    lines.join("\n")
}

pub(super) fn timeline(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let boots = &report.timeline.boots;
    let Some(last) = boots.last() else {
        return Ok(());
    };
    page.heading(2, "Timeline")?;
    let text = |value: &Option<String>| value.as_deref().map(cell).unwrap_or_default();
    let code = |value: &Option<String>| value.as_deref().map(code_cell).unwrap_or_default();
    let rows: Vec<Vec<String>> = boots
        .iter()
        .map(|boot| {
            vec![boot.number.to_string(), text(&boot.began), text(&boot.ended), cell(&boot.outcome), code(&boot.cause)]
        })
        .collect();
    page.table(&["Boot", "Began", "Last line", "Outcome", "Cause"], &rows)?;
    if last.phases.is_empty() {
        return Ok(());
    }
    page.blank()?;
    page.line(&format!("Phases of boot {}:", last.number))?;
    page.blank()?;
    let phase = |phase: &Phase| vec![cell(&phase.title), cell(&words::phase_outcome(phase)), text(&phase.entered)];
    page.table(&["Phase", "Outcome", "Entered"], &last.phases.iter().map(phase).collect::<Vec<_>>())
}

pub(super) fn fix(cause: &Cause, page: &mut Page<'_>) -> io::Result<()> {
    if cause.remedies.is_empty() {
        return Ok(());
    }
    page.heading(2, "Fix")?;
    for (number, remedy) in (1..).zip(&cause.remedies) {
        let lead = format!("{number}. ");
        page.line(&format!("{lead}{} (risk: **{}**)", prose(&remedy.step), prose(&remedy.risk)))?;
        if let Some(run) = &remedy.run {
            page.blank()?;
            page.fenced(lead.len(), "sh", run)?;
            page.blank()?;
        }
    }
    Ok(())
}

pub(super) fn verification(cause: &Cause, page: &mut Page<'_>) -> io::Result<()> {
    if cause.verify.is_empty() {
        return Ok(());
    }
    page.heading(2, "Verification")?;
    for check in &cause.verify {
        page.command("- [ ] ", &check.run, &format!(" → expected: {}", prose(&check.expect)))?;
    }
    Ok(())
}

pub(super) fn escalation(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let Some(escalation) = &report.escalation else {
        return Ok(());
    };
    if !escalation.rollback.is_empty() {
        page.heading(2, "Roll back")?;
        page.fenced(0, "sh", &escalation.rollback.join("\n"))?;
    }
    if escalation.contact.is_empty() {
        return Ok(());
    }
    page.heading(2, "Hand over")?;
    page.line(&format!(
        "If this does not help: {}, with {}.",
        prose(&escalation.contact),
        prose(escalation.hand_over.trim_end_matches('.'))
    ))
}

pub(super) fn briefly(title: &str, report: &Report, further: &[Cause], page: &mut Page<'_>) -> io::Result<()> {
    if further.is_empty() {
        return Ok(());
    }
    page.heading(2, title)?;
    for (at, cause) in further.iter().enumerate() {
        if at > 0 {
            page.blank()?;
        }
        page.line(&format!("### {}", prose(&cause.title)))?;
        page.blank()?;
        page.line(&facts(report, cause))?;
        page.blank()?;
        page.paragraph(&cause.summary)?;
        evidence(cause.evidence.get(..1).unwrap_or_default(), page)?;
        if let Some(remedy) = cause.remedies.first() {
            page.blank()?;
            page.line(&format!("First step: {} (risk: **{}**)", prose(&remedy.step), prose(&remedy.risk)))?;
        }
    }
    Ok(())
}

pub(super) fn cleared(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    if report.cleared.is_empty() {
        return Ok(());
    }
    page.heading(2, "Recovered")?;
    for item in &report.cleared {
        let place = code_span(&words::place(&item.cleared_by));
        page.line(&format!("- was: {} · {} · over since {place}", prose(&item.title), code_span(&item.rule)))?;
    }
    Ok(())
}

pub(super) fn unexplained(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    if report.unexplained.is_empty() {
        return Ok(());
    }
    page.heading(2, "Unexplained")?;
    for record in &report.unexplained {
        page.line(&format!("- {} · {}", code_span(&format!("{}:{}", record.source, record.line)), prose(&record.why)))?;
        page.blank()?;
        page.fenced(2, "text", &record.text)?;
        page.blank()?;
    }
    Ok(())
}

pub(super) fn containers(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    if report.containers.is_empty() {
        return Ok(());
    }
    page.heading(2, "Containers")?;
    let row = |container: &Container| {
        let exit = container.exit_code.map(|code| code.to_string()).unwrap_or_default();
        let memory = if container.oom_killed == Some(true) { "limit reached" } else { "" };
        let restarts = container.restart_count.map(|count| count.to_string()).unwrap_or_default();
        let health = container.health.as_deref().map(cell).unwrap_or_default();
        vec![
            code_cell(&container.name),
            code_cell(&container.image),
            cell(&container.status),
            health,
            exit,
            memory.to_owned(),
            restarts,
        ]
    };
    let rows: Vec<Vec<String>> = report.containers.iter().map(row).collect();
    page.table(&["Container", "Image", "Status", "Health", "Exit", "Memory", "Restarts"], &rows)
}

pub(super) fn notes(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    list(2, "Notes", &report.notes, page)
}

pub(super) fn next(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    if report.next.is_empty() {
        return Ok(());
    }
    page.heading(2, "To find out")?;
    for step in &report.next {
        page.item(&step.missing)?;
        page.blank()?;
        page.fenced(2, "sh", &step.run)?;
        page.blank()?;
    }
    Ok(())
}

/// Addresses come from rules, not from logs; they are the only live links.
pub(super) fn references(cause: &Cause, page: &mut Page<'_>) -> io::Result<()> {
    if cause.references.is_empty() {
        return Ok(());
    }
    page.heading(2, "Read on")?;
    for reference in &cause.references {
        let url: String =
            reference.url.chars().filter(|character| !matches!(character, '<' | '>' | ' ' | '\n' | '\\')).collect();
        page.line(&format!("- {}: <{url}>", prose(&reference.title)))?;
    }
    Ok(())
}

pub(super) fn inputs(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    page.heading(2, "Inputs")?;
    let row = |input: &Input| {
        let time = |value: &Option<String>| value.as_deref().map(cell).unwrap_or_default();
        let incomplete =
            input.incomplete.as_deref().map(|why| format!(" (incomplete: {})", cell(why))).unwrap_or_default();
        let lines = format!("{}{incomplete}", words::grouped(input.lines));
        vec![
            code_cell(&input.name),
            cell(&input.format),
            lines,
            words::grouped(input.bytes),
            time(&input.first_time),
            time(&input.last_time),
        ]
    };
    let rows: Vec<Vec<String>> = report.inputs.iter().map(row).collect();
    page.table(&["Input", "Format", "Lines", "Bytes", "First time", "Last time"], &rows)?;
    page.blank()?;
    if let Some(masked) = words::redactions(report) {
        page.paragraph(&masked)?;
    }
    let rules = words::counted(report.coverage.rules, "rule");
    let (tool, profile) = (&report.tool, prose(&report.coverage.profile));
    page.line(&format!("{} {} · {rules} · profile {profile} · {}", tool.name, tool.version, report.generated_at))
}
