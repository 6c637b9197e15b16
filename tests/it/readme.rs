//! The README keeps its promises: its report is what the program prints, its rule passes the judge, its commands exist.

use std::fs;

use crate::support::{diagnose, in_folder, root};

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

#[test]
fn the_report_on_the_first_screen_is_the_real_one() {
    let readme = readme();
    let start = readme.find("✗ FAILED").expect("the README shows a report");
    let shown = readme[start..].split("\n  …\n").next().unwrap();
    assert!(shown.lines().count() > 20);
    let sample = "samples/nx-modules-missing/";
    let run = diagnose(&[&format!("{sample}container.log"), &format!("{sample}nginx-error.log")]);
    assert_eq!(run.code, 1);
    let real = run.stdout.replace(sample, "");
    assert!(real.starts_with(shown.trim_end()), "{real}");
}

#[test]
fn the_finding_of_preflight_in_it_is_the_real_one() {
    let readme = readme();
    let shown = readme.split("$ diagnose preflight examples/deployment\n").nth(1).unwrap().split("```").next().unwrap();
    let run = diagnose(&["preflight", "examples/deployment"]);
    assert_eq!(run.code, 1);
    for part in shown.split("  …\n") {
        assert!(run.stdout.contains(part.trim_end()), "{part}\nis not in\n{}", run.stdout);
    }
}

#[test]
fn the_rule_in_it_passes_the_judge() {
    let readme = readme();
    let rule = readme.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("my-rules/shop")).unwrap();
    fs::write(folder.path().join("my-rules/shop/licence-expired.toml"), rule).unwrap();
    let run = in_folder(folder.path(), &["rules", "check", "my-rules"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
}

#[test]
fn every_linked_file_exists() {
    let readme = readme();
    let links: Vec<&str> = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() >= 5, "{links:?}");
    for link in links {
        assert!(root().join(link).exists(), "{link}");
    }
}
