//! The tests as their sources have them, for the tests that are about tests.

use std::fs;
use std::path::{Path, PathBuf};

/// A test: where it is, what is said about it, and what it does.
pub struct Test {
    /// Its module and name, from the folder that was read.
    pub name: String,
    /// Its documentation and attributes.
    pub about: String,
    /// Its body, without comments.
    pub code: String,
}

impl Test {
    /// The name of its function.
    #[must_use]
    pub fn function(&self) -> &str {
        self.name.rsplit("::").next().unwrap_or(&self.name)
    }
}

/// Every test in the files of this folder for which `is_wanted` says so, by its path in the folder.
///
/// # Panics
///
/// If the folder cannot be read.
pub fn tests_in(top: &Path, is_wanted: impl Fn(&Path) -> bool) -> Vec<Test> {
    let files = files_in(top);
    let relative = files.iter().map(|path| path.strip_prefix(top).unwrap().to_owned());
    relative
        .filter(|path| is_wanted(path))
        .flat_map(|path| tests_of(&path, &fs::read_to_string(top.join(&path)).unwrap()))
        .collect()
}

/// Every Rust file below this folder, in order.
///
/// # Panics
///
/// If the folder cannot be read.
#[must_use]
pub fn files_in(top: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(top, &mut files);
    files.sort();
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The tests of a file: functions under `#[test]`, and those that are run by both adapters (`adapter: A`).
fn tests_of(path: &Path, text: &str) -> Vec<Test> {
    let module = path.with_extension("").display().to_string().replace('/', "::").replace("::main", "");
    let mut tests = Vec::new();
    let (mut about, mut in_test) = (Vec::new(), false);
    for line in text.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("///") || trimmed.starts_with("#[") {
            about.push(trimmed);
        } else if let Some(name) = function(trimmed) {
            let about = std::mem::take(&mut about).join("\n");
            in_test =
                about.contains("#[test]") || about.contains("::test") || trimmed.contains("(adapter: A)");
            if in_test {
                tests.push(Test { name: format!("{module}::{name}"), about, code: String::new() });
            }
        } else {
            about.clear();
        }
        if let (true, Some(test)) = (in_test && !trimmed.starts_with("//"), tests.last_mut()) {
            test.code.push_str(trimmed);
            test.code.push('\n');
        }
    }
    tests
}

/// The name of the function that this line opens.
fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    line.split(['(', '<']).next()
}
