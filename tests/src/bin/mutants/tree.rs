//! The copy of the workspace that has every mutant in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failed;

/// The crate that says which mutant is on. It is written into the copy alone.
const SWITCH: &str = include_str!("switch.txt");

/// The crates whose code has switches; the shuttled core is core's sources once more, and the tests have some of the adapters'.
const CRATES: [&str; 9] = [
    "core",
    "stores",
    "adapter-async",
    "adapter-blocking",
    "axum",
    "middleware",
    "sandbox",
    "tests",
    "tests/shuttle",
];

/// The top of the workspace.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where the copy, its build and the outcomes are.
pub(crate) fn work() -> PathBuf {
    top().join("target/mutants")
}

pub(crate) fn copy_root() -> PathBuf {
    work().join("tree")
}

/// Copies all files that git knows or would take, but for those that `spliced` writes.
pub(crate) fn copy(spliced: impl Fn(&str) -> bool) -> Result<(), Failed> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(top())
        .output()?;
    for file in String::from_utf8(listed.stdout)?.split_terminator('\0') {
        let from = top().join(file);
        // This program is no part of what it looks at: a change of it is no reason to compile all tests anew.
        if spliced(file) || file.starts_with("tests/src/bin/mutants/") || !from.is_file() {
            continue;
        }
        let bytes = fs::read(&from)?;
        match file.strip_suffix("Cargo.toml") {
            Some(folder) => write(file, with_switch(folder, String::from_utf8(bytes)?).as_bytes())?,
            // Cargo adds the switch to it.
            None if file == "Cargo.lock" && copy_root().join(file).exists() => {}
            None => write(file, &bytes)?,
        }
        // Scripts and the like.
        fs::set_permissions(copy_root().join(file), fs::metadata(&from)?.permissions())?;
    }
    write("switch/src/lib.rs", SWITCH.as_bytes())?;
    let manifest = "[package]\nname = \"valetkey-switch\"\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version.workspace = true\npublish = false\n";
    write("switch/Cargo.toml", manifest.as_bytes())
}

/// Writes a file of the copy, unless it is so already: what keeps its time is not compiled again.
pub(crate) fn write(file: &str, bytes: &[u8]) -> Result<(), Failed> {
    let path = copy_root().join(file);
    if fs::read(&path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, bytes)?)
}

fn with_switch(folder: &str, manifest: String) -> String {
    if folder.is_empty() {
        let lints = "[workspace.lints.rust]\n";
        // What a mutant says is never pretty, and what the compiler would refuse by a lint is to be found by a test.
        let allowed = "warnings = \"allow\"\narithmetic_overflow = \"allow\"\nunconditional_panic = \"allow\"\noverflowing_literals = \"allow\"\n";
        let (before, after) = manifest.split_once(lints).unwrap_or((&manifest, ""));
        let rest = after.find("\n[").map_or("", |at| after.get(at..).unwrap_or_default());
        let members = before.replacen("\"tests/shuttle\"]", "\"tests/shuttle\", \"switch\"]", 1);
        return format!("{members}{lints}{allowed}{rest}");
    }
    let folder = folder.trim_end_matches('/');
    if !CRATES.contains(&folder) {
        return manifest;
    }
    let up = "../".repeat(folder.split('/').count());
    let line = format!("[dependencies]\nvaletkey-switch = {{ path = \"{up}switch\" }}\n");
    manifest.replacen("[dependencies]\n", &line, 1)
}
