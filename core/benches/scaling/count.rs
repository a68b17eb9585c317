//! Counting a row: the program runs itself under callgrind, which writes down what each round costs when it ends.

use std::error::Error;
use std::{env, fs, process};

use crate::counted::{Counted, number, report};
use crate::{Round, Row};

/// The instructions of one round at each of the sizes.
pub(crate) fn of(row: &str, sizes: [usize; 4]) -> Result<[u64; 4], Box<dyn Error>> {
    let file = format!("{}/scaling.{}", env!("CARGO_TARGET_TMPDIR"), process::id());
    let out = format!("--callgrind-out-file={file}");
    // Outside of the rounds nothing is counted, and what was counted is written to a file of its own after each. The two names
    // are written differently: callgrind takes one option for one name.
    let options = [
        "--tool=callgrind",
        &out,
        "--toggle-collect=*counted_round*",
        "--dump-after=scaling::count::counted_round",
    ];
    let sizes = sizes.map(|size| size.to_string());
    let mut arguments = vec![Run::FLAG, row];
    arguments.extend(sizes.iter().map(String::as_str));
    let ended = report(&options, &arguments);
    // The first is the warm-up's, and one is written at the end for what comes after the last.
    let counted: Vec<_> = (1..=5).map(|place| taken(&format!("{file}.{place}"))).skip(1).collect();
    let _ = fs::remove_file(&file);
    ended?;
    let counted: Vec<u64> = counted.into_iter().collect::<Result<_, _>>()?;
    counted.try_into().map_err(|_| "callgrind wrote less than it was to".into())
}

/// What a file of callgrind's says in all, after which it is of no use.
fn taken(file: &str) -> Counted {
    let text = fs::read_to_string(file)?;
    fs::remove_file(file)?;
    number(&text, "\ntotals:")
}

/// The program's own part under callgrind.
pub(crate) struct Run {
    row: String,
    sizes: Vec<usize>,
}

impl Run {
    const FLAG: &str = "--rounds-of-row";

    /// Whether this process is one to be counted.
    pub(crate) fn asked_for() -> Option<Self> {
        let mut arguments = env::args().skip_while(|argument| argument != Self::FLAG).skip(1);
        let row = arguments.next()?;
        Some(Self { row, sizes: arguments.map_while(|size| size.parse().ok()).collect() })
    }

    pub(crate) fn play(&self, rows: &[Row]) {
        let row = rows.iter().find(|row| row.name == self.row).expect("a row");
        // The first fills what is filled once.
        let first = self.sizes.first().copied().expect("a size");
        for size in [first].iter().chain(&self.sizes) {
            counted_round((row.round)(*size));
        }
    }
}

#[inline(never)]
fn counted_round(round: Round) {
    round();
    // So that the round returns to here.
    std::hint::black_box(());
}
