//! Takes names, gives readers of plain bytes: files, standard input, gzip and zstd by content, UTF-16 turned into UTF-8.
//!
//! Knows nothing of lines or rules. Everything streams; nothing is held but the decoder's own buffers.

mod bound;
mod compressed;
mod open;
mod pieces;
mod utf16;

pub use open::{BUNDLE, DOCKER, Reader, STDIN, Source, SourceError, docker, docker_files, open, read};
