//! ENTRYPOINT and CMD: their form, and whether a command is left.

use crate::deploy::dockerfile::{Command, InstructionKind};
use crate::deploy::shell::{self, Part, State};
use crate::deploy::{Line, ScriptRole, Service, Spot, given};

use super::super::super::image::{FACTS, lacks};
use super::super::super::scripts::running;
use super::{Context, Hit, Hits, Level};

/// Something that looks like a list, but is no JSON.
pub(super) fn list_invalid(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(dockerfile) = &service.dockerfile else { continue };
        for command in dockerfile.model.commands() {
            if let Command::Shell { span, looks_like_list: true, .. } = command {
                hits.push(Hit::at(Spot::new(dockerfile.file, span.clone())));
            }
        }
    }
    hits
}

/// The image of a service at its end, by instruction.
fn of_image(service: &Service, entrypoint: bool) -> Option<(usize, &Command)> {
    let dockerfile = service.dockerfile.as_ref()?;
    let target = dockerfile.model.target(dockerfile.target.as_deref())?;
    let image = dockerfile.model.build(target, &given(service), &mut |_, _, _| {});
    match &if entrypoint { image.entrypoint } else { image.command }?.kind {
        InstructionKind::Entrypoint(command) | InstructionKind::Cmd(command) => Some((dockerfile.file, command)),
        _ => None,
    }
}

/// `ENTRYPOINT program`: a shell stays in front, and arguments are lost.
pub(super) fn entrypoint_shell_form(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in context.deployment.services.iter().filter(|service| service.entrypoint.is_none()) {
        let Some((file, Command::Shell { span, looks_like_list: false, .. })) = of_image(service, true) else {
            continue;
        };
        let lost = service.startup.command.as_ref().is_some_and(|line| !line.words.is_empty() || line.script.is_some());
        let hit = Hit::at(Spot::new(file, span.clone()));
        hits.push(if lost { hit } else { hit.only(Level::Note) });
    }
    hits
}

/// `CMD program`: a shell may stay in front.
pub(super) fn command_shell_form(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in context.deployment.services.iter().filter(|service| service.command.is_none()) {
        let Some((file, Command::Shell { span, looks_like_list: false, script })) = of_image(service, false) else {
            continue;
        };
        let mut exec = false;
        shell::walk(script, State::default(), &mut |step| exec |= step.invocation().is_exec());
        if !exec {
            hits.push(Hit::at(Spot::new(file, span.clone())));
        }
    }
    hits
}

/// An entrypoint that runs what it is given, and is given nothing.
pub(super) fn command_dropped(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let startup = &service.startup;
        let empty = startup.command.as_ref().filter(|line| line.words.is_empty() && line.script.is_none());
        if !startup.dropped && empty.is_none() {
            continue;
        }
        let Some(spot) = empty.or(startup.entrypoint.as_ref()).map(|line| line.spot.clone()) else { continue };
        let Some(level) = needs_command(service) else { continue };
        let lost = startup.base.as_deref().and_then(|base| FACTS.of(base)).map(|facts| facts.command.join(" "));
        let mut hit = Hit::at(spot);
        if let Some(lost) = lost.filter(|lost| !lost.is_empty()) {
            hit = hit.with("lost", lost);
        }
        hits.push(if level == Level::Error { hit } else { hit.only(level) });
    }
    hits
}

/// How bad it is that the entrypoint is given nothing; nothing when it needs none, or it is not known.
fn needs_command(service: &Service) -> Option<Level> {
    let startup = &service.startup;
    let facts = startup.base.as_deref().and_then(|base| FACTS.of(base));
    let Some(entrypoint) = &startup.entrypoint else {
        // Nothing at all, or the base image's own entrypoint with nothing behind it.
        let facts = facts?;
        return match (facts.command.is_empty(), facts.profile.is_some()) {
            (true, _) => None,
            (false, true) => Some(Level::Warning),
            (false, false) => Some(Level::Error),
        };
    };
    let words: Vec<&str> = entrypoint.words.iter().filter_map(|word| word.text.as_deref()).collect();
    let script = service.scripts.iter().find(|script| script.role == ScriptRole::Entrypoint && script.whole);
    if let Some(script) = script {
        let name = script.path.rsplit('/').next().unwrap_or_default();
        let alone = words.last().is_some_and(|word| word.rsplit('/').next() == Some(name));
        return if alone { runs_arguments(&script.model) } else { None };
    }
    let inline = service.scripts.iter().find(|script| script.role == ScriptRole::Entrypoint && !script.whole);
    if let Some(script) = inline.filter(|_| entrypoint.script.is_none()) {
        // Behind the text stands the shell's own name, and then arguments.
        let code = entrypoint
            .words
            .iter()
            .position(|word| word.text.as_deref().is_some_and(|text| text.starts_with('-') && text.ends_with('c')));
        let alone = code.is_some_and(|at| entrypoint.words.len() <= at + 3);
        return if alone { runs_arguments(&script.model) } else { None };
    }
    let own: Vec<&str> = facts.map(|facts| facts.entrypoint.iter().map(String::as_str).collect()).unwrap_or_default();
    if !own.is_empty() && words == own {
        return Some(Level::Error);
    }
    wrapper_alone(entrypoint).then_some(Level::Error)
}

/// `tini --` with nothing behind it.
fn wrapper_alone(line: &Line) -> bool {
    let mut words = line.words.iter().filter_map(|word| word.text.as_deref());
    let first = words.next().and_then(|name| name.rsplit('/').next());
    matches!(first, Some("tini" | "dumb-init" | "catatonit")) && words.all(|word| word.starts_with('-'))
}

/// Whether a script ends by running its arguments, and has nothing else to run without them.
fn runs_arguments(script: &shell::Script) -> Option<Level> {
    let (mut runs, mut fallback, mut asks) = (false, false, false);
    shell::walk(script, State::default(), &mut |step| {
        let arguments = |word: &shell::Word| matches!(word.parts.as_slice(), [Part::Parameter(parameter)] if matches!(parameter.name.as_str(), "@" | "*"));
        let words = &step.simple.words;
        let first = words.first();
        let exec = first.is_some_and(|word| word.is("exec"));
        let program = words.iter().find(|word| !word.is("exec") && !word.is("tini") && !word.is("--"));
        runs |= step.place.last && program.is_some_and(arguments);
        fallback |= first.is_some_and(|word| word.is("set"))
            && words.iter().any(|word| word.is("--"))
            && words.len() > 2
            && !words.last().is_some_and(|word| arguments(word) && words.len() == 3);
        fallback |= exec && program.is_some_and(|word| !arguments(word));
        asks |= words.iter().flat_map(|word| &word.parts).any(
            |part| matches!(part, Part::Parameter(parameter) if parameter.name == "#" || parameter.name == "1" && parameter.operator.ends_with('-') && parameter.argument.is_some()),
        );
    });
    match (runs, fallback, asks) {
        (true, false, false) => Some(Level::Error),
        (true, false, true) => Some(Level::Warning),
        // `set -- program` or `exec program` is what it runs when it is given nothing.
        (true, true, _) | (false, _, _) => None,
    }
}

/// The program that is executed is not in the image.
pub(super) fn program_missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        hits.extend(given_missing(service));
        hits.extend(shell_missing(service));
        // The first is what the engine executes; scripts have a check of their own.
        let Some(first) = running(context.deployment, service).into_iter().next() else { continue };
        let through = first.invocation.through.iter().map(String::as_str);
        let program = first.invocation.words.first().and_then(|word| word.text.as_deref());
        let missing = through.chain(program).find(|name| {
            let plain = name.rsplit('/').next().unwrap_or(name);
            service.startup.words().is_some() && lacks(service, plain)
        });
        if let Some(name) = missing {
            let image = service.startup.base.clone().unwrap_or_default();
            hits.push(Hit::at(first.spot.clone()).with("program", name).with("image", image));
        }
    }
    hits
}

/// A line without brackets, which `/bin/sh` is to read, in an image that has none.
fn shell_missing(service: &Service) -> Option<Hit> {
    let startup = &service.startup;
    let lines = [&startup.entrypoint, &startup.command];
    let line = lines.into_iter().flatten().find(|line| line.script.is_some() && !line.compose)?;
    let shell = super::super::super::app::built(service)?.shell;
    let image = startup.base.clone().filter(|_| shell.is_none() && lacks(service, "sh"))?;
    let hit = Hit::at(line.spot.clone()).with("program", "/bin/sh, which reads a line without brackets,");
    Some(hit.with("image", image).with("other", "a list, `[\"program\", \"argument\"]`, needs no shell"))
}

/// The command that the entrypoint's script runs is not in the image.
fn given_missing(service: &Service) -> Option<Hit> {
    let entrypoint = service.startup.entrypoint.as_ref()?;
    let line = service.startup.command.as_ref()?;
    let script = service.scripts.iter().find(|script| script.role == ScriptRole::Entrypoint && script.whole)?;
    let plain = entrypoint.words.len() == 1 && runs_arguments(&script.model) == Some(Level::Error);
    let word = line.words.first().filter(|_| plain)?;
    let name = word.text.as_deref().and_then(|text| text.rsplit('/').next()).filter(|name| lacks(service, name))?;
    let image = service.startup.base.clone().unwrap_or_default();
    Some(Hit::at(word.spot.clone()).with("program", name).with("image", image))
}
