//! Containers that the engine could not start: there is no log, `State.Error` is the evidence.

use std::net::TcpListener;

use crate::answer::about;
use crate::image;
use crate::stage::{Stage, inspect, must};

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_script_without_the_executable_bit() {
    let stage = Stage::new("noexec");
    let name = stage.cannot_start("app", &[], &["/not-executable.sh"]);
    let answer = about(&name);
    answer.blames(&["entrypoint/not-executable"]).says(&["/not-executable.sh"]);
    assert_eq!(answer.container(&name)["status"], "created");
    assert_eq!(answer.container(&name)["exit_code"], 126);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_script_that_is_not_in_the_image() {
    let stage = Stage::new("nofile");
    let name = stage.cannot_start("app", &[], &["/usr/local/bin/start.sh"]);
    let answer = about(&name);
    answer.blames(&["entrypoint/missing"]).says(&["/usr/local/bin/start.sh"]);
    assert_eq!(answer.container(&name)["exit_code"], 127);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_command_that_is_not_on_the_path() {
    let stage = Stage::new("nocommand");
    let name = stage.cannot_start("app", &[], &["yarn", "start"]);
    about(&name).blames(&["entrypoint/command-not-found"]).says(&["yarn"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_host_port_that_another_container_holds() {
    let stage = Stage::new("port");
    let owner = stage.start("owner", &["--publish", "127.0.0.1::3000"], &["sleep", "600"]);
    let port = must(&["port", &owner, "3000/tcp"]);
    let port = port.rsplit(':').next().unwrap();
    let name = stage.cannot_start("late", &["--publish", &format!("127.0.0.1:{port}:3000")], &["sleep", "600"]);
    about(&name).blames(&["container/port-allocated"]).says(&[port]).says(&[&owner]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_host_port_that_a_process_of_the_host_holds() {
    let stage = Stage::new("hostport");
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let name = stage.cannot_start("app", &["--publish", &format!("{port}:3000")], &["sleep", "600"]);
    about(&name).blames(&["container/port-allocated"]).says(&[&port]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_user_that_the_image_does_not_have() {
    let stage = Stage::new("nouser");
    let name = stage.cannot_start("app", &["--user", "crm"], &["sleep", "600"]);
    about(&name).blames(&["container/start-failed", "container/user-unknown"]).says(&["unable to find user crm"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_network_that_was_removed() {
    let stage = Stage::new("nonetwork");
    let network = stage.name("backend");
    must(&["network", "create", &network]);
    let name = stage.create("app", &["--network", &network], &["sleep", "600"]);
    must(&["network", "rm", &network]);
    assert_ne!(crate::stage::docker(&["start", &name]).code, 0);
    about(&name).blames(&["container/start-failed", "container/network-missing"]).says(&["not found"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_file_mounted_over_a_directory() {
    let stage = Stage::new("mount");
    let name = stage.cannot_start("app", &["--volume", "/etc/hostname:/app"], &["sleep", "600"]);
    about(&name)
        .blames(&["container/start-failed", "container/mount-invalid"])
        .says(&["not a directory"])
        .finds_no("entrypoint/missing");
}

/// Nothing is wrong with it but that nobody started it, or that what it depends on never became healthy.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn created_and_not_started_yet() {
    let stage = Stage::new("created");
    let name = stage.create("app", &[], &["sleep", "600"]);
    let answer = about(&name);
    assert_eq!(answer.container(&name)["status"], "created");
    assert!([1, 3].contains(&answer.code) && answer.verdict() != "healthy", "{:#}", answer.json);
    answer.finds_no("container/start-failed").says(&[
        "docker start",
        "never started",
        "not been started",
        "not started",
    ]);
}

/// Several faults of one configuration: each container has its own answer, and the report knows both.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn two_containers_are_asked_for_together() {
    let stage = Stage::new("two");
    let first = stage.cannot_start("first", &[], &["/not-executable.sh"]);
    let second = stage.start_of(image::small(), "second", &[], &["sleep", "600"]);
    let answer = crate::answer::report(&["--container", &first, "--container", &second]);
    answer.blames(&["entrypoint/not-executable"]);
    assert_eq!(answer.container(&second)["status"], inspect(&second, "{{.State.Status}}"));
}
