//! How long a script waits by itself: `sleep`, and loops that sleep between tries.

use std::ops::Range;
use std::time::Duration;

use super::model::{Command, CommandKind, Part, Script, Word};
use super::state::State;
use super::walk::walk;

/// A wait with an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The command or the loop.
    pub span: Range<usize>,
    /// The longest it takes.
    pub most: Duration,
    /// Whether it ends as soon as what it waits for is there.
    pub ends_early: bool,
}

/// Most rounds that are believed; more are a wait without end.
const ROUNDS: u32 = 100_000;

/// The waits of a script that have an end; one that waits for ever has none, and those in the background delay nothing.
#[must_use]
pub fn waits(script: &Script, state: State) -> Vec<Wait> {
    let mut waits: Vec<Wait> = Vec::new();
    walk(script, state, &mut |step| {
        let invocation = step.invocation();
        if step.place.background.is_some() || step.place.substituted {
            return;
        }
        let name = invocation.program().unwrap_or_default();
        if name.starts_with("wait-for") {
            let option = |word: &&str| matches!(*word, "-t" | "--timeout");
            let words: Vec<&str> = invocation.arguments().collect();
            let after = words.iter().position(option).and_then(|at| words.get(at + 1).copied());
            let joined =
                words.iter().find_map(|word| word.strip_prefix("--timeout=").or_else(|| word.strip_prefix("-t")));
            if let Some(most) = after.or(joined).and_then(duration) {
                waits.push(Wait { span: step.command.span.clone(), most, ends_early: true });
            }
        }
        let Some(pause) = invocation.arguments().next().filter(|_| name == "sleep").and_then(duration) else { return };
        let mut most = pause;
        for around in &step.place.loops {
            match rounds(around) {
                Some(rounds) => most = most.saturating_mul(rounds),
                None => return,
            }
        }
        let looped = step.place.loops.first();
        let span = looped.map_or_else(|| step.command.span.clone(), |command| command.span.clone());
        let ends_early = looped.is_some() || step.place.conditional;
        waits.push(Wait { span, most, ends_early });
    });
    waits
}

/// A number of seconds, or one with a unit.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let number: f64 = rest.get(..length)?.parse().ok()?;
        rest = rest.get(length..)?;
        let unit: String = rest.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
        let factor = match unit.as_str() {
            "" | "s" => 1.0,
            "ms" => 0.001,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        total = total.checked_add(Duration::try_from_secs_f64(number * factor).ok()?)?;
        rest = rest.get(unit.len()..)?;
    }
    (!text.is_empty()).then_some(total)
}

/// How many rounds a loop has at most.
fn rounds(command: &Command) -> Option<u32> {
    match &command.kind {
        CommandKind::For { words, .. } => words.as_ref().and_then(|words| words.iter().map(values).sum()),
        CommandKind::ForArithmetic { header, .. } => header.split(';').nth(1).and_then(last_number),
        CommandKind::Loop { condition, body, .. } => {
            let mut limits = Vec::new();
            collect(condition, &mut limits);
            collect(body, &mut limits);
            limits.into_iter().min()
        }
        _ => None,
    }
    .filter(|rounds| *rounds <= ROUNDS)
}

/// How many values a word of `for` gives: `$(seq 30)`, `{1..30}`, or one.
fn values(word: &Word) -> Option<u32> {
    match word.parts.as_slice() {
        [Part::Substitution(list)] => {
            let command = list.items.first()?.chain.first()?.pipeline.commands.first()?;
            let CommandKind::Simple(simple) = &command.kind else { return None };
            let words: Vec<String> = simple.words.iter().filter_map(Word::literal).collect();
            let numbers: Vec<u32> = words.iter().skip(1).filter_map(|word| word.parse().ok()).collect();
            match (words.first()?.as_str(), numbers.as_slice()) {
                ("seq", [last]) => Some(*last),
                ("seq", [first, last]) => Some(last.saturating_sub(*first) + 1),
                _ => None,
            }
        }
        [Part::Literal(text)] => match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(range) => {
                let (first, last) = range.split_once("..")?;
                Some(last.parse::<u32>().ok()?.saturating_sub(first.parse().ok()?) + 1)
            }
            None => Some(1),
        },
        _ => None,
    }
}

/// Numbers that a counter is compared with in a list: `[ $i -lt 30 ]`, `((i < 30))`.
fn collect(list: &super::model::List, limits: &mut Vec<u32>) {
    let script = Script { body: list.clone(), ..Script::default() };
    walk(&script, State::default(), &mut |step| {
        let words: Vec<String> = step.simple.words.iter().map(|word| word.literal().unwrap_or_default()).collect();
        let counts =
            step.simple.words.iter().flat_map(|word| &word.parts).all(|part| !matches!(part, Part::Substitution(_)));
        if !counts || !words.first().is_some_and(|word| word == "[" || word == "test") || tells_time(&words.concat()) {
            return;
        }
        for pair in words.windows(2) {
            let [operator, number] = pair else { continue };
            if matches!(operator.as_str(), "-lt" | "-le" | "-gt" | "-ge" | "-eq")
                && let Ok(number) = number.parse::<u32>()
                && number > 1
            {
                limits.push(number);
            }
        }
    });
    for command in list.items.iter().flat_map(|item| &item.chain).flat_map(|link| &link.pipeline.commands) {
        match &command.kind {
            CommandKind::Arithmetic(text) if tells_time(text) => {}
            CommandKind::Arithmetic(text) => limits.extend(last_number(text).filter(|number| *number > 1)),
            CommandKind::Test(words) => {
                let numbers = words.iter().filter_map(Word::literal).filter_map(|word| word.parse::<u32>().ok());
                limits.extend(numbers.filter(|number| *number > 1));
            }
            CommandKind::If { branches, .. } => branches.iter().for_each(|branch| collect(&branch.condition, limits)),
            _ => {}
        }
    }
}

/// Whether a comparison is one of times, and its number no count of rounds.
fn tells_time(text: &str) -> bool {
    ["date", "SECONDS", "elapsed", "start"].iter().any(|word| text.contains(word))
}

fn last_number(text: &str) -> Option<u32> {
    let digits = text.rsplit(|c: char| !c.is_ascii_digit()).find(|piece| !piece.is_empty())?;
    digits.parse().ok()
}
