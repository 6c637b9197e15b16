use super::*;

/// raw, time, level, unit, lane, body
type Row = (&'static str, &'static str, Option<Level>, &'static str, &'static str, &'static str);

const E: Option<Level> = Some(Level::Error);
const W: Option<Level> = Some(Level::Warn);
const I: Option<Level> = Some(Level::Info);
const D: Option<Level> = Some(Level::Debug);
const T: Option<Level> = Some(Level::Trace);
const F: Option<Level> = Some(Level::Fatal);

fn check(rows: &[Row]) {
    for (raw, time, level, unit, lane, body) in rows {
        let line = peel(raw.as_bytes());
        assert_eq!(line.time.map(|time| time.rfc3339()).unwrap_or_default(), *time, "time of {raw}");
        assert_eq!(line.level, *level, "level of {raw}");
        assert_eq!(line.unit.as_deref().unwrap_or_default(), *unit, "unit of {raw}");
        assert_eq!(line.lane.as_deref().unwrap_or_default(), *lane, "lane of {raw}");
        assert_eq!(line.text, *body, "body of {raw}");
    }
}

#[test]
fn transports_of_containers() {
    check(&[
        ("2026-11-23T18:57:47.885888896Z hello", "2026-11-23T18:57:47.885888Z", None, "", "", "hello"),
        ("2026-11-23T18:57:47.885888896+02:00 hello", "2026-11-23T16:57:47.885888Z", None, "", "", "hello"),
        ("2026-11-23T18:57:47.885888896Z   indented", "2026-11-23T18:57:47.885888Z", None, "", "", "  indented"),
        ("2026-11-23T18:57:47.885888896Z", "2026-11-23T18:57:47.885888Z", None, "", "", ""),
        ("2026-11-23T18:57:47.885888896Z error: x", "2026-11-23T18:57:47.885888Z", None, "", "", "error: x"),
        ("server-1  | hello", "", None, "server-1", "", "hello"),
        ("server-1  |     at x", "", None, "server-1", "", "    at x"),
        ("server_1  | hello", "", None, "server_1", "", "hello"),
        ("db_1 | hello", "", None, "db_1", "", "hello"),
        ("server-1  |", "", None, "server-1", "", ""),
        ("ent-twenty-crm  | hello", "", None, "ent-twenty-crm", "", "hello"),
        ("\x1b[36mserver-1  | \x1b[0mhello", "", None, "server-1", "", "hello"),
        ("\x1b[36mserver_1  |\x1b[0m hello", "", None, "server_1", "", "hello"),
        ("crm_server.1.x2y3@node-7    | hello", "", None, "crm_server.1.x2y3@node-7", "", "hello"),
        ("[server] | hello", "", None, "server", "", "hello"),
        ("id | name", "", None, "", "", "id | name"),
        ("[pod/crm-7d9f/server] hello", "", None, "crm-7d9f/server", "", "hello"),
        ("crm-api-6c9b8d7f4b-wq4zt api hello", "", None, "crm-api-6c9b8d7f4b-wq4zt", "api", "hello"),
        ("crm-db-0 db hello", "", None, "crm-db-0", "db", "hello"),
        ("well-known ports are taken", "", None, "", "", "well-known ports are taken"),
        ("2025-11-10T11:02:01.004+00:00 a/web/0f1e2d3c x", "2025-11-10T11:02:01.004Z", None, "a/web/0f1e2d3c", "", "x"),
        ("2023-07-16T23:14:01.865318681Z stderr F hello", "2023-07-16T23:14:01.865318Z", None, "", "", "hello"),
        ("2023-07-16T23:14:01Z stdout P hel", "2023-07-16T23:14:01Z", None, "", "", "hel"),
        ("2023-07-16T23:14:01Z stdout F", "2023-07-16T23:14:01Z", None, "", "", ""),
    ]);
}

#[test]
fn transports_of_hosts() {
    check(&[
        ("2026-11-28T16:36:56.235Z ERROR redis: NOAUTH", "2026-11-28T16:36:56.235Z", E, "", "", "redis: NOAUTH"),
        ("Nov 21 09:23:59 host npm[794322]: hello", "11-21T09:23:59", None, "npm", "", "hello"),
        ("Nov  1 09:23:59 host dockerd/abc[7]: hello", "11-01T09:23:59", None, "dockerd/abc", "", "hello"),
        ("<34>Nov 21 09:23:59 host su: hello", "11-21T09:23:59", None, "su", "", "hello"),
        ("2024-11-21T09:23:59+0000 host npm[1]: hello", "2024-11-21T09:23:59Z", None, "npm", "", "hello"),
        ("2024-11-21T09:23:59.123456-0300 host npm[1]: hello", "2024-11-21T12:23:59.123456Z", None, "npm", "", "hello"),
        ("Thu 2024-11-21 09:23:59 UTC host npm[1]: hello", "2024-11-21T09:23:59Z", None, "npm", "", "hello"),
        ("Thu 2024-11-21 09:23:59 CET host npm[1]: hello", "2024-11-21T09:23:59", None, "npm", "", "hello"),
        ("Nov 21 09:23:59 host kernel: [606280.177800] oom-kill:x", "11-21T09:23:59", None, "kernel", "", "oom-kill:x"),
        ("[606280.177800] Out of memory", "+606280.177800s", None, "", "", "Out of memory"),
        ("[    1.000001][    T1] Linux", "+1.000001s", None, "", "", "Linux"),
        ("[ 2781.978854] [  29817]     0 29817", "+2781.978854s", None, "", "", "[  29817]     0 29817"),
        ("[Mon Nov 23 18:44:13 2026] Out of memory", "2026-11-23T18:44:13", None, "", "", "Out of memory"),
    ]);
}

#[test]
fn lanes_and_json_files() {
    check(&[
        ("[0] hello", "", None, "", "0", "hello"),
        ("[0]", "", None, "", "0", ""),
        ("[server] hello", "", None, "", "server", "hello"),
        ("[twenty-worker] hello", "", None, "", "twenty-worker", "hello"),
        ("api:dev: hello", "", None, "", "api:dev", "hello"),
        ("note:x: hello", "", None, "", "", "note:x: hello"),
        ("[ioredis] Unhandled error event", "", None, "", "", "[ioredis] Unhandled error event"),
        ("[nodemon] app crashed", "", None, "", "", "[nodemon] app crashed"),
        ("[404] x", "", None, "", "", "[404] x"),
        ("#22 0.474 hello", "", None, "", "#22", "hello"),
        ("#22 DONE 0.5s", "", None, "", "#22", "DONE 0.5s"),
        ("#hashtag 0.5", "", None, "", "", "#hashtag 0.5"),
        (
            r#"{"log":"a\u001b[31mb\r\n","stream":"stderr","time":"2026-11-23T18:57:47.885888896Z"}"#,
            "2026-11-23T18:57:47.885888Z",
            None,
            "",
            "",
            "ab",
        ),
        (
            r#"{"log":"\ud83d\ude00\n","stream":"stdout","attrs":{"a":"}"},"time":"2026-11-23T18:57:47Z"}"#,
            "2026-11-23T18:57:47Z",
            None,
            "",
            "",
            "😀",
        ),
        (r#"{"log":"cut off","str"#, "", None, "", "", r#"{"log":"cut off","str"#),
    ]);
}

#[test]
fn scripts_and_generic_loggers() {
    check(&[
        ("[2024-12-24 09:00:00] [INFO] hello", "2024-12-24T09:00:00", I, "", "", "hello"),
        ("[2024-12-24 09:00:00] [SUCCESS] hello", "2024-12-24T09:00:00", I, "", "", "hello"),
        ("E1126 18:44:13.119123       1 prober.go:104] hello", "", E, "", "", "hello"),
        ("I1126 18:44:13.119123       1 prober.go:104] hello", "", None, "", "", "hello"),
        ("E1126 is an error's number", "", None, "", "", "E1126 is an error's number"),
        ("[2024-12-24 09:00:00 +0000] [556] [ERROR] hello", "2024-12-24T09:00:00Z", E, "", "", "hello"),
        ("[2024-12-24 09:00:00 +0000] [7] [INFO] hello", "2024-12-24T09:00:00Z", I, "", "", "hello"),
        ("[2024-12-24T09:00:00Z] hello", "2024-12-24T09:00:00Z", None, "", "", "hello"),
        ("[2024-12-24T09:00:00.123] [ERROR] default - hello", "2024-12-24T09:00:00.123", E, "", "", "default - hello"),
        ("2024-12-24 09:00:00 INFO hello", "2024-12-24T09:00:00", I, "", "", "hello"),
        ("2024-12-24 09:00:00,123 - app.db - ERROR - hello", "2024-12-24T09:00:00.123", E, "", "", "hello"),
        ("2024-12-24T09:00:00.123Z [error]: hello", "2024-12-24T09:00:00.123Z", E, "", "", "hello"),
        ("2024-12-24T09:00:00.123Z error: hello", "2024-12-24T09:00:00.123Z", E, "", "", "hello"),
        ("2024-12-24 09:00:00 errors are fine", "2024-12-24T09:00:00", None, "", "", "errors are fine"),
        (
            "[2024-12-24T09:00:00,123][WARN ][o.e.n.Node     ] [n-1] hello",
            "2024-12-24T09:00:00.123",
            W,
            "",
            "",
            "hello",
        ),
        ("[2024-12-24T09:00:00,123][INFO ][logstash.agent] hello", "2024-12-24T09:00:00.123", I, "", "", "hello"),
        ("[2024-12-24T09:00:00,123][gc][1] hello", "", None, "", "", "[2024-12-24T09:00:00,123][gc][1] hello"),
        ("2024-12-24T09:00:00+08:00 [MONITOR] WARN: hello", "2024-12-24T01:00:00Z", W, "", "", "hello"),
        ("2024/12/24 09:00:00 hello", "2024-12-24T09:00:00", None, "", "", "hello"),
    ]);
}

#[test]
fn loggers_without_a_stamp() {
    check(&[
        ("[INFO] hello", "", I, "", "", "hello"),
        ("[notice] hello", "", I, "", "", "hello"),
        ("INFO: hello", "", I, "", "", "hello"),
        ("ERROR:  relation \"x\" already exists", "", E, "", "", "relation \"x\" already exists"),
        ("FATAL ERROR: Reached heap limit", "", F, "", "", "FATAL ERROR: Reached heap limit"),
        ("error: hello", "", None, "", "", "error: hello"),
        ("Error: hello", "", None, "", "", "Error: hello"),
        ("[18:44:13] Starting", "18:44:13", None, "", "", "Starting"),
        ("[6:44:13 PM] Starting", "18:44:13", None, "", "", "Starting"),
        ("[18:44:13.119] ERROR (25): hello", "18:44:13.119", E, "", "", "hello"),
        ("[2026-11-23 18:44:13.119 +0000] INFO (api/25 on h): hello", "2026-11-23T18:44:13.119Z", I, "", "", "hello"),
        ("[FATAL tini (11)] exec x failed", "", F, "", "", "[FATAL tini (11)] exec x failed"),
        ("2024-13-24 09:00:00 INFO hello", "", None, "", "", "2024-13-24 09:00:00 INFO hello"),
        (
            r#"time="2024-12-24T09:00:00Z" level=error msg="it \"broke\"" error="no \n x""#,
            "2024-12-24T09:00:00Z",
            E,
            "",
            "",
            "it \"broke\"\n  error: no \n x",
        ),
        ("time=12 is over", "", None, "", "", "time=12 is over"),
        ("logger=a.b t=2024-12-24T09:00:00Z level=warn msg=\"x y\"", "2024-12-24T09:00:00Z", W, "", "", "x y"),
        (
            "time=x level=error msg=it broke again error=map[a:b c:d] n=1",
            "",
            E,
            "",
            "",
            "it broke again\n  error: map[a:b c:d]",
        ),
        ("a=1 level=warn", "", None, "", "", "a=1 level=warn"),
        ("WARNING:a.b:hello: x", "", W, "", "", "hello: x"),
        ("ERROR:root:hello", "", E, "", "", "hello"),
        ("DEBUG:http://x", "", None, "", "", "DEBUG:http://x"),
        ("PORT:a:b", "", None, "", "", "PORT:a:b"),
    ]);
}

#[test]
fn nest_loggers() {
    check(&[
        ("[Nest] 25  - 01/02/2025, 1:02:03 PM   ERROR [Ctx] hello +5ms", "2025-01-02T13:02:03", E, "", "", "hello"),
        ("[Nest] 25  - 01/02/2025, 1:02:03\u{202f}PM     LOG [Ctx] hello", "2025-01-02T13:02:03", I, "", "", "hello"),
        ("[Nest] 25  - 13.09.2023, 14:38:10   FATAL hello", "2023-09-13T14:38:10", F, "", "", "hello"),
        ("[Nest] 25  - 2023-09-13, 2:38:10 p.m.   DEBUG [Ctx] hello", "2023-09-13T14:38:10", D, "", "", "hello"),
        ("[Nest] 25  - 2023. 09. 13. 오후 2:38:10 VERBOSE [Ctx] hello", "2023-09-13T14:38:10", T, "", "", "hello"),
        ("[Nest] 25   - 01/02/2025, 1:02:03 PM   [Ctx] hello +5ms", "2025-01-02T13:02:03", None, "", "", "hello"),
        (
            "\x1b[32m[Nest] 25  - \x1b[39m01/02/2025, 1:02:03 PM \x1b[33m   WARN\x1b[39m \x1b[38;5;3m[A B] \x1b[39m\x1b[33mx\x1b[39m\x1b[38;5;3m +1ms\x1b[39m",
            "2025-01-02T13:02:03",
            W,
            "",
            "",
            "x",
        ),
        (
            r#"{"level":"error","pid":1,"timestamp":1700000000123,"message":"hello","context":"Ctx","stack":["Error: hello\n    at x"]}"#,
            "2023-11-14T22:13:20.123Z",
            E,
            "",
            "",
            "hello\nError: hello\n    at x",
        ),
        ("[Nest] is a framework", "", None, "", "", "[Nest] is a framework"),
    ]);
    let line = peel(b"[Nest] 25  - 01/02/2025, 1:02:03 PM   ERROR [Ctx] hello");
    assert_eq!(
        (line.tech, line.pid, line.context.as_deref(), line.head),
        (Some(Tech::Nest), Some(25), Some("Ctx"), true)
    );
}

#[test]
fn json_loggers() {
    check(&[
        (
            r#"{"level":50,"time":1700000000123,"pid":7,"hostname":"h","msg":"hello"}"#,
            "2023-11-14T22:13:20.123Z",
            E,
            "",
            "",
            "hello",
        ),
        (
            r#"{"level":60,"time":1700000000123,"err":{"type":"Error","message":"m","stack":"Error: m\n    at x","code":"ECONNREFUSED","errno":-111},"msg":"hello"}"#,
            "2023-11-14T22:13:20.123Z",
            F,
            "",
            "",
            "hello\nError: m\n    at x\n  code: 'ECONNREFUSED'\n  errno: -111",
        ),
        (
            r#"{"level":"warn","message":"hello","timestamp":"2024-12-24T09:00:00.123Z"}"#,
            "2024-12-24T09:00:00.123Z",
            W,
            "",
            "",
            "hello",
        ),
        ("0.474 hello", "", None, "", "", "hello"),
        ("12.47 hello", "", None, "", "", "hello"),
        ("0.47 hello", "", None, "", "", "0.47 hello"),
        ("2025-04-03  8:11:20 0 [ERROR] hello", "2025-04-03T08:11:20", E, "", "", "hello"),
        (r#"{"level":"info","ts":1700000000.5,"msg":"hello"}"#, "2023-11-14T22:13:20.500Z", I, "", "", "hello"),
        (
            r#"{"level":"error","message":"m","stack":"Error: m\n    at x","code":"28P01"}"#,
            "",
            E,
            "",
            "",
            "m\nError: m\n    at x\n  code: '28P01'",
        ),
    ]);
}

#[test]
fn json_loggers_of_other_languages() {
    check(&[
        (
            r#"{"event":"hello","level":"warning","logger":"a.b","timestamp":"2024-12-24T09:00:00.5Z","exc_info":true}"#,
            "2024-12-24T09:00:00.500Z",
            W,
            "",
            "",
            "hello",
        ),
        (r#"{"event":"hello","id":1}"#, "", None, "", "", r#"{"event":"hello","id":1}"#),
        (
            r#"{"@t":"2024-12-24T09:00:00.5Z","@m":"hello","@x":"A: b\n   at c"}"#,
            "2024-12-24T09:00:00.500Z",
            I,
            "",
            "",
            "hello\nA: b\n   at c",
        ),
        (r#"{"@t":"2024-12-24T09:00:00.5Z","@l":"Error","@m":"x"}"#, "2024-12-24T09:00:00.500Z", E, "", "", "x"),
        (r#"{"EventId":14,"LogLevel":"Warning","Category":"A.B","Message":"hello"}"#, "", W, "", "", "hello"),
        (
            r#"{"@timestamp":"2024-12-24T09:00:00.5Z","log.level":"ERROR","message":"hello","error.message":"m","error.stack_trace":"E: m\n\tat c"}"#,
            "2024-12-24T09:00:00.500Z",
            E,
            "",
            "",
            "hello\nE: m\n\tat c",
        ),
        (
            r#"{"t":{"$date":"2024-12-24T09:00:00.5+00:00"},"s":"W","c":"NETWORK","id":1,"ctx":"main","msg":"m"}"#,
            "2024-12-24T09:00:00.500Z",
            W,
            "",
            "",
            r#"{"t":{"$date":"2024-12-24T09:00:00.5+00:00"},"s":"W","c":"NETWORK","id":1,"ctx":"main","msg":"m"}"#,
        ),
        (r#"{"a":1}"#, "", None, "", "", r#"{"a":1}"#),
    ]);
}

#[test]
fn postgres() {
    check(&[
        ("2026-11-23 18:44:13.119 UTC [71] FATAL:  no", "2026-11-23T18:44:13.119Z", F, "", "", "no"),
        ("2026-11-23 18:44:13.119 CET [71] user@db ERROR:  no", "2026-11-23T18:44:13.119", E, "", "", "no"),
        ("2026-11-23 18:44:13 +03 [71-2] LOG:  yes", "2026-11-23T18:44:13", I, "", "", "yes"),
        (
            "2026-11-23 18:44:13 UTC [71]: [3-1] user=a,db=b,app=[x],client=::1 WARNING:  yes",
            "2026-11-23T18:44:13Z",
            W,
            "",
            "",
            "yes",
        ),
        ("2026-11-23 18:44:13 UTC:10.0.0.1(5432):u@d:[71]:ERROR:  no", "2026-11-23T18:44:13Z", E, "", "", "no"),
        ("2026-11-23 18:44:13.119 UTC [71] HINT:  try", "2026-11-23T18:44:13.119Z", I, "", "", "try"),
        ("2026-11-23 18:44:13.119 UTC [71] PANIC:  no", "2026-11-23T18:44:13.119Z", F, "", "", "no"),
        ("2026-11-23 18:44:13.119 CET [71] FEHLER:  nein", "2026-11-23T18:44:13.119", E, "", "", "nein"),
    ]);
}

#[test]
fn redis_and_nginx() {
    check(&[
        ("1:M 23 Nov 2026 18:44:13.120 # no", "2026-11-23T18:44:13.120", E, "", "", "no"),
        ("1:C 23 Nov 2026 18:44:13.120 * yes", "2026-11-23T18:44:13.120", I, "", "", "yes"),
        ("1:S 23 Nov 18:44:13.120 . yes", "11-23T18:44:13.120", D, "", "", "yes"),
        ("[1] 23 Nov 18:44:13.120 - yes", "11-23T18:44:13.120", I, "", "", "yes"),
        ("1:M 23 Nov 2026", "", None, "", "", "1:M 23 Nov 2026"),
        (
            "2026/11/23 18:44:13 [error] 29#29: *1 connect() failed",
            "2026-11-23T18:44:13",
            E,
            "",
            "",
            "connect() failed",
        ),
        ("2026/11/23 18:44:13 [emerg] 29#29: host not found", "2026-11-23T18:44:13", F, "", "", "host not found"),
        ("nginx: [emerg] host not found", "", F, "", "", "host not found"),
        ("nginx: configuration ok", "", None, "", "", "nginx: configuration ok"),
        (
            "1.2.3.4 - - [23/Nov/2026:18:58:50 +0000] \"GET / HTTP/1.1\" 502 559",
            "2026-11-23T18:58:50Z",
            None,
            "",
            "",
            "1.2.3.4 - - [23/Nov/2026:18:58:50 +0000] \"GET / HTTP/1.1\" 502 559",
        ),
        (
            "::1 - bob [23/Nov/2026:18:58:50 +0100] \"GET / HTTP/1.1\" 200 5",
            "2026-11-23T17:58:50Z",
            None,
            "",
            "",
            "::1 - bob [23/Nov/2026:18:58:50 +0100] \"GET / HTTP/1.1\" 200 5",
        ),
        (
            "2026-11-23T18:44:13.120000Z 0 [ERROR] [MY-010119] [Server] Aborting",
            "2026-11-23T18:44:13.120Z",
            E,
            "",
            "",
            "Aborting",
        ),
        ("2026-11-23 18:44:13 0 [Warning] deprecated", "2026-11-23T18:44:13", W, "", "", "deprecated"),
        ("2026-11-23 18:44:13+00:00 [Note] [Entrypoint]: started", "2026-11-23T18:44:13Z", I, "", "", "started"),
    ]);
}

#[test]
fn servers_are_named() {
    let tech = |raw: &str| peel(raw.as_bytes()).tech;
    assert_eq!(tech("2026-11-23 18:44:13.119 UTC [71] FATAL:  no"), Some(Tech::Postgres));
    assert_eq!(tech("1:M 23 Nov 2026 18:44:13.120 # no"), Some(Tech::Redis));
    assert_eq!(tech("2026/11/23 18:44:13 [error] 29#29: *1 no"), Some(Tech::Nginx));
    assert_eq!(tech("2026-11-23 18:44:13 0 [Warning] deprecated"), Some(Tech::Mysql));
}

#[test]
fn tools() {
    check(&[
        (" NX   Could not find Nx modules", "", None, "", "", "Could not find Nx modules"),
        (">  NX  Running target", "", None, "", "", "Running target"),
        (" >  NX   ERROR  Cannot find", "", E, "", "", "Cannot find"),
        ("NX is a tool", "", None, "", "", "NX is a tool"),
        ("➤ YN0028: │ The lockfile", "", None, "", "", "YN0028: The lockfile"),
        ("➤ YN0000: · Yarn 4.4.0", "", None, "", "", "YN0000: Yarn 4.4.0"),
        ("npm ERR! code ENOENT", "", E, "", "", "code ENOENT"),
        ("npm error code ENOENT", "", E, "", "", "code ENOENT"),
        ("npm ERR!", "", E, "", "", ""),
        ("npm WARN deprecated", "", W, "", "", "deprecated"),
        ("npm errors", "", None, "", "", "npm errors"),
        ("error Command failed", "", None, "", "", "error Command failed"),
        (" ⚠ hello", "", W, "", "", " ⚠ hello"),
        (" GET /a 200 in 3ms", "", None, "", "", " GET /a 200 in 3ms"),
        (" ERR_PNPM_NO_LOCKFILE  Cannot", "", E, "", "", "ERR_PNPM_NO_LOCKFILE  Cannot"),
        ("(node:22) [DEP0040] DeprecationWarning: x", "", W, "", "", "(node:22) [DEP0040] DeprecationWarning: x"),
        (
            "(node:22) UnhandledPromiseRejectionWarning: Error: x",
            "",
            None,
            "",
            "",
            "(node:22) UnhandledPromiseRejectionWarning: Error: x",
        ),
    ]);
    let tech = |raw: &str| peel(raw.as_bytes()).tech;
    assert_eq!(tech("/entrypoint.sh: line 9: cd: x"), Some(Tech::Shell));
    assert_eq!(tech("/bin/sh: 1: nest: not found"), Some(Tech::Shell));
    assert_eq!(tech("sh: nothing"), None);
    assert_eq!(tech("/app/x.js: 1: y"), None);
    assert_eq!(tech("psql: error: connection"), Some(Tech::Psql));
    assert_eq!(tech("psqlx: error: connection"), None);
    assert_eq!(tech("Error response from daemon: x"), Some(Tech::Docker));
    assert_eq!(tech("[2024-12-24 09:00:00] [INFO] x"), Some(Tech::Shell));
    assert_eq!(tech("[2024-12-24 09:00:00.123] [INFO] x"), None);
}

#[test]
fn five_deep() {
    let raw = r#"{"log":"\u001b[36mserver-1  | \u001b[0m2026-11-23T18:57:47.885888896Z [0] \u001b[31m[Nest] 23  - \u001b[39m11/23/2026, 6:57:47 PM \u001b[31m  ERROR\u001b[39m [Ctx] hello\n","stream":"stderr","time":"2026-11-23T18:57:48.5Z"}"#;
    let line = peel(raw.as_bytes());
    assert_eq!(
        line.layers.names().collect::<Vec<_>>(),
        ["docker-json", "docker-stamp", "compose", "concurrently", "nest"]
    );
    assert_eq!(line.time.unwrap().rfc3339(), "2026-11-23T18:57:48.500Z");
    assert_eq!((line.unit.as_deref(), line.lane.as_deref()), (Some("server-1"), Some("0")));
    assert_eq!((line.level, line.stream, &*line.text), (E, Some(Stream::Stderr), "hello"));
    let line = peel(
        b"Nov 21 09:23:59 host npm[7]: server-1  | 2026-11-23T18:57:47.885888896Z [0] [2026-11-23 18:57:46] [ERROR] x",
    );
    assert_eq!(line.time.unwrap().rfc3339(), "2026-11-23T18:57:47.885888Z");
    assert_eq!((line.unit.as_deref(), &*line.text), (Some("npm"), "x"));
}

#[test]
fn partial_lines() {
    assert!(peel(b"2023-07-16T23:14:01Z stdout P hel").partial);
    assert!(!peel(b"2023-07-16T23:14:01Z stdout F lo").partial);
    assert!(peel(br#"{"log":"hel","stream":"stdout","time":"2026-11-23T18:57:47Z"}"#).partial);
}

#[test]
fn a_glued_line_shows_its_level() {
    let line = peel(b"[0] Warning: command \"node x\" exited with non-zero status code\x1b[32m[Nest] 261  - \x1b[39m11/23/2026, 6:56:18 PM     LOG [F] Starting");
    assert_eq!((line.level, line.head, line.lane.as_deref()), (I, true, Some("0")));
    assert_eq!(line.text, "Warning: command \"node x\" exited with non-zero status code\nStarting");
}

#[test]
fn heads() {
    let head = |raw: &str| peel(raw.as_bytes()).head;
    assert!(head("[2024-12-24 09:00:00] x") && head("[0]  NX   x") && head("npm ERR!"));
    assert!(!head("2024-12-24 09:00:00   indented") && !head("server-1  | x") && !head("error: x"));
    assert!(!head("2026-11-23 18:44:13.119 UTC [71] HINT:  x"));
}

#[test]
fn nothing_on_any_line_fails() {
    for raw in [
        &b""[..],
        b"\xff\xfe",
        b"{",
        b"{}",
        b"[",
        b"[]",
        b"[0]",
        b"#",
        b"<",
        b"(node:",
        b"\xe2\x9e\xa4",
        b"npm",
        b"2026",
        b"\x1b[",
        b"NX",
        b"  NX",
        b">",
    ] {
        let _ = peel(raw);
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_peeled(raw in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let line = peel(&raw);
        assert!(!line.text.contains(['\x1b', '\r']));
    }

    #[test]
    fn any_prefix_like_text_is_peeled(raw in r#"(\[0\] |server-1  \| |2026-11-23T18:57:47[.Z]|\{"log":"|Nov 21|\[Nest\] 2  - |npm | NX |1/1/|[0-9:/., -]{0,9}|ERROR:?|"|\}|[a-z]|➤ |\x1b\[|\\u00){0,12}"#) {
        let line = peel(raw.as_bytes());
        assert!(!line.text.contains(['\x1b', '\r']));
    }
}
