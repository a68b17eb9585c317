//! Where and with what it ran.

use std::fs;
use std::process::Command;

/// The first line that a command prints.
pub(crate) fn said(command: &str, arguments: &[&str]) -> String {
    let output = Command::new(command).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").trim().to_owned()
}

/// What is in the processor that changes what is measured.
pub(crate) fn features() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags: Vec<&str> =
        text.lines().find(|line| line.starts_with("flags")).unwrap_or("").split(' ').collect();
    let telling = ["aes", "avx2", "avx512f", "adx", "bmi2", "sha_ni", "vaes"];
    let found: Vec<&str> = telling.into_iter().filter(|feature| flags.contains(feature)).collect();
    if found.is_empty() { String::from("unknown") } else { found.join(", ") }
}

pub(crate) fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name"));
    model.and_then(|rest| rest.split_once(':')).map_or("unknown", |(_, name)| name.trim()).to_owned()
}

/// The version of a package in the locks.
pub(crate) fn version(package: &str) -> String {
    let locks =
        ["Cargo.lock", "sides/huskarl/Cargo.lock"].map(|lock| fs::read_to_string(lock).unwrap_or_default());
    let head = format!("name = \"{package}\"\nversion = \"");
    locks
        .iter()
        .find_map(|lock| lock.split_once(&head)?.1.split_once('"').map(|(version, _)| version.to_owned()))
        .unwrap_or_else(|| String::from("unknown"))
}
