//! The command line: what is typed, what comes back, and with which status.

use std::fs;
use std::io::{Seek as _, SeekFrom};

use crate::support::{cause, command, diagnose, in_folder, piped, verdict};

const FAULT: &str = "Error: listen EADDRINUSE: address already in use :::3000\n";

#[test]
fn the_exit_status_is_the_verdict() {
    let up =
        "[Nest] 1  - 11/23/2026, 7:02:09 PM     LOG [NestApplication] Nest application successfully started +1ms\n";
    let cases = [(up, "healthy", 0), (FAULT, "failed", 1), ("hello\n", "unknown", 3)];
    for (log, word, code) in cases {
        let run = piped(log.as_bytes(), &["--format", "json"]);
        assert_eq!((verdict(&run.json()), run.code), (word, code), "{log}");
    }
}

#[test]
fn a_degraded_application_fails_unless_told_otherwise() {
    let log = "[Nest] 1  - 11/23/2026, 7:02:00 PM   ERROR [Migration] relation \"core.user\" already exists\nQueryFailedError: relation \"core.user\" already exists\n    at PostgresQueryRunner.query (/app/node_modules/typeorm/driver/postgres/PostgresQueryRunner.js:219:19)\n[Nest] 1  - 11/23/2026, 7:02:09 PM     LOG [NestApplication] Nest application successfully started +1ms\n";
    let run = piped(log.as_bytes(), &["--format", "json"]);
    assert_eq!((verdict(&run.json()), cause(&run.json()), run.code), ("degraded", "migration/relation-exists", 1));
    assert_eq!(piped(log.as_bytes(), &["--fail-on", "failed"]).code, 0);
}

#[test]
fn standard_input_is_a_dash_or_a_pipe() {
    for args in [&["--format", "json"][..], &["-", "--format", "json"][..]] {
        let report = piped(FAULT.as_bytes(), args).json();
        assert_eq!((cause(&report), &report["inputs"][0]["name"]), ("listen/port-in-use", &"<stdin>".into()));
    }
}

#[test]
fn standard_input_may_be_a_file_and_is_read_from_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let first = "worker ready\n";
    let text = first.to_owned() + &"nothing to see here, but a line of some length\n".repeat(800_000) + FAULT;
    fs::write(&path, &text).unwrap();
    assert!(text.len() > 33 << 20, "a file that is read by ranges");
    for at in [0, first.len()] {
        let mut file = fs::File::open(&path).unwrap();
        file.seek(SeekFrom::Start(at.try_into().unwrap())).unwrap();
        let output = command(folder.path()).args(["--format", "json"]).stdin(file).output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let input = &report["inputs"][0];
        assert_eq!((&input["bytes"], &input["name"]), (&(text.len() - at).into(), &"<stdin>".into()));
        assert_eq!((cause(&report), output.status.code()), ("listen/port-in-use", Some(1)));
    }
}

#[test]
fn reports_go_to_files_in_the_format_of_their_names() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app.log"), FAULT).unwrap();
    let args = ["app.log", "-o", "incident.md", "-o", "incident.json", "-o", "incident.txt", "-o", "incident.html"];
    let run = in_folder(folder.path(), &args);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("incident.md").contains("listen/port-in-use") && read("incident.md").starts_with('#'));
    assert!(read("incident.txt").contains("FAILED"));
    assert!(
        read("incident.html").starts_with("<!doctype html>") && read("incident.html").contains("listen/port-in-use")
    );
    let json: serde_json::Value = serde_json::from_str(&read("incident.json")).unwrap();
    assert_eq!(json["schema"], "diagnose.report/1");
    let run = in_folder(folder.path(), &["app.log", "-o", "incident.xyz"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("names no format") && run.stderr.contains("help:"), "{}", run.stderr);
}

#[test]
fn a_dash_is_standard_output_beside_files() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app.log"), FAULT).unwrap();
    let run = in_folder(folder.path(), &["app.log", "-o", "-", "-o", "incident.html"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.starts_with("✗ FAILED") && folder.path().join("incident.html").is_file(), "{}", run.stdout);
    assert!(!folder.path().join("-").exists());
    let run = in_folder(folder.path(), &["app.log", "-o", "-", "--format", "html"]);
    assert!(run.code == 1 && run.stdout.starts_with("<!doctype html>"), "{}", run.stdout);
    let run = in_folder(folder.path(), &["app.log", "-o", "no-folder/incident.html"]);
    assert!(run.code == 2 && run.stderr.contains("cannot be written"), "{}", run.stderr);
}

#[test]
fn mistakes_are_answered_with_the_way_out() {
    let run = diagnose(&["--formt", "json"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--format"), "{}", run.stderr);
    let run = diagnose(&["--profile", "tventy", "README.md"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("twenty"), "{}", run.stderr);
}

/// None of these reaches an engine.
#[test]
fn options_that_cannot_go_together_are_refused() {
    for (args, words) in [
        (&["README.md", "--follow"][..], "--follow is for containers"),
        (&["README.md", "--follow", "--timeout", "5s"], "for containers"),
        (&["--project", "ent", "--follow"], "one container at a time"),
        (&["-c", "a", "-c", "b", "--follow"], "one container at a time"),
        (&["-c", "a", "--since", "5m", "--until", "2h"], "--until lies before --since"),
        (&["bundle", "-c", "a", "--since", "5m", "--until", "2h"], "--until lies before --since"),
    ] {
        let run = diagnose(args);
        assert!(run.code == 2 && run.stderr.contains(words), "{args:?}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn help_and_version_answer_on_standard_output() {
    let help = diagnose(&["--help"]);
    assert_eq!(help.code, 0);
    for word in ["Examples:", "Exit status:", "--format", "rules"] {
        assert!(help.stdout.contains(word), "{word}");
    }
    assert!(help.stdout.lines().all(|line| line.chars().count() <= 130), "{}", help.stdout);
    assert_eq!(diagnose(&["--version"]).code, 0);
}

#[test]
fn colours_only_where_they_are_wanted() {
    assert!(!piped(FAULT.as_bytes(), &[]).stdout.contains('\u{1b}'));
    assert!(piped(FAULT.as_bytes(), &["--color", "always"]).stdout.contains("\u{1b}["));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = || piped(FAULT.as_bytes(), &["--format", "json"]).stdout;
    assert!(once().contains("2024-12-24T09:00:10Z"), "SOURCE_DATE_EPOCH is the time of the report");
    assert_eq!(once(), once());
}
