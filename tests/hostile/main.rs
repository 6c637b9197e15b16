//! Hostile input: what must hold for any bytes, inputs that once broke it, and runs of the program on what an attacker would write.
//! `fuzz/run` looks for more of them; `tests/hostile/run` has the whole table.
#![expect(unreachable_pub, reason = "fuzz/ takes the same files into a library")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests say plainly what they expect, and why they skip"
)]

mod forms;
mod properties;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// `found/TARGET/NAME` holds what the fuzzer found, word for word.
#[test]
fn past_findings_stay_mended() {
    let files = files_below(&root().join("tests/hostile/found"));
    assert!(files.len() >= 7, "{files:?}");
    for file in files {
        let name = file.parent().and_then(Path::file_name).unwrap().to_str().unwrap();
        let (_, property) = properties::TARGETS.iter().find(|(target, _)| *target == name).expect("a target's folder");
        eprintln!("{}", file.display());
        property(&fs::read(&file).unwrap());
    }
}

/// Each target has its property on every sample, and its file in `fuzz/`.
#[test]
fn samples_have_every_property() {
    let samples: Vec<PathBuf> = files_below(&root().join("samples"));
    assert!(samples.len() > 10, "{samples:?}");
    for (name, property) in properties::TARGETS {
        let target = fs::read_to_string(root().join(format!("fuzz/fuzz_targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("properties::{name}(data)")), "{target}");
        let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is no binary of fuzz/");
        for sample in &samples {
            let bytes = fs::read(sample).unwrap();
            property(&bytes[..bytes.len().min(4096)]);
        }
    }
}

/// The part of the table that takes no time.
#[cfg(target_os = "linux")]
#[test]
fn hostile_runs_end_as_documented() {
    let run = Command::new("python3")
        .arg(root().join("tests/hostile/run"))
        .args(["--quick", "--bin", env!("CARGO_BIN_EXE_diagnose")])
        .output();
    let Ok(run) = run else {
        eprintln!("skipped: there is no python3");
        return;
    };
    let table = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{table}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(table.contains(" cases, 0 failed"), "{table}");
}
