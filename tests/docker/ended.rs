//! Containers that ran and ended: the exit status, the kernel's marks and the events say how.

use crate::answer::about;
use crate::stage::{Stage, docker, inspect, must, wait, wait_for_log};

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn windows_line_ends_in_the_entrypoint() {
    let stage = Stage::new("crlf");
    let name = stage.start("app", &[], &["/docker-entrypoint.sh"]);
    wait(&name, "{{.State.Status}}", "exited");
    assert_eq!(inspect(&name, "{{.State.Error}}"), "");
    about(&name).blames(&["entrypoint/crlf"]).says(&["/docker-entrypoint.sh"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_script_without_an_interpreter_line() {
    let stage = Stage::new("format");
    let name = stage.start("app", &[], &["/no-interpreter.sh"]);
    wait(&name, "{{.State.Status}}", "exited");
    about(&name).blames(&["entrypoint/exec-format"]).says(&["/no-interpreter.sh"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_program_for_another_processor() {
    let stage = Stage::new("foreign");
    let name = stage.start("app", &[], &["/foreign"]);
    wait(&name, "{{.State.Status}}", "exited");
    about(&name).blames(&["entrypoint/exec-format", "container/image-platform"]);
}

/// dd asks for 200 MB at once, the limit is 16.
const HUNGRY: &str = "dd if=/dev/zero of=/dev/null bs=200M count=1";

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_kernel_ends_the_first_process_at_its_memory_limit() {
    let stage = Stage::new("oom");
    let attempt = |number: u8| {
        stage.ended(&format!("app{number}"), &["--memory", "16m"], &format!("echo Starting; exec {HUNGRY}"))
    };
    // The engine's mark comes by another way than the end, and can miss it.
    let marked = |name: &String| inspect(name, "{{.State.ExitCode}} {{.State.OOMKilled}}") == "137 true";
    let name = (0..10).map(attempt).find(marked).expect("the engine marks one of ten");
    let answer = about(&name);
    answer.blames(&["container/oom-killed"]).says(&["16 MiB", "16MiB", "16 MB", "16777216", "16,777,216", "16.0 MiB"]);
    assert_eq!(answer.json["causes"][0]["confidence"], "confirmed");
    assert_eq!(answer.container(&name)["oom_killed"], true);
}

/// The shell outlives its child and ends with 0: only OOMKilled and a bare `Killed` tell. The engine learns of the memory fault a moment
/// after it; a container that ends at once can miss the mark, so this one takes its time, and even so it was seen to be missing once.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_kernel_ends_a_child_and_the_container_ends_with_zero() {
    let stage = Stage::new("oomchild");
    let attempt = |number: u8| {
        stage.ended(&format!("app{number}"), &["--memory", "16m"], &format!("echo Starting; {HUNGRY}; sleep 1; exit 0"))
    };
    let marked = |name: &String| inspect(name, "{{.State.ExitCode}} {{.State.OOMKilled}}") == "0 true";
    let name = (0..10).map(attempt).find(marked).expect("the engine marks one of ten");
    about(&name).blames(&["container/oom-killed"]);
}

/// While it runs, State.OOMKilled is still false on engine 20.10; the event and the shell's `Killed` tell.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_kernel_ends_a_child_and_the_container_lives_on() {
    let stage = Stage::new("oomalive");
    let name = stage.start("app", &["--memory", "16m"], &["sh", "-c", &format!("{HUNGRY}; sleep 600")]);
    wait_for_log(&name, "Killed", 1);
    about(&name).blames(&["container/oom-killed"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn killed_from_outside() {
    let stage = Stage::new("kill");
    let name = stage.start("app", &[], &["sleep", "600"]);
    must(&["kill", &name]);
    wait(&name, "{{.State.Status}}", "exited");
    let answer = about(&name);
    answer.blames(&["container/killed"]).finds_no("container/oom-killed").says(&["SIGKILL", "signal 9"]);
    assert_eq!(answer.container(&name)["exit_code"], 137);
}

/// SIGTERM, then SIGKILL when the grace time is over: a shell as first process does not pass the signal on.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn stopped_and_too_slow_to_end() {
    let stage = Stage::new("grace");
    let name = stage.start("app", &[], &["sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"]);
    wait_for_log(&name, "up", 1);
    must(&["stop", "--time", "1", &name]);
    assert_eq!(inspect(&name, "{{.State.ExitCode}}"), "137");
    about(&name).blames(&["container/killed"]).finds_no("container/oom-killed").says(&[
        "SIGTERM",
        "docker stop",
        "grace",
    ]);
}

/// A clean stop on request. The start did not fail, but nothing serves either: whatever the verdict, it is not healthy, and SIGTERM is named.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn stopped_with_sigterm() {
    let stage = Stage::new("term");
    let script = "trap 'exit 143' TERM; echo up; while :; do sleep 0.1; done";
    let name = stage.start("app", &[], &["sh", "-c", script]);
    wait_for_log(&name, "up", 1);
    must(&["stop", "--time", "20", &name]);
    assert_eq!(inspect(&name, "{{.State.ExitCode}}"), "143");
    let answer = about(&name);
    answer.says(&["SIGTERM", "docker stop", "was stopped"]).finds_no("container/oom-killed");
    assert!([1, 3].contains(&answer.code), "{:#}", answer.json);
    assert_ne!(answer.verdict(), "healthy");
    if answer.code == 1 {
        answer.blames(&["container/exited", "container/killed"]);
    }
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_segmentation_fault() {
    let stage = Stage::new("segfault");
    let command: &[&str] = if cfg!(target_arch = "x86_64") { &["/segfault"] } else { &["sh", "-c", "exit 139"] };
    let name = stage.start("app", &[], command);
    wait(&name, "{{.State.Status}}", "exited");
    assert_eq!(inspect(&name, "{{.State.ExitCode}}"), "139");
    about(&name).blames(&["container/segfault"]);
}

/// The log says nothing: the end itself is all there is.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn ended_without_a_word() {
    let stage = Stage::new("silent");
    let name = stage.ended("app", &[], "exit 3");
    let answer = about(&name);
    answer.blames(&["container/exited"]).says(&["status 3", "code 3", "exit 3", "(3)"]);
    assert_eq!(answer.container(&name)["exit_code"], 3);
}

/// Log and state agree: the state is a consequence, the log names the cause, and both together confirm it.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn ended_with_a_reason_in_the_log() {
    let stage = Stage::new("reason");
    let name = stage.ended("app", &[], &format!("cat >&2 <<'END'\n{MODULE_MISSING}\nEND\nexit 1"));
    let answer = about(&name);
    answer.blames(&["node/module-missing", "build/output-missing"]);
    assert_eq!(
        answer.json["causes"].as_array().unwrap().len(),
        1,
        "the exit is no fault of its own: {:#}",
        answer.json
    );
    assert_eq!(answer.json["causes"][0]["confidence"], "confirmed");
}

/// A job that did its work.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn ended_with_zero() {
    let stage = Stage::new("job");
    let name = stage.ended("migrate", &[], "echo No migrations are pending; exit 0");
    let answer = about(&name);
    assert_ne!(answer.code, 1, "nothing failed: {:#}", answer.json);
    assert_eq!(answer.json["causes"].as_array().unwrap().len(), 0, "{:#}", answer.json);
}

/// As Node.js words it.
pub(crate) const MODULE_MISSING: &str = "node:internal/modules/cjs/loader:1228
  throw err;
  ^

Error: Cannot find module 'express'
Require stack:
- /app/dist/main.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)
    at Module.require (node:internal/modules/cjs/loader:1311:12) {
  code: 'MODULE_NOT_FOUND',
  requireStack: [ '/app/dist/main.js' ]
}

Node.js v20.18.1";

/// A real restart loop: the engine starts it again and again, and each time it ends for the same reason.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_restart_loop() {
    let stage = Stage::new("loop");
    let script = format!("cat >&2 <<'END'\n{MODULE_MISSING}\nEND\nexit 1");
    let name = stage.start("app", &["--restart", "always"], &["sh", "-c", &script]);
    wait_for_log(&name, "MODULE_NOT_FOUND", 3);
    wait(&name, "{{.State.Status}}", "restarting");
    let answer = about(&name);
    answer.blames(&["node/module-missing"]).finds("container/restart-loop");
    assert!(answer.container(&name)["restart_count"].as_u64().unwrap() >= 2, "{:#}", answer.json);
    let boots = answer.json["timeline"]["boots"].as_array().unwrap();
    assert!(boots.len() >= 2, "the boots are split: {:#}", answer.json["timeline"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_restart_loop_without_a_word() {
    let stage = Stage::new("quietloop");
    let name = stage.start("app", &["--restart", "always"], &["sh", "-c", "exit 7"]);
    crate::stage::until("three restarts", || {
        docker(&["inspect", "--format", "{{.RestartCount}}", &name]).stdout.trim().parse::<u32>().unwrap_or(0) >= 3
    });
    about(&name).blames(&["container/restart-loop"]).says(&["7"]);
}

/// `on-failure:2` gives up: exited, but the restarts stand in the state.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_restart_policy_that_gave_up() {
    let stage = Stage::new("gaveup");
    let name = stage.start("app", &["--restart", "on-failure:2"], &["sh", "-c", "echo boot; exit 3"]);
    crate::stage::until("the policy gives up", || inspect(&name, "{{.RestartCount}} {{.State.Status}}") == "2 exited");
    let answer = about(&name);
    answer.blames(&["container/restart-loop", "container/exited"]);
    assert_eq!(answer.container(&name)["restart_count"], 2);
}
