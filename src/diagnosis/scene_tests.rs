//! What containers add to logs: each test is a small stack, and says who is to blame.

use crate::container::{ContainerState, Endpoint, Health, Probe};
use crate::detect::{Collector, Unit, judge_state};
use crate::rule::{RuleSet, embedded};
use crate::scan::{Words, scan};

use super::{Confidence, Diagnosis, Scene, Verdict, diagnose};

/// 2026-11-26T12:00:00Z in microseconds.
pub(super) const NOON: i64 = 1_795_694_400_000_000;

/// A stack being put together.
pub(super) struct Stack {
    rules: RuleSet,
    words: Words,
    scene: Scene,
    units: Vec<Unit>,
    inputs: usize,
}

impl Stack {
    pub(super) fn new() -> Self {
        let rules = embedded(&[]).unwrap();
        let words = Words::new(&rules.literals.texts);
        Self { rules, words, scene: Scene::at(NOON + 600_000_000), units: Vec::new(), inputs: 0 }
    }

    pub(super) fn container(&mut self, state: ContainerState, asked: bool, log: &str) {
        let starts = state.started.into_iter().collect();
        let index = self.scene.add(state, asked);
        let mut collector = Collector::new(&self.rules, &self.words, self.inputs).with_starts(starts);
        let _ = scan(&mut log.as_bytes(), &self.words, &mut collector, &mut |_| {});
        self.units.extend(collector.finish().0);
        self.scene.input_of(Some(index));
        let facts = self.scene.facts_of(index).to_owned();
        self.units.push(judge_state(&self.rules, &self.words, self.inputs + 1, &facts, 1));
        self.scene.input_of(Some(index));
        self.inputs += 2;
    }

    /// A log of which no container is known.
    pub(super) fn log(&mut self, log: &str) {
        let mut collector = Collector::new(&self.rules, &self.words, self.inputs);
        let _ = scan(&mut log.as_bytes(), &self.words, &mut collector, &mut |_| {});
        self.units.extend(collector.finish().0);
        self.scene.input_of(None);
        self.inputs += 1;
    }

    /// Says what the logs are called.
    pub(super) fn call(&mut self, names: &[String]) {
        self.scene.call_inputs(names.iter().map(String::as_str));
    }

    pub(super) fn id(&self, rule: usize) -> &str {
        &self.rules.rules[rule].id
    }

    pub(super) fn judged(&self) -> Diagnosis<'_> {
        diagnose(&self.rules, &self.units, None, &self.scene)
    }

    /// Rules that are blamed, each with the name of its container.
    pub(super) fn blamed(&self) -> Vec<(String, String)> {
        let name = |index: Option<usize>| index.map(|index| self.scene.containers()[index].name.clone());
        let causes = self.judged().causes;
        causes
            .iter()
            .map(|cause| (self.rules.rules[cause.rule].id.clone(), name(cause.container).unwrap_or_default()))
            .collect()
    }
}

pub(super) fn container(name: &str, status: &str, exit_code: i64) -> ContainerState {
    let endpoint = Endpoint {
        network: "ent".to_owned(),
        address: (status == "running").then(|| "172.18.0.3".to_owned()),
        aliases: vec![name.trim_start_matches("ent-").to_owned()],
        ..Endpoint::default()
    };
    ContainerState {
        id: name.to_owned(),
        name: name.to_owned(),
        status: status.to_owned(),
        exit_code,
        started: Some(NOON),
        finished: (status != "running").then_some(NOON + 5_000_000),
        networks: vec![endpoint],
        restart_policy: "no".to_owned(),
        ..ContainerState::default()
    }
}

pub(super) fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(rule, place)| ((*rule).to_owned(), (*place).to_owned())).collect()
}

const REFUSED: &str = "2026-11-26T12:00:01.000000000Z Error: connect ECONNREFUSED 172.18.0.3:5432\n";
const FULL: &str = "2026-11-26T12:00:00.500000000Z 2026-11-26 12:00:00.500 UTC [29] PANIC:  could not write to file \"pg_wal/xlogtemp.29\": No space left on device\n";

#[test]
fn the_database_s_full_disk_explains_the_refused_connection_and_both_ends() {
    let mut stack = Stack::new();
    stack.container(container("ent-crm", "exited", 1), true, REFUSED);
    stack.container(container("ent-tenant-db", "running", 0), false, FULL);
    assert_eq!(stack.blamed(), owned(&[("host/disk-full", "ent-tenant-db")]));
    let diagnosis = stack.judged();
    assert_eq!(diagnosis.verdict, Verdict::Failed);
    assert_eq!(diagnosis.causes[0].confidence, Confidence::Confirmed);
}

#[test]
fn a_fault_of_a_container_that_nothing_points_to_explains_nothing_elsewhere() {
    let mut stack = Stack::new();
    let elsewhere = REFUSED.replace("172.18.0.3", "10.9.9.9");
    stack.container(container("ent-crm", "exited", 1), true, &elsewhere);
    stack.container(
        container("ent-grafana", "running", 0),
        false,
        "2026-11-26T12:00:00.100000000Z Error: Cannot find module './x.js'\n",
    );
    assert_eq!(stack.blamed()[0], ("postgres/refused".to_owned(), "ent-crm".to_owned()));
}

#[test]
fn a_neighbour_s_own_trouble_does_not_make_a_healthy_container_fail() {
    let mut stack = Stack::new();
    let up = "2026-11-26T12:00:02.000000000Z [Nest] 1  - 11/26/2026, 12:00:02 PM     LOG [NestApplication] Nest application successfully started +2ms\n";
    stack.container(container("ent-crm", "running", 0), true, up);
    stack.container(container("ent-tenant-db", "exited", 1), false, FULL);
    assert_eq!(stack.judged().verdict, Verdict::Healthy);
}

#[test]
fn a_container_that_has_ended_is_not_healthy_whatever_its_log_says() {
    let mut stack = Stack::new();
    let up = "2026-11-26T12:00:02.000000000Z Nest application successfully started\n";
    stack.container(container("ent-crm", "exited", 0), true, up);
    assert_eq!(stack.judged().verdict, Verdict::Unknown);
}

#[test]
fn the_engine_s_own_health_check_proves_an_application_that_says_nothing() {
    let mut stack = Stack::new();
    let mut state = container("ent-crm", "running", 0);
    state.health = Some(Health { status: "healthy".to_owned(), ..Health::default() });
    stack.container(state.clone(), true, "nothing to see\n");
    assert_eq!(stack.judged().verdict, Verdict::Healthy);
    let mut stack = Stack::new();
    state.health = Some(Health { status: "starting".to_owned(), ..Health::default() });
    stack.container(state, true, "nothing to see\n");
    assert_eq!(stack.judged().verdict, Verdict::Starting);
}

fn unhealthy(interval: i64, answered: i64, command: &str) -> ContainerState {
    let probe = |after: i64| Probe { exit_code: 7, output: "curl: (7) refused".to_owned(), ended: Some(NOON + after) };
    ContainerState {
        health: Some(Health {
            status: "unhealthy".to_owned(),
            failing: 3,
            test: vec!["CMD-SHELL".to_owned(), command.to_owned()],
            interval,
            retries: 3,
            log: vec![probe(interval), probe(answered)],
            ..Health::default()
        }),
        ..container("ent-crm", "running", 0)
    }
}

const UP_AFTER_A_MINUTE: &str = "2026-11-26T12:00:00.100000000Z Starting Nest application...\n2026-11-26T12:01:00.000000000Z Server listening on 0.0.0.0:3000\n";

#[test]
fn a_start_longer_than_the_health_check_allows_is_the_check_s_fault() {
    let mut stack = Stack::new();
    stack.container(
        unhealthy(10_000_000, 30_000_000, "curl -f http://localhost:3000/healthz"),
        true,
        UP_AFTER_A_MINUTE,
    );
    assert_eq!(stack.blamed(), owned(&[("container/health-budget-too-short", "ent-crm")]));
    assert_eq!(stack.judged().verdict, Verdict::Degraded);
}

#[test]
fn a_start_within_the_budget_does_not_blame_the_budget() {
    let mut stack = Stack::new();
    stack.container(
        unhealthy(30_000_000, 45_000_000, "curl -f http://localhost:3000/healthz"),
        true,
        UP_AFTER_A_MINUTE,
    );
    assert_eq!(stack.blamed(), owned(&[("container/unhealthy", "ent-crm")]));
}

#[test]
fn a_probe_of_another_port_is_the_probe_s_fault() {
    let mut stack = Stack::new();
    stack.container(
        unhealthy(30_000_000, 120_000_000, "curl -f http://localhost:8080/healthz"),
        true,
        UP_AFTER_A_MINUTE,
    );
    assert_eq!(stack.blamed(), owned(&[("container/healthcheck-wrong", "ent-crm")]));
}

#[test]
fn a_banner_that_comes_late_does_not_split_the_last_boot() {
    let mut stack = Stack::new();
    let log = format!("{REFUSED}2026-11-26T12:00:01.000100000Z Twenty CRM Container Initialization\n");
    stack.container(container("ent-crm", "exited", 1), true, &log);
    assert_eq!(stack.units[0].boots.len(), 1);
}

#[test]
fn lines_before_the_known_start_are_an_earlier_boot() {
    let mut stack = Stack::new();
    let log = format!("2026-11-26T11:59:00.000000000Z Error: connect ECONNREFUSED 172.18.0.3:6379\n{REFUSED}");
    stack.container(container("ent-crm", "exited", 1), true, &log);
    assert_eq!(stack.units[0].boots.len(), 2);
    assert_eq!(stack.blamed()[0].0, "postgres/refused");
}

pub(super) const BAD_GATEWAY: &str = "2026-11-26T12:00:06.000000000Z 2026/11/26 12:00:06 [notice] 1#1: start worker process 9\n\
    2026-11-26T12:00:06.900000000Z 2026/11/26 12:00:06 [error] 29#29: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 172.18.0.1, server: x, request: \"GET /welcome HTTP/1.1\", upstream: \"http://172.18.0.9:3000/welcome\", host: \"x\"\n";

/// The proxy was refused before the server ended; the server does not run, and that is why.
#[test]
fn the_chain_from_the_proxy_over_the_server_to_the_database_is_followed() {
    let mut stack = Stack::new();
    let mut nginx = container("ent-nginx", "running", 0);
    nginx.networks[0].address = Some("172.18.0.2".to_owned());
    stack.container(nginx, true, BAD_GATEWAY);
    let mut server = container("ent-crm", "exited", 1);
    server.exposed.insert(3000);
    stack.container(server, false, REFUSED);
    let mut database = container("ent-tenant-db", "exited", 1);
    database.networks[0].address = Some("172.18.0.3".to_owned());
    stack.container(database, false, FULL);
    assert_eq!(stack.blamed(), owned(&[("host/disk-full", "ent-tenant-db")]));
}

#[test]
fn a_proxy_that_came_up_clears_nothing_of_the_application() {
    let mut stack = Stack::new();
    let waiting = "2026-11-26T12:00:01.000000000Z Twenty CRM server failed to start within 90 seconds\n";
    stack.container(container("ent-crm", "running", 0), true, waiting);
    let up = "2026-11-26T12:05:00.000000000Z 2026/11/26 12:05:00 [notice] 1#1: start worker process 9\n";
    stack.container(container("ent-nginx", "running", 0), true, up);
    assert!(stack.judged().cleared.is_empty(), "{:?}", stack.judged().cleared);
}
