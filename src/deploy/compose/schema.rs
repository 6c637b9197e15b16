//! What compose itself refuses: keys it does not know, and lists where it wants maps.

use crate::deploy::near::nearest;
use crate::deploy::text::Spot;
use crate::deploy::yaml::{Body, Node};

/// Kinds of value a key takes: any of them.
type Takes = &'static str;

/// Keys of a map. `s` text, `l` list, `m` map.
type Keys = &'static [(&'static str, Takes)];

const ROOT: Keys = &[
    ("version", "s"),
    ("name", "s"),
    ("include", "l"),
    ("services", "m"),
    ("networks", "m"),
    ("volumes", "m"),
    ("secrets", "m"),
    ("configs", "m"),
    ("models", "m"),
];

const SERVICE: Keys = &[
    ("annotations", "lm"),
    ("attach", "s"),
    ("blkio_config", "m"),
    ("build", "sm"),
    ("cap_add", "l"),
    ("cap_drop", "l"),
    ("cgroup", "s"),
    ("cgroup_parent", "s"),
    ("command", "sl"),
    ("configs", "l"),
    ("container_name", "s"),
    ("cpu_count", "s"),
    ("cpu_percent", "s"),
    ("cpu_period", "s"),
    ("cpu_quota", "s"),
    ("cpu_rt_period", "s"),
    ("cpu_rt_runtime", "s"),
    ("cpu_shares", "s"),
    ("cpus", "s"),
    ("cpuset", "s"),
    ("credential_spec", "m"),
    ("depends_on", "lm"),
    ("deploy", "m"),
    ("develop", "m"),
    ("device_cgroup_rules", "l"),
    ("devices", "l"),
    ("dns", "sl"),
    ("dns_opt", "l"),
    ("dns_search", "sl"),
    ("domainname", "s"),
    ("entrypoint", "sl"),
    ("env_file", "sl"),
    ("environment", "lm"),
    ("expose", "l"),
    ("extends", "sm"),
    ("external_links", "l"),
    ("extra_hosts", "lm"),
    ("gpus", "sl"),
    ("group_add", "l"),
    ("healthcheck", "m"),
    ("hostname", "s"),
    ("image", "s"),
    ("init", "s"),
    ("ipc", "s"),
    ("isolation", "s"),
    ("label_file", "sl"),
    ("labels", "lm"),
    ("links", "l"),
    ("logging", "m"),
    ("mac_address", "s"),
    ("mem_limit", "s"),
    ("mem_reservation", "s"),
    ("mem_swappiness", "s"),
    ("memswap_limit", "s"),
    ("models", "lm"),
    ("network_mode", "s"),
    ("networks", "lm"),
    ("oom_kill_disable", "s"),
    ("oom_score_adj", "s"),
    ("pid", "s"),
    ("pids_limit", "s"),
    ("platform", "s"),
    ("ports", "l"),
    ("post_start", "l"),
    ("pre_start", "l"),
    ("pre_stop", "l"),
    ("privileged", "s"),
    ("profiles", "l"),
    ("provider", "m"),
    ("pull_policy", "s"),
    ("pull_refresh_after", "s"),
    ("read_only", "s"),
    ("restart", "s"),
    ("runtime", "s"),
    ("scale", "s"),
    ("secrets", "l"),
    ("security_opt", "l"),
    ("shm_size", "s"),
    ("stdin_open", "s"),
    ("stop_grace_period", "s"),
    ("stop_signal", "s"),
    ("storage_opt", "m"),
    ("sysctls", "lm"),
    ("tmpfs", "sl"),
    ("tty", "s"),
    ("ulimits", "m"),
    ("use_api_socket", "s"),
    ("user", "s"),
    ("userns_mode", "s"),
    ("uts", "s"),
    ("volumes", "l"),
    ("volumes_from", "l"),
    ("working_dir", "s"),
];

const BUILD: Keys = &[
    ("additional_contexts", "lm"),
    ("args", "lm"),
    ("cache_from", "l"),
    ("cache_to", "l"),
    ("context", "s"),
    ("dockerfile", "s"),
    ("dockerfile_inline", "s"),
    ("entitlements", "l"),
    ("extra_hosts", "lm"),
    ("isolation", "s"),
    ("labels", "lm"),
    ("network", "s"),
    ("no_cache", "s"),
    ("no_cache_filter", "sl"),
    ("platforms", "l"),
    ("privileged", "s"),
    ("provenance", "s"),
    ("pull", "s"),
    ("sbom", "s"),
    ("secrets", "l"),
    ("shm_size", "s"),
    ("ssh", "slm"),
    ("tags", "l"),
    ("target", "s"),
    ("ulimits", "m"),
];

const HEALTHCHECK: Keys = &[
    ("disable", "s"),
    ("interval", "s"),
    ("retries", "s"),
    ("start_interval", "s"),
    ("start_period", "s"),
    ("test", "sl"),
    ("timeout", "s"),
];

const DEPENDENCY: Keys = &[("condition", "s"), ("required", "s"), ("restart", "s")];

const DEPLOY: Keys = &[
    ("endpoint_mode", "s"),
    ("labels", "lm"),
    ("mode", "s"),
    ("placement", "m"),
    ("replicas", "s"),
    ("resources", "m"),
    ("restart_policy", "m"),
    ("rollback_config", "m"),
    ("update_config", "m"),
];

const LOGGING: Keys = &[("driver", "s"), ("options", "m")];

const VOLUME: Keys = &[("driver", "s"), ("driver_opts", "m"), ("external", "sm"), ("labels", "lm"), ("name", "s")];

const NETWORK: Keys = &[
    ("attachable", "s"),
    ("driver", "s"),
    ("driver_opts", "m"),
    ("enable_ipv4", "s"),
    ("enable_ipv6", "s"),
    ("external", "sm"),
    ("internal", "s"),
    ("ipam", "m"),
    ("labels", "lm"),
    ("name", "s"),
];

const SECRET: Keys = &[
    ("content", "s"),
    ("driver", "s"),
    ("driver_opts", "m"),
    ("environment", "s"),
    ("external", "sm"),
    ("file", "s"),
    ("labels", "lm"),
    ("name", "s"),
    ("template_driver", "s"),
];

type Tell<'f> = dyn FnMut(Spot, String) + 'f;

/// Unknown keys of one map that are told; what has more is another kind of map.
const UNKNOWN: usize = 50;

/// Judges a document. Of one that could not be read to its end the last, unfinished values are not judged.
pub(super) fn check(root: &Node, complete: bool, tell: &mut Tell<'_>) {
    if !matches!(root.body, Body::Map(_)) {
        if complete && !root.is_null() {
            tell(root.spot.clone(), "a compose file is a map with `services` in it".to_owned());
        }
        return;
    }
    keys(root, "the top level", ROOT, tell);
    for entry in section(root, "services") {
        service(&entry.key, &entry.value, tell);
    }
    for (name, known) in [("volumes", VOLUME), ("networks", NETWORK), ("secrets", SECRET), ("configs", SECRET)] {
        for entry in section(root, name) {
            map(&entry.value, &format!("{name}.{}", entry.key), known, tell);
        }
    }
}

fn section<'n>(root: &'n Node, name: &str) -> impl Iterator<Item = &'n crate::deploy::yaml::Entry> {
    let entries = root.get(name).map(Node::entries).unwrap_or_default();
    entries.iter().filter(|entry| !entry.key.starts_with("x-"))
}

fn service(name: &str, node: &Node, tell: &mut Tell<'_>) {
    let place = format!("services.{name}");
    map(node, &place, SERVICE, tell);
    for (key, known) in [("build", BUILD), ("healthcheck", HEALTHCHECK), ("deploy", DEPLOY), ("logging", LOGGING)] {
        if let Some(part) = node.get(key) {
            keys(part, &format!("{place}.{key}"), known, tell);
        }
    }
    for key in ["environment", "labels", "annotations", "sysctls"] {
        single(node.get(key), &format!("{place}.{key}"), tell);
    }
    for key in ["args", "labels"] {
        single(node.get("build").and_then(|build| build.get(key)), &format!("{place}.build.{key}"), tell);
    }
    for entry in node.get("depends_on").map(Node::entries).unwrap_or_default() {
        map(&entry.value, &format!("{place}.depends_on.{}", entry.key), DEPENDENCY, tell);
    }
}

/// A map of single values, or a list of `NAME=value`.
fn single(node: Option<&Node>, place: &str, tell: &mut Tell<'_>) {
    let nested =
        |node: &Node| matches!(node.body, Body::List(_) | Body::Map(_)) && node.tag == crate::deploy::yaml::Tag::None;
    for entry in node.map(Node::entries).unwrap_or_default().iter().filter(|entry| nested(&entry.value)).take(UNKNOWN) {
        let message = format!("{place}.{} must be a single value, not {}", entry.key, kind(&entry.value).1);
        tell(entry.key_spot.clone(), message);
    }
    for item in node.map(Node::items).unwrap_or_default().iter().filter(|item| nested(item)).take(UNKNOWN) {
        tell(item.spot.clone(), format!("an item of {place} is one text, `NAME=value`, not {}", kind(item).1));
    }
}

/// A value that must be a map, with these keys.
fn map(node: &Node, place: &str, known: Keys, tell: &mut Tell<'_>) {
    if matches!(node.body, Body::Scalar(_) | Body::List(_)) {
        tell(node.spot.clone(), format!("{place} must be a map (`key: value` lines)"));
    }
    keys(node, place, known, tell);
}

/// Every key of a map is known and takes a value of this kind.
fn keys(node: &Node, place: &str, known: Keys, tell: &mut Tell<'_>) {
    let mut unknown = 0;
    for entry in node.entries() {
        if entry.key.starts_with("x-") || unknown > UNKNOWN {
            continue;
        }
        let Some((key, takes)) = known.iter().find(|(key, _)| *key == entry.key) else {
            unknown += 1;
            let near = near(&entry.key, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            tell(entry.key_spot.clone(), format!("`{}` is no key of {place}{near}", entry.key));
            continue;
        };
        let (letter, _) = kind(&entry.value);
        if !letter.is_empty() && !takes.contains(letter) && entry.value.tag == crate::deploy::yaml::Tag::None {
            let wanted: Vec<&str> = takes.chars().filter_map(word).collect();
            let prefix = if place == "the top level" { String::new() } else { format!("{place}.") };
            let message = format!("{prefix}{key} must be {}, not {}", wanted.join(" or "), kind(&entry.value).1);
            tell(entry.key_spot.clone(), message);
        }
    }
}

fn kind(node: &Node) -> (&'static str, &'static str) {
    match &node.body {
        Body::Null => ("", "nothing"),
        Body::Scalar(_) => ("s", "a single value"),
        Body::List(_) => ("l", "a list"),
        Body::Map(_) => ("m", "a map"),
    }
}

const fn word(letter: char) -> Option<&'static str> {
    match letter {
        's' => Some("a single value"),
        'l' => Some("a list"),
        'm' => Some("a map"),
        _ => None,
    }
}

/// The known key that is most like a mistyped one.
fn near(key: &str, known: Keys) -> Option<&'static str> {
    // Longer than all that are known.
    if key.len() > 40 {
        return None;
    }
    nearest(key, known.iter().map(|(name, _)| *name), 0.85)
}
