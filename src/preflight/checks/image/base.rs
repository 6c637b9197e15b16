//! What a Dockerfile begins with.

use std::collections::BTreeSet;

use crate::deploy::Spot;
use crate::deploy::dockerfile::{InstructionKind, Stage};

use super::super::super::image::name_and_tag;
use super::{Context, Hit, Hits};

/// A base whose content changes without a change of the file.
pub(super) fn latest(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let mut seen = BTreeSet::new();
    for own in context.deployment.services.iter().filter_map(|service| service.dockerfile.as_ref()) {
        if !seen.insert(own.file) {
            continue;
        }
        let mut stages: BTreeSet<String> = BTreeSet::new();
        for stage in &own.model.stages {
            let image = stage.image.text.as_str();
            let fixed = image.contains(['@', '$']) || image == "scratch" || stages.contains(&image.to_lowercase());
            stages.extend(stage.name.as_ref().map(|name| name.text.to_lowercase()));
            if !fixed && name_and_tag(image).1 == "latest" {
                hits.push(Hit::at(Spot::new(own.file, stage.image.span.clone())).with("image", image));
            }
        }
    }
    hits
}

/// Arguments that the builder sets for every `FROM`.
const GIVEN: [&str; 8] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
];

/// A variable of `FROM` that no `ARG` before the first `FROM` declares: there it is empty, whatever is given.
pub(super) fn argument(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for own in context.deployment.services.iter().filter_map(|service| service.dockerfile.as_ref()) {
        let mut inside: BTreeSet<&str> = BTreeSet::new();
        for stage in own.model.stages.iter().filter(|_| own.model.errors.is_empty()) {
            let global =
                |name: &str| own.model.arguments.iter().any(|pair| pair.name.text == name) || GIVEN.contains(&name);
            let Some(name) = plain(&stage.image.text).find(|name| !global(name)) else {
                inside.extend(declared(stage));
                continue;
            };
            let reason =
                if inside.contains(name) { "only an earlier stage declares it" } else { "nothing declares it" };
            let hit = Hit::at(Spot::new(own.file, stage.image.span.clone())).with("variable", name);
            hits.once(hit.with("reason", reason));
            inside.extend(declared(stage));
        }
    }
    hits
}

/// The names that a stage declares.
fn declared(stage: &Stage) -> impl Iterator<Item = &str> {
    let pairs = stage.instructions.iter().filter_map(|instruction| match &instruction.kind {
        InstructionKind::Arg(pairs) => Some(pairs),
        _ => None,
    });
    pairs.flatten().map(|pair| pair.name.text.as_str())
}

/// The variables of a text that have no default: `$NAME` and `${NAME}`.
fn plain(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|after| {
        let braced = after.strip_prefix('{');
        let inside = braced.unwrap_or(after);
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inside.len());
        let (name, behind) = inside.split_at_checked(end)?;
        (!name.is_empty() && (braced.is_none() || behind.starts_with('}'))).then_some(name)
    })
}
