//! `ports`, short and long.

use std::collections::HashSet;

use crate::deploy::part::Port;
use crate::deploy::text::Spot;
use crate::deploy::yaml::{Body, Node};

use super::convert::Reader;

impl Reader<'_, '_> {
    /// The published ports of a service.
    pub(super) fn ports(&mut self, node: &Node) -> Vec<Port> {
        let mut all: Vec<Port> = Vec::new();
        let mut known = HashSet::new();
        for item in node.get("ports").map(Node::items).unwrap_or_default() {
            let port = match &item.body {
                Body::Map(_) => long(item),
                Body::Scalar(_) => self.short(item),
                _ => None,
            };
            // The same port twice in one service is one, as in an override that repeats it.
            let same = |port: &Port| (port.address.clone(), port.host, port.container, port.protocol.clone());
            all.extend(port.filter(|port| known.insert(same(port))));
        }
        all
    }

    fn short(&mut self, item: &Node) -> Option<Port> {
        let text = item.known()?;
        let port = parse(text, item.spot.clone());
        if let Some((host, container)) = port.as_ref().and_then(|port| Some((count(port.host?), count(port.container))))
        {
            // One port of the container behind several of the host is a choice.
            if container > 1 && host != container {
                let message = format!("`{text}` gives {container} ports of the container {host} of the host");
                self.refuse(&item.spot, message);
            }
        }
        if port.is_none() {
            let message = format!("`{text}` is no port: write [address:][host port:]container port[/protocol]");
            self.refuse(&item.spot, message);
        }
        port
    }
}

/// How many ports a range has.
fn count(range: (u16, u16)) -> u32 {
    u32::from(range.1) - u32::from(range.0) + 1
}

fn long(item: &Node) -> Option<Port> {
    let known = |key: &str| item.get(key).and_then(Node::known);
    let container = range(known("target")?)?;
    let spot = item.entry("published").map_or(item.spot.clone(), |entry| entry.value.spot.clone());
    Some(Port {
        spot,
        address: known("host_ip").map(str::to_owned),
        host: known("published").and_then(range),
        container,
        protocol: known("protocol").unwrap_or("tcp").to_owned(),
    })
}

/// `[address:][host:]container[/protocol]`.
fn parse(text: &str, spot: Spot) -> Option<Port> {
    let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let (rest, container) = match ports.rsplit_once(':') {
        Some((rest, container)) => (Some(rest), container),
        None => (None, ports),
    };
    let (address, host) = match rest {
        None => (None, None),
        Some(rest) => match rest.rsplit_once(':') {
            Some((address, host)) => (Some(address.trim_matches(['[', ']']).to_owned()), Some(host)),
            None if rest.contains('.') => return None,
            None => (None, Some(rest)),
        },
    };
    let container = range(container)?;
    let host = match host.filter(|host| !host.is_empty()) {
        Some(host) => Some(range(host)?),
        None => None,
    };
    Some(Port { spot, address, host, container, protocol: protocol.to_ascii_lowercase() })
}

/// `80` or `8000-8010`.
fn range(text: &str) -> Option<(u16, u16)> {
    match text.split_once('-') {
        Some((first, last)) => Some((first.parse().ok()?, last.parse().ok()?)).filter(|(first, last)| first <= last),
        None => text.parse().ok().map(|port| (port, port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_short_form_is_read() {
        let of = |text: &str| {
            let port = parse(text, Spot::new(0, 0..0))?;
            Some((port.address, port.host.map(|host| host.0), port.container, port.protocol))
        };
        let tcp = || "tcp".to_owned();
        assert_eq!(of("80"), Some((None, None, (80, 80), tcp())));
        assert_eq!(of("8080:80"), Some((None, Some(8080), (80, 80), tcp())));
        assert_eq!(
            of("127.0.0.1:53:5353/udp"),
            Some((Some("127.0.0.1".to_owned()), Some(53), (5353, 5353), "udp".to_owned()))
        );
        assert_eq!(of("127.0.0.1::80"), Some((Some("127.0.0.1".to_owned()), None, (80, 80), tcp())));
        assert_eq!(of("[::1]:8080:80"), Some((Some("::1".to_owned()), Some(8080), (80, 80), tcp())));
        assert_eq!(of("9000-9001:8000-8001"), Some((None, Some(9000), (8000, 8001), tcp())));
        assert_eq!((of("web"), of("80:web"), of("70000"), of("9-8")), (None, None, None, None));
    }
}
