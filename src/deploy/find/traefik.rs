//! The files that a service's Traefik reads, as settings: `entrypoints.web.address`, `http.routers.shop.service`.

use super::{Finder, cache};
use crate::deploy::model::{ServerSetting, Service, Value};
use crate::deploy::text::{Kind, Spot};
use crate::deploy::tree::join;
use crate::deploy::yaml::{self, Body, Node};

/// Where Traefik looks for its own settings.
const STATIC: [&str; 2] = ["/etc/traefik/traefik.yml", "/etc/traefik/traefik.yaml"];
/// Settings of one service that are kept, files of one folder, and levels that are followed.
const SETTINGS: usize = 2000;
const FILES: usize = 50;
const DEPTH: usize = 12;

/// Attaches what the files of a service's Traefik say.
pub(super) fn attach(finder: &mut Finder<'_>, service: &mut Service) {
    if !service.is_traefik() {
        return;
    }
    let mut found = Vec::new();
    let option = |found: &[ServerSetting], name: &str| option(service, found, name);
    let own = option(&found, "configfile");
    let paths = own.map_or_else(|| STATIC.map(str::to_owned).to_vec(), |path| vec![path]);
    for path in paths {
        if let Some(source) = cache::source(finder, service, &path) {
            read(finder, &source, &mut found);
        }
    }
    if let Some(path) = option(&found, "providers.file.filename") {
        match cache::source(finder, service, &path) {
            Some(source) => read(finder, &source, &mut found),
            None => found.push(unread()),
        }
    }
    if let Some(folder) = option(&found, "providers.file.directory") {
        match cache::source(finder, service, &folder).filter(|source| finder.tree.is_folder(source)) {
            Some(source) => {
                for name in finder.tree.list(&source).into_iter().take(FILES) {
                    read(finder, &join(&source, &name), &mut found);
                }
            }
            None => found.push(unread()),
        }
    }
    service.settings = found.into();
}

fn unread() -> ServerSetting {
    ServerSetting { name: ServerSetting::UNREAD.to_owned(), value: String::new(), spot: Spot::new(0, 0..0) }
}

/// An option of the command line, or of what was read so far.
fn option(service: &Service, found: &[ServerSetting], name: &str) -> Option<String> {
    let words = service.command.iter().flat_map(|line| &line.words).filter_map(Value::known);
    let given = words.filter_map(|word| word.trim_start_matches('-').split_once('='));
    let mut given = given.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned());
    let given = given.next_back();
    given.or_else(|| found.iter().find(|setting| setting.name == name).map(|setting| setting.value.clone()))
}

/// Adds the settings of a file; what is no plain YAML is noted as not read.
fn read(finder: &mut Finder<'_>, source: &str, found: &mut Vec<ServerSetting>) {
    if finder.tree.is_folder(source) || !finder.tree.exists(source) {
        return;
    }
    let plain = source.ends_with(".yml") || source.ends_with(".yaml");
    let Some(file) = finder.look_for(source, Kind::Settings).filter(|_| plain) else { return found.push(unread()) };
    let mut budget = finder.budget.clone();
    let parsed = yaml::parse(finder.text(file), file, &mut budget);
    finder.budget = budget;
    // Templates are filled in while Traefik runs.
    if !parsed.complete || !parsed.errors.is_empty() || finder.text(file).contains("{{") || !finder.looks(file, 0) {
        found.push(unread());
    }
    parsed.documents.iter().for_each(|node| flatten("", node, DEPTH, found));
}

/// Each text of a tree under the names that lead to it; items of a list share one.
fn flatten(name: &str, node: &Node, depth: usize, found: &mut Vec<ServerSetting>) {
    if depth == 0 || found.len() >= SETTINGS {
        return found.push(unread());
    }
    match &node.body {
        Body::Map(entries) => {
            for entry in entries {
                let key = entry.key.to_ascii_lowercase();
                let inner = if name.is_empty() { key } else { format!("{name}.{key}") };
                // A name with nothing below it is there all the same: `web: {}`.
                if entry.value.entries().is_empty()
                    && entry.value.items().is_empty()
                    && entry.value.as_scalar().is_none()
                {
                    found.push(ServerSetting { name: inner, value: String::new(), spot: entry.key_spot.clone() });
                } else {
                    flatten(&inner, &entry.value, depth - 1, found);
                }
            }
        }
        Body::List(items) => items.iter().for_each(|item| flatten(name, item, depth - 1, found)),
        Body::Scalar(scalar) => {
            let value = scalar.text.clone().unwrap_or_else(|| scalar.raw.clone());
            found.push(ServerSetting { name: name.to_owned(), value, spot: node.spot.clone() });
        }
        Body::Null => {}
    }
}
