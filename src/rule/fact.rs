//! The facts of a container's state: the keys that `state` clauses may name, and the lines they stand in.
//!
//! A state is a text of `key: value` lines, the same in reports, in the examples of rules and in the running program. This file is the one
//! list of keys; `container` writes them, `detect` matches them.

/// The keys, each with what its value looks like.
pub const FACTS: [(&str, &str); 27] = [
    ("name", "the container's name"),
    ("service", "its compose service"),
    ("image", "its image, as it was asked for"),
    ("command", "entrypoint and command, joined by blanks"),
    ("status", "created, running, paused, restarting, removing, exited, dead"),
    ("exit-code", "of the last run, with the signal it stands for: 1, 137 (SIGKILL)"),
    ("oom-killed", "true, false; of a run that goes on: true, in a run before this one"),
    ("engine-error", "State.Error: why the engine could not start it"),
    ("started", "when the last run began, RFC 3339"),
    ("finished", "when the last run ended, RFC 3339"),
    ("up", "how long it has been running: 900 ms, 4.2 s, 3 min 0 s"),
    ("ran", "how long the last run lasted"),
    ("restart-count", "restarts by policy"),
    ("restart-policy", "no, always, unless-stopped, on-failure:5"),
    ("memory-limit", "HostConfig.Memory: 256 MiB, none"),
    ("health", "healthy, unhealthy, starting"),
    ("failing-probes", "failed probes in a row"),
    ("probe", "the health check's command"),
    ("probe-budget", "35.0 s (start period 5.0 s + 3 × 10.0 s)"),
    ("probe-output", "the last answers of the probe, newest first: exit 22: curl: (22) …"),
    ("event", "what the engine did to it lately: oom, kill signal=9, die exitCode=137"),
    ("port", "0.0.0.0:8080 -> 3000/tcp"),
    ("port-owner", "who holds a host port that it asks for: 8080/tcp ent-other (running)"),
    ("missing-mount", "what is to be mounted and does not exist: /srv/crm -> /data"),
    ("outlived", "whether it runs longer than its runs before, once it was restarted: true, false"),
    ("listens", "what is open inside, where that can be seen: 0.0.0.0:3000, 127.0.0.1:9229; nothing"),
    ("log-driver", "json-file, local, none"),
];

/// Whether a key is one of [`FACTS`].
#[must_use]
pub fn is_fact(key: &str) -> bool {
    FACTS.iter().any(|(known, _)| *known == key)
}

/// Key and value of a state's line; `None` for a line that is none.
#[must_use]
pub fn fact(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(": ")?;
    is_fact(key).then_some((key, value.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_a_known_key_and_the_rest_of_the_line() {
        assert_eq!(fact("exit-code: 137 (SIGKILL)"), Some(("exit-code", "137 (SIGKILL)")));
        assert_eq!(fact("engine-error: exec: \"x\": not found"), Some(("engine-error", "exec: \"x\": not found")));
        assert_eq!(fact("error: something"), None);
        assert_eq!(fact("status"), None);
    }
}
