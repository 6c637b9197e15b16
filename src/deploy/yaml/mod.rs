//! YAML with positions: a text → trees of [`Node`]s, aliases and merge keys expanded.
//!
//! Nothing recurses over the input's depth before that depth is known to be small, and everything an alias brings is paid from the
//! [`Budget`](super::budget::Budget): a file that expands to millions of nodes is cut, as is one that nests a hundred levels.

mod build;
mod flow;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::text::{FileId, Spot};

pub(super) use build::parse;

/// Levels of nesting that are followed; Compose needs ten.
const DEPTH: usize = 100;
/// Bytes that a node takes without its texts, with the part of a service that becomes of it.
const NODE: usize = 400;
/// How often a text is held: as written, with variables replaced, and in that part.
const TEXTS: usize = 3;

/// What a text holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    /// Its documents; the last one is incomplete after an error.
    pub(super) documents: Vec<Node>,
    /// What is wrong with it.
    pub(super) errors: Vec<YamlError>,
    /// Whether it could be read to its end.
    pub(super) complete: bool,
}

/// Something wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct YamlError {
    /// Where.
    pub(super) range: Range<usize>,
    /// What, as the end of "… : ".
    pub(super) message: String,
    /// It is our limit that was reached, not YAML's.
    pub(super) limit: bool,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// Where it stands; for what an alias brought, where that was written.
    pub(super) spot: Spot,
    /// Compose's own tags.
    pub(super) tag: Tag,
    /// What it is.
    pub(super) body: Body,
}

/// A tag that means something to compose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// Any other, or none.
    None,
    /// `!reset`: what an earlier file said is gone.
    Reset,
    /// `!override`: it replaces what an earlier file said, without merging.
    Override,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    /// Nothing, `~`, `null`.
    Null,
    /// A text.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map.
    Map(Vec<Entry>),
}

/// A text, a number, a truth value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scalar {
    /// As YAML gives it.
    pub(super) raw: String,
    /// With variables replaced; `None` when that is not known.
    pub(super) text: Option<String>,
    /// Whether quotes or a block style make it a text in any case.
    pub(super) quoted: bool,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The key.
    pub(super) key: String,
    /// Where the key stands.
    pub(super) key_spot: Spot,
    /// The value.
    pub(super) value: Node,
}

impl Node {
    /// A null.
    pub(super) const fn null(spot: Spot) -> Self {
        Self { spot, tag: Tag::None, body: Body::Null }
    }

    /// A text that was not written as a node of its own, such as the value in `NAME=value`.
    pub(super) fn scalar(spot: Spot, raw: &str, text: Option<&str>) -> Self {
        let scalar = Scalar { raw: raw.to_owned(), text: text.map(str::to_owned), quoted: true };
        Self { spot, tag: Tag::None, body: Body::Scalar(scalar) }
    }

    /// The value of a key of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// A key of a map and its value.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The entries of a map; none of anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.body {
            Body::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Node] {
        match &self.body {
            Body::List(items) => items,
            _ => &[],
        }
    }

    /// The scalar.
    pub(super) const fn as_scalar(&self) -> Option<&Scalar> {
        match &self.body {
            Body::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The known text of a scalar.
    pub(super) fn known(&self) -> Option<&str> {
        self.as_scalar()?.text.as_deref()
    }

    /// Whether it is nothing.
    pub(super) const fn is_null(&self) -> bool {
        matches!(self.body, Body::Null)
    }

    /// The bytes it takes, about.
    pub(super) fn cost(&self) -> usize {
        let parts: usize = match &self.body {
            Body::Null => 0,
            Body::Scalar(scalar) => TEXTS * scalar.raw.len().max(scalar.text.as_ref().map_or(0, String::len)),
            Body::List(items) => items.iter().map(Self::cost).sum(),
            Body::Map(entries) => entries.iter().map(|entry| NODE + TEXTS * entry.key.len() + entry.value.cost()).sum(),
        };
        NODE + parts
    }
}

/// The file a parser writes into its spots.
pub(super) type Source = FileId;
