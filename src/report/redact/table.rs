//! Tables of databases: a column of secrets, or rows of a name and its value.

use super::assign::Name;
use super::cursor::{Cursor, is_blank};
use super::{Span, key, value};

/// Rows that are looked at.
const ROWS: usize = 200;

/// The bar here.
pub(super) fn at(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let before = here.line_before();
    if !before.trim_start_matches(['|', ' ']).contains('|') {
        row(here, spans);
    }
    if !before.contains('|') {
        columns(here, spans);
    }
}

/// ` smtp_password | x`
fn row(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(name) = Name::before(here).filter(|_| is_blank(here.before())) else {
        return;
    };
    let lead = name.start.line_before().trim_start_matches(['|', ' ']);
    let value = here.plus(1).blanks();
    let (text, rest) = value.line_after().split_once('|').unwrap_or((value.line_after(), ""));
    let text = text.trim_end();
    // Two columns, or the row is one of another table.
    if !rest.trim().is_empty() {
        return;
    }
    if lead.is_empty()
        && value.at > here.at + 1
        && (value::is_strong(text) || value::is_typed(text) || value::is_chosen(text) && !is_name(text))
    {
        spans.push(Span::new(value.at, value.at + text.len(), name.kind));
    }
}

/// `│ API_TOKEN │ x │` in a frame that is drawn, at the first bar of a line: a row of a name and its value, or the names of columns.
pub(super) fn drawn(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(bar) = BARS.iter().find(|bar| here.take(bar).is_some()) else { return };
    if here.line_before().contains(bar) {
        return;
    }
    let cells = cells(here, bar);
    let text = |(from, to): &(usize, usize)| here.text.get(*from..*to).unwrap_or_default();
    // The number of a row may stand before.
    let own = cells.iter().skip_while(|cell| text(cell).bytes().all(|byte| byte.is_ascii_digit())).collect::<Vec<_>>();
    if let [name, value] = own.as_slice() {
        let secret = text(value);
        let holds = value::is_strong(secret) || value::is_typed(secret) || value::is_chosen(secret) && !is_name(secret);
        if let Some(kind) = key::kind(text(name)).filter(|_| holds) {
            spans.push(Span::new(value.0, value.1, kind));
        }
    }
    let mut at = here.at + here.line_after().len() + 1;
    let mut lines = here.text.get(at..).unwrap_or_default().split_inclusive('\n').take(ROWS);
    let Some(rule) = lines.next().filter(|line| line.trim_start().starts_with(['├', '┠', '╞', '╠', '┣', '┡']))
    else {
        return;
    };
    let kinds: Vec<_> = cells.iter().map(|cell| key::kind(text(cell))).collect();
    if kinds.iter().all(Option::is_none) {
        return;
    }
    at += rule.len();
    for line in lines.take_while(|line| line.contains(bar)) {
        let row = Cursor::new(here.text, at + line.find(bar).unwrap_or_default());
        for (cell, kind) in self::cells(row, bar).iter().zip(&kinds) {
            if let Some(kind) = kind.filter(|_| text(cell).len() > 1 && !value::is_placeholder(text(cell))) {
                spans.push(Span::new(cell.0, cell.1, kind));
            }
        }
        at += line.len();
    }
}

/// How the columns of a drawn frame are parted.
const BARS: [&str; 3] = ["│", "┃", "║"];

/// The texts between the bars from here to the end of the line, without the blanks and quotes around them.
fn cells(here: Cursor<'_>, bar: &str) -> Vec<(usize, usize)> {
    let line = here.line_after().get(bar.len()..).unwrap_or_default();
    let (mut at, mut cells) = (here.at + bar.len(), Vec::new());
    for cell in line.split(bar) {
        let text = cell.trim().trim_matches(['\'', '"']);
        let from = at + cell.find(text).unwrap_or_default();
        cells.push((from, from + text.len()));
        at += cell.len() + bar.len();
    }
    // Behind the last bar is nothing.
    if line.trim_end().ends_with(bar) {
        cells.pop();
    }
    cells
}

/// `Username  Password` and the words below, at the same place of their lines.
pub(super) fn aligned(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let lead = here.line_before();
    if !lead.ends_with("  ") && !lead.ends_with('\t')
        || lead.trim().is_empty()
        || !matches!(end.byte(), b'\n' | b'\r' | b' ' | b'\t')
    {
        return;
    }
    let mut at = end.at + end.line_after().len() + 1;
    for line in here.text.get(at..).unwrap_or_default().split_inclusive('\n').take(ROWS / 8) {
        let cell = line.get(lead.len()..).unwrap_or_default();
        let begins =
            line.get(..lead.len()).is_some_and(|before| before.ends_with([' ', '\t']) && !before.trim().is_empty());
        let text = cell.split([' ', '\t', '\n', '\r']).next().unwrap_or_default();
        let rule = line.trim().bytes().all(|byte| matches!(byte, b'-' | b'=' | b' ' | b'\t' | b'+'));
        if !rule && (!begins || !value::is_strong(text)) {
            return;
        }
        if !rule {
            spans.push(Span::new(at + lead.len(), at + lead.len() + text.len(), "password"));
        }
        at += line.len();
    }
}

/// Small letters and underscores: the name of another column.
fn is_name(text: &str) -> bool {
    text.contains(' ') || text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
}

/// The cells below a column's name, where a line under the names shows that they are names.
fn columns(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let head = here.line_before().len();
    let start = Cursor::new(here.text, here.at - head);
    let mut lines = start.rest().split_inclusive('\n').take(ROWS + 2);
    let names = lines.next().unwrap_or_default();
    let ruled = |rule: &&str| {
        rule.contains('-') && rule.trim().bytes().all(|byte| matches!(byte, b'-' | b'+' | b'|' | b':' | b' '))
    };
    let Some(rule) = lines.next().filter(ruled) else {
        return;
    };
    let kinds: Vec<_> = names.split('|').map(|name| key::kind(name.trim())).collect();
    if kinds.iter().all(Option::is_none) {
        return;
    }
    let mut at = start.at + names.len();
    at += rule.len();
    for row in lines.take_while(|row| row.contains('|')) {
        let mut cell = at;
        for (text, kind) in row.split('|').zip(&kinds) {
            let secret = text.trim();
            let from = cell + text.len() - text.trim_start().len();
            if let Some(kind) = kind
                && secret.len() > 1
                && !value::is_placeholder(secret)
            {
                spans.push(Span::new(from, from + secret.len(), kind));
            }
            cell += text.len() + 1;
        }
        at += row.len();
    }
}
