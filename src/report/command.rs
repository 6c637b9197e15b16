//! Commands of rules, which are written for Docker and Compose, as they are said in another place. One table; a command that it does not hold
//! is not said there.

use std::borrow::Cow;

use super::place::{Place, Site};

/// A form of command, and how the same is said elsewhere: of a service of a compose log, of a unit of systemd, of a pod, of a build. Nothing where it
/// cannot be said, `=` where it is said the same.
struct Form {
    verbs: &'static str,
    /// Options whose value is the next word.
    valued: &'static [&'static str],
    /// Texts with which it means something else.
    bars: &'static [&'static str],
    /// Texts of which it must hold one, where there are any.
    holds: &'static [&'static str],
    /// Whether a pipe behind it finds the same in its output.
    pipes: bool,
    service: &'static str,
    unit: &'static str,
    pod: &'static str,
    build: &'static str,
}

const NONE: Form =
    Form { verbs: "", valued: &[], bars: &[], holds: &[], pipes: false, service: "", unit: "", pod: "", build: "" };

/// The first that fits is taken. `{unit}`, `{pod}` and `{service}` stand for what the command names, `{of}` for its container inside the pod.
const FORMS: &[Form] = &[
    Form {
        verbs: "docker logs",
        valued: &["--since", "--until", "--tail", "-n"],
        pipes: true,
        service: "docker compose logs {options} {service} {rest}",
        unit: "journalctl -u {unit} {span} {rest}",
        pod: "kubectl -n {namespace} logs {pod} {of} {span} {rest}",
        ..NONE
    },
    Form {
        verbs: "docker compose logs",
        valued: &["--since", "--until", "--tail", "-n"],
        pipes: true,
        unit: "journalctl -u {unit} {span} {rest}",
        pod: "kubectl -n {namespace} logs {pod} {of} {span} {rest}",
        ..NONE
    },
    Form {
        verbs: "docker exec",
        valued: &["-u", "--user", "-w", "--workdir", "-e", "--env"],
        pipes: true,
        service: "docker compose exec {options} {service} {rest}",
        unit: "{rest}",
        pod: "kubectl -n {namespace} exec {options} {pod} {of} -- {rest}",
        ..NONE
    },
    Form {
        verbs: "docker compose exec",
        valued: &["-u", "--user", "-w", "--workdir", "-e", "--env"],
        pipes: true,
        unit: "{rest}",
        pod: "kubectl -n {namespace} exec {pod} {of} -- {rest}",
        ..NONE
    },
    Form {
        verbs: "docker compose run",
        valued: &["--entrypoint"],
        bars: &[" -v ", "--volume", "--user", " -u ", " -e "],
        pipes: true,
        unit: "{entry} {rest}",
        pod: "kubectl -n {namespace} exec {pod} {of} -- {entry} {rest}",
        ..NONE
    },
    Form {
        verbs: "docker run",
        valued: &["--entrypoint"],
        bars: &[" -v ", "--volume", "--network", "--gpus", " -e "],
        holds: &["--entrypoint"],
        pipes: true,
        unit: "{entry} {rest}",
        pod: "kubectl run look --rm -it --restart=Never --image={target} --command -- {entry} {rest}",
        ..NONE
    },
    Form {
        verbs: "docker restart",
        service: "docker compose restart {service}",
        unit: "systemctl restart {unit}",
        pod: "kubectl -n {namespace} rollout restart deployment/DEPLOYMENT",
        ..NONE
    },
    Form {
        verbs: "docker compose restart",
        unit: "systemctl restart {unit}",
        pod: "kubectl -n {namespace} rollout restart deployment/DEPLOYMENT",
        ..NONE
    },
    Form {
        verbs: "docker compose up",
        bars: &["--build", "--scale", "--renew-anon-volumes"],
        unit: "systemctl restart {unit}",
        pod: "kubectl -n {namespace} rollout restart deployment/DEPLOYMENT",
        ..NONE
    },
    Form {
        verbs: "docker stop",
        valued: &["-t", "--time"],
        service: "docker compose stop {service}",
        unit: "systemctl stop {unit}",
        ..NONE
    },
    Form { verbs: "docker compose stop", valued: &["-t", "--timeout"], unit: "systemctl stop {unit}", ..NONE },
    Form {
        verbs: "docker inspect",
        valued: &["-f", "--format"],
        bars: &["IMAGE"],
        holds: &[".State", ".RestartCount"],
        unit: "systemctl status {unit}",
        pod: "kubectl -n {namespace} describe pod {pod}",
        ..NONE
    },
    Form {
        verbs: "docker inspect",
        valued: &["-f", "--format"],
        bars: &["IMAGE", ".Env", "OOMKilled"],
        unit: "systemctl cat {unit}",
        pod: "kubectl -n {namespace} describe pod {pod}",
        ..NONE
    },
    Form {
        verbs: "docker ps",
        valued: &["-f", "--filter", "--format"],
        bars: &["volume=", ".Ports"],
        unit: "systemctl status {unit}",
        pod: "kubectl -n {namespace} get pods",
        ..NONE
    },
    Form {
        verbs: "docker compose ps",
        unit: "systemctl status {unit}",
        pod: "kubectl -n {namespace} get pods",
        ..NONE
    },
    Form {
        verbs: "docker events",
        valued: &["--since", "--until", "-f", "--filter", "--format"],
        unit: "journalctl -u {unit} -b -n 200",
        pod: "kubectl -n {namespace} get events --sort-by=.lastTimestamp",
        ..NONE
    },
    Form { verbs: "docker stats", unit: "systemctl status {unit}", pod: "kubectl -n {namespace} top pod", ..NONE },
    Form { verbs: "docker cp", ..NONE },
    Form { verbs: "docker compose build", build: "=", ..NONE },
    Form { verbs: "docker build", build: "=", ..NONE },
    Form { verbs: "docker builder", build: "=", ..NONE },
    Form { verbs: "docker buildx", build: "=", ..NONE },
    Form { verbs: "docker image", build: "=", ..NONE },
    Form { verbs: "docker system", build: "=", ..NONE },
    Form { verbs: "docker info", build: "=", ..NONE },
    Form { verbs: "docker version", build: "=", ..NONE },
];

/// The command in the place of the site; nothing where it cannot be said there.
pub(super) fn said(run: &str, site: &Site) -> Option<String> {
    if site.place == Place::Docker {
        return Some(run.to_owned());
    }
    let pieces = pieces(run);
    let mut out = String::with_capacity(run.len());
    for (at, piece) in pieces.iter().enumerate() {
        let piped = pieces.get(at + 1).is_some_and(|next| next.operator == "|");
        match one(piece.text, piped, site) {
            Some(text) => {
                let operator = if out.is_empty() { "" } else { piece.operator };
                out.push_str(match operator {
                    "" | "\n" => operator,
                    ";" => "; ",
                    "&&" => " && ",
                    "|" => " | ",
                    _ => " || ",
                });
                out.push_str(&text);
            }
            // A build has no container: what begins one behind it is left out, and the rest stands.
            None if site.place == Place::Build && !piped && piece.operator != "|" => {}
            None => return None,
        }
    }
    (!out.is_empty()).then_some(out)
}

/// One command of a line of commands.
fn one(text: &str, piped: bool, site: &Site) -> Option<String> {
    let words = words(text);
    if words.first() != Some(&"docker") {
        let own = !text.contains("docker ") && !text.starts_with("dockerd");
        let asks = site.place == Place::Build && text.starts_with("curl ");
        return (own && !asks || site.place == Place::Compose).then(|| text.to_owned());
    }
    let compose = words.get(1) == Some(&"compose");
    if site.place == Place::Compose && compose {
        return Some(text.to_owned());
    }
    let fits = |form: &&Form| {
        let verbs: Vec<&str> = form.verbs.split(' ').collect();
        words.starts_with(&verbs)
            && !form.bars.iter().any(|bar| text.contains(bar))
            && (form.holds.is_empty() || form.holds.iter().any(|held| text.contains(held)))
    };
    let form = FORMS.iter().find(fits);
    let template = form.map_or("", |form| match site.place {
        Place::Docker => "=",
        Place::Compose => form.service,
        Place::Unit => form.unit,
        Place::Pod => form.pod,
        Place::Build => form.build,
    });
    match (form, template) {
        (_, "=") => Some(text.to_owned()),
        (_, "") if site.place == Place::Compose => Some(of_service(text, &words, site)),
        (Some(form), template) if !template.is_empty() && (form.pipes || !piped) => {
            Some(Call::read(form, &words).fill(template, piped, site)).filter(|said| !said.is_empty() && said != "sh")
        }
        _ => None,
    }
}

/// A command that Compose does not have: the engine is told the container by its service.
fn of_service(text: &str, words: &[&str], site: &Site) -> String {
    let Some(service) = site.service.as_deref() else { return text.to_owned() };
    let id = format!("$(docker compose ps -aq {service})");
    let told = |word: &&str| {
        if site.is_own(word) {
            return id.clone();
        }
        match word.split_once(':') {
            Some((container, path)) if site.is_own(container) => format!("\"{id}\":{path}"),
            _ => (*word).to_owned(),
        }
    };
    words.iter().map(told).collect::<Vec<_>>().join(" ")
}

/// The words of a command, by what they are.
#[derive(Default)]
struct Call<'c> {
    options: Vec<(&'c str, Option<&'c str>)>,
    target: Option<&'c str>,
    rest: Vec<&'c str>,
}

impl<'c> Call<'c> {
    fn read(form: &Form, words: &[&'c str]) -> Self {
        let mut call = Self::default();
        let mut words = words.iter().copied().skip(form.verbs.split(' ').count());
        while let Some(word) = words.next() {
            if !word.starts_with('-') {
                call.target = Some(word);
                break;
            }
            let joined = word.split_once('=').filter(|(name, _)| form.valued.contains(name));
            let next = if joined.is_none() && form.valued.contains(&word) { words.next() } else { None };
            call.options.push(joined.map_or((word, next), |(name, value)| (name, Some(value))));
        }
        call.rest = words.collect();
        call
    }

    fn option(&self, names: &[&str]) -> Option<&'c str> {
        self.options.iter().find(|(name, _)| names.contains(name)).and_then(|(_, value)| *value)
    }

    /// Since when, or how many lines, of a log.
    fn span(&self, place: Place) -> String {
        let since = self.option(&["--since"]);
        let tail = self.option(&["--tail", "-n"]);
        let follow = if self.options.iter().any(|(name, _)| *name == "-f") { " -f" } else { "" };
        let span = match (place, since, tail) {
            (Place::Pod, Some(since), _) => format!("--since={since}"),
            (Place::Pod, None, Some(tail)) => format!("--previous --tail={tail}"),
            (Place::Pod, None, None) if follow.is_empty() => "--previous".to_owned(),
            (Place::Pod, ..) => String::new(),
            (_, Some(since), _) => format!("--since=-{since}"),
            (_, None, Some(tail)) => format!("-b -n {tail}"),
            (_, None, None) => "-b -n 200".to_owned(),
        };
        format!("{span}{follow}")
    }

    fn fill(&self, template: &str, piped: bool, site: &Site) -> String {
        let own = self.target.is_none_or(|target| site.is_own(target));
        let interactive = |name: &str| matches!(name, "-it" | "-ti" | "-i" | "-t");
        let rest = self.rest.join(" ");
        let word = |name: &str| -> Cow<'_, str> {
            match name {
                "unit" => named(site.unit.as_deref().filter(|_| own), "UNIT"),
                "pod" => named(site.pod.as_deref().filter(|_| own), "POD"),
                "namespace" => named(site.namespace.as_deref(), "NAMESPACE"),
                "service" if own => named(site.service.as_deref(), "SERVICE"),
                "service" | "target" => named(self.target, "IMAGE"),
                "of" => match site.container.as_deref().filter(|_| own) {
                    Some(container) => format!("-c {container}").into(),
                    None => "".into(),
                },
                "span" => self.span(site.place).into(),
                "entry" => named(self.option(&["--entrypoint"]), ""),
                "rest" => rest.as_str().into(),
                "options" if template.contains(" exec ") && site.place == Place::Pod => {
                    let asked = self.options.iter().any(|(name, _)| interactive(name));
                    if asked { "-it" } else { "" }.into()
                }
                "options" => self.options(piped || rest.contains('>'), template.contains(" exec ")).into(),
                _ => "".into(),
            }
        };
        let filled: Vec<Cow<'_, str>> = template
            .split(' ')
            .map(|part| {
                let Some((before, name)) = part.split_once('{') else { return Cow::Borrowed(part) };
                let (name, after) = name.split_once('}').unwrap_or((name, ""));
                format!("{before}{}{after}", word(name)).into()
            })
            .filter(|part| !part.is_empty())
            .collect();
        filled.join(" ")
    }

    /// The options as they are written for Compose, which takes a terminal unless it is told not to.
    fn options(&self, redirected: bool, exec: bool) -> String {
        let mut words = if exec && redirected { vec!["-T"] } else { Vec::new() };
        for (name, value) in self.options.iter().filter(|(name, _)| !matches!(*name, "-it" | "-ti" | "-i" | "-t")) {
            words.push(name);
            words.extend(*value);
        }
        words.join(" ")
    }
}

fn named<'n>(name: Option<&'n str>, unknown: &'n str) -> Cow<'n, str> {
    name.unwrap_or(unknown).into()
}

/// One command, and the sign between it and the one before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece<'c> {
    pub(super) operator: &'static str,
    pub(super) text: &'c str,
}

/// The commands of a text that a shell would read, parted where no quotes are open.
pub(super) fn pieces(run: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut operator, mut skip) = (0, "", 0);
    let mut quotes = Quotes::default();
    for (at, byte) in run.bytes().enumerate() {
        if at < skip || quotes.inside(byte) {
            continue;
        }
        let rest = run.get(at..).unwrap_or_default();
        let found = ["&&", "||", ";", "|", "\n"].into_iter().find(|sign| rest.starts_with(sign));
        if let Some(sign) = found {
            pieces.push(Piece { operator, text: run.get(from..at).unwrap_or_default().trim() });
            skip = at + sign.len();
            (from, operator) = (skip, sign);
        }
    }
    pieces.push(Piece { operator, text: run.get(from..).unwrap_or_default().trim() });
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

/// The words of a command, with their quotes.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut quotes = Quotes::default();
    let mut words = Vec::new();
    let mut from = None;
    for (at, byte) in text.bytes().enumerate() {
        let inside = quotes.inside(byte);
        if byte.is_ascii_whitespace() && !inside {
            words.extend(from.take().and_then(|from: usize| text.get(from..at)));
        } else {
            from = from.or(Some(at));
        }
    }
    words.extend(from.and_then(|from| text.get(from..)));
    words
}

/// Where in a command one is, byte by byte.
#[derive(Debug, Default)]
struct Quotes {
    open: Option<u8>,
    escaped: bool,
    depth: usize,
}

impl Quotes {
    /// Whether a byte stands in quotes, in `$(…)`, or behind a backslash. It is read on the way.
    fn inside(&mut self, byte: u8) -> bool {
        let escaped = std::mem::take(&mut self.escaped);
        match (self.open, byte) {
            _ if escaped => return true,
            (None | Some(b'"'), b'\\') => self.escaped = true,
            (Some(quote), byte) if quote == byte => self.open = None,
            (None, b'\'' | b'"') => self.open = Some(byte),
            (None, b'(') => self.depth += 1,
            (None, b')') => {
                self.depth = self.depth.saturating_sub(1);
                return true;
            }
            _ => {}
        }
        self.open.is_some() || self.depth > 0 || byte == b'\\'
    }
}
