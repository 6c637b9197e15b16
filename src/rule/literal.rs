//! The literal a clause cannot match without: what the scan looks for.
//!
//! Inside Docker's json-file envelope text is escaped, so a required literal holds none of `" \ < > &` (but for a quote
//! at its beginning), no control and no non-ASCII byte; it then reads the same in every envelope. This file is also compiled into the build script.

use regex_syntax::hir::{Hir, HirKind};

/// Fewest bytes a required literal may have.
pub(crate) const SHORTEST: usize = 4;
/// Most literals one clause may need.
const MOST: usize = 64;

/// The literals of `contains`: its longest stretch of plain bytes.
#[must_use]
pub(crate) fn of_text(text: &str) -> Option<Vec<String>> {
    plain(text.as_bytes()).map(|literal| vec![literal])
}

/// The literals of a regex: every match contains at least one of them. `None` if no such set exists.
#[must_use]
pub(crate) fn of_regex(pattern: &str) -> Option<Vec<String>> {
    let mut set = required(&parsed(pattern)?)?;
    set.sort();
    set.dedup();
    (set.len() <= MOST).then_some(set)
}

/// What a regex of a clause says, if it is one.
pub(super) fn parsed(pattern: &str) -> Option<Hir> {
    regex_syntax::ParserBuilder::new().multi_line(true).build().parse(pattern).ok()
}

/// The literals of a clause, whichever form it has; empty when it has none, which the judge refuses.
#[must_use]
pub(crate) fn of_clause(contains: Option<&str>, regex: Option<&str>) -> Vec<String> {
    contains.and_then(of_text).or_else(|| regex.and_then(of_regex)).unwrap_or_default()
}

/// The best set of literals of which every match of `hir` contains one.
fn required(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => plain(&literal.0).map(|text| vec![text]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => concat(parts),
        HirKind::Alternation(branches) => {
            let sets: Option<Vec<_>> = branches.iter().map(required).collect();
            sets.map(|sets| sets.concat())
        }
        _ => None,
    }
}

/// Of a sequence, the part whose literals are the best at their worst; runs of literals and short alternations are joined.
fn concat(parts: &[Hir]) -> Option<Vec<String>> {
    let mut best: Option<Vec<String>> = None;
    let mut run: Vec<Text> = vec![Vec::new()];
    let offer = |best: &mut Option<Vec<String>>, set: Option<Vec<String>>| {
        if let Some(set) = set
            && best.as_ref().is_none_or(|old| worth(&set) > worth(old))
        {
            *best = Some(set);
        }
    };
    for part in flat(parts) {
        if let Some(texts) = exact(part) {
            let longer = product(&run, &texts);
            let free = |texts: &[Text]| texts.iter().flatten().any(|letter| matches!(letter, Letter::Either(_)));
            if free(&run) != free(&longer) {
                offer(&mut best, spelled(&run));
            }
            if free(&run) {
                offer(&mut best, required(part));
            }
            if longer.len() <= MOST {
                run = longer;
                continue;
            }
        }
        offer(&mut best, spelled(&run));
        run = exact(part).filter(|texts| texts.len() <= MOST).unwrap_or_else(|| vec![Vec::new()]);
        offer(&mut best, required(part));
    }
    offer(&mut best, spelled(&run));
    best
}

/// The parts of a sequence, with those of sequences and groups inside it.
pub(super) fn flat(parts: &[Hir]) -> Vec<&Hir> {
    let mut flattened = Vec::with_capacity(parts.len());
    for part in parts {
        match part.kind() {
            HirKind::Concat(deeper) => flattened.extend(flat(deeper)),
            HirKind::Capture(capture) => flattened.extend(flat(std::slice::from_ref(&capture.sub))),
            _ => flattened.push(part),
        }
    }
    flattened
}

/// One letter of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letter {
    /// This byte.
    Byte(u8),
    /// This lower-case letter in either case.
    Either(u8),
}

type Text = Vec<Letter>;

/// The best literal of each text. A stretch in either case is looked for as programs write words: lower, UPPER, Title and Sentence case.
fn spelled(texts: &[Text]) -> Option<Vec<String>> {
    let mut set = Vec::new();
    for text in texts {
        let free = text.iter().any(|letter| matches!(letter, Letter::Either(_)));
        let styles: &[Style] =
            if free { &[Style::Lower, Style::Upper, Style::Title, Style::Sentence] } else { &[Style::Lower] };
        for style in styles {
            set.push(plain(&style.spell(text))?);
        }
    }
    Some(set)
}

/// How a stretch in either case is spelled.
#[derive(Debug, Clone, Copy)]
enum Style {
    Lower,
    Upper,
    Title,
    Sentence,
}

impl Style {
    fn spell(self, text: &[Letter]) -> Vec<u8> {
        let mut before: Option<Letter> = None;
        let mut spelled = Vec::with_capacity(text.len());
        for letter in text {
            let starts = match (self, before) {
                (Self::Upper, _) => true,
                (Self::Lower, _) => false,
                (Self::Title, Some(Letter::Byte(byte))) => !byte.is_ascii_alphanumeric(),
                (Self::Title | Self::Sentence, None) => true,
                (Self::Title | Self::Sentence, Some(_)) => false,
            };
            spelled.push(match letter {
                Letter::Byte(byte) => *byte,
                Letter::Either(byte) if starts => byte.to_ascii_uppercase(),
                Letter::Either(byte) => *byte,
            });
            before = Some(*letter);
        }
        spelled
    }
}

/// All texts of a part that is a finite choice, if it is one of at most eight.
fn exact(hir: &Hir) -> Option<Vec<Text>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.iter().map(|byte| Letter::Byte(*byte)).collect()]),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Class(class) => small_class(class),
        HirKind::Alternation(branches) if branches.len() <= 8 => {
            let sets: Option<Vec<_>> = branches.iter().map(exact).collect();
            sets.map(|sets| sets.concat()).filter(|all| all.len() <= 8)
        }
        HirKind::Concat(parts) => parts.iter().try_fold(vec![Vec::new()], |run, part| {
            let longer = product(&run, &exact(part)?);
            (longer.len() <= 8).then_some(longer)
        }),
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        // A colon that may be there, a plural: more would cut what follows into too many texts.
        HirKind::Repetition(repetition) if repetition.min == 0 && repetition.max == Some(1) => {
            let mut texts = exact(&repetition.sub).filter(|texts| texts.iter().all(|text| text.len() <= 1))?;
            texts.push(Vec::new());
            Some(texts)
        }
        _ => None,
    }
}

/// A letter in either case, or the letters of a class of at most three.
fn small_class(class: &regex_syntax::hir::Class) -> Option<Vec<Text>> {
    let regex_syntax::hir::Class::Unicode(class) = class else { return None };
    let mut letters: Vec<char> = Vec::new();
    for range in class.ranges() {
        for letter in range.start()..=range.end() {
            if letters.len() == 3 {
                return None;
            }
            letters.push(letter);
        }
    }
    // Unicode folds a few letters to a third one outside ASCII (k and the Kelvin sign), which no program writes.
    let ascii: Vec<u8> = letters.iter().filter_map(|letter| u8::try_from(*letter).ok().filter(u8::is_ascii)).collect();
    if let [upper, lower] = ascii.as_slice()
        && upper.is_ascii_uppercase()
        && upper.to_ascii_lowercase() == *lower
    {
        return Some(vec![vec![Letter::Either(*lower)]]);
    }
    let bytes = |letter: char| letter.to_string().into_bytes().into_iter().map(Letter::Byte).collect();
    Some(letters.into_iter().map(bytes).collect())
}

fn product(left: &[Text], right: &[Text]) -> Vec<Text> {
    left.iter().flat_map(|head| right.iter().map(move |tail| [head.as_slice(), tail.as_slice()].concat())).collect()
}

/// How good a set is: the rarity of its most common member, less the cost of many members.
fn worth(set: &[String]) -> usize {
    let rarest = set.iter().map(|text| rarity(text)).min().unwrap_or(0);
    (4 * rarest).saturating_sub(set.len())
}

/// Length, less what every log is full of: words that each line may hold, and single short words.
fn rarity(text: &str) -> usize {
    const FREQUENT: [&str; 6] = ["    at ", "[Nest]", "node", "http://", "file", " connect"];
    const FAULTS: [&str; 5] = ["error", "Error", "ERROR", "failed", "warning"];
    let frequent = FREQUENT.iter().filter(|word| text.contains(*word)).map(|word| word.len() - 1).max().unwrap_or(0);
    let fault = if FAULTS.iter().any(|word| text.contains(word)) { 2 } else { 0 };
    let word = text.trim();
    let short = if word.len() <= 8 && word.bytes().skip(1).all(|byte| byte.is_ascii_lowercase()) { 3 } else { 0 };
    text.len().saturating_sub(frequent.max(fault).max(short)).min(24)
}

/// A shorter literal is told from the numbers of ordinary lines by the quote before it (`" 504 `).
const QUOTED: usize = 8;

/// The longest stretch without bytes that an envelope may escape, if it is long enough. A quote may stand before a short one: escaped as
/// `\"`, it still is the byte before. (Encoders that write `\u0022` do not write access logs.)
fn plain(bytes: &[u8]) -> Option<String> {
    let cuts = |byte: u8| !(b' '..=b'~').contains(&byte) || matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&');
    let ends = bytes.iter().enumerate().filter(|(_, byte)| cuts(**byte)).map(|(at, _)| at).chain([bytes.len()]);
    let mut from = 0;
    let runs = ends.filter_map(|end| {
        let start = std::mem::replace(&mut from, end + 1);
        let quoted = start > 0 && end - start < QUOTED && bytes.get(start - 1) == Some(&b'"');
        let run = bytes.get(start - usize::from(quoted)..end)?;
        (end - start >= SHORTEST).then(|| std::str::from_utf8(run).ok())?
    });
    runs.max_by_key(|run| rarity(run)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regex(pattern: &str) -> Option<Vec<String>> {
        of_regex(pattern)
    }

    #[test]
    fn text_is_cut_at_bytes_that_json_escapes() {
        assert_eq!(of_text(r#"at "/app" could not be found"#), Some(vec![" could not be found".into()]));
        assert_eq!(of_text(r#"a" 504 0"#), Some(vec![r#"" 504 0"#.into()]));
        assert_eq!(of_text(r"C:\app\server is missing"), Some(vec!["server is missing".into()]));
        assert_eq!(of_text(r#"a "b" c"#), None);
    }

    #[test]
    fn the_longest_necessary_part_wins() {
        assert_eq!(regex(r#"^error: database "(?P<d>[^"]+)" does not exist$"#), Some(vec![" does not exist".into()]));
        assert_eq!(regex(r"\d+ (?:foo|bar)?listen EADDRINUSE\b"), Some(vec!["listen EADDRINUSE".into()]));
    }

    #[test]
    fn alternations_need_a_literal_in_every_branch() {
        assert_eq!(regex("alpha|beta"), Some(vec!["alpha".into(), "beta".into()]));
        assert_eq!(regex("alpha|.*"), None);
        assert_eq!(regex("(?:could|did) not start"), Some(vec!["could not start".into(), "did not start".into()]));
    }

    #[test]
    fn small_classes_are_spelled_out() {
        assert_eq!(regex("gr[ae]y matters"), Some(vec!["gray matters".into(), "grey matters".into()]));
        assert_eq!(regex("[a-z]+"), None);
    }

    #[test]
    fn either_case_is_looked_for_as_programs_write_words() {
        let words = ["CONNECTION RESET", "Connection Reset", "Connection reset", "connection reset"].map(str::to_owned);
        assert_eq!(regex("(?i:connection reset)"), Some(words.to_vec()));
        assert_eq!(
            regex("(?i:so) such a relation of that name exists"),
            Some(vec![" such a relation of that name exists".into()])
        );
    }

    #[test]
    fn groups_do_not_cut_a_literal() {
        assert_eq!(regex(r"^(?P<file>\S+): error (?P<code>TS\d+: [^\n]*)"), Some(vec![": error TS".into()]));
    }

    #[test]
    fn optional_parts_are_spelled_out() {
        let words = ["code 137", "code: 137", "status 137", "status: 137"].map(str::to_owned).to_vec();
        assert_eq!(regex(r"\b(?:code|status):? 137\b"), Some(words));
    }

    #[test]
    fn optional_parts_are_not_required() {
        assert_eq!(regex("(?:password )?authentication failed"), Some(vec!["authentication failed".into()]));
        assert_eq!(regex("(?:password)?"), None);
    }
}
