//! Dockerfiles: what is built, what it runs, who it runs as.

use super::Entry;

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[];
