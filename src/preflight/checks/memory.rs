//! Memory limits against what is configured to be used.

use super::Entry;

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[];
