//! Health checks: the probe's own words, and the time that it gives a start.

use crate::answer::about;
use crate::stage::{Stage, inspect, must, wait, wait_for_log};

const STATUS: &str = "{{.State.Health.Status}}";
const SERVE: &str = "echo Nest application successfully started; exec httpd -f -p 3000 -h /www";

/// Options of a health check through the shell: probe, interval, retries.
fn check(probe: &str, interval: &str, retries: u8) -> Vec<String> {
    let mut options = vec![format!("--health-cmd={probe}"), format!("--health-interval={interval}")];
    options.extend([format!("--health-retries={retries}"), "--health-timeout=2s".to_owned()]);
    options
}

fn unhealthy(stage: &Stage, probe: &str, script: &str) -> String {
    let options = check(probe, "300ms", 2);
    let name = stage.start("app", &crate::stage::refs(&options), &["sh", "-c", script]);
    wait(&name, STATUS, "unhealthy");
    name
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_probe_asks_a_path_that_nobody_serves() {
    let stage = Stage::new("path");
    let name = unhealthy(&stage, "wget -q -O- http://localhost:3000/health", SERVE);
    let answer = about(&name);
    answer.blames(&["container/healthcheck-wrong"]).says(&["/health"]).says(&["404"]);
    assert_eq!(answer.container(&name)["health"], "unhealthy");
    assert_eq!(answer.container(&name)["status"], "running");
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_probe_asks_a_port_that_nobody_serves() {
    let stage = Stage::new("probeport");
    let script = "echo Server listening on http://0.0.0.0:3000; exec httpd -f -p 3000 -h /www";
    let name = unhealthy(&stage, "wget -q -O- http://localhost:3001/healthz", script);
    about(&name).blames(&["container/healthcheck-wrong", "listen/wrong-port"]).says(&["3001"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_probe_needs_a_tool_that_the_image_lacks() {
    let stage = Stage::new("tool");
    let name = unhealthy(&stage, "curl -f http://localhost:3000/healthz", SERVE);
    about(&name).blames(&["container/healthcheck-wrong"]).says(&["curl"]);
}

/// Without a shell between, the engine answers for the tool, with exit -1 as for a time-out.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_probe_is_a_program_that_the_image_lacks() {
    let stage = Stage::new("toolexec");
    let change =
        r#"HEALTHCHECK --interval=300ms --timeout=2s --retries=2 CMD ["curl", "-f", "http://localhost:3000/healthz"]"#;
    let name = stage.start_of(&stage.image(change), "app", &[], &["sh", "-c", SERVE]);
    wait(&name, STATUS, "unhealthy");
    let answer = about(&name);
    answer.blames(&["container/healthcheck-wrong"]).says(&["curl"]).says(&["executable file not found"]);
}

/// The probe is right, the application serves nothing and says nothing: no more than that is known.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_application_does_not_serve() {
    let stage = Stage::new("refused");
    let name = unhealthy(&stage, "wget -q -O- http://localhost:3000/healthz", "exec sleep 600");
    about(&name).blames(&["container/unhealthy"]).finds_no("container/healthcheck-wrong").says(&["refused"]);
}

/// The log names why: the failing check is its consequence.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_application_says_why_it_does_not_serve() {
    let stage = Stage::new("why");
    let script = "echo 'FATAL:  password authentication failed for user \"crm\"' >&2; exec sleep 600";
    let name = unhealthy(&stage, "wget -q -O- http://localhost:3000/healthz", script);
    about(&name).blames(&["postgres/auth-failed"]).finds("container/unhealthy");
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_probe_itself_takes_too_long() {
    let stage = Stage::new("probetime");
    let options = ["--health-cmd=sleep 30", "--health-interval=300ms", "--health-retries=2", "--health-timeout=1s"];
    let name = stage.start("app", &options, &["sh", "-c", SERVE]);
    wait(&name, STATUS, "unhealthy");
    about(&name)
        .blames(&["container/unhealthy", "container/healthcheck-wrong"])
        .says(&["exceeded timeout", "timed out"]);
}

/// 6 s are allowed (0 + 1 × 6 s), this start takes a moment longer, and then it serves. Nothing in the log is wrong.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_start_takes_longer_than_the_check_allows() {
    let stage = Stage::new("budget");
    let script = "echo Starting Nest application...; while ! [ -e /go ]; do sleep 0.1; done
        echo Nest application successfully started; exec httpd -f -p 3000 -h /www";
    let options = check("wget -q -O- http://localhost:3000/healthz", "6s", 1);
    let name = stage.start("app", &crate::stage::refs(&options), &["sh", "-c", script]);
    wait(&name, STATUS, "unhealthy");
    must(&["exec", &name, "touch", "/go"]);
    wait_for_log(&name, "successfully started", 1);
    let answer = about(&name);
    assert_eq!(inspect(&name, STATUS), "unhealthy", "the test took too long: the next probe has passed");
    answer.blames(&["container/health-budget-too-short"]).says(&["6 s", "6s", "6.0 s"]);
    wait(&name, STATUS, "healthy");
    about(&name).is_healthy();
}

/// The check has given up, the start goes on: its lines are right, and late.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_check_gives_up_while_the_start_goes_on() {
    let stage = Stage::new("impatient");
    let script = "echo Starting Nest application...; exec sleep 600";
    let name = unhealthy(&stage, "wget -q -O- http://localhost:3000/healthz", script);
    about(&name).blames(&["container/health-budget-too-short", "container/unhealthy"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_check_has_not_decided_yet() {
    let stage = Stage::new("starting");
    let mut options = check("wget -q -O- http://localhost:3000/healthz", "30s", 3);
    options.push("--health-start-period=60s".to_owned());
    let script = "echo Starting Nest application...; exec sleep 600";
    let name = stage.start("app", &crate::stage::refs(&options), &["sh", "-c", script]);
    wait_for_log(&name, "Starting", 1);
    let answer = about(&name);
    answer.is_open("starting");
    assert_eq!(answer.container(&name)["health"], "starting");
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_check_passes() {
    let stage = Stage::new("healthy");
    let options = check("wget -q -O- http://localhost:3000/healthz", "300ms", 2);
    let name = stage.start("app", &crate::stage::refs(&options), &["sh", "-c", SERVE]);
    wait(&name, STATUS, "healthy");
    let answer = about(&name);
    answer.is_healthy();
    assert_eq!(answer.container(&name)["health"], "healthy");
}
