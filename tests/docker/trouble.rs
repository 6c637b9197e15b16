//! An engine in trouble, or one that is not Docker's: what was read so far is still diagnosed. No real engine is needed.

use std::time::Instant;

use serde_json::{Value, json};

use crate::answer::{Answer, command};
use crate::ended::MODULE_MISSING;
use crate::fake::{Fake, Reply, ended, frame, frames};
use crate::stage::{PATIENCE, Run};

const STAMP: &str = "2026-11-26T12:00:02.123456789Z";

fn ask(engine: &Fake, more: &[&str]) -> Run {
    let mut command = command();
    command.env("DOCKER_HOST", engine.host()).args(["--container", "crm", "--format", "json"]).args(more);
    Run::of(&mut command)
}

#[track_caller]
fn is_incomplete(answer: &Answer) {
    let inputs = answer.json["inputs"].as_array().unwrap();
    let said = inputs.iter().any(|input| input["incomplete"].is_string())
        || answer.json["notes"].as_array().unwrap().iter().any(|note| {
            let note = note.as_str().unwrap();
            [
                "ended early",
                "broke off",
                "went away",
                "incomplete",
                "not complete",
                "cut",
                "no answer",
                "did not answer",
                "stopped",
            ]
            .iter()
            .any(|word| note.contains(word))
        });
    assert!(said, "the report does not say that the log is not whole: {:#}", answer.json);
}

/// The connection breaks after the lines that name the fault; nobody answers any more.
#[test]
fn the_engine_goes_away_in_the_middle_of_the_log() {
    let engine = Fake::begin(ended("crm"), &[("/logs", Reply::Gone(frames(STAMP, MODULE_MISSING)))]);
    let answer = Answer::of(ask(&engine, &[]));
    answer.blames(&["node/module-missing"]);
    is_incomplete(&answer);
}

/// The application's first line came a minute after its start, as slow ones do; then the engine went away.
#[test]
fn the_engine_goes_away_after_a_slow_start() {
    let mut container = ended("crm");
    container["State"]["StartedAt"] = json!("2026-11-26T11:59:00.000000000Z");
    let engine = Fake::begin(container, &[("/logs", Reply::Gone(frames(STAMP, MODULE_MISSING)))]);
    let answer = Answer::of(ask(&engine, &[]));
    answer.blames(&["node/module-missing"]);
    is_incomplete(&answer);
}

/// A frame promises more bytes than come.
#[test]
fn the_engine_goes_away_in_the_middle_of_a_frame() {
    let mut pieces = frames(STAMP, MODULE_MISSING);
    let mut cut = frame(2, &format!("{STAMP} and then the engine was\n"));
    cut.truncate(20);
    pieces.push(cut);
    let engine = Fake::begin(ended("crm"), &[("/logs", Reply::Gone(pieces))]);
    Answer::of(ask(&engine, &[])).blames(&["node/module-missing"]);
}

/// The headers came, a part of the body came, and then nothing.
#[test]
fn the_log_stalls() {
    let engine = Fake::begin(ended("crm"), &[("/logs", Reply::Stalled(frames(STAMP, MODULE_MISSING)))]);
    let begin = Instant::now();
    let answer = Answer::of(ask(&engine, &[]));
    assert!(begin.elapsed() < PATIENCE, "it waited {:?}", begin.elapsed());
    answer.blames(&["node/module-missing"]);
    is_incomplete(&answer);
}

/// It is told how long a frame is, and believes it only as far as it comes.
#[test]
fn a_frame_of_4_gib() {
    let mut pieces = frames(STAMP, MODULE_MISSING);
    pieces.push([&[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], STAMP.as_bytes(), b" begins\n"].concat());
    pieces.extend(std::iter::repeat_n(b"a line of it\n".repeat(10_000), 100));
    let engine = Fake::begin(ended("crm"), &[("/logs", Reply::Gone(pieces))]);
    let answer = Answer::of(ask(&engine, &[]));
    answer.blames(&["node/module-missing"]);
    is_incomplete(&answer);
}

/// A health check with 30,000 answers, and one container that takes megabytes to tell.
#[test]
fn the_engine_says_more_than_any() {
    let mut container = ended("crm");
    let answers = vec![json!({"ExitCode": 1, "Output": ""}); 10_000];
    container["State"]["Health"] = json!({"Status": "unhealthy", "FailingStreak": 3, "Log": answers});
    let engine = Fake::begin(container.clone(), &[("/logs", Reply::Stream(frames(STAMP, MODULE_MISSING)))]);
    let answer = Answer::of(ask(&engine, &[]));
    answer.blames(&["node/module-missing"]).says(&["more of crm than of any real container"]);
    container["State"]["Error"] = json!("x".repeat(3_000_000));
    let engine = Fake::begin(container, &[]);
    crate::answer::refuses(&ask(&engine, &[]), &["more than 512 KiB"]);
}

/// A project of 3,000 containers: the first are read, and the others are counted.
#[test]
fn a_project_without_end() {
    let labels = json!({"com.docker.compose.project": "big"});
    let id = ended("crm")["Id"].clone();
    let entry = json!({"Id": id, "Names": ["/crm"], "State": "exited", "Labels": labels, "Created": 1});
    let replies =
        [("/containers/json", Reply::Json(200, json!(vec![entry; 3000]))), ("/logs", Reply::Stream(Vec::new()))];
    let engine = Fake::begin(ended("crm"), &replies);
    let mut command = command();
    command.env("DOCKER_HOST", engine.host()).args(["--project", "big", "--format", "json"]);
    Answer::of(Run::of(&mut command)).says(&["2936 containers of the project were not read"]);
}

#[test]
fn the_driver_cannot_be_read() {
    let refused = json!({"message": "configured logging driver does not support reading"});
    let mut container = ended("crm");
    container["HostConfig"]["LogConfig"]["Type"] = json!("syslog");
    let engine = Fake::begin(container, &[("/logs", Reply::Json(501, refused))]);
    Answer::of(ask(&engine, &[])).blames(&["container/exited"]).says(&["syslog"]);
}

#[test]
fn the_engine_fails_while_it_reads_the_log() {
    let refused = json!({"message": "error getting container logs: open /var/lib/docker/containers/4be1/4be1-json.log: input/output error"});
    let engine = Fake::begin(ended("crm"), &[("/logs", Reply::Json(500, refused))]);
    Answer::of(ask(&engine, &[])).blames(&["container/exited"]).says(&["input/output error", "log could not be read"]);
}

/// Between the question for its state and the question for its log the container was removed.
#[test]
fn the_container_is_removed_before_its_log_is_read() {
    for status in [404, 409] {
        let message = if status == 404 {
            "No such container: crm"
        } else {
            "can not get logs from container which is dead or marked for removal"
        };
        let engine = Fake::begin(ended("crm"), &[("/logs", Reply::Json(status, json!({"message": message})))]);
        let answer = Answer::of(ask(&engine, &[]));
        answer.blames(&["container/exited"]).says(&["removed", "no such container", "no longer", "removal"]);
    }
}

/// Events, the list and the networks are extras: without them the answer is the same.
#[test]
fn only_the_state_and_the_log_are_answered() {
    let no = Reply::Json(500, json!({"message": "not today"}));
    let engine = Fake::begin(
        ended("crm"),
        &[
            ("/logs", Reply::Stream(frames(STAMP, MODULE_MISSING))),
            ("/events", no.clone()),
            ("/containers/json", no.clone()),
            ("/info", no.clone()),
            ("/networks", no),
        ],
    );
    Answer::of(ask(&engine, &[])).blames(&["node/module-missing"]);
}

#[test]
fn the_events_stall() {
    let engine = Fake::begin(
        ended("crm"),
        &[("/logs", Reply::Stream(frames(STAMP, MODULE_MISSING))), ("/events", Reply::Stalled(Vec::new()))],
    );
    let begin = Instant::now();
    Answer::of(ask(&engine, &[])).blames(&["node/module-missing"]);
    assert!(begin.elapsed() < PATIENCE, "it waited {:?}", begin.elapsed());
}

/// podman: stamps of whole seconds in local time, pieces of 8 KiB, the driver called json-file though there is no such file, states of its own.
fn podman() -> Value {
    let mut container = ended("crm");
    container["State"]["StartedAt"] = json!("2026-11-26T13:00:02+01:00");
    container["State"]["FinishedAt"] = json!("2026-11-26T13:00:09+01:00");
    container["LogPath"] = json!("");
    container["Config"]["Labels"] = json!(null);
    container["NetworkSettings"]["Networks"] = json!(null);
    container
}

#[test]
fn the_engine_is_podman() {
    let stamp = "2026-11-26T13:00:02+01:00";
    let text = format!("{}\n{MODULE_MISSING}", "x".repeat(3));
    let engine = Fake::begin(podman(), &[("/logs", Reply::Stream(frames(stamp, &text)))]);
    let answer = Answer::of(ask(&engine, &[]));
    answer.blames(&["node/module-missing"]).says(&["Cannot find module 'express'"]);
    assert_eq!(answer.container("crm")["status"], "exited");
}

/// States that no test can bring about: the engine could not remove the container, or is at it.
#[test]
fn dead_and_removing() {
    for status in ["dead", "removing"] {
        let mut container = ended("crm");
        container["State"]["Status"] = json!(status);
        container["State"]["Dead"] = json!(status == "dead");
        let engine = Fake::begin(container, &[("/logs", Reply::Stream(frames(STAMP, MODULE_MISSING)))]);
        let answer = Answer::of(ask(&engine, &[]));
        answer.blames(&["node/module-missing"]);
        assert_eq!(answer.container("crm")["status"], status);

        let mut container = ended("crm");
        container["State"]["Status"] = json!(status);
        container["State"]["ExitCode"] = json!(0);
        let engine = Fake::begin(container, &[("/logs", Reply::Stream(Vec::new()))]);
        let answer = Answer::of(ask(&engine, &[]));
        assert!(["failed", "unknown"].contains(&answer.verdict()) && answer.code != 0, "{:#}", answer.json);
        answer.says(&[status]);
    }
}

/// OOMKilled is false on a real OOM there: 137 alone proves no memory fault, and rules none out.
#[test]
fn podman_does_not_know_that_it_was_memory() {
    let mut container = podman();
    container["State"]["ExitCode"] = json!(137);
    container["HostConfig"]["Memory"] = json!(16_777_216);
    let engine = Fake::begin(container, &[("/logs", Reply::Stream(Vec::new()))]);
    let answer = Answer::of(ask(&engine, &[]));
    answer.blames(&["container/killed", "container/oom-killed", "container/exited"]);
    assert_ne!(answer.json["causes"][0]["confidence"], "confirmed", "{:#}", answer.json);
}

/// Long lines come in pieces, each with a stamp of its own; podman's are 8 KiB.
#[test]
fn pieces_of_a_long_line_are_joined_per_stream() {
    let (first, second) = ("Error: Cannot find mod", "ule '/app/dist/main.js'");
    let pieces = vec![
        frame(2, &format!("{STAMP} {first}")),
        frame(1, &format!("{STAMP} something else on the other stream\n")),
        frame(2, &format!("{STAMP} {second}\n")),
    ];
    let engine = Fake::begin(ended("crm"), &[("/logs", Reply::Stream(pieces))]);
    Answer::of(ask(&engine, &[])).blames(&["node/module-missing", "build/output-missing"]).says(&["/app/dist/main.js"]);
}

/// Time stamps are asked for, and not needed.
#[test]
fn a_log_without_time_stamps() {
    let pieces = MODULE_MISSING.lines().map(|line| frame(2, &format!("{line}\n"))).collect();
    let engine = Fake::begin(ended("crm"), &[("/logs", Reply::Stream(pieces))]);
    Answer::of(ask(&engine, &[])).blames(&["node/module-missing"]);
}

/// What engine 26.1 sends for a record that it cannot read.
#[test]
fn a_corrupt_record_in_the_log() {
    let mut pieces = frames(STAMP, MODULE_MISSING);
    pieces.push(frame(3, "Error grabbing logs: invalid character '\\x00' looking for beginning of value"));
    let engine = Fake::begin(ended("crm"), &[("/logs", Reply::Stream(pieces))]);
    let answer = Answer::of(ask(&engine, &[]));
    answer.blames(&["node/module-missing"]);
    is_incomplete(&answer);
}

/// An engine that is gone before anything was said: not a report, a message.
#[test]
fn the_engine_goes_away_before_the_state() {
    let engine = Fake::begin(
        ended("crm"),
        &[("/crm/json", Reply::Gone(Vec::new())), ("/containers/json", Reply::Gone(Vec::new()))],
    );
    let run = ask(&engine, &[]);
    crate::answer::refuses(&run, &[engine.socket().to_str().unwrap()]);
}
