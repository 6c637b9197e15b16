//! Evidence as blocks of numbered lines: each source once, its lines in order, context merged where it overlaps.

use std::collections::BTreeMap;

use super::model::Evidence;

/// The lines of one source.
#[derive(Debug)]
pub(crate) struct Block<'a> {
    /// The input's name.
    pub(crate) source: &'a str,
    /// In order of line number; a jump in the numbers is a gap.
    pub(crate) rows: Vec<Row<'a>>,
    /// Where else the same proving lines stand.
    pub(crate) also: Vec<String>,
}

/// One line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    /// From 1.
    pub(crate) number: u64,
    /// Without line end.
    pub(crate) text: &'a str,
    /// Whether it is evidence; else it is context.
    pub(crate) proves: bool,
}

impl Block<'_> {
    /// Whether more than blank lines lie between a row and the one before it.
    pub(crate) fn gap(before: Option<u64>, row: &Row<'_>) -> bool {
        before.is_some_and(|before| row.number.saturating_sub(before) > 3)
    }

    /// Digits of the widest line number.
    pub(crate) fn gutter(&self) -> usize {
        self.rows.last().map_or(1, |row| row.number.to_string().len())
    }
}

/// Evidence with at most `context` lines around each proving line. A line that proves the same in two sources is shown in the first and only named for the others.
pub(crate) fn blocks(evidence: &[Evidence], context: usize) -> Vec<Block<'_>> {
    let mut building: Vec<(&str, BTreeMap<u64, Row<'_>>, Vec<String>)> = Vec::new();
    for item in evidence {
        if let Some(twin) = twin(evidence, item) {
            if let Some((.., also)) = building.iter_mut().find(|(source, ..)| *source == twin.source) {
                also.push(super::words::place(item));
            }
            continue;
        }
        let at = building.iter().position(|(source, ..)| *source == item.source).unwrap_or_else(|| {
            building.push((&item.source, BTreeMap::new(), Vec::new()));
            building.len() - 1
        });
        if let Some((_, rows, _)) = building.get_mut(at) {
            add(rows, item, context);
        }
    }
    building.into_iter().map(|(source, rows, also)| Block { source, rows: trimmed(rows), also }).collect()
}

/// The first evidence with the same words in another source.
fn twin<'a>(evidence: &'a [Evidence], item: &Evidence) -> Option<&'a Evidence> {
    evidence
        .iter()
        .take_while(|other| *other != item)
        .find(|other| other.source != item.source && other.text.trim() == item.text.trim())
}

fn add<'a>(rows: &mut BTreeMap<u64, Row<'a>>, item: &'a Evidence, context: usize) {
    let lines = item.text.lines().count().max(1);
    let numbered = |start: u64| (start..).map(|number| number.max(1));
    // Blank lines say nothing, but they count.
    let telling = |(text, _): &(&String, u64)| !text.trim().is_empty();
    let before = item.before.iter().rev().zip((1..item.line).rev());
    for (text, number) in before.filter(telling).take(context) {
        rows.entry(number).or_insert(Row { number, text, proves: false });
    }
    for (text, number) in item.text.lines().zip(numbered(item.line)) {
        rows.insert(number, Row { number, text, proves: true });
    }
    let after = item.line.saturating_add(u64::try_from(lines).unwrap_or(u64::MAX));
    for (text, number) in item.after.iter().zip(numbered(after)).filter(telling).take(context) {
        rows.entry(number).or_insert(Row { number, text, proves: false });
    }
}

/// Blank context at the ends says nothing.
fn trimmed(rows: BTreeMap<u64, Row<'_>>) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = rows.into_values().collect();
    let blank = |row: &Row<'_>| !row.proves && row.text.trim().is_empty();
    let head = rows.iter().take_while(|row| blank(row)).count();
    rows.drain(..head);
    let tail = rows.iter().rev().take_while(|row| blank(row)).count();
    rows.truncate(rows.len() - tail);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(source: &str, line: u64, text: &str, before: &[&str], after: &[&str]) -> Evidence {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let (source, text) = (source.to_owned(), text.to_owned());
        Evidence {
            source,
            line,
            time: None,
            stream: None,
            text,
            unshown: 0,
            before: owned(before),
            after: owned(after),
        }
    }

    fn shown(blocks: &[Block<'_>]) -> String {
        let row = |row: &Row<'_>| format!("{}{}{}", row.number, if row.proves { "!" } else { " " }, row.text);
        let block = |block: &Block<'_>| {
            format!("{}[{}]{:?}", block.source, block.rows.iter().map(row).collect::<Vec<_>>().join("|"), block.also)
        };
        blocks.iter().map(block).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn overlapping_context_is_shown_once_and_a_proof_wins_over_context() {
        let evidence =
            [line("a", 3, "first", &["", "two"], &["second"]), line("a", 4, "second", &["first"], &["five", ""])];
        assert_eq!(shown(&blocks(&evidence, 3)), r"a[2 two|3!first|4!second|5 five][]");
    }

    #[test]
    fn the_same_line_in_two_sources_is_shown_once() {
        let evidence =
            [line("a", 3, "fault", &[], &[]), line("b", 9, " fault", &[], &[]), line("b", 12, "other", &[], &[])];
        assert_eq!(shown(&blocks(&evidence, 3)), r#"a[3!fault]["b:9"] b[12!other][]"#);
    }

    #[test]
    fn a_record_of_several_lines_counts_on() {
        let evidence = [line("a", 1, "one\ntwo", &["impossible"], &["three"])];
        assert_eq!(shown(&blocks(&evidence, 3)), "a[1!one|2!two|3 three][]");
    }
}
