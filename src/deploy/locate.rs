//! From a path in an image to the file of the deployment that it comes from: through mounts and COPY, stage by stage.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::dockerfile::{Copy, Dockerfile, Instruction, InstructionKind, Source};
use super::ignored::Ignored;
use super::model::DockerfileOf;
use super::shell::join;
use super::tree::{self, Tree};

/// Where a file of an image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// A file of the deployment.
    File {
        /// Its path below the deployment's folder.
        path: String,
    },
    /// The here-document of a `COPY`: its bytes in the Dockerfile.
    Inline(std::ops::Range<usize>),
}

/// Stages that one file is followed through, one behind the other and in all: each may copy from another several times.
const DEEPEST: usize = 8;
const VISITS: usize = 100;
pub(super) const FEW: usize = 10;

/// Looks for files in the image of a Dockerfile.
pub(super) struct Locator<'a> {
    pub(super) tree: &'a dyn Tree,
    pub(super) model: &'a Dockerfile,
    /// Folder of the build context.
    pub(super) context: &'a str,
    /// What the builder does not see of it.
    pub(super) ignored: &'a Ignored,
    /// Values given to the build.
    pub(super) given: &'a BTreeMap<String, String>,
}

impl<'a> Locator<'a> {
    /// Looks into the images of a service's Dockerfile.
    pub(super) fn new(tree: &'a dyn Tree, dockerfile: &'a DockerfileOf, given: &'a BTreeMap<String, String>) -> Self {
        Self { tree, model: &dockerfile.model, context: &dockerfile.context, ignored: &dockerfile.ignored, given }
    }

    /// Where a file of a stage's image comes from, when an instruction of this Dockerfile brings it.
    pub(super) fn find(&self, stage: usize, path: &str) -> Option<Origin> {
        self.find_within(stage, path, DEEPEST, &Cell::new(VISITS))
    }

    /// The same, where many files are looked for: through a few copies only.
    pub(super) fn find_near(&self, stage: usize, path: &str) -> Option<Origin> {
        self.find_within(stage, path, DEEPEST, &Cell::new(FEW))
    }

    fn find_within(&self, stage: usize, path: &str, depth: usize, left: &Cell<usize>) -> Option<Origin> {
        let depth = depth.checked_sub(1)?;
        left.set(left.get().checked_sub(1)?);
        let mut copies: Vec<(&Instruction, &Copy, String)> = Vec::new();
        self.model.build(stage, self.given, &mut |_, instruction, image| {
            if let InstructionKind::Copy(copy) = &instruction.kind {
                let folder = copy.target.text.ends_with('/') || copy.target.text == ".";
                if let Some(target) = image.path(&copy.target.text) {
                    copies.push((instruction, copy, if folder { format!("{target}/") } else { target }));
                }
            }
        });
        let follow = |stage: usize, path: &str| self.find_within(stage, path, depth, left);
        copies
            .iter()
            .rev()
            .find_map(|(instruction, copy, target)| self.through(instruction, copy, target, path, &follow))
    }

    /// Where the file comes from, if this instruction brings it.
    fn through(
        &self,
        instruction: &Instruction,
        copy: &Copy,
        target: &str,
        path: &str,
        follow: &dyn Fn(usize, &str) -> Option<Origin>,
    ) -> Option<Origin> {
        let from = instruction.flag("from");
        let stage = from.and_then(|from| self.model.stage(&from.text));
        if from.is_some() && stage.is_none() {
            return None;
        }
        copy.sources.iter().find_map(|source| match source {
            Source::Inline(text) => (target == path).then(|| Origin::Inline(text.span.clone())),
            Source::Path(source) => candidates(&source.text, target, path, copy.sources.len() > 1)
                .into_iter()
                .find_map(|candidate| match stage {
                    Some(stage) => follow(stage, &join("/", &candidate)),
                    None => self.in_context(&candidate),
                }),
        })
    }

    fn in_context(&self, path: &str) -> Option<Origin> {
        let inside = join("/", path.trim_start_matches('/'));
        if self.ignored.hides(&inside) {
            return None;
        }
        let path = tree::join(self.context, inside.trim_start_matches('/'));
        (self.tree.exists(&path) && !self.tree.is_folder(&path)).then_some(Origin::File { path })
    }
}

/// What a source may name so that `path` comes from it: the file itself, or a file below it.
fn candidates(source: &str, target: &str, path: &str, several: bool) -> Vec<String> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let folder = target.ends_with('/').then(|| target.trim_end_matches('/'));
    let below = path.strip_prefix(folder.unwrap_or(target)).and_then(|rest| rest.strip_prefix('/'));
    let mut found = Vec::new();
    if folder.is_none() && !several && target == path {
        found.push(source.to_owned());
    }
    let Some(below) = below else { return found };
    // A folder's contents land in the target.
    found.push(format!("{source}/{below}"));
    if below == name {
        match source.rsplit_once('/') {
            _ if source.rsplit('/').next() == Some(name) => found.push(source.to_owned()),
            Some((parent, pattern)) if fits(pattern, name) => found.push(format!("{parent}/{name}")),
            None if fits(source, name) => found.push(name.to_owned()),
            _ => {}
        }
    }
    found
}

/// Whether a name fits a pattern with `*`.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == name };
    name.len() >= before.len() + after.len()
        && name.starts_with(before)
        && name.ends_with(after.trim_start_matches('*'))
}
