//! Opens one input and recognises what it is by its first bytes.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek as _};
use std::path::{Path, PathBuf};

use super::bound::{Bounded, Counted};
use super::compressed;
use super::pieces::{HEAD, Pieces};
use super::utf16::Utf16;

/// Bytes of an input; another thread than the one that opened it may read them.
pub type Reader = Box<dyn Read + Send>;

/// How standard input is called in reports.
pub const STDIN: &str = "<stdin>";
/// The kind of inputs that come from a Docker engine.
pub const DOCKER: &str = "docker";
/// The format of an archive that `diagnose bundle` made: its bytes are no log.
pub const BUNDLE: &str = "bundle";
/// Bytes looked at to recognise a format.
const PEEK: usize = 4096;
/// Most rotated files of one log.
const ROTATED: usize = 100;
/// Compression inside compression is followed this deep and no deeper.
const LAYERS: usize = 3;

/// Why an input could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no such file.
    #[error("there is no file {path}")]
    Missing {
        /// Which one.
        path: PathBuf,
    },
    /// It may not be read.
    #[error("{path} may not be read by this user")]
    NotPermitted {
        /// Which one.
        path: PathBuf,
    },
    /// It is a folder.
    #[error("{path} is a directory")]
    Directory {
        /// Which one.
        path: PathBuf,
    },
    /// Something else went wrong.
    #[error("{path} cannot be read: {error}")]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl SourceError {
    /// The one thing to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "check the name; a container's log is piped: docker logs NAME 2>&1 | diagnose",
            Self::NotPermitted { .. } => "run as a user who may read it, or pipe it in: sudo cat FILE | diagnose",
            Self::Directory { .. } => "name the log files in it: diagnose DIR/*.log",
            Self::Read { .. } => "check the disk and the mount, or pipe the log in: cat FILE | diagnose",
        }
    }

    fn new(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::PermissionDenied => Self::NotPermitted { path },
            io::ErrorKind::IsADirectory => Self::Directory { path },
            _ => Self::Read { path, error },
        }
    }
}

/// An opened input.
pub struct Source {
    /// As the user typed it, as far as it is Unicode, or [`STDIN`].
    pub name: String,
    /// `file`, `stdin`, or [`DOCKER`].
    pub kind: &'static str,
    /// Decoders in use (`gzip`, `zstd`, `utf-16`), outermost first.
    pub formats: Vec<&'static str>,
    /// Size on disk, if it is a regular file.
    pub size: Option<u64>,
    /// Its plain bytes.
    pub reader: Reader,
    /// The file itself, where the reader gives just its bytes, so that it can be read at any place.
    pub file: Option<File>,
}

/// Opens a file, or standard input for `-`.
///
/// # Errors
/// When it does not exist, may not be read or is a directory.
pub fn open(name: &OsStr) -> Result<Source, SourceError> {
    if name == "-" {
        widen(&io::stdin());
        let redirected = redirected();
        let size = redirected.as_ref().and_then(|file| file.metadata().ok()).map(|meta| meta.len());
        let (reader, formats) = recognise(Box::new(io::stdin()));
        let file = redirected.filter(|file| formats.is_empty() && is_given_as_it_is(file));
        return Ok(Source { name: STDIN.to_owned(), kind: "stdin", formats, size, reader, file });
    }
    let path = Path::new(name);
    let failed = |error| SourceError::new(path, error);
    let file = File::open(path).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    if meta.is_dir() {
        return Err(SourceError::Directory { path: path.to_owned() });
    }
    let size = meta.is_file().then_some(meta.len());
    if size.is_none() {
        widen(&file);
    }
    let again = file.try_clone().ok().filter(|_| size.is_some());
    let (reader, formats) = recognise(Box::new(file));
    let file = again.filter(|file| formats.is_empty() && is_given_as_it_is(file));
    Ok(Source { name: name.to_string_lossy().into_owned(), kind: "file", formats, size, reader, file })
}

/// The bytes of any reader, recognised like those of a file.
#[must_use]
pub fn read(name: &str, reader: Reader) -> Source {
    let (reader, formats) = recognise(reader);
    Source { name: name.to_owned(), kind: "file", formats, size: None, reader, file: None }
}

/// The file that standard input is, from its beginning on: `diagnose < app.log`.
#[cfg(unix)]
fn redirected() -> Option<File> {
    let mut file = File::from(std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned().ok()?);
    (file.metadata().ok()?.is_file() && file.stream_position().ok()? == 0).then_some(file)
}

/// Files are read at any place on Unix only.
#[cfg(not(unix))]
fn redirected() -> Option<File> {
    None
}

/// Lets a pipe hold as much as Linux grants everyone, 1 MiB instead of 64 KiB: what writes to it works on while this program scans.
/// Anything else, and a pipe that may not grow, stays as it is.
#[cfg(target_os = "linux")]
fn widen(pipe: &impl std::os::fd::AsFd) {
    let _unchanged = rustix::pipe::fcntl_setpipe_size(pipe, 1 << 20);
}

/// Elsewhere a pipe holds what it holds.
#[cfg(not(target_os = "linux"))]
fn widen<T>(_: &T) {}

/// Whether a reader gives just the bytes of a plain file: it drops the UTF-8 mark, and puts the pieces of Docker's records together.
#[cfg(unix)]
fn is_given_as_it_is(file: &File) -> bool {
    let mut head = [0; HEAD.len()];
    let count = std::os::unix::fs::FileExt::read_at(file, &mut head, 0);
    count.is_ok() && head != *HEAD && !head.starts_with(&[0xef, 0xbb, 0xbf])
}

/// Files are read at any place on Unix only.
#[cfg(not(unix))]
fn is_given_as_it_is(_: &File) -> bool {
    false
}

/// A log that a Docker engine gave, in this format.
#[must_use]
pub fn docker(name: &str, format: &'static str, reader: Reader) -> Source {
    Source { name: name.to_owned(), kind: DOCKER, formats: vec![format], size: None, reader, file: None }
}

/// Docker's own files of a container's log, read as one: the rotated ones first (`PATH.2`, `PATH.1`, also compressed), then `PATH`.
///
/// # Errors
/// When the newest of them cannot be opened.
pub fn docker_files(name: &str, path: &Path) -> Result<Source, SourceError> {
    let newest = open(path.as_os_str())?;
    let mut reader = newest.reader;
    let mut size = newest.size.unwrap_or(0);
    for number in 1..=ROTATED {
        let form = |ending: &str| format!("{}.{number}{ending}", path.display());
        let Some(older) = ["", ".gz"].iter().find_map(|ending| open(OsStr::new(&form(ending))).ok()) else { break };
        size += older.size.unwrap_or(0);
        reader = Box::new(older.reader.chain(reader));
    }
    let formats = vec!["json-file"];
    Ok(Source { name: name.to_owned(), kind: DOCKER, formats, size: Some(size), reader, file: None })
}

/// Puts a decoder around a reader for each format its first bytes show.
fn recognise(reader: Reader) -> (Reader, Vec<&'static str>) {
    let (input, taken) = Counted::new(reader);
    let (mut reader, mut formats): (Reader, _) = (Box::new(input), Vec::new());
    while formats.len() < LAYERS {
        let mut head = Vec::new();
        let peeked = reader.by_ref().take(4).read_to_end(&mut head);
        let rest = Peeked { head: Cursor::new(head), error: peeked.err(), rest: reader };
        let head = rest.head.get_ref().as_slice();
        if head.starts_with(&[0x1f, 0x8b]) {
            formats.push("gzip");
            reader = Bounded::around(compressed::gzip(Box::new(rest)), &taken);
        } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            formats.push("zstd");
            reader = Bounded::around(compressed::zstd(Box::new(rest)), &taken);
        } else {
            return text(rest, formats);
        }
    }
    (reader, formats)
}

/// The innermost layer: UTF-16 is turned into UTF-8, a UTF-8 mark is dropped.
fn text(mut peeked: Peeked, mut formats: Vec<&'static str>) -> (Reader, Vec<&'static str>) {
    let mut head = std::mem::take(peeked.head.get_mut());
    if peeked.error.is_none() && head.len() == 4 {
        // As much as there is, however it arrives: what an input is must not depend on how a pipe cuts it.
        let wanted = crate::num::wide(PEEK - head.len());
        peeked.error = peeked.rest.by_ref().take(wanted).read_to_end(&mut head).err();
    }
    if peeked.error.is_none() && may_begin_bundle(&head) {
        let missing = crate::num::wide(BLOCK.saturating_sub(head.len()));
        peeked.error = peeked.rest.by_ref().take(missing).read_to_end(&mut head).err();
        if is_bundle(&head) {
            formats.push(BUNDLE);
            peeked.head = Cursor::new(head);
            return (Box::new(peeked), formats);
        }
    }
    let endian = Utf16::detect(&head);
    if endian.is_none() && head.starts_with(&[0xef, 0xbb, 0xbf]) {
        head.drain(..3);
    }
    let records = head.starts_with(HEAD);
    peeked.head = Cursor::new(head);
    match endian {
        Some(big) => {
            formats.push("utf-16");
            (Box::new(Utf16::new(Box::new(peeked), big)), formats)
        }
        None if records => (Box::new(Pieces::new(Box::new(peeked))), formats),
        None => (Box::new(peeked), formats),
    }
}

/// How the first name in a bundle begins, in whatever order its members stand; a tool that packs a folder writes `./` before names.
const FIRST: [&str; 5] = ["manifest.json", "README.txt", "report.", "logs/", "inspect/"];
/// Bytes of a tar archive's header.
const BLOCK: usize = 512;

/// Whether more must be read to know: a log rarely begins like this.
fn may_begin_bundle(head: &[u8]) -> bool {
    if head.starts_with(b"./\0") {
        return true;
    }
    let name = head.strip_prefix(b"./").unwrap_or(head);
    let fits = |first: &str| name.iter().zip(first.bytes()).all(|(byte, wanted)| *byte == wanted);
    !head.is_empty() && FIRST.iter().any(|first| fits(first))
}

/// Whether a tar archive begins here whose first member a bundle may have.
fn is_bundle(head: &[u8]) -> bool {
    let name = head.strip_prefix(b"./").unwrap_or(head);
    let folder = head.starts_with(b"./\0");
    head.get(257..262) == Some(b"ustar") && (folder || FIRST.iter().any(|first| name.starts_with(first.as_bytes())))
}

/// Bytes already taken from a reader, put back in front of it.
struct Peeked {
    head: Cursor<Vec<u8>>,
    error: Option<io::Error>,
    rest: Reader,
}

impl Read for Peeked {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let count = self.head.read(space)?;
        if count > 0 || space.is_empty() {
            return Ok(count);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => self.rest.read(space),
        }
    }
}
