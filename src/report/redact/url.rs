//! Credentials in URLs and in the addresses that are written nearly like one.

use super::assign::Name;
use super::cursor::{Cursor, is_word};
use super::{Span, mail, value};

/// The address whose scheme ends with the colon here.
pub(super) fn at(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if !matches!(here.plus(1).byte(), b'/' | b'\\' | b't') {
        return;
    }
    if let Some(url) = Url::at(here) {
        spans.extend(credentials(&url));
        spans.extend(user(&url));
        not_a_port(here.text, &url, spans);
        webhook(&url, spans);
    } else if here.rest().starts_with(":thin:") {
        spans.extend(oracle(here.plus(":thin:".len())));
    }
}

/// An address inside of another one, as a parameter: `postgres%3A%2F%2Fuser%3Apassword%40host`.
pub(super) fn encoded(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if here.take("%40").is_some() {
        mail::encoded(here, spans);
    }
    // `password%3Dx%26user`: a form inside of a parameter.
    if let Some(start) = here.take("%3D")
        && let Some(name) = Name::before(here)
    {
        let word = start.until(start.skip(|byte| byte > b' ' && !matches!(byte, b'&' | b'"' | b'\'')));
        let secret = word.split("%26").next().unwrap_or_default();
        if value::is_strong(secret) {
            spans.push(Span::new(start.at, start.at + secret.len(), name.kind));
        }
    }
    let Some(start) = here.take("%3A%2F%2F") else {
        return;
    };
    let rest = start.until(start.skip(|byte| byte > b' ' && !matches!(byte, b'&' | b'"' | b'\'')));
    let lower = rest.to_ascii_lowercase();
    let Some((user, end)) = lower.find("%3a").zip(lower.rfind("%40")) else {
        return;
    };
    if user + 3 < end && !lower.get(..user).is_some_and(|user| user.contains("%2f")) {
        spans.push(Span::new(start.at + user + 3, start.at + end, "url-password"));
    }
}

/// `user:password@tcp(host:port)/name`, as Go's drivers write it.
pub(super) fn before_host(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if !["tcp(", "tcp6(", "unix("].iter().any(|host| here.plus(1).take(host).is_some()) {
        return login(here, spans);
    }
    let start = here.back(|byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'='));
    let text = start.until(here);
    let parts = text.split_once(':').filter(|_| !text.contains("://"));
    if let Some((user, _)) = parts.filter(|(user, password)| !user.is_empty() && !password.is_empty()) {
        spans.push(Span::new(start.at + user.len() + 1, here.at, "url-password"));
    }
}

/// `mysql+pymysql//user:password@host/x`, `user:password@host:5432`: the scheme is missing or miswritten.
fn login(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let start = here.back(|byte| {
        byte > b' ' && !matches!(byte, b'"' | b'\'' | b'`' | b'=' | b'(' | b'<' | b'>' | b',' | b'@' | b'{' | b'[')
    });
    let text = start.until(here);
    if text.len() > LOGIN || !text.contains(':') || text.contains("://") || here.plus(1).take("sha256:").is_some() {
        return;
    }
    let scheme = text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let known = SCHEMES.split(' ').any(|known| known == scheme) && text.len() > scheme.len();
    let body = text.rsplit_once("//").or_else(|| text.split_once(":/")).map_or(text, |(_, body)| body);
    let body = if known {
        body.strip_prefix(scheme)
            .and_then(|body| body.strip_prefix(':'))
            .filter(|body| body.contains(':'))
            .unwrap_or(body)
    } else {
        body
    };
    let Some((user, password)) = body.split_once(':') else {
        return;
    };
    let host = here.plus(1);
    let stop = host.skip(|byte| is_word(byte) || matches!(byte, b'.' | b'-'));
    let port = stop.byte() == b':' && stop.plus(1).byte().is_ascii_digit() || stop.byte() == b'/';
    let version = host.byte().is_ascii_digit() && host.until(stop).split('.').count() != 4;
    let named = !user.is_empty()
        && !["sip", "sips", "mailto", "xmpp", "tel"].contains(&user)
        && user.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
        && user.bytes().any(|byte| byte.is_ascii_alphabetic());
    let fits = named && !password.contains('/') && stop.at > host.at && !version && (port || known);
    if fits && (value::is_strong(password) || known && text.contains("//") && password.len() > 3) {
        spans.push(Span::new(here.at - password.len(), here.at, "url-password"));
    }
}

/// `user/password@//host`
fn oracle(start: Cursor<'_>) -> Option<Span> {
    let slash = start.skip(|byte| is_word(byte) || byte == b'$');
    let end = slash.skip(|byte| byte > b' ' && byte != b'@');
    let (from, to) = (slash.at + 1, end.at);
    (slash.byte() == b'/' && end.byte() == b'@' && from < to).then(|| Span::new(from, to, "url-password"))
}

/// Addresses that are a secret themselves: whoever knows them may write there.
fn webhook(url: &Url<'_>, spans: &mut Vec<Span>) {
    const PLACES: [&str; 9] = [
        "/hooks/",
        "hooks.slack.com/services/",
        "hooks.slack.com/workflows/",
        "hooks.slack.com/triggers/",
        "discord.com/api/webhooks/",
        "discordapp.com/api/webhooks/",
        "/webhookb2/",
        "chat.googleapis.com/v1/spaces/",
        "hooks.zapier.com/hooks/catch/",
    ];
    let bytes = url.rest.as_bytes();
    if memchr::memmem::find(bytes, b"hook").is_none() && !url.rest.starts_with("chat.") {
        return;
    }
    for place in PLACES {
        if let Some((before, path)) = url.rest.split_once(place) {
            let end = path.find(|c: char| !(c.is_ascii_alphanumeric() || "/_-@.".contains(c))).unwrap_or(path.len());
            let start = url.start + before.len() + place.len();
            if end >= if place.starts_with("/h") { 20 } else { 12 } {
                spans.push(Span::new(start, start + end, "webhook"));
            }
        }
    }
}

/// Users, hosts and databases: names that a password may equal and must not hide.
pub(super) fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let colons = memchr::memmem::find_iter(text.as_bytes(), "://");
    for url in colons.filter_map(|at| Url::at(Cursor::new(text, at))) {
        let user = url.rest.split([':', '@', '/']).next();
        let place = credentials(&url).and_then(|span| text.get(span.end..url.start + url.rest.len()));
        let parts =
            place.unwrap_or(url.rest).split(['@', ':', '/', '?', '&', '=', ',']).skip(usize::from(place.is_none()));
        names.extend(user.into_iter().chain(parts.take(4)).filter(|name| name.len() > 3 && !value::is_random(name)));
    }
    names
}

/// What follows `scheme://`, up to a space or a quote; without them a password may hold anything.
struct Url<'t> {
    scheme: &'t str,
    rest: &'t str,
    /// Where `rest` begins in the text.
    start: usize,
}

impl<'t> Url<'t> {
    /// The address whose scheme ends with the colon here; in JSON its slashes may be escaped.
    fn at(colon: Cursor<'t>) -> Option<Self> {
        let after = colon.plus(1);
        let begin = after.take("//").or_else(|| after.take(r"\/\/")).or_else(|| after.take(r"\u002f\u002f"))?;
        // In a file of properties colons are escaped.
        let scheme_end = colon.back(|byte| byte == b'\\');
        let scheme_start = scheme_end.back(is_scheme);
        let scheme = scheme_start.until(scheme_end);
        if scheme.len() < 2 {
            return None;
        }
        // Between quotes even a space belongs to the address.
        let quote = scheme_start.before();
        let closed = matches!(quote, b'"' | b'\'' | b'`')
            .then(|| begin.line_after().bytes().position(|byte| byte == quote))
            .flatten();
        // Another address may follow behind a comma.
        let rest = begin.rest();
        let next = memchr::memmem::find(rest.as_bytes(), b"://").and_then(|at| rest.get(..at));
        let rest = next.map_or(rest, |one| one.trim_end_matches(|c: char| u8::try_from(c).is_ok_and(is_scheme)));
        let blank = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`')).unwrap_or(rest.len());
        let angle = rest.get(..blank)?.find(['<', '>']).filter(|at| !in_password(rest, *at, blank));
        let rest = rest.get(..closed.or(angle).unwrap_or(blank).min(rest.len()))?;
        let rest = rest.trim_end_matches('\\');
        Some(Self { scheme, rest, start: begin.at })
    }

    /// The scheme without what a client adds to it: `mysql+pymysql`.
    fn protocol(&self) -> &'t str {
        self.scheme.split('+').next().unwrap_or_default()
    }

    /// Whether addresses of this scheme have a password.
    fn has_password(&self) -> bool {
        SCHEMES.split(' ').any(|known| known.eq_ignore_ascii_case(self.protocol()))
    }
}

/// Whether the bracket here stands inside of a password: a user and no port before it, the sign of the host behind it.
fn in_password(rest: &str, at: usize, end: usize) -> bool {
    let (before, behind) = (rest.get(..at).unwrap_or_default(), rest.get(at..end).unwrap_or_default());
    let password = before.split_once(':').map(|(_, password)| password);
    let port = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text.split('/').next().is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
    };
    behind.contains('@') && !behind.contains("</") && !before.contains('@') && password.is_some_and(|text| !port(text))
}

const fn is_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

fn credentials(url: &Url<'_>) -> Option<Span> {
    let web = matches!(url.scheme, "http" | "https" | "ws" | "wss");
    // The user may be a reference that has a colon: `${PG_USER:-postgres}`.
    let reference = url.rest.strip_prefix("${").and_then(|rest| rest.find('}')).map_or(0, |at| at + "${}".len());
    let colon = url.rest.get(reference..).and_then(|rest| rest.find(':')).map(|at| at + reference);
    let (user, rest) = match colon.and_then(|at| Some((url.rest.get(..at)?, url.rest.get(at + 1..)?))) {
        Some((user, rest)) if !user.contains(['/', '?', '#', '@', '[']) => (user, rest),
        _ => return token(url, web),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let port = authority.bytes().all(|byte| byte.is_ascii_digit()) && authority.len() <= 5;
    // A web address has paths with `@` in them; the URL of a database has none, so its password may hold slashes.
    let end = match authority.rfind('@') {
        Some(at) if web => at,
        _ if web && port => return None,
        _ => match rest.rfind('@') {
            Some(at) => at,
            None => return cut(url, user, rest),
        },
    };
    let start = url.start + user.len() + 1;
    (end > 0).then(|| Span::new(start, start + end, "url-password"))
}

/// Schemes of addresses that have a password.
const SCHEMES: &str = "postgres postgresql mysql mariadb mssql sqlserver mongodb redis rediss valkey amqp amqps nats smtp smtps ldap ldaps \
     ftp sftp kafka clickhouse http https";
/// Bytes before the sign of a host in which a login may stand.
const LOGIN: usize = 200;

/// `postgres://user:passwo`: the text ends before the host. A port has no letters.
fn cut(url: &Url<'_>, user: &str, rest: &str) -> Option<Span> {
    let known = url.has_password();
    let start = url.start + user.len() + 1;
    let digits =
        rest.split(['.', ',', ';', '?']).next().is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let port = digits || user == "localhost";
    let plain = !rest.contains(['/', '$', '{', ',']) && !user.contains('.');
    (known && plain && !port && value::is_strong(rest)).then(|| Span::new(start, start + rest.len(), "url-password"))
}

/// `parse "postgres://user:pass": invalid port ":pass" after host`, as Go says it of a password with a slash or another sign in it: what it
/// takes for a port is a piece of that.
fn not_a_port(text: &str, url: &Url<'_>, spans: &mut Vec<Span>) {
    let end = url.start + url.rest.len();
    let said = text.get(end..).unwrap_or_default().trim_start_matches('\\');
    let Some(port) = said.strip_prefix("\": invalid port ").map(|port| port.trim_start_matches('\\')) else { return };
    let Some(port) = port.strip_prefix("\":") else { return };
    if !url.has_password() || matches!(url.protocol(), "http" | "https") {
        return;
    }
    let piece = port.split(['"', '\\']).next().unwrap_or_default();
    // A slip in a number is no secret.
    if piece.len() < 2 || piece.len() <= 6 && piece.starts_with(|first: char| first.is_ascii_digit()) {
        return;
    }
    let start = text.len() - port.len();
    spans.push(Span::new(start, start + piece.len(), "url-password"));
    if url.rest.ends_with(piece) {
        spans.push(Span::new(end - piece.len(), end, "url-password"));
    }
}

/// `https://TOKEN:x@host`: a user made by chance is a token, whatever stands for its password.
fn user(url: &Url<'_>) -> Option<Span> {
    let (user, _) = url.rest.get(..url.rest.find('@')?)?.split_once(':')?;
    value::is_random(user).then(|| Span::new(url.start, url.start + user.len(), "url-token"))
}

/// `https://TOKEN@host`: a user so long and mixed is none.
fn token(url: &Url<'_>, web: bool) -> Option<Span> {
    let (user, _) = url.rest.split_once('@')?;
    let plain = !user.contains(['/', '?', '#', ':']) && user.bytes().any(|byte| byte.is_ascii_digit());
    let has = |test: fn(u8) -> bool| user.bytes().any(test);
    let mixed = has(|byte| byte.is_ascii_uppercase()) && has(|byte| byte.is_ascii_lowercase());
    // A broker takes a token in the place of a user.
    let broker = url.scheme == "nats" && value::is_strong(user);
    let secret = plain && (web && (user.len() >= 20 || user.len() >= 12 && mixed) || broker);
    secret.then(|| Span::new(url.start, url.start + user.len(), "url-token"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Option<&str> {
        let mut urls = memchr::memmem::find_iter(text.as_bytes(), ":").filter_map(|at| Url::at(Cursor::new(text, at)));
        let span = urls.find_map(|url| credentials(&url))?;
        text.get(span.start..span.end)
    }

    #[test]
    fn a_password_ends_at_the_last_at_before_the_host() {
        assert_eq!(password("postgres://u:p@h:5432/d"), Some("p"));
        assert_eq!(password("postgres://u:p@s/s#w:r%d?@h:5432/d"), Some("p@s/s#w:r%d?"));
        assert_eq!(password("redis://:only@h"), Some("only"));
        assert_eq!(password("https://u:p@ss@h/x@y"), Some("p@ss"));
        assert_eq!(password("mongodb+srv://u:p@a:1,b:2/d"), Some("p"));
        assert_eq!(password(r#""postgres:\/\/u:p\/w@h\/d""#), Some(r"p\/w"));
    }

    #[test]
    fn a_port_is_no_password() {
        for text in [
            "redis://redis:6379",
            "http://h:3000/@scope/pkg@1.2.3",
            "https://h/a:b@c",
            "ssh://git@h:22/x",
            "postgres://db:5432/d",
        ] {
            assert_eq!(password(text), None, "{text}");
        }
    }
}
