//! The root cause: what, since when, proved by what, what followed, why this one, and how it is mended.

use std::io;

use super::super::model::{Cause, Report, Verify};
use super::super::words;
use super::canvas::{Canvas, Ink, Piece};
use super::{dim, evidence, kept, plain};

/// References shown at most.
const REFERENCES: usize = 2;

pub(super) fn root(report: &Report, cause: &Cause, page: &mut Canvas<'_>) -> io::Result<()> {
    page.blank()?;
    page.field("Root cause", &[plain(facts(report, cause).join(" · "))])?;
    if !report.summary.contains(&cause.title) {
        page.field("", &[(Ink::Strong, cause.title.clone())])?;
    }
    if !cause.summary.is_empty() {
        page.field("", &[plain(cause.summary.clone())])?;
    }
    evidence::section(&cause.evidence, page)?;
    page.blank()?;
    followed(cause, page)?;
    if !cause.reasons.is_empty() {
        page.field("Why this one", &[plain(cause.reasons.join(" · "))])?;
    }
    let mut label = "Documented as";
    for documented in &cause.documented {
        page.field(label, &[plain(documented.clone())])?;
        label = "";
    }
    Ok(())
}

/// Id, confidence, container, phase, boot, how often and when.
pub(super) fn facts(report: &Report, cause: &Cause) -> Vec<String> {
    let phase = cause.phase.as_deref().map(|name| format!("phase {}", words::phase_title(report, name)));
    let boots = words::boots(report);
    let boot = (boots > 1).then(|| format!("boot {} of {boots}", cause.boot));
    let times = (cause.count > 1).then(|| format!("{} times", words::grouped(cause.count)));
    let when = words::is_time(&cause.first).then(|| words::span(&cause.first, &cause.last));
    let place = words::container(report, cause);
    let sure = words::confidence(cause.confidence).to_owned();
    let facts = [Some(cause.rule.clone()), Some(sure), place, phase, boot, times, when];
    facts.into_iter().flatten().map(|fact| kept(&fact)).collect()
}

fn followed(cause: &Cause, page: &mut Canvas<'_>) -> io::Result<()> {
    let mut label = "Because of this";
    if !cause.impact.is_empty() {
        page.field(label, &[plain(cause.impact.clone())])?;
        label = "";
    }
    if cause.consequences.is_empty() {
        return Ok(());
    }
    let chain: Vec<String> = cause.consequences.iter().map(words::consequence).collect();
    page.field(label, &[plain(chain.join(" → "))])
}

/// What mends it, and how to see that it did.
pub(super) fn cure(cause: &Cause, page: &mut Canvas<'_>) -> io::Result<()> {
    if !cause.remedies.is_empty() {
        page.blank()?;
    }
    let (body, mut label) = (page.body(), "Fix");
    for (number, remedy) in (1..).zip(&cause.remedies) {
        let lead = format!("{number}.\u{a0}");
        let indent = body + lead.chars().count();
        page.hanging(label, body, indent, &[plain(lead), plain(remedy.step.clone()), risk(&remedy.risk)])?;
        commands(remedy.run.as_deref(), indent, page)?;
        label = "";
    }
    checks(&cause.verify, page)
}

/// Where to read on.
pub(super) fn references(cause: &Cause, page: &mut Canvas<'_>) -> io::Result<()> {
    if !cause.references.is_empty() {
        page.blank()?;
    }
    let mut label = "Read on";
    for reference in cause.references.iter().take(REFERENCES) {
        page.field(label, &[plain(reference.title.clone()), dim(format!(" {}", reference.url))])?;
        label = "";
    }
    Ok(())
}

/// Each line of a command on its own, in one piece, ready to be copied.
fn commands(run: Option<&str>, indent: usize, page: &mut Canvas<'_>) -> io::Result<()> {
    for line in run.unwrap_or_default().lines() {
        page.verbatim("", indent, &[(Ink::Command, line.to_owned())])?;
    }
    Ok(())
}

pub(super) fn risk(risk: &str) -> Piece {
    let ink = match risk {
        "none" => Ink::Dim,
        "data-loss" => Ink::Bad,
        _ => Ink::Warn,
    };
    (ink, format!(" (risk:\u{a0}{risk})"))
}

fn checks(verify: &[Verify], page: &mut Canvas<'_>) -> io::Result<()> {
    if !verify.is_empty() {
        page.blank()?;
    }
    let (body, mut label) = (page.body(), "Check");
    for check in verify {
        let wide = body + check.run.chars().count() + check.expect.chars().count() + 3;
        let command = (Ink::Command, check.run.clone());
        if wide <= page.width() && !check.run.contains('\n') {
            page.verbatim(label, body, &[command, dim(" → "), plain(check.expect.clone())])?;
        } else {
            page.verbatim(label, body, &[command])?;
            page.hanging("", body, body + 2, &[dim("→\u{a0}"), plain(check.expect.clone())])?;
        }
        label = "";
    }
    Ok(())
}
