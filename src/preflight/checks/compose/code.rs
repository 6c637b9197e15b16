//! Mounts over directories that the image brings.

use crate::deploy::dockerfile::{Command, Instruction, InstructionKind, Source};
use crate::deploy::tree::below;
use crate::deploy::{DockerfileOf, Mount, MountKind, Service, There};
use crate::preflight::app::app;
use crate::preflight::checks::{Context, Hit, Hits};
use crate::preflight::image::FACTS;

/// Folders for what is written on the way.
const SCRATCH: [&str; 6] = ["/tmp", "/run", "/var/run", "/var/tmp", "/var/cache", "/var/log"];

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
pub(super) fn hidden(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        if installs(service) {
            continue;
        }
        let brought = service.dockerfile.as_ref().map(|own| brought(context, service, own)).unwrap_or_default();
        let known = app(context, service).filter(|app| !app.profile.service).and_then(|_| known_directory(service));
        for mount in &service.volumes {
            let memory = mount.kind == MountKind::Tmpfs && !SCRATCH.contains(&mount.target.trim_end_matches('/'));
            if !memory && (mount.kind != MountKind::Bind || !bare(mount)) {
                continue;
            }
            let kept = |directory: &String| {
                let modules = format!("{directory}/node_modules");
                service.volumes.iter().any(|other| other.target == modules)
            };
            let packages = brought.packages.iter().find(|directory| covers(mount, directory) && !kept(directory));
            let built = || brought.built.iter().find(|path| covers(mount, path) && !kept_apart(service, mount, path));
            let known = known.filter(|directory| covers(mount, directory));
            let modules = modules_of(&brought, mount.target.trim_end_matches('/'));
            let copied = || brought.copied.iter().find(|path| memory && covers(mount, path));
            let built = || built().or_else(copied);
            let what = match (packages, built(), known) {
                (Some(directory), ..) => format!("the packages installed in {directory}"),
                (None, Some(path), _) if memory => format!("what the image has in {path}"),
                (None, Some(path), _) => format!("{path}, which the build made"),
                (None, None, Some(directory)) => format!("the program of the image in {directory}"),
                (None, None, None) if modules => "the packages installed there".to_owned(),
                (None, None, None) => continue,
            };
            let source = mount.source.as_ref().map_or("an empty tmpfs", |source| source.raw.as_str());
            let mut hit = Hit::at(mount.spot.clone()).with("service", &service.name).with("source", source);
            if mount.there == Some(There::Nothing) {
                hit = hit.with("absent", source);
            }
            hit = match packages.is_some() || modules {
                true => hit.with("modules", format!("{}/node_modules", mount.target.trim_end_matches('/'))),
                false => hit.caused("build/output-missing"),
            };
            hits.push(hit.with("target", &mount.target).with("what", what));
        }
    }
    hits
}

/// Whether a folder of the deployment, without installed packages, is mounted.
fn bare(mount: &Mount) -> bool {
    let inside = mount.path.as_deref().is_some_and(|path| !path.starts_with(['/', '~']));
    inside && matches!(mount.there, Some(There::Folder | There::Nothing))
}

/// A named volume over the program itself.
pub(super) fn kept(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let brought = service.dockerfile.as_ref().map(|own| brought(context, service, own));
        let application = app(context, service).is_some_and(|app| !app.profile.service);
        for mount in service.volumes.iter().filter(|mount| mount.kind == MountKind::Volume) {
            let target = mount.target.trim_end_matches('/');
            let over = match &brought {
                Some(brought) => {
                    brought.copied.iter().any(|directory| directory == target)
                        || brought.packages.iter().chain(&brought.built).any(|path| covers(mount, path))
                        || modules_of(brought, target) && !beside_code(service, mount)
                }
                None => service.build.is_none() && application && matches!(target, "/app" | "/usr/src/app"),
            };
            let known = known_directory(service).filter(|_| application);
            let over = over || known.is_some_and(|directory| covers(mount, directory));
            if over {
                let source = mount.source.as_ref().map(|source| source.raw.as_str()).unwrap_or_default();
                let hit = Hit::at(mount.spot.clone()).with("service", &service.name).with("source", source);
                hits.push(hit.with("target", target));
            }
        }
    }
    hits
}

/// Whether a path is where a package manager put packages: below a directory in which it ran.
fn modules_of(brought: &Brought, target: &str) -> bool {
    let folder = target.strip_suffix("/node_modules").or_else(|| target.strip_suffix("/vendor"));
    folder.is_some_and(|folder| brought.packages.iter().any(|directory| directory == folder))
}

/// Whether a folder of the host is mounted around a mount, which then keeps the image's packages in sight.
fn beside_code(service: &Service, mount: &Mount) -> bool {
    let around = |other: &&Mount| other.kind == MountKind::Bind && other.target != mount.target;
    service.volumes.iter().filter(around).any(|other| covers(other, &mount.target))
}

/// Where the program of a known application is in its image: the one that is named, or the base of the one that is built.
fn known_directory(service: &Service) -> Option<&'static str> {
    let image = service.startup.base.as_deref().or_else(|| service.image.as_ref()?.known())?;
    FACTS.of(image)?.directory.as_deref()
}

/// Whether a path lies in what a mount hides.
fn covers(mount: &Mount, path: &str) -> bool {
    below(path, &mount.target).is_some()
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
        InstructionKind::Copy(copy) => {
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
    const INSTALLS: [&str; 10] = [
        "npm ci",
        "npm install",
        "npm i ",
        "yarn install",
        "yarn --",
        "yarn workspaces focus",
        "pnpm install",
        "pnpm i ",
        "bun install",
        "composer install",
    ];
    // Also what is put elsewhere on purpose.
    let elsewhere = [" -g ", "--global", "--prefix", "--modules-folder", "NODE_PATH", "mv "];
    !elsewhere.iter().any(|word| text.contains(word))
        && (INSTALLS.iter().any(|install| text.contains(install)) || text.trim() == "yarn" || text.ends_with("npm i"))
}
