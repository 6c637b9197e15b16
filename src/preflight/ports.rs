//! Ports that the program in a service's container opens, as far as the files tell.

use crate::deploy::nginx::routes::routes;
use crate::deploy::{Deployment, Service, Value};

use super::app::{App, Setting, app, setting};
use super::check::Context;
use super::image::{FACTS, name_and_tag};

/// What is known of the ports a container opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) ports: Vec<u16>,
    /// All of them are known for certain: by what the image is, or by what its configuration says.
    pub(super) certain: bool,
    /// The service's own configuration names them, not only what is published; the image below opens none by itself.
    pub(super) told: bool,
    /// Where the knowledge comes from, for a message.
    pub(super) because: String,
}

/// The ports that a service's container opens; none where nothing is known.
pub(super) fn opened(context: &Context<'_>, service: &Service) -> Option<Opened> {
    if let Some(known) = context.memo.ports.borrow().get(&service.name) {
        return known.clone();
    }
    let found = find(context, service);
    context.memo.ports.borrow_mut().insert(service.name.clone(), found.clone());
    found
}

fn find(context: &Context<'_>, service: &Service) -> Option<Opened> {
    let app = app(context, service);
    if let Some(found) = listens(context.deployment, service) {
        return Some(found);
    }
    // A server of an image of one's own reads a configuration of one's own, which the files here need not show.
    let own = |app: &App<'_>| app.profile.service && service.dockerfile.is_some();
    if let Some(app) = app.filter(|app| (app.by_image || !app.profile.service) && !own(app))
        && let Some(port) = app.profile.port
        && service.nginx.is_empty()
    {
        return of_profile(context.deployment, &app, port);
    }
    announced(context.deployment, service)
}

/// What the configuration of nginx listens on.
fn listens(deployment: &Deployment, service: &Service) -> Option<Opened> {
    let value = |name: &str| match setting(deployment, service, name) {
        Setting::Known(value) => Some(value.to_owned()),
        _ => None,
    };
    let none = |_: &str| None;
    let mut ports = Vec::new();
    for file in &service.nginx {
        let known: &dyn Fn(&str) -> Option<String> = if file.path.ends_with(".template") { &value } else { &none };
        for listen in routes(&file.model, known).listens {
            if listen.loopback {
                continue;
            }
            ports.push(listen.port?);
        }
    }
    (!ports.is_empty()).then(|| Opened { ports, certain: true, told: true, because: "its nginx listens on".to_owned() })
}

fn of_profile(deployment: &Deployment, app: &App<'_>, port: u16) -> Option<Opened> {
    let requires = app.requires();
    let mounted =
        app.service.volumes.iter().any(|mount| mount.target.ends_with(".conf") || mount.target.contains("/conf.d"));
    let variable = requires.and_then(|requires| requires.port_variable.as_deref());
    let set = variable.map_or(Setting::Absent, |name| setting(deployment, app.service, name));
    let named = requires.and_then(|requires| option(app.service, &requires.port_options));
    let because = format!("{} opens", app.profile.name);
    let certain = |ports| Some(Opened { ports, certain: true, told: true, because });
    match (named, set) {
        (Some(port), _) => certain(vec![port?]),
        (None, Setting::Known(text)) => certain(vec![text.trim().parse().ok()?]),
        (None, Setting::Unknown) => None,
        (None, Setting::Absent) if (app.profile.service && mounted) || !app.is_server() => None,
        (None, Setting::Absent) => certain(vec![port]),
    }
}

/// The port that an option of the command names; `Some(None)` where its value is not known.
fn option(service: &Service, options: &[String]) -> Option<Option<u16>> {
    let words: Vec<&Value> = service.command.iter().flat_map(|line| &line.words).collect();
    let known = |option: &str| options.iter().any(|known| known == option);
    for (index, word) in words.iter().enumerate() {
        let Some(text) = word.known() else { continue };
        if let Some((name, value)) = text.split_once('=')
            && known(name)
        {
            return Some(value.parse().ok());
        }
        if known(text) && text.starts_with('-') {
            return Some(words.get(index + 1).and_then(|next| next.known()).and_then(|next| next.parse().ok()));
        }
    }
    None
}

/// What PHP's process manager listens on; its images say so, and no file of the deployment.
const FPM: u16 = 9000;

/// What the deployment announces of an application of its own: not certain, because nothing forces it to be true.
fn announced(deployment: &Deployment, service: &Service) -> Option<Opened> {
    let mut ports: Vec<u16> = Vec::new();
    for name in ["PORT", "APP_PORT", "HTTP_PORT", "SERVER_PORT", "NODE_PORT", "LISTEN_PORT"] {
        match setting(deployment, service, name) {
            Setting::Known(text) => ports.extend(text.trim().parse::<u16>().ok()),
            Setting::Unknown if service.variable(name).is_some() => return None,
            _ => {}
        }
    }
    let exposed = super::app::exposed(service)?;
    let base = service.startup.base.as_deref().unwrap_or_default();
    let named = !ports.is_empty() || !exposed.is_empty();
    let told = named && (service.dockerfile.is_none() || FACTS.is_runtime(base));
    let (_, tag) = name_and_tag(base);
    let fpm = tag.split('-').any(|word| word == "fpm");
    ports.extend(exposed);
    ports.extend(fpm.then_some(FPM));
    ports.extend(service.ports.iter().flat_map(|port| port.container.0..=port.container.1));
    for value in &service.expose {
        let text = value.known()?.split('/').next()?;
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        ports.extend(first.parse::<u16>().ok()?..=last.parse::<u16>().ok()?);
    }
    ports.sort_unstable();
    ports.dedup();
    let because = "its own files name".to_owned();
    (!ports.is_empty()).then_some(Opened { ports, certain: false, told: told && !fpm, because })
}

/// Ports in words: `3000`, `80 and 443`.
pub(super) fn words(ports: &[u16]) -> String {
    let mut ports = ports.to_vec();
    ports.sort_unstable();
    ports.dedup();
    let texts: Vec<String> = ports.iter().take(4).map(u16::to_string).collect();
    texts.join(" and ")
}
