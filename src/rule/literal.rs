//! The literal a clause cannot match without: what the scan looks for.
//!
//! Inside Docker's json-file envelope text is escaped, so a required literal holds none of `" \ < > &`, no control and no
//! non-ASCII byte; it then reads the same in every envelope. This file is also compiled into the build script.

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
    let hir = regex_syntax::ParserBuilder::new().multi_line(true).build().parse(pattern).ok()?;
    let mut set = required(&hir)?;
    set.sort();
    set.dedup();
    (set.len() <= MOST).then_some(set)
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

/// Of a sequence, the part whose literals are the longest at their worst; runs of literals and short alternations are joined.
fn concat(parts: &[Hir]) -> Option<Vec<String>> {
    let mut best: Option<Vec<String>> = None;
    let mut run: Vec<Vec<u8>> = vec![Vec::new()];
    let offer = |best: &mut Option<Vec<String>>, set: Option<Vec<String>>| {
        if let Some(set) = set
            && best.as_ref().is_none_or(|old| worth(&set) > worth(old))
        {
            *best = Some(set);
        }
    };
    for part in parts {
        if let Some(texts) = exact(part) {
            let longer = product(&run, &texts);
            if longer.len() <= MOST {
                run = longer;
                continue;
            }
        }
        offer(&mut best, run.iter().map(|text| plain(text)).collect());
        run = exact(part).filter(|texts| texts.len() <= MOST).unwrap_or_else(|| vec![Vec::new()]);
        offer(&mut best, required(part));
    }
    offer(&mut best, run.iter().map(|text| plain(text)).collect());
    best
}

/// All texts of a part that is a finite choice, if it is one of at most eight.
fn exact(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Class(class) => {
            let literal = class.literal();
            literal.map(|text| vec![text]).or_else(|| small_class(class))
        }
        HirKind::Alternation(branches) if branches.len() <= 8 => {
            let sets: Option<Vec<_>> = branches.iter().map(exact).collect();
            sets.map(|sets| sets.concat()).filter(|all| all.len() <= 8)
        }
        HirKind::Concat(parts) => parts.iter().try_fold(vec![Vec::new()], |run, part| {
            let longer = product(&run, &exact(part)?);
            (longer.len() <= 8).then_some(longer)
        }),
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        _ => None,
    }
}

/// The letters of a class of at most three, such as `[Cc]`.
fn small_class(class: &regex_syntax::hir::Class) -> Option<Vec<Vec<u8>>> {
    let regex_syntax::hir::Class::Unicode(class) = class else { return None };
    let mut letters = Vec::new();
    for range in class.ranges() {
        for letter in range.start()..=range.end() {
            if letters.len() == 3 {
                return None;
            }
            letters.push(letter.to_string().into_bytes());
        }
    }
    Some(letters)
}

fn product(left: &[Vec<u8>], right: &[Vec<u8>]) -> Vec<Vec<u8>> {
    left.iter().flat_map(|head| right.iter().map(move |tail| [head.as_slice(), tail.as_slice()].concat())).collect()
}

/// How good a set is: the length of its shortest member, and few members before many.
fn worth(set: &[String]) -> (usize, std::cmp::Reverse<usize>) {
    (set.iter().map(|text| rarity(text)).min().unwrap_or(0), std::cmp::Reverse(set.len()))
}

/// Length, less what every log is full of.
fn rarity(text: &str) -> usize {
    const COMMON: [&str; 12] = [
        "error", "Error", "failed", "ERROR", "    at ", "node", "[Nest]", "2026", "warning", " connect", "http://",
        "file",
    ];
    let common = COMMON.iter().filter(|word| text.contains(*word)).map(|word| word.len() - 1).max().unwrap_or(0);
    text.len().saturating_sub(common).min(24)
}

/// The longest stretch without bytes that an envelope may escape, if it is long enough.
fn plain(bytes: &[u8]) -> Option<String> {
    bytes
        .split(|byte| !(b' '..=b'~').contains(byte) || matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&'))
        .filter(|run| run.len() >= SHORTEST)
        .filter_map(|run| std::str::from_utf8(run).ok())
        .max_by_key(|run| rarity(run))
        .map(str::to_owned)
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
        assert_eq!(regex("[Cc]onnection reset"), Some(vec!["Connection reset".into(), "connection reset".into()]));
        assert_eq!(regex("[a-z]+"), None);
    }

    #[test]
    fn optional_parts_are_not_required() {
        assert_eq!(regex("(?:password )?authentication failed"), Some(vec!["authentication failed".into()]));
        assert_eq!(regex("(?:password)?"), None);
    }
}
