//! Lists and maps that are longer than any is.

use crate::deploy::find::Finder;
use crate::deploy::text::NOT_READ;
use crate::deploy::yaml::{Body, Node};

/// Entries of one list or map that are judged: variables of a service, named volumes.
const ENTRIES: usize = 1000;

/// Shortens them, and says so.
pub(super) fn trim(node: &mut Node, finder: &mut Finder<'_>) {
    let further = match &node.body {
        Body::List(items) => items.get(ENTRIES).map(|item| item.spot.clone()),
        Body::Map(entries) => entries.get(ENTRIES).map(|entry| entry.key_spot.clone()),
        Body::Null | Body::Scalar(_) => None,
    };
    if let Some(spot) = further {
        finder.cut_at(spot, &format!("there are more than {ENTRIES} entries; {NOT_READ}"));
        finder.deployment.partial = true;
    }
    match &mut node.body {
        Body::List(items) => {
            items.truncate(ENTRIES);
            items.iter_mut().for_each(|item| trim(item, finder));
        }
        Body::Map(entries) => {
            entries.truncate(ENTRIES);
            entries.iter_mut().for_each(|entry| trim(&mut entry.value, finder));
        }
        Body::Null | Body::Scalar(_) => {}
    }
}
