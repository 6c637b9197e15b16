//! Environments against what the application requires.

use super::Entry;

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[];
