//! Reads rules and profiles: the embedded table, and folders named with `--patterns`.

use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::RuleSet;
use super::file::RuleFile;
use super::profile::ProfileFile;
use super::table::Table;

/// Why patterns could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A folder or file could not be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file is not a rule or profile.
    #[error("{path}: {message}")]
    Parse {
        /// Which one.
        path: String,
        /// What is wrong, with its line.
        message: String,
    },
    /// The table inside the binary is damaged.
    #[error("the embedded patterns cannot be read: {0}")]
    Embedded(#[from] postcard::Error),
}

/// A pattern file's path (`area/fault.toml`) and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternFile {
    /// Path below the pattern folder, with `/`.
    pub name: String,
    /// As the user knows it.
    pub shown: String,
    /// Its text.
    pub text: String,
}

/// Most files read from one folder.
const FILES: usize = 10_000;
/// No rule is longer, in bytes.
const LONGEST: u64 = 256 << 10;

const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/patterns.rs"));
const PROFILES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/profiles.bin"));
const TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/patterns.bin"));

/// The rules inside the binary, and those of `extra` folders, which replace embedded ones of the same id.
///
/// # Errors
/// When a folder cannot be read or holds a file that is not a rule or profile.
pub fn embedded(extra: &[PathBuf]) -> Result<RuleSet, LoadError> {
    let mut table: Table = postcard::from_bytes(TABLE)?;
    if extra.is_empty() {
        return Ok(RuleSet::new(table));
    }
    // Windows are chosen for the literals of the program's own rules; those that stay keep theirs.
    let known = [&table.literals, &table.tail_literals];
    let known = known.into_iter().flat_map(|literals| literals.texts.iter().zip(&literals.windows));
    let windows = known.filter_map(|(text, window)| Some((text.clone(), (*window)?))).collect();
    for folder in extra {
        for file in read_folder(folder)? {
            merge(&mut table, &file)?;
        }
    }
    Ok(RuleSet::new(Table::derive(table.rules, table.profiles).with_windows(&windows)))
}

/// The profiles inside the binary, without the rules.
///
/// # Errors
/// When the table is damaged.
pub fn embedded_profiles() -> Result<Vec<ProfileFile>, LoadError> {
    Ok(postcard::from_bytes(PROFILES)?)
}

/// The rules of some files alone.
///
/// # Errors
/// When one of them is not a rule or profile.
pub fn from_texts(files: &[PatternFile]) -> Result<RuleSet, LoadError> {
    let mut table = Table::default();
    for file in files {
        merge(&mut table, file)?;
    }
    Ok(RuleSet::new(Table::derive(table.rules, table.profiles)))
}

/// The texts of the rules inside the binary.
#[must_use]
pub fn embedded_texts() -> Vec<PatternFile> {
    let named = |(path, text): &(&str, &str)| PatternFile {
        name: path.strip_prefix("patterns/").unwrap_or(path).to_owned(),
        shown: (*path).to_owned(),
        text: (*text).to_owned(),
    };
    TEXTS.iter().map(named).collect()
}

/// Every `.toml` below a folder, or the one file that `path` names.
///
/// # Errors
/// When something cannot be read, is no regular file, or is more than any set of rules is.
pub fn read_folder(path: &Path) -> Result<Vec<PatternFile>, LoadError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| LoadError::Read { path, error }
    };
    let mut open = vec![path.to_owned()];
    let mut entered = BTreeSet::new();
    let mut files: Vec<PatternFile> = Vec::new();
    while let Some(next) = open.pop() {
        // What `preflight` knows is no rule: its checks, and its facts about images.
        let name = next.file_name().and_then(|name| name.to_str());
        if next != path && (next.is_dir() && name == Some("checks") || next.is_file() && name == Some("images.toml")) {
            continue;
        }
        if next.is_dir() {
            // A link may lead back to where it stands.
            if !entered.insert(next.canonicalize().map_err(failed(&next))?) {
                continue;
            }
            for entry in std::fs::read_dir(&next).map_err(failed(&next))? {
                open.push(entry.map_err(failed(&next))?.path());
            }
        } else if next == path || next.extension().is_some_and(|extension| extension == "toml") {
            if files.len() == FILES {
                let what = io::Error::other(format!("it holds more than {FILES} rules"));
                return Err(failed(path)(what));
            }
            let text = read_text(&next).map_err(failed(&next))?;
            files.push(PatternFile { name: below_patterns(&next), shown: next.display().to_string(), text });
        }
    }
    files.sort_by(|a, b| a.shown.cmp(&b.shown));
    Ok(files)
}

/// The text of a regular file of ordinary length: opening a pipe would wait for its other end, and a device has no end.
fn read_text(path: &Path) -> io::Result<String> {
    let facts = std::fs::metadata(path)?;
    if !facts.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    if facts.len() > LONGEST {
        return Err(io::Error::other("it is larger than 256 KiB, and no rule is"));
    }
    let mut text = String::new();
    std::fs::File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// `area/fault.toml`: the last two parts of a path, which is where every pattern lives.
fn below_patterns(path: &Path) -> String {
    let parts: Vec<_> = path.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

fn merge(table: &mut Table, file: &PatternFile) -> Result<(), LoadError> {
    let failed = |error: toml::de::Error| LoadError::Parse { path: file.shown.clone(), message: error.to_string() };
    if file.name.starts_with("profiles/") {
        let profile: ProfileFile = toml::from_str(&file.text).map_err(failed)?;
        table.profiles.retain(|old| old.id != profile.id);
        table.profiles.push(profile);
    } else {
        let rule: RuleFile = toml::from_str(&file.text).map_err(failed)?;
        table.rules.retain(|old| old.id != rule.id);
        table.rules.push(rule);
    }
    Ok(())
}
