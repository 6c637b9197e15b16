//! Who asks whom among logs of which no container is known: lines that Compose gathered carry the names of their services.

use crate::record::before_number;
use crate::rule::{RuleFile, RuleSet};

use super::UnitView;
use super::finding::Finding;
use super::scene::{Scene, profile_of, service_of};

/// Captures in which a line without a name of its own says whose end it tells.
const ENDED: [&str; 2] = ["name", "command"];

/// The units of the logs, and what is known of containers.
#[derive(Clone, Copy)]
pub(super) struct Lanes<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) scene: &'a Scene,
    pub(super) views: &'a [UnitView<'a>],
}

impl Lanes<'_> {
    /// Whether a finding says that the program does not answer in whose lines the other one stands.
    pub(super) fn asks(self, finding: &Finding, other: &Finding) -> bool {
        let Some(rule) = self.rules.rules.get(finding.rule).filter(|rule| rule.remote) else { return false };
        let told = self.name(other);
        let own = told.is_some() && self.name(finding) == told;
        let known = [finding, other].iter().any(|one| self.scene.of_finding(one).is_some());
        if known || own || (finding.unit == other.unit && told.is_none()) {
            return false;
        }
        let named = self.scene.pointer(self.rules, finding).zip(told).is_some_and(|((host, _), name)| is(name, &host));
        let profile = self.views.get(other.unit).and_then(|view| self.rules.profiles.get(view.profile?));
        named || profile.zip(service_of(self.rules, rule)).is_some_and(|(profile, asked)| profile.id == asked.id)
    }

    /// Whether a finding stands in the lines of the very server that the rule is about.
    pub(super) fn is_of_server(self, finding: &Finding, rule: &RuleFile) -> bool {
        let profile = match self.scene.state_of(finding.matched.first.source) {
            Some(state) => profile_of(self.rules, state),
            None => self.views.get(finding.unit).and_then(|view| view.profile),
        };
        let profile = profile.and_then(|profile| self.rules.profiles.get(profile));
        profile.is_some_and(|profile| profile.service && profile.area() == rule.area())
    }

    /// The service in whose lines a finding stands, or whose end it tells.
    fn name<'f>(&'f self, finding: &'f Finding) -> Option<&'f str> {
        let unit = self.views.get(finding.unit).and_then(|view| view.unit.name.as_deref());
        unit.or_else(|| ENDED.iter().find_map(|name| finding.matched.captures.get(*name)).map(String::as_str))
    }
}

/// Whether a container called so is one of the service that is reached by this name: `crm-db-1` is one of `db`.
fn is(container: &str, host: &str) -> bool {
    let project = before_number(container).unwrap_or(container).strip_suffix(host);
    project.is_some_and(|project| project.is_empty() || project.ends_with(['-', '_'])) || container == host
}

#[cfg(test)]
mod tests {
    use super::super::scene_tests::Stack;
    use super::is;

    fn first(log: &str) -> String {
        let mut stack = Stack::new();
        stack.log(log);
        stack.blamed().into_iter().next().map(|(rule, _)| rule).unwrap_or_default()
    }

    #[test]
    fn who_gets_no_answer_is_not_why_the_other_one_ended() {
        let refused =
            "ui-1       | FetchError: request to http://backend:3000/ failed, reason: getaddrinfo ENOTFOUND backend\n";
        let told = "backend-1  | Fatal: cannot load settings: bad syntax at 3\n";
        for number in ["", "-1"] {
            let ended = |name: &str, code: u8| format!("{name}{number} exited with code {code}\n");
            for behind in [String::new(), ended("ui", 1)] {
                let log = [told, &ended("backend", 3), refused, &behind].concat();
                assert!(matches!(first(&log).as_str(), "process/aborted" | "container/exited"), "{log}");
            }
        }
        let third = "backend-1  | Error: connect ECONNREFUSED 172.20.0.4:5672\n";
        let log = [third, "backend-1 exited with code 1\n", refused, "ui-1 exited with code 1\n"].concat();
        assert_eq!(first(&log), "app/dependency-unreachable", "it got no answer itself");
        assert_eq!(first(&[told, refused, "ui-1 exited with code 1\n"].concat()), "app/dependency-unreachable");
    }

    #[test]
    fn a_server_is_known_by_what_it_is() {
        let server = "mariadb  | 2026-11-28  4:58:12 0 [Note] Starting MariaDB 10.11.19-MariaDB source revision 5843d84 as process 1\n\
                      mariadb  | 2026-11-28  4:58:12 0 [ERROR] Plugin 'InnoDB' registration as a STORAGE ENGINE failed.\n\
                      mariadb  | 2026-11-28  4:58:12 0 [ERROR] Aborting\n";
        let client = "wiki     | PHP Warning:  mysqli::__construct(): (HY000/2002): Connection refused in /srv/db.php on line 41\n";
        assert_eq!(first(&[server, client].concat()), "mysql/start-failed");
        assert_eq!(first(&[client, server].concat()), "mysql/start-failed", "it was on its way to its end");
        assert_eq!(first(client), "mysql/refused");
    }

    #[test]
    fn who_listens_for_itself_alone_is_to_blame_where_another_is_refused() {
        let server = "mqtt         | 1795841886: Starting in local only mode. Connections will only be possible from clients running on this machine.\n\
                      mqtt         | 1795841886: mosquitto version 2.0.11 running\n";
        let client = "zigbee2mqtt  | [2026-11-19 05:41:11] error: z2m: MQTT failed to connect, exiting... (connect ECONNREFUSED 172.30.0.2:1883)\n";
        assert_eq!(first(&[server, client].concat()), "listen/loopback-only");
        assert_eq!(first(server), "");
        let late = client.replace("ECONNREFUSED 172.30.0.2:1883", "ETIMEDOUT 172.30.0.2:1883");
        assert_ne!(first(&[server, &late].concat()), "listen/loopback-only", "a refusal is meant");
        let other = "web  | INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)\n";
        assert_ne!(first(&[server, other, client].concat()), "listen/loopback-only", "one of two, and nobody is named");
    }

    #[test]
    fn a_container_is_one_of_its_service() {
        for (container, host) in [("db", "db"), ("db-1", "db"), ("crm_db_1", "db"), ("crm-db", "db"), ("db-1", "db-1")]
        {
            assert!(is(container, host), "{container} {host}");
        }
        for (container, host) in [("web", "db"), ("tenantdb", "db"), ("db-1", "db-2"), ("db", "crm-db")] {
            assert!(!is(container, host), "{container} {host}");
        }
    }
}
