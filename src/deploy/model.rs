//! What a deployment consists of. Every node carries the [`Spot`] it stands at.

use std::ops::Range;
use std::sync::Arc;

use super::package::Package;
use super::part::{Attachment, Build, CommandLine, Dependency, HealthCheck, Memory, Mount, Port, Variable};
use super::startup::Startup;
use super::text::{File, FileId, Spot};
use super::tree::below;
use super::{dockerfile, dotenv, nginx, shell};

/// A deployment: its files and what they say.
#[derive(Debug, Clone, Default)]
pub struct Deployment {
    /// Every file that was read, each once.
    pub files: Vec<File>,
    /// The services of all compose files, merged as compose does, in order of appearance.
    pub services: Vec<Service>,
    /// Named volumes at the top level.
    pub volumes: Vec<Top>,
    /// Networks at the top level.
    pub networks: Vec<Top>,
    /// Secrets at the top level.
    pub secrets: Vec<Top>,
    /// Configs at the top level.
    pub configs: Vec<Top>,
    /// Variables of `.env`, which compose reads for `${…}`.
    pub env: Vec<Variable>,
    /// The `.env` file, if there is one.
    pub env_file: Option<FileId>,
    /// Every environment file that was read: `.env` and those of `env_file`.
    pub env_files: Vec<EnvFile>,
    /// The Node.js projects at the roots of build contexts.
    pub packages: Vec<Package>,
    /// What is wrong with the form of a file.
    pub faults: Vec<super::fault::Fault>,
    /// A compose file could not be read to its end: what it does not name may stand in the rest.
    pub partial: bool,
    /// Facts about what was and was not looked at.
    pub notes: Vec<String>,
}

impl Deployment {
    /// A service by its name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }

    /// A file by its number.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id)
    }

    /// The text at a spot.
    #[must_use]
    pub fn slice(&self, spot: &Spot) -> &str {
        self.file(spot.file).map_or("", |file| file.slice(&spot.range))
    }
}

/// A scalar: as it was written, and with its variables replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Before `${…}` was replaced.
    pub raw: String,
    /// After it; `None` when it holds a variable whose value is not known.
    pub text: Option<String>,
    /// Where it stands. In a plain scalar of one line its bytes are those of `raw`.
    pub spot: Spot,
}

impl Value {
    /// The text, when it is known.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// One service.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its key in the compose file.
    pub spot: Spot,
    /// Its profiles; without any it always starts.
    pub profiles: Vec<Value>,
    /// `image`.
    pub image: Option<Value>,
    /// `build`.
    pub build: Option<Build>,
    /// `container_name`.
    pub container_name: Option<Value>,
    /// `hostname`.
    pub hostname: Option<Value>,
    /// `entrypoint`; with no words it resets the image's own.
    pub entrypoint: Option<CommandLine>,
    /// `command`; with no words it resets the image's own.
    pub command: Option<CommandLine>,
    /// `user`.
    pub user: Option<Value>,
    /// `working_dir`.
    pub working_dir: Option<Value>,
    /// Its environment, each name once: `env_file`s in order, then `environment`, which wins.
    pub environment: Vec<Arc<Variable>>,
    /// Whether all of the environment could be read (no `env_file` is missing).
    pub environment_complete: bool,
    /// `labels`, its own and those of `deploy`.
    pub labels: Vec<Variable>,
    /// `ports`.
    pub ports: Vec<Port>,
    /// `expose`.
    pub expose: Vec<Value>,
    /// `volumes` and `tmpfs`.
    pub volumes: Vec<Mount>,
    /// `depends_on`.
    pub depends_on: Vec<Dependency>,
    /// `healthcheck`.
    pub healthcheck: Option<HealthCheck>,
    /// `networks`; empty = the project's default network, unless `network_mode` is set.
    pub networks: Vec<Attachment>,
    /// `network_mode`.
    pub network_mode: Option<Value>,
    /// `extra_hosts`, as `host:address` or `host=address`.
    pub extra_hosts: Vec<Value>,
    /// `links`, as written.
    pub links: Vec<Value>,
    /// `volumes_from`, as written.
    pub volumes_from: Vec<Value>,
    /// `external_links`, as written: containers of others.
    pub external_links: Vec<Value>,
    /// `deploy.resources.limits.memory`, or `mem_limit`.
    pub memory: Option<Memory>,
    /// `deploy.resources.reservations.memory`, or `mem_reservation`.
    pub reservation: Option<Memory>,
    /// Its `deploy` says what only a swarm heeds.
    pub swarm: bool,
    /// `restart`.
    pub restart: Option<Value>,
    /// `init: true`.
    pub init: bool,
    /// `tty: true` or `stdin_open: true`: an interactive shell does not end at once.
    pub interactive: bool,
    /// Run by a provider, not as a container of its own.
    pub provider: bool,
    /// `deploy.replicas` or `scale`, and where it stands.
    pub replicas: Option<(u32, Spot)>,
    /// `logging`, as far as it is there.
    pub logging: Option<Spot>,
    /// Names of its secrets.
    pub secrets: Vec<Value>,
    /// Names of its configs.
    pub configs: Vec<Value>,
    /// Where each of them is put.
    pub config_targets: Vec<String>,
    /// Where secrets are put; nothing where one of them is not known.
    pub secret_targets: Option<Vec<String>>,
    /// Where it says that nothing may be written to the container's own files.
    pub read_only: Option<Spot>,
    /// The Dockerfile of `build`. Filled by the finder.
    pub dockerfile: Option<DockerfileOf>,
    /// The scripts its container runs. Filled by the finder.
    pub scripts: Vec<ScriptFile>,
    /// What its container runs. Filled by the finder.
    pub startup: Startup,
    /// Configurations of nginx that are mounted into it or copied into its image. Filled by the finder.
    pub nginx: Vec<NginxFile>,
    /// The configuration of its HAProxy. Filled by the finder.
    pub haproxy: Option<super::haproxy::HaproxyFile>,
    /// What the configuration file says that its command gives a cache. Filled by the finder.
    pub settings: Arc<[ServerSetting]>,
    /// The program that its command names by its file, as far as it tells ports. Filled by the finder.
    pub program: Option<Program>,
}

impl Service {
    /// A service of which only the name is known.
    #[must_use]
    pub fn new(name: impl Into<String>, spot: Spot) -> Self {
        Self {
            name: name.into(),
            spot,
            profiles: Vec::new(),
            image: None,
            build: None,
            container_name: None,
            hostname: None,
            entrypoint: None,
            command: None,
            user: None,
            working_dir: None,
            environment: Vec::new(),
            environment_complete: true,
            labels: Vec::new(),
            ports: Vec::new(),
            expose: Vec::new(),
            volumes: Vec::new(),
            depends_on: Vec::new(),
            healthcheck: None,
            networks: Vec::new(),
            network_mode: None,
            extra_hosts: Vec::new(),
            links: Vec::new(),
            volumes_from: Vec::new(),
            external_links: Vec::new(),
            memory: None,
            reservation: None,
            swarm: false,
            restart: None,
            init: false,
            interactive: false,
            provider: false,
            replicas: None,
            logging: None,
            secrets: Vec::new(),
            configs: Vec::new(),
            config_targets: Vec::new(),
            secret_targets: Some(Vec::new()),
            read_only: None,
            dockerfile: None,
            scripts: Vec::new(),
            startup: Startup::default(),
            nginx: Vec::new(),
            haproxy: None,
            settings: Arc::default(),
            program: None,
        }
    }

    /// Whether it has any container: with no replicas it has none.
    #[must_use]
    pub fn starts(&self) -> bool {
        self.replicas.as_ref().is_none_or(|(count, _)| *count > 0)
    }

    /// Whether a port of the host leads to it.
    #[must_use]
    pub fn publishes(&self, port: u16) -> bool {
        self.ports.iter().any(|known| known.host.is_some_and(|(first, last)| (first..=last).contains(&port)))
    }

    /// A variable of its environment.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.environment.iter().find(|variable| variable.name == name).map(Arc::as_ref)
    }

    /// The known value of a variable of its environment.
    #[must_use]
    pub fn env(&self, name: &str) -> Option<&str> {
        self.variable(name)?.value.as_ref()?.known()
    }

    /// Whether a mount or a config brings what stands at a path.
    #[must_use]
    pub fn is_given(&self, path: &str) -> bool {
        let mut targets = self.volumes.iter().map(|mount| &mount.target).chain(&self.config_targets);
        targets.any(|target| below(path, target).is_some())
    }

    /// Whether it is Traefik, as its makers publish it.
    #[must_use]
    pub fn is_traefik(&self) -> bool {
        self.image_name().is_some_and(|name| matches!(name, "traefik" | "library/traefik"))
    }

    /// What its image is called, or the one that its own is built from, whoever publishes it: `caddy`.
    #[must_use]
    pub fn image_word(&self) -> &str {
        let image = self.image_name().or(self.startup.base.as_deref()).unwrap_or_default();
        image.rsplit('/').next().unwrap_or_default().split(':').next().unwrap_or_default()
    }

    /// The image's name without registry digest and tag (`twentycrm/twenty`), when it is known.
    #[must_use]
    pub fn image_name(&self) -> Option<&str> {
        let image = self.image.as_ref()?.known()?;
        let image = image.split('@').next().unwrap_or(image);
        let slash = image.rfind('/').map_or(0, |at| at + 1);
        let tag = image.get(slash..)?.find(':').map_or(image.len(), |at| slash + at);
        image.get(..tag)
    }
}

/// A named volume, network, secret or config at the top level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Top {
    /// Its name.
    pub name: String,
    /// Its key.
    pub spot: Spot,
    /// Made by somebody else.
    pub external: bool,
    /// The file behind a secret or config.
    pub file: Option<Value>,
    /// Its path below the deployment's folder, when it is known.
    pub path: Option<String>,
    /// Nothing stands at that path.
    pub absent: bool,
    /// The text of a config stands in the compose file itself.
    pub inline: bool,
    /// Of a network: its subnets; nothing where something else gives out its addresses.
    pub subnets: Option<Vec<Value>>,
}

/// The Dockerfile of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct DockerfileOf {
    /// Its file. An inline one has the file of the compose file it stands in.
    pub file: FileId,
    /// Folder of the build context.
    pub context: String,
    /// The stage that is built; `None` = the last.
    pub target: Option<String>,
    /// Files at fixed places of the build context that tell the framework, or where it keeps its secrets; as far as they are there.
    pub landmarks: Vec<&'static str>,
    /// What it says.
    pub model: Arc<dockerfile::Dockerfile>,
    /// What the builder does not see of the context.
    pub ignored: super::Ignored,
    /// What the build copies and the context does not have.
    pub absent: Vec<Absent>,
    /// Where the images of the stages have the files that tell a project's root.
    pub roots: Roots,
}

/// A source of `COPY` that the builder does not find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// Where it is named.
    pub spot: Spot,
    /// Its path in the context.
    pub path: String,
    /// It is there, and `.dockerignore` hides it.
    pub hidden: bool,
}

/// Folders of images that have a file of the context's root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots {
    /// For each stage those with `nx.json`.
    pub nx: Vec<Vec<String>>,
    /// For each stage those with `package.json`.
    pub package: Vec<Vec<String>>,
    /// Something else may bring the files too.
    pub unsure: bool,
}

/// A script that a container runs.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptFile {
    /// The file it stands in: its own, a Dockerfile or a compose file.
    pub file: FileId,
    /// Its path in the container; empty for a text inside another file.
    pub path: String,
    /// What it says.
    pub model: Arc<shell::Script>,
    /// Who runs it.
    pub role: ScriptRole,
    /// Whether the engine executes it itself, without a shell.
    pub direct: bool,
    /// Whether the file is the script, and nothing else.
    pub whole: bool,
    /// Where it is named.
    pub named: Option<Spot>,
    /// The shell that is told to read it, if one is named.
    pub interpreter: Option<String>,
    /// Options of that shell.
    pub options: Vec<String>,
    /// For a text whose bytes are not those of its file: where it stands there, and the text.
    pub within: Option<(Spot, String)>,
}

/// Who runs a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptRole {
    /// It is the container's entrypoint.
    Entrypoint,
    /// It is the container's command.
    Command,
    /// Another script calls it.
    Called,
    /// It is mounted into the container; who runs it is not known.
    Mounted,
}

impl ScriptFile {
    /// A script whose text stands in a file.
    #[must_use]
    pub fn inside(file: FileId, role: ScriptRole, model: Arc<shell::Script>, within: Option<(Spot, String)>) -> Self {
        Self {
            file,
            path: String::new(),
            model,
            role,
            direct: false,
            whole: false,
            named: None,
            interpreter: None,
            options: Vec::new(),
            within,
        }
    }

    /// Where a stretch of the script stands in its file.
    #[must_use]
    pub fn spot(&self, deployment: &Deployment, range: &Range<usize>) -> Spot {
        let Some((spot, text)) = &self.within else { return Spot::new(self.file, range.clone()) };
        // In a text without end, looking for every command's line would take its square.
        if text.len() > 64 * 1024 {
            return spot.clone();
        }
        let before = text.get(..range.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text.get(line_start..).and_then(|rest| rest.split('\n').next()).unwrap_or_default().trim();
        let raw = deployment.slice(spot);
        match raw.find(line).filter(|_| !line.is_empty()) {
            Some(at) => Spot::new(spot.file, spot.range.start + at..spot.range.start + at + line.len()),
            None => spot.clone(),
        }
    }
}

/// A configuration of nginx.
#[derive(Debug, Clone, PartialEq)]
pub struct NginxFile {
    /// Its file.
    pub file: FileId,
    /// Its path in the container.
    pub path: String,
    /// What it says.
    pub model: Arc<nginx::Nginx>,
    /// Where it names files, each by its path, that are not in the container as far as mounts and the image tell.
    pub absent: Vec<Range<usize>>,
}

/// A line of a server's configuration: `maxmemory 256mb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSetting {
    /// Its name in small letters.
    pub name: String,
    /// Its first value.
    pub value: String,
    /// Where the value stands.
    pub spot: Spot,
}

impl ServerSetting {
    /// The name of a setting that stands for what could not be read.
    pub const UNREAD: &'static str = "?";
}

/// What the text of a program tells of the ports that it opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Program {
    /// Its file.
    pub file: FileId,
    /// Numbers that it listens on, and where they stand.
    pub listens: Vec<(u16, Range<usize>)>,
    /// What it takes where `PORT` is not set.
    pub defaults: Vec<u16>,
    /// Further numbers in lines that speak of ports.
    pub named: Vec<u16>,
    /// Whether it listens on what `PORT` says.
    pub reads_port: bool,
}

/// An environment file.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvFile {
    /// Its file.
    pub file: FileId,
    /// What it says.
    pub model: dotenv::Dotenv,
}
