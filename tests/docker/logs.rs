//! Logs as the engine gives them: drivers, pieces, terminals, rotation, and the files inside.

use crate::answer::{about, report};
use crate::ended::MODULE_MISSING;
use crate::stage::{Stage, inspect, until, wait_for_log};

/// A container that prints a text on standard error and ends with 1.
fn prints(stage: &Stage, options: &[&str], text: &str) -> String {
    stage.ended("app", options, &format!("cat >&2 <<'END'\n{text}\nEND\nexit 1"))
}

/// Nothing can be read; the state still answers, and the report says why there is no log.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_driver_none() {
    let stage = Stage::new("none");
    let name = prints(&stage, &["--log-driver", "none"], MODULE_MISSING);
    let answer = about(&name);
    answer.blames(&["container/exited"]).says(&["driver"]).says(&["none"]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_driver_local() {
    let stage = Stage::new("local");
    let name = prints(&stage, &["--log-driver", "local"], MODULE_MISSING);
    about(&name).blames(&["node/module-missing"]);
}

/// One merged stream, CR LF, colours.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_terminal() {
    let stage = Stage::new("tty");
    let text = MODULE_MISSING.replace("Error: Cannot", "\u{1b}[31mError\u{1b}[39m: Cannot");
    let name = prints(&stage, &["--tty"], &text);
    let answer = about(&name);
    answer.blames(&["node/module-missing"]).says(&["Cannot find module 'express'"]);
    assert!(!answer.text().contains("\\u001b") && !answer.text().contains("\\r"), "{:#}", answer.json);
}

/// A line begins with a byte that looks like the head of a frame.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_terminal_whose_first_byte_looks_like_a_frame() {
    let stage = Stage::new("ttyframe");
    let script =
        format!("printf '\\001\\000\\000\\000\\000\\000\\000\\004'; cat <<'END'\n{MODULE_MISSING}\nEND\nexit 1");
    let name = stage.ended("app", &["--tty"], &script);
    about(&name).blames(&["node/module-missing"]);
}

/// The engine cuts after 16,384 bytes, here in the middle of the sentence that names the fault.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_words_of_the_fault_stand_across_the_border_of_two_pieces() {
    let stage = Stage::new("border");
    for driver in ["json-file", "local"] {
        let script = "printf '%16340s ' '{\"context\":' | tr ' ' x; printf ' Error: Cannot find module '; echo \"'/app/dist/main.js'\"; exit 1";
        let name = stage.ended(driver, &["--log-driver", driver], script);
        let answer = about(&name);
        answer.blames(&["node/module-missing", "build/output-missing"]).says(&["/app/dist/main.js"]);
        assert_eq!(answer.json["inputs"][0]["lines"], 1, "two pieces are one line: {:#}", answer.json["inputs"]);
    }
}

/// 200 kB in one line: thirteen pieces, and the fault in the last.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_very_long_line_before_the_fault() {
    let stage = Stage::new("long");
    let script = format!("head -c 200000 /dev/zero | tr '\\0' x; echo; cat >&2 <<'END'\n{MODULE_MISSING}\nEND\nexit 1");
    let name = stage.ended("app", &[], &script);
    about(&name).blames(&["node/module-missing"]).says(&["Cannot find module 'express'"]);
}

/// The oldest lines are gone without a word: the report must not say that it saw the start. All in one stream: the order of two is lost,
/// and the fault could be rotated away.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_rotated_log() {
    let stage = Stage::new("rotated");
    let script = format!(
        "i=0; while [ $i -lt 3000 ]; do echo \"request $i was answered\" >&2; i=$((i+1)); done; cat >&2 <<'END'\n{MODULE_MISSING}\nEND\nexit 1"
    );
    let name = stage.ended("app", &["--log-opt", "max-size=20k", "--log-opt", "max-file=3"], &script);
    let answer = about(&name);
    answer.blames(&["node/module-missing"]);
    assert_eq!(answer.json["coverage"]["start_seen"], false, "{:#}", answer.json["coverage"]);
}

/// `--tail`, `--since` and `--until` bound what is read.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn only_a_part_of_the_log() {
    let stage = Stage::new("part");
    let name = prints(&stage, &[], &format!("{MODULE_MISSING}\none\ntwo\nthree"));
    report(&["--container", &name]).blames(&["node/module-missing"]);
    report(&["--container", &name, "--tail", "2"]).blames(&["container/exited"]).finds_no("node/module-missing");
    report(&["--container", &name, "--until", "2001-01-01T00:00:00Z"]).finds_no("node/module-missing");
    report(&["--container", &name, "--since", "2001-01-01T00:00:00Z"]).blames(&["node/module-missing"]);
}

/// The input is named after the container, is of the kind docker, and has times.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_input_is_described() {
    let stage = Stage::new("input");
    let name = prints(&stage, &[], MODULE_MISSING);
    let answer = about(&name);
    let input = &answer.json["inputs"][0];
    assert_eq!(input["kind"], "docker", "{input:#}");
    assert!(input["name"].as_str().unwrap().contains(&name), "{input:#}");
    assert_eq!(input["lines"], MODULE_MISSING.lines().count(), "{input:#}");
    assert!(input["first_time"].as_str().unwrap().starts_with("20"), "{input:#}");
    let evidence = &answer.json["causes"][0]["evidence"][0];
    assert_eq!(evidence["stream"], "stderr", "{evidence:#}");
    assert!(evidence["time"].is_string(), "{evidence:#}");
}

/// What an old start script prints: it hides its application's output in a file, waits, and gives up.
fn old_script(seconds: u8, then: &str) -> String {
    format!(
        "echo 'Starting HTTP server...'
        echo 'No command provided, using default: yarn start'
        (echo; echo ' NX   Could not find Nx modules at \"/app\".'; echo; echo 'Have you run npm/yarn install?') > /tmp/twenty.log 2>&1 &
        echo \"Twenty CRM server started in background (PID: $!)\"
        echo '⏳ Waiting for Twenty CRM server to start...'
        sleep 0.3; echo '   Still waiting... (30/{seconds}s)'; sleep 0.3; echo '   Still waiting... ({seconds}/{seconds}s)'
        echo '❌ Twenty CRM server failed to start within {seconds} seconds'
        {then}"
    )
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_cause_is_in_a_file_inside_a_stopped_container() {
    let stage = Stage::new("hidden");
    let name = stage.ended("crm", &[], &old_script(60, "exit 1"));
    let answer = about(&name);
    answer.blames(&["nx/modules-missing"]).finds("entrypoint/silent-background").finds("listen/never-opened");
    let inputs = answer.json["inputs"].as_array().unwrap();
    assert!(inputs.iter().any(|input| input["name"].as_str().unwrap().contains("/tmp/twenty.log")), "{inputs:#?}");
    let line = &answer.json["causes"][0]["evidence"][0];
    assert!(line["source"].as_str().unwrap().contains("/tmp/twenty.log"), "{line:#}");
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_cause_is_in_a_file_inside_a_running_container() {
    let stage = Stage::new("hiddenrun");
    let name = stage.start("crm", &[], &["sh", "-c", &old_script(60, "exec sleep 600")]);
    wait_for_log(&name, "failed to start", 1);
    about(&name).blames(&["nx/modules-missing"]).finds("entrypoint/silent-background");
}

/// The file is a link to another; the engine gives links unfollowed.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_file_inside_is_a_link() {
    let stage = Stage::new("link");
    let script =
        format!("mkdir -p /var/log/crm; ln -s /var/log/crm/server.log /tmp/twenty.log; {}", old_script(60, "exit 1"));
    let name = stage.ended("crm", &[], &script);
    about(&name).blames(&["nx/modules-missing"]);
}

/// A tmpfs cannot be read by the engine: what is missing is said, with the command that brings it.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_file_inside_is_out_of_reach() {
    let stage = Stage::new("tmpfs");
    let name = stage.start("crm", &["--tmpfs", "/tmp"], &["sh", "-c", &old_script(60, "exec sleep 600")]);
    wait_for_log(&name, "failed to start", 1);
    let answer = about(&name);
    assert!([1, 3].contains(&answer.code), "{:#}", answer.json);
    answer.finds("entrypoint/silent-background").says(&["/tmp/twenty.log"]);
}

/// The engine's own order of the streams is lost in a burst; the fault of standard error is found all the same.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn both_streams_in_a_burst() {
    let stage = Stage::new("burst");
    let script = format!(
        "(i=0; while [ $i -lt 2000 ]; do echo \"line $i\"; i=$((i+1)); done) & cat >&2 <<'END'\n{MODULE_MISSING}\nEND\nwait; exit 1"
    );
    let name = stage.ended("app", &[], &script);
    about(&name).blames(&["node/module-missing"]).says(&["Cannot find module 'express'"]);
    until("the log is whole", || inspect(&name, "{{.State.ExitCode}}") == "1");
}
