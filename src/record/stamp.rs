//! Calendar fields ↔ [`Stamp`]. No clock and no zone table: a wall clock without a zone stays a wall clock.

use std::fmt::Write as _;

use super::types::{Clock, Stamp};

const DAY: i64 = 86_400;
const MICROS: i64 = 1_000_000;

/// The fields of a calendar date and a time of day, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) year: u32,
    pub(super) month: u32,
    pub(super) day: u32,
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) micro: u32,
}

impl Fields {
    /// The stamp of these fields on a clock that is `offset` minutes ahead of UTC, or on a local clock.
    /// `None` when no calendar has such a date.
    pub(super) fn stamp(self, offset: Option<i32>) -> Option<Stamp> {
        let micros = self.micros()?;
        Some(match offset {
            Some(minutes) => Stamp { micros: micros - i64::from(minutes) * 60 * MICROS, clock: Clock::Utc },
            None => Stamp { micros, clock: Clock::Local },
        })
    }

    /// The stamp of these fields on a clock of another kind.
    pub(super) fn on(self, clock: Clock) -> Option<Stamp> {
        Some(Stamp { micros: self.micros()?, clock })
    }

    fn micros(self) -> Option<i64> {
        let date = (1900..=9999).contains(&self.year)
            && (1..=12).contains(&self.month)
            && (1..=month_length(self.year, self.month)).contains(&self.day);
        let time = self.hour < 24 && self.minute < 60 && self.second <= 60 && self.micro < 1_000_000;
        if !(date && time) {
            return None;
        }
        let seconds = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        let days = days_from_civil(i64::from(self.year), i64::from(self.month), i64::from(self.day));
        Some((days * DAY + seconds) * MICROS + i64::from(self.micro))
    }
}

const fn month_length(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a Gregorian date: years begin in March, so that the leap day is the last of its year.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

impl Stamp {
    /// A stamp from microseconds since 1970 in UTC, as JSON loggers count.
    pub(super) const fn utc(micros: i64) -> Self {
        Self { micros, clock: Clock::Utc }
    }

    /// The time as the report prints it: RFC 3339 with `Z` where the zone is known, the same without a zone where it is
    /// not, and only the fields that were given where there is no year (`11-21T09:23:59`), no date (`09:23:59`) or only
    /// the kernel's clock (`+606280.177800s`). Fractions are printed when there are any, in three or six digits.
    #[must_use]
    pub fn rfc3339(&self) -> String {
        let mut out = String::with_capacity(27);
        if self.clock == Clock::Monotonic {
            push(&mut out, format_args!("+{}.{:06}s", self.micros.div_euclid(MICROS), self.micros.rem_euclid(MICROS)));
            return out;
        }
        let seconds = self.micros.div_euclid(MICROS);
        let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
        match self.clock {
            Clock::Utc | Clock::Local => push(&mut out, format_args!("{year:04}-{month:02}-{day:02}T")),
            Clock::LocalNoYear => push(&mut out, format_args!("{month:02}-{day:02}T")),
            Clock::TimeOfDay | Clock::Monotonic => {}
        }
        let time = seconds.rem_euclid(DAY);
        push(&mut out, format_args!("{:02}:{:02}:{:02}", time / 3600, time / 60 % 60, time % 60));
        let micro = self.micros.rem_euclid(MICROS);
        if micro % 1000 != 0 {
            push(&mut out, format_args!(".{micro:06}"));
        } else if micro != 0 {
            push(&mut out, format_args!(".{:03}", micro / 1000));
        }
        if self.clock == Clock::Utc {
            out.push('Z');
        }
        out
    }
}

/// Writing to a `String` cannot fail.
fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Datelike, NaiveDate};

    fn fields(year: u32, month: u32, day: u32) -> Fields {
        Fields { year, month, day, hour: 18, minute: 44, second: 13, micro: 119_000 }
    }

    #[test]
    fn days_agree_with_chrono() {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
        let mut date = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap();
        while date.year() < 2101 {
            let days = (date - epoch).num_days();
            let (year, month, day) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
            assert_eq!(days_from_civil(year, month, day), days, "{date}");
            assert_eq!(civil_from_days(days), (year, month, day), "{date}");
            date = date.succ_opt().unwrap();
        }
    }

    #[test]
    fn offsets_move_to_utc() {
        let stamp = fields(2026, 1, 1).stamp(Some(-19 * 60)).unwrap();
        assert_eq!(stamp.rfc3339(), "2026-01-02T13:44:13.119Z");
        assert_eq!(fields(2026, 1, 1).stamp(None).unwrap().rfc3339(), "2026-01-01T18:44:13.119");
    }

    #[test]
    fn impossible_dates_are_refused() {
        assert_eq!(fields(2026, 2, 29).stamp(None), None);
        assert!(fields(2024, 2, 29).stamp(None).is_some());
        assert_eq!(fields(2026, 13, 1).stamp(None), None);
        assert_eq!(fields(0, 1, 1).stamp(None), None);
        assert_eq!(Fields { hour: 24, ..fields(2026, 1, 1) }.stamp(None), None);
    }

    #[test]
    fn printed_forms() {
        let of = |clock| fields(1972, 11, 21).on(clock).unwrap().rfc3339();
        assert_eq!(of(Clock::LocalNoYear), "11-21T18:44:13.119");
        assert_eq!(Stamp { micros: 33_839_000_000, clock: Clock::TimeOfDay }.rfc3339(), "09:23:59");
        assert_eq!(Stamp { micros: 606_280_177_800, clock: Clock::Monotonic }.rfc3339(), "+606280.177800s");
        assert_eq!(Stamp::utc(1).rfc3339(), "1970-01-01T00:00:00.000001Z");
        assert_eq!(Stamp::utc(-1_000_000).rfc3339(), "1969-12-31T23:59:59Z");
        assert!(Stamp::utc(i64::MIN).rfc3339().ends_with('Z'));
    }
}
