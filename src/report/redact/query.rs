//! Statements whose columns and values stand apart: rows that are inserted, parameters that a log prints behind the statement.

use super::assign::Name;
use super::cursor::{Cursor, first, is_blank, is_quote, is_word, last};
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
    let holds = |name: &str| key::kind(name).is_some() || apart && HELD.contains(&name);
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
        // A log that puts the values in their places writes no quotes.
        let plain = value::is_strong(bare) && !bare.starts_with(['$', ':', '@', '?', '%']);
        if (*string && secret.len() > 1 || plain || bare.len() >= 16 && value::is_random(bare))
            && !value::is_placeholder(secret)
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
    let start = start.take("[").filter(|inside| inside.byte() == b'@').unwrap_or(start);
    let numbered = matches!(start.byte(), b'$' | b'@');
    if !numbered && !matches!(start.byte(), b'[' | b'(') {
        return;
    }
    let Some(statement) = before(here).or_else(|| behind(end).filter(|_| numbered)) else {
        return unknown(start, spans);
    };
    let wanted = taken(statement);
    if wanted.is_empty() {
        return;
    }
    if !numbered {
        let (items, _) = items(start.plus(1));
        return push(start.text, &items, &wanted, spans);
    }
    for (_, item) in numbers(start).filter(|(index, _)| wanted.contains(index)) {
        push(start.text, &[item], &[0], spans);
    }
}

/// `$1 = 'x', @p1='y'`: the numbers are written.
fn numbers(start: Cursor<'_>) -> impl Iterator<Item = (usize, Item)> {
    let signs = start.line_after().match_indices(['$', '@']).take(ITEMS);
    signs.filter_map(move |(at, sign)| {
        let name = start.plus(at + 1);
        let number = name.skip(|byte| byte == b'p');
        let stop = number.skip(|byte| byte.is_ascii_digit());
        let next = stop.sign()?;
        let (from, to) = value::quoted(next.line_after())?;
        // The first is `$1`, and `@p0`.
        let index = number.until(stop).parse::<usize>().ok()?.checked_sub(usize::from(sign == "$"))?;
        Some((index, (next.at + from, next.at + to, true)))
    })
}

/// `DETAIL:  parameters: $1 = 'x'` of a statement that is not shown: what can be nothing else.
fn unknown(start: Cursor<'_>, spans: &mut Vec<Span>) {
    let chance = |text: &str| value::is_strong(text) && !text.contains(['-', '@', '.', ':', ' ', '{', '_']);
    if start.byte() == b'$' && is_detail(start) {
        for (_, item) in numbers(start).filter(|(_, item)| start.text.get(item.0..item.1).is_some_and(chance)) {
            push(start.text, &[item], &[0], spans);
        }
    }
}

/// Alone on its line, or behind `DETAIL:`.
fn is_detail(start: Cursor<'_>) -> bool {
    let lead = start.line_before().trim_end().trim_end_matches("parameters:").trim_end();
    lead.is_empty() || lead.ends_with("DETAIL:")
}

/// The words with which a statement begins.
const VERBS: [&str; 6] = ["INSERT", "UPDATE", "SELECT", "insert", "update", "select"];

/// The statement before a list of its parameters.
fn before(here: Cursor<'_>) -> Option<&str> {
    let from = here.text.floor_char_boundary(here.at.saturating_sub(STATEMENT));
    let before = here.text.get(from..here.at)?;
    before.get(VERBS.iter().filter_map(|verb| before.rfind(verb)).max()?..)
}

/// The statement on the lines below.
fn behind(end: Cursor<'_>) -> Option<&str> {
    let rest = end.plus(end.line_after().len()).rest();
    let near = first(rest, STATEMENT / 4);
    near.get(VERBS.iter().filter_map(|verb| near.find(verb)).min()?..)
}

/// `… VALUES ($1) ["x"]`, `… = $1 ["x"]`: a list behind a statement that takes parameters, at the bracket here.
pub(super) fn list(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if !is_blank(here.before()) || !is_quote(here.plus(1).byte()) {
        return;
    }
    let lead = here.line_before().trim_end();
    let near = last(lead, STATEMENT);
    let taken_here =
        near.ends_with(|c: char| c.is_ascii_digit() || matches!(c, '?' | ')' | ';')) && near.contains(['$', '?']);
    let statement = taken_here.then(|| VERBS.iter().filter_map(|verb| near.rfind(verb)).max()).flatten();
    if let Some(statement) = statement.and_then(|at| near.get(at..)) {
        let (items, _) = items(here.plus(1));
        push(here.text, &items, &taken(statement), spans);
    }
}

/// `binding parameter (1:VARCHAR) <- [x]`, `[1] as [VARCHAR] - [x]`: behind the first word; the statement stands above.
pub(super) fn bound(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(open) = end.take(" parameter ").filter(|open| matches!(open.byte(), b'(' | b'[')) else { return };
    let number = open.plus(1);
    let stop = number.skip(|byte| byte.is_ascii_digit());
    let line = stop.line_after().trim_end();
    let value =
        line.rfind(" [").map(|at| (stop.at + at + " [".len(), stop.at + line.len())).filter(|_| line.ends_with(']'));
    let wanted = before(end).map(taken).unwrap_or_default();
    let index = number.until(stop).parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    if let Some((from, to)) = value.filter(|_| index.is_some_and(|index| wanted.contains(&index))) {
        push(end.text, &[(from, to - 1, true)], &[0], spans);
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
    let apart = is_secret_table(statement);
    for (at, sign) in statement.match_indices(['$', '?', '%', '@']) {
        let here = Cursor::new(statement, at);
        let digits = here.plus(1).skip(|byte| byte.is_ascii_digit());
        let named = here.plus(1).take("p").map(|number| number.until(number.skip(|byte| byte.is_ascii_digit())));
        let index = match sign {
            "@" => named.and_then(|number| number.parse::<usize>().ok()),
            "$" => here.plus(1).until(digits).parse::<usize>().ok().and_then(|number| number.checked_sub(1)),
            "%" if here.plus(1).byte() != b's' => None,
            _ => {
                unnumbered += 1;
                Some(unnumbered - 1)
            }
        };
        let sign = here.back(is_blank);
        let column = || Cursor::new(statement, sign.at - 1);
        let compared = sign.before() == b'='
            && (Name::before(column()).is_some() || apart && HELD.contains(&name_before(column())));
        // Of a row that is inserted: as many commas before as columns.
        let inserted = row
            .filter(|row| row.at < at)
            .is_some_and(|row| columns.contains(&row.until(here).bytes().filter(|byte| *byte == b',').count()));
        taken.extend(index.filter(|_| compared || inserted));
    }
    taken
}

/// Columns that hold the secret itself in a table that is named after it.
const HELD: [&str; 4] = ["value", "hash", "key", "code"];

/// The name of a column, with or without quotes, that ends before the sign here.
fn name_before(sign: Cursor<'_>) -> &str {
    let end = sign.quote_before();
    end.back(is_word).until(end)
}

/// `UPDATE "token" SET …`: the table is named after a secret.
fn is_secret_table(statement: &str) -> bool {
    let name = |rest: &str| rest.split([' ', '(']).next().and_then(|name| name.rsplit('.').next().map(str::to_owned));
    let table = ["UPDATE ", "update ", " FROM ", " from "].iter().find_map(|word| name(statement.split_once(word)?.1));
    table.is_some_and(|table| key::kind(table.trim_matches(['"', '`', '\''])).is_some())
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
