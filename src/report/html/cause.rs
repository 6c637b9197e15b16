//! One fault: what it is, its lines, what followed, and why it is blamed.

use super::super::model::{Cause, Remedy, Report};
use super::super::words;
use super::chain;
use super::evidence::evidence;
use super::markup::Markup;

/// Lines of context around each proving line: all that the report holds.
const CONTEXT: usize = 5;

/// The fault that is blamed.
pub(super) fn root(report: &Report, cause: &Cause, page: &mut Markup) {
    page.inside("p", &[("class", "title")], |title| title.prose(&cause.title));
    facts(report, cause, page);
    paragraph(&cause.summary, page);
    page.fixed("<h3 id=\"evidence\">Evidence</h3>\n");
    evidence(&cause.evidence, CONTEXT, page);
    if !cause.impact.is_empty() || !cause.consequences.is_empty() {
        page.fixed("<h3 id=\"consequences\">Because of this</h3>\n");
        page.inside("div", &[("class", "beside")], |beside| {
            chain::figure(cause, beside);
            beside.inside("div", &[], |words| followed(cause, words));
        });
    }
    list("Why this one", &cause.reasons, page);
    list("Documented as", &cause.documented, page);
}

/// What stands beside the root cause, whole but smaller.
pub(super) fn further(report: &Report, cause: &Cause, page: &mut Markup) {
    page.inside("article", &[], |article| {
        article.inside("h3", &[], |title| title.prose(&cause.title));
        facts(report, cause, article);
        paragraph(&cause.summary, article);
        evidence(&cause.evidence, CONTEXT, article);
        followed(cause, article);
        if !cause.remedies.is_empty() {
            article.fixed("<h4>Steps</h4>\n");
            steps(&cause.remedies, article);
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
            facts.fact("Phase", |value| value.text(words::phase_title(report, phase)));
        }
        if boots > 0 {
            facts.fact("Boot", |value| value.text(&format!("{} of {boots}", cause.boot)));
        }
        if cause.count > 1 {
            facts.fact("Seen", |value| value.text(&format!("{} times", words::grouped(cause.count))));
            facts.fact("First", |value| value.element("code", &[], &cause.first));
            facts.fact("Last", |value| value.element("code", &[], &cause.last));
        } else if !cause.first.is_empty() {
            facts.fact("At", |value| value.element("code", &[], &cause.first));
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
                item.prose(&words::consequence(consequence));
                item.text(" ");
                item.element("code", &[], &consequence.rule);
            });
        }
    });
}

fn list(title: &'static str, items: &[String], page: &mut Markup) {
    if items.is_empty() {
        return;
    }
    page.element("h3", &[], title);
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

/// The class of a risk; one that is not known is shown as the worst.
fn risk(risk: &str) -> &'static str {
    match risk {
        "none" => "risk good",
        "restart" => "risk warn",
        _ => "risk bad",
    }
}
