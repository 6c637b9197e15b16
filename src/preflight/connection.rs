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
    /// The scheme of the URL, or that of the server which the names of the variables speak of.
    pub(super) scheme: Option<&'a str>,
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
    /// A database; which one is not told.
    Database,
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
    let names: HashMap<&str, Part<'_>> = parts.iter().map(|part| (part.name, *part)).collect();
    let urls = parts.iter().filter_map(|part| Some(completed(&names, *part, of_url(*part)?)));
    let groups = parts.iter().filter_map(|part| of_group(&names, *part));
    let strings = parts.iter().filter_map(|part| of_keywords(*part));
    urls.chain(groups).chain(strings).filter(|connection| !unused(service, connection)).collect()
}

/// `Host=db;Database=shop;Username=shop;Password=…`, as the clients of .NET read it.
fn of_keywords(part: Part<'_>) -> Option<Connection<'_>> {
    let pairs: Vec<(String, &str)> = part
        .text
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim()))
        .collect();
    let find = |keys: &[&str]| {
        let found = pairs.iter().find(|(key, value)| keys.contains(&key.as_str()) && !value.is_empty());
        found.map(|(_, value)| Part { text: value, ..part })
    };
    let host = find(&["host", "server", "data source"])?;
    let database = find(&["database", "initial catalog"]);
    let user = find(&["username", "user id", "userid", "uid", "user"]);
    if pairs.len() < 3 || database.is_none() && user.is_none() {
        return None;
    }
    let (name, inline) = host.text.split_once(',').map_or((host.text, None), |(name, port)| (name, Some(port)));
    if name.contains([':', '/', '\\', ',', '(', ' ']) {
        return None;
    }
    let postgres = pairs.iter().any(|(key, _)| key == "host");
    let port = find(&["port"]).map(|port| port.text).or(inline).and_then(|port| Some((port.parse().ok()?, part)));
    Some(Connection {
        kind: if postgres { Kind::Postgres } else { Kind::Database },
        host: Part { text: name, ..host },
        port,
        user,
        password: find(&["password", "pwd"]),
        database,
        url: false,
        scheme: postgres.then_some("postgres"),
    })
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
        scheme: Some(url.scheme),
    })
}

/// A JDBC URL with the login that stands beside it: `SPRING_DATASOURCE_URL` with `SPRING_DATASOURCE_USERNAME`.
fn completed<'a>(parts: &HashMap<&str, Part<'a>>, part: Part<'a>, mut found: Connection<'a>) -> Connection<'a> {
    if !part.text.starts_with("jdbc:") || part.text.contains("user=") || found.user.is_some() {
        return found;
    }
    let stems = ["JDBC_URL", "URL"].iter().filter_map(|ending| {
        let stem = part.name.get(..part.name.len().checked_sub(ending.len())?)?;
        ends_with(part.name, ending).then_some(stem)
    });
    for stem in stems {
        if let Some(user) = beside(parts, stem, &USERS) {
            found.user = Some(user);
            found.password = beside(parts, stem, &PASSWORDS);
            return found;
        }
    }
    found
}

/// Endings of variables that name a host.
const HOSTS: [&str; 3] = ["HOSTNAME", "HOST", "SERVER"];

/// What the variables of one connection begin with, by the one that names its host: `DB_` of `DB_HOST`.
pub(super) fn stem(host: &str) -> Option<&str> {
    HOSTS.iter().find_map(|ending| host.strip_suffix(ending))
}

/// The first variable that goes on behind a stem with one of these endings, in capitals or in small letters.
fn beside<'a>(parts: &HashMap<&str, Part<'a>>, stem: &str, endings: &[&str]) -> Option<Part<'a>> {
    endings.iter().find_map(|ending| {
        let names = [format!("{stem}{ending}"), format!("{stem}{}", ending.to_ascii_lowercase())];
        names.iter().find_map(|name| parts.get(name.as_str()).copied())
    })
}

/// Words in the names of variables that end like those, and say who may come in, where the program listens, or how others call it.
const NO_HOSTS: [&str; 8] = ["ALLOWED", "ALLOW", "BIND", "DEFAULT", "LISTEN", "PUBLIC", "ROOT", "VIRTUAL"];

/// Endings of variables that belong together, by what they hold.
const USERS: [&str; 2] = ["USER", "USERNAME"];
const PASSWORDS: [&str; 3] = ["PASSWORD", "PASS", "PASSWD"];
const DATABASES: [&str; 4] = ["NAME", "DATABASE", "DB", "DBNAME"];
const PORTS: [&str; 1] = ["PORT"];

/// What frameworks write for no password at all.
const NONE: [&str; 6] = ["null", "(null)", "empty", "(empty)", "None", "none"];

/// `DB_HOST` with `DB_PORT`, `DB_USER`, `DB_PASSWORD`, `DB_NAME`; also `database__connection__host`.
fn of_group<'a>(parts: &HashMap<&str, Part<'a>>, host: Part<'a>) -> Option<Connection<'a>> {
    let ending = HOSTS.iter().find(|ending| ends_with(host.name, ending))?;
    let prefix = host.name.get(..host.name.len() - ending.len())?;
    // `RABBITMQ_DEFAULT_VHOST` names no host.
    if !prefix.ends_with('_') && prefix != "PG" {
        return None;
    }
    let upper = prefix.to_ascii_uppercase();
    // Small letters are settings of a file, section by section.
    if prefix != upper && !prefix.ends_with("__") {
        return None;
    }
    let (kind, scheme) = kind_of_prefix(&upper)?;
    // `DB_SERVER=mysql` tells the kind of server.
    let tells_kind = *ending == "SERVER" && kind_of(host.text).is_some();
    if tells_kind || upper.split('_').any(|word| NO_HOSTS.contains(&word)) {
        return None;
    }
    if host.text.contains(['/', '@', ',', ' ']) {
        return None;
    }
    let find = |endings: &[&str]| beside(parts, prefix, endings);
    let (name, inline) = host.text.split_once(':').map_or((host.text, None), |(name, port)| (name, Some(port)));
    let inline = inline.and_then(|port| Some((port.parse().ok()?, host)));
    let port = inline.or_else(|| find(&PORTS).and_then(|part| Some((part.text.parse().ok()?, part))));
    Some(Connection {
        kind,
        host: Part { text: name, ..host },
        port,
        user: find(&USERS),
        password: find(&PASSWORDS).filter(|password| !NONE.contains(&password.text)),
        database: find(&DATABASES),
        url: false,
        scheme,
    })
}

/// Whether a name ends in one of these words, in capitals or in small letters.
fn ends_with(name: &str, ending: &str) -> bool {
    name.ends_with(ending) || name.ends_with(&ending.to_ascii_lowercase())
}

/// What words in the names of variables say of the kind of server, and of its scheme.
const WORDS: [(&[&str], Kind, Option<&str>); 7] = [
    (&["REDIS", "VALKEY"], Kind::Redis, Some("redis")),
    (&["PG", "POSTGRES", "POSTGRESQL", "POSTGRESDB"], Kind::Postgres, Some("postgres")),
    (&["MYSQL", "MARIADB"], Kind::Mysql, Some("mysql")),
    (&["MONGO", "MONGODB"], Kind::Other, Some("mongodb")),
    (&["RABBITMQ", "AMQP"], Kind::Other, Some("amqp")),
    (&["MEMCACHED"], Kind::Other, Some("memcached")),
    (&["DB", "DATABASE", "SQL"], Kind::Database, None),
];

/// The kind of server that `DB_`, `PG` or `APP_REDIS_` is about, and its scheme.
fn kind_of_prefix(prefix: &str) -> Option<(Kind, Option<&'static str>)> {
    let words: Vec<&str> = prefix.split('_').filter(|word| !word.is_empty()).collect();
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    WORDS.iter().find(|(known, ..)| has(known)).map(|(_, kind, scheme)| (*kind, *scheme))
}

/// Variables that say which cache, session or queue is used.
const DRIVERS: [&str; 7] = [
    "CACHE_DRIVER",
    "CACHE_STORE",
    "SESSION_DRIVER",
    "QUEUE_CONNECTION",
    "QUEUE_DRIVER",
    "BROADCAST_DRIVER",
    "BROADCAST_CONNECTION",
];

/// Endings of variables that say which database is used, behind the same beginning as its host.
const CLIENTS: [&str; 7] = ["CONNECTION", "CLIENT", "TYPE", "ENGINE", "DRIVER", "DIALECT", "DB_TYPE"];

/// Whether the environment says that a connection is not used.
fn unused(service: &Service, connection: &Connection<'_>) -> bool {
    let name = connection.host.name;
    let value = |name: &str| service.env(name).map(str::to_ascii_lowercase);
    let off = |name: String| value(&name).is_some_and(|text| matches!(text.as_str(), "false" | "0" | "no" | "off"));
    let stem = name.rsplit_once('_').map_or(name, |(stem, _)| stem);
    if off(format!("{stem}_ENABLED")) || off(format!("{stem}_ENABLE")) || off(format!("ENABLE_{stem}")) {
        return true;
    }
    // Ghost's client stands one section above the host.
    let stem_above = name.rsplit_once("__connection__").map(|(above, _)| format!("{above}__client"));
    if stem_above.and_then(|name| value(&name)).is_some_and(|client| client.contains("sqlite")) {
        return true;
    }
    let embedded = CLIENTS.iter().any(|ending| {
        let told = value(&format!("{stem}_{ending}")).or_else(|| value(&format!("{stem}_{}", ending.to_lowercase())));
        told.is_some_and(|text| text.contains("sqlite") || text.contains("h2") || text == "array")
    });
    let mut drivers = DRIVERS.iter().filter_map(|name| value(name)).peekable();
    let scheme = connection.scheme.unwrap_or_default();
    let driven = !connection.url && matches!(scheme, "redis" | "memcached") && drivers.peek().is_some();
    embedded || driven && drivers.all(|driver| driver != scheme)
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
        let spring = [("S_URL", "jdbc:postgresql://db:5432/x"), ("S_USERNAME", "u"), ("S_PASSWORD", "p")];
        assert_eq!(shown(&spring), ["Postgres db 5432 u p x"]);
        let given = [("S_JDBC_URL", "jdbc:postgresql://db/x?user=a"), ("S_USERNAME", "u")];
        assert_eq!(shown(&given), ["Postgres db 0 - - x"]);
        assert_eq!(
            shown(&[("DB_HOST", "db"), ("DB_USER", "u"), ("DB_PASSWORD", "p"), ("DB_NAME", "x"), ("DB_PORT", "1")]),
            ["Database db 1 u p x"]
        );
        assert_eq!(shown(&[("PGHOST", "db"), ("PGDATABASE", "x")]), ["Postgres db 0 - - x"]);
        assert_eq!(shown(&[("WORDPRESS_DB_HOST", "db:3306"), ("WORDPRESS_DB_NAME", "w")]), ["Database db 3306 - - w"]);
        assert_eq!(
            shown(&[("REDIS_HOSTNAME", "r"), ("PUBLIC_HOST", "x"), ("A", "http://x:1"), ("DB_VHOST", "v")]),
            ["Redis r 0 - - -"]
        );
        assert_eq!(shown(&[("DATABASE_URL", "postgres://u:p#@db/x"), ("DB_HOST", "")]), [""; 0]);
        let ghost = [("database__connection__host", "db"), ("database__connection__password", "p")];
        assert_eq!(shown(&ghost), ["Database db 0 - p -"]);
        let gitea =
            [("GITEA__database__HOST", "db:5432"), ("GITEA__database__PASSWD", "p"), ("GITEA__database__NAME", "x")];
        assert_eq!(shown(&gitea), ["Database db 5432 - p x"]);
        let dotnet = [("ConnectionStrings__Shop", "Host=db;Port=5433;Database=x;Username=u;Password=p")];
        assert_eq!(shown(&dotnet), ["Postgres db 5433 u p x"]);
        assert_eq!(shown(&[("S", "Server=db,1433;Database=x;User Id=sa;Password=p;")]), ["Database db 1433 sa p x"]);
        assert_eq!(shown(&[("A", "host=1;b=2;c=3"), ("B", "Host=x")]), [""; 0]);
        assert_eq!(shown(&[("DB_HOST", "db"), ("DB_CONNECTION", "sqlite")]), [""; 0]);
        assert_eq!(shown(&[("REDIS_HOST", "r"), ("CACHE_DRIVER", "file")]), [""; 0]);
        assert_eq!(shown(&[("RABBITMQ_URI", "amqp://r"), ("RABBITMQ_ENABLED", "false")]), [""; 0]);
        assert_eq!(shown(&[("LISTMONK_db__host", "db"), ("LISTMONK_db__port", "1")]), ["Database db 1 - - -"]);
        assert_eq!(shown(&[("REDIS_HOST", "r"), ("REDIS_PASSWORD", "None"), ("db_host", "x")]), ["Redis r 0 - - -"]);
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
