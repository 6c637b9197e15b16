//! Nodes become the parts of a service: what the converters share.

use crate::deploy::fault::FaultKind;
use crate::deploy::find::Finder;
use crate::deploy::model::Value;
use crate::deploy::part::{Build, CommandForm, CommandLine, Variable};
use crate::deploy::text::Spot;
use crate::deploy::tree::join;
use crate::deploy::yaml::{Body, Entry, Node};

use super::load::Bases;
use super::{merge, words};

/// Reads services; knows which folder the paths of a file count from.
pub(super) struct Reader<'f, 't> {
    pub(super) finder: &'f mut Finder<'t>,
    pub(super) bases: Bases,
}

impl<'f, 't> Reader<'f, 't> {
    pub(super) const fn new(finder: &'f mut Finder<'t>, bases: Bases) -> Self {
        Self { finder, bases }
    }

    /// The folder that a path written here counts from.
    pub(super) fn base(&self, spot: &Spot) -> &str {
        self.bases.get(&spot.file).map_or("", String::as_str)
    }

    /// A path as seen from the deployment's folder.
    pub(super) fn path(&self, spot: &Spot, path: &str) -> String {
        join(self.base(spot), path)
    }

    /// Notes that compose refuses something.
    pub(super) fn refuse(&mut self, spot: &Spot, message: impl Into<String>) {
        self.finder.fault(FaultKind::Compose, spot.clone(), message);
    }

    /// `entrypoint` or `command`.
    pub(super) fn command(&mut self, node: &Node) -> Option<CommandLine> {
        let spot = node.spot.clone();
        match &node.body {
            Body::List(items) => {
                let words = items.iter().filter_map(value).collect();
                Some(CommandLine { form: CommandForm::List, words, spot })
            }
            Body::Scalar(scalar) => {
                let Some(raw) = words::split(&scalar.raw) else {
                    self.refuse(&spot, "a quote in this command is not closed");
                    return None;
                };
                let known = scalar.text.as_deref().and_then(words::split);
                let known = known.filter(|known| known.len() == raw.len() || scalar.raw.contains('$'));
                let word = |raw: String, text: Option<String>| Value { raw, text, spot: spot.clone() };
                let words = match known {
                    Some(known) if known.len() == raw.len() => {
                        raw.into_iter().zip(known).map(|(raw, text)| word(raw, Some(text))).collect()
                    }
                    // A variable that brings several words.
                    Some(known) => known.into_iter().map(|text| word(text.clone(), Some(text))).collect(),
                    None => raw
                        .into_iter()
                        .map(|raw| {
                            let text = (!raw.contains('$')).then(|| raw.clone());
                            word(raw, text)
                        })
                        .collect(),
                };
                Some(CommandLine { form: CommandForm::Text, words, spot })
            }
            Body::Null | Body::Map(_) => None,
        }
    }

    /// `build`.
    pub(super) fn build(&mut self, node: &Node) -> Option<Build> {
        let spot = node.spot.clone();
        let context = match &node.body {
            Body::Scalar(_) => value(node),
            Body::Map(_) => node.get("context").and_then(value),
            _ => return None,
        };
        let here = || Value { raw: ".".to_owned(), text: Some(".".to_owned()), spot: spot.clone() };
        let context = context.unwrap_or_else(here);
        let remote = |text: &str| text.contains("://") || text.starts_with("git@") || text.starts_with("github.com/");
        let folder = context.known().filter(|text| !remote(text)).map(|text| self.path(&context.spot, text));
        Some(Build {
            dockerfile: node.get("dockerfile").and_then(value),
            inline: node.get("dockerfile_inline").and_then(value),
            target: node.get("target").and_then(value),
            args: node.get("args").map(variables).unwrap_or_default(),
            further: node.get("additional_contexts").is_some(),
            absent: folder.as_ref().is_some_and(|folder| !self.finder.tree.is_folder(folder)),
            spot,
            context,
            folder,
        })
    }
}

/// A build of the deployment's own folder, for a Dockerfile without a compose file.
pub(super) fn whole_folder(spot: Spot) -> Build {
    let context = Value { raw: ".".to_owned(), text: Some(".".to_owned()), spot: spot.clone() };
    Build {
        spot,
        context,
        folder: Some(String::new()),
        dockerfile: None,
        inline: None,
        target: None,
        args: Vec::new(),
        further: false,
        absent: false,
    }
}

/// A scalar as a value; nothing of anything else.
pub(super) fn value(node: &Node) -> Option<Value> {
    let scalar = node.as_scalar()?;
    Some(Value { raw: scalar.raw.clone(), text: scalar.text.clone(), spot: node.spot.clone() })
}

/// The items of a list, or a single value.
pub(super) fn values(node: &Node) -> Vec<Value> {
    match &node.body {
        Body::List(items) => items.iter().filter_map(value).collect(),
        _ => value(node).into_iter().collect(),
    }
}

/// A map, or a list of `NAME=value`.
pub(super) fn variables(node: &Node) -> Vec<Variable> {
    let listed: Vec<Entry> = node.items().iter().filter_map(|item| merge::entry(item, true)).collect();
    let entries = node.entries().iter().cloned().chain(listed);
    let variable = |entry: Entry| {
        let written = matches!(entry.value.body, Body::Scalar(_));
        let value = if written { value(&entry.value) } else { None };
        Variable { name: entry.key, spot: entry.key_spot, value }
    };
    super::environment::last_wins(entries.map(variable))
}

/// Whether a key says `true`.
pub(super) fn is_true(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::known).is_some_and(|text| matches!(text, "true" | "yes" | "on"))
}
