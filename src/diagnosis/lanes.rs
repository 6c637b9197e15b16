//! Who asks whom among logs of which no container is known: lines that Compose gathered carry the names of their services.

use crate::record::{before_number, is_of_project};
use crate::rule::{ENDED, RuleFile, RuleSet};

use super::UnitView;
use super::finding::Finding;
use super::scene::{Scene, profile_of, service_of};

/// Areas of rules that tell of others than those in whose lines they stand.
pub(super) const OUTSIDE: [&str; 4] = ["container", "engine", "listen", "proxy"];

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
        let profile = self.views.get(other.unit).and_then(|view| view.program(self.rules));
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

    /// Whether a view is of another program than the one that shows a fault, and none that it is about: what such a program says of itself, that
    /// it came up or that it reached its database, proves nothing there.
    pub(super) fn is_foreign(self, finding: &Finding, rule: &RuleFile, view: &UnitView<'_>) -> bool {
        let Some(own) = self.views.get(finding.unit) else { return false };
        let places = self.scene.of_finding(finding).zip(self.scene.of_source(view.unit.source));
        let names = own.unit.name.as_deref().zip(view.unit.name.as_deref());
        let apart = places.map_or_else(|| names.is_some_and(|(own, other)| own != other), |(own, other)| own != other);
        if !apart || is_server(self.rules, rule, view) {
            return false;
        }
        // A proxy, an engine or a look from outside tells of others; of whom, where it names one.
        if OUTSIDE.contains(&rule.area()) {
            let asked = self.scene.pointer(self.rules, finding).map(|(host, _)| host);
            let meant = |view: &UnitView<'_>| {
                asked.as_deref().zip(view.unit.name.as_deref()).is_some_and(|(host, name)| is(name, host))
            };
            return places.is_none() && !meant(view) && self.views.iter().any(meant);
        }
        // What a server tells of its clients is over with what they say, where only one may be meant.
        let clients = || self.views.iter().filter(|other| !other.unit.state && !other.is_service(self.rules));
        !is_server(self.rules, rule, own) || clients().count() > 1
    }

    /// The service in whose lines a finding stands, or whose end it tells.
    fn name<'f>(&'f self, finding: &'f Finding) -> Option<&'f str> {
        let unit = self.views.get(finding.unit).and_then(|view| view.unit.name.as_deref());
        unit.or_else(|| ENDED.iter().find_map(|name| finding.matched.captures.get(*name)).map(String::as_str))
    }
}

/// Whether a view is of the server that a rule is about.
pub(super) fn is_server(rules: &RuleSet, rule: &RuleFile, view: &UnitView<'_>) -> bool {
    view.program(rules).is_some_and(|profile| profile.service && profile.area() == rule.area())
}

/// Whether a container called so is one of the service that is reached by this name: `crm-db-1` is one of `db`.
pub(super) fn is(container: &str, host: &str) -> bool {
    is_of_project(before_number(container).unwrap_or(container), host) || container == host
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
    fn what_another_program_says_of_itself_heals_nothing() {
        let refused = "api-1   | Error: connect ECONNREFUSED 172.20.0.4:5432\n";
        let up = |name: &str| format!("{name}  | INFO:     Application startup complete.\n");
        let blamed = |behind: &str| first(&[refused, behind].concat());
        for behind in [up("docs-1"), up("api-2"), "docs-1  | Connected to the database\n".to_owned()] {
            assert_eq!(blamed(&behind), "postgres/refused", "{behind}");
        }
        let server = "db-1    | 2026-11-28 08:48:31.118 UTC [1] LOG:  database system is ready to accept connections\n";
        for behind in [up("api-1"), "api-1   | Connected to the database\n".to_owned(), server.to_owned()] {
            assert_eq!(blamed(&behind), "", "{behind}");
        }
    }

    #[test]
    fn who_gave_up_is_healed_by_nobody() {
        let server = "db-1   | 2026-11-28 08:48:31.118 UTC [1] LOG:  database system is ready to accept connections\n";
        let nest = "api-1  | [Nest] 26854  - 11/28/2026, 8:48:38 AM   ERROR [ExceptionHandler] connect ECONNREFUSED 172.31.7.2:5432\n";
        let node = "api-1  | /app/main.js:12\napi-1  |   throw error;\napi-1  |   ^\napi-1  | \napi-1  | Error: connect ECONNREFUSED 172.31.7.2:5432\n\
                    api-1  |     at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)\napi-1  | \napi-1  | Node.js v20.18.1\n";
        for end in [nest, node] {
            assert_eq!(first(&[end, server].concat()), "postgres/refused", "{end}");
            let again = "api-1  | INFO:     Application startup complete.\n";
            assert_eq!(first(&[end, server, again].concat()), "", "{end}");
        }
    }

    #[test]
    fn a_proxy_that_could_not_start_is_healed_by_itself_alone() {
        let refused = "nginx-1  | 2026/11/28 16:38:51 [emerg] 1#1: host not found in upstream \"shop-api\" in /etc/nginx/conf.d/default.conf:5\n";
        let up = "api-1    | 2026-11-28T16:38:52.291Z INFO  listening on http://0.0.0.0:3000\n";
        let again = "nginx-1  | 2026/11/28 16:39:30 [notice] 1#1: start worker process 29\n";
        assert_eq!(first(&[refused, up].concat()), "proxy/upstream-host-unknown");
        assert_eq!(first(&[refused, up, again].concat()), "");
    }

    #[test]
    fn services_printed_one_behind_the_other_are_ordered_by_their_clocks() {
        let refused = "api-1  | 2026-11-28T16:40:05.120Z ERROR connect ECONNREFUSED 172.30.0.11:5432\n";
        let ready = |time: &str| {
            format!("db-1   | 2026-11-28 {time} UTC [1] LOG:  database system is ready to accept connections\n")
        };
        assert_eq!(first(&[refused, &ready("16:39:59.018")].concat()), "postgres/refused", "it was ready before");
        assert_eq!(first(&[refused, &ready("16:40:08.018")].concat()), "");
        assert_eq!(first(&[refused, &ready("16:40:04.300")].concat()), "", "clocks are not that exact");
    }

    #[test]
    fn an_answer_to_something_else_heals_no_request() {
        let up = "web-1  | [2026-11-28 16:42:00 +0000] [1] [INFO] Starting gunicorn 23.0.0\nweb-1  | [2026-11-28 16:42:00 +0000] [1] [INFO] Listening at: http://0.0.0.0:3000 (1)\n";
        let fault = "web-1  | redis.exceptions.ConnectionError: Error -2 connecting to cache-01:6379. Name or service not known.\n";
        let asked = |path: &str, status: u16| {
            format!(
                "web-1  | 172.30.0.13 - - [28/Nov/2026:16:42:04 +0000] \"GET {path} HTTP/1.0\" {status} 265 \"-\" \"curl/7.88.1\"\n"
            )
        };
        let log = [up, fault, &asked("/", 500), &asked("/healthz", 200)].concat();
        assert_eq!(first(&log), "redis/host-unknown");
        assert_eq!(first(&[&log, asked("/", 200).as_str()].concat()), "");
    }

    #[test]
    fn that_a_server_lives_does_not_let_a_client_in_that_comes_again_and_again() {
        let line = |second: u32, text: &str| {
            format!("2026-11-27 22:{:02}:{:02}.101 UTC [{second}] {text}\n", 14 + second / 60, second % 60)
        };
        let up = line(3, "LOG:  database system is ready to accept connections");
        let refused = |times: u32| {
            let all =
                (1..=times).map(|number| line(10 * number, "FATAL:  password authentication failed for user \"shop\""));
            all.collect::<String>()
        };
        let checkpoint = |second: u32| line(second, "LOG:  checkpoint starting: time");
        assert_eq!(first(&[up.clone(), refused(9), checkpoint(99)].concat()), "postgres/auth-failed");
        assert_eq!(first(&[up.clone(), refused(9), checkpoint(140)].concat()), "", "it does not come any more");
        assert_eq!(first(&[up.clone(), refused(2), checkpoint(28)].concat()), "", "somebody mistyped");
        let admitted = line(95, "LOG:  connection authorized: user=shop database=shop");
        assert_eq!(first(&[up, refused(9), admitted].concat()), "");
    }

    #[test]
    fn what_heals_one_service_heals_no_symptom_of_another() {
        let log = "api-1     | [Nest] 7  - 11/28/2026, 8:48:32 AM   ERROR [TypeOrmModule] Unable to connect to the database. Retrying (1)...\n\
                   worker-1  | [2026-11-28 09:13:47,208: ERROR/MainProcess] consumer: Cannot connect to redis://redis:6379/0: Error 111 connecting to redis:6379. Connection refused..\n\
                   worker-1  | [2026-11-28 09:13:52,330: INFO/MainProcess] celery@vm ready.\n";
        assert_eq!(first(log), "postgres/unreachable");
    }

    #[test]
    fn who_ends_is_not_up() {
        let refused = "api-1    | Error: connect ECONNREFUSED 172.20.0.4:6379\n";
        let bye = "redis-1  | 29551:M 28 Nov 2026 09:14:10.548 # Redis is now ready to exit, bye bye...\n";
        assert_eq!(first(&[refused, bye].concat()), "redis/refused");
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
        let named = client.replace("172.30.0.2", "mqtt");
        assert_eq!(first(&[server, &named].concat()), "listen/loopback-only");
        assert_ne!(
            first(&[server, client].concat()),
            "listen/loopback-only",
            "neither a name nor a port tells who is asked"
        );
        let web = "web  | INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)\n";
        let ui = "ui  | Error: connect ECONNREFUSED 172.30.0.2:8000\n";
        assert_eq!(first(&[web, ui].concat()), "listen/loopback-only");
        assert_eq!(first(server), "");
        let late = named.replace("ECONNREFUSED", "ETIMEDOUT");
        assert_ne!(first(&[server, &late].concat()), "listen/loopback-only", "a refusal is meant");
        let broker = ui.replace(":8000", ":5672");
        assert_ne!(first(&[web, &broker].concat()), "listen/loopback-only", "another port is asked");
        let other = web.replace("web", "api");
        assert_ne!(first(&[web, &other, ui].concat()), "listen/loopback-only", "one of two, and nobody is named");
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
