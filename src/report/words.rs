//! Words and numbers that every writer spells the same way.

use super::model::{Boot, Cause, Confidence, Consequence, Evidence, Phase, Report, Verdict};

/// The verdict as it is printed.
pub(crate) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Healthy => "HEALTHY",
        Verdict::Starting => "STARTING",
        Verdict::Degraded => "DEGRADED",
        Verdict::Failed => "FAILED",
        Verdict::Unknown => "UNKNOWN",
    }
}

/// The verdict's sign; each is another character, so that it is told apart without colour.
pub(crate) fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Healthy => "✓",
        Verdict::Starting => "…",
        Verdict::Degraded => "!",
        Verdict::Failed => "✗",
        Verdict::Unknown => "?",
    }
}

/// How sure the verdict is, as a word.
pub(crate) fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Confirmed => "confirmed",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
    }
}

/// Where a cause was found, when there is more than one place.
pub(crate) fn container(report: &Report, cause: &Cause) -> Option<String> {
    cause.container.as_ref().filter(|_| report.containers.len() > 1).map(|name| format!("in {name}"))
}

/// `1,234,567`: readable without a locale.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 line`, `2 lines`.
pub(crate) fn counted(number: u64, one: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {one}{ending}", grouped(number))
}

/// A duration in the unit a person would say: `40 ms`, `5.0 s`, `2 min 5 s`.
pub(crate) fn duration(millis: u64) -> String {
    match millis {
        0..100 => format!("{millis} ms"),
        100..60_000 => {
            let tenths = millis.saturating_add(50) / 100;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        _ => {
            let seconds = millis.saturating_add(500) / 1000;
            format!("{} min {} s", seconds / 60, seconds % 60)
        }
    }
}

/// `container.log:43`.
pub(crate) fn place(evidence: &Evidence) -> String {
    format!("{}:{}", evidence.source, evidence.line)
}

/// A consequence in one phrase, with how often and where.
pub(crate) fn consequence(consequence: &Consequence) -> String {
    let times = (consequence.count > 1).then(|| format!("{} times", grouped(consequence.count)));
    let seen = consequence.evidence.first().map(place);
    let facts: Vec<String> = times.into_iter().chain(seen).collect();
    if facts.is_empty() { consequence.title.clone() } else { format!("{} ({})", consequence.title, facts.join(", ")) }
}

/// The display name of a phase; the words of its id when no boot has it.
pub(crate) fn phase_title(report: &Report, name: &str) -> String {
    let mut phases = report.timeline.boots.iter().rev().flat_map(|boot| &boot.phases);
    phases.find(|phase| phase.name == name).map_or_else(|| name.replace('-', " "), |phase| phase.title.clone())
}

/// A phase's outcome as sign and words, for example `✓ 5.0 s`.
pub(crate) fn phase_outcome(phase: &Phase) -> String {
    let sign = match phase.outcome.as_str() {
        "passed" => "✓",
        "failed" => "✗",
        "entered" => "… not finished",
        "never-reached" => "– never reached",
        other => other,
    };
    match phase.millis {
        Some(millis) => format!("{sign} {}", duration(millis)),
        None => sign.to_owned(),
    }
}

/// Boots in order, each with how many lie between it and the one before: of very many only the first and the last are kept, or shown.
pub(crate) fn with_gaps<'b>(boots: impl Iterator<Item = &'b Boot>) -> impl Iterator<Item = (u32, &'b Boot)> {
    boots.scan(None, |before: &mut Option<u32>, boot| {
        let between =
            before.replace(boot.number).map_or(0, |before| boot.number.saturating_sub(before).saturating_sub(1));
        Some((between, boot))
    })
}

/// Boots that the timeline and the causes speak of; a cause may name a boot of which no mark was seen.
pub(crate) fn boots(report: &Report) -> u32 {
    let marks = report.timeline.boots.iter().map(|boot| boot.number);
    marks.chain(report.causes.iter().map(|cause| cause.boot)).max().unwrap_or(0)
}

/// What was masked, occurrences by kind; nothing when nothing was.
pub(crate) fn redactions(report: &Report) -> Option<String> {
    if report.redactions.count == 0 {
        return None;
    }
    let kinds = report.redactions.kinds.iter();
    let kinds: Vec<String> = kinds.map(|(kind, count)| format!("{} {kind}", grouped(*count))).collect();
    let more = if report.redactions.too_many { "; too many to look for each wherever it occurs again" } else { "" };
    Some(format!("masked here: {}{more}", kinds.join(", ")))
}

/// From when to when; a day is said once. Where only one of the two has a time, that one.
pub(crate) fn span(first: &str, last: &str) -> String {
    match (is_time(first), is_time(last)) {
        (true, false) => return first.to_owned(),
        (false, true) => return last.to_owned(),
        _ => {}
    }
    let day = first.split_once('T').filter(|(day, _)| last.split_once('T').is_some_and(|(other, _)| other == *day));
    let rest = day.and_then(|(day, _)| last.get(day.len() + 1..));
    if first.starts_with(last) { first.to_owned() } else { format!("{first} to {}", rest.unwrap_or(last)) }
}

/// Whether a place is a time; else it is a line.
pub(crate) fn is_time(place: &str) -> bool {
    place.get(..5).is_some_and(|year| year.ends_with('-') && year.bytes().take(4).all(|byte| byte.is_ascii_digit()))
}

/// What was read, one phrase per input.
pub(crate) fn inputs(report: &Report) -> Vec<String> {
    let phrase = |input: &super::model::Input| {
        let mut facts = vec![counted(input.lines, "line")];
        facts
            .extend(input.first_time.as_deref().zip(input.last_time.as_deref()).map(|(first, last)| span(first, last)));
        facts.extend(input.incomplete.iter().map(|why| format!("incomplete: {why}")));
        format!("{} ({})", input.name, facts.join(", "))
    };
    report.inputs.iter().map(phrase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_without_a_locale() {
        assert_eq!(
            ["0", "999", "1,000", "12,345,678"],
            [0, 999, 1000, 12_345_678].map(grouped).each_ref().map(String::as_str)
        );
        assert_eq!(counted(1, "line"), "1 line");
        assert_eq!(counted(0, "line"), "0 lines");
    }

    #[test]
    fn durations_are_said_in_the_unit_of_a_person() {
        assert_eq!([40, 100, 5_000, 59_940, 125_000].map(duration), ["40 ms", "0.1 s", "5.0 s", "59.9 s", "2 min 5 s"]);
    }
}
