//! Development commands in an image that has no development tools.

use std::collections::BTreeMap;

use crate::deploy::dockerfile::{InstructionKind, Source};
use crate::deploy::shell::Invocation;
use crate::deploy::{Deployment, Package, Service, given};

use super::super::super::image::{FACTS, name_and_tag};
use super::super::super::scripts::{Running, each_run, running};
use super::{Context, Hit, Hits, Level};

/// Tools that are development dependencies of a Node.js project.
const TOOLS: [&str; 11] = [
    "nx",
    "nest",
    "nodemon",
    "ts-node",
    "ts-node-dev",
    "tsx",
    "vite",
    "concurrently",
    "webpack",
    "turbo",
    "react-scripts",
];

/// A development command in a pruned image, except Nx.
pub(super) fn command(context: &Context<'_>) -> Hits {
    found(context, false)
}

/// Nx in a pruned image.
pub(super) fn nx(context: &Context<'_>) -> Hits {
    found(context, true)
}

fn found(context: &Context<'_>, nx: bool) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some((pruned, level)) = pruned(service) else { continue };
        for Running { invocation, spot, .. } in running(context.deployment, service) {
            let Some((shown, tool)) = development(context.deployment, service, &invocation) else { continue };
            if (tool == "nx") != nx || kept(context.deployment, service, &tool) {
                continue;
            }
            let hit = Hit::at(spot).with("command", shown).with("tool", tool).with("pruned", &pruned);
            hits.push(if level == Level::Error { hit } else { hit.only(level) });
        }
    }
    hits
}

/// Why the image has no development dependencies, and how certain that is.
fn pruned(service: &Service) -> Option<(String, Level)> {
    let base = service.startup.base.as_deref().unwrap_or_default();
    if FACTS.of(base).is_some_and(|facts| facts.profile.is_some()) {
        return Some((format!("{} leaves them out", name_and_tag(base).0), Level::Error));
    }
    let dockerfile = service.dockerfile.as_ref()?;
    let target = dockerfile.model.target(dockerfile.target.as_deref())?;
    let brought = brought(service, target);
    let mut last: BTreeMap<usize, Option<String>> = BTreeMap::new();
    each_run(service, &mut |run| {
        let production = run.image.variables.get("NODE_ENV").is_some_and(|value| value == "production");
        let invocation = run.step.invocation();
        if let Some(kept) = install(&invocation, production).filter(|_| brought.contains(&run.stage)) {
            last.insert(run.stage, matches!(kept, Kept::Production).then(|| words(&invocation)));
        }
    });
    let level = if last.values().any(Option::is_none) { Level::Warning } else { Level::Error };
    let cut = last.into_values().flatten().next();
    cut.map(|cut| (format!("`{cut}` leaves them out"), level))
}

/// The stages whose dependencies the image has: its own, and those that `node_modules` or, without that, anything is copied from.
fn brought(service: &Service, target: usize) -> Vec<usize> {
    let Some(dockerfile) = &service.dockerfile else { return Vec::new() };
    let (mut modules, mut all) = (vec![target], vec![target]);
    dockerfile.model.build(target, &given(service), &mut |_, instruction, _| {
        let InstructionKind::Copy(copy) = &instruction.kind else { return };
        let Some(stage) = instruction.flag("from").and_then(|from| dockerfile.model.stage(&from.text)) else { return };
        all.push(stage);
        let names = |source: &Source| matches!(source, Source::Path(text) if text.text.contains("node_modules"));
        if copy.sources.iter().any(names) {
            modules.push(stage);
        }
    });
    if modules.len() > 1 { modules } else { all }
}

enum Kept {
    Production,
    All,
}

/// Which dependencies an installation leaves in place.
fn install(invocation: &Invocation, production: bool) -> Option<Kept> {
    let program = invocation.program()?;
    let words: Vec<&str> = invocation.arguments().collect();
    let verb = invocation.subcommand().unwrap_or("install");
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let without =
        has(&["--omit=dev", "--production", "--prod", "--only=production", "--only=prod", "-P", "--production=true"])
            || words.windows(2).any(|pair| pair == ["--omit", "dev"]);
    let with = has(&["--include=dev", "--production=false", "--dev"]);
    let installs = match program {
        "npm" => matches!(verb, "ci" | "install" | "i" | "prune"),
        "yarn" => verb == "install" || words == ["workspaces", "focus"] || words.starts_with(&["workspaces", "focus"]),
        "pnpm" => matches!(verb, "install" | "i" | "prune" | "deploy"),
        _ => false,
    };
    if !installs || has(&["-g", "--global"]) || with {
        return None;
    }
    Some(if without || production && (program == "npm" || program == "pnpm" || verb == "install") {
        Kept::Production
    } else {
        Kept::All
    })
}

fn words(invocation: &Invocation) -> String {
    invocation.words.iter().filter_map(|word| word.text.as_deref()).take(6).collect::<Vec<_>>().join(" ")
}

/// The command as it is written and the development tool that it needs.
fn development(deployment: &Deployment, service: &Service, invocation: &Invocation) -> Option<(String, String)> {
    let shown = words(invocation);
    if let Some(tool) = tool(invocation) {
        return Some((shown, tool));
    }
    let script = script(invocation)?;
    match package(deployment, service).and_then(|package| package.scripts.iter().find(|(name, _)| *name == script)) {
        Some((_, text)) => {
            let first = text
                .split_whitespace()
                .filter(|word| !word.contains('=') && *word != "cross-env" && *word != "npx")
                .collect::<Vec<_>>();
            let argument = |word: &&str| crate::deploy::shell::Argument { text: Some((*word).to_owned()), span: 0..0 };
            let inner = Invocation::of(first.iter().map(argument).collect());
            tool(&inner).map(|tool| (shown, tool))
        }
        // In Twenty's workspace `yarn start` is Nx; elsewhere `start` may be anything.
        None => {
            let twenty = FACTS.of(service.startup.base.as_deref()?)?.profile.is_some();
            match script.as_str() {
                "start" if twenty => Some((shown, "nx".to_owned())),
                _ if script == "dev" || script == "start:dev" || script == "serve" || script == "watch" => {
                    Some((shown, "a development server".to_owned()))
                }
                _ => None,
            }
        }
    }
}

/// The development tool that is run, itself or through npx and its like.
fn tool(invocation: &Invocation) -> Option<String> {
    let program = invocation.program()?;
    let words: Vec<&str> = invocation.arguments().filter(|word| !word.starts_with('-')).collect();
    let (name, rest) = match program {
        "npx" | "bunx" => (*words.first()?, words.get(1..)?),
        "yarn" | "pnpm" if matches!(words.first(), Some(&("exec" | "dlx" | "run"))) => {
            (*words.get(1)?, words.get(2..)?)
        }
        "yarn" | "pnpm" => (*words.first()?, words.get(1..)?),
        _ => (program, words.as_slice()),
    };
    let develops = match name {
        "next" | "nuxt" | "remix" | "astro" => rest.first() == Some(&"dev"),
        "ng" => rest.first() == Some(&"serve"),
        "vite" => !matches!(rest.first(), Some(&"preview")),
        "node" => invocation.arguments().any(|word| word.contains("ts-node")),
        _ => TOOLS.contains(&name),
    };
    develops.then(|| if name == "node" { "ts-node".to_owned() } else { name.to_owned() })
}

/// The script of package.json that a package manager runs.
pub(super) fn script(invocation: &Invocation) -> Option<String> {
    let words: Vec<&str> = invocation.arguments().filter(|word| !word.starts_with('-')).collect();
    let first = *words.first()?;
    let script = match (invocation.program()?, first) {
        ("npm" | "yarn" | "pnpm" | "bun", "run" | "run-script") => *words.get(1)?,
        ("npm", "start") | ("yarn" | "pnpm", _) => first,
        _ => return None,
    };
    Some(script.to_owned())
}

fn package<'d>(deployment: &'d Deployment, service: &Service) -> Option<&'d Package> {
    let context = service.build.as_ref()?.folder.as_ref()?;
    deployment.packages.iter().find(|package| package.folder == *context)
}

/// Whether the tool is there all the same: a dependency of production, or installed by itself.
fn kept(deployment: &Deployment, service: &Service, tool: &str) -> bool {
    let mut kept = package(deployment, service)
        .is_some_and(|package| package.dependencies.iter().any(|name| provides(name, tool)));
    each_run(service, &mut |run| {
        let invocation = run.step.invocation();
        let words: Vec<&str> = invocation.arguments().collect();
        let adds = words.iter().any(|word| matches!(*word, "install" | "add" | "i" | "-g" | "--global"));
        kept |= adds
            && words.iter().any(|word| provides(word.split('@').next().unwrap_or(word), tool) || provides(word, tool));
    });
    kept
}

fn provides(package: &str, tool: &str) -> bool {
    package == tool
        || matches!(
            (package, tool),
            ("@nestjs/cli", "nest")
                | ("@angular/cli", "ng")
                | ("typescript", "tsc")
                | ("webpack-cli", "webpack")
                | ("nx-cli", "nx")
        )
}
