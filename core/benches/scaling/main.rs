//! How what core does grows with what it is given: each parser, builder, comparison and stored record with inputs of n, 2n, 4n
//! and 8n, in instructions, which repeat from run to run.
//!
//! ```sh
//! cargo bench -p valetkey-core --bench scaling            # all rows
//! cargo bench -p valetkey-core --bench scaling -- scope   # those with this in their name
//! ```
//!
//! The exponent is that of the last two steps, since an allocation that has to move makes one of them uneven: 1 for what doubles
//! with its input, 2 for what grows by the square. What each row may have is in `exponents.txt`, whose head says how it is read; a row that grows faster, or that is not in that table, ends the program with 1.
//! It needs valgrind.

#![expect(
    clippy::disallowed_macros,
    clippy::expect_used,
    reason = "a benchmark prints its results, and its own inputs are in order"
)]

mod count;
#[path = "../counted/mod.rs"]
mod counted;
mod rows;
mod table;

use std::env;
use std::process::ExitCode;

use crate::table::{Allowed, Table};

/// One round of a job, with its inputs.
type Round = Box<dyn FnOnce()>;

/// Something whose cost grows with its input.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    /// Prepares a round for an input of this size, which is not counted.
    round: fn(usize) -> Round,
}

/// The four sizes that a row is counted with, the largest last.
fn sizes(largest: usize) -> [usize; 4] {
    [largest / 8, largest / 4, largest / 2, largest]
}

fn main() -> ExitCode {
    let rows = rows::all();
    if let Some(run) = count::Run::asked_for() {
        run.play(&rows);
        return ExitCode::SUCCESS;
    }
    let table = match Table::read(&rows) {
        Ok(table) => table,
        Err(error) => {
            eprintln!("exponents.txt: {error}");
            return ExitCode::FAILURE;
        }
    };
    let wanted: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    println!(
        "{:62}{:>10}{:>16}{:>10}{:>9}{:>7}",
        "", "largest", "instructions", "exponent", "allowed", "bound"
    );
    let mut failed = 0;
    for row in &rows {
        if wanted.is_empty() || wanted.iter().any(|part| row.name.contains(part)) {
            failed += u32::from(!is_within(row, table.of(row)));
        }
    }
    println!("{failed} grow faster than they may, or could not be counted");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Counts a row, prints it and says whether it grows no faster than it may.
fn is_within(row: &Row, allowed: &Allowed) -> bool {
    let counted = match count::of(row.name, sizes(allowed.largest)) {
        Ok(counted) => counted,
        Err(error) => {
            println!("{:62}not counted: {error}", row.name);
            return false;
        }
    };
    let [_, quarter, _, whole] = counted;
    let exponent = exponent(quarter, whole);
    let is_within = exponent <= allowed.exponent;
    let bound = allowed.bound.map_or_else(|| "-".to_owned(), |bound| bound.to_string());
    println!(
        "{:62}{:>10}{whole:>16}{exponent:>10.2}{:>9.2}{bound:>7}{}",
        row.name,
        allowed.largest,
        allowed.exponent,
        if is_within { "" } else { "  FASTER THAN IT MAY" },
    );
    is_within
}

/// By which power the cost grows where the input becomes four times as long.
#[expect(clippy::cast_precision_loss, reason = "it is shown with two digits")]
fn exponent(quarter: u64, whole: u64) -> f64 {
    (whole.max(1) as f64 / quarter.max(1) as f64).log2() / 2.0
}
