//! `diagnose preflight`: every check does what its examples say, and every clean example is clean under all checks.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use diagnose::deploy::tree::Memory;
use diagnose::deploy::{self, Options};
use diagnose::preflight::report::{Asked, Report};
use diagnose::preflight::{self, CheckFile};
use diagnose::report::TextStyle;
use diagnose::rule::{self, RuleSet};

use crate::support::root;

fn checks() -> Vec<(String, CheckFile)> {
    let texts = preflight::embedded_texts().iter();
    texts
        .map(|(path, text)| {
            ((*path).to_owned(), toml::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}")))
        })
        .collect()
}

fn judged(rules: &RuleSet, tree: &Memory) -> Result<Report, String> {
    let deployment = deploy::find(tree, &Options::default())?;
    let checks = preflight::embedded().unwrap();
    Ok(preflight::judge(&checks, &rules.profiles, &deployment, &Asked { service: None, no_redact: true }))
}

#[test]
fn every_check_finds_its_failing_examples() {
    let rules = rule::embedded(&[]).unwrap();
    let mut wrong = Vec::new();
    for (path, check) in checks() {
        for example in &check.failing {
            let tree = Memory { files: example.files.clone(), executable: example.executable.clone() };
            let place = format!("{path}: failing \"{}\"", example.name);
            let report = match judged(&rules, &tree) {
                Ok(report) => report,
                Err(error) => {
                    wrong.push(format!("{place}: {error}"));
                    continue;
                }
            };
            let level = example.severity.unwrap_or(check.severity).word();
            let hit = report.findings.iter().find(|found| {
                found.id == check.id
                    && found.file == example.file
                    && found.line == example.line
                    && found.severity == level
            });
            let Some(hit) = hit else {
                let seen: Vec<String> =
                    report.findings.iter().map(|f| format!("{} {} {}:{}", f.severity, f.id, f.file, f.line)).collect();
                wrong.push(format!("{place}: no {level} at {}:{}, but {seen:#?}", example.file, example.line));
                continue;
            };
            if let Some(cause) = hit.cause.as_ref().filter(|cause| !rules.rules.iter().any(|rule| rule.id == **cause)) {
                wrong.push(format!("{place}: there is no rule {cause}"));
            }
            for text in [&hit.message, &hit.why, &hit.instead] {
                if text.contains('<') && text.contains('>') {
                    wrong.push(format!("{place}: a value is missing in: {text}"));
                }
            }
            let added: Vec<&str> = hit
                .fix
                .iter()
                .flat_map(|fix| fix.diff.lines())
                .filter(|line| line.starts_with('+') && !line.starts_with("+++"))
                .map(|line| &line[1..])
                .collect();
            if let Some(fixed) = &example.fixed
                && added.join("\n") != *fixed
            {
                wrong.push(format!("{place}: the fix is {added:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_clean_example_is_clean_under_all_checks() {
    let rules = rule::embedded(&[]).unwrap();
    let mut wrong = Vec::new();
    for (path, check) in checks() {
        for example in &check.clean {
            let tree = Memory { files: example.files.clone(), executable: example.executable.clone() };
            match judged(&rules, &tree) {
                Ok(report) => wrong.extend(
                    report.findings.iter().filter(|found| found.severity != "note" || found.id == check.id).map(
                        |found| {
                            format!(
                                "{path}: clean \"{}\": {} at {}:{}: {}",
                                example.name, found.id, found.file, found.line, found.message
                            )
                        },
                    ),
                ),
                Err(error) => wrong.push(format!("{path}: clean \"{}\": {error}", example.name)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_is_well_formed() {
    let rules = rule::embedded(&[]).unwrap();
    let known: BTreeSet<&str> = rules.rules.iter().map(|rule| rule.id.as_str()).collect();
    let mut wrong = Vec::new();
    for (path, check) in checks() {
        let mut complain = |what: &str| wrong.push(format!("{path}: {what}"));
        if check.schema != 1 {
            complain("schema is not 1");
        }
        if Path::new(&path) != Path::new("patterns/checks").join(format!("{}.toml", check.id)) {
            complain("the id is not the path");
        }
        if check.text.is_some() == preflight::function(&check.id).is_some() {
            complain("needs either [text] or a function in src/preflight/checks");
        }
        if check.failing.is_empty() || check.clean.is_empty() {
            complain("needs a failing and a clean example");
        }
        if let Some(cause) = &check.cause
            && !known.contains(cause.as_str())
        {
            complain(&format!("there is no rule {cause}"));
        }
        if check.reference.is_empty() && !check.id.starts_with("ignore/") {
            complain("has no [[reference]]");
        }
        if let Some(text) = &check.text
            && let Err(error) = regex::Regex::new(&text.regex)
        {
            complain(&error.to_string());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let files = walk(&root().join("patterns/checks"));
    assert_eq!(files, checks().len(), "the build script has not seen every file");
}

#[test]
fn every_function_has_its_file() {
    let ids: BTreeSet<String> = checks().into_iter().map(|(_, check)| check.id).collect();
    let without: Vec<&str> = preflight::registered().filter(|id| !ids.contains(*id)).collect();
    assert!(without.is_empty(), "functions without patterns/checks/<id>.toml: {without:?}");
}

#[test]
fn advice_for_any_deployment_is_left_out_at_the_terminal_only() {
    let rules = rule::embedded(&[]).unwrap();
    let compose = "services:\n  web:\n    image: nginx:1.27\n".to_owned();
    let tree = Memory { files: [("compose.yaml".to_owned(), compose)].into(), ..Memory::default() };
    let report = judged(&rules, &tree).unwrap();
    assert!(report.findings.iter().any(|found| found.id == "compose/log-rotation"));
    let (mut text, mut markdown) = (Vec::new(), Vec::new());
    preflight::report::text::write(
        &report,
        TextStyle { color: false, width: 80, unicode: true, cut: false },
        &mut text,
    )
    .unwrap();
    preflight::report::markdown::write(&report, &mut markdown).unwrap();
    let (text, markdown) = (String::from_utf8(text).unwrap(), String::from_utf8(markdown).unwrap());
    assert!(text.starts_with("✓ nothing found in 1 file") && !text.contains("log-rotation"), "{text}");
    assert!(markdown.contains("compose/log-rotation"), "{markdown}");
}

#[test]
fn the_message_of_a_required_variable_is_shown_and_no_default_in_it() {
    let rules = rule::embedded(&[]).unwrap();
    let compose = "services:\n  web:\n    image: nginx:1.27\n    environment:\n      APP_SECRET: ${APP_SECRET:?set APP_SECRET in .env}\n      OTHER: ${OTHER:?not ${LAST:-k9qLx2}}\n";
    let tree = Memory {
        files: [("compose.yaml".to_owned(), compose.to_owned()), (".env".to_owned(), "APP_SECRETS=1\n".to_owned())]
            .into(),
        ..Memory::default()
    };
    let report = judged(&rules, &tree).unwrap();
    let told: Vec<&str> = report.findings.iter().map(|found| found.message.as_str()).collect();
    assert!(told.iter().any(|message| message.ends_with("APP_SECRET (set APP_SECRET in .env)")), "{told:?}");
    assert!(told.iter().all(|message| !message.contains("k9qLx2")), "{told:?}");
    assert!(report.findings.iter().any(|found| found.instead.contains("which has APP_SECRETS")), "{report:?}");
}

fn walk(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { walk(&path) } else { 1 }).sum()
}
