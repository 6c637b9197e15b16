//! `volumes` and `tmpfs`, short and long.

use std::collections::HashSet;

use crate::deploy::model::Value;
use crate::deploy::part::{Mount, MountKind, There};
use crate::deploy::text::Spot;
use crate::deploy::tree::join;
use crate::deploy::yaml::{Body, Node, Scalar};

use super::convert::{Reader, value, values};

impl Reader<'_, '_> {
    /// The mounts of a service; of two on one path the later one holds.
    pub(super) fn mounts(&mut self, node: &Node) -> Vec<Mount> {
        let mut all: Vec<Mount> = Vec::new();
        let mut add = |mount: Option<Mount>| all.extend(mount);
        for item in node.get("volumes").map(Node::items).unwrap_or_default() {
            add(match &item.body {
                Body::Map(_) => self.long(item),
                Body::Scalar(scalar) => self.short_mount(scalar, &item.spot),
                _ => None,
            });
        }
        for value in node.get("tmpfs").map(values).unwrap_or_default() {
            let target = value.raw.split(':').next().unwrap_or_default().to_owned();
            let kind = MountKind::Tmpfs;
            add(Some(Mount {
                spot: value.spot,
                kind,
                source: None,
                path: None,
                there: None,
                target,
                read_only: false,
            }));
        }
        let mut known = HashSet::new();
        let mut kept: Vec<Mount> = all
            .into_iter()
            .rev()
            .filter(|mount| mount.target.is_empty() || known.insert(mount.target.clone()))
            .collect();
        kept.reverse();
        kept
    }

    fn long(&self, item: &Node) -> Option<Mount> {
        let kind = match item.get("type").and_then(Node::known)? {
            "bind" => MountKind::Bind,
            "volume" if item.get("source").is_none() => MountKind::Anonymous,
            "volume" => MountKind::Volume,
            "tmpfs" => MountKind::Tmpfs,
            _ => MountKind::Other,
        };
        let source = item.get("source").and_then(value);
        let target = item.get("target").and_then(Node::known).unwrap_or_default().to_owned();
        let spot = source.as_ref().map_or(item.spot.clone(), |source| source.spot.clone());
        let path =
            if kind == MountKind::Bind { source.as_ref().and_then(|source| self.host_path(source)) } else { None };
        let there = self.there(path.as_deref());
        Some(Mount { spot, kind, source, path, there, target, read_only: super::convert::is_true(item, "read_only") })
    }

    fn short_mount(&self, scalar: &Scalar, spot: &Spot) -> Option<Mount> {
        let parts = split(scalar.text.as_deref().unwrap_or(&scalar.raw));
        let raw = split(&scalar.raw);
        let (source, target, options) = match parts.as_slice() {
            [target] => (None, *target, ""),
            [source, target] => (Some(*source), *target, ""),
            [source, target, options] => (Some(*source), *target, *options),
            _ => return None,
        };
        let known = scalar.text.is_some();
        let source = source.map(|text| Value {
            raw: raw.first().copied().unwrap_or_default().to_owned(),
            text: (known || !text.contains('$')).then(|| text.to_owned()),
            spot: spot.clone(),
        });
        let kind = match source.as_ref() {
            None => MountKind::Anonymous,
            Some(source) => kind_of(source)?,
        };
        let path =
            if kind == MountKind::Bind { source.as_ref().and_then(|source| self.host_path(source)) } else { None };
        let there = self.there(path.as_deref());
        let read_only = options.split(',').any(|option| option == "ro");
        Some(Mount { spot: spot.clone(), kind, source, path, there, target: target.to_owned(), read_only })
    }

    fn there(&self, path: Option<&str>) -> Option<There> {
        let (path, tree) = (path?, self.finder.tree);
        Some(match (tree.exists(path), tree.is_folder(path)) {
            (_, true) if tree.exists(&join(path, "node_modules")) => There::Modules,
            (_, true) => There::Folder,
            (true, false) => There::File,
            (false, false) => There::Nothing,
        })
    }

    /// The path of a bind mount, when it is known; that of a home folder is not.
    fn host_path(&self, source: &Value) -> Option<String> {
        let text = source.known().filter(|text| !text.starts_with('~'))?;
        Some(self.path(&source.spot, text))
    }
}

/// A path or the name of a volume; nothing when a variable decides.
fn kind_of(source: &Value) -> Option<MountKind> {
    let text = source.known().unwrap_or(&source.raw);
    if text.starts_with(['.', '/', '~']) {
        Some(MountKind::Bind)
    } else if text.starts_with('$') || text.is_empty() {
        Some(MountKind::Other)
    } else if text.contains('/') {
        Some(MountKind::Bind)
    } else {
        Some(MountKind::Volume)
    }
}

/// The parts between colons; a colon in `${…}` or behind a drive letter is none.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => {
                let part = text.get(start..at).unwrap_or_default();
                let drive = part.len() == 1
                    && parts.is_empty()
                    && text.get(at + 1..).is_some_and(|rest| rest.starts_with(['\\', '/']));
                if !drive || !part.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    parts.push(part);
                    start = at + 1;
                }
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_mounts_are_split_at_their_colons() {
        assert_eq!(split("./a:/b:ro"), ["./a", "/b", "ro"]);
        assert_eq!(split("${DIR:-./x}:/b"), ["${DIR:-./x}", "/b"]);
        assert_eq!(split("C:\\x:/b"), ["C:\\x", "/b"]);
        assert_eq!(split("/only"), ["/only"]);
    }
}
