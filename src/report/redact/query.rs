//! Statements whose columns and values stand apart: rows that are inserted, parameters that a log prints behind the statement.

use super::assign::Name;
use super::cursor::{Cursor, is_blank, is_quote, is_word};
use super::{Span, key, value};

/// Bytes before a list of parameters in which its statement is looked for.
const STATEMENT: usize = 2000;
/// Rows and items that are looked at.
const ITEMS: usize = 64;

/// Behind `VALUES`: the literals of columns that hold secrets.
pub(super) fn values(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let wanted = columns(here);
    if wanted.is_empty() {
        return;
    }
    let mut row = end.skip(|byte| byte.is_ascii_whitespace());
    for _ in 0..ITEMS {
        if row.byte() != b'(' {
            return;
        }
        let (items, behind) = items(row.plus(1));
        push(row.text, &items, &wanted, spans);
        row = behind.skip(|byte| byte.is_ascii_whitespace() || matches!(byte, b')' | b','));
    }
}

/// Which columns of the list before `VALUES` hold secrets, counted from 0.
fn columns(values: Cursor<'_>) -> Vec<usize> {
    let from = values.text.floor_char_boundary(values.at.saturating_sub(STATEMENT));
    let before = values.text.get(from..values.at).unwrap_or_default().trim_end();
    let Some((head, list)) = before.strip_suffix(')').and_then(|list| list.rsplit_once('(')) else {
        return Vec::new();
    };
    let sign = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let table = head.trim_end_matches(sign).rsplit(sign).next().unwrap_or_default();
    let apart = key::kind(table).is_some();
    let holds = |name: &str| key::kind(name).is_some() || apart && matches!(name, "value" | "hash" | "key" | "code");
    list.split(',').enumerate().filter(|(_, name)| holds(name.trim_matches(sign))).map(|(at, _)| at).collect()
}

/// An item of a list, and whether it is a string.
type Item = (usize, usize, bool);

/// The items up to the bracket that closes the list, and the place of that bracket.
fn items(mut here: Cursor<'_>) -> (Vec<Item>, Cursor<'_>) {
    let mut items = Vec::new();
    while items.len() < ITEMS {
        here = here.skip(|byte| byte.is_ascii_whitespace() || byte == b',');
        if let Some((from, to)) = value::quoted(here.line_after()) {
            items.push((here.at + from, here.at + to, true));
            here = Cursor::new(here.text, here.at + to).quote();
        } else {
            let end = here.skip(|byte| !matches!(byte, b',' | b')' | b']' | b'\n'));
            if end.at == here.at {
                break;
            }
            items.push((here.at, end.at, false));
            here = end;
        }
    }
    (items, here)
}

fn push(text: &str, items: &[Item], wanted: &[usize], spans: &mut Vec<Span>) {
    for (from, to, string) in wanted.iter().filter_map(|at| items.get(*at)) {
        let secret = text.get(*from..*to).unwrap_or_default();
        let bare = secret.trim_end();
        if (*string && secret.len() > 1 || bare.len() >= 16 && value::is_random(bare)) && !value::is_placeholder(secret)
        {
            spans.push(Span::new(*from, *to, "password"));
        }
    }
}

/// Behind `parameters`: those that the statement before or behind gives to columns of secrets.
pub(super) fn parameters(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(start) = end.quote().sign().or_else(|| end.gap()) else {
        return;
    };
    let numbered = start.byte() == b'$';
    if !numbered && !matches!(start.byte(), b'[' | b'(') {
        return;
    }
    let from = here.text.floor_char_boundary(here.at.saturating_sub(STATEMENT));
    let before = here.text.get(from..here.at).unwrap_or_default();
    let begin =
        ["INSERT", "UPDATE", "SELECT", "insert", "update", "select"].iter().filter_map(|verb| before.rfind(verb)).max();
    let wanted = begin.and_then(|begin| before.get(begin..)).map(taken).unwrap_or_default();
    if wanted.is_empty() {
        return;
    }
    if !numbered {
        let (items, _) = items(start.plus(1));
        return push(start.text, &items, &wanted, spans);
    }
    // `$1 = 'x', $2 = 'y'`: the numbers are written.
    let line = start.line_after();
    for (at, _) in line.match_indices('$') {
        let number = Cursor::new(start.text, start.at + at + 1);
        let stop = number.skip(|byte| byte.is_ascii_digit());
        let item = stop.sign().and_then(|next| Some((next, value::quoted(next.line_after())?)));
        let index: usize = number.until(stop).parse().unwrap_or(0);
        if let Some((next, (from, to))) = item.filter(|_| wanted.contains(&index.wrapping_sub(1))) {
            push(start.text, &[(next.at + from, next.at + to, true)], &[0], spans);
        }
    }
}

/// The parameters, counted from 0, that a statement gives to columns of secrets: `password = $1`, `VALUES (?, ?)`.
fn taken(statement: &str) -> Vec<usize> {
    let mut taken = Vec::new();
    let mut unnumbered = 0;
    let lower = statement.to_ascii_lowercase();
    let inserted = lower.find("values").map(|at| Cursor::new(statement, at));
    let row = inserted.map(|values| values.plus("values".len()).skip(|byte| byte != b'('));
    let columns = inserted.map(columns).unwrap_or_default();
    for (at, sign) in statement.match_indices(['$', '?', '%']) {
        let here = Cursor::new(statement, at);
        let digits = here.plus(1).skip(|byte| byte.is_ascii_digit());
        let index = match sign {
            "$" => here.plus(1).until(digits).parse::<usize>().ok().and_then(|number| number.checked_sub(1)),
            "%" if here.plus(1).byte() != b's' => None,
            _ => {
                unnumbered += 1;
                Some(unnumbered - 1)
            }
        };
        let sign = here.back(is_blank);
        let compared = sign.before() == b'=' && Name::before(Cursor::new(statement, sign.at - 1)).is_some();
        // Of a row that is inserted: as many commas before as columns.
        let inserted = row
            .filter(|row| row.at < at)
            .is_some_and(|row| columns.contains(&row.until(here).bytes().filter(|byte| *byte == b',').count()));
        taken.extend(index.filter(|_| compared || inserted));
    }
    taken
}

/// `Key (token)=(x) already exists.`: behind the word.
pub(super) fn duplicate(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(names) = end.gap().and_then(|next| next.take("(")) else {
        return;
    };
    let close = names.skip(|byte| !matches!(byte, b')' | b'\n'));
    let Some(row) = close.take(")=(") else {
        return;
    };
    let stop = row.skip(|byte| !matches!(byte, b')' | b'\n'));
    let mut at = row.at;
    for (name, text) in names.until(close).split(',').zip(row.until(stop).split(',')) {
        let secret = text.trim();
        let from = at + text.len() - text.trim_start().len();
        if let Some(kind) = key::kind(name.trim().trim_matches(['"', '\\', ' ']))
            && value::is_strong(secret)
        {
            spans.push(Span::new(from, from + secret.len(), kind));
        }
        at += text.len() + 1;
    }
}

/// `"sess:x"`, as a store of sessions names its entries.
pub(super) fn session(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let start = end.plus(1);
    let stop = start.skip(|byte| is_word(byte) || byte == b'-');
    let text = start.until(stop);
    let mixed = text.bytes().any(|byte| byte.is_ascii_uppercase()) && text.bytes().any(|byte| byte.is_ascii_digit());
    if end.byte() == b':' && text.len() >= 20 && mixed && (is_quote(stop.byte()) || stop.byte() <= b' ') {
        spans.push(Span::new(start.at, stop.at, "session"));
    }
}
