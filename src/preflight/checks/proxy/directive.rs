//! Directives that nginx does not know, or does not take where they stand.

use std::ops::Range;

use crate::deploy::nginx::{Directive, Word};
use crate::deploy::{NginxFile, Spot};

use super::form::files;
use super::{Context, Hit, Hits, is_plain};

/// Directives that people write by heart, long enough that one wrong letter makes no other one.
const COMMON: [&str; 44] = [
    "access_log",
    "add_header",
    "auth_basic_user_file",
    "client_body_timeout",
    "client_max_body_size",
    "default_type",
    "error_log",
    "error_page",
    "fastcgi_index",
    "fastcgi_param",
    "fastcgi_pass",
    "gzip_types",
    "ip_hash",
    "keepalive_timeout",
    "least_conn",
    "limit_req",
    "limit_req_zone",
    "location",
    "proxy_buffering",
    "proxy_buffer_size",
    "proxy_cache_path",
    "proxy_connect_timeout",
    "proxy_http_version",
    "proxy_pass",
    "proxy_read_timeout",
    "proxy_redirect",
    "proxy_send_timeout",
    "proxy_set_header",
    "real_ip_header",
    "sendfile",
    "server_name",
    "server_tokens",
    "set_real_ip_from",
    "ssl_certificate",
    "ssl_certificate_key",
    "ssl_ciphers",
    "ssl_protocols",
    "ssl_session_cache",
    "tcp_nopush",
    "tcp_nodelay",
    "try_files",
    "upstream",
    "worker_connections",
    "worker_processes",
];

/// Blocks whose lines are no directives.
const TABLES: [&str; 6] = ["map", "geo", "types", "split_clients", "charset_map", "match"];

/// A name that is one of [`COMMON`] with another sign between its words, or with none.
pub(super) fn unknown(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (_, file) in files(context) {
        walk(&file.model.directives, &mut |directive| {
            let name = directive.name.text.as_str();
            let bare = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
            let plain = name.chars().all(|c| c.is_ascii_alphabetic() || c == '_' || c == '-');
            let meant = COMMON
                .iter()
                .find(|known| **known != name && plain && (bare(known) == bare(name) || slip(name, known)));
            if let Some(meant) = meant {
                let spot = Spot::new(file.file, directive.name.range.clone());
                let hit = Hit::at(spot.clone()).with("directive", name).with("meant", *meant);
                hits.once(hit.fix(spot, *meant));
            }
        });
    }
    hits
}

/// Whether two neighbouring letters changed places, or one letter is missing or doubled.
fn slip(name: &str, known: &str) -> bool {
    let long =
        known.len() > 7 && !COMMON.contains(&name) && !matches!(name, "fastcgi_params" | "ssl_cipher" | "sendfiles");
    let near = name.len().abs_diff(known.len()) < 2 && name.len() <= known.len();
    long && near && strsim::damerau_levenshtein(name, known) == 1 && name.chars().next() == known.chars().next()
}

fn walk<'a>(directives: &'a [Directive], look: &mut dyn FnMut(&'a Directive)) {
    for directive in directives {
        look(directive);
        if !TABLES.contains(&directive.name.text.as_str()) {
            walk(directive.children(), look);
        }
    }
}

/// Directives of the main file, which stand outside of all blocks.
const MAIN: [&str; 8] =
    ["daemon", "events", "http", "load_module", "pid", "stream", "worker_processes", "worker_rlimit_nofile"];

/// A main file in the place of one that the image's own main file includes in `http`.
pub(super) fn misplaced(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, file) in files(context) {
        let own_main = service.nginx.iter().any(|other| other.path.ends_with("/nginx.conf"));
        if own_main || !is_plain(context, service) || !is_included(file) {
            continue;
        }
        let main = |directive: &&Directive| MAIN.contains(&directive.name.text.as_str());
        if let Some(directive) = file.model.directives.iter().find(main) {
            let spot = Spot::new(file.file, directive.name.range.clone());
            let hit = Hit::at(spot).with("directive", &directive.name.text).with("path", &file.path);
            hits.once(hit.with("service", &service.name));
        }
    }
    hits
}

/// Whether the images include a file of this place inside `http`.
fn is_included(file: &NginxFile) -> bool {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    matches!(folder, "/etc/nginx/conf.d" | "/etc/nginx/http.d")
        && file.path.trim_end_matches(".template").ends_with(".conf")
}

/// What `server` takes behind its address inside `upstream`; with a value, or alone.
const SERVER: [&str; 10] =
    ["weight", "max_conns", "max_fails", "fail_timeout", "backup", "down", "resolve", "route", "service", "slow_start"];

/// The word behind a server of an upstream that begins the next directive: the semicolon between them is missing.
pub(super) fn next_in_upstream<'f>(
    directive: &'f Directive,
    between: &dyn Fn(Range<usize>) -> bool,
) -> Option<&'f Word> {
    let mut end = directive.args.first()?.range.end;
    directive.args.iter().skip(1).find(|word| {
        let breaks = between(end..word.range.start);
        end = word.range.end;
        let name = word.text.split('=').next().unwrap_or_default();
        breaks && !SERVER.contains(&name) && !word.text.contains(['=', '$'])
    })
}
