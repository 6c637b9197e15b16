//! `package.json`: what a Node.js project says of its package manager, its scripts and its dependencies.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

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
        let Some(file) = self.look_for(&join(&folder, "package.json"), Kind::Package) else { return };
        let mut package = read(self.text(file).trim_start_matches('\u{feff}')).unwrap_or_default();
        package.file = file;
        package.nx = self.tree.exists(&join(&folder, "nx.json"));
        let settings = self.tree.read(&join(&folder, ".yarnrc.yml")).map(|raw| raw.bytes).unwrap_or_default();
        package.yarn_path = String::from_utf8_lossy(&settings).lines().any(|line| line.starts_with("yarnPath:"));
        package.folder = folder;
        self.deployment.packages.push(package);
    }
}

fn read(text: &str) -> Option<Package> {
    let written: Written = serde_json::from_str(text).ok()?;
    let manager = written.manager.and_then(Field::text).and_then(|named| {
        let (name, version) = named.split_once('@')?;
        Some((name.to_owned(), version.split('.').next()?.parse().ok()?))
    });
    let entries = |field: Option<Field>| field.map(Field::entries).unwrap_or_default();
    let scripts = entries(written.scripts).into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
    let dependencies = entries(written.dependencies).into_iter().map(|(name, _)| name).collect();
    Some(Package { manager, scripts, dependencies, ..Package::default() })
}

/// Entries of one map that are read.
const ENTRIES: usize = 2000;

/// What is read of the file; nothing else of it is held.
#[derive(serde::Deserialize)]
struct Written {
    #[serde(rename = "packageManager")]
    manager: Option<Field>,
    scripts: Option<Field>,
    dependencies: Option<Field>,
}

/// A value: a text, a map of texts, or something else, which is skipped.
enum Field {
    Text(String),
    Entries(Vec<(String, Option<String>)>),
    Other,
}

impl Field {
    fn text(self) -> Option<String> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    fn entries(self) -> Vec<(String, Option<String>)> {
        if let Self::Entries(entries) = self { entries } else { Vec::new() }
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader { inside: false })
    }
}

/// Reads a [`Field`]; `inside` of a map, further maps are skipped.
struct Reader {
    inside: bool,
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Field;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Field, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Field;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Field, E> {
        Ok(Field::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_unit<E>(self) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Field, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Field, A::Error> {
        let mut entries = Vec::new();
        while !self.inside && entries.len() < ENTRIES {
            let Some(name) = map.next_key()? else { break };
            entries.push((name, map.next_value_seed(Self { inside: true })?.text()));
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_another_kind_is_skipped() {
        let text = r#"{"packageManager": "pnpm@9.1.0", "scripts": {"start": "node .", "odd": {"a": {}}, "none": null},
            "dependencies": {"nest": "1", "x": [1]}, "files": [{"a": 1.5}], "private": true}"#;
        let package = read(text).unwrap();
        assert_eq!(package.manager, Some(("pnpm".to_owned(), 9)));
        assert_eq!(package.scripts, [("start".to_owned(), "node .".to_owned())]);
        assert_eq!(package.dependencies, ["nest", "x"]);
        let other = read(r#"{"packageManager": 1, "scripts": ["a"], "dependencies": null}"#).unwrap();
        assert_eq!((other.manager, other.scripts, other.dependencies), (None, Vec::new(), Vec::new()));
    }
}
