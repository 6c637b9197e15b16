//! What a user sees: each report in each output.

#![expect(clippy::unwrap_used, reason = "helpers of tests may say plainly what they expect")]

mod report_samples;

use diagnose::report::{html, json, markdown, model::Report, text, text::TextStyle};

const PIPE: TextStyle = TextStyle { color: false, width: 100, unicode: true, cut: false };

fn text(report: &Report, style: TextStyle) -> String {
    let mut out = Vec::new();
    text::write(report, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn text_in_a_pipe() {
    for (name, report) in report_samples::all() {
        insta::assert_snapshot!(format!("text_{name}"), text(&report, PIPE));
    }
}

#[test]
fn text_on_a_terminal() {
    let (_, report) = report_samples::all().swap_remove(1);
    let drawn = text(&report, TextStyle { color: true, width: 80, cut: true, ..PIPE });
    insta::assert_snapshot!("terminal_degraded", drawn.replace('\u{1b}', "␛"));
}

#[test]
fn text_on_a_narrow_ascii_terminal() {
    for (name, report) in report_samples::all() {
        let drawn = text(&report, TextStyle { width: 50, unicode: false, cut: true, ..PIPE });
        assert!(drawn.is_ascii(), "{name}");
        insta::assert_snapshot!(format!("ascii_{name}"), drawn);
    }
}

#[test]
fn markdown_for_a_ticket() {
    for (name, report) in report_samples::all() {
        let mut out = Vec::new();
        markdown::write(&report, &mut out).unwrap();
        insta::assert_snapshot!(format!("markdown_{name}"), String::from_utf8(out).unwrap());
    }
}

/// The page without its style, its script and their hashes, which say nothing about a report.
fn page(report: &Report) -> String {
    let mut out = Vec::new();
    html::write(report, &mut out).unwrap();
    let mut page = String::from_utf8(out).unwrap();
    for (from, to) in [("'none'; style-src ", "; img-src"), ("<style>", "</style>"), ("<script>", "</script>")] {
        let from = from.replace('\'', "&#39;");
        let start = page.find(&from).unwrap() + from.len();
        let end = start + page.split_at(start).1.find(to).unwrap();
        page.replace_range(start..end, "…");
    }
    page
}

#[test]
fn html_for_a_browser() {
    for (name, report) in report_samples::all().into_iter().filter(|(name, _)| matches!(*name, "degraded" | "unknown"))
    {
        insta::assert_snapshot!(format!("html_{name}"), page(&report));
    }
}

#[test]
fn json_for_a_program() {
    for (name, report) in report_samples::all() {
        let mut out = Vec::new();
        json::write(&report, &mut out).unwrap();
        assert!(out.ends_with(b"}\n"));
        insta::assert_snapshot!(format!("json_{name}"), String::from_utf8(out).unwrap());
    }
}

#[test]
fn no_line_of_prose_is_wider_than_the_terminal() {
    for width in [72, 80, 100, 140] {
        for (name, report) in report_samples::all() {
            let drawn = text(&report, TextStyle { width, cut: true, ..PIPE });
            let wide = usize::from(width);
            // Commands stay in one piece, whatever the width.
            let too_wide = drawn.lines().find(|line| line.chars().count() > wide && !line.contains("docker"));
            assert_eq!(too_wide, None, "{name} at {width}");
        }
    }
}

#[test]
fn nothing_is_shown_of_a_secret_or_an_escape() {
    for (name, report) in report_samples::all() {
        let mut out = Vec::new();
        json::write(&report, &mut out).unwrap();
        markdown::write(&report, &mut out).unwrap();
        html::write(&report, &mut out).unwrap();
        let drawn = String::from_utf8(out).unwrap() + &text(&report, PIPE);
        for secret in ["Sup3r/S3cret", "tim@apple.dev", "\u{1b}"] {
            assert!(!drawn.contains(secret), "{name} shows {secret:?}");
        }
    }
}
