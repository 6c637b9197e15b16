//! The stream of a container's log, taken apart into lines.
//!
//! Observed on engines: lines over 16 KiB come in pieces, each a frame with a stamp of its own; a terminal's log is no frames but one stream
//! with CRLF; a damaged record comes as a frame of the unknown kind 3 with a message of the engine in it. A frame says how long it is, up to
//! 4 GiB, and is believed in parts only.

/// A line longer than this is given in parts after all.
const LONGEST: usize = 4 * 1024 * 1024;
/// Most of a frame that is gathered before it is handed on; those of engines are shorter.
const PART: usize = 256 * 1024;
/// Length of what stands before a frame: its kind, three bytes without meaning, its length.
const HEAD: usize = 8;

/// Where the stream stands.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before a frame, or before a line of a terminal.
    #[default]
    Start,
    /// In a frame of this kind, of which so much is missing.
    Frame(u8, usize),
    /// In a line of a terminal.
    Terminal,
}

/// Takes a log apart, however it is cut into pieces.
#[derive(Default)]
pub(super) struct Frames {
    at: At,
    /// A head that is not whole, or what has come of a frame.
    held: Vec<u8>,
    /// A part of the frame was handed on.
    begun: bool,
    /// Unfinished lines of stdout, stderr and of a terminal.
    open: [Vec<u8>; 3],
    /// Whole lines that nobody took yet.
    pub(super) out: Vec<u8>,
    /// What the engine said of its own trouble.
    pub(super) trouble: Option<String>,
}

impl Frames {
    /// Takes a piece.
    pub(super) fn take(&mut self, mut bytes: &[u8]) {
        while let Some(first) = bytes.first() {
            bytes = match self.at {
                At::Start if self.held.is_empty() && *first > 3 => {
                    self.at = At::Terminal;
                    bytes
                }
                At::Start => self.head(bytes),
                At::Frame(kind, left) => self.frame(bytes, kind, left),
                At::Terminal => self.terminal(bytes),
            };
        }
    }

    /// The stream is over: the last line may lack its end.
    pub(super) fn end(&mut self) {
        if let At::Frame(kind, _) = self.at {
            self.hand_on(kind);
        }
        for stream in 0..self.open.len() {
            if self.open.get(stream).is_some_and(|open| !open.is_empty()) {
                self.close(stream);
            }
        }
    }

    fn head<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let rest = self.hold(bytes, HEAD);
        if let [kind, _, _, _, length @ ..] = self.held.as_slice()
            && let Ok(length) = <[u8; 4]>::try_from(length)
        {
            self.at = At::Frame(*kind, usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX));
            (self.begun, self.held) = (false, Vec::new());
            // One without content is over.
            if let At::Frame(_, 0) = self.at {
                self.at = At::Start;
            }
        }
        rest
    }

    fn frame<'b>(&mut self, bytes: &'b [u8], kind: u8, left: usize) -> &'b [u8] {
        let before = self.held.len();
        let rest = self.hold(bytes, PART.min(before + left));
        let left = left - (self.held.len() - before);
        self.at = At::Frame(kind, left);
        if left == 0 || self.held.len() == PART {
            self.hand_on(kind);
        }
        if left == 0 {
            self.at = At::Start;
        }
        rest
    }

    fn terminal<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
        let (line, rest) = bytes.split_at_checked(end).unwrap_or((bytes, b""));
        self.add(2, line);
        if line.ends_with(b"\n") {
            self.at = At::Start;
        }
        rest
    }

    /// Holds what comes until so much is held; gives the rest.
    fn hold<'b>(&mut self, bytes: &'b [u8], wanted: usize) -> &'b [u8] {
        let (taken, rest) = bytes.split_at_checked(wanted - self.held.len()).unwrap_or((bytes, b""));
        self.held.extend_from_slice(taken);
        rest
    }

    /// Hands on what has come of a frame: a line with a stamp, or a piece of one, which has no line end.
    fn hand_on(&mut self, kind: u8) {
        let held = std::mem::take(&mut self.held);
        let begun = std::mem::replace(&mut self.begun, true);
        if kind == 3 {
            self.trouble.get_or_insert_with(|| String::from_utf8_lossy(&held).trim().to_owned());
            return;
        }
        let stream = usize::from(kind == 2);
        for (number, line) in held.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let (stamp, text) = if begun && number == 0 { (&b""[..], line) } else { stamped(line) };
            if self.open.get(stream).is_some_and(Vec::is_empty) {
                self.add(stream, stamp);
                self.add(stream, if kind == 2 { b" stderr F " } else { b" stdout F " });
            }
            self.add(stream, text);
        }
    }

    /// Adds to an unfinished line, which may now be whole.
    fn add(&mut self, stream: usize, text: &[u8]) {
        let Some(open) = self.open.get_mut(stream) else { return };
        open.extend_from_slice(text);
        if text.ends_with(b"\n") || open.len() > LONGEST {
            self.close(stream);
        }
    }

    fn close(&mut self, stream: usize) {
        let Some(open) = self.open.get_mut(stream) else { return };
        let line = std::mem::take(open);
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        self.out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        self.out.push(b'\n');
    }
}

/// The lines of a log that is in memory, in pieces, and what the engine said of its trouble. For tests with hostile streams.
#[doc(hidden)]
#[must_use]
pub fn joined<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> (Vec<u8>, Option<String>) {
    let mut frames = Frames::default();
    pieces.into_iter().for_each(|piece| frames.take(piece));
    frames.end();
    (frames.out, frames.trouble)
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

    const STAMP: &str = "2026-11-26T12:00:00.000000001Z";

    fn frame(kind: u8, text: &str) -> Vec<u8> {
        let length = u32::try_from(text.len()).unwrap().to_be_bytes();
        [&[kind, 0, 0, 0], length.as_slice(), text.as_bytes()].concat()
    }

    /// The lines of a stream, which must not depend on how it is cut.
    fn text_of(stream: &[u8]) -> String {
        let whole = joined([stream]);
        for size in [1, 3, 7, 100] {
            assert_eq!(joined(stream.chunks(size)), whole, "pieces of {size}");
        }
        String::from_utf8(whole.0).unwrap()
    }

    #[test]
    fn pieces_of_a_line_are_joined_per_stream() {
        let frames = [
            frame(1, &format!("{STAMP} conn")),
            frame(2, &format!("{STAMP} other\n")),
            frame(1, ""),
            frame(1, &format!("{STAMP} ect ECONN\n")),
        ];
        let text = text_of(&frames.concat());
        assert_eq!(text, format!("{STAMP} stderr F other\n{STAMP} stdout F connect ECONN\n"));
    }

    #[test]
    fn a_terminal_is_one_stream() {
        assert_eq!(text_of(format!("{STAMP} a\u{1}bc\r\nlast").as_bytes()), format!("{STAMP} a\u{1}bc\nlast\n"));
    }

    #[test]
    fn a_damaged_record_is_told_and_is_no_line() {
        let (lines, trouble) = joined([frame(3, "Error grabbing logs: EOF\n").as_slice()]);
        assert_eq!((lines.len(), trouble.as_deref()), (0, Some("Error grabbing logs: EOF")));
    }

    #[test]
    fn a_frame_that_promises_more_than_comes_is_given_in_parts() {
        let mut stream = frame(1, &format!("{STAMP} a line\n"));
        stream[4..8].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(text_of(&stream), format!("{STAMP} stdout F a line\n"));
        let mut frames = Frames::default();
        frames.take(&stream);
        for _ in 0..1000 {
            frames.take(&[b'x'; 100_000]);
            frames.out.clear();
            assert!(frames.held.len() <= PART && frames.open[0].len() <= LONGEST + PART);
        }
    }

    #[test]
    fn a_line_without_a_stamp_keeps_its_text() {
        assert_eq!(stamped(b"plain text here\n"), (&b""[..], &b"plain text here\n"[..]));
    }
}
