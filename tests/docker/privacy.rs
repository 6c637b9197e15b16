//! Nothing secret is shown, and nothing is changed.

use crate::answer::{about, diagnose, report};
use crate::ended::MODULE_MISSING;
use crate::image;
use crate::stage::{Stage, inspect, must, wait, wait_for_log};

const SECRETS: [&str; 5] = [
    "hunter2hunter2",
    "s3cr3tpassw0rd",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "labelsecretlabel",
    "supersecretbearer",
];

/// The report names a failure of the container in every format, and no secret.
#[track_caller]
fn keeps_quiet(container: &str) {
    for format in ["text", "json", "markdown"] {
        let run = diagnose(&["--container", container, "--format", format]);
        let text = format!("{}{}", run.stdout, run.stderr);
        assert!(run.code == 1 && text.contains(container), "{format}: {text}");
        for secret in SECRETS {
            assert!(!text.contains(secret), "{format} tells {secret}: {text}");
        }
    }
}

/// The environment, labels, the command and the log's own copies of them.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_environment_and_the_labels_stay_secret() {
    let stage = Stage::new("env");
    let options = [
        "--env=POSTGRES_PASSWORD=hunter2hunter2",
        "--env=PG_DATABASE_URL=postgres://crm:s3cr3tpassw0rd@db:5432/default",
        "--env=GITHUB_TOKEN=ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "--label=traefik.auth.password=labelsecretlabel",
    ];
    let script = "echo \"connecting to $PG_DATABASE_URL\"; echo \"POSTGRES_PASSWORD=$POSTGRES_PASSWORD\"
        echo \"error: password authentication failed for user \\\"crm\\\"\" >&2; exit 1";
    let name = stage.ended("app", &options, script);
    keeps_quiet(&name);
    about(&name).blames(&["postgres/auth-failed"]);
}

/// The value of a secret variable is masked wherever it stands, also where its form does not betray it.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_value_of_the_environment_is_recognised_in_the_log() {
    let stage = Stage::new("bareword");
    let script = "echo \"Error: login with $POSTGRES_PASSWORD was refused: password authentication failed for user \\\"crm\\\"\" >&2; exit 1";
    let name = stage.ended("app", &["--env=POSTGRES_PASSWORD=hunter2hunter2"], script);
    keeps_quiet(&name);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_health_checks_output_stays_secret() {
    let stage = Stage::new("probe");
    let probe = "echo 'GET http://crm:s3cr3tpassw0rd@localhost:3000/health Authorization: Bearer supersecretbearer.abc.def: HTTP/1.1 404 Not Found'; exit 1";
    let options = [&format!("--health-cmd={probe}"), "--health-interval=300ms", "--health-retries=1"];
    let name = stage.start(
        "app",
        &options,
        &["sh", "-c", "echo Nest application successfully started; exec httpd -f -p 3000 -h /www"],
    );
    wait(&name, "{{.State.Health.Status}}", "unhealthy");
    keeps_quiet(&name);
    about(&name).blames(&["container/healthcheck-wrong", "container/unhealthy"]);
}

/// The engine's error quotes the command with its secret argument.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_engines_error_stays_secret() {
    let stage = Stage::new("error");
    let command = ["postgres://crm:s3cr3tpassw0rd@db:5432/default", "start"];
    let name = stage.cannot_start("app", &[], &command);
    assert!(inspect(&name, "{{.State.Error}}").contains("s3cr3tpassw0rd"), "the test needs the secret in the state");
    keeps_quiet(&name);
}

/// Verify shows what it measured, and no more.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn verify_stays_secret() {
    let stage = Stage::new("verifyenv");
    let options = ["--env=POSTGRES_PASSWORD=hunter2hunter2", "--label=traefik.auth.password=labelsecretlabel"];
    let name =
        stage.start("app", &options, &["sh", "-c", "echo \"with $POSTGRES_PASSWORD\"; exec httpd -f -p 3000 -h /www"]);
    let url = "http://crm:s3cr3tpassw0rd@127.0.0.1:9/welcome";
    let run = diagnose(&["verify", "--container", &name, "--url", url]);
    assert!(run.code == 1 && run.stdout.contains("127.0.0.1:9"), "{}{}", run.stdout, run.stderr);
    for secret in SECRETS {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{}{}", run.stdout, run.stderr);
    }
}

/// Everything about a container that a reader must not change.
fn picture(name: &str) -> String {
    let state = inspect(
        name,
        "{{json .State}} {{.RestartCount}} {{json .HostConfig}} {{json .NetworkSettings}} {{json .Config}}",
    );
    let mut changed: Vec<String> = must(&["diff", name]).lines().map(str::to_owned).collect();
    changed.sort();
    format!("{state}\n{}", changed.join("\n"))
}

/// The engine's own record since a time: what anybody did to this container.
fn events(name: &str, since: &str) -> Vec<String> {
    let filter = format!("container={name}");
    let now = must(&["info", "--format", "{{.SystemTime}}"]);
    let all = must(&["events", "--since", since, "--until", &now, "--filter", &filter, "--format", "{{.Action}}"]);
    all.lines().map(str::to_owned).collect()
}

fn watched(stage: &Stage) -> [String; 3] {
    let ended = stage.ended(
        "ended",
        &[],
        &format!("echo hidden > /tmp/twenty.log; cat >&2 <<'END'\n{MODULE_MISSING}\nEND\nexit 1"),
    );
    let failed = stage.cannot_start("failed", &[], &["/not-executable.sh"]);
    let script = "echo Twenty CRM Container Initialization; echo more > /tmp/twenty.log; exec httpd -f -p 3000 -h /www";
    let running = stage.start("running", &[], &["sh", "-c", script]);
    wait_for_log(&running, "Initialization", 1);
    [ended, failed, running]
}

/// Reading a file out of a container is an event of its own (archive-path), and changes nothing.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_diagnosis_changes_nothing() {
    let stage = Stage::new("readonly");
    let names = watched(&stage);
    let before: Vec<String> = names.iter().map(|name| picture(name)).collect();
    let since = must(&["info", "--format", "{{.SystemTime}}"]);
    for name in &names {
        about(name);
        report(&["--container", name, "--all-boots", "--no-neighbours"]);
        report(&["--container", name, "--follow", "--timeout", "1s"]);
    }
    let after: Vec<String> = names.iter().map(|name| picture(name)).collect();
    assert_eq!(before, after);
    for name in &names {
        let done: Vec<String> = events(name, &since).into_iter().filter(|event| event != "archive-path").collect();
        assert!(done.is_empty(), "{name}: {done:?}");
    }
}

/// Verify runs its named probes inside, and nothing else.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_verification_only_probes() {
    let stage = Stage::new("onlyprobes");
    let name = stage.start_of(
        image::web(),
        "running",
        &[],
        &["sh", "-c", "echo Twenty CRM Container Initialization; mkdir -p /www; exec httpd -f -p 3000 -h /www"],
    );
    wait_for_log(&name, "Twenty", 1);
    let before = picture(&name);
    let since = must(&["info", "--format", "{{.SystemTime}}"]);
    let run = diagnose(&["verify", "--container", &name]);
    assert!(run.stdout.contains("3000"), "{}{}", run.stdout, run.stderr);
    assert_eq!(before, picture(&name));
    const PROBES: [&str; 8] = ["ss", "cat /proc", "wget", "curl", "node", "nc", "netstat", "ps"];
    for event in events(&name, &since) {
        let (action, command) = event.split_once(": ").unwrap_or((&event, ""));
        match action {
            "exec_create" | "exec_start" => {
                assert!(PROBES.iter().any(|probe| command.contains(probe)), "{command}");
                assert!(!command.contains('>'), "a probe writes: {command}");
            }
            "exec_die" | "archive-path" => {}
            other => panic!("verify did {other}: {event}"),
        }
    }
}
