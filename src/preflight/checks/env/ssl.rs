//! Clients that insist on TLS, against a server that has none.

use crate::deploy::{MountKind, Service, There, Value, is_shell};
use crate::preflight::app::app;
use crate::preflight::connection::{Connection, Kind, bare, connections, stem};
use crate::preflight::image::name_and_tag;
use crate::preflight::reach::{Reached, reach};

use super::{Context, Hit, Hits, origin};

/// `sslmode=require` to a PostgreSQL as its image comes, which answers that it does not support SSL.
pub(super) fn refused(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        for connection in connections(service).iter().filter(|connection| connection.kind == Kind::Postgres) {
            let Some((mode, name, value)) = asked(service, connection) else { continue };
            let Reached::Service(target) = reach(context, service, connection.host.text) else { continue };
            if !is_plain(context, target) {
                continue;
            }
            let hit = Hit::at(origin(context.deployment, value, &mode)).with("variable", name).with("mode", &mode);
            hits.once(hit.with("target", &target.name));
        }
    }
    hits
}

/// Values that leave no connection without TLS.
const STRICT: [&str; 4] = ["require", "verify-ca", "verify-full", "no-verify"];

/// How a connection asks for TLS, where it takes none without: the setting, and the variable it stands in.
fn asked<'a>(service: &'a Service, connection: &Connection<'a>) -> Option<(String, &'a str, &'a Value)> {
    let host = connection.host;
    if connection.url {
        let (_, query) = bare(host.value.known()?).split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let (name, mode) = pairs.find(|(name, mode)| {
            *name == "sslmode" && STRICT.contains(mode) || *name == "ssl" && (*mode == "true" || STRICT.contains(mode))
        })?;
        return Some((format!("{name}={mode}"), host.name, host.value));
    }
    let prefix = stem(host.name)?;
    ["SSLMODE", "SSL_MODE"].iter().find_map(|ending| {
        let variable = service.variable(&format!("{prefix}{ending}"))?;
        let value = variable.value.as_ref()?;
        let mode = value.known().filter(|mode| STRICT.contains(mode))?;
        Some((mode.to_owned(), variable.name.as_str(), value))
    })
}

/// Images that come without a certificate and with `ssl = off`.
const STOCK: [&str; 4] = ["postgres", "postgis/postgis", "pgvector/pgvector", "timescale/timescaledb"];

/// Whether nothing in sight turns TLS on: no command, configuration, script or older data.
fn is_plain(context: &Context<'_>, service: &Service) -> bool {
    let image = service.image.as_ref().and_then(Value::known).map(name_and_tag);
    let stock = image.is_some_and(|(name, _)| STOCK.contains(&name)) && service.build.is_none();
    let server = app(context, service).is_some_and(|app| app.by_image && app.is_server());
    let words = service.command.iter().flat_map(|line| &line.words);
    let command = words.into_iter().any(|word| {
        let shell = |text: &str| is_shell(text.rsplit('/').next().unwrap_or(text)) || text.ends_with(".sh");
        word.known().is_none_or(|text| shell(text) || ["ssl", "conf", "include"].iter().any(|part| text.contains(part)))
    });
    let mounted = service.volumes.iter().any(|mount| {
        let parts = [".conf", "initdb", "/etc/", "ssl", "cert", ".crt", ".key", "tls"];
        let older = mount.kind == MountKind::Bind && mount.there != Some(There::Nothing);
        older || parts.iter().any(|part| mount.target.contains(part))
    });
    let told = service.environment.iter().any(|variable| {
        let text = variable.value.as_ref().map_or("", |value| value.raw.as_str());
        let name = variable.name.to_ascii_lowercase();
        name.contains("ssl") || name.contains("tls") || text.contains("ssl")
    });
    let files = service.configs.is_empty() && service.environment_complete && service.entrypoint.is_none();
    stock && server && files && !command && !mounted && !told
}
