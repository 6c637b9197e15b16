//! Mounts over directories that the image brings.

use crate::deploy::dockerfile::{Command, Instruction, InstructionKind, Source};
use crate::deploy::{DockerfileOf, Mount, MountKind, Service, There};
use crate::preflight::app::app;
use crate::preflight::checks::{Context, Hit};

/// What a build puts into an image, by directory.
#[derive(Default)]
struct Brought {
    /// Where packages are installed.
    packages: Vec<String>,
    /// What comes from other stages: built files.
    built: Vec<String>,
    /// What is copied from the context.
    copied: Vec<String>,
}

/// A folder of the host over packages or built files that only the image has.
pub(super) fn hidden(context: &Context<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for service in &context.deployment.services {
        let Some(own) = service.dockerfile.as_ref().filter(|_| !installs(service)) else { continue };
        let brought = brought(context, service, own);
        for mount in &service.volumes {
            let inside = mount.path.as_deref().is_some_and(|path| !path.starts_with(['/', '~']));
            let bare = matches!(mount.there, Some(There::Folder | There::Nothing));
            if mount.kind != MountKind::Bind || !inside || !bare {
                continue;
            }
            let kept = |directory: &String| {
                let modules = format!("{directory}/node_modules");
                service.volumes.iter().any(|other| other.target == modules)
            };
            let packages = brought.packages.iter().find(|directory| covers(mount, directory) && !kept(directory));
            let built = || brought.built.iter().find(|path| covers(mount, path) && !kept_apart(service, mount, path));
            let what = match (packages, built()) {
                (Some(directory), _) => format!("the packages installed in {directory}"),
                (None, Some(path)) => format!("{path}, which the build made"),
                (None, None) => continue,
            };
            let source = mount.source.as_ref().map(|source| source.raw.as_str()).unwrap_or_default();
            let hit = Hit::at(mount.spot.clone()).with("service", &service.name).with("source", source);
            hits.push(hit.with("target", &mount.target).with("what", what));
        }
    }
    hits
}

/// A named volume over the program itself.
pub(super) fn kept(context: &Context<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for service in &context.deployment.services {
        let brought = service.dockerfile.as_ref().map(|own| brought(context, service, own));
        let application = app(context, service).is_some_and(|app| !app.profile.service);
        for mount in service.volumes.iter().filter(|mount| mount.kind == MountKind::Volume) {
            let target = mount.target.trim_end_matches('/');
            let over = match &brought {
                Some(brought) => brought.copied.iter().chain(&brought.packages).any(|directory| directory == target),
                None => service.build.is_none() && application && matches!(target, "/app" | "/usr/src/app"),
            };
            if over {
                let source = mount.source.as_ref().map(|source| source.raw.as_str()).unwrap_or_default();
                let hit = Hit::at(mount.spot.clone()).with("service", &service.name).with("source", source);
                hits.push(hit.with("target", target));
            }
        }
    }
    hits
}

/// Whether a path lies in what a mount hides.
fn covers(mount: &Mount, path: &str) -> bool {
    let target = mount.target.trim_end_matches('/');
    path.strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether another mount keeps a path below a mount.
fn kept_apart(service: &Service, mount: &Mount, path: &str) -> bool {
    let deeper = |other: &&Mount| other.target != mount.target && covers(mount, &other.target);
    service.volumes.iter().filter(deeper).any(|other| covers(other, path))
}

/// Whether the container installs its packages itself at start.
fn installs(service: &Service) -> bool {
    let words = service.entrypoint.iter().chain(&service.command).flat_map(|line| &line.words);
    let mut words = words.map(|word| word.raw.as_str());
    words.any(|word| word.contains("install") || word.contains("npm ci"))
}

fn brought(context: &Context<'_>, service: &Service, own: &DockerfileOf) -> Brought {
    let mut found = Brought::default();
    let Some(target) = own.model.target(own.target.as_deref()) else { return found };
    let file = context.deployment.file(own.file);
    own.model.build(target, &crate::deploy::given(service), &mut |_, instruction, image| match &instruction.kind {
        InstructionKind::Run(command) => {
            let text = file.map_or("", |file| file.slice(command.span()));
            let shell = matches!(command, Command::Shell { .. });
            if let Some(directory) = image.directory.clone().filter(|_| shell && installs_packages(text)) {
                found.packages.push(directory);
            }
        }
        InstructionKind::Copy(copy) | InstructionKind::Add(copy) => {
            let Some(path) = image.path(&copy.target.text) else { return };
            let path = path.trim_end_matches('/').to_owned();
            match from_stage(instruction, &copy.sources) {
                Origin::Context => found.copied.push(path),
                Origin::Packages => found.packages.push(without_modules(&path)),
                Origin::Stage => found.built.push(path),
            }
        }
        _ => {}
    });
    found
}

enum Origin {
    Context,
    Stage,
    Packages,
}

fn from_stage(instruction: &Instruction, sources: &[Source]) -> Origin {
    if instruction.flag("from").is_none() {
        return Origin::Context;
    }
    let modules = |source: &Source| matches!(source, Source::Path(text) if text.text.trim_end_matches('/').ends_with("node_modules"));
    if sources.iter().any(modules) { Origin::Packages } else { Origin::Stage }
}

fn without_modules(path: &str) -> String {
    path.strip_suffix("/node_modules").unwrap_or(path).to_owned()
}

/// Package managers that put packages beside the program.
fn installs_packages(text: &str) -> bool {
    const INSTALLS: [&str; 9] = [
        "npm ci",
        "npm install",
        "npm i ",
        "yarn install",
        "yarn --",
        "yarn workspaces focus",
        "pnpm install",
        "pnpm i ",
        "bun install",
    ];
    let global = text.contains(" -g ") || text.contains("--global");
    !global
        && (INSTALLS.iter().any(|install| text.contains(install)) || text.trim() == "yarn" || text.ends_with("npm i"))
}
