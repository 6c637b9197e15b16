//! Commands that are started in a directory where what they need is not.

use crate::deploy::dockerfile::{Command, InstructionKind, Source};
use crate::deploy::shell::{self, Invocation, State, join};
use crate::deploy::{Package, Service, Spot, given};

use super::super::super::image::FACTS;
use super::super::super::scripts::{directory_of, each_run, running};
use super::{Context, Hit, Hits, Level};

/// `node dist/main` where there is no `dist`, Nx outside of its workspace.
pub(super) fn wrong(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        hits.extend(misplaced(service));
        in_build(context, service, &mut hits);
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
                if hit.values.get("needed").is_some_and(|needed| needed == "nx.json") {
                    hit = hit.caused("nx/not-a-workspace");
                }
                if let Some(place) = place {
                    hit = hit.with("place", place);
                }
                hits.push(hit);
            }
        }
    }
    hits
}

/// A program that lies where an earlier `WORKDIR` was.
fn misplaced(service: &Service) -> Option<Hit> {
    let (word, place) = service.startup.misplaced.as_ref()?;
    let directory = service.startup.directory.as_deref()?;
    let name = word.text.as_deref()?;
    let hit = Hit::at(word.spot.clone()).with("command", name).with("directory", directory).with("needed", name);
    // A build may bring the file too.
    let built = !matches!(brought(service, &join(directory, name)), Some(Brought::No(_)));
    let hit = hit.with("place", place);
    Some(if built { hit.only(Level::Warning) } else { hit })
}

/// Nx in a `RUN` outside of its workspace.
fn in_build(context: &Context<'_>, service: &Service, hits: &mut Hits) {
    let Some(file) = service.dockerfile.as_ref().map(|dockerfile| dockerfile.file) else { return };
    each_run(service, &mut |run| {
        if !run.own || run.step.place.condition {
            return;
        }
        let invocation = run.step.invocation();
        let Some(directory) = directory_of(run.image.directory.as_deref(), &run.step.state.directory) else { return };
        if !is_nx(&invocation) {
            return;
        }
        let mounts = run.instruction.flags.iter().any(|flag| flag.name.text == "mount");
        if let Some(place) = outside(context, service, run.stage, &directory).filter(|_| !mounts) {
            let command = invocation.words.iter().filter_map(|word| word.text.as_deref()).take(3);
            let command = command.collect::<Vec<_>>().join(" ");
            let hit = Hit::at(Spot::new(file, run.step.command.span.clone())).with("command", command);
            let hit = hit.with("directory", directory).with("needed", "nx.json").caused("nx/not-a-workspace");
            hits.once(place.into_iter().fold(hit, |hit, place| hit.with("place", place)));
            return;
        }
        let mut roots = Vec::new();
        let mut unknown = false;
        for (instruction, at) in &run.image.history {
            if let InstructionKind::Copy(copy) = &instruction.kind {
                unknown |= instruction.flag("from").is_some();
                let target = copy.target.text.as_str();
                let to = if target.starts_with('/') {
                    Some(join("/", target))
                } else {
                    at.as_ref().map(|at| join(at, target))
                };
                roots.extend(to.filter(|to| !to.contains('$') && holds_workspace(&copy.sources)));
            }
        }
        let known = project(context, service).is_some_and(|package| package.nx);
        if let Some(root) = roots.first().filter(|_| known && !unknown)
            && !roots.iter().any(|root| inside(&directory, root))
        {
            let command = invocation.words.iter().filter_map(|word| word.text.as_deref()).take(3);
            let command = command.collect::<Vec<_>>().join(" ");
            let hit = Hit::at(Spot::new(file, run.step.command.span.clone())).with("command", command);
            hits.push(hit.with("directory", directory).with("needed", "nx.json").with("place", root));
        }
    });
}

/// The project at the root of a service's build context.
fn project<'c>(context: &Context<'c>, service: &Service) -> Option<&'c Package> {
    let folder = service.build.as_ref()?.folder.as_ref()?;
    context.deployment.packages.iter().find(|package| package.folder == *folder)
}

/// Whether a copy brings the workspace's root.
fn holds_workspace(sources: &[Source]) -> bool {
    sources.iter().any(|source| {
        matches!(source, Source::Path(text) if matches!(text.text.as_str(), "." | "./") || text.text.ends_with("nx.json"))
    })
}

fn is_nx(invocation: &Invocation) -> bool {
    let program = invocation.program().unwrap_or_default();
    program == "nx" || matches!(program, "npx" | "yarn" | "pnpm") && invocation.subcommand() == Some("nx")
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
        InstructionKind::Copy(copy) => match image.path(&copy.target.text) {
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
pub(super) fn may_build(script: &shell::Script) -> bool {
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
    if !is_nx(invocation) && !runs_nx(context, service, invocation) {
        return None;
    }
    let needed = "nx.json".to_owned();
    let target = service.dockerfile.as_ref().and_then(|own| own.model.target(own.target.as_deref()));
    let mounted = service.volumes.iter().any(|mount| inside(directory, &mount.target));
    if let Some(place) = target.filter(|_| !mounted).and_then(|target| outside(context, service, target, directory)) {
        return Some((needed, place));
    }
    if !project(context, service).is_some_and(|package| package.nx) {
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
        if let InstructionKind::Copy(copy) = &instruction.kind {
            unknown |= instruction.flag("from").is_some();
            roots.extend(image.path(&copy.target.text).filter(|_| holds_workspace(&copy.sources)));
        }
    });
    let root = roots.first().filter(|_| !unknown)?;
    (!roots.iter().any(|root| inside(directory, root))).then(|| (needed, Some(root.clone())))
}

/// Whether a package manager runs a script of the project that is Nx.
fn runs_nx(context: &Context<'_>, service: &Service, invocation: &Invocation) -> bool {
    let name = super::development::script(invocation);
    let scripts = project(context, service).map(|package| package.scripts.as_slice()).unwrap_or_default();
    let text = name.and_then(|name| scripts.iter().find(|(known, _)| *known == name));
    text.is_some_and(|(_, text)| {
        text.split_whitespace().find(|word| !word.contains('=') && *word != "npx") == Some("nx")
    })
}

/// Whether a directory of a stage's image lies outside of every workspace, as far as everything that may bring `nx.json` is known; and
/// where a workspace is.
fn outside(context: &Context<'_>, service: &Service, stage: usize, directory: &str) -> Option<Option<String>> {
    let own = service.dockerfile.as_ref()?;
    let (chain, base) = own.model.chain(stage, &own.model.arguments(&given(service)));
    let known = project(context, service).is_some_and(|package| package.nx) && !own.roots.unsure;
    if !known || chain.is_empty() || !FACTS.is_runtime(&base?) {
        return None;
    }
    let roots = own.roots.nx.get(stage)?;
    (!roots.iter().any(|root| inside(directory, root))).then(|| roots.first().cloned())
}

fn inside(directory: &str, root: &str) -> bool {
    directory == root || root == "/" || directory.starts_with(&format!("{}/", root.trim_end_matches('/')))
}
