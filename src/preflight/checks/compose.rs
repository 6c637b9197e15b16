//! Compose files: what services say of each other.

use super::Entry;

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[];
