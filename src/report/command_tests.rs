//! How commands are said in their places.

use super::command::{pieces, said, words};
use super::place::{Place, Site};

fn at(place: Place) -> Site {
    let name = |text: &str| Some(text.to_owned());
    let own = ["crm".to_owned(), "crm-1".to_owned()].to_vec();
    let mut site = Site { place, own, ..Site::default() };
    match place {
        Place::Unit => site.unit = name("crm.service"),
        Place::Pod => {
            site.pod = name("crm-7d9");
            site.namespace = name("prod");
            site.container = name("server");
        }
        _ => site.service = name("crm"),
    }
    site
}

/// A command, and how it is said of a unit of systemd and of a pod.
const TABLE: &[(&str, Option<&str>, Option<&str>)] = &[
    (
        "docker logs --since 2m crm",
        Some("journalctl -u crm.service --since=-2m"),
        Some("kubectl -n prod logs crm-7d9 -c server --since=2m"),
    ),
    (
        "docker logs crm 2>&1 | grep -i redis",
        Some("journalctl -u crm.service -b -n 200 2>&1 | grep -i redis"),
        Some("kubectl -n prod logs crm-7d9 -c server --previous 2>&1 | grep -i redis"),
    ),
    (
        "docker compose logs --tail 50 db",
        Some("journalctl -u UNIT -b -n 50"),
        Some("kubectl -n prod logs POD --previous --tail=50"),
    ),
    (
        "docker exec crm sh -c 'ss -tln; env | grep -i port'",
        Some("sh -c 'ss -tln; env | grep -i port'"),
        Some("kubectl -n prod exec crm-7d9 -c server -- sh -c 'ss -tln; env | grep -i port'"),
    ),
    (
        "docker compose exec db psql -U postgres -c 'SHOW ssl'",
        Some("psql -U postgres -c 'SHOW ssl'"),
        Some("kubectl -n prod exec POD -- psql -U postgres -c 'SHOW ssl'"),
    ),
    (
        "docker compose run --rm --entrypoint printenv crm REDIS_URL",
        Some("printenv REDIS_URL"),
        Some("kubectl -n prod exec crm-7d9 -c server -- printenv REDIS_URL"),
    ),
    (
        "docker run --rm --entrypoint sh IMAGE -c 'ls -l /entrypoint.sh'",
        Some("sh -c 'ls -l /entrypoint.sh'"),
        Some("kubectl run look --rm -it --restart=Never --image=IMAGE --command -- sh -c 'ls -l /entrypoint.sh'"),
    ),
    (
        "docker compose stop worker && docker restart crm",
        Some("systemctl stop UNIT && systemctl restart crm.service"),
        None,
    ),
    (
        "docker compose ps -a && docker compose up -d db",
        Some("systemctl status crm.service && systemctl restart UNIT"),
        Some("kubectl -n prod get pods && kubectl -n prod rollout restart deployment/DEPLOYMENT"),
    ),
    (
        "docker inspect -f '{{.State.ExitCode}}' crm; dmesg -T | tail -3",
        Some("systemctl status crm.service; dmesg -T | tail -3"),
        Some("kubectl -n prod describe pod crm-7d9; dmesg -T | tail -3"),
    ),
    ("docker inspect -f '{{json .Config.Env}}' crm | tr ',' '\\n'", None, None),
    ("docker compose build --no-cache && docker compose up -d", None, None),
    ("docker run --rm -v VOLUME:/v alpine ls -la /v", None, None),
    ("docker system prune -a", None, None),
    ("cp -n .env.example .env", Some("cp -n .env.example .env"), Some("cp -n .env.example .env")),
];

#[test]
fn commands_are_said_in_their_place() {
    for (run, unit, pod) in TABLE {
        assert_eq!(said(run, &at(Place::Unit)).as_deref(), *unit, "{run}");
        assert_eq!(said(run, &at(Place::Pod)).as_deref(), *pod, "{run}");
        assert_eq!(said(run, &at(Place::Docker)).as_deref(), Some(*run), "{run}");
    }
}

#[test]
fn a_build_has_no_container() {
    for (run, expected) in [
        ("docker compose build --no-cache && docker compose up -d", Some("docker compose build --no-cache")),
        ("docker compose build", Some("docker compose build")),
        ("df -h; df -i; docker system df", Some("df -h; df -i; docker system df")),
        ("docker compose up -d db", None),
        ("docker logs --since 2m crm", None),
        ("docker logs crm | grep x", None),
        ("curl -fsS http://localhost/", None),
    ] {
        assert_eq!(said(run, &at(Place::Build)).as_deref(), expected, "{run}");
    }
}

#[test]
fn a_service_of_a_compose_log_is_named_to_compose() {
    for (run, expected) in [
        ("docker logs --tail 5 crm-1", "docker compose logs --tail 5 crm"),
        ("docker exec -it crm-1 sh", "docker compose exec crm sh"),
        ("docker exec crm-1 ls | head", "docker compose exec -T crm ls | head"),
        ("docker restart crm-1", "docker compose restart crm"),
        (
            "docker inspect -f '{{.State.Status}}' crm-1",
            "docker inspect -f '{{.State.Status}}' $(docker compose ps -aq crm)",
        ),
        ("docker cp crm-1:/tmp/a.log .", "docker cp \"$(docker compose ps -aq crm)\":/tmp/a.log ."),
        ("docker compose up -d crm", "docker compose up -d crm"),
        ("docker image prune", "docker image prune"),
    ] {
        assert_eq!(said(run, &at(Place::Compose)).as_deref(), Some(expected));
    }
}

#[test]
fn quotes_hold_operators_together() {
    let texts = |run| pieces(run).into_iter().map(|piece| (piece.operator, piece.text)).collect::<Vec<_>>();
    assert_eq!(texts("a 'b; c' && d | e"), [("", "a 'b; c'"), ("&&", "d"), ("|", "e")]);
    assert_eq!(texts("a \"b \\\" | c\" $(d; e)"), [("", "a \"b \\\" | c\" $(d; e)")]);
    assert_eq!(words("a 'b c' \"d e\"  f\\ g"), ["a", "'b c'", "\"d e\"", "f\\ g"]);
}
