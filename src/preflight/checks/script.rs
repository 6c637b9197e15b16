//! Scripts that containers run.

use super::Entry;

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[];
