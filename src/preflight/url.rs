//! Connection URLs as clients read them, and as they were meant.

use std::ops::Range;

/// A connection URL, read as most clients do: the address ends at the first `/`, `?` or `#`, the last `@` in it ends the login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url<'a> {
    pub(super) scheme: &'a str,
    pub(super) user: &'a str,
    pub(super) password: Option<&'a str>,
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
    /// The path without its first slash.
    pub(super) path: &'a str,
}

/// What an unescaped character of a password does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The address ends inside the password: there is no such URL.
    Broken,
    /// The address ends inside the password, and what stands before it is another host.
    OtherHost,
    /// The password holds an `@`: clients differ in which one ends it.
    Ambiguous,
    /// A percent sign that begins no escape.
    Percent,
}

/// A flaw, the password as it was meant, and each character in it that must be escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flawed {
    pub(super) flaw: Flaw,
    pub(super) characters: Vec<Range<usize>>,
}

/// Scheme and the rest of a text that looks like a URL.
fn split(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(plain)).then_some((scheme, rest))
}

fn authority(rest: &str) -> (&str, &str) {
    rest.split_at_checked(rest.find(['/', '?', '#']).unwrap_or(rest.len())).unwrap_or((rest, ""))
}

/// Reads a URL; none where it is not one, or its port is no number.
pub(super) fn parse(text: &str) -> Option<Url<'_>> {
    let (scheme, rest) = split(text)?;
    let (authority, behind) = authority(rest);
    let (login, address) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = login.split_once(':').map_or((login, None), |(user, password)| (user, Some(password)));
    let (host, port) = match address.strip_prefix('[') {
        Some(inside) => {
            let (host, rest) = inside.split_once(']')?;
            (host, rest.strip_prefix(':'))
        }
        None => address.split_once(':').map_or((address, None), |(host, port)| (host, Some(port))),
    };
    let port = match port.filter(|port| !port.is_empty()) {
        Some(port) => Some(port.parse().ok()?),
        None => None,
    };
    let path = behind.strip_prefix('/').unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
    Some(Url { scheme, user, password, host, port, path })
}

/// Whether a text begins like `host:port/…`, `host/…` or is a host alone; `strict` asks for a port or a path.
fn is_address(text: &str, strict: bool) -> bool {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))).unwrap_or(text.len());
    let rest = text.get(end..).unwrap_or_default();
    let ported = rest.strip_prefix(':').is_some_and(|port| port.starts_with(|c: char| c.is_ascii_digit()));
    end > 0 && (ported || rest.starts_with('/') || (!strict && (rest.is_empty() || rest.starts_with(['?', '#']))))
}

/// The login of a URL as it was meant, and what became of it where its address ends inside the password.
fn meant(rest: &str) -> Option<(Option<Flaw>, &str)> {
    let (address, behind) = authority(rest);
    let read = address.rsplit_once('@').map(|(login, _)| (None, login));
    if !behind.contains('@') {
        return read;
    }
    let (login, host) = rest.rsplit_once('@')?;
    let Some((_, port)) = login.split_once(':').filter(|(user, _)| !user.contains(['/', '?', '#'])) else {
        return read;
    };
    let digits = port.split(['/', '?', '#']).next().unwrap_or_default();
    let numeric = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let other = numeric || read.is_some();
    if is_address(host, other) {
        return Some((Some(if other { Flaw::OtherHost } else { Flaw::Broken }), login));
    }
    read
}

/// What is wrong with the password of a URL.
pub(super) fn flawed(text: &str) -> Option<Flawed> {
    let (_, rest) = split(text)?;
    let start = text.len() - rest.len();
    let (mut worst, login) = meant(rest)?;
    let (user, password) = login.split_once(':')?;
    let at = start + user.len() + 1;
    let mut characters = Vec::new();
    for (offset, character) in password.char_indices() {
        let escape = password.get(offset + 1..offset + 3);
        let found = match character {
            '@' => Some(Flaw::Ambiguous),
            '/' | '?' | '#' => Some(Flaw::Broken),
            '%' if !escape.is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit())) => Some(Flaw::Percent),
            _ => None,
        };
        if let Some(found) = found {
            characters.push(at + offset..at + offset + 1);
            worst = worst.or(Some(found)).map(|known| if known == Flaw::Ambiguous { found } else { known });
        }
    }
    worst.map(|flaw| Flawed { flaw, characters })
}

/// A character as a URL writes it.
pub(super) fn escaped(character: &str) -> String {
    character.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_as_clients_do() {
        let url = parse("postgres://user:p@ss@db:5432/default?ssl=1").unwrap();
        assert_eq!((url.scheme, url.user, url.password, url.host), ("postgres", "user", Some("p@ss"), "db"));
        assert_eq!((url.port, url.path), (Some(5432), "default"));
        let url = parse("redis://cache").unwrap();
        assert_eq!((url.user, url.password, url.host, url.port, url.path), ("", None, "cache", None, ""));
        assert_eq!(parse("redis://:secret@[::1]:6379/0").unwrap().host, "::1");
        for none in ["postgres://user:pa/ss@db/x", "db:5432", "://x", "", "a b://c"] {
            assert_eq!(parse(none), None, "{none}");
        }
    }

    #[test]
    fn flaws_of_passwords() {
        let flaw = |text: &str| {
            let found = flawed(text)?;
            let characters: String = found.characters.iter().map(|range| text.get(range.clone()).unwrap()).collect();
            Some((found.flaw, characters))
        };
        let cases = [
            ("postgres://u:pa/ss@db:5432/x", Flaw::Broken, "/"),
            ("postgres://u:pa#s?s@db/x", Flaw::Broken, "#?"),
            ("postgres://u:12/3@db:5432/x", Flaw::OtherHost, "/"),
            ("postgres://u:p@s@db/x", Flaw::Ambiguous, "@"),
            ("postgres://u:p@s#@db/x", Flaw::OtherHost, "@#"),
            ("postgres://u:100%@db/x", Flaw::Percent, "%"),
            ("redis://:a#b@redis:6379", Flaw::Broken, "#"),
        ];
        for (text, expected, characters) in cases {
            assert_eq!(flaw(text), Some((expected, characters.to_owned())), "{text}");
        }
        for fine in [
            "postgres://u:p%40s@db:5432/x",
            "postgres://db:5432/x?options=a@b",
            "redis://redis:6379/0#a@b",
            "http://host/path@2x.png",
            "postgres://u@db/x",
            "postgres://u:p:q!$&'()*+,;=~@db/x",
            "postgres:///x?host=/run",
        ] {
            assert_eq!(flaw(fine), None, "{fine}");
        }
        assert_eq!((escaped("#"), escaped("@")), ("%23".to_owned(), "%40".to_owned()));
    }
}
