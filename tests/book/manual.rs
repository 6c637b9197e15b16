//! Completions, manual pages and the version: made from the command line's own definition, so they know all of it.

use std::fs;

use clap::CommandFactory as _;
use diagnose::cli::Cli;

use super::{root, run};

fn said(args: &[&str]) -> String {
    let output = run(&root(), args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_version_names_release_commit_and_rules() {
    let version = said(&["--version"]);
    let rules = diagnose::rule::embedded(&[]).unwrap().rules.len();
    let start = format!("diagnose {} (commit ", env!("CARGO_PKG_VERSION"));
    assert!(version.starts_with(&start), "{version}");
    assert!(version.ends_with(&format!(", {rules} rules)\n")), "{version}");
    let commit = version.strip_prefix(&start).and_then(|rest| rest.split(',').next()).unwrap();
    let known = commit.len() >= 12 && commit.chars().all(|letter| letter.is_ascii_hexdigit());
    let given = option_env!("DIAGNOSE_COMMIT").is_some_and(|given| given == commit);
    assert!(known || given || commit == "unknown", "{commit}");
}

#[test]
fn each_shell_gets_every_command_and_flag() {
    let command = Cli::command();
    let flags: Vec<&str> =
        command.get_arguments().filter(|flag| !flag.is_hide_set()).filter_map(|flag| flag.get_long()).collect();
    assert!(flags.len() > 15, "{flags:?}");
    for shell in ["bash", "zsh", "fish"] {
        let text = said(&["completions", shell]);
        for name in command.get_subcommands().map(clap::Command::get_name) {
            assert!(text.contains(name), "{shell}: {name}");
        }
        for flag in &flags {
            let written = if shell == "fish" { format!("-l {flag}") } else { format!("--{flag}") };
            assert!(text.contains(&written), "{shell}: {written}");
        }
    }
    assert_eq!(run(&root(), &["completions", "abacus"]).status.code(), Some(2));
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let page = said(&["man"]);
    for part in [".TH diagnose 1", ".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", "\\-\\-container", "Exit status:"] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("man1");
    said(&["man", "--all", target.to_str().unwrap()]);
    let mut pages: Vec<String> =
        fs::read_dir(&target).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    pages.sort();
    for name in ["diagnose.1", "diagnose-preflight.1", "diagnose-rules-check.1", "diagnose-verify.1"] {
        assert!(pages.iter().any(|page| page == name), "{name} is not in {pages:?}");
    }
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let failed = run(&root(), &["man", "--all", file.to_str().unwrap()]);
    assert_eq!(failed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&failed.stderr).contains("cannot be written"));
}
