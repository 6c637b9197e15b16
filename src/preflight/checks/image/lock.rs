//! Installations that need a lock file which nothing brings into the image.

use crate::deploy::Spot;
use crate::deploy::dockerfile::{Command, Instruction, InstructionKind, Source};
use crate::deploy::shell::{self, Invocation, State};

use super::super::super::image::name_and_tag;
use super::super::super::scripts::each_run;
use super::directory::may_build;
use super::{Context, Hit, Hits};

/// `npm ci` and `pnpm install --frozen-lockfile`, before which no instruction copies the lock file.
pub(super) fn missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(file) = service.dockerfile.as_ref().map(|dockerfile| dockerfile.file) else { continue };
        each_run(service, &mut |run| {
            let invocation = run.step.invocation();
            let official = run.image.base.as_deref().is_some_and(|base| name_and_tag(base).0 == "node");
            let mounts = run.instruction.flags.iter().any(|flag| flag.name.text == "mount");
            let asked = run.step.place.condition || run.step.next.is_some();
            let Some((command, locks)) = wanted(&invocation).filter(|_| run.own && official && !mounts && !asked)
            else {
                return;
            };
            let before = run.image.history.iter().filter(|(known, _)| known.keyword != run.instruction.keyword);
            let made = made_here(run.instruction, run.step.command.span.start);
            if made || before.into_iter().any(|(instruction, _)| may_bring(instruction, locks)) {
                return;
            }
            let lock = locks.first().copied().unwrap_or_default();
            let hit = Hit::at(Spot::new(file, run.step.command.span.clone())).with("service", &service.name);
            hits.once(hit.with("command", command).with("lock", lock));
        });
    }
    hits
}

/// The lock files of which a command needs one, and what it is called.
fn wanted(invocation: &Invocation) -> Option<(&'static str, &'static [&'static str])> {
    let words: Vec<&str> = invocation.arguments().collect();
    let elsewhere = ["--prefix", "-C", "--dir", "-g", "--global", "-w"];
    if words.iter().any(|word| elsewhere.iter().any(|option| word.starts_with(option))) {
        return None;
    }
    match (invocation.program()?, *words.first()?) {
        ("npm", "ci" | "clean-install") => Some(("npm ci", &["package-lock.json", "npm-shrinkwrap.json"])),
        ("pnpm", "install" | "i") if words.contains(&"--frozen-lockfile") => {
            Some(("pnpm install --frozen-lockfile", &["pnpm-lock.yaml"]))
        }
        _ => None,
    }
}

/// Whether an instruction may bring one of these files, or make it.
fn may_bring(instruction: &Instruction, locks: &[&str]) -> bool {
    match &instruction.kind {
        InstructionKind::Copy(copy) => {
            let may = |source: &Source| match source {
                Source::Path(text) => locks.iter().any(|lock| may_be(&text.text, lock)),
                Source::Inline(_) => true,
            };
            instruction.flag("from").is_some() || copy.sources.iter().any(may)
        }
        InstructionKind::Run(Command::Shell { script, .. }) => may_build(script) || installs(script, usize::MAX),
        InstructionKind::Run(Command::Exec { .. }) | InstructionKind::Onbuild(_) => true,
        _ => false,
    }
}

/// Whether an earlier command of the same instruction may make the file.
fn made_here(instruction: &Instruction, before: usize) -> bool {
    match &instruction.kind {
        InstructionKind::Run(Command::Shell { script, .. }) => installs(script, before),
        _ => true,
    }
}

/// Whether a package manager installs something here: it writes its lock file then.
fn installs(script: &shell::Script, before: usize) -> bool {
    const QUIET: [&str; 14] = [
        "apk", "apt-get", "apt", "corepack", "set", "cd", "echo", "rm", "chown", "chmod", "mkdir", "true", "adduser",
        "addgroup",
    ];
    let mut found = script.error.is_some();
    shell::walk(script, State::default(), &mut |step| {
        let invocation = step.invocation();
        let global = invocation.arguments().any(|word| matches!(word, "-g" | "--global" | "config" | "set"));
        let program = invocation.program().unwrap_or_default();
        let quiet = QUIET.contains(&program) || matches!(program, "npm" | "pnpm" | "yarn") && global;
        found |= step.command.span.start < before && !quiet;
    });
    found
}

/// Whether a source may be a file of this name, or a folder that holds one.
fn may_be(source: &str, lock: &str) -> bool {
    let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let plain =
        !source.ends_with('/') && name.contains('.') && !name.starts_with('.') && !name.contains(['*', '?', '[', '$']);
    let pattern = name.split(['*', '?', '[', '$']).next().unwrap_or_default();
    if plain { name == lock } else { !name.contains(['*', '?', '[', '$']) || lock.starts_with(pattern) }
}

#[cfg(test)]
mod tests {
    use super::may_be;

    #[test]
    fn sources_that_may_be_the_lock_file() {
        for source in
            [".", "./", "package*.json", "package-lock.json", "web/", "src", "$X", "*.json", "package?lock.json"]
        {
            assert!(may_be(source, "package-lock.json"), "{source}");
        }
        for source in ["package.json", "./package.json", "tsconfig*.json"] {
            assert!(!may_be(source, "package-lock.json"), "{source}");
        }
    }
}
