//! What is known of base images: their tools, their user, what they run. Data: `patterns/images.toml`.

use std::sync::LazyLock;

use crate::deploy::dockerfile::{Command, InstructionKind};
use crate::deploy::shell;
use crate::deploy::{Service, given};

use super::facts::{BaseImage, Family, ImageFacts};

/// The facts, read once.
pub(super) static FACTS: LazyLock<ImageFacts> =
    LazyLock::new(|| postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/images.bin"))).unwrap_or_default());

/// A name and a tag: `docker.io/library/node:20-alpine` → `node`, `20-alpine`.
#[must_use]
pub(super) fn name_and_tag(image: &str) -> (&str, &str) {
    let image = image.split('@').next().unwrap_or(image);
    let slash = image.rfind('/').map_or(0, |at| at + 1);
    let colon = image.get(slash..).and_then(|last| last.find(':')).map(|at| slash + at);
    let (name, tag) = match colon {
        Some(at) => (image.get(..at).unwrap_or(image), image.get(at + 1..).unwrap_or_default()),
        None => (image, "latest"),
    };
    let name =
        ["docker.io/library/", "docker.io/", "library/", "index.docker.io/library/", "public.ecr.aws/docker/library/"]
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix))
            .unwrap_or(name);
    (name, tag)
}

/// The major version at the beginning of a tag, or anywhere before a `-`.
#[must_use]
pub(super) fn major(tag: &str) -> Option<u32> {
    let digits: String = tag.trim_start_matches('v').chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    let last = pattern.rsplit('*').next().unwrap_or_default();
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    text.ends_with(last)
}

impl ImageFacts {
    /// What is known of an image.
    #[must_use]
    pub(super) fn of(&self, image: &str) -> Option<&BaseImage> {
        let (name, tag) = name_and_tag(image);
        self.image.iter().find(|image| {
            image.names.iter().any(|pattern| fits(pattern, name))
                && (image.tags.is_empty() || image.tags.iter().any(|pattern| fits(pattern, tag)))
        })
    }

    /// An image's family.
    #[must_use]
    pub(super) fn family(&self, image: &BaseImage) -> Option<&Family> {
        self.family.iter().find(|family| Some(&family.name) == image.family.as_ref())
    }

    /// What `/bin/sh` is in an image.
    #[must_use]
    pub(super) fn shell(&self, image: &str) -> Option<&str> {
        self.family(self.of(image)?)?.shell.as_deref()
    }

    /// Whether a tool is known to be missing in an image.
    #[must_use]
    pub(super) fn lacks(&self, image: &str, tool: &str) -> bool {
        let Some(facts) = self.of(image) else { return false };
        if facts.missing.iter().any(|name| name == tool) {
            return true;
        }
        if !facts.complete {
            return false;
        }
        let Some(family) = self.family(facts) else { return false };
        // Node.js dropped yarn with version 26.
        let dropped = tool == "yarn" && name_and_tag(image).0 == "node" && major(name_and_tag(image).1) >= Some(26);
        let has = |tools: &[String]| tools.iter().any(|name| name == tool);
        let shell = matches!(tool, "sh" | "cat" | "ls" | "test" | "[" | "sleep") && family.tools.is_empty();
        (shell || self.watched.iter().any(|name| name == tool))
            && (dropped || !has(&family.tools) && !has(&facts.tools))
    }

    /// Whether an image opens no port by itself: what is built on it opens those that its own files name.
    #[must_use]
    pub(super) fn is_runtime(&self, image: &str) -> bool {
        let (name, _) = name_and_tag(image);
        self.runtimes.iter().any(|pattern| fits(pattern, name))
    }

    /// Whether a package brings a tool.
    #[must_use]
    pub(super) fn brings(&self, package: &str, tool: &str) -> bool {
        let package = package.split(['=', '@', '~', '<', '>']).next().unwrap_or(package);
        let versioned = package.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-' || c == '.');
        // `postgresql16-client`
        let digit = |c: char| c.is_ascii_digit() || c == '.';
        let inner: Vec<&str> = package.split('-').map(|part| part.trim_end_matches(digit)).collect();
        let inner = inner.join("-");
        package == tool
            || versioned == tool
            || [package, versioned, inner.as_str()]
                .iter()
                .any(|name| self.packages.get(*name).is_some_and(|tools| tools.iter().any(|name| name == tool)))
    }
}

/// Whether a tool is missing for certain in the image that a service runs: the base image has none, and nothing that is built on it
/// names the tool.
#[must_use]
pub(super) fn lacks(service: &Service, tool: &str) -> bool {
    let Some(base) = service.startup.base.as_deref() else { return false };
    FACTS.lacks(base, tool)
        && !added(service, tool)
        && !service.volumes.iter().any(|mount| names(&mount.target, tool) || is_tool_folder(&mount.target))
}

/// Whether an instruction of the image may bring the tool.
fn added(service: &Service, tool: &str) -> bool {
    let Some(dockerfile) = &service.dockerfile else { return false };
    let Some(target) = dockerfile.model.target(dockerfile.target.as_deref()) else { return true };
    let image = dockerfile.model.build(target, &given(service), &mut |_, _, _| {});
    image.history.iter().any(|(instruction, _)| match &instruction.kind {
        InstructionKind::Run(Command::Shell { script, .. }) => runs_in(script, tool),
        InstructionKind::Run(Command::Exec { words, .. }) => words.iter().any(|word| mentions(&word.text, tool)),
        InstructionKind::Copy(copy) => {
            let from_image = instruction.flag("from").is_some();
            let folder = is_tool_folder(&copy.target.text) || copy.target.text.ends_with("/bin");
            names(&copy.target.text, tool)
                || copy.sources.iter().any(|source| match source {
                    crate::deploy::dockerfile::Source::Path(text) => {
                        names(&text.text, tool)
                            || from_image && is_tool_folder(&text.text)
                            || folder && (is_tree(&text.text) || copy.unpacks && is_archive(&text.text))
                    }
                    crate::deploy::dockerfile::Source::Inline(_) => false,
                })
        }
        _ => false,
    })
}

fn is_tool_folder(path: &str) -> bool {
    matches!(
        path.trim_end_matches('/'),
        "" | "/usr"
            | "/usr/local"
            | "/usr/bin"
            | "/usr/local/bin"
            | "/usr/sbin"
            | "/usr/local/sbin"
            | "/sbin"
            | "/bin"
            | "/opt"
            | "/nix"
            | "/nix/store"
    )
}

/// Whether a source may be a folder with programs in it.
fn is_tree(path: &str) -> bool {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    path.ends_with('/')
        || path.contains('*')
        || matches!(name, "." | "" | "bin" | "rootfs" | "root" | "fs" | "usr" | "local" | "overlay" | "files")
}

fn is_archive(path: &str) -> bool {
    [".tar", ".tgz", ".gz", ".xz", ".bz2", ".tbz2", ".txz", ".zst"].iter().any(|end| path.ends_with(end))
        || path.contains("://")
}

/// Whether a script names the tool as an argument, or a package that brings it, or installs what only the run time knows.
fn runs_in(script: &shell::Script, tool: &str) -> bool {
    let mut found = script.error.is_some();
    shell::walk(script, shell::State::default(), &mut |step| {
        let invocation = step.invocation();
        let installs = invocation.arguments().any(|word| matches!(word, "install" | "add" | "enable" | "-S" | "-i"));
        // What a variable holds that only the build is given, and what is read from a list.
        let unknown = step.simple.words.iter().flat_map(|word| &word.parts).any(|part| match part {
            shell::Part::Parameter(parameter) => !step.state.variables.contains_key(&parameter.name),
            shell::Part::Literal(_) => false,
            _ => true,
        }) || invocation.program() == Some("xargs");
        let piped = step.index > 0 && invocation.program().is_some_and(crate::deploy::is_shell);
        found |= piped
            || installs && unknown
            || invocation.arguments().flat_map(str::split_whitespace).any(|word| mentions(word, tool))
            || step.output_file().is_some_and(|file| names(&file, tool));
        found |= installs_unknown(&invocation, tool);
    });
    found
}

/// Whether a command may bring programs that it does not name: a script, an archive that is unpacked, a build.
fn installs_unknown(invocation: &shell::Invocation, tool: &str) -> bool {
    let Some(first) = invocation.words.first() else { return false };
    let Some(path) = first.text.as_deref() else { return true };
    let program = path.rsplit('/').next().unwrap_or(path);
    let system = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"].iter().any(|folder| path.starts_with(folder));
    let script = path.contains('/') && !system;
    let package_scripts = ["node", "npm", "npx", "yarn", "pnpm"].contains(&tool);
    match program {
        "corepack" => matches!(tool, "yarn" | "pnpm"),
        // What a project's own tools build does not lie in the system's folders.
        "pip" | "pip3" | "gem" | "npm" | "bundle" | "conda" | "mamba" | "uv" | "pipx" | "brew" | "nix-env" | "nix" => {
            package_scripts && program != "npm" || matches!(program, "conda" | "mamba" | "brew" | "nix-env" | "nix")
        }
        "make" | "tar" | "unzip" | "dpkg" | "rpm" | "cpio" | "bsdtar" => true,
        "." | "source" => true,
        _ if crate::deploy::is_shell(program) => invocation.words.len() > 1,
        // A package that depends on it.
        "apt-get" | "apt" | "apk" | "dnf" | "yum" | "microdnf" => {
            tool == "python3" && invocation.arguments().any(|word| matches!(word, "install" | "add"))
        }
        _ => script,
    }
}

fn mentions(word: &str, tool: &str) -> bool {
    FACTS.brings(word, tool) || names(word, tool)
}

/// Whether a path ends in the tool's name.
fn names(path: &str, tool: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name == tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_can_be_read() {
        let facts: ImageFacts = toml::from_str(include_str!("../../patterns/images.toml")).unwrap();
        assert!(
            facts
                .image
                .iter()
                .filter_map(|image| image.family.as_ref())
                .all(|name| facts.family.iter().any(|family| family.name == *name))
        );
    }

    #[test]
    fn tools_are_missing_only_where_that_is_certain() {
        assert!(FACTS.lacks("node:20-alpine", "bash") && FACTS.lacks("docker.io/library/node:20-slim", "curl"));
        assert!(FACTS.lacks("scratch", "sh") && FACTS.lacks("gcr.io/distroless/nodejs20-debian12", "sh"));
        assert!(
            !FACTS.lacks("node:20-alpine", "wget")
                && !FACTS.lacks("node:20", "jq")
                && !FACTS.lacks("example.org/x", "curl")
        );
        assert!(!FACTS.lacks("gcr.io/distroless/base:debug", "wget") && !FACTS.lacks("node:20-alpine", "some-tool"));
        assert!(FACTS.lacks("node:26-alpine", "yarn") && !FACTS.lacks("node:22-alpine", "yarn"));
    }

    #[test]
    fn packages_are_known_with_their_version() {
        assert!(FACTS.brings("postgresql16-client", "psql") && FACTS.brings("postgresql-client-16", "psql"));
        assert!(FACTS.brings("curl=8.5.0-r0", "curl") && !FACTS.brings("postgresql16-dev", "psql"));
    }

    #[test]
    fn names_lose_registry_and_tag() {
        assert_eq!(name_and_tag("docker.io/library/node:20-alpine@sha256:00"), ("node", "20-alpine"));
        assert_eq!(name_and_tag("localhost:5000/shop"), ("localhost:5000/shop", "latest"));
    }
}
