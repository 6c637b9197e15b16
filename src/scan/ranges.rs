//! A large file by ranges, which are scanned side by side on several cores; what was hit is judged by one thread in order.
//!
//! The sink sees the same hits in the same order, with windows that hold as much around each as it looks at, as in [`super::scan`]. One thread
//! alone goes through the file as through any other input, but keeps less of it: a buffer of one range stays in the processor's second cache.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

use super::Prefilter;
use super::buffer::Buffer;
use super::order::{Order, second_line};
use super::window::{PART, RANGE, Sink, State, Totals, Window};
use crate::num::wide;

/// Smaller files are done before another thread has begun.
pub const LARGE: u64 = 32 << 20;
/// More threads than this only wait for the memory.
pub const MOST: usize = 8;
/// Buffers that lie with the judge or on the way there, beside the one of each thread.
const SPARE: usize = 2;

/// What a thread found in one range.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Bytes of the range; fewer than [`RANGE`] only at the end of the file.
    pub(super) length: usize,
    pub(super) newlines: u64,
    /// Offset in the range just behind its first line break.
    pub(super) second_line: Option<usize>,
    /// Offset in the range of the first literal of each line that has one; the first line may have begun before the range.
    pub(super) hits: Vec<usize>,
    /// The line of the last hit goes on behind the range.
    pub(super) open: bool,
    /// The range and a little of what follows, where somebody will look at it. The judge gives the buffer back.
    pub(super) buffer: Buffer,
    /// So much of the buffer was read.
    pub(super) filled: usize,
}

/// As [`super::scan`], for a file that can be read at any place: by the caller alone, or by `threads` threads beside it if they are several.
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
    if threads < 2 {
        return alone(file, prefilter, sink, progress);
    }
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
            let _over = back.send(Buffer::default());
        }
        let (mut order, mut early, mut outcome) = (Order::new(file), BTreeMap::new(), Ok(()));
        for number in 0.. {
            let judged = in_turn(number, &receiver, &mut early).and_then(|found| {
                judge(&mut order, &found, sink)?;
                let more = order.pass(&found, progress);
                if more && !found.buffer.is_empty() {
                    // The threads may be over.
                    let _over = back.send(found.buffer);
                }
                Ok(more)
            });
            if !judged.as_ref().is_ok_and(|more| *more) {
                outcome = judged.map(drop);
                break;
            }
        }
        // No range begins there, and no buffer comes back.
        turn.store(u64::MAX / 2, Ordering::Relaxed);
        drop(back);
        order.finish(outcome, sink)
    })
}

/// What was found in the range of this number; `early` keeps what comes before its turn.
fn in_turn(
    number: u64,
    receiver: &Receiver<Message>,
    early: &mut BTreeMap<u64, io::Result<Found>>,
) -> io::Result<Found> {
    loop {
        if let Some(found) = early.remove(&number) {
            return found;
        }
        let Ok((other, found)) = receiver.recv() else { return Ok(Found::default()) };
        early.insert(other, found);
    }
}

/// Judges what a thread found in a range.
fn judge(order: &mut Order<'_>, found: &Found, sink: &mut dyn Sink) -> io::Result<()> {
    let mut range = order.range(found.buffer.bytes().get(..found.filled).unwrap_or_default(), sink);
    let outcome = found.hits.iter().try_for_each(|hit| order.hit(&mut range, *hit, sink).map(drop));
    order.judged(&range, found, sink);
    outcome
}

/// One range after the other, in one buffer; what is hit is judged at once.
fn alone(
    file: &File,
    prefilter: &dyn Prefilter,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(u64),
) -> (Totals, io::Result<()>) {
    let mut state = State::new(RANGE, RANGE, 0);
    let outcome = state.run(&mut Rest { file, offset: 0 }, prefilter, sink, progress);
    let (bytes, line) = state.end();
    Order::behind(file, bytes, line).finish(outcome, sink)
}

/// A file from a place on, wherever others read it.
struct Rest<'f> {
    file: &'f File,
    offset: u64,
}

impl Read for Rest<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(space, self.offset)?;
        self.offset += wide(count);
        Ok(count)
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
    spare: &Mutex<Receiver<Buffer>>,
) {
    let mut buffer = Buffer::default();
    loop {
        if buffer.is_empty() {
            // First the buffer, then the number: the range that the judge waits for always has one.
            let Ok(given) = spare.lock().unwrap_or_else(PoisonError::into_inner).recv() else { return };
            buffer = if given.is_empty() { Buffer::new(RANGE + prefilter.longest()) } else { given };
        }
        let number = turn.fetch_add(1, Ordering::Relaxed);
        let Some(start) = number.checked_mul(wide(RANGE)) else { return };
        let found = read_at(file, buffer.bytes_mut(), start).map(|filled| {
            let (bytes, mut hits) = (buffer.bytes().get(..filled).unwrap_or_default(), Vec::new());
            let mut found = look(bytes, prefilter, &mut |hit| {
                hits.push(hit);
                Window::whole(bytes).next_line(hit)
            });
            (found.hits, found.filled) = (hits, filled);
            if number == 0 || !found.hits.is_empty() {
                found.buffer = std::mem::take(&mut buffer);
            }
            found
        });
        let over = found.as_ref().map_or(true, |found| found.length < RANGE);
        if sender.send((number, found)).is_err() || over {
            return;
        }
    }
}

/// Looks through a range, with which `bytes` begins; what lies behind [`RANGE`] bytes only ends literals. `visit` is told of hits and gives the
/// beginning of the line from which on it wants to know of more.
fn look(bytes: &[u8], prefilter: &dyn Prefilter, visit: &mut dyn FnMut(usize) -> usize) -> Found {
    let length = bytes.len().min(RANGE);
    let mut found = Found { length, second_line: second_line(bytes, length), ..Found::default() };
    let mut from = 0;
    // Lines are counted while their bytes are still near the processor.
    for part in (0..length).step_by(PART) {
        let end = length.min(part + PART);
        let begin = from.clamp(part, end);
        let counted = prefilter.each(bytes, begin, end, &mut |hit, _| {
            from = visit(hit.start);
            from
        });
        let uncounted = if counted.is_some() { part..begin } else { part..end };
        found.newlines += counted.map_or(0, wide) + newlines(bytes.get(uncounted).unwrap_or_default());
    }
    found.open = from > length || (from == bytes.len() && bytes.last().is_some_and(|last| *last != b'\n'));
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
