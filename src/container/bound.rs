//! What an engine or a bundle says of a container, brought into bounds: no real container has as many of anything.

use super::state::ContainerState;

/// Most words, variables, ports, networks or names of one container.
const MANY: usize = 1_000;
/// Most answers of a health check, the last ones; engines keep five.
const ANSWERS: usize = 16;
/// Most events.
const EVENTS: usize = 512;
/// Bytes of all texts together.
const BYTES: usize = 128 << 10;

impl ContainerState {
    /// Leaves out what no real container has.
    pub fn bound(&mut self) {
        let mut cut = keep(&mut self.command, MANY) | keep(&mut self.environment, MANY);
        cut |= keep(&mut self.ports, MANY) | keep(&mut self.networks, MANY) | keep(&mut self.port_owners, MANY);
        cut |= keep(&mut self.upstreams, MANY);
        cut |= keep(&mut self.binds, MANY) | keep(&mut self.missing_mounts, MANY);
        cut |= keep(&mut self.events, EVENTS);
        cut |= self.listeners.as_mut().is_some_and(|listeners| keep(listeners, MANY));
        for endpoint in &mut self.networks {
            cut |= keep(&mut endpoint.aliases, MANY);
        }
        if let Some(health) = &mut self.health {
            let more = health.log.len().saturating_sub(ANSWERS);
            health.log.drain(..more);
            cut |= keep(&mut health.test, MANY) | (more > 0);
        }
        let mut left = BYTES;
        self.each_text(&mut |text| {
            let end = text.floor_char_boundary(left.min(text.len()));
            cut |= end < text.len();
            text.truncate(end);
            left -= end;
        });
        self.cut |= cut;
    }

    /// Shows every text.
    pub fn each_text(&mut self, visit: &mut dyn FnMut(&mut String)) {
        let optional = [&mut self.service, &mut self.project, &mut self.log_max_size, &mut self.log_path];
        let plain = [&mut self.id, &mut self.name, &mut self.image, &mut self.status, &mut self.error];
        let more = [&mut self.restart_policy, &mut self.network_mode, &mut self.log_driver];
        plain.into_iter().chain(more).chain(optional.into_iter().flatten()).for_each(&mut *visit);
        self.command.iter_mut().for_each(&mut *visit);
        if let Some(health) = &mut self.health {
            visit(&mut health.status);
            health.test.iter_mut().for_each(&mut *visit);
            health.log.iter_mut().for_each(|probe| visit(&mut probe.output));
        }
        self.ports.iter_mut().flat_map(|port| [&mut port.protocol, &mut port.address]).for_each(&mut *visit);
        self.listeners.iter_mut().flatten().for_each(|listener| visit(&mut listener.address));
        for endpoint in &mut self.networks {
            visit(&mut endpoint.network);
            endpoint
                .address
                .iter_mut()
                .chain(&mut endpoint.address6)
                .chain(&mut endpoint.aliases)
                .for_each(&mut *visit);
        }
        self.events.iter_mut().for_each(|event| visit(&mut event.what));
        self.port_owners.iter_mut().for_each(|(_, owner)| visit(owner));
        self.binds.iter_mut().flat_map(|(source, target)| [source, target]).for_each(&mut *visit);
        self.missing_mounts.iter_mut().chain(&mut self.storage).for_each(&mut *visit);
        self.upstreams.iter_mut().for_each(&mut *visit);
        self.environment.iter_mut().for_each(visit);
    }
}

/// Keeps the first of a list; whether there were more.
fn keep<T>(list: &mut Vec<T>, most: usize) -> bool {
    let cut = list.len() > most;
    list.truncate(most);
    cut
}

#[cfg(test)]
mod tests {
    use super::super::state::{Health, Probe};
    use super::*;

    #[test]
    fn what_no_real_container_has_is_left_out_and_that_is_known() {
        let probe = |number: i64| Probe { exit_code: number, ..Probe::default() };
        let health = Health { log: (0..30_000).map(probe).collect(), ..Health::default() };
        let mut state = ContainerState {
            name: "crm".to_owned(),
            environment: vec!["é".repeat(1000); 2000],
            health: Some(health),
            ..ContainerState::default()
        };
        state.bound();
        let mut bytes = 0;
        state.each_text(&mut |text| bytes += text.len());
        let answers: Vec<i64> =
            state.health.iter().flat_map(|health| &health.log).map(|probe| probe.exit_code).collect();
        assert!(state.cut && bytes <= BYTES && state.name == "crm", "{bytes}");
        assert_eq!((answers.len(), answers.last()), (ANSWERS, Some(&29_999)));
        let mut ordinary = ContainerState { environment: vec!["A=1".to_owned()], ..ContainerState::default() };
        let before = ordinary.clone();
        ordinary.bound();
        assert_eq!(ordinary, before);
    }
}
