//! Environment files: `.env`, from which compose replaces variables, and the `env_file`s of services.

use std::collections::HashMap;
use std::sync::Arc;

use crate::deploy::dotenv::{self, Quote};
use crate::deploy::find::{Finder, Variables};
use crate::deploy::interpolate::{Known, replace};
use crate::deploy::model::{EnvFile, Value};
use crate::deploy::part::Variable;
use crate::deploy::text::{FileId, Kind, Spot};
use crate::deploy::tree::{ReadError, join};

/// Bytes that a variable takes without its texts: in the file's model and as a value.
const VARIABLE: usize = 400;

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

/// What is known of variables, by their names.
pub(super) type Scope = HashMap<String, Known>;

/// Reads `.env` of the project.
pub(super) fn project(finder: &mut Finder<'_>, folder: &str) {
    let path = join(folder, ".env");
    let Some(file) = finder.look_for(&path, Kind::Env) else { return };
    finder.deployment.env_file = Some(file);
    finder.deployment.env = variables(finder, file, Scope::new());
}

/// What variables tell; the last of one name holds.
pub(super) fn scope<'v>(variables: impl IntoIterator<Item = &'v Variable>) -> Scope {
    let told = variables.into_iter().map(|variable| {
        let text = variable.value.as_ref().and_then(|value| value.text.as_deref());
        (variable.name.clone(), text.map_or(Known::Ambient, |text| Known::Value(text.into())))
    });
    told.collect()
}

/// What is known of a variable of a compose file.
pub(super) fn lookup(scope: &Scope, name: &str) -> Known {
    match scope.get(name) {
        Some(known) => known.clone(),
        None if AMBIENT.contains(&name) => Known::Ambient,
        None => Known::Unset,
    }
}

/// The variables of an environment file, which may use those of `scope` and the ones above them.
fn variables(finder: &mut Finder<'_>, file: FileId, mut scope: Scope) -> Vec<Variable> {
    let mut model = dotenv::parse(finder.text(file));
    let mut all: Vec<Variable> = Vec::with_capacity(model.entries.len());
    let mut room = !model.cut;
    for entry in &model.entries {
        let value = entry.value.as_ref().map(|raw| {
            let text = if entry.quote == Quote::Single {
                Some(raw.clone())
            } else {
                replace(raw, &|name| lookup(&scope, name)).text
            };
            Value { raw: raw.clone(), text, spot: Spot::new(file, entry.value_range.clone()) }
        });
        let long = |value: &Value| value.raw.len() + value.text.as_ref().map_or(0, String::len);
        let cost = VARIABLE + 2 * value.as_ref().map_or(0, long);
        if !finder.budget.build(cost) {
            room = false;
            break;
        }
        let variable = Variable { name: entry.key.clone(), spot: Spot::new(file, entry.key_range.clone()), value };
        scope.extend(self::scope([&variable]));
        all.push(variable);
    }
    if !room {
        finder.cut(file, "it has more variables than any deployment; what follows was not read");
    }
    model.entries.truncate(all.len());
    if finder.deployment.env_files.iter().all(|known| known.file != file) {
        finder.deployment.env_files.push(EnvFile { file, model });
    }
    last_wins(all)
}

/// Of several variables of one name the last holds, at the place of the first.
pub(super) fn last_wins<V: AsRef<Variable>>(variables: impl IntoIterator<Item = V>) -> Vec<V> {
    let mut kept: Vec<V> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for variable in variables {
        let place = places.entry(variable.as_ref().name.clone()).or_insert(kept.len());
        match kept.get_mut(*place) {
            Some(slot) => *slot = variable,
            None => kept.push(variable),
        }
    }
    kept
}

/// Opens an `env_file`.
///
/// # Errors
/// When it cannot be read.
pub(super) fn open(finder: &mut Finder<'_>, path: &str) -> Result<(FileId, Variables), ReadError> {
    let file = finder.open(path, Kind::Env)?;
    if let Some(known) = finder.models.variables.get(&file) {
        return Ok((file, known.clone()));
    }
    let outer = scope(&finder.deployment.env);
    let found: Variables = variables(finder, file, outer).into_iter().map(Arc::new).collect();
    finder.models.variables.insert(file, found.clone());
    Ok((file, found))
}
