//! Who serves in spite of a fault.

use super::link_tests::files;
use super::verdict::Verdict;

#[test]
fn one_request_that_failed_is_not_the_whole() {
    let up = "Server listening on port 3000\nGET /healthz 200 1ms\n";
    let fault =
        "Error: NOAUTH Authentication required.\n    at run (/app/dist/report.js:12:11)\nGET /report 500 12ms\n";
    let verdict = |log: &[&str]| files(&[("api", &log.concat())]).judged().verdict;
    assert_eq!(verdict(&[up, fault, "GET /healthz 200 1ms\n"]), Verdict::Degraded);
    assert_eq!(verdict(&[up, fault]), Verdict::Failed);
    assert_eq!(verdict(&[fault, up]), Verdict::Degraded);
}

#[test]
fn a_server_that_refuses_its_clients_serves() {
    let up = "2026-11-27 22:14:03.201 UTC [1] LOG:  database system is ready to accept connections\n";
    let refused = |second: u32| {
        format!("2026-11-27 22:15:{second}.101 UTC [31] FATAL:  password authentication failed for user \"shop\"\n")
    };
    let refused: String = (10..16).map(refused).collect();
    let verdict = |log: &[&str]| files(&[("db", &log.concat())]).judged().verdict;
    assert_eq!(verdict(&[up, &refused]), Verdict::Degraded);
    assert_eq!(verdict(&[&refused]), Verdict::Failed, "nothing shows that it was up");
    let stopped = "2026-11-27 22:16:03.201 UTC [1] LOG:  database system is shut down\n";
    assert_eq!(verdict(&[up, &refused, stopped]), Verdict::Failed);
}

#[test]
fn a_proxy_that_waits_for_one_path_alone_serves() {
    let up = "2026/11/28 16:38:59 [notice] 1#1: start worker process 30\n";
    let asked = |second: u32, path: &str, status: u16| {
        format!(
            "172.30.0.15 - - [28/Nov/2026:16:39:{second:02} +0000] \"GET {path} HTTP/1.1\" {status} 13 \"-\" \"curl/7.88.1\"\n"
        )
    };
    let verdict = |lines: &[String]| files(&[("nginx", &[up.to_owned(), lines.concat()].concat())]).judged().verdict;
    let slow = [asked(7, "/slow", 504), asked(8, "/orders", 200), asked(11, "/slow", 504)];
    assert_eq!(verdict(&slow), Verdict::Degraded);
    let all = [asked(4, "/orders", 200), asked(7, "/slow", 504), asked(8, "/orders", 504), asked(11, "/slow", 504)];
    assert_eq!(verdict(&all), Verdict::Failed);
}

#[test]
fn a_server_serves_nobody_where_its_client_is_here_and_not_up() {
    let server = "2026-11-27 22:14:03.201 UTC [1] LOG:  database system is ready to accept connections\n\
                  2026-11-27 22:15:10.101 UTC [31] FATAL:  password authentication failed for user \"shop\"\n";
    let client = "[Nest] 1  - 11/27/2026, 10:15:01 PM     LOG [NestFactory] Starting Nest application...\n";
    assert_eq!(files(&[("db", server), ("api", client)]).judged().verdict, Verdict::Failed);
    assert_ne!(files(&[("db", server)]).judged().verdict, Verdict::Failed);
}
