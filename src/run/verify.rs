//! `diagnose verify`: the documented success criteria, probed live.

use std::io::{self, Write};
use std::thread::sleep;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::cli::{DockerArgs, ListFormat, VerifyArgs};
use crate::container::{ContainerState, Engine, Listener, duration, from_proc, from_ss, sockets};
use crate::detect::Unit;
use crate::diagnosis::{Verdict, diagnose, profile_of};
use crate::report::words::counted;
use crate::report::{Check, Checklist};
use crate::rule::{ProfileFile, RuleSet};
use crate::timeline;

use super::docker::{self, Gathered, explain};
use super::message::Message;
use super::output;
use super::read::Reading;

/// How long a container is watched for.
const WATCH: Duration = Duration::from_secs(3);

/// Probes the criteria and writes the table; gives the exit status.
///
/// # Errors
/// When the engine does not answer or there is no such container.
pub(super) fn run(args: &VerifyArgs, rules: &RuleSet, now: DateTime<Utc>) -> Result<u8, Message> {
    let name = args.container.as_str();
    let engine = docker::connect(name)?;
    let state = engine.inspect(name).map_err(|error| explain(&error, name))?;
    let request = DockerArgs { container: vec![name.to_owned()], ..DockerArgs::default() };
    let gathered = docker::gather(&engine, &request, Reading::new(rules), None, &[])?;
    let profile = profile(rules, &gathered.read.units, &state);
    let subject = Subject { engine: &engine, profile, port: args.port.or_else(|| port(profile, &state)), state };
    let mut checks = vec![subject.stays()?];
    let listener = subject.listener();
    checks.extend(subject.listens(listener.as_ref()));
    checks.extend(subject.health(args, listener.as_ref()));
    checks.extend(args.url.iter().map(|url| subject.url(url)));
    checks.push(subject.log(rules, &gathered));
    let secrets = (!args.no_redact).then_some(gathered.secrets.as_slice());
    let time = now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let list = Checklist::new(&subject.state.name, time, checks, secrets);
    write(&list, args.format)?;
    Ok(u8::from(!list.holds()))
}

fn write(list: &Checklist, format: ListFormat) -> Result<(), Message> {
    let mut bytes = Vec::new();
    let stdout = io::stdout();
    let written = match format {
        ListFormat::Text => list.text(output::width(&stdout), output::unicode(), &mut bytes),
        ListFormat::Json => list.json(&mut bytes),
    };
    output::unless_closed(written.and_then(|()| stdout.lock().write_all(&bytes)))
        .map_err(|error| Message::new(format!("the table cannot be written: {error}")))
}

/// What application it is: by its lines, else by its image.
fn profile<'r>(rules: &'r RuleSet, units: &[Unit], state: &ContainerState) -> Option<&'r ProfileFile> {
    let by_marks = units.iter().filter(|unit| !unit.state).find_map(|unit| timeline::choose(rules, unit));
    by_marks.or_else(|| profile_of(rules, state)).and_then(|index| rules.profiles.get(index))
}

/// The port it should open: what its profile says, else the one it publishes or announces.
fn port(profile: Option<&ProfileFile>, state: &ContainerState) -> Option<u16> {
    let published = state.ports.iter().find(|port| port.protocol == "tcp").map(|port| port.inside);
    profile.and_then(|profile| profile.port).or(published).or_else(|| state.exposed.first().copied())
}

struct Subject<'s> {
    engine: &'s Engine,
    profile: Option<&'s ProfileFile>,
    port: Option<u16>,
    state: ContainerState,
}

impl Subject<'_> {
    fn name(&self) -> &str {
        &self.state.name
    }

    /// Container stays running.
    fn stays(&self) -> Result<Check, Message> {
        let inspect = || self.engine.inspect(&self.state.id).map_err(|error| explain(&error, self.name()));
        let before = inspect()?;
        if before.is_running() {
            sleep(WATCH);
        }
        let after = inspect()?;
        let restarted = after.restart_count != before.restart_count || after.started != before.started;
        let up = after.started.map(|started| duration(Utc::now().timestamp_micros() - started)).unwrap_or_default();
        let measured = match (after.status.as_str(), restarted) {
            ("running", false) => format!("running for {up}, no restart while watched"),
            ("running", true) => format!("restarted while watched ({} restarts)", after.restart_count),
            (status, _) => format!("{status}, exit status {}", after.exit_code),
        };
        Ok(Check {
            criterion: "container stays running".to_owned(),
            ok: after.status == "running" && !restarted,
            measured,
            expected: format!("running, no restart within {} s", WATCH.as_secs()),
            run: format!("docker inspect -f '{{{{.State.Status}}}} {{{{.RestartCount}}}}' {}", self.name()),
        })
    }

    /// The listener on the expected port, the one that others can reach first.
    fn listener(&self) -> Option<Listener> {
        let mut found = self.listeners();
        found.retain(|listener| Some(listener.port) == self.port);
        found.sort_by_key(Listener::is_loopback);
        found.into_iter().next()
    }

    /// What is open inside: by `ss`, else from the kernel's list, read inside or, where the engine is here, from outside.
    fn listeners(&self) -> Vec<Listener> {
        let probe = |command: &[&str]| {
            let answer = self.engine.probe(&self.state.id, command).ok()?;
            (answer.code == 0 || answer.output.contains("local_address")).then_some(answer.output)
        };
        if let Some(text) = probe(&["ss", "-tlnp"]) {
            return from_ss(&text);
        }
        let mut found = match probe(&["cat", "/proc/net/tcp", "/proc/net/tcp6"]) {
            Some(text) => from_proc(&text),
            None => self.engine.listeners(&self.state).unwrap_or_default(),
        };
        let open = probe(&["sh", "-c", "ls -l /proc/[0-9]*/fd 2>/dev/null; true"]).unwrap_or_default();
        let holders = sockets(&open);
        for listener in found.iter_mut().filter(|listener| Some(listener.port) == self.port) {
            listener.pid = listener.inode.and_then(|inode| holders.get(&inode).copied());
            let name = listener.pid.and_then(|pid| probe(&["cat", &format!("/proc/{pid}/comm")]));
            listener.process = name.map(|name| name.trim().to_owned());
        }
        found
    }

    /// Port is listening.
    fn listens(&self, listener: Option<&Listener>) -> Option<Check> {
        let port = self.port?;
        let measured = match listener {
            Some(listener) => {
                let process = listener.process.as_deref().unwrap_or("an unknown process");
                let pid = listener.pid.map(|pid| format!(" as PID {pid}")).unwrap_or_default();
                format!("{process}{pid} listens on {}", listener.address)
            }
            None if self.state.is_running() => "nothing listens".to_owned(),
            None => "the container does not run".to_owned(),
        };
        Some(Check {
            criterion: format!("port {port} is listening"),
            ok: listener.is_some_and(|listener| !listener.is_loopback()),
            measured,
            expected: "a listener that others can reach (0.0.0.0 or ::)".to_owned(),
            run: format!("docker exec {} ss -tlnp | grep :{port}", self.name()),
        })
    }

    /// Health endpoint answers 200: through the published port, by the container's address, else from inside.
    fn health(&self, args: &VerifyArgs, listener: Option<&Listener>) -> Option<Check> {
        let port = self.port?;
        let known = self.profile.and_then(|profile| profile.health_path.as_deref());
        let path = args.path.as_deref().or(known)?;
        let published =
            self.state.ports.iter().find(|known| known.inside == port && known.bound).and_then(|known| known.host);
        let local = self.engine.address.is_local();
        let address = self.state.addresses().next();
        let (url, run) = match (published.filter(|_| local), address.filter(|_| local)) {
            (Some(host), _) => {
                let url = format!("http://localhost:{host}{path}");
                (Some(url.replace("localhost", "127.0.0.1")), format!("curl -fsS {url}"))
            }
            (None, Some(address)) if !listener.is_some_and(Listener::is_loopback) => {
                let url = format!("http://{address}:{port}{path}");
                (Some(url.clone()), format!("curl -fsS {url}"))
            }
            _ => (None, format!("docker exec {} curl -fsS http://localhost:{port}{path}", self.name())),
        };
        let answer = match url {
            _ if !self.state.is_running() => Err("the container does not run".to_owned()),
            Some(url) => self.engine.http(&url),
            None => self.asked_inside(&format!("http://localhost:{port}{path}")),
        };
        Some(Check {
            criterion: format!("{path} answers 200"),
            ok: answer == Ok(200),
            measured: answer.map_or_else(|why| format!("no answer: {why}"), |status| format!("status {status}")),
            expected: "status 200".to_owned(),
            run,
        })
    }

    fn asked_inside(&self, url: &str) -> Result<u16, String> {
        let script = format!(
            "fetch('{url}').then(r=>console.log(r.status),e=>{{console.log(String(e.cause||e));process.exit(1)}})"
        );
        let commands: [&[&str]; 3] = [
            &["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5", url],
            &["wget", "-q", "-O", "/dev/null", "-T", "5", url],
            &["node", "-e", &script],
        ];
        for command in commands {
            let answer = self.engine.probe(&self.state.id, command).map_err(|error| error.to_string())?;
            if matches!(answer.code, 126 | 127) || answer.output.contains("executable file not found") {
                continue;
            }
            let text = answer.output.trim();
            let status = text.lines().last().and_then(|line| line.trim().parse().ok());
            return match (status, answer.code) {
                (Some(status), _) if status > 0 => Ok(status),
                (_, 0) => Ok(200),
                _ => Err(text.lines().last().unwrap_or("no answer").to_owned()),
            };
        }
        Err("the image has neither curl nor wget nor node to ask with".to_owned())
    }

    /// The given URL, through the proxy, without 502.
    fn url(&self, url: &str) -> Check {
        let answer = self.engine.http(url);
        Check {
            criterion: format!("{url} without 502"),
            ok: answer.as_ref().is_ok_and(|status| *status < 500),
            measured: answer.map_or_else(|why| format!("no answer: {why}"), |status| format!("status {status}")),
            expected: "any status below 500".to_owned(),
            run: format!("curl -sS -o /dev/null -w '%{{http_code}}' {url}"),
        }
    }

    /// Log free of active findings.
    fn log(&self, rules: &RuleSet, gathered: &Gathered) -> Check {
        let diagnosis = diagnose(rules, &gathered.read.units, None, &gathered.scene);
        // What a neighbour suffers from besides is not this container's.
        let cause = diagnosis.causes.first().filter(|_| diagnosis.verdict != Verdict::Healthy);
        let rule = cause.and_then(|cause| rules.rules.get(cause.rule));
        let own = |number: usize| gathered.scene.is_asked(gathered.scene.of_source(number));
        let inputs =
            gathered.read.inputs.iter().enumerate().filter(|(number, input)| input.format != "state" && own(*number));
        let lines: u64 = inputs.map(|(_, input)| input.lines).sum();
        let measured = match (rule, diagnosis.verdict) {
            (Some(rule), _) => format!("{} stands", rule.id),
            (None, Verdict::Healthy) => format!("{}, the application reports that it is up", counted(lines, "line")),
            (None, _) => format!("{}, no finding", counted(lines, "line")),
        };
        Check {
            criterion: "log is free of active findings".to_owned(),
            ok: rule.is_none(),
            measured,
            expected: "no finding that still stands".to_owned(),
            run: format!("diagnose --container {}", self.name()),
        }
    }
}
