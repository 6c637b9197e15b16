//! The time of a line without one: banners of scripts carry none, and what follows them lends them its own.

use crate::num::narrow;
use crate::record::{Form, Stamp, peel};
use crate::scan::Window;

/// Lines behind a mark without a time that may lend it theirs.
pub(super) const SOON: usize = 4;
/// Places for lines whose time is known; one that leads to a taken place takes it.
const PLACES: usize = 64;
/// The time of a longer line is read each time.
const LONGEST: usize = 256;

/// The time that a line without one is lent by the lines behind it; asked for by each clause that matches, and looked for once.
#[derive(Debug, Default)]
pub(super) struct Lent {
    known: Option<(u64, Option<Stamp>)>,
}

impl Lent {
    pub(super) fn time(&mut self, window: &Window<'_>, offset: u64, times: &mut Times) -> Option<Stamp> {
        match self.known {
            Some((known, time)) if known == offset => time,
            _ => {
                let time = soon(window, offset, times);
                self.known = Some((offset, time));
                time
            }
        }
    }
}

/// The time of one of the next lines: banners of scripts carry none, what follows them does.
fn soon(window: &Window<'_>, offset: u64, times: &mut Times) -> Option<Stamp> {
    let mut from = narrow(offset.checked_sub(window.base)?);
    for _ in 0..SOON {
        let end = window.next_line(from);
        let time = times.of(window.bytes.get(from..end)?.trim_ascii_end());
        if time.is_some() {
            return time;
        }
        from = end;
    }
    None
}

/// The times of lines that were asked for, or that they have none.
#[derive(Debug, Default)]
pub(super) struct Times(Vec<Option<Known>>);

/// A line, and the time it says.
type Known = (Box<[u8]>, Option<Stamp>);

impl Times {
    /// The time of a line.
    pub(super) fn of(&mut self, raw: &[u8]) -> Option<Stamp> {
        if raw.len() > LONGEST {
            return peel(raw).time;
        }
        if self.0.is_empty() {
            self.0.resize_with(PLACES, || None);
        }
        let Some(slot) = self.0.get_mut(narrow(Form::key(raw, 0)) % PLACES) else { return peel(raw).time };
        match slot {
            Some((known, time)) if **known == *raw => *time,
            _ => slot.insert((raw.into(), peel(raw).time)).1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_time_it_says() {
        let mut times = Times::default();
        let lines = ["2026-11-23T18:44:13Z a", "2026-11-23T18:44:14Z a", "Starting", "", "Starting"];
        for line in lines.iter().cycle().take(20) {
            assert_eq!(times.of(line.as_bytes()), peel(line.as_bytes()).time, "{line}");
        }
    }
}
