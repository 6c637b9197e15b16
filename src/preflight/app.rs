//! What a service runs: its profile, and what is known of its ports and variables.

use crate::deploy::dockerfile::{Command, Image, InstructionKind};
use crate::deploy::{Deployment, Service, Value};
use crate::rule::{ProfileFile, RequiresSpec, VariableSpec};

use super::check::Context;

/// A service and the application in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct App<'a> {
    pub(super) service: &'a Service,
    pub(super) profile: &'a ProfileFile,
    /// Known by its image; else by words in its files.
    pub(super) by_image: bool,
}

/// Every service with the application in it, where that is known.
pub(super) fn apps<'a>(context: &Context<'a>) -> Vec<App<'a>> {
    context.deployment.services.iter().filter_map(|service| app(context, service)).collect()
}

/// The application in a service: by its image, by the image its own is built from, or by the words of its files.
pub(super) fn app<'a>(context: &Context<'a>, service: &'a Service) -> Option<App<'a>> {
    let known = context.memo.applications.borrow().get(&service.name).copied();
    let (profile, by_image) = known.unwrap_or_else(|| {
        let found = find(context, service).and_then(|app| {
            let index = context.profiles.iter().position(|profile| profile.id == app.profile.id)?;
            Some((index, app.by_image))
        });
        context.memo.applications.borrow_mut().insert(service.name.clone(), found);
        found
    })?;
    Some(App { service, profile: context.profiles.get(profile)?, by_image })
}

fn find<'a>(context: &Context<'a>, service: &'a Service) -> Option<App<'a>> {
    let images = images_of(service);
    let fitting = context.profiles.iter().filter(|profile| images.iter().any(|image| fits(image, &profile.images)));
    let known = fitting.max_by_key(|profile| profile.rank);
    if let Some(profile) = known.filter(|profile| profile.service) {
        return Some(App { service, profile, by_image: true });
    }
    // Somebody else's image of that name is a server of that kind, but listens, and asks for, what it likes.
    let alike =
        |profile: &&ProfileFile| profile.service && images.iter().any(|image| resembles(image, &profile.images));
    if let Some(profile) = context.profiles.iter().filter(alike).max_by_key(|profile| profile.rank) {
        return Some(App { service, profile, by_image: false });
    }
    let named = context.profiles.iter().filter(|profile| {
        profile.requires.as_ref().is_some_and(|requires| {
            (requires.files.is_empty() || holds(service, &requires.files))
                && mentions(context.deployment, service, &requires.recognise)
        })
    });
    let named = named.max_by_key(|profile| profile.rank);
    match (known, named) {
        (Some(known), Some(named)) if named.rank > known.rank => Some(App { service, profile: named, by_image: false }),
        (Some(known), _) => Some(App { service, profile: known, by_image: true }),
        (None, Some(named)) => Some(App { service, profile: named, by_image: false }),
        (None, None) => None,
    }
}

impl<'a> App<'a> {
    pub(super) fn requires(&self) -> Option<&'a RequiresSpec> {
        self.profile.requires.as_ref()
    }

    /// Whether the container runs the server of its image, and not a tool from it.
    pub(super) fn is_server(&self) -> bool {
        let Some(requires) = self.requires() else { return true };
        if requires.servers.is_empty() || !self.by_image {
            return true;
        }
        let words = |line: &'a Option<crate::deploy::CommandLine>| line.as_ref().map(|line| line.words.as_slice());
        let entry = words(&self.service.entrypoint).filter(|words| !words.is_empty());
        let command = words(&self.service.command).filter(|words| !words.is_empty());
        let Some(first) = entry.or(command).and_then(<[Value]>::first) else { return self.keeps_server() };
        let Some(first) = first.known() else { return false };
        let name = first.rsplit('/').next().unwrap_or(first);
        requires.servers.iter().any(|server| server == name) || (entry.is_none() && first.starts_with('-'))
    }

    /// Whether the service's own Dockerfile leaves the server's start as it is.
    fn keeps_server(&self) -> bool {
        let Some(image) = built(self.service) else { return true };
        let first = |instruction: &crate::deploy::dockerfile::Instruction| match &instruction.kind {
            InstructionKind::Cmd(Command::Exec { words, .. }) => words.first().map(|word| word.text.clone()),
            _ => None,
        };
        let servers = self.requires().map(|requires| requires.servers.as_slice()).unwrap_or_default();
        let own = |name: String| name.starts_with('-') || servers.iter().any(|server| name.ends_with(server.as_str()));
        image.entrypoint.is_none() && image.command.is_none_or(|command| first(command).is_some_and(own))
    }

    /// Whether an image of the profile is among these; an empty list means every image.
    pub(super) fn among(&self, images: &[String]) -> bool {
        images.is_empty() || images_of(self.service).iter().any(|image| fits(image, images))
    }

    /// The variables that its image needs.
    pub(super) fn needs(&self) -> Vec<&'a VariableSpec> {
        let Some(requires) = self.requires() else { return Vec::new() };
        requires.variable.iter().filter(|variable| self.among(&variable.images)).collect()
    }
}

/// What a service's Dockerfile makes of its image.
pub(super) fn built(service: &Service) -> Option<Image<'_>> {
    let dockerfile = service.dockerfile.as_ref()?;
    let target = dockerfile.model.target(dockerfile.target.as_deref())?;
    Some(dockerfile.model.build(target, &crate::deploy::given(service), &mut |_, _, _| {}))
}

/// The images that tell what runs: the one that is named, and the one that its own is built from, without tags.
fn images_of(service: &Service) -> Vec<String> {
    let base = built(service).and_then(|image| image.base).map(|base| repository(&base).to_owned());
    base.into_iter().chain(service.image_name().map(str::to_owned)).collect()
}

/// `library/postgres` of `library/postgres:16@sha256:…`.
fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// The ports that the image's own Dockerfile exposes; none where one of them is not known.
pub(super) fn exposed(service: &Service) -> Option<Vec<u16>> {
    let Some(image) = built(service) else { return Some(Vec::new()) };
    let mut ports = Vec::new();
    for word in &image.exposed {
        let text = word.as_deref()?.split('/').next()?;
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        ports.extend(first.parse::<u16>().ok()?..=last.parse::<u16>().ok()?);
    }
    Some(ports)
}

/// Whether a repository is one of `known`, or one of them in another registry.
fn fits(image: &str, known: &[String]) -> bool {
    known.iter().any(|known| below(image, known).is_some_and(is_registry))
}

/// Whether a repository has the name of one of `known`, whoever made it.
fn resembles(image: &str, known: &[String]) -> bool {
    known.iter().any(|known| below(image, known).is_some())
}

/// What stands before the name of a repository.
fn below<'i>(image: &'i str, known: &str) -> Option<&'i str> {
    image.strip_suffix(known).filter(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// Whether what stands before a name is a registry or a mirror of the official images, and no owner: `ghcr.io/`, `docker.io/library/`.
fn is_registry(before: &str) -> bool {
    let before = before.trim_end_matches('/');
    let before = before.strip_suffix("library").unwrap_or(before).trim_end_matches('/');
    let before = before.strip_suffix("/docker").unwrap_or(before);
    before.is_empty() || !before.contains('/') && (before.contains(['.', ':']) || before == "localhost")
}

/// Whether the build context of a service holds one of these files.
pub(super) fn holds(service: &Service, files: &[String]) -> bool {
    let landmarks = service.dockerfile.iter().flat_map(|dockerfile| &dockerfile.landmarks);
    landmarks.into_iter().any(|landmark| files.iter().any(|file| file == landmark))
}

/// Whether the files and commands of a service hold one of these texts.
pub(super) fn mentions(deployment: &Deployment, service: &Service, texts: &[String]) -> bool {
    let holds = |text: &str| texts.iter().any(|known| text.contains(known.as_str()));
    let file = |id| deployment.file(id).is_some_and(|file| holds(&file.text));
    let words = [&service.entrypoint, &service.command].into_iter().flatten().flat_map(|line| &line.words);
    !texts.is_empty()
        && (service.dockerfile.as_ref().is_some_and(|dockerfile| file(dockerfile.file))
            || service.scripts.iter().any(|script| file(script.file))
            || words.into_iter().any(|word| holds(&word.raw)))
}

/// What is known of a variable in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting<'a> {
    /// It has this value.
    Known(&'a str),
    /// It is set, to what is not known; or it may be.
    Unknown,
    /// It is not set.
    Absent,
}

/// A variable of a service's container.
pub(super) fn setting<'a>(deployment: &'a Deployment, service: &'a Service, name: &str) -> Setting<'a> {
    if let Some(variable) = service.variable(name) {
        return match variable.value.as_ref().map(|value| value.known()) {
            Some(Some(known)) => Setting::Known(known),
            _ => Setting::Unknown,
        };
    }
    let pair = service.dockerfile.as_ref().and_then(|_| environment(service, name));
    match pair {
        Some(Some(text)) if !text.contains('$') => Setting::Known(text),
        Some(_) => Setting::Unknown,
        None if !service.environment_complete || assigned(deployment, service, name) => Setting::Unknown,
        None => Setting::Absent,
    }
}

/// The value that the Dockerfile's `ENV` gives a variable, as it is written.
fn environment<'a>(service: &'a Service, name: &str) -> Option<Option<&'a str>> {
    let image = built(service)?;
    let pair = image.environment.iter().rev().find(|pair| pair.name.text == name)?;
    Some(pair.value.as_ref().map(|value| value.text.as_str()))
}

/// Whether a script or a command of the service sets a variable.
fn assigned(deployment: &Deployment, service: &Service, name: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    let sets = |text: &str| {
        text.match_indices(name).any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let after = text.get(at + name.len()..).unwrap_or_default();
            after.starts_with('=') && !before.is_some_and(letter)
        })
    };
    let script = |id| deployment.file(id).is_some_and(|file| sets(&file.text));
    let words = [&service.entrypoint, &service.command].into_iter().flatten().flat_map(|line| &line.words);
    service.scripts.iter().any(|found| script(found.file)) || words.into_iter().any(|word| sets(&word.raw))
}

/// Whether a condition `NAME` or `NAME=value` holds, or may hold.
pub(super) fn may_hold(deployment: &Deployment, service: &Service, condition: &str) -> bool {
    let (name, wanted) = condition.split_once('=').map_or((condition, None), |(name, value)| (name, Some(value)));
    match setting(deployment, service, name) {
        Setting::Known(value) => wanted.map_or(!value.is_empty(), |wanted| wanted == value),
        Setting::Unknown => true,
        Setting::Absent => false,
    }
}
