//! A log of a bundle with empty lines for the missing ones.

use std::collections::VecDeque;
use std::io::{self, Read};

use memchr::memchr;

use super::keep::Gap;
use super::lines::marker;
use crate::num::{narrow, wide};

enum Part {
    /// Bytes of the member, from here to there.
    Bytes(usize, usize),
    /// So many empty lines.
    Blank(u64),
}

/// Reads the parts in order.
pub(super) struct Restored {
    bytes: Vec<u8>,
    parts: VecDeque<Part>,
}

impl Restored {
    /// A member's bytes, and what its manifest says is missing. Where no line says so too, nothing is put in.
    pub(super) fn new(bytes: Vec<u8>, gaps: &[Gap]) -> Self {
        let (mut parts, mut at) = (VecDeque::new(), 0);
        // Number, in the log, of the line at `at`.
        let mut line = 1_u64;
        for gap in gaps {
            let before = gap.after_line.saturating_add(1).saturating_sub(line);
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(length) = length(rest, before) else { break };
            let marker = format!("{}\n", marker(gap));
            if !rest.get(length..).unwrap_or_default().starts_with(marker.as_bytes()) {
                break;
            }
            parts.push_back(Part::Bytes(at, at + length));
            parts.push_back(Part::Blank(gap.lines));
            at += length + marker.len();
            line = gap.after_line.saturating_add(1).saturating_add(gap.lines);
        }
        parts.push_back(Part::Bytes(at, bytes.len()));
        Self { bytes, parts }
    }
}

/// Bytes of so many lines, if there are as many.
fn length(bytes: &[u8], lines: u64) -> Option<usize> {
    let mut at = 0;
    for _ in 0..lines {
        at += memchr(b'\n', bytes.get(at..)?)? + 1;
    }
    Some(at)
}

impl Read for Restored {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = self.parts.front_mut() {
            let count = match part {
                Part::Bytes(at, end) => {
                    let count = self.bytes.get(*at..*end).unwrap_or_default().read(space)?;
                    *at += count;
                    count
                }
                Part::Blank(left) => {
                    let count = narrow(*left).min(space.len());
                    space.iter_mut().take(count).for_each(|byte| *byte = b'\n');
                    *left -= wide(count);
                    count
                }
            };
            if count > 0 || space.is_empty() {
                return Ok(count);
            }
            self.parts.pop_front();
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, gaps: &[Gap]) -> String {
        io::read_to_string(Restored::new(text.as_bytes().to_vec(), gaps)).unwrap()
    }

    #[test]
    fn every_line_has_its_number_again() {
        let gaps = [Gap { after_line: 2, lines: 3, bytes: 30 }, Gap { after_line: 6, lines: 1, bytes: 9 }];
        let text = format!("1\n2\n{}\n6\n{}\n8\n9", marker(&gaps[0]), marker(&gaps[1]));
        assert_eq!(read(&text, &gaps), "1\n2\n\n\n\n6\n\n8\n9");
        assert_eq!(read("a\n\nb", &[]), "a\n\nb");
    }

    #[test]
    fn what_a_manifest_claims_is_not_believed_without_the_line() {
        let gap = Gap { after_line: 1, lines: 3, bytes: 30 };
        assert_eq!(read("1\n2\n", &[gap]), "1\n2\n");
        let far = Gap { after_line: u64::MAX, lines: u64::MAX, bytes: 0 };
        let text = format!("1\n{}\n2\n", marker(&far));
        assert_eq!(read(&text, &[far]), text);
    }
}
