//! Bundles of containers: the state comes along, the environment does not, and the diagnosis is the same without an engine.

use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use crate::answer::{Answer, command};
use crate::ended::MODULE_MISSING;
use crate::fake::{Fake, Reply, ended, frames};
use crate::stage::{Run, Stage};

const STAMP: &str = "2026-11-26T12:00:02.123456789Z";
const SECRETS: [&str; 3] = ["hunter2hunter2", "s3cr3tpassw0rd", "requirepass1"];

/// Name and text of each member.
fn members(path: &Path) -> Vec<(String, String)> {
    let bytes = std::fs::read(path).unwrap();
    let tar = ruzstd::decoding::StreamingDecoder::new(bytes.as_slice()).unwrap();
    let mut archive = tar::Archive::new(tar);
    let each = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let (name, mut text) = (entry.path().unwrap().display().to_string(), String::new());
        entry.read_to_string(&mut text).unwrap();
        (name, text)
    });
    each.collect()
}

fn member(members: &[(String, String)], name: &str) -> Value {
    let (_, text) = members.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}"));
    serde_json::from_str(text).unwrap()
}

/// What must be the same without the engine.
fn comparable(report: &Value) -> Value {
    let mut report = report.clone();
    report["redactions"] = Value::Null;
    report["generated_at"] = Value::Null;
    report["inputs"].as_array_mut().unwrap().iter_mut().for_each(|input| input["bytes"] = Value::Null);
    report["notes"]
        .as_array_mut()
        .unwrap()
        .retain(|note| !note.as_str().unwrap().starts_with("Repeated from the bundle"));
    report
}

/// Bundles containers, diagnoses the bundle where no engine is, and compares. Gives the members and the report.
#[track_caller]
fn repeats(host: Option<String>, args: &[&str]) -> (Vec<(String, String)>, Answer) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("incident.tar.zst");
    let mut bundle = command();
    host.iter().for_each(|host| {
        bundle.env("DOCKER_HOST", host);
    });
    let made = Run::of(bundle.arg("bundle").args(args).arg("-o").arg(&path));
    assert!(path.exists(), "no bundle: {}", made.stderr);
    let members = members(&path);
    let mut again = command();
    let again = Answer::of(Run::of(
        again.env("DOCKER_HOST", "unix:///nowhere/engine.sock").arg(&path).args(["--format", "json"]),
    ));
    assert_eq!(again.code, made.code, "{}", again.stderr);
    assert_eq!(comparable(&again.json), comparable(&member(&members, "report.json")));
    for (name, text) in &members {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{name} tells {secret}: {text}");
        }
    }
    (members, again)
}

fn inspected() -> Value {
    let mut container = ended("crm");
    container["Config"]["Env"] = json!([
        "POSTGRES_PASSWORD=hunter2hunter2",
        "PG_DATABASE_URL=postgres://crm:s3cr3tpassw0rd@db:5432/default",
        "PLAIN_SETTING=nobodys-business"
    ]);
    container["Args"] = json!(["-c", "start", "--requirepass", "requirepass1"]);
    container
}

#[test]
fn a_container_is_diagnosed_again_without_its_engine() {
    let log = format!("login with hunter2hunter2\n{MODULE_MISSING}");
    let engine = Fake::begin(inspected(), &[("/logs", Reply::Stream(frames(STAMP, &log)))]);
    let (members, again) = repeats(Some(engine.host()), &["--container", "crm"]);
    again.blames(&["node/module-missing"]).says(&["exited"]);
    assert_eq!(again.json["containers"][0]["exit_code"], 1);
    assert_eq!(again.json["inputs"][0]["name"], "crm");
    assert_eq!(again.json["inputs"][1]["name"], "crm (state)");
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "manifest.json",
            "README.txt",
            "report.txt",
            "report.md",
            "report.html",
            "report.json",
            "inspect/01-crm.json",
            "inspect/01-crm.txt",
            "logs/01-crm"
        ]
    );
    let manifest = member(&members, "manifest.json");
    assert_eq!(manifest["engine"], "20.10.24 (API 1.41)");
    assert_eq!(manifest["arguments"], json!(["--container=crm"]));
    for (name, text) in &members {
        for word in ["PLAIN_SETTING", "nobodys-business", "POSTGRES_PASSWORD"] {
            assert!(!text.contains(word), "{name} tells {word} of the environment: {text}");
        }
    }
}

/// The log breaks off: the bundle says so, and so does the diagnosis made from it.
#[test]
fn an_incomplete_log_stays_incomplete() {
    let engine = Fake::begin(inspected(), &[("/logs", Reply::Gone(frames(STAMP, MODULE_MISSING)))]);
    let (_, again) = repeats(Some(engine.host()), &["--container", "crm"]);
    assert!(again.json["inputs"][0]["incomplete"].is_string(), "{:#}", again.json);
}

#[test]
fn without_an_engine_there_is_no_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let run = Run::of(command().current_dir(folder.path()).env("DOCKER_HOST", "unix:///nowhere/engine.sock").args([
        "bundle",
        "--container",
        "crm",
    ]));
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("error:"), "{}", run.stderr);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Two containers of a network: what the one says of the other is still known without the engine.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_real_engine_and_a_neighbour() {
    let stage = Stage::new("bundle");
    let network = stage.network("net");
    let database = stage.service(&network, "db", 5432);
    let database: Vec<&str> = crate::stage::refs(&database);
    let db = stage.ended(
        "db",
        &database,
        "echo 'FATAL:  could not write lock file \"postmaster.pid\": No space left on device' >&2; exit 1",
    );
    let url = "--env=PG_DATABASE_URL=postgres://crm:s3cr3tpassw0rd@db:5432/default";
    let script = "echo \"using $PG_DATABASE_URL\"; echo 'Error: connect ECONNREFUSED db:5432' >&2; exit 1";
    let app = stage.ended("app", &["--network", &network, url, "--env=POSTGRES_PASSWORD=hunter2hunter2"], script);
    let (members, again) = repeats(None, &["--container", &app]);
    let containers = again.json["containers"].as_array().unwrap();
    assert!(containers.iter().any(|container| container["name"] == db.as_str()), "{:#}", again.json);
    assert!(members.iter().filter(|(name, _)| name.starts_with("inspect/")).count() == 4, "{:#}", again.json);
}
