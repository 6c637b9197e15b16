//! One service.

use std::collections::HashMap;
use std::sync::Arc;

use crate::deploy::fault::Named;
use crate::deploy::model::{Service, Value};
use crate::deploy::part::{
    Attachment, Condition, Dependency, DependencyForm, HealthCheck, HealthForm, Memory, Variable,
};
use crate::deploy::text::Spot;
use crate::deploy::yaml::{Body, Entry, Node};

use super::convert::{Reader, is_true, value, values, variables};
use super::{environment, units};

impl Reader<'_, '_> {
    /// Reads a service into the deployment.
    pub(super) fn service(&mut self, entry: &Entry) {
        let node = &entry.value;
        if entry.key.starts_with("x-") {
            return;
        }
        let one = |key: &str| node.get(key).and_then(value);
        let many = |key: &str| node.get(key).map(values).unwrap_or_default();
        let mut service = Service::new(entry.key.clone(), entry.key_spot.clone());
        service.image = one("image");
        service.container_name = one("container_name");
        service.hostname = one("hostname");
        service.user = one("user");
        service.working_dir = one("working_dir");
        service.network_mode = one("network_mode");
        service.restart = one("restart");
        service.profiles = many("profiles");
        service.expose = many("expose");
        service.links = many("links");
        service.volumes_from = many("volumes_from");
        service.external_links = many("external_links");
        service.extra_hosts = hosts(node);
        service.secrets = named(node, "secrets");
        service.configs = named(node, "configs");
        service.config_targets = config_targets(node);
        service.secret_targets = secret_targets(node);
        service.read_only =
            node.entry("read_only").filter(|_| is_true(node, "read_only")).map(|entry| entry.key_spot.clone());
        service.init = is_true(node, "init");
        service.interactive = is_true(node, "tty") || is_true(node, "stdin_open");
        service.logging = node.entry("logging").map(|entry| entry.key_spot.clone());
        service.provider = node.get("provider").is_some();
        service.build = node.get("build").and_then(|node| self.build(node));
        service.entrypoint = node.get("entrypoint").and_then(|node| self.command(node));
        service.command = node.get("command").and_then(|node| self.command(node));
        service.depends_on = self.dependencies(node);
        service.healthcheck = node.entry("healthcheck").and_then(|entry| self.health(entry));
        service.networks = attachments(node);
        service.memory = self.memory(node, "limits", "mem_limit");
        service.reservation = self.memory(node, "reservations", "mem_reservation");
        service.swarm = swarm(node);
        service.replicas = replicas(node);
        service.ports = self.ports(node);
        service.volumes = self.mounts(node);
        let labels = [node.get("labels"), node.get("deploy").and_then(|deploy| deploy.get("labels"))];
        service.labels = labels.into_iter().flatten().flat_map(variables).collect();
        self.environment(&mut service, node);
        self.finder.deployment.services.push(service);
    }

    /// `env_file` and `environment`.
    fn environment(&mut self, service: &mut Service, node: &Node) {
        let mut all: Vec<Arc<Variable>> = Vec::new();
        let files = match node.get("env_file") {
            Some(Node { body: Body::List(items), .. }) => items.clone(),
            Some(node) if !node.is_null() => vec![node.clone()],
            _ => Vec::new(),
        };
        for item in files {
            let required = item.get("required").and_then(Node::known).is_none_or(|text| text != "false");
            let path = item.get("path").unwrap_or(&item);
            let (Some(name), spot) = (path.known(), path.spot.clone()) else {
                service.environment_complete = false;
                continue;
            };
            match environment::open(self.finder, &self.path(&spot, name)) {
                // Checks put variables together in groups, which costs more than to read them.
                Ok((file, variables)) if self.finder.looks(file, 2 * variables.len()) => {
                    all.extend(variables.iter().map(Arc::clone));
                }
                Ok(_) => service.environment_complete = false,
                Err(error) => {
                    service.environment_complete = false;
                    if required {
                        self.finder.fault(
                            error.kind(Named::EnvFile),
                            spot,
                            format!("the env_file {name} cannot be read: {error}"),
                        );
                    }
                }
            }
        }
        all.extend(node.get("environment").map(variables).unwrap_or_default().into_iter().map(Arc::new));
        service.environment = environment::last_wins(all);
    }

    /// `depends_on`.
    fn dependencies(&mut self, node: &Node) -> Vec<Dependency> {
        let Some(node) = node.get("depends_on") else { return Vec::new() };
        let mut all: Vec<Dependency> = Vec::new();
        // Of two on one service the later one holds.
        let last: HashMap<&str, usize> =
            node.items().iter().enumerate().filter_map(|(place, item)| Some((item.known()?, place))).collect();
        for (place, item) in node.items().iter().enumerate() {
            let Some(service) = item.known().filter(|name| last.get(name) == Some(&place)) else { continue };
            all.push(Dependency {
                spot: item.spot.clone(),
                service: service.to_owned(),
                condition: Condition::Started,
                condition_spot: None,
                form: DependencyForm::List,
                required: true,
            });
        }
        for entry in node.entries() {
            let written = entry.value.get("condition");
            let condition = match written.and_then(Node::known) {
                Some("service_healthy") => Condition::Healthy,
                Some("service_completed_successfully") => Condition::Completed,
                Some("service_started") | None => Condition::Started,
                Some(other) => {
                    let other = other.to_owned();
                    let spot = written.map_or(entry.key_spot.clone(), |node| node.spot.clone());
                    let known = "service_started, service_healthy or service_completed_successfully";
                    self.refuse(&spot, format!("`{other}` is no condition; it is one of {known}"));
                    Condition::Started
                }
            };
            all.push(Dependency {
                spot: entry.key_spot.clone(),
                service: entry.key.clone(),
                condition,
                condition_spot: written.map(|node| node.spot.clone()),
                form: DependencyForm::Map,
                required: entry.value.get("required").and_then(Node::known) != Some("false"),
            });
        }
        all
    }

    /// `healthcheck`.
    fn health(&mut self, entry: &Entry) -> Option<HealthCheck> {
        let node = &entry.value;
        if node.is_null() {
            return None;
        }
        let test = node.get("test");
        let (form, words) = if is_true(node, "disable") { (HealthForm::None, Vec::new()) } else { self.test(test) };
        let retries = node.get("retries").and_then(Node::known).and_then(|text| text.parse().ok());
        Some(HealthCheck {
            spot: entry.key_spot.clone(),
            form,
            test: words,
            test_spot: test.map_or(entry.key_spot.clone(), |node| node.spot.clone()),
            interval: self.time(node, "interval"),
            timeout: self.time(node, "timeout"),
            retries,
            start_period: self.time(node, "start_period"),
            start_interval: self.time(node, "start_interval"),
        })
    }

    fn test(&mut self, test: Option<&Node>) -> (HealthForm, Vec<Value>) {
        let Some(node) = test.filter(|node| !node.is_null()) else { return (HealthForm::Inherited, Vec::new()) };
        let words = values(node);
        if matches!(node.body, Body::Scalar(_)) {
            let none = words.first().is_some_and(|word| word.raw.trim() == "NONE");
            return if none { (HealthForm::None, Vec::new()) } else { (HealthForm::Shell, words) };
        }
        let Some((first, rest)) = words.split_first() else { return (HealthForm::Inherited, Vec::new()) };
        match first.known() {
            Some("NONE") => (HealthForm::None, Vec::new()),
            Some("CMD") => (HealthForm::Cmd, rest.to_vec()),
            Some("CMD-SHELL") => (HealthForm::Shell, rest.to_vec()),
            Some(other) => {
                let other = other.to_owned();
                self.refuse(
                    &first.spot,
                    format!("the test begins with `{other}`; a list begins with CMD, CMD-SHELL or NONE"),
                );
                (HealthForm::Cmd, words)
            }
            None => (HealthForm::Cmd, rest.to_vec()),
        }
    }

    fn time(&mut self, node: &Node, key: &str) -> Option<std::time::Duration> {
        let node = node.get(key)?;
        let text = node.known()?;
        let time = units::duration(text);
        if time.is_none() {
            let message = format!("`{text}` is no duration: it needs a unit, such as 30s or 1m30s");
            self.refuse(&node.spot, message);
        }
        time
    }

    /// A memory limit, by its place below `deploy.resources` and its older name.
    fn memory(&mut self, node: &Node, part: &str, older: &str) -> Option<Memory> {
        let limits = node.get("deploy").and_then(|node| node.get("resources")?.get(part)?.get("memory"));
        let limit = limits.or_else(|| node.get(older))?;
        let bytes = limit.known().map(units::size);
        if bytes == Some(None) {
            let text = limit.known().unwrap_or_default().to_owned();
            self.refuse(&limit.spot, format!("`{text}` is no size: write 512m, 2g or a number of bytes"));
        }
        Some(Memory { spot: limit.spot.clone(), bytes: bytes.flatten() })
    }
}

fn replicas(node: &Node) -> Option<(u32, Spot)> {
    let written = node.get("deploy").and_then(|node| node.get("replicas")).or_else(|| node.get("scale"))?;
    Some((written.known()?.parse().ok()?, written.spot.clone()))
}

/// Whether `deploy` says what `docker compose up` does not heed: the file is for `docker stack deploy` too.
fn swarm(node: &Node) -> bool {
    let keys = ["placement", "update_config", "rollback_config", "endpoint_mode", "mode"];
    node.get("deploy").is_some_and(|deploy| keys.iter().any(|key| deploy.get(key).is_some()))
}

/// `extra_hosts`: a list of `host:address`, or a map.
fn hosts(node: &Node) -> Vec<Value> {
    let Some(node) = node.get("extra_hosts") else { return Vec::new() };
    let mapped = node.entries().iter().map(|entry| {
        let address = entry.value.as_scalar();
        let joined = |text: &str| format!("{}:{text}", entry.key);
        Value {
            raw: joined(address.map_or("", |scalar| scalar.raw.as_str())),
            text: address.and_then(|scalar| scalar.text.as_deref()).map(joined),
            spot: entry.key_spot.clone(),
        }
    });
    node.items().iter().filter_map(value).chain(mapped).collect()
}

/// Names of secrets or configs: short, or `source` of the long form.
fn named(node: &Node, key: &str) -> Vec<Value> {
    let items = node.get(key).map(Node::items).unwrap_or_default();
    items.iter().filter_map(|item| value(item.get("source").unwrap_or(item))).collect()
}

/// Where configs are put: `target`, or the root.
fn config_targets(node: &Node) -> Vec<String> {
    let items = node.get("configs").map(Node::items).unwrap_or_default();
    let target = |item: &Node| {
        let source = value(item.get("source").unwrap_or(item))?;
        let target = item.get("target").and_then(value).and_then(|target| target.text);
        Some(target.unwrap_or_else(|| format!("/{}", source.raw)))
    };
    items.iter().filter_map(target).collect()
}

/// Where secrets are put: `target`, or a file of their name.
fn secret_targets(node: &Node) -> Option<Vec<String>> {
    let items = node.get("secrets").map(Node::items).unwrap_or_default();
    let target = |item: &Node| {
        let name = value(item.get("target").or_else(|| item.get("source")).unwrap_or(item))?.text?;
        Some(if name.starts_with('/') { name } else { format!("/run/secrets/{name}") })
    };
    items.iter().map(target).collect()
}

/// `networks`: names, or a map with aliases.
fn attachments(node: &Node) -> Vec<Attachment> {
    let Some(node) = node.get("networks") else { return Vec::new() };
    let listed = node.items().iter().filter_map(|item| {
        let network = item.known()?.to_owned();
        Some(Attachment { spot: item.spot.clone(), network, aliases: Vec::new(), addresses: Vec::new() })
    });
    let mapped = node.entries().iter().map(|entry| Attachment {
        spot: entry.key_spot.clone(),
        network: entry.key.clone(),
        aliases: entry.value.get("aliases").map(values).unwrap_or_default(),
        addresses: ["ipv4_address", "ipv6_address"].iter().filter_map(|key| value(entry.value.get(key)?)).collect(),
    });
    listed.chain(mapped).collect()
}
