//! The neighbourhoods of hits in the part of a log that is too long to be kept. The same words again and again are kept a few times
//! only, early and late, so that a flood leaves room for the line that matters.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use memchr::{memchr, memrchr};

use super::keep::Segment;
use crate::num::wide;
use crate::scan::Window;

/// Lines and bytes kept before a hit.
const BEFORE: (usize, usize) = (10, 4 * 1024);
/// The same from the hit's line on.
const AFTER: (usize, usize) = (24, 8 * 1024);
/// Lines behind a hit that suffice when they are kept already.
const ENOUGH: u64 = 8;
/// How often one wording is kept early, and late.
const EACH: usize = 3;

/// Passages by the wording of their hits.
#[derive(Debug)]
pub(super) struct Passages {
    limit: usize,
    used: usize,
    by_wording: HashMap<u64, Vec<Segment>>,
}

impl Passages {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, used: 0, by_wording: HashMap::new() }
    }

    pub(super) fn note(&mut self, window: &Window<'_>, at: usize) {
        let Some((from, to)) = around(window.bytes, at) else { return };
        let bytes = window.bytes.get(from..to).unwrap_or_default();
        let wording = wording(window.bytes.get(at..).unwrap_or_default());
        let same = self.by_wording.entry(wording).or_default();
        // Of another wording it would not do: that passage may be dropped for a later one.
        let line = window.line(at);
        if same.last().is_some_and(|last| line >= last.line && line + ENOUGH < last.end().0) {
            return;
        }
        if same.len() == 2 * EACH {
            let oldest = same.remove(EACH);
            self.used -= oldest.bytes.len();
        }
        if self.used + bytes.len() > self.limit {
            return;
        }
        let segment = Segment { line: window.line(from), offset: window.base + wide(from), bytes: bytes.to_vec() };
        self.used += bytes.len();
        same.push(segment);
    }

    /// What of them lies between two places (line, offset), in order and without overlap.
    pub(super) fn between(self, from: (u64, u64), to: (u64, u64)) -> Vec<Segment> {
        let mut all: Vec<Segment> = self.by_wording.into_values().flatten().collect();
        all.sort_by_key(|segment| (segment.offset, segment.bytes.len()));
        let mut at = from;
        let mut out = Vec::new();
        for mut segment in all {
            let (_, end) = segment.end();
            segment.bytes.truncate(crate::num::narrow(to.1.saturating_sub(segment.offset)));
            let skipped = crate::num::narrow(at.1.saturating_sub(segment.offset)).min(segment.bytes.len());
            if skipped > 0 {
                segment.bytes.drain(..skipped);
                (segment.line, segment.offset) = at;
            }
            if end > at.1 && !segment.bytes.is_empty() {
                at = segment.end();
                out.push(segment);
            }
        }
        out
    }
}

/// The whole lines around a hit.
fn around(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let start = |at: usize| memrchr(b'\n', bytes.get(..at)?).map(|newline| newline + 1);
    let begin = start(at).filter(|begin| at - begin < AFTER.1)?;
    let mut from = begin;
    for _ in 0..BEFORE.0 {
        match start(from.saturating_sub(1)) {
            Some(earlier) if begin - earlier < BEFORE.1 => from = earlier,
            _ => break,
        }
    }
    let mut to = begin;
    for _ in 0..AFTER.0 {
        match memchr(b'\n', bytes.get(to..)?) {
            Some(newline) if to + newline - begin < AFTER.1 => to += newline + 1,
            _ => break,
        }
    }
    (to > at).then_some((from, to))
}

/// The same for lines that differ in numbers only.
fn wording(rest: &[u8]) -> u64 {
    let line = rest.get(..memchr(b'\n', rest).unwrap_or(rest.len()).min(160)).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    line.iter().filter(|byte| !byte.is_ascii_digit()).for_each(|byte| hasher.write_u8(*byte));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_leaves_room_for_the_line_that_matters() {
        let mut text = String::from("begin\n");
        let mut hits = Vec::new();
        for number in 0..20_000 {
            if number == 15_000 {
                hits.push(text.len());
                text.push_str("the one fault\n");
            }
            text.push_str(&"ordinary\n".repeat(if number % 10 == 0 { 40 } else { 0 }));
            hits.push(text.len());
            text.push_str(&format!("retry {number} failed\n"));
        }
        let mut passages = Passages::new(64 * 1024);
        hits.iter().for_each(|at| passages.note(&Window::whole(text.as_bytes()), *at));
        assert!(passages.used <= 64 * 1024);
        let kept = passages.between((1, 0), (u64::MAX, u64::MAX));
        let mut at = 0;
        let mut all = Vec::new();
        for segment in &kept {
            assert!(segment.offset >= at, "no overlap");
            let from = usize::try_from(segment.offset).unwrap();
            assert_eq!(segment.bytes, text.as_bytes()[from..from + segment.bytes.len()]);
            assert_eq!(segment.line, 1 + super::super::keep::newlines(&text.as_bytes()[..from]));
            at = segment.end().1;
            all.extend_from_slice(&segment.bytes);
        }
        let all = String::from_utf8(all).unwrap();
        for line in ["the one fault\n", "retry 0 failed\n", "retry 19999 failed\n"] {
            assert!(all.contains(line), "{line}");
        }
    }
}
