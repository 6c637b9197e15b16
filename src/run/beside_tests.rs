use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::*;
use crate::num::{Dice, wide};
use crate::rule::embedded;

/// Lines of all samples, in the names of so many services.
fn log(seed: u64, services: usize, records: usize) -> String {
    let mut files = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples")];
    let mut lines: Vec<String> = Vec::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            files.sort();
        } else if path.extension().is_some_and(|extension| extension == "log") {
            lines.extend(String::from_utf8_lossy(&fs::read(path).unwrap()).lines().map(str::to_owned));
        }
    }
    lines.retain(|line| (10..400).contains(&line.len()));
    let mut dice = Dice(seed);
    let mut text = String::new();
    for _ in 0..records {
        let (service, from) = (dice.below(services), dice.below(lines.len() - 3));
        lines[from..from + 3].iter().for_each(|line| text.push_str(&format!("svc{service}-1  | {line}\n")));
    }
    text
}

/// Everything that comes of some files, and how much is kept of them.
fn gathered(folder: &Path, names: &[&str], threads: usize) -> (String, usize) {
    let rules = embedded(&[]).unwrap();
    let names: Vec<OsString> = names.iter().map(|name| folder.join(name).into_os_string()).collect();
    let mut reading = Reading::new(&rules).with_threads(Some(threads));
    let (rest, opened) = read(&names, &mut reading);
    assert!(opened.is_none() && rest.len() == if threads < 2 { names.len() } else { 0 }, "{} left", rest.len());
    for name in rest {
        reading.add_named(name);
    }
    let (kept, read) = (reading.kept, reading.finish().0);
    (format!("{:#?}\n{:#?}\n{}\n{:#?}", read.units, read.inputs, read.records, read.failed), kept)
}

#[test]
fn what_is_left_out_does_not_depend_on_what_was_believed() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    for (number, (services, records)) in
        [(3, 240), (40, 2500), (9, 320), (60, 5000), (30, 1500), (9, 320)].into_iter().enumerate()
    {
        write(&format!("{number}.log"), &log(wide(number) + 1, services, records));
    }
    let few = ["0.log", "no.log", "2.log", "0.log", "5.log"];
    let names: Vec<&str> =
        few.into_iter().chain(["1.log", "2.log", "0.log", "3.log", "4.log", "5.log", "3.log"]).collect();
    for (names, least, most) in [(&few[..], 0, 3 << 19), (&names[..], 3 << 20, 4 << 20)] {
        let one = gathered(folder.path(), names, 1);
        assert!((least..most).contains(&one.1), "{} bytes are kept", one.1);
        for threads in [2, 16] {
            assert!(gathered(folder.path(), names, threads) == one, "{names:?}, {threads} threads");
        }
    }
}

#[test]
fn what_is_not_read_beside_others_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("small"), "a line\n").unwrap();
    fs::write(path("more"), "a line\n".repeat(40_000)).unwrap();
    let mut large = fs::File::create(path("large")).unwrap();
    (0..36).for_each(|_| large.write_all(&[b'\n'; 1 << 20]).unwrap());
    let rules = embedded(&[]).unwrap();
    let left = |names: &[&str], threads: usize| {
        let names: Vec<OsString> =
            names.iter().map(|name| if *name == "-" { "-".into() } else { path(name).into() }).collect();
        let mut reading = Reading::new(&rules).with_threads(Some(threads));
        let (rest, opened) = read(&names, &mut reading);
        assert_eq!(names.len() - rest.len(), reading.read.inputs.len() + reading.read.failed.len());
        (rest.len(), opened.is_some())
    };
    assert_eq!(left(&["small", "more"], 1), (2, false), "one thread");
    assert_eq!(left(&["more"], 2), (1, false), "one file");
    assert_eq!(left(&["small", "small"], 2), (2, false), "little");
    assert_eq!(left(&["small", "more"], 2), (0, false));
    assert_eq!(left(&["small", "none", "more", "-", "more", "small"], 2), (3, false), "standard input");
    assert_eq!(left(&["more", "small", "large", "more", "small"], 5), (3, true), "a large file");
}
