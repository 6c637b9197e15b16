//! Small networks, and whose an address is in them.

use std::collections::BTreeSet;

use super::super::ports::Listener;
use super::super::siblings::near_hosts;
use super::super::state::{ContainerState, Endpoint};
use super::*;

fn container(name: &str, status: &str, address: Option<&str>, port: u16) -> ContainerState {
    let endpoint = Endpoint {
        network: "ent".to_owned(),
        address: address.map(str::to_owned),
        aliases: vec![name.trim_start_matches("ent-").to_owned()],
        ..Endpoint::default()
    };
    ContainerState {
        name: name.to_owned(),
        status: status.to_owned(),
        networks: vec![endpoint],
        exposed: BTreeSet::from([port]),
        ..ContainerState::default()
    }
}

/// As [`container`], ended with status 1 at this second, and announcing nothing.
fn crashed(name: &str, at: i64) -> ContainerState {
    let finished = Some(at * 1_000_000);
    ContainerState { exposed: BTreeSet::new(), finished, exit_code: 1, ..container(name, "exited", None, 0) }
}

fn proxy(started: i64) -> ContainerState {
    ContainerState { started: Some(started * 1_000_000), ..container("ent-nginx", "running", Some("172.18.0.9"), 80) }
}

#[test]
fn an_address_or_name_is_resolved_to_its_container() {
    let all = [
        container("ent-crm", "running", Some("172.18.0.5"), 3000),
        container("ent-tenant-db", "running", Some("172.18.0.3"), 5432),
        container("ent-redis", "exited", None, 6379),
    ];
    assert_eq!(owner("172.18.0.3", Some(5432), 0, &all), Some(1));
    assert_eq!(owner("tenant-db", None, 0, &all), Some(1));
    assert_eq!(owner("ent-redis", Some(6379), 0, &all), Some(2), "a name works although it has ended");
    assert_eq!(
        owner("172.18.0.9", Some(6379), 0, &all),
        Some(2),
        "nobody holds it, and one ended neighbour has the port"
    );
    assert!(is_guess("172.18.0.9", Some(6379), 0, &all) && !is_guess("ent-redis", Some(6379), 0, &all));
    assert_eq!(owner("172.18.0.9", Some(8080), 0, &all), None);
    assert_eq!(owner("127.0.0.1", Some(5432), 0, &all), Some(0));
    assert_eq!(owner("db.example.org", Some(5432), 0, &all), None);
    assert_eq!(near_hosts("tenant-bd", 0, &all)[0], "tenant-db");
}

#[test]
fn containers_of_other_networks_are_out_of_reach() {
    let mut stranger = container("ent-tenant-db", "running", Some("172.18.0.3"), 5432);
    stranger.networks[0].network = "other".to_owned();
    let all = [container("ent-crm", "running", Some("172.18.0.5"), 3000), stranger];
    assert_eq!(owner("172.18.0.3", Some(5432), 0, &all), None);
    assert_eq!(owner("tenant-db", Some(5432), 0, &all), None);
}

#[test]
fn who_ended_before_the_address_was_looked_up_did_not_hold_it() {
    let mut old = crashed("ent-old", 10);
    old.exposed.insert(3000);
    let mut all = vec![proxy(100), old, crashed("ent-new", 130)];
    assert_eq!(owner("172.18.0.2", Some(3000), 0, &all), Some(2));
    assert!(is_guess("172.18.0.2", Some(3000), 0, &all), "only the time speaks for it");
    all.push(crashed("ent-other", 140));
    assert_eq!(owner("172.18.0.2", Some(3000), 0, &all), None, "two are likely");
    all[0].upstreams = vec!["new:3000".to_owned()];
    assert_eq!(owner("172.18.0.2", Some(3000), 0, &all), Some(2), "the proxy's configuration names it");
    assert!(!is_guess("172.18.0.2", Some(3000), 0, &all));
}

#[test]
fn an_address_that_was_given_to_another_container_is_not_taken_for_its_own() {
    let mut cron = container("ent-cron", "running", Some("172.18.0.2"), 0);
    (cron.exposed, cron.started, cron.listeners) = (BTreeSet::new(), Some(150_000_000), Some(Vec::new()));
    let mut all = vec![proxy(100), cron, crashed("ent-app", 130)];
    assert_eq!(owner("172.18.0.2", Some(3000), 0, &all), Some(2));
    assert_eq!(successor("172.18.0.2", Some(3000), 0, &all), Some(1));
    all[1].listeners = Some(vec![Listener { port: 3000, address: "0.0.0.0".to_owned(), ..Listener::default() }]);
    assert_eq!(owner("172.18.0.2", Some(3000), 0, &all), Some(1), "it serves there");
    (all[1].listeners, all[1].started) = (Some(Vec::new()), Some(50_000_000));
    assert_eq!(owner("172.18.0.2", Some(3000), 0, &all), Some(1), "it was there before");
}
