//! What the benchmarks that count share: a program runs itself under valgrind, and reads what that reports.

use std::env;
use std::error::Error;
use std::process::Command;

/// A number that valgrind counted.
pub(crate) type Counted = Result<u64, Box<dyn Error>>;

/// What a valgrind with these options says when this program has run under it with these arguments.
pub(crate) fn report(options: &[&str], arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(options)
        .arg(env::current_exe()?)
        .args(arguments)
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("valgrind ended with {}", output.status).into());
    }
    Ok(String::from_utf8(output.stderr)?)
}

/// The number after a label, its thousands separated or not.
pub(crate) fn number(report: &str, label: &str) -> Counted {
    let (_, rest) = report.split_once(label).ok_or("valgrind's report is not understood")?;
    let digits: String = rest
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(|c| *c != ',')
        .collect();
    Ok(digits.parse()?)
}
