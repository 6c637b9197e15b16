//! A large file on several cores: ranges of it are scanned side by side, and what was hit is judged by one thread in order.
//!
//! The sink sees the same hits in the same order, with windows that hold as much around each as it looks at, as in [`super::scan`].

use std::fs::File;
use std::io::{self, Seek as _};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

use super::Prefilter;
use super::order::Order;
use super::window::{PART, READ, Sink, Totals};
use crate::num::wide;

/// Smaller files are read by one thread: they are done before another has begun.
pub const LARGE: u64 = 32 << 20;
/// More threads than this only wait for the memory.
pub const MOST: usize = 8;
/// Buffers that lie with the judge or on the way there, beside the one of each thread.
const SPARE: usize = 2;

/// What a thread found in one range.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Bytes of the range; fewer than [`READ`] only at the end of the file.
    pub(super) length: usize,
    pub(super) newlines: u64,
    /// Offset in the range just behind its first line break.
    pub(super) second_line: Option<usize>,
    /// Offset in the range of the first literal of each line that has one; the first line may have begun before the range.
    pub(super) hits: Vec<usize>,
    /// The line of the last hit goes on behind the range.
    pub(super) open: bool,
    /// The range and a little of what follows, where somebody will look at it. The judge gives the buffer back.
    pub(super) buffer: Vec<u8>,
    /// So much of the buffer was read.
    pub(super) filled: usize,
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
    let (back, spare) = channel();
    let spare = Mutex::new(spare);
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(threads * 2);
        let mut working = 0;
        for _ in 0..threads {
            let (sender, turn, spare) = (sender.clone(), &turn, &spare);
            let begun = Builder::new().spawn_scoped(scope, move || work(file, prefilter, turn, &sender, spare));
            // The system may give no thread, or fewer.
            working += usize::from(begun.is_ok());
        }
        drop(sender);
        if working == 0 {
            return alone(file, prefilter, sink, progress);
        }
        for _ in 0..working + SPARE {
            // Nobody waits for it where all threads are over.
            let _over = back.send(Vec::new());
        }
        let outcome = Order::new(file).run(&receiver, &back, sink, progress);
        // No range begins there, and no buffer comes back.
        turn.store(u64::MAX / 2, Ordering::Relaxed);
        drop(back);
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

/// The number of a range, and what was found there.
pub(super) type Message = (u64, io::Result<Found>);

/// Scans one range after the other until the file ends or nobody listens.
fn work(
    file: &File,
    prefilter: &dyn Prefilter,
    turn: &AtomicU64,
    sender: &SyncSender<Message>,
    spare: &Mutex<Receiver<Vec<u8>>>,
) {
    let mut buffer = Vec::new();
    loop {
        if buffer.is_empty() {
            // First the buffer, then the number: the range that the judge waits for always has one.
            let Ok(given) = spare.lock().unwrap_or_else(PoisonError::into_inner).recv() else { return };
            buffer = given;
            buffer.resize(READ + prefilter.longest(), 0);
        }
        let number = turn.fetch_add(1, Ordering::Relaxed);
        let Some(start) = number.checked_mul(wide(READ)) else { return };
        let found = read_at(file, &mut buffer, start).map(|filled| {
            let mut found = look(buffer.get(..filled).unwrap_or_default(), prefilter);
            if number == 0 || !found.hits.is_empty() {
                found.buffer = std::mem::take(&mut buffer);
            }
            found
        });
        let over = found.as_ref().map_or(true, |found| found.length < READ);
        if sender.send((number, found)).is_err() || over {
            return;
        }
    }
}

/// Looks through a range, with which `bytes` begins; what lies behind [`READ`] bytes only ends literals.
fn look(bytes: &[u8], prefilter: &dyn Prefilter) -> Found {
    let length = bytes.len().min(READ);
    let range = bytes.get(..length).unwrap_or_default();
    let second_line = memchr::memchr(b'\n', range).map(|at| at + 1);
    let mut found = Found { length, second_line, filled: bytes.len(), ..Found::default() };
    let mut from = 0;
    // Lines are counted while their bytes are still near the processor.
    for part in (0..length).step_by(PART) {
        let end = length.min(part + PART);
        let counted = prefilter.each(bytes, from.max(part), end, &mut |hit| {
            found.hits.push(hit.start);
            from = memchr::memchr(b'\n', bytes.get(hit.start..).unwrap_or_default())
                .map_or(bytes.len(), |at| hit.start + at + 1);
            from
        });
        let counted = counted.filter(|_| from <= part).map(wide);
        found.newlines += counted.unwrap_or_else(|| newlines(range.get(part..end).unwrap_or_default()));
    }
    let rest = found.hits.last().and_then(|last| range.get(*last..));
    found.open = rest.is_some_and(|rest| memchr::memchr(b'\n', rest).is_none());
    found
}

fn newlines(bytes: &[u8]) -> u64 {
    wide(memchr::memchr_iter(b'\n', bytes).count())
}

/// Reads until the buffer is full or the file ends.
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
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
