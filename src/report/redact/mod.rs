//! Secrets are masked, evidence stays readable.
//!
//! A secret is found by where it stands (a URL, an assignment, a header, a command) or by its shape (the tokens of the large
//! providers, a JWT, a PEM block). Once found it is known: it is masked wherever it occurs, always by the same mask, so that a
//! reader still sees that two lines speak of the same password.

mod accept;
mod assign;
mod base64;
mod beside;
mod call;
mod command;
mod complaint;
mod cursor;
mod field;
mod flag;
mod foreign;
mod header;
mod key;
mod known;
mod line;
mod link;
mod mail;
mod object;
mod pem;
mod piece;
mod plain;
mod program;
mod protocol;
mod query;
mod random;
mod redis;
mod sentence;
mod shape;
mod spoken;
mod sql;
mod substitute;
mod table;
mod tokens;
mod torn;
mod url;
mod value;
mod view;
mod walk;
mod words;

use std::collections::BTreeMap;

use self::known::Known;
pub(crate) use self::plain::is_plain;
use super::model::Redactions;

/// How often a text is looked through again after something in it was masked.
const AGAIN: usize = 6;

/// Finds and masks secrets; one for a whole report.
#[derive(Debug)]
pub struct Redactor {
    on: bool,
    known: Known,
    kinds: BTreeMap<String, u64>,
}

/// A piece of a text that is a secret, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    start: usize,
    end: usize,
    kind: &'static str,
    /// The same secret as the one before: a further line of a key.
    same: bool,
}

impl Span {
    const fn new(start: usize, end: usize, kind: &'static str) -> Self {
        Self { start, end, kind, same: false }
    }
}

/// Where the secrets of a text stand.
#[derive(Debug, Default)]
pub(crate) struct Found(Vec<Span>);

impl Default for Redactor {
    fn default() -> Self {
        Self::new()
    }
}

impl Redactor {
    /// One that knows no secret yet.
    #[must_use]
    pub fn new() -> Self {
        Self { on: true, known: Known::default(), kinds: BTreeMap::new() }
    }

    /// One that shows everything, for `--no-redact`.
    #[must_use]
    pub fn off() -> Self {
        Self { on: false, ..Self::new() }
    }

    /// Remembers the secrets of a text. Every text that will be shown is learnt before the first one is masked: a line may
    /// quote a password that only a later line shows to be one.
    pub fn learn(&mut self, text: &str) {
        self.search(text);
    }

    /// The same; what was found is kept for [`Self::mask_found`]. Names that stand beside secrets stay readable.
    pub(crate) fn search(&mut self, text: &str) -> Found {
        if !self.on {
            return Found::default();
        }
        let view = view::View::of(text);
        let printed = view.as_ref().map_or(text, |view| &view.text);
        let pieces = piece::pieces(printed);
        let spans = merged(piece::found(printed, &pieces, found));
        let mut spans = by_line(text, view.as_ref().map_or_else(|| spans.clone(), |view| view.spans(&spans)));
        // The border of a piece may lie within a mask.
        let masks = masks(text);
        spans.retain(|span| !overlaps(&masks, span));
        self.number(text, &spans);
        for piece in pieces.into_iter().filter_map(|piece| printed.get(piece)) {
            if memchr::memmem::find(piece.as_bytes(), b"://").is_some() {
                self.known.names(&url::names(piece));
            }
        }
        Found(spans)
    }

    /// Names that stay readable, also where a secret is the same word.
    pub(crate) fn names(&mut self, names: &[&str]) {
        self.known.names(names);
    }

    /// Gives each secret its number.
    fn number(&mut self, text: &str, spans: &[Span]) {
        let mut last = None;
        for span in spans {
            let secret = text.get(span.start..span.end).unwrap_or_default();
            match last {
                Some(number) if span.same => self.known.same(number, secret),
                _ => last = Some(self.known.number(span.kind, secret)),
            }
        }
    }

    /// The text with each secret replaced by its mask, for example `[redacted:url-password:1]`.
    #[must_use]
    pub fn mask(&mut self, text: &str) -> String {
        let found = self.search(text);
        self.replace(text, found.0, &mut 0)
    }

    /// Masks until nothing more is found: what stands beside a secret may be seen to be one only where that is masked. A place of the text
    /// becomes that in what is given; one inside of a secret that before its mask.
    fn replace(&mut self, text: &str, spans: Vec<Span>, place: &mut usize) -> String {
        let (mut out, mut changed) = self.replace_once(text, spans, place);
        for _ in 0..AGAIN {
            if !changed {
                break;
            }
            let Found(spans) = self.search(&out);
            (out, changed) = self.replace_once(&out, spans, place);
        }
        out
    }

    /// The text with these masked, and what is known beside them; and whether that was anything.
    fn replace_once(&mut self, text: &str, mut spans: Vec<Span>, place: &mut usize) -> (String, bool) {
        let masks = masks(text);
        spans.extend(self.known.bare(text).into_iter().filter(|span| !overlaps(&masks, span)));
        let (mut out, mut at) = (String::with_capacity(text.len()), 0);
        let mut moved = *place;
        for span in merged(spans) {
            let (Some(before), Some(secret)) = (text.get(at..span.start), text.get(span.start..span.end)) else {
                continue;
            };
            let (kind, number) = self.known.number(span.kind, secret);
            out.push_str(before);
            let mask = out.len();
            out.push_str(&format!("[redacted:{kind}:{number}]"));
            if *place >= span.end {
                moved = out.len() + *place - span.end;
            } else if *place > span.start {
                moved = mask;
            }
            if !span.same {
                *self.kinds.entry(kind.to_owned()).or_default() += 1;
            }
            at = span.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        *place = moved;
        (out, at > 0)
    }

    /// The same for texts that stood together, line by line: what makes a line's text a secret may stand in the line above.
    pub(crate) fn mask_lines(&mut self, texts: &[&str]) -> Vec<String> {
        let found = self.search(&texts.join("\n"));
        self.mask_found(texts, (0, 0), found).0
    }

    /// The same when the texts, joined by newlines, were searched before; and where a place, a byte of one of them, is then.
    pub(crate) fn mask_found(
        &mut self,
        texts: &[&str],
        (number, byte): (usize, usize),
        found: Found,
    ) -> (Vec<String>, usize) {
        let length = |texts: &[&str]| texts.iter().map(|text| text.len() + 1).sum::<usize>();
        let mut place = texts.get(..number).map_or(0, length) + byte;
        let joined = self.replace(&texts.join("\n"), found.0, &mut place);
        let lines = |text: &str| text.split('\n').count();
        let mut masked = joined.split('\n');
        let mut next = |text: &&str| masked.by_ref().take(lines(text)).collect::<Vec<_>>().join("\n");
        let masked: Vec<String> = texts.iter().map(&mut next).collect();
        let before: usize = masked.iter().take(number).map(|text| text.len() + 1).sum();
        (masked, place.saturating_sub(before))
    }

    /// The mask of a text that only its place makes a secret.
    pub(crate) fn hide(&mut self, secret: &str) -> String {
        if !self.on {
            return secret.to_owned();
        }
        let (kind, number) = self.known.number("password", secret);
        *self.kinds.entry(kind.to_owned()).or_default() += 1;
        format!("[redacted:{kind}:{number}]")
    }

    /// How many occurrences of which kind were masked so far.
    #[must_use]
    pub fn summary(&self) -> Redactions {
        Redactions { count: self.kinds.values().sum(), kinds: self.kinds.clone(), too_many: self.known.is_full() }
    }
}

/// Every secret that stands where secrets stand, in order and without overlap.
fn found(text: &str) -> Vec<Span> {
    let mut spans = walk::spans(text);
    if spans.is_empty() {
        return spans;
    }
    let masks = masks(text);
    let address = |span: &Span| span.kind.starts_with("url-");
    let secret = |span: &Span| {
        let secret = text.get(span.start..span.end).unwrap_or_default();
        if address(span) { !value::is_stand_in(secret) } else { !value::is_placeholder(secret) }
    };
    // What begins inside the password of a URL is a part of it, whatever it looks like: an address, or a setting.
    let urls = merged(spans.iter().filter(|span| address(span)).copied().collect());
    let inside = |span: &Span| {
        let next = urls.partition_point(|url| url.end <= span.start);
        !address(span) && urls.get(next).is_some_and(|url| url.start <= span.start)
    };
    spans.retain(|span| !overlaps(&masks, span) && secret(span) && !inside(span));
    merged(spans)
}

/// Where a text is masked already: a report may be built from the redacted logs of another one.
fn masks(text: &str) -> Vec<(usize, usize)> {
    let length = |mask: &str| {
        let (inside, _) = mask.strip_prefix("[redacted:")?.split_once(']')?;
        let (kind, number) = inside.split_once(':')?;
        let plain = kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        (plain && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| inside.len() + "[redacted:]".len())
    };
    let starts = text.match_indices("[redacted:").map(|(start, _)| start);
    starts.filter_map(|start| Some((start, start + length(text.get(start..)?)?))).collect()
}

/// Whether a span shares bytes with one of these places, which are in order.
fn overlaps(places: &[(usize, usize)], span: &Span) -> bool {
    let next = places.partition_point(|(_, end)| *end <= span.start);
    places.get(next).is_some_and(|(start, _)| *start < span.end)
}

/// Of two that overlap the first sees to both: a mask never ends inside a secret.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// A secret of several lines is masked in each of them: a text has as many lines as before.
fn by_line(text: &str, spans: Vec<Span>) -> Vec<Span> {
    let mut lines = Vec::with_capacity(spans.len());
    for span in spans {
        let (mut start, mut same) = (span.start, span.same);
        for line in text.get(span.start..span.end).unwrap_or_default().split_inclusive('\n') {
            let kept = line.trim_end_matches(['\n', '\r']);
            if !kept.trim().is_empty() || line.len() == span.end - span.start {
                lines.push(Span { start, end: start + kept.len(), kind: span.kind, same });
                same = true;
            }
            start += line.len();
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_secret_is_seen_from_the_line_above() {
        let lines = ["command: {", "  name: 'auth',", "  args: [ 'abc' ]", "}"];
        let masked = Redactor::new().mask_lines(&lines);
        assert_eq!(masked, ["command: {", "  name: 'auth',", "  args: [ '[redacted:password:1]' ]", "}"]);
    }

    #[test]
    fn a_key_over_several_texts_is_masked_in_each() {
        let lines =
            ["-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBgkq", "hkiG9w0BAQEFAASC", "-----END PRIVATE KEY-----"];
        let mut redactor = Redactor::new();
        let mask = "[redacted:private-key:1]";
        assert_eq!(redactor.mask_lines(&lines), [lines[0], mask, mask, lines[3]]);
        assert_eq!(redactor.summary().count, 1, "a key is one secret, however many lines it takes");
    }
}
