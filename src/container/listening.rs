//! What is open inside a container, as the kernel of this machine lists it: nothing is run inside, nothing is connected to.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use super::engine::Engine;
use super::ports::{Listener, from_proc};
use super::state::ContainerState;

/// Most bytes of one list: one of ten thousand connections takes 1.5 MiB, and listeners come first.
const MOST: u64 = 1 << 20;
/// Where the engine itself answers names inside of containers.
const RESOLVER: &str = "127.0.0.11";

impl Engine {
    /// The listeners of a running container that has a network of its own. `None` where they cannot be seen: the engine is elsewhere, its
    /// processes are not those of this machine (Docker Desktop), or the kernel does not show them.
    #[must_use]
    pub fn listeners(&self, state: &ContainerState) -> Option<Vec<Listener>> {
        let own = state.network_mode != "host" && !state.network_mode.starts_with("container:");
        let pid = state.pid.filter(|_| self.address.is_local() && state.status == "running" && own)?;
        // The same number may be another process here, where the engine runs behind a border of its own.
        let known = ["cgroup", "mountinfo"].iter().filter_map(|name| read(pid, name));
        known.into_iter().any(|text| belongs(&text, &state.id)).then_some(())?;
        let listed = read(pid, "net/tcp")? + &read(pid, "net/tcp6").unwrap_or_default();
        Some(reachable(from_proc(&listed)))
    }
}

fn read(pid: i64, name: &str) -> Option<String> {
    let mut text = Vec::new();
    let file = File::open(PathBuf::from(format!("/proc/{pid}")).join(name)).ok()?;
    file.take(MOST).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// Whether what the kernel says of a process names its container.
fn belongs(text: &str, id: &str) -> bool {
    !id.is_empty() && text.contains(id)
}

/// Each once, without the engine's own resolver.
fn reachable(mut listeners: Vec<Listener>) -> Vec<Listener> {
    listeners.retain(|listener| listener.address != RESOLVER);
    listeners.sort_by_key(|listener| (listener.port, listener.address.clone()));
    listeners.dedup_by(|a, b| (a.port, &a.address) == (b.port, &b.address));
    listeners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_believed_to_be_a_container_s_when_the_kernel_says_so() {
        let id = "53de8a4ef6a5b3ce57f86028f4b3312a950590bcd67d565e5c5ad5306ad0aed7";
        assert!(belongs(&format!("0::/system.slice/docker-{id}.scope"), id));
        assert!(!belongs("0::/user.slice/user-1000.slice/session-1.scope", id));
        assert!(!belongs("0::/", ""));
    }

    #[test]
    fn the_engine_s_resolver_is_no_listener() {
        let open = |port: u16, address: &str| Listener { port, address: address.to_owned(), ..Listener::default() };
        let found = reachable(vec![open(37_599, RESOLVER), open(3000, "::"), open(3000, "0.0.0.0"), open(3000, "::")]);
        let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["0.0.0.0:3000", "[::]:3000"]);
    }
}
