//! gzip (all members of a file) and zstd (all frames), streaming.

use std::io::{self, Read};

use ruzstd::decoding::StreamingDecoder;
use ruzstd::decoding::errors::FrameDecoderError;

/// Decodes gzip.
pub(super) fn gzip(reader: Box<dyn Read>) -> Box<dyn Read> {
    Box::new(flate2::read::MultiGzDecoder::new(reader))
}

/// Decodes zstd. A window larger than the decoder's own limit is an error of the stream, not a large allocation.
pub(super) fn zstd(reader: Box<dyn Read>) -> Box<dyn Read> {
    Box::new(Zstd { state: State::Between(reader) })
}

/// One frame after the other.
struct Zstd {
    state: State,
}

enum State {
    Between(Box<dyn Read>),
    Inside(Box<StreamingDecoder<Box<dyn Read>, ruzstd::decoding::FrameDecoder>>),
    Over,
}

impl Read for Zstd {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return Ok(0),
                State::Between(reader) => {
                    let Some(reader) = at_data(reader)? else { return Ok(0) };
                    let decoder = StreamingDecoder::new(reader).map_err(broken)?;
                    self.state = State::Inside(Box::new(decoder));
                }
                State::Inside(mut decoder) => {
                    let count = decoder.read(space)?;
                    if count > 0 || space.is_empty() {
                        self.state = State::Inside(decoder);
                        return Ok(count);
                    }
                    self.state = State::Between(decoder.into_inner());
                }
            }
        }
    }
}

/// The reader with its next byte put back, or nothing when it is at its end.
fn at_data(mut reader: Box<dyn Read>) -> io::Result<Option<Box<dyn Read>>> {
    let mut first = [0];
    let count = reader.read(&mut first)?;
    Ok((count > 0).then(|| -> Box<dyn Read> { Box::new(io::Cursor::new(first).chain(reader)) }))
}

fn broken(error: FrameDecoderError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}
