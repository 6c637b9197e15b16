//! `diagnose verify`: the documented success criteria, probed live.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::answer::{diagnose, refuses};
use crate::gateway::nginx;
use crate::image;
use crate::stage::{Run, Stage, must, refs, until, wait, wait_for_log};

/// A Twenty server that is well, as far as a proxy can tell.
const SERVER: &str = "
console.log('Twenty CRM Container Initialization');
const server = require('http').createServer((request, answer) => {
  const known = ['/healthz', '/', '/welcome'].includes(request.url);
  answer.writeHead(known ? 200 : 404);
  answer.end(known ? '{\"status\":\"ok\"}' : '');
});
server.listen(3000, '0.0.0.0', () => console.log('Nest application successfully started'));
process.on('SIGTERM', () => process.exit(143));
process.on('SIGUSR2', () => { server.close(() => console.log('closed')); server.closeAllConnections(); setInterval(() => {}, 1000); });";

fn verify(args: &[&str]) -> Run {
    diagnose(&[&["verify"], args].concat())
}

/// A table that people read: each criterion by name.
#[track_caller]
fn shows(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
    for word in words {
        assert!(run.stdout.contains(word), "no {word:?} in {}{}", run.stdout, run.stderr);
    }
}

fn server(stage: &Stage, options: &[&str]) -> String {
    let name = stage.start_of(image::web(), "twenty-crm", options, &["node", "-e", SERVER]);
    wait_for_log(&name, "successfully started", 1);
    name
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_healthy_server() {
    let stage = Stage::new("good");
    let name = server(&stage, &[]);
    let run = verify(&["--container", &name]);
    shows(&run, 0, &["3000", "/healthz", "200", "ss -tlnp"]);
    assert!(run.stdout.contains("node"), "the process that listens is named: {}", run.stdout);
}

/// The port is asked through the published one as well.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_healthy_server_with_a_published_port() {
    let stage = Stage::new("goodport");
    let name = server(&stage, &["--publish", "127.0.0.1::3000"]);
    let run = verify(&["--container", &name]);
    shows(&run, 0, &["3000", "/healthz", "200"]);
}

/// No ss, no curl in the image: /proc/net/tcp and what busybox has must do.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_healthy_server_in_an_image_without_tools() {
    let stage = Stage::new("bare");
    let script = "rm -f /bin/ss /bin/netstat /bin/curl; echo Twenty CRM Container Initialization; echo Nest application successfully started; exec httpd -f -p 3000 -h /www";
    let name = stage.start("app", &[], &["sh", "-c", script]);
    wait_for_log(&name, "successfully started", 1);
    shows(&verify(&["--container", &name]), 0, &["3000", "200"]);
}

fn get(port: &str, path: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut stream) = TcpStream::connect(format!("127.0.0.1:{port}")) {
        let _ = write!(stream, "GET {path} HTTP/1.0\r\nHost: api.example.com\r\n\r\n");
        let _ = stream.read_to_string(&mut answer);
    }
    answer
}

/// nginx before it: the public address answers without a 502, and then with one.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn through_nginx() {
    let stage = Stage::new("public");
    let network = stage.network("net");
    let crm = server(&stage, &refs(&stage.service(&network, "twenty-crm", 3000)));
    let mut options = stage.service(&network, "nginx", 80);
    options.push("--publish=127.0.0.1::80".to_owned());
    let nginx = stage.start_of(image::web(), "nginx", &refs(&options), &["sh", "-c", &nginx("twenty-crm")]);
    let port = must(&["port", &nginx, "80/tcp"]);
    let port = port.rsplit(':').next().unwrap().to_owned();
    until("nginx answers", || get(&port, "/welcome").contains(" 200 "));
    let url = format!("http://127.0.0.1:{port}/welcome");
    let args = ["--container", &crm, "--url", &url];
    shows(&verify(&args), 0, &[&url, "200", "3000"]);

    // The process lives on and has closed its port.
    must(&["kill", "--signal", "USR2", &crm]);
    wait_for_log(&crm, "closed", 1);
    until("nginx answers 502", || get(&port, "/welcome").contains(" 502 "));
    shows(&verify(&args), 1, &[&url, "502"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_container_that_has_ended() {
    let stage = Stage::new("ended");
    let name = stage.ended("app", &[], "echo Twenty CRM Container Initialization; echo 'error: password authentication failed for user \"crm\"' >&2; exit 1");
    shows(&verify(&["--container", &name]), 1, &["exited", "3000"]);
}

/// It runs, and nobody listens.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_port_that_nobody_opened() {
    let stage = Stage::new("closed");
    let name = stage.start(
        "app",
        &[],
        &["sh", "-c", "echo Twenty CRM Container Initialization; echo Starting Nest application...; exec sleep 600"],
    );
    shows(&verify(&["--container", &name]), 1, &["3000", "/healthz"]);
}

/// The port is open, the health endpoint answers 404.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_health_endpoint_that_is_not_there() {
    let stage = Stage::new("nohealth");
    let script = "rm /www/healthz; echo Twenty CRM Container Initialization; echo Nest application successfully started; exec httpd -f -p 3000 -h /www";
    let name = stage.start("app", &[], &["sh", "-c", script]);
    wait_for_log(&name, "successfully started", 1);
    shows(&verify(&["--container", &name]), 1, &["404"]);
}

/// Each single look finds it running; only a watched moment, or the count of restarts, tells.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_container_that_does_not_stay() {
    let stage = Stage::new("flapping");
    let script = "echo Twenty CRM Container Initialization; echo Nest application successfully started; timeout 1 httpd -f -p 3000 -h /www; exit 1";
    let name = stage.start("app", &["--restart", "always"], &["sh", "-c", script]);
    wait_for_log(&name, "successfully started", 2);
    shows(&verify(&["--container", &name]), 1, &["restart"]);
}

/// Everything is open and answers, but the log holds a fault that stands.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn an_active_finding_in_the_log() {
    let stage = Stage::new("finding");
    let script = "echo Twenty CRM Container Initialization; echo Nest application successfully started
        echo 'error: could not extend file \"base/16384/2619\": No space left on device' >&2; exec httpd -f -p 3000 -h /www";
    let name = stage.start("app", &[], &["sh", "-c", script]);
    wait_for_log(&name, "No space left", 1);
    shows(&verify(&["--container", &name]), 1, &["host/disk-full"]);
}

/// The engine's own health check is one of the measured values.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn an_unhealthy_container() {
    let stage = Stage::new("sick");
    let options = ["--health-cmd=exit 1", "--health-interval=300ms", "--health-retries=1"];
    let script = "echo Twenty CRM Container Initialization; echo Nest application successfully started; exec httpd -f -p 3000 -h /www";
    let name = stage.start("app", &options, &["sh", "-c", script]);
    wait(&name, "{{.State.Health.Status}}", "unhealthy");
    shows(&verify(&["--container", &name]), 1, &["unhealthy"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_container_that_does_not_exist() {
    let stage = Stage::new("nobody");
    let name = stage.name("app");
    refuses(&verify(&["--container", &name]), &[&name, "container"]);
}
