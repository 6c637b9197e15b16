//! Ports that the program in a service's container opens, as far as the files tell.

use crate::deploy::nginx::routes::routes;
use crate::deploy::{Deployment, Service, Spot, Value};

use super::app::{App, Setting, app, setting};
use super::check::Context;
use super::finding::Hit;
use super::image::{FACTS, name_and_tag};
use super::scripts::{each_run, is_application, running};

/// What is known of the ports a container opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) ports: Vec<u16>,
    /// All of them are known for certain: by what the image is, or by what its configuration says.
    pub(super) certain: bool,
    /// The service's own configuration names them, not only what is published; the image below opens none by itself.
    pub(super) told: bool,
    /// Further ports that something names: whoever asks for one of them may be right.
    pub(super) also: Vec<u16>,
    /// The ports that are named best, for a message.
    pub(super) shown: Vec<u16>,
    /// `PORT` is set, and nothing else names a port as well as that.
    pub(super) explicit: bool,
    /// The program was seen to read it.
    pub(super) read: bool,
    /// What `EXPOSE` and `expose` name.
    pub(super) exposed: Vec<u16>,
    /// Where the knowledge comes from, for a message.
    pub(super) because: String,
    /// Where the port is written, and what says it there.
    pub(super) place: Option<(Spot, String)>,
}

impl Opened {
    /// The ports of a server that is known.
    fn of(ports: Vec<u16>, because: String) -> Self {
        Self { shown: ports.clone(), ports, certain: true, told: true, because, ..Self::default() }
    }

    /// Whether anything speaks for a port.
    pub(super) fn may_be(&self, port: u16) -> bool {
        self.ports.contains(&port) || self.also.contains(&port)
    }

    /// Says in a hit which ports are open instead, and how that is known.
    pub(super) fn tell(&self, deployment: &Deployment, hit: Hit) -> Hit {
        let hit = hit.with("because", &self.because).with("opened", words(&self.shown));
        self.written(deployment).into_iter().fold(hit, |hit, written| hit.with("written", written))
    }

    /// Where the port is written, for a message: `compose.yaml:5, PORT`.
    fn written(&self, deployment: &Deployment) -> Option<String> {
        let (spot, name) = self.place.as_ref()?;
        let file = deployment.file(spot.file)?;
        Some(format!("{}:{}, {name}", file.path, file.place(spot.range.start).line))
    }
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
    if !ports.is_empty() && keeps_default(service) {
        ports.push(HTTP);
    }
    (!ports.is_empty()).then(|| Opened::of(ports, "its nginx listens on".to_owned()))
}

/// What the configuration that the images of nginx bring listens on.
const HTTP: u16 = 80;

/// Whether the server that the image brings is still there: nothing replaces its file, the folder around it, or the main file.
pub(super) fn keeps_default(service: &Service) -> bool {
    let replaced = ["/etc/nginx/nginx.conf", "/etc/nginx/conf.d/default.conf", "/etc/nginx/http.d/default.conf"];
    let folders = ["/etc/nginx", "/etc/nginx/conf.d", "/etc/nginx/http.d"];
    let own = service.nginx.iter().any(|file| {
        let path = file.path.strip_suffix(".template").unwrap_or(&file.path);
        replaced.contains(&path) || !path.starts_with("/etc/nginx/")
    });
    let mounted = service.volumes.iter().any(|mount| {
        let target = mount.target.trim_end_matches('/');
        folders.contains(&target) || replaced.contains(&target)
    });
    let mut removed = false;
    each_run(service, &mut |run| {
        let invocation = run.step.invocation();
        removed |= invocation.words.iter().any(|word| {
            word.text.as_deref().is_none_or(|text| text.contains("default") || text.contains("/etc/nginx"))
        });
    });
    !(own || mounted || removed)
}

fn of_profile(deployment: &Deployment, app: &App<'_>, port: u16) -> Option<Opened> {
    let requires = app.requires();
    let mounted =
        app.service.volumes.iter().any(|mount| mount.target.ends_with(".conf") || mount.target.contains("/conf.d"));
    let variable = requires.and_then(|requires| requires.port_variable.as_deref());
    let set = variable.map_or(Setting::Absent, |name| setting(deployment, app.service, name));
    let named = requires.and_then(|requires| option(app.service, &requires.port_options));
    let because = format!("{} opens", app.profile.name);
    let certain = |ports| Some(Opened::of(ports, because));
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

/// Variables that tell a program which port to open.
const VARIABLES: [&str; 7] =
    ["PORT", "APP_PORT", "HTTP_PORT", "SERVER_PORT", "NODE_PORT", "LISTEN_PORT", "ROCKET_PORT"];

/// Whether an official image runs PHP's process manager as it comes: nothing replaces its configuration or its command.
fn manages_php(service: &Service) -> bool {
    let Some((name, tag)) = service.image.as_ref().and_then(Value::known).map(name_and_tag) else { return false };
    let configured = ["php-fpm", "/usr/local/etc", "/etc/php", ".conf"];
    let own = service.volumes.iter().any(|mount| configured.iter().any(|part| mount.target.contains(part)));
    let given = service.build.is_some() || service.command.is_some() || service.entrypoint.is_some();
    !name.contains('/')
        && tag.split('-').any(|word| word == "fpm")
        && !own
        && !given
        && service.config_targets.is_empty()
}

/// What the deployment announces of an application of its own: every port that anything names, and what names it best.
fn announced(deployment: &Deployment, service: &Service) -> Option<Opened> {
    if manages_php(service) {
        return Some(Opened::of(vec![FPM], format!("{} listens on", service.name)));
    }
    let mut hints = Hints::default();
    variables(deployment, service, &mut hints)?;
    flags(deployment, service, &mut hints);
    program(service, &mut hints);
    let exposed = super::app::exposed(service)?;
    let base = service.startup.base.as_deref().unwrap_or_default();
    let tcp = service.ports.iter().filter(|port| port.protocol != "udp");
    let published: Vec<u16> = tcp.flat_map(|port| port.container.0..=port.container.1).collect();
    // EXPOSE opens nothing and is often what somebody else wrote: alone it tells nothing.
    let agreed = exposed.iter().any(|port| published.contains(port));
    let named = !hints.strong.is_empty() || agreed || service.dockerfile.is_none() && !exposed.is_empty();
    let own = service.dockerfile.is_none() || FACTS.is_runtime(base) || hints.commanded;
    let (_, tag) = name_and_tag(base);
    let fpm = tag.split('-').any(|word| word == "fpm");
    let mut ports = hints.strong.clone();
    ports.extend(fpm.then_some(FPM));
    ports.extend(&published);
    ports.extend(listed(service)?);
    let told = named && own && !fpm && !hints.unsure;
    let explicit = told && hints.explicit();
    let read = hints.read;
    let shown = if hints.strong.is_empty() { [ports.as_slice(), &exposed].concat() } else { hints.strong.clone() };
    ports.extend(&exposed);
    let exposed = [exposed, listed(service)?].concat();
    ports.sort_unstable();
    ports.dedup();
    let because = format!("{} listens on", service.name);
    let also = hints.weak;
    let place = hints.place;
    (!ports.is_empty()).then_some(Opened {
        ports,
        also,
        shown,
        certain: false,
        told,
        explicit,
        read,
        exposed,
        because,
        place,
    })
}

/// The ports of `expose`; nothing where one of them is not known.
fn listed(service: &Service) -> Option<Vec<u16>> {
    let mut ports = Vec::new();
    for value in &service.expose {
        let text = value.known()?.split('/').next()?;
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        ports.extend(first.parse::<u16>().ok()?..=last.parse::<u16>().ok()?);
    }
    Some(ports)
}

/// What names ports of a program.
#[derive(Debug, Default)]
struct Hints {
    /// By a variable for it, an option of the command, or the program itself.
    strong: Vec<u16>,
    /// By anything else: a port that is one of these is not called closed.
    weak: Vec<u16>,
    /// An option has a value that is not known.
    unsure: bool,
    /// An option of the command tells it.
    commanded: bool,
    /// `PORT`, and whether the program was seen to read it.
    port: Option<u16>,
    read: bool,
    /// Where the first strong one stands, and what it is called.
    place: Option<(Spot, String)>,
}

impl Hints {
    /// Whether `PORT` is set, and nothing else is as strong.
    fn explicit(&self) -> bool {
        self.port.is_some_and(|port| self.strong.iter().all(|other| *other == port))
    }

    fn strong(&mut self, port: u16, place: Option<(Spot, String)>) {
        self.strong.push(port);
        self.place = self.place.take().or(place);
    }
}

/// What variables say; nothing where the one for the port is not known.
fn variables(deployment: &Deployment, service: &Service, hints: &mut Hints) -> Option<()> {
    let image = super::app::built(service);
    let own = service
        .environment
        .iter()
        .filter_map(|variable| Some((variable.name.as_str(), variable.value.as_ref()?.known()?)));
    let below = image.iter().flat_map(|image| &image.environment);
    let below = below.filter_map(|pair| Some((pair.name.text.as_str(), pair.value.as_ref()?.text.as_str())));
    for (name, text) in own.chain(below) {
        let inside = text.trim().rsplit_once(':').filter(|(host, _)| !host.contains('/')).map(|(_, port)| port);
        let named = name.ends_with("PORT").then_some(text.trim());
        hints.weak.extend(named.or(inside).and_then(|port| port.parse::<u16>().ok()));
    }
    for name in VARIABLES {
        match setting(deployment, service, name) {
            Setting::Known(text) => {
                let Ok(port) = text.trim().parse::<u16>() else { continue };
                let own = service.variable(name).and_then(|variable| variable.value.as_ref());
                let below = image.iter().flat_map(|image| &image.environment).rfind(|pair| pair.name.text == name);
                let file = service.dockerfile.as_ref().map(|own| own.file);
                let below = file.zip(below).map(|(file, pair)| Spot::new(file, pair.name.span.clone()));
                let place = own.map(|value| value.spot.clone()).or(below);
                hints.strong(port, place.map(|spot| (spot, name.to_owned())));
                // Spring reads this one.
                let spring = name == "SERVER_PORT" && runs_java(service);
                hints.read |= spring;
                hints.port = hints.port.or((name == "PORT" || spring).then_some(port));
            }
            Setting::Unknown if name == "PORT" || service.variable(name).is_some() => return None,
            _ => {}
        }
    }
    Some(())
}

/// Whether an image of one's own is built on one that only brings Java.
fn runs_java(service: &Service) -> bool {
    let base = service.startup.base.as_deref().filter(|_| service.dockerfile.is_some()).map(name_and_tag);
    base.is_some_and(|(name, _)| matches!(name, "eclipse-temurin" | "openjdk" | "amazoncorretto"))
}

/// Options that name a port or an address with one, of programs that open it.
const OPTIONS: [&str; 9] = ["--port", "-p", "--http-port", "--bind", "-b", "--listen", "--addr", "--address", "-l"];

/// What the options of the commands say.
fn flags(deployment: &Deployment, service: &Service, hints: &mut Hints) {
    for (index, found) in running(deployment, service).into_iter().enumerate() {
        let words: Vec<Option<&str>> = found.invocation.words.iter().map(|word| word.text.as_deref()).collect();
        let opens = index == 0 || is_application(&found.invocation);
        for (at, word) in words.iter().enumerate().skip(1) {
            let Some(word) = *word else { continue };
            let (option, value) = match word.split_once('=') {
                Some((option, value)) => (option, Some(Some(value))),
                None => (word, words.get(at + 1).copied()),
            };
            let port = |text: &str| text.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
            // `--console-address :9001` is an address of something else.
            let valued = words.get(at - 1).copied().flatten().is_some_and(|before| before.starts_with("--"));
            let bare = word.starts_with(['0', ':', '[']) && word.contains(':') && !valued;
            let told = if OPTIONS.contains(&option) { value } else { bare.then_some(Some(word)) };
            match told.map(|value| value.and_then(port).filter(|_| value.is_none_or(|text| !text.contains("://")))) {
                Some(Some(port)) if opens => {
                    hints.commanded |= hints.strong.is_empty();
                    hints.strong(port, Some((found.spot.clone(), "the command".to_owned())));
                }
                Some(Some(port)) => hints.weak.push(port),
                Some(None) => hints.unsure |= opens && option != "-l" && option != "-b" || value == Some(None),
                None => hints.weak.extend(value.flatten().and_then(port)),
            }
        }
    }
}

/// What the program's own text says.
fn program(service: &Service, hints: &mut Hints) {
    let Some(program) = &service.program else { return };
    hints.read |= program.reads_port;
    hints.weak.extend(&program.named);
    match program.defaults.as_slice() {
        // `PORT` is not set, and this is what the program takes in its place.
        [port] if hints.strong.is_empty() && program.listens.is_empty() => {
            hints.strong(*port, None);
            hints.port = Some(*port);
        }
        defaults if hints.port.is_none() => hints.weak.extend(defaults),
        _ => {}
    }
    for (port, range) in &program.listens {
        hints.strong(*port, Some((Spot::new(program.file, range.clone()), "listen".to_owned())));
    }
}

/// Ports in words: `3000`, `80 and 443`.
pub(super) fn words(ports: &[u16]) -> String {
    let mut ports = ports.to_vec();
    ports.sort_unstable();
    ports.dedup();
    let texts: Vec<String> = ports.iter().take(4).map(u16::to_string).collect();
    texts.join(" and ")
}
