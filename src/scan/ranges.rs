//! A large file on several cores: ranges of it are scanned side by side, and what was hit is judged by one thread in order.
//!
//! The sink sees the same hits in the same order, with windows that hold as much around each, as in [`super::scan`].

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek as _};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;

use super::Prefilter;
use super::window::{AHEAD, HISTORY, PART, READ, Sink, Totals, Window};
use crate::num::{narrow, wide};

/// Smaller files are read by one thread: they are done before another has begun.
pub const LARGE: u64 = 32 << 20;
/// More threads than this only wait for the memory.
pub const MOST: usize = 8;

/// What a thread found in one range.
#[derive(Debug, Default)]
struct Found {
    /// Bytes of the range; fewer than [`READ`] only at the end of the file.
    length: usize,
    newlines: u64,
    /// Offset in the file just behind the first line break.
    second_line: Option<u64>,
    /// Offset in the file of the first literal of each line that has one; the first line may have begun before the range.
    hits: Vec<u64>,
}

/// As [`super::scan`], for a file that can be read at any place, with `threads` threads beside the caller's.
///
/// # Errors
/// The file's, after everything before it was judged; the totals so far come with it.
pub fn scan_file(
    file: &File,
    threads: usize,
    prefilter: &dyn Prefilter,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(u64),
) -> (Totals, io::Result<()>) {
    let turn = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(threads * 2);
        let mut working = 0;
        for _ in 0..threads {
            let (sender, turn) = (sender.clone(), &turn);
            let begun = Builder::new().spawn_scoped(scope, move || work(file, prefilter, turn, &sender));
            // The system may give no thread, or fewer.
            working += usize::from(begun.is_ok());
        }
        drop(sender);
        if working == 0 {
            return alone(file, prefilter, sink, progress);
        }
        let outcome =
            Order { file, base: 0, bytes: Vec::new(), line: 1, behind: 0, open: false }.run(&receiver, sink, progress);
        // No range begins there.
        turn.store(u64::MAX / 2, Ordering::Relaxed);
        outcome
    })
}

/// The same without a further thread.
fn alone(
    mut file: &File,
    prefilter: &dyn Prefilter,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(u64),
) -> (Totals, io::Result<()>) {
    match file.rewind() {
        Ok(()) => super::scan(&mut file, prefilter, sink, progress),
        Err(error) => (Totals::default(), Err(error)),
    }
}

type Message = (u64, io::Result<Found>);

/// Scans one range after the other until the file ends or nobody listens.
fn work(file: &File, prefilter: &dyn Prefilter, turn: &AtomicU64, sender: &SyncSender<Message>) {
    let mut buffer = vec![0; READ + prefilter.longest()];
    loop {
        let number = turn.fetch_add(1, Ordering::Relaxed);
        let Some(start) = number.checked_mul(wide(READ)) else { return };
        let found = read_at(file, &mut buffer, start)
            .map(|filled| look(buffer.get(..filled).unwrap_or_default(), start, prefilter));
        let over = found.as_ref().map_or(true, |found| found.length < READ);
        if sender.send((number, found)).is_err() || over {
            return;
        }
    }
}

/// Looks through a range of which `bytes` begins at `start`; what lies behind [`READ`] bytes only ends literals.
fn look(bytes: &[u8], start: u64, prefilter: &dyn Prefilter) -> Found {
    let length = bytes.len().min(READ);
    let range = bytes.get(..length).unwrap_or_default();
    let second_line = memchr::memchr(b'\n', range).map(|at| start + wide(at) + 1);
    let mut found = Found { length, second_line, ..Found::default() };
    let mut from = 0;
    // Lines are counted while their bytes are still near the processor.
    for part in (0..length).step_by(PART) {
        let end = length.min(part + PART);
        let counted = prefilter.each(bytes, from.max(part), end, &mut |hit| {
            found.hits.push(start + wide(hit.start));
            from = memchr::memchr(b'\n', bytes.get(hit.start..).unwrap_or_default())
                .map_or(bytes.len(), |at| hit.start + at + 1);
            from
        });
        let counted = counted.filter(|_| from <= part).map(wide);
        found.newlines += counted.unwrap_or_else(|| newlines(range.get(part..end).unwrap_or_default()));
    }
    found
}

fn newlines(bytes: &[u8]) -> u64 {
    wide(memchr::memchr_iter(b'\n', bytes).count())
}

/// Reads until the buffer is full or the file ends.
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(space) = buffer.get_mut(filled..).filter(|space| !space.is_empty()) {
        match file.read_at(space, offset + wide(filled)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
            Ok(0) => break,
            Ok(count) => filled += count,
        }
    }
    Ok(filled)
}

/// Judges what was found, in the order of the file.
struct Order<'a> {
    file: &'a File,
    /// Offset of the first of `bytes` in the file.
    base: u64,
    bytes: Vec<u8>,
    /// Number of the line at the beginning of the next range.
    line: u64,
    /// Everything before this offset belongs to lines that were judged.
    behind: u64,
    /// The line judged last goes on at `behind`.
    open: bool,
}

impl Order<'_> {
    fn run(
        mut self,
        receiver: &Receiver<Message>,
        sink: &mut dyn Sink,
        progress: &mut dyn FnMut(u64),
    ) -> (Totals, io::Result<()>) {
        let mut early: BTreeMap<u64, io::Result<Found>> = BTreeMap::new();
        let mut total = 0;
        let mut outcome = self.load(0, wide(READ));
        sink.begin(&Window::part(&self.bytes, 0, (0, 1)));
        let mut next = 0;
        while outcome.is_ok() {
            let found = loop {
                if let Some(found) = early.remove(&next) {
                    break found;
                }
                let Ok((number, found)) = receiver.recv() else { break Ok(Found::default()) };
                early.insert(number, found);
            };
            next += 1;
            match found {
                Ok(found) => {
                    outcome = self.judge(&found, total, sink);
                    total += wide(found.length);
                    self.line += found.newlines;
                    progress(total);
                    if found.length < READ {
                        break;
                    }
                }
                Err(error) => outcome = Err(error),
            }
        }
        let loaded = self.load(total.saturating_sub(2 * wide(HISTORY)), total);
        let end = self.bytes.len();
        sink.end(&Window::part(&self.bytes, self.base, (end, self.line)));
        let last = self.bytes.last().is_some_and(|byte| *byte != b'\n');
        (Totals { bytes: total, lines: self.line - 1 + u64::from(last) }, outcome.and(loaded))
    }

    /// Tells the sink of the hits of the range that begins at `start`.
    fn judge(&mut self, found: &Found, start: u64, sink: &mut dyn Sink) -> io::Result<()> {
        if self.open
            && let Some(second) = found.second_line
        {
            (self.behind, self.open) = (second, false);
        }
        if self.open || found.hits.last().is_none_or(|last| *last < self.behind) {
            return Ok(());
        }
        self.load(start.saturating_sub(wide(HISTORY)), start + wide(READ + AHEAD))?;
        let mut window = Window::part(&self.bytes, self.base, (narrow(start - self.base), self.line));
        for hit in &found.hits {
            if self.open || *hit < self.behind {
                continue;
            }
            let at = narrow(hit - self.base);
            window = window.near(at);
            sink.hit(&window, at);
            let next = window.next_line(at);
            self.open = next == window.bytes.len() && window.bytes.last() != Some(&b'\n');
            self.behind = self.base + wide(next);
        }
        Ok(())
    }

    /// Makes `bytes` hold the file from `from` to `to`, or to its end; keeps what of it is there.
    fn load(&mut self, from: u64, to: u64) -> io::Result<()> {
        let end = self.base + wide(self.bytes.len());
        let kept = if (self.base..=end).contains(&from) { narrow(from - self.base) } else { self.bytes.len() };
        self.bytes.drain(..kept);
        self.base = from;
        let filled = self.bytes.len();
        let wanted = narrow(to.saturating_sub(from));
        self.bytes.resize(wanted.max(filled), 0);
        let space = self.bytes.get_mut(filled..).unwrap_or_default();
        let outcome = read_at(self.file, space, from + wide(filled));
        self.bytes.truncate(filled + outcome.as_ref().copied().unwrap_or(0));
        // At the end no more than was scanned.
        self.bytes.truncate(wanted);
        outcome.map(drop)
    }
}
