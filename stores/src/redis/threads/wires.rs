//! A connection to each server: [`Wires`].

use std::collections::HashSet;

use redis::Value;

use super::super::asking::Asking;
use super::super::by_server::ByServer;
use super::super::question::Question;
use super::super::server::Server;
use super::super::slots::Node;
use super::super::trouble::{Failed, Trouble};
use super::turn::Turns;
use super::wire::{Deadline, Wire};

/// One for each server, made when it is first needed.
#[derive(Default)]
pub(super) struct Wires(ByServer<Turns>);

impl Wires {
    /// Asks a server.
    pub(super) fn ask(
        &self,
        server: &Server,
        asking: &Asking<'_>,
        deadline: Deadline,
    ) -> Result<Value, Failed> {
        let (half, whole) = asking.within(deadline);
        let turns = self.0.of(&server.node);
        let mut turn = turns.take(half).map_err(Failed::unsent)?;
        let idle = turn.wire.take().and_then(|mut idle| idle.is_quiet().then_some(idle));
        let (wire, was_idle) = match idle {
            Some(idle) => (idle, true),
            None => (Wire::open(server, half).map_err(Failed::unsent)?, false),
        };
        // One that breaks or panics on the way is not put back: an answer that comes late must not be read as the next.
        let (answer, wire) = exchange(asking, wire, whole).map_err(|failed| failed.after(was_idle))?;
        turn.wire = Some(wire);
        answer.map_err(Failed::sent)
    }

    /// Drops the connections to all others, which are gone, or have nothing any more. Who uses one just now still does.
    pub(super) fn keep(&self, nodes: &HashSet<Node>) {
        self.0.keep(nodes);
    }
}

/// What came of it, and the connection, which is good for more.
fn exchange(
    asking: &Asking<'_>,
    mut wire: Wire,
    deadline: Deadline,
) -> Result<(Result<Value, Trouble>, Wire), Failed> {
    if asking.is_asking {
        let asked = wire.ask(&Question::plain(redis::cmd("ASKING")), deadline);
        let (answer, same) = asked.map_err(Failed::unsent)?;
        wire = same;
        if answer != Value::Okay {
            return Ok((Ok(answer), wire));
        }
    }
    let (answer, wire) = wire.ask(asking.question, deadline).map_err(Failed::sent)?;
    if !asking.is_waited_for(&answer) {
        return Ok((Ok(answer), wire));
    }
    // On the same connection, whose writes it is about.
    let left = deadline.require().map_err(|late| Failed::sent(late.into()))?;
    let (count, wire) = wire.ask(&asking.replicas.wait(left), deadline).map_err(Failed::sent)?;
    Ok((asking.replicas.reached(&count).map(|()| answer), wire))
}
