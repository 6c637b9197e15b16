//! From the engine's answers to a [`ContainerState`].

use std::collections::{BTreeMap, HashMap};

use bollard::models::{
    ContainerInspectResponse, EndpointSettings, EventMessage, Health as Answered, HealthConfig, HealthcheckResult,
    HostConfig, MountPoint, PortBinding,
};
use chrono::DateTime;

use super::state::{ContainerState, Endpoint, Event, Health, Port, Probe};

const PROJECT: &str = "com.docker.compose.project";
const SERVICE: &str = "com.docker.compose.service";
/// What a service waits for: `db:service_healthy:false,redis:service_started:false`.
const DEPENDS: &str = "com.docker.compose.depends_on";
/// The service label of swarm, which has the stack's name in front.
const SWARM_SERVICE: &str = "com.docker.swarm.service.name";
const NANOS: i64 = 1000;
/// The engine's defaults of a health check, where it is given without them.
const INTERVAL: i64 = 30_000_000;
const RETRIES: i64 = 3;

/// A time of the engine. It writes year 1 for "never".
pub(super) fn time(text: &str) -> Option<i64> {
    let micros = DateTime::parse_from_rfc3339(text).ok()?.timestamp_micros();
    (micros > 0).then_some(micros)
}

/// The state of an inspected container, without events and port owners.
pub(super) fn state(answer: ContainerInspectResponse) -> ContainerState {
    let config = answer.config.unwrap_or_default();
    let host = answer.host_config.unwrap_or_default();
    let state = answer.state.unwrap_or_default();
    let network = answer.network_settings.unwrap_or_default();
    let labels = config.labels.unwrap_or_default();
    let label = |name: &str| labels.get(name).filter(|value| !value.is_empty()).cloned();
    let command: Vec<String> = answer.path.into_iter().chain(answer.args.unwrap_or_default()).collect();
    let health = state.health.map(|answer| health(answer, config.healthcheck));
    ContainerState {
        id: answer.id.unwrap_or_default(),
        name: answer.name.unwrap_or_default().trim_start_matches('/').to_owned(),
        service: label(SERVICE).or_else(|| label(SWARM_SERVICE)),
        needs: label(DEPENDS).map(|text| needs(&text)).unwrap_or_default(),
        project: label(PROJECT).or_else(|| label("com.docker.stack.namespace")),
        image: config.image.unwrap_or_default(),
        command,
        status: state.status.map(|status| status.to_string()).unwrap_or_default(),
        exit_code: state.exit_code.unwrap_or(0),
        oom_killed: state.oom_killed.unwrap_or(false),
        pid: state.pid.filter(|pid| *pid > 0),
        error: state.error.unwrap_or_default(),
        started: state.started_at.as_deref().and_then(time),
        finished: state.finished_at.as_deref().and_then(time),
        restart_count: answer.restart_count.unwrap_or(0),
        restart_policy: policy(&host),
        memory_limit: host.memory.and_then(|bytes| u64::try_from(bytes).ok()).filter(|bytes| *bytes > 0),
        health: health.filter(|health| health.status != "none" && !health.status.is_empty()),
        ports: ports(network.ports.unwrap_or_default(), host.port_bindings.clone().unwrap_or_default()),
        exposed: config.exposed_ports.unwrap_or_default().iter().filter_map(|port| Some(split(port)?.0)).collect(),
        binds: binds(answer.mounts.unwrap_or_default()),
        storage: answer.graph_driver.and_then(|driver| driver.data.get("UpperDir").cloned()),
        networks: endpoints(network.networks.unwrap_or_default()),
        network_mode: host.network_mode.clone().unwrap_or_default(),
        log_driver: host.log_config.as_ref().and_then(|log| log.typ.clone()).unwrap_or_default(),
        log_max_size: host.log_config.and_then(|log| log.config?.get("max-size").cloned()),
        log_path: answer.log_path.filter(|path| !path.is_empty()),
        tty: config.tty.unwrap_or(false),
        environment: config.env.unwrap_or_default(),
        ..ContainerState::default()
    }
}

/// The services that must run, without jobs that must only be done.
fn needs(text: &str) -> Vec<String> {
    let services = text.split(',').map(|one| one.split_once(':').unwrap_or((one, "")));
    let running = services.filter(|(name, how)| !name.is_empty() && !how.starts_with("service_completed"));
    running.map(|(name, _)| name.to_owned()).collect()
}

fn binds(mounts: Vec<MountPoint>) -> Vec<(String, String)> {
    let bound = mounts.into_iter().filter(|mount| mount.typ.as_ref().is_some_and(|kind| *kind == "bind"));
    bound.filter_map(|mount| Some((mount.source?, mount.destination?))).collect()
}

fn policy(host: &HostConfig) -> String {
    let Some(policy) = &host.restart_policy else { return "no".to_owned() };
    let name = policy.name.map(|name| name.to_string()).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| "no".to_owned());
    match policy.maximum_retry_count.filter(|count| *count > 0) {
        Some(count) if name == "on-failure" => format!("{name}:{count}"),
        _ => name,
    }
}

/// What its health check says, and how it asks.
fn health(answer: Answered, check: Option<HealthConfig>) -> Health {
    let mut health = Health {
        status: answer.status.map(|status| status.to_string()).unwrap_or_default(),
        failing: answer.failing_streak.unwrap_or(0),
        log: answer.log.unwrap_or_default().into_iter().map(probe).collect(),
        ..Health::default()
    };
    if let Some(check) = check {
        health.test = check.test.unwrap_or_default();
        health.interval = check.interval.filter(|nanos| *nanos > 0).map_or(INTERVAL, |nanos| nanos / NANOS);
        health.start_period = check.start_period.unwrap_or(0) / NANOS;
        health.retries = check.retries.filter(|count| *count > 0).unwrap_or(RETRIES);
    }
    health
}

fn probe(result: HealthcheckResult) -> Probe {
    Probe {
        exit_code: result.exit_code.unwrap_or(0),
        output: result.output.unwrap_or_default(),
        ended: result.end.as_deref().and_then(time),
    }
}

/// `3000/tcp`.
fn split(port: &str) -> Option<(u16, String)> {
    let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
    Some((number.parse().ok()?, protocol.to_owned()))
}

type Bindings = HashMap<String, Option<Vec<PortBinding>>>;

/// What is bound, and what was asked for and is not bound. The engine gives a port of all addresses twice, for IPv4 and IPv6.
fn ports(bound: Bindings, wanted: Bindings) -> Vec<Port> {
    let mut all: BTreeMap<(u16, String, Option<u16>), Port> = BTreeMap::new();
    for (bindings, is_bound) in [(bound, true), (wanted, false)] {
        for (port, bindings) in bindings {
            let Some((inside, protocol)) = split(&port) else { continue };
            for binding in bindings.unwrap_or_default() {
                let host = binding.host_port.as_deref().and_then(|port| port.parse().ok()).filter(|port| *port > 0);
                let address = binding.host_ip.unwrap_or_default();
                if all.keys().any(|(other, kind, _)| *other == inside && *kind == protocol)
                    && !is_bound
                    && host.is_none()
                {
                    continue;
                }
                let port = Port { inside, protocol: protocol.clone(), address, host, bound: is_bound };
                all.entry((inside, protocol.clone(), host)).or_insert(port);
            }
        }
    }
    all.into_values().collect()
}

fn endpoints(networks: HashMap<String, EndpointSettings>) -> Vec<Endpoint> {
    let text = |value: Option<String>| value.filter(|value| !value.is_empty());
    let mut endpoints: Vec<Endpoint> = networks
        .into_iter()
        .map(|(network, settings)| {
            let mut aliases = settings.aliases.unwrap_or_default();
            aliases.extend(settings.dns_names.unwrap_or_default());
            aliases.sort();
            aliases.dedup();
            // A fixed address is kept in the configuration even when the container has ended.
            let fixed = settings.ipam_config.and_then(|config| text(config.ipv4_address));
            Endpoint {
                network,
                address: text(settings.ip_address).or(fixed),
                address6: text(settings.global_ipv6_address),
                aliases,
            }
        })
        .collect();
    endpoints.sort_by(|a, b| a.network.cmp(&b.network));
    endpoints
}

/// An event in the words of the facts; `None` for those that say nothing about a failure.
pub(super) fn event(message: EventMessage) -> Option<Event> {
    let action = message.action?;
    let attributes = message.actor.and_then(|actor| actor.attributes).unwrap_or_default();
    let attribute = |name: &str| attributes.get(name).map(|value| format!(" {name}={value}")).unwrap_or_default();
    let what = match action.as_str() {
        "kill" => format!("kill{}", attribute("signal")),
        "die" => format!("die{}", attribute("exitCode")),
        "oom" | "stop" | "start" | "restart" | "pause" | "unpause" | "destroy" => action,
        _ => return None,
    };
    let time = message.time_nano.map(|nanos| nanos / NANOS).or(message.time.map(|seconds| seconds * 1_000_000))?;
    Some(Event { time, what })
}
