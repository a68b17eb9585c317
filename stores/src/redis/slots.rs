//! Which server of a cluster has a key: [`slot_of`], [`Slots`].

use std::collections::BTreeMap;

use redis::Value;

use super::trouble::Trouble;

/// Where a server listens: the host, as somebody named it, and the port.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Node {
    pub(super) host: String,
    pub(super) port: u16,
}

/// How many slots a cluster has.
const SLOTS: u16 = 16_384;

/// The slot of a key's hash tag: CRC-16/XMODEM, as the specification of Redis Cluster has it. The client's own sum is reached only with
/// its feature `cluster`, which would bring in three more crates for these lines.
pub(super) fn slot_of(tag: &str) -> u16 {
    let sum = tag.bytes().fold(0_u16, |sum, byte| {
        (0..8).fold(sum ^ (u16::from(byte) << 8), |sum, _| {
            if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 }
        })
    });
    sum % SLOTS
}

/// What is known of who has which slot.
#[derive(Default)]
pub(super) struct Slots {
    ranges: Vec<(u16, u16, Node)>,
    /// What single servers have said since.
    moved: BTreeMap<u16, Node>,
}

impl Slots {
    /// One server that has all.
    pub(super) fn all_at(node: Node) -> Self {
        Self { ranges: vec![(0, SLOTS - 1, node)], moved: BTreeMap::new() }
    }

    /// What `CLUSTER SLOTS` is answered with by a server at this host; and all servers that are in it, replicas too.
    ///
    /// ```text
    ///  first slot, last slot, [host, port, …] of the master, [host, port, …] of each replica
    /// ```
    pub(super) fn read(answer: &Value, asked: &str) -> Result<(Self, Vec<Node>), Trouble> {
        let (mut slots, mut nodes) = (Self::default(), Vec::new());
        for range in list(answer)? {
            let [Value::Int(first), Value::Int(last), servers @ ..] = list(range)? else {
                return Err(Trouble::Strange);
            };
            let servers: Vec<Node> =
                servers.iter().map(|server| node(server, asked)).collect::<Result<Vec<_>, _>>()?;
            let master = servers.first().ok_or(Trouble::Strange)?;
            slots.ranges.push((slot(*first)?, slot(*last)?, master.clone()));
            for node in servers {
                if !nodes.contains(&node) {
                    nodes.push(node);
                }
            }
        }
        Ok((slots, nodes))
    }

    /// Who has this slot, if that is known.
    pub(super) fn server_of(&self, slot: u16) -> Option<&Node> {
        let range = || self.ranges.iter().find(|(first, last, _)| (*first..=*last).contains(&slot));
        self.moved.get(&slot).or_else(|| range().map(|(_, _, node)| node))
    }

    /// A slot is at this server from now on.
    pub(super) fn set(&mut self, slot: u16, node: Node) {
        self.moved.insert(slot, node);
    }

    /// All who have slots.
    pub(super) fn servers(&self) -> Vec<Node> {
        let mut servers = Vec::new();
        for node in self.ranges.iter().map(|(_, _, node)| node).chain(self.moved.values()) {
            if !servers.contains(node) {
                servers.push(node.clone());
            }
        }
        servers
    }
}

/// Where `MOVED SLOT HOST:PORT` or `ASK SLOT HOST:PORT` leads, said by a server at this host.
pub(super) fn redirected(details: Option<&str>, asked: &str) -> Result<Node, Trouble> {
    let place = details.and_then(|details| details.split(' ').nth(1)).ok_or(Trouble::Strange)?;
    let (host, port) = place.rsplit_once(':').ok_or(Trouble::Strange)?;
    announced(host, port.parse().map_err(|_| Trouble::Strange)?, asked)
}

/// A host and a port that a server announces. One without a host is where the one is that was asked.
pub(super) fn announced(host: &str, port: u16, asked: &str) -> Result<Node, Trouble> {
    let host = if host.is_empty() { asked } else { host };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    // Nobody has told it its own name.
    let is_one = host != "?" && !host.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    if is_one && port != 0 { Ok(Node { host: host.to_owned(), port }) } else { Err(Trouble::Strange) }
}

fn node(server: &Value, asked: &str) -> Result<Node, Trouble> {
    let [host, Value::Int(port), ..] = list(server)? else { return Err(Trouble::Strange) };
    let host = match host {
        Value::Nil => "",
        host => text(host)?,
    };
    announced(host, u16::try_from(*port).map_err(|_| Trouble::Strange)?, asked)
}

fn slot(number: i64) -> Result<u16, Trouble> {
    u16::try_from(number).ok().filter(|slot| *slot < SLOTS).ok_or(Trouble::Strange)
}

pub(super) fn list(value: &Value) -> Result<&[Value], Trouble> {
    match value {
        Value::Array(values) => Ok(values),
        _ => Err(Trouble::Strange),
    }
}

pub(super) fn text(value: &Value) -> Result<&str, Trouble> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).map_err(|_| Trouble::Strange),
        Value::SimpleString(text) => Ok(text),
        _ => Err(Trouble::Strange),
    }
}
