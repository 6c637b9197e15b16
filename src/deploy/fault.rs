//! What is wrong with the form of a deployment's files.

use super::text::Spot;

/// A fault of form: the file, or a part of it, cannot be understood, by us or by the program that reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which kind of fault.
    pub kind: FaultKind,
    /// Where.
    pub spot: Spot,
    /// What is wrong, as the end of "… : ".
    pub message: String,
    /// How often it was met; told once, at its first place.
    pub count: usize,
}

/// Kinds of [`Fault`]. Each is a check of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// No YAML.
    Yaml,
    /// YAML that compose refuses.
    Compose,
    /// A named file that is not there or cannot be read.
    Missing(Named),
    /// A file or expansion beyond the limits of this program. Not judged, so no error.
    Limit,
    /// A variable that is set nowhere.
    Unset,
    /// A variable of `${…:?…}` that is set nowhere.
    Required,
    /// A Dockerfile that does not parse.
    Dockerfile,
    /// A shell script, or a piece of shell, that does not parse.
    Shell,
    /// A line of an environment file that does not parse.
    Env,
    /// A configuration of nginx that does not parse.
    Nginx,
}

/// What a file that is not there was named as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A compose file that another one includes or extends.
    Compose,
    /// A service's `env_file`.
    EnvFile,
    /// The Dockerfile of a build.
    Dockerfile,
}
