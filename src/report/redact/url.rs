//! Credentials in URLs.

use super::pattern::Pattern;
use super::{Span, value};

/// Parameters of a query that hold a secret.
pub(super) static PATTERNS: [Pattern; 3] = [
    Pattern::new(
        "query-secret",
        &["?", "&"],
        r##"(?i)[?&](?:amp;)?(?:[a-z_]*token|[a-z_]*secret|sig|signature|x-amz-(?:signature|credential|security-token)|x-goog-signature|key|api_?key|access_?key|auth|passw(?:or)?d|pwd|pass|otp|ticket|session_?id|sid|jwt)=([^&\s"'`#<>\\]+)"##,
    ),
    Pattern::new("query-secret", &["code="], r##"(?i)[?&](?:amp;)?code=([^&\s"'`#<>\\]{6,})"##),
    Pattern::new("url-password", &["@tcp(", "@unix("], r#"(?:^|[\s"'=])[A-Za-z0-9_.-]+:([^\s"']+)@(?:tcp|unix)\("#),
];

pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let lower = text.to_ascii_lowercase();
    for pattern in &PATTERNS {
        let code = pattern.kind == "query-secret";
        pattern.find(text, &lower, spans, |secret| !(code && (value::is_measure(secret) || is_errno(secret))));
    }
    for url in urls(text) {
        spans.extend(credentials(&url));
    }
}

/// `ECONNREFUSED`, which a page for errors may take as its code.
fn is_errno(text: &str) -> bool {
    text.starts_with('E') && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Users, hosts and databases: names that a password may equal and must not hide.
pub(super) fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for url in urls(text) {
        let user = url.rest.split([':', '@', '/']).next();
        let place = credentials(&url).and_then(|span| text.get(span.end..url.start + url.rest.len()));
        let parts =
            place.unwrap_or(url.rest).split(['@', ':', '/', '?', '&', '=', ',']).skip(usize::from(place.is_none()));
        names.extend(user.into_iter().chain(parts.take(4)).filter(|name| name.len() > 3));
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

fn urls(text: &str) -> Vec<Url<'_>> {
    let scheme_character = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let mut urls = Vec::new();
    for (at, mark) in text.match_indices("://") {
        let start = at + mark.len();
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(start..).unwrap_or_default());
        let scheme = before.get(before.trim_end_matches(scheme_character).len()..).unwrap_or_default();
        // Between quotes even a space belongs to the address.
        let quote = before.get(..before.len() - scheme.len()).and_then(|lead| lead.chars().next_back());
        let quote = quote.filter(|c| matches!(c, '"' | '\'' | '`'));
        let closed = quote.and_then(|quote| after.split('\n').next()?.find(quote));
        let open = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>');
        let end = closed.or_else(|| after.find(open)).unwrap_or(after.len());
        let rest = after.get(..end).unwrap_or_default();
        let rest = rest.trim_end_matches('\\');
        let rest = rest.split_once("://").map_or(rest, |(one, _)| one.trim_end_matches(scheme_character));
        if scheme.len() >= 2 {
            urls.push(Url { scheme, rest, start });
        }
    }
    urls
}

fn credentials(url: &Url<'_>) -> Option<Span> {
    let web = matches!(url.scheme, "http" | "https" | "ws" | "wss");
    let (user, rest) = match url.rest.split_once(':') {
        Some((user, rest)) if !user.contains(['/', '?', '#', '@', '[']) => (user, rest),
        _ => return token(url, web),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let port = authority.bytes().all(|byte| byte.is_ascii_digit()) && authority.len() <= 5;
    // A web address has paths with `@` in them; the URL of a database has none, so its password may hold slashes.
    let end = match authority.rfind('@') {
        Some(at) if web => at,
        _ if web && port => return None,
        _ => rest.rfind('@')?,
    };
    let start = url.start + user.len() + 1;
    (end > 0).then_some(Span { start, end: start + end, kind: "url-password" })
}

/// `https://TOKEN@host`: a user so long and mixed is none.
fn token(url: &Url<'_>, web: bool) -> Option<Span> {
    let (user, _) = url.rest.split_once('@')?;
    let secret = web
        && user.len() >= 20
        && !user.contains(['/', '?', '#', ':'])
        && user.bytes().any(|byte| byte.is_ascii_digit());
    secret.then_some(Span { start: url.start, end: url.start + user.len(), kind: "url-token" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Option<&str> {
        let span = urls(text).iter().find_map(credentials)?;
        text.get(span.start..span.end)
    }

    #[test]
    fn a_password_ends_at_the_last_at_before_the_host() {
        assert_eq!(password("postgres://u:p@h:5432/d"), Some("p"));
        assert_eq!(password("postgres://u:p@s/s#w:r%d?@h:5432/d"), Some("p@s/s#w:r%d?"));
        assert_eq!(password("redis://:only@h"), Some("only"));
        assert_eq!(password("https://u:p@ss@h/x@y"), Some("p@ss"));
        assert_eq!(password("mongodb+srv://u:p@a:1,b:2/d"), Some("p"));
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
