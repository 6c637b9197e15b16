//! Memory limits against what is configured to be used, and what a cache does when its memory is full.

use crate::deploy::{Kind as FileKind, Service, Spot, Word};
use crate::preflight::app::{App, app, apps};
use crate::preflight::connection::{Kind, connections, kind_of};
use crate::preflight::reach::{Reached, reach};
use crate::preflight::scripts::running;
use crate::preflight::url;

use super::{Context, Entry, Hit, Hits, Level};

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[
    ("memory/below-minimum", below_minimum),
    ("memory/heap-above-limit", heap_above_limit),
    ("memory/redis-above-limit", redis_above_limit),
    ("memory/redis-eviction", redis_eviction),
    ("memory/reservation-above-limit", reservation),
];

const MIB: u64 = 1 << 20;

fn mebibytes(bytes: u64) -> String {
    if bytes.is_multiple_of(1024 * MIB) {
        format!("{} GiB", bytes / (1024 * MIB))
    } else {
        format!("{} MiB", bytes / MIB)
    }
}

/// A service's limit in bytes, and where it stands.
fn limit(service: &Service) -> Option<(u64, &Spot)> {
    let memory = service.memory.as_ref()?;
    Some((memory.bytes.filter(|bytes| *bytes > 0)?, &memory.spot))
}

fn below_minimum(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for app in apps(context) {
        let Some(least) = app.requires().and_then(|requires| requires.memory) else { continue };
        let Some((bytes, spot)) = limit(app.service).filter(|(bytes, _)| *bytes < least * MIB) else { continue };
        hits.push(
            Hit::at(spot.clone())
                .with("service", app.service.name.clone())
                .with("limit", mebibytes(bytes))
                .with("least", mebibytes(least * MIB))
                .with("application", app.profile.name.clone()),
        );
    }
    hits
}

/// More memory reserved than a container may take.
fn reservation(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let (Some((most, _)), Some(reserved)) = (limit(service), &service.reservation) else { continue };
        let Some(bytes) = reserved.bytes.filter(|bytes| *bytes > most) else { continue };
        let hit = Hit::at(reserved.spot.clone()).with("service", &service.name);
        hits.push(hit.with("reserved", mebibytes(bytes)).with("limit", mebibytes(most)));
    }
    hits
}

/// V8's option, which takes MiB.
const HEAP: &str = "--max-old-space-size";

fn heap_above_limit(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some((bytes, _)) = limit(service) else { continue };
        let node = heaps(context, service).into_iter().map(|(heap, spot)| ("Node.js", heap.saturating_mul(MIB), spot));
        let java = java_heaps(service).into_iter().map(|(heap, spot)| ("Java", heap, spot));
        for (program, heap, spot) in node.chain(java).filter(|(_, heap, _)| *heap >= bytes) {
            hits.push(
                Hit::at(spot)
                    .with("service", service.name.clone())
                    .with("program", program)
                    .with("heap", mebibytes(heap))
                    .with("limit", mebibytes(bytes)),
            );
        }
    }
    hits
}

/// Every heap size that a service's environment, commands, scripts and Dockerfile set, in MiB.
fn heaps(context: &Context<'_>, service: &Service) -> Vec<(u64, Spot)> {
    let variables = service.environment.iter().filter_map(|variable| variable.value.as_ref());
    let words = [&service.entrypoint, &service.command].into_iter().flatten().flat_map(|line| &line.words);
    let values = variables.chain(words).filter_map(|value| Some((heap(value.known()?)?.0, value.spot.clone())));
    let mut found: Vec<(u64, Spot)> = values.collect();
    let scripts = service.scripts.iter().map(|script| script.file);
    for id in scripts.chain(service.dockerfile.as_ref().map(|dockerfile| dockerfile.file)) {
        let Some(file) = context.deployment.file(id) else { continue };
        for line in 1..=file.line_count() {
            let text = file.line(line);
            let at = file.line_range(line).start;
            if let Some((size, range)) = heap(text).filter(|_| !text.trim_start().starts_with('#')) {
                found.push((size, Spot::new(id, at + range.start..at + range.end)));
            }
        }
    }
    found
}

/// Every heap size in bytes that a service's environment and commands set for Java.
fn java_heaps(service: &Service) -> Vec<(u64, Spot)> {
    let variables = service.environment.iter().filter_map(|variable| variable.value.as_ref());
    let words = [&service.entrypoint, &service.command].into_iter().flatten().flat_map(|line| &line.words);
    let values = variables.chain(words).filter_map(|value| Some((java_heap(value.known()?)?, value.spot.clone())));
    values.collect()
}

/// Bytes of the last `-Xmx2g` in a text.
fn java_heap(text: &str) -> Option<u64> {
    let (_, rest) = text.rsplit_once("-Xmx")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, rest) = rest.split_at_checked(end)?;
    let unit = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" => 1,
        "k" => 1 << 10,
        "m" => MIB,
        "g" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// The heap size that a text sets, and where.
fn heap(text: &str) -> Option<(u64, std::ops::Range<usize>)> {
    let text_with_dashes = text.replace('_', "-");
    let start = text_with_dashes.find(HEAP)?;
    let rest = text.get(start + HEAP.len()..)?;
    let digits = rest.strip_prefix(['=', ' '])?;
    let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let size = digits.get(..length)?.parse().ok()?;
    Some((size, start..start + HEAP.len() + 1 + length))
}

/// The services that run a cache themselves.
fn caches<'a>(context: &Context<'a>) -> Vec<App<'a>> {
    apps(context).into_iter().filter(|app| app.profile.id == "redis" && app.by_image).collect()
}

/// A setting of a cache: an option of its command, also where a shell reads it, else a line of the configuration it names.
fn cache_setting<'a>(service: &'a Service, name: &str) -> Option<(&'a str, &'a Spot)> {
    let lines = [&service.startup.entrypoint, &service.startup.command].into_iter().flatten();
    let words: Vec<&Word> = lines.flat_map(|line| &line.words).collect();
    let (option, inside) = (format!("--{name}"), format!("--{name} "));
    for (index, word) in words.iter().enumerate() {
        let Some(text) = word.text.as_deref() else { continue };
        if text == option {
            let value = words.get(index + 1)?;
            return Some((value.text.as_deref()?, &value.spot));
        }
        if let Some((_, rest)) = text.split_once(&inside) {
            return Some((rest.split_whitespace().next()?.trim_matches(['"', '\'']), &word.spot));
        }
    }
    let line = service.settings.iter().rev().find(|line| line.name == name)?;
    Some((&line.value, &line.spot))
}

/// Bytes of `512mb`: `k`, `m`, `g` are powers of 1000, `kb`, `mb`, `gb` of 1024.
fn bytes(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let end = lower.find(|c: char| !c.is_ascii_digit()).unwrap_or(lower.len());
    let (digits, unit) = lower.split_at_checked(end)?;
    let factor = match unit {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => MIB,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

fn redis_above_limit(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for app in caches(context) {
        let Some((text, spot)) = cache_setting(app.service, "maxmemory") else { continue };
        let (Some(used), Some((limit, _))) = (bytes(text), limit(app.service)) else { continue };
        if used >= limit || used == 0 {
            hits.push(
                Hit::at(spot.clone())
                    .with("service", app.service.name.clone())
                    .with("used", if used == 0 { "no limit".to_owned() } else { mebibytes(used) })
                    .with("limit", mebibytes(limit)),
            );
        }
    }
    hits
}

fn redis_eviction(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for cache in caches(context) {
        let Some((policy, spot)) = cache_setting(cache.service, "maxmemory-policy") else { continue };
        if policy == "noeviction" || policy.contains('$') {
            continue;
        }
        // Without a limit nothing is ever thrown away.
        if cache_setting(cache.service, "maxmemory").is_none_or(|(text, _)| bytes(text) == Some(0)) {
            continue;
        }
        let users = context.deployment.services.iter().filter(|service| uses(context, service, cache.service));
        let mut queues = users.filter_map(|service| queue(context, service));
        let Some((who, level)) = queues.next() else { continue };
        let hit =
            Hit::at(spot.clone()).with("service", cache.service.name.clone()).with("policy", policy).with("user", who);
        let fix = context.deployment.slice(spot) == policy;
        let hit = if fix { hit.fix(spot.clone(), "noeviction") } else { hit };
        // Only keys that end by themselves are thrown away, and jobs are none.
        hits.push(hit.only(if policy.starts_with("volatile") { Level::Note } else { level }));
    }
    hits
}

/// Whether a service connects to a cache.
fn uses(context: &Context<'_>, service: &Service, cache: &Service) -> bool {
    connections(service).iter().filter(|connection| connection.kind == Kind::Redis).any(|connection| {
        matches!(reach(context, service, connection.host.text), Reached::Service(target) if target.name == cache.name)
    })
}

/// The service, when it keeps jobs in its cache: by its profile, a variable, or a word in its commands or in a list of packages.
fn queue(context: &Context<'_>, service: &Service) -> Option<(String, Level)> {
    if app(context, service).and_then(|app| app.requires()).is_some_and(|requires| requires.queue) {
        return Some((service.name.clone(), Level::Warning));
    }
    let requires: Vec<_> = context.profiles.iter().filter_map(|profile| profile.requires.as_ref()).collect();
    let words: Vec<&String> = requires.iter().flat_map(|requires| &requires.queue_words).collect();
    let holds = |text: &str| words.iter().any(|word| text.contains(word.as_str()));
    let told = requires.iter().flat_map(|requires| &requires.queue_variables).any(|known| tells(service, known));
    let folder = service.dockerfile.as_ref().map(|dockerfile| dockerfile.context.as_str());
    let mut packages = context.deployment.files.iter().filter(|file| file.kind == FileKind::Package);
    let listed = folder.is_some_and(|folder| packages.any(|file| file.path.starts_with(folder) && holds(&file.text)));
    // A broker of its own holds the jobs of a program that only stores results in the cache.
    let broker = connections(service).iter().any(|connection| connection.kind == Kind::Other && connection.url);
    let commanded = || {
        let found = running(context.deployment, service);
        // Flower shows the jobs of others.
        let working = found.iter().filter(|running| !running.invocation.arguments().any(|word| word == "flower"));
        working.flat_map(|running| &running.invocation.words).filter_map(|word| word.text.as_deref()).any(holds)
    };
    (told || listed || !broker && commanded()).then(|| (service.name.clone(), Level::Warning))
}

/// Whether a variable, `NAME` or `NAME=value`, tells of a queue in a cache.
fn tells(service: &Service, known: &str) -> bool {
    let (name, wanted) = known.split_once('=').map_or((known, None), |(name, value)| (name, Some(value)));
    service.env(name).is_some_and(|text| match wanted {
        Some(wanted) => text == wanted,
        None => url::parse(text).is_none_or(|url| kind_of(url.scheme) == Some(Kind::Redis)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(bytes("512mb"), Some(512 * MIB));
        assert_eq!(bytes("1GB"), Some(1 << 30));
        assert_eq!((bytes("100"), bytes("2m"), bytes("50%"), bytes("")), (Some(100), Some(2_000_000), None, None));
        assert_eq!(heap("NODE_OPTIONS=\"--max_old_space_size=4096 --x\"").map(|(size, _)| size), Some(4096));
        assert_eq!(heap("--max-old-space-size 512"), Some((512, 0..24)));
        assert_eq!(heap("--max-old-space-size=$X"), None);
        assert_eq!(java_heap("-Xms1g -Xmx2g"), Some(2 << 30));
        assert_eq!(
            (java_heap("-Xmx512M \"x\""), java_heap("-Xmx$X"), java_heap("-Xmx2p")),
            (Some(512 * MIB), None, None)
        );
        assert_eq!((mebibytes(1 << 31), mebibytes(1536 * MIB)), ("2 GiB".into(), "1536 MiB".into()));
    }
}
