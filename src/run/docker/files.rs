//! The files that an application writes inside its container.

use std::io::Cursor;

use crate::container::{ContainerState, Engine, EngineError, configuration, servers, upstreams};
use crate::detect::Unit;
use crate::diagnosis::profile_of;
use crate::rule::RuleSet;
use crate::{source, timeline};

use super::Gatherer;

impl Gatherer<'_> {
    /// The files that the application writes inside the container.
    pub(super) fn files(&mut self, state: &ContainerState, index: usize, log: Option<usize>) {
        let units: Vec<&Unit> = self.reading.read.units.iter().filter(|unit| Some(unit.source) == log).collect();
        for (name, file) in inside(self.engine, self.rules, self.forced, &units, state) {
            match file {
                Ok((bytes, cut)) => {
                    if cut {
                        self.gathered.notes.push(format!("{name} is long: its last 16 MiB were read"));
                    }
                    self.reading.add(source::docker(&name, "file", Box::new(Cursor::new(bytes))), Vec::new());
                    self.gathered.scene.input_of(Some(index));
                }
                Err(error) => self.gathered.notes.push(format!("{name} was not read: {error}")),
            }
        }
    }

    /// Reads from the configuration of a proxy whom it asks, when its log names an address that says nothing by itself.
    pub(super) fn configured(&mut self, host: &str, from: usize) {
        let Some(state) = self.gathered.scene.containers().get(from).cloned() else { return };
        // A bare name may be the proxy's own for a server.
        let telling = host.parse::<std::net::IpAddr>().is_err() && host.contains('.');
        if telling || !state.upstreams.is_empty() {
            return;
        }
        let of = |unit: &&Unit| self.gathered.scene.of_source(unit.source) == Some(from);
        let units = self.reading.read.units.iter().filter(of);
        let by_marks = units.filter_map(|unit| timeline::choose(self.rules, unit));
        let profiles =
            by_marks.chain(profile_of(self.rules, &state)).filter_map(|index| self.rules.profiles.get(index));
        let Some(profile) = profiles.into_iter().find(|profile| !profile.config_files.is_empty()) else { return };
        let paths = configuration(&state.command).into_iter().chain(profile.config_files.iter().cloned());
        let texts = paths.flat_map(|path| self.engine.texts(&state.id, &path).unwrap_or_default());
        let text = texts.collect::<Vec<_>>().join("\n");
        self.gathered.scene.hands_on_to(from, upstreams(&text), servers(&text));
    }
}

/// The application's own logs inside a container that exist and hold something, each named `container:path`.
pub(in crate::run) fn extra_logs(
    engine: &Engine,
    rules: &RuleSet,
    forced: Option<usize>,
    units: &[Unit],
    state: &ContainerState,
) -> Vec<(String, Vec<u8>)> {
    let units: Vec<&Unit> = units.iter().collect();
    let files = inside(engine, rules, forced, &units, state).into_iter();
    files.filter_map(|(name, file)| Some((name, file.ok()?.0))).collect()
}

type FileEnd = (Vec<u8>, bool);

/// The files that the profile of a container names; its lines tell the profile, else its image.
fn inside(
    engine: &Engine,
    rules: &RuleSet,
    forced: Option<usize>,
    units: &[&Unit],
    state: &ContainerState,
) -> Vec<(String, Result<FileEnd, EngineError>)> {
    let by_marks = units.iter().find_map(|unit| timeline::choose(rules, unit));
    let profile = by_marks.or_else(|| profile_of(rules, state)).or(forced).and_then(|index| rules.profiles.get(index));
    let paths = profile.map(|profile| profile.log_files.as_slice()).unwrap_or_default();
    let read = |path: &String| {
        let name = format!("{}:{path}", state.name);
        match engine.file(&state.id, path) {
            Ok(Some((bytes, cut))) if !bytes.is_empty() => Some((name, Ok((bytes, cut)))),
            Ok(_) => None,
            Err(error) => Some((name, Err(error))),
        }
    };
    paths.iter().filter_map(read).collect()
}
