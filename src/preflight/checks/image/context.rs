//! What a build and a start need of the context, and the context or the image does not have.

use crate::deploy::dockerfile::{Command, Instruction, InstructionKind};
use crate::deploy::near::{ANY, nearest};
use crate::deploy::shell;
use crate::deploy::{Deployment, Package, Service, Spot, Value, given};

use super::super::super::image::FACTS;
use super::super::super::scripts::running;
use super::directory::may_build;
use super::{Context, Hit, Hits, Level};

/// Folders that a build outside of the image may bring.
const BUILT: [&str; 9] = ["dist", "build", "out", "target", "bin", "public", "node_modules", "vendor", ".next"];

/// `COPY` of what the context does not have, or `.dockerignore` hides.
pub(super) fn source_missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(own) = &service.dockerfile else { continue };
        for absent in &own.absent {
            let reason = if absent.hidden { "`.dockerignore` hides it" } else { "it is not in the build context" };
            let hit = Hit::at(absent.spot.clone()).with("path", &absent.path).with("reason", reason);
            let made = absent.path.split('/').any(|part| BUILT.contains(&part));
            let pulled = service.image.is_some() || own.file == service.spot.file;
            let sure = absent.hidden || !(made || pulled);
            hits.once(if sure { hit } else { hit.only(Level::Warning) });
        }
    }
    hits
}

/// `target`, or the stage of `--from`, that the Dockerfile does not have.
pub(super) fn stage_unknown(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(own) = service.dockerfile.as_ref().filter(|own| own.model.errors.is_empty()) else { continue };
        let names: Vec<&str> =
            own.model.stages.iter().filter_map(|stage| Some(stage.name.as_ref()?.text.as_str())).collect();
        let build = service.build.as_ref();
        let target = build.and_then(|build| build.target.as_ref());
        let named = target.and_then(|value| Some((value, value.known()?)));
        if let Some((value, name)) = named.filter(|(_, name)| !name.is_empty() && own.model.stage(name).is_none()) {
            hits.once(unknown(value.spot.clone(), name, &names));
        }
        if build.is_some_and(|build| build.further) {
            continue;
        }
        for instruction in own.model.stages.iter().flat_map(|stage| &stage.instructions) {
            let Some(from) = instruction.flag("from").filter(|from| own.model.stage(&from.text).is_none()) else {
                continue;
            };
            let name = from.text.as_str();
            let image = name.contains(['/', ':', '.', '@', '$']) || FACTS.of(name).is_some();
            // A name that is none of a stage is one of an image; one that is like a stage's is a slip.
            let meant = ["build", "builder", "base", "deps", "dependencies", "prod", "production"].contains(&name);
            let like = names.iter().any(|known| strsim::jaro_winkler(known, name) > 0.85);
            if !image && (meant || like) {
                hits.once(unknown(Spot::new(own.file, from.span.clone()), name, &names));
            }
        }
    }
    hits
}

fn unknown(spot: Spot, name: &str, names: &[&str]) -> Hit {
    let hit = Hit::at(spot).with("stage", name);
    if names.is_empty() { hit } else { hit.with("known", names.join(", ")) }
}

/// A build whose folder is not there, beside builds whose folders are.
pub(super) fn folder_missing(context: &Context<'_>) -> Hits {
    let services = &context.deployment.services;
    let mut hits = Hits::default();
    if !services.iter().any(|service| service.dockerfile.is_some()) {
        return hits;
    }
    for service in services.iter().filter(|service| service.image.is_none() && service.dockerfile.is_none()) {
        let Some(build) = service.build.as_ref().filter(|build| build.absent && build.inline.is_none()) else {
            continue;
        };
        let Some(folder) = build.folder.as_deref().filter(|folder| !folder.starts_with(['/', '.'])) else { continue };
        hits.push(Hit::at(build.context.spot.clone()).with("service", &service.name).with("folder", folder));
    }
    hits
}

/// `npm run NAME` of a script that the project does not have.
pub(super) fn script_missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(package) = project(context.deployment, service) else { continue };
        for found in running(context.deployment, service) {
            let words: Vec<&str> = found.invocation.arguments().collect();
            let (Some("npm" | "pnpm"), [run, name, rest @ ..]) = (found.invocation.program(), words.as_slice()) else {
                continue;
            };
            let plain = matches!(*run, "run" | "run-script") && !name.starts_with('-') && !name.contains(['$', '/']);
            let elsewhere = rest.iter().take_while(|word| **word != "--").any(|word| {
                ["--prefix", "-C", "-w", "--workspace", "--filter", "--if-present"]
                    .iter()
                    .any(|option| word.starts_with(option))
            });
            let here = found.directory.as_deref().is_some_and(|directory| lies(service, directory));
            let has = package.scripts.iter().any(|(known, _)| known == name);
            if !plain || elsewhere || !here || has || package.scripts.is_empty() {
                continue;
            }
            let near = package.scripts.iter().map(|(known, _)| known.as_str());
            let near = nearest(name, near, ANY);
            let hit = Hit::at(found.spot).with("service", &service.name).with("script", *name);
            hits.once(near.into_iter().fold(hit, |hit, near| hit.with("near", near)));
        }
    }
    hits
}

/// The project at the root of a service's build context.
pub(super) fn project<'d>(deployment: &'d Deployment, service: &Service) -> Option<&'d Package> {
    let folder = service.build.as_ref()?.folder.as_ref()?;
    deployment.packages.iter().find(|package| package.folder == *folder)
}

/// Whether the project's `package.json` lies in a directory of the image, and no mount over it.
fn lies(service: &Service, directory: &str) -> bool {
    let Some(own) = &service.dockerfile else { return false };
    let target = own.model.target(own.target.as_deref());
    let folders = target.and_then(|target| own.roots.package.get(target));
    let over = |target: &str| directory.starts_with(target.trim_end_matches('/'));
    folders.is_some_and(|folders| folders.iter().any(|folder| folder == directory))
        && !own.roots.unsure
        && !service.volumes.iter().any(|mount| over(&mount.target))
}

/// The file that the container is to start is brought by nothing.
pub(super) fn start_file_missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some((word, path)) = service.startup.absent.as_ref().filter(|_| service.startup.misplaced.is_none()) else {
            continue;
        };
        let base = service.startup.base.as_deref().unwrap_or_default();
        let hooks = project(context.deployment, service).is_some_and(|package| {
            let hook = |name: &str| matches!(name, "prepare" | "postinstall" | "install");
            package.scripts.iter().any(|(name, _)| hook(name))
        });
        if !FACTS.is_runtime(base) || hooks || builds(service) {
            continue;
        }
        let hit = Hit::at(word.spot.clone()).with("service", &service.name).with("path", path);
        let hit = building_stage(service).into_iter().fold(hit, |hit, stage| hit.with("stage", stage));
        hits.once(if path.ends_with(".sh") { hit } else { hit.caused("node/module-missing") });
    }
    hits
}

/// The named stage, other than the one that is run, in which a command builds.
fn building_stage(service: &Service) -> Option<&str> {
    let own = service.dockerfile.as_ref()?;
    let target = own.model.target(own.target.as_deref())?;
    let builds = |command: &Command| {
        let Command::Shell { script, .. } = command else { return false };
        let mut found = false;
        shell::walk(script, shell::State::default(), &mut |step| {
            found |= step.invocation().arguments().any(|word| word == "build" || word.starts_with("build:"));
        });
        found
    };
    own.model.stages.iter().take(target).rev().find_map(|stage| {
        let runs =
            |instruction: &Instruction| matches!(&instruction.kind, InstructionKind::Run(command) if builds(command));
        stage.instructions.iter().any(runs).then_some(stage.name.as_ref()?.text.as_str())
    })
}

/// Whether a command of the image's build may make files.
fn builds(service: &Service) -> bool {
    let Some(own) = &service.dockerfile else { return true };
    let Some(target) = own.model.target(own.target.as_deref()) else { return true };
    let mut builds = false;
    own.model.build(target, &given(service), &mut |_, instruction, _| match &instruction.kind {
        InstructionKind::Run(Command::Shell { script, .. }) => builds |= may_build(script),
        InstructionKind::Run(Command::Exec { .. }) => builds = true,
        _ => {}
    });
    builds
}

/// `["program", "--port", "$PORT"]`: no shell puts a value in the variable's place.
pub(super) fn variable_in_list(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let (Some(words), Some(invocation)) = (service.startup.words(), service.startup.invocation()) else { continue };
        const READERS: [&str; 12] = [
            "node",
            "nodejs",
            "bun",
            "python",
            "python3",
            "gunicorn",
            "uvicorn",
            "hypercorn",
            "daphne",
            "waitress-serve",
            "celery",
            "flask",
        ];
        if !invocation.program().is_some_and(|program| READERS.contains(&program)) {
            continue;
        }
        for argument in invocation.words.iter().skip(1) {
            let Some(text) = argument.text.as_deref() else { continue };
            let value = text.rsplit(['=', ':']).next().unwrap_or(text);
            let name = value.strip_prefix('$').map(|rest| rest.trim_matches(['{', '}']));
            let is_name = |name: &&str| {
                name.starts_with(|first: char| first.is_ascii_uppercase())
                    && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            };
            let Some(name) = name.filter(is_name) else { continue };
            let Some(word) = words.get(argument.span.start) else { continue };
            hits.once(Hit::at(word.spot.clone()).with("service", &service.name).with("variable", name));
        }
    }
    hits
}

/// A secret or a config that a service is given, and whose file is not there.
pub(in crate::preflight::checks) fn secret_file_missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let deployment = context.deployment;
    for (tops, what) in [(&deployment.secrets, "secret"), (&deployment.configs, "config")] {
        for top in tops.iter().filter(|top| top.absent && !top.external) {
            let uses = |service: &&Service| {
                let list = if what == "secret" { &service.secrets } else { &service.configs };
                list.iter().filter_map(Value::known).any(|name| name == top.name)
            };
            let (Some(file), Some(path)) = (&top.file, &top.path) else { continue };
            // What lies outside may lie there on another machine.
            let Some(service) = deployment.services.iter().find(uses).filter(|_| !path.starts_with(['/', '~'])) else {
                continue;
            };
            let hit = Hit::at(file.spot.clone()).with("service", &service.name).with("what", what);
            hits.push(hit.with("name", &top.name).with("path", path));
        }
    }
    hits
}
