//! The log of a container: the engine's own file where it is here and readable, else what the engine gives of it.

use std::io::{self, Cursor, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::DateTime;

use crate::cli::DockerArgs;
use crate::container::{ContainerState, EngineError, LogRequest};
use crate::source::{self, Reader, Source};

use super::Gatherer;

/// Last lines read of a log through the engine, which gives about 150,000 a second.
const LINES: u64 = 50_000;
/// The same of a neighbour.
const NEIGHBOUR_LINES: u64 = 10_000;
/// A longer file of a neighbour's log is not read as a whole.
const NEIGHBOUR_BYTES: u64 = 256 * 1024 * 1024;
/// How long the log of one container may be read through the engine.
const PATIENCE: Duration = Duration::from_secs(15);
/// The same of a neighbour.
const NEIGHBOUR_PATIENCE: Duration = Duration::from_secs(3);
/// How far before its start a container's first line may be stamped, in seconds.
const EARLY: i64 = 1;

impl Gatherer<'_> {
    /// Reads the log; gives its input, if there is one.
    pub(super) fn log(&mut self, state: &ContainerState, index: usize, asked: bool) -> Option<usize> {
        state.started?;
        let input = self.reading.read.inputs.len();
        let starts = starts(state);
        let source = match self.direct(state, asked).map_or_else(|| self.through_engine(state, asked), Ok) {
            Ok(source) => source,
            Err(error) => {
                self.gathered.notes.push(format!(
                    "The log of {} was not read: {error}. {}",
                    state.name,
                    sentence(&error.help())
                ));
                return None;
            }
        };
        self.reading.add(source, starts);
        self.gathered.scene.input_of(Some(index));
        self.rotation(state, input);
        let between = span(self.args);
        if let Some(facts) = self.reading.read.inputs.get_mut(input).filter(|facts| facts.bytes == 0) {
            facts.incomplete = facts.incomplete.take().or(between);
        }
        Some(input)
    }

    /// The engine's own file, which is read fifty times faster than through the engine, if it is here and readable, and, of a
    /// neighbour, not so long that its end must do.
    fn direct(&self, state: &ContainerState, asked: bool) -> Option<Source> {
        let whole = self.args.since.is_none() && self.args.until.is_none() && self.args.tail.is_none();
        let local = self.engine.address.is_local() && state.log_driver == "json-file" && whole;
        let path = state.log_path.as_deref().filter(|_| local)?;
        let source = source::docker_files(&state.name, Path::new(path)).ok()?;
        (asked || source.size.is_none_or(|size| size <= NEIGHBOUR_BYTES)).then_some(source)
    }

    /// The log as the engine gives it. Of a long one the end, and the beginning of the last boot.
    fn through_engine(&mut self, state: &ContainerState, asked: bool) -> Result<Source, EngineError> {
        let (lines, patience) = if asked { (LINES, PATIENCE) } else { (NEIGHBOUR_LINES, NEIGHBOUR_PATIENCE) };
        let deadline = Some(Instant::now() + patience);
        let args = self.args;
        let bounded = args.since.is_some() || args.tail.is_some() || args.all_boots;
        let request = LogRequest {
            since: args.since,
            until: args.until,
            tail: args.tail.or((!bounded).then_some(lines)),
            follow: false,
        };
        let mut tail = self.engine.logs(&state.id, request, deadline);
        let mut first = vec![0; 64 * 1024];
        let count = match tail.read(&mut first) {
            Ok(count) => count,
            Err(error) => return Err(refused(error, state)),
        };
        first.truncate(count);
        let begun = crate::record::first_time(&first).map(|time| time.micros);
        let head =
            state.started.zip(begun).filter(|(started, begun)| !bounded && *begun > *started + EARLY * 1_000_000);
        let rest = Cursor::new(first).chain(tail);
        let reader: Reader = match head {
            Some((started, begun)) => {
                let request = LogRequest {
                    since: Some(started / 1_000_000 - EARLY),
                    until: Some(begun / 1_000_000),
                    ..LogRequest::default()
                };
                let head = self.engine.logs(&state.id, request, Some(Instant::now() + patience / 2));
                let mut head = head.lines_at_most(lines);
                let mut first = vec![0; 64 * 1024];
                let count = head.read(&mut first).unwrap_or(0);
                first.truncate(count);
                if count > 0 {
                    self.gathered.notes.push(format!(
                        "Of the long log of {} the beginning of its last start and the last {lines} lines were read",
                        state.name
                    ));
                }
                Box::new(Cursor::new(first).chain(head).chain(rest))
            }
            None => Box::new(rest),
        };
        Ok(source::docker(&state.name, "engine-api", reader))
    }

    /// Says so when the beginning of the last boot is not in the log although the log has a limit.
    fn rotation(&mut self, state: &ContainerState, input: usize) {
        let first = self.reading.read.inputs.get(input).and_then(|input| input.first_time);
        let late = first.zip(state.started).is_some_and(|(first, started)| first.micros > started + 5_000_000);
        if let Some(size) = state.log_max_size.as_ref().filter(|_| late) {
            self.gathered.notes.push(format!(
                "The log of {} may lack the beginning of its last start: it is rotated at {size}, and its first line is younger than the start",
                state.name
            ));
        }
    }
}

/// What was asked for of a log that holds nothing there.
fn span(args: &DockerArgs) -> Option<String> {
    let shown =
        |seconds: i64| DateTime::from_timestamp(seconds, 0).map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    let (since, until) = (args.since.and_then(shown), args.until.and_then(shown));
    match (since, until) {
        (Some(since), Some(until)) => Some(format!("nothing between {since} and {until}")),
        (Some(since), None) => Some(format!("nothing since {since}")),
        (None, Some(until)) => Some(format!("nothing until {until}")),
        (None, None) => {
            args.tail.filter(|lines| *lines == 0).map(|_| "no line of it was asked for (--tail 0)".to_owned())
        }
    }
}

/// When the container was started, as far as the engine still knows.
fn starts(state: &ContainerState) -> Vec<i64> {
    let events = state.events.iter().filter(|event| event.what == "start").map(|event| event.time);
    // The event of a start comes a few milliseconds after the start itself.
    let known = state.started;
    let earlier = events.filter(|time| known.is_none_or(|known| *time < known - 500_000));
    earlier.chain(known).collect()
}

/// Why the first read of a log failed: the error of the engine inside of the reader's.
fn refused(error: io::Error, state: &ContainerState) -> EngineError {
    let text = error.to_string();
    match error.into_inner().and_then(|inner| inner.downcast::<EngineError>().ok()) {
        Some(inner) => match *inner {
            EngineError::Refused { status: 501, .. } => EngineError::NoLog { driver: state.log_driver.clone() },
            EngineError::Refused { ref message, .. } if message.contains("does not support reading") => {
                EngineError::NoLog { driver: state.log_driver.clone() }
            }
            other => other,
        },
        None => EngineError::Broken { url: String::new(), why: text },
    }
}

fn sentence(help: &str) -> String {
    let mut letters = help.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}
