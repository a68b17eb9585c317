//! The tour of a server: what it offers, what valetkey makes of that, and each method that it supports × each adapter.

mod counted;
mod method;
mod offer;
mod place;
mod visit;

use std::io::Write;

use valetkey_blocking::host::Network;
use valetkey_blocking::server::Metadata;
use valetkey_blocking::{Discovery, Quirk, Quirks};

use super::Failed;
use super::adapter::{Adapter, Async, Blocking};
use super::report::{self, Planned, Row};
use method::METHODS;
pub(crate) use place::{Ours, Place};
use visit::Visit;

/// Runs the tour; whether the server was found, and everything that was run got a token that works.
pub(crate) fn run(
    place: &Place,
    network: &Network,
    json: bool,
    verbose: bool,
    out: &mut impl Write,
) -> Result<bool, Failed> {
    let (blocking, asynchronous) = (Blocking::on(network)?, Async::on(network)?);
    let metadata = discover(place, &blocking)?;
    // What one adapter finds the other does; both are asked, for that is what is shown.
    discover(place, &asynchronous)?;
    let client = place.client(metadata.server())?;
    let offers = offer::of(&metadata, client.as_ref());
    if json {
        offer::json(&offers, out)?;
    } else {
        offer::table(place.issuer(), &offers, out)?;
    }
    let Some(client) = client else {
        if !json {
            writeln!(out, "\nWith --client-id its methods are run, through each adapter.")?;
        }
        return Ok(true);
    };
    let mut rows = Vec::new();
    for method in METHODS.iter().copied().filter(|method| method.is_offered(&client, place)) {
        let visit = Visit::new(method, place, &client);
        rows.push(row(&visit, &blocking, verbose, out)?);
        rows.push(row(&visit, &asynchronous, verbose, out)?);
    }
    if json {
        report::json(&rows, out)?;
    } else {
        let title = format!("\nEach method that the server and the client {} have in common", client.id());
        report::table(&title, &rows, out)?;
        if !place.has_person() {
            writeln!(out, "Nobody is at the terminal to log in: what a person must agree to was left out.")?;
        }
    }
    Ok(rows.iter().all(|row| row.ok))
}

fn discover<A: Adapter>(place: &Place, adapter: &A) -> Result<Metadata, Failed> {
    // Core refuses plain http beyond a loopback address.
    let quirks = match place.issuer().starts_with("http://") {
        true => Quirks::STRICT.with(Quirk::LoopbackHttp),
        false => Quirks::STRICT,
    };
    Ok(adapter.run(Discovery::new(place.issuer())?.admit_all(quirks))?)
}

/// One method through one adapter. What goes wrong is a row of the report, not the end of the tour.
fn row<A: Adapter>(
    visit: &Visit<'_>,
    adapter: &A,
    verbose: bool,
    out: &mut impl Write,
) -> Result<Row, Failed> {
    let before = visit.place.log_length();
    let (requests, outcome) = visit.run(adapter);
    if verbose {
        writeln!(out, "\n── {} · {}\n", visit.method.name(), A::NAME)?;
        visit.place.show_log(before, out)?;
    }
    let planned = Planned {
        method: visit.method.name(),
        subject: visit.method.subject().to_string(),
        advice: visit.method.advice(),
        author: visit.place.author(visit.method.subject()),
    };
    Ok(Row::new(planned, A::NAME, requests, outcome))
}
