//! What is to be mounted into a container and is not there, seen on the engine's own machine.

use std::path::Path;

use super::state::ContainerState;

/// The sources of bind mounts of a container that was not started, which do not exist: `/srv/crm -> /data`. Nothing where this is not the
/// engine's own file system: there its files of the container cannot be seen either.
pub(super) fn missing(state: &ContainerState, exists: &dyn Fn(&Path) -> Option<bool>) -> Vec<String> {
    let here = state.storage.as_deref().is_some_and(|path| exists(Path::new(path)) == Some(true));
    if !here || state.status != "created" {
        return Vec::new();
    }
    let gone = |(source, _): &&(String, String)| source.starts_with('/') && exists(Path::new(source)) == Some(false);
    state.binds.iter().filter(gone).map(|(source, target)| format!("{source} -> {target}")).collect()
}

/// Whether a path exists, where that can be known.
pub(super) fn exists(path: &Path) -> Option<bool> {
    path.try_exists().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(status: &str) -> ContainerState {
        ContainerState {
            status: status.to_owned(),
            storage: Some("/var/lib/docker/overlay2/5/diff".to_owned()),
            binds: vec![("/srv/crm".to_owned(), "/data".to_owned()), ("/etc/hosts".to_owned(), "/h".to_owned())],
            ..ContainerState::default()
        }
    }

    #[test]
    fn a_source_is_missing_where_the_engine_s_files_are_seen_and_it_is_not() {
        let engine = |path: &Path| Some(!path.starts_with("/srv"));
        assert_eq!(missing(&state("created"), &engine), ["/srv/crm -> /data"]);
        assert!(missing(&state("running"), &engine).is_empty());
        assert!(missing(&state("created"), &|_| Some(false)).is_empty(), "another machine's");
        assert!(missing(&state("created"), &|_| None).is_empty(), "it may not be looked at");
    }
}
