//! Files that cannot be understood: one check for each kind of fault the parsers report.

use crate::deploy::{Fault, FaultKind, Named, Value};

use super::env::is_secret;
use super::{Context, Entry, Hit, Hits, Level};

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[
    ("form/compose", |context| faults(context, FaultKind::Compose)),
    ("form/dockerfile", |context| faults(context, FaultKind::Dockerfile)),
    ("form/env", super::env::form),
    ("form/file-missing", missing),
    ("form/limit", |context| faults(context, FaultKind::Limit)),
    ("form/nginx", |context| faults(context, FaultKind::Nginx)),
    ("form/shell", |context| faults(context, FaultKind::Shell)),
    ("form/variable-required", |context| required(context)),
    ("form/variable-unset", |context| unset(context)),
    ("form/yaml", |context| faults(context, FaultKind::Yaml)),
];

/// A hit for every fault of a kind; for the parsers' checks that need no function of their own.
pub(super) fn faults(context: &Context<'_>, kind: FaultKind) -> Hits {
    context.deployment.faults.iter().filter(|fault| fault.kind == kind).map(hit).collect()
}

fn hit(fault: &Fault) -> Hit {
    let hit = Hit::at(fault.spot.clone()).with("fault", fault.message.clone());
    if fault.count > 1 { hit.with("times", fault.count.to_string()) } else { hit }
}

/// A file outside of the deployment may be there on the host that it is meant for.
fn missing(context: &Context<'_>) -> Hits {
    let elsewhere = |hit: &Hit| context.deployment.slice(&hit.spot).trim_start_matches(['"', '\'']).starts_with('/');
    let advised = |fault: &Fault| {
        let FaultKind::Missing(named) = fault.kind else { return None };
        let advice = match named {
            Named::Compose => None,
            Named::EnvFile => Some("An env_file that may be missing is written with `required: false`"),
            Named::Dockerfile => Some("`dockerfile` counts from the build context, not from the compose file"),
        };
        Some(advice.into_iter().fold(hit(fault), |hit, advice| hit.with("advice", advice)))
    };
    let hits = context.deployment.faults.iter().filter_map(advised);
    hits.map(|hit| if elsewhere(&hit) { hit.only(Level::Warning) } else { hit }).collect()
}

/// Without any `.env` the variables come from somewhere else, and it is not known which are set.
fn required(context: &Context<'_>) -> Hits {
    let sure = context.deployment.env_file.is_some();
    let hits = faults(context, FaultKind::Required).into_iter().map(|hit| near(context, hit));
    hits.map(|hit| if sure { hit } else { hit.only(Level::Warning) }).collect()
}

/// The same; an image without its tag is no image at all.
fn unset(context: &Context<'_>) -> Hits {
    let sure = context.deployment.env_file.is_some();
    let told = |hit: Hit| {
        if let Some(character) = in_secret(context, &hit) {
            let word = format!("The word behind the dollar (character {character} of a secret)");
            let hit = hit.with("fault", word).with("twice", "$$");
            return hit.only(if sure { Level::Warning } else { Level::Note });
        }
        let name = hit.values.get("fault").cloned().unwrap_or_default();
        let hit = hit.with("variable", name);
        let hit = near(context, hit);
        let cut = image_cut(context, &hit);
        match cut {
            Some(image) if sure => hit.with("image", image),
            _ => hit.only(if sure { Level::Warning } else { Level::Note }),
        }
    };
    faults(context, FaultKind::Unset).into_iter().map(told).collect()
}

/// Which character of a secret's value the dollar is, if what is taken for a variable is a piece of that, and must not be told.
fn in_secret(context: &Context<'_>, hit: &Hit) -> Option<usize> {
    let name = hit.values.get("fault").filter(|name| !name.contains('_'))?;
    let file = context.deployment.file(hit.spot.file)?;
    let line = file.line(file.place(hit.spot.range.start).line);
    let at = line.find(&format!("${name}"))?;
    let (key, value) = line.get(..=at)?.trim_start_matches(['-', ' ', '"', '\'']).split_once([':', '='])?;
    let value = value.trim_start_matches([' ', '"', '\'']);
    let login = value.split_once("://").is_some_and(|(_, login)| login.contains(':') && !login.contains('@'));
    let behind = login && line.get(at..)?.contains('@');
    ((is_secret(key.trim_matches(['"', '\'', ' '])) && value != "$" && !value.contains("://")) || behind)
        .then(|| value.chars().count())
}

/// With the variable of `.env` whose name is most like the one that is not set.
fn near(context: &Context<'_>, hit: Hit) -> Hit {
    let Some(name) = hit.values.get("fault").and_then(|fault| fault.split(' ').next()) else { return hit };
    let names = context.deployment.env.iter().map(|variable| variable.name.as_str());
    let part = |other: &str| {
        [(name, other), (other, name)]
            .iter()
            .any(|(long, short)| short.len() > 2 && long.strip_suffix(short).is_some_and(|rest| rest.ends_with('_')))
    };
    let likeness = |other: &str| if part(other) { 1.0 } else { strsim::jaro_winkler(other, name) };
    let best = names.map(|other| (likeness(other), other)).max_by(|a, b| a.0.total_cmp(&b.0));
    let best = best.filter(|(likeness, _)| *likeness > 0.9).map(|(_, other)| other.to_owned());
    match best {
        Some(other) => hit.with("near", other),
        None => hit,
    }
}

/// The image whose tag is the variable, and nothing else.
fn image_cut(context: &Context<'_>, hit: &Hit) -> Option<String> {
    let inside = |value: &&Value| {
        value.spot.file == hit.spot.file
            && value.spot.range.start <= hit.spot.range.start
            && hit.spot.range.end <= value.spot.range.end
    };
    let value = context.deployment.services.iter().filter_map(|service| service.image.as_ref()).find(inside)?;
    let name = hit.values.get("fault")?;
    let tag = [format!(":${{{name}}}"), format!(":${name}")];
    tag.iter().any(|tag| value.raw.ends_with(tag.as_str())).then(|| value.raw.clone())
}
