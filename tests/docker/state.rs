//! Containers that run, but not as they should, and one that does.

use crate::answer::{about, diagnose};
use crate::stage::{Stage, must, wait_for_log};

/// The processes stand still; nothing in the log can say so.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn paused() {
    let stage = Stage::new("paused");
    let name = stage.start("app", &[], &["sh", "-c", "echo Server listening on port 3000; sleep 600"]);
    wait_for_log(&name, "listening", 1);
    must(&["pause", &name]);
    let answer = about(&name);
    assert_eq!(answer.container(&name)["status"], "paused");
    assert!([1, 3].contains(&answer.code), "a paused container serves nobody: {:#}", answer.json);
    assert!(answer.code != 1 || answer.verdict() != "healthy");
    let run = diagnose(&["--container", &name]);
    assert!(run.stdout.contains("unpause"), "the way out is named: {}", run.stdout);
    must(&["unpause", &name]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn running_and_ready() {
    let stage = Stage::new("ready");
    let script =
        "echo Starting Nest application...; echo Nest application successfully started; exec httpd -f -p 3000 -h /www";
    let name = stage.start("app", &[], &["sh", "-c", script]);
    wait_for_log(&name, "successfully started", 1);
    let answer = about(&name);
    answer.is_healthy();
    assert_eq!(answer.container(&name)["status"], "running");
}

/// It runs, its log is empty, it has no health check: nothing proves anything.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn running_without_a_word() {
    let stage = Stage::new("mute");
    let name = stage.start("app", &[], &["sleep", "600"]);
    about(&name).is_open("unknown");
}

/// The first start failed, somebody started it again: the last boot counts, and RestartCount stays 0.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn started_again_by_hand() {
    let stage = Stage::new("again");
    let script = "if [ -e /again ]; then echo Nest application successfully started; exec httpd -f -p 3000 -h /www; fi
        touch /again; echo \"error: password authentication failed for user \\\"crm\\\"\" >&2; exit 1";
    let name = stage.ended("app", &[], script);
    about(&name).blames(&["postgres/auth-failed"]);
    must(&["start", &name]);
    wait_for_log(&name, "successfully started", 1);
    let answer = about(&name);
    answer.is_healthy().finds_no("postgres/auth-failed");
    assert_eq!(answer.container(&name)["restart_count"], 0);
    let all = crate::answer::report(&["--container", &name, "--all-boots"]);
    all.is_healthy().says(&["password authentication failed", "postgres/auth-failed"]);
}

/// The text report shows the state beside the log, and where it came from.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_text_report_names_the_container_and_its_state() {
    let stage = Stage::new("text");
    let name = stage.ended(
        "app",
        &[],
        "echo 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'; exit 134",
    );
    let run = diagnose(&["--container", &name]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    for word in [name.as_str(), "134", "node/heap-oom"] {
        assert!(run.stdout.contains(word), "no {word} in {}", run.stdout);
    }
}
