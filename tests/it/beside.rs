//! Several files at a time: the same report as one after the other.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::support::{Run, cause, in_folder, piped};

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A log of about 200 KB that cannot be packed to nothing, with these lines in its middle.
fn log(seed: u32, fault: &str) -> Vec<u8> {
    let mut text = String::new();
    for number in 0..4_000_u32 {
        if number == 2_000 {
            text.push_str(fault);
        }
        text.push_str(&format!(
            "request {number} of {:08x} was answered\n",
            (number + seed).wrapping_mul(2_654_435_761)
        ));
    }
    text.into_bytes()
}

fn write_all(folder: &Path) {
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    let port = log(1, "Error: listen EADDRINUSE: address already in use :::3000\n");
    let database = log(2, "Error: connect ECONNREFUSED 10.0.0.1:5432\n");
    let space = log(3, "write failed: No space left on device\n");
    write("port.log", &port);
    write("database.log.gz", &gzip(&database));
    write("space.zst", &ruzstd::encoding::compress_to_vec(&space[..], ruzstd::encoding::CompressionLevel::Fastest));
    let torn = gzip(&[log(4, "exec /start.sh: exec format error\n"), database].concat());
    write("torn.gz", &torn[..torn.len() / 4 * 3]);
    let wide: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(String::from_utf8(port).unwrap().encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    write("wide.log", &wide);
    write("small.log", b"npm error code ENOENT\n");
    write("empty.log", b"");
    let record =
        |text: &str| format!("{{\"log\":\"{text}\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-26T12:00:00.5Z\"}}\n");
    let records = record("a line of a container").repeat(2_000) + &record("Error: Cannot find module 'express'");
    write("json.log", records.as_bytes());
    fs::create_dir(folder.join("folder")).unwrap();
}

const NAMES: [&str; 10] = [
    "small.log",
    "database.log.gz",
    "missing.log",
    "port.log",
    "torn.gz",
    "folder",
    "space.zst",
    "empty.log",
    "wide.log",
    "json.log",
];

fn run(folder: &Path, names: &[&str], threads: usize, format: &str) -> Run {
    in_folder(folder, &[names, &["--format", format, "--threads", &threads.to_string()]].concat())
}

#[test]
fn several_files_at_a_time_give_what_they_give_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    write_all(folder.path());
    for turn in 0..NAMES.len() {
        let mut names = NAMES;
        names.rotate_left(turn);
        let one = run(folder.path(), &names, 1, "json");
        assert_eq!(one.json()["inputs"].as_array().unwrap().len(), 8);
        assert!(
            one.stdout.contains("ends too early") && one.stderr.contains("folder is a directory"),
            "{}",
            one.stderr
        );
        for threads in [2, 3, 20] {
            let several = run(folder.path(), &names, threads, "json");
            assert_eq!(
                (several.code, several.stderr, several.stdout),
                (one.code, one.stderr.clone(), one.stdout.clone()),
                "{names:?}, {threads} threads"
            );
        }
    }
    let (one, two) = (run(folder.path(), &NAMES, 1, "text"), run(folder.path(), &NAMES, 2, "text"));
    assert_eq!(one.stdout, two.stdout);
}

#[test]
fn when_none_can_be_opened_they_are_named_in_order() {
    let folder = tempfile::tempdir().unwrap();
    write_all(folder.path());
    let one = run(folder.path(), &["missing.log", "folder", "none.log"], 1, "json");
    let two = run(folder.path(), &["missing.log", "folder", "none.log"], 2, "json");
    assert_eq!((one.code, &one.stderr), (2, &two.stderr));
    let two = run(folder.path(), &["port.log", "port.log", "missing.log", "folder"], 2, "json");
    assert_eq!((two.code, cause(&two.json())), (2, "listen/port-in-use"));
    assert!(two.stderr.find("missing.log") < two.stderr.find("folder"), "{}", two.stderr);
}

/// Beyond the first MiB another thread reads: what is decoded, in files and from standard input, whole and torn.
#[test]
fn what_another_thread_reads_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let fault = "Error: listen EADDRINUSE: address already in use :::3000\n";
    let text: Vec<u8> = (0..60).flat_map(|seed| log(seed, if seed % 13 == 12 { fault } else { "" })).collect();
    let packed = gzip(&text);
    let torn = &packed[..packed.len() - packed.len() / 10];
    let utf16: Vec<u8> = String::from_utf8(text).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes) in [("whole", packed.as_slice()), ("torn", torn), ("wide", &utf16)] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let (one, two) = (run(folder.path(), &[name], 1, "json"), run(folder.path(), &[name], 2, "json"));
        assert_eq!((one.code, one.stdout.contains("ends too early")), (1, name == "torn"), "{name}");
        assert!(one.json()["inputs"][0]["bytes"].as_u64().unwrap() > 6 << 20, "{name}");
        assert_eq!((&one.stderr, &one.stdout), (&two.stderr, &two.stdout), "{name}");
        let pipe = |threads: &str| piped(bytes, &["--format", "json", "--threads", threads]).stdout;
        assert_eq!(pipe("1"), pipe("2"), "{name}");
    }
}
