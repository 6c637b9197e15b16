//! The incident of the documentation, complete: a real nginx answers 502, because a real application behind it never opened its port, and
//! its start script hid why in /tmp/twenty.log.

use crate::answer::{about, diagnose, report};
use crate::image;
use crate::stage::{Stage, refs, wait, wait_for_log};

/// The old entrypoint: the application in the background, its output in a file, only waiting in the log.
const ENTRYPOINT: &str = r#"
cat > /usr/bin/yarn <<'END'
#!/bin/sh
exec node -e 'console.error("\n NX   Could not find Nx modules at \"/app\".\n\nHave you run npm/yarn install?\n"); process.exit(1)'
END
chmod +x /usr/bin/yarn
echo "Starting HTTP server..."
echo "No command provided, using default: yarn start"
cd /app && yarn start > /tmp/twenty.log 2>&1 &
echo "Twenty CRM server started in background (PID: $!)"
echo "⏳ Waiting for Twenty CRM server to start..."
for i in 30 60 90; do
  sleep 0.5
  wget -q -O- http://localhost:3000/healthz >/dev/null 2>&1 && { echo "✅ Twenty CRM server is ready"; wait; }
  echo "   Still waiting... ($i/90s)"
done
echo "❌ Twenty CRM server failed to start within 90 seconds"
exec sleep 600"#;

/// nginx in front of an upstream, as its official image logs.
pub(crate) fn nginx(upstream: &str) -> String {
    format!(
        r#"cat > /etc/nginx.conf <<'END'
daemon off;
error_log /dev/stderr notice;
pid /tmp/nginx.pid;
events {{}}
http {{
  access_log /dev/stdout;
  client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi; uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
  server {{
    listen 80;
    server_name api.example.com;
    location / {{ proxy_pass http://{upstream}:3000; proxy_connect_timeout 8s; }}
  }}
}}
END
mkdir -p /var/log/nginx
exec nginx -c /etc/nginx.conf"#
    )
}

/// Starts nginx as a service of the stage's project, and asks it for a page until it has answered 502 three times.
fn ask_in_vain(stage: &Stage, network: &str, upstream: &str) -> String {
    let options = stage.service(network, "nginx", 80);
    let name = stage.start_of(image::web(), "nginx", &refs(&options), &["sh", "-c", &nginx(upstream)]);
    wait_for_log(&name, "start worker process", 1);
    for _ in 0..3 {
        let asked = crate::stage::docker(&["exec", &name, "wget", "-q", "-O-", "http://localhost/welcome"]);
        assert!(asked.stderr.contains("502"), "nginx answers 502, not: {}{}", asked.stdout, asked.stderr);
    }
    wait_for_log(&name, " 502 ", 3);
    name
}

#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn nginx_answers_502_and_the_cause_is_hidden_in_the_application() {
    let stage = Stage::new("gateway");
    let network = stage.network("net");
    let options = stage.service(&network, "twenty-crm", 3000);
    let crm = stage.start_of(image::web(), "twenty-crm", &refs(&options), &["sh", "-c", ENTRYPOINT]);
    wait_for_log(&crm, "failed to start", 1);
    let nginx = ask_in_vain(&stage, &network, "twenty-crm");

    let whole = report(&["--project", &stage.name("")]);
    whole.blames(&["nx/modules-missing"]);
    for rule in ["entrypoint/silent-background", "listen/never-opened", "proxy/upstream-refused"] {
        whole.finds(rule);
    }
    assert_eq!(whole.json["causes"][0]["confidence"], "confirmed");
    assert_eq!(whole.json["application"], "Twenty CRM");
    about(&nginx).blames(&["nx/modules-missing"]).finds("proxy/upstream-refused").says(&[&crm]);
    about(&crm).blames(&["nx/modules-missing"]).finds("entrypoint/silent-background");

    // Documented as "Port 3000 not binding", whose cure is already in place.
    let run = diagnose(&["--container", &nginx]);
    assert_eq!(run.code, 1);
    for word in ["nx/modules-missing", "Port 3000 not binding", "/tmp/twenty.log", "started in the"] {
        assert!(run.stdout.contains(word), "no {word} in {}", run.stdout);
    }
}

/// The application has ended, its address belongs to nobody: no route to host.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_application_behind_nginx_has_ended() {
    let stage = Stage::new("noroute");
    let network = stage.network("net");
    let options = stage.service(&network, "crm", 3000);
    let script = "while ! [ -e /go ]; do sleep 0.1; done
        echo 'error: password authentication failed for user \"crm\"' >&2; exit 1";
    let crm = stage.start_of(image::web(), "crm", &refs(&options), &["sh", "-c", script]);
    let options = stage.service(&network, "nginx", 80);
    let nginx = stage.start_of(image::web(), "nginx", &refs(&options), &["sh", "-c", &nginx("crm")]);
    wait_for_log(&nginx, "start worker process", 1);
    crate::stage::must(&["exec", &crm, "touch", "/go"]);
    wait(&crm, "{{.State.Status}}", "exited");
    crate::stage::docker(&["exec", &nginx, "wget", "-q", "-O-", "http://localhost/welcome"]);
    wait_for_log(&nginx, "GET /welcome", 1);
    about(&nginx).blames(&["postgres/auth-failed"]).says(&[&crm]);
}

/// nginx itself stops: its configuration names a host that no container answers to.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn nginx_does_not_find_its_upstream() {
    let stage = Stage::new("upstream");
    let network = stage.network("net");
    let options = stage.service(&network, "twenty-crm", 3000);
    let server = "require('http').createServer((_, answer) => answer.end('ok')).listen(3000, () => console.log('Server listening on port 3000'))";
    let crm = stage.start_of(image::web(), "twenty-crm", &refs(&options), &["node", "-e", server]);
    wait_for_log(&crm, "listening", 1);
    let options = stage.service(&network, "nginx", 80);
    let nginx = stage.start_of(image::web(), "nginx", &refs(&options), &["sh", "-c", &nginx("twenty_crm")]);
    wait(&nginx, "{{.State.Status}}", "exited");
    about(&nginx).blames(&["proxy/upstream-host-unknown"]).says(&["twenty-crm"]);
}

/// The application listens on loopback only: nginx is refused by a healthy process.
#[test]
#[ignore = "needs a Docker engine: cargo test --test docker -- --ignored"]
fn the_application_listens_on_loopback_only() {
    let stage = Stage::new("loopback");
    let network = stage.network("net");
    let options = stage.service(&network, "crm", 3000);
    let server = "require('http').createServer((_, answer) => answer.end('ok')).listen(3000, '127.0.0.1', () => console.log('Server listening on http://127.0.0.1:3000'))";
    let crm = stage.start_of(image::web(), "crm", &refs(&options), &["node", "-e", server]);
    wait_for_log(&crm, "listening", 1);
    let nginx = ask_in_vain(&stage, &network, "crm");
    about(&nginx).blames(&["listen/wrong-address", "listen/loopback-only"]).finds("proxy/upstream-refused");
}
