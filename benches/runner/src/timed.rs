//! The sides take turns, each in a process of its own that answers through a pipe.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use bench_inputs::Job;

use crate::Outcome;
use crate::side::Side;

/// A side that waits for its turn.
struct Player {
    child: Child,
    asked: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Player {
    fn of(side: &Side) -> Outcome<Self> {
        let mut child = Command::new(&side.program)
            .args(["serve", &side.name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let asked = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().ok_or("no pipe")?);
        Ok(Self { child, asked, answers })
    }

    /// The nanoseconds that a round took.
    fn turn(&mut self, job: Job) -> Outcome<f64> {
        let rounds = job.rounds();
        writeln!(self.asked.as_mut().ok_or("no pipe")?, "{} {rounds}", job.id())?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim().parse::<f64>()? / rounds as f64)
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        // Its input ends, and so does it.
        self.asked = None;
        let _ = self.child.wait();
    }
}

/// The tenth percentile of each side's turns: what else the machine did is in the slower ones.
pub(crate) fn time(sides: &[&Side], job: Job, turns: usize) -> Outcome<Vec<f64>> {
    let mut players = sides.iter().map(|side| Player::of(side)).collect::<Outcome<Vec<_>>>()?;
    let mut times = vec![Vec::with_capacity(turns); players.len()];
    let warming = turns / 10;
    for turn in 0..turns + warming {
        // Nobody is always the one after the same other.
        for at in 0..players.len() {
            let at = (at + turn) % players.len();
            let time = players[at].turn(job)?;
            if turn >= warming {
                times[at].push(time);
            }
        }
    }
    Ok(times
        .into_iter()
        .map(|mut times| {
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 10).copied().unwrap_or_default()
        })
        .collect())
}
