//! What is open inside of containers, against what others ask them for.

use crate::container::{ContainerState, Health, Listener, Port, Probe};

use super::scene_tests::{BAD_GATEWAY, NOON, Stack, container, owned};
use super::{Confidence, Verdict};

const UP: &str = "2026-11-26T12:00:02.000000000Z [Nest] 1  - 11/26/2026, 12:00:02 PM     LOG [NestApplication] Nest application successfully started +2ms\n";

fn listeners(open: &[(&str, u16)]) -> Option<Vec<Listener>> {
    let listener =
        |(address, port): &(&str, u16)| Listener { port: *port, address: (*address).to_owned(), ..Listener::default() };
    Some(open.iter().map(listener).collect())
}

/// A running container that publishes ports and has some open.
fn server(published: &[u16], open: &[(&str, u16)]) -> ContainerState {
    let port = |inside: &u16| Port {
        inside: *inside,
        protocol: "tcp".to_owned(),
        host: Some(*inside + 10_000),
        bound: true,
        ..Port::default()
    };
    ContainerState {
        ports: published.iter().map(port).collect(),
        listeners: listeners(open),
        ..container("ent-crm", "running", 0)
    }
}

/// The verdict on one container, and what is blamed.
fn judged(state: ContainerState, log: &str) -> (Verdict, Vec<String>) {
    let mut stack = Stack::new();
    stack.container(state, true, log);
    let blamed = stack.blamed().into_iter().map(|(rule, _)| rule).collect();
    (stack.judged().verdict, blamed)
}

#[test]
fn a_published_port_that_nobody_can_reach_is_a_fault() {
    for (open, rule) in [
        (&[("127.0.0.1", 3000)][..], "listen/wrong-address"),
        (&[("::ffff:127.0.0.1", 3000)], "listen/wrong-address"),
        (&[("::1", 3000), ("0.0.0.0", 9229)], "listen/wrong-address"),
        (&[("0.0.0.0", 8080)], "listen/wrong-port"),
        (&[("::", 8080), ("127.0.0.1", 9229)], "listen/wrong-port"),
        (&[], "listen/never-opened"),
        (&[("127.0.0.1", 9229)], "listen/never-opened"),
    ] {
        let (verdict, blamed) = judged(server(&[3000], open), UP);
        assert_eq!((verdict, blamed), (Verdict::Failed, vec![rule.to_owned()]), "{open:?}");
    }
}

#[test]
fn what_is_open_or_nobody_needs_or_nobody_saw_is_none() {
    let unseen = ContainerState { listeners: None, ..server(&[3000], &[]) };
    let datagrams = {
        let mut state = server(&[3000], &[]);
        state.ports[0].protocol = "udp".to_owned();
        state
    };
    let beside_datagrams = {
        let mut state = server(&[3000, 27_015], &[]);
        state.ports[0].protocol = "udp".to_owned();
        state
    };
    for (what, state) in [
        ("open", server(&[3000], &[("0.0.0.0", 3000)])),
        ("open for IPv6, which serves both", server(&[3000], &[("::", 3000)])),
        ("nothing is known", unseen),
        ("one of several is enough", server(&[80, 443], &[("0.0.0.0", 80)])),
        ("nothing is published", server(&[], &[("0.0.0.0", 3001)])),
        ("nothing is published, nothing listens: a worker", server(&[], &[])),
        ("a debugger", server(&[9229], &[("0.0.0.0", 3000)])),
        ("datagrams", datagrams),
        ("datagrams, and a port beside them", beside_datagrams),
    ] {
        assert_eq!(judged(state, UP), (Verdict::Healthy, Vec::new()), "{what}");
    }
}

#[test]
fn a_port_may_open_a_moment_after_the_report() {
    let late = UP.replace("12:00:02.000000000Z", "12:09:58.000000000Z");
    assert_eq!(judged(server(&[3000], &[]), &late), (Verdict::Starting, Vec::new()));
    assert_eq!(judged(server(&[3000], &[("0.0.0.0", 3000)]), &late), (Verdict::Healthy, Vec::new()));
}

#[test]
fn a_program_that_reports_nothing_may_have_nothing_to_serve() {
    assert_eq!(judged(server(&[3000], &[]), "working\n"), (Verdict::Unknown, Vec::new()));
    assert_eq!(judged(server(&[3000], &[("0.0.0.0", 8000)]), "working\n"), (Verdict::Unknown, Vec::new()));
    let (_, blamed) = judged(server(&[3000], &[("127.0.0.1", 3000)]), "working\n");
    assert_eq!(blamed, ["listen/wrong-address"]);
}

fn behind_a_proxy(open: &[(&str, u16)]) -> Stack {
    let mut stack = Stack::new();
    let mut nginx = container("ent-nginx", "running", 0);
    nginx.networks[0].address = Some("172.18.0.2".to_owned());
    // The server has reported before that it is up.
    stack.container(nginx, true, BAD_GATEWAY);
    let mut state = server(&[], open);
    state.networks[0].address = Some("172.18.0.9".to_owned());
    stack.container(state, false, UP);
    stack
}

#[test]
fn a_proxy_is_refused_by_what_listens_elsewhere() {
    for (open, rule) in [
        (&[("127.0.0.1", 3000)][..], "listen/wrong-address"),
        (&[("0.0.0.0", 3001)], "listen/wrong-port"),
        (&[], "listen/never-opened"),
    ] {
        assert_eq!(behind_a_proxy(open).blamed(), owned(&[(rule, "ent-crm")]), "{open:?}");
    }
    let open = behind_a_proxy(&[("0.0.0.0", 3000)]);
    assert!(open.blamed().iter().all(|(rule, _)| !rule.starts_with("listen/")), "{:?}", open.blamed());
}

/// Nothing but its port speaks for the server: that is no proof.
#[test]
fn a_likely_owner_of_an_address_is_not_confirmed() {
    let mut stack = Stack::new();
    let mut nginx = container("ent-nginx", "running", 0);
    nginx.networks[0].address = Some("172.18.0.2".to_owned());
    stack.container(nginx.clone(), true, BAD_GATEWAY);
    let mut crm = container("ent-crm", "exited", 137);
    (crm.oom_killed, crm.memory_limit) = (true, Some(100 << 20));
    crm.exposed.insert(3000);
    stack.container(crm.clone(), false, "");
    assert_eq!(stack.blamed(), owned(&[("container/oom-killed", "ent-crm")]));
    assert_eq!(stack.judged().causes[0].confidence, Confidence::Likely);
    let mut stack = Stack::new();
    nginx.upstreams = vec!["crm:3000".to_owned()];
    stack.container(nginx, true, BAD_GATEWAY);
    stack.container(crm, false, "");
    assert_eq!(stack.judged().causes[0].confidence, Confidence::Confirmed);
}

#[test]
fn what_answers_no_probe_in_time_does_not_serve() {
    let late = Probe { exit_code: -1, output: "Health check exceeded timeout (1s)".to_owned(), ended: Some(NOON) };
    let health = Health {
        status: "unhealthy".to_owned(),
        interval: 10_000_000,
        retries: 3,
        log: vec![late; 5],
        ..Health::default()
    };
    let mut state = server(&[], &[("0.0.0.0", 3000)]);
    state.health = Some(health);
    assert_eq!(judged(state, UP), (Verdict::Failed, vec!["container/unhealthy".to_owned()]));
}

/// The server with which an image fills a new database serves nobody else.
#[test]
fn a_database_that_is_being_filled_is_no_closed_port() {
    let log = "2026-11-26T12:00:02.000000000Z 2026-11-26 12:00:02.000 UTC [48] LOG:  database system is ready to accept connections\n";
    let (_, blamed) = judged(server(&[5432], &[]), log);
    assert!(blamed.is_empty(), "{blamed:?}");
}
