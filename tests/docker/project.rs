//! The neighbours: the fault is in another container than the one that complains.

use crate::answer::{about, diagnose, refuses, report};
use crate::stage::{Stage, inspect, must, refs, wait, wait_for_log};

const ADDRESS: &str = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";

/// PostgreSQL that comes up, and dies of a full disk as soon as the file /go is there.
const DATABASE: &str = r#"
stamp() { date -u '+%Y-%m-%d %H:%M:%S.000 UTC'; }
echo "PostgreSQL Database directory appears to contain a database; Skipping initialization"
echo "$(stamp) [1] LOG:  starting PostgreSQL 15.14 on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit"
echo "$(stamp) [1] LOG:  listening on IPv4 address \"0.0.0.0\", port 5432"
echo "$(stamp) [28] LOG:  database system was shut down at $(stamp)"
echo "$(stamp) [1] LOG:  database system is ready to accept connections"
while ! [ -e /go ]; do sleep 0.1; done
echo "$(stamp) [30] PANIC:  could not write to file \"pg_wal/xlogtemp.30\": No space left on device"
echo "$(stamp) [1] LOG:  WAL writer process (PID 30) was terminated by signal 6: Aborted"
echo "$(stamp) [1] LOG:  terminating any other active server processes"
echo "$(stamp) [1] LOG:  shutting down because restart_after_crash is off"
echo "$(stamp) [1] LOG:  database system is shut down"
exit 1"#;

const CACHE: &str = r#"
stamp() { date -u '+%d %b %Y %H:%M:%S.000'; }
echo "1:C $(stamp) # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo"
echo "1:C $(stamp) # Redis version=7.0.15, bits=64, commit=00000000, modified=0, pid=1, just started"
echo "1:M $(stamp) * Running mode=standalone, port=6379."
echo "1:M $(stamp) # Server initialized"
echo "1:M $(stamp) * Ready to accept connections"
exec sleep 600"#;

/// Lets a container that waits for the file /go go on to its end. An address is free for another container after that.
fn end(name: &str) {
    must(&["exec", name, "touch", "/go"]);
    wait(name, "{{.State.Status}}", "exited");
}

/// A Nest application that, as soon as the file /go is there, is refused by an address, as TypeORM or ioredis words it.
fn server(address: &str, port: u16) -> String {
    let complaint = if port == 6379 {
        format!("[ioredis] Unhandled error event: Error: connect ECONNREFUSED {address}:{port}")
    } else {
        format!(
            "[Nest] 22  - $(stamp)   ERROR [TypeOrmModule] Unable to connect to the database. Retrying ($try)...
Error: connect ECONNREFUSED {address}:{port}"
        )
    };
    format!(
        r#"
stamp() {{ date -u '+%m/%d/%Y, %I:%M:%S %p'; }}
while ! [ -e /go ]; do sleep 0.1; done
echo "[Nest] 22  - $(stamp)     LOG [NestFactory] Starting Nest application..."
for try in 1 2 3; do
cat >&2 <<END
{complaint}
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)
END
done
cat >&2 <<END
[Nest] 22  - $(stamp)   ERROR [ExceptionHandler] connect ECONNREFUSED {address}:{port}
Error: connect ECONNREFUSED {address}:{port}
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)
END
exit 1"#
    )
}

fn proxy(address: &str) -> String {
    format!(
        r#"
stamp() {{ date -u '+%Y/%m/%d %H:%M:%S'; }}
echo "$(stamp) [notice] 1#1: nginx/1.22.1" >&2
echo "$(stamp) [notice] 1#1: start worker process 29" >&2
for i in 1 3 5; do
echo "$(stamp) [error] 29#29: *$i connect() failed (111: Connection refused) while connecting to upstream, client: 172.18.0.1, server: api.example.com, request: \"GET /welcome HTTP/1.1\", upstream: \"http://{address}:3000/welcome\", host: \"api.example.com\"" >&2
echo "172.18.0.1 - - [$(date -u '+%d/%b/%Y:%H:%M:%S +0000')] \"GET /welcome HTTP/1.1\" 502 157 \"-\" \"curl/8.5.0\""
done
exec sleep 600"#
    )
}

/// Proxy, server, database and cache; the database's disk is full. Gives their names in this order.
fn incident(stage: &Stage) -> [String; 4] {
    let network = stage.network("net");
    let begin = |service: &str, port: u16, script: &str| {
        stage.start(service, &refs(&stage.service(&network, service, port)), &["sh", "-c", script])
    };
    let database = begin("database", 5432, DATABASE);
    let cache = begin("cache", 6379, CACHE);
    wait_for_log(&database, "ready to accept", 1);
    let address = inspect(&database, ADDRESS);
    let server = begin("server", 3000, &server(&address, 5432));
    let proxy = begin("proxy", 80, &proxy(&inspect(&server, ADDRESS)));
    end(&database);
    end(&server);
    wait_for_log(&proxy, "502", 3);
    [proxy, server, database, cache]
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn four_containers_and_the_database_is_at_fault() {
    let stage = Stage::new("four");
    let [proxy, server, database, cache] = incident(&stage);
    let answer = report(&["--project", &stage.name("")]);
    answer.blames(&["host/disk-full"]).finds("proxy/upstream-refused");
    for name in [&proxy, &server, &database, &cache] {
        answer.container(name);
    }
    assert_eq!(answer.container(&database)["service"], "database");
    let source = answer.json["causes"][0]["evidence"][0]["source"].as_str().unwrap();
    assert!(source.contains(&database), "the evidence is the database's: {source}");
    assert!(answer.json["containers"].as_array().unwrap().len() == 4, "{:#}", answer.json["containers"]);

    // The same from the server: it is refused by an address whose owner has ended.
    let from_server = about(&server);
    from_server.blames(&["host/disk-full"]).says(&[&database]);
    // And from the proxy, over two steps.
    about(&proxy).blames(&["host/disk-full"]).finds("proxy/upstream-refused");
    // Alone, the server can only say that it was refused.
    let alone = report(&["--container", &server, "--no-neighbours"]);
    alone.blames(&["postgres/refused"]).finds_no("host/disk-full");
    assert_eq!(alone.json["containers"].as_array().unwrap().len(), 1, "{:#}", alone.json["containers"]);
}

/// The text for people names both: who complains, and whose fault it is.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_text_report_leads_from_the_complaint_to_the_fault() {
    let stage = Stage::new("lead");
    let [_, _, database, _] = incident(&stage);
    let run = diagnose(&["--project", &stage.name("")]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    for word in [database.as_str(), "host/disk-full", "xlogtemp"] {
        assert!(run.stdout.contains(word), "no {word} in {}", run.stdout);
    }
}

/// The state of a neighbour is evidence too: its log says nothing.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_neighbour_that_the_kernel_ended() {
    let stage = Stage::new("cacheoom");
    let network = stage.network("net");
    let mut options = stage.service(&network, "cache", 6379);
    options.push("--memory=16m".to_owned());
    // The engine's mark comes a moment after the memory fault: the shell, silent, waits for it.
    let script = format!(
        "exec 2>/dev/null\n{}\ndd if=/dev/zero of=/dev/null bs=200M count=1; sleep 1; exit 137",
        CACHE.replace("exec sleep 600", "while ! [ -e /go ]; do sleep 0.1; done")
    );
    let cache = stage.start("cache", &refs(&options), &["sh", "-c", &script]);
    wait_for_log(&cache, "Ready", 1);
    let address = inspect(&cache, ADDRESS);
    let server =
        stage.start("server", &refs(&stage.service(&network, "server", 3000)), &["sh", "-c", &server(&address, 6379)]);
    end(&cache);
    end(&server);
    about(&server).blames(&["container/oom-killed"]).says(&[&cache]);
}

/// A name that no container has, and one that looks like it.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_name_that_does_not_resolve() {
    let stage = Stage::new("name");
    let network = stage.network("net");
    let database = DATABASE.replace("/go", "/never");
    let database = stage.start("db", &refs(&stage.service(&network, "tenant_db", 5432)), &["sh", "-c", &database]);
    wait_for_log(&database, "ready to accept", 1);
    let script = "cat >&2 <<'END'
[Nest] 22  - 11/26/2026, 7:08:23 PM   ERROR [TypeOrmModule] Unable to connect to the database. Retrying (1)...
Error: getaddrinfo ENOTFOUND tenant-db
    at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:120:26) {
  errno: -3008,
  code: 'ENOTFOUND',
  syscall: 'getaddrinfo',
  hostname: 'tenant-db'
}
END
exit 1";
    let server = stage.start("server", &refs(&stage.service(&network, "server", 3000)), &["sh", "-c", script]);
    wait(&server, "{{.State.Status}}", "exited");
    about(&server).blames(&["postgres/host-unknown"]).says(&["tenant_db"]);
}

/// The database answers by its name, but in another network.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_neighbour_in_another_network_is_not_blamed() {
    let stage = Stage::new("apart");
    let stranger = stage.ended("stranger", &["--expose=5432"], &format!("touch /go; {DATABASE}"));
    let network = stage.network("net");
    let options = stage.service(&network, "server", 3000);
    let server = stage.start("server", &refs(&options), &["sh", "-c", &server("172.31.255.254", 5432)]);
    end(&server);
    let answer = about(&server);
    answer.blames(&["postgres/refused"]).finds_no("host/disk-full");
    assert!(!answer.text().contains(&stranger), "{:#}", answer.json);
}

/// No compose: containers of one user network, found by the address.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn neighbours_without_compose() {
    let stage = Stage::new("plain");
    let network = format!("--network={}", stage.network("net"));
    let database = stage.start("database", &[&network, "--expose=5432"], &["sh", "-c", DATABASE]);
    wait_for_log(&database, "ready to accept", 1);
    let script = server(&inspect(&database, ADDRESS), 5432);
    let server = stage.start("server", &[&network], &["sh", "-c", &script]);
    end(&database);
    end(&server);
    about(&server).blames(&["host/disk-full"]).says(&[&database]);
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_project_that_is_well() {
    let stage = Stage::new("well");
    let network = stage.network("net");
    let database = DATABASE.replace("/go", "/never");
    let scripts = [
        ("database", 5432, database.as_str(), "ready to accept"),
        ("cache", 6379, CACHE, "Ready to accept"),
        ("server", 3000, "echo Nest application successfully started; exec httpd -f -p 3000 -h /www", "started"),
    ];
    for (service, port, script, ready) in scripts {
        let name = stage.start(service, &refs(&stage.service(&network, service, port)), &["sh", "-c", script]);
        wait_for_log(&name, ready, 1);
    }
    report(&["--project", &stage.name("")]).is_healthy();
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn a_project_that_does_not_exist() {
    let stage = Stage::new("shop");
    let network = stage.network("net");
    stage.start("cache", &refs(&stage.service(&network, "cache", 6379)), &["sh", "-c", CACHE]);
    let wrong = stage.name("").replace("-shop", "_shop");
    refuses(&diagnose(&["--project", &wrong]), &[&wrong, &stage.name("")]);
}
