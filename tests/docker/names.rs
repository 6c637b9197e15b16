//! What users type: unknown names, prefixes of ids, names that are no names.

use crate::answer::{about, diagnose, refuses, report};
use crate::ended::MODULE_MISSING;
use crate::stage::{Stage, must};

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_name_with_the_wrong_dash() {
    let stage = Stage::new("dash");
    let name = stage.start("twenty-crm", &[], &["sleep", "600"]);
    let typed = name.replace("twenty-crm", "twenty_crm");
    refuses(&diagnose(&["--container", &typed]), &[&typed, &name]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_name_with_a_slip_of_the_finger() {
    let stage = Stage::new("slip");
    let name = stage.start("twenty-crm", &[], &["sleep", "600"]);
    let typed = name.replace("twenty-crm", "tewnty-crm");
    refuses(&diagnose(&["--container", &typed]), &[&typed, &name]);
}

/// A service's name is not a container's name: it is suggested, or understood.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_name_of_a_service() {
    let stage = Stage::new("service");
    let network = stage.network("net");
    let service = stage.name("crmservice");
    let options = stage.service(&network, &service, 3000);
    let script = format!("cat >&2 <<'END'\n{MODULE_MISSING}\nEND\nexit 1");
    let name = stage.start("one", &crate::stage::refs(&options), &["sh", "-c", &script]);
    crate::stage::wait(&name, "{{.State.Status}}", "exited");
    let run = diagnose(&["--container", &service, "--format", "json"]);
    if run.code == 2 {
        refuses(&run, &[&service, &name]);
    } else {
        crate::answer::Answer::of(run).blames(&["node/module-missing"]);
    }
}

/// The other containers of the command are still diagnosed; the status is 2, as with a file that cannot be opened.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn one_of_two_names_is_unknown() {
    let stage = Stage::new("half");
    let name = stage.ended("app", &[], &format!("cat >&2 <<'END'\n{MODULE_MISSING}\nEND\nexit 1"));
    let unknown = stage.name("nobody");
    let answer = report(&["--container", &name, "--container", &unknown]);
    assert_eq!(answer.cause(), "node/module-missing", "{:#}", answer.json);
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains(&unknown), "{}", answer.stderr);
}

/// The short id of `docker ps` is as good as the name.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_short_id() {
    let stage = Stage::new("shortid");
    let name = stage.ended("app", &[], &format!("cat >&2 <<'END'\n{MODULE_MISSING}\nEND\nexit 1"));
    let id = must(&["inspect", "--format", "{{.Id}}", &name]);
    let answer = about(id.get(..12).unwrap());
    answer.blames(&["node/module-missing"]);
    answer.container(&name);
}

/// Seventeen ids have two with the same first digit.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_prefix_of_several_ids() {
    let stage = Stage::new("prefix");
    let mut digits: Vec<(char, String)> = Vec::new();
    for number in 0..17 {
        let name = stage.create(&format!("c{number}"), &[], &["true"]);
        let id = must(&["inspect", "--format", "{{.Id}}", &name]);
        digits.push((id.chars().next().unwrap(), name));
    }
    let twice = |digit: char| digits.iter().filter(|(other, _)| *other == digit).count() > 1;
    let digit = digits.iter().map(|(digit, _)| *digit).find(|digit| twice(*digit)).unwrap();
    let run = diagnose(&["--container", &digit.to_string()]);
    refuses(&run, &[]);
    let said = run.stderr.to_lowercase();
    assert!(["ambiguous", "several", "more than one", "multiple"].iter().any(|word| said.contains(word)), "{said}");
}
