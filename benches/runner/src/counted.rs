//! Instructions and allocations of a round, by valgrind: a program is run with the rounds only prepared, and with them done.

use std::process::Command;
use std::thread;

use bench_inputs::Job;

use crate::side::Side;

/// As in the sides.
const ROUNDS: u64 = 32;

/// What one round costs.
#[derive(Clone, Copy)]
pub(crate) struct Count {
    pub(crate) instructions: u64,
    pub(crate) allocations: u64,
}

/// One for each side, where valgrind could count.
pub(crate) fn count(sides: &[&Side], job: Job) -> Vec<Option<Count>> {
    sides.iter().map(|side| of(side, job)).collect()
}

fn of(side: &Side, job: Job) -> Option<Count> {
    thread::scope(|scope| {
        let callgrind = &["--tool=callgrind", "--callgrind-out-file=/dev/null"];
        // Only what goes through the allocator is of interest.
        let memcheck = &["--tool=memcheck", "--undef-value-errors=no", "--leak-check=no"];
        let instructions = scope.spawn(move || per_round(side, job, callgrind, "Collected :"));
        let allocations = scope.spawn(move || per_round(side, job, memcheck, "total heap usage:"));
        Some(Count { instructions: instructions.join().ok()??, allocations: allocations.join().ok()?? })
    })
}

fn per_round(side: &Side, job: Job, options: &[&str], label: &str) -> Option<u64> {
    let [prepared, done] = ["prepare", "do"].map(|what| {
        let output = Command::new("valgrind")
            .args(options)
            .arg(&side.program)
            .args(["count", &side.name, job.id(), what])
            .output()
            .ok()?;
        output.status.success().then_some(())?;
        number(&String::from_utf8_lossy(&output.stderr), label)
    });
    let (prepared, done) = (prepared?, done?);
    // Rounded: what draws randomness does not do quite the same each time.
    Some((done.saturating_sub(prepared) + ROUNDS / 2) / ROUNDS)
}

/// The number after a label, its thousands separated or not.
fn number(report: &str, label: &str) -> Option<u64> {
    let (_, rest) = report.split_once(label)?;
    let digits: String = rest
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(|c| *c != ',')
        .collect();
    digits.parse().ok()
}
