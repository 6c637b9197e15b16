//! A file is written beside its place and put there when it is whole: what stood there stays until then, and no file is ever torn.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Names that are tried for the file beside; one may be left of a program that was killed.
const NAMES: u32 = 100;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// Nobody but its owner.
    Owner,
    /// Those who could read the old file; of a new one, those whom the user's own settings allow.
    AsUsual,
}

/// What is written.
type Content<'c> = &'c dyn Fn(&mut dyn Write) -> io::Result<()>;

/// Puts a file in place. What is no file (a pipe, a device), or is open already under a name in `/dev` or `/proc`, is written to as it is.
pub(super) fn write(path: &Path, readers: Readers, content: Content<'_>) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = match fs::metadata(&target) {
        Ok(facts) => Some(facts),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let through_link = old.is_none() && path.is_symlink();
    if through_link || is_open(path) || old.as_ref().is_some_and(|old| !old.is_file()) {
        return filled(OpenOptions::new().append(true).create(through_link).open(path)?, content).map(drop);
    }
    if old.is_some() {
        // A file that may not be written is not replaced either.
        OpenOptions::new().write(true).open(&target)?;
    }
    let (beside, file) = match beside(&target, old.is_some() || readers == Readers::Owner) {
        // A folder that takes no new file may hold one that may be written.
        Err(error) if old.is_some() && error.kind() == io::ErrorKind::PermissionDenied => {
            return filled(File::create(&target)?, content).map(drop);
        }
        outcome => outcome?,
    };
    let outcome = filled(file, content).and_then(|file| {
        if let Some(old) = old.filter(|_| readers == Readers::AsUsual) {
            keep(&file, &old)?;
        }
        file.sync_all()
    });
    let outcome = outcome.and_then(|()| in_place(&beside, &target));
    if outcome.is_err() {
        let _gone = fs::remove_file(&beside);
    }
    outcome
}

/// Whether a name is that of an open file: `/dev/stdout`, `/dev/fd/3`, `/proc/self/fd/1`.
fn is_open(path: &Path) -> bool {
    let folder = path.parent().and_then(|folder| fs::canonicalize(folder).ok()).unwrap_or_default();
    folder == Path::new("/dev") || folder.starts_with("/proc")
}

/// A new file in the folder of `target`.
fn beside(target: &Path, private: bool) -> io::Result<(PathBuf, File)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if private { 0o600 } else { 0o666 });
    let mut number = 0;
    loop {
        let path = target.with_file_name(format!(".diagnose-{}-{number}", std::process::id()));
        match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < NAMES => number += 1,
            outcome => return outcome.map(|file| (path, file)),
        }
    }
}

fn filled(file: File, content: Content<'_>) -> io::Result<File> {
    let mut out = BufWriter::new(Limited { left: limit().filter(|_| is_plain(&file)), file });
    content(&mut out)?;
    out.flush()?;
    out.into_inner().map(|limited| limited.file).map_err(io::IntoInnerError::into_error)
}

fn is_plain(file: &File) -> bool {
    file.metadata().is_ok_and(|facts| facts.is_file())
}

/// Gives a new file the owner and the permissions of the old one, as far as this user may.
fn keep(file: &File, old: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let _only_root_may = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
    }
    file.set_permissions(old.permissions())
}

/// A file on which another one is mounted cannot be replaced, only filled.
fn in_place(beside: &Path, target: &Path) -> io::Result<()> {
    match fs::rename(beside, target) {
        Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
            io::copy(&mut File::open(beside)?, &mut File::create(target)?)?;
            fs::remove_file(beside)
        }
        outcome => outcome,
    }
}

/// How long a file of this process may become (`ulimit -f`).
#[cfg(unix)]
fn limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Fsize).current
}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
fn limit() -> Option<u64> {
    None
}

/// A file that may only become so long: the system would end the program at the first byte beyond, and what lies beside would stay.
struct Limited {
    file: File,
    left: Option<u64>,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = crate::num::wide(bytes.len());
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(length).ok_or(io::ErrorKind::FileTooLarge)?;
        }
        self.file.write_all(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn what_fails_leaves_the_old_file_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.txt");
        fs::write(&path, "old").unwrap();
        let torn = |out: &mut dyn Write| out.write_all(&[b'x'; 100_000]).and(Err(io::ErrorKind::StorageFull.into()));
        assert!(write(&path, Readers::AsUsual, &torn).is_err());
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names(folder.path()).len()), ("old", 1));
        write(&path, Readers::AsUsual, &|out| out.write_all(b"new")).unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names(folder.path()).len()), ("new", 1));
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_are_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let [path, link, dangling] = ["report.txt", "link.txt", "dangling.txt"].map(|name| folder.path().join(name));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("report.txt", &link).unwrap();
        std::os::unix::fs::symlink("later.txt", &dangling).unwrap();
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        write(&link, Readers::AsUsual, &|out| out.write_all(b"new")).unwrap();
        assert!(link.is_symlink() && fs::read_to_string(&path).unwrap() == "new" && mode() == 0o640);
        write(&link, Readers::Owner, &|out| out.write_all(b"bundle")).unwrap();
        assert_eq!(mode(), 0o600);
        write(&dangling, Readers::AsUsual, &|out| out.write_all(b"there")).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("later.txt")).unwrap(), "there");
    }

    #[test]
    fn a_file_may_become_so_long_and_no_longer() {
        let file = tempfile::tempfile().unwrap();
        let mut out = Limited { file, left: Some(5) };
        assert_eq!(out.write(b"12345").unwrap(), 5);
        assert_eq!(out.write(b"6").unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}
