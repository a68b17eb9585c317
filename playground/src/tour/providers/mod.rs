//! The tour of the servers that people use: each profile × each adapter, against its persona, over real HTTP and TLS.

mod row;
mod visit;

use std::io::Write;
use std::sync::Arc;

use valetkey_sandbox::{Persona, Provider, Stage};

use self::visit::Visit;
use super::Failed;
use super::adapter::{Adapter, Async, Blocking};

/// Runs the tour; whether no cell of it failed.
pub(crate) fn run(json: bool, out: &mut impl Write) -> Result<bool, Failed> {
    let stage = Arc::new(Stage::start()?);
    let network = stage.network();
    let (blocking, asynchronous) = (Blocking::on(&network)?, Async::on(&network)?);
    let mut rows = Vec::new();
    let mut personas: Vec<_> = Persona::all();
    personas.sort_by_key(Persona::name);
    for persona in personas {
        rows.push(visit(&stage, persona, &blocking)?);
        rows.push(visit(&stage, persona, &asynchronous)?);
        if json {
            rows.iter().rev().take(2).rev().try_for_each(|row| row::json(row, out))?;
        }
    }
    if !json {
        row::table(&rows, out)?;
    }
    Ok(rows.iter().all(|row| row.ok))
}

/// One provider through one adapter.
fn visit<A: Adapter>(stage: &Arc<Stage>, persona: Persona, adapter: &A) -> Result<row::Row, Failed> {
    let seed = valetkey_blocking::entropy()?.derive("provider");
    stage.play(Provider::new(&persona, seed));
    Ok(Visit::new(stage, persona, adapter)?.row())
}
