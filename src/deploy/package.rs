//! `package.json`: what a Node.js project says of its package manager, its scripts and its dependencies.

use serde_json::Value;

use super::find::Finder;
use super::model::Service;
use super::text::{FileId, Kind};
use super::tree::join;

/// Files at fixed places of a project that tell its framework, or where it keeps its secrets.
pub(super) const LANDMARKS: [&str; 8] = [
    "artisan",
    "bin/rails",
    "manage.py",
    ".env",
    "config/application.yml",
    "config/credentials/production.key",
    "config/master.key",
    "config/secrets.yml",
];

/// What a project says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Its file.
    pub file: FileId,
    /// Its folder.
    pub folder: String,
    /// `packageManager`: name and major version.
    pub manager: Option<(String, u32)>,
    /// `scripts`: name and command.
    pub scripts: Vec<(String, String)>,
    /// Names of `dependencies`.
    pub dependencies: Vec<String>,
    /// Whether `.yarnrc.yml` names the release of yarn to use.
    pub yarn_path: bool,
    /// Whether it is the root of an Nx workspace.
    pub nx: bool,
}

impl Finder<'_> {
    /// Reads the project at the root of a service's build context.
    pub(super) fn package(&mut self, service: &Service) {
        let Some(folder) = service.build.as_ref().and_then(|build| build.folder.clone()) else { return };
        if self.deployment.packages.iter().any(|package| package.folder == folder) {
            return;
        }
        let Ok(file) = self.open(&join(&folder, "package.json"), Kind::Package) else { return };
        let text = self.text(file);
        let mut package = read(text.trim_start_matches('\u{feff}')).unwrap_or_default();
        package.file = file;
        package.nx = self.tree.exists(&join(&folder, "nx.json"));
        let settings = self.tree.read(&join(&folder, ".yarnrc.yml")).map(|raw| raw.bytes).unwrap_or_default();
        package.yarn_path = String::from_utf8_lossy(&settings).lines().any(|line| line.starts_with("yarnPath:"));
        package.folder = folder;
        self.deployment.packages.push(package);
    }
}

fn read(text: &str) -> Option<Package> {
    let value: Value = serde_json::from_str(text).ok()?;
    let manager = value.get("packageManager").and_then(Value::as_str).and_then(|named| {
        let (name, version) = named.split_once('@')?;
        Some((name.to_owned(), version.split('.').next()?.parse().ok()?))
    });
    let entries = |key: &str| value.get(key).and_then(Value::as_object).into_iter().flatten();
    let scripts =
        entries("scripts").filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned()))).collect();
    let dependencies = entries("dependencies").map(|(name, _)| name.clone()).collect();
    Some(Package { manager, scripts, dependencies, ..Package::default() })
}
