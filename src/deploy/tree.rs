//! Where the files of a deployment are read from: a folder on disk, or texts in memory (the examples of the checks).

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use super::fault::{FaultKind, Named};

/// A larger file is not read: nothing that configures a deployment is that long.
pub const LIMIT: u64 = 1 << 20;

/// Bytes of a file and whether it may be executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it may be executed, where that can be known.
    pub executable: Option<bool>,
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing stands there.
    #[error("there is no such file")]
    Missing,
    /// It is a folder.
    #[error("it is a folder")]
    Folder,
    /// It is longer than [`LIMIT`].
    #[error("it is larger than 1 MiB and was not read")]
    Huge,
    /// What was read before is more than a deployment holds.
    #[error("it was not read, because the files before it are more than those of any deployment")]
    Full,
    /// The system's own words.
    #[error("{0}")]
    Io(String),
}

impl ReadError {
    /// Whether it is a bound of this program, and no mistake.
    #[must_use]
    pub const fn is_limit(&self) -> bool {
        matches!(self, Self::Huge | Self::Full)
    }

    /// The fault it is, of a file that must be there.
    #[must_use]
    pub const fn kind(&self, named: Named) -> FaultKind {
        if self.is_limit() { FaultKind::Limit } else { FaultKind::Missing(named) }
    }
}

/// Read access to a deployment's files. Paths are below its folder, with `/`; they may begin with `..` or `/`.
pub trait Tree {
    /// Reads a file.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    fn read(&self, path: &str) -> Result<Raw, ReadError>;

    /// Whether a file or folder stands there.
    fn exists(&self, path: &str) -> bool;

    /// Whether a folder stands there.
    fn is_folder(&self, path: &str) -> bool;

    /// Names of what is in a folder, in order; none when it cannot be listed.
    fn list(&self, path: &str) -> Vec<String>;
}

/// A folder on disk.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// The files below `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

impl Tree for Disk {
    fn read(&self, path: &str) -> Result<Raw, ReadError> {
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => ReadError::Missing,
            _ => ReadError::Io(error.to_string()),
        };
        let full = self.path(path);
        // Looked at before it is opened: opening a pipe would wait for its other end.
        let facts = std::fs::metadata(&full).map_err(failed)?;
        if facts.is_dir() {
            return Err(ReadError::Folder);
        }
        if !facts.is_file() {
            return Err(ReadError::Io("it is no regular file".to_owned()));
        }
        if facts.len() > LIMIT {
            return Err(ReadError::Huge);
        }
        if facts.len() == 0 && of_kernel(&full) {
            return Err(ReadError::Io("it is a file of the kernel".to_owned()));
        }
        let mut bytes = Vec::new();
        let file = std::fs::File::open(&full).map_err(failed)?;
        file.take(facts.len()).read_to_end(&mut bytes).map_err(failed)?;
        Ok(Raw { bytes, executable: executable(&facts) })
    }

    fn exists(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    fn is_folder(&self, path: &str) -> bool {
        self.path(path).is_dir()
    }

    fn list(&self, path: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path(path)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// Whether the kernel makes a file up while it is read, which may take for ever.
fn of_kernel(path: &std::path::Path) -> bool {
    std::fs::canonicalize(path).is_ok_and(|path| path.starts_with("/proc") || path.starts_with("/sys"))
}

#[cfg(unix)]
fn executable(facts: &std::fs::Metadata) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(facts.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn executable(_facts: &std::fs::Metadata) -> Option<bool> {
    None
}

/// Texts by path.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// Path to text.
    pub files: BTreeMap<String, String>,
    /// Path to whether it may be executed; not known of the others.
    pub executable: BTreeMap<String, bool>,
}

impl Tree for Memory {
    fn read(&self, path: &str) -> Result<Raw, ReadError> {
        match self.files.get(path) {
            Some(text) => Ok(Raw { bytes: text.clone().into_bytes(), executable: self.executable.get(path).copied() }),
            None if self.is_folder(path) => Err(ReadError::Folder),
            None => Err(ReadError::Missing),
        }
    }

    fn exists(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.is_folder(path)
    }

    fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || path == "." || self.files.keys().any(|name| inside(name, path).is_some())
    }

    fn list(&self, path: &str) -> Vec<String> {
        let names = self.files.keys().filter_map(|name| inside(name, path));
        let mut names: Vec<String> = names.filter_map(|rest| rest.split('/').next()).map(str::to_owned).collect();
        names.dedup();
        names
    }
}

/// The part of a path below a folder.
fn inside<'a>(name: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() || folder == "." { Some(name) } else { name.strip_prefix(folder)?.strip_prefix('/') }
}

/// The part of a path in a container below a folder that something is put at; empty for the folder itself.
#[must_use]
pub fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
}

/// `path` as seen from `folder`: joined, without `.` and inner `..`.
#[must_use]
pub fn join(folder: &str, path: &str) -> String {
    let joined = if path.starts_with('/') || folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if joined.starts_with('/') { format!("/{}", parts.join("/")) } else { parts.join("/") }
}

/// The folder a path stands in; empty for the deployment's own.
#[must_use]
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_without_dots() {
        assert_eq!(join("", "./a/../b"), "b");
        assert_eq!(join("deploy", "../.env"), ".env");
        assert_eq!(join("", "../x"), "../x");
        assert_eq!(join("a", "/etc/x"), "/etc/x");
        assert_eq!(join("a", "."), "a");
    }

    #[test]
    fn memory_knows_folders() {
        let mut tree = Memory::default();
        tree.files.insert("a/b.txt".to_owned(), "x".to_owned());
        assert!(tree.is_folder("a") && tree.exists("a/b.txt") && !tree.exists("b"));
        assert_eq!(tree.list(""), ["a"]);
        assert_eq!(tree.read("a"), Err(ReadError::Folder));
    }
}
