//! Where a configuration sends requests: the upstreams, the directives that pass to them, and what it listens on.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use super::{Directive, Nginx, variable};
use crate::deploy::text::HELD;

/// Directives that pass a request on, with the port each takes where none is named.
const PASSES: [(&str, Option<u16>); 6] = [
    ("proxy_pass", None),
    ("grpc_pass", Some(80)),
    ("fastcgi_pass", None),
    ("uwsgi_pass", None),
    ("scgi_pass", None),
    ("memcached_pass", None),
];

/// What one file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routes {
    /// Its `upstream` blocks.
    pub upstreams: Vec<Upstream>,
    /// Its `proxy_pass` and the like.
    pub passes: Vec<Pass>,
    /// Its `listen`.
    pub listens: Vec<Listen>,
    /// Whether it holds a `resolver`.
    pub resolver: bool,
}

/// An `upstream` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// Its name.
    pub name: String,
    /// Its servers.
    pub servers: Vec<Server>,
}

/// A `server` of an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Where its address stands.
    pub range: Range<usize>,
    /// Its address; none for a socket or one that cannot be known.
    pub address: Option<Address>,
    /// Its name is looked up while nginx runs, and may be unknown at its start.
    pub late: bool,
}

/// A directive that passes requests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// Its name.
    pub directive: String,
    /// Where its target stands.
    pub range: Range<usize>,
    /// Its target with the variables that are known replaced.
    pub target: String,
    /// The address in it; none for a socket or one that cannot be known.
    pub address: Option<Address>,
    /// Its target holds a variable, so the name is looked up while nginx runs.
    pub variable: bool,
    /// Where its location's path stands, and the path, when it is a plain prefix.
    pub location: Option<(String, Range<usize>)>,
}

/// Host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// As written.
    pub host: String,
    /// As written, or by the scheme.
    pub port: Option<u16>,
    /// Whether the port was written.
    pub explicit: bool,
}

/// A `listen`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Where its address stands.
    pub range: Range<usize>,
    /// Its port; none for a socket or one that cannot be known.
    pub port: Option<u16>,
    /// Whether only the container itself reaches it.
    pub loopback: bool,
}

/// Reads what a configuration passes on. `value` knows the variables of a template; for other files it knows none.
#[must_use]
pub fn routes(file: &Nginx, value: &dyn Fn(&str) -> Option<String>) -> Routes {
    let mut reader = Reader { value, settings: BTreeMap::new(), held: Cell::new(0), found: Routes::default() };
    reader.settings(&file.directives);
    reader.block(&file.directives, None);
    reader.found
}

/// Host and port of `host`, `host:80`, `[::1]:80`; `unix:` has none, and neither has what still holds a variable.
#[must_use]
pub fn address(text: &str, default: Option<u16>) -> Option<Address> {
    if text.is_empty() || text.contains('$') || text.starts_with("unix:") {
        return None;
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(inside) => {
            let (host, rest) = inside.split_once(']')?;
            (host, rest.strip_prefix(':'))
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        Some(port) => Some(port.parse().ok()?),
        None => None,
    };
    Some(Address { host: host.to_owned(), port: port.or(default), explicit: port.is_some() })
}

struct Reader<'a> {
    value: &'a dyn Fn(&str) -> Option<String>,
    /// Variables that `set` gives one plain value.
    settings: BTreeMap<String, Option<String>>,
    /// Bytes of the texts that were filled in.
    held: Cell<usize>,
    found: Routes,
}

impl Reader<'_> {
    /// Takes note of every `set`; a variable with several values has none that is known.
    fn settings(&mut self, directives: &[Directive]) {
        for directive in directives {
            if let ("set", Some(name), Some(text)) = (&*directive.name.text, directive.arg(0), directive.arg(1)) {
                let (name, text) = (name.trim_start_matches('$').to_owned(), self.filled(text));
                let known = self.settings.entry(name).or_insert_with(|| Some(text.clone()));
                if known.as_ref() != Some(&text) {
                    *known = None;
                }
            }
            self.settings(directive.children());
        }
    }

    /// A text with the variables of the template and of `set` replaced.
    fn filled(&self, text: &str) -> String {
        let value = |name: &str| self.settings.get(name).cloned().flatten().or_else(|| (self.value)(name));
        self.substituted(text, value)
    }

    /// A text with the variables of the template replaced.
    fn templated(&self, text: &str) -> String {
        self.substituted(text, self.value)
    }

    /// A text with variables replaced, as long as all such texts together are no longer than they may be.
    fn substituted(&self, text: &str, value: impl Fn(&str) -> Option<String>) -> String {
        if self.held.get() > HELD {
            return text.to_owned();
        }
        let filled = super::substitute(text, value);
        self.held.set(self.held.get() + filled.len());
        filled
    }

    fn block(&mut self, directives: &[Directive], location: Option<&(String, Range<usize>)>) {
        for directive in directives {
            match &*directive.name.text {
                "upstream" => self.upstream(directive),
                "resolver" => self.found.resolver = true,
                "listen" => self.listen(directive),
                "location" => {
                    let place = prefix(directive);
                    self.block(directive.children(), place.as_ref());
                }
                "if" | "limit_except" => self.block(directive.children(), location),
                name if name.ends_with("_pass") => self.pass(directive, location),
                _ => self.block(directive.children(), None),
            }
        }
    }

    fn upstream(&mut self, directive: &Directive) {
        let servers = directive.children().iter().filter(|child| child.name.text == "server").filter_map(|child| {
            let word = child.args.first()?;
            let late = child.args.iter().any(|word| word.text == "resolve");
            let address = address(&self.templated(&word.text), Some(80));
            Some(Server { range: word.range.clone(), address, late })
        });
        let servers = servers.collect();
        let name = self.templated(directive.arg(0).unwrap_or_default());
        self.found.upstreams.push(Upstream { name, servers });
        self.found.resolver |= directive.children().iter().any(|child| child.name.text == "resolver");
    }

    fn listen(&mut self, directive: &Directive) {
        let Some(word) = directive.args.first() else { return };
        let text = self.templated(&word.text);
        let bare = text.parse().ok().map(|port| Address { host: "*".to_owned(), port: Some(port), explicit: true });
        let address = bare.or_else(|| address(&text, Some(80)));
        let loopback = address.as_ref().is_some_and(|address| is_loopback(&address.host));
        self.found.listens.push(Listen { range: word.range.clone(), port: address.and_then(|a| a.port), loopback });
    }

    fn pass(&mut self, directive: &Directive, location: Option<&(String, Range<usize>)>) {
        let known = PASSES.iter().find(|(name, _)| *name == directive.name.text);
        let (Some((name, port)), Some(word)) = (known, directive.args.first()) else { return };
        let written = self.templated(&word.text);
        let target = self.filled(&word.text);
        let (scheme, rest) = target.split_once("://").unwrap_or(("", &target));
        let default = match scheme {
            "http" | "grpc" => Some(80),
            "https" | "grpcs" => Some(443),
            _ => *port,
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // What follows a port is a path, whatever the variable holds.
        let authority = authority.split_once('$').map_or(authority, |(before, _)| {
            if before.ends_with(|c: char| c.is_ascii_digit()) && before.contains(':') { before } else { authority }
        });
        let address = address(authority, default);
        let variable = variables(&written) > 0;
        let (range, location) = (word.range.clone(), location.cloned());
        self.found.passes.push(Pass { directive: (*name).to_owned(), range, target, address, variable, location });
    }
}

/// How many variables a text holds.
fn variables(text: &str) -> usize {
    text.split('$').skip(1).filter(|after| !variable(after).0.is_empty()).count()
}

/// The path of a location that is a plain prefix.
fn prefix(directive: &Directive) -> Option<(String, Range<usize>)> {
    let word = match (directive.arg(0)?, directive.args.get(1)) {
        ("^~", Some(word)) => word,
        ("~" | "~*" | "=", _) => return None,
        _ => directive.args.first()?,
    };
    (!word.text.starts_with('@')).then(|| (word.text.clone(), word.range.clone()))
}

/// Whether a host is the container itself.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.starts_with("127.")
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
