//! The table.

use std::fmt::Write as _;

use bench_inputs::{Job, Probe, Scenario};

use crate::counted::Count;
use crate::loaded::Borne;
use crate::machine;
use crate::side::{Side, is_ours};

/// What was measured of one job, side by side.
pub(crate) struct Figures {
    pub(crate) job: Job,
    pub(crate) sides: Vec<String>,
    pub(crate) counts: Vec<Option<Count>>,
    pub(crate) times: Vec<f64>,
}

/// A side that is less than this part of ours is faster, and not as fast.
const FASTER: f64 = 0.97;

const PEERS: [&str; 7] =
    ["oauth2", "openidconnect", "io-oauth", "huskarl", "jsonwebtoken", "google-cloud-auth", "yup-oauth2"];

impl Figures {
    fn place(&self, name: &str) -> Option<usize> {
        self.sides.iter().position(|side| side == name)
    }

    /// What a side is compared with: ours with the same cryptography, if the job has any.
    fn ours_for(&self, name: &str) -> Option<usize> {
        let pure = ["pure Rust", "huskarl", "openidconnect"].iter().any(|mark| name.contains(mark));
        self.place("valetkey")
            .or_else(|| self.place(if pure { "valetkey (pure Rust)" } else { "valetkey (AWS-LC)" }))
            .or_else(|| self.sides.iter().position(|side| is_ours(side)))
    }

    /// A side's time, as a multiple of ours.
    fn over_ours(&self, at: usize) -> Option<f64> {
        let ours = self.ours_for(&self.sides[at])?;
        Some(self.times[at] / self.times[ours])
    }

    /// A side's instructions, as a multiple of ours.
    fn instructions_over_ours(&self, at: usize) -> Option<f64> {
        let ours = self.ours_for(&self.sides[at])?;
        Some(self.counts[at]?.instructions as f64 / self.counts[ours]?.instructions as f64)
    }
}

pub(crate) fn write(sides: &[Side], jobs: &[Figures], borne: &[Borne]) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = head(&mut text)
        .and_then(|()| summary(&mut text, jobs))
        .and_then(|()| each_job(&mut text, sides, jobs))
        .and_then(|()| refusals(&mut text, sides))
        .and_then(|()| load(&mut text, borne));
    text
}

fn head(text: &mut String) -> std::fmt::Result {
    writeln!(text, "# Ours beside the others\n")?;
    writeln!(
        text,
        "Written by `benches/run`, and never by hand; [README.md](README.md) says how it is measured and how to do it again.\n"
    )?;
    writeln!(text, "| | |\n|---|---|")?;
    writeln!(text, "| date | {} |", machine::said("date", &["-u", "+%F"]))?;
    writeln!(text, "| ours | valetkey {}, as it is beside this file |", machine::version("valetkey-core"))?;
    let peers: Vec<String> = PEERS.iter().map(|peer| format!("{peer} {}", machine::version(peer))).collect();
    writeln!(text, "| the others | {} |", peers.join(", "))?;
    writeln!(text, "| compiler | {}; release profile, no LTO |", machine::said("rustc", &["--version"]))?;
    writeln!(text, "| libc | {} |", machine::said("getconf", &["GNU_LIBC_VERSION"]))?;
    writeln!(text, "| processor | {} ({}) |", machine::processor(), machine::features())?;
    writeln!(text, "| counted by | {} |\n", machine::said("valgrind", &["--version"]))
}

fn summary(text: &mut String, jobs: &[Figures]) -> std::fmt::Result {
    writeln!(text, "## In short\n")?;
    writeln!(
        text,
        "Time as a multiple of ours, so that more than 1 is slower than ours. In bold, and told below: who is faster than ours.\n"
    )?;
    let columns = [
        "by hand",
        "oauth2",
        "openidconnect",
        "io-oauth",
        "huskarl",
        "jsonwebtoken (AWS-LC)",
        "jsonwebtoken (pure Rust)",
    ];
    writeln!(text, "| job | {} |\n|---{}|", columns.join(" | "), "|---".repeat(columns.len()))?;
    for figures in jobs {
        write!(text, "| {} |", figures.job.title())?;
        for column in columns {
            match figures.place(column).and_then(|at| figures.over_ours(at)) {
                Some(ratio) if ratio < FASTER => write!(text, " **{ratio:.2}** |")?,
                Some(ratio) => write!(text, " {ratio:.2} |")?,
                None => write!(text, " – |")?,
            }
        }
        writeln!(text)?;
    }
    writeln!(text)?;
    let mut nobody = true;
    for figures in jobs {
        for (at, side) in figures.sides.iter().enumerate().filter(|(_, side)| !is_ours(side)) {
            let in_time = figures.over_ours(at).filter(|ratio| *ratio < FASTER);
            let in_instructions = figures.instructions_over_ours(at).filter(|ratio| *ratio < FASTER);
            let what = match (in_time, in_instructions) {
                (Some(time), Some(count)) => {
                    format!("{time:.2} of our time and {count:.2} of our instructions")
                }
                (Some(time), None) => format!("{time:.2} of our time"),
                (None, Some(count)) => format!("{count:.2} of our instructions, though not of our time"),
                (None, None) => continue,
            };
            if side == "by hand" {
                continue;
            }
            nobody = false;
            writeln!(text, "- **{side} wins** at \"{}\": {what}.", figures.job.title())?;
        }
    }
    let ours_is_there = jobs.iter().any(|figures| figures.sides.iter().any(|side| is_ours(side)));
    if nobody && ours_is_there {
        writeln!(
            text,
            "No other library is faster than ours at any of these jobs, or does one in fewer instructions."
        )?;
    }
    writeln!(text)
}

fn each_job(text: &mut String, sides: &[Side], jobs: &[Figures]) -> std::fmt::Result {
    writeln!(text, "## Job by job\n")?;
    writeln!(
        text,
        "Instructions and allocations of one round repeat from run to run (a reallocation is one allocation). Nanoseconds are the tenth \
         percentile of turns, here and now: compare them with those beside them only.\n"
    )?;
    for figures in jobs {
        writeln!(text, "### {}\n\n{}\n", figures.job.title(), figures.job.about())?;
        writeln!(
            text,
            "| | instructions | allocations | ns | time over ours | leaves out |\n|---|---|---|---|---|---|"
        )?;
        for (at, name) in figures.sides.iter().enumerate() {
            let (instructions, allocations) = match figures.counts[at] {
                Some(count) => (thousands(count.instructions), count.allocations.to_string()),
                None => (String::from("not counted"), String::from("not counted")),
            };
            let ratio = match figures.over_ours(at) {
                _ if is_ours(name) => String::from("1"),
                Some(ratio) => format!("{ratio:.2}"),
                None => String::from("–"),
            };
            let leaves_out =
                sides.iter().find(|side| side.name == *name).and_then(|side| side.leaves_out(figures.job));
            writeln!(
                text,
                "| {name} | {instructions} | {allocations} | {:.0} | {ratio} | {} |",
                figures.times[at],
                leaves_out.unwrap_or("–")
            )?;
        }
        writeln!(text)?;
    }
    Ok(())
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn refusals(text: &mut String, sides: &[Side]) -> std::fmt::Result {
    let sides: Vec<&Side> = sides.iter().filter(|side| side.has_probes()).collect();
    if sides.is_empty() {
        return Ok(());
    }
    writeln!(text, "## What is done with wrong input\n")?;
    writeln!(
        text,
        "Found by giving it to each side during the run. *Not looked at*: the library has no function that would; a program may do it \
         itself. An empty place: the library does no such thing.\n"
    )?;
    writeln!(
        text,
        "| |{} |\n|---{}|",
        sides.iter().map(|side| format!(" {}", side.name)).collect::<Vec<_>>().join(" |"),
        "|---".repeat(sides.len())
    )?;
    for probe in Probe::ALL {
        write!(text, "| {} |", probe.title())?;
        for side in &sides {
            write!(text, " {} |", side.verdict(*probe).unwrap_or(""))?;
        }
        writeln!(text)?;
    }
    let count = |side: &Side, wanted: &str| {
        Probe::ALL
            .iter()
            .filter(|probe| side.verdict(**probe).is_some_and(|verdict| verdict.contains(wanted)))
            .count()
    };
    writeln!(text)?;
    for side in sides {
        let (refused, taken, not) =
            (count(side, "refused"), count(side, "taken"), count(side, "not looked at"));
        let who = if side.is_ours() { format!("**{}**", side.name) } else { side.name.clone() };
        writeln!(text, "- {who}: {refused} refused, {taken} taken, {not} not looked at.")?;
    }
    writeln!(text)
}

fn load(text: &mut String, borne: &[Borne]) -> std::fmt::Result {
    if borne.is_empty() {
        return Ok(());
    }
    writeln!(text, "## Shared tokens under load\n")?;
    writeln!(
        text,
        "Callers that ask one token source at once; the token endpoint is on a loopback address, and takes 20 ms to answer. *Cold*: there \
         is no token yet. *Expired*: there was one, of two seconds, and it has run out for half a second. *400* and *503*: the endpoint refuses, \
         or fails, and is well again once all have been answered; *again good* is when a caller that asks every 100 ms then got a token. \
         Each is waited for 15 seconds, and recovery 10.\n"
    )?;
    writeln!(
        text,
        "oauth2, openidconnect, io-oauth and jsonwebtoken have no source of tokens that is shared: what a program of theirs does under load \
         is its own. google-cloud-auth is given a user's credentials and yup-oauth2 a service account, the sources of theirs whose token endpoint \
         can be named; what else they do is for Google alone.\n"
    )?;
    for scenario in Scenario::ALL {
        let rows: Vec<&Borne> = borne.iter().filter(|row| row.scenario == scenario).collect();
        if rows.is_empty() {
            continue;
        }
        let again = if scenario.is_failing() { " again good after |" } else { "" };
        writeln!(text, "### {}\n", scenario.id())?;
        writeln!(
            text,
            "| | callers | token requests | tokens | errors | nothing in time | last answered after |{again}"
        )?;
        writeln!(text, "|---|---|---|---|---|---|---|{}", if again.is_empty() { "" } else { "---|" })?;
        for row in rows {
            let Some([good, failed, last, recovered]) = &row.answers else {
                writeln!(text, "| {} | {} | {} | did not end | | | |", row.side, row.callers, row.requests)?;
                continue;
            };
            let answered = [good, failed].iter().filter_map(|text| text.parse::<usize>().ok()).sum::<usize>();
            let nothing = row.callers.saturating_sub(answered);
            write!(
                text,
                "| {} | {} | {} | {good} | {failed} | {nothing} | {last} ms |",
                row.side, row.callers, row.requests
            )?;
            if scenario.is_failing() {
                let recovered =
                    if recovered == "-" { String::from("not") } else { format!("{recovered} ms") };
                write!(text, " {recovered} |")?;
            }
            writeln!(text)?;
        }
        writeln!(text)?;
    }
    Ok(())
}
