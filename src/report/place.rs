//! Where a fault stood: in a container of Docker, a service of a compose log, a unit of systemd, a pod, or the build of an image. Told from what is
//! known of the unit that showed it; no rule knows of it.

use crate::detect::Sighting;
use crate::record::{Layers, before_number};

/// Where a fault stood. Docker is what is believed where nothing tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Place {
    /// A container whose name the commands know.
    #[default]
    Docker,
    /// A service of a compose log: the log names the service, not the container.
    Compose,
    /// A unit of systemd.
    Unit,
    /// A pod.
    Pod,
    /// The build of an image: there is no container yet.
    Build,
}

/// The place and the names that commands have there, as far as the log gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Site {
    pub(super) place: Place,
    /// The unit of systemd.
    pub(super) unit: Option<String>,
    /// The pod.
    pub(super) pod: Option<String>,
    /// Its namespace.
    pub(super) namespace: Option<String>,
    /// The container: inside the pod, or by the name that Docker gives it.
    pub(super) container: Option<String>,
    /// The service of Compose.
    pub(super) service: Option<String>,
    /// The words that stand in a command for what showed the fault.
    pub(super) own: Vec<String>,
}

impl Site {
    /// Whether a word of a command names what showed the fault.
    pub(super) fn is_own(&self, word: &str) -> bool {
        matches!(word, "CONTAINER" | "SERVICE" | "NAME") || self.own.iter().any(|own| own == word)
    }
}

/// Programs that write for containers into the journal of their host.
const ENGINES: [&str; 7] = ["docker", "dockerd", "containerd", "podman", "conmon", "kernel", "compose"];
/// Programs that run pods.
const NODES: [&str; 5] = ["kubelet", "k3s", "rke2", "microk8s", "kube-controller-manager"];
/// What only the cluster says.
const CLUSTER: [&str; 15] = [
    "pod=\"",
    "  kubelet  ",
    "restarting failed container=",
    "restarting failed container ",
    "ImagePullBackOff",
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "RunContainerError",
    "FailedMount",
    "FailedScheduling",
    "default-scheduler",
    "Liveness probe failed",
    "Readiness probe failed",
    "Startup probe failed",
    "pod_workers.go",
];
/// What only a build says, before or behind what failed in it.
const BUILD: [&str; 4] =
    [" ---> Running in ", "ERROR: failed to solve", "failed to build: failed to solve", "ERROR: process \"/bin/sh -c"];

/// The place of a line that shows a fault, in the unit with this name.
pub(super) fn tell(name: Option<&str>, line: &Sighting) -> Site {
    let texts: Vec<String> =
        [line.text.to_string()].into_iter().chain(line.after()).chain(line.before().into_iter().rev()).collect();
    let has = |layer: Layers| line.layers.contains(layer);
    let said = |words: &[&str]| texts.iter().any(|text| words.iter().any(|word| text.contains(word)));
    if has(Layers::COMPOSE) {
        return composed(name);
    }
    if has(Layers::BUILDKIT) || said(&BUILD) || texts.iter().any(|text| is_step(text) || is_progress(text)) {
        return Site { place: Place::Build, ..Site::default() };
    }
    let node = name.is_some_and(|name| NODES.contains(&name));
    let asked = texts.iter().any(|text| text.trim_start_matches(['$', '#', ' ']).starts_with("kubectl "));
    if has(Layers::CRI) || has(Layers::KUBERNETES) || node || asked || said(&CLUSTER) {
        return in_pod(name.filter(|_| has(Layers::KUBERNETES)), &texts);
    }
    journal(name.filter(|_| has(Layers::JOURNALD)), &texts)
}

/// A log of Compose: `server-1` is a container of the service `server`, any other name that of a container.
fn composed(name: Option<&str>) -> Site {
    let Some(name) = name.filter(|name| !name.contains('@')) else { return Site::default() };
    let service = service(name);
    let place = if service == name { Place::Docker } else { Place::Compose };
    Site { place, container: Some(name.to_owned()), service: Some(service), ..Site::default() }
}

/// The service whose container Compose writes before a line: `server-1` is the first of `server`.
pub(super) fn service(unit: &str) -> String {
    before_number(unit).filter(|name| !name.is_empty()).unwrap_or(unit).to_owned()
}

/// `Step 3/9 : RUN …`, or `> [builder 5/5] RUN …`.
fn is_step(text: &str) -> bool {
    let text = text.trim_start();
    let classic = text.strip_prefix("Step ").and_then(|rest| rest.split_once(" : ")).map(|(number, _)| number);
    let failed = text.strip_prefix("> [").and_then(|rest| rest.split_once("] ")).map(|(stage, _)| stage);
    let number = classic.or_else(|| failed.and_then(|stage| stage.rsplit(' ').next()));
    number.and_then(|number| number.split_once('/')).is_some_and(|(step, of)| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits(step) && digits(of)
    })
}

/// `#13 80.74 ` behind the stamp of a service that builds.
fn is_progress(text: &str) -> bool {
    let Some((number, rest)) = after(text, " #").and_then(|rest| rest.split_once(' ')) else { return false };
    let clock = rest.split(' ').next().and_then(|clock| clock.split_once('.'));
    let digits = |text: &str| !text.is_empty() && text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(number) && clock.is_some_and(|(whole, part)| digits(whole) && digits(part) && part.len() <= 3)
}

/// The names of a pod, from the prefix of its lines or from what the node and the cluster say of it.
fn in_pod(prefix: Option<&str>, texts: &[String]) -> Site {
    let mut site = Site { place: Place::Pod, ..Site::default() };
    if let Some(prefix) = prefix {
        let (pod, container) = prefix.split_once('/').map_or((prefix, None), |(pod, own)| (pod, Some(own)));
        (site.pod, site.container) = (name(pod), container.and_then(name));
        return site;
    }
    for text in texts {
        let quoted =
            |key: &str| after(text, key).and_then(|rest| rest.split('"').next()).and_then(|it| it.split_once('/'));
        if let Some((namespace, pod)) = quoted("pod=\"").or_else(|| {
            // `Successfully assigned crm/crm-7c9d to node-2`.
            after(text, "Successfully assigned ")
                .and_then(|rest| rest.split(' ').next())
                .and_then(|it| it.split_once('/'))
        }) {
            site.namespace = site.namespace.or_else(|| name(namespace));
            site.pod = site.pod.or_else(|| name(pod));
        }
        let field = |key: &str| text.strip_prefix(key).map(str::trim).and_then(name);
        // An event: `Warning  FailedMount  pod/crm-7c9d  MountVolume.SetUp failed`.
        let event = after(text, " pod/").and_then(|rest| rest.split(' ').next()).and_then(name);
        site.pod = site.pod.or_else(|| field("Name:")).or(event);
        site.namespace = site.namespace.or_else(|| field("Namespace:"));
        let container = after(text, "restarting failed container=").or_else(|| after(text, "containerName=\""));
        site.container =
            site.container.or_else(|| container.and_then(|rest| rest.split([' ', '"', '\\']).next()).and_then(name));
        let option = after(text, "kubectl ").and_then(|rest| after(rest, "-n "));
        site.namespace = site.namespace.or_else(|| option.and_then(|rest| rest.split(' ').next()).and_then(name));
    }
    site
}

/// The journal's unit, where the line is not a container's: an engine writes for its containers under their names, ids, or its own.
fn journal(program: Option<&str>, texts: &[String]) -> Site {
    let ended = texts.iter().find_map(|text| unit(after(text, "task_memcg=/system.slice/")?.split(',').next()?));
    let unit = ended.clone().or_else(|| texts.iter().find_map(|text| unit(text)));
    let hex = |name: &str| name.len() >= 12 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let engine = |name: &str| ENGINES.iter().any(|engine| name.starts_with(engine)) || name.contains('/') || hex(name);
    // The kernel says of what it ended whose it was: a unit's, or in a scope of its own a container's.
    if (ended.is_none() && program.is_some_and(engine)) || unit.as_deref().is_some_and(engine) {
        return Site::default();
    }
    // What systemd says may be quoted anywhere; only its own form of a state, and its own lines, tell where the program ran.
    let state = texts.iter().any(|text| text.trim_start().starts_with("Loaded: loaded (") || is_of_systemd(text));
    if program.is_none() && !(state && unit.is_some()) {
        return Site::default();
    }
    Site { place: Place::Unit, unit, ..Site::default() }
}

fn is_of_systemd(text: &str) -> bool {
    [".service: Main process exited", ".service: Failed ", ".service: Scheduled restart job", "systemd[1]: "]
        .iter()
        .any(|words| text.contains(words))
}

/// The unit that a text names: `crm.service`.
fn unit(text: &str) -> Option<String> {
    let end = text.find(".service")?;
    let before = text.get(..end)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | ':' | '\\');
    let from = before.rfind(|c: char| !fits(c)).map_or(0, |at| at + 1);
    name(before.get(from..)?).map(|name| format!("{name}.service"))
}

/// A name that is one plain word.
fn name(text: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    let plain = (1..=128).contains(&text.len()) && text.chars().all(fits) && !text.starts_with('-');
    plain.then(|| text.to_owned())
}

fn after<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    text.split_once(words).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: Option<&str>, layers: Layers, text: &str) -> Site {
        let mut line = Sighting::alone(0, 1, text);
        line.layers = layers;
        tell(name, &line)
    }

    #[test]
    fn a_place_is_told_by_prefix_and_words() {
        let j = Layers::JOURNALD;
        let k = Layers::KUBERNETES;
        for (name, layers, text, place) in [
            (None, Layers::NONE, "Error: connect ECONNREFUSED", Place::Docker),
            (Some("server-1"), Layers::COMPOSE, "x", Place::Compose),
            (Some("ent-twenty-crm"), Layers::COMPOSE, "x", Place::Docker),
            (Some("twenty_server.1.abc@node"), Layers::COMPOSE, "x", Place::Docker),
            (Some("npm"), j, "x", Place::Unit),
            (Some("systemd"), j, "crm.service: Failed with result 'exit-code'.", Place::Unit),
            (Some("4c3f0a1b2c3d"), j, "x", Place::Docker),
            (Some("dockerd"), j, "x", Place::Docker),
            (Some("systemd"), j, "docker.service: Failed with result 'exit-code'.", Place::Docker),
            (Some("kernel"), j.with(Layers::KERNEL), "Out of memory: Killed process 1", Place::Docker),
            (
                Some("kernel"),
                j,
                "oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/system.slice/sonar.service,task=java",
                Place::Unit,
            ),
            (
                Some("kernel"),
                j,
                "oom-kill:constraint=CONSTRAINT_MEMCG,task_memcg=/system.slice/docker-4c3f.scope,task=node",
                Place::Docker,
            ),
            (Some("kernel"), j, "oom-kill:task_memcg=/system.slice/docker.service,task=dockerd", Place::Docker),
            (None, j, "a stamp alone", Place::Docker),
            (Some("kubelet"), j, "x", Place::Pod),
            (Some("crm-7d9/server"), k, "x", Place::Pod),
            (Some("crm-api-6c9b8d7f4b-wq4zt"), k, "x", Place::Pod),
            (None, Layers::CRI, "x", Place::Pod),
            (None, Layers::NONE, "  Warning  Failed  0s  kubelet  Error: x", Place::Pod),
            (None, Layers::NONE, "61s   Warning   FailedMount   pod/wiki-6f7c   MountVolume.SetUp failed", Place::Pod),
            (Some("#13"), Layers::BUILDKIT, "x", Place::Build),
            (None, Layers::NONE, "> [builder 5/5] RUN yarn build:", Place::Build),
            (None, Layers::NONE, "Step 3/9 : RUN yarn build", Place::Build),
            (None, Layers::NONE, "2025-Jan-21 16:19:54.794393 #13 80.74 FATAL ERROR", Place::Build),
            (None, Layers::NONE, "see issue #13 of 4.5", Place::Docker),
            (None, Layers::NONE, "Step 3 of 9 : done", Place::Docker),
        ] {
            assert_eq!(told(name, layers, text).place, place, "{name:?} {text}");
        }
    }

    #[test]
    fn names_are_taken_from_what_the_place_says() {
        let site = told(Some("systemd"), Layers::JOURNALD, "crm@2.service: Main process exited, code=exited");
        assert_eq!(site.unit.as_deref(), Some("crm@2.service"));
        let site = told(Some("crm-7d9/server"), Layers::KUBERNETES, "x");
        assert_eq!((site.pod.as_deref(), site.container.as_deref()), (Some("crm-7d9"), Some("server")));
        let site = told(Some("crm-api-6c9b8d7f4b-wq4zt"), Layers::KUBERNETES, "x");
        assert_eq!((site.pod.as_deref(), site.container), (Some("crm-api-6c9b8d7f4b-wq4zt"), None));
        let text =
            r#"back-off 20s restarting failed container=postgresql pod=x_y(1)" pod="postgresql/pg-0" podUID="1""#;
        let site = told(Some("kubelet"), Layers::JOURNALD, text);
        let names = [site.pod, site.container, site.namespace].map(Option::unwrap_or_default);
        assert_eq!(names, ["pg-0", "postgresql", "postgresql"]);
        let site = told(None, Layers::NONE, "8m   Warning   Unhealthy   pod/kc-0   Liveness probe failed: x");
        assert_eq!(site.pod.as_deref(), Some("kc-0"));
        let site = told(None, Layers::NONE, "$ kubectl -n sim logs deploy/vllm-sim --previous");
        assert_eq!((site.namespace.as_deref(), site.pod), (Some("sim"), None));
        let site = told(Some("server-12"), Layers::COMPOSE, "x");
        assert_eq!((site.service.as_deref(), site.container.as_deref()), (Some("server"), Some("server-12")));
    }
}
