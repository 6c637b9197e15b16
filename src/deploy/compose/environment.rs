//! Environment files: `.env`, from which compose replaces variables, and the `env_file`s of services.

use crate::deploy::dotenv::{self, Dotenv, Quote};
use crate::deploy::find::Finder;
use crate::deploy::interpolate::{Known, replace};
use crate::deploy::model::{EnvFile, Value};
use crate::deploy::part::Variable;
use crate::deploy::text::{FileId, Kind, Spot};
use crate::deploy::tree::{ReadError, join};

/// Variables that whoever runs compose has, with values of his own.
const AMBIENT: [&str; 14] = [
    "HOME",
    "PWD",
    "USER",
    "PATH",
    "HOSTNAME",
    "SHELL",
    "LANG",
    "LOGNAME",
    "TMPDIR",
    "TERM",
    "COMPOSE_PROJECT_NAME",
    "DOCKER_HOST",
    "DOCKER_SOCK",
    "USERPROFILE",
];

/// Reads `.env` of the project.
pub(super) fn project(finder: &mut Finder<'_>, folder: &str) {
    let path = join(folder, ".env");
    let Ok(file) = finder.open(&path, Kind::Env) else { return };
    finder.deployment.env_file = Some(file);
    finder.deployment.env = variables(finder, file, &[]);
}

/// What is known of a variable of a compose file.
pub(super) fn lookup(env: &[Variable], name: &str) -> Known {
    match env.iter().rev().find(|variable| variable.name == name) {
        Some(Variable { value: Some(value), .. }) => value.text.clone().map_or(Known::Ambient, Known::Value),
        Some(_) => Known::Ambient,
        None if AMBIENT.contains(&name) => Known::Ambient,
        None => Known::Unset,
    }
}

/// The variables of an environment file, which may use those of `outer` and the ones above them.
pub(super) fn variables(finder: &mut Finder<'_>, file: FileId, outer: &[Variable]) -> Vec<Variable> {
    let model = dotenv::parse(&finder.text(file));
    let mut all: Vec<Variable> = outer.to_vec();
    for entry in &model.entries {
        let value = entry.value.as_ref().map(|raw| {
            let text = if entry.quote == Quote::Single {
                Some(raw.clone())
            } else {
                replace(raw, &|name| lookup(&all, name)).text
            };
            Value { raw: raw.clone(), text, spot: Spot::new(file, entry.value_range.clone()) }
        });
        let spot = Spot::new(file, entry.key_range.clone());
        all.push(Variable { name: entry.key.clone(), spot, value });
    }
    remember(finder, file, model);
    let own = all.split_off(outer.len().min(all.len()));
    last_wins(own)
}

/// Of several variables of one name the last holds, at its place.
pub(super) fn last_wins(variables: Vec<Variable>) -> Vec<Variable> {
    let mut kept: Vec<Variable> = Vec::with_capacity(variables.len());
    for variable in variables {
        match kept.iter_mut().find(|known| known.name == variable.name) {
            Some(slot) => *slot = variable,
            None => kept.push(variable),
        }
    }
    kept
}

fn remember(finder: &mut Finder<'_>, file: FileId, model: Dotenv) {
    if finder.deployment.env_files.iter().all(|known| known.file != file) {
        finder.deployment.env_files.push(EnvFile { file, model });
    }
}

/// Opens an `env_file`.
///
/// # Errors
/// When it cannot be read.
pub(super) fn open(finder: &mut Finder<'_>, path: &str) -> Result<Vec<Variable>, ReadError> {
    let file = finder.open(path, Kind::Env)?;
    let outer = finder.deployment.env.clone();
    Ok(variables(finder, file, &outer))
}
