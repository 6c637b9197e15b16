//! The samples of the README: what a user sees, word for word.

use crate::support::{diagnose, root};

#[test]
fn every_sample_reads_as_recorded() {
    let mut names: Vec<_> = std::fs::read_dir(root().join("samples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 12, "a dozen real cases: {names:?}");
    for name in names {
        let mut files: Vec<_> = std::fs::read_dir(root().join("samples").join(&name))
            .unwrap()
            .map(|entry| format!("samples/{name}/{}", entry.unwrap().file_name().to_str().unwrap()))
            .collect();
        files.sort();
        for format in ["text", "markdown"] {
            let mut args: Vec<&str> = files.iter().map(String::as_str).collect();
            args.extend(["--format", format]);
            let run = diagnose(&args);
            assert_eq!(run.stderr, "", "{name}");
            insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(format!("{name}.{format}"), format!("{}[exit {}]", without_count(&run.stdout), run.code));
            });
        }
    }
}

/// The same without the number of rules, which says nothing about a sample and grows with every rule.
fn without_count(report: &str) -> String {
    let count = crate::support::diagnose(&["rules", "list", "--format", "json"]).json().as_array().unwrap().len();
    let (shown, hidden) = (format!("{count} rules"), format!("{} rules", "N".repeat(count.to_string().len())));
    assert!(report.contains(&shown), "the footer tells how many rules there are: {shown}");
    report.replace(&shown, &hidden)
}
