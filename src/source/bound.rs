//! Decompression has an end: a few kilobytes can be made to stand for terabytes.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// So much comes out whatever went in.
const FREE: u64 = 512 << 20;
/// Behind that, so much comes out for each byte that went in. Logs that repeat one line for hours are packed 100-fold, with their stamps.
const RATIO: u64 = 250;

/// Counts the bytes taken from a reader.
pub(super) struct Counted {
    reader: Box<dyn Read>,
    taken: Rc<Cell<u64>>,
}

impl Counted {
    /// The reader and its count.
    pub(super) fn new(reader: Box<dyn Read>) -> (Self, Rc<Cell<u64>>) {
        let taken = Rc::new(Cell::new(0));
        (Self { reader, taken: Rc::clone(&taken) }, taken)
    }
}

impl Read for Counted {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(space)?;
        self.taken.set(self.taken.get() + crate::num::wide(count));
        Ok(count)
    }
}

/// A decoder that stops when out of all proportion more comes out than went in.
pub(super) struct Bounded {
    reader: Box<dyn Read>,
    taken: Rc<Cell<u64>>,
    given: u64,
}

impl Bounded {
    /// Bounds what `reader` makes of the bytes that `taken` counts.
    pub(super) fn around(reader: Box<dyn Read>, taken: &Rc<Cell<u64>>) -> Box<dyn Read> {
        Box::new(Self { reader, taken: Rc::clone(taken), given: 0 })
    }
}

impl Read for Bounded {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.given > FREE && self.given / RATIO > self.taken.get() {
            let what = format!("the compressed data grows more than {RATIO}-fold, as no log does");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let count = self.reader.read(space)?;
        self.given += crate::num::wide(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounded(given: u64, taken: u64) -> io::Result<usize> {
        let taken = Rc::new(Cell::new(taken));
        Bounded { reader: Box::new(io::repeat(b'x')), taken, given }.read(&mut [0; 10])
    }

    #[test]
    fn only_what_is_large_and_out_of_proportion_is_stopped() {
        assert!(bounded(FREE, 1).is_ok(), "small");
        assert!(bounded(100 * FREE, FREE).is_ok(), "a log");
        let error = bounded(FREE + RATIO, FREE / RATIO - 1).unwrap_err();
        assert!(error.to_string().contains("250-fold"), "{error}");
    }

    #[test]
    fn what_is_taken_is_counted() {
        let (mut reader, taken) = Counted::new(Box::new(&b"twelve bytes"[..]));
        assert_eq!(reader.read(&mut [0; 5]).unwrap(), 5);
        io::copy(&mut reader, &mut io::sink()).unwrap();
        assert_eq!(taken.get(), 12);
    }
}
