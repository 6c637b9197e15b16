//! Every text of a report that came from a log, a rule or a container, in the order in which a reader meets it.
//!
//! Texts are handed out in groups that stood together in the log: a key over several lines is only seen in one piece.

use super::model::{Boot, Cause, Cleared, Consequence, Container, Evidence, Report};

/// Texts that stood together in the log.
pub(crate) struct Group<'g> {
    pub(crate) texts: Vec<&'g mut String>,
    /// Which of them is a line that is shown only from a byte on, and that byte.
    pub(crate) unshown: Option<(usize, &'g mut usize)>,
}

/// What is done with the texts of a group.
pub(crate) type Visit<'v> = dyn FnMut(&mut Group<'_>) + 'v;

/// Shows every text once. Names of rules, phases and outcomes come from the program itself and are left out.
pub(crate) fn texts(report: &mut Report, visit: &mut Visit<'_>) {
    one(&mut report.summary, visit);
    maybe(&mut report.application, visit);
    for input in &mut report.inputs {
        one(&mut input.name, visit);
        maybe(&mut input.incomplete, visit);
    }
    report.causes.iter_mut().for_each(|it| cause(it, visit));
    report.cleared.iter_mut().for_each(|it| cleared(it, visit));
    for unexplained in &mut report.unexplained {
        one(&mut unexplained.source, visit);
        one(&mut unexplained.text, visit);
        one(&mut unexplained.why, visit);
    }
    report.ruled_out.iter_mut().for_each(|it| one(&mut it.why, visit));
    report.timeline.boots.iter_mut().for_each(|it| boot(it, visit));
    report.containers.iter_mut().for_each(|it| container(it, visit));
    each(&mut report.notes, visit);
    for next in &mut report.next {
        one(&mut next.missing, visit);
        one(&mut next.run, visit);
    }
    if let Some(escalation) = &mut report.escalation {
        each(&mut escalation.rollback, visit);
        one(&mut escalation.contact, visit);
        one(&mut escalation.hand_over, visit);
    }
}

fn one(text: &mut String, visit: &mut Visit<'_>) {
    visit(&mut Group { texts: vec![text], unshown: None });
}

fn maybe(text: &mut Option<String>, visit: &mut Visit<'_>) {
    if let Some(text) = text {
        one(text, visit);
    }
}

fn each(texts: &mut [String], visit: &mut Visit<'_>) {
    texts.iter_mut().for_each(|text| one(text, visit));
}

fn cause(cause: &mut Cause, visit: &mut Visit<'_>) {
    one(&mut cause.title, visit);
    maybe(&mut cause.container, visit);
    one(&mut cause.summary, visit);
    one(&mut cause.first, visit);
    one(&mut cause.last, visit);
    cause.evidence.iter_mut().for_each(|it| evidence(it, visit));
    for (name, value) in &mut cause.captures {
        capture(name, value, visit);
    }
    one(&mut cause.impact, visit);
    cause.consequences.iter_mut().for_each(|it| consequence(it, visit));
    each(&mut cause.reasons, visit);
    each(&mut cause.documented, visit);
    for remedy in &mut cause.remedies {
        one(&mut remedy.step, visit);
        maybe(&mut remedy.run, visit);
    }
    for verify in &mut cause.verify {
        one(&mut verify.run, visit);
        one(&mut verify.expect, visit);
    }
    for reference in &mut cause.references {
        one(&mut reference.title, visit);
        one(&mut reference.url, visit);
    }
}

/// A capture is shown as `name=value`, so that one called `password` is recognised by its name.
fn capture(name: &str, value: &mut String, visit: &mut Visit<'_>) {
    let mut pair = format!("{name}={value}");
    one(&mut pair, visit);
    if let Some((_, shown)) = pair.split_once('=') {
        shown.clone_into(value);
    }
}

fn consequence(consequence: &mut Consequence, visit: &mut Visit<'_>) {
    one(&mut consequence.title, visit);
    consequence.evidence.iter_mut().for_each(|it| evidence(it, visit));
}

fn evidence(evidence: &mut Evidence, visit: &mut Visit<'_>) {
    one(&mut evidence.source, visit);
    maybe(&mut evidence.time, visit);
    maybe(&mut evidence.stream, visit);
    let before = evidence.before.iter_mut();
    let unshown = Some((before.len(), &mut evidence.unshown));
    let texts = before.chain([&mut evidence.text]).chain(&mut evidence.after).collect();
    visit(&mut Group { texts, unshown });
}

fn cleared(cleared: &mut Cleared, visit: &mut Visit<'_>) {
    one(&mut cleared.title, visit);
    evidence(&mut cleared.cleared_by, visit);
}

fn boot(boot: &mut Boot, visit: &mut Visit<'_>) {
    maybe(&mut boot.began, visit);
    maybe(&mut boot.ended, visit);
    for phase in &mut boot.phases {
        one(&mut phase.title, visit);
        maybe(&mut phase.entered, visit);
        maybe(&mut phase.left, visit);
    }
}

fn container(container: &mut Container, visit: &mut Visit<'_>) {
    one(&mut container.name, visit);
    maybe(&mut container.service, visit);
    one(&mut container.image, visit);
    one(&mut container.status, visit);
    maybe(&mut container.health, visit);
}
