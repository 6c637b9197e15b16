//! The configuration file that a cache is started with: `redis-server /etc/redis.conf`.

use std::collections::BTreeMap;

use super::Finder;
use crate::deploy::locate::{Locator, Origin};
use crate::deploy::model::{ServerSetting, Service};
use crate::deploy::startup::given;
use crate::deploy::text::{File, FileId, Kind, Spot};
use crate::deploy::tree::{below, join};

/// Programs that take the path of a configuration as an argument.
const SERVERS: [&str; 3] = ["redis-server", "valkey-server", "keydb-server"];

/// Settings of one file that are kept; the programs know about two hundred.
const SETTINGS: usize = 500;

/// Attaches the settings of the configuration that a service's cache reads.
pub(super) fn attach(finder: &mut Finder<'_>, service: &mut Service) {
    let Some(path) = named(service) else { return };
    let Some(source) = source(finder, service, &path) else { return };
    if let Some(file) = finder.look_for(&source, Kind::Settings)
        && finder.looks(file, 0)
    {
        service.settings = finder.settings(file);
    }
}

/// The settings of a configuration, each with the value that it is given last.
pub(super) fn read(file: FileId, text: &File) -> Vec<ServerSetting> {
    let mut found: BTreeMap<String, ServerSetting> = BTreeMap::new();
    for line in 1..=text.line_count() {
        let (written, start) = (text.line(line), text.line_range(line).start);
        let mut words = written.split_whitespace();
        let (Some(name), Some(value)) = (words.next().filter(|name| !name.starts_with('#')), words.next()) else {
            continue;
        };
        let name = name.to_ascii_lowercase();
        if found.len() >= SETTINGS && !found.contains_key(&name) {
            continue;
        }
        let at = |word: &str| written.rfind(word).unwrap_or(0);
        let spot = Spot::new(file, start + at(value)..start + at(value) + value.len());
        found.insert(name.clone(), ServerSetting { name, value: value.to_owned(), spot });
    }
    found.into_values().collect()
}

/// The path among the words that are executed, also where a shell reads them.
fn named(service: &Service) -> Option<String> {
    let startup = &service.startup;
    let lines = [&startup.entrypoint, &startup.command].into_iter().flatten();
    let words = lines.flat_map(|line| &line.words).filter_map(|word| word.text.as_deref());
    let words: Vec<&str> = words.flat_map(str::split_whitespace).collect();
    let name = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let server = words.iter().any(|word| SERVERS.contains(&name(word).as_str()));
    let image = service.image_name().or(startup.base.as_deref()).unwrap_or_default();
    let cache = ["redis", "valkey", "keydb"].iter().any(|known| image.contains(known));
    let path = words.iter().find(|word| word.ends_with(".conf")).filter(|_| server || cache)?;
    Some(join(startup.directory.as_deref().unwrap_or("/data"), path))
}

/// Where a file of the container comes from.
pub(super) fn source(finder: &Finder<'_>, service: &Service, path: &str) -> Option<String> {
    let mounted = service.volumes.iter().rev().find_map(|mount| {
        let rest = below(path, &mount.target)?;
        Some(mount.path.as_deref().map(|host| join(host, rest)))
    });
    if let Some(source) = mounted {
        return source;
    }
    let dockerfile = service.dockerfile.as_ref()?;
    let target = dockerfile.model.target(dockerfile.target.as_deref())?;
    let given = given(service);
    let locator = Locator::new(finder.tree, dockerfile, &given);
    match locator.find(target, path)? {
        Origin::File { path } => Some(path),
        Origin::Inline(_) => None,
    }
}
