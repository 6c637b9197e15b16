//! The configuration that a service's HAProxy reads.

use super::{Finder, cache};
use crate::deploy::haproxy::{Haproxy, HaproxyFile};
use crate::deploy::model::{Service, Value};
use crate::deploy::text::Kind;

/// Where the images look: the official one and the maker's, and those that take the distribution's package.
const PATHS: [&str; 2] = ["/usr/local/etc/haproxy/haproxy.cfg", "/etc/haproxy/haproxy.cfg"];

/// Attaches the configuration of a service whose image is HAProxy's, as far as its command leaves no doubt which one is read.
pub(super) fn attach(finder: &mut Finder<'_>, service: &mut Service) {
    if !matches!(service.image_word(), "haproxy" | "haproxy-alpine" | "haproxy-debian" | "haproxy-ubuntu")
        || service.entrypoint.is_some()
    {
        return;
    }
    let Some(source) = paths(service).into_iter().find_map(|path| cache::source(finder, service, &path)) else {
        return;
    };
    if let Some(file) = finder.look_for(&source, Kind::Settings) {
        let model = Haproxy::read(finder.text(file));
        if finder.looks(file, model.parts()) {
            service.haproxy = Some(HaproxyFile { file, model });
        }
    }
}

/// The files that it may begin with: the one that its command names, if it names a single one.
fn paths(service: &Service) -> Vec<String> {
    let Some(command) = &service.command else { return PATHS.iter().map(|path| (*path).to_owned()).collect() };
    let words: Vec<&str> = command.words.iter().filter_map(Value::known).flat_map(str::split_whitespace).collect();
    let named: Vec<&str> =
        words.windows(2).filter(|pair| matches!(pair, ["-f", _])).filter_map(|pair| pair.last().copied()).collect();
    match named.as_slice() {
        [path] if path.ends_with(".cfg") => vec![(*path).to_owned()],
        _ => Vec::new(),
    }
}
