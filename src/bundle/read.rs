//! A bundle read back into memory. Whoever sent it is not trusted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use tar::EntryType;

use super::manifest::{self, Manifest, SCHEMA, What};
use super::restore::Restored;
use super::{state, write};
use crate::container::ContainerState;
use crate::source::Reader;

/// Most members of an archive.
const MEMBERS: usize = 2_000;
/// Most bytes of one member.
const MEMBER: u64 = 12 * 1024 * 1024;
/// The same of one that is parsed: a manifest, or what belongs to a container.
const PARSED: u64 = 1024 * 1024;
/// Most bytes of all members.
const ALL: u64 = 128 * 1024 * 1024;
/// Most bytes of the members that are held: manifest, logs and states.
const HELD: u64 = 24 * 1024 * 1024;
/// Most missing lines that are given back as empty ones; a manifest can claim any number.
const MISSING: u64 = 256 * 1024 * 1024;
/// Longest name of a member.
const NAME: usize = 100;

/// Why a bundle cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The archive ends too early, or is damaged.
    #[error("the bundle is damaged or cut off: {0}")]
    Broken(#[from] io::Error),
    /// Names that could lead out of a folder.
    #[error("the archive is no bundle: it has a member called {0:?}")]
    Name(String),
    /// Links, devices and the like.
    #[error("the archive is no bundle: {0:?} is no plain file")]
    Kind(String),
    /// The same name again.
    #[error("the archive is no bundle: {0:?} is in it twice")]
    Twice(String),
    /// More members than any bundle has.
    #[error("the archive is no bundle: it has more than {MEMBERS} members")]
    Many,
    /// More bytes than any bundle has.
    #[error("the archive is no bundle: {0:?} makes it larger than a bundle may be")]
    Large(String),
    /// No manifest.
    #[error("the archive is no bundle: there is no manifest.json in it")]
    NoManifest,
    /// A manifest that says nothing, or contradicts itself.
    #[error("the manifest of the bundle is not usable: {0}")]
    Manifest(String),
    /// A member that the manifest names is not there.
    #[error("the bundle is not complete: {0} is missing")]
    Missing(String),
    /// A member is not the one that was packed.
    #[error("the bundle was changed: {0} is not what the manifest says")]
    Changed(String),
}

impl BundleError {
    /// The one thing to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Broken(_) | Self::Missing(_) => "have it sent again, and compare the sizes",
            Self::Changed(_) | Self::Manifest(_) => "ask for the bundle as diagnose wrote it",
            _ => "diagnose reads archives that diagnose bundle made; unpack others, and name the logs in them",
        }
    }
}

/// A bundle in memory, of which everything that the manifest names is there and unchanged.
#[derive(Debug)]
pub struct Bundle {
    /// What is in it.
    pub manifest: Manifest,
    members: BTreeMap<String, Vec<u8>>,
}

impl Bundle {
    /// The bytes of an input. What is missing of a log comes as empty lines, so that all others have their numbers.
    /// Each can be had once.
    #[must_use]
    pub fn input(&mut self, index: usize) -> Reader {
        let Some(input) = self.manifest.inputs.get(index) else { return Box::new(io::empty()) };
        let bytes = self.members.remove(&input.member).unwrap_or_default();
        let gaps = self.manifest.inputs.iter().flat_map(|input| &input.left_out);
        let missing = gaps.fold(0_u64, |sum, gap| sum.saturating_add(gap.lines));
        let gaps = if missing > MISSING { &[][..] } else { &input.left_out };
        Box::new(Restored::new(bytes, gaps))
    }

    /// The containers: state, facts, and whether it was asked for.
    ///
    /// # Errors
    /// When a state is not one.
    pub fn containers(&self) -> Result<Vec<(ContainerState, String, bool)>, BundleError> {
        let each = self.manifest.containers.iter().map(|container| {
            let text = self.members.get(&container.state).map(Vec::as_slice).unwrap_or_default();
            let state = state::parse(text)
                .ok_or_else(|| BundleError::Manifest(format!("{} holds no state of a container", container.state)))?;
            let facts = self.members.get(&container.facts).map(Vec::as_slice).unwrap_or_default();
            Ok((state, String::from_utf8_lossy(facts).into_owned(), container.asked))
        });
        each.collect()
    }
}

/// Reads a tar archive to its end.
///
/// # Errors
/// When it is no bundle, is damaged, or holds more than any bundle.
pub fn read(reader: Reader) -> Result<Bundle, BundleError> {
    let mut members = members(reader)?;
    let text = members.remove(manifest::NAME).ok_or(BundleError::NoManifest)?;
    let mut manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| BundleError::Manifest(error.to_string()))?;
    if manifest.schema != SCHEMA {
        return Err(BundleError::Manifest(format!("it is of another kind, {:?}", manifest.schema)));
    }
    manifest.clean();
    check(&manifest)?;
    for member in manifest.members.iter().filter(|member| is_held(&member.name)) {
        let bytes = members.get(&member.name).ok_or_else(|| BundleError::Missing(member.name.clone()))?;
        if write::sha256(bytes) != member.sha256 {
            return Err(BundleError::Changed(member.name.clone()));
        }
    }
    let states = manifest.containers.iter().flat_map(|container| [&container.state, &container.facts]);
    let named = manifest.inputs.iter().map(|input| &input.member).chain(states);
    for name in named {
        if !members.contains_key(name) {
            return Err(BundleError::Missing(name.clone()));
        }
        if !manifest.members.iter().any(|member| member.name == *name) {
            return Err(BundleError::Manifest(format!("it has no checksum of {name}")));
        }
    }
    manifest.states_at = manifest.states_at.map(state::time);
    manifest.inputs.iter_mut().flat_map(|input| &mut input.starts).for_each(|time| *time = state::time(*time));
    Ok(Bundle { manifest, members })
}

/// Whether the indices in a manifest lead somewhere.
fn check(manifest: &Manifest) -> Result<(), BundleError> {
    let wrong = |what: &str| Err(BundleError::Manifest(what.to_owned()));
    let containers = manifest.containers.len();
    if manifest.inputs.is_empty() {
        return wrong("it names no inputs");
    }
    for (index, input) in manifest.inputs.iter().enumerate() {
        if input.container.is_some_and(|container| container >= containers)
            || input.log.is_some_and(|log| log >= index)
            || (input.what == What::State && input.container.is_none())
        {
            return wrong(&format!("input {} points to nothing", index + 1));
        }
        let facts = input.container.and_then(|container| manifest.containers.get(container)).map(|it| &it.facts);
        if input.what == What::State && facts != Some(&input.member) {
            return wrong(&format!("input {} is not the state of its container", index + 1));
        }
    }
    // Everything is used once: a small archive must not become a lot of work.
    let states = manifest.containers.iter().flat_map(|container| [&container.state, &container.facts]);
    let logs = manifest.inputs.iter().filter(|input| input.what == What::Log).map(|input| &input.member);
    let (mut once, mut judged) = (BTreeSet::new(), BTreeSet::new());
    let twice = states.chain(logs).find(|name| !once.insert(name.as_str()));
    let mut inputs = manifest.inputs.iter().map(|input| &input.member);
    if let Some(name) = twice.or_else(|| inputs.find(|name| !judged.insert(name.as_str()))) {
        return wrong(&format!("{name} is used twice"));
    }
    let asked: Vec<bool> = manifest.containers.iter().map(|container| container.asked).collect();
    if asked.is_sorted_by(|a, b| a >= b) { Ok(()) } else { wrong("a neighbour stands before what was asked for") }
}

fn is_held(name: &str) -> bool {
    name == manifest::NAME || name.starts_with("logs/") || name.starts_with("inspect/")
}

fn members(reader: Reader) -> Result<BTreeMap<String, Vec<u8>>, BundleError> {
    let mut archive = tar::Archive::new(reader);
    let mut members = BTreeMap::new();
    let (mut count, mut all, mut held) = (0, 0, 0);
    // Extensions of the format are not interpreted: a long name is an allocation of whatever size the sender likes.
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        count += 1;
        if count > MEMBERS {
            return Err(BundleError::Many);
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
        let size = entry.header().entry_size()?;
        all += size.min(ALL);
        let most = if name.starts_with("inspect/") || name == manifest::NAME { PARSED } else { MEMBER };
        if size > most || all > ALL {
            return Err(BundleError::Large(name));
        }
        match entry.header().entry_type() {
            EntryType::Directory | EntryType::XHeader | EntryType::XGlobalHeader => continue,
            EntryType::Regular => {}
            _ => return Err(BundleError::Kind(name)),
        }
        if !is_name(&name) {
            return Err(BundleError::Name(name));
        }
        if !is_held(&name) {
            continue;
        }
        held += size;
        if held > HELD {
            return Err(BundleError::Large(name));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        if crate::num::wide(bytes.len()) != size {
            return Err(BundleError::Broken(io::ErrorKind::UnexpectedEof.into()));
        }
        if members.insert(name.clone(), bytes).is_some() {
            return Err(BundleError::Twice(name));
        }
    }
    Ok(members)
}

/// A name below the archive's own folder, in plain letters.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    let part = |part: &str| !part.is_empty() && part != "." && part != "..";
    name.len() <= NAME && name.chars().all(plain) && name.split('/').all(part)
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
