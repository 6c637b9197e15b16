//! The fast way and the plain way see the same: every prefilter, one thread and several.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use diagnose::detect::{Collector, Unit};
use diagnose::rule::{RuleSet, embedded};
use diagnose::scan::{Plain, Prefilter, Totals, Words, scan, scan_file};

use crate::support::root;

/// All that a read gives.
#[derive(Debug, PartialEq)]
struct Seen {
    units: Vec<Unit>,
    facts: String,
    totals: Totals,
}

fn read(rules: &RuleSet, words: &Words, prefilter: &dyn Prefilter, text: &[u8]) -> Seen {
    let mut collector = Collector::new(rules, words, 0);
    let (totals, outcome) = scan(&mut &*text, prefilter, &mut collector, &mut |_| {});
    outcome.unwrap();
    let (units, facts) = collector.finish();
    Seen { units, facts: format!("{facts:?}"), totals }
}

fn read_by(threads: usize, rules: &RuleSet, words: &Words, prefilter: &dyn Prefilter, text: &[u8]) -> Seen {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text).unwrap();
    let mut collector = Collector::new(rules, words, 0);
    let (totals, outcome) = scan_file(&file, threads, prefilter, &mut collector, &mut |_| {});
    outcome.unwrap();
    let (units, facts) = collector.finish();
    Seen { units, facts: format!("{facts:?}"), totals }
}

fn logs(path: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            logs(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "log" || extension == "jsonl") {
            found.push(path);
        }
    }
}

/// The samples, and the corpus where it lies beside the project.
fn texts() -> Vec<(String, Vec<u8>)> {
    let mut paths = Vec::new();
    logs(&root().join("samples"), &mut paths);
    assert!(paths.len() > 10, "{} samples", paths.len());
    logs(&root().join("../shared/corpus"), &mut paths);
    paths.sort();
    paths.into_iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect()
}

/// Lines of all texts in an order of chance, so many bytes, with a few lines of nearly `longest`.
fn shuffled(size: usize, seed: u64, longest: usize) -> Vec<u8> {
    let texts = texts();
    let lines: Vec<&[u8]> = texts.iter().flat_map(|(_, text)| text.split_inclusive(|byte| *byte == b'\n')).collect();
    let mut state = seed;
    let mut below = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % end
    };
    let mut text = Vec::new();
    while text.len() < size {
        match below(20_000) {
            0 => text.extend(b"a long line Error: connect ECONNREFUSED 10.0.0.1:5432 ".repeat(longest / 55)),
            number if number < 40 => {
                text.extend(b"listen EADDRINUSE: address already in use :::3000\n".repeat(below(400)))
            }
            _ => text.extend_from_slice(lines[below(lines.len())]),
        }
    }
    text
}

#[test]
fn fast_and_plain_see_the_same_in_every_log() {
    let rules = embedded(&[]).unwrap();
    let literals = &rules.literals.texts;
    let plain = Plain::new(literals);
    let (words, plain_words) = (Words::new(literals), Words::plain(literals));
    for (name, text) in texts() {
        assert_eq!(read(&rules, &words, &words, &text), read(&rules, &plain_words, &plain, &text), "{name}");
    }
}

#[test]
fn fast_and_plain_see_the_same_in_a_large_log() {
    let rules = embedded(&[]).unwrap();
    let literals = &rules.literals.texts;
    let plain = Plain::new(literals);
    let (words, plain_words) = (Words::new(literals), Words::plain(literals));
    let text = shuffled(5 << 20, 1, 3 << 20);
    assert!(text.split(|byte| *byte == b'\n').any(|line| line.len() > 2 << 20), "a line longer than the window");
    assert!(read(&rules, &words, &words, &text) == read(&rules, &plain_words, &plain, &text));
}

/// Beside a line of more than 256 KiB the context of a hit depends on how much of that line was in memory, so none is longer.
#[test]
fn several_threads_see_what_one_sees() {
    let rules = embedded(&[]).unwrap();
    let words = Words::new(&rules.literals.texts);
    for (size, seed) in [(0, 3), (1000, 4), (4 << 20, 5)] {
        let text = shuffled(size, seed, 200_000);
        let one = read(&rules, &words, &words, &text);
        for threads in [0, 2, 5] {
            let several = read_by(threads, &rules, &words, &words, &text);
            assert_eq!(several.totals, one.totals, "{size} bytes, {threads} threads");
            assert!(several == one, "{size} bytes, {threads} threads");
        }
    }
}

/// A literal that begins in one range and ends in the next, and a line that does, wherever a border may be.
#[test]
fn ranges_meet_anywhere() {
    const BORDER: usize = 128 << 10;
    let rules = embedded(&[]).unwrap();
    let words = Words::new(&rules.literals.texts);
    let fault = b"Error: listen EADDRINUSE: address already in use :::3000\n";
    for before in (0..fault.len() + 4).step_by(3) {
        let mut text = Vec::new();
        for border in (1..=10).map(|number| number * BORDER) {
            text.extend(b"an ordinary line of fifty bytes, nothing to find.\n".repeat(BORDER / 50 + 1));
            text.truncate(border - before - 1);
            text.push(b'\n');
            text.extend_from_slice(fault);
        }
        let one = read(&rules, &words, &words, &text);
        assert_eq!(one.units[0].boots.len(), 1);
        assert_eq!(read_by(2, &rules, &words, &words, &text), one, "{before} bytes before the border");
    }
}
