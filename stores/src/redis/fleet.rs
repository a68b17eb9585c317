//! One Redis, or several of which one has the record: [`Fleet`], what is known of them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::Value;
use valetkey_core::store::StoreError;

use super::question::Question;
use super::server::{Access, DEFAULT_PORT, Server, strange};
use super::slots::{Node, Slots, announced, list, text};
use super::trouble::Trouble;

/// The servers of a store.
pub(super) struct Fleet {
    way: Way,
    /// Whether a host that was announced, and not named, may be connected to.
    hosts: Option<Arc<dyn Hosts>>,
    known: Mutex<Known>,
}

#[derive(Clone)]
enum Way {
    /// A single one.
    One(Arc<Server>),
    /// The servers that were named, of which each knows who has which slot.
    Cluster(Access, Vec<Node>),
    /// The sentinels that were named, which know the master of this name.
    Sentinels { access: Access, sentinels: Vec<Arc<Server>>, name: String },
}

/// Says of a host whether the program wants to send its password and its records there.
pub(super) trait Hosts: Fn(&str) -> bool + Send + Sync {}

impl<F: Fn(&str) -> bool + Send + Sync> Hosts for F {}

/// What is known of who has what.
#[derive(Default)]
pub(super) struct Known {
    pub(super) slots: Slots,
    /// How often it was learned.
    pub(super) generation: u64,
    /// Whether somebody found it wrong since.
    pub(super) is_stale: bool,
    /// Who gave no good answer when it was.
    pub(super) doubted: Option<Node>,
    /// Whether somebody is learning it anew, and how often somebody began to.
    pub(super) is_learning: bool,
    pub(super) turns: usize,
}

/// The most that is read of what a server says of the others, in bytes: a thousand servers, and ten thousand pieces of slots.
const MOST_SAID: usize = 4 * 1024 * 1024;

/// The most that is read of a sentinel's answer.
const ADDRESS: usize = 4096;

impl Fleet {
    /// A single server.
    pub(super) fn one(url: &str) -> Result<Self, StoreError> {
        Ok(Self::of(Way::One(Arc::new(Server::at(url)?))))
    }

    /// A cluster, of which these servers are some.
    pub(super) fn cluster(urls: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, StoreError> {
        let all: Vec<_> = urls.into_iter().map(|url| Access::at(url.as_ref())).collect::<Result<_, _>>()?;
        let (access, _) = all.first().ok_or_else(|| {
            StoreError::new(
                "no server of the cluster is named: give the URL of one at least, better of several",
            )
        })?;
        if all.iter().any(|(other, _)| !other.is_like(access)) {
            return Err(StoreError::new(
                "the URLs of the cluster's servers differ in their scheme, user or password: all of its servers are \
                 reached in one way",
            ));
        }
        if access.has_database() {
            return Err(StoreError::new("the URL names a database, and a cluster has one: leave it out"));
        }
        Ok(Self::of(Way::Cluster(access.clone(), all.iter().map(|(_, node)| node.clone()).collect())))
    }

    /// The master of the name that stands for the host, as these sentinels know it.
    pub(super) fn sentinels(
        master: &str,
        sentinels: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, StoreError> {
        let (access, named) = Access::at(master)?;
        if named.port != DEFAULT_PORT {
            return Err(StoreError::new(
                "the URL of the master names a port, and which one it has is said by the sentinels: leave it out",
            ));
        }
        let mut all = Vec::new();
        for url in sentinels {
            let (access, node) = Access::at(url.as_ref())?;
            if access.has_database() {
                return Err(StoreError::new(
                    "the URL of a sentinel names a database: a sentinel has none, so leave it out",
                ));
            }
            all.push(Arc::new(access.server(&node).ok_or_else(strange)?));
        }
        if all.is_empty() {
            return Err(StoreError::new("no sentinel is named: give the URL of one at least, better of all"));
        }
        Ok(Self::of(Way::Sentinels { access: access.for_masters(), sentinels: all, name: named.host }))
    }

    fn of(way: Way) -> Self {
        Self { way, hosts: None, known: Mutex::default() }
    }

    /// The same servers, of which nothing is known yet.
    pub(super) fn with_hosts(&self, hosts: impl Hosts + 'static) -> Self {
        Self { hosts: Some(Arc::new(hosts)), ..Self::of(self.way.clone()) }
    }

    /// The only server there is.
    pub(super) fn single(&self) -> Option<Arc<Server>> {
        match &self.way {
            Way::One(server) => Some(Arc::clone(server)),
            Way::Cluster(..) | Way::Sentinels { .. } => None,
        }
    }

    /// Whole after each line that changes it, so a panic elsewhere did no harm.
    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whom to ask where the servers are, the last first: each time another one begins, and who is doubted ends.
    pub(super) fn who_knows(&self) -> Vec<Arc<Server>> {
        let (nodes, turns, doubted) = {
            let mut known = self.known();
            let turns = known.turns;
            known.turns = turns.wrapping_add(1);
            (known.slots.servers(), turns, known.doubted.clone())
        };
        let mut all: Vec<Arc<Server>> = match &self.way {
            Way::One(_) => Vec::new(),
            Way::Cluster(access, seeds) => {
                let known: HashSet<&Node> = nodes.iter().collect();
                let unknown = seeds.iter().filter(|seed| !known.contains(seed));
                let allowed = nodes.iter().chain(unknown).filter(|node| self.is_allowed(&node.host));
                allowed.filter_map(|node| access.server(node)).map(Arc::new).collect()
            }
            Way::Sentinels { sentinels, .. } => sentinels.clone(),
        };
        let turn = turns.checked_rem(all.len());
        all.rotate_left(turn.unwrap_or_default());
        all.sort_by_key(|server| Some(&server.node) != doubted.as_ref());
        all
    }

    /// Who has something, as far as is known: connections to others are of no use any more.
    pub(super) fn in_use(&self) -> HashSet<Node> {
        self.known().slots.servers().into_iter().collect()
    }

    /// What they are asked.
    pub(super) fn asks(&self) -> Question {
        match &self.way {
            Way::One(_) | Way::Cluster(..) => {
                let mut command = redis::cmd("CLUSTER");
                command.arg("SLOTS");
                Question::listed(command, MOST_SAID)
            }
            Way::Sentinels { name, .. } => {
                let mut command = redis::cmd("SENTINEL");
                command.arg("get-master-addr-by-name").arg(name);
                Question::listed(command, ADDRESS)
            }
        }
    }

    /// Takes over what this server has answered.
    pub(super) fn learn(&self, from: &Server, answer: &Value) -> Result<(), Trouble> {
        let asked = &from.node.host;
        let (slots, nodes) = match &self.way {
            Way::Sentinels { .. } => {
                if *answer == Value::Nil {
                    return Err(Trouble::NoMaster);
                }
                let [host, port] = list(answer)? else { return Err(Trouble::Strange) };
                let port = text(port)?.parse().map_err(|_| Trouble::Strange)?;
                let master = announced(text(host)?, port, asked)?;
                (Slots::all_at(master.clone()), HashSet::from([master]))
            }
            Way::One(_) | Way::Cluster(..) => Slots::read(answer, asked)?,
        };
        // At first all of them must be allowed, replicas too: better now than when one of these takes over. Later a server that was added
        // disturbs nobody but those whose records are there. The program is asked while nothing is held that others wait for.
        let is_first = self.known().generation == 0;
        if is_first && !nodes.iter().all(|node| self.is_allowed(&node.host)) {
            return Err(Trouble::Elsewhere);
        }
        let mut known = self.known();
        *known = Known {
            slots,
            generation: known.generation + 1,
            is_stale: false,
            doubted: None,
            is_learning: known.is_learning,
            turns: known.turns,
        };
        Ok(())
    }

    /// The server there, if the program allows it.
    pub(super) fn server(&self, node: &Node) -> Result<Arc<Server>, Trouble> {
        let access = match &self.way {
            Way::One(server) => return Ok(Arc::clone(server)),
            Way::Cluster(access, _) | Way::Sentinels { access, .. } => access,
        };
        if !self.is_allowed(&node.host) {
            return Err(Trouble::Elsewhere);
        }
        access.server(node).map(Arc::new).ok_or(Trouble::Strange)
    }

    /// Hosts that were named are, whatever the port. What a server announces may come from anybody who reaches the port by which servers of
    /// a cluster speak with each other, where nobody logs in; and the password is sent to it, as are the records.
    fn is_allowed(&self, host: &str) -> bool {
        let is_named = match &self.way {
            Way::One(_) => true,
            Way::Cluster(_, seeds) => seeds.iter().any(|seed| seed.host.eq_ignore_ascii_case(host)),
            Way::Sentinels { sentinels, .. } => {
                sentinels.iter().any(|sentinel| sentinel.node.host.eq_ignore_ascii_case(host))
            }
        };
        is_named || self.hosts.as_ref().is_some_and(|hosts| hosts(host))
    }
}
