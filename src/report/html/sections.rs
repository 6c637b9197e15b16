//! The sections of the page, each silent when it has nothing to say.

use super::super::model::{Cause, Container, Input, Report};
use super::super::words;
use super::cause::{self, paragraph};
use super::evidence::{evidence, record};
use super::markup::Markup;

pub(super) fn fix(cause: &Cause, page: &mut Markup) {
    if !cause.remedies.is_empty() {
        page.section("fix", "Fix", |section| cause::steps(&cause.remedies, section));
    }
}

pub(super) fn verification(cause: &Cause, page: &mut Markup) {
    if cause.verify.is_empty() {
        return;
    }
    page.section("verification", "Verification", |section| cause::checks(&cause.verify, section));
}

pub(super) fn escalation(report: &Report, page: &mut Markup) {
    let Some(escalation) = &report.escalation else { return };
    if !escalation.rollback.is_empty() {
        page.section("rollback", "Roll back", |section| section.command(&escalation.rollback.join("\n")));
    }
    if !escalation.contact.is_empty() {
        let with = escalation.hand_over.trim_end_matches('.');
        let told = format!("If this does not help: {}, with {with}.", escalation.contact);
        page.section("hand-over", "Hand over", |section| paragraph(&told, section));
    }
}

pub(super) fn further(title: &'static str, report: &Report, causes: &[Cause], page: &mut Markup) {
    if !causes.is_empty() {
        page.section("further", title, |section| {
            causes.iter().for_each(|cause| cause::further(report, cause, section));
        });
    }
}

pub(super) fn cleared(report: &Report, page: &mut Markup) {
    if report.cleared.is_empty() {
        return;
    }
    page.section("recovered", "Recovered", |section| {
        for item in &report.cleared {
            section.inside("article", &[], |article| {
                article.inside("h3", &[], |title| {
                    title.text("was: ");
                    title.prose(&item.title);
                });
                article.inside("p", &[], |line| {
                    line.element("code", &[], &item.rule);
                    line.text(" is over. The line that proves it:");
                });
                evidence(std::slice::from_ref(&item.cleared_by), 0, article);
            });
        }
    });
}

pub(super) fn unexplained(report: &Report, page: &mut Markup) {
    if report.unexplained.is_empty() {
        return;
    }
    page.section("unexplained", "Unexplained", |section| {
        section.fixed("<p>Records that look like errors and that no rule covers, the most telling first.</p>\n");
        section.inside("ul", &[("class", "records")], |list| {
            for stray in &report.unexplained {
                list.inside("li", &[], |item| {
                    item.inside("p", &[], |line| {
                        line.element("code", &[], &format!("{}:{}", stray.source, stray.line));
                        line.text(" · ");
                        line.prose(&stray.why);
                    });
                    record(&stray.text, item);
                });
            }
        });
    });
}

pub(super) fn containers(report: &Report, page: &mut Markup) {
    if report.containers.is_empty() {
        return;
    }
    page.section("containers", "Containers", |section| report.containers.iter().for_each(|it| container(it, section)));
}

fn container(container: &Container, page: &mut Markup) {
    page.inside("article", &[("class", "card")], |card| {
        card.inside("h3", &[], |title| title.element("code", &[], &container.name));
        card.inside("dl", &[("class", "facts")], |facts| {
            facts.fact("Status", |value| value.text(&container.status));
            if let Some(health) = &container.health {
                facts.fact("Health", |value| value.text(health));
            }
            if let Some(code) = container.exit_code {
                facts.fact("Exit status", |value| value.text(&code.to_string()));
            }
            if container.oom_killed == Some(true) {
                facts.fact("Memory", |value| value.text("limit reached"));
            }
            if let Some(restarts) = container.restart_count {
                facts.fact("Restarts", |value| value.text(&restarts.to_string()));
            }
            if let Some(service) = &container.service {
                facts.fact("Service", |value| value.element("code", &[], service));
            }
            facts.fact("Image", |value| value.element("code", &[], &container.image));
        });
    });
}

pub(super) fn notes(report: &Report, page: &mut Markup) {
    if !report.notes.is_empty() {
        page.section("notes", "Notes", |section| {
            section.inside("ul", &[], |list| {
                report.notes.iter().for_each(|note| list.inside("li", &[], |item| item.prose(note)));
            });
        });
    }
}

pub(super) fn next(report: &Report, page: &mut Markup) {
    if report.next.is_empty() {
        return;
    }
    page.section("next", "To find out", |section| {
        section.inside("ul", &[("class", "missing")], |list| {
            for step in &report.next {
                list.inside("li", &[], |item| {
                    paragraph(&step.missing, item);
                    item.command(&step.run);
                });
            }
        });
    });
}

pub(super) fn ruled_out(report: &Report, page: &mut Markup) {
    if report.ruled_out.is_empty() {
        return;
    }
    page.section("ruled-out", "Ruled out", |section| {
        section.inside("ul", &[], |list| {
            for rule in &report.ruled_out {
                list.inside("li", &[], |item| {
                    item.element("code", &[], &rule.rule);
                    item.text(": ");
                    item.prose(&rule.why);
                });
            }
        });
    });
}

pub(super) fn references(cause: &Cause, page: &mut Markup) {
    if !cause.references.is_empty() {
        page.section("references", "Read on", |section| cause::references(&cause.references, section));
    }
}

/// What was read, how much of it was looked at, and what was masked.
pub(super) fn inputs(report: &Report, page: &mut Markup) {
    page.section("inputs", "Inputs", |section| {
        report.inputs.iter().for_each(|it| input(it, section));
        section.fixed("<h3>Coverage</h3>\n");
        section.inside("dl", &[("class", "facts")], |facts| {
            let coverage = &report.coverage;
            facts.fact("Lines", |value| value.text(&words::grouped(coverage.lines)));
            facts.fact("Records judged", |value| value.text(&words::grouped(coverage.records_judged)));
            facts.fact("Rules", |value| value.text(&words::grouped(coverage.rules)));
            facts.fact("Profile", |value| value.text(&coverage.profile));
            facts.fact("Beginning of the start", |value| {
                value.text(if coverage.start_seen { "in the input" } else { "not in the input" });
            });
        });
        section.fixed("<h3>Masked</h3>\n");
        let masked = words::redactions(report);
        section.element("p", &[], masked.as_deref().unwrap_or("nothing was masked here"));
    });
}

fn input(input: &Input, page: &mut Markup) {
    page.inside("article", &[("class", "card")], |card| {
        card.inside("h3", &[], |title| title.element("code", &[], &input.name));
        if let Some(why) = &input.incomplete {
            card.inside("p", &[("class", "incomplete")], |line| {
                line.text("Incomplete: ");
                line.prose(why);
            });
        }
        card.inside("dl", &[("class", "facts")], |facts| {
            facts.fact("Kind", |value| value.text(&input.kind));
            facts.fact("Format", |value| value.text(&input.format));
            facts.fact("Lines", |value| value.text(&words::grouped(input.lines)));
            facts.fact("Bytes", |value| value.text(&words::grouped(input.bytes)));
            if let Some(time) = &input.first_time {
                facts.fact("First time", |value| value.element("code", &[], time));
            }
            if let Some(time) = &input.last_time {
                facts.fact("Last time", |value| value.element("code", &[], time));
            }
        });
    });
}
