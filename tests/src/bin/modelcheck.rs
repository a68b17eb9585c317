//! Searches the renewal protocol exhaustively: `cargo run --release -p valetkey-tests --bin modelcheck`.

use std::process::ExitCode;

use clap::Parser;
use serde_json::json;
use valetkey_tests::modelcheck::{Bounds, Kind, Outcome, check, play};
use valetkey_tests::simulator::Protection;

/// Takes every order of what a few processes, their store and their server can do, with everything going wrong that can go
/// wrong, and looks for what must never happen. What is searched, and what is not, is told in `tests/src/modelcheck/mod.rs`.
///
/// It ends with 0 if all was searched and nothing was found, and with 1 otherwise.
#[derive(Parser)]
struct Arguments {
    /// How many processes share the session.
    #[arg(long, default_value_t = 2)]
    processes: usize,
    /// How many renewals each wants.
    #[arg(long, default_value_t = 2)]
    renewals: u8,
    /// How many things go wrong in one run. Each more is some forty times as many states.
    #[arg(long, default_value_t = 1)]
    faults: u8,
    /// Only this store.
    #[arg(long)]
    store: Option<Kind>,
    /// How many states are kept before the search gives up.
    #[arg(long, default_value_t = 50_000_000)]
    states: usize,
    /// Switches one protection off: a counterexample is then what is looked for.
    #[arg(long)]
    without: Option<Protection>,
    /// One JSON object for each store in place of the text.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Arguments { processes, renewals, faults, states, .. } = arguments;
    let bounds = Bounds { processes, renewals, faults, states };
    let mut is_good = true;
    for kind in arguments.store.map_or_else(|| vec![Kind::Memory, Kind::Redis], |kind| vec![kind]) {
        let outcome = check(kind, bounds, arguments.without);
        is_good &= outcome.violation.is_none() && outcome.complete;
        print(&arguments, bounds, kind, &outcome);
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::disallowed_macros, reason = "a program prints its result")]
fn print(arguments: &Arguments, bounds: Bounds, kind: Kind, outcome: &Outcome) {
    let store = format!("{kind:?}").to_lowercase();
    let found = outcome.violation.iter().map(|violation| {
        let (way, again) = play(kind, bounds, arguments.without, &violation.way);
        assert_eq!(again.as_ref(), Some(&violation.what), "a counterexample can be played again");
        (&violation.what, way)
    });
    let found: Vec<_> = found.collect();
    if arguments.json {
        let violations: Vec<_> =
            found.iter().map(|(what, way)| json!({ "violation": what, "way": way })).collect();
        let object = json!({
            "store": store, "processes": bounds.processes, "renewals": bounds.renewals, "faults": bounds.faults,
            "depth": outcome.depth, "states": outcome.states, "actions": outcome.actions, "merges": outcome.merges,
            "complete": outcome.complete, "violations": violations,
        });
        return println!("{object}");
    }
    println!(
        "{store}: {} processes, {} renewals each, {} faults a run: {} states, {} deep, {} merges gone on with{}",
        bounds.processes,
        bounds.renewals,
        bounds.faults,
        outcome.states,
        outcome.depth,
        outcome.merges,
        if outcome.complete { "" } else { ", not complete" },
    );
    for (kind, count) in &outcome.actions {
        println!("  {count:>11}  {kind}");
    }
    for (what, way) in found {
        println!("violation {what}");
        for (number, step) in (1..).zip(way) {
            println!("  {number:>3}. {step}");
        }
    }
}
