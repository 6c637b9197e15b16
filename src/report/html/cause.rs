//! One fault: what it is, its lines, what followed, and why it is blamed.

use super::super::model::{Cause, Reference, Remedy, Report, Verify};
use super::super::words;
use super::chain;
use super::evidence::{evidence, record};
use super::markup::Markup;

/// Lines of context around each proving line: all that the report holds.
const CONTEXT: usize = 5;

/// The fault that is blamed.
pub(super) fn root(report: &Report, cause: &Cause, page: &mut Markup) {
    // Where the headline says the same already, it is not said again.
    if !report.summary.contains(&cause.title) {
        page.inside("p", &[("class", "title")], |title| title.prose(&cause.title));
    }
    facts(report, cause, page);
    paragraph(&cause.summary, page);
    page.fixed("<h3 id=\"evidence\">Evidence</h3>\n");
    evidence(&cause.evidence, CONTEXT, page);
    if !cause.impact.is_empty() || !cause.consequences.is_empty() {
        page.fixed("<h3 id=\"consequences\">Because of this</h3>\n");
        let class = if cause.consequences.is_empty() { "alone" } else { "beside" };
        page.inside("div", &[("class", class)], |beside| {
            chain::figure(cause, beside);
            beside.inside("div", &[], |words| followed(cause, words));
        });
    }
    list("h3", "Why this one", &cause.reasons, page);
    list("h3", "Documented as", &cause.documented, page);
}

/// What stands beside the root cause, whole but smaller.
pub(super) fn further(report: &Report, cause: &Cause, page: &mut Markup) {
    page.inside("article", &[], |article| {
        article.inside("h3", &[], |title| title.prose(&cause.title));
        facts(report, cause, article);
        paragraph(&cause.summary, article);
        evidence(&cause.evidence, CONTEXT, article);
        followed(cause, article);
        list("h4", "Why it is named", &cause.reasons, article);
        list("h4", "Documented as", &cause.documented, article);
        if !cause.remedies.is_empty() {
            article.fixed("<h4>Steps</h4>\n");
            steps(&cause.remedies, article);
        }
        if !cause.verify.is_empty() {
            article.fixed("<h4>Verification</h4>\n");
            checks(&cause.verify, article);
        }
        if !cause.references.is_empty() {
            article.fixed("<h4>Read on</h4>\n");
            references(&cause.references, article);
        }
    });
}

/// A paragraph of foreign prose, if there is any.
pub(super) fn paragraph(text: &str, page: &mut Markup) {
    if !text.trim().is_empty() {
        page.inside("p", &[], |paragraph| paragraph.prose(text));
    }
}

/// Id, confidence, severity, place, phase, boot, how often and when.
fn facts(report: &Report, cause: &Cause, page: &mut Markup) {
    let boots = words::boots(report);
    page.inside("dl", &[("class", "facts")], |facts| {
        facts.fact("Rule", |value| value.element("code", &[], &cause.rule));
        facts.fact("Confidence", |value| value.text(words::confidence(cause.confidence)));
        facts.fact("Severity", |value| value.text(&cause.severity));
        if let Some(container) = cause.container.as_ref().filter(|_| report.containers.len() > 1) {
            facts.fact("Container", |value| value.element("code", &[], container));
        }
        if let Some(phase) = &cause.phase {
            facts.fact("Phase", |value| value.text(&words::phase_title(report, phase)));
        }
        if boots > 1 {
            facts.fact("Boot", |value| value.text(&format!("{} of {boots}", cause.boot)));
        }
        if cause.count > 1 {
            facts.fact("Seen", |value| value.text(&format!("{} times", words::grouped(cause.count))));
        }
        let once = cause.first == cause.last;
        let ends: &[_] = if once { &[("At", &cause.first)] } else { &[("First", &cause.first), ("Last", &cause.last)] };
        for (name, place) in ends.iter().filter(|(_, place)| !place.is_empty()) {
            facts.fact(name, |value| value.element("code", &[], place));
        }
    });
}

fn followed(cause: &Cause, page: &mut Markup) {
    paragraph(&cause.impact, page);
    if cause.consequences.is_empty() {
        return;
    }
    page.inside("ul", &[("class", "followed")], |list| {
        for consequence in &cause.consequences {
            list.inside("li", &[], |item| {
                item.inside("p", &[], |line| {
                    line.prose(&words::consequence(consequence));
                    line.text(" ");
                    line.element("code", &[], &consequence.rule);
                });
                consequence.evidence.iter().for_each(|proof| record(&proof.text, item));
            });
        }
    });
}

fn list(level: &'static str, title: &'static str, items: &[String], page: &mut Markup) {
    if items.is_empty() {
        return;
    }
    page.element(level, &[], title);
    page.inside("ul", &[], |list| items.iter().for_each(|item| list.inside("li", &[], |entry| entry.prose(item))));
}

/// The steps of a cure, in order, each with its risk.
pub(super) fn steps(remedies: &[Remedy], page: &mut Markup) {
    page.inside("ol", &[("class", "steps")], |list| {
        for remedy in remedies {
            list.inside("li", &[], |item| {
                item.inside("p", &[], |step| {
                    step.prose(&remedy.step);
                    step.text(" ");
                    step.element("span", &[("class", risk(&remedy.risk))], &format!("risk: {}", remedy.risk));
                });
                if let Some(run) = &remedy.run {
                    item.command(run);
                }
            });
        }
    });
}

/// Commands that show whether the cure worked, each with what it must show.
pub(super) fn checks(checks: &[Verify], page: &mut Markup) {
    page.inside("ul", &[("class", "checks")], |list| {
        for check in checks {
            list.inside("li", &[], |item| {
                item.command(&check.run);
                item.inside("p", &[], |expected| {
                    expected.text("Expected: ");
                    expected.prose(&check.expect);
                });
            });
        }
    });
}

/// Where to read on.
pub(super) fn references(references: &[Reference], page: &mut Markup) {
    page.inside("ul", &[("class", "references")], |list| {
        references.iter().for_each(|it| list.inside("li", &[], |item| reference(it, item)));
    });
}

/// Addresses come from rules, not from logs; they are the only links that leave the page, and only to the web.
fn reference(reference: &Reference, item: &mut Markup) {
    let url = reference.url.trim();
    let web = ["https://", "http://"].iter().any(|scheme| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)) && url.len() > scheme.len()
    });
    if web && !url.contains(|character: char| character.is_whitespace() || character.is_control()) {
        item.inside("a", &[("href", url), ("rel", "noopener noreferrer")], |link| link.prose(&reference.title));
    } else {
        item.prose(&reference.title);
        item.text(": ");
        item.element("code", &[], url);
    }
}

/// The class of a risk; one that is not known is shown as the worst.
fn risk(risk: &str) -> &'static str {
    match risk {
        "none" => "risk good",
        "restart" => "risk warn",
        _ => "risk bad",
    }
}
