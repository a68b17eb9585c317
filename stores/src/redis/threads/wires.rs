//! A connection to each server: [`Wires`].

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::Value;

use super::super::question::{Again, Question};
use super::super::replicas::Replicas;
use super::super::server::Server;
use super::super::slots::Node;
use super::super::trouble::{Failed, Trouble};
use super::turn::Turns;
use super::wire::{Deadline, Wire};

/// One for each server, made when it is first needed.
#[derive(Default)]
pub(super) struct Wires(Mutex<HashMap<Node, Arc<Turns>>>);

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
    pub(super) fn ask(
        &self,
        server: &Server,
        asking: &Asking<'_>,
        deadline: Deadline,
    ) -> Result<Value, Failed> {
        let half = if asking.is_single { deadline } else { deadline.share(2) };
        let whole = if asking.question.again == Again::Never { deadline } else { half };
        let turns = self.turns(&server.node);
        let mut turn = turns.take(half).map_err(Failed::unsent)?;
        let idle = turn.wire.take().and_then(|mut idle| idle.is_quiet().then_some(idle));
        let (wire, was_idle) = match idle {
            Some(idle) => (idle, true),
            None => (Wire::open(server, half).map_err(Failed::unsent)?, false),
        };
        // One that breaks or panics on the way is not put back: an answer that comes late must not be read as the next.
        let (answer, wire) = asking.ask(wire, whole).map_err(|failed| failed.after(was_idle))?;
        turn.wire = Some(wire);
        answer.map_err(Failed::sent)
    }

    /// Drops the connections to all others, which are gone, or have nothing any more. Who uses one just now still does.
    pub(super) fn keep(&self, nodes: &HashSet<Node>) {
        self.all().retain(|node, _| nodes.contains(node));
    }

    fn turns(&self, node: &Node) -> Arc<Turns> {
        let mut wires = self.all();
        if wires.len() >= MOST && !wires.contains_key(node) {
            wires.clear();
        }
        Arc::clone(wires.entry(node.clone()).or_default())
    }

    /// Whole after each line that changes it, so a panic elsewhere did no harm.
    fn all(&self) -> MutexGuard<'_, HashMap<Node, Arc<Turns>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asking<'_> {
    /// What came of it, and the connection, which is good for more.
    fn ask(&self, mut wire: Wire, deadline: Deadline) -> Result<(Result<Value, Trouble>, Wire), Failed> {
        if self.is_asking {
            let asked = wire.ask(&Question::plain(redis::cmd("ASKING")), deadline);
            let (answer, same) = asked.map_err(Failed::unsent)?;
            wire = same;
            if answer != Value::Okay {
                return Ok((Ok(answer), wire));
            }
        }
        let (answer, wire) = wire.ask(self.question, deadline).map_err(Failed::sent)?;
        if self.replicas.count == 0 || !self.question.is_kept || answer != Value::Int(1) {
            return Ok((Ok(answer), wire));
        }
        // On the same connection, whose writes it is about.
        let left = deadline.left().map_err(|late| Failed::sent(late.into()))?;
        let (count, wire) = wire.ask(&self.replicas.wait(left), deadline).map_err(Failed::sent)?;
        Ok((self.replicas.reached(&count).map(|()| answer), wire))
    }
}
