//! A connection to each server: [`Wires`].

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex as Lock, MutexGuard, PoisonError};

use redis::Value;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::super::question::{Again, Question};
use super::super::replicas::Replicas;
use super::super::server::Server;
use super::super::slots::Node;
use super::super::trouble::{Failed, Trouble};
use super::wire::{Deadline, Wire};

/// One for each server, made when it is first needed, and used by one task at a time.
#[derive(Default)]
pub(super) struct Wires(Lock<HashMap<Node, Arc<Mutex<Option<Wire>>>>>);

/// More servers than a cluster has. Servers that announce ever others fill no memory.
const MOST: usize = 1024;

/// How a question is asked.
pub(super) struct Asking<'a> {
    pub(super) question: &'a Question,
    /// Whether the server is told first that it is the one that takes the slot over.
    pub(super) is_asking: bool,
    pub(super) replicas: Replicas,
    /// Whether it is the only server there is.
    pub(super) is_single: bool,
}

impl Wires {
    /// Asks a server. Where there are others, half of the time that is left is left for them, unless what was sent may not be sent again.
    pub(super) async fn ask(
        &self,
        server: &Server,
        asking: &Asking<'_>,
        deadline: Deadline,
    ) -> Result<Value, Failed> {
        let half = if asking.is_single { deadline } else { deadline.share(2) };
        let whole = if asking.question.again == Again::Never { deadline } else { half };
        let wires = self.wires(&server.node);
        let opened = timeout(half.left(), async {
            let mut held = wires.lock().await;
            if let Some(mut idle) = held.take()
                && idle.is_quiet().await
            {
                return Ok((held, idle, true));
            }
            Wire::open(server, half.left()).await.map(|new| (held, new, false))
        });
        let (mut held, wire, was_idle) =
            opened.await.unwrap_or(Err(Trouble::Late)).map_err(Failed::unsent)?;
        // One that breaks, or whose future is dropped on the way, is not put back: an answer that comes late must not be read as the next.
        let asked = timeout(whole.left(), asking.ask(wire, whole)).await;
        let asked = asked.unwrap_or(Err(Failed::sent(Trouble::Late)));
        let (answer, wire) = asked.map_err(|failed| failed.after(was_idle))?;
        *held = Some(wire);
        answer.map_err(Failed::sent)
    }

    /// Drops the connections to all others, which are gone, or have nothing any more. Who uses one just now still does.
    pub(super) fn keep(&self, nodes: &HashSet<Node>) {
        self.all().retain(|node, _| nodes.contains(node));
    }

    fn wires(&self, node: &Node) -> Arc<Mutex<Option<Wire>>> {
        let mut wires = self.all();
        if wires.len() >= MOST && !wires.contains_key(node) {
            wires.clear();
        }
        Arc::clone(wires.entry(node.clone()).or_default())
    }

    /// Whole after each line that changes it, so a panic elsewhere did no harm.
    fn all(&self) -> MutexGuard<'_, HashMap<Node, Arc<Mutex<Option<Wire>>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asking<'_> {
    /// What came of it, and the connection, which is good for more.
    async fn ask(
        &self,
        mut wire: Wire,
        deadline: Deadline,
    ) -> Result<(Result<Value, Trouble>, Wire), Failed> {
        if self.is_asking {
            let asked = wire.ask(&Question::plain(redis::cmd("ASKING"))).await;
            let (answer, same) = asked.map_err(Failed::unsent)?;
            wire = same;
            if answer != Value::Okay {
                return Ok((Ok(answer), wire));
            }
        }
        let (answer, wire) = wire.ask(self.question).await.map_err(Failed::sent)?;
        if self.replicas.count == 0 || !self.question.is_kept || answer != Value::Int(1) {
            return Ok((Ok(answer), wire));
        }
        // On the same connection, whose writes it is about.
        let waited = wire.ask(&self.replicas.wait(deadline.left())).await;
        let (count, wire) = waited.map_err(Failed::sent)?;
        Ok((self.replicas.reached(&count).map(|()| answer), wire))
    }
}
