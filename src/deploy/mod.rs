//! A deployment as its files tell it: takes a folder ([`tree::Tree`]), gives a [`Deployment`], every part of which knows the bytes it stands
//! at. Knows nothing of what is right or wrong beyond form. Executes nothing, asks no network.
//!
//! The parsers are pure functions over a text: broken input gives what could be read and the place of the fault.

mod budget;
mod compose;
pub mod dockerfile;
pub mod dotenv;
mod fault;
pub mod find;
pub mod haproxy;
mod ignored;
mod interpolate;
#[cfg(test)]
mod limits_tests;
mod locate;
pub mod model;
pub mod near;
pub mod nginx;
mod package;
mod part;
mod pattern;
pub mod shell;
mod startup;
pub mod text;
pub mod tree;
mod yaml;

pub use fault::{Fault, FaultKind, Named};
pub use find::{NGINX_FOLDERS, Options, find};
pub use ignored::Ignored;
pub use model::{
    Absent, Deployment, DockerfileOf, EnvFile, NginxFile, Program, ScriptFile, ScriptRole, ServerSetting, Service, Top,
    Value,
};
pub use near::nearest;
pub use package::Package;
pub use part::{
    Attachment, Build, CommandForm, CommandLine, Condition, Dependency, DependencyForm, HealthCheck, HealthForm,
    Memory, Mount, MountKind, Port, There, Variable,
};
pub use startup::{Line, Startup, Word, given, is_shell};
pub use text::{File, FileId, Kind, Place, Spot};
