//! Which engine is asked, and what is said when there is none. No real engine is needed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::answer::{Answer, command, refuses};
use crate::ended::MODULE_MISSING;
use crate::fake::{Fake, Reply, ended, frames};
use crate::stage::{PATIENCE, Run};

/// The program with nothing but the given settings about engines.
fn bare(settings: &[(&str, &str)], args: &[&str]) -> Command {
    let mut command = command();
    for name in ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"] {
        command.env_remove(name);
    }
    command.env("HOME", "/nonexistent").env("XDG_RUNTIME_DIR", "/nonexistent");
    command.envs(settings.iter().copied()).args(args);
    command
}

fn ask(settings: &[(&str, &str)]) -> Run {
    Run::of(&mut bare(settings, &["--container", "crm", "--format", "json"]))
}

fn engine() -> Fake {
    Fake::begin(ended("crm"), &[("/logs", Reply::Stream(frames("2026-11-26T12:00:02.000000000Z", MODULE_MISSING)))])
}

/// A message about the engine names the address, what to do, and the pipe that works without.
#[track_caller]
fn says(run: &Run, address: &str, words: &[&str]) {
    refuses(run, &[address, "docker logs"]);
    let said = run.stderr.to_lowercase();
    assert!(words.iter().any(|word| said.contains(word)), "none of {words:?} in {}", run.stderr);
}

#[test]
fn docker_host_is_asked() {
    let engine = engine();
    Answer::of(ask(&[("DOCKER_HOST", &engine.host())])).blames(&["node/module-missing"]);
    assert!(
        engine.asked().iter().all(|request| request.starts_with("GET ") || request.starts_with("HEAD ")),
        "{:?}",
        engine.asked()
    );
}

/// contexts/meta/<sha256 of the name>/meta.json, as `docker context create staging` writes it.
fn configure(folder: &Path, host: &str, current: &str) {
    let meta = folder.join("contexts/meta/e919a75364398a449f860aeadddc57fa0502145a4e63959ddb33c417a48dc0da");
    fs::create_dir_all(&meta).unwrap();
    let text = format!(
        r#"{{"Name":"staging","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#
    );
    fs::write(meta.join("meta.json"), text).unwrap();
    fs::write(folder.join("config.json"), format!(r#"{{"auths":{{}},"currentContext":"{current}"}}"#)).unwrap();
}

#[test]
fn the_context_of_the_environment_and_of_the_configuration() {
    let engine = engine();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().to_str().unwrap();
    configure(folder.path(), &engine.host(), "staging");
    Answer::of(ask(&[("DOCKER_CONFIG", config)])).blames(&["node/module-missing"]);
    // An empty DOCKER_HOST counts as none.
    Answer::of(ask(&[("DOCKER_HOST", ""), ("DOCKER_CONFIG", config)])).blames(&["node/module-missing"]);
    configure(folder.path(), &engine.host(), "default");
    Answer::of(ask(&[("DOCKER_CONTEXT", "staging"), ("DOCKER_CONFIG", config)])).blames(&["node/module-missing"]);
    // DOCKER_HOST is stronger than a context.
    let run = ask(&[
        ("DOCKER_HOST", "unix:///nonexistent/engine.sock"),
        ("DOCKER_CONTEXT", "staging"),
        ("DOCKER_CONFIG", config),
    ]);
    says(
        &run,
        "/nonexistent/engine.sock",
        &["no engine", "not there", "does not exist", "no docker engine", "nothing"],
    );
    assert!(run.stderr.contains("DOCKER_HOST"), "where the address came from: {}", run.stderr);
}

#[test]
fn an_unknown_context() {
    let folder = tempfile::tempdir().unwrap();
    let run = ask(&[("DOCKER_CONTEXT", "nowhere"), ("DOCKER_CONFIG", folder.path().to_str().unwrap())]);
    refuses(&run, &["nowhere", "context"]);
}

#[test]
fn no_engine_at_a_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engine.sock");
    let host = format!("unix://{}", path.display());
    let none = ["no engine", "not there", "does not exist", "no docker engine", "nothing", "not running"];
    says(&ask(&[("DOCKER_HOST", &host)]), path.to_str().unwrap(), &none);
    // The file is there, and nobody listens any more.
    drop(UnixListener::bind(&path).unwrap());
    says(
        &ask(&[("DOCKER_HOST", &host)]),
        path.to_str().unwrap(),
        &["no engine", "no docker engine", "refused", "nothing", "not running"],
    );
}

#[test]
fn no_engine_at_a_port() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let run = ask(&[("DOCKER_HOST", &format!("tcp://{free}"))]);
    says(&run, &free.to_string(), &["no engine", "no docker engine", "refused", "nothing"]);
}

#[test]
fn an_address_that_is_none() {
    refuses(&ask(&[("DOCKER_HOST", "ftp://example.com")]), &["ftp://example.com"]);
}

/// The socket is there and listens, and says no word.
#[test]
fn no_answer_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engine.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let begin = Instant::now();
    let run = ask(&[("DOCKER_HOST", &format!("unix://{}", path.display()))]);
    assert!(begin.elapsed() < PATIENCE, "it waited {:?}", begin.elapsed());
    says(&run, path.to_str().unwrap(), &["no answer", "did not answer", "does not answer", "in time"]);
    drop(listener);
}

/// As another user, whom the socket's mode keeps out. Root is let in everywhere, so root becomes nobody.
#[test]
fn not_permitted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engine.sock");
    let _listener = UnixListener::bind(&path).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let program = folder.path().join("diagnose");
    fs::copy(env!("CARGO_BIN_EXE_diagnose"), &program).unwrap();
    let root = Run::of(Command::new("id").arg("-u")).stdout.trim() == "0";
    let mut command = Command::new(&program);
    command.current_dir("/").args(["--container", "crm"]).env("DOCKER_HOST", format!("unix://{}", path.display()));
    if root {
        command.uid(65534).gid(65534);
    }
    if let Err(error) = command.status() {
        eprintln!("skipped: root cannot become another user here ({error})");
        return;
    }
    says(
        &Run::of(&mut command),
        path.to_str().unwrap(),
        &["not permitted", "permission", "not allowed", "may not be used"],
    );
}

/// A container's name is judged before anything is asked.
#[test]
fn a_name_that_would_be_another_request_is_never_sent() {
    let engine = engine();
    for name in ["../info?x=#", "crm/../../info", "crm%2f..", "crm\nHost: x", "-crm", "a b", "crm?x", "crm#", ".crm"] {
        let run = Run::of(&mut bare(&[("DOCKER_HOST", &engine.host())], &[&format!("--container={name}")]));
        assert_eq!(run.code, 2, "{name}: {}{}", run.stdout, run.stderr);
        assert!(
            run.stdout.is_empty() && run.stderr.contains("error:") && run.stderr.contains("name"),
            "{name}: {}{}",
            run.stdout,
            run.stderr
        );
    }
    let sent: Vec<String> = engine.asked().into_iter().filter(|request| request.contains("/containers/")).collect();
    assert!(sent.iter().all(|request| request.contains("/containers/json")), "{sent:?}");
}

/// Without --container nothing is asked at all: files need no engine.
#[test]
fn files_need_no_engine() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/nx-modules-missing/container.log");
    let run =
        Run::of(&mut bare(&[("DOCKER_HOST", "unix:///nonexistent")], &[file.to_str().unwrap(), "--format", "json"]));
    Answer::of(run).blames(&["nx/modules-missing"]);
}
