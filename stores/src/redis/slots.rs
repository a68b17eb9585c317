//! Which server of a cluster has a key: [`slot_of`], [`Slots`].

use std::collections::{BTreeMap, HashSet};

use redis::Value;

use super::trouble::Trouble;

/// Where a server listens: the host, as somebody named it, and the port.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Node {
    pub(super) host: String,
    pub(super) port: u16,
}

/// The host of a server to which nobody has told its own.
const NAMELESS: &str = "?";

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

/// The most servers of a cluster, as its specification has it; what names more is wrong, or wants us to be busy.
pub(super) const MOST_SERVERS: usize = 1024;

/// What is known of who has which slot.
#[derive(Default)]
pub(super) struct Slots {
    /// By the first slot of each, up to the last.
    ranges: BTreeMap<u16, (u16, Node)>,
    /// Those who have them, each once.
    masters: Vec<Node>,
    /// What single servers have said since.
    moved: BTreeMap<u16, Node>,
}

impl Slots {
    /// One server that has all.
    pub(super) fn all_at(node: Node) -> Self {
        Self {
            ranges: BTreeMap::from([(0, (SLOTS - 1, node.clone()))]),
            masters: vec![node],
            moved: BTreeMap::new(),
        }
    }

    /// What `CLUSTER SLOTS` is answered with by a server at this host; and all servers that are in it, replicas too. A server that does not know
    /// its own name is left out, and so nobody is known who has its slots: the others' are to be had all the same.
    ///
    /// ```text
    ///  first slot, last slot, [host, port, …] of the master, [host, port, …] of each replica
    /// ```
    pub(super) fn read(answer: &Value, asked: &str) -> Result<(Self, HashSet<Node>), Trouble> {
        let (mut slots, mut nodes, mut masters) = (Self::default(), HashSet::new(), HashSet::new());
        let ranges = list(answer)?;
        if ranges.len() > usize::from(SLOTS) {
            return Err(Trouble::Strange);
        }
        for range in ranges {
            let [Value::Int(first), Value::Int(last), master, replicas @ ..] = list(range)? else {
                return Err(Trouble::Strange);
            };
            let range = (slot(*first)?, slot(*last)?);
            for replica in replicas {
                nodes.extend(node(replica, asked)?);
            }
            if let Some(master) = node(master, asked)? {
                slots.ranges.insert(range.0, (range.1, master.clone()));
                nodes.insert(master.clone());
                masters.insert(master);
            }
            if nodes.len() > MOST_SERVERS {
                return Err(Trouble::Strange);
            }
        }
        slots.masters = masters.into_iter().collect();
        // One that is in no cluster yet, or has just left it, says that nobody has anything: it is not believed.
        if slots.masters.is_empty() { Err(Trouble::Nobody) } else { Ok((slots, nodes)) }
    }

    /// Who has this slot, if that is known.
    pub(super) fn server_of(&self, slot: u16) -> Option<&Node> {
        let range = || self.ranges.range(..=slot).next_back().filter(|(_, (last, _))| slot <= *last);
        self.moved.get(&slot).or_else(|| range().map(|(_, (_, node))| node))
    }

    /// A slot is at this server from now on.
    pub(super) fn set(&mut self, slot: u16, node: Node) {
        // Who had those says so once more.
        if self.moved.len() >= MOST_SERVERS {
            self.moved.clear();
        }
        self.moved.insert(slot, node);
    }

    /// All who have slots, each once: two thousand at most.
    pub(super) fn servers(&self) -> Vec<Node> {
        let mut servers = self.masters.clone();
        let mut known: HashSet<&Node> = self.masters.iter().collect();
        servers.extend(self.moved.values().filter(|node| known.insert(*node)).cloned());
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
    let is_one =
        host != NAMELESS && !host.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    if is_one && port != 0 { Ok(Node { host: host.to_owned(), port }) } else { Err(Trouble::Strange) }
}

/// Nothing if it does not know its own name.
fn node(server: &Value, asked: &str) -> Result<Option<Node>, Trouble> {
    let [host, Value::Int(port), ..] = list(server)? else { return Err(Trouble::Strange) };
    let host = match host {
        Value::Nil => "",
        host => text(host)?,
    };
    if host == NAMELESS {
        return Ok(None);
    }
    announced(host, u16::try_from(*port).map_err(|_| Trouble::Strange)?, asked).map(Some)
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
