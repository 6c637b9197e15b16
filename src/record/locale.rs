//! Dates as `Intl.DateTimeFormat` writes them in the language of whoever started the server.

use nom::{
    Parser as _,
    bytes::complete::{take_while, take_while_m_n},
};

use super::stamp::Fields;
use super::time::{Res, digits, no, some, twelve_hours};
use super::types::Stamp;

/// `01/02/2025, 1:02:03 PM`, `13.09.2023, 14:38:10`, `2023. 9. 13. 오후 2:38:10`, …
///
/// Which of two small numbers is the month is told by the writing: dots or a 24-hour clock put the day first, AM and PM
/// the month.
pub(super) fn local_stamp(i: &str) -> Res<'_, Stamp> {
    let (i, (first, first_mark)) = numbered(i)?;
    let (i, (second, _)) = numbered(i)?;
    let (i, third) = digits(1, 4)(i)?;
    let (i, before) = take_while_m_n(1, 24, |c: char| !c.is_ascii_digit()).parse(i)?;
    let (i, hour) = digits(1, 2)(i)?;
    let (i, _) = time_mark(i)?;
    let (i, minute) = digits(2, 2)(i)?;
    let (i, _) = time_mark(i)?;
    let (i, second_of_minute) = digits(2, 2)(i)?;
    let (i, after) = half_after(i);
    let half = after.or_else(|| half_before(before));
    let hour = match half {
        Some(half) => twelve_hours(hour, half == Half::Afternoon),
        None => Some(hour),
    };
    let (year, month, day) = date([first, second, third], first_mark, half.is_some());
    let stamp =
        hour.and_then(|hour| Fields { year, month, day, hour, minute, second: second_of_minute, micro: 0 }.stamp(None));
    some(i, stamp)
}

/// A number and the mark behind it: `/`, `.`, `. `, `-`, `年`.
fn numbered(i: &str) -> Res<'_, (u32, &str)> {
    let (i, number) = digits(1, 4)(i)?;
    let (i, mark) =
        take_while_m_n(1, 3, |c: char| matches!(c, '/' | '.' | '-' | ' ' | '\u{200f}' | '\u{200e}' | '年' | '月'))
            .parse(i)?;
    Ok((i, (number, mark)))
}

/// `:`, `.`, or the words of `14 h 38 min 10 s`.
fn time_mark(i: &str) -> Res<'_, &str> {
    take_while_m_n(1, 6, |c: char| !c.is_ascii_digit() && c != '[' && c != '-').parse(i)
}

fn date([first, second, third]: [u32; 3], mark: &str, half: bool) -> (u32, u32, u32) {
    if first > 31 {
        return (first, second, third);
    }
    let month_first = second > 12 || (first <= 12 && half && !mark.starts_with('.'));
    if month_first { (third, first, second) } else { (third, second, first) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

/// A half of the day behind the time, and what follows it.
fn half_after(i: &str) -> (&str, Option<Half>) {
    const WRITINGS: [(&str, Half); 14] = [
        ("AM", Half::Morning),
        ("PM", Half::Afternoon),
        ("am", Half::Morning),
        ("pm", Half::Afternoon),
        ("a.m.", Half::Morning),
        ("p.m.", Half::Afternoon),
        ("a. m.", Half::Morning),
        ("p. m.", Half::Afternoon),
        ("a.\u{a0}m.", Half::Morning),
        ("p.\u{a0}m.", Half::Afternoon),
        ("a.\u{202f}m.", Half::Morning),
        ("p.\u{202f}m.", Half::Afternoon),
        ("ص", Half::Morning),
        ("م", Half::Afternoon),
    ];
    let space = take_while::<_, _, ()>(|c: char| c.is_whitespace());
    let Ok((word, _)) = { space }.parse(i) else { return (i, None) };
    for (writing, half) in WRITINGS {
        if let Some(rest) = word.strip_prefix(writing) {
            return (rest, Some(half));
        }
    }
    (i.strip_prefix(" s ").unwrap_or(i), None)
}

/// A half of the day before the time, as in Korean and Chinese.
fn half_before(words: &str) -> Option<Half> {
    let any = |list: [&str; 4]| list.iter().any(|word| words.contains(word));
    if any(["오후", "下午", "午後", "PM"]) {
        Some(Half::Afternoon)
    } else if any(["오전", "上午", "午前", "AM"]) {
        Some(Half::Morning)
    } else {
        None
    }
}

/// Skips a date that is not understood (other digits): everything up to a run of spaces or a bracket.
pub(super) fn unknown_stamp(i: &str) -> Res<'_, ()> {
    let end = i.find("   ").into_iter().chain(i.find(" [")).min();
    match end.and_then(|end| i.get(end..)) {
        Some(rest) if i.len() - rest.len() <= 60 => Ok((rest, ())),
        _ => no(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(String, &str)> {
        local_stamp(text).ok().map(|(rest, stamp)| (stamp.rfc3339(), rest))
    }

    #[test]
    fn dates_of_many_languages() {
        for text in [
            "09/13/2023, 2:38:10 PM",
            "09/13/2023, 2:38:10\u{202f}PM",
            "13.09.2023, 14:38:10",
            "13.9.2023 klo 14.38.10",
            "2023-09-13, 14:38:10",
            "2023-09-13, 2:38:10 p.m.",
            "2023-09-13 14 h 38 min 10 s",
            "13/09/2023 14:38:10",
            "13/09/2023, 14:38:10",
            "13/09/2023, 2:38:10 p.\u{a0}m.",
            "13/9/2023, 2:38:10 pm",
            "2023/09/13 14:38:10",
            "2023/09/13 下午2:38:10",
            "2023. 09. 13. 오후 2:38:10",
            "2023. 09. 13. 14:38:10",
            "13-09-2023 14:38:10",
        ] {
            let text = format!("{text}     LOG [x]");
            let (stamp, rest) = of(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(stamp, "2023-09-13T14:38:10", "{text}");
            assert_eq!(rest.trim_start(), "LOG [x]", "{text}");
        }
    }

    #[test]
    fn ambiguous_days() {
        assert_eq!(of("01/02/2025, 1:02:03 PM").unwrap().0, "2025-01-02T13:02:03");
        assert_eq!(of("01/02/2025, 13:02:03").unwrap().0, "2025-02-01T13:02:03");
        assert_eq!(of("01/02/2025, 12:02:03 AM").unwrap().0, "2025-01-02T00:02:03");
        assert_eq!(of("01/02/2025, 12:02:03 PM").unwrap().0, "2025-01-02T12:02:03");
    }

    #[test]
    fn what_is_no_date() {
        for text in ["", "13", "1/2/3", "99/99/2023, 1:02:03", "30/30/2023, 1:02:03", "a/b/c, 1:02:03", "1/1/2023"] {
            assert_eq!(of(text), None, "{text}");
        }
        assert!(unknown_stamp("nothing").is_err());
        assert_eq!(unknown_stamp("١٣‏/٩ ٢:٣٨   ERROR").unwrap().0, "   ERROR");
    }
}
