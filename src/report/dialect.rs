//! The prose of a step in the words of the place: rules write it for Compose, which a pod and a unit of systemd do not know.

use super::place::Place;

/// How something of Compose is called elsewhere; nothing where it has no counterpart.
struct Phrase {
    compose: &'static str,
    pod: Option<&'static str>,
    unit: Option<&'static str>,
}

impl Phrase {
    /// How it is called in a pod or a unit.
    const fn of(&self, place: Place) -> Option<&'static str> {
        match place {
            Place::Pod => self.pod,
            Place::Unit => self.unit,
            _ => None,
        }
    }
}

const fn phrase(compose: &'static str, pod: &'static str, unit: &'static str) -> Phrase {
    Phrase { compose, pod: Some(pod), unit: Some(unit) }
}

const fn of_pods(compose: &'static str, pod: &'static str) -> Phrase {
    Phrase { compose, pod: Some(pod), unit: None }
}

/// The first that fits is taken, so longer ones stand before those that they begin with.
const PHRASES: &[Phrase] = &[
    phrase("the compose file's environment", "the container's env:", "the unit's Environment="),
    phrase(
        "environment or env_file of the service",
        "env: or envFrom: of the container",
        "Environment= or EnvironmentFile= of the unit",
    ),
    phrase(
        ".env beside the compose file",
        "the ConfigMap or Secret of the pod",
        "the file of the unit's EnvironmentFile=",
    ),
    phrase(
        ".env or the compose file",
        "the pod's ConfigMap, Secret or manifest",
        "the unit's EnvironmentFile= or Environment=",
    ),
    phrase(
        ".env or in the compose file",
        "the pod's ConfigMap, Secret or manifest",
        "the unit's EnvironmentFile= or Environment=",
    ),
    phrase(
        "docker-compose.yml or .env",
        "the pod's manifest, ConfigMap or Secret",
        "the unit's Environment= or EnvironmentFile=",
    ),
    of_pods("the service's name of the compose file", "the name of its Service"),
    phrase(
        "user: in docker-compose.yml",
        "securityContext.runAsUser in the pod's manifest",
        "User= in the unit's file",
    ),
    phrase(
        "group_add: in docker-compose.yml",
        "securityContext.supplementalGroups in the pod's manifest",
        "SupplementaryGroups= in the unit's file",
    ),
    phrase("(deploy.resources.limits.memory, or mem_limit)", "(resources.limits.memory)", "(MemoryMax=)"),
    of_pods(
        "Compose: set start_period of the health check to",
        "Set initialDelaySeconds of the probe, or the time of a startupProbe, to",
    ),
    of_pods("start_period of its health check", "initialDelaySeconds of its probe, or the time of a startupProbe,"),
    of_pods("healthcheck: test: in docker-compose.yml", "the probe in the pod's manifest"),
    of_pods("healthcheck: test:", "the probe"),
    phrase("entrypoint: or command: of the service", "command: or args: of the container", "ExecStart= of the unit"),
    phrase(
        "command: or entrypoint: of the compose file",
        "args: or command: of the pod's manifest",
        "ExecStart= of the unit",
    ),
    phrase(" (or entrypoint:, ", " (or command:, ", " ("),
    phrase(
        "an entrypoint: of its service in the compose file",
        "a command: in the pod's manifest",
        "ExecStart= in the unit's file",
    ),
    phrase("a user: or ", "a runAsUser: or ", "a User= or "),
    phrase(
        "command: or working_dir of the service",
        "args: or workingDir of the container",
        "ExecStart= or WorkingDirectory= of the unit",
    ),
    phrase(
        "working_dir of the service in the compose file",
        "workingDir of the container",
        "WorkingDirectory= of the unit",
    ),
    phrase("command: in the compose file", "args: in the pod's manifest", "ExecStart= in the unit's file"),
    phrase("command: of the compose file", "args: of the pod's manifest", "ExecStart= of the unit"),
    phrase("the compose file (command:)", "the pod's manifest (args:)", "the unit's file (ExecStart=)"),
    phrase(" (docker compose up -d and its name)", "", ""),
    of_pods("take the mounted one out of the compose file", "take the mounted one out of the pod's manifest"),
    of_pods("take the mount out", "take the mount out of the manifest"),
    of_pods("take it out of the compose file", "take it out of the pod's manifest"),
    of_pods("set it in the compose file", "set it in the pod's manifest"),
    phrase("the compose file", "the pod's manifest", "the unit's file"),
    phrase("docker-compose.yml", "the pod's manifest", "the unit's file"),
    phrase("recreate the service", "roll it out again", "restart the unit"),
    phrase("recreate the container", "roll it out again", "restart the unit"),
    phrase("create the container anew", "roll it out again", "restart the unit"),
    phrase("start that one service", "roll it out", "start the unit"),
    phrase("start that service", "roll it out again", "restart the unit"),
];

/// What only Compose and Docker have: a clause that speaks of it is left out where neither is.
const FOREIGN: &[&str] = &[
    "ompose",
    "depends_on",
    "network_mode",
    "shm_size",
    "cap_add",
    "extra_hosts",
    "group_add",
    "user:",
    "ports:",
    "networks:",
    "dns:",
    "devices:",
    "sysctls:",
    "init: true",
    "healthcheck:",
    "HEALTHCHECK",
    "start_period",
    "stop_grace_period",
    "env_file",
    "restart: ",
    "network in common",
    "one network",
    "Docker network",
    "anonymous volume",
    "docker exec",
    "docker stop",
    "docker cp",
    "docker diff",
    "docker image",
    "docker events",
    "docker login",
    "docker tag",
    "docker manifest",
    "docker's",
    "--build",
    "pids_limit",
    "ulimits",
];

/// How a sentence begins that goes on with the one before.
const GOING_ON: [&str; 4] = ["Then ", "It ", "That ", "This "];
/// What is said of pods alone.
const OF_PODS: &str = "In Kubernetes ";

/// A text of a rule in the words of the place; what has none there stays as it is.
pub(super) fn said(text: &str, place: Place) -> String {
    let mut text = text.to_owned();
    for phrase in PHRASES {
        if let Some(said) = phrase.of(place).filter(|_| text.contains(phrase.compose)) {
            text = text.replace(phrase.compose, said);
        }
    }
    text
}

/// A step in the words of the place, without the clauses that mean nothing there; nothing where none is left.
pub(super) fn step(text: &str, place: Place) -> Option<String> {
    if !matches!(place, Place::Pod | Place::Unit) {
        return Some(text.to_owned());
    }
    let foreign = |clause: &str| {
        FOREIGN.iter().any(|word| clause.contains(word))
            || place == Place::Unit && clause.trim_start().starts_with(OF_PODS)
    };
    // A phrase of one place may hold a word that a clause is left out for in another: what has no counterpart is told before.
    let unmatched =
        |clause: &str| PHRASES.iter().any(|phrase| clause.contains(phrase.compose) && phrase.of(place).is_none());
    let (mut kept, mut dropped, mut whole) = (String::new(), None, true);
    for written in clauses(text) {
        let clause = said(written, place);
        // What goes on with a clause that was left out means nothing without it.
        let goes_on = dropped.is_some_and(|end| end == ';' || GOING_ON.iter().any(|word| clause.starts_with(word)));
        if unmatched(written) || foreign(&clause) || goes_on {
            (dropped, whole) = (written.trim_end().chars().next_back(), false);
            continue;
        }
        dropped = None;
        let begins = !whole && (kept.is_empty() || kept.trim_end().ends_with('.'));
        kept.push_str(&if begins { capital(clause.trim_start()) } else { clause });
    }
    if whole {
        return Some(kept);
    }
    let kept = kept.trim_end().trim_end_matches([';', ':', ',']);
    let end = if kept.ends_with(['.', '?', '!']) { "" } else { "." };
    (!kept.is_empty()).then(|| format!("{kept}{end}"))
}

/// The clauses of a text with the signs behind them, parted where no bracket is open.
fn clauses(text: &str) -> Vec<&str> {
    let (mut found, mut from, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b' ' if depth == 0 && text.get(..at).is_some_and(|before| before.ends_with(['.', ';'])) => {
                found.extend(text.get(from..=at));
                from = at + 1;
            }
            _ => {}
        }
    }
    found.extend(text.get(from..).filter(|rest| !rest.is_empty()));
    found
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_for_its_place() {
        let text = "Correct it, in the compose file's environment or in the mounted .yml, and recreate the service.";
        assert_eq!(step(text, Place::Compose).as_deref(), Some(text));
        assert_eq!(
            step(text, Place::Pod).as_deref(),
            Some("Correct it, in the container's env: or in the mounted .yml, and roll it out again.")
        );
        assert_eq!(
            step(text, Place::Unit).as_deref(),
            Some("Correct it, in the unit's Environment= or in the mounted .yml, and restart the unit.")
        );
    }

    #[test]
    fn what_means_nothing_in_a_place_is_left_out() {
        let text = "If it is not up, read its log and start it (docker compose up -d and its name); if its name is unknown, give both a network in common.";
        assert_eq!(step(text, Place::Pod).as_deref(), Some("If it is not up, read its log and start it."));
        let text = "If it came too early: depends_on with condition: service_healthy. Then start it.";
        assert_eq!(step(text, Place::Unit), None);
        assert_eq!(
            step("Let Compose read the file; it names the place. Mend that.", Place::Unit).as_deref(),
            Some("Mend that.")
        );
        assert_eq!(step("Give it init: true in docker-compose.yml.", Place::Pod), None);
        let text = "Give it more in docker-compose.yml, shm_size: 256mb. In Kubernetes mount an emptyDir at /dev/shm.";
        assert_eq!(step(text, Place::Pod).as_deref(), Some("In Kubernetes mount an emptyDir at /dev/shm."));
        assert_eq!(step(text, Place::Unit), None);
        assert_eq!(step("If a mount hides it, take it out of the compose file.", Place::Unit), None);
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in ["Make room: df -h says where.", "Correct the URL (scheme; host), then start it."] {
            assert_eq!(step(text, Place::Unit).as_deref(), Some(text));
            assert_eq!(step(text, Place::Pod).as_deref(), Some(text));
        }
    }
}
