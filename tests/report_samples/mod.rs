//! Four reports as a diagnosis would build them, sealed as the program seals them.

mod parts;

use diagnose::report::model::*;
use diagnose::report::redact::Redactor;
use diagnose::report::seal::seal;

use parts::*;

/// Name and report, in the order of how bad it is.
pub(crate) fn all() -> Vec<(&'static str, Report)> {
    let reports = [("failed", failed()), ("degraded", degraded()), ("unknown", unknown()), ("healthy", healthy())];
    reports.into_iter().map(|(name, report)| (name, seal(report, &mut Redactor::new()))).collect()
}

/// The example of the first page: a pruned image is started with the development command.
fn failed() -> Report {
    let mut report = empty(Verdict::Failed, "Twenty CRM never opened port 3000");
    report.inputs = vec![input("container.log", 61), input("nginx-error.log", 1234)];
    report.causes = vec![modules_missing()];
    report.timeline.boots = vec![boot(1, "2024-12-24T09:00:00", "failed", Some("nx/modules-missing"), launch())];
    report.ruled_out = vec![RuledOut {
        rule: "nx/not-a-workspace".to_owned(),
        why: "the log says `Working directory: /app`, and Nx found its workspace there".to_owned(),
    }];
    report.escalation = Some(escalation());
    report
}

fn modules_missing() -> Cause {
    let mut cause =
        cause("nx/modules-missing", "Nx is not installed in the workspace \"/app\"", Confidence::Confirmed, "launch");
    cause.evidence = modules_missing_lines();
    cause.summary = "Nx found the workspace at \"/app\", but Nx itself is not installed there: this is the pruned production image, and \
                     `yarn start` is the development command."
        .to_owned();
    cause.impact = "Nothing listens on port 3000, so every address behind the proxy answers 502.".to_owned();
    cause.captures = [("path".to_owned(), "/app".to_owned())].into();
    cause.reasons = owned(&["names the fault itself", "first failure of the boot", "explains 2 other findings"]);
    cause.consequences = vec![
        followed(
            "listen/never-opened",
            "the port never opened",
            1,
            line("container.log", 58, "Server did not open port 3000", &[], &[]),
        ),
        followed(
            "proxy/upstream-refused",
            "nginx answers 502",
            37,
            line("nginx-error.log", 12, "connect() failed (111: Connection refused)", &[], &[]),
        ),
    ];
    cause.documented =
        owned(&["\"Port 3000 not binding\". Its cure (start from /app) is already in place and cannot help."]);
    cause.remedies = vec![
        remedy(
            "Start the built server instead of the development command, in docker-compose.yml.",
            Some("command: [\"node\", \"dist/src/main\"]\nworking_dir: /app/packages/twenty-server"),
            "restart",
        ),
        remedy("Recreate the container.", Some("docker compose up -d --force-recreate twenty-crm"), "restart"),
    ];
    cause.verify = vec![
        verify("docker exec ent-twenty-crm ss -tlnp | grep 3000", "LISTEN … :3000"),
        verify("curl -f http://localhost:3000/healthz", "200, {\"status\":\"ok\"}"),
    ];
    cause.references = vec![Reference {
        title: "Twenty: self-hosting".to_owned(),
        url: "https://twenty.com/developers/self-hosting".to_owned(),
    }];
    cause
}

fn modules_missing_lines() -> Vec<Evidence> {
    vec![
        line(
            "container.log",
            43,
            " NX   Could not find Nx modules at \"/app\".",
            &[
                "[2024-12-24 09:00:10] [INFO] Working directory: /app",
                "[2024-12-24 09:00:10] [INFO] Using default start command: yarn start",
            ],
            &["Have you run npm/yarn install?", ""],
        ),
        line("twenty.log", 2, "NX   Could not find Nx modules at \"/app\".", &[], &[]),
    ]
}

fn launch() -> Vec<Phase> {
    vec![
        phase("init", "container init", "passed", Some(100)),
        phase("migrations", "database migrations", "passed", Some(5_000)),
        phase("jobs", "background jobs", "passed", Some(5_000)),
        phase("launch", "launch", "failed", None),
        phase("listen", "listen", "never-reached", None),
        phase("running", "running", "never-reached", None),
    ]
}

/// Serves, but two things are wrong, after two boots that died of something else.
fn degraded() -> Report {
    let mut report = empty(Verdict::Degraded, "Twenty CRM serves, but its worker has stopped");
    report.inputs = vec![input("server.log", 20_412)];
    report.causes = vec![worker_stopped(), server_url()];
    report.cleared = vec![Cleared {
        rule: "postgres/refused".to_owned(),
        title: "PostgreSQL refused connections at 172.18.0.3:5432".to_owned(),
        cleared_by: line("server.log", 911, "Successfully migrated DB!", &[], &[]),
    }];
    report.unexplained = (1..=7)
        .map(|number| stray("server.log", number * 100, "ERROR [Billing] plan <pro> of @octocat has no price, see #12"))
        .collect();
    report.timeline.boots = vec![
        boot(1, "2026-11-23T18:40:00Z", "failed", Some("postgres/refused"), Vec::new()),
        boot(2, "2026-11-23T18:41:07Z", "failed", Some("postgres/refused"), Vec::new()),
        boot(
            3,
            "2026-11-23T18:42:30Z",
            "ready",
            None,
            vec![
                phase("init", "container init", "passed", Some(1_204)),
                phase("listen", "listen", "passed", Some(64_000)),
            ],
        ),
    ];
    report.containers = vec![Container {
        name: "ent-twenty-crm".to_owned(),
        service: Some("twenty-crm".to_owned()),
        image: "twentycrm/twenty:v0.33.1".to_owned(),
        status: "running".to_owned(),
        health: Some("unhealthy".to_owned()),
        exit_code: None,
        oom_killed: Some(false),
        restart_count: Some(2),
    }];
    report.notes = owned(&["2 earlier boots failed for another reason: postgres/refused."]);
    report
}

fn worker_stopped() -> Cause {
    let mut cause =
        cause("redis/auth-failed", "Redis rejects the password of the worker", Confidence::Likely, "listen");
    cause.boot = 3;
    cause.count = 212;
    let before = ["\u{1b}[32mconnecting to redis://default:Sup3r/S3cret@redis:6379\u{1b}[0m"];
    cause.evidence = vec![
        line(
            "server.log",
            1_502,
            "ReplyError: WRONGPASS invalid username-password pair or user is disabled.",
            &before,
            &["    command: { name: 'auth', args: [ 'Sup3r/S3cret' ] }"],
        ),
        line(
            "server.log",
            1_544,
            "ReplyError: WRONGPASS invalid username-password pair or user is disabled.",
            &[],
            &[],
        ),
    ];
    cause.summary = "The password in `REDIS_URL` (Sup3r/S3cret) is not the one that Redis was started with.".to_owned();
    cause.impact = "Nothing in the background happens: no mail, no import, no webhook.".to_owned();
    cause.reasons = owned(&["cause before symptom", "corroborated by the container's state"]);
    cause.remedies = vec![remedy(
        "Put the password of `requirepass` into `REDIS_URL`, then recreate the worker.",
        Some("docker compose up -d worker"),
        "restart",
    )];
    cause.verify = vec![verify("docker exec ent-redis sh -c 'redis-cli -u \"$REDIS_URL\" ping'", "PONG")];
    cause
}

fn server_url() -> Cause {
    let mut cause = cause(
        "twenty/server-url-wrong",
        "SERVER_URL is http://localhost:3000, not the public address",
        Confidence::Possible,
        "listen",
    );
    cause.boot = 3;
    cause.evidence = vec![line(
        "server.log",
        1_700,
        "WARN front end asks http://localhost:3000/metadata from http://api.wosool.ai",
        &[],
        &[],
    )];
    cause.remedies = vec![remedy("Set `SERVER_URL` to the address in the browser.", None, "restart")];
    cause
}

/// Only the container's log of a start whose output went to a file.
fn unknown() -> Report {
    let mut report = empty(Verdict::Unknown, "the log shows only waiting; the application writes elsewhere");
    report.inputs =
        vec![Input { incomplete: Some("the gzip stream ends early".to_owned()), ..input("container.log.gz", 15) }];
    report.next = vec![NextStep {
        missing: "The start script sends the server's output to /tmp/twenty.log inside the container; the reason stands there.".to_owned(),
        run: "docker exec ent-twenty-crm cat /tmp/twenty.log | diagnose container.log.gz -".to_owned(),
    }];
    report.unexplained = vec![stray("container.log.gz", 14, "❌ Twenty CRM server failed to start within 300 seconds")];
    report.timeline.boots = vec![boot(
        1,
        "",
        "unfinished",
        None,
        vec![
            phase("init", "container init", "passed", None),
            phase("launch", "launch", "entered", None),
            phase("listen", "listen", "never-reached", None),
        ],
    )];
    report.escalation = Some(escalation());
    report
}

fn healthy() -> Report {
    let mut report = empty(Verdict::Healthy, "Twenty CRM is up: port 3000 opened after 14.2 s");
    report.inputs = vec![input("<stdin>", 512)];
    report.timeline.boots = vec![boot(
        1,
        "2026-11-23T18:42:30Z",
        "ready",
        None,
        vec![
            phase("init", "container init", "passed", Some(900)),
            phase("migrations", "database migrations", "passed", Some(8_100)),
            phase("listen", "listen", "passed", Some(5_200)),
        ],
    )];
    report.cleared = vec![Cleared {
        rule: "postgres/refused".to_owned(),
        title: "PostgreSQL refused connections at db:5432".to_owned(),
        cleared_by: line("<stdin>", 88, "Successfully migrated DB!", &[], &[]),
    }];
    report.notes = owned(&["Sent the welcome mail to tim@apple.dev."]);
    report
}
