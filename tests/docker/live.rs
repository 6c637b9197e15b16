//! `--follow`: the gate of a deployment.

use crate::answer::{Answer, Running};
use crate::ended::MODULE_MISSING;
use crate::stage::{Stage, inspect, must, until, wait_for_log};

/// The start of a Twenty server that waits for the file /go, and then goes on.
const BEGINNING: &str = "echo 'Twenty CRM Container Initialization'; echo 'Starting Nest application...'; while ! [ -e /go ]; do sleep 0.05; done";
const READY: &str = "echo 'Nest application successfully started'; exec httpd -f -p 3000 -h /www";

fn follow(name: &str, timeout: &str) -> Running {
    Running::begin(&["--container", name, "--follow", "--timeout", timeout, "--format", "json"])
}

/// It speaks when the start has succeeded, and does not wait for the log's end.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_start_succeeds() {
    let stage = Stage::new("success");
    let name = stage.start("app", &[], &["sh", "-c", &format!("{BEGINNING}; {READY}")]);
    wait_for_log(&name, "Starting Nest", 1);
    let mut running = follow(&name, "60s");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(running.runs(), "nothing is decided yet");
    must(&["exec", &name, "touch", "/go"]);
    Answer::of(running.finish()).is_healthy();
    assert_eq!(inspect(&name, "{{.State.Running}}"), "true");
}

/// The failure is certain, and the container lives on.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_failure_is_certain_before_the_log_ends() {
    let stage = Stage::new("certain");
    let script = format!(
        "{BEGINNING}; echo 'Working directory: /app'; echo 'Using default start command: yarn start'
        echo; echo ' NX   Could not find Nx modules at \"/app\".'; echo; echo 'Have you run npm/yarn install?'; exec sleep 600"
    );
    let name = stage.start("app", &[], &["sh", "-c", &script]);
    wait_for_log(&name, "Starting Nest", 1);
    let running = follow(&name, "60s");
    must(&["exec", &name, "touch", "/go"]);
    Answer::of(running.finish()).blames(&["nx/modules-missing"]);
    assert_eq!(inspect(&name, "{{.State.Running}}"), "true", "the answer came before the end");
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_container_ends() {
    let stage = Stage::new("ends");
    let script = format!("{BEGINNING}; cat >&2 <<'END'\n{MODULE_MISSING}\nEND\nexit 1");
    let name = stage.start("app", &[], &["sh", "-c", &script]);
    let running = follow(&name, "60s");
    must(&["exec", &name, "touch", "/go"]);
    Answer::of(running.finish()).blames(&["node/module-missing"]);
}

/// It was over before anybody looked.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_container_has_ended_already() {
    let stage = Stage::new("over");
    let name = stage.ended("app", &[], &format!("cat >&2 <<'END'\n{MODULE_MISSING}\nEND\nexit 1"));
    Answer::of(follow(&name, "60s").finish()).blames(&["node/module-missing"]);
}

/// Nothing is decided in time: status 3, with what is known.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_time_is_over() {
    let stage = Stage::new("time");
    let name = stage.start("app", &[], &["sh", "-c", &format!("{BEGINNING}; {READY}")]);
    wait_for_log(&name, "Starting Nest", 1);
    let begin = std::time::Instant::now();
    let answer = Answer::of(follow(&name, "2s").finish());
    assert_eq!(answer.code, 3, "{:#}", answer.json);
    assert!(["starting", "unknown"].contains(&answer.verdict()), "{:#}", answer.json);
    assert!(begin.elapsed().as_secs_f32() >= 2.0, "it gave up early");
    answer.says(&["bootstrap"]);
}

/// The first boot fails, the policy starts the container again, the second one succeeds: the log's end was not the end.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_restart_in_the_middle() {
    let stage = Stage::new("midst");
    let script = format!(
        "{BEGINNING}; if ! [ -e /second ]; then touch /second; echo 'Error: connect ECONNREFUSED 127.0.0.1:5432' >&2; exit 1; fi; {READY}"
    );
    let name = stage.start("app", &["--restart", "always"], &["sh", "-c", &script]);
    wait_for_log(&name, "Starting Nest", 1);
    let running = follow(&name, "60s");
    must(&["exec", &name, "touch", "/go"]);
    Answer::of(running.finish()).is_healthy();
    assert_eq!(inspect(&name, "{{.RestartCount}}"), "1");
}

/// It fails at each boot: that is a failure, although the engine would go on for ever.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_restart_loop_is_followed() {
    let stage = Stage::new("looping");
    let script = format!("cat >&2 <<'END'\n{MODULE_MISSING}\nEND\nexit 1");
    let name = stage.start("app", &["--restart", "always"], &["sh", "-c", &script]);
    Answer::of(follow(&name, "60s").finish()).blames(&["node/module-missing"]);
}

/// The container is removed while it is followed: what was read is still judged, and the answer comes at once.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_container_is_removed_in_the_middle() {
    let stage = Stage::new("removed");
    let name = stage.start("app", &[], &["sh", "-c", &format!("{BEGINNING}; {READY}")]);
    wait_for_log(&name, "Starting Nest", 1);
    let mut running = follow(&name, "50s");
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert!(running.runs());
    must(&["rm", "--force", &name]);
    let run = running.finish();
    assert_ne!(run.code, 0, "{}", run.stdout);
    let all = format!("{}{}", run.stdout, run.stderr);
    assert!(all.contains("removed") || all.contains("no longer") || all.contains("gone"), "{all}");
}

/// The health check decides too: ready in the log, and unhealthy by the engine's word later, is not a success at first sight.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_health_check_passes_while_it_is_followed() {
    let stage = Stage::new("followhealth");
    let options =
        ["--health-cmd=wget -q -O- http://localhost:3000/healthz", "--health-interval=300ms", "--health-retries=100"];
    let script = "while ! [ -e /go ]; do sleep 0.05; done; exec httpd -f -p 3000 -h /www";
    let name = stage.start("app", &options, &["sh", "-c", script]);
    let mut running = follow(&name, "60s");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(running.runs(), "the check has not passed yet");
    must(&["exec", &name, "touch", "/go"]);
    until("the check passes", || inspect(&name, "{{.State.Health.Status}}") == "healthy");
    Answer::of(running.finish()).is_healthy();
}
