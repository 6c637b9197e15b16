//! What a Dockerfile begins with.

use std::collections::BTreeSet;

use crate::deploy::Spot;

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
