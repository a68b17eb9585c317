//! A connection to each server: [`Wires`].

use std::collections::HashSet;

use redis::Value;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::super::asking::Asking;
use super::super::by_server::ByServer;
use super::super::question::Question;
use super::super::server::Server;
use super::super::slots::Node;
use super::super::trouble::{Failed, Trouble};
use super::wire::{Deadline, Wire};

/// One for each server, made when it is first needed, and used by one task at a time.
#[derive(Default)]
pub(super) struct Wires(ByServer<Mutex<Option<Wire>>>);

impl Wires {
    /// Asks a server.
    pub(super) async fn ask(
        &self,
        server: &Server,
        asking: &Asking<'_>,
        deadline: Deadline,
    ) -> Result<Value, Failed> {
        let (half, whole) = asking.within(deadline);
        let wires = self.0.of(&server.node);
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
        let asked = timeout(whole.left(), exchange(asking, wire, whole)).await;
        let asked = asked.unwrap_or(Err(Failed::sent(Trouble::Late)));
        let (answer, wire) = asked.map_err(|failed| failed.after(was_idle))?;
        *held = Some(wire);
        answer.map_err(Failed::sent)
    }

    /// Drops the connections to all others, which are gone, or have nothing any more. Who uses one just now still does.
    pub(super) fn keep(&self, nodes: &HashSet<Node>) {
        self.0.keep(nodes);
    }
}

/// What came of it, and the connection, which is good for more.
async fn exchange(
    asking: &Asking<'_>,
    mut wire: Wire,
    deadline: Deadline,
) -> Result<(Result<Value, Trouble>, Wire), Failed> {
    if asking.is_asking {
        let asked = wire.ask(&Question::plain(redis::cmd("ASKING"))).await;
        let (answer, same) = asked.map_err(Failed::unsent)?;
        wire = same;
        if answer != Value::Okay {
            return Ok((Ok(answer), wire));
        }
    }
    let (answer, wire) = wire.ask(asking.question).await.map_err(Failed::sent)?;
    if !asking.is_waited_for(&answer) {
        return Ok((Ok(answer), wire));
    }
    // On the same connection, whose writes it is about.
    let waited = wire.ask(&asking.replicas.wait(deadline.left())).await;
    let (count, wire) = waited.map_err(Failed::sent)?;
    Ok((asking.replicas.reached(&count).map(|()| answer), wire))
}
