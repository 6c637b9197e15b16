//! The loop that peels a line.

use std::borrow::Cow;

use super::clean::{clean, clean_str};
use super::layers::Layers;
use super::types::{Clock, Level, Stamp, Stream, Tech};
use super::{apps, structured, tools, transport};

/// Layers that are peeled off one line at most: five occur, the rest is mercy.
const MAX_LAYERS: usize = 8;
/// JSON inside JSON inside JSON; the bound of the recursion.
const MAX_JSON: usize = 4;

/// One line with its prefixes peeled off.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line<'a> {
    /// The outermost time with a known zone, else the innermost one.
    pub time: Option<Stamp>,
    /// The innermost level that a prefix gives.
    pub level: Option<Level>,
    /// The program that wrote the line.
    pub tech: Option<Tech>,
    /// The outermost name of a service, container, pod or systemd unit.
    pub unit: Option<Cow<'a, str>>,
    /// The task among those that share the output: `0` for concurrently's `[0] `.
    pub lane: Option<Cow<'a, str>>,
    /// The output it was written to.
    pub stream: Option<Stream>,
    /// The process that wrote it, as the innermost prefix counts.
    pub pid: Option<u32>,
    /// The logger's name: `TypeOrmModule` of Nest's `[TypeOrmModule] `.
    pub context: Option<Cow<'a, str>>,
    /// The line starts a record: a prefix of an application was seen, or a wording that only begins messages.
    pub head: bool,
    /// The writer was cut off here and goes on in the next line of the same stream.
    pub partial: bool,
    /// Which envelopes were seen.
    pub layers: Layers,
    /// The body: no prefix, no colours, no control characters but tab. Holds line breaks only where the envelope
    /// escaped them. Invalid UTF-8 is replaced by U+FFFD.
    pub text: Cow<'a, str>,
    /// The line of another process behind a message without a line break.
    pub(super) glued: Option<Box<Line<'a>>>,
}

/// What one layer tells about the line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Layer<'a> {
    pub(super) seen: Layers,
    pub(super) time: Option<Stamp>,
    pub(super) level: Option<Level>,
    pub(super) tech: Option<Tech>,
    pub(super) unit: Option<&'a str>,
    pub(super) lane: Option<&'a str>,
    pub(super) context: Option<&'a str>,
    pub(super) stream: Option<Stream>,
    pub(super) pid: Option<u32>,
    pub(super) head: bool,
    pub(super) partial: bool,
    /// What follows is the message; no further prefix is looked for.
    pub(super) last: bool,
}

/// Peels the prefixes off one line, given without its line break.
#[must_use]
pub fn peel(raw: &[u8]) -> Line<'_> {
    peel_parts(raw).joined()
}

/// As [`peel`], with a line that is glued to this one kept apart.
pub(super) fn peel_parts(raw: &[u8]) -> Line<'_> {
    let text = clean(raw);
    let object = raw.first() == Some(&b'{') && matches!(text, Cow::Owned(_));
    object.then(|| peel_object(raw)).flatten().unwrap_or_else(|| peel_cow(text, MAX_JSON))
}

/// A JSON record with control characters in it: its texts are cleaned once they are unescaped. Before, a sequence could take signs of the
/// record with it.
fn peel_object(raw: &[u8]) -> Option<Line<'static>> {
    let text = String::from_utf8_lossy(raw.trim_ascii_end());
    let found = structured::record(&text)?;
    Some(Line::default().around_json(found, MAX_JSON).into_owned())
}

/// Peels a text that may have been made by unescaping.
pub(super) fn peel_cow(text: Cow<'_, str>, depth: usize) -> Line<'_> {
    match text {
        Cow::Borrowed(text) => peel_str(text, depth),
        Cow::Owned(text) => peel_str(&text, depth).into_owned(),
    }
}

fn peel_glued(text: &str, depth: usize) -> Line<'_> {
    if depth == 0 { Line { text: Cow::Borrowed(text), ..Line::default() } } else { peel_str(text, depth - 1) }
}

fn peel_str(text: &str, depth: usize) -> Line<'_> {
    let mut line = Line::default();
    let mut rest = text;
    for _ in 0..MAX_LAYERS {
        if let Some(found) = structured::record(rest) {
            return line.around_json(found, depth);
        }
        let Ok((after, layer)) = transport::layer(rest).or_else(|_| apps::layer(rest)) else { break };
        line.add(layer);
        rest = after;
        if layer.last {
            break;
        }
    }
    if let Some((before, after)) = apps::glued(rest) {
        line.glued = Some(Box::new(line.clone().around(peel_glued(after, depth))));
        rest = before;
    }
    let of_yarn = line.layers.contains(Layers::YARN);
    line.text = match of_yarn.then(|| tools::yarn_body(rest)).flatten() {
        Some(body) => Cow::Owned(body),
        None => Cow::Borrowed(rest),
    };
    line
}

impl<'a> Line<'a> {
    /// Whether nothing but white space is left of the line.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    fn add(&mut self, layer: Layer<'a>) {
        self.layers = self.layers.with(layer.seen);
        self.add_time(layer.time);
        self.level = layer.level.or(self.level);
        self.tech = layer.tech.or(self.tech);
        self.unit = self.unit.take().or(layer.unit.map(Cow::Borrowed));
        self.lane = layer.lane.map(Cow::Borrowed).or(self.lane.take());
        self.context = layer.context.map(Cow::Borrowed).or(self.context.take());
        self.stream = self.stream.or(layer.stream);
        self.pid = layer.pid.or(self.pid);
        self.head |= layer.head;
        self.partial |= layer.partial;
    }

    /// An outer time with a zone stands; and a date is never given up for a mere time of day or the kernel's clock.
    fn add_time(&mut self, inner: Option<Stamp>) {
        let Some(inner) = inner else { return };
        let undated = |clock| matches!(clock, Clock::TimeOfDay | Clock::Monotonic);
        let stands =
            self.time.is_some_and(|outer| outer.clock == Clock::Utc || (!undated(outer.clock) && undated(inner.clock)));
        if !stands {
            self.time = Some(inner);
        }
    }

    /// The line of a JSON record inside the layers peeled so far.
    fn around_json(mut self, found: structured::JsonRecord<'a>, depth: usize) -> Self {
        match found {
            structured::JsonRecord::Docker { log, layer } => {
                let text = clean_str(log);
                self.add(layer);
                let inner = if depth == 0 { Line { text, ..Line::default() } } else { peel_cow(text, depth - 1) };
                self.around(inner)
            }
            structured::JsonRecord::Logger { body, context, layer } => {
                self.add(layer);
                self.context = context.map(clean_str).or(self.context);
                self.text = clean_body(&body);
                self
            }
        }
    }

    /// The line with the one glued behind it, as one: its level, time and writer are the second one's, for the first
    /// has none.
    fn joined(mut self) -> Self {
        let Some(glued) = self.glued.take() else { return self };
        let text = Cow::Owned(format!("{}\n{}", self.text, glued.text));
        Self { text, head: true, ..*glued }
    }

    /// The line as two, where a message without a line break has the next process's first line glued to its end.
    pub(super) fn parts(mut self) -> (Self, Option<Self>) {
        let glued = self.glued.take();
        (self, glued.map(|glued| *glued))
    }

    /// This line's layers around what was found inside them.
    fn around(mut self, mut inner: Line<'a>) -> Self {
        if let Some(glued) = inner.glued.take() {
            self.glued = Some(Box::new(self.clone().around(*glued)));
        }
        self.layers = self.layers.with(inner.layers);
        self.add_time(inner.time);
        Self {
            time: self.time,
            level: inner.level.or(self.level),
            tech: inner.tech.or(self.tech),
            unit: self.unit.or(inner.unit),
            lane: inner.lane.or(self.lane),
            stream: self.stream.or(inner.stream),
            pid: inner.pid.or(self.pid),
            context: inner.context.or(self.context),
            head: self.head || inner.head,
            partial: self.partial || inner.partial,
            layers: self.layers,
            text: inner.text,
            glued: self.glued,
        }
    }

    /// The same line, independent of the log's bytes.
    #[must_use]
    pub fn into_owned(self) -> Line<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        Line {
            time: self.time,
            level: self.level,
            tech: self.tech,
            unit: self.unit.map(own),
            lane: self.lane.map(own),
            stream: self.stream,
            pid: self.pid,
            context: self.context.map(own),
            head: self.head,
            partial: self.partial,
            layers: self.layers,
            text: Cow::Owned(self.text.into_owned()),
            glued: self.glued.map(|glued| Box::new(glued.into_owned())),
        }
    }
}

/// A logger's message may hold line breaks; each of its lines is cleaned by itself.
fn clean_body(body: &str) -> Cow<'static, str> {
    let lines: Vec<_> = body.trim_end().split('\n').map(|line| clean(line.as_bytes())).collect();
    Cow::Owned(lines.join("\n"))
}
