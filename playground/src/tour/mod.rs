//! The tour: each method of Space's page × each adapter, against the sandbox, over real HTTP.

mod adapter;
mod browser;
mod example;
mod failed;
mod method;
pub(crate) mod providers;
mod report;
pub(crate) mod server;

use std::io::Write;

use valetkey_blocking::host::Network;
use valetkey_sandbox::{Endpoint, Front, Sandbox};

use adapter::{Adapter, Async, Blocking};
pub(crate) use failed::Failed;
use method::{METHODS, Method, Visit};
use report::{Planned, Row};

/// Runs the tour; whether every method got what the page says it gets.
pub(crate) fn run(json: bool, verbose: bool, out: &mut impl Write) -> Result<bool, Failed> {
    let seed = valetkey_blocking::entropy()?.derive("sandbox");
    let front = Front::start(Sandbox::demo(seed))?;
    // The sandbox is on this machine, whatever proxies there are.
    let network = Network::default();
    let (blocking, asynchronous) = (Blocking::on(&network)?, Async::on(&network)?);
    let mut rows = Vec::new();
    for method in METHODS {
        rows.push(visit(&front, *method, &blocking, verbose, out)?);
        rows.push(visit(&front, *method, &asynchronous, verbose, out)?);
    }
    if json {
        report::json(&rows, out)?;
    } else {
        let title = "Every authorization method of JetBrains Space, against the sandbox at";
        report::table(&format!("{title} {}", front.url()), &rows, out)?;
    }
    Ok(rows.iter().all(|row| row.ok))
}

/// One method through one adapter. What goes wrong is a row of the report, not the end of the tour.
fn visit<A: Adapter>(
    front: &Front,
    method: Method,
    adapter: &A,
    verbose: bool,
    out: &mut impl Write,
) -> Result<Row, Failed> {
    let before = front.sandbox().log().len();
    let outcome = method.run(&Visit { front, adapter });
    let sandbox = front.sandbox();
    let entries = sandbox.log().get(before..).unwrap_or_default();
    if verbose {
        writeln!(out, "── {} · {}\n", method.name(), A::NAME)?;
        for entry in entries {
            writeln!(out, "{}\n", entry.redacted())?;
        }
    }
    // The browser's requests are the person's; the program's are those to the token endpoint and the API.
    let requests =
        entries.iter().filter(|entry| matches!(entry.endpoint(), Endpoint::Token | Endpoint::Api)).count();
    let planned = Planned {
        method: method.name(),
        subject: method.subject().to_string(),
        advice: method.advice(),
        author: Some(method.author()),
    };
    Ok(Row::new(planned, A::NAME, requests, outcome))
}
