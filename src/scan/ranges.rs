//! A large file by ranges, which are scanned side by side on several cores; what was hit is judged by one thread at a time, in order.
//!
//! The sink sees the same hits in the same order, with windows that hold as much around each as it looks at, as in [`super::scan`]. One thread
//! alone goes through the file as through any other input, but keeps less of it: a buffer of one range stays in the processor's second cache.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::Builder;

use super::Prefilter;
use super::buffer::Buffer;
use super::order::{Mark, Order, second_line};
use super::window::{PART, RANGE, Sink, State, Totals, Window};
use crate::num::wide;

/// Smaller files are done before another thread has begun.
pub const LARGE: u64 = 32 << 20;
/// More threads than this only wait for the memory.
pub const MOST: usize = 8;
/// Buffers of all threads together, if they are not more than these; and most of one.
const BUFFERS: usize = 10;
const EACH: usize = 3;

/// What a thread found in one range.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Bytes of the range; fewer than [`RANGE`] only at the end of the file.
    pub(super) length: usize,
    pub(super) newlines: u64,
    /// Offset in the range just behind its first line break.
    pub(super) second_line: Option<usize>,
    /// The first literal of each line that has one; the first line may have begun before the range.
    pub(super) hits: Vec<Mark>,
    /// The line of the last hit goes on behind the range.
    pub(super) open: bool,
    /// The range and a little of what follows, where somebody will look at it.
    buffer: Buffer,
    /// So much of the buffer was read.
    filled: usize,
}

impl Found {
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.bytes().get(..self.filled).unwrap_or_default()
    }
}

/// As [`super::scan`], for a file that can be read at any place, by so many threads, of which the caller's is one. What a thread has found it
/// judges itself, while it is still near its processor, and in its turn.
///
/// # Errors
/// The file's, after everything before it was judged; the totals so far come with it.
pub fn scan_file(
    file: &File,
    threads: usize,
    prefilter: &dyn Prefilter,
    sink: &mut (dyn Sink + Send),
    progress: &mut (dyn FnMut(u64) + Send),
) -> (Totals, io::Result<()>) {
    if threads < 2 {
        return alone(file, prefilter, sink, progress);
    }
    let first = Turn { next: 0, over: false, outcome: Ok(()), order: Order::new(file), sink, progress };
    let desk = Desk {
        file,
        prefilter,
        ranges: AtomicU64::new(0),
        most: (BUFFERS / threads).clamp(1, EACH),
        turn: Mutex::new(first),
        moved: Condvar::new(),
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // The system may give no thread, or fewer.
            let _begun = Builder::new().spawn_scoped(scope, || desk.work());
        }
        desk.work();
    });
    let Turn { order, outcome, sink, .. } = desk.turn.into_inner().unwrap_or_else(PoisonError::into_inner);
    order.finish(outcome, sink)
}

/// What the threads have in common.
struct Desk<'d> {
    file: &'d File,
    prefilter: &'d dyn Prefilter,
    /// Number of the range that is scanned next.
    ranges: AtomicU64,
    /// Ranges that a thread may have scanned before their turn.
    most: usize,
    turn: Mutex<Turn<'d>>,
    /// Told of every turn that is over.
    moved: Condvar,
}

/// Whose turn it is to judge, and what he needs for it.
struct Turn<'d> {
    /// Number of the range that is judged next.
    next: u64,
    /// The file is, or somebody broke off.
    over: bool,
    outcome: io::Result<()>,
    order: Order<'d>,
    sink: &'d mut (dyn Sink + Send),
    progress: &'d mut (dyn FnMut(u64) + Send),
}

impl Turn<'_> {
    /// Judges what was found in the range whose turn it is; false behind the last one.
    fn judge(&mut self, found: &Found) -> io::Result<bool> {
        let mut range = self.order.range(found.bytes(), self.sink);
        found.hits.iter().try_for_each(|hit| self.order.hit(&mut range, *hit, self.sink))?;
        self.order.judged(&range, found, self.sink);
        Ok(self.order.pass(found, self.progress))
    }
}

/// Ranges that a thread has scanned and not judged, with their numbers.
type Waiting = VecDeque<(u64, io::Result<Found>)>;

impl<'d> Desk<'d> {
    /// Scans one range after the other, and judges each in its turn, until the file is over.
    fn work(&self) {
        let _leaving = Leaving(self);
        let (mut waiting, mut spare) = (Waiting::default(), Vec::new());
        while self.judge(&mut waiting, &mut spare) {
            let number = self.ranges.fetch_add(1, Ordering::Relaxed);
            let buffer = spare.pop().unwrap_or_else(|| Buffer::new(RANGE + self.prefilter.longest()));
            waiting.push_back((number, self.scan(number, buffer)));
        }
    }

    /// Judges those whose turn it is, and waits for the turn of the first where no more may wait. False when the file is over.
    fn judge(&self, waiting: &mut Waiting, spare: &mut Vec<Buffer>) -> bool {
        let full = |waiting: &Waiting| waiting.len() >= self.most;
        let Some(mut turn) = self.enter(full(waiting)) else { return true };
        while !turn.over {
            match waiting.front() {
                Some((number, _)) if *number == turn.next => {}
                Some(_) if full(waiting) => {
                    turn = self.moved.wait(turn).unwrap_or_else(PoisonError::into_inner);
                    continue;
                }
                _ => return true,
            }
            let Some((_, found)) = waiting.pop_front() else { return true };
            let judged = found.and_then(|found| {
                let more = turn.judge(&found)?;
                spare.push(found.buffer);
                Ok(more)
            });
            turn.next += 1;
            turn.over = !judged.as_ref().is_ok_and(|more| *more);
            turn.outcome = judged.map(drop);
            self.moved.notify_all();
        }
        false
    }

    /// Who may judge; none while another does, unless that is waited for.
    fn enter(&self, wait: bool) -> Option<MutexGuard<'_, Turn<'d>>> {
        if wait {
            return Some(self.turn.lock().unwrap_or_else(PoisonError::into_inner));
        }
        match self.turn.try_lock() {
            Ok(turn) => Some(turn),
            Err(TryLockError::Poisoned(turn)) => Some(turn.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// What is found in a range.
    fn scan(&self, number: u64, mut buffer: Buffer) -> io::Result<Found> {
        let start = number.saturating_mul(wide(RANGE));
        let filled = read_at(self.file, buffer.bytes_mut(), start)?;
        let found = look(buffer.bytes().get(..filled).unwrap_or_default(), self.prefilter);
        Ok(Found { buffer, filled, ..found })
    }
}

/// Says so when a thread breaks off, for whose turn the others would wait.
struct Leaving<'l, 'd>(&'l Desk<'d>);

impl Drop for Leaving<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.turn.lock().unwrap_or_else(PoisonError::into_inner).over = true;
            self.0.moved.notify_all();
        }
    }
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

/// Looks through a range, with which `bytes` begins; what lies behind [`RANGE`] bytes only ends literals.
fn look(bytes: &[u8], prefilter: &dyn Prefilter) -> Found {
    let length = bytes.len().min(RANGE);
    let mut found = Found { length, second_line: second_line(bytes, length), ..Found::default() };
    let (text, mut from) = (Window::whole(bytes), 0);
    // Lines are counted while their bytes are still near the processor.
    for part in (0..length).step_by(PART) {
        let end = length.min(part + PART);
        let begin = from.clamp(part, end);
        let before = found.newlines + newlines(bytes, part, begin);
        let counted = prefilter.each(bytes, begin, end, &mut |hit, counted| {
            found.hits.push(Mark::new(hit.start, counted.place, before + wide(counted.newlines)));
            from = text.next_line(hit.start);
            from
        });
        found.newlines = before + counted.map_or_else(|| newlines(bytes, begin, end), wide);
    }
    found.open = from > length || (from == bytes.len() && bytes.last().is_some_and(|last| *last != b'\n'));
    found
}

fn newlines(bytes: &[u8], from: usize, to: usize) -> u64 {
    wide(memchr::memchr_iter(b'\n', bytes.get(from..to).unwrap_or_default()).count())
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
