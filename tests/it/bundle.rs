//! `diagnose bundle`: everything to repeat a diagnosis, nothing secret, and nothing of a hostile archive.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use serde_json::Value;

use crate::support::{cause, command, diagnose, in_folder, piped, root, verdict};

const FAULT: &str = "Error: listen EADDRINUSE: address already in use :::3000\n";

/// The tar archive in a bundle.
fn unpacked(bundle: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(bundle).unwrap().read_to_end(&mut tar).unwrap();
    tar
}

fn members(bundle: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let tar = unpacked(bundle);
    let mut archive = tar::Archive::new(tar.as_slice());
    let each = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (name, bytes)
    });
    each.collect()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// Bundles files of a folder; gives the bundle's bytes and the status.
fn bundled(folder: &Path, files: &[&str]) -> (Vec<u8>, i32) {
    let target = tempfile::tempdir().unwrap();
    let path = target.path().join("incident.tar.zst");
    let run = in_folder(folder, &[&["bundle"], files, &["-o", path.to_str().unwrap()]].concat());
    assert_eq!(run.stdout.trim(), path.to_str().unwrap(), "{}", run.stderr);
    assert_eq!(fs::read_dir(target.path()).unwrap().count(), 1, "a temporary file was left");
    (fs::read(path).unwrap(), run.code)
}

/// What must be the same: all but the bytes, which masks change, the masks' count, and the note about the bundle.
fn comparable(mut report: Value) -> Value {
    report["redactions"] = Value::Null;
    // Lines that are left out are not judged again.
    if report["notes"].to_string().contains(" the bundle lacks ")
        || report["coverage"]["lines"].as_u64() > Some(100_000)
    {
        report["coverage"]["records_judged"] = Value::Null;
    }
    report["inputs"].as_array_mut().unwrap().iter_mut().for_each(|input| input["bytes"] = Value::Null);
    report["notes"].as_array_mut().unwrap().retain(|note| {
        let note = note.as_str().unwrap();
        !note.starts_with("Repeated from the bundle") && !note.contains(" the bundle lacks ")
    });
    report
}

/// The bundle's own report, and that of `diagnose` on the bundle, which comes through a pipe and as a file.
#[track_caller]
fn repeats(bundle: &[u8], code: i32) -> Value {
    let report = json(&members(bundle)["report.json"]);
    let run = piped(bundle, &["--format", "json"]);
    assert_eq!(run.code, code, "{}", run.stderr);
    let again = run.json();
    let notes = again["notes"].as_array().unwrap();
    assert!(
        notes
            .iter()
            .any(|note| note.as_str().unwrap().starts_with("Repeated from the bundle <stdin>, made by diagnose "))
    );
    assert_eq!(comparable(again), comparable(report.clone()));
    report
}

#[test]
fn every_sample_is_repeated_from_its_bundle() {
    let mut seen = 0;
    for sample in fs::read_dir(root().join("samples")).unwrap().map(|entry| entry.unwrap().path()) {
        let mut files: Vec<String> =
            fs::read_dir(&sample).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let (bundle, code) = bundled(&sample, &files);
        let report = repeats(&bundle, code);
        let names: Vec<&str> =
            report["inputs"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
        assert_eq!(names, files);
        seen += 1;
    }
    assert!(seen > 10);
}

/// A log of Docker's own, compressed, with colours and a secret.
#[test]
fn envelopes_are_kept_and_peeled_again() {
    let folder = tempfile::tempdir().unwrap();
    let record = |text: &str| {
        let log = serde_json::to_string(&format!("{text}\n")).unwrap();
        format!(
            "{{\"log\":{log},\"stream\":\"stderr\",\"attrs\":{{\"env\":\"A=attrs3cret\"}},\"time\":\"2026-11-26T12:00:00.000000001Z\"}}\n"
        )
    };
    let lines = [
        "PG_DATABASE_URL=postgres://crm:hunter2hunter2@db:5432/default",
        "\u{1b}[31mError: hunter2hunter2 is not accepted\u{1b}[0m",
        "error: password authentication failed for user \"crm\"",
    ];
    let text: String = lines.iter().map(|line| record(line)).collect();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text.as_bytes()).unwrap();
    fs::write(folder.path().join("crm-json.log.gz"), gz.finish().unwrap()).unwrap();
    let (bundle, code) = bundled(folder.path(), &["crm-json.log.gz"]);
    let report = repeats(&bundle, code);
    assert_eq!((cause(&report), verdict(&report)), ("postgres/auth-failed", "failed"));
    assert_eq!(report["inputs"][0]["format"], "gzip+docker-json");
    let members = members(&bundle);
    let log = String::from_utf8(members["logs/01-crm-json.log.gz"].clone()).unwrap();
    assert_eq!(log.lines().count(), 3);
    assert!(
        log.contains(r#"{"log":"Error: [redacted:url-password:1] is not accepted\n","stream":"stderr","time":""#),
        "{log}"
    );
    for (name, bytes) in &members {
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(!text.contains("hunter2hunter2") && !text.contains("attrs3cret"), "{name}: {text}");
        assert!(!text.contains('\u{1b}') && !text.contains("u001b"), "{name}: {text}");
    }
}

#[test]
fn the_manifest_names_every_member_with_its_checksum() {
    let (bundle, _) = bundled(&root().join("samples/nx-modules-missing"), &["container.log", "nginx-error.log"]);
    let members = members(&bundle);
    let manifest = json(&members["manifest.json"]);
    assert_eq!(manifest["schema"], "diagnose.bundle/1");
    assert_eq!(manifest["made_at"], "2024-12-24T09:00:10Z");
    assert_eq!(manifest["arguments"], serde_json::json!(["container.log", "nginx-error.log"]));
    let listed = manifest["members"].as_array().unwrap();
    assert_eq!(listed.len(), members.len() - 1);
    for member in listed {
        let bytes = &members[member["name"].as_str().unwrap()];
        assert_eq!(member["bytes"], bytes.len());
        let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
        let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(member["sha256"], hex.as_str());
    }
    for name in ["README.txt", "report.txt", "report.md", "report.html", "report.json", "logs/01-container.log"] {
        assert!(!members[name].is_empty(), "{name}");
    }
    assert!(String::from_utf8_lossy(&members["README.txt"]).contains("diagnose BUNDLE.tar.zst"));
}

#[test]
fn the_same_inputs_give_the_same_bytes_in_a_private_file() {
    let folder = root().join("samples/port-in-use");
    assert_eq!(bundled(&folder, &["container.log"]), bundled(&folder, &["container.log"]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let target = tempfile::tempdir().unwrap();
        fs::write(target.path().join("app.log"), FAULT).unwrap();
        let run = in_folder(target.path(), &["bundle", "app.log"]);
        assert_eq!((run.code, run.stdout.as_str()), (1, "incident-app-20241224-0900.tar.zst\n"), "{}", run.stderr);
        let meta = fs::metadata(target.path().join("incident-app-20241224-0900.tar.zst")).unwrap();
        assert_eq!(meta.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_pipe_goes_in_and_a_bundle_comes_out() {
    let mut child = command(&root())
        .args(["bundle", "-o", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(FAULT.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report = repeats(&output.stdout, 1);
    assert_eq!((cause(&report), report["inputs"][0]["name"].as_str()), ("listen/port-in-use", Some("<stdin>")));
}

#[test]
fn other_tools_may_pack_it_again() {
    let (bundle, _) = bundled(&root().join("samples/port-in-use"), &["container.log"]);
    let expected = json(&members(&bundle)["report.json"]);
    // gzip, names below a folder, in another order, as `tar -czf x.tar.gz .` does.
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut folder = tar::Header::new_gnu();
    folder.set_entry_type(tar::EntryType::Directory);
    folder.set_size(0);
    tar.append_data(&mut folder, "./", std::io::empty()).unwrap();
    for (name, bytes) in members(&bundle).into_iter().rev() {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(bytes.len()).unwrap());
        tar.append_data(&mut header, format!("./{name}"), bytes.as_slice()).unwrap();
    }
    let packed = tar.into_inner().unwrap().finish().unwrap();
    let run = piped(&packed, &["--format", "json"]);
    assert_eq!(comparable(run.json()), comparable(expected), "{}", run.stderr);
}

/// Of a long log the beginning, the end and the fault in its middle are there; the rest is told of, and every line keeps its number.
#[test]
fn of_a_long_log_what_matters_is_packed() {
    let folder = tempfile::tempdir().unwrap();
    let ordinary =
        |from: u32| (from..from + 100_000).map(|n| format!("chunk {n} was copied to the other side of the pond\n"));
    let text = format!(
        "first line\n{}{FAULT}{}last line\n",
        ordinary(0).collect::<String>(),
        ordinary(100_000).collect::<String>()
    );
    fs::write(folder.path().join("long.log"), &text).unwrap();
    let (bundle, code) = bundled(folder.path(), &["long.log"]);
    let report = repeats(&bundle, code);
    assert_eq!(
        (cause(&report), &report["causes"][0]["evidence"][0]["line"]),
        ("listen/port-in-use", &Value::from(100_002))
    );
    let members = members(&bundle);
    let log = String::from_utf8(members["logs/01-long.log"].clone()).unwrap();
    assert!(log.starts_with("first line\nchunk 0 ") && log.ends_with("last line\n") && log.contains(FAULT));
    assert!(log.len() < 4_300_000 && log.len() > 2_900_000, "{}", log.len());
    let gaps = json(&members["manifest.json"])["inputs"][0]["left_out"].as_array().unwrap().clone();
    assert!(gaps.len() >= 2, "{gaps:?}");
    let missing: u64 = gaps.iter().map(|gap| gap["lines"].as_u64().unwrap()).sum();
    let missing = usize::try_from(missing).unwrap();
    assert_eq!(log.lines().count() - gaps.len() + missing, text.lines().count());
    let after = usize::try_from(gaps[0]["after_line"].as_u64().unwrap()).unwrap();
    let marker = log.lines().nth(after).unwrap();
    assert_eq!(
        marker,
        format!("~~~ {} lines ({} bytes) are not in this bundle ~~~", gaps[0]["lines"], gaps[0]["bytes"])
    );
    let readme = String::from_utf8_lossy(&members["README.txt"]).into_owned();
    assert!(readme.contains(&format!("Of long.log, {missing} lines")), "{readme}");
}

#[test]
fn a_bundle_is_judged_together_with_other_logs() {
    let (bundle, _) = bundled(&root().join("samples/port-in-use"), &["container.log"]);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("b.tar.zst"), &bundle).unwrap();
    fs::write(folder.path().join("more.log"), "nothing\n").unwrap();
    let report = in_folder(folder.path(), &["more.log", "b.tar.zst", "--format", "json"]).json();
    let names: Vec<&str> = report["inputs"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!((cause(&report), names), ("listen/port-in-use", vec!["more.log", "container.log"]));
    let run = in_folder(folder.path(), &["b.tar.zst", "b.tar.zst"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("b.tar.zst is a second bundle"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_done_is_said() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.log"), FAULT).unwrap();
    let run = in_folder(folder.path(), &["bundle", "a.log", "-o", "no/such/folder/x.tar.zst"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("no/such/folder/x.tar.zst cannot be written") && run.stderr.contains("help:"));
    let run = in_folder(folder.path(), &["bundle", "missing.log", "-o", "x.tar.zst"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("there is no file missing.log"), "{}", run.stderr);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something was written");
    let run = in_folder(folder.path(), &["bundle", "a.log", "missing.log", "-o", "x.tar.zst"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    let bundle = fs::read(folder.path().join("x.tar.zst")).expect("what could be read is packed");
    let report = repeats(&bundle, 1);
    assert!(report["notes"].to_string().contains("there is no file missing.log"), "{:#}", report["notes"]);
    let run = diagnose(&["bundle", "--container", "x", "--follow", "-o", "-"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("does not follow"), "{}", run.stderr);
}

#[test]
fn a_broken_bundle_is_refused_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("container.log"), format!("{}{FAULT}", "a line\n".repeat(50_000))).unwrap();
    let (bundle, _) = bundled(folder.path(), &["container.log"]);
    let tar = unpacked(&bundle);
    let changed = {
        let at = tar.windows(10).rposition(|bytes| bytes == b"EADDRINUSE").unwrap();
        let mut tar = tar.clone();
        tar[at] = b'F';
        tar
    };
    let cases: [(&[u8], &str); 4] = [
        (&tar[..tar.len() / 2], "damaged or cut off"),
        (&bundle[..bundle.len() - 50], "damaged or cut off"),
        (&changed, "was changed: logs/01-container.log is not what the manifest says"),
        (&tar[..512], "damaged or cut off"),
    ];
    for (bytes, words) in cases {
        let run = piped(bytes, &[]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{words}: {}", run.stderr);
        assert!(run.stderr.contains(words) && run.stderr.contains("help:"), "{words}: {}", run.stderr);
    }
}

#[test]
fn a_name_that_promises_another_archive_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app.log"), "starting\n").unwrap();
    for name in ["x.tar.gz", "x.ZIP", "x.tar"] {
        let run = in_folder(folder.path(), &["bundle", "app.log", "-o", name]);
        assert_eq!((run.code, folder.path().join(name).exists()), (2, false), "{name}");
        assert!(run.stderr.contains("-o incident.tar.zst"), "{}", run.stderr);
    }
}
