//! Package managers: options that a version does not know, and a version that is not the project's.

use std::ops::Range;

use crate::deploy::shell::{Invocation, Step};
use crate::deploy::{Package, Service, Spot};

use super::super::super::image::{major, name_and_tag};
use super::super::super::scripts::{each_run, each_step};
use super::{Context, Hit, Hits};

/// Options of `install` that yarn 2 and later refuse, and what to write instead.
const YARN: [(&str, &str); 17] = [
    ("--production", "yarn workspaces focus --production"),
    ("--prod", "yarn workspaces focus --production"),
    ("--ignore-scripts", "--mode=skip-build"),
    ("--ignore-engines", "nothing: engines are not checked"),
    ("--ignore-optional", "supportedArchitectures in .yarnrc.yml"),
    ("--ignore-platform", "supportedArchitectures in .yarnrc.yml"),
    ("--pure-lockfile", "--immutable"),
    ("--no-lockfile", "nothing: there is always a lockfile"),
    ("--prefer-offline", "nothing: the cache is used first"),
    ("--non-interactive", "nothing: it does not ask"),
    ("--no-progress", "enableProgressBars: false in .yarnrc.yml"),
    ("--check-files", "--check-cache"),
    ("--cache-folder", "cacheFolder in .yarnrc.yml"),
    ("--force", "yarn rebuild"),
    ("--flat", "yarn dedupe"),
    ("--legacy-peer-deps", "packageExtensions in .yarnrc.yml"),
    ("--omit", "yarn workspaces focus --production"),
];

/// Options of `install` that pnpm refuses.
const PNPM: [(&str, &str); 6] = [
    ("--immutable", "--frozen-lockfile"),
    ("--omit", "--prod"),
    ("--no-audit", "nothing: install does not audit"),
    ("--legacy-peer-deps", "--no-strict-peer-dependencies"),
    ("--pure-lockfile", "--frozen-lockfile"),
    ("--non-interactive", "nothing: set CI=true"),
];

/// Words of apt that apk refuses.
const APK: [(&str, &str); 8] = [
    ("--no-install-recommends", "nothing: there are no recommended packages"),
    ("--no-install-suggests", "nothing: there are no suggested packages"),
    ("-y", "nothing: it does not ask"),
    ("--yes", "nothing: it does not ask"),
    ("--assume-yes", "nothing: it does not ask"),
    ("--fix-missing", "apk fix"),
    ("install", "apk add"),
    ("remove", "apk del"),
];

/// Words of apk that apt refuses.
const APT: [(&str, &str); 4] = [
    ("--no-cache", "rm -rf /var/lib/apt/lists/* behind the installation"),
    ("--virtual", "the names of the packages"),
    ("add", "apt-get install"),
    ("del", "apt-get remove"),
];

/// Options of other package managers that dnf and yum refuse.
const DNF: [(&str, &str); 3] = [
    ("--no-install-recommends", "--setopt=install_weak_deps=False"),
    ("--no-cache", "dnf clean all behind the installation"),
    ("--virtual", "the names of the packages"),
];

/// The project of a service's build.
fn package<'c>(context: &Context<'c>, service: &Service) -> Option<&'c Package> {
    let folder = service.build.as_ref()?.folder.as_ref()?;
    context.deployment.packages.iter().find(|package| package.folder == *folder)
}

/// The version of a package manager that a Dockerfile chooses: `corepack prepare yarn@4.9.0`, `npm install -g pnpm@9`.
fn chosen(service: &Service) -> Option<(String, u32)> {
    let mut found = None;
    each_run(service, &mut |run| {
        let invocation = run.step.invocation();
        let sets = matches!(invocation.program(), Some("corepack" | "npm"))
            || invocation.arguments().any(|word| word == "version");
        for word in invocation.arguments().filter(|_| sets) {
            let Some((name, version)) = word.split_once('@') else { continue };
            let number = if matches!(version, "stable" | "berry" | "latest") && name == "yarn" {
                Some(4)
            } else {
                major(version)
            };
            if let Some(number) = number.filter(|_| matches!(name, "yarn" | "pnpm" | "npm")) {
                found = Some((name.to_owned(), number));
            }
        }
        if invocation.program() == Some("yarn") && invocation.subcommand() == Some("set") {
            let modern =
                invocation.arguments().any(|word| matches!(word, "stable" | "berry") || major(word) >= Some(2));
            found = Some(("yarn".to_owned(), if modern { 4 } else { 1 }));
        }
    });
    found
}

/// An option of `install` that the package manager's version does not know.
pub(super) fn flag_unknown(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let manager = chosen(service).or_else(|| package(context, service)?.manager.clone());
        let mut look = |step: &Step<'_, '_>, spot: &dyn Fn(&Range<usize>) -> Spot| {
            let invocation = step.invocation();
            if let Some((range, flag, instead)) = refused(&invocation, manager.as_ref()) {
                let name = invocation.program().unwrap_or_default();
                let version = manager
                    .as_ref()
                    .filter(|(known, _)| known == name)
                    .map_or(String::new(), |(_, number)| number.to_string());
                let mut hit = Hit::at(spot(&range)).with("flag", flag).with("manager", name).with("instead", instead);
                if !version.is_empty() {
                    hit = hit.with("version", version);
                }
                hits.push(hit);
            }
        };
        each_step(context.deployment, service, &mut |_, step, spot| look(step, spot));
        let Some(file) = service.dockerfile.as_ref().map(|dockerfile| dockerfile.file) else { continue };
        each_run(service, &mut |run| {
            if run.own {
                look(run.step, &|range| Spot::new(file, range.clone()));
            }
        });
    }
    hits
}

fn refused(invocation: &Invocation, manager: Option<&(String, u32)>) -> Option<(Range<usize>, String, &'static str)> {
    let verb = invocation.subcommand();
    let table: &[(&str, &str)] = match invocation.program()? {
        "yarn"
            if matches!(verb, None | Some("install"))
                && manager.is_some_and(|(name, number)| name == "yarn" && *number >= 2) =>
        {
            &YARN
        }
        "pnpm" if matches!(verb, Some("install" | "i")) => &PNPM,
        "apk" => &APK,
        "apt-get" | "apt" => &APT,
        "dnf" | "yum" | "microdnf" => &DNF,
        _ => return None,
    };
    invocation.words.iter().skip(1).find_map(|word| {
        let text = word.text.as_deref()?;
        let name = text.split('=').next()?;
        // A word is a verb only where the verb stands; behind it, it is a package.
        if !name.starts_with('-') && verb != Some(text) {
            return None;
        }
        let modern = table.first() == YARN.first();
        let known = table.iter().find(|(flag, _)| *flag == name).map(|(_, instead)| *instead);
        // A switch with a value is refused although the switch alone is still taken.
        let instead =
            known.or_else(|| (modern && name == "--frozen-lockfile" && text.contains('=')).then_some("--immutable"))?;
        Some((word.span.clone(), text.to_owned(), instead))
    })
}

/// yarn 1 of the image, where the project wants a later one.
pub(super) fn manager_mismatch(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        let Some(package) = package(context, service) else { continue };
        let Some((name, version)) = package.manager.clone() else { continue };
        let Some(file) = service.dockerfile.as_ref().map(|dockerfile| dockerfile.file) else { continue };
        if name != "yarn" || version < 2 || package.yarn_path {
            continue;
        }
        let mut ready = false;
        each_run(service, &mut |run| {
            let invocation = run.step.invocation();
            ready |= invocation.program() == Some("corepack")
                || invocation.arguments().any(|word| word.contains("corepack") || word.starts_with("yarn@"))
                || invocation.program() == Some("yarn") && invocation.subcommand() == Some("set");
        });
        let copied = service
            .dockerfile
            .iter()
            .flat_map(|dockerfile| &dockerfile.model.stages)
            .flat_map(|stage| &stage.instructions);
        ready |= copied.filter(|instruction| instruction.flag("from").is_some()).any(|instruction| {
            matches!(&instruction.kind, crate::deploy::dockerfile::InstructionKind::Copy(copy) if copy.target.text.contains("yarn"))
        });
        if ready {
            continue;
        }
        let mut told = false;
        each_run(service, &mut |run| {
            let invocation = run.step.invocation();
            let official = run.image.base.as_deref().is_some_and(|base| name_and_tag(base).0 == "node");
            if run.own && official && !told && invocation.program() == Some("yarn") {
                told = true;
                let hit = Hit::at(Spot::new(file, run.step.command.span.clone()));
                hits.push(hit.with("version", version.to_string()));
            }
        });
    }
    hits
}
