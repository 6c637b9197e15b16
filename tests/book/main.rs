//! The book keeps its promises: generated pages are fresh, links lead somewhere, commands exist, examples come out as they are told. And what
//! else is made from the command line: completions, manual pages, the version.
#![expect(clippy::unwrap_used, reason = "tests say plainly what they expect")]

mod examples;
mod links;
mod manual;
#[path = "../../examples/book/pages/mod.rs"]
mod pages;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The project's folder.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the program in a folder, nothing on standard input.
fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_diagnose"));
    command.current_dir(folder).env("LANG", "C.UTF-8").env_remove("COLUMNS").env_remove("LC_ALL");
    command.args(args).stdin(Stdio::null()).output().unwrap()
}

/// The Markdown files of the book, below `docs/`, with their texts.
fn book() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["", "rules/"] {
        for entry in fs::read_dir(root().join("docs").join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                let text = fs::read_to_string(root().join("docs").join(folder).join(&name)).unwrap();
                found.push((format!("{folder}{name}"), text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn generated_pages_are_fresh() {
    let pages = pages::all().unwrap();
    assert!(pages.len() > 20, "{} pages", pages.len());
    let help = "run `cargo run --example book` and commit what it writes";
    for page in &pages {
        let written = fs::read_to_string(root().join("docs").join(&page.path)).unwrap_or_default();
        let differs = written.lines().zip(page.text.lines()).position(|(old, new)| old != new);
        let line = differs.unwrap_or_else(|| written.lines().count().min(page.text.lines().count())) + 1;
        assert!(written == page.text, "docs/{} is out of date from line {line} on: {help}", page.path);
    }
    for (path, _) in book().iter().filter(|(path, _)| path.starts_with("rules/")) {
        assert!(pages.iter().any(|page| page.path == *path), "docs/{path} is about an area that is gone: {help}");
    }
}

#[test]
fn every_rule_has_its_section() {
    let pages = pages::all().unwrap();
    let set = diagnose::rule::embedded(&[]).unwrap();
    for rule in &set.rules {
        let page = pages.iter().find(|page| page.path == format!("rules/{}.md", rule.area())).unwrap();
        let section = page.text.split(&format!("\n## {}\n", rule.id)).nth(1).unwrap_or_default();
        let section = section.split("\n## ").next().unwrap_or_default();
        for part in ["*Effect:*", "What to do:", "How to see that it worked:", "Read on:"] {
            assert!(section.contains(part), "{}: {part}", rule.id);
        }
    }
}
