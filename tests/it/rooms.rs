//! Data flows down only: a room may use the rooms above it in this list, never one below.

use std::fs;
use std::path::Path;

use crate::support::root;

/// Rooms from the lowest to the highest; each may use those before it.
const ROOMS: [&str; 15] = [
    "num",
    "record",
    "rule",
    "scan",
    "source",
    "detect",
    "timeline",
    "container",
    "diagnosis",
    "report",
    "bundle",
    "deploy",
    "preflight",
    "cli",
    "run",
];

#[test]
fn no_room_uses_a_room_above_it() {
    let mut edges = 0;
    let mut wrong = Vec::new();
    for (index, room) in ROOMS.iter().enumerate() {
        let src = root().join("src");
        let mut files = Vec::new();
        collect(&src.join(room), &mut files);
        collect(&src.join(format!("{room}.rs")), &mut files);
        assert!(!files.is_empty(), "the room {room} has no files");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for used in text.split("crate::").skip(1) {
                let name: String = used.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let Some(other) = ROOMS.iter().position(|room| *room == name) else { continue };
                edges += 1;
                if other > index {
                    wrong.push(format!("{} uses crate::{name}", file.display()));
                }
            }
        }
    }
    assert!(edges > 20, "the test looks at nothing: {edges} edges");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn files_stay_below_five_hundred_lines() {
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    collect(&root().join("tests"), &mut files);
    assert!(files.len() > 30);
    let long: Vec<_> = files.iter().filter(|file| fs::read_to_string(file).unwrap().lines().count() > 500).collect();
    assert!(long.is_empty(), "{long:?}");
}

fn collect(path: &Path, files: &mut Vec<std::path::PathBuf>) {
    if path.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
        files.push(path.to_owned());
    } else if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), files);
        }
    }
}
