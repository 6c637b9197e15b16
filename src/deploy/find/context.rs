//! The build context of a service: what the Dockerfile copies and the context does not have, and where a project's root lies in the images.

use std::collections::BTreeSet;

use super::Finder;
use crate::deploy::dockerfile::{Command, Dockerfile, Instruction, InstructionKind, Source};
use crate::deploy::ignored::{Ignored, PATTERNS};
use crate::deploy::locate::{FEW, Locator, Origin};
use crate::deploy::model::{Absent, DockerfileOf, Roots, Service};
use crate::deploy::shell;
use crate::deploy::startup::given;
use crate::deploy::text::Spot;
use crate::deploy::tree::join;

/// Files that say a folder is the source of a program.
const MANIFESTS: [&str; 8] = [
    "package.json",
    "requirements.txt",
    "pyproject.toml",
    "go.mod",
    "pom.xml",
    "Cargo.toml",
    "composer.json",
    "Gemfile",
];
/// Folders of one image that are looked into.
const FOLDERS: usize = 8;
/// Steps through instructions, in all: what fifty services with long Dockerfiles take is far less.
const FOLLOWED: usize = 4_000_000;
/// Stages of one Dockerfile whose files are followed.
const STAGES: usize = 20;

/// The `.dockerignore` of a Dockerfile: one of its own name, or the context's.
pub(super) fn ignored(finder: &Finder<'_>, context: &str, dockerfile: &str) -> Ignored {
    let own = format!("{dockerfile}.dockerignore");
    let found = finder.tree.read(&own).or_else(|_| finder.tree.read(&join(context, ".dockerignore")));
    found.map(|raw| Ignored::parse(&String::from_utf8_lossy(&raw.bytes))).unwrap_or_default()
}

/// Adds to a service's Dockerfile what its context tells.
pub(super) fn attach(finder: &mut Finder<'_>, service: &mut Service) {
    let Some(own) = service.dockerfile.as_ref() else { return };
    let Some(target) = own.model.target(own.target.as_deref()) else { return };
    if own.model.stages.len() > STAGES {
        return;
    }
    let used = used(&own.model, target);
    let instructions: usize = own.model.stages.iter().map(|stage| 1 + stage.instructions.len()).sum();
    let sources = instructions * (own.model.stages.len() + PATTERNS);
    let cost = sources + instructions * FEW * FOLDERS * (1 + used.len());
    let left = FOLLOWED.checked_sub(finder.followed + cost);
    if left.is_none() || own.model.looks() > 100 * instructions.max(1) {
        return;
    }
    finder.followed += cost;
    let absent = absent(finder, service, own, &used);
    let roots = roots(finder, service, own, &used);
    if let Some(own) = service.dockerfile.as_mut() {
        own.absent = absent;
        own.roots = roots;
    }
}

/// The stages that the builder builds: the target and all it takes anything from.
fn used(model: &Dockerfile, target: usize) -> BTreeSet<usize> {
    let mut used = BTreeSet::new();
    let mut open = vec![target];
    while let Some(index) = open.pop() {
        let Some(stage) = model.stages.get(index).filter(|_| used.insert(index)) else { continue };
        open.extend(model.stage(&stage.image.text).filter(|below| *below < index));
        for instruction in &stage.instructions {
            let mounts = instruction.flags.iter().filter(|flag| flag.name.text == "mount");
            let mounted = mounts
                .filter_map(|flag| flag.value.as_ref()?.text.split(',').find_map(|part| part.strip_prefix("from=")));
            let from = instruction.flag("from").map(|from| from.text.as_str());
            open.extend(mounted.chain(from).filter_map(|name| model.stage(name)).filter(|other| *other < index));
        }
    }
    used
}

/// The paths of the context that an instruction copies, as far as they are plain.
fn sources<'d>(
    instruction: &'d Instruction,
    expand: &dyn Fn(&str) -> Option<String>,
) -> Vec<(&'d std::ops::Range<usize>, String)> {
    let InstructionKind::Copy(copy) = &instruction.kind else { return Vec::new() };
    if instruction.flag("from").is_some() {
        return Vec::new();
    }
    let paths = copy.sources.iter().filter_map(|source| {
        let Source::Path(text) = source else { return None };
        let path = expand(&text.text)?;
        let other = path.contains(['*', '?', '[', '\\', '$']) || path.contains("://") || path.starts_with("git@");
        let path = join("", path.trim_start_matches('/'));
        (!other && !path.is_empty() && !path.starts_with("..")).then_some((&text.span, path))
    });
    paths.collect()
}

/// What is copied and not there. Where nothing at all is there, the source lies elsewhere, and nothing is said.
fn absent(finder: &Finder<'_>, service: &Service, own: &DockerfileOf, used: &BTreeSet<usize>) -> Vec<Absent> {
    let (mut found, mut there) = (Vec::new(), false);
    let given = given(service);
    for stage in used {
        own.model.build(*stage, &given, &mut |index, instruction, image| {
            if index != *stage {
                return;
            }
            for (span, path) in sources(instruction, &|text| image.expand(text)) {
                let exists = finder.tree.exists(&join(&own.context, &path));
                let hidden = own.ignored.hides(&path) && !own.ignored.shows_below(&path);
                there |= exists;
                if !exists || hidden {
                    found.push(Absent { spot: Spot::new(own.file, span.clone()), path, hidden: exists });
                }
            }
        });
    }
    let manifest = || MANIFESTS.iter().any(|name| finder.tree.exists(&join(&own.context, name)));
    if there || manifest() { found } else { Vec::new() }
}

/// Where the stages have `nx.json` and `package.json` of the context's root.
fn roots(finder: &Finder<'_>, service: &Service, own: &DockerfileOf, used: &BTreeSet<usize>) -> Roots {
    let Some(package) = finder.deployment.packages.iter().find(|package| package.folder == own.context) else {
        return Roots { unsure: true, ..Roots::default() };
    };
    let given = given(service);
    let locator = Locator::new(finder.tree, own, &given);
    let stages = own.model.stages.len();
    let mut roots = Roots { nx: vec![Vec::new(); stages], package: vec![Vec::new(); stages], unsure: false };
    for stage in used {
        let mut folders = BTreeSet::from(["/".to_owned()]);
        let image = own.model.build(*stage, &given, &mut |_, instruction, image| {
            roots.unsure |= brings(&own.model, instruction);
            if let InstructionKind::Copy(copy) = &instruction.kind {
                let target = image.path(&copy.target.text);
                roots.unsure |= target.is_none();
                folders.extend(target);
            }
            folders.extend(image.directory.clone());
        });
        folders.extend(image.directory);
        roots.unsure |= folders.len() > FOLDERS;
        for folder in folders.into_iter().take(FOLDERS) {
            let origin = |name: &str| locator.find_near(*stage, &join(&folder, name));
            let nx = package.nx && origin("nx.json").is_some();
            // The one of a package below it has scripts of its own.
            let root = join(&own.context, "package.json");
            let json = matches!(origin("package.json"), Some(Origin::File { path }) if path == root);
            let add = |list: &mut Vec<Vec<String>>| {
                list.get_mut(*stage).into_iter().for_each(|list| list.push(folder.clone()))
            };
            if nx {
                add(&mut roots.nx);
            }
            if json {
                add(&mut roots.package);
            }
        }
    }
    roots
}

/// Whether an instruction may bring files that are not followed: from another image, or made by a command.
fn brings(model: &Dockerfile, instruction: &Instruction) -> bool {
    match &instruction.kind {
        InstructionKind::Copy(copy) => {
            let from = instruction.flag("from");
            let archive = |source: &Source| match source {
                Source::Path(text) => text.text.contains(".t") || text.text.contains("://") || text.text.contains('$'),
                Source::Inline(_) => true,
            };
            from.is_some_and(|from| model.stage(&from.text).is_none())
                || copy.unpacks && copy.sources.iter().any(archive)
        }
        InstructionKind::Run(Command::Shell { script, .. }) => {
            const MAKERS: [&str; 12] =
                ["git", "cp", "mv", "ln", "tar", "unzip", "curl", "wget", "rsync", "install", "degit", "turbo"];
            let mut makes = script.error.is_some();
            shell::walk(script, shell::State::default(), &mut |step| {
                let invocation = step.invocation();
                makes |= invocation.program().is_none_or(|name| MAKERS.contains(&name) || name.ends_with(".sh"));
                makes |=
                    invocation.arguments().any(|word| matches!(word, "prune" | "init") || word.contains("create-"));
                makes |= step.output_file().is_some_and(|file| file.ends_with(".json"));
            });
            makes
        }
        InstructionKind::Run(Command::Exec { .. }) | InstructionKind::Onbuild(_) => true,
        _ => false,
    }
}
