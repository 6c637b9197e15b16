//! The log of a container through the engine, as a reader of plain lines.
//!
//! What a reader gives is in the form of Kubernetes' runtime, `2026-11-23T18:44:13.120Z stderr F text`: it keeps time and stream and
//! needs no escaping. Observed on engines: lines over 16 KiB come in pieces, each with a stamp of its own; a terminal's log is one
//! stream with CRLF; a damaged record comes as a frame of the unknown kind 3 with a message of the engine in it.

use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bollard::container::LogOutput;
use bollard::errors::Error as ClientError;
use bollard::query_parameters::LogsOptionsBuilder;
use futures_util::{Stream, StreamExt};
use tokio::runtime::Runtime;

use super::engine::Engine;
use super::error::EngineError;

/// A line longer than this is given in parts after all.
const LONGEST: usize = 4 * 1024 * 1024;
/// Bytes gathered before they are handed on.
const GATHER: usize = 64 * 1024;

/// What of a log is wanted. Times are whole seconds since 1970, as engines take them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogRequest {
    /// From this time on.
    pub since: Option<i64>,
    /// Up to this time.
    pub until: Option<i64>,
    /// Only the last lines; engines count pieces of long lines.
    pub tail: Option<u64>,
    /// Stay and give what comes.
    pub follow: bool,
}

/// What came of waiting for more of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// Something arrived.
    More,
    /// Nothing arrived in this time.
    Quiet,
    /// The log is over: the container has ended, or all was read.
    Over,
    /// It broke off.
    Broken(EngineError),
}

/// A log that is being read.
pub struct LogReader {
    runtime: Arc<Runtime>,
    stream: Pin<Box<dyn Stream<Item = Result<LogOutput, ClientError>>>>,
    failed: Box<dyn Fn(&ClientError) -> EngineError>,
    joiner: Joiner,
    /// Given up to here.
    at: usize,
    over: bool,
    /// Why it broke off, until a reader was told.
    broken: Option<EngineError>,
    /// When reading ends, however much is left.
    deadline: Option<Instant>,
}

impl Engine {
    /// Opens a container's log. Whether the engine gives it is known at the first read.
    #[must_use]
    pub fn logs(&self, id: &str, request: LogRequest, deadline: Option<Instant>) -> LogReader {
        let seconds = |time: Option<i64>| time.map_or(0, |time| i32::try_from(time).unwrap_or(i32::MAX));
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            // Without stamps, a terminal's stream that begins with bytes 0 to 2 would be taken for frames.
            .timestamps(true)
            .since(seconds(request.since))
            .until(seconds(request.until))
            .tail(&request.tail.map_or_else(|| "all".to_owned(), |lines| lines.to_string()))
            .follow(request.follow)
            .build();
        let (address, patience) = (self.address.clone(), self.patience.as_secs());
        LogReader {
            runtime: Arc::clone(&self.runtime),
            stream: Box::pin(self.docker.logs(id, Some(options))),
            failed: Box::new(move |error| EngineError::of(&address, error, patience)),
            joiner: Joiner::default(),
            at: 0,
            over: false,
            broken: None,
            deadline,
        }
    }
}

impl LogReader {
    /// One in which nothing ever arrives, for a log that cannot be read.
    #[must_use]
    pub fn silent(engine: &Engine) -> Self {
        Self {
            runtime: Arc::clone(&engine.runtime),
            stream: Box::pin(futures_util::stream::pending()),
            failed: Box::new(|error| EngineError::Broken { url: String::new(), why: error.to_string() }),
            joiner: Joiner::default(),
            at: 0,
            over: false,
            broken: None,
            deadline: None,
        }
    }

    /// Waits until something arrives, at most so long.
    pub fn wait(&mut self, limit: Duration) -> Waited {
        if self.over {
            return Waited::Over;
        }
        let next = async { tokio::time::timeout(limit, self.stream.next()).await };
        match self.runtime.block_on(next) {
            Err(_) => Waited::Quiet,
            Ok(None) => {
                self.over = true;
                self.joiner.flush();
                self.broken = self.joiner.trouble.take().map(|said| EngineError::Damaged { said });
                if self.ready() > 0 { Waited::More } else { Waited::Over }
            }
            Ok(Some(Ok(output))) => {
                self.joiner.take(&output);
                Waited::More
            }
            Ok(Some(Err(error))) => {
                self.over = true;
                self.joiner.flush();
                Waited::Broken((self.failed)(&error))
            }
        }
    }

    fn ready(&self) -> usize {
        self.joiner.out.len() - self.at
    }

    /// The same, ending after so many lines, or without a word where it cannot go on.
    #[must_use]
    pub fn lines_at_most(self, lines: u64) -> impl Read + use<> {
        Bounded { reader: self, left: lines }
    }

    /// What has arrived and was not taken yet: whole lines.
    pub fn taken(&mut self) -> Vec<u8> {
        let at = std::mem::take(&mut self.at);
        let mut bytes = std::mem::take(&mut self.joiner.out);
        bytes.drain(..at);
        bytes
    }
}

impl Read for LogReader {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.ready() == 0 {
            self.joiner.out.clear();
            self.at = 0;
            while self.ready() < GATHER && !self.over {
                let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                if left.is_some_and(|left| left.is_zero()) && self.ready() == 0 {
                    self.over = true;
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "the time for this log is over"));
                }
                let limit = left.unwrap_or(Duration::from_secs(3600)).max(Duration::from_millis(1));
                match self.wait(limit) {
                    Waited::More => {}
                    Waited::Broken(error) => self.broken = Some(error),
                    Waited::Quiet | Waited::Over => break,
                }
            }
        }
        // What came before the break is given first.
        if self.ready() == 0
            && let Some(error) = self.broken.take()
        {
            return Err(io::Error::other(error));
        }
        let mut rest = self.joiner.out.get(self.at..).unwrap_or_default();
        let count = rest.read(space)?;
        self.at += count;
        Ok(count)
    }
}

/// A reader that ends after a number of lines, or where it cannot go on.
struct Bounded {
    reader: LogReader,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        // What is missing here is missing at the beginning; what follows is worth more than an error.
        let count = self.reader.read(space).unwrap_or(0);
        for at in memchr::memchr_iter(b'\n', space.get(..count).unwrap_or_default()) {
            self.left -= 1;
            if self.left == 0 {
                return Ok(at + 1);
            }
        }
        Ok(count)
    }
}

/// Puts frames together to lines.
#[derive(Default)]
struct Joiner {
    /// Unfinished lines of stdout, stderr and of a terminal.
    open: [Vec<u8>; 3],
    out: Vec<u8>,
    trouble: Option<String>,
}

impl Joiner {
    fn take(&mut self, output: &LogOutput) {
        match output {
            LogOutput::StdOut { message } | LogOutput::StdIn { message } => self.frame(0, message),
            LogOutput::StdErr { message } => self.frame(1, message),
            LogOutput::Console { message } if message.first() == Some(&3) => {
                let text = String::from_utf8_lossy(message.get(8..).unwrap_or_default()).trim().to_owned();
                self.trouble.get_or_insert(text);
            }
            LogOutput::Console { message } => self.console(message),
        }
    }

    /// A frame is a line with a stamp, or a piece of one; a piece has no line end.
    fn frame(&mut self, stream: usize, message: &[u8]) {
        for line in message.split_inclusive(|byte| *byte == b'\n') {
            let Some(open) = self.open.get_mut(stream) else { return };
            let goes_on = !open.is_empty();
            let (stamp, text) = stamped(line);
            if !goes_on {
                open.extend_from_slice(stamp);
                open.extend_from_slice([&b" stdout F "[..], b" stderr F "].get(stream).copied().unwrap_or_default());
            }
            open.extend_from_slice(text);
            if text.ends_with(b"\n") || open.len() > LONGEST {
                self.close(stream);
            }
        }
    }

    /// A terminal's stream comes in arbitrary parts; stamps stand at the beginnings of lines.
    fn console(&mut self, message: &[u8]) {
        for part in message.split_inclusive(|byte| *byte == b'\n') {
            let Some(open) = self.open.get_mut(2) else { return };
            open.extend_from_slice(part);
            if part.ends_with(b"\n") || open.len() > LONGEST {
                self.close(2);
            }
        }
    }

    fn close(&mut self, stream: usize) {
        let Some(open) = self.open.get_mut(stream) else { return };
        let line = std::mem::take(open);
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        self.out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        self.out.push(b'\n');
    }

    /// The last line may lack its end.
    fn flush(&mut self) {
        for stream in 0..self.open.len() {
            if self.open.get(stream).is_some_and(|open| !open.is_empty()) {
                self.close(stream);
            }
        }
    }
}

/// The lines of frames that are in memory: 0 is stdout, 1 stderr, 2 standard input, any other a terminal. Gives what the engine said of its
/// trouble as well. For tests with hostile frames.
#[doc(hidden)]
#[must_use]
pub fn joined(frames: &[(u8, &[u8])]) -> (Vec<u8>, Option<String>) {
    let mut joiner = Joiner::default();
    for (kind, message) in frames {
        let message = message.to_vec().into();
        joiner.take(&match kind {
            0 => LogOutput::StdOut { message },
            1 => LogOutput::StdErr { message },
            2 => LogOutput::StdIn { message },
            _ => LogOutput::Console { message },
        });
    }
    joiner.flush();
    (joiner.out, joiner.trouble)
}

/// Parts a line's stamp from its text. A line without one keeps all its text.
fn stamped(line: &[u8]) -> (&[u8], &[u8]) {
    let Some(blank) = line.iter().position(|byte| *byte == b' ') else { return (b"", line) };
    let (stamp, text) = line.split_at(blank);
    let looks = stamp.len() >= 20 && stamp.get(10) == Some(&b'T') && stamp.iter().take(4).all(u8::is_ascii_digit);
    if looks { (stamp, text.get(1..).unwrap_or_default()) } else { (b"", line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(text: &str) -> LogOutput {
        LogOutput::StdOut { message: text.to_owned().into() }
    }

    fn err(text: &str) -> LogOutput {
        LogOutput::StdErr { message: text.to_owned().into() }
    }

    fn text_of(frames: &[LogOutput]) -> String {
        let mut joiner = Joiner::default();
        frames.iter().for_each(|frame| joiner.take(frame));
        joiner.flush();
        String::from_utf8(joiner.out).unwrap()
    }

    const STAMP: &str = "2026-11-26T12:00:00.000000001Z";

    #[test]
    fn pieces_of_a_line_are_joined_per_stream() {
        let frames =
            [out(&format!("{STAMP} conn")), err(&format!("{STAMP} other\n")), out(&format!("{STAMP} ect ECONN\n"))];
        assert_eq!(text_of(&frames), format!("{STAMP} stderr F other\n{STAMP} stdout F connect ECONN\n"));
    }

    #[test]
    fn a_terminal_is_one_stream() {
        let part = |text: &str| LogOutput::Console { message: text.to_owned().into() };
        assert_eq!(
            text_of(&[part(&format!("{STAMP} a")), part("bc\r\n"), part("last")]),
            format!("{STAMP} abc\nlast\n")
        );
    }

    #[test]
    fn a_damaged_record_is_told_and_is_no_line() {
        let mut joiner = Joiner::default();
        joiner.take(&LogOutput::Console {
            message: "\u{3}\0\0\0\0\0\0\u{1b}Error grabbing logs: EOF\n".to_owned().into(),
        });
        assert_eq!((joiner.out.len(), joiner.trouble.as_deref()), (0, Some("Error grabbing logs: EOF")));
    }

    #[test]
    fn a_line_without_a_stamp_keeps_its_text() {
        assert_eq!(stamped(b"plain text here\n"), (&b""[..], &b"plain text here\n"[..]));
    }
}
