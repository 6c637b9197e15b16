//! A fault of an earlier life of a program is neither the cause nor the explanation of how its last life went.

use super::Verdict;
use super::scene_tests::Stack;

fn judged(log: &str) -> (Verdict, String) {
    let mut stack = Stack::new();
    stack.log(log);
    let first = stack.blamed().into_iter().next().map(|(rule, _)| rule).unwrap_or_default();
    (stack.judged().verdict, first)
}

const START: &str = "ledger-api 3.1.0 starting\n";
const REFUSED: &str = "Error: connect ECONNREFUSED 172.20.0.2:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)\n";
const MISSING: &str =
    "Error: Missing required environment variable: STRIPE_SECRET_KEY\n    at requireEnv (/app/dist/config.js:12:11)\n";
const FOOTER: &str = "\nNode.js v22.21.1\n";
const GO: &str = "2026/11/27 22:14:04 dial tcp 10.0.0.3:5432: connect: connection refused\n";

/// Lines as Compose prints them.
fn of(name: &str, lines: &str) -> String {
    lines.lines().map(|line| format!("{name}  | {line}\n")).collect()
}

#[test]
fn the_version_of_node_below_a_stack_ends_a_life() {
    let first = [REFUSED, FOOTER].concat();
    assert_eq!(judged(&[&first, MISSING, FOOTER].concat()).1, "env/missing");
    assert_eq!(judged(&[&first, "Server listening on port 3000\n"].concat()), (Verdict::Healthy, String::new()));
    assert_eq!(judged(&[REFUSED, MISSING, FOOTER].concat()).1, "postgres/refused", "one life");
    let lanes = |lane: u8, text: &str| text.lines().map(|line| format!("[{lane}] {line}\n")).collect::<String>();
    let worker = [lanes(1, &first), lanes(0, MISSING), lanes(0, FOOTER)].concat();
    let mut stack = Stack::new();
    stack.log(&worker);
    assert_eq!(stack.blamed().len(), 2, "two tasks of one life");
}

#[test]
fn who_is_told_to_have_ended_begins_a_new_life() {
    let api = |lines: &str| of("api-1", lines);
    let ended = "api-1 exited with code 1\n";
    let own = "ledger-api 3.1.0 starting\nthe tariff books overlap\n";
    let log = [&api(REFUSED), ended, &api(MISSING), ended].concat();
    assert_eq!(judged(&log).1, "env/missing");
    let log = [&api(REFUSED), ended, &api(own), ended, &api(own), ended].concat();
    assert_eq!(judged(&log).1, "container/exited", "the last lives say nothing that is known");
    assert_eq!(judged(&[&api(REFUSED), ended, &api(own)].concat()).1, "postgres/refused", "a life that has only begun");
    assert_eq!(judged(&[&api(REFUSED), ended, ended].concat()).1, "postgres/refused", "one end, told twice");
    let other = [&api(REFUSED), "web-1 exited with code 1\n", &api(MISSING)].concat();
    assert_eq!(judged(&other).1, "postgres/refused", "another one ended");
    let npm = "npm error Lifecycle script `start` failed with error:\n";
    assert_eq!(
        judged(&[&api(REFUSED), ended, &api(npm)].concat()).1,
        "postgres/refused",
        "a late line of the same life"
    );
    let unit = |who: &str, text: &str| format!("Nov 27 22:10:04 vps {who}: {text}\n");
    let failed = unit("systemd[1]", "ledger.service: Main process exited, code=exited, status=1/FAILURE");
    let node = |pid: u32, text: &str| text.lines().map(|line| unit(&format!("node[{pid}]"), line)).collect::<String>();
    let log = [node(200, REFUSED), failed.clone(), node(201, MISSING), failed].concat();
    assert_eq!(judged(&log).1, "env/missing", "the only program beside systemd");
}

#[test]
fn the_first_line_again_begins_a_new_life() {
    let fails = "2026/11/27 22:14:04 ledger: segment 7: sequence 812 follows 810\n";
    let first = [START, GO].concat();
    assert_eq!(judged(&[&first, &first, START, MISSING].concat()).1, "env/missing");
    assert_eq!(judged(&[&first, &first, START, fails, fails, fails, fails].concat()).1, "", "it came further");
    assert_eq!(judged(&[&first, START, fails, START, fails].concat()).1, "", "a whole life said nothing that is known");
    assert_eq!(judged(&[&first, &first, START].concat()).1, "postgres/refused", "it has only begun");
    let own = "Traceback (most recent call last):\n  File \"/srv/w.py\", line 9, in <module>\n    run()\nValueError: the tariff books overlap\n";
    assert_eq!(judged(&[&first, &first, START, own].concat()).1, "process/gave-up", "it ended with words of its own");
    for first in ["================\n", "GET /healthz 200 1ms\n", "Starting job nightly\n"] {
        assert_eq!(judged(&[first, GO, first, MISSING].concat()).1, "postgres/refused", "{first}");
    }
    let cluster = [START, START, GO, START, MISSING].concat();
    assert_eq!(judged(&cluster).1, "postgres/refused", "several processes of one life");
    let front = "> nx run-many -t start\n";
    let log = [front, REFUSED, FOOTER, "the front end was built anew\n", "the front end was built anew\n"].concat();
    assert_eq!(judged(&log).1, "postgres/refused", "the front end goes on");
}

#[test]
fn who_went_on_well_ended_of_something_else() {
    let up = "Server listening on port 3000\nGET / 200 1ms\n";
    let redis = "[cache] connect ECONNREFUSED 10.0.0.6:6379\n";
    let own = "PriceError: two rows for SKU 811\n    at load (/app/dist/prices.js:44:11)\n";
    let served = "GET / 200 1ms\n";
    let log = [up, redis, &served.repeat(3), own, FOOTER].concat();
    assert_eq!(judged(&log), (Verdict::Failed, "node/uncaught-exception".to_owned()));
    assert_eq!(judged(&[up, redis, own, FOOTER].concat()).1, "redis/refused", "at once");
    let same = "Error: connect ECONNREFUSED 10.0.0.6:6379\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)\n";
    assert_eq!(judged(&[up, redis, &served.repeat(3), same, FOOTER].concat()).1, "redis/refused", "the very fault");
    let api = |lines: &str| of("api-1", lines);
    let request = ["Server listening on port 3000\n", REFUSED, "GET /x 500 2ms\n"].concat();
    let ended = "api-1 exited with code 1\n";
    let log = [&api(&request), &api(&"GET /x 200 2ms\n".repeat(4)), ended].concat();
    assert_eq!(judged(&log).1, "container/exited");
    assert_eq!(judged(&[&api(&request), ended].concat()).1, "postgres/refused");
}

#[test]
fn what_ends_a_program_that_is_up_is_the_end_of_it() {
    let go = "2026/11/27 22:14:04 listening on :8080\n2026/11/27 22:15:04 GET / 200\n";
    let panic =
        "panic: journal segment 7\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:31 +0x1d\nexit status 2\n";
    assert_eq!(judged(&[go, panic].concat()), (Verdict::Failed, "process/aborted".to_owned()));
    let request = "2026/11/27 22:15:05 http: panic serving 10.0.0.7:51734: journal segment 7\ngoroutine 9 [running]:\n";
    assert_ne!(judged(&[go, request].concat()).0, Verdict::Failed, "one request");
    let fatal = "2026/11/27 22:16:04 fatal: journal segment 7: sequence 812 follows 810\n";
    assert_eq!(judged(&[go, fatal, "exit status 1\n"].concat()), (Verdict::Failed, "process/gave-up".to_owned()));
    assert_eq!(judged(&[go, fatal].concat()).0, Verdict::Unknown, "nobody says that it ended");
    let python = "INFO:     Application startup complete.\nINFO:     10.0.0.7:51122 - \"GET / HTTP/1.1\" 200 OK\n";
    let trace = |frame: &str| {
        format!(
            "Traceback (most recent call last):\n  File \"/app/main.py\", line 9, in {frame}\n    run()\napp.LedgerError: generation 7\n"
        )
    };
    assert_eq!(judged(&[python, &trace("<module>")].concat()), (Verdict::Failed, "process/gave-up".to_owned()));
    for frame in ["handle", "_bootstrap"] {
        assert_ne!(judged(&[python, &trace(frame)].concat()).0, Verdict::Failed, "{frame}");
    }
    let served = "INFO:     10.0.0.7:51122 - \"GET / HTTP/1.1\" 200 OK\n";
    assert_ne!(judged(&[python, &trace("<module>"), served].concat()).0, Verdict::Failed, "it goes on");
}
