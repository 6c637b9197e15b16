//! What pages show is what the program does.

use std::fs;

use clap::Parser as _;
use diagnose::cli::Cli;
use serde_json::Value;

use super::{book, root, run};

/// The blocks of code of a page, with the word behind their fence.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let inside = text.split("```").skip(1).step_by(2);
    inside.filter_map(|block| block.split_once('\n')).collect()
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap()
}

#[test]
fn every_command_that_is_shown_can_be_typed() {
    let mut typed = 0;
    let mut wrong = Vec::new();
    for (path, text) in book().iter().filter(|(path, _)| !path.starts_with("rules/") && path != "command-line.md") {
        let lines = blocks(text)
            .into_iter()
            .filter(|(word, _)| matches!(*word, "" | "bash"))
            .flat_map(|(_, code)| code.lines());
        for line in lines {
            let ends = ['|', '<', '>', '#', ';', '&', ')'];
            let command =
                line.rsplit_once("| ").map_or(line, |(_, last)| if last.starts_with("diagnose") { last } else { line });
            let Some(command) = command.strip_prefix("diagnose ") else { continue };
            // A variable of a script stands for a value.
            let command = command.replace("\"$timeout\"", "60s");
            let command = command.split("  ").next().unwrap_or_default().split(ends).next().unwrap_or_default();
            typed += 1;
            if let Err(error) = Cli::try_parse_from(std::iter::once("diagnose").chain(command.split_whitespace())) {
                wrong.push(format!("{path}: {line}: {error}"));
            }
        }
    }
    assert!(typed > 25, "the test looks at nothing: {typed} commands");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_worked_example_of_the_ranking_comes_out_as_told() {
    let text = page("ranking.md");
    let logs: Vec<&str> = blocks(&text).into_iter().filter(|(word, _)| *word == "log").map(|(_, log)| log).collect();
    let folder = tempfile::tempdir().unwrap();
    for (name, log) in ["app.log", "nginx.log"].iter().zip(&logs) {
        fs::write(folder.path().join(name), log).unwrap();
    }
    let output = run(folder.path(), &["app.log", "nginx.log", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut found = Vec::new();
    let place = |evidence: &Value| format!("{}:{}", evidence["source"].as_str().unwrap(), evidence["line"]);
    for (index, cause) in report["causes"].as_array().unwrap().iter().enumerate() {
        let name = if index == 0 { "**root cause**" } else { "second cause" };
        found.push((place(&cause["evidence"][0]), cause["rule"].as_str().unwrap(), name));
        for effect in cause["consequences"].as_array().unwrap() {
            found.push((place(&effect["evidence"][0]), effect["rule"].as_str().unwrap(), "consequence"));
        }
    }
    for cleared in report["cleared"].as_array().unwrap() {
        found.push(("app.log:2".to_owned(), cleared["rule"].as_str().unwrap(), "cleared"));
        assert_eq!(place(&cleared["cleared_by"]), "app.log:3");
    }
    assert_eq!(found.len(), 5, "{found:?}");
    for (place, rule, name) in found {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{place}` | [{rule}]("))).unwrap_or_default();
        assert!(row.contains(&format!(" | {name} | ")), "{place} {rule} is {name}; the page says: {row}");
    }
    let reasons: Vec<&str> =
        report["causes"][0]["reasons"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(text.contains(&format!("Why this one      {}", reasons.join(" · "))), "{reasons:?}");
}

#[test]
fn the_pieces_of_the_report_in_the_tutorial_are_real() {
    let sample = "samples/nx-modules-missing/";
    let output = run(&root(), &[&format!("{sample}container.log"), &format!("{sample}nginx-error.log")]);
    let real = String::from_utf8(output.stdout).unwrap().replace(sample, "");
    let text = page("tutorial.md");
    let mut pieces = 0;
    for (_, block) in blocks(&text).into_iter().filter(|(_, block)| !block.starts_with("diagnose ")) {
        for piece in block.split("                    …\n") {
            pieces += 1;
            assert!(real.contains(piece.trim_end()), "{piece}\nis not in\n{real}");
        }
    }
    assert!(pieces >= 5, "{pieces}");
    for (sample, code) in [("silent-background-unknown", 3), ("silent-background-start", 1)] {
        assert!(text.contains(sample));
        let folder = root().join("samples").join(sample);
        let logs: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        let logs: Vec<&str> = logs.iter().map(|path| path.to_str().unwrap()).collect();
        assert_eq!(run(&root(), &logs).status.code(), Some(code), "{sample}");
    }
}

#[test]
fn the_snippets_on_the_page_are_the_files() {
    let text = page("integration.md");
    let shown: Vec<&str> = blocks(&text).into_iter().map(|(_, code)| code).collect();
    let mut files = 0;
    for entry in fs::read_dir(root().join("packaging/snippets")).unwrap() {
        let path = entry.unwrap().path();
        let file = fs::read_to_string(&path).unwrap();
        assert!(shown.contains(&file.as_str()), "docs/integration.md does not show {} as it is", path.display());
        files += 1;
    }
    assert!(files >= 5, "{files}");
}

#[test]
fn the_action_calls_its_script_and_passes_what_it_reads() {
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    let script = fs::read_to_string(root().join("packaging/snippets/action.sh")).unwrap();
    assert!(action.contains("packaging/snippets/action.sh"));
    let mut read = 0;
    for part in script.split("${INPUT_").skip(1) {
        let name: String = part.chars().take_while(char::is_ascii_alphabetic).collect();
        assert!(action.contains(&format!("INPUT_{name}: ")), "the action does not set INPUT_{name}");
        read += 1;
    }
    assert!(read >= 5, "{read}");
}
