//! gzip (all members of a file) and zstd (all frames), streaming.

use std::io::{self, Read};

use ruzstd::decoding::BlockDecodingStrategy::UptoBlocks;
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use super::Reader;

/// The largest window that is decoded: what `zstd --ultra -20` asks for. Decoding needs about one and a half times as much memory.
const WINDOW: u64 = 32 << 20;

/// Decodes gzip.
pub(super) fn gzip(reader: Reader) -> Reader {
    Box::new(flate2::read::MultiGzDecoder::new(reader))
}

/// Decodes zstd. A window larger than [`WINDOW`] is an error of the stream, not a large allocation.
pub(super) fn zstd(reader: Reader) -> Reader {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(WINDOW);
    Box::new(Zstd { input: Ahead { first: None, reader }, decoder, inside: false, given: 0, fault: None, over: false })
}

/// One frame after the other, by one decoder: a hostile file has millions of them.
struct Zstd {
    input: Ahead,
    decoder: FrameDecoder,
    /// A frame was begun.
    inside: bool,
    /// What came out of it.
    given: u64,
    /// What broke the data; what was decoded before is given first.
    fault: Option<io::Error>,
    over: bool,
}

/// A last block without data, and room for a checksum: what was decoded before a fault is given out only behind a frame's end.
const END: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

impl Zstd {
    /// Begins the next frame, past those that hold no data; false at the end of the input.
    fn next_frame(&mut self) -> io::Result<bool> {
        while self.input.has_more()? {
            match self.decoder.reset(&mut self.input) {
                Ok(()) => {
                    self.given = 0;
                    return Ok(true);
                }
                // Noise behind a frame, as behind a member of gzip.
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::BadMagicNumber(_))) => {
                    return Err(invalid("what follows is no zstd data"));
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut self.input.by_ref().take(u64::from(length)), &mut io::sink())?;
                }
                Err(error) => return Err(broken(error)),
            }
        }
        Ok(false)
    }

    fn decoded(&mut self, space: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.inside {
                self.inside = self.next_frame()?;
                if !self.inside {
                    return Ok(0);
                }
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                if let Err(error) = self.decoder.decode_blocks(&mut self.input, UptoBlocks(1)) {
                    self.fault = Some(broken(error));
                    self.decoder.decode_blocks(&END[..], UptoBlocks(1)).map_err(broken)?;
                }
            }
            let count = self.decoder.read(space)?;
            self.given += crate::num::wide(count);
            if count > 0 || space.is_empty() {
                return Ok(count);
            }
            if let Some(fault) = self.fault.take() {
                return Err(fault);
            }
            self.inside = false;
            self.compare()?;
        }
    }

    /// Compares what came out of a frame with what it says of itself.
    fn compare(&self) -> io::Result<()> {
        let said = self.decoder.content_size();
        if said != 0 && said != self.given {
            return Err(invalid("the zstd data is damaged: its length is not the one it names"));
        }
        let said = self.decoder.get_checksum_from_data();
        if said.is_some() && said != self.decoder.get_calculated_checksum() {
            return Err(invalid("the zstd data is damaged: its checksum does not fit"));
        }
        Ok(())
    }
}

impl Read for Zstd {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.over {
            return Ok(0);
        }
        let outcome = self.decoded(space);
        // Behind a fault nothing that comes out means anything.
        self.over = outcome.is_err();
        outcome
    }
}

/// A reader of which one byte may have been read ahead.
struct Ahead {
    first: Option<u8>,
    reader: Reader,
}

impl Ahead {
    fn has_more(&mut self) -> io::Result<bool> {
        let mut byte = [0];
        while self.first.is_none() {
            match self.reader.read(&mut byte) {
                Ok(0) => return Ok(false),
                Ok(_) => self.first = Some(byte[0]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

impl Read for Ahead {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if let (Some(byte), Some(slot)) = (self.first, space.first_mut()) {
            *slot = byte;
            self.first = None;
            return Ok(1);
        }
        self.reader.read(space)
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn broken(error: FrameDecoderError) -> io::Error {
    if ends_early(&error) {
        return io::ErrorKind::UnexpectedEof.into();
    }
    let what = match error {
        FrameDecoderError::WindowSizeTooBig { requested, max } => {
            let (asked, most) = (requested >> 20, max >> 20);
            format!(
                "the zstd data asks for a window of {asked} MiB, at most {most} are given; unpack it first: zstd -dc --long=31"
            )
        }
        error => format!("the zstd data is damaged ({})", innermost(&error)),
    };
    invalid(&what)
}

/// The words of the first cause: those around it are the library's own names.
fn innermost(error: &FrameDecoderError) -> String {
    let mut last: &(dyn std::error::Error + 'static) = error;
    while let Some(deeper) = last.source() {
        last = deeper;
    }
    last.to_string()
}

/// Whether the reader's end lies behind an error.
fn ends_early(error: &FrameDecoderError) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof) {
            return true;
        }
        next = error.source();
    }
    false
}
