//! Docker's json-file: a line of more than 16 KiB stands there in several records, of which only the last one's text ends in a line
//! break. They are put together again, per stream, so that a text that the border cuts is found.

use std::io::{self, Read};

use memchr::{memchr, memmem, memrchr};

use super::Reader;

/// How a file of records begins.
pub(super) const HEAD: &[u8] = br#"{"log":""#;
/// What ends the text in a record; inside of the text the quotes are escaped.
const BEHIND: &[u8] = br#"","stream":""#;
/// A run of this many bytes at an offset divisible by it lies in every line of twice the length: pieces have 16 KiB of text.
const BLOCK: usize = 8 * 1024;
/// A record, or a line put together, of more than this is handed on as it is.
const LONGEST: usize = 1024 * 1024;
/// Room that makes handing bytes through without a copy worth while.
const ROOM: usize = 64 * 1024;
/// Streams of which an unfinished line is kept: Docker knows two, and a hostile file may name a million.
const STREAMS: usize = 2;
/// No stream's name is longer.
const NAME: usize = 16;

/// Hands records on, pieces of a line put together. Records of ordinary length pass through uncopied.
pub(super) struct Pieces {
    reader: Reader,
    /// What was read and not looked at: at most one unfinished record, or what holds a long one.
    held: Vec<u8>,
    /// So much of it is known to hold no line break.
    seen: usize,
    /// What can be handed out, from `at` on.
    ready: Vec<u8>,
    at: usize,
    /// Lines of which pieces have come, by stream: the text so far.
    open: Vec<(Vec<u8>, Vec<u8>)>,
    over: bool,
}

impl Pieces {
    pub(super) fn new(reader: Reader) -> Self {
        Self { reader, held: Vec::new(), seen: 0, ready: Vec::new(), at: 0, open: Vec::new(), over: false }
    }

    /// Reads straight into the caller's space. Gives the bytes that are done there; the rest is held.
    fn through(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let before = self.held.len();
        let Some((start, rest)) = space.split_at_mut_checked(before) else { return Ok(0) };
        start.copy_from_slice(&self.held);
        let count = self.reader.read(rest)?;
        self.over = count == 0;
        let all = space.get(..before + count).unwrap_or_default();
        let long = all.chunks_exact(BLOCK).any(|block| memchr(b'\n', block).is_none());
        let done = if long || !self.open.is_empty() { 0 } else { memrchr(b'\n', all).map_or(0, |newline| newline + 1) };
        self.held = all.get(done..).unwrap_or_default().to_vec();
        self.seen = 0;
        Ok(done)
    }

    /// Looks at what is held record by record.
    fn sort_out(&mut self) -> io::Result<()> {
        if !self.over {
            let filled = self.held.len();
            self.held.resize(filled + ROOM, 0);
            let outcome = self.reader.read(self.held.get_mut(filled..).unwrap_or_default());
            self.held.truncate(filled + outcome.as_ref().copied().unwrap_or(0));
            self.over = outcome? == 0;
        }
        let mut held = std::mem::take(&mut self.held);
        let mut done = 0;
        while let Some(at) = memchr(b'\n', held.get(done.max(self.seen)..).unwrap_or_default()) {
            let next = done.max(self.seen) + at + 1;
            self.record(held.get(done..next).unwrap_or_default());
            (done, self.seen) = (next, 0);
        }
        held.drain(..done);
        if self.over || held.len() > LONGEST {
            self.ready.append(&mut held);
        }
        self.seen = held.len();
        self.held = held;
        if self.over {
            for (stream, text) in std::mem::take(&mut self.open) {
                self.give(&stream, &text);
            }
        }
        Ok(())
    }

    /// Hands an unfinished line on.
    fn give(&mut self, stream: &[u8], text: &[u8]) {
        for part in [HEAD, text, BEHIND, stream, b"\"}\n"] {
            self.ready.extend_from_slice(part);
        }
    }

    fn record(&mut self, record: &[u8]) {
        let Some((text, stream)) = parts(record) else {
            self.ready.extend_from_slice(record);
            return;
        };
        let opened = self.open.iter().position(|(known, _)| known == stream);
        let goes_on = !ends_line(text) && record.len() > BLOCK;
        match opened {
            None if !goes_on => self.ready.extend_from_slice(record),
            None => {
                if self.open.len() >= STREAMS {
                    let (stream, text) = self.open.remove(0);
                    self.give(&stream, &text);
                }
                self.open.push((stream.to_vec(), text.to_vec()));
            }
            Some(index) => {
                let Some((_, line)) = self.open.get_mut(index) else { return };
                line.extend_from_slice(text);
                if !goes_on || line.len() > LONGEST {
                    let (_, line) = self.open.swap_remove(index);
                    let behind = record.get(HEAD.len() + text.len()..).unwrap_or_default();
                    for part in [HEAD, &line, behind] {
                        self.ready.extend_from_slice(part);
                    }
                }
            }
        }
    }
}

/// Text and stream of a record.
fn parts(record: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = record.strip_prefix(HEAD)?;
    let at = memmem::rfind(inner, BEHIND)?;
    let stream = inner.get(at + BEHIND.len()..)?;
    let name = stream.get(..memchr(b'"', stream.get(..=NAME).unwrap_or(stream))?)?;
    Some((inner.get(..at)?, name))
}

/// Whether an escaped text ends in a line break, not in a backslash and an n.
fn ends_line(text: &[u8]) -> bool {
    text.strip_suffix(b"n").is_some_and(|before| {
        let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
        backslashes % 2 == 1
    })
}

impl Read for Pieces {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut rest = self.ready.get(self.at..).unwrap_or_default();
            if !rest.is_empty() {
                let count = rest.read(space)?;
                self.at += count;
                return Ok(count);
            }
            self.ready.clear();
            self.at = 0;
            if self.over && self.held.is_empty() && self.open.is_empty() || space.is_empty() {
                return Ok(0);
            }
            let simple = !self.over && self.open.is_empty() && self.held.len() < BLOCK;
            if simple && space.len() >= self.held.len() + ROOM {
                let done = self.through(space)?;
                if done > 0 {
                    return Ok(done);
                }
            } else {
                self.sort_out()?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str, stream: &str) -> String {
        let text = serde_json::to_string(text).unwrap();
        format!("{{\"log\":{text},\"stream\":\"{stream}\",\"time\":\"2026-11-26T12:00:00.000000001Z\"}}\n")
    }

    /// Reads with steps and spaces of different sizes; the outcome must not depend on them.
    fn read(text: &str) -> String {
        struct Drip(Vec<u8>, usize, usize);
        impl Read for Drip {
            fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
                let count = (self.0.len() - self.1).min(self.2).min(space.len());
                space[..count].copy_from_slice(&self.0[self.1..self.1 + count]);
                self.1 += count;
                Ok(count)
            }
        }
        let mut seen: Option<String> = None;
        for (step, room) in [(usize::MAX, 262_144), (5_000, 262_144), (70_001, 100_000), (333, 1_000)] {
            let mut pieces = Pieces::new(Box::new(Drip(text.as_bytes().to_vec(), 0, step)));
            let (mut out, mut space) = (Vec::new(), vec![0; room]);
            loop {
                let count = pieces.read(&mut space).unwrap();
                if count == 0 {
                    break;
                }
                out.extend_from_slice(&space[..count]);
            }
            let out = String::from_utf8(out).unwrap();
            assert!(seen.as_ref().is_none_or(|seen| *seen == out), "step {step} room {room}");
            seen = Some(out);
        }
        seen.unwrap()
    }

    #[test]
    fn ordinary_records_pass_unchanged() {
        let mut text: String = (0..5_000).map(|number| record(&format!("line {number}\n"), "stdout")).collect();
        assert_eq!(read(&text), text);
        text.push_str("{\"log\":\"torn");
        assert_eq!(read(&text), text, "the torn end of a file");
        assert_eq!(read(""), "");
    }

    #[test]
    fn the_pieces_of_a_line_are_put_together() {
        let first = format!("{} connect ECONN", "x".repeat(16_384 - 14));
        let text =
            record("before\n", "stdout") + &record(&first, "stderr") + &record("REFUSED 172.18.0.3:5432\n", "stderr");
        let expected = record("before\n", "stdout") + &record(&format!("{first}REFUSED 172.18.0.3:5432\n"), "stderr");
        assert_eq!(read(&text), expected);
    }

    #[test]
    fn pieces_of_two_streams_do_not_mix() {
        let long = |letter: &str| letter.repeat(16_384);
        let text = record(&long("a"), "stdout")
            + &record(&long("b"), "stderr")
            + &record("A\n", "stdout")
            + &record("between\n", "stdout")
            + &record(&long("b"), "stderr")
            + &record("B\n", "stderr");
        let expected = record(&(long("a") + "A\n"), "stdout")
            + &record("between\n", "stdout")
            + &record(&(long("b") + &long("b") + "B\n"), "stderr");
        assert_eq!(read(&text), expected);
    }

    #[test]
    fn a_last_piece_without_an_end_is_not_lost() {
        let text = record(&"x".repeat(16_384), "stdout");
        let out = read(&text);
        assert!(out.contains(&"x".repeat(16_384)) && out.ends_with("\"stdout\"}\n"), "{}", out.len());
    }

    #[test]
    fn a_million_streams_are_not_kept() {
        let text: String = (0..50).map(|number| record(&"x".repeat(9_000), &format!("s{number}"))).collect();
        let mut pieces = Pieces::new(Box::new(std::io::Cursor::new(text.clone().into_bytes())));
        let mut space = vec![0; 1_000];
        while pieces.read(&mut space).unwrap() > 0 {
            assert!(pieces.open.len() <= STREAMS);
        }
        let out = read(&text);
        assert_eq!(out.matches("\"log\"").count(), 50, "nothing is lost");
        let named = record(&"x".repeat(9_000), &"s".repeat(100));
        assert_eq!(read(&named), named, "no stream has such a name");
    }

    #[test]
    fn a_backslash_and_an_n_are_no_line_break() {
        assert!(ends_line(br"text\n"));
        assert!(!ends_line(br"text\\n"));
        assert!(ends_line(br"text\\\n"));
        assert!(!ends_line(b"n"));
    }
}
