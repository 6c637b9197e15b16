//! Reads the inputs of a bundle as they were read when it was made.

use crate::bundle::{self, Bundle, Input, What};
use crate::diagnosis::Scene;
use crate::source::{self, Source};
use crate::timeline;

use super::docker::Gathered;
use super::message::Message;
use super::read::Reading;

/// Adds what a bundle holds to what was read so far.
///
/// # Errors
/// When it is broken, no bundle, or the second one.
pub(super) fn add(source: Source, reading: &mut Reading<'_>, gathered: &mut Gathered) -> Result<(), Message> {
    let name = source.name.clone();
    let failed =
        |error: bundle::BundleError| Message::new(format!("{name} cannot be used: {error}")).help(error.help());
    if gathered.bundled {
        return Err(Message::new(format!("{name} is a second bundle")).help("diagnose one bundle at a time"));
    }
    let mut bundle = bundle::read(source.reader).map_err(failed)?;
    let containers = bundle.containers().map_err(failed)?;
    let base = reading.read.inputs.len();
    if let Some(time) = bundle.manifest.states_at {
        gathered.scene = Scene::at(time);
        (0..base).for_each(|_| gathered.scene.input_of(None));
    }
    let facts: Vec<String> = containers.iter().map(|(_, facts, _)| facts.clone()).collect();
    for (state, facts, asked) in containers {
        if state.cut {
            let what =
                format!("The bundle says more of {} than of any real container; a part was left out", state.name);
            gathered.notes.push(what);
        }
        gathered.scene.restore(state, facts, asked);
    }
    let inputs = bundle.manifest.inputs.clone();
    for (index, input) in inputs.iter().enumerate() {
        match (input.what, input.container.and_then(|container| facts.get(container))) {
            (What::State, Some(facts)) => reading.state(&input.name, facts, input.log.map(|log| base + log)),
            _ => log(reading, &mut bundle, index, input),
        }
        gathered.scene.input_of(input.container);
    }
    let manifest = &bundle.manifest;
    gathered.bundled = true;
    gathered.profile = manifest.profile.as_deref().and_then(|name| timeline::named(reading.rules, name));
    gathered.notes.extend(manifest.notes.iter().cloned());
    gathered.notes.push(format!(
        "Repeated from the bundle {name}, made by {} {} on {}",
        manifest.tool.name, manifest.tool.version, manifest.made_at
    ));
    gathered.notes.extend(manifest.inputs.iter().filter_map(missing));
    Ok(())
}

fn log(reading: &mut Reading<'_>, bundle: &mut Bundle, index: usize, input: &Input) {
    let kind = match input.kind.as_str() {
        "stdin" => "stdin",
        source::DOCKER => source::DOCKER,
        _ => "file",
    };
    let source = Source {
        name: input.name.clone(),
        kind,
        formats: Vec::new(),
        size: None,
        reader: bundle.input(index),
        file: None,
    };
    reading.add(source, input.starts.clone());
    if let Some(facts) = reading.read.inputs.last_mut() {
        facts.format.clone_from(&input.format);
        facts.incomplete = facts.incomplete.take().or_else(|| input.incomplete.clone());
    }
}

fn missing(input: &Input) -> Option<String> {
    let lines: u64 = input.left_out.iter().map(|gap| gap.lines).fold(0, u64::saturating_add);
    let first = input.left_out.first()?.after_line;
    Some(format!("Of {} the bundle lacks {lines} lines, the first after line {first}", input.name))
}
