//! What is over and what goes on, in small stacks: proof is later than the fault and of the same subject.

use super::Verdict;
use super::scene_tests::{NOON, Stack, container, owned};
use crate::container::{ContainerState, Health};

/// The application is up at 12:00:01 and does not find its database at 12:00:10.
const APP: &str = "2026-11-26T12:00:01.000000000Z shop-api listening on 0.0.0.0:3000\n\
    2026-11-26T12:00:10.000000000Z GET /items failed: Error: getaddrinfo ENOTFOUND db\n\
    2026-11-26T12:00:10.000000000Z     at /app/node_modules/pg-pool/index.js:45:11\n";
const HEAP: &str = "2026-11-26T12:00:10.000000000Z Exception in thread \"pool-1-thread-3\" java.lang.OutOfMemoryError: Java heap space\n\
    2026-11-26T12:00:10.000000000Z \tat Ledger.main(Ledger.java:11)\n";

fn second(number: i64) -> i64 {
    NOON + number * 1_000_000
}

fn running(name: &str, started: i64) -> ContainerState {
    ContainerState { started: Some(second(started)), ..container(name, "running", 0) }
}

fn health(status: &str) -> Option<Health> {
    Some(Health { status: status.to_owned(), ..Health::default() })
}

/// A line of nginx' request log.
fn asked(second: u32, path: &str, status: u16) -> String {
    let at = format!("2026-11-26T12:00:{second:02}.500000000Z");
    format!(
        "{at} 10.0.0.1 - - [26/Nov/2026:12:00:{second:02} +0000] \"GET {path} HTTP/1.1\" {status} 33 \"-\" \"curl\"\n"
    )
}

fn shop(db: ContainerState, requests: &str) -> Stack {
    let mut stack = Stack::new();
    let nginx = ContainerState { image: "nginx:1".to_owned(), ..running("ent-nginx", 0) };
    stack.container(nginx, true, requests);
    stack.container(running("ent-api", 0), true, APP);
    stack.container(ContainerState { image: "postgres:15".to_owned(), ..db }, true, "");
    stack
}

#[test]
fn a_server_that_was_started_behind_the_last_complaint_ends_it() {
    assert!(shop(running("ent-db", 20), "").blamed().is_empty());
    let stands = owned(&[("postgres/host-unknown", "ent-api")]);
    assert_eq!(shop(running("ent-db", 5), "").blamed(), stands, "it was started before");
    let db = ContainerState { health: health("starting"), ..running("ent-db", 20) };
    assert_eq!(shop(db, "").blamed(), stands, "it is not ready yet");
    let failing = asked(11, "/items", 500) + &asked(30, "/items", 500);
    assert_eq!(shop(running("ent-db", 5), &failing).blamed(), stands);
}

#[test]
fn an_answer_proves_something_of_the_path_that_failed_alone() {
    let failed = asked(11, "/items", 500);
    let over = failed.clone() + &asked(20, "/items", 200);
    let judged = shop(running("ent-db", 0), &over);
    assert!(judged.blamed().is_empty());
    assert_eq!(judged.judged().verdict, Verdict::Healthy);
    let stands = owned(&[("postgres/host-unknown", "ent-api")]);
    for (requests, why) in [
        (asked(5, "/items", 200) + &failed, "it was answered before"),
        (failed.clone() + &asked(20, "/health", 200), "whether it lives"),
        (failed.clone() + &asked(20, "/other", 200), "another path"),
        (asked(20, "/items", 200), "nobody was refused"),
        (over + &asked(30, "/items", 502), "it fails again"),
    ] {
        assert_eq!(shop(running("ent-db", 0), &requests).blamed(), stands, "{why}");
    }
}

#[test]
fn a_start_by_hand_ends_what_was_before_it() {
    let ledger = |started: i64, health: Option<Health>| {
        let mut stack = Stack::new();
        stack.container(ContainerState { health, ..running("ent-ledger", started) }, true, HEAP);
        stack
    };
    assert_eq!(ledger(0, health("healthy")).blamed(), owned(&[("java/heap-oom", "ent-ledger")]));
    assert!(ledger(20, health("healthy")).blamed().is_empty());
    assert_eq!(ledger(20, health("unhealthy")).blamed()[0].0, "java/heap-oom", "it does not serve again");
}

#[test]
fn a_mark_of_the_kernel_belongs_to_the_run_that_it_ended() {
    let state = |finished: Option<i64>| {
        let state = ContainerState { oom_killed: true, finished, health: health("healthy"), ..running("ent-web", 20) };
        let mut stack = Stack::new();
        stack.container(state, true, "");
        stack.blamed().len()
    };
    assert_eq!(state(Some(second(19))), 0, "a run before this one");
    assert_eq!(state(None), 1, "the first run goes on");
}

#[test]
fn a_dead_container_is_why_others_do_not_find_it() {
    let exited = ContainerState { finished: Some(second(4)), ..container("ent-db", "exited", 1) };
    assert_eq!(shop(exited, "").blamed(), owned(&[("container/exited", "ent-db")]));
    let unhealthy = ContainerState { health: health("unhealthy"), ..running("ent-db", 0) };
    assert_eq!(shop(unhealthy, "").blamed(), owned(&[("container/unhealthy", "ent-db")]));
}

#[test]
fn what_others_need_was_no_job() {
    let stack = |needs: &[&str]| {
        let mut stack = Stack::new();
        let shop = |state: ContainerState, service: &str| ContainerState {
            project: Some("shop".to_owned()),
            service: Some(service.to_owned()),
            ..state
        };
        let api =
            ContainerState { needs: needs.iter().map(|name| (*name).to_owned()).collect(), ..running("ent-api", 0) };
        stack.container(shop(api, "api"), true, "2026-11-26T12:00:01.000000000Z shop-api listening on 0.0.0.0:3000\n");
        stack.container(shop(container("ent-cache", "exited", 0), "cache"), true, "");
        stack.blamed()
    };
    assert_eq!(stack(&["cache"]), owned(&[("container/exited", "ent-cache")]));
    assert!(stack(&[]).is_empty());
}

#[test]
fn requests_that_all_fail_are_not_well() {
    let requests = asked(5, "/items", 200) + &(10..14).map(|at| asked(at, "/items", 500)).collect::<String>();
    let mut stack = Stack::new();
    stack.container(ContainerState { image: "nginx:1".to_owned(), ..running("ent-nginx", 0) }, true, &requests);
    assert_eq!(stack.judged().verdict, Verdict::Unknown);
}

#[test]
fn a_proxy_that_goes_on_talking_does_not_serve() {
    let proxy = "2026-11-26T12:00:01.000000000Z [NOTICE]   (1) : Loading success.\n\
        2026-11-26T12:00:02.000000000Z [ALERT]    (8) : backend 'api' has no server available!\n\
        2026-11-26T12:00:03.000000000Z [NOTICE]   (1) : haproxy version is 2.6.12\n\
        2026-11-26T12:00:03.000000000Z [NOTICE]   (1) : path to executable is /usr/sbin/haproxy\n";
    let answer = |status: u16| {
        format!(
            "2026-11-26T12:00:04.000000000Z 10.0.0.1:4001 [26/Nov/2026:12:00:04.101] web api/a1 0/0/1/9/10 {status} 217 - - ---- 1/1/0/0/0 0/0 \"GET /items HTTP/1.1\"\n"
        )
    };
    let first = |log: &str| {
        let mut stack = Stack::new();
        stack.log(log);
        stack.blamed().into_iter().next().map(|(rule, _)| rule)
    };
    assert_eq!(first(proxy).as_deref(), Some("proxy/no-live-upstreams"));
    assert_eq!(first(&[proxy, &answer(200)].concat()), None);
}
