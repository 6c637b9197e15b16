//! What must hold for any bytes. Each function takes an input and panics when its property does not hold; the fuzz targets and the replay
//! of past findings share them.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::sync::{Arc, OnceLock};

use diagnose::container::{from_proc, from_ss, joined, sockets};
use diagnose::deploy::tree::Memory;
use diagnose::deploy::{Options, dockerfile, dotenv, find, nginx, shell};
use diagnose::detect::{Collector, check_examples, judge_state};
use diagnose::diagnosis::{Scene, diagnose};
use diagnose::preflight;
use diagnose::record;
use diagnose::report::redact::Redactor;
use diagnose::report::{self, Facts, InputFacts, Report, TextStyle, sanitize};
use diagnose::rule::{self, PatternFile, ProfileFile, RuleSet, check_text, check_together, from_texts};
use diagnose::scan::{Words, scan};
use diagnose::source::{self, Source};

#[path = "scanning.rs"]
mod scanning;

pub use scanning::prefilter;

/// A target's name and its property.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 11] = [
    ("compressed", compressed),
    ("deployment", deployment),
    ("envelope", envelope),
    ("files", files),
    ("frames", frames),
    ("json_file", json_file),
    ("pipeline", pipeline),
    ("prefilter", prefilter),
    ("records", records),
    ("redact", redact),
    ("rules", rules),
];

/// Decompressed bytes looked at per input.
const UNPACKED: u64 = 8 << 20;

/// The rules and their words, made once.
struct Knowledge {
    rules: RuleSet,
    words: Words,
    checks: Vec<preflight::CheckFile>,
    profiles: Vec<ProfileFile>,
}

fn knowledge() -> &'static Knowledge {
    static KNOWLEDGE: OnceLock<Knowledge> = OnceLock::new();
    KNOWLEDGE.get_or_init(|| {
        let rules = rule::embedded(&[]).unwrap();
        let words = Words::with_windows(Arc::clone(&rules.literals.texts), Arc::clone(&rules.literals.windows));
        let checks = preflight::embedded().unwrap();
        Knowledge { words, rules, checks, profiles: rule::embedded_profiles().unwrap() }
    })
}

/// A character that no output may hold.
fn is_dangerous(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn assert_clean(what: &str, text: &str) {
    let bad = text.char_indices().find(|(_, character)| is_dangerous(*character));
    assert_eq!(bad, None, "{what}: {}", text.escape_debug());
}

/// Envelopes: a body holds no control characters, whatever was around it.
pub fn envelope(data: &[u8]) {
    for raw in data.split(|byte| *byte == b'\n') {
        let line = record::peel(raw);
        let bad = line.text.chars().find(|character| character.is_control() && !matches!(character, '\t' | '\n'));
        assert_eq!(bad, None, "{:?}", line.text);
        assert!(line.text.len() <= 3 * raw.len() + 2, "a body is not longer than its line");
        if let Some(time) = line.time {
            let shown = time.rfc3339();
            assert!(shown.is_ascii() && shown.len() < 64, "{shown}");
        }
    }
}

/// Folding: every line that is not blank stands in the records, with its whole text, once; and the record around a hit holds the hit's line.
pub fn records(data: &[u8]) {
    let data = data.get(..data.len().min(16 * 1024)).unwrap_or_default();
    let mut folded: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for record in record::records(data) {
        for (index, line) in record.lines.iter().enumerate() {
            let end = record.lines.get(index + 1).map_or(record.body.len(), |next| next.body_start);
            let text = &record.body[line.body_start..end];
            folded.entry(line.offset).or_default().extend(plain_lines(text));
        }
    }
    let mut offset = 0;
    for raw in data.split(|byte| *byte == b'\n') {
        let mut expected = plain_lines(&record::peel(raw).text);
        let mut found = folded.remove(&offset).unwrap_or_default();
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "line at byte {offset}: {}", raw.escape_ascii());
        if !raw.is_empty() {
            let around = record::record_at(data, offset + raw.len() / 2);
            assert!(around.lines.iter().any(|line| line.offset == offset), "the record at byte {offset}");
        }
        let context = [record::before(data, offset, 3), record::after(data, offset, 3)];
        assert!(context.iter().all(|raw| record::texts(raw).len() <= 3));
        offset += raw.len() + 1;
    }
    assert!(folded.is_empty(), "a record begins where no line begins: {folded:?}");
}

fn plain_lines(text: &str) -> Vec<String> {
    text.split('\n').map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Docker's json-file: a text wrapped in it is read as the text itself; and however the bytes arrive, the same comes out.
pub fn json_file(data: &[u8]) {
    same_in_any_chunks(data);
    let mut hostile = br#"{"log":""#.to_vec();
    hostile.extend_from_slice(data);
    same_in_any_chunks(&hostile);
    for line in String::from_utf8_lossy(data).lines().filter(|line| !line.starts_with('{')) {
        let wrapped =
            serde_json::json!({"log": format!("{line}\n"), "stream": "stderr", "time": "2026-11-26T12:00:00Z"});
        let wrapped = wrapped.to_string();
        assert_eq!(record::peel(wrapped.as_bytes()).text.trim_end(), record::peel(line.as_bytes()).text.trim_end());
    }
}

/// Compressed input: no panic, bounded work, and the same bytes however they arrive.
pub fn compressed(data: &[u8]) {
    for head in [&b""[..], &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], &[0x28, 0xb5, 0x2f, 0xfd]] {
        let mut bytes = head.to_vec();
        bytes.extend_from_slice(data);
        same_in_any_chunks(&bytes);
    }
}

fn same_in_any_chunks(bytes: &[u8]) {
    let whole = unpacked(Box::new(Cursor::new(bytes.to_vec())));
    for seed in [1, 7] {
        let (formats, out, ended) = unpacked(Box::new(Drip::new(bytes, seed)));
        assert_eq!(ended, whole.2, "it ends otherwise in other chunks");
        // How much a decoder gives of the part that is broken depends on where it was cut, and with it what that looks like; what comes
        // before never differs.
        let same = if ended { formats == whole.0 } else { formats.iter().zip(&whole.0).all(|(a, b)| a == b) };
        assert!(same, "other formats in other chunks: {formats:?}, {:?}", whole.0);
        let common = if ended { usize::MAX } else { out.len().min(whole.1.len()) };
        assert!(
            formats != whole.0 || out.get(..common).unwrap_or(&out) == whole.1.get(..common).unwrap_or(&whole.1),
            "other bytes in other chunks"
        );
    }
}

/// The plain bytes of an input, up to a bound, and whether it ended well.
fn unpacked(reader: source::Reader) -> (Vec<&'static str>, Vec<u8>, bool) {
    let mut source = source::read("x", reader);
    let mut bytes = Vec::new();
    let ended = (&mut source.reader).take(UNPACKED).read_to_end(&mut bytes).is_ok();
    (source.formats, bytes, ended)
}

/// Hands out pieces of sizes that differ, small ones as well.
pub struct Drip {
    bytes: Vec<u8>,
    at: usize,
    state: u64,
}

impl Drip {
    /// The sizes follow from the seed, which is not 0.
    pub fn new(bytes: &[u8], seed: u64) -> Self {
        Self { bytes: bytes.to_vec(), at: 0, state: seed }
    }
}

impl Read for Drip {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let size = match self.state % 8 {
            0 => 1,
            1 => 7,
            2 => 4096,
            3 => 70_001,
            other => usize::try_from(other * 97).unwrap(),
        };
        let rest = &self.bytes[self.at..];
        let count = rest.len().min(size).min(space.len());
        space[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

/// The engine's frames: texts of both streams and a terminal's come out whole, and the same however the stream is cut.
pub fn frames(data: &[u8]) {
    let mut rest = data;
    let mut frames = Vec::new();
    while let [kind, length, after @ ..] = rest {
        let (message, behind) = after.split_at(after.len().min(usize::from(*length)));
        frames.extend_from_slice(&[kind % 5, 0, 0, 0, 0, 0, 0, *length]);
        frames.extend_from_slice(message);
        rest = behind;
    }
    for stream in [frames.as_slice(), data] {
        let whole = joined([stream]);
        assert!(whole.0.is_empty() || whole.0.ends_with(b"\n"), "whole lines");
        assert_eq!(joined(stream.chunks(5)), whole);
    }
    let text = String::from_utf8_lossy(data);
    let _ = (from_ss(&text), from_proc(&text), sockets(&text));
    let known = knowledge();
    let unit = judge_state(&known.rules, &known.words, 0, &text, 1);
    assert_eq!(unit.boots.len(), 1);
}

/// Rule files: judged without a panic, and what the judge accepts can be used.
pub fn rules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let file = PatternFile { name: "fuzz/x.toml".to_owned(), shown: "fuzz/x.toml".to_owned(), text: text.to_owned() };
    let (rule, problems) = check_text(&file);
    for problem in &problems {
        assert!(!problem.message.is_empty());
    }
    if let Ok(set) = from_texts(std::slice::from_ref(&file)) {
        let words = Words::with_windows(Arc::clone(&set.literals.texts), Arc::clone(&set.literals.windows));
        let mut collector = Collector::new(&set, &words, 0);
        scan(&mut &*data, &words, &mut collector, &mut |_| {}).1.unwrap();
        let (units, _) = collector.finish();
        let _ = diagnose(&set, &units, None, &Scene::default());
        if let Some(rule) = rule {
            let files = [(file.clone(), rule)];
            let _ = (check_together(&files), check_examples(&set, &files));
        }
    }
    let profile = PatternFile { name: "profiles/x.toml".to_owned(), ..file };
    let _ = from_texts(&[profile]);
}

/// The parsers of one kind of file each: places lie in the text.
pub fn files(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for entry in dotenv::parse(&text).entries {
        assert!(!entry.key.contains(char::from(10)));
    }
    let _ = nginx::parse(&text);
    let _ = nginx::substitute(&text, |name| (name.len() % 2 == 0).then(|| "x".to_owned()));
    let _ = shell::parse(&text);
    let _ = dockerfile::parse(&text);
}

/// Whole deployments: parts between NUL bytes are its files; the report is valid in every format.
pub fn deployment(data: &[u8]) {
    const NAMES: [&str; 6] =
        ["compose.yaml", "Dockerfile", "entrypoint.sh", ".env", "nginx.conf", "compose.override.yaml"];
    let mut tree = Memory::default();
    for (name, part) in NAMES.iter().zip(data.split(|byte| *byte == 0)) {
        tree.files.insert((*name).to_owned(), String::from_utf8_lossy(part).into_owned());
    }
    let Ok(deployment) = find(&tree, &Options::default()) else { return };
    let known = knowledge();
    let report = preflight::judge(&known.checks, &known.profiles, &deployment, &preflight::report::Asked::default());
    let written = |write: &dyn Fn(&mut Vec<u8>) -> io::Result<()>| {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).expect("a report is UTF-8")
    };
    let text = written(&|out| preflight::report::text::write(&report, style(100), out));
    let markdown = written(&|out| preflight::report::markdown::write(&report, out));
    let json = written(&|out| preflight::report::json::write(&report, out));
    let sarif = written(&|out| preflight::report::sarif::write(&report, out));
    assert_clean("text", &text);
    assert_clean("markdown", &markdown);
    for text in [json, sarif] {
        assert_json(&text);
    }
}

/// Redaction and cleaning: doing it twice changes nothing, and nothing that a terminal obeys comes out.
pub fn redact(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let shown = sanitize::clean(&text);
    assert_clean("cleaned", &shown);
    // What was cut off is counted in the text, so only a short one is the same again.
    if shown.len() <= 4096 {
        assert_eq!(sanitize::clean(&shown), shown);
    }
    let mut redactor = Redactor::new();
    let once = redactor.mask(&shown);
    assert_eq!(redactor.mask(&once), once, "the same redactor");
    assert_eq!(Redactor::off().mask(&shown), shown);
}

/// From bytes to the report in every format.
pub fn pipeline(data: &[u8]) {
    assert_report(&diagnosed(&mut source::read("app\u{1b}[31m.log", Box::new(Cursor::new(data.to_vec())))));
}

/// A report on one input.
pub fn diagnosed(source: &mut Source) -> Report {
    let known = knowledge();
    let mut collector = Collector::new(&known.rules, &known.words, 0);
    let (totals, outcome) = scan(&mut *source.reader, &known.words, &mut collector, &mut |_| {});
    let (units, seen) = collector.finish();
    let scene = Scene::default();
    let diagnosis = diagnose(&known.rules, &units, None, &scene);
    let input = InputFacts {
        name: source.name.clone(),
        kind: source.kind.to_owned(),
        format: source.formats.join("+"),
        bytes: totals.bytes,
        lines: totals.lines,
        first_time: seen.first_time,
        last_time: seen.last_time,
        incomplete: outcome.err().map(|error| error.to_string()),
    };
    let facts = Facts { inputs: vec![input], records: seen.records, redact: true, ..Facts::default() };
    report::build(&known.rules, &diagnosis, &scene, facts)
}

const fn style(width: u16) -> TextStyle {
    TextStyle { color: false, width, unicode: true, cut: false }
}

/// Every format of a report is valid UTF-8 without control sequences.
pub fn assert_report(report: &Report) {
    let written = |write: &dyn Fn(&mut Vec<u8>) -> io::Result<()>| {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).expect("a report is UTF-8")
    };
    for width in [40, 100] {
        assert_clean("text", &written(&|out| report::text::write(report, style(width), out)));
    }
    let ascii = TextStyle { unicode: false, cut: true, ..style(80) };
    let plain = written(&|out| report::text::write(report, ascii, out));
    assert!(plain.is_ascii(), "{plain}");
    assert_clean("markdown", &written(&|out| report::markdown::write(report, out)));
    assert_clean("html", &written(&|out| report::html::write(report, out)));
    assert_json(&written(&|out| report::json::write(report, out)));
}

fn assert_json(text: &str) {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let mut open = vec![&value];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::String(text) => assert_clean("a string of the JSON", text),
            serde_json::Value::Array(values) => open.extend(values),
            serde_json::Value::Object(fields) => open.extend(fields.values()),
            _ => {}
        }
    }
}
