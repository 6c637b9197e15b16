//! One start script, several processes: a step that failed ahead of the server, and faults that a server outlives.

use crate::support::{cause, piped, verdict};

fn judged(log: &str) -> (String, String) {
    let report = piped(log.as_bytes(), &["--format", "json"]).json();
    let first = if report["causes"][0].is_null() { "" } else { cause(&report) };
    (verdict(&report).to_owned(), first.to_owned())
}

#[track_caller]
fn assert_judged(log: &str, verdict: &str, cause: &str) {
    assert_eq!(judged(log), (verdict.to_owned(), cause.to_owned()), "{log}");
}

const MIGRATION: &str = "QueryFailedError: column \"plan\" of relation \"shop\" contains null values\n    \
    at PostgresQueryRunner.query (/app/node_modules/typeorm/driver/postgres/PostgresQueryRunner.js:219:19)\n    \
    at async MigrationExecutor.executePendingMigrations (/app/node_modules/typeorm/migration/MigrationExecutor.js:225:17)\n";
const REFUSED: &str = "Error: connect ECONNREFUSED 172.22.0.3:5432\n    \
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)\n";
const BEGIN: &str = "[Nest] 61  - 11/27/2026, 9:03:30 AM     LOG [NestFactory] Starting Nest application...\n";
const UP: &str =
    "[Nest] 61  - 11/27/2026, 9:03:32 AM     LOG [NestApplication] Nest application successfully started\n";
const MIGRATE: &str = "> shop@1.0.0 migrate\n> typeorm migration:run -d dist/source.js\n";
const START: &str = "> shop@1.0.0 start\n> node dist/main\n";
const EXIT: &str = "\nNode.js v20.18.0\n";

#[test]
fn a_server_that_starts_behind_a_failed_migration_is_no_new_boot() {
    let steps = [
        "[2026-11-27 09:03:12] [INFO] Running database:migrate:prod ...\n@[2026-11-27 09:03:20] [SUCCESS] Database migrations completed successfully\n",
        "[INFO] preparing\n@[INFO] done\n",
        "> shop@1.0.0 migrate:core\n@> shop@1.0.0 migrate:metadata\nNo migrations are pending\n",
        "> shop@1.0.0 migrate\n> typeorm migration:run\n@> shop@1.0.0 start\n> node dist/main\n",
        "@\nNode.js v20.18.0\n",
    ];
    for step in steps {
        let log = step.replace('@', MIGRATION) + BEGIN + UP;
        assert_judged(&log, "degraded", "migration/data-violation");
    }
    let log = format!(
        "> shop@1.0.0 db:migrate\n> knex migrate:latest\n{REFUSED}{START}Server listening on http://0.0.0.0:3000\n"
    );
    assert_judged(&log, "degraded", "postgres/refused");
}

#[test]
fn a_step_that_is_done_again_leaves_nothing_behind() {
    let failed = format!("{MIGRATE}{MIGRATION}");
    let script = |end: &str| format!("[INFO] Running database:migrate:prod ...\n{end}");
    for log in [
        format!("{failed}{failed}{MIGRATE}No migrations are pending\n{START}{BEGIN}{UP}"),
        format!("{}{}{BEGIN}{UP}", script(MIGRATION), script("No migrations are pending\n")),
        // The beginning is cut off; the server migrates by itself.
        format!("{MIGRATION}{EXIT}{START}Migration AddPlan1730000000000 has been executed successfully.\n{BEGIN}{UP}"),
        // What waits for its database is not stopped by it.
        format!(
            "{REFUSED}Running migrations...\nMigrations completed successfully\nServer listening on http://0.0.0.0:3000\n"
        ),
        format!(
            "Running migrations...\n{REFUSED}retrying in 5s\nMigrations completed successfully\nServer listening on http://0.0.0.0:3000\n"
        ),
        format!(
            "> shop@1.0.0 db:migrate\nAlready up to date\n{START}{REFUSED}Server listening on http://0.0.0.0:3000\n"
        ),
    ] {
        assert_judged(&log, "healthy", "");
    }
}

#[test]
fn what_the_database_refused_a_masked_step_is_not_healed_by_the_server() {
    let log = format!(
        "[INFO] Running database migrations...\nerror: password authentication failed for user \"shop\"\n\
         [SUCCESS] Database migrations completed successfully\n{BEGIN}{UP}"
    );
    assert_judged(&log, "degraded", "postgres/auth-failed");
}

fn logged(text: &str) -> String {
    format!("[Nest] 61  - 11/27/2026, 9:13:12 AM   ERROR [ExceptionsHandler] {text}\n")
}

#[test]
fn what_a_server_outlives_is_neither_its_end_nor_healed_by_other_answers() {
    let probe = "GET /healthz 200 2ms\n";
    let other = "POST /graphql 200 12ms\n";
    for (text, cause) in [
        ("EACCES: permission denied, open '/app/.local-storage/a.png'", "storage/permission-denied"),
        ("secretOrPrivateKey must have a value", "env/missing"),
        ("column shop.plan does not exist", "migration/column-missing"),
    ] {
        for behind in ["", probe, other] {
            assert_judged(&format!("{BEGIN}{UP}{}{behind}", logged(text)), "degraded", cause);
        }
    }
    let up = "Server listening on http://0.0.0.0:3000\n";
    let bare = "Error: EACCES: permission denied, open '/srv/uploads/a.png'\n    at async open (node:internal/fs/promises:639:25)\n";
    assert_judged(&format!("{up}{bare}{probe}"), "degraded", "storage/permission-denied");
    assert_judged(&format!("{up}{bare}{EXIT}"), "failed", "storage/permission-denied");
    let port = "Error: listen EADDRINUSE: address already in use :::3000\n    at Server.listen (node:net:1898:16)\n";
    assert_judged(&format!("{BEGIN}{UP}{port}"), "failed", "listen/port-in-use");
}

#[test]
fn an_answer_that_one_proxy_cannot_hand_on_is_not_the_end_of_the_application() {
    let log = format!(
        "proxy-1  | 2026/11/27 09:13:04 [error] 29#29: *41 upstream sent too big header while reading response header from upstream, client: 10.9.0.1, server: _, request: \"GET /auth HTTP/1.1\", upstream: \"http://172.22.0.5:3000/auth\", host: \"shop.example\"\nserver-1  | {BEGIN}server-1  | {UP}"
    );
    assert_judged(&log, "degraded", "proxy/header-too-big");
}

#[test]
fn the_error_of_one_statement_is_no_failed_migration() {
    let error = "error: duplicate key value violates unique constraint \"item_code_key\"\n    \
        at Parser.parseErrorMessage (/app/node_modules/pg-protocol/dist/parser.js:285:98) {\n  \
        severity: 'ERROR',\n  code: '23505',\n  routine: '_bt_check_unique'\n}\n";
    let up = "Server listening on http://0.0.0.0:3000\n";
    assert_judged(&format!("{up}{error}POST /signup 409 8ms\n"), "healthy", "");
}
