//! Comments that ignore findings.

use crate::preflight::ignore;

use super::{Context, Entry, Hit};

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[
    ("ignore/reason-missing", reason_missing),
    // Known only when everything else was found: `findings` adds it.
    (super::UNUSED, |_| Vec::new()),
];

fn reason_missing(context: &Context<'_>) -> Vec<Hit> {
    let bare = ignore::all(context.deployment).into_iter().filter(|ignore| ignore.reason.is_empty());
    bare.map(|ignore| Hit::at(ignore.spot).with("id", ignore.id)).collect()
}
