//! The neighbours: the containers that the evidence points to, from one to the next.

use crate::container::{ContainerState, Entry, near_hosts, owner, related};
use crate::diagnosis::{Blamed, Finding, diagnose};

use super::Gatherer;

/// Neighbours that are read besides what was asked for.
const NEIGHBOURS: usize = 4;
/// Containers that are inspected to find out whose an address is.
const INSPECTED: usize = 40;

impl Gatherer<'_> {
    /// Follows the evidence from container to container.
    pub(super) fn neighbours(&mut self) {
        let mut others: Option<Vec<ContainerState>> = None;
        let mut known: Vec<String> = Vec::new();
        let mut read = 0;
        while let Some((host, port, from)) = self.pointers().into_iter().find(|(host, _, from)| {
            owner(host, None, *from, self.gathered.scene.containers()).is_none()
                && !known.contains(&format!("{from} {host}"))
        }) {
            known.push(format!("{from} {host}"));
            let others = others.get_or_insert_with(|| self.related());
            let mut all = self.gathered.scene.containers().to_vec();
            let first = all.len();
            all.extend(others.iter().cloned());
            match owner(&host, port, from, &all) {
                Some(found) if found >= first && read < NEIGHBOURS => {
                    read += 1;
                    let state = others.remove(found - first);
                    self.gathered.notes.extend(not_running(&state, &host));
                    self.container(state, false);
                }
                Some(found) if found >= first => {
                    let name = all.get(found).map(|state| state.name.as_str()).unwrap_or_default();
                    self.gathered.notes.push(format!("{name} was not read: {NEIGHBOURS} neighbours are the limit"));
                }
                Some(_) => {}
                None => self.nobody(&host, from, &all),
            }
        }
    }

    /// Hosts and ports that the faults found so far tell of, and the container each was seen in.
    fn pointers(&self) -> Vec<(String, Option<u16>, usize)> {
        let scene = &self.gathered.scene;
        let diagnosis = diagnose(self.rules, &self.reading.read.units, self.forced, scene);
        let members = |cause: &Blamed| -> Vec<Finding> {
            let effects = cause.consequences.iter().flat_map(|(_, members)| members);
            cause.members.iter().chain(effects).cloned().collect()
        };
        let findings: Vec<Finding> = diagnosis.causes.iter().flat_map(members).collect();
        let pointer = |finding: &Finding| {
            let (host, port) = scene.pointer(self.rules, finding)?;
            Some((host, port, scene.of_source(finding.matched.first.source)?))
        };
        findings.iter().filter_map(pointer).collect()
    }

    /// The states of the containers that belong to the same projects and networks as those read so far.
    fn related(&mut self) -> Vec<ContainerState> {
        let mine: Vec<ContainerState> = self.gathered.scene.containers().to_vec();
        let near = |entry: &&Entry| {
            mine.iter().all(|state| state.id != entry.id)
                && mine.iter().any(|state| {
                    (state.project.is_some() && state.project == entry.project)
                        || state.networks.iter().any(|endpoint| entry.networks.contains(&endpoint.network))
                })
        };
        let ids: Vec<String> =
            self.entries().iter().filter(near).take(INSPECTED).map(|entry| entry.id.clone()).collect();
        let states = ids.iter().filter_map(|id| self.engine.inspect(id).ok());
        states.filter(|state| mine.iter().any(|own| related(own, state))).collect()
    }

    /// A name that no container has.
    fn nobody(&mut self, host: &str, from: usize, all: &[ContainerState]) {
        let Some(own) = all.get(from) else { return };
        let numeric = host.parse::<std::net::IpAddr>().is_ok();
        let near = near_hosts(host, from, all);
        let note = match near.first() {
            Some(name) if !numeric => {
                format!("No container in reach of {} is called \"{host}\"; there is \"{name}\"", own.name)
            }
            _ if numeric => format!("No container in reach of {} has the address {host} now", own.name),
            _ if host.contains('.') => return,
            _ => format!("No container in reach of {} is called \"{host}\"", own.name),
        };
        self.gathered.notes.push(note);
    }
}

/// That a container which was asked for something does not run.
fn not_running(state: &ContainerState, host: &str) -> Option<String> {
    let how = match state.status.as_str() {
        "running" => return None,
        "exited" | "restarting" | "dead" => format!("{}, exit status {}", state.status, state.exit_code),
        other => other.to_owned(),
    };
    let called = match host.parse::<std::net::IpAddr>() {
        Ok(address) => format!(", by its port the owner of {address},"),
        Err(_) if state.name == host => String::new(),
        Err(_) => format!(", which is \"{host}\","),
    };
    Some(format!("{}{called} does not run: {how}", state.name))
}
