//! What the engine's answers of typical incidents say: the rules that hold, by their ids.

use super::*;
use crate::detect::combine;
use crate::rule::embedded;

/// Facts of a container, one a line, and the rules that hold.
const STATES: [(&str, &[&str]); 22] = [
    (
        "status: exited\nexit-code: 137 (SIGKILL)\noom-killed: true\nmemory-limit: 16 MiB\nevent: oom\nevent: die exitCode=137",
        &["container/exited", "container/oom-killed"],
    ),
    (
        "status: exited\nexit-code: 137 (SIGKILL)\noom-killed: false\nmemory-limit: none\nevent: oom (2026-11-26T12:00:00Z)",
        &["container/exited", "container/oom-killed"],
    ),
    (
        "status: exited\nexit-code: 0\noom-killed: true\nmemory-limit: 16 MiB\nevent: oom\nevent: die exitCode=0",
        &["container/oom-killed"],
    ),
    ("status: running\noom-killed: false\nmemory-limit: 16 MiB\nevent: oom", &["container/oom-killed"]),
    (
        "status: exited\nexit-code: 137 (SIGKILL)\noom-killed: false\nevent: kill signal=9\nevent: die exitCode=137",
        &["container/exited", "container/killed"],
    ),
    (
        "status: exited\nexit-code: 137 (SIGKILL)\noom-killed: false\nevent: die exitCode=137",
        &["container/exited", "container/killed"],
    ),
    (
        "status: exited\nexit-code: 143 (SIGTERM)\noom-killed: false\nevent: kill signal=15\nevent: die exitCode=143",
        &["container/exited"],
    ),
    ("status: exited\nexit-code: 139 (SIGSEGV)\noom-killed: false", &["container/exited", "container/segfault"]),
    ("status: exited\nexit-code: 1\noom-killed: false", &["container/exited"]),
    ("status: exited\nexit-code: 0\noom-killed: false", &["container/completed"]),
    ("status: restarting\nexit-code: 1\noom-killed: false\nrestart-count: 3", &["container/restart-loop"]),
    ("status: running\noom-killed: false\nup: 3 min 0 s\nrestart-count: 3\nhealth: healthy", &[]),
    ("status: running\noom-killed: false\nup: 4.2 s\nrestart-count: 0\nhealth: starting", &[]),
    ("status: created\nexit-code: 0\noom-killed: false", &["container/not-started"]),
    ("status: paused\noom-killed: false", &["container/paused"]),
    (
        "status: created\nexit-code: 128\nengine-error: driver failed programming external connectivity on endpoint fx-port (eb4f): Bind for \
         0.0.0.0:18080 failed: port is already allocated\nport-owner: 18080/tcp ent-other (running)",
        &["container/port-allocated", "container/start-failed"],
    ),
    (
        "status: created\nexit-code: 128\nengine-error: network fx-gone not found",
        &["container/network-missing", "container/start-failed"],
    ),
    (
        "status: created\nexit-code: 128\nengine-error: unable to find user nosuchuser: no matching entries in passwd file",
        &["container/start-failed", "container/user-unknown"],
    ),
    (
        "status: created\nexit-code: 127\nengine-error: failed to create shim task: OCI runtime create failed: runc create failed: \
         unable to start container process: exec: \"/nosuch.sh\": stat /nosuch.sh: no such file or directory: unknown",
        &["container/start-failed", "entrypoint/missing"],
    ),
    (
        "status: running\nhealth: unhealthy\nprobe-output: exit -1: Health check exceeded timeout (1s)",
        &["container/unhealthy"],
    ),
    (
        "status: running\nhealth: unhealthy\nprobe-output: exit 127: /bin/sh: curl: not found",
        &["container/healthcheck-wrong", "container/unhealthy"],
    ),
    (
        "status: running\nhealth: unhealthy\nprobe: CMD-SHELL wget -q -O- http://localhost:3000/health\nprobe-output: exit 1: wget: \
         server returned error: HTTP/1.1 404 Not Found",
        &["container/healthcheck-wrong", "container/unhealthy"],
    ),
];

fn held(rules: &RuleSet, words: &Words, state: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let unit = judge_state(rules, words, 0, &format!("name: ent-twenty-crm\n{state}\n"), 1);
    let found = unit.boots.iter().flat_map(|boot| combine(rules, boot));
    found.map(|found| (rules.rules[found.rule].id.clone(), (*found.captures).clone())).collect()
}

#[test]
fn states_say_what_happened() {
    let rules = embedded(&[]).unwrap();
    let words = Words::new(&rules.literals.texts);
    for (state, expected) in STATES {
        let held = held(&rules, &words, state);
        let ids: Vec<&str> = held.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, expected, "{state}");
    }
}

#[test]
fn states_give_what_the_title_needs() {
    let rules = embedded(&[]).unwrap();
    let words = Words::new(&rules.literals.texts);
    let capture = |state: &str, rule: &str, name: &str| {
        let held = held(&rules, &words, state);
        held.into_iter().find(|(id, _)| id == rule).and_then(|(_, mut captures)| captures.remove(name))
    };
    let oom = "status: exited\nexit-code: 137 (SIGKILL)\noom-killed: true\nmemory-limit: 256 MiB";
    assert_eq!(capture(oom, "container/oom-killed", "limit").as_deref(), Some("256 MiB"));
    let host = "status: exited\nexit-code: 137 (SIGKILL)\noom-killed: true\nmemory-limit: none";
    assert_eq!(capture(host, "container/oom-killed", "limit"), None);
    let stop =
        "status: exited\nexit-code: 137 (SIGKILL)\noom-killed: false\nevent: kill signal=15\nevent: kill signal=9";
    assert_eq!(capture(stop, "container/killed", "ignored").as_deref(), Some("15"));
    let kill = "status: exited\nexit-code: 137 (SIGKILL)\noom-killed: false\nevent: kill signal=9";
    assert_eq!(capture(kill, "container/killed", "ignored"), None);
    let port = "status: created\nengine-error: Bind for 0.0.0.0:80 failed: port is already allocated\nport-owner: 80/tcp a process outside of containers";
    assert_eq!(capture(port, "container/port-allocated", "owner").as_deref(), Some("a process outside of containers"));
}
