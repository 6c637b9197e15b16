//! Reads rules and profiles: the embedded table, and folders named with `--patterns`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::RuleSet;
use super::check::{Problem, clause_problem};
use super::file::{ClauseSpec, RuleFile};
use super::pattern::{TooLarge, size, whole};
use super::profile::ProfileFile;
use super::table::{Part, Table};

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
    /// A folder holds no rule and no profile.
    #[error("there is no rule in {path}")]
    Empty {
        /// Which one.
        path: PathBuf,
    },
    /// A file is not a rule or profile.
    #[error("{path}: {message}")]
    Parse {
        /// Which one.
        path: String,
        /// What is wrong, with its line.
        message: String,
    },
    /// A regex would take too much memory.
    #[error("{path}:{line}: {what}: {error}")]
    Regex {
        /// In which file.
        path: String,
        /// In which line.
        line: usize,
        /// What it belongs to.
        what: String,
        /// By how much.
        error: TooLarge,
    },
    /// A clause could never match.
    #[error("{}:{}: {}", .0.file, .0.line, .0.message)]
    Clause(Problem),
    /// All regexes together would.
    #[error("{path}: with this file the regexes of the added rules take more than {} MiB once compiled", REGEXES >> 20)]
    Regexes {
        /// The file with which they do.
        path: String,
    },
    /// The table inside the binary is damaged.
    #[error("the embedded patterns cannot be read: {0}")]
    Embedded(#[from] postcard::Error),
}

impl LoadError {
    /// The one thing to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Regex { .. } => "make its repetitions shorter: of (a{1,9}){1,9} every a is compiled 81 times",
            Self::Empty { .. } => "name a folder that holds AREA/FAULT.toml, or profiles/NAME.toml",
            Self::Regexes { .. } => "add fewer rules at once",
            _ => "diagnose rules check DIR shows every problem with its place",
        }
    }
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
/// Most bytes of them.
const BYTES: usize = 8 << 20;
/// Most entries that are looked at for them; what holds more is no folder of rules.
const ENTRIES: usize = 100_000;
/// No rule is longer, in bytes.
const LONGEST: u64 = 256 << 10;
/// What the regexes of all added rules may take once compiled, in bytes.
const REGEXES: usize = 16 << 20;

const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/patterns.rs"));
const PROFILES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/profiles.bin"));
const FULL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/full.bin"));
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
    let known = known.into_iter().flat_map(|literals| literals.texts.iter().zip(literals.windows.iter()));
    let windows = known.filter_map(|(text, window)| Some((text.clone(), (*window)?))).collect();
    table.rules = table.rules.iter().map(|rule| in_full(rule).into_owned()).collect();
    let mut regexes = 0;
    for folder in extra {
        let files = read_folder(folder)?;
        if files.is_empty() {
            return Err(LoadError::Empty { path: folder.clone() });
        }
        for file in files {
            merge(&mut table, &file, Some(&mut regexes))?;
        }
    }
    Ok(RuleSet::new(Table::derive(table.rules, table.profiles).with_windows(&windows)))
}

/// A rule with all that is said of its fault, which the rules inside the binary leave out until it is asked for.
#[must_use]
pub fn in_full(rule: &RuleFile) -> Cow<'_, RuleFile> {
    if !rule.summary.is_empty() {
        return Cow::Borrowed(rule);
    }
    let all: Vec<(&str, &[u8])> = postcard::from_bytes(FULL).unwrap_or_default();
    let full = all.iter().find(|(id, _)| *id == rule.id).and_then(|(_, bytes)| postcard::from_bytes(bytes).ok());
    full.map_or(Cow::Borrowed(rule), Cow::Owned)
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
        merge(&mut table, file, None)?;
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

/// The text of every `.toml` below a folder, or of the one file that `path` names.
///
/// # Errors
/// When something cannot be read, is no regular file, or is more than any set of rules is.
pub fn read_folder(path: &Path) -> Result<Vec<PatternFile>, LoadError> {
    let mut files: Vec<PatternFile> = Vec::new();
    let mut bytes = 0;
    for next in files_below(path)? {
        let text = read_text(&next).map_err(failed(&next))?;
        bytes += text.len();
        if bytes > BYTES {
            return Err(failed(path)(io::Error::other(format!("it holds more than {} MiB of rules", BYTES >> 20))));
        }
        files.push(PatternFile { name: below_patterns(&next), shown: next.display().to_string(), text });
    }
    files.sort_by(|a, b| a.shown.cmp(&b.shown));
    Ok(files)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> LoadError {
    let path = path.to_owned();
    move |error| LoadError::Read { path, error }
}

/// Every `.toml` below a folder, or the one file that `path` names. Links to folders are followed below `path` only.
///
/// # Errors
/// When a folder cannot be read, or holds more than any set of rules does.
pub fn files_below(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let (mut open, mut files, mut entered) = (vec![path.to_owned()], Vec::new(), BTreeSet::new());
    let root = path.canonicalize().map_err(failed(path))?;
    let mut entries = 0;
    while let Some(next) = open.pop() {
        // What `preflight` knows is no rule: its checks, and its facts about images.
        let name = next.file_name().and_then(|name| name.to_str());
        if next != path && (next.is_dir() && name == Some("checks") || next.is_file() && name == Some("images.toml")) {
            continue;
        }
        if next.is_dir() {
            let place = next.canonicalize().map_err(failed(&next))?;
            if !place.starts_with(&root) {
                let what = "it is a link out of the folder; name where it leads to as a folder of its own";
                return Err(failed(&next)(io::Error::other(what)));
            }
            // A link may lead back to where it stands.
            if !entered.insert(place) {
                continue;
            }
            for entry in std::fs::read_dir(&next).map_err(failed(&next))? {
                open.push(entry.map_err(failed(&next))?.path());
                entries += 1;
                if entries > ENTRIES {
                    let what = format!("it holds more than {ENTRIES} files and folders, as no folder of rules does");
                    return Err(failed(path)(io::Error::other(what)));
                }
            }
        } else if next == path || next.extension().is_some_and(|extension| extension == "toml") {
            if files.len() == FILES {
                return Err(failed(path)(io::Error::other(format!("it holds more than {FILES} rules"))));
            }
            files.push(next);
        }
    }
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

/// Adds a file to a table. `regexes` is what those of the added files take so far, if it is none of the program's own.
fn merge(table: &mut Table, file: &PatternFile, regexes: Option<&mut usize>) -> Result<(), LoadError> {
    let failed = |error: toml::de::Error| LoadError::Parse { path: file.shown.clone(), message: error.to_string() };
    let added = regexes.is_some();
    if file.name.starts_with("profiles/") {
        let profile = ProfileFile { added, ..toml::from_str(&file.text).map_err(failed)? };
        if let Some(sum) = regexes {
            weigh_all(file, profile.clauses(), sum)?;
            judge(file, profile.clauses())?;
        }
        table.profiles.retain(|old| old.id != profile.id);
        table.profiles.push(profile);
    } else {
        let rule = RuleFile { added, ..toml::from_str(&file.text).map_err(failed)? };
        if let Some(sum) = regexes {
            weigh(file, &rule, sum)?;
            judge(file, rule.clauses())?;
        }
        table.rules.retain(|old| old.id != rule.id);
        table.rules.push(rule);
    }
    Ok(())
}

/// A clause that could never match is an error: a rule that is silent because of it must not be taken for one that has nothing to say.
fn judge<'c>(
    file: &PatternFile,
    mut clauses: impl Iterator<Item = (Part, &'c Arc<ClauseSpec>)>,
) -> Result<(), LoadError> {
    clauses
        .find_map(|(_, clause)| clause_problem(file, clause))
        .map_or(Ok(()), |problem| Err(LoadError::Clause(problem)))
}

/// Adds what the regexes of a rule take once compiled to a sum.
///
/// # Errors
/// When one of them, or the sum, is more than is given.
pub fn weigh(file: &PatternFile, rule: &RuleFile, sum: &mut usize) -> Result<(), LoadError> {
    let facts = rule.corroborate.values().flatten();
    facts
        .map(|value| ("[corroborate]", whole(value), value.as_str()))
        .try_for_each(|regex| weigh_one(file, regex, sum))?;
    weigh_all(file, rule.clauses(), sum)
}

/// The same for clauses alone.
///
/// # Errors
/// As for [`weigh`].
pub(super) fn weigh_all<'c>(
    file: &PatternFile,
    mut clauses: impl Iterator<Item = (Part, &'c Arc<ClauseSpec>)>,
    sum: &mut usize,
) -> Result<(), LoadError> {
    clauses.try_for_each(|(_, clause)| {
        let plain = clause.regex.iter().chain(&clause.not).map(|text| (text.to_string(), &**text));
        let facts = clause.state.values().map(|value| (whole(value), value.as_str()));
        plain.chain(facts).try_for_each(|(regex, text)| weigh_one(file, (&clause.name, regex, text), sum))
    })
}

/// A regex: what it belongs to, how it is compiled, and how it stands in its file.
fn weigh_one(file: &PatternFile, regex: (&str, String, &str), sum: &mut usize) -> Result<(), LoadError> {
    let (name, regex, text) = regex;
    *sum += size(&regex).map_err(|error| {
        let at = file.text.find(text).or_else(|| file.text.find(&format!("\"{name}\""))).unwrap_or(0);
        let line = file.text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        LoadError::Regex { path: file.shown.clone(), line, what: name.to_owned(), error }
    })?;
    if *sum > REGEXES { Err(LoadError::Regexes { path: file.shown.clone() }) } else { Ok(()) }
}
