//! What is open inside of containers against what others ask them for, and whose an address was.

use crate::answer::{Answer, Running, about};
use crate::gateway::nginx;
use crate::image;
use crate::stage::{Stage, docker, inspect, must, refs, wait, wait_for_log};

/// A program that reports to be up, and serves where it is told to; nowhere without an address.
fn server(address: &str) -> String {
    let serve =
        if address.is_empty() { "exec sleep 600".to_owned() } else { format!("exec httpd -f -p {address} -h /www") };
    format!("echo 'Nest application successfully started'; {serve}")
}

/// It has had time to open its port.
fn settled() {
    std::thread::sleep(std::time::Duration::from_secs(6));
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_published_port_that_nobody_can_reach() {
    let stage = Stage::new("reach");
    let begin = |rest: &str, options: &[&str], address: &str| {
        let name = stage.start(rest, options, &["sh", "-c", &server(address)]);
        wait_for_log(&name, "successfully started", 1);
        name
    };
    let publish = ["--publish=127.0.0.1::3000"];
    let loopback = begin("loopback", &publish, "127.0.0.1:3000");
    let elsewhere = begin("elsewhere", &publish, "8080");
    let nowhere = begin("nowhere", &publish, "");
    let open = begin("open", &publish, "3000");
    let one = begin("one", &["--publish=127.0.0.1::3000", "--publish=127.0.0.1::3443"], "3000");
    let inner = begin("inner", &[], "3001");
    settled();
    about(&loopback).blames(&["listen/wrong-address"]).says(&["127.0.0.1:3000"]);
    about(&elsewhere).blames(&["listen/wrong-port"]).says(&["8080"]);
    about(&nowhere).blames(&["listen/never-opened"]);
    for name in [open, one, inner] {
        about(&name).is_healthy();
    }
}

/// The gate of a deployment does not open for it.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_port_that_is_not_opened_is_no_success() {
    let stage = Stage::new("gate");
    let name = stage.start("app", &["--publish=127.0.0.1::3000"], &["sh", "-c", &server("127.0.0.1:3000")]);
    let running = Running::begin(&["--container", &name, "--follow", "--timeout", "40s", "--format", "json"]);
    Answer::of(running.finish()).blames(&["listen/wrong-address"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_proxy_s_upstream_listens_for_itself_only() {
    let stage = Stage::new("loop");
    let network = stage.network("net");
    let crm =
        stage.start("crm", &refs(&stage.service(&network, "crm", 3000)), &["sh", "-c", &server("127.0.0.1:3000")]);
    let options = stage.service(&network, "nginx", 80);
    let nginx = stage.start_of(image::web(), "nginx", &refs(&options), &["sh", "-c", &nginx("crm")]);
    wait_for_log(&nginx, "start worker process", 1);
    settled();
    docker(&["exec", &nginx, "wget", "-q", "-O-", "http://localhost/welcome"]);
    wait_for_log(&nginx, "GET /welcome", 1);
    about(&nginx).blames(&["listen/wrong-address"]).finds("proxy/upstream-refused").says(&[&crm]);
}

/// An old container announces the port and ended before the proxy began; the new one announces nothing, and its address is gone.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn an_innocent_container_with_the_same_port_is_not_blamed() {
    let stage = Stage::new("innocent");
    let network = stage.network("net");
    let on = format!("--network={network}");
    let old = stage.ended("old", &[&on, "--expose=3000"], "exit 3");
    // Longer than two stamps may lie apart and still be taken for one moment.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let script = "while ! [ -e /go ]; do sleep 0.1; done
        echo 'error: password authentication failed for user \"crm\"' >&2; exit 1";
    let new = stage.start("new", &[&on], &["sh", "-c", script]);
    let nginx = stage.start_of(image::web(), "nginx", &[&on], &["sh", "-c", &nginx(&new)]);
    wait_for_log(&nginx, "start worker process", 1);
    must(&["exec", &new, "touch", "/go"]);
    wait(&new, "{{.State.Status}}", "exited");
    docker(&["exec", &nginx, "wget", "-q", "-O-", "http://localhost/welcome"]);
    wait_for_log(&nginx, "GET /welcome", 1);
    let answer = about(&nginx);
    answer.blames(&["postgres/auth-failed"]).says(&[&new]);
    assert!(!answer.text().contains(&old), "{:#}", answer.json);
}

/// The database comes late: under a restart policy that is no failure yet.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_restart_policy_waits_for_others() {
    let stage = Stage::new("patient");
    let script = format!(
        "if ! [ -e /go ]; then echo 'Error: connect ECONNREFUSED 172.18.0.3:5432' >&2; exit 1; fi; {}",
        server("3000")
    );
    let name = stage.start("app", &["--restart", "always"], &["sh", "-c", &script]);
    let mut running = Running::begin(&["--container", &name, "--follow", "--timeout", "50s", "--format", "json"]);
    crate::stage::until("it was restarted", || inspect(&name, "{{.RestartCount}}").parse::<u32>().unwrap_or(0) > 3);
    if !running.runs() {
        let run = running.finish();
        panic!("it is decided already: {}{}", run.stdout, run.stderr);
    }
    let go = tempfile::NamedTempFile::new().unwrap();
    must(&["cp", go.path().to_str().unwrap(), &format!("{name}:/go")]);
    Answer::of(running.finish()).is_healthy();
}
