//! A log of a bundle with empty lines for the missing ones.

use std::collections::VecDeque;
use std::io::{self, Read};

use memchr::memchr;

use super::keep::Gap;
use super::lines::marker;
use crate::num::{narrow, wide};

/// Most missing lines that are given back; a manifest can claim any number.
const MOST: u64 = 256 * 1024 * 1024;

enum Part {
    Bytes(io::Cursor<Vec<u8>>),
    /// So many empty lines.
    Blank(u64),
}

/// Reads the parts in order.
pub(super) struct Restored(VecDeque<Part>);

impl Restored {
    /// A member's bytes, and what its manifest says is missing. Where no line says so too, nothing is put in.
    pub(super) fn new(bytes: &[u8], gaps: &[Gap]) -> Self {
        let (mut parts, mut rest, mut blanks) = (VecDeque::new(), bytes, 0_u64);
        // Number of the first line of the rest, in the log.
        let mut line = 1_u64;
        for gap in gaps {
            let before = gap.after_line.saturating_add(1).saturating_sub(line);
            let Some(at) = nth_line(rest, before) else { break };
            let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, &[]));
            let marker = format!("{}\n", marker(gap));
            let Some(after) = tail.strip_prefix(marker.as_bytes()) else { break };
            blanks = blanks.saturating_add(gap.lines);
            if blanks > MOST {
                break;
            }
            parts.push_back(Part::Bytes(io::Cursor::new(head.to_vec())));
            parts.push_back(Part::Blank(gap.lines));
            (rest, line) = (after, gap.after_line.saturating_add(1).saturating_add(gap.lines));
        }
        parts.push_back(Part::Bytes(io::Cursor::new(rest.to_vec())));
        Self(parts)
    }
}

/// Where the line behind so many begins.
fn nth_line(bytes: &[u8], lines: u64) -> Option<usize> {
    let mut at = 0;
    for _ in 0..lines {
        at += memchr(b'\n', bytes.get(at..)?)? + 1;
    }
    Some(at)
}

impl Read for Restored {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = self.0.front_mut() {
            let count = match part {
                Part::Bytes(bytes) => bytes.read(space)?,
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
            self.0.pop_front();
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, gaps: &[Gap]) -> String {
        io::read_to_string(Restored::new(text.as_bytes(), gaps)).unwrap()
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
        for gap in
            [Gap { after_line: u64::MAX, lines: u64::MAX, bytes: 0 }, Gap { after_line: 1, lines: u64::MAX, bytes: 0 }]
        {
            let text = format!("1\n{}\n2\n", marker(&gap));
            assert_eq!(read(&text, &[gap]), text);
        }
    }
}
