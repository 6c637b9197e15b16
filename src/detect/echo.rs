//! Records that say again what was judged before: they are counted, and told together when something else is said.
//!
//! A flood of a million equal faults costs a look at each, and no more. What the last of them says, its time, its process, its place,
//! is read when somebody asks; the ones between only count.

use std::cmp::Reverse;
use std::ops::Range;

use crate::num::{narrow, wide};
use crate::record::{Form, Reader, Row};
use crate::scan::Window;

use super::judge::Verdicts;

/// Places for forms of records: sets of a few, for records that begin alike. One that leads to a full set takes a place there.
const PLACES: usize = SETS * WAYS;
const SETS: usize = 32;
const WAYS: usize = 16;
/// Within so many bytes the lines must lie that are told with a record.
const NEAR: usize = 4096;

/// A form of record, what was found in it, and how often it came again since that was told.
#[derive(Debug)]
pub(super) struct Echo {
    form: Form,
    /// Where it is kept.
    place: usize,
    /// Where in the line its first literal begins.
    at: usize,
    /// The clauses it matches.
    pub(super) found: Verdicts,
    /// Whether a rule explains it.
    explained: bool,
    /// Further lines that are told with it, for they may lend it their time.
    lines: usize,
    /// How often it came again.
    pub(super) times: u64,
    /// Whether it came again since somebody looked for a place.
    known: bool,
    /// The line seen last, and those told with it.
    seen: Vec<u8>,
    /// Offset in the input of the line seen last.
    offset: u64,
    /// So many bytes from there on are not yet among `seen`, and the line was not counted; it is still in the window.
    open: usize,
    /// The line's number.
    line: u64,
    /// Offset in the input of a place near the line seen last, and the number of the line there.
    mark: (u64, u64),
}

impl Echo {
    /// A window of the line seen last, and the place of its literal there.
    pub(super) fn window(&self) -> (Window<'_>, usize) {
        (Window::part(&self.seen, self.offset, (0, self.line)), self.at)
    }

    /// Whether it came again since this was asked last.
    const fn was_known(&mut self) -> bool {
        std::mem::replace(&mut self.known, false)
    }

    /// Keeps the lines seen last, if they are not kept yet and are in the window; gives whether it did.
    fn settle(&mut self, window: &Window<'_>) -> bool {
        let at = self.offset.checked_sub(window.base).map(narrow);
        let seen = at.and_then(|at| Some((at, window.bytes.get(at..at + self.open)?)));
        let Some((at, seen)) = seen.filter(|(_, seen)| !seen.is_empty()) else { return false };
        self.seen.clear();
        self.seen.extend_from_slice(seen);
        let (place, line) = self.mark;
        let mark = place.checked_sub(window.base).map(|place| (narrow(place), line));
        self.line = mark.map_or_else(|| window.line(at), |mark| window.line_by(at, mark));
        self.open = 0;
        true
    }

    /// The length of the record and of the lines that are told with it, if they are near.
    fn length(&self, rest: &[u8]) -> Option<usize> {
        let near = rest.get(..rest.len().min(self.form.length() + NEAR))?;
        let next = |at: usize, _| memchr::memchr(b'\n', near.get(at..)?).map(|length| at + length + 1);
        (0..self.lines).try_fold(self.form.length(), next)
    }
}

/// Records that were heard, one behind the other.
pub(super) struct Heard {
    pub(super) row: Row,
    /// Whether a rule explains them.
    pub(super) explained: bool,
}

/// The forms that may come again.
#[derive(Debug, Default)]
pub(super) struct Echoes {
    places: Vec<Option<Echo>>,
    /// Of each place a mark that tells most forms of a set apart.
    marks: Vec<[u32; WAYS]>,
    /// Places of those that came again and were not told.
    heard: Vec<usize>,
    /// Places that are taken.
    taken: Vec<usize>,
    /// Which place of a full set was taken last.
    turn: usize,
    /// How many were heard of which the last line is not kept yet.
    open: usize,
    /// How many records were echoes.
    pub(super) total: u64,
}

impl Echoes {
    /// Counts the record from `start` on, with a literal at `at` of its first line, if it is an echo; and so the records of the same form
    /// behind it that begin before `limit`, but for the last, behind which something else is said. `tells` says of bytes whether they hold a
    /// literal.
    pub(super) fn hear(
        &mut self,
        window: &Window<'_>,
        (start, at): (usize, usize),
        limit: usize,
        reader: &mut Reader,
        tells: &dyn Fn(&[u8]) -> bool,
    ) -> Option<Heard> {
        if self.places.is_empty() {
            return None;
        }
        let key = Key::of(line(window, start, at)?, at - start);
        let (place, row) = self.marked(key).find_map(|place| {
            let echo = self.places.get(place)?.as_ref().filter(|echo| echo.at == at - start)?;
            let limit = if echo.lines == 0 { limit } else { start };
            Some((place, reader.repeats(window.bytes, window.base, start, limit, &echo.form, tells)?))
        })?;
        let echo = self.places.get_mut(place)?.as_mut()?;
        let rest = window.bytes.get(row.last..)?;
        let seen = rest.get(..echo.length(rest)?)?;
        let heard = Heard { row, explained: echo.explained };
        self.total += wide(row.records);
        echo.known = true;
        if echo.found.is_empty() {
            return Some(heard);
        }
        if echo.times == 0 {
            self.heard.push(place);
        }
        echo.times += wide(row.records);
        self.open += usize::from(echo.open == 0);
        (echo.offset, echo.open) = (window.base + wide(row.last), seen.len());
        let (place, line) = window.mark();
        echo.mark = (window.base + wide(place), line);
        Some(heard)
    }

    /// Keeps of what was heard the lines seen last, before their bytes go: those that are still in the window.
    pub(super) fn settle(&mut self, window: &Window<'_>) {
        if self.open == 0 {
            return;
        }
        // The last first: lines are counted from the window's end, once, and most forms were heard near it.
        let offset = |place: &usize| self.places.get(*place).and_then(Option::as_ref).map(|echo| Reverse(echo.offset));
        self.heard.sort_unstable_by_key(offset);
        for place in &self.heard {
            if let Some(echo) = self.places.get_mut(*place).and_then(Option::as_mut) {
                self.open -= usize::from(echo.settle(window));
            }
        }
    }

    /// Whether a form is remembered that has a literal at `at` of its first line.
    pub(super) fn knows(&self, form: &Form, at: usize) -> bool {
        let mut places = self.marked(Key::of(form.line(), at)).filter_map(|place| self.places.get(place)?.as_ref());
        places.any(|echo| echo.at == at && echo.form.knows(form))
    }

    /// Remembers a form that was just judged, with a literal at `at` of its first line; `lines` further lines may lend it their time. Gives the one whose
    /// place it takes, if that was heard and must be told.
    pub(super) fn learn(
        &mut self,
        window: &Window<'_>,
        form: Form,
        at: usize,
        lines: usize,
        found: Verdicts,
        explained: bool,
    ) -> Option<Echo> {
        if self.places.is_empty() {
            self.places.resize_with(PLACES, || None);
            self.marks.resize(SETS, [0; WAYS]);
        }
        let key = Key::of(form.line(), at);
        let place = self.place_in(key)?;
        let (times, known, seen, offset, open, line, mark) = (0, false, Vec::new(), 0, 0, 0, (0, 0));
        let old = self.places.get_mut(place)?.replace(Echo {
            form,
            place,
            at,
            lines,
            found,
            explained,
            times,
            known,
            seen,
            offset,
            open,
            line,
            mark,
        });
        if old.is_none() {
            self.taken.push(place);
        }
        let mut heard = old.filter(|echo| echo.times > 0)?;
        self.heard.retain(|other| *other != place);
        self.open -= usize::from(heard.settle(window));
        Some(heard)
    }

    /// A place of a set: a free one, or in turn one whose form did not come again since its last turn.
    fn place_in(&mut self, key: Key) -> Option<usize> {
        let places = self.places.get_mut(key.places())?;
        let way = places.iter().position(Option::is_none).unwrap_or_else(|| {
            let mut again = |way: usize| places.get_mut(way).and_then(Option::as_mut).is_some_and(Echo::was_known);
            // All may have come again; then it is the turn of the one it began with.
            for _ in 0..WAYS {
                self.turn += 1;
                if !again(self.turn % WAYS) {
                    break;
                }
            }
            self.turn % WAYS
        });
        *self.marks.get_mut(key.set)?.get_mut(way)? = key.mark;
        Some(key.places().start + way)
    }

    /// The places of a set that have this mark.
    fn marked(&self, key: Key) -> impl Iterator<Item = usize> + use<> {
        let marks = self.marks.get(key.set).copied().unwrap_or_default();
        let bits = (0..).zip(marks).map(|(way, mark)| u32::from(mark == key.mark) << way);
        let mut ways = bits.fold(0, |ways, way| ways | way);
        std::iter::from_fn(move || {
            let way = (ways != 0).then(|| ways.trailing_zeros())?;
            ways &= ways - 1;
            Some(key.places().start + usize::try_from(way).ok()?)
        })
    }

    /// Forgets all forms; what was heard must have been told.
    pub(super) fn forget(&mut self) {
        for place in self.taken.drain(..) {
            if let Some(slot) = self.places.get_mut(place) {
                *slot = None;
            }
        }
        self.heard.clear();
        self.open = 0;
    }

    /// Takes what was heard out, in the order of the lines seen last; [`Echoes::put_back`] takes it again.
    pub(super) fn take_heard(&mut self) -> Vec<Echo> {
        let places = std::mem::take(&mut self.heard);
        let mut heard: Vec<_> = places.into_iter().filter_map(|place| self.places.get_mut(place)?.take()).collect();
        heard.sort_unstable_by_key(|echo| echo.offset);
        heard
    }

    /// Takes back one that was told.
    pub(super) fn put_back(&mut self, mut echo: Echo) {
        echo.times = 0;
        if let Some(slot) = self.places.get_mut(echo.place) {
            *slot = Some(echo);
        }
    }
}

/// The line that begins at `start` and goes on at `at`, if its break is in the window.
pub(super) fn line<'w>(window: &Window<'w>, start: usize, at: usize) -> Option<&'w [u8]> {
    let length = memchr::memchr(b'\n', window.bytes.get(at..)?)?;
    window.bytes.get(start..at + length)
}

/// Where a form is kept: its set, and its mark there.
#[derive(Debug, Clone, Copy)]
struct Key {
    set: usize,
    mark: u32,
}

impl Key {
    /// For a line with a literal at `at`.
    fn of(raw: &[u8], at: usize) -> Self {
        let key = Form::key(raw, at);
        Self { set: narrow(key) % SETS, mark: u32::try_from(key >> u32::BITS).unwrap_or(0) }
    }

    fn places(self) -> Range<usize> {
        self.set * WAYS..(self.set + 1) * WAYS
    }
}
