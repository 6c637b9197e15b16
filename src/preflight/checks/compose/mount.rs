//! Mounts of files that are not there.

use crate::deploy::{MountKind, There};
use crate::preflight::checks::{Context, Hit, Hits};

/// Endings of files that are mounted one by one.
const FILES: [&str; 22] = [
    "conf",
    "cnf",
    "cfg",
    "ini",
    "sh",
    "bash",
    "yml",
    "yaml",
    "json",
    "toml",
    "sql",
    "env",
    "template",
    "xml",
    "js",
    "mjs",
    "py",
    "lua",
    "properties",
    "acl",
    "rdb",
    "txt",
];

/// A file of the deployment that is mounted and is not there: the engine makes a folder of that name.
pub(super) fn missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, mount) in context.deployment.services.iter().flat_map(|s| s.volumes.iter().map(move |m| (s, m))) {
        let (Some(path), Some(There::Nothing)) = (&mount.path, mount.there) else { continue };
        let ending = |text: &str| text.rsplit_once('.').is_some_and(|(_, ending)| FILES.contains(&ending));
        let outside = path.starts_with(['/', '.']) && !path.starts_with(".env");
        if mount.kind == MountKind::Bind && ending(path) && ending(&mount.target) && !outside {
            let hit = Hit::at(mount.spot.clone()).with("service", &service.name).with("path", path);
            hits.push(hit.with("target", &mount.target));
        }
    }
    hits
}

/// A path in the container that does not begin at its root.
pub(super) fn relative(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, mount) in context.deployment.services.iter().flat_map(|s| s.volumes.iter().map(move |m| (s, m))) {
        let target = mount.target.as_str();
        let kind = matches!(mount.kind, MountKind::Bind | MountKind::Volume);
        // A variable may bring the rest, and a colon a drive.
        if kind && !target.is_empty() && !target.starts_with('/') && !target.contains(['$', ':', '\\']) {
            hits.push(Hit::at(mount.spot.clone()).with("service", &service.name).with("target", target));
        }
    }
    hits
}

/// Endings of files that no folder has.
const NEVER: [&str; 10] = ["conf", "cnf", "cfg", "ini", "yml", "yaml", "json", "toml", "sql", "properties"];

/// Places of files, whatever is mounted there is called.
const PLACES: [&str; 8] = [
    "/etc/nginx/nginx.conf",
    "/etc/nginx/conf.d/default.conf",
    "/etc/caddy/Caddyfile",
    "/usr/local/etc/haproxy/haproxy.cfg",
    "/etc/prometheus/prometheus.yml",
    "/etc/alertmanager/alertmanager.yml",
    "/etc/mysql/my.cnf",
    "/etc/grafana/grafana.ini",
];

/// A folder where a file is meant: what the engine left when the file was not there at the first start.
pub(super) fn folder(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, mount) in context.deployment.services.iter().flat_map(|s| s.volumes.iter().map(move |m| (s, m))) {
        let Some(path) = mount.path.as_ref().filter(|_| mount.there == Some(There::Folder)) else { continue };
        let ending = |text: &str| text.rsplit_once('.').is_some_and(|(_, ending)| NEVER.contains(&ending));
        let file = PLACES.contains(&mount.target.as_str());
        if mount.kind == MountKind::Bind && (ending(path) && ending(&mount.target) || file) {
            let hit = Hit::at(mount.spot.clone()).with("service", &service.name).with("path", path);
            let name = mount.target.rsplit('/').next().unwrap_or_default();
            let advice = if ending(path) {
                format!("Remove the folder {path} and put the file there")
            } else {
                format!("Name the file that is meant: ./{path}/{name}:{}", mount.target)
            };
            hits.push(hit.with("target", &mount.target).with("advice", advice));
        }
    }
    hits
}
