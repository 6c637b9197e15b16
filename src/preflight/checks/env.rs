//! Environments against what the application requires, and against the servers they name.

mod address;
mod apart;
mod file;
mod host;
mod login;
mod required;
mod secret;
mod server;
mod ssl;

use std::collections::HashSet;

use crate::deploy::{Deployment, Spot, Value};

pub(super) use self::secret::is_secret;
use super::{Context, Entry, Hit, Hits, Level};

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[
    ("env/advertised-listener", server::advertised),
    ("env/comment-as-value", file::comment_as_value),
    ("env/connection-port", host::connection_port),
    ("env/credentials-differ", login::credentials_differ),
    ("env/database-differs", login::database_differs),
    ("env/database-host-unknown", host::database_host_unknown),
    ("env/dollar-in-secret", secret::dollar_in_secret),
    ("env/duplicate-key", file::duplicate_key),
    ("env/host-apart", apart::host_apart),
    ("env/host-unknown", host::host_unknown),
    ("env/line-ends", file::line_ends),
    ("env/placeholder-secret", secret::placeholder_secret),
    ("env/port-ignored", address::port_ignored),
    ("env/public-url", address::public_url),
    ("env/quotes-in-value", file::quotes_in_value),
    ("env/redis-host-unknown", host::redis_host_unknown),
    ("env/redis-password", login::redis_password),
    ("env/replica-set", server::replica_set),
    ("env/required-missing", required::required_missing),
    ("env/secret-path", server::secret_path),
    ("env/ssl-refused", ssl::refused),
    ("env/text-behind-quote", file::text_behind_quote),
    ("env/url-unescaped", secret::url_unescaped),
    ("env/user-refused", server::user_refused),
];

/// Environment files that compose refuses.
pub(super) fn form(context: &Context<'_>) -> Hits {
    file::form(context)
}

/// Where a piece of a value was written: in `.env`, when the value takes it from there, else at the value.
pub(super) fn origin(deployment: &Deployment, value: &Value, piece: &str) -> Spot {
    let names: HashSet<&str> = value.raw.split('$').skip(1).map(prefix).collect();
    if names.is_empty() {
        return value.spot.clone();
    }
    let holds = |known: &Value| known.known().is_some_and(|text| !piece.is_empty() && text.contains(piece));
    let found = deployment.env.iter().filter(|variable| names.contains(variable.name.as_str()));
    let found = found.filter_map(|variable| variable.value.as_ref()).find(|known| holds(known));
    found.map_or_else(|| value.spot.clone(), |known| known.spot.clone())
}

/// The name in what follows the dollar of `$NAME` or `${NAME:-default}`.
fn prefix(text: &str) -> &str {
    let inside = text.strip_prefix('{').unwrap_or(text);
    let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inside.len());
    inside.get(..end).unwrap_or_default()
}
