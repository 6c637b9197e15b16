//! Fixed addresses of containers, against the networks they are in, and against each other.

use std::net::IpAddr;

use crate::deploy::{Attachment, Deployment, Service, Value};
use crate::preflight::checks::{Context, Hit, Hits, Level};

use super::host_port::together;

/// A fixed address of a container, where it is known.
struct Fixed<'a> {
    service: &'a Service,
    attachment: &'a Attachment,
    value: &'a Value,
    address: IpAddr,
}

fn fixed(deployment: &Deployment) -> impl Iterator<Item = Fixed<'_>> {
    let attached = deployment.services.iter().flat_map(|service| service.networks.iter().map(move |at| (service, at)));
    attached.flat_map(|(service, attachment)| {
        let known = |value: &Value| value.known()?.trim().parse::<IpAddr>().ok();
        attachment
            .addresses
            .iter()
            .filter_map(move |value| Some(Fixed { service, attachment, value, address: known(value)? }))
    })
}

/// An address that no subnet of its network holds.
pub(super) fn outside(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for fixed in fixed(context.deployment) {
        let network = context.deployment.networks.iter().find(|network| network.name == fixed.attachment.network);
        let Some(network) = network.filter(|network| !network.external) else { continue };
        let Some(written) = &network.subnets else { continue };
        let subnets: Option<Vec<(IpAddr, u8)>> = written.iter().map(|value| subnet(value.known()?)).collect();
        let Some(subnets) = subnets else { continue };
        if subnets.iter().any(|subnet| holds(*subnet, fixed.address)) {
            continue;
        }
        let texts: Vec<&str> = written.iter().filter_map(Value::known).collect();
        let reason = if texts.is_empty() {
            "which names no subnet".to_owned()
        } else {
            format!("whose subnet is {}", texts.join(" and "))
        };
        let hit = Hit::at(fixed.value.spot.clone()).with("service", &fixed.service.name).with("network", &network.name);
        hits.push(hit.with("address", fixed.address.to_string()).with("reason", reason));
    }
    hits
}

/// Two containers with one address.
pub(super) fn twice(context: &Context<'_>) -> Hits {
    let all: Vec<Fixed<'_>> = fixed(context.deployment).filter(|fixed| fixed.service.starts()).collect();
    let mut hits = Hits::default();
    for (index, fixed) in all.iter().enumerate() {
        let same = |other: &&Fixed<'_>| {
            other.address == fixed.address
                && other.attachment.network == fixed.attachment.network
                && other.service.name != fixed.service.name
                && together(other.service, fixed.service)
        };
        let hit = Hit::at(fixed.value.spot.clone()).with("service", &fixed.service.name);
        let hit = hit.with("address", fixed.address.to_string()).with("network", &fixed.attachment.network);
        if let Some(other) = all.iter().take(index).find(same) {
            // With a profile it depends on how compose is called.
            let sure = fixed.service.profiles.is_empty() && other.service.profiles.is_empty();
            let hit = hit.with("other", &other.service.name);
            hits.push(if sure { hit } else { hit.only(Level::Warning) });
        }
    }
    hits
}

/// `172.30.0.0/24`
fn subnet(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.trim().split_once('/')?;
    Some((address.parse().ok()?, length.parse().ok()?))
}

fn holds((base, length): (IpAddr, u8), address: IpAddr) -> bool {
    let (base, address, width) = match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => (u128::from(base.to_bits()), u128::from(address.to_bits()), 32_u32),
        (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let free = width.saturating_sub(u32::from(length));
    base.checked_shr(free) == address.checked_shr(free)
}
