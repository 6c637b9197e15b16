//! What nginx refuses although its grammar allows it.

use std::ops::Range;

use crate::deploy::nginx::{Directive, variable};
use crate::deploy::tree::below;
use crate::deploy::{NginxFile, Service, Spot};
use crate::preflight::app::{Setting, setting};

use super::directive::next_in_upstream;
use super::{Context, Hit, Hits, Level, is_plain, is_template};

/// Directives that take so many words at most.
const MOST: [(&str, usize); 21] = [
    ("alias", 1),
    ("client_body_timeout", 1),
    ("client_max_body_size", 1),
    ("default_type", 1),
    ("gzip", 1),
    ("include", 1),
    ("keepalive_timeout", 2),
    ("proxy_buffering", 1),
    ("proxy_connect_timeout", 1),
    ("proxy_http_version", 1),
    ("proxy_pass", 1),
    ("proxy_read_timeout", 1),
    ("proxy_send_timeout", 1),
    ("proxy_set_header", 2),
    ("return", 2),
    ("rewrite", 3),
    ("root", 1),
    ("sendfile", 1),
    ("set", 2),
    ("ssl_certificate", 1),
    ("ssl_certificate_key", 1),
];

/// A directive with too many words: as a rule its semicolon is missing, and it goes on with the next line.
pub(super) fn directive_arguments(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (_, file) in files(context) {
        let faults = &file.model.faults;
        let breaks = |range: Range<usize>| context.deployment.slice(&Spot::new(file.file, range)).contains('\n');
        let upstreams = servers(&file.model.directives);
        each(&file.model.directives, &mut |directive| {
            let most = MOST.iter().find(|(name, _)| *name == directive.name.text).map(|(_, most)| *most);
            let told = faults.iter().any(|fault| fault.range.start == directive.name.range.start);
            let beyond = most.and_then(|most| directive.args.get(most));
            let in_upstream = upstreams.iter().any(|block| std::ptr::eq(*block, directive));
            let next = || next_in_upstream(directive, &breaks).filter(|_| in_upstream);
            let surplus = beyond.or_else(|| joined(context, file, directive)).or_else(next);
            let Some(surplus) = surplus.filter(|_| !told) else { return };
            let before = directive.args.iter().take_while(|word| word.range != surplus.range).last();
            let end = before.unwrap_or(&directive.name).range.end;
            let spot = Spot::new(file.file, directive.name.range.start..end);
            let mut hit =
                Hit::at(spot).with("directive", directive.name.text.clone()).with("surplus", surplus.text.clone());
            let between = context.deployment.slice(&Spot::new(file.file, end..surplus.range.start));
            if between.contains('\n') {
                hit = hit.fix(Spot::new(file.file, end..end), ";");
            }
            hits.once(hit);
        });
    }
    hits
}

/// The servers of all upstreams.
fn servers(directives: &[Directive]) -> Vec<&Directive> {
    let mut found = Vec::new();
    each(directives, &mut |directive| {
        let servers = directive.children().iter().filter(|child| child.name.text == "server" && child.block.is_none());
        found.extend(servers.filter(|_| directive.name.text == "upstream"));
    });
    found
}

/// Directives whose name on a line of its own can be no word of another one.
const BEGIN: [&str; 14] = [
    "listen",
    "server_name",
    "root",
    "index",
    "location",
    "proxy_pass",
    "proxy_set_header",
    "ssl_certificate",
    "ssl_certificate_key",
    "include",
    "try_files",
    "access_log",
    "error_log",
    "client_max_body_size",
];

/// The first word of the next line, where it begins another directive.
fn joined<'f>(
    context: &Context<'_>,
    file: &NginxFile,
    directive: &'f Directive,
) -> Option<&'f crate::deploy::nginx::Word> {
    let mut end = directive.name.range.end;
    directive.args.iter().skip(1).find(|word| {
        let before = directive.args.iter().take_while(|other| other.range.start < word.range.start).last();
        end = before.map_or(end, |before| before.range.end);
        let between = context.deployment.slice(&Spot::new(file.file, end..word.range.start));
        between.contains('\n') && BEGIN.contains(&word.text.as_str())
    })
}

/// Every file of every service, each once.
pub(super) fn files<'a>(context: &Context<'a>) -> Vec<(&'a Service, &'a NginxFile)> {
    let all =
        context.deployment.services.iter().flat_map(|service| service.nginx.iter().map(move |file| (service, file)));
    let mut kept: Vec<(&Service, &NginxFile)> = Vec::new();
    for (service, file) in all {
        if !kept.iter().any(|(other, known)| known.file == file.file && other.name == service.name) {
            kept.push((service, file));
        }
    }
    kept
}

fn each<'a>(directives: &'a [Directive], look: &mut dyn FnMut(&'a Directive)) {
    for directive in directives {
        look(directive);
        each(directive.children(), look);
    }
}

/// Directives whose words may hold dollars that are no variables.
const PATTERNS: [&str; 6] = ["rewrite", "location", "server_name", "if", "map", "log_format"];

/// A variable in capitals that nothing sets: the environment's, which nginx itself does not read.
pub(super) fn variable_unknown(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, file) in files(context) {
        if !is_plain(context, service) || filled_elsewhere(service) {
            continue;
        }
        let set = definitions(service);
        each(&file.model.directives, &mut |directive| {
            if PATTERNS.contains(&directive.name.text.as_str()) {
                return;
            }
            for word in &directive.args {
                let names = word.text.split('$').skip(1).map(|after| variable(after).0);
                let Some(name) = names.into_iter().find(|name| is_foreign(context, service, file, name)) else {
                    continue;
                };
                if set.iter().any(|known| known == name) {
                    continue;
                }
                let hit = Hit::at(Spot::new(file.file, word.range.clone()))
                    .with("service", service.name.clone())
                    .with("variable", name)
                    .with("file", file.path.clone());
                let reason = if is_template(file) {
                    format!("the environment of {} does not hold it, so the template keeps the text", service.name)
                } else {
                    "nginx does not read the environment; only templates are filled in before its start".to_owned()
                };
                hits.once(hit.with("reason", reason));
            }
        });
    }
    hits
}

/// Whether a name is one of the environment that is not filled in.
fn is_foreign(context: &Context<'_>, service: &Service, file: &NginxFile, name: &str) -> bool {
    let capital = name.chars().next().is_some_and(|first| first.is_ascii_uppercase());
    let capitals = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if !capital || !capitals || name.len() < 2 || name.starts_with("NGINX_") {
        return false;
    }
    !is_template(file) || setting(context.deployment, service, name) == Setting::Absent
}

/// Whether a command of the service fills templates in by itself.
fn filled_elsewhere(service: &Service) -> bool {
    let mut words = [&service.entrypoint, &service.command].into_iter().flatten().flat_map(|line| &line.words);
    words.any(|word| ["envsubst", "sed ", "gomplate", "confd"].iter().any(|tool| word.raw.contains(tool)))
        || !service.scripts.is_empty()
        || service.dockerfile.is_some()
}

/// Names that the configuration itself gives a value.
fn definitions(service: &Service) -> Vec<String> {
    let mut names = Vec::new();
    for file in &service.nginx {
        each(&file.model.directives, &mut |directive| {
            let at = match directive.name.text.as_str() {
                "set" | "perl_set" | "js_set" => 0,
                "map" | "geo" | "split_clients" | "auth_request_set" => directive.args.len().saturating_sub(1),
                _ => return,
            };
            names.extend(directive.arg(at).and_then(|name| name.strip_prefix('$')).map(str::to_owned));
        });
    }
    names
}

/// A certificate at a path that nothing is mounted at, in an image that brings none.
pub(super) fn certificate_missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, file) in files(context) {
        if !is_plain(context, service)
            || service.dockerfile.is_some()
            || service.build.is_some()
            || service.command.is_some()
        {
            continue;
        }
        each(&file.model.directives, &mut |directive| {
            let ("ssl_certificate" | "ssl_certificate_key" | "ssl_dhparam", Some(word)) =
                (directive.name.text.as_str(), directive.args.first())
            else {
                return;
            };
            let path = if word.text.starts_with('/') { word.text.clone() } else { format!("/etc/nginx/{}", word.text) };
            let hit = Hit::at(Spot::new(file.file, word.range.clone()));
            let hit = hit.with("path", path.clone()).with("service", service.name.clone());
            let hit = hit.with("folder", path.rsplit_once('/').map_or("/", |(folder, _)| folder));
            let like = |target: &str| ["cert", "ssl", "tls"].iter().any(|part| target.contains(part));
            let mounted = service.volumes.iter().map(|mount| mount.target.as_str()).find(|target| like(target));
            let hit = mounted.into_iter().fold(hit, |hit, mounted| hit.with("mounted", mounted));
            if file.absent.contains(&word.range) {
                // Who has certificates made puts them there later.
                hits.once(hit.with("reason", "the folder that is mounted there does not have it").only(Level::Warning));
            } else if !(path.contains('$') || word.text.starts_with("data:") || brought(service, &path)) {
                hits.once(hit.with("reason", "nothing is mounted there"));
            }
        });
    }
    hits
}

/// An `include` of a file that neither a mount nor the image brings.
pub(super) fn include_missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, file) in files(context) {
        each(&file.model.directives, &mut |directive| {
            let Some(word) = directive.args.first().filter(|word| file.absent.contains(&word.range)) else { return };
            if directive.name.text != "include" {
                return;
            }
            let hit = Hit::at(Spot::new(file.file, word.range.clone()));
            let hit = hit.with("path", word.text.clone()).with("service", service.name.clone());
            let own = is_plain(context, service) && !word.text.contains("letsencrypt");
            hits.once(if own { hit } else { hit.only(Level::Warning) });
        });
    }
    hits
}

/// Whether a mount, secret or config may bring a file.
fn brought(service: &Service, path: &str) -> bool {
    service.volumes.iter().any(|mount| below(path, &mount.target).is_some())
        || (path.starts_with("/run/secrets/") && !service.secrets.is_empty())
        || !service.configs.is_empty()
}
