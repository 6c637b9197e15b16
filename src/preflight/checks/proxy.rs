//! nginx in front of the services.

use super::Entry;

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[];
