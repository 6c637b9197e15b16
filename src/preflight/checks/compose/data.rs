//! What servers make of their folders: their data, the scripts of their first start, and the folders they write to.

use crate::deploy::tree::below;
use crate::deploy::{Mount, Service, There};
use crate::preflight::app::{Setting, app, setting};
use crate::preflight::checks::{Context, Hit, Hits};
use crate::preflight::image::{major, name_and_tag};

/// Where PostgreSQL kept its data before version 18.
const OLD: &str = "/var/lib/postgresql/data";

/// Images that are built on PostgreSQL's own and keep its entrypoint.
const POSTGRES: [&str; 3] = ["postgres", "pgvector/pgvector", "postgis/postgis"];

/// PostgreSQL 18 and later keep their data elsewhere, and refuse to start beside a mount at the old place.
pub(super) fn directory(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let base = service.startup.base.as_deref().or_else(|| service.image.as_ref()?.known());
        let Some((name, tag)) = base.map(name_and_tag) else { continue };
        let version = major(tag.trim_start_matches("pg")).filter(|version| (18..100).contains(version));
        let Some(version) = version.filter(|_| POSTGRES.contains(&name) && service.entrypoint.is_none()) else {
            continue;
        };
        let elsewhere = setting(context.deployment, service, "PGDATA") != Setting::Absent;
        let old = |mount: &&Mount| mount.target.trim_end_matches('/') == OLD;
        if let Some(mount) = service.volumes.iter().find(old).filter(|_| !elsewhere) {
            let hit = Hit::at(mount.spot.clone()).with("service", &service.name).with("version", version.to_string());
            hits.push(hit.with("target", OLD));
        }
    }
    hits
}

/// Where the official images of databases look for what is to be run at the first start.
const INIT: &str = "/docker-entrypoint-initdb.d";

/// Where below that folder a folder of scripts is mounted: none of them is run there.
pub(in crate::preflight::checks) fn unread(mount: &Mount) -> Option<&str> {
    let rest = below(mount.target.trim_end_matches('/'), INIT).filter(|rest| !rest.is_empty());
    rest.filter(|_| mount.there == Some(There::Folder))
}

/// A folder below the folder of scripts: nothing in it is run.
pub(super) fn init_folder(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let known = app(context, service).filter(|app| app.by_image && service.entrypoint.is_none());
        let Some(server) = known.filter(|app| matches!(app.profile.id.as_str(), "postgres" | "mysql")) else {
            continue;
        };
        let unread = |mount: &&Mount| unread(mount).is_some_and(|rest| !rest.contains('/'));
        for mount in service.volumes.iter().filter(unread) {
            let hit = Hit::at(mount.spot.clone()).with("service", &service.name).with("target", &mount.target);
            hits.push(hit.with("server", &server.profile.name).with("folder", INIT));
        }
    }
    hits
}

/// Folders that nginx writes to when it starts, each with its other name.
const WRITTEN: [(&str, &str); 2] = [("/var/cache/nginx", "/var/cache/nginx"), ("/run", "/var/run")];

/// nginx in a container that may only be read, without room for what it writes.
pub(super) fn read_only(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(spot) = &service.read_only else { continue };
        let image = service.image.as_ref().and_then(|image| image.known()).map(name_and_tag);
        let own = service.build.is_some() || service.nginx.iter().any(|file| file.path.ends_with("/nginx.conf"));
        let given = service.entrypoint.is_some() || service.command.is_some();
        let mounted = service.volumes.iter().any(|mount| mount.target.trim_end_matches('/') == "/etc/nginx");
        if image.is_none_or(|(name, _)| name != "nginx") || own || given || mounted {
            continue;
        }
        let free = |path: &str| service.volumes.iter().any(|mount| covers(mount, path));
        let missing: Vec<&str> = WRITTEN
            .iter()
            .filter(|(path, other)| !free(path) && !free(other) && !keeps_pid(service, path))
            .map(|(path, _)| *path)
            .collect();
        if !missing.is_empty() {
            let hit = Hit::at(spot.clone()).with("service", &service.name);
            hits.push(hit.with("folders", missing.join(" and ")));
        }
    }
    hits
}

/// Whether a mount below `/run` may hold the file of nginx's process number.
fn keeps_pid(service: &Service, path: &str) -> bool {
    path == "/run" && service.volumes.iter().any(|mount| mount.target.contains("nginx.pid"))
}

/// Whether a path lies in a mount that may be written.
fn covers(mount: &Mount, path: &str) -> bool {
    !mount.read_only && below(path, &mount.target).is_some()
}
