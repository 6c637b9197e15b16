//! Which lines of a lane are one record, and the record made of them.
//!
//! Everything here looks at the lines of one lane (one task of one container's stream) by index and decides where the
//! record that begins at a line ends. The same decision serves the walk over a whole window and the look at one hit, so
//! that both give the same records.

use super::layers::Layers;
use super::line::Line;
use super::shape::{self, Shape};
use super::types::{Level, Stamp, Stream, Tech};

/// Lines of a lane that a source excerpt, or V8's report, may have until its end.
const EXCERPT: usize = 200;
/// Lines below an ` NX ` message.
const NX: usize = 40;
/// Blank lines between a record and its continuation.
const BLANKS: usize = 5;

/// One message: its head line and the continuation lines folded into it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The head line's time; see [`Line::time`].
    pub time: Option<Stamp>,
    /// The head line's level. A record without one always counts.
    pub level: Option<Level>,
    /// The program that wrote it.
    pub tech: Option<Tech>,
    /// The service, container, pod or systemd unit.
    pub unit: Option<String>,
    /// The task among those that share the output.
    pub lane: Option<String>,
    /// The output it was written to.
    pub stream: Option<Stream>,
    /// The process that wrote it.
    pub pid: Option<u32>,
    /// The logger's name.
    pub context: Option<String>,
    /// Which envelopes were seen on the head line.
    pub layers: Layers,
    /// The bodies of the lines, joined by line breaks.
    pub body: String,
    /// Where each raw line of the record stands. Two entries have one `offset` only where a raw line was two messages.
    pub lines: Vec<RecordLine>,
}

/// One raw line of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordLine {
    /// Start of the raw line in the window, in bytes.
    pub offset: usize,
    /// Start of its text in [`Record::body`], in bytes.
    pub body_start: usize,
}

impl Record {
    /// Whether a Node process ended with it: the exception that nobody caught, with its source excerpt or its version, or what Nest tells of a start
    /// that failed.
    #[must_use]
    pub fn is_last_word(&self) -> bool {
        if self.level >= Some(Level::Error) && self.context.as_deref() == Some("ExceptionHandler") {
            return true;
        }
        let first = self.body.lines().next().unwrap_or_default();
        let excerpt = first.rsplit_once(':').is_some_and(|(file, line)| {
            let number = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
            number && ["/", "node:", "file:"].iter().any(|start| file.starts_with(start))
        });
        excerpt || self.body.contains("\nNode.js v")
    }

    /// The raw line that the body's byte `body_offset` came from; the last one for an offset behind the end. `None`
    /// only for a record without lines.
    #[must_use]
    pub fn line_at(&self, body_offset: usize) -> Option<&RecordLine> {
        let after = self.lines.partition_point(|line| line.body_start <= body_offset);
        self.lines.get(after.saturating_sub(1))
    }

    /// The record of these lines, the head first.
    pub(super) fn of<'e, 'w: 'e>(mut entries: impl Iterator<Item = &'e Entry<'w>>) -> Self {
        let Some(head) = entries.next() else { return Self::default() };
        let own = |text: &std::borrow::Cow<'w, str>| text.clone().into_owned();
        let line = &head.line;
        let mut record = Self {
            time: line.time,
            level: line.level,
            tech: line.tech,
            unit: line.unit.as_ref().map(own),
            lane: line.lane.as_ref().map(own),
            stream: line.stream,
            pid: line.pid,
            context: line.context.as_ref().map(own),
            layers: line.layers,
            body: line.text.to_string(),
            lines: vec![RecordLine { offset: head.offset, body_start: 0 }],
        };
        let fatal = shape::is_v8_report(&line.text);
        let mut partial = line.partial;
        for entry in entries {
            if !partial {
                record.body.push('\n');
            }
            partial = entry.line.partial;
            record.lines.push(RecordLine { offset: entry.offset, body_start: record.body.len() });
            record.body.push_str(&entry.line.text);
            if fatal && shape::is_v8_fatal(&entry.line.text) {
                record.level = Some(Level::Fatal);
            }
        }
        record
    }
}

/// A line and where it stands in the window.
#[derive(Debug, Clone)]
pub(super) struct Entry<'w> {
    pub(super) offset: usize,
    pub(super) shape: Shape,
    pub(super) line: Line<'w>,
}

/// The lines of one lane by index; they may be read from the window only when asked for.
pub(super) trait Lane<'w> {
    /// The line, or `None` behind the last one.
    fn get(&mut self, index: usize) -> Option<&Entry<'w>>;
}

/// Whether a line starts a record whatever stands before it, so that folding may begin there.
pub(super) fn restarts(line: &Line<'_>) -> bool {
    line.head && !line.layers.contains(Layers::NPM)
}

/// The end (exclusive) of the record that begins at line `start` of the lane. Blank lines belong to a record only
/// between its lines.
pub(super) fn extent<'w>(lane: &mut impl Lane<'w>, start: usize) -> usize {
    let Some(entry) = lane.get(start) else { return start + 1 };
    let line = &entry.line;
    let (level, layers) = (line.level, line.layers);
    match entry.shape {
        Shape::Blank if !line.partial => start + 1,
        Shape::Head if layers.contains(Layers::NX) => nx(lane, start),
        Shape::Head if layers.contains(Layers::NPM) => npm(lane, start, level),
        Shape::Head if shape::is_traceback(&line.text) => announced(lane, start, 1),
        Shape::Head => run(lane, start + 1, level >= Some(Level::Error) && logs_errors_below(layers)),
        Shape::Excerpt => excerpt(lane, start),
        _ if shape::is_v8_report(&line.text) => v8(lane, start),
        _ if shape::is_v8_fatal(&line.text) => native_stack(lane, start + 1),
        _ if line.text.contains(shape::THROW) => excerpt(lane, start),
        _ if shape::is_traceback(&line.text) => announced(lane, start, 1),
        _ if shape::is_rust_panic(&line.text) => announced(lane, start, 0),
        _ => footed(lane, start),
    }
}

/// A stack that Node shows without the place in the source may have the line that names Node's version below it as well: the process ended.
fn footed<'w>(lane: &mut impl Lane<'w>, start: usize) -> usize {
    let end = run(lane, start + 1, false);
    let stack = end > start + 1 && lane.get(end - 1).is_some_and(|entry| shape::ends_stack(&entry.line.text));
    if !stack {
        return end;
    }
    let footer = if shape_at(lane, end) == Some(Shape::Blank) { end + 1 } else { end };
    let version = |entry: &Entry<'w>| !entry.line.head && shape::is_node_footer(&entry.line.text);
    if lane.get(footer).is_some_and(version) { footer + 1 } else { end }
}

/// What a line announces stands below its continuation lines, of which there are so many at least, and nothing marks it: the exception below a
/// traceback of Python, what a panic of Rust says.
fn announced<'w>(lane: &mut impl Lane<'w>, start: usize, lines: usize) -> usize {
    let end = run(lane, start + 1, false);
    let said = matches!(shape_at(lane, end), Some(Shape::ErrorName | Shape::Bare));
    if said && end > start + lines { run(lane, end + 1, false) } else { end }
}

/// Loggers print an error object on the lines below its message; servers do not.
pub(super) fn logs_errors_below(layers: Layers) -> bool {
    [Layers::NEST, Layers::SCRIPT, Layers::JSON, Layers::PINO_PRETTY, Layers::LOGFMT]
        .into_iter()
        .any(|layer| layers.contains(layer))
}

fn shape_at<'w>(lane: &mut impl Lane<'w>, index: usize) -> Option<Shape> {
    lane.get(index).map(|entry| entry.shape)
}

fn is_cut<'w>(lane: &mut impl Lane<'w>, index: usize) -> bool {
    lane.get(index).is_some_and(|entry| entry.line.partial)
}

/// The end of the continuation lines that begin at `from`. `error` allows one error with its stack among them.
fn run<'w>(lane: &mut impl Lane<'w>, from: usize, mut error: bool) -> usize {
    let mut end = from;
    let mut items = false;
    loop {
        let (next, shape) = skip_blanks(lane, end);
        let Some(shape) = shape else { return end };
        let takes = match shape {
            Shape::Head | Shape::Blank => false,
            _ if next == end && is_cut(lane, end.saturating_sub(1)) => true,
            Shape::Continues | Shape::Companion | Shape::List => true,
            Shape::Item => items && next == end,
            Shape::ErrorName => error && next <= end + 1,
            Shape::Excerpt | Shape::Bare => false,
        };
        if !takes {
            return end;
        }
        items = matches!(shape, Shape::List | Shape::Item) || (items && shape == Shape::Continues);
        error &= shape != Shape::ErrorName;
        end = next + 1;
    }
}

/// The first line at or behind `from` that is not blank, and its shape; or the last blank one that may stand inside a record.
fn skip_blanks<'w>(lane: &mut impl Lane<'w>, from: usize) -> (usize, Option<Shape>) {
    let mut next = from;
    loop {
        let shape = shape_at(lane, next);
        if shape != Some(Shape::Blank) || next == from + BLANKS {
            return (next, shape);
        }
        next += 1;
    }
}

/// An ` NX ` message has paragraphs below it that nothing marks.
fn nx<'w>(lane: &mut impl Lane<'w>, start: usize) -> usize {
    let mut end = start + 1;
    for index in start + 1..start + NX {
        let Some(entry) = lane.get(index) else { break };
        match entry.shape {
            Shape::Head | Shape::Excerpt | Shape::Companion => break,
            Shape::Blank => {}
            _ if shape::ends_nx(&entry.line.text) => break,
            _ => end = index + 1,
        }
    }
    end
}

/// npm begins every line of one message with the same prefix.
fn npm<'w>(lane: &mut impl Lane<'w>, start: usize, level: Option<Level>) -> usize {
    let mut end = start + 1;
    if level != Some(Level::Error) {
        return run(lane, end, false);
    }
    while lane.get(end).is_some_and(|entry| entry.line.layers.contains(Layers::NPM) && entry.line.level == level) {
        end += 1;
    }
    run(lane, end, false)
}

/// A source excerpt, the error below it, and everything up to the line that names Node's version.
fn excerpt<'w>(lane: &mut impl Lane<'w>, start: usize) -> usize {
    for index in start + 1..start + EXCERPT {
        let Some(entry) = lane.get(index) else { break };
        if shape::is_node_version(&entry.line.text) && !entry.line.head {
            return index + 1;
        }
        // The line that throws is the second one at the latest; another is another error's.
        let throws = index > start + 1 && entry.line.text.contains(shape::THROW);
        if throws || matches!(entry.shape, Shape::Head | Shape::Excerpt | Shape::Companion) {
            break;
        }
    }
    let error = (start + 1..start + 12)
        .map_while(|index| {
            shape_at(lane, index)
                .filter(|shape| !matches!(shape, Shape::Head | Shape::Excerpt))
                .map(|shape| (index, shape))
        })
        .find(|(_, shape)| *shape == Shape::ErrorName);
    run(lane, error.map_or(start + 1, |(index, _)| index + 1), false)
}

/// V8's report of its garbage collector, its last words, and the native stack.
fn v8<'w>(lane: &mut impl Lane<'w>, start: usize) -> usize {
    for index in start + 1..start + EXCERPT {
        let Some(entry) = lane.get(index) else { break };
        if entry.line.head || entry.line.text.starts_with(shape::V8_REPORT) {
            break;
        }
        if shape::is_v8_fatal(&entry.line.text) {
            return native_stack(lane, index + 1);
        }
    }
    run(lane, start + 1, false)
}

fn native_stack<'w>(lane: &mut impl Lane<'w>, from: usize) -> usize {
    let mut end = from;
    loop {
        let (next, _) = skip_blanks(lane, end);
        let Some(entry) = lane.get(next) else { return end };
        let takes = !entry.line.head && (shape::is_native_stack(&entry.line.text) || entry.shape == Shape::Continues);
        if !takes {
            return end;
        }
        end = next + 1;
    }
}
