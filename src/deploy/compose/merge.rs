//! Two files become one: maps are merged, lists are joined, what is a whole is replaced.

use std::collections::HashMap;

use crate::deploy::text::Spot;
use crate::deploy::yaml::{Body, Entry, Node, Tag};

/// A project on top of another.
pub(super) fn merge(base: Node, over: Node) -> Node {
    merged(base, over, &mut Vec::new())
}

/// A service on top of another.
pub(super) fn merge_service(base: Node, over: Node) -> Node {
    let mut path = vec!["services".to_owned(), String::new()];
    merged(base, over, &mut path)
}

fn merged(base: Node, over: Node, path: &mut Vec<String>) -> Node {
    match over.tag {
        Tag::Reset => return Node { tag: Tag::None, body: Body::Null, ..over },
        Tag::Override => return Node { tag: Tag::None, ..over },
        Tag::None => {}
    }
    if over.is_null() {
        // A key without a value says nothing, but a list or map below it may have been meant to be reset: compose keeps the base.
        return base;
    }
    if whole(path) {
        return over;
    }
    let (base, over) = alike(base, over, path);
    let (spot, tag) = (over.spot.clone(), over.tag);
    match (base.body, over.body) {
        (Body::Map(base), Body::Map(over)) => Node { spot, tag, body: Body::Map(merged_maps(base, over, path)) },
        (Body::List(mut base), Body::List(over)) => {
            base.extend(over);
            Node { spot, tag, body: Body::List(base) }
        }
        (_, body) => Node { spot, tag, body },
    }
}

fn merged_maps(base: Vec<Entry>, over: Vec<Entry>, path: &mut Vec<String>) -> Vec<Entry> {
    let places = base.iter().enumerate().rev().map(|(place, entry)| (entry.key.clone(), place));
    let places: HashMap<String, usize> = places.collect();
    let mut all: Vec<Option<Entry>> = base.into_iter().map(Some).collect();
    for entry in over {
        let slot = places.get(&entry.key).and_then(|place| all.get_mut(*place));
        let Some((slot, known)) = slot.and_then(|slot| slot.take().map(|known| (slot, known))) else {
            all.push(Some(entry));
            continue;
        };
        path.push(entry.key.clone());
        let removed = entry.value.tag == Tag::Reset && entry.value.is_null();
        let value = merged(known.value, entry.value, path);
        path.pop();
        if !removed {
            *slot = Some(Entry { key: entry.key, key_spot: entry.key_spot, value });
        }
    }
    all.into_iter().flatten().collect()
}

/// Whether a value is replaced as a whole.
fn whole(path: &[String]) -> bool {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(parts[..], ["services", _, "command" | "entrypoint"] | ["services", _, "healthcheck", "test"])
}

/// A list and a map of the same become two maps.
fn alike(base: Node, over: Node, path: &[String]) -> (Node, Node) {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let named = match parts[..] {
        ["services", _, "depends_on" | "networks"] => false,
        ["services", _, "environment" | "labels" | "sysctls" | "annotations"]
        | ["services", _, "build" | "deploy", "args" | "labels"] => true,
        ["services", _, "build"] => return (context(base), context(over)),
        _ => return (base, over),
    };
    match (&base.body, &over.body) {
        (Body::List(_), Body::Map(_)) => (mapped(base, named), over),
        (Body::Map(_), Body::List(_)) => (base, mapped(over, named)),
        _ => (base, over),
    }
}

/// `build: ./folder` is `build: { context: ./folder }`.
fn context(node: Node) -> Node {
    if !matches!(node.body, Body::Scalar(_)) {
        return node;
    }
    let (spot, key_spot) = (node.spot.clone(), node.spot.clone());
    let entry = Entry { key: "context".to_owned(), key_spot, value: node };
    Node { spot, tag: Tag::None, body: Body::Map(vec![entry]) }
}

/// The items of a list as the entries of a map: `NAME=value`, or names alone.
fn mapped(node: Node, named: bool) -> Node {
    let Body::List(items) = node.body else { return node };
    let entries = items.into_iter().filter_map(|item| entry(&item, named)).collect();
    Node { body: Body::Map(entries), ..node }
}

/// An item `NAME=value`, or a name alone.
pub(super) fn entry(item: &Node, named: bool) -> Option<Entry> {
    let scalar = item.as_scalar()?;
    let (key, value) = match scalar.raw.split_once('=').filter(|_| named) {
        Some((key, value)) => (key, Some(value)),
        None => (scalar.raw.as_str(), None),
    };
    let spot = &item.spot;
    let value = value.map_or_else(
        || Node::null(spot.clone()),
        |raw| {
            let text = scalar.text.as_deref().and_then(|text| text.split_once('=')).map(|(_, value)| value);
            // In an item that is written as it reads, the value stands behind the sign; a quoted item is pointed to as a whole.
            let long = spot.range.end - spot.range.start;
            let start = if long == scalar.raw.len() { spot.range.end - raw.len() } else { spot.range.start };
            Node::scalar(Spot::new(spot.file, start..spot.range.end), raw, text)
        },
    );
    Some(Entry { key: key.to_owned(), key_spot: spot.clone(), value })
}
