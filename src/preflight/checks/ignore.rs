//! Comments that ignore findings.

use crate::preflight::ignore;

use super::{Context, Entry, Hit, Hits};

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[
    ("ignore/reason-missing", reason_missing),
    // Known only when everything else was found: `findings` adds it.
    (super::UNUSED, |_| Hits::default()),
];

fn reason_missing(context: &Context<'_>) -> Hits {
    let bare = ignore::all(context.deployment).into_iter().filter(|ignore| ignore.reason.is_empty());
    bare.map(|ignore| Hit::at(ignore.spot).with("id", ignore.id)).collect()
}
