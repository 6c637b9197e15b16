//! The parts of a service.

use std::time::Duration;

use super::model::Value;
use super::text::Spot;

/// `build`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// Where it stands.
    pub spot: Spot,
    /// `context` as written; `.` when it is not.
    pub context: Value,
    /// The context as a folder of the deployment; `None` for a URL or an unknown variable.
    pub folder: Option<String>,
    /// `dockerfile`, relative to the context.
    pub dockerfile: Option<Value>,
    /// `dockerfile_inline`.
    pub inline: Option<Value>,
    /// `target`.
    pub target: Option<Value>,
    /// `args`.
    pub args: Vec<Variable>,
    /// Names of `additional_contexts` may stand for stages.
    pub further: bool,
    /// Nothing stands at the context's folder.
    pub absent: bool,
}

/// How a command was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandForm {
    /// A text, which compose splits into words as a shell would, without running one.
    Text,
    /// A list.
    List,
}

/// `entrypoint` or `command`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// How it was written.
    pub form: CommandForm,
    /// Its words. Words of a text all have the spot of the text.
    pub words: Vec<Value>,
    /// All of it.
    pub spot: Spot,
}

impl CommandLine {
    /// Its words, when all are known.
    #[must_use]
    pub fn known(&self) -> Option<Vec<&str>> {
        self.words.iter().map(Value::known).collect()
    }
}

/// A variable of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub spot: Spot,
    /// Its value; `None` for a name alone, which takes the value of whoever runs compose.
    pub value: Option<Value>,
}

impl AsRef<Self> for Variable {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Where it stands.
    pub spot: Spot,
    /// Address of the host, if one is named.
    pub address: Option<String>,
    /// First and last port of the host; `None` = the engine chooses.
    pub host: Option<(u16, u16)>,
    /// First and last port of the container.
    pub container: (u16, u16),
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// What is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountKind {
    /// A path of the host.
    Bind,
    /// A named volume.
    Volume,
    /// A volume without a name.
    Anonymous,
    /// Memory.
    Tmpfs,
    /// Something else.
    Other,
}

/// What stands at a path of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum There {
    /// Nothing.
    Nothing,
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A folder with `node_modules` in it.
    Modules,
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where it stands.
    pub spot: Spot,
    /// What it is.
    pub kind: MountKind,
    /// Path of the host or name of the volume, as written.
    pub source: Option<Value>,
    /// Of a bind mount: the path below the deployment's folder, when it is known.
    pub path: Option<String>,
    /// What stands at that path.
    pub there: Option<There>,
    /// Path in the container.
    pub target: String,
    /// Mounted for reading only.
    pub read_only: bool,
}

/// What a dependency must have reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// `service_started`.
    Started,
    /// `service_healthy`.
    Healthy,
    /// `service_completed_successfully`.
    Completed,
}

/// How a dependency was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DependencyForm {
    /// As an item of a list.
    List,
    /// As a map with a condition.
    Map,
}

/// An entry of `depends_on`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Where it stands.
    pub spot: Spot,
    /// The service it names.
    pub service: String,
    /// What it must have reached.
    pub condition: Condition,
    /// Where the condition stands, when it is written.
    pub condition_spot: Option<Spot>,
    /// How it was written.
    pub form: DependencyForm,
    /// `required: false` makes it optional.
    pub required: bool,
}

/// How the test of a health check is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthForm {
    /// `NONE`, or `disable: true`.
    None,
    /// `CMD`: the words are executed.
    Cmd,
    /// `CMD-SHELL`, or a text: one word that `/bin/sh -c` runs.
    Shell,
    /// No test of its own: the image's is used.
    Inherited,
}

/// `healthcheck`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// Where it stands.
    pub spot: Spot,
    /// How the test is run.
    pub form: HealthForm,
    /// The words of the test, without `CMD` or `CMD-SHELL`.
    pub test: Vec<Value>,
    /// Where the test stands.
    pub test_spot: Spot,
    /// `interval`; the engine's default is 30 s.
    pub interval: Option<Duration>,
    /// `timeout`; 30 s.
    pub timeout: Option<Duration>,
    /// `retries`; 3.
    pub retries: Option<u32>,
    /// `start_period`; 0 s.
    pub start_period: Option<Duration>,
    /// `start_interval`; 5 s.
    pub start_interval: Option<Duration>,
}

impl HealthCheck {
    /// How long a start may take before the container is unhealthy.
    #[must_use]
    pub fn budget(&self) -> Duration {
        let interval = self.interval.unwrap_or(Duration::from_secs(30));
        self.start_period.unwrap_or_default().saturating_add(interval.saturating_mul(self.retries.unwrap_or(3)))
    }
}

/// A service's place in a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Where it stands.
    pub spot: Spot,
    /// The network, by its name at the top level.
    pub network: String,
    /// Further names of the service there.
    pub aliases: Vec<Value>,
    /// `ipv4_address` and `ipv6_address`.
    pub addresses: Vec<Value>,
}

/// A memory limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// Where it stands.
    pub spot: Spot,
    /// Bytes, when they are known.
    pub bytes: Option<u64>,
}
