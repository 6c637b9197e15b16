//! Each secret through the whole program: in a log, near the line of a fault, shown by every output.

use std::io::{self, Write};
use std::sync::Arc;

use diagnose::detect::Collector;
use diagnose::diagnosis::{Scene, diagnose};
use diagnose::report::{self, Facts, InputFacts, Report, TextStyle};
use diagnose::rule::{self, RuleSet};
use diagnose::scan::{Words, scan};

use super::secrets;

/// How a format is written.
type Write1 = fn(&Report, &mut dyn Write) -> io::Result<()>;

/// Every output of the program; a new one is added here.
const FORMATS: [(&str, Write1); 5] = [
    ("text", |report, out| report::text::write(report, style(true), out)),
    ("ascii", |report, out| report::text::write(report, style(false), out)),
    ("json", report::json::write),
    ("markdown", report::markdown::write),
    ("html", report::html::write),
];

const fn style(unicode: bool) -> TextStyle {
    TextStyle { color: unicode, width: 100, unicode, cut: false }
}

/// The fault whose line is evidence; what stands around it is context.
const FAULT: &str = "Error: listen EADDRINUSE: address already in use :::3000";

struct Program {
    rules: RuleSet,
    words: Words,
}

impl Program {
    fn new() -> Self {
        let rules = rule::embedded(&[]).expect("the rules of the program are good");
        let words = Words::with_windows(Arc::clone(&rules.literals.texts), Arc::clone(&rules.literals.windows));
        Self { rules, words }
    }

    /// What `diagnose` reports of a log.
    fn report(&self, log: &str) -> Report {
        let mut collector = Collector::new(&self.rules, &self.words, 0);
        let (totals, outcome) = scan(&mut log.as_bytes(), &self.words, &mut collector, &mut |_| {});
        outcome.expect("a text in memory can be read");
        let (units, facts) = collector.finish();
        let scene = Scene::default();
        let diagnosis = diagnose(&self.rules, &units, None, &scene);
        let input = InputFacts {
            name: "container.log".to_owned(),
            kind: "file".to_owned(),
            format: "plain".to_owned(),
            bytes: totals.bytes,
            lines: totals.lines,
            first_time: facts.first_time,
            last_time: facts.last_time,
            incomplete: None,
        };
        let facts = Facts { inputs: vec![input], records: facts.records, redact: true, ..Facts::default() };
        report::build(&self.rules, &diagnosis, &scene, facts)
    }
}

/// Without white space: a secret that was wrapped is a secret still.
fn bare(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

#[test]
fn no_output_shows_a_secret() {
    let program = Program::new();
    let mut shown = Vec::new();
    for (text, secret) in secrets() {
        let wanted =
            [secret.clone(), serde_json::to_string(&secret).unwrap().trim_matches('"').to_owned()].map(|it| bare(&it));
        let mut logs = vec![format!("{text}\n{FAULT}\n"), format!("starting\n{FAULT}\n{text}\n")];
        // As the line of a fault that no rule knows; of several lines only the first one would be shown.
        if !text.contains('\n') {
            logs.push(format!("ERROR {text}\nERROR: it cannot go on, {text}\n"));
        }
        let mut masked = false;
        for log in &logs {
            let report = program.report(log);
            for (format, write) in FORMATS {
                let mut out = Vec::new();
                write(&report, &mut out).expect("memory can be written");
                let out = String::from_utf8(out).expect("every output is UTF-8");
                let plain = bare(&out);
                masked |= plain.contains("[redacted:");
                if wanted.iter().any(|secret| plain.contains(secret)) {
                    shown.push(format!("{format}: {secret} of {log}"));
                }
            }
        }
        if !masked {
            shown.push(format!("not shown near the fault, so nothing was tested: {text}"));
        }
    }
    assert!(shown.is_empty(), "{} are shown:\n{}", shown.len(), shown.join("\n"));
}

#[test]
fn one_secret_has_one_mask_in_context_and_title() {
    let log = format!(
        "DB_PASSWORD=Kestrel!77x\n{FAULT}\nERROR: role \"app\" said Kestrel!77x twice: Kestrel%2177x S2VzdHJlbCE3N3g\n"
    );
    let report = Program::new().report(&log);
    let json = serde_json::to_string(&report).unwrap();
    assert!(json.contains("DB_PASSWORD=[redacted:password:1]"), "{json}");
    assert!(json.contains("said [redacted:password:1] twice: [redacted:password:1] [redacted:password:1]"), "{json}");
    assert!(!json.contains("[redacted:password:2]"), "{json}");
    assert!(report.redactions.kinds.keys().eq(["password"]), "{:?}", report.redactions);
}

/// Only a part of a long line is shown. What tells a secret may stand before it.
#[test]
fn a_secret_that_a_long_line_is_cut_in_is_masked() {
    let program = Program::new();
    let shapes = [
        "password: \"Winterabend2026!\",",
        "url: 'postgres://crm:Winterabend2026!@db/crm',",
        "{\"api_key\":\"Winterabend2026!\"}",
        "--password=Winterabend2026!",
        "Authorization: Bearer Winterabend2026!Winterabend2026!Winterabend2026!",
        "IDENTIFIED BY 'Winterabend2026!'",
    ];
    let (mut masked, mut cut) = (0, 0);
    for shape in shapes {
        for gap in 0..150 {
            let log = format!("starting\noptions {} {shape} {} {FAULT}\n", "label ".repeat(80), "x".repeat(gap));
            let report = program.report(&log);
            let [evidence] = &report.causes[0].evidence[..] else { panic!("{report:#?}") };
            let (json, text) = (serde_json::to_string(&report).unwrap(), &evidence.text);
            assert!(!json.contains("2026!") && text.contains("EADDRINUSE"), "{gap}: {json}");
            masked += usize::from(text.contains("[redacted:"));
            cut += usize::from(text.starts_with("… "));
        }
    }
    assert!(masked > 300 && cut == 900, "{masked} masks and {cut} cuts were seen");
}
