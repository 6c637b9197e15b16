//! Which ports are open inside a container, from what `ss -tlnp` prints or what the kernel lists in `/proc/net/tcp` and `tcp6`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A listening socket.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Listener {
    /// The port.
    pub port: u16,
    /// The address it is bound to: `0.0.0.0`, `::`, `127.0.0.1`.
    pub address: String,
    /// The process that holds it, where that can be seen.
    #[serde(skip)]
    pub process: Option<String>,
    /// Its process id inside the container.
    #[serde(skip)]
    pub pid: Option<u32>,
    /// The kernel's number of the socket, from `/proc`.
    #[serde(skip)]
    pub inode: Option<u64>,
}

impl Listener {
    /// Whether only the container itself can reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        // Java binds IPv4 addresses as IPv6 ones.
        let address = self.address.strip_prefix("::ffff:").unwrap_or(&self.address);
        address.starts_with("127.") || address == "::1"
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.address.contains(':') {
            write!(f, "[{}]:{}", self.address, self.port)
        } else {
            write!(f, "{}:{}", self.address, self.port)
        }
    }
}

/// The listeners in the output of `ss -tlnp`.
#[must_use]
pub fn from_ss(text: &str) -> Vec<Listener> {
    let parse = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let local = columns.get(3).filter(|_| columns.first() == Some(&"LISTEN"))?;
        let (address, port) = local.rsplit_once(':')?;
        let address = address.trim_matches(['[', ']']).split('%').next()?;
        let address = if address == "*" { "::" } else { address };
        let (process, pid) = columns.get(5..).map(|rest| holder(&rest.join(" "))).unwrap_or_default();
        Some(Listener { port: port.parse().ok()?, address: address.to_owned(), process, pid, inode: None })
    };
    text.lines().filter_map(parse).collect()
}

/// `users:(("node",pid=1,fd=18))`
fn holder(text: &str) -> (Option<String>, Option<u32>) {
    let name = text.split("((\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
    let pid = text.split("pid=").nth(1).and_then(|rest| rest.split(',').next()).and_then(|pid| pid.parse().ok());
    (name, pid)
}

/// The listeners in `/proc/net/tcp` or `/proc/net/tcp6`, or in both of them one after the other.
#[must_use]
pub fn from_proc(text: &str) -> Vec<Listener> {
    const LISTEN: &str = "0A";
    let parse = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (address, port) = columns.get(1)?.split_once(':').filter(|_| columns.get(3) == Some(&LISTEN))?;
        Some(Listener {
            port: u16::from_str_radix(port, 16).ok()?,
            address: address_of(address)?,
            inode: columns.get(9).and_then(|inode| inode.parse().ok()),
            ..Listener::default()
        })
    };
    text.lines().filter_map(parse).collect()
}

/// An address as the kernel prints it: words of four bytes, each in the machine's order (little-endian on all that run containers).
fn address_of(hex: &str) -> Option<String> {
    let word = |at: usize| u32::from_str_radix(hex.get(at..at + 8)?, 16).ok().map(u32::swap_bytes);
    if hex.len() == 8 {
        return Some(std::net::Ipv4Addr::from(word(0)?).to_string());
    }
    let words = [word(0)?, word(8)?, word(16)?, word(24)?];
    let number = words.iter().fold(0_u128, |number, word| number << 32 | u128::from(*word));
    Some(std::net::Ipv6Addr::from(number).to_string())
}

/// Which process holds which socket, from `ls -l /proc/[0-9]*/fd`.
#[must_use]
pub fn sockets(listing: &str) -> BTreeMap<u64, u32> {
    let mut holders = BTreeMap::new();
    let mut pid = None;
    for line in listing.lines() {
        if let Some(rest) = line.strip_prefix("/proc/") {
            pid = rest.split('/').next().and_then(|pid| pid.parse().ok());
        } else if let (Some(pid), Some((_, rest))) = (pid, line.split_once("socket:["))
            && let Some(inode) = rest.split(']').next().and_then(|inode| inode.parse().ok())
        {
            holders.entry(inode).or_insert(pid);
        }
    }
    holders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ss_names_address_port_and_process() {
        let text = "State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n\
            LISTEN 0      511          0.0.0.0:80        0.0.0.0:*     users:((\"nginx\",pid=7,fd=6),(\"nginx\",pid=1,fd=6))\n\
            LISTEN 0      511                *:3000            *:*     users:((\"node\",pid=1,fd=18))\n\
            LISTEN 0      128    127.0.0.11%lo:41000     0.0.0.0:*\n";
        let found = from_ss(text);
        let shown: Vec<(u16, &str, Option<&str>, Option<u32>)> =
            found.iter().map(|one| (one.port, one.address.as_str(), one.process.as_deref(), one.pid)).collect();
        assert_eq!(
            shown,
            [
                (80, "0.0.0.0", Some("nginx"), Some(7)),
                (3000, "::", Some("node"), Some(1)),
                (41000, "127.0.0.11", None, None)
            ]
        );
        assert!(found[2].is_loopback());
    }

    #[test]
    fn the_kernel_s_list_is_read() {
        let text = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 x 100 0 0 10 0\n\
            1: 00000000:0BB8 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 x\n\
            0: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4713 1 x\n\
            0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4714 1 x\n";
        let found = from_proc(text);
        let shown: Vec<(u16, &str, Option<u64>)> =
            found.iter().map(|one| (one.port, one.address.as_str(), one.inode)).collect();
        assert_eq!(shown, [(5432, "127.0.0.1", Some(4711)), (3000, "::", Some(4713)), (22, "::1", Some(4714))]);
    }

    #[test]
    fn a_socket_s_process_is_found() {
        let text = "/proc/1/fd:\ntotal 0\nlrwx------ 1 0 0 64 Nov 26 12:00 3 -> socket:[4713]\n\n/proc/9/fd:\nlrwx 4 -> socket:[99]\n";
        assert_eq!(sockets(text), BTreeMap::from([(4713, 1), (99, 9)]));
    }
}
