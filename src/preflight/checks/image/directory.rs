//! Commands that are started in a directory where what they need is not.

use crate::deploy::dockerfile::{Command, InstructionKind, Source};
use crate::deploy::shell::{self, Invocation, State, join};
use crate::deploy::{Service, given};

use super::super::super::image::FACTS;
use super::super::super::scripts::running;
use super::{Context, Hit};

/// `node dist/main` where there is no `dist`, Nx outside of its workspace.
pub(super) fn wrong(context: &Context<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for service in &context.deployment.services {
        if service
            .volumes
            .iter()
            .any(|mount| service.startup.directory.as_deref().is_some_and(|at| at.starts_with(mount.target.as_str())))
        {
            continue;
        }
        for found in running(context.deployment, service) {
            let Some(directory) = found.directory.as_deref() else { continue };
            let fault = entry_file(&found.invocation)
                .and_then(|file| missing_file(service, directory, file))
                .or_else(|| nx(context, service, directory, &found.invocation));
            if let Some((needed, place)) = fault {
                let command = found.invocation.words.iter().filter_map(|word| word.text.as_deref()).take(3);
                let command = command.collect::<Vec<_>>().join(" ");
                let mut hit =
                    Hit::at(found.spot).with("command", command).with("directory", directory).with("needed", needed);
                if let Some(place) = place {
                    hit = hit.with("place", place);
                }
                hits.push(hit);
            }
        }
    }
    hits
}

/// The built file that node is to run, when its path is relative: `dist/src/main`.
fn entry_file(invocation: &Invocation) -> Option<&str> {
    if invocation.program()? != "node" {
        return None;
    }
    let file = invocation.arguments().find(|word| !word.starts_with('-'))?;
    let first = file.trim_start_matches("./").split('/').next()?;
    (!file.starts_with('/') && file.contains('/') && matches!(first, "dist" | "build" | "lib" | "out")).then_some(file)
}

/// What is missing in the directory, and where something of its name is.
fn missing_file(service: &Service, directory: &str, file: &str) -> Option<(String, Option<String>)> {
    let path = join(directory, file);
    let needed = file.to_owned();
    let base = service.startup.base.as_deref().and_then(|base| FACTS.of(base));
    if let Some(home) = base.filter(|facts| facts.profile.is_some()).and_then(|facts| facts.directory.as_deref()) {
        let above = home.starts_with(&format!("{}/", directory.trim_end_matches('/'))) || !home.starts_with(directory);
        let absent = !matches!(brought(service, &path), Some(Brought::Perhaps));
        return (above && directory != home && absent).then(|| (needed, Some(home.to_owned())));
    }
    // Of any other base image it is not known what it holds.
    base?;
    match brought(service, &path) {
        Some(Brought::No(place)) => Some((needed, place)),
        Some(Brought::Perhaps) | None => None,
    }
}

/// Whether the image's instructions bring a file.
enum Brought {
    Perhaps,
    /// Nothing does; another place that has a folder of this name.
    No(Option<String>),
}

fn brought(service: &Service, path: &str) -> Option<Brought> {
    let dockerfile = service.dockerfile.as_ref()?;
    let target = dockerfile.model.target(dockerfile.target.as_deref())?;
    let name = path.rsplit('/').nth(1).unwrap_or_default();
    let (mut perhaps, mut place) = (false, None);
    dockerfile.model.build(target, &given(service), &mut |_, instruction, image| match &instruction.kind {
        InstructionKind::Copy(copy) | InstructionKind::Add(copy) => match image.path(&copy.target.text) {
            Some(at) => {
                let inside = at == "/" || path == at || path.starts_with(&format!("{}/", at.trim_end_matches('/')));
                // A copy into a folder above it brings the file only if the source holds the folder on the way to it.
                perhaps |= inside && holds(&copy.sources, &at, path);
                if !inside && at.split('/').any(|part| part == "dist" || part == name) {
                    place = at.rsplit_once('/').map(|(folder, _)| folder.to_owned());
                }
            }
            None => perhaps = true,
        },
        InstructionKind::Run(Command::Shell { script, .. }) => perhaps |= may_build(script),
        InstructionKind::Run(Command::Exec { .. }) => perhaps = true,
        _ => {}
    });
    Some(if perhaps { Brought::Perhaps } else { Brought::No(place) })
}

/// Whether sources that are copied to a folder may hold a path below it.
fn holds(sources: &[Source], at: &str, path: &str) -> bool {
    let below = path.strip_prefix(at).unwrap_or_default().trim_start_matches('/');
    let first = below.split('/').next().unwrap_or_default();
    sources.iter().any(|source| match source {
        Source::Inline(_) => false,
        Source::Path(text) => {
            let name = text.text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            let file = name.contains('.') && !name.starts_with('.');
            !file || name == first || below.is_empty()
        }
    })
}

/// Whether a `RUN` may make files of its own.
fn may_build(script: &shell::Script) -> bool {
    let mut builds = script.error.is_some();
    shell::walk(script, State::default(), &mut |step| {
        let invocation = step.invocation();
        let program = invocation.program().unwrap_or("sh");
        let quiet = [
            "apk", "apt-get", "apt", "chown", "chmod", "adduser", "addgroup", "useradd", "groupadd", "rm", "set",
            "echo", "cd", "true", "corepack",
        ];
        let installs = matches!(program, "npm" | "pnpm" | "yarn")
            && invocation.arguments().all(|word| !word.contains("build") && word != "run");
        builds |= !quiet.contains(&program) && !installs && program != "mkdir";
    });
    builds
}

/// Nx outside of the folder that holds its workspace.
fn nx(
    context: &Context<'_>,
    service: &Service,
    directory: &str,
    invocation: &Invocation,
) -> Option<(String, Option<String>)> {
    let program = invocation.program()?;
    let first = invocation.subcommand();
    if program != "nx" && !(matches!(program, "npx" | "yarn" | "pnpm") && first == Some("nx")) {
        return None;
    }
    let needed = "nx.json".to_owned();
    let folder = service.build.as_ref().and_then(|build| build.folder.clone())?;
    let package = context.deployment.packages.iter().find(|package| package.folder == folder);
    if !package.is_some_and(|package| package.nx) {
        let base =
            service.startup.base.as_deref().and_then(|base| FACTS.of(base)).filter(|facts| facts.profile.is_some());
        let root = base.and(Some("/app"))?;
        return (!inside(directory, root)).then(|| (needed, Some(root.to_owned())));
    }
    let mut roots = Vec::new();
    let dockerfile = service.dockerfile.as_ref()?;
    let target = dockerfile.model.target(dockerfile.target.as_deref())?;
    let mut unknown = false;
    dockerfile.model.build(target, &given(service), &mut |_, instruction, image| {
        if let InstructionKind::Copy(copy) | InstructionKind::Add(copy) = &instruction.kind {
            unknown |= instruction.flag("from").is_some();
            let whole = copy.sources.iter().any(|source| {
                matches!(source, Source::Path(text) if matches!(text.text.as_str(), "." | "./") || text.text.ends_with("nx.json"))
            });
            roots.extend(image.path(&copy.target.text).filter(|_| whole));
        }
    });
    let root = roots.first().filter(|_| !unknown)?;
    (!roots.iter().any(|root| inside(directory, root))).then(|| (needed, Some(root.clone())))
}

fn inside(directory: &str, root: &str) -> bool {
    directory == root || root == "/" || directory.starts_with(&format!("{}/", root.trim_end_matches('/')))
}
