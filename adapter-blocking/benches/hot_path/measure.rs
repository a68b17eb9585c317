//! How the hot path is measured, whatever carries it: its floor, its instructions and its times. The same in both
//! adapters, to the letter.

use std::env;
use std::error::Error;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;

use crate::{UnixTime, now};

/// How many threads or tasks at a time, how many rounds each of them does, and how many turns each side takes.
pub(crate) const AT_ONCE: [usize; 4] = [1, 2, 8, 64];
pub(crate) const ROUNDS: usize = 20_000;
const TURNS: usize = 50;

/// The most that the hot path may cost, as a multiple of the floor.
const BAR: f64 = 1.5;

/// The same by hand.
pub(crate) struct Floor(ArcSwapOption<Held>);

pub(crate) struct Held {
    _token: String,
    fresh_until: UnixTime,
}

impl Floor {
    pub(crate) fn new() -> Self {
        let fresh_until = now().after(Duration::from_secs(3000));
        Self(ArcSwapOption::from_pointee(Held { _token: "a".repeat(32), fresh_until }))
    }

    pub(crate) fn is_fresh(&self) -> bool {
        let now = UnixTime::from(SystemTime::now());
        self.0.load().as_ref().is_some_and(|held| now < held.fresh_until)
    }

    pub(crate) fn cloned(&self) -> Option<Arc<Held>> {
        let now = UnixTime::from(SystemTime::now());
        self.0.load().as_ref().filter(|held| now < held.fresh_until).map(Arc::clone)
    }
}

/// The instructions of one round of each side; the program runs itself for each, with `--rounds SIDE NUMBER`.
pub(crate) fn instructions(sides: &[&str]) {
    println!("{:12}{:>14}{:>8}{:>8}", "", "instructions", "ratio", "bar");
    let mut floor = None;
    for side in sides {
        // The difference leaves only the rounds.
        let counted = count(side, 2000).and_then(|much| Ok((much.saturating_sub(count(side, 1000)?)) / 1000));
        match counted {
            Ok(count) => {
                let floor = *floor.get_or_insert(count);
                println!("{side:12}{count:>14}{:>8.2}{BAR:>8}", ratio(count, floor));
            }
            Err(error) => println!("{side:12} not counted: {error}"),
        }
    }
    println!();
}

fn count(side: &str, rounds: usize) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["--rounds", side, &rounds.to_string()])
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    let report = String::from_utf8(output.stderr)?;
    let (_, count) = report.split_once("Collected :").ok_or("valgrind's report is not understood")?;
    Ok(count.split_whitespace().next().unwrap_or_default().parse()?)
}

/// The time of one round of each side, by how many of what carries them run at once; `turn` says how long one side takes
/// for the rounds of them all. The floor is the first side.
pub(crate) fn times<const N: usize>(
    carriers: &str,
    sides: &[&'static str; N],
    turn: impl Fn(&'static str, usize) -> Duration,
) {
    println!("{carriers:12}{:12}{:>14}{:>8}{:>8}", "", "ns a round", "ratio", "bar");
    for at_once in AT_ONCE {
        let mut fastest = sides.map(|_| Duration::MAX);
        for _ in 0..TURNS {
            for (side, fastest) in sides.iter().zip(&mut fastest) {
                *fastest = turn(side, at_once).min(*fastest);
            }
        }
        let fastest = fastest.map(|time| time.as_nanos());
        let floor = fastest.first().copied().unwrap_or_default();
        for (side, time) in sides.iter().zip(fastest) {
            let a_round = time / (ROUNDS * at_once) as u128;
            println!("{at_once:<12}{side:12}{a_round:>14}{:>8.2}{BAR:>8}", ratio(time, floor));
        }
    }
    println!();
}

#[expect(clippy::cast_precision_loss, reason = "a ratio is shown with two digits")]
fn ratio(ours: impl TryInto<u64>, floor: impl TryInto<u64>) -> f64 {
    ours.try_into().unwrap_or(u64::MAX) as f64 / floor.try_into().unwrap_or(u64::MAX).max(1) as f64
}
