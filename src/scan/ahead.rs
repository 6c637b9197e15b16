//! Reading ahead: one thread reads, and decodes, while the caller's scans. What is seen is the same as in [`super::scan`], read by read.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Builder, Scope, scope};

use super::Prefilter;
use super::window::{READ, Sink, Totals, fill};
use crate::num::wide;

/// So much the caller's thread reads itself: smaller inputs are done before another has begun.
const ALONE: u64 = 4 << 20;
/// Reads that may lie on the way.
const PIECES: usize = 4;

/// As [`super::scan`]; behind the first MiB another thread reads.
///
/// # Errors
/// The reader's, after everything before it was judged; the totals so far come with it.
pub fn scan_ahead(
    reader: &mut (dyn Read + Send),
    prefilter: &dyn Prefilter,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(u64),
) -> (Totals, io::Result<()>) {
    scope(|scope| {
        let mut ahead = Ahead { scope, reader: Some(reader), given: 0, refused: false, handed: None };
        super::scan(&mut ahead, prefilter, sink, progress)
    })
}

/// What one read of the window gives.
struct Piece {
    buffer: Vec<u8>,
    filled: usize,
    /// Whether there is more.
    outcome: io::Result<bool>,
}

/// Reads itself for a while, then takes what another thread has read.
struct Ahead<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    /// Until another thread has it.
    reader: Option<&'scope mut (dyn Read + Send)>,
    given: u64,
    /// The system gave no thread.
    refused: bool,
    handed: Option<Handed>,
}

impl Ahead<'_, '_> {
    /// Hands the reader to another thread.
    fn begin(&mut self) {
        let (lend, lent) = channel::<&mut (dyn Read + Send)>();
        let (sender, pieces) = sync_channel(PIECES);
        let (back, spare) = channel();
        let work = move || lent.recv().map_or((), |reader| read(reader, &sender, &spare));
        self.refused = Builder::new().spawn_scoped(self.scope, work).is_err();
        if self.refused {
            return;
        }
        if let Some(reader) = self.reader.take() {
            // It waits for nothing else.
            let _begun = lend.send(reader);
        }
        for _ in 0..PIECES {
            let _begun = back.send(vec![0; READ]);
        }
        self.handed = Some(Handed { pieces, back, piece: None, at: 0 });
    }
}

impl Read for Ahead<'_, '_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        // Only where a read of the window begins, so that its pieces are the same.
        if self.handed.is_none() && !self.refused && self.given >= ALONE && space.len() >= READ {
            self.begin();
        }
        match (&mut self.handed, &mut self.reader) {
            (Some(handed), _) => handed.read(space),
            (None, Some(reader)) => {
                let count = reader.read(space)?;
                self.given += wide(count);
                Ok(count)
            }
            (None, None) => Ok(0),
        }
    }
}

/// Reads as the window would, until the input is over or nobody takes it.
fn read(reader: &mut dyn Read, sender: &SyncSender<Piece>, spare: &Receiver<Vec<u8>>) {
    while let Ok(mut buffer) = spare.recv() {
        let (filled, outcome) = fill(reader, &mut buffer);
        let over = !matches!(outcome, Ok(true));
        if sender.send(Piece { buffer, filled, outcome }).is_err() || over {
            return;
        }
    }
}

/// What another thread has read.
struct Handed {
    pieces: Receiver<Piece>,
    back: Sender<Vec<u8>>,
    /// The one that is given, from `at` on.
    piece: Option<Piece>,
    at: usize,
}

impl Read for Handed {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(piece) = &mut self.piece else {
                // Without a sender the input is over.
                let Ok(piece) = self.pieces.recv() else { return Ok(0) };
                (self.piece, self.at) = (Some(piece), 0);
                continue;
            };
            let mut rest = piece.buffer.get(self.at..piece.filled).unwrap_or_default();
            if !rest.is_empty() {
                let count = rest.read(space)?;
                self.at += count;
                return Ok(count);
            }
            match std::mem::replace(&mut piece.outcome, Ok(false)) {
                Ok(false) => return Ok(0),
                Ok(true) => {
                    let buffer = std::mem::take(&mut piece.buffer);
                    self.piece = None;
                    // The thread may be over.
                    let _over = self.back.send(buffer);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Plain, Window, scan};
    use super::*;
    use crate::num::Dice;

    /// All that a sink is shown: the windows with their hits.
    #[derive(Debug, Default, PartialEq)]
    struct Seen(Vec<(u64, usize, usize)>);

    impl Sink for Seen {
        fn pass(&mut self, _: &Window<'_>) {}
        fn hit(&mut self, window: &Window<'_>, at: usize, _: usize) -> usize {
            self.0.push((window.base, window.bytes.len(), at));
            window.next_line(at)
        }
        fn begin(&mut self, window: &Window<'_>) {
            self.hit(window, 0, 0);
        }
        fn end(&mut self, window: &Window<'_>) {
            self.hit(window, window.bytes.len(), 0);
        }
    }

    /// Hands out a text in steps of chance, with interruptions, and an error at its end.
    struct Drip<'t>(&'t [u8], Dice, usize, Option<io::ErrorKind>);

    impl Read for Drip<'_> {
        fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
            if self.1.below(50) == 0 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if let Some(kind) = self.3.filter(|_| self.0.is_empty()) {
                return Err(kind.into());
            }
            let step = 1 + self.1.below(self.2);
            let count = self.0.len().min(step).min(space.len());
            space[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn every_window_is_the_same() {
        let alone = usize::try_from(ALONE).unwrap();
        let mut dice = Dice(7);
        let mut text = Vec::new();
        while text.len() < 3 * alone {
            text.resize(text.len() + dice.below(9_000), b'.');
            text.extend_from_slice(if dice.below(3) == 0 { b"needle\n" } else { b"\n" });
        }
        let prefilter = Plain::new(&["needle".to_owned()]);
        for (length, step) in
            [(0, 9), (alone, 90_000), (alone + 1, 70_000), (2 * alone + 77, 262_144), (3 * alone, 300_000)]
        {
            for error in [None, Some(io::ErrorKind::UnexpectedEof)] {
                let drip = || Drip(&text[..length], Dice(wide(step)), step, error);
                let (mut here, mut ahead) = (Seen::default(), Seen::default());
                let (totals, outcome) = scan(&mut drip(), &prefilter, &mut here, &mut |_| {});
                let (again, other) = scan_ahead(&mut drip(), &prefilter, &mut ahead, &mut |_| {});
                assert_eq!((again, other.err().map(|e| e.kind())), (totals, outcome.err().map(|e| e.kind())));
                assert!(here == ahead, "{length} bytes in steps of {step}");
            }
        }
    }
}
