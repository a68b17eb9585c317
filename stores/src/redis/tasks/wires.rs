//! A connection to each server: [`Wires`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex as Lock, PoisonError};

use redis::Value;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::super::errand::Failed;
use super::super::question::{Again, Question};
use super::super::replicas::Replicas;
use super::super::server::Server;
use super::super::slots::Node;
use super::super::trouble::Trouble;
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
        let unsent = |trouble| Failed { trouble, was_sent: false };
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
        let (mut held, wire, was_idle) = opened.await.unwrap_or(Err(Trouble::Late)).map_err(unsent)?;
        // One that breaks, or whose future is dropped on the way, is not put back: an answer that comes late must not be read as the next.
        let asked = timeout(whole.left(), asking.ask(wire, whole)).await.unwrap_or(Err(Trouble::Late));
        let (answer, wire) = asked.map_err(|trouble| Failed {
            trouble: if was_idle { trouble.after_idling() } else { trouble },
            was_sent: true,
        })?;
        *held = Some(wire);
        answer.map_err(|trouble| Failed { trouble, was_sent: true })
    }

    fn wires(&self, node: &Node) -> Arc<Mutex<Option<Wire>>> {
        // Whole after each line, so a panic elsewhere did no harm.
        let mut wires = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if wires.len() >= MOST && !wires.contains_key(node) {
            wires.clear();
        }
        Arc::clone(wires.entry(node.clone()).or_default())
    }
}

impl Asking<'_> {
    /// What came of it, and the connection, which is good for more.
    async fn ask(
        &self,
        mut wire: Wire,
        deadline: Deadline,
    ) -> Result<(Result<Value, Trouble>, Wire), Trouble> {
        if self.is_asking {
            let (answer, same) = wire.ask(&Question::plain(redis::cmd("ASKING"))).await?;
            wire = same;
            if answer != Value::Okay {
                return Ok((Ok(answer), wire));
            }
        }
        let (answer, wire) = wire.ask(self.question).await?;
        if self.replicas.count == 0 || !self.question.is_kept || answer != Value::Int(1) {
            return Ok((Ok(answer), wire));
        }
        // On the same connection, whose writes it is about.
        let (count, wire) = wire.ask(&self.replicas.wait(deadline.left())).await?;
        Ok((self.replicas.reached(&count).map(|()| answer), wire))
    }
}
