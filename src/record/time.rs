//! How programs write the time. Every parser takes the text at a stamp's first byte and leaves what follows it.

use nom::{
    Err, IResult, Parser as _, branch::alt, bytes::complete::tag, character::complete::char, combinator::opt,
    sequence::preceded,
};

use super::stamp::Fields;
use super::types::{Clock, Stamp};

/// What a parser of this room gives. The error holds nothing: nobody is told why a form was not recognised.
pub(super) type Res<'a, T> = IResult<&'a str, T, ()>;

/// "Not this form."
pub(super) const fn no<'a, T>() -> Res<'a, T> {
    Err(Err::Error(()))
}

/// An optional value as a parser's result.
pub(super) fn some<T>(rest: &str, value: Option<T>) -> Res<'_, T> {
    value.map_or_else(no, |value| Ok((rest, value)))
}

/// Between `min` and `max` decimal digits; `max` is at most nine.
pub(super) fn digits(min: usize, max: usize) -> impl Fn(&str) -> Res<'_, u32> {
    move |i: &str| {
        let mut value = 0_u32;
        let mut count = 0_usize;
        for byte in i.bytes().take(max.min(9)).take_while(u8::is_ascii_digit) {
            value = value * 10 + u32::from(byte - b'0');
            count += 1;
        }
        match i.get(count..) {
            Some(rest) if count >= min => Ok((rest, value)),
            _ => no(),
        }
    }
}

/// A stamp in one of the ISO 8601 forms, and what its writing tells about its writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Iso {
    pub(super) stamp: Stamp,
    /// Digits of the fraction: Docker writes nine, loggers three or six.
    pub(super) fraction: usize,
    /// `T` stands between date and time, not a space.
    pub(super) t: bool,
}

/// `2026-11-23T18:44:13.119Z`, `2026-11-23 18:44:13,119 +0000`, `2026-11-23 18:44:13`.
pub(super) fn iso(i: &str) -> Res<'_, Iso> {
    let (i, (year, _, month, _, day)) = (digits(4, 4), char('-'), digits(2, 2), char('-'), digits(2, 2)).parse(i)?;
    let (i, separator) = alt((char('T'), char(' '), char('t'))).parse(i)?;
    let (i, (hour, minute, second)) = clock_time(i)?;
    let (i, (micro, fraction)) = fraction(i)?;
    let (i, offset) = opt(zone).parse(i)?;
    let fields = Fields { year, month, day, hour, minute, second, micro };
    some(i, fields.stamp(offset).map(|stamp| Iso { stamp, fraction, t: separator != ' ' }))
}

/// `18:44:13`, and ` 8:44:13` as MariaDB pads it.
fn clock_time(i: &str) -> Res<'_, (u32, u32, u32)> {
    let hour = alt((digits(2, 2), preceded(char(' '), digits(1, 1))));
    let (i, (hour, _, minute, _, second)) = (hour, char(':'), digits(2, 2), char(':'), digits(2, 2)).parse(i)?;
    Ok((i, (hour, minute, second)))
}

/// `.119`, `,119` or nothing: microseconds, and how many digits were written.
fn fraction(i: &str) -> Res<'_, (u32, usize)> {
    let Some(rest) = i.strip_prefix(['.', ',']) else { return Ok((i, (0, 0))) };
    let mut micro = 0_u32;
    let mut unit = 100_000_u32;
    let mut count = 0_usize;
    for byte in rest.bytes().take_while(u8::is_ascii_digit) {
        micro += u32::from(byte - b'0') * unit;
        unit /= 10;
        count += 1;
    }
    match rest.get(count..) {
        Some(after) if count > 0 => Ok((after, (micro, count))),
        _ => Ok((i, (0, 0))),
    }
}

/// A zone as minutes ahead of UTC: `Z`, `+02:00`, `-0300`, `+02`, ` UTC`, ` GMT`, ` +0000`. The word must end there.
fn zone(i: &str) -> Res<'_, i32> {
    let (rest, minutes) = alt((utc, numeric_zone)).parse(i)?;
    if rest.starts_with(|c: char| c.is_alphanumeric()) { no() } else { Ok((rest, minutes)) }
}

fn utc(i: &str) -> Res<'_, i32> {
    let (i, _) = alt((tag("Z"), tag("z"), tag(" UTC"), tag(" GMT"), tag(" Z"))).parse(i)?;
    Ok((i, 0))
}

fn numeric_zone(i: &str) -> Res<'_, i32> {
    let spaced = i.starts_with(' ');
    let (i, _) = opt(char(' ')).parse(i)?;
    let (i, sign) = alt((char('+'), char('-'))).parse(i)?;
    let (i, hours) = digits(2, 2)(i)?;
    let (i, _) = opt(char(':')).parse(i)?;
    let (i, minutes) = opt(digits(2, 2)).parse(i)?;
    if hours > 14 || minutes.is_some_and(|m| m > 59) || (spaced && minutes.is_none()) {
        return no();
    }
    let total = i32::try_from(hours * 60 + minutes.unwrap_or(0)).unwrap_or(0);
    Ok((i, if sign == '-' { -total } else { total }))
}

/// An English month of three letters.
fn month(i: &str) -> Res<'_, u32> {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    for (number, name) in (1_u32..).zip(NAMES) {
        if let Some(rest) = i.strip_prefix(name) {
            return Ok((rest, number));
        }
    }
    no()
}

/// Syslog's `Nov 21 09:23:59`, `Nov  1 09:23:59.123456`.
pub(super) fn syslog(i: &str) -> Res<'_, Stamp> {
    let (i, (month, _, _)) = (month, char(' '), opt(char(' '))).parse(i)?;
    let (i, (day, _)) = (digits(1, 2), char(' ')).parse(i)?;
    let (i, (hour, minute, second)) = clock_time(i)?;
    let (i, (micro, _)) = fraction(i)?;
    let fields = Fields { year: 1972, month, day, hour, minute, second, micro };
    some(i, fields.on(Clock::LocalNoYear))
}

/// `Mon Nov 23 18:44:13 2026`, as `dmesg -T` writes it.
pub(super) fn ctime(i: &str) -> Res<'_, Stamp> {
    let (i, _) = weekday(i)?;
    let (i, (month, _, _)) = (month, char(' '), opt(char(' '))).parse(i)?;
    let (i, (day, _)) = (digits(1, 2), char(' ')).parse(i)?;
    let (i, (hour, minute, second)) = clock_time(i)?;
    let (i, (_, year)) = (char(' '), digits(4, 4)).parse(i)?;
    some(i, Fields { year, month, day, hour, minute, second, micro: 0 }.stamp(None))
}

/// `Mon `
pub(super) fn weekday(i: &str) -> Res<'_, ()> {
    for name in ["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "] {
        if let Some(rest) = i.strip_prefix(name) {
            return Ok((rest, ()));
        }
    }
    no()
}

/// Redis' `23 Nov 2026 18:44:13.120`; versions before 4 wrote no year.
pub(super) fn redis(i: &str) -> Res<'_, Stamp> {
    let (i, (day, _, month, _)) = (digits(1, 2), char(' '), month, char(' ')).parse(i)?;
    let (i, year) = opt((digits(4, 4), char(' '))).parse(i)?;
    let (i, (hour, minute, second)) = clock_time(i)?;
    let (i, (micro, _)) = fraction(i)?;
    let fields = Fields { year: 1972, month, day, hour, minute, second, micro };
    some(
        i,
        match year {
            Some((year, _)) => Fields { year, ..fields }.stamp(None),
            None => fields.on(Clock::LocalNoYear),
        },
    )
}

/// `2026/11/23 18:44:13`, of nginx and Go programs.
pub(super) fn slashed(i: &str) -> Res<'_, Stamp> {
    let (i, (year, _, month, _, day, _)) =
        (digits(4, 4), char('/'), digits(2, 2), char('/'), digits(2, 2), char(' ')).parse(i)?;
    let (i, (hour, minute, second)) = clock_time(i)?;
    let (i, (micro, _)) = fraction(i)?;
    some(i, Fields { year, month, day, hour, minute, second, micro }.stamp(None))
}

/// The access log's `23/Nov/2026:18:58:50 +0000`.
pub(super) fn access(i: &str) -> Res<'_, Stamp> {
    let (i, (day, _, month, _)) = (digits(2, 2), char('/'), month, char('/')).parse(i)?;
    let (i, (year, _)) = (digits(4, 4), char(':')).parse(i)?;
    let (i, (hour, minute, second)) = clock_time(i)?;
    let (i, offset) = zone(i)?;
    some(i, Fields { year, month, day, hour, minute, second, micro: 0 }.stamp(Some(offset)))
}

/// PHP's `19-Nov-2026 05:41:30`.
pub(super) fn dashed(i: &str) -> Res<'_, Stamp> {
    let (i, (day, _, month, _)) = (digits(2, 2), char('-'), month, char('-')).parse(i)?;
    let (i, (year, _)) = (digits(4, 4), char(' ')).parse(i)?;
    let (i, (hour, minute, second)) = clock_time(i)?;
    let (i, (micro, _)) = fraction(i)?;
    some(i, Fields { year, month, day, hour, minute, second, micro }.stamp(None))
}

/// A time of day without a date: `18:44:13.119`, `6:44:13 PM`.
pub(super) fn time_of_day(i: &str) -> Res<'_, Stamp> {
    let (i, (hour, _, minute, _, second)) =
        (digits(1, 2), char(':'), digits(2, 2), char(':'), digits(2, 2)).parse(i)?;
    let (i, (micro, _)) = fraction(i)?;
    let (i, half) = opt(alt((tag(" AM"), tag(" PM"), tag("\u{202f}AM"), tag("\u{202f}PM")))).parse(i)?;
    let hour = half.map_or(Some(hour), |half| twelve_hours(hour, half.ends_with("PM")));
    let stamp =
        hour.and_then(|hour| Fields { year: 1970, month: 1, day: 1, hour, minute, second, micro }.on(Clock::TimeOfDay));
    some(i, stamp)
}

/// The hour of the day for an hour of the twelve-hour clock; already a 24-hour value stays.
pub(super) const fn twelve_hours(hour: u32, afternoon: bool) -> Option<u32> {
    match (hour, afternoon) {
        (12, false) => Some(0),
        (0..=11, true) => Some(hour + 12),
        (0..=23, _) => Some(hour),
        _ => None,
    }
}

/// The kernel's `606280.177800`, seconds since it booted.
pub(super) fn kernel(i: &str) -> Res<'_, Stamp> {
    let (i, (seconds, _, micro)) = (digits(1, 9), char('.'), digits(6, 6)).parse(i)?;
    Ok((i, Stamp { micros: i64::from(seconds) * 1_000_000 + i64::from(micro), clock: Clock::Monotonic }))
}

/// A JSON logger's number of seconds, milliseconds or microseconds since 1970; its size tells which.
pub(super) fn epoch(number: &str) -> Option<Stamp> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let whole: i64 = whole.parse().ok()?;
    let scale = match whole {
        100_000_000..=99_999_999_999 => 1_000_000,
        100_000_000_000..=99_999_999_999_999 => 1_000,
        100_000_000_000_000..=99_999_999_999_999_999 => 1,
        _ => return None,
    };
    let mut unit = scale / 10;
    let mut micros = whole * scale;
    for byte in part.bytes().take_while(u8::is_ascii_digit) {
        micros += i64::from(byte - b'0') * unit;
        unit /= 10;
    }
    Some(Stamp::utc(micros))
}
