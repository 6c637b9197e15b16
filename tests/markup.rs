//! Foreign text in a report: a terminal obeys none of it, and a Markdown parser reads none of it as markup.

#![expect(clippy::unwrap_used, reason = "helpers of tests may say plainly what they expect")]

mod report_samples;

use diagnose::report::model::Report;
use diagnose::report::redact::Redactor;
use diagnose::report::seal::seal;
use diagnose::report::{TextStyle, json, markdown, sanitize, text};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

/// What markup, terminals and readers of text are known to obey, and pieces of it.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "word", "a", " ", "\n", "\n\n", "\t", "\r", "\r\n", "    ", "# h", "\n## h", "\n===", "\n---", "***", "* ", "- ", "- [ ] ", "+ ",
    "1. ", "1) ", "> ", "<script>", "</script>", "<img src=x onerror=y>", "<a href=x>", "<!--", "-->", "<?", "<![CDATA[", "<http://x>",
    "<a@b.c>", "&lt;", "&#60;", "&amp;#60;", "[a](http://x)", "![a](http://x)", "[a]: http://x", "[a][a]", "](", "](x)", "[", "]", "(",
    ")", "[^1]", "[^1]: x", "`", "``", "```", "\n```\n", "\n````", "~~~", "\n~~~\n", "`` ` ``", "\\", "\\`", "\\\\", "|", "\\|", "| a | b |",
    "\n| - | - |\n", "$", "$x$", "$$", "**", "__", "_", "~~", "==", "http://evil.example", "www.evil.example", "@someone", "#12", "!", ":",
    ": x", "{#id}", "\u{1b}[31m", "\u{1b}[", "\u{1b}]8;;http://x\u{7}", "\u{1b}]0;", "\u{1b}\\", "\u{1b}P", "\u{1b}_", "\u{1b}", "\u{9b}2J",
    "\u{9d}", "\u{90}q", "\u{9c}", "\u{7}", "\u{8}", "\u{c}", "\u{b}", "\u{85}", "\0", "\u{7f}", "\u{200b}", "\u{200d}", "\u{202e}", "\u{202a}",
    "\u{2066}", "\u{2069}", "\u{2028}", "\u{2029}", "\u{feff}", "\u{61c}", "\u{e0041}", "é", "日", "🎉",
];

fn hostile() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 1..12).prop_map(|pieces| format!("x{}x", pieces.concat()))
}

/// The report of a sample in which every text that may come from a log, a container or a user is this one.
fn report(sample: usize, hostile: &str) -> Report {
    let (_, mut report) = report_samples::all().swap_remove(sample);
    let set = |text: &mut String| hostile.clone_into(text);
    let all = |texts: &mut Vec<String>| texts.iter_mut().for_each(set);
    set(&mut report.summary);
    report.application.iter_mut().for_each(set);
    report.inputs.iter_mut().for_each(|input| set(&mut input.name));
    for cause in &mut report.causes {
        [&mut cause.title, &mut cause.summary, &mut cause.impact].into_iter().for_each(set);
        cause.container.iter_mut().for_each(set);
        cause.captures.values_mut().for_each(set);
        all(&mut cause.reasons);
        all(&mut cause.documented);
        let further = cause.consequences.iter_mut().flat_map(|it| &mut it.evidence);
        for evidence in cause.evidence.iter_mut().chain(further) {
            [&mut evidence.source, &mut evidence.text].into_iter().for_each(set);
            all(&mut evidence.before);
            all(&mut evidence.after);
        }
        cause.consequences.iter_mut().for_each(|it| set(&mut it.title));
        for remedy in &mut cause.remedies {
            set(&mut remedy.step);
            remedy.run.iter_mut().for_each(set);
        }
        cause.verify.iter_mut().flat_map(|it| [&mut it.run, &mut it.expect]).for_each(set);
    }
    for cleared in &mut report.cleared {
        [&mut cleared.title, &mut cleared.cleared_by.source, &mut cleared.cleared_by.text].into_iter().for_each(set);
    }
    report.unexplained.iter_mut().flat_map(|it| [&mut it.source, &mut it.text, &mut it.why]).for_each(set);
    report.ruled_out.iter_mut().for_each(|it| set(&mut it.why));
    for container in &mut report.containers {
        [&mut container.name, &mut container.image, &mut container.status].into_iter().for_each(set);
        container.health.iter_mut().chain(&mut container.service).for_each(set);
    }
    all(&mut report.notes);
    report.next.iter_mut().flat_map(|it| [&mut it.missing, &mut it.run]).for_each(set);
    if let Some(escalation) = &mut report.escalation {
        all(&mut escalation.rollback);
        [&mut escalation.contact, &mut escalation.hand_over].into_iter().for_each(set);
    }
    seal(report, &mut Redactor::off())
}

fn written(report: &Report) -> String {
    let mut out = Vec::new();
    markdown::write(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Headings, tables, lists and live links, as a parser with every extension sees them.
fn structure(document: &str) -> Vec<String> {
    let shape = |event: Event<'_>| match event {
        Event::Start(Tag::Heading { level, .. }) => Some(format!("{level}")),
        Event::Start(Tag::Link { dest_url, .. }) => Some(format!("link {dest_url}")),
        Event::Start(Tag::CodeBlock(_)) => None,
        Event::Start(
            tag @ (Tag::Table(_) | Tag::TableRow | Tag::TableHead | Tag::TableCell | Tag::List(_) | Tag::Item),
        ) => Some(format!("{tag:?}")),
        Event::Start(
            tag @ (Tag::Image { .. }
            | Tag::HtmlBlock
            | Tag::BlockQuote(_)
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::MetadataBlock(_)
            | Tag::Emphasis
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript),
        ) => Some(format!("{tag:?}")),
        Event::Html(_)
        | Event::InlineHtml(_)
        | Event::FootnoteReference(_)
        | Event::InlineMath(_)
        | Event::DisplayMath(_)
        | Event::Rule
        | Event::TaskListMarker(_) => Some(format!("{event:?}")),
        _ => None,
    };
    Parser::new_ext(document, Options::all()).filter_map(shape).collect()
}

/// A character that a terminal or a reader obeys instead of showing it.
fn obeyed(character: char) -> bool {
    character.is_control() && character != '\n' && character != '\t'
        || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[test]
fn the_parser_sees_markup_where_there_is_some() {
    for (document, expected) in [
        ("# a\n", "h1"),
        ("[a](http://x)", "link http://x"),
        ("![a](b)", "Image"),
        ("a <b>", "InlineHtml"),
        ("> a", "BlockQuote"),
        ("| a |\n| - |\n", "Table"),
    ] {
        assert!(structure(document).iter().any(|it| it.starts_with(expected)), "{document}: {:?}", structure(document));
    }
    assert!(structure(&written(&report(0, "x"))).len() > 10, "the sample has headings, tables and lists");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands in a log, the document has the shape of one whose texts are harmless.
    #[test]
    fn no_text_becomes_markup(sample in 0_usize..4, hostile in hostile()) {
        let (written, plain) = (written(&report(sample, &hostile)), written(&report(sample, "x x")));
        prop_assert_eq!(structure(&written), structure(&plain), "{}", written);
    }

    /// Whatever stands in a log, no output holds a character that does something.
    #[test]
    fn no_text_is_obeyed(sample in 0_usize..4, hostile in hostile()) {
        let report = report(sample, &hostile);
        let (mut drawn, mut data) = (Vec::new(), Vec::new());
        text::write(&report, TextStyle { color: false, width: 80, unicode: true, cut: true }, &mut drawn).unwrap();
        json::write(&report, &mut data).unwrap();
        for out in [String::from_utf8(drawn).unwrap(), written(&report), String::from_utf8(data).unwrap()] {
            prop_assert!(!out.contains(obeyed), "{out:?}");
        }
    }

    /// What is clean stays as it is, and cleaning never leaves half of a sequence.
    #[test]
    fn cleaning_is_done_once(text in "[ -~\u{1b}\u{7}\u{8}\r\n\t\u{80}-\u{9f}\u{200b}-\u{202e}\u{2066}é]{0,60}", pieces in hostile()) {
        for text in [text, pieces] {
            let once = sanitize::clean(&text);
            prop_assert!(!once.contains(obeyed), "{once:?}");
            prop_assert_eq!(sanitize::clean(&once), once);
        }
    }
}
