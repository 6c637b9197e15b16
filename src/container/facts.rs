//! A [`ContainerState`] as the text that rules see and reports show: one `fact: value` a line, in the order of `rule::FACTS`.

use chrono::{DateTime, SecondsFormat};

use super::state::{ContainerState, Health};

/// Longest command that is shown, in characters: a whole script can be one.
const COMMAND: usize = 200;
/// Longest answer of a probe that is shown, in characters.
const ANSWER: usize = 300;
/// Answers of the probe that are shown.
const ANSWERS: usize = 2;
/// Events that are shown.
const EVENTS: usize = 8;
/// Listeners that are shown.
const LISTENERS: usize = 12;
/// How far before the end of a run an event still belongs to it, in microseconds: the grace of a slow stop.
const BEFORE: i64 = 600_000_000;

/// The facts of a state at a moment (microseconds since 1970, UTC).
#[must_use]
pub fn facts(state: &ContainerState, now: i64) -> String {
    let mut lines = Lines(String::new());
    lines.add("name", &state.name);
    lines.add("service", state.service.as_deref().unwrap_or_default());
    lines.add("image", &state.image);
    lines.add("command", &cut(&one_line(&state.command.join(" ")), COMMAND));
    lines.add("status", &state.status);
    if state.status != "running" && state.status != "paused" {
        lines.add("exit-code", &exit_code(state.exit_code));
    }
    let killed = match state.oom_killed {
        true if state.was_oom_killed_before(now) => "true, in a run before this one",
        true => "true",
        false => "false",
    };
    lines.add("oom-killed", killed);
    lines.add("engine-error", &one_line(&state.error));
    lines.add("started", &state.started.map(rfc3339).unwrap_or_default());
    let ended = state.finished.filter(|_| state.has_ended());
    lines.add("finished", &ended.map(rfc3339).unwrap_or_default());
    if let Some(started) = state.started {
        match ended {
            Some(finished) => lines.add("ran", &duration(finished - started)),
            None if state.is_running() => lines.add("up", &duration(now - started)),
            None => {}
        }
    }
    lines.add("restart-count", &state.restart_count.to_string());
    lines.add("restart-policy", &state.restart_policy);
    lines.add("memory-limit", &state.memory_limit.map_or_else(|| "none".to_owned(), bytes));
    if let Some(health) = &state.health {
        probe(health, &mut lines);
    }
    for event in recent(state) {
        lines.add("event", &format!("{} ({})", event.what, rfc3339(event.time)));
    }
    ports(state, &mut lines);
    for mount in &state.missing_mounts {
        lines.add("missing-mount", mount);
    }
    if state.status == "running" && state.restart_count > 0 {
        lines.add("outlived", if state.outlived(now) { "true" } else { "false" });
    }
    for open in listening(state) {
        lines.add("listens", &open);
    }
    lines.add("log-driver", &state.log_driver);
    lines.0
}

/// The ports it publishes, and who holds those that it asks for.
fn ports(state: &ContainerState, lines: &mut Lines) {
    for port in &state.ports {
        let address = if port.address.is_empty() { "0.0.0.0" } else { &port.address };
        let host = port.host.map_or_else(|| "any".to_owned(), |port| port.to_string());
        lines.add("port", &format!("{address}:{host} -> {}/{}", port.inside, port.protocol));
    }
    for (port, owner) in &state.port_owners {
        lines.add("port-owner", &format!("{port}/tcp {owner}"));
    }
}

struct Lines(String);

impl Lines {
    fn add(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.0.push_str(&format!("{key}: {value}\n"));
        }
    }
}

fn probe(health: &Health, lines: &mut Lines) {
    lines.add("health", &health.status);
    lines.add("failing-probes", &health.failing.to_string());
    lines.add("probe", &one_line(&health.test.join(" ")));
    lines.add("probe-budget", &format!("{} ({})", duration(health.budget()), arithmetic(health)));
    for answer in health.log.iter().rev().take(ANSWERS) {
        let output = cut(&one_line(&answer.output), ANSWER);
        lines.add("probe-output", format!("exit {}: {output}", answer.exit_code).trim_end());
    }
}

/// How the budget of a health check is made up: `start period 5.0 s + 3 × 10.0 s`.
#[must_use]
pub fn arithmetic(health: &Health) -> String {
    let probes = format!("{} × {}", health.retries, duration(health.interval));
    if health.start_period > 0 {
        format!("start period {} + {probes}", duration(health.start_period))
    } else {
        format!("no start period, {probes}")
    }
}

/// What is open inside, as far as that was seen.
fn listening(state: &ContainerState) -> Vec<String> {
    match state.listeners.as_deref() {
        None => Vec::new(),
        Some([]) => vec!["nothing".to_owned()],
        Some(open) => open.iter().take(LISTENERS).map(ToString::to_string).collect(),
    }
}

/// The events of the last run, the newest last: those shortly before its end, or since its beginning.
fn recent(state: &ContainerState) -> impl Iterator<Item = &super::state::Event> {
    let from = state.started.map_or(0, |started| started.max(state.finished.unwrap_or(0) - BEFORE));
    let from = from - 1_000_000;
    let recent: Vec<_> = state.events.iter().filter(|event| event.time >= from).collect();
    let skip = recent.len().saturating_sub(EVENTS);
    recent.into_iter().skip(skip)
}

/// A time as RFC 3339 in UTC, to the second.
fn rfc3339(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros)
        .map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
        .unwrap_or_default()
}

/// The exit status with the signal it stands for.
fn exit_code(code: i64) -> String {
    let signal = match code {
        129 => " (SIGHUP)",
        130 => " (SIGINT)",
        131 => " (SIGQUIT)",
        132 => " (SIGILL)",
        134 => " (SIGABRT)",
        135 => " (SIGBUS)",
        136 => " (SIGFPE)",
        137 => " (SIGKILL)",
        139 => " (SIGSEGV)",
        141 => " (SIGPIPE)",
        143 => " (SIGTERM)",
        _ => "",
    };
    format!("{code}{signal}")
}

/// `900 ms`, `4.2 s`, `3 min 0 s`, `5 h 12 min`, `3 d 4 h`; a negative one, which engines give for very short runs, is none.
#[must_use]
pub fn duration(micros: i64) -> String {
    let millis = micros.max(0) / 1000;
    let seconds = millis / 1000;
    match seconds {
        0 => format!("{millis} ms"),
        1..60 => format!("{seconds}.{} s", millis % 1000 / 100),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes / 1024),
        1_048_576..1_073_741_824 => format!("{} MiB", bytes / 1_048_576),
        _ => format!("{}.{} GiB", bytes / 1_073_741_824, bytes % 1_073_741_824 * 10 / 1_073_741_824),
    }
}

/// The beginning of a text, with a sign where something is left out.
fn cut(text: &str, most: usize) -> String {
    let mut letters = text.chars();
    let begin: String = letters.by_ref().take(most).collect();
    if letters.next().is_some() { begin + " …" } else { begin }
}

/// A text of several lines in one: ` | ` stands for a line's end.
fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" | ")
}

#[cfg(test)]
mod tests {
    use super::super::state::{Event, Probe};
    use super::*;
    use crate::rule::{FACTS, fact};

    fn state() -> ContainerState {
        let health = Health {
            status: "unhealthy".to_owned(),
            failing: 4,
            test: vec!["CMD-SHELL".to_owned(), "curl -f http://localhost:3000/health".to_owned()],
            interval: 10_000_000,
            start_period: 5_000_000,
            retries: 3,
            log: vec![Probe { exit_code: 22, output: "curl: (22) 404\nand more\n".to_owned(), ended: None }],
        };
        ContainerState {
            name: "crm".to_owned(),
            image: "crm:1".to_owned(),
            command: vec!["/entry.sh".to_owned(), "yarn".to_owned()],
            status: "exited".to_owned(),
            exit_code: 137,
            oom_killed: true,
            started: Some(1_790_000_000_000_000),
            finished: Some(1_790_000_004_250_000),
            memory_limit: Some(268_435_456),
            restart_policy: "always".to_owned(),
            health: Some(health),
            events: vec![
                Event { time: 1_780_000_000_000_000, what: "oom".to_owned() },
                Event { time: 1_790_000_004_200_000, what: "die exitCode=137".to_owned() },
            ],
            port_owners: vec![(8080, "other (running)".to_owned())],
            log_driver: "json-file".to_owned(),
            ..ContainerState::default()
        }
    }

    #[test]
    fn every_line_is_a_fact_and_in_their_order() {
        let text = facts(&state(), 1_790_000_100_000_000);
        let keys: Vec<&str> = text.lines().map(|line| fact(line).unwrap_or_else(|| panic!("{line}")).0).collect();
        let order: Vec<usize> =
            keys.iter().map(|key| FACTS.iter().position(|(known, _)| known == key).unwrap()).collect();
        assert!(order.is_sorted(), "{keys:?}");
        for line in [
            "exit-code: 137 (SIGKILL)",
            "ran: 4.2 s",
            "memory-limit: 256 MiB",
            "probe-budget: 35.0 s (start period 5.0 s + 3 × 10.0 s)",
            "probe-output: exit 22: curl: (22) 404 | and more",
            "event: die exitCode=137 (2026-09-21T14:13:24Z)",
            "port-owner: 8080/tcp other (running)",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("event: oom"), "an event of an earlier run");
    }

    #[test]
    fn a_running_container_has_no_exit_status() {
        let running = ContainerState { status: "running".to_owned(), ..state() };
        let text = facts(&running, 1_790_000_200_000_000);
        assert!(!text.contains("exit-code"), "{text}");
        assert!(text.contains("up: 3 min 20 s"), "{text}");
    }

    #[test]
    fn a_negative_duration_is_none() {
        assert_eq!(duration(-1900), "0 ms");
        assert_eq!(duration(4 * 86_400_000_000), "4 d 0 h");
    }
}
