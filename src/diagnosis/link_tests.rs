//! What one service suffers from, beside another one's fault: each test is a small stack of which no container is known.

use super::scene_tests::Stack;

const SYNTAX: &str = "/app/src/syntax.js:5\n);\n^\n\nSyntaxError: Unexpected token ')'\n    at wrapSafe (node:internal/modules/cjs/loader:1464:18)\n    \
                      at Module._compile (node:internal/modules/cjs/loader:1495:20)\n\nNode.js v20.20.2\n";
const VERSION: &str = "2026-11-28 16:38:44.834 UTC [1] FATAL:  database files are incompatible with server\n\
                       2026-11-28 16:38:44.834 UTC [1] DETAIL:  The data directory was initialized by PostgreSQL version 14, which is not compatible with this version 15.20.\n";
const TYPO: &str = "2026-11-28T16:39:15.155Z ERROR worker error: getaddrinfo ENOTFOUND reddis\n";
const MODULE: &str = "node:internal/modules/cjs/loader:1228\n  throw err;\n  ^\n\nError: Cannot find module 'express'\nRequire stack:\n- /app/src/server.js\n    \
                      at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)\n\nNode.js v20.20.2\n";
const LOST: &str = "2026-11-28T16:41:53.150Z ERROR worker error: write EPIPE\n";
const DIRECTIVE: &str =
    "2026/11/28 16:39:52 [emerg] 1#1: unknown directive \"proxy_read_timout\" in /etc/nginx/conf.d/default.conf:6\n";
const REFUSED: &str = "2026/11/28 16:39:59 [error] 35#35: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 172.30.0.15, \
                       server: shop.example.net, request: \"GET /orders HTTP/1.1\", upstream: \"http://172.30.0.12:3000/orders\", host: \"shop\"\n";

fn lanes(services: &[(&str, &str)]) -> Stack {
    let mut stack = Stack::new();
    let line = |name: &str, line: &str| format!("{name}-1  | {line}\n");
    let all = services.iter().flat_map(|(name, log)| log.lines().map(|text| line(name, text)));
    stack.log(&all.collect::<String>());
    stack
}

pub(super) fn files(services: &[(&str, &str)]) -> Stack {
    let mut stack = Stack::new();
    services.iter().for_each(|(_, log)| stack.log(log));
    stack.call(&services.iter().map(|(name, _)| format!("logs/{name}.log")).collect::<Vec<_>>());
    stack
}

fn rules(stack: &Stack) -> Vec<String> {
    stack.blamed().into_iter().map(|(rule, _)| rule).collect()
}

#[test]
fn a_fault_explains_nothing_of_a_service_that_it_has_nothing_to_do_with() {
    for (one, other, expected) in [
        (("db", VERSION), ("api", SYNTAX), ["postgres/data-dir-version", "node/uncaught-exception"]),
        (("nginx", DIRECTIVE), ("api", SYNTAX), ["proxy/config-invalid", "node/uncaught-exception"]),
        (("db", VERSION), ("worker", TYPO), ["postgres/data-dir-version", "app/dependency-unreachable"]),
        (("nginx", DIRECTIVE), ("worker", LOST), ["proxy/config-invalid", "redis/connection-lost"]),
        (("api", MODULE), ("worker", SYNTAX), ["node/module-missing", "node/uncaught-exception"]),
    ] {
        for stack in [lanes(&[one, other]), lanes(&[other, one]), files(&[one, other]), files(&[other, one])] {
            let blamed = rules(&stack);
            assert!(
                blamed.len() == 2 && expected.iter().all(|rule| blamed.iter().any(|one| one == rule)),
                "{blamed:?}"
            );
        }
    }
}

#[test]
fn who_asks_in_vain_may_ask_for_whoever_failed() {
    for cause in [MODULE, SYNTAX] {
        for stack in [lanes(&[("api", cause), ("nginx", REFUSED)]), files(&[("nginx", REFUSED), ("api", cause)])] {
            assert_eq!(rules(&stack).len(), 1);
        }
    }
    let client = "2026-11-28T16:38:50.100Z ERROR connect ECONNREFUSED 172.30.0.11:5432\n";
    for stack in [lanes(&[("db", VERSION), ("api", client)]), files(&[("api", client), ("db", VERSION)])] {
        assert_eq!(rules(&stack), ["postgres/data-dir-version"]);
    }
    let full = "2026-11-28 16:38:44.834 UTC [9] PANIC:  could not write to file \"pg_wal/xlogtemp.77\": No space left on device\n";
    let saved = "2026-11-28T16:39:15.155Z ERROR MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.\n";
    assert_eq!(rules(&lanes(&[("db", full), ("api", saved)])), ["host/disk-full"], "the disk is everybody's");
}

#[test]
fn a_name_that_nothing_has_is_nobody_s_end() {
    let asked = |host: &str| {
        format!(
            "2026/11/28 16:38:51 [emerg] 1#1: host not found in upstream \"{host}\" in /etc/nginx/conf.d/default.conf:5\n"
        )
    };
    assert_eq!(rules(&lanes(&[("api", MODULE), ("nginx", &asked("api"))])), ["node/module-missing"]);
    assert_eq!(
        rules(&lanes(&[("api", MODULE), ("nginx", &asked("shop"))])),
        ["node/module-missing", "proxy/upstream-host-unknown"]
    );
}

#[test]
fn of_several_services_with_one_fault_only_those_are_explained_that_something_leads_to() {
    let wrapped = SYNTAX.replace("SyntaxError: Unexpected token ')'", "Error: connect ECONNREFUSED 172.30.0.11:5432");
    let blamed = rules(&lanes(&[("db", VERSION), ("worker", &wrapped), ("api", SYNTAX)]));
    assert_eq!(blamed, ["postgres/data-dir-version", "node/uncaught-exception"]);
    assert_eq!(rules(&lanes(&[("db", VERSION), ("worker", &wrapped)])), ["postgres/data-dir-version"]);
}

#[test]
fn files_without_a_service_s_name_may_be_of_one_program() {
    let mut stack = Stack::new();
    stack.log(VERSION);
    stack.log(SYNTAX);
    stack.call(&["out.log".to_owned(), "error.log".to_owned()]);
    assert_eq!(rules(&stack), ["postgres/data-dir-version"]);
}

#[test]
fn who_gave_up_before_its_database_was_there_is_not_healed_by_it() {
    let client = "2026-11-28T16:44:37.644Z WARN  database not ready (attempt 3/3): connect ECONNREFUSED 172.30.0.11:5432\n\
                  2026-11-28T16:44:37.644Z ERROR could not connect to database, giving up\nError: connect ECONNREFUSED 172.30.0.11:5432\n    \
                  at /app/node_modules/pg-pool/index.js:45:11\n";
    let server = "2026-11-28 16:44:42.866 UTC [1] LOG:  database system is ready to accept connections\n";
    let asked = REFUSED.replace("16:39:59", "16:44:45");
    for stack in [
        lanes(&[("api", client), ("db", server), ("nginx", &asked)]),
        files(&[("nginx", &asked), ("api", client), ("db", server)]),
    ] {
        assert_eq!(rules(&stack), ["postgres/refused"]);
    }
    let again = [client, "2026-11-28T16:44:43.102Z INFO  listening on http://0.0.0.0:3000\n"].concat();
    let served =
        "172.30.0.15 - - [28/Nov/2026:16:44:46 +0000] \"GET /orders HTTP/1.1\" 200 157 \"-\" \"curl/7.88.1\"\n";
    let asked = [&asked, served].concat();
    assert_eq!(rules(&files(&[("nginx", &asked), ("api", &again), ("db", server)])), [""; 0]);
}

#[test]
fn what_a_proxy_sees_comes_last() {
    let stack = lanes(&[("nginx", REFUSED), ("api", MODULE)]);
    let causes = stack.judged().causes;
    let last = causes.first().and_then(|cause| cause.consequences.last()).map(|(rule, _)| stack.id(*rule).to_owned());
    assert_eq!(last.as_deref(), Some("proxy/upstream-refused"));
    let late = REFUSED.replace(
        "connect() failed (111: Connection refused) while connecting to",
        "upstream timed out (110: Connection timed out) while reading response header from",
    );
    assert_eq!(
        rules(&lanes(&[("nginx", &late), ("worker", LOST)])).first().map(String::as_str),
        Some("redis/connection-lost")
    );
}

#[test]
fn who_manages_units_and_containers_tells_of_others() {
    let journal = |who: &str, log: &str| {
        let line = |text: &str| format!("Nov 28 16:44:31 shop-prod-1 {who}[1210]: {text}\n");
        log.lines().map(line).collect::<String>()
    };
    let ended = "shop-api.service: Main process exited, code=exited, status=1/FAILURE\n";
    let mut stack = Stack::new();
    stack.log(&[journal("node", MODULE), journal("systemd", ended)].concat());
    assert_eq!(rules(&stack), ["node/module-missing"]);
    let ended = "dependency failed to start: container shop-api-1 exited (1)\n";
    let mut stack = Stack::new();
    let api: String = MODULE.lines().map(|line| format!("api-1  | {line}\n")).collect();
    stack.log(&[&api, ended].concat());
    assert_eq!(rules(&stack), ["node/module-missing"]);
}
