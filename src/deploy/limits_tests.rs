//! Where the limits of a deployment are drawn, and that they are told.

use std::sync::Arc;

use super::find::finder;
use super::tree::Memory;
use super::{Deployment, FaultKind, Options, find};

fn deployment(files: Vec<(&str, String)>) -> Deployment {
    let files = files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect();
    find(&Memory { files, ..Memory::default() }, &Options::default()).unwrap()
}

/// The files of which it is told that something was left out.
fn told(found: &Deployment) -> Vec<&str> {
    let limits = found.faults.iter().filter(|fault| fault.kind == FaultKind::Limit);
    limits.map(|fault| found.files[fault.spot.file].path.as_str()).collect()
}

fn services(count: usize, body: &str) -> String {
    (0..count).fold("services:\n".to_owned(), |text, number| format!("{text}  s{number}: {body}\n"))
}

#[test]
fn a_file_is_parsed_once_and_shared() {
    let found = deployment(vec![
        ("compose.yaml", services(2, "{build: ., entrypoint: [/e.sh], env_file: e.env}")),
        ("Dockerfile", "FROM alpine\nCOPY e.sh /e.sh\n".to_owned()),
        ("e.sh", "#!/bin/sh\nset -e\n".to_owned()),
        ("e.env", "A=1\n".to_owned()),
    ]);
    let [a, b] = found.services.as_slice() else { panic!("{:?}", found.services) };
    assert!(Arc::ptr_eq(&a.dockerfile.as_ref().unwrap().model, &b.dockerfile.as_ref().unwrap().model));
    assert!(Arc::ptr_eq(&a.scripts[0].model, &b.scripts[0].model));
    assert!(Arc::ptr_eq(&a.environment[0], &b.environment[0]));
    assert_eq!(told(&found), [""; 0]);
}

#[test]
fn what_many_services_share_is_looked_at_for_the_first_of_them() {
    let script = format!("#!/bin/sh\n{}", "npm run a | tail\n".repeat(5000));
    let found = deployment(vec![
        ("compose.yaml", services(100, "{image: alpine, volumes: ['./e.sh:/e.sh'], entrypoint: [/e.sh]}")),
        ("e.sh", script),
    ]);
    let looked = found.services.iter().filter(|service| !service.scripts.is_empty()).count();
    assert!((1..100).contains(&looked), "{looked}");
    assert_eq!(told(&found), ["e.sh"]);
}

#[test]
fn variables_that_many_services_share_are_bounded_together() {
    let variables: String = (0..4000).map(|number| format!("V{number}=x\n")).collect();
    let found =
        deployment(vec![("compose.yaml", services(190, "{image: a, env_file: [e.env, e.env]}")), ("e.env", variables)]);
    assert!(found.services[0].environment_complete && found.services[0].environment.len() == 4000);
    assert!(!found.services[189].environment_complete);
    assert_eq!(told(&found), ["e.env"]);
}

#[test]
fn copies_of_a_service_are_bounded() {
    let keys: String = (0..900).map(|number| format!("      K{number}: 1\n")).collect();
    let extending = services(150, "{extends: {service: base}}").replacen("services:\n", "", 1);
    let text = format!("services:\n  base:\n    image: a\n    environment:\n{keys}{extending}");
    let found = deployment(vec![("compose.yaml", text)]);
    assert_eq!(found.services[1].environment.len(), 900);
    assert!(found.services[150].environment.is_empty() && found.partial);
    assert_eq!(told(&found), ["compose.yaml"]);
}

#[test]
fn a_value_that_is_put_in_is_paid_for() {
    let uses: String = (0..1000).map(|number| format!("      K{number}: $A\n")).collect();
    let text = format!("services:\n  a:\n    image: a\n    environment:\n{uses}");
    let found = deployment(vec![("compose.yaml", text), (".env", format!("A={}\n", "x".repeat(60_000)))]);
    let known = found.services[0].environment.iter().filter(|variable| variable.value.as_ref().unwrap().text.is_some());
    assert!((10..1000).contains(&known.count()));
    assert_eq!(told(&found), ["compose.yaml"]);
}

#[test]
fn files_that_are_too_many_are_not_read() {
    let names: Vec<String> = (0..20).map(|number| format!("e{number}.sh")).collect();
    let mounts: Vec<String> = names.iter().map(|name| format!("'./{name}:/{name}'")).collect();
    let compose = format!("services:\n  a: {{image: a, volumes: [{}]}}\n", mounts.join(", "));
    let script = format!("#!/bin/sh\n{}", "#".repeat(900_000));
    let mut files = vec![("compose.yaml", compose)];
    files.extend(names.iter().map(|name| (name.as_str(), script.clone())));
    let found = deployment(files);
    assert!(found.files.len() < 20);
    assert!(found.notes.iter().any(|note| note.contains("e19.sh: it was not read")), "{:?}", found.notes);
}

#[test]
fn long_lists_are_cut() {
    let keys: String = (0..1500).map(|number| format!("      K{number}: 1\n")).collect();
    let text = format!("services:\n  a:\n    image: a\n    environment:\n{keys}");
    let found = deployment(vec![("compose.yaml", text)]);
    assert_eq!(found.services[0].environment.len(), 1000);
    assert_eq!(told(&found), ["compose.yaml"]);
    assert_eq!(found.files[0].place(found.faults[0].spot.range.start).line, 1005);
}

#[test]
fn statements_and_directives_beyond_the_limit_are_told() {
    let variables: String = (0..6000).map(|number| format!("V{number}=x\n")).collect();
    let compose = "services:\n  a: {image: nginx, volumes: ['./n.conf:/etc/nginx/nginx.conf']}\n";
    let words = format!("http {{ server {{ server_name {}; }} }}", "a ".repeat(60_000));
    let found = deployment(vec![("compose.yaml", compose.to_owned()), (".env", variables), ("n.conf", words)]);
    assert_eq!(found.env.len(), 5000);
    assert_eq!(told(&found), [".env", "n.conf"]);
}

#[test]
fn instructions_and_scripts_of_too_many_words_are_told() {
    let built = "services:\n  a: {build: ., entrypoint: [/e.sh]}\n".to_owned();
    let dockerfile = format!("FROM alpine\nCOPY {}/x/\nCOPY e.sh /e.sh\n", "a ".repeat(40_000));
    let found = deployment(vec![
        ("compose.yaml", built),
        ("Dockerfile", dockerfile),
        ("e.sh", format!("#!/bin/sh\necho {}\nexec x\n", "a ".repeat(60_000))),
    ]);
    assert_eq!(found.services[0].scripts.len(), 1);
    assert_eq!(told(&found), ["Dockerfile", "e.sh"]);
}

/// Each with a Dockerfile, a script of a hundred lines, thirty variables, and an environment file that all share.
#[test]
fn fifty_services_are_far_from_every_limit() {
    let mut files = vec![(".env".to_owned(), (0..100).map(|n| format!("SHARED_{n}=value {n}\n")).collect::<String>())];
    let mut compose =
        "x-log: &log {logging: {driver: json-file, options: {max-size: 10m, max-file: '3'}}}\nservices:\n".to_owned();
    for number in 0..50 {
        let variables: String =
            (0..30).map(|n| format!("      NAME_{n}: http://s{n}:${{SHARED_{n}}}/path\n")).collect();
        compose += &format!(
            "  s{number}:\n    <<: *log\n    build: ./s{number}\n    restart: unless-stopped\n    env_file: .env\n    environment:\n{variables}"
        );
        compose += "    ports: ['3000']\n    volumes: [data:/data]\n    depends_on: [s0]\n    healthcheck: {test: curl -f http://localhost:3000/}\n";
        let dockerfile =
            "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\nFROM node:22-slim\n"
                .to_owned()
                + "COPY --from=build /app /app\nCOPY e.sh /e.sh\nENV A=1 B=2\nEXPOSE 3000\nENTRYPOINT [\"/e.sh\"]\nCMD [\"node\", \"main.js\"]\n";
        let script = "#!/bin/sh\nset -eu\n".to_owned()
            + &"if [ -z \"${NAME_1:-}\" ]; then echo \"NAME_1 is missing\" >&2; exit 1; fi\n".repeat(100)
            + "exec \"$@\"\n";
        files.extend([(format!("s{number}/Dockerfile"), dockerfile), (format!("s{number}/e.sh"), script)]);
    }
    files.push(("compose.yaml".to_owned(), compose + "volumes: {data: }\n"));
    let tree = Memory { files: files.into_iter().collect(), ..Memory::default() };
    let finder = finder(&tree, &Options::default()).unwrap();
    assert_eq!(finder.deployment.services.iter().map(|service| service.scripts.len()).sum::<usize>(), 50);
    let used = finder.budget.used();
    assert!(used.iter().all(|part| *part < 500), "{used:?}");
}
