//! What is kept of a log while it is read: all of it; or its beginning, its end, and what lies around the lines between them that a
//! rule may want.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use memchr::{memchr, memrchr};
use serde::{Deserialize, Serialize};

use super::passages::Passages;
use crate::num::wide;
use crate::scan::Window;

/// Bytes kept of one log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of the beginning.
    pub head: usize,
    /// Around hits between beginning and end.
    pub middle: usize,
    /// Of the end.
    pub tail: usize,
}

impl Limits {
    /// A quarter for the beginning, a quarter for what lies between, the rest for the end.
    #[must_use]
    pub const fn of(room: usize) -> Self {
        Self { head: room / 4, middle: room / 4, tail: room / 2 }
    }
}

/// What is missing between two parts of a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The last line before it in the log, from 1.
    pub after_line: u64,
    /// Line breaks that are missing.
    pub lines: u64,
    /// Bytes that are missing.
    pub bytes: u64,
}

/// Whole lines of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segment {
    /// Number of the first line, from 1.
    pub line: u64,
    /// Offset of the first byte.
    pub offset: u64,
    /// The lines.
    pub bytes: Vec<u8>,
}

impl Segment {
    /// Number and offset of the line behind it.
    pub(super) fn end(&self) -> (u64, u64) {
        (self.line + newlines(&self.bytes), self.offset + wide(self.bytes.len()))
    }
}

/// What was kept of a log: its parts in order, each with what is missing behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept(pub Vec<(Segment, Option<Gap>)>);

impl Kept {
    /// All of a log.
    #[must_use]
    pub fn whole(bytes: Vec<u8>) -> Self {
        Self(vec![(Segment { line: 1, offset: 0, bytes }, None)])
    }

    /// What is missing, in order.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        self.0.iter().filter_map(|(_, gap)| *gap).collect()
    }

    /// How much it is.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.iter().map(|(segment, _)| segment.bytes.len()).sum()
    }
}

/// Takes a log's bytes as they come.
#[derive(Debug)]
pub struct Keep {
    limits: Limits,
    head: Vec<u8>,
    tail: Vec<u8>,
    /// Bytes and line breaks that were dropped between the two.
    dropped: (u64, u64),
    passages: Passages,
}

impl Keep {
    /// One that holds at most so much, and as much again of the end for a while.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let passages = Passages::new(limits.middle);
        Self { limits, head: Vec::new(), tail: Vec::new(), dropped: (0, 0), passages }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = self.limits.head.saturating_sub(self.head.len());
        let (head, tail) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        self.head.extend_from_slice(head);
        self.tail.extend_from_slice(tail);
        if self.tail.len() > self.limits.tail * 2 {
            self.shorten();
        }
    }

    /// A literal of a rule stands at `at` of the window: what lies around it is worth keeping, if it is not kept anyway.
    pub fn note(&mut self, window: &Window<'_>, at: usize) {
        if window.base + wide(at) >= wide(self.limits.head) {
            self.passages.note(window, at);
        }
    }

    fn shorten(&mut self) {
        let surplus = self.tail.len().saturating_sub(self.limits.tail);
        let dropped = self.tail.drain(..surplus);
        self.dropped.1 += newlines(dropped.as_slice());
        drop(dropped);
        self.dropped.0 += wide(surplus);
    }

    /// What was kept. Lines that a gap cuts are left out as a whole: half a line may hold half a secret.
    #[must_use]
    pub fn finish(mut self) -> Kept {
        if self.tail.len() > self.limits.tail {
            self.shorten();
        }
        if self.dropped.0 == 0 {
            self.head.append(&mut self.tail);
            return Kept::whole(self.head);
        }
        let end = memrchr(b'\n', &self.head).map_or(0, |at| at + 1);
        let begin = memchr(b'\n', &self.tail).map_or(self.tail.len(), |at| at + 1);
        let (cut, after) = (self.head.split_off(end), self.tail.split_off(begin));
        let head = Segment { line: 1, offset: 0, bytes: self.head };
        let (line, offset) = head.end();
        let tail = Segment {
            line: line + self.dropped.1 + newlines(&cut) + newlines(&self.tail),
            offset: offset + self.dropped.0 + wide(cut.len() + self.tail.len()),
            bytes: after,
        };
        let mut segments = vec![head];
        segments.extend(self.passages.between((line, offset), (tail.line, tail.offset)));
        segments.push(tail);
        Kept(with_gaps(segments))
    }
}

/// Tells what is missing between segments; those without anything between them become one.
fn with_gaps(segments: Vec<Segment>) -> Vec<(Segment, Option<Gap>)> {
    let mut out: Vec<(Segment, Option<Gap>)> = Vec::new();
    for segment in segments {
        if let Some((last, gap)) = out.last_mut() {
            let (line, offset) = last.end();
            if segment.offset == offset {
                last.bytes.extend_from_slice(&segment.bytes);
                continue;
            }
            let (lines, bytes) = (segment.line.saturating_sub(line), segment.offset.saturating_sub(offset));
            *gap = Some(Gap { after_line: line.saturating_sub(1), lines, bytes });
        }
        out.push((segment, None));
    }
    out
}

pub(super) fn newlines(bytes: &[u8]) -> u64 {
    wide(memchr::memchr_iter(b'\n', bytes).count())
}

/// A reader that shows a [`Keep`] what passes through it.
pub struct Tee {
    reader: Box<dyn Read>,
    keep: Rc<RefCell<Keep>>,
}

impl Tee {
    /// Puts itself around a reader; the other end is for who waits for its last byte.
    #[must_use]
    pub fn around(reader: Box<dyn Read>, limits: Limits) -> (Self, Rc<RefCell<Keep>>) {
        let keep = Rc::new(RefCell::new(Keep::new(limits)));
        (Self { reader, keep: Rc::clone(&keep) }, keep)
    }
}

impl Read for Tee {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(space)?;
        self.keep.borrow_mut().push(space.get(..count).unwrap_or_default());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { head: 20, middle: 1000, tail: 30 };

    fn text(lines: std::ops::RangeInclusive<u32>) -> String {
        lines.map(|number| format!("line {number:02}\n")).collect()
    }

    fn kept(text: &[u8], step: usize, hits: &[usize]) -> Kept {
        let mut keep = Keep::new(LIMITS);
        text.chunks(step).for_each(|chunk| keep.push(chunk));
        hits.iter().for_each(|at| keep.note(&Window::whole(text), *at));
        keep.finish()
    }

    #[test]
    fn a_short_log_is_kept_whole() {
        let text = b"one\ntwo\nthree\n".repeat(3);
        assert_eq!(kept(&text, 7, &[]), Kept::whole(text.clone()));
    }

    #[test]
    fn of_a_long_log_whole_lines_of_both_ends_are_kept_and_the_rest_is_counted() {
        for step in [1, 3, 64, 1000] {
            let Kept(parts) = kept(text(1..=40).as_bytes(), step, &[0]);
            let [(head, Some(gap)), (tail, None)] = parts.as_slice() else { panic!("{parts:?}") };
            assert_eq!((head.line, head.bytes.as_slice()), (1, b"line 01\nline 02\n".as_slice()));
            assert_eq!((tail.line, tail.offset), (38, 37 * 8));
            assert_eq!(tail.bytes, text(38..=40).as_bytes());
            assert_eq!(*gap, Gap { after_line: 2, lines: 35, bytes: 35 * 8 }, "step {step}");
        }
    }

    #[test]
    fn what_lies_around_hits_between_the_ends_is_kept_once() {
        let whole = text(1..=99);
        let at = |line: usize| (line - 1) * 8 + 2;
        let Kept(parts) = kept(whole.as_bytes(), 100, &[at(50), at(52), at(98)]);
        let [(_, Some(first)), (middle, Some(second)), (tail, None)] = parts.as_slice() else { panic!("{parts:?}") };
        assert!(middle.line < 50 && middle.end().0 > 52);
        let last = u32::try_from(middle.end().0 - 1).unwrap();
        assert_eq!(middle.bytes, text(u32::try_from(middle.line).unwrap()..=last).as_bytes());
        assert_eq!((first.after_line, first.lines), (2, middle.line - 3));
        assert_eq!((second.after_line, second.lines), (u64::from(last), tail.line - middle.end().0));
        // Around line 98 lines are wanted from 88 on; they and the end are one.
        assert_eq!((tail.line, tail.bytes.as_slice()), (88, text(88..=99).as_bytes()));
    }

    #[test]
    fn half_a_line_is_not_kept() {
        let Kept(parts) = kept("x".repeat(5000).as_bytes(), 100, &[3000]);
        let sizes: Vec<usize> = parts.iter().map(|(segment, _)| segment.bytes.len()).collect();
        assert_eq!(sizes, [0, 0]);
        assert_eq!(parts[0].1, Some(Gap { after_line: 0, lines: 0, bytes: 5000 }));
    }
}
