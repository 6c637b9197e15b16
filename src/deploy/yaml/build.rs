//! Events become trees.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use crate::deploy::budget::Budget;
use crate::deploy::text::Spot;

use super::flow;
use super::{Body, DEPTH, Entry, NODE, Node, Parsed, Scalar, Source, TEXTS, Tag, YamlError};

/// Keys of one map that the next ones are compared to.
const COMPARED: usize = 500;

/// Reads a text.
pub(in crate::deploy) fn parse(text: &str, file: Source, budget: &mut Budget) -> Parsed {
    let before = budget.clone();
    let parsed = read(text, text, file, budget);
    if parsed.complete || parsed.errors.iter().any(|error| error.limit) {
        return parsed;
    }
    let Some(joined) = flow::joined(text) else { return parsed };
    let mut other = before;
    let again = read(text, &joined, file, &mut other);
    if !again.complete {
        return parsed;
    }
    *budget = other;
    again
}

/// Reads `shown`, which is the text or the text with its brackets on one line: letters stand in the same places.
fn read(text: &str, shown: &str, file: Source, budget: &mut Budget) -> Parsed {
    let mut builder = Builder::new(text, file, budget);
    builder.base = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut parser = Parser::new_from_str(shown.strip_prefix('\u{feff}').unwrap_or(shown));
    builder.parsed.complete = builder.run(&mut parser);
    while !builder.open.is_empty() {
        builder.close(None);
    }
    builder.parsed.documents.extend(builder.root.take());
    builder.parsed
}

/// A list or map whose end was not seen yet.
struct Frame {
    start: usize,
    anchor: usize,
    tag: Tag,
    body: Open,
}

enum Open {
    List(Vec<Node>),
    Map(Vec<Entry>, Option<(String, Spot)>),
}

struct Builder<'t> {
    text: &'t str,
    file: Source,
    budget: &'t mut Budget,
    /// The budget did not suffice.
    spent: bool,
    base: usize,
    /// Byte of every character, where that is not its number.
    bytes: Option<Vec<usize>>,
    open: Vec<Frame>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    parsed: Parsed,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str, file: Source, budget: &'t mut Budget) -> Self {
        let bytes = (!text.is_ascii()).then(|| {
            let body = text.strip_prefix('\u{feff}').unwrap_or(text);
            body.char_indices().map(|(at, _)| at).collect()
        });
        let (open, anchors, parsed) = (Vec::new(), HashMap::new(), Parsed::default());
        Self { text, file, budget, spent: false, base: 0, bytes, open, root: None, anchors, parsed }
    }

    /// Reads all events; whether the end was reached.
    fn run(&mut self, parser: &mut Parser<'_, StrInput<'_>>) -> bool {
        while let Some(event) = parser.next_event() {
            match event {
                Ok((event, span)) => {
                    if !self.event(event, span) {
                        return false;
                    }
                }
                Err(error) => {
                    let mut at = self.byte(error.marker().index());
                    if error.info().contains("a tab") {
                        at += self.text.get(at..).and_then(|rest| rest.find('\t')).unwrap_or_default();
                    }
                    self.error(self.visible(at), words(error.info()), error.info().contains("recursion"));
                    return false;
                }
            }
        }
        true
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> bool {
        let range = self.byte(span.start.index())..self.byte(span.end.index());
        let text = if let Event::Scalar(text, ..) = &event { text.len() } else { 0 };
        self.pay(NODE + TEXTS * text);
        if self.spent || self.open.len() > DEPTH {
            let what = if self.spent { "more values than a deployment has" } else { "deeper than 100 levels" };
            self.error(range, format!("it is not read further: {what}"), true);
            return false;
        }
        match event {
            Event::DocumentEnd => self.parsed.documents.extend(self.root.take()),
            Event::Alias(anchor) => return self.alias(anchor, range),
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag.as_deref(), range),
            Event::SequenceStart(anchor, tag) => {
                self.push(range.start, anchor, tag.as_deref(), Open::List(Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                self.push(range.start, anchor, tag.as_deref(), Open::Map(Vec::new(), None));
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(Some(range.end)),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
        true
    }

    fn push(&mut self, start: usize, anchor: usize, tag: Option<&saphyr_parser::Tag>, body: Open) {
        self.open.push(Frame { start, anchor, tag: known(tag), body });
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> bool {
        let Some(cost) = self.anchors.get(&anchor).map(Node::cost) else {
            self.error(range.clone(), "this alias stands inside the value it names".to_owned(), false);
            self.add(Node::null(Spot::new(self.file, range)));
            return true;
        };
        self.pay(cost);
        if self.spent {
            self.error(
                range,
                "it is not read further: its aliases expand to more values than a deployment has".to_owned(),
                true,
            );
            return false;
        }
        if let Some(node) = self.anchors.get(&anchor).cloned() {
            self.add(node);
        }
        true
    }

    /// Takes from the budget.
    fn pay(&mut self, cost: usize) {
        self.spent |= !self.budget.build(cost);
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&saphyr_parser::Tag>,
        range: Range<usize>,
    ) {
        let quoted = style != ScalarStyle::Plain;
        let spot = Spot::new(self.file, self.trimmed(range, style));
        let null = !quoted && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
        let body = if null {
            Body::Null
        } else {
            let raw = text.into_owned();
            Body::Scalar(Scalar { text: Some(raw.clone()), raw, quoted })
        };
        let node = Node { spot, tag: known(tag), body };
        self.remember(anchor, &node);
        self.add(node);
    }

    /// The bytes of a scalar alone: the parser's span can reach over a comment or blank lines behind it.
    fn trimmed(&self, range: Range<usize>, style: ScalarStyle) -> Range<usize> {
        let all = self.text.get(range.clone()).unwrap_or_default();
        let written = without_properties(all);
        let start = range.start + (all.len() - written.len());
        let long = match style {
            ScalarStyle::DoubleQuoted => closing(written, '"', Some('\\')),
            ScalarStyle::SingleQuoted => closing(written, '\'', None),
            _ => None,
        };
        let long = long.unwrap_or_else(|| written.trim_end().len());
        start..start + long
    }

    fn remember(&mut self, anchor: usize, node: &Node) {
        if anchor == 0 {
            return;
        }
        self.pay(node.cost());
        if !self.spent {
            self.anchors.insert(anchor, node.clone());
        }
    }

    /// Ends the innermost list or map; without an end it is as long as its parts.
    fn close(&mut self, end: Option<usize>) {
        let Some(frame) = self.open.pop() else { return };
        let (body, last) = match frame.body {
            Open::List(items) => {
                let last = items.last().map(|item| item.spot.range.end);
                (Body::List(items), last)
            }
            Open::Map(entries, _) => {
                let last = entries.last().map(|entry| entry.value.spot.range.end.max(entry.key_spot.range.end));
                (Body::Map(self.merged(entries)), last)
            }
        };
        // The end of a block is where the next one begins; what was written ends with its last part.
        let flow = end.filter(|end| self.text.get(..*end).is_some_and(|text| text.ends_with(['}', ']'])));
        let end = flow.or(last).or(end).unwrap_or(frame.start).max(frame.start);
        let node = Node { spot: Spot::new(self.file, frame.start..end), tag: frame.tag, body };
        self.remember(frame.anchor, &node);
        self.add(node);
    }

    /// `<<` brings the entries of other maps, where the map does not have them itself.
    fn merged(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        if entries.iter().all(|entry| entry.key != "<<") {
            return entries;
        }
        let (merges, mut own): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|entry| entry.key == "<<");
        let mut known: HashSet<String> = own.iter().map(|entry| entry.key.clone()).collect();
        for merge in merges {
            let sources = match merge.value.body {
                Body::List(items) => items,
                _ => vec![merge.value],
            };
            for source in sources {
                let Body::Map(entries) = source.body else {
                    self.error(merge.key_spot.range.clone(), "`<<` takes a map or a list of maps".to_owned(), false);
                    continue;
                };
                own.extend(entries.into_iter().filter(|entry| known.insert(entry.key.clone())));
            }
        }
        own
    }

    /// Puts a finished value into the innermost list or map.
    fn add(&mut self, node: Node) {
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        let mut wrong = None;
        match &mut frame.body {
            Open::List(items) => items.push(node),
            Open::Map(entries, pending) => match pending.take() {
                None => match node.body {
                    Body::Scalar(scalar) => *pending = Some((scalar.raw, node.spot)),
                    Body::Null => *pending = Some((String::new(), node.spot)),
                    _ => {
                        wrong = Some((node.spot.range.clone(), "a list or map is no key".to_owned()));
                        *pending = Some((String::new(), node.spot));
                    }
                },
                Some((key, key_spot)) => {
                    if entries.iter().take(COMPARED).any(|entry| entry.key == key) {
                        wrong = Some((key_spot.range.clone(), format!("the key \"{key}\" stands twice in this map")));
                    }
                    entries.push(Entry { key, key_spot, value: node });
                }
            },
        }
        if let Some((range, message)) = wrong {
            self.error(range, message, false);
        }
    }

    fn error(&mut self, range: Range<usize>, message: String, limit: bool) {
        self.parsed.errors.push(YamlError { range, message, limit });
    }

    fn byte(&self, character: usize) -> usize {
        let at = match &self.bytes {
            None => character,
            Some(bytes) => bytes.get(character).copied().unwrap_or(self.text.len()),
        };
        (at + self.base).min(self.text.len())
    }

    /// What an error at a byte points to: the rest of its line.
    fn visible(&self, at: usize) -> Range<usize> {
        let rest = self.text.get(at..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default().trim_end();
        at..at + line.len()
    }
}

/// Without the anchor and the tag before a value.
fn without_properties(written: &str) -> &str {
    let mut rest = written;
    while rest.starts_with(['&', '!']) {
        let Some((_, value)) = rest.split_once(char::is_whitespace) else { return written };
        rest = value.trim_start();
    }
    if rest.is_empty() { written } else { rest }
}

/// Bytes up to the closing quote, inclusive.
fn closing(written: &str, quote: char, escape: Option<char>) -> Option<usize> {
    let open = written.find(quote)?;
    let mut rest = written.char_indices().skip_while(|(at, _)| *at <= open).peekable();
    while let Some((at, character)) = rest.next() {
        if Some(character) == escape {
            rest.next();
        } else if character == quote {
            if escape.is_none() && rest.peek().is_some_and(|(_, next)| *next == quote) {
                rest.next();
            } else {
                return Some(at + 1);
            }
        }
    }
    None
}

fn known(tag: Option<&saphyr_parser::Tag>) -> Tag {
    match tag.map(|tag| (tag.handle.as_str(), tag.suffix.as_str())) {
        Some(("!", "reset")) => Tag::Reset,
        Some(("!", "override")) => Tag::Override,
        _ => Tag::None,
    }
}

/// The parser's message in plainer words, where it is one people meet.
fn words(info: &str) -> String {
    const KNOWN: [(&str, &str); 10] = [
        ("found a tab", "a tab stands where only spaces may indent"),
        ("tabs disallowed", "a tab stands where only spaces may indent"),
        (
            "mapping values are not allowed",
            "a `:` stands where no key can be: the line is indented wrongly, or a text with `: ` needs quotes",
        ),
        ("did not find expected key", "the line is indented like no block above it, or is no `key: value`"),
        ("did not find expected '-'", "the line belongs to a list but does not begin with `-`, or is indented wrongly"),
        ("invalid indentation in quoted scalar", "the quote that begins here is not closed where it should be"),
        ("unexpected end of stream", "the quote or bracket that begins here is never closed"),
        ("could not find expected ':'", "the line is no `key: value`: the `:` is missing"),
        ("simple key expect", "the line is no `key: value`: the `:` is missing"),
        ("unknown anchor", "the alias names an anchor that is not defined above it"),
    ];
    let found = KNOWN.iter().find(|(part, _)| info.contains(part));
    found.map_or_else(|| info.to_owned(), |(_, plain)| (*plain).to_owned())
}
