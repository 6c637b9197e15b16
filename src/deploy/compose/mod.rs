//! Compose files.

use super::find::{Finder, Options};
use super::text::Kind;

/// Names compose looks for, in its order.
const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Reads the compose files of a deployment.
///
/// # Errors
/// When none can be read.
pub(super) fn read(finder: &mut Finder<'_>, options: &Options) -> Result<(), String> {
    let found = NAMES.iter().find(|name| finder.tree.exists(name)).map(|name| (*name).to_owned());
    let files = if options.compose.is_empty() { found.into_iter().collect() } else { options.compose.clone() };
    if files.is_empty() {
        return Err("there is no compose file".to_owned());
    }
    for path in files {
        finder.open(&path, Kind::Compose).map_err(|error| format!("{path} cannot be read: {error}"))?;
    }
    Ok(())
}
