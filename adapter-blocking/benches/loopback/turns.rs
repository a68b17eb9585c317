//! What the table has, whatever carries the requests: instructions and allocations by valgrind, which repeat from run to run,
//! and the ratios of time.
//!
//! Both sides take turns, so that whatever else the machine does falls on both, and the tenth percentiles of the turns are
//! compared: what else happened is in the slower ones. CPU time is that of the whole process with all its threads.

use std::time::{Duration, Instant};

use crate::valgrind::Count;
use crate::{Job, Round};

/// How many turns each side takes, and how many rounds a turn has.
const TURNS: usize = 400;
const ROUNDS: usize = 20;

pub(crate) fn table(jobs: &[Job]) {
    println!("{:44}{:>28}{:>20}{:>24}{:>16}", "", "instructions", "allocations", "CPU, us", "wall");
    println!(
        "{:44}{:>10}{:>10}{:>8}{:>10}{:>10}{:>8}{:>8}{:>8}{:>8}{:>8}  bar",
        "job", "floor", "ours", "ratio", "floor", "ours", "floor", "ours", "ratio", "us", "ratio"
    );
    for (place, job) in jobs.iter().enumerate() {
        print!("{:44}", job.name);
        match [Count::of(place, "floor"), Count::of(place, "core")] {
            [Ok(floor), Ok(ours)] => print!(
                "{:>10}{:>10}{:>8.3}{:>10}{:>10}",
                floor.instructions,
                ours.instructions,
                ratio(ours.instructions, floor.instructions),
                floor.allocations,
                ours.allocations,
            ),
            [Err(error), _] | [_, Err(error)] => print!(" {:47}", format!("not counted: {error}")),
        }
        let [floor, ours] = times(job);
        println!(
            "{:>8.1}{:>8.1}{:>8.3}{:>8.1}{:>8.3}  {}",
            floor[0],
            ours[0],
            ours[0] / floor[0],
            floor[1],
            ours[1] / floor[1],
            job.bar
        );
    }
}

/// How long a round of each side takes, in microseconds of CPU and of wall time.
fn times(job: &Job) -> [[f64; 2]; 2] {
    let (mut floors, mut ours) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for turn in 0..TURNS + TURNS / 10 {
        // Who is first changes, too.
        let mut sides = [(job.floor, &mut floors), (job.core, &mut ours)];
        if turn % 2 == 1 {
            sides.reverse();
        }
        for (prepare, times) in sides {
            let [cpu, wall] = timed((0..ROUNDS).map(|_| prepare()).collect());
            // The first tenth warms up.
            if turn >= TURNS / 10 {
                let [cpus, walls] = times;
                cpus.push(cpu);
                walls.push(wall);
            }
        }
    }
    [floors, ours].map(|times| times.map(|times| tenth_percentile(times) * 1e6 / ROUNDS as f64))
}

fn timed(rounds: Vec<Round>) -> [Duration; 2] {
    let (cpu, wall) = (cpu(), Instant::now());
    for round in rounds {
        round();
    }
    [self::cpu().saturating_sub(cpu), wall.elapsed()]
}

/// The time that all threads of this process had a processor.
#[cfg(unix)]
fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

#[cfg(not(unix))]
fn cpu() -> Duration {
    Duration::ZERO
}

fn tenth_percentile(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 10).map_or(f64::NAN, Duration::as_secs_f64)
}

fn ratio(ours: u64, floor: u64) -> f64 {
    ours as f64 / floor as f64
}
