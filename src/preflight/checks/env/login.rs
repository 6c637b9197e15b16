//! Users, passwords and databases of connections, against those that the server creates.

use crate::deploy::{Service, Value};
use crate::preflight::app::{App, Setting, app, may_hold, setting};
use crate::preflight::connection::{Connection, Kind, Part, connections, stem};
use crate::preflight::reach::{Reached, reach};
use crate::rule::LoginSpec;

use super::super::compose::unread;
use super::{Context, Hit, Hits, Level, origin};

/// A connection, the service that makes it, and the server it leads to.
struct Pair<'a> {
    from: &'a Service,
    connection: Connection<'a>,
    server: App<'a>,
}

fn pairs<'a>(context: &Context<'a>) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    for from in &context.deployment.services {
        for connection in connections(from) {
            let Reached::Service(target) = reach(context, from, connection.host.text) else { continue };
            let server =
                app(context, target).filter(|app| app.by_image && app.profile.service && target.name != from.name);
            if let Some(server) = server {
                pairs.push(Pair { from, connection, server });
            }
        }
    }
    pairs
}

/// The login that a server creates.
struct Login<'a> {
    spec: &'a LoginSpec,
    user: Option<&'a str>,
    password: Option<&'a str>,
}

/// The logins of a server whose values are known; none where any of them is not, or where scripts may create others.
fn logins<'a>(context: &Context<'a>, server: &App<'a>) -> Option<Vec<Login<'a>>> {
    let (deployment, service) = (context.deployment, server.service);
    let scripted = service.volumes.iter().any(|mount| {
        mount.target.contains("initdb") && unread(mount).is_none() || mount.target.starts_with("/etc/rabbitmq")
    }) || server.profile.id == "rabbitmq" && !service.configs.is_empty()
        || service.dockerfile.is_some();
    let requires = server.requires()?;
    let mut found = Vec::new();
    for spec in requires.login.iter().filter(|spec| server.among(&spec.images)) {
        if scripted || spec.open.iter().any(|open| may_hold(deployment, service, open)) {
            return None;
        }
        let value = |name: &Option<String>| {
            let Some(name) = name else { return Some(None) };
            match setting(deployment, service, name) {
                Setting::Known(text) => Some(Some(text).filter(|text| !text.is_empty())),
                Setting::Absent if may_hold(deployment, service, &format!("{name}_FILE")) => None,
                Setting::Absent => Some(None),
                Setting::Unknown => None,
            }
        };
        let (user, password) = (value(&spec.user)?, value(&spec.password)?);
        let user = user.or(spec.default_user.as_deref());
        if user.is_some() {
            found.push(Login { spec, user, password });
        }
    }
    (!found.is_empty()).then_some(found)
}

pub(super) fn credentials_differ(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let pairs = pairs(context);
    for pair in &pairs {
        let Some(logins) = logins(context, &pair.server) else { continue };
        let Some(user) = pair.connection.user else { continue };
        let fitting: Vec<&Login<'_>> = logins.iter().filter(|login| login.user == Some(user.text)).collect();
        let hit = if fitting.is_empty() {
            if creates_its_own(pair, &logins) {
                continue;
            }
            let named = logins.iter().find_map(|login| login.spec.user.clone());
            let unset = || {
                let mut specs = pair.server.requires()?.login.iter().filter(|spec| pair.server.among(&spec.images));
                Some(format!("{} is not set", specs.find_map(|spec| spec.user.clone())?))
            };
            let expected = named.or_else(unset).unwrap_or_default();
            let hit = wrong(context, pair, user, "user", &expected);
            // Whoever has the first login may create others with it.
            let same = |other: &&Pair<'_>| other.server.service.name == pair.server.service.name;
            let first = |other: &Pair<'_>| {
                other.connection.user.is_some_and(|user| logins.iter().any(|login| login.user == Some(user.text)))
            };
            // The first one's own name is made up by nobody.
            let usual = logins.iter().any(|login| login.spec.default_user.as_deref() == Some(user.text));
            // A tool may make users of these while they run; nobody makes a guest.
            let later = matches!(pair.server.profile.id.as_str(), "mongodb" | "rabbitmq") && user.text != "guest";
            let unsure = later || !usual && pairs.iter().filter(same).any(first);
            if unsure { hit.only(Level::Warning) } else { hit }
        } else {
            let Some(password) = pair.connection.password else { continue };
            let decoded = decoded(password.text, pair.connection.url);
            let known: Vec<&str> = fitting.iter().filter_map(|login| login.password).collect();
            if known.is_empty() || known.contains(&decoded.as_str()) || known.contains(&password.text) {
                continue;
            }
            let name = fitting.iter().find_map(|login| login.spec.password.clone()).unwrap_or_default();
            wrong(context, pair, password, "password", &name)
        };
        hits.once(match pair.server.profile.id.as_str() {
            "mysql" => hit.caused("mysql/access-denied"),
            "mongodb" => hit.caused("mongodb/auth-failed"),
            "rabbitmq" => hit.caused("rabbitmq/auth-failed"),
            _ => hit,
        });
    }
    hits
}

/// Whether a client is given the password of a server's first login too: it makes a user of its own with it.
fn creates_its_own(pair: &Pair<'_>, logins: &[Login<'_>]) -> bool {
    let own = |text: &str| logins.iter().any(|login| login.password == Some(text));
    let mut values = pair.from.environment.iter().map(|variable| variable.value.as_ref().map(Value::known));
    let given = values.any(|value| value.is_none_or(|text| text.is_none_or(own)));
    let alone = logins.iter().all(|login| login.spec.user.is_none());
    alone && (given || !pair.from.environment_complete)
}

fn wrong(context: &Context<'_>, pair: &Pair<'_>, part: Part<'_>, what: &str, expected: &str) -> Hit {
    Hit::at(origin(context.deployment, part.value, part.text))
        .with("variable", part.name)
        .with("what", what)
        .with("expected", expected)
        .with("target", pair.server.service.name.clone())
}

/// A part of a URL without its escapes.
fn decoded(text: &str, url: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%').filter(|_| url) {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn database_differs(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for pair in pairs(context) {
        if hits.more() {
            break;
        }
        let creates =
            app(context, pair.from).and_then(|app| app.requires()).is_some_and(|requires| requires.creates_database);
        let (Some(logins), Some(database)) = (logins(context, &pair.server), pair.connection.database) else {
            continue;
        };
        if creates {
            continue;
        }
        let mut names: Vec<&str> = Vec::new();
        let mut variable = "";
        for login in &logins {
            let Some(name) = login.spec.database.as_deref() else { continue };
            variable = name;
            match setting(context.deployment, pair.server.service, name) {
                Setting::Known(text) if !text.is_empty() => names.push(text),
                Setting::Unknown => return hits,
                _ if pair.server.profile.id == "postgres" => names.extend(login.user),
                _ => {}
            }
        }
        names.dedup();
        let own = ["postgres", "template1", "mysql"];
        if names.is_empty() || names.contains(&database.text) || own.contains(&database.text) {
            continue;
        }
        let hit = Hit::at(origin(context.deployment, database.value, database.text))
            .with("variable", database.name)
            .with("database", database.text)
            .with("created", names.join(" and "))
            .with("expected", variable)
            .with("target", pair.server.service.name.clone());
        let hit = if pair.server.profile.id == "mysql" { hit.caused("mysql/database-missing") } else { hit };
        hits.once(hit);
    }
    hits
}

/// The password of Redis: asked for and not given, given and not the same, or given and not asked for.
pub(super) fn redis_password(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for pair in pairs(context).into_iter().filter(|pair| pair.connection.kind == Kind::Redis) {
        if hits.more() {
            break;
        }
        let Some(wanted) = required(pair.server.service) else { continue };
        let given = pair.connection.password;
        let decoded = given.map(|given| decoded(given.text, pair.connection.url));
        let url = pair.connection.url;
        let target = &pair.server.service.name;
        let (problem, level) = match (wanted, given) {
            (Some(wanted), Some(given)) if Some(wanted) != decoded.as_deref() && wanted != given.text => {
                let verb = if url { "sends" } else { "is" };
                (format!("{verb} another password than {target} asks for"), Level::Error)
            }
            // Many clients take the password from a variable of its own.
            (Some(_), None) if url && has_password(pair.from) => continue,
            (Some(_), None) if url => (format!("sends no password, and {target} asks for one"), Level::Error),
            (Some(_), None) if no_password(pair.from) => {
                (format!("comes without a password, and {target} asks for one"), Level::Warning)
            }
            (None, Some(_)) if url => (format!("sends a password, and {target} asks for none"), Level::Warning),
            (None, Some(_)) => (format!("is a password, and {target} asks for none"), Level::Warning),
            _ => continue,
        };
        let part = given.unwrap_or(pair.connection.host);
        let what = if url { format!("The connection in {}", part.name) } else { part.name.to_owned() };
        let hit = Hit::at(origin(context.deployment, part.value, part.text))
            .with("what", what)
            .with("variable", part.name)
            .with("problem", problem)
            .with("advice", redis_advice(wanted.is_some(), given.is_some(), &pair.connection))
            .with("target", pair.server.service.name.clone());
        hits.once(hit.only(level));
    }
    hits
}

/// What to do about a password that does not fit.
fn redis_advice(wanted: bool, given: bool, connection: &Connection<'_>) -> String {
    match (wanted, connection.url, given) {
        (false, ..) => "Leave the password out; or start Redis with --requirepass and the same password".to_owned(),
        (true, true, _) => {
            "Write the password into the URL (redis://:PASSWORD@HOST:6379), the same as behind --requirepass".to_owned()
        }
        (true, false, true) => "Write the same password as behind --requirepass".to_owned(),
        (true, false, false) => {
            let variable = stem(connection.host.name)
                .map_or("the client's variable for it".to_owned(), |stem| format!("{stem}PASSWORD"));
            format!("Give the client the password that stands behind --requirepass, as a rule in {variable}")
        }
    }
}

/// Whether an environment holds a password for Redis beside its address.
fn has_password(service: &Service) -> bool {
    service.environment.iter().any(|variable| {
        let name = variable.name.to_ascii_uppercase();
        name.contains("REDIS") && ["PASS", "PWD", "AUTH"].iter().any(|word| name.contains(word))
    })
}

/// Whether nothing in an environment can be a password for Redis.
fn no_password(service: &Service) -> bool {
    let words = ["PASS", "PWD", "AUTH", "SECRET", "URL", "URI", "DSN"];
    let mut redis = service.environment.iter().map(|variable| variable.name.to_ascii_uppercase());
    service.environment_complete
        && service.secrets.is_empty()
        && !redis.any(|name| {
            (name.contains("REDIS") || name.contains("VALKEY")) && words.iter().any(|word| name.contains(word))
        })
}

/// The password that a Redis asks for: `Some(None)` where it asks for none, nothing where it cannot be told.
fn required(service: &Service) -> Option<Option<&str>> {
    let elsewhere = service.volumes.iter().any(|mount| mount.target.ends_with(".conf")) || service.dockerfile.is_some();
    let bitnami = service.environment.iter().any(|variable| variable.name.contains("PASSWORD"));
    let words: Vec<&Value> =
        [&service.entrypoint, &service.command].into_iter().flatten().flat_map(|line| &line.words).collect();
    let plain = words
        .iter()
        .all(|word| word.known().is_some_and(|text| !text.contains([' ', '$']) && !text.ends_with(".conf")));
    let texts: Vec<&str> = words.iter().filter_map(|word| word.known()).collect();
    if let Some(at) = texts.iter().position(|word| *word == "--requirepass") {
        let text = texts.get(at + 1)?;
        return (!text.contains('$')).then_some(Some(*text).filter(|text| !text.is_empty()));
    }
    // `sh -c "redis-server --requirepass …"`
    if let Some((_, rest)) = texts.iter().find_map(|text| text.split_once("--requirepass ")) {
        let text = rest.split_whitespace().next()?.trim_matches(['"', '\'']);
        return (!text.contains(['$', '"', '\''])).then_some(Some(text).filter(|text| !text.is_empty()));
    }
    let acl = words
        .iter()
        .any(|word| word.raw.contains("acl") || word.raw.contains("requirepass") || word.raw.contains("user"));
    (plain && !elsewhere && !bitnami && !acl).then_some(None)
}
