//! Files inside containers, through the archive call: works on stopped containers, changes nothing, needs no shell.

use std::io::{self, Read};

use bollard::query_parameters::DownloadFromContainerOptionsBuilder;
use futures_util::StreamExt;
use tar::EntryType;

use super::engine::Engine;
use super::error::EngineError;

/// Most of a file that is kept: its end.
const MOST: usize = 16 * 1024 * 1024;
/// Most entries of a folder that are looked at, and most bytes of each file.
const FILES: usize = 64;
const BEGINNING: u64 = 64 * 1024;
/// Symbolic links followed.
const LINKS: usize = 4;

impl Engine {
    /// The end of a file inside a container (at most 16 MiB) and whether something before it was left out. `None` when there is no such
    /// file: also for one on a tmpfs, which the engine cannot see, and for one that is no plain file.
    ///
    /// # Errors
    /// When the engine does not answer, or breaks off.
    pub fn file(&self, id: &str, path: &str) -> Result<Option<(Vec<u8>, bool)>, EngineError> {
        let mut path = path.to_owned();
        for _ in 0..LINKS {
            match self.entry(id, &path)? {
                Found::File(bytes, cut) => return Ok(Some((bytes, cut))),
                Found::Link(target) => path = joined(&path, &target),
                Found::Nothing => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The plain files at a path, which may be a folder, as texts: few of them, and of each the beginning. Nothing when there is none.
    ///
    /// # Errors
    /// When the engine does not answer, or breaks off.
    pub fn texts(&self, id: &str, path: &str) -> Result<Vec<String>, EngineError> {
        let options = DownloadFromContainerOptionsBuilder::default().path(path).build();
        let stream = self.docker.download_from_container(id, Some(options));
        let mut tar = Chunks { engine: self, stream: Box::pin(stream), chunk: Vec::new(), at: 0, failed: None };
        let found = beginnings(&mut tar);
        match tar.failed {
            Some(EngineError::Refused { status: 404, .. }) => Ok(Vec::new()),
            Some(error) => Err(error),
            None => Ok(found.unwrap_or_default()),
        }
    }

    fn entry(&self, id: &str, path: &str) -> Result<Found, EngineError> {
        let options = DownloadFromContainerOptionsBuilder::default().path(path).build();
        let stream = self.docker.download_from_container(id, Some(options));
        let mut tar = Chunks { engine: self, stream: Box::pin(stream), chunk: Vec::new(), at: 0, failed: None };
        let found = first_entry(&mut tar);
        match (found, tar.failed) {
            (_, Some(EngineError::Refused { status: 404, .. })) => Ok(Found::Nothing),
            (_, Some(error)) => Err(error),
            (Ok(found), None) => Ok(found),
            (Err(error), None) => Err(EngineError::Broken { url: self.address.shown(), why: error.to_string() }),
        }
    }
}

enum Found {
    File(Vec<u8>, bool),
    Link(String),
    Nothing,
}

fn first_entry(tar: &mut dyn Read) -> io::Result<Found> {
    let mut archive = tar::Archive::new(tar);
    // Extensions of the format are not interpreted: a long name is an allocation of whatever size the engine likes.
    let entries = archive.entries()?.raw(true);
    let is_extension = |kind: EntryType| {
        kind.is_gnu_longname()
            || kind.is_gnu_longlink()
            || kind.is_pax_global_extensions()
            || kind.is_pax_local_extensions()
    };
    let mut entries = entries.skip_while(|entry| entry.as_ref().is_ok_and(|it| is_extension(it.header().entry_type())));
    let Some(entry) = entries.next() else { return Ok(Found::Nothing) };
    let mut entry = entry?;
    let kind = entry.header().entry_type();
    if kind.is_symlink() {
        let target = entry.link_name()?.map(|target| target.to_string_lossy().into_owned());
        return Ok(target.map_or(Found::Nothing, Found::Link));
    }
    if !kind.is_file() {
        return Ok(Found::Nothing);
    }
    let (bytes, cut) = end_of(&mut entry)?;
    Ok(Found::File(bytes, cut))
}

fn beginnings(tar: &mut dyn Read) -> io::Result<Vec<String>> {
    let mut archive = tar::Archive::new(tar);
    let mut texts = Vec::new();
    for entry in archive.entries()?.raw(true).take(FILES) {
        let entry = entry?;
        if entry.header().entry_type().is_file() {
            let mut bytes = Vec::new();
            entry.take(BEGINNING).read_to_end(&mut bytes)?;
            texts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(texts)
}

/// The last [`MOST`] bytes or a little more, and whether something before them was dropped.
fn end_of(reader: &mut dyn Read) -> io::Result<(Vec<u8>, bool)> {
    let (mut bytes, mut cut) = (Vec::new(), false);
    while Read::take(&mut *reader, 1024 * 1024).read_to_end(&mut bytes)? > 0 {
        if bytes.len() > MOST + MOST / 4 {
            bytes.drain(..bytes.len() - MOST);
            cut = true;
        }
    }
    Ok((bytes, cut))
}

/// The target of a link, as a path in the container.
fn joined(link: &str, target: &str) -> String {
    if target.starts_with('/') {
        return target.to_owned();
    }
    let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/{target}")
}

/// The body of an answer as a reader.
struct Chunks<'e, S> {
    engine: &'e Engine,
    stream: std::pin::Pin<Box<S>>,
    chunk: Vec<u8>,
    at: usize,
    failed: Option<EngineError>,
}

impl<S, B> Read for Chunks<'_, S>
where
    S: futures_util::Stream<Item = Result<B, bollard::errors::Error>>,
    B: AsRef<[u8]>,
{
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.chunk.len() {
            let next = async { Ok(self.stream.next().await) };
            match self.engine.ask(next) {
                Ok(None) => return Ok(0),
                Ok(Some(Ok(bytes))) => (self.chunk, self.at) = (bytes.as_ref().to_vec(), 0),
                Ok(Some(Err(error))) => {
                    self.failed = Some(self.engine.failed(&error));
                    return Err(io::Error::other("the engine broke off"));
                }
                Err(error) => {
                    self.failed = Some(error);
                    return Err(io::Error::other("the engine broke off"));
                }
            }
        }
        let mut rest = self.chunk.get(self.at..).unwrap_or_default();
        let count = rest.read(space)?;
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_relative_to_its_folder() {
        assert_eq!(joined("/tmp/twenty.log", "current.log"), "/tmp/current.log");
        assert_eq!(joined("/tmp/twenty.log", "/var/log/x"), "/var/log/x");
    }
}
