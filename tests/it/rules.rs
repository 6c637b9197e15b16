//! The rules inside the program: form, examples, and every rule over every other rule's examples.

use std::fs;

use crate::support::{diagnose, in_folder, piped, root};

#[test]
fn every_rule_passes_the_judge_and_the_matrix() {
    let run = diagnose(&["rules", "check"]);
    assert_eq!(
        (run.code, run.stdout.lines().last().unwrap_or_default().contains("all as they should be")),
        (0, true),
        "{}",
        run.stdout
    );
}

#[test]
fn the_list_is_the_catalogue() {
    let run = diagnose(&["rules", "list", "--format", "json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap();
    assert!(rows.len() >= 130, "{} rules", rows.len());
    for row in &rows {
        let id = row["id"].as_str().unwrap();
        assert!(root().join(format!("patterns/{id}.toml")).exists(), "{id}");
        assert_eq!(row["area"].as_str().unwrap(), id.split('/').next().unwrap());
        assert!(["cause", "symptom"].contains(&row["role"].as_str().unwrap()), "{id}");
    }
}

#[test]
fn show_prints_the_rule_and_suggests_near_names() {
    let run = diagnose(&["rules", "show", "nx/modules-missing"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("id"), "{}", run.stdout);
    let run = diagnose(&["rules", "show", "nx/module-missing"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("nx/modules-missing"), "{}", run.stderr);
}

/// One literal of four bytes makes the scan look twice at all that begins like any short one: half as much again of its instructions.
#[test]
fn no_literal_of_the_project_is_shorter_than_five_bytes() {
    let literals = diagnose(&["rules", "literals"]).stdout;
    let short: Vec<&str> = literals.lines().filter(|literal| literal.len() < 5).collect();
    assert!(short.is_empty() && literals.lines().count() > 1_000, "{short:?}");
}

/// Findings that no clause shows (`derived`) are proved by the whole program: their examples are run through it.
#[test]
fn derived_findings_do_what_their_examples_say() {
    let mut proved = 0;
    for id in ["entrypoint/masked-failure", "listen/wrong-port"] {
        let text = fs::read_to_string(root().join(format!("patterns/{id}.toml"))).unwrap();
        let rule: toml::Table = text.parse().unwrap();
        for example in rule["example"].as_array().unwrap() {
            let report = piped(example["log"].as_str().unwrap().as_bytes(), &["--format", "json"]).stdout;
            let expected = example["matches"].as_str();
            assert_eq!(
                report.contains(&format!("\"rule\": \"{id}\"")),
                expected.is_some(),
                "{id} {:?}: {report}",
                example["name"]
            );
            proved += usize::from(expected == Some("derived"));
        }
    }
    assert!(proved >= 2, "{proved}");
}

const GOOD: &str = r#"
schema = 1
id = "own/frobnicator-down"
title = "The frobnicator[ {name}] is down"
severity = "critical"
role = "cause"
summary = "s"
impact = "i"
[match]
any = [ { name = "line", regex = '''frobnicator (?P<name>\w+) has gone away''' } ]
[captures]
name = "which one"
[[remedy]]
step = "start it"
risk = "none"
[[verify]]
run = "frob status"
expect = "up"
[[reference]]
title = "t"
url = "https://example.com"
[[example]]
name = "gone"
matches = "line"
captures = { name = "alpha" }
log = "2026-01-01 00:00:00 ERROR frobnicator alpha has gone away"
[[example]]
name = "back"
matches = false
why = "it came back"
log = "frobnicator alpha is back"
"#;

/// One defect each: what is replaced by what, and words the message must hold.
const DEFECTS: [(&str, &str, &str); 19] = [
    ("schema = 1", "schema = 7", "schema 7 is not known"),
    ("severity =", "severty =", "unknown field `severty`"),
    ("own/frobnicator-down", "own/other", "is not the file's path"),
    ("(?P<name>\\w+)", "(?P<name>\\w+", "unclosed group"),
    ("frobnicator (?P<name>\\w+) has gone away", "(?P<name>\\w+)", "no required literal"),
    ("(?P<name>\\w+)", "(?P<who>\\w+)", "\"who\" is not declared"),
    ("[captures]", "[captures]\nextra = \"e\"", "no clause captures \"extra\""),
    ("role = \"cause\"", "role = \"cause\"\nexplains = [\"no/such\"]", "\"no/such\" is no rule's id"),
    ("matches = \"line\"", "matches = \"lane\"", "there is no alternative \"lane\""),
    ("why = \"it came back\"", "", "needs a why"),
    ("{ name = \"alpha\" }", "{ name = \"beta\" }", "captures name = alpha, not beta"),
    ("[captures]", "[corroborate]\nexit-status = ['1']\n[captures]", "\"exit-status\" is no fact"),
    ("[captures]", "[corroborate]\nexit-code = ['13(7']\n[captures]", "unclosed group"),
    ("[captures]", "[corroborate]\nexit-code = []\n[captures]", "no value for \"exit-code\""),
    ("any = [", "any = [ { name = \"state\", state = { exit = '1' } },", "\"exit\" is no fact"),
    (
        "[match]",
        "[match]\nderived = \"health-probe\"\nall = [ { name = \"two\", contains = \"word\" } ]",
        "exactly one of any",
    ),
    ("risk = \"none\"", "", "missing field `risk`"),
    ("is back", "has gone away", "matches at line 1"),
    ("[[reference]]\ntitle = \"t\"\nurl = \"https://example.com\"", "", "has no [[reference]]"),
];

#[test]
fn the_judge_points_at_each_defect() {
    let folder = tempfile::tempdir().unwrap();
    let area = folder.path().join("own");
    fs::create_dir(&area).unwrap();
    let file = area.join("frobnicator-down.toml");
    fs::write(&file, GOOD).unwrap();
    let run = in_folder(folder.path(), &["rules", "check", "own"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    for (from, to, words) in DEFECTS {
        assert!(GOOD.contains(from), "{from}");
        fs::write(&file, GOOD.replace(from, to)).unwrap();
        let run = in_folder(folder.path(), &["rules", "check", "own"]);
        assert_eq!(run.code, 1, "{words}: {}", run.stdout);
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
        assert!(run.stdout.contains("frobnicator-down.toml:"), "{words}: no place in {}", run.stdout);
    }
}

#[test]
fn a_folder_of_own_rules_is_used() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("own")).unwrap();
    fs::write(folder.path().join("own/frobnicator-down.toml"), GOOD).unwrap();
    fs::write(folder.path().join("app.log"), "ERROR frobnicator alpha has gone away\n").unwrap();
    let run = in_folder(folder.path(), &["app.log", "--patterns", "own", "--format", "json"]);
    assert_eq!(run.json()["causes"][0]["rule"], "own/frobnicator-down", "{}", run.stdout);
    assert_eq!(run.json()["causes"][0]["title"], "The frobnicator alpha is down");
    assert_eq!(run.code, 1);
}

#[test]
fn a_broken_rule_file_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("own")).unwrap();
    fs::write(folder.path().join("own/broken.toml"), "schema = 1\nid = \n").unwrap();
    fs::write(folder.path().join("app.log"), "hello\n").unwrap();
    let run = in_folder(folder.path(), &["app.log", "--patterns", "own"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("broken.toml") && run.stderr.contains("line 2"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_rule_that_could_never_match_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("own")).unwrap();
    fs::write(folder.path().join("app.log"), "ERROR frobnicator alpha has gone away\n").unwrap();
    let regex = r"frobnicator (?P<name>\w+) has gone away";
    assert!(GOOD.contains(regex));
    for (broken, words) in [("frobnicator (", "unclosed group"), ("(?P<name>.*)", "no required literal")] {
        fs::write(folder.path().join("own/frobnicator-down.toml"), GOOD.replacen(regex, broken, 1)).unwrap();
        let run = in_folder(folder.path(), &["app.log", "--patterns", "own"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{broken}");
        assert!(run.stderr.contains("frobnicator-down.toml:") && run.stderr.contains(words), "{}", run.stderr);
    }
}

#[test]
fn a_folder_without_rules_is_not_called_good() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("own")).unwrap();
    let run = in_folder(folder.path(), &["rules", "check", "own"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("no rule in own"), "{}", run.stderr);
}
