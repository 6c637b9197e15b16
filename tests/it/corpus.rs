//! The labelled real logs beside the project, where they are.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{cause, in_folder, root, verdict};

/// The corpus, if it lies beside the project; says so when it does not.
fn corpus() -> Option<PathBuf> {
    let folder = root().join("../shared/corpus");
    if folder.join("truth.jsonl").exists() {
        return Some(folder);
    }
    eprintln!("skipped: there is no ../shared/corpus beside the project");
    None
}

fn cases(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("truth.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Runs one case and says what is wrong with the answer, if anything.
fn wrong(case: &Value, report: &Value) -> Option<String> {
    let (id, blamed, word) = (case["id"].as_str().unwrap(), cause(report), verdict(report));
    let right = case["cause"] == blamed || case["accept"].as_array().unwrap().iter().any(|other| other == blamed);
    let good =
        if case["verdict"] == "healthy" { word == "healthy" && blamed == "none" } else { right && word != "healthy" };
    (!good).then(|| format!("{id}: {word} {blamed}, is {}", case["cause"]))
}

#[test]
fn every_labelled_log_is_judged_right() {
    let Some(folder) = corpus() else { return };
    let mut bad = Vec::new();
    for case in cases(&folder) {
        let mut args: Vec<&str> = case["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
        args.extend(["--format", "json"]);
        let report = in_folder(&folder.join(case["id"].as_str().unwrap()), &args).json();
        bad.extend(wrong(&case, &report));
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn every_form_of_a_log_is_judged_alike() {
    let Some(folder) = corpus() else { return };
    let mut bad = Vec::new();
    let mut forms = 0;
    for case in cases(&folder) {
        let base = folder.join(case["id"].as_str().unwrap());
        for entry in fs::read_dir(&base).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.starts_with("wrapped-") || name.contains("docker-json") {
                forms += 1;
                let mut args = vec![name.as_str()];
                args.extend(
                    case["files"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|file| file.as_str().unwrap())
                        .filter(|file| !["container.log", "server.log", "worker.log"].contains(file)),
                );
                args.extend(["--format", "json"]);
                bad.extend(wrong(&case, &in_folder(&base, &args).json()).map(|what| format!("{name} {what}")));
            }
        }
    }
    assert!(forms > 20, "{forms} forms");
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn the_silent_start_needs_both_logs() {
    let Some(folder) = corpus() else { return };
    let base = folder.join("24a-silent-background-db-auth");
    let report = in_folder(&base, &["container.log", "--format", "json"]).json();
    assert_eq!(verdict(&report), "unknown");
    assert!(report["next"][0]["run"].as_str().unwrap().contains("/tmp/twenty.log"), "{}", report["next"]);
    let report = in_folder(&base, &["container.log", "twenty.log", "--format", "json"]).json();
    assert_eq!((verdict(&report), cause(&report)), ("failed", "postgres/auth-failed"));
    assert_eq!(report["causes"][0]["evidence"][0]["source"], "twenty.log");
}

#[test]
fn a_crash_loop_is_judged_by_its_last_boot_and_tells_of_the_first() {
    let Some(folder) = corpus() else { return };
    let report = in_folder(&folder.join("20a-crash-loop"), &["container.log", "--format", "json"]).json();
    assert_eq!((cause(&report), &report["causes"][0]["boot"]), ("nest/dependency-unresolved", &6.into()));
    assert_eq!(report["timeline"]["boots"][0]["cause"], "postgres/auth-failed");
    let notes = report["notes"].to_string();
    assert!(notes.contains("5 of 6 boots failed for the same reason"), "{notes}");
    assert!(notes.contains("Boot 1 failed for another reason: postgres/auth-failed"), "{notes}");
}
