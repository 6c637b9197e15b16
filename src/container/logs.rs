//! The log of a container through the engine, as a reader of plain lines.
//!
//! What a reader gives is in the form of Kubernetes' runtime, `2026-11-23T18:44:13.120Z stderr F text`: it keeps time and stream and
//! needs no escaping.

use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bollard::errors::Error as ClientError;
use futures_util::{Stream, StreamExt};
use tokio::runtime::Runtime;

use super::engine::Engine;
use super::error::EngineError;
use super::frames::Frames;

/// A log that stays open is given what it has; one that is to be read to its end, and says nothing for so long, will not say more.
const SILENCE: Duration = Duration::from_secs(5);
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
    stream: Pin<Box<dyn Stream<Item = Result<Vec<u8>, ClientError>> + Send>>,
    failed: Box<dyn Fn(&ClientError) -> EngineError + Send>,
    frames: Frames,
    /// Given up to here.
    at: usize,
    over: bool,
    /// Something arrived at all.
    begun: bool,
    /// Why it broke off, until a reader was told.
    broken: Option<EngineError>,
    /// When reading ends, however much is left.
    deadline: Option<Instant>,
}

impl Engine {
    /// Opens a container's log. Whether the engine gives it is known at the first read.
    #[must_use]
    pub fn logs(&self, id: &str, request: LogRequest, deadline: Option<Instant>) -> LogReader {
        // Without stamps, a terminal's stream that begins with bytes 0 to 3 would be taken for frames.
        let mut query = format!("stdout=true&stderr=true&timestamps=true&follow={}", request.follow);
        let tail = request.tail.map_or_else(|| "all".to_owned(), |lines| lines.to_string());
        query.push_str(&format!(
            "&since={}&until={}&tail={tail}",
            request.since.unwrap_or(0),
            request.until.unwrap_or(0)
        ));
        let (address, patience) = (self.address.clone(), self.patience.as_secs());
        LogReader {
            runtime: Arc::clone(&self.runtime),
            stream: Box::pin(self.body(&format!("{id}/logs"), &query)),
            failed: Box::new(move |error| EngineError::of(&address, error, patience)),
            frames: Frames::default(),
            at: 0,
            over: false,
            begun: false,
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
            frames: Frames::default(),
            at: 0,
            over: false,
            begun: false,
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
                self.frames.end();
                self.broken = self.frames.trouble.take().map(|said| EngineError::Damaged { said });
                if self.ready() > 0 { Waited::More } else { Waited::Over }
            }
            Ok(Some(Ok(bytes))) => {
                self.begun = true;
                self.frames.take(&bytes);
                Waited::More
            }
            Ok(Some(Err(error))) => {
                self.over = true;
                self.frames.end();
                Waited::Broken((self.failed)(&error))
            }
        }
    }

    fn ready(&self) -> usize {
        self.frames.out.len() - self.at
    }

    /// The same, ending after so many lines, or without a word where it cannot go on.
    #[must_use]
    pub fn lines_at_most(self, lines: u64) -> impl Read + use<> {
        Bounded { reader: self, left: lines }
    }

    /// What has arrived and was not taken yet: whole lines.
    pub fn taken(&mut self) -> Vec<u8> {
        let at = std::mem::take(&mut self.at);
        let mut bytes = std::mem::take(&mut self.frames.out);
        bytes.drain(..at);
        bytes
    }
}

impl Read for LogReader {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.ready() == 0 {
            self.frames.out.clear();
            self.at = 0;
            while self.ready() < GATHER && !self.over {
                let left =
                    self.deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
                let limit = if self.begun { left.min(SILENCE) } else { left };
                match self.wait(limit) {
                    Waited::More if !left.is_zero() => {}
                    Waited::More | Waited::Quiet => {
                        self.over = true;
                        self.frames.end();
                        self.broken = Some(EngineError::Late { silent: limit < left });
                    }
                    Waited::Broken(error) => self.broken = Some(error),
                    Waited::Over => break,
                }
            }
        }
        // What came before the break is given first.
        if self.ready() == 0
            && let Some(error) = self.broken.take()
        {
            return Err(io::Error::other(error));
        }
        let mut rest = self.frames.out.get(self.at..).unwrap_or_default();
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
