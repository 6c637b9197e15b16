//! The Caddyfile that a service's Caddy reads: where it passes requests on to.

use super::{Finder, cache};
use crate::deploy::model::{ServerSetting, Service};
use crate::deploy::text::{File, FileId, Kind, Spot};

/// Where the official image looks.
const PATH: &str = "/etc/caddy/Caddyfile";

/// Targets of one file that are kept.
const TARGETS: usize = 500;

/// Attaches the targets of a service's Caddy as settings of the name of their directive.
pub(super) fn attach(finder: &mut Finder<'_>, service: &mut Service) {
    if service.image_word() != "caddy" || service.command.is_some() || service.entrypoint.is_some() {
        return;
    }
    let Some(source) = cache::source(finder, service, PATH) else { return };
    if let Some(file) = finder.look_for(&source, Kind::Settings)
        && finder.looks(file, 0)
    {
        service.settings = finder.deployment.file(file).map(|text| read(file, text)).unwrap_or_default().into();
    }
}

/// The targets of `reverse_proxy`, and of `to` inside its block.
fn read(file: FileId, text: &File) -> Vec<ServerSetting> {
    let (mut found, mut inside) = (Vec::new(), 0_usize);
    for line in 1..=text.line_count() {
        let (written, start) = (text.line(line), text.line_range(line).start);
        let bare = written.split(" #").next().unwrap_or_default().trim();
        let mut words = bare.split_whitespace();
        let first = words.next().unwrap_or_default();
        let opens = bare.ends_with('{');
        let passes = first == "reverse_proxy" || inside == 1 && first == "to";
        for word in words.filter(|word| passes && !word.contains(['{', '}', '*', '@', '$']) && !word.starts_with('/')) {
            let at = written.find(word).unwrap_or(0);
            let spot = Spot::new(file, start + at..start + at + word.len());
            if found.len() < TARGETS {
                found.push(ServerSetting { name: "reverse_proxy".to_owned(), value: word.to_owned(), spot });
            }
        }
        if inside > 0 || first == "reverse_proxy" {
            inside = (inside + usize::from(opens)).saturating_sub(usize::from(bare == "}"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_stand_behind_the_directive_and_in_its_block() {
        let text = "a.example {\n  reverse_proxy /api/* api:8000\n  reverse_proxy @x {\n    to web:80 web2:80\n    header_up Host {host}\n  }\n  file_server\n  # reverse_proxy old:1\n  reverse_proxy {$UPSTREAM}\n}\n";
        let found = read(0, &File::new("Caddyfile", Kind::Settings, text));
        let values: Vec<&str> = found.iter().map(|setting| setting.value.as_str()).collect();
        assert_eq!(values, ["api:8000", "web:80", "web2:80"]);
    }
}
