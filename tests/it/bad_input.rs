//! Input that is not a log: a clear message, or a report with what could be read. Never a panic, nothing lost, nothing passed through.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::{cause, command, diagnose, in_folder, piped, root, verdict};

const FAULT: &str = "Error: listen EADDRINUSE: address already in use :::3000\n";

#[test]
fn empty_input_is_unknown_and_says_so() {
    let run = piped(b"", &["--format", "json"]);
    assert_eq!((run.code, verdict(&run.json())), (3, "unknown"));
    assert_eq!(run.json()["summary"], "The input is empty");
    assert!(run.json()["next"][0]["run"].as_str().unwrap().contains("docker inspect"));
}

#[test]
fn binary_input_gives_a_report() {
    let mut noise: Vec<u8> =
        (0..200_000_u32).map(|n| u8::try_from((n.wrapping_mul(2_654_435_761)) >> 24).unwrap()).collect();
    noise.extend_from_slice(b"\n");
    noise.extend_from_slice(FAULT.as_bytes());
    let run = piped(&noise, &["--format", "json"]);
    assert_eq!(cause(&run.json()), "listen/port-in-use", "{}", run.stderr);
}

#[test]
fn utf16_is_read_as_text() {
    for big in [false, true] {
        let mut bytes = if big { vec![0xfe, 0xff] } else { vec![0xff, 0xfe] };
        for unit in format!("startinge\u{301}\r\n{FAULT}").encode_utf16() {
            bytes.extend(if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
        }
        let run = piped(&bytes, &["--format", "json"]);
        assert_eq!(cause(&run.json()), "listen/port-in-use");
        assert!(run.json()["inputs"][0]["format"].as_str().unwrap().starts_with("utf-16"));
        assert_eq!(run.json()["causes"][0]["evidence"][0]["line"], 2);
    }
}

#[test]
fn invalid_utf8_is_replaced_and_the_line_is_judged() {
    let run = piped(
        b"caf\xe9 \xff\xfe\nError: listen EADDRINUSE: address already in use :::3000 \xe9\n",
        &["--format", "json"],
    );
    let report = run.json();
    assert_eq!(cause(&report), "listen/port-in-use");
    assert!(report["causes"][0]["evidence"][0]["text"].as_str().unwrap().contains('\u{fffd}'));
}

#[test]
fn a_very_long_line_is_searched_from_end_to_end() {
    let mut text = vec![b'x'; 9_000_000];
    text.extend_from_slice(b" Error: listen EADDRINUSE: address already in use :::3000 ");
    text.extend(vec![b'y'; 9_000_000]);
    let run = piped(&text, &["--format", "json"]);
    let report = run.json();
    assert_eq!(cause(&report), "listen/port-in-use");
    assert_eq!((&report["inputs"][0]["lines"], &report["inputs"][0]["bytes"]), (&1.into(), &text.len().into()));
    assert!(run.stdout.len() < 60_000, "the line is not passed on whole: {}", run.stdout.len());
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn compressed_input_is_recognised_by_content() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.log"), gzip(FAULT.as_bytes())).unwrap();
    let two = [gzip(b"first member\n"), gzip(FAULT.as_bytes())].concat();
    fs::write(folder.path().join("two.txt"), two).unwrap();
    let plain = ruzstd::encoding::compress_to_vec(FAULT.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    fs::write(folder.path().join("three"), [plain.clone(), plain].concat()).unwrap();
    for (name, format, lines) in [("one.log", "gzip", 1), ("two.txt", "gzip", 2), ("three", "zstd", 2)] {
        let report = in_folder(folder.path(), &[name, "--format", "json"]).json();
        assert_eq!(cause(&report), "listen/port-in-use", "{name}");
        assert_eq!(
            (&report["inputs"][0]["format"], &report["inputs"][0]["lines"]),
            (&format.into(), &lines.into()),
            "{name}"
        );
    }
}

#[test]
fn a_truncated_archive_is_diagnosed_as_far_as_it_goes() {
    let mut text = FAULT.as_bytes().to_vec();
    for number in 0..20_000_u32 {
        text.extend_from_slice(format!("line {number} {:x}\n", number.wrapping_mul(2_654_435_761)).as_bytes());
    }
    let mut archive = gzip(&text);
    archive.truncate(archive.len() / 2);
    let run = piped(&archive, &["--format", "json"]);
    let report = run.json();
    assert_eq!((run.code, cause(&report)), (1, "listen/port-in-use"));
    assert!(report["inputs"][0]["incomplete"].as_str().unwrap().contains("ends too early"));
    assert!(report["notes"].as_array().unwrap().iter().any(|note| note.as_str().unwrap().contains("ends too early")));
}

#[test]
fn a_directory_and_a_missing_file_are_named() {
    let run = diagnose(&["src"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("src is a directory") && run.stderr.contains("help:"), "{}", run.stderr);
    let run = diagnose(&["no-such.log"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("there is no file no-such.log"), "{}", run.stderr);
}

#[test]
fn one_unreadable_input_among_others_is_told_and_the_rest_is_diagnosed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.log"), FAULT).unwrap();
    let run = in_folder(folder.path(), &["a.log", "missing.log", "--format", "json"]);
    assert_eq!((run.code, cause(&run.json())), (2, "listen/port-in-use"));
    assert!(run.stderr.contains("missing.log"), "{}", run.stderr);
    assert!(run.json()["notes"].to_string().contains("missing.log"));
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_told_apart() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.log");
    fs::write(&file, FAULT).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&file).is_ok() {
        eprintln!("skipped: this user may read everything (root)");
        return;
    }
    let run = in_folder(folder.path(), &["a.log"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("may not be read"), "{}", run.stderr);
}

#[test]
fn control_sequences_of_a_log_reach_nobody() {
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[31mError: listen EADDRINUSE: address already in use :::3000 \u{1b}[2J\u{202e}dne\u{9b}31m\n";
    for format in ["text", "json", "markdown"] {
        let run = piped(evil.as_bytes(), &["--format", format]);
        assert_eq!(run.code, 1);
        let bad = run.stdout.chars().find(|c| {
            (c.is_control() && !matches!(c, '\n' | '\t'))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert_eq!(bad, None, "{format}: {}", run.stdout.escape_debug());
        assert!(!run.stdout.contains("\\u001b"), "{format}");
    }
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = command(&root())
        .args(["rules", "list"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let run = Command::new(env!("CARGO_BIN_EXE_diagnose"))
        .args(["rules", "list"])
        .stdin(Stdio::null())
        .stdout(fs::OpenOptions::new().write(true).open("/dev/full").unwrap())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(String::from_utf8(run.stderr).unwrap().contains("cannot write"));
}
