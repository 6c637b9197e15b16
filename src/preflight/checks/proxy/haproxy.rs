//! HAProxy's configuration: names that it gives no section to, and servers against the services that are there.

use crate::deploy::haproxy::{Haproxy, HaproxyFile, Section, Word};
use crate::deploy::tree::below;
use crate::deploy::{Service, Spot, nearest};
use crate::preflight::reach::{Reached, reach};

use super::upstream::{closed, unanswered};
use super::{Context, Hit, Hits, Level};

/// Every service with a configuration of HAProxy.
fn configured<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a Service, &'a HaproxyFile)> {
    context.deployment.services.iter().filter_map(|service| Some((service, service.haproxy.as_ref()?)))
}

/// Whether a word is what it will be: no variable, and no sample that is taken for each request.
fn is_plain(word: &Word) -> bool {
    !word.text.contains(['$', '%', '{'])
}

/// Names of sections that are nowhere: HAProxy does not start.
pub(super) fn name_undefined(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, file) in configured(context).filter(|(_, file)| file.model.complete) {
        for line in file.model.sections.iter().flat_map(|section| &section.lines) {
            for (what, name, range) in named(line) {
                let kinds: &[&str] = if what == "backend" { &["backend", "listen"] } else { &[what] };
                if file.model.has(kinds, &name) || hits.more() {
                    continue;
                }
                let near = file.model.sections.iter().filter(|section| kinds.contains(&section.kind.as_str()));
                let near = near.filter_map(|section| section.name.as_ref()).map(|word| word.text.as_str());
                let near = nearest(&name, near, 0.75);
                let hit = Hit::at(Spot::new(file.file, range)).with("service", &service.name).with("kind", what);
                let hit = near.into_iter().fold(hit, |hit, near| hit.with("near", near)).with("name", name);
                hits.once(hit);
            }
        }
    }
    hits
}

/// The sections that a line names: of which kind, by which name, and where.
fn named(line: &[Word]) -> Vec<(&'static str, String, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let mut add = |what, word: Option<&Word>| {
        found.extend(word.filter(|word| is_plain(word)).map(|word| (what, word.text.clone(), word.range.clone())));
    };
    match line.first().map(|word| word.text.as_str()) {
        Some("default_backend" | "use_backend") => add("backend", line.get(1)),
        Some("server" | "default-server" | "server-template") => {
            let at = line.iter().position(|word| word.text == "resolvers");
            add("resolvers", at.and_then(|at| line.get(at + 1)));
        }
        _ => {}
    }
    for word in line.iter().filter(|word| is_plain(word)) {
        for function in ["http_auth(", "http_auth_group("] {
            let Some((_, rest)) = word.text.split_once(function) else { continue };
            if let Some((name, _)) = rest.split_once(')') {
                found.push(("userlist", name.to_owned(), word.range.clone()));
            }
        }
    }
    found
}

/// A server of a section.
struct Server<'a> {
    word: &'a Word,
    host: &'a str,
    port: Option<u16>,
    /// Whether HAProxy starts although the name is not known.
    late: bool,
    tls: bool,
}

/// The servers of a configuration whose address is a name and a port.
fn servers(model: &Haproxy) -> Vec<Server<'_>> {
    let mut defaults = false;
    let mut found = Vec::new();
    for section in &model.sections {
        let own = section.lines.iter().any(|line| is(line, "default-server") && starts_without(line));
        if section.kind == "defaults" {
            defaults = own;
        }
        if !matches!(section.kind.as_str(), "backend" | "listen") || is_disabled(section) {
            continue;
        }
        for line in section.lines.iter().filter(|line| is(line, "server") || is(line, "server-template")) {
            let Some(word) = line.get(if is(line, "server") { 2 } else { 3 }).filter(|word| is_plain(word)) else {
                continue;
            };
            let address = word.text.strip_prefix("ipv4@").unwrap_or(&word.text);
            let (host, port) = address.split_once(':').unwrap_or((address, ""));
            let off = line.iter().any(|word| word.text == "disabled");
            if host.is_empty() || host.contains(['/', '@']) || off {
                continue;
            }
            let late = own || defaults || starts_without(line);
            let tls = line.iter().any(|word| word.text == "ssl");
            found.push(Server { word, host, port: port.parse().ok(), late, tls });
        }
    }
    found
}

fn is(line: &[Word], keyword: &str) -> bool {
    line.first().is_some_and(|word| word.text == keyword)
}

fn is_disabled(section: &Section) -> bool {
    section.lines.iter().any(|line| line.len() == 1 && is(line, "disabled"))
}

/// `init-addr last,libc,none`: a name that is not known is waited for.
fn starts_without(line: &[Word]) -> bool {
    let at = line.iter().position(|word| word.text == "init-addr");
    let methods = at.and_then(|at| line.get(at + 1)).map(|word| word.text.as_str()).unwrap_or_default();
    methods.contains('$')
        || methods.split(',').any(|method| method == "none" || method.parse::<std::net::IpAddr>().is_ok())
}

/// A server whose host is no service.
pub(super) fn upstream(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, file) in configured(context) {
        for server in servers(&file.model) {
            let spot = Spot::new(file.file, server.word.range.clone());
            let Some(hit) = unanswered(context, service, server.host, spot) else { continue };
            if hits.more() {
                break;
            }
            let consequence = if server.late { "the server stays down" } else { "HAProxy does not start" };
            let hit = hit.with("consequence", consequence);
            hits.once(if server.late { hit.only(Level::Warning) } else { hit });
        }
    }
    hits
}

/// A server whose port the service does not open.
pub(super) fn port(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, file) in configured(context) {
        for server in servers(&file.model).into_iter().filter(|server| !server.tls) {
            let Some(port) = server.port else { continue };
            let Reached::Service(other) = reach(context, service, server.host) else { continue };
            let hit = closed(context, other, port, || Hit::at(Spot::new(file.file, server.word.range.clone())));
            hit.into_iter().for_each(|hit| hits.once(hit));
        }
    }
    hits
}

/// A certificate of a `bind` that neither a mount nor the image brings.
pub(super) fn certificate(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, file) in configured(context).filter(|(service, _)| service.build.is_none()) {
        let sections = || file.model.sections.iter();
        let based = sections().flat_map(|section| &section.lines).any(|line| is(line, "crt-base"));
        for line in sections().flat_map(|section| &section.lines).filter(|line| is(line, "bind") && !based) {
            let at = line.iter().position(|word| word.text == "crt");
            let Some(word) =
                at.and_then(|at| line.get(at + 1)).filter(|word| is_plain(word) && word.text.starts_with('/'))
            else {
                continue;
            };
            if is_lacking(service, &word.text) {
                let hit = Hit::at(Spot::new(file.file, word.range.clone())).with("path", &word.text);
                hits.once(hit.with("service", &service.name));
            }
        }
    }
    hits
}

/// Whether nothing is mounted where a container would need a file that its image does not bring.
fn is_lacking(service: &Service, path: &str) -> bool {
    let inside = |target: &String| below(path, target).is_some();
    let secret = service.secret_targets.as_ref().is_none_or(|targets| targets.iter().any(inside));
    !service.is_given(path) && service.volumes_from.is_empty() && !secret
}
