//! The instructions that are checked in, in `core/benches/instructions.txt`, beside those counted now.
//!
//! The same program costs the same instructions wherever compiler, libc and processor are the same: libc chooses its
//! `memcpy` by what the processor can do. The file names them. Where they are the same, a row that is more than 3 % off
//! fails; elsewhere the difference is printed, and says little.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// How far a row may be from what is recorded, in hundredths of it.
const MAX_OFF: f64 = 3.0;

/// Of a processor's features those by which libc and the crates of cryptography choose their code.
const FEATURES: [&str; 13] = [
    "adx",
    "aes",
    "avx",
    "avx2",
    "bmi1",
    "bmi2",
    "erms",
    "fsrm",
    "movbe",
    "pclmulqdq",
    "rtm",
    "sse4_2",
    "ssse3",
];

const HEAD: &str = "\
# Instructions of each job, counted by valgrind's callgrind. Written by
#   cargo bench -p valetkey-core --bench speed -- --record
# and compared by `.ci/run instructions`: where the names below are the same, a row may be 3 % off.
";

type Failed = Box<dyn Error>;

/// Where something was counted, and what.
#[derive(PartialEq, Eq)]
pub(crate) struct Recorded {
    names: BTreeMap<String, String>,
    rows: Vec<(String, u64)>,
}

impl Recorded {
    /// What was counted here.
    pub(crate) fn here(rows: Vec<(String, u64)>) -> Result<Self, Failed> {
        let names = [
            ("compiler", said_by("rustc", "--version")?),
            ("libc", said_by("ldd", "--version")?),
            ("valgrind", said_by("valgrind", "--version")?),
            ("processor", features()?),
        ];
        let names = names.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(Self { names, rows })
    }

    /// What is checked in.
    pub(crate) fn read(file: &Path) -> Result<Self, Failed> {
        let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let (mut names, mut rows) = (BTreeMap::new(), Vec::new());
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            // A row begins with its count.
            if line.trim_start().starts_with(|first: char| first.is_ascii_digit()) {
                let (count, row) = line.trim_start().split_once("  ").ok_or("a row is a count and a name")?;
                rows.push((row.to_owned(), count.parse()?));
            } else {
                let (name, value) = line.split_once(": ").ok_or("a name has a value after a colon")?;
                names.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(Self { names, rows })
    }

    #[expect(clippy::disallowed_methods, reason = "a benchmark writes what it is asked to record")]
    pub(crate) fn write(&self, file: &Path) -> Result<(), Failed> {
        let mut text = HEAD.to_owned();
        for (name, value) in &self.names {
            writeln!(text, "{name}: {value}")?;
        }
        for (row, count) in &self.rows {
            writeln!(text, "{count:>11}  {row}")?;
        }
        Ok(fs::write(file, text)?)
    }

    /// Prints what was counted now beside this. An error if they are not the same where they should be.
    pub(crate) fn compare(&self, now: &Self) -> Result<(), Failed> {
        let is_same_place = self.names == now.names;
        for (name, value) in &now.names {
            let recorded = self.names.get(name).map_or("nothing", String::as_str);
            let verdict =
                if recorded == value { String::new() } else { format!("   (recorded: {recorded})") };
            println!("{name}: {value}{verdict}");
        }
        println!("\n{:>11}{:>11}{:>9}  row", "recorded", "counted", "off");
        let mut wrong = Vec::new();
        for (row, counted) in &now.rows {
            let Some((_, recorded)) = self.rows.iter().find(|(known, _)| known == row) else {
                wrong.push(format!("{row}: not recorded"));
                continue;
            };
            let off = off(*recorded, *counted);
            println!("{recorded:>11}{counted:>11}{off:>8.2}%  {row}");
            if off.abs() > MAX_OFF {
                wrong.push(format!("{row}: {off:+.2} %"));
            }
        }
        for (row, _) in &self.rows {
            if !now.rows.iter().any(|(known, _)| known == row) {
                wrong.push(format!("{row}: recorded, and counted no more"));
            }
        }
        println!();
        if wrong.is_empty() {
            return Ok(());
        }
        let wrong = wrong.join("\n");
        if !is_same_place {
            println!(
                "More than {MAX_OFF} % off, on another machine than the recorded one, which is no failure:\n{wrong}"
            );
            return Ok(());
        }
        Err(format!(
            "more than {MAX_OFF} % off what is recorded, under the same compiler, libc and processor:\n{wrong}\n\
             If that is meant, record it: cargo bench -p valetkey-core --bench speed -- --record"
        )
        .into())
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
fn off(recorded: u64, counted: u64) -> f64 {
    (counted as f64 / recorded as f64 - 1.0) * 100.0
}

/// The first line that a program says of itself.
fn said_by(program: &str, option: &str) -> Result<String, Failed> {
    let output = Command::new(program).arg(option).output().map_err(|error| format!("{program}: {error}"))?;
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn features() -> Result<String, Failed> {
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let flags = processors.lines().find_map(|line| line.strip_prefix("flags")).unwrap_or_default();
    let has = |feature: &&&str| flags.split_whitespace().any(|flag| flag == **feature);
    Ok(FEATURES.iter().filter(has).copied().collect::<Vec<_>>().join(" "))
}
