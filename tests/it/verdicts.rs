//! What a log proves and what it does not: lines that look like recovery, or like a server that is up.

use crate::support::{cause, piped, verdict};

fn judged(log: &str) -> (String, String) {
    let report = piped(log.as_bytes(), &["--format", "json"]).json();
    let first = if report["causes"][0].is_null() { "" } else { cause(&report) };
    (verdict(&report).to_owned(), first.to_owned())
}

#[test]
fn a_sentence_about_listening_is_no_server_that_listens() {
    let up = [
        "Listening on port 3000",
        "server listening at http://0.0.0.0:8080",
        "App is listening on: 0.0.0.0:3000",
        "listening at http://0.0.0.0:3000/?token=1",
    ];
    for line in up {
        assert_eq!(judged(&format!("{line}\n")).0, "healthy", "{line}");
    }
    let other = [
        "Identify and stop the process that's listening on port 8443 or choose another one.",
        "Is there already another server listening on port 3000?",
        "Error: no server is listening on port 3000",
        "the server failed to start listening on http://0.0.0.0:3000",
        "nothing is listening on 0.0.0.0:3000",
        "the health check found that it isn't listening on port 3000",
    ];
    for line in other {
        assert_ne!(judged(&format!("{line}\n")).0, "healthy", "{line}");
    }
}

const REFUSED: &str = "2025/02/11 08:14:53 [error] 31#31: *17 connect() failed (111: Connection refused) while connecting to upstream, client: 172.28.0.1, server: app.example.com, request: \"GET /login HTTP/1.1\", upstream: \"http://@/login\", host: \"app.example.com\"\n";

#[test]
fn who_listens_for_himself_answers_no_proxy_elsewhere() {
    for (upstream, listens, expected) in [
        ("172.28.0.4:3000", "Server listening at http://0.0.0.0:3000", ""),
        ("172.28.0.4:3000", "Server listening at http://127.0.0.1:3000", "proxy/upstream-refused"),
        ("127.0.0.1:3000", "Server listening at http://127.0.0.1:3000", ""),
        ("172.28.0.4:8000", "INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)", ""),
        (
            "172.28.0.4:8000",
            "INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)",
            "proxy/upstream-refused",
        ),
        ("127.0.0.1:3001", "Server listening at http://127.0.0.1:3000", "proxy/upstream-refused"),
    ] {
        let log = format!("{}{listens}\n", REFUSED.replace('@', upstream));
        assert_eq!(judged(&log).1, expected, "{log}");
    }
    // Where it is told which container says what, the address itself is the cause.
    let log = format!(
        "proxy-1  | {}api-1    | INFO:     Uvicorn running on http://127.0.0.1:8000\n",
        REFUSED.replace('@', "172.28.0.4:8000")
    );
    assert_eq!(judged(&log).1, "listen/wrong-address", "{log}");
}

#[test]
fn a_step_that_was_masked_is_not_survived() {
    let log = "2025-02-11T08:14:01.000000001Z [INFO] Running database migrations\n\
        2025-02-11T08:14:02.000000001Z   severity: 'FATAL',\n\
        2025-02-11T08:14:02.000000002Z   code: '28P01',\n\
        2025-02-11T08:14:02.000000003Z   routine: 'auth_failed'\n\
        2025-02-11T08:14:03.000000001Z [SUCCESS] Database migrations completed successfully\n\
        2025-02-11T08:14:03.000000002Z [INFO] Working directory: /app\n\
        2025-02-11T08:14:04.000000001Z [INFO] Starting Twenty CRM server\n";
    let (verdict, cause) = judged(log);
    assert_eq!((verdict.as_str(), cause.as_str()), ("failed", "postgres/auth-failed"));
}

#[test]
fn a_wrapper_of_another_database_is_not_postgres() {
    let log = "[Nest] 1  - 02/11/2025, 8:14:01 AM   ERROR [MongooseModule] Unable to connect to the database. Retrying (1)...\n\
        MongoServerError: Authentication failed.\n    at Connection.x (/app/node_modules/mongodb/lib/x.js:1:1)\n";
    assert_eq!(judged(log).1, "mongodb/auth-failed");
}

#[test]
fn only_who_goes_on_well_got_over_a_fault() {
    let up = "* Listening on http://0.0.0.0:3000\npassword authentication failed for user \"x\"\n";
    let answered = |status: u16| {
        format!("172.18.0.1 - - [23/Nov/2026:18:00:00 +0000] \"GET /a HTTP/1.1\" {status} 12 \"-\" \"curl\"\n")
    };
    for (behind, cause) in [
        ("foo\n".to_owned(), "postgres/auth-failed"),
        (answered(500), "postgres/auth-failed"),
        (answered(404), "postgres/auth-failed"),
        (answered(200), ""),
    ] {
        assert_eq!(judged(&format!("{up}{behind}")).1, cause, "{behind}");
    }
    let nest = |level: &str, text: &str| format!("[Nest] 1  - 11/23/2026, 1:00:00 PM   {level:>5} [A] {text}\n");
    let fault =
        nest("LOG", "Nest application successfully started") + &nest("ERROR", "connect ECONNREFUSED 172.18.0.3:5432");
    for (behind, cause) in [
        (String::new(), "postgres/refused"),
        (nest("LOG", "Shutting down"), "postgres/refused"),
        (nest("ERROR", "could not handle the query"), "postgres/refused"),
        (nest("LOG", "Handled query"), ""),
    ] {
        assert_eq!(judged(&format!("{fault}{behind}")).1, cause, "{behind}");
    }
}

#[test]
fn damaged_data_does_not_heal() {
    let app = "server-1  | [Nest] 1  - 11/23/2026, 1:00:00 PM     LOG [A] Nest application successfully started\n";
    let line = |text: &str| format!("db-1  | 2026-11-23 13:00:01.119 UTC [71] {text}\n");
    let damaged = line("LOG:  database system is ready to accept connections")
        + &line("ERROR:  invalid page in block 12 of relation base/16384/2619")
        + &line("LOG:  checkpoint starting: time").repeat(5);
    for log in [format!("{app}{damaged}"), format!("{damaged}{app}")] {
        assert_eq!(judged(&log).1, "postgres/data-dir-corrupt", "{log}");
    }
}

#[test]
fn a_server_that_starts_behind_a_failed_upgrade_is_no_new_boot() {
    let log = "Running database setup and migrations...\n\
               [Nest] 65  - 07/16/2026, 4:37:08 AM   ERROR [UpgradeCommand] Upgrade failed: Core migration X failed\n\
               Successfully migrated DB!\n\
               [Nest] 1  - 07/16/2026, 4:37:18 AM     LOG [NestFactory] Starting Nest application...\n\
               [Nest] 1  - 07/16/2026, 4:37:28 AM     LOG [NestApplication] Nest application successfully started\n";
    assert_eq!(judged(log), ("degraded".to_owned(), "twenty/upgrade-failed".to_owned()));
}

#[test]
fn what_ended_is_up_again_where_it_says_so() {
    let ended = "server-1 exited with code 1\n";
    let up = |unit: &str| {
        format!("{unit}  | [Nest] 1  - 11/23/2026, 1:00:00 PM     LOG [A] Nest application successfully started\n")
    };
    assert_eq!(judged(&format!("{ended}{}", up("server-1"))).0, "healthy");
    assert_eq!(judged(&format!("{}{ended}", up("server-1"))).1, "container/exited");
    assert_eq!(judged(&format!("{ended}{}", up("worker-1"))).1, "container/exited");
}

fn nest(level: &str, text: &str) -> String {
    format!("server-1  | [Nest] 1  - 11/23/2026, 1:00:00 PM   {level:>5} [A] {text}\n")
}

#[test]
fn what_loses_another_service_serves_until_it_ends() {
    let up = nest("LOG", "Nest application successfully started");
    let lost = nest("ERROR", "connect ECONNREFUSED 172.18.0.9:8090").repeat(3);
    for (log, verdict) in [
        (format!("{up}{lost}"), "degraded"),
        (format!("{lost}{up}"), "healthy"),
        (format!("{up}{lost}server-1 exited with code 1\n"), "failed"),
        (lost.clone(), "failed"),
    ] {
        assert_eq!(judged(&log).0, verdict, "{log}");
    }
}

#[test]
fn what_answers_behind_a_proxy_serves() {
    let up = nest("LOG", "Nest application successfully started");
    let lost = nest("ERROR", "connect ECONNREFUSED 172.18.0.3:5432").repeat(3);
    let answer = |status: u16| {
        format!(
            "nginx-1   | 172.18.0.1 - - [23/Nov/2026:18:00:00 +0000] \"GET /a HTTP/1.1\" {status} 12 \"-\" \"curl\"\n"
        )
    };
    for (log, verdict) in [
        (format!("{up}{lost}{}", answer(200)), "degraded"),
        (format!("{up}{lost}{}", answer(502)), "failed"),
        (format!("{up}{}{lost}", answer(200)), "failed"),
        (format!("{lost}{}", answer(200)), "failed"),
    ] {
        assert_eq!(judged(&log), (verdict.to_owned(), "postgres/refused".to_owned()), "{log}");
    }
}

#[test]
fn an_exit_that_nothing_follows_is_the_end_of_the_only_program() {
    let up = "INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)\n";
    for (behind, verdict) in [
        ("api exited with code 1\n", "failed"),
        ("ent-db-1 exited with code 1\n", "failed"),
        ("container exited (137)\n", "failed"),
        ("api exited with code 1\nINFO:     172.18.0.1:5 - \"GET /a HTTP/1.1\" 200 OK\n", "degraded"),
        ("npm run assets exited with code 1\n", "degraded"),
        ("container exited (0)\n", "healthy"),
    ] {
        assert_eq!(judged(&format!("{up}{behind}")).0, verdict, "{behind}");
    }
}

#[test]
fn a_log_that_ends_in_an_error_nobody_explains_is_not_healthy() {
    let up = "2026-11-19 05:41:30 INFO Server listening on http://0.0.0.0:3000\n";
    let traceback =
        "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in f\n    run()\nValueError: odd widget\n";
    let error = |second: u32| format!("2026-11-19 05:41:{second} ERROR widget {second} could not be turned\n");
    let well = "2026-11-19 05:42:00 INFO widget 9 was turned\n";
    for (log, verdict) in [
        (format!("{up}{traceback}"), "unknown"),
        (format!("{up}2026-11-19 05:41:33 FATAL the widget is worn out\n"), "unknown"),
        (format!("{up}{}{}{}", error(31), error(33), error(36)), "unknown"),
        // Of one request, of one moment, followed by service, or before the start was over.
        (format!("{up}{traceback}{well}"), "healthy"),
        (format!("{up}{}", error(31)), "healthy"),
        (format!("{up}{}", error(31).repeat(5)), "healthy"),
        (format!("{up}{}{}{}{well}", error(31), error(33), error(36)), "healthy"),
        (format!("{}{}{}{up}", error(21), error(23), error(26)), "healthy"),
        (format!("{up}2026-11-19 05:41:33 CRITICAL request of /a was refused\n"), "healthy"),
    ] {
        assert_eq!(judged(&log).0, verdict, "{log}");
    }
}

#[test]
fn what_php_fpm_wraps_is_judged_as_if_bare() {
    let message = "[2026-11-19 05:41:30] production.ERROR: No application encryption key has been specified.";
    for log in [
        format!("{message}\n"),
        format!("NOTICE: PHP message: {message}\n"),
        format!(
            "[19-Nov-2026 05:41:30] WARNING: [pool www] child 9 said into stderr: \"NOTICE: PHP message: {message}\"\n"
        ),
    ] {
        assert_eq!(judged(&log), ("failed".to_owned(), "env/missing".to_owned()), "{log}");
    }
}

#[test]
fn flask_says_below_a_warning_that_it_is_up() {
    let flask = "WARNING: This is a development server. Do not use it in a production deployment.\n * Running on http://172.17.0.2:5000\n";
    assert_eq!(judged(flask).0, "healthy");
    // Nobody else does.
    assert_ne!(judged("WARN: the cluster is not complete\n  Listening on TCP address 0.0.0.0:8000\n").0, "healthy");
}
