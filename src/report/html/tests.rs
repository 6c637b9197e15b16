//! The page against its reader's enemies: markup, scripts and addresses from a log, and a policy that does not fit.

use std::collections::BTreeSet;

use base64::Engine as _;

use super::super::model::*;
use super::super::visit;
use super::write;

mod full;

use full::full;

/// What a log may hold to become markup, to leave an attribute, to end a raw text, or to be read in another order.
const HOSTILE: [&str; 24] = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}</style>",
    "</title><meta http-equiv=refresh content='0;url=//evil.example'>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "'><iframe srcdoc='<script>alert(1)</script>'>",
    "\" onmouseover=\"alert(1)",
    "' autofocus onfocus='alert(1)",
    "` onclick=`alert(1)",
    "</text></svg><script>alert(1)</script>",
    "</desc><foreignObject><body onload=alert(1)>",
    "<!-- <script> -->",
    "]]><![CDATA[<b>",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y 'z'>]>",
    "&lt;b&gt; &amp;lt;script&amp;gt; &#60;i&#62;",
    "javascript:alert(1)",
    "<a href=\"javascript:alert(1)\">x</a>",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)}",
    "`<b>` and `</code><i>`",
    "<\0script>alert(1)</script\u{0}>",
    "\u{202e}gpj.exe\u{2066}<b>\u{2069}\u{200f}",
    "\u{1b}]8;;http://evil.example\u{7}<u>\u{1b}]8;;\u{7}",
    "\u{ff1c}script\u{ff1e}alert(1)\u{ff1c}/script\u{ff1e}\n\t<p>",
];

fn page(report: &Report) -> String {
    let mut out = Vec::new();
    write(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A tag: its name, and the names of its attributes; `close` for an end.
type Tag = (bool, String, Vec<String>);

/// The tags of a page and the values of its attributes; style and script are passed over, as a browser does.
fn tags(page: &str) -> (Vec<Tag>, Vec<(String, String)>) {
    let (mut tags, mut values) = (Vec::new(), Vec::new());
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let mut end = None;
        let mut quoted = false;
        for (at, character) in after.char_indices() {
            match character {
                '"' => quoted = !quoted,
                '>' if !quoted => end = end.or(Some(at)),
                '<' if end.is_none() => panic!("a bare < in {:?}", after.get(..40)),
                _ => {}
            }
            if end.is_some() {
                break;
            }
        }
        let (inside, beyond) = after.split_at(end.expect("a tag ends"));
        let close = inside.starts_with('/');
        let bare = inside.trim_matches('/');
        let name: String = bare.chars().take_while(|character| !character.is_whitespace()).collect();
        let mut attributes = Vec::new();
        let pieces: Vec<&str> = bare.strip_prefix(&name).unwrap().split('"').collect();
        for pair in pieces.chunks_exact(2) {
            let attribute = pair[0].trim().trim_end_matches('=').to_owned();
            values.push((attribute.clone(), pair[1].to_owned()));
            attributes.push(attribute);
        }
        rest = beyond;
        if !close && matches!(name.as_str(), "style" | "script") {
            let over = rest.find(&format!("</{name}")).expect("a raw text ends");
            rest = rest.split_at(over).1;
        }
        tags.push((close, name, attributes));
    }
    (tags, values)
}

/// Every element is closed where it must be, and holds what it should.
fn well_formed(page: &str) -> bool {
    let mut open = Vec::new();
    let markup = page.replace("/>", "></self>");
    for (close, name, _) in tags(&markup).0 {
        match name.as_str() {
            "!doctype" | "meta" | "link" | "wbr" | "br" => {}
            "self" => drop(open.pop()),
            _ if close => {
                if open.pop() != Some(name) {
                    return false;
                }
            }
            _ => open.push(name),
        }
    }
    open.is_empty()
}

#[test]
fn no_text_of_a_report_becomes_markup() {
    let kinds = |page: &str| tags(page).0.into_iter().collect::<BTreeSet<_>>();
    for verdict in [Verdict::Failed, Verdict::Degraded, Verdict::Healthy, Verdict::Starting, Verdict::Unknown] {
        let plain = page(&full(verdict, "word `code` word"));
        let mut known = kinds(&plain);
        known.extend(kinds(&page(&full(verdict, "2026-11-26T00:00:00"))));
        assert!(known.len() > 40 && well_formed(&plain), "{verdict:?}: the test looks at nothing");
        for hostile in HOSTILE {
            let report = full(verdict, hostile);
            let drawn = page(&report);
            let strange: Vec<Tag> = kinds(&drawn).difference(&known).cloned().collect();
            assert!(strange.is_empty() && well_formed(&drawn), "{verdict:?}, {hostile:?}: {strange:?}");
            let seen = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
            assert!(!drawn.contains(seen), "{hostile:?}: a control character");
            assert!(!drawn.contains(['\u{202e}', '\u{2066}', '\u{2069}', '\u{200f}']), "{hostile:?}: order is changed");
        }
    }
}

/// Takes out what the page leaves out on purpose: captures, which the titles have; times and streams of evidence; context of lines that
/// are shown without; phases of boots that are not judged.
fn without_hidden(report: &mut Report) {
    let alone = |evidence: &mut Evidence| {
        (evidence.before, evidence.after, evidence.time, evidence.stream) = (Vec::new(), Vec::new(), None, None);
    };
    for cause in &mut report.causes {
        cause.captures.clear();
        cause.evidence.iter_mut().for_each(|it| (it.time, it.stream) = (None, None));
        cause.consequences.iter_mut().flat_map(|it| &mut it.evidence).for_each(alone);
        cause.references.truncate(1);
    }
    report.cleared.iter_mut().map(|it| &mut it.cleared_by).for_each(alone);
    report.timeline.boots[0].phases.clear();
}

#[test]
fn every_text_is_shown() {
    let mut report = full(Verdict::Failed, "");
    without_hidden(&mut report);
    let mut texts = Vec::new();
    visit::texts(&mut report, &mut |group| {
        for text in &mut group.texts {
            texts.push(format!("t{}t", texts.len()));
            texts[texts.len() - 1].clone_into(text);
        }
    });
    let drawn = page(&report).replace("<wbr>", "");
    let hidden: Vec<&String> = texts.iter().filter(|text| !drawn.contains(text.as_str())).collect();
    assert!(texts.len() > 100 && hidden.is_empty(), "{hidden:?} of {} in {report:#?}", texts.len());
}

#[test]
fn only_addresses_of_the_web_become_links() {
    let cases = [
        ("https://example.com/a?b=c&d=\"e\"#f", true),
        ("HTTP://example.com", true),
        ("javascript:alert(1)", false),
        ("JaVaScRiPt:alert(1)", false),
        (" \u{1}javascript:alert(1)", false),
        ("java\nscript:alert(1)", false),
        ("data:text/html,<script>alert(1)</script>", false),
        ("vbscript:x", false),
        ("file:///etc/passwd", false),
        ("//evil.example", false),
        ("https:", false),
        ("https://", false),
        ("https://a\nb", false),
        ("https:evil.example", false),
        ("xhttps://example.com", false),
        ("/relative", false),
        ("", false),
    ];
    for (url, links) in cases {
        let mut report = full(Verdict::Failed, "word");
        report.causes.truncate(1);
        report.causes[0].references = vec![Reference { title: "title".to_owned(), url: url.to_owned() }];
        let drawn = page(&report);
        let out: Vec<String> = tags(&drawn)
            .1
            .into_iter()
            .filter(|(name, value)| {
                name == "href" && !value.starts_with('#') && !value.starts_with("data:image/svg+xml,")
            })
            .map(|(_, value)| value)
            .collect();
        assert_eq!(out.len(), usize::from(links), "{url:?} gave {out:?}");
        assert!(out.iter().all(|it| it.to_ascii_lowercase().starts_with("http")), "{out:?}");
    }
}

#[test]
fn the_policy_names_what_the_page_holds() {
    let drawn = page(&full(Verdict::Failed, "word"));
    let between = |from: &str, to: &str| {
        let after = drawn.split_once(from).unwrap().1;
        after.split_once(to).unwrap().0.to_owned()
    };
    let hash = |text: &str| {
        let sum = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(sum))
    };
    let policy = between("http-equiv=\"Content-Security-Policy\" content=\"", "\">").replace("&#39;", "'");
    let (style, script) = (between("<style>", "</style>"), between("<script>", "</script>"));
    assert!(style.len() > 1000 && script.len() > 500);
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
            hash(&style),
            hash(&script)
        )
    );
    assert_eq!(hash("abc"), "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='", "as the standard says");
}

#[test]
fn nothing_is_fetched_and_nothing_is_inline() {
    for verdict in [Verdict::Failed, Verdict::Unknown] {
        let drawn = page(&full(verdict, "word"));
        let (tags, values) = tags(&drawn);
        for (name, value) in &values {
            assert!(!name.starts_with("on") && !matches!(name.as_str(), "style" | "src" | "srcset"), "{name}={value}");
        }
        let of = |name: &str| tags.iter().filter(|tag| !tag.0 && tag.1 == name).count();
        assert_eq!([of("script"), of("style"), of("link"), of("img"), of("iframe"), of("object")], [1, 1, 1, 0, 0, 0]);
        let style = drawn.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        assert!(!style.contains("url(") && !style.contains("@import"));
    }
}

#[test]
fn the_order_is_that_of_the_other_reports() {
    let sections = |verdict| {
        let drawn = page(&full(verdict, "word"));
        let titles = drawn.split("<h2 id=").skip(1).map(|part| {
            let title = part.split_once('>').unwrap().1;
            title.split_once('<').unwrap().0.to_owned()
        });
        titles.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        sections(Verdict::Failed),
        "Root cause, Timeline, Fix, Verification, Also wrong, Recovered, Unexplained, Containers, Notes, To find out, Ruled out, \
         Read on, Roll back, Hand over, Inputs"
    );
    assert_eq!(
        sections(Verdict::Unknown),
        "To find out, What is seen, Timeline, Recovered, Unexplained, Containers, Notes, Roll back, Hand over, Ruled out, Inputs"
    );
}
