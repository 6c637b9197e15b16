use crate::deploy::tree::Memory;
use crate::deploy::{Condition, Deployment, FaultKind, HealthForm, MountKind, Options, find};

fn deployment(files: &[(&str, &str)]) -> Deployment {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let tree = Memory { files, ..Memory::default() };
    find(&tree, &Options::default()).unwrap()
}

fn faults(found: &Deployment) -> Vec<(FaultKind, String, usize, String)> {
    let fault = |fault: &crate::deploy::Fault| {
        let file = &found.files[fault.spot.file];
        (fault.kind, file.path.clone(), file.place(fault.spot.range.start).line, fault.message.clone())
    };
    found.faults.iter().map(fault).collect()
}

#[test]
fn a_service_is_read_in_long_and_short_forms() {
    let text = r#"
services:
  web:
    image: registry:5000/acme/web:1.2@sha256:00
    command: sh -c "sleep 1 && run"
    entrypoint: ["/entry.sh", "${UNSET_X:-a b}"]
    environment: [A=1, "B=two=2", C]
    ports: ["8080:80", {target: 443, published: "8443", host_ip: 127.0.0.1}]
    volumes: [./src:/app:ro, data:/data, /tmp, {type: bind, source: ./x, target: /x}]
    depends_on: {db: {condition: service_healthy}}
    healthcheck: {test: curl -f http://localhost/, interval: 1m30s, retries: 5, start_period: 10s}
    deploy: {resources: {limits: {memory: 512M}}, replicas: 2}
    networks: {front: {aliases: [www]}}
  db:
    image: postgres
    depends_on: [web]
    environment: {X: true, Y: , Z: "q"}
    mem_limit: 1g
"#;
    let found = deployment(&[("compose.yaml", text)]);
    assert_eq!(faults(&found), Vec::new());
    let web = found.service("web").unwrap();
    assert_eq!(web.image_name(), Some("registry:5000/acme/web"));
    assert_eq!(web.command.as_ref().unwrap().known().unwrap(), ["sh", "-c", "sleep 1 && run"]);
    assert_eq!(web.entrypoint.as_ref().unwrap().known().unwrap(), ["/entry.sh", "a b"]);
    assert_eq!((web.env("A"), web.env("B"), web.env("C")), (Some("1"), Some("two=2"), None));
    assert_eq!(found.slice(&web.variable("B").unwrap().spot), "\"B=two=2\"");
    let a = web.variable("A").unwrap().value.as_ref().unwrap();
    assert_eq!(found.slice(&a.spot), "1");
    assert_eq!((web.ports[0].host, web.ports[1].host), (Some((8080, 8080)), Some((8443, 8443))));
    assert_eq!(
        web.volumes.iter().map(|mount| mount.kind).collect::<Vec<_>>(),
        [MountKind::Bind, MountKind::Volume, MountKind::Anonymous, MountKind::Bind]
    );
    assert_eq!(web.volumes[0].path.as_deref(), Some("src"));
    assert_eq!(web.depends_on[0].condition, Condition::Healthy);
    let health = web.healthcheck.as_ref().unwrap();
    assert_eq!((health.form, health.budget().as_secs()), (HealthForm::Shell, 460));
    assert_eq!(web.memory.as_ref().unwrap().bytes, Some(512 << 20));
    assert_eq!(web.networks[0].aliases[0].raw, "www");
    let db = found.service("db").unwrap();
    assert_eq!((db.env("X"), db.env("Y"), db.env("Z")), (Some("true"), None, Some("q")));
}

#[test]
fn variables_come_from_the_env_file_alone() {
    let env = "TAG=1.0\nEMPTY=\nNAME=x-${TAG}\n";
    let text = "services:\n  a:\n    image: app:${TAG}\n    hostname: $NAME\n    user: ${NOPE}\n    working_dir: ${EMPTY:-/d}\n    command: echo $$HOME $HOME\n    restart: ${MUST:?say it}\n";
    let found = deployment(&[("compose.yaml", text), (".env", env)]);
    let a = found.service("a").unwrap();
    assert_eq!(a.image.as_ref().unwrap().known(), Some("app:1.0"));
    assert_eq!(a.hostname.as_ref().unwrap().known(), Some("x-1.0"));
    assert_eq!(a.working_dir.as_ref().unwrap().known(), Some("/d"));
    assert_eq!(a.user.as_ref().unwrap().known(), None);
    let file = || "compose.yaml".to_owned();
    assert_eq!(
        faults(&found),
        [
            (FaultKind::Unset, file(), 5, "NOPE".to_owned()),
            (FaultKind::Required, file(), 8, "MUST (say it)".to_owned())
        ]
    );
}

#[test]
fn overrides_are_merged_as_compose_does() {
    let base = "services:\n  a:\n    image: x\n    command: [one, two]\n    environment: [A=1, B=1]\n    ports: ['80:80']\n    volumes: ['data:/d']\n    depends_on: [b]\n  b:\n    image: y\n    ports: ['81:81']\nvolumes: {data: }\n";
    let over = "services:\n  a:\n    command: three\n    environment: {B: '2'}\n    ports: ['90:90']\n    volumes: ['./e:/d']\n    depends_on: {c: {condition: service_started}}\n  b:\n    ports: !reset []\n  c:\n    image: z\n";
    let found = deployment(&[("docker-compose.yml", base), ("docker-compose.override.yml", over)]);
    assert_eq!(faults(&found), Vec::new());
    let a = found.service("a").unwrap();
    assert_eq!(a.command.as_ref().unwrap().known().unwrap(), ["three"]);
    assert_eq!((a.env("A"), a.env("B"), a.ports.len()), (Some("1"), Some("2"), 2));
    assert_eq!(a.volumes.iter().map(|mount| mount.kind).collect::<Vec<_>>(), [MountKind::Bind]);
    assert_eq!(a.depends_on.iter().map(|d| d.service.as_str()).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(found.service("b").unwrap().ports.len(), 0);
    assert_eq!(found.files[found.service("c").unwrap().spot.file].path, "docker-compose.override.yml");
}

#[test]
fn include_and_extends_count_paths_from_their_own_folders() {
    let found = deployment(&[
        (
            "compose.yaml",
            "include: [db/compose.yaml]\nservices:\n  web:\n    extends: {file: common/base.yaml, service: app}\n    environment: {B: '2'}\n",
        ),
        (
            "db/compose.yaml",
            "services:\n  db:\n    image: postgres:${PG}\n    env_file: pg.env\n    volumes: ['./init:/docker-entrypoint-initdb.d']\n",
        ),
        ("db/.env", "PG=16\n"),
        ("db/pg.env", "POSTGRES_PASSWORD=x\n"),
        ("common/base.yaml", "services:\n  app:\n    build: .\n    environment: {A: '1', B: '1'}\n"),
        ("common/Dockerfile", "FROM scratch\n"),
    ]);
    assert_eq!(faults(&found), Vec::new());
    let (web, db) = (found.service("web").unwrap(), found.service("db").unwrap());
    assert_eq!((web.env("A"), web.env("B")), (Some("1"), Some("2")));
    assert_eq!(web.build.as_ref().unwrap().folder.as_deref(), Some("common"));
    assert_eq!(web.dockerfile.as_ref().map(|d| found.files[d.file].path.as_str()), Some("common/Dockerfile"));
    assert_eq!((db.image.as_ref().unwrap().known(), db.env("POSTGRES_PASSWORD")), (Some("postgres:16"), Some("x")));
    assert_eq!(db.volumes[0].path.as_deref(), Some("db/init"));
}

#[test]
fn what_compose_refuses_has_its_place() {
    for (text, line, words) in [
        ("services:\n  a:\n    imge: x\n", 3, "did you mean `image`"),
        ("service:\n  a:\n    image: x\n", 1, "did you mean `services`"),
        ("services:\n  a:\n    image: x\n    ports: 80\n", 4, "ports must be a list, not a single value"),
        ("services:\n  a: nginx\n", 2, "must be a map"),
        ("services:\n  a:\n    image: x\n    healthcheck: {test: [curl, x]}\n", 4, "begins with `curl`"),
        (
            "services:\n  a:\n    image: x\n    healthcheck:\n      test: [NONE]\n      interval: 30\n",
            6,
            "needs a unit",
        ),
        ("services:\n  a:\n    image: x\n    ports: ['80:http']\n", 4, "is no port"),
        ("services:\n  a:\n    image: x${\n", 3, "is written `$$`"),
        ("services:\n  a:\n    image: x\n    mem_limit: lots\n", 4, "is no size"),
        ("services:\n  a:\n    image: x\n    depends_on:\n      b: {condition: healthy}\n", 5, "is no condition"),
        ("services:\n  a:\n    image: x\n    command: sh -c 'x\n", 4, "is not closed"),
        ("services:\n  a:\n    extends: b\n  b:\n    extends: a\n", 3, "extends itself"),
        ("include: [compose.yaml]\nservices: {}\n", 1, "includes itself"),
        ("services:\n  a:\n    extends: nope\n", 3, "no service nope"),
    ] {
        let found = deployment(&[("compose.yaml", text)]);
        let all = faults(&found);
        assert!(all.iter().any(|fault| fault.2 == line && fault.3.contains(words)), "{text}: {all:?}");
    }
}

#[test]
fn hostile_includes_end() {
    let twice = |n: usize| format!("include: [c{n}.yaml, ./c{n}.yaml]\nservices: {{}}\n");
    let names: Vec<(String, String)> = (0..40)
        .map(|n| (if n == 0 { "compose.yaml".to_owned() } else { format!("c{n}.yaml") }, twice(n + 1)))
        .collect();
    let files: Vec<(&str, &str)> = names.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let found = deployment(&files);
    assert!(found.faults.iter().any(|fault| fault.kind == FaultKind::Limit || fault.kind == FaultKind::Compose));
}

#[test]
fn a_broken_file_still_gives_the_services_before_the_fault() {
    let found =
        deployment(&[("compose.yaml", "services:\n  a:\n    image: x\n  b:\n    image: \"y\n    ports: [1]\n")]);
    assert!(found.partial && found.service("a").is_some());
    assert_eq!(faults(&found)[0].0, FaultKind::Yaml);
}
