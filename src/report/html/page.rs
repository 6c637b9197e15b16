//! The frame of the page: head, policy, headline, contents, footer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::model::{Cause, Report, Verdict};
use super::super::words;
use super::markup::Markup;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("copy.js");

/// The whole file around its sections.
pub(super) fn page(report: &Report, body: Markup) -> String {
    let mut page = Markup::default();
    page.fixed("<!doctype html>\n<html lang=\"en\">\n");
    page.inside("head", &[], |head| self::head(report, head));
    page.inside("body", &[("class", class(report.verdict))], |page| {
        page.fixed("<a class=\"skip\" href=\"#report\">Skip to the report</a>\n");
        page.inside("header", &[], |header| headline(report, header));
        page.inside("div", &[("class", "columns")], |columns| {
            contents(&body, columns);
            columns.inside("main", &[("id", "report"), ("tabindex", "-1")], |main| main.append(body));
        });
        page.inside("footer", &[], |footer| self::footer(report, footer));
        page.inside("script", &[], |script| script.fixed(SCRIPT));
    });
    page.fixed("</html>\n");
    page.into_text()
}

fn head(report: &Report, head: &mut Markup) {
    let title = format!("{}: {} · {}", words::verdict(report.verdict), report.summary, report.tool.name);
    head.fixed("<meta charset=\"utf-8\">\n");
    head.empty("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy())]);
    head.empty("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
    head.empty("meta", &[("name", "color-scheme"), ("content", "light dark")]);
    head.empty("meta", &[("name", "referrer"), ("content", "no-referrer")]);
    head.empty("meta", &[("name", "robots"), ("content", "noindex")]);
    head.empty("meta", &[("name", "generator"), ("content", &format!("{} {}", report.tool.name, report.tool.version))]);
    head.element("title", &[], &title);
    head.fixed("\n");
    head.empty("link", &[("rel", "icon"), ("href", &icon(report.verdict))]);
    head.inside("style", &[], |style| style.fixed(STYLE));
}

/// What the browser may do with this page: show it, in this style, with this script. Pictures only from inside the file, for the icon.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes())))
}

/// A dot in the tab, in the colour of the verdict.
fn icon(verdict: Verdict) -> String {
    let color = match verdict {
        Verdict::Healthy => "1b7f45",
        Verdict::Failed => "c62f27",
        Verdict::Degraded | Verdict::Starting | Verdict::Unknown => "b97700",
    };
    format!(
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' \
         fill='%23{color}'/%3E%3C/svg%3E"
    )
}

/// The class that colours the page.
const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Healthy => "good",
        Verdict::Failed => "bad",
        Verdict::Degraded | Verdict::Starting | Verdict::Unknown => "warn",
    }
}

fn headline(report: &Report, header: &mut Markup) {
    header.inside("p", &[("class", "kind")], |line| {
        line.element("span", &[], "Diagnosis");
        if let Some(application) = &report.application {
            line.element("span", &[], application);
        }
        line.element("span", &[], &report.generated_at);
    });
    header.inside("h1", &[], |title| {
        title.inside("span", &[("class", "verdict")], |badge| {
            badge.element("span", &[("aria-hidden", "true")], words::sign(report.verdict));
            badge.text(" ");
            badge.text(words::verdict(report.verdict));
        });
        title.element("span", &[("class", "unseen")], ": ");
        title.inside("span", &[("class", "summary")], |summary| summary.prose(&report.summary));
    });
    if !matches!(report.verdict, Verdict::Unknown | Verdict::Starting)
        && let Some(root) = report.causes.first()
    {
        glance(report, root, header);
    }
}

/// What somebody reads who reads nothing else.
fn glance(report: &Report, root: &Cause, header: &mut Markup) {
    header.inside("dl", &[("class", "glance")], |facts| {
        if !report.summary.contains(&root.title) {
            facts.fact("Root cause", |value| {
                value.inside("a", &[("href", "#cause")], |link| link.prose(&root.title));
            });
        }
        if let Some(proof) = root.evidence.first() {
            facts.fact("Proved by", |value| {
                value.inside("a", &[("href", "#evidence")], |link| link.element("code", &[], &words::place(proof)));
            });
        }
        facts.fact("Confidence", |value| value.text(words::confidence(root.confidence)));
        if let Some(first) = root.remedies.first() {
            facts.fact("First step", |value| {
                value.prose(&first.step);
                value.fixed(" <a class=\"all\" href=\"#fix\">All steps</a>");
            });
        }
    });
}

fn contents(body: &Markup, columns: &mut Markup) {
    columns.inside("nav", &[("aria-label", "Contents")], |nav| {
        nav.inside("ul", &[], |list| {
            for (id, title) in &body.contents {
                list.inside("li", &[], |item| item.element("a", &[("href", &format!("#{id}"))], title));
            }
        });
    });
}

fn footer(report: &Report, footer: &mut Markup) {
    footer.inside("p", &[], |line| {
        line.element("span", &[], &format!("{} {}", report.tool.name, report.tool.version));
        line.element("span", &[], &words::counted(report.coverage.rules, "rule"));
        line.element("span", &[], &format!("profile {}", report.coverage.profile));
        line.element("span", &[], &report.generated_at);
    });
    footer.fixed("<p>This page is complete in itself: it asks no network and stores nothing.</p>\n");
}
