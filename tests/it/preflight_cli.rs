//! `diagnose preflight` as a user runs it.

use std::fs;

use crate::support::{in_folder, root};

const COMPOSE: &str = r#"services:
  web:
    image: acme/web:1.0
    depends_on:
      - rediss
    environment:
      DATABASE_URL: postgres://shop:hunter2-Tr0ub4dor@localhost:5432/shop
      SESSION_SECRET: ${SESSION_SECRET}
  redis:
    image: redis
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: hunter2-Tr0ub4dor
"#;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn text_shows_place_caret_reason_and_fix_and_no_secret() {
    let folder = folder(&[("compose.yaml", COMPOSE), (".env", "SESSION_SECRET=9c1f77aa03e2b4d8\n")]);
    let run = in_folder(folder.path(), &["preflight"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    for part in [
        "error The service web depends on \"rediss\", which is no service; did you mean \"redis\"?",
        "--> compose.yaml:5:9",
        "    5 │       - rediss\n      │         ^^^^^^",
        "+      - redis",
        "@localhost:5432/shop",
        "later     diagnose would call it postgres/refused",
    ] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
    for format in ["text", "json", "markdown", "sarif"] {
        let run = in_folder(folder.path(), &["preflight", "--format", format]);
        assert!(!run.stdout.contains("hunter2") && !run.stdout.contains("9c1f77"), "{}", run.stdout);
        assert_eq!(run.code, 1);
    }
    let open = in_folder(folder.path(), &["preflight", "--no-redact"]);
    assert!(open.stdout.contains("hunter2"), "{}", open.stdout);
}

/// A piece of a secret is one too: neither a message, nor a line that is not understood, nor a change of masks alone tells it.
#[test]
fn pieces_of_secrets_are_not_told() {
    let compose = "services:\n  web:\n    image: acme/web:1.0\n    env_file: .env\n    environment:\n      ADMIN_PASS: kettle$seven4x\n      \
                   DATABASE_URL: postgres://shop:oak/leaf77@db:5432/shop\n  db:\n    image: postgres:16\n";
    let env = "DB_PASSWORD=kettle$Lantern9\nAPI KEY=meadow33x\n=copper66x\nX='zephyr99x\n";
    let folder = folder(&[("compose.yaml", compose), (".env", env)]);
    for format in ["text", "json", "markdown", "sarif"] {
        let run = in_folder(folder.path(), &["preflight", "--format", format]);
        for piece in ["seven4x", "Lantern9", "meadow33x", "copper66x", "zephyr99x", "leaf77"] {
            assert!(!run.stdout.contains(piece), "{format}: {piece}\n{}", run.stdout);
        }
        assert!(!run.stdout.contains("+      DATABASE_URL"), "{}", run.stdout);
    }
    let run = in_folder(folder.path(), &["preflight"]);
    assert!(run.stdout.contains("behind the dollar (character 7"), "{}", run.stdout);
}

#[test]
fn the_exit_status_tells_errors_from_warnings_and_from_nothing_read() {
    let clean = folder(&[("compose.yaml", "services: { web: { image: \"nginx:1.27\" } }\n")]);
    let warned = folder(&[
        ("compose.yaml", "services: { web: { image: \"nginx:1.27\", hostname: \"$NOPE\" } }\n"),
        (".env", "A=1\n"),
    ]);
    for (folder, code, verdict) in [(&clean, 0, "clean"), (&warned, 0, "warnings")] {
        let run = in_folder(folder.path(), &["preflight", ".", "--format", "json"]);
        assert_eq!((run.code, run.json()["verdict"].as_str()), (code, Some(verdict)), "{}", run.stdout);
    }
    let empty = folder(&[]);
    for args in [&["preflight"][..], &["preflight", "nowhere"], &["preflight", "--compose", "nope.yaml"]] {
        let run = in_folder(empty.path(), args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}");
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains("help: "), "{}", run.stderr);
    }
    let run = in_folder(clean.path(), &["preflight", "--service", "wep"]);
    assert!(run.code == 2 && run.stderr.contains("one of: web"), "{}", run.stderr);
}

#[test]
fn json_keeps_the_contract() {
    let schema: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(root().join("docs/preflight-v1.schema.json")).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = folder(&[("compose.yaml", COMPOSE), (".env", "SESSION_SECRET=x\n")]);
    let report = in_folder(folder.path(), &["preflight", "--format", "json"]).json();
    let errors: Vec<String> = validator.iter_errors(&report).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let finding = &report["findings"][0];
    assert!(report["findings"].as_array().unwrap().iter().any(|found| found["fix"]["edits"][0]["text"] == "redis"));
    let mut broken = report.clone();
    broken["findings"][0]["severity"] = "fatal".into();
    assert!(!validator.is_valid(&broken), "{finding}");
}

#[test]
fn files_are_written_in_the_format_of_their_names() {
    let folder = folder(&[("deploy/compose.yaml", COMPOSE)]);
    let run = in_folder(
        folder.path(),
        &["preflight", "deploy", "-o", "a.json", "-o", "a.md", "-o", "a.sarif", "-o", "a.txt"],
    );
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("a.json").contains("diagnose.preflight/1"));
    assert!(read("a.md").starts_with("# Preflight: ") && read("a.md").contains("```diff"));
    assert!(read("a.sarif").contains("\"2.1.0\""));
    assert!(read("a.txt").starts_with("✗ "));
    let run = in_folder(folder.path(), &["preflight", "deploy", "-o", "b.json", "-o", "-"]);
    assert!(run.code == 1 && run.stdout.starts_with("✗ "), "{}{}", run.stdout, run.stderr);
    assert_eq!(read("b.json"), read("a.json"));
    let run = in_folder(folder.path(), &["preflight", "deploy", "-o", "a.html"]);
    assert!(run.code == 2 && run.stderr.contains("names no format"), "{}", run.stderr);
    let run = in_folder(folder.path(), &["preflight", "deploy", "-o", "a.xml"]);
    assert!(run.code == 2 && run.stderr.contains("names no format"), "{}", run.stderr);
}

#[test]
fn a_named_file_brings_its_folder() {
    let folder = folder(&[
        ("deploy/prod.yaml", "services: { web: { build: ., env_file: web.env } }\n"),
        ("deploy/more.yaml", "services: { web: { image: \"web:1\", depends_on: [nope] } }\n"),
        ("deploy/Dockerfile", "FROM nginx:1.27\n"),
        ("deploy/web.env", "A=1\n"),
    ]);
    let args = ["preflight", "--compose", "deploy/prod.yaml", "--compose", "deploy/more.yaml", "--format", "json"];
    let run = in_folder(folder.path(), &args);
    let report = run.json();
    let ids: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|found| found["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"compose/depends-unknown") && !ids.contains(&"form/file-missing"), "{}", run.stdout);
    let files: Vec<&str> =
        report["inputs"].as_array().unwrap().iter().map(|input| input["file"].as_str().unwrap()).collect();
    assert!(files.contains(&"Dockerfile") && files.contains(&"prod.yaml"), "{files:?}");
}

#[test]
fn broken_and_hostile_files_end_with_a_place_and_the_others_are_read() {
    let deep: String = (0..2_500).map(|level| format!("{}a:\n", " ".repeat(level % 700))).collect();
    let huge = format!("services:\n{}", "# x\n".repeat(3 << 20));
    for (text, codes) in [
        ("services:\n  web:\n    image: \"nginx\n    build: app\n", &[1][..]),
        ("\0\u{1}\u{2}", &[1, 2]),
        (&deep, &[0, 1]),
        (&"[".repeat(20_000), &[0, 1]),
        (&huge, &[2]),
        ("", &[2]),
        ("# nothing\nversion: '3'\n", &[2]),
        ("include: [compose.yaml, ./compose.yaml]\n", &[1]),
    ] {
        let folder = folder(&[("compose.yaml", text), ("app/Dockerfile", "FROM nginx:1.27\n")]);
        let run = in_folder(folder.path(), &["preflight", "--format", "json"]);
        let shown: String = text.chars().take(40).collect();
        assert!(codes.contains(&run.code), "{shown:?}: {} {}{}", run.code, run.stdout, run.stderr);
    }
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("docker-compose.yml")).unwrap();
    let run = in_folder(folder.path(), &["preflight"]);
    assert!(run.code == 2 && run.stderr.contains("it is a folder"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn pipes_and_loops_of_links_are_not_followed() {
    let folder = folder(&[("compose.yaml", "services: { web: { image: \"nginx:1.27\", env_file: [loop, pipe] } }\n")]);
    std::os::unix::fs::symlink("loop", folder.path().join("loop")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status();
    let run = in_folder(folder.path(), &["preflight", "--format", "json"]);
    let missing = run.json()["findings"].as_array().unwrap().iter().filter(|f| f["id"] == "form/file-missing").count();
    assert_eq!(missing, 2, "{made:?} {}", run.stdout);
}

#[test]
fn ignored_findings_are_told_and_do_not_fail() {
    let text = "services:\n  web:\n    image: nginx:1.27\n    # diagnose: ignore compose/depends-unknown started by hand\n    depends_on: [db]\n";
    let folder = folder(&[("compose.yaml", text)]);
    let run = in_folder(folder.path(), &["preflight"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(
        run.stdout.contains("compose/depends-unknown at compose.yaml:5 is ignored: started by hand"),
        "{}",
        run.stdout
    );
}
