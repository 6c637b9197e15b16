//! Decompression has an end: a few kilobytes can be made to stand for terabytes.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Reader;

/// So much comes out whatever went in.
const FREE: u64 = 512 << 20;
/// Behind that, so much comes out for each byte that went in. Logs that repeat one line for hours are packed 100-fold, with their stamps.
const RATIO: u64 = 250;

/// Counts the bytes taken from a reader.
pub(super) struct Counted {
    reader: Reader,
    taken: Arc<AtomicU64>,
}

impl Counted {
    /// The reader and its count.
    pub(super) fn new(reader: Reader) -> (Self, Arc<AtomicU64>) {
        let taken = Arc::new(AtomicU64::new(0));
        (Self { reader, taken: Arc::clone(&taken) }, taken)
    }
}

impl Read for Counted {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(space)?;
        self.taken.fetch_add(crate::num::wide(count), Ordering::Relaxed);
        Ok(count)
    }
}

/// A decoder that stops when out of all proportion more comes out than went in.
pub(super) struct Bounded {
    reader: Reader,
    taken: Arc<AtomicU64>,
    given: u64,
}

impl Bounded {
    /// Bounds what `reader` makes of the bytes that `taken` counts.
    pub(super) fn around(reader: Reader, taken: &Arc<AtomicU64>) -> Reader {
        Box::new(Self { reader, taken: Arc::clone(taken), given: 0 })
    }
}

impl Read for Bounded {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.given > FREE && self.given / RATIO > self.taken.load(Ordering::Relaxed) {
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
        let taken = Arc::new(AtomicU64::new(taken));
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
        assert_eq!(taken.load(Ordering::Relaxed), 12);
    }
}
