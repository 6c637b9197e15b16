//! Compose files: which ones there are, what they say together, and the services in it.
//!
//! The steps are compose's own: find the files, replace variables, follow `include` and `extends`, merge, read. A fault of form is noted with
//! its place and the rest is read on.

mod convert;
mod environment;
mod find;
mod load;
mod merge;
mod mounts;
mod ports;
mod schema;
mod service;
#[cfg(test)]
mod tests;
mod trim;
mod units;
mod words;

use super::fault::FaultKind;
use super::find::{Finder, Options};
use super::model::{Service, Top, Value};
use super::text::{Kind, NOT_READ, Spot};
use super::yaml::{Entry, Node};

/// Reads the compose files of a deployment.
///
/// # Errors
/// When none can be read.
pub(super) fn read(finder: &mut Finder<'_>, options: &Options) -> Result<(), String> {
    let Some(found) = find::files(finder, options)? else { return lone_dockerfile(finder) };
    let names = found.files.join(", ");
    let (mut root, bases) = load::project(finder, found)?;
    trim::trim(&mut root, finder);
    let mut reader = convert::Reader::new(finder, bases);
    for section in root.entries() {
        match section.key.as_str() {
            "services" => reader.services(&section.value),
            "networks" => reader.finder.deployment.networks = reader.tops(&section.value),
            "volumes" => reader.finder.deployment.volumes = reader.tops(&section.value),
            "secrets" => reader.finder.deployment.secrets = reader.tops(&section.value),
            "configs" => reader.finder.deployment.configs = reader.tops(&section.value),
            _ => {}
        }
    }
    let deployment = &finder.deployment;
    // What is wrong with the file is told as a finding, and is why there are none.
    if deployment.services.is_empty() && deployment.faults.is_empty() {
        return Err(format!("{names} has no services"));
    }
    Ok(())
}

/// Services that are judged: many times as many as run on one machine.
const SERVICES: usize = 200;
impl convert::Reader<'_, '_> {
    fn services(&mut self, section: &Node) {
        section.entries().iter().take(SERVICES).for_each(|entry| self.service(entry));
        if let Some(further) = section.entries().get(SERVICES) {
            let message = format!("there are more than {SERVICES} services; {NOT_READ}");
            self.finder.fault(FaultKind::Limit, further.key_spot.clone(), message);
            self.finder.deployment.partial = true;
        }
    }

    fn tops(&self, section: &Node) -> Vec<Top> {
        section.entries().iter().map(|entry| self.top(entry)).collect()
    }

    fn top(&self, entry: &Entry) -> Top {
        let external = entry.value.get("external");
        let file = entry.value.get("file").and_then(convert::value);
        let path = file.as_ref().and_then(|file| Some(self.path(&file.spot, file.known()?)));
        Top {
            name: entry.key.clone(),
            spot: entry.key_spot.clone(),
            external: external.is_some_and(|node| !node.is_null() && node.known() != Some("false")),
            absent: path.as_ref().is_some_and(|path| !self.finder.tree.exists(path)),
            inline: entry.value.get("content").is_some(),
            subnets: subnets(&entry.value),
            file,
            path,
        }
    }
}

/// The subnets of a network that an engine's own driver gives addresses from.
fn subnets(network: &Node) -> Option<Vec<Value>> {
    let driver = network.get("driver").map_or(Some("bridge"), Node::known)?;
    let ipam = network.get("ipam");
    let custom = ipam.and_then(|ipam| ipam.get("driver")).is_some_and(|node| node.known() != Some("default"));
    if custom || !matches!(driver, "bridge" | "overlay" | "macvlan" | "ipvlan") {
        return None;
    }
    let items = ipam.and_then(|ipam| ipam.get("config")).map(Node::items).unwrap_or_default();
    Some(items.iter().filter_map(|item| convert::value(item.get("subnet")?)).collect())
}

/// A folder with a Dockerfile and no compose file: one service that is built from it.
fn lone_dockerfile(finder: &mut Finder<'_>) -> Result<(), String> {
    let file = finder.open("Dockerfile", Kind::Dockerfile).map_err(|_| "there is no compose file here".to_owned())?;
    let spot = Spot::new(file, 0..0);
    let mut service = Service::new("Dockerfile", spot.clone());
    service.build = Some(convert::whole_folder(spot));
    finder.deployment.services.push(service);
    finder.deployment.notes.push("There is no compose file; the Dockerfile is judged alone.".to_owned());
    Ok(())
}
