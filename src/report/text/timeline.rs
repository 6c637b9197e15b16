//! Boots and phases: a table when there were several boots, and the phases of the one that is judged.

use std::io;

use comfy_table::{Table, presets};

use super::super::model::{Boot, Phase, Report};
use super::super::words;
use super::canvas::{Canvas, Ink, Piece};
use super::{dim, kept, plain};

/// Boots in the table at most: the first, and the last ones.
const BOOTS: usize = 8;

pub(super) fn section(report: &Report, page: &mut Canvas<'_>) -> io::Result<()> {
    let boots = &report.timeline.boots;
    let Some(last) = boots.last() else {
        return Ok(());
    };
    if boots.len() == 1 && last.phases.is_empty() {
        return Ok(());
    }
    page.blank()?;
    let mut label = "Timeline";
    if boots.len() > 1 {
        table(boots, page)?;
        label = "";
    }
    let lead = if boots.len() > 1 { format!("boot\u{a0}{}: ", last.number) } else { String::new() };
    if last.phases.is_empty() { Ok(()) } else { phases(label, &lead, &last.phases, page) }
}

fn table(boots: &[Boot], page: &mut Canvas<'_>) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["boot", "began", "outcome", "cause"]);
    let skipped = boots.len().saturating_sub(BOOTS);
    let shown = boots.iter().enumerate().filter(|(at, _)| *at == 0 || *at > skipped).map(|(_, boot)| boot);
    for (left_out, boot) in words::with_gaps(shown) {
        if left_out > 0 {
            table.add_row([
                "…".to_owned(),
                format!("{} more", words::grouped(left_out.into())),
                String::new(),
                String::new(),
            ]);
        }
        let (began, cause) = (boot.began.clone().unwrap_or_default(), boot.cause.clone().unwrap_or_default());
        table.add_row([boot.number.to_string(), began, boot.outcome.clone(), cause]);
    }
    let bare = |line: String| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned();
    let lines: Vec<String> = table.lines().map(bare).collect();
    let wide = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let indent = if page.body() + wide > page.width() { 4 } else { page.body() };
    let mut label = "Timeline";
    for line in lines {
        let ink = if label.is_empty() { Ink::Plain } else { Ink::Dim };
        page.verbatim(label, indent, &[(ink, line)])?;
        label = "";
    }
    Ok(())
}

/// Phases in order; those that were never reached are named together.
fn phases(label: &str, lead: &str, phases: &[Phase], page: &mut Canvas<'_>) -> io::Result<()> {
    let mut pieces: Vec<Piece> = Vec::new();
    let reached = phases.iter().filter(|phase| phase.outcome != "never-reached");
    for phase in reached {
        separate(&mut pieces);
        pieces.push(plain(format!("{}\u{a0}", kept(&phase.title))));
        pieces.push((ink(phase), kept(&words::phase_outcome(phase))));
    }
    let never: Vec<String> =
        phases.iter().filter(|phase| phase.outcome == "never-reached").map(|phase| kept(&phase.title)).collect();
    if !never.is_empty() {
        separate(&mut pieces);
        pieces.push(plain(never.join(", ")));
        pieces.push(dim("\u{a0}–\u{a0}never\u{a0}reached"));
    }
    pieces.insert(0, dim(lead));
    page.field(label, &pieces)
}

/// The dot stays at the end of a line, never at the start of the next one.
fn separate(pieces: &mut Vec<Piece>) {
    if !pieces.is_empty() {
        pieces.push(dim("\u{a0}· "));
    }
}

fn ink(phase: &Phase) -> Ink {
    match phase.outcome.as_str() {
        "passed" => Ink::Good,
        "failed" => Ink::Bad,
        _ => Ink::Warn,
    }
}
