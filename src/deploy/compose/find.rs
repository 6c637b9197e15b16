//! Which compose files there are, by compose's own rules.

use crate::deploy::find::{Finder, Options};
use crate::deploy::tree::{join, parent};

use super::environment;

/// Names compose looks for, in its order.
const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// Their overrides.
const OVERRIDES: [&str; 4] =
    ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

/// The files of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Its compose files, the base first.
    pub(super) files: Vec<String>,
    /// The folder that paths in them count from.
    pub(super) folder: String,
}

/// The project's files; none when there is no compose file. Reads `.env` on the way, which may name them.
///
/// # Errors
/// When something stands in the place of a compose file that is none.
pub(super) fn files(finder: &mut Finder<'_>, options: &Options) -> Result<Option<Found>, String> {
    let named: Vec<String> = options.compose.iter().map(|path| join("", path)).collect();
    let folder = named.first().map_or("", |path| parent(path)).to_owned();
    environment::project(finder, &folder);
    if !named.is_empty() {
        return Ok(Some(Found { files: named, folder }));
    }
    let value = |name: &str| {
        let variable = finder.deployment.env.iter().find(|variable| variable.name == name)?;
        variable.value.as_ref()?.text.clone().filter(|text| !text.is_empty())
    };
    if let Some(list) = value("COMPOSE_FILE") {
        let separator = value("COMPOSE_PATH_SEPARATOR").unwrap_or_else(|| ":".to_owned());
        let files: Vec<String> = list.split(separator.as_str()).map(|path| join("", path)).collect();
        let folder = files.first().map_or("", |path| parent(path)).to_owned();
        return Ok(Some(Found { files, folder }));
    }
    Ok(standard(finder).or_else(|| unusual(finder)).map(|files| Found { files, folder }))
}

fn standard(finder: &mut Finder<'_>) -> Option<Vec<String>> {
    let there: Vec<&str> = NAMES.iter().copied().filter(|name| finder.tree.exists(name)).collect();
    let base = (*there.first()?).to_owned();
    if let Some(other) = there.get(1) {
        finder.deployment.notes.push(format!("Compose reads {base} and leaves out {other}."));
    }
    let over = OVERRIDES.iter().find(|name| finder.tree.exists(name)).map(|name| (*name).to_owned());
    Some(std::iter::once(base).chain(over).collect())
}

/// A compose file by another name, when it is the only one.
fn unusual(finder: &mut Finder<'_>) -> Option<Vec<String>> {
    let yaml = |name: &String| {
        let extension = name.rsplit('.').next().unwrap_or_default();
        name.contains("compose") && matches!(extension, "yml" | "yaml") && !finder.tree.is_folder(name)
    };
    let mut names: Vec<String> = finder.tree.list("").into_iter().filter(yaml).collect();
    // The one for production before those for development and tests; else the first by name.
    names.sort_by_key(|name| (!name.contains("prod"), name.contains("override"), name.clone()));
    let name = names.into_iter().next()?;
    finder.deployment.notes.push(format!("There is no compose.yaml; {name} was read."));
    Some(vec![name])
}
