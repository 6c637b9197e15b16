//! `manifest.json`: what is in a bundle, and what of the inputs is not.

use serde::{Deserialize, Serialize};

use super::keep::Gap;
use crate::report::sanitize;

/// The value of [`Manifest::schema`].
pub const SCHEMA: &str = "diagnose.bundle/1";
/// Name of the manifest in the archive.
pub(super) const NAME: &str = "manifest.json";

/// The contents of a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// What made it.
    pub tool: Tool,
    /// Name and version of the engine that was asked, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// When, RFC 3339 in UTC.
    pub made_at: String,
    /// When the states were taken, microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub states_at: Option<i64>,
    /// What was asked for, as it could be typed.
    pub arguments: Vec<String>,
    /// The profile that was forced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What was read, in order.
    pub inputs: Vec<Input>,
    /// The containers, those that were asked for first.
    #[serde(default)]
    pub containers: Vec<Container>,
    /// What the reading of containers had to say.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What was not put in, one sentence each.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// All other members of the archive.
    pub members: Vec<Member>,
}

impl Manifest {
    /// Frees every text that is shown of what a terminal or a page would obey: whoever made the bundle is not trusted.
    pub(super) fn clean(&mut self) {
        let Self { tool, engine, made_at, arguments, profile, inputs, containers, notes, left_out, .. } = self;
        let plain = [&mut tool.name, &mut tool.version, made_at];
        let lists = [arguments, notes, left_out].into_iter().flatten();
        let inputs = inputs.iter_mut().flat_map(|input| {
            [&mut input.name, &mut input.kind, &mut input.format].into_iter().chain(&mut input.incomplete)
        });
        let containers = containers.iter_mut().map(|container| &mut container.name);
        let texts = plain.into_iter().chain(engine).chain(profile).chain(lists).chain(inputs).chain(containers);
        texts.for_each(|text| *text = line(text));
    }
}

/// A foreign text as one clean line.
pub(super) fn line(text: &str) -> String {
    sanitize::clean(text).replace(['\n', '\t'], " ")
}

/// Name and version of the program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `diagnose`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What an input is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// A log.
    #[default]
    Log,
    /// The facts of a container's state.
    State,
}

/// One thing that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// As the report calls it.
    pub name: String,
    /// Log or state.
    pub what: What,
    /// `file`, `stdin`, `docker`.
    pub kind: String,
    /// Decoders and envelopes, as the report names them.
    pub format: String,
    /// The member that holds it.
    pub member: String,
    /// Index of the container it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<usize>,
    /// For a state: index of the input that is the container's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<usize>,
    /// Known beginnings of boots, microseconds since 1970.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub starts: Vec<i64>,
    /// Bytes that were read.
    pub bytes: u64,
    /// Lines that were read.
    pub lines: u64,
    /// Why reading ended early, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<String>,
    /// What is missing in the member, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Gap>,
}

/// One container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Whether it was asked for, or is a neighbour.
    pub asked: bool,
    /// The member with its state.
    pub state: String,
    /// The member with its facts, one a line.
    pub facts: String,
}

/// One member of the archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}
