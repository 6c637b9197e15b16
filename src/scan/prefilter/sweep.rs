//! Goes through a haystack block by block and gives one hit after the other.
//!
//! Takes what may be a window from the kernels, a block at a time, and keeps it, so that a search that goes on with the
//! next line of the same block looks at no byte twice.

use super::block::{FEW, LANES, MOST, Places};
use super::verify::Search;
use super::{Bucketed, Counted, Hit};

/// The block a search is in, and what in it may begin a window.
#[derive(Debug)]
pub(super) struct Sweep<'a> {
    filter: &'a Bucketed,
    haystack: &'a [u8],
    /// Where the block begins and ends.
    start: usize,
    end: usize,
    size: usize,
    /// Where in the block a window may begin, in order; so many are used.
    places: &'a mut Places,
    found: usize,
    /// The first of them that no search has passed.
    next: usize,
    /// Line breaks between the beginning of the sweep and this place.
    newlines: usize,
    counted: usize,
}

impl<'a> Sweep<'a> {
    /// A sweep from there on, which finds as many places in a block as there is room for.
    pub(super) fn new(filter: &'a Bucketed, haystack: &'a [u8], from: usize, places: &'a mut Places) -> Self {
        let start = from.min(haystack.len());
        Self {
            filter,
            haystack,
            start,
            end: start,
            // The first block of a search is smaller, for the next hit may be near.
            size: FEW,
            places,
            found: 0,
            next: 0,
            newlines: 0,
            counted: start,
        }
    }

    /// The first hit that starts at `from` or later and before `limit`.
    pub(super) fn next(&mut self, from: usize, limit: usize) -> Option<Hit> {
        let mut search = self.filter.verifier.search(self.haystack, from, limit);
        if !(self.start..=self.end).contains(&from) {
            self.count_to(from.min(limit));
            (self.start, self.end, self.found) = (from, from, 0);
        }
        let mut at = from;
        while at < self.haystack.len() && at < search.end() {
            if at >= self.end {
                // A block ends at the limit, for the sake of the lines that are counted up to there.
                let counted = at < limit;
                let newlines = self.load(if counted { limit } else { self.haystack.len() });
                if counted && self.counted == self.start {
                    (self.newlines, self.counted) = (self.newlines + newlines, self.end);
                } else if counted {
                    self.count_to(self.end);
                }
            }
            self.show(at, &mut search);
            at = self.end;
        }
        search.best()
    }

    /// The line breaks that are counted by now, up to the end of the block at most.
    pub(super) fn counted(&self) -> Counted {
        Counted { place: self.counted, newlines: self.newlines }
    }

    /// The line breaks between the beginning of the sweep and the limit of its searches.
    pub(super) fn newlines(mut self, limit: usize) -> usize {
        self.count_to(limit);
        self.newlines
    }

    /// Counts the line breaks up to this place, unless they are counted.
    fn count_to(&mut self, place: usize) {
        let place = place.min(self.haystack.len());
        if let Some(text) = self.haystack.get(self.counted..place) {
            self.newlines += memchr::memchr_iter(b'\n', text).count();
            self.counted = place;
        }
    }

    /// Shows `each` every occurrence of every literal.
    pub(super) fn all(&mut self, each: &mut dyn FnMut(Hit)) {
        let mut search = self.filter.verifier.every(self.haystack, each);
        while self.end < self.haystack.len() {
            self.load(self.haystack.len());
            self.show(self.start, &mut search);
        }
    }

    /// Shows a search what in the block may begin a window, from `at` on.
    #[inline]
    fn show(&mut self, at: usize, search: &mut Search<'_>) {
        let places = self.places.get(..self.found).unwrap_or_default();
        while let Some(place) = places.get(self.next)
            && self.start + usize::from(*place) < at
        {
            self.next += 1;
        }
        for place in places.iter().skip(self.next) {
            let place = self.start + usize::from(*place);
            if place >= search.end() {
                return;
            }
            search.look(place);
        }
    }

    /// Goes on to the next block, which ends at `limit` at the latest; gives the line breaks in it.
    fn load(&mut self, limit: usize) -> usize {
        self.start = self.end;
        self.end = self.haystack.len().min(self.start + self.size).min(limit);
        self.size = MOST.min(self.places.len() - LANES);
        let text = self.haystack.get(self.start..).unwrap_or_default();
        let (filter, positions) = (self.filter, self.end - self.start);
        let bitmap = filter.verifier.bitmap();
        let newlines;
        (self.found, newlines) = filter.kernel.find(&filter.tables, bitmap, text, positions, self.places);
        self.next = 0;
        newlines
    }
}
