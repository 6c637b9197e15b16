//! Logs written by Windows tools: UTF-16 becomes UTF-8 on the fly.

use std::io::{self, Read};

use super::Reader;

/// Decodes UTF-16; unpaired surrogates become U+FFFD.
pub(super) struct Utf16 {
    reader: Reader,
    big: bool,
    input: Vec<u8>,
    output: Vec<u8>,
    given: usize,
    over: bool,
}

impl Utf16 {
    /// Whether the first bytes are UTF-16, and if so whether big-endian: by the mark, or by ASCII text with every other byte zero.
    pub(super) fn detect(head: &[u8]) -> Option<bool> {
        match head {
            [0xff, 0xfe, ..] => return Some(false),
            [0xfe, 0xff, ..] => return Some(true),
            _ => {}
        }
        let pairs = head.chunks_exact(2).take(64);
        let total = pairs.len();
        let low = pairs.clone().filter(|pair| matches!(pair, [1..=0x7f, 0])).count();
        let high = pairs.filter(|pair| matches!(pair, [0, 1..=0x7f])).count();
        (total >= 8).then_some(()).and_then(|()| {
            if low * 10 >= total * 9 {
                Some(false)
            } else if high * 10 >= total * 9 {
                Some(true)
            } else {
                None
            }
        })
    }

    pub(super) fn new(reader: Reader, big: bool) -> Self {
        Self { reader, big, input: Vec::new(), output: Vec::new(), given: 0, over: false }
    }

    fn decode(&mut self) {
        let usable = self.input.len() / 2 * 2;
        let mut units: Vec<u16> = Vec::with_capacity(usable / 2);
        for pair in self.input.chunks_exact(2) {
            let [first, second] = pair else { continue };
            units.push(if self.big {
                u16::from_be_bytes([*first, *second])
            } else {
                u16::from_le_bytes([*first, *second])
            });
        }
        let mut kept = self.input.split_off(usable);
        if !self.over && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            units.pop();
            kept = [self.input.split_off(usable - 2), kept].concat();
        }
        self.input = kept;
        let text = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
        self.output = text.filter(|c| *c != '\u{feff}').collect::<String>().into_bytes();
        self.given = 0;
    }
}

impl Read for Utf16 {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() {
            if self.over {
                return Ok(0);
            }
            let mut chunk = vec![0; 32 * 1024];
            let count = self.reader.read(&mut chunk)?;
            self.over = count == 0;
            self.input.extend_from_slice(chunk.get(..count).unwrap_or_default());
            self.decode();
        }
        let mut rest = self.output.get(self.given..).unwrap_or_default();
        let count = rest.read(space)?;
        self.given += count;
        Ok(count)
    }
}
