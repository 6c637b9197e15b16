//! What the environment of a service tells of the databases, caches and queues it connects to.

use std::collections::HashMap;

use crate::deploy::{Service, Value};

use super::url;

/// One server that a service connects to. Parts that are not told, or not known, are missing.
#[derive(Debug, Clone)]
pub(super) struct Connection<'a> {
    pub(super) kind: Kind,
    pub(super) host: Part<'a>,
    pub(super) port: Option<(u16, Part<'a>)>,
    pub(super) user: Option<Part<'a>>,
    pub(super) password: Option<Part<'a>>,
    pub(super) database: Option<Part<'a>>,
    /// Told by one URL, in which a part that is missing is missing for certain.
    pub(super) url: bool,
}

/// A part of a connection, and the variable it stands in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    pub(super) name: &'a str,
    pub(super) value: &'a Value,
}

/// What kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Postgres,
    Mysql,
    Redis,
    Other,
}

/// The kind of server that a scheme stands for; none for a scheme that is not one of a database, cache or queue.
pub(super) fn kind_of(scheme: &str) -> Option<Kind> {
    let scheme = scheme.split('+').next().unwrap_or(scheme);
    match scheme {
        "postgres" | "postgresql" | "postgis" | "pgsql" => Some(Kind::Postgres),
        "mysql" | "mysql2" | "mariadb" => Some(Kind::Mysql),
        "redis" | "rediss" | "valkey" => Some(Kind::Redis),
        "amqp" | "amqps" | "mongodb" | "nats" | "kafka" | "memcached" | "clickhouse" | "elasticsearch" => {
            Some(Kind::Other)
        }
        _ => None,
    }
}

/// The text of a connection URL without what some clients put before its scheme.
pub(super) fn bare(text: &str) -> &str {
    text.strip_prefix("jdbc:").unwrap_or(text)
}

/// Every connection that a service's environment tells of.
pub(super) fn connections(service: &Service) -> Vec<Connection<'_>> {
    let variables = service.environment.iter().filter_map(|variable| {
        let value = variable.value.as_ref()?;
        Some(Part { text: value.known()?, name: &variable.name, value })
    });
    let parts: Vec<Part<'_>> = variables.filter(|part| !part.text.is_empty()).collect();
    let urls = parts.iter().filter_map(|part| of_url(*part));
    let names: HashMap<&str, Part<'_>> = parts.iter().map(|part| (part.name, *part)).collect();
    let groups = parts.iter().filter_map(|part| of_group(&names, *part));
    urls.chain(groups).collect()
}

fn of_url(part: Part<'_>) -> Option<Connection<'_>> {
    let text = bare(part.text);
    let url = url::parse(text)?;
    let kind = kind_of(url.scheme)?;
    if url.host.is_empty()
        || url.host.contains(',')
        || url::flawed(text).is_some_and(|found| found.flaw != url::Flaw::Ambiguous)
    {
        return None;
    }
    let piece = |text| Part { text, ..part };
    let some = |text: Option<&'_ str>| text.filter(|text| !text.is_empty()).is_some();
    Some(Connection {
        kind,
        host: piece(url.host),
        port: url.port.map(|port| (port, part)),
        user: some(Some(url.user)).then(|| piece(url.user)),
        password: url.password.filter(|password| !password.is_empty()).map(piece),
        database: some(Some(url.path)).then(|| piece(url.path)),
        url: true,
    })
}

/// Endings of variables that name a host.
const HOSTS: [&str; 3] = ["HOSTNAME", "HOST", "SERVER"];

/// Words in the names of variables that end like those, and say who may come in, where the program listens, or how others call it.
const NO_HOSTS: [&str; 8] = ["ALLOWED", "ALLOW", "BIND", "DEFAULT", "LISTEN", "PUBLIC", "ROOT", "VIRTUAL"];

/// Endings of variables that belong together, by what they hold.
const USERS: [&str; 2] = ["USER", "USERNAME"];
const PASSWORDS: [&str; 2] = ["PASSWORD", "PASS"];
const DATABASES: [&str; 4] = ["NAME", "DATABASE", "DB", "DBNAME"];

/// `DB_HOST` with `DB_PORT`, `DB_USER`, `DB_PASSWORD`, `DB_NAME`.
fn of_group<'a>(parts: &HashMap<&str, Part<'a>>, host: Part<'a>) -> Option<Connection<'a>> {
    let prefix = HOSTS.iter().find_map(|ending| host.name.strip_suffix(ending))?;
    // `RABBITMQ_DEFAULT_VHOST` names no host.
    if !prefix.ends_with('_') && prefix != "PG" {
        return None;
    }
    let kind = kind_of_prefix(prefix)?;
    // `DB_SERVER=mysql` tells the kind of server.
    let tells_kind = host.name.ends_with("SERVER") && kind_of(host.text).is_some();
    if tells_kind || prefix.split('_').any(|word| NO_HOSTS.contains(&word)) {
        return None;
    }
    if host.text.contains(['/', '@', ',', ' ']) {
        return None;
    }
    let find =
        |endings: &[&str]| endings.iter().find_map(|ending| parts.get(format!("{prefix}{ending}").as_str()).copied());
    let (name, inline) = host.text.split_once(':').map_or((host.text, None), |(name, port)| (name, Some(port)));
    let inline = inline.and_then(|port| Some((port.parse().ok()?, host)));
    let port = inline.or_else(|| find(&["PORT"]).and_then(|part| Some((part.text.parse().ok()?, part))));
    Some(Connection {
        kind,
        host: Part { text: name, ..host },
        port,
        user: find(&USERS),
        password: find(&PASSWORDS),
        database: find(&DATABASES),
        url: false,
    })
}

/// The kind of server that `DB_`, `PG` or `APP_REDIS_` is about.
fn kind_of_prefix(prefix: &str) -> Option<Kind> {
    let words: Vec<&str> = prefix.split('_').filter(|word| !word.is_empty()).collect();
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    if has(&["REDIS", "VALKEY"]) {
        return Some(Kind::Redis);
    }
    if has(&["PG", "POSTGRES", "POSTGRESQL", "POSTGRESDB"]) {
        return Some(Kind::Postgres);
    }
    if has(&["MYSQL", "MARIADB"]) {
        return Some(Kind::Mysql);
    }
    has(&["DB", "DATABASE", "SQL", "MONGO", "MONGODB", "RABBITMQ", "AMQP", "MEMCACHED"]).then_some(Kind::Other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::{Spot, Variable};

    fn service(variables: &[(&str, &str)]) -> Service {
        let mut service = Service::new("app", Spot::new(0, 0..0));
        service.environment = variables
            .iter()
            .map(|(name, text)| {
                let (spot, text) = (Spot::new(0, 0..0), (*text).to_owned());
                let value = Some(Value { raw: text.clone(), text: Some(text), spot: spot.clone() });
                Variable { name: (*name).to_owned(), spot, value }.into()
            })
            .collect();
        service
    }

    fn shown(variables: &[(&str, &str)]) -> Vec<String> {
        let part = |part: Option<Part<'_>>| part.map_or("-".to_owned(), |part| part.text.to_owned());
        let one = |c: Connection<'_>| {
            let port = c.port.map_or(0, |(port, _)| port);
            format!("{:?} {} {port} {} {} {}", c.kind, c.host.text, part(c.user), part(c.password), part(c.database))
        };
        connections(&service(variables)).into_iter().map(one).collect()
    }

    #[test]
    fn urls_and_groups() {
        assert_eq!(shown(&[("DATABASE_URL", "postgresql+asyncpg://u:p@db:5433/x")]), ["Postgres db 5433 u p x"]);
        assert_eq!(shown(&[("SPRING_DATASOURCE_URL", "jdbc:mysql://db/x")]), ["Mysql db 0 - - x"]);
        assert_eq!(
            shown(&[("DB_HOST", "db"), ("DB_USER", "u"), ("DB_PASSWORD", "p"), ("DB_NAME", "x"), ("DB_PORT", "1")]),
            ["Other db 1 u p x"]
        );
        assert_eq!(shown(&[("PGHOST", "db"), ("PGDATABASE", "x")]), ["Postgres db 0 - - x"]);
        assert_eq!(shown(&[("WORDPRESS_DB_HOST", "db:3306"), ("WORDPRESS_DB_NAME", "w")]), ["Other db 3306 - - w"]);
        assert_eq!(
            shown(&[("REDIS_HOSTNAME", "r"), ("PUBLIC_HOST", "x"), ("A", "http://x:1"), ("DB_VHOST", "v")]),
            ["Redis r 0 - - -"]
        );
        assert_eq!(shown(&[("DATABASE_URL", "postgres://u:p#@db/x"), ("DB_HOST", "")]), [""; 0]);
        assert_eq!(shown(&[("POSTGRES_SERVER", "db"), ("POSTGRES_USER", "u")]), ["Postgres db 0 u - -"]);
        let none = [
            ("RABBITMQ_DEFAULT_VHOST", "shop"),
            ("MYSQL_ROOT_HOST", "app"),
            ("DB_SERVER", "mysql"),
            ("REDIS_BIND_HOST", "cache"),
            ("POSTGRES_NAME", "db"),
            ("REDIS_HOST_PASSWORD", "x"),
            ("POSTGRES_HOST_AUTH_METHOD", "trust"),
        ];
        assert_eq!(shown(&none), [""; 0]);
    }
}
