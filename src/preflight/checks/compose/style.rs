//! What works and is still worth a word; and words that the engine does not know.

use crate::deploy::{CommandLine, Service, Value};
use crate::preflight::checks::{Context, Hit, Hits};

/// An image whose content changes without a change of the file.
pub(super) fn latest(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in context.deployment.services.iter().filter(|service| service.build.is_none()) {
        let Some((value, image)) = service.image.as_ref().and_then(|value| Some((value, value.known()?))) else {
            continue;
        };
        let name = image.rsplit('/').next().unwrap_or(image);
        if !image.contains('@') && (!name.contains(':') || name.ends_with(":latest")) {
            hits.push(Hit::at(value.spot.clone()).with("service", &service.name).with("image", image));
        }
    }
    hits
}

/// Logs that grow until the disk is full; said once, for all services.
pub(super) fn log_rotation(context: &Context<'_>) -> Hits {
    let without = |service: &&Service| service.logging.is_none() && service.spot.range.end > 0;
    let without: Vec<&Service> = context.deployment.services.iter().filter(without).collect();
    let Some(first) = without.first() else { return Hits::default() };
    let names: Vec<&str> = without.iter().take(6).map(|service| service.name.as_str()).collect();
    let more = without.len() - names.len();
    let names = names.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() };
    Hits::from_iter([Hit::at(first.spot.clone()).with("services", names)])
}

/// A restart policy that the engine does not know.
pub(super) fn restart(context: &Context<'_>) -> Hits {
    let known = |text: &str| {
        let tries = text.strip_prefix("on-failure:").is_some_and(|count| count.parse::<u32>().is_ok());
        matches!(text, "no" | "always" | "on-failure" | "unless-stopped" | "false" | "") || tries
    };
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let value = service.restart.as_ref().and_then(|value| Some((value, value.known()?)));
        if let Some((value, text)) = value.filter(|(_, text)| !known(text)) {
            hits.push(Hit::at(value.spot.clone()).with("service", &service.name).with("policy", text));
        }
    }
    hits
}

/// An entrypoint that is taken away, with nothing in its place.
pub(super) fn entrypoint_reset(context: &Context<'_>) -> Hits {
    let empty = |line: &CommandLine| line.words.iter().all(|word| word.known() == Some(""));
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(entrypoint) = service.entrypoint.as_ref().filter(|line| empty(line)) else { continue };
        if service.command.as_ref().is_none_or(empty) {
            let hit = Hit::at(entrypoint.spot.clone()).with("service", &service.name);
            hits.push(match service.image.as_ref().and_then(Value::known) {
                Some(image) => hit.with("image", image),
                None => hit,
            });
        }
    }
    hits
}
