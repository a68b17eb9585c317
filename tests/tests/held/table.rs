//! `tests/HELD.md`, the table of attacks that were tried: every test that it names is there and runs where it says, and
//! every test of an attack is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What leaves a test to `tests/interop/slow/run`.
const SLOW: &str = "#[ignore = \"takes minutes: tests/interop/slow/run\"]";

/// Every test by its name, with where it runs: `suite`, `slow`, or nothing that is of use here.
fn tests() -> BTreeMap<String, &'static str> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = BTreeMap::new();
    for (folder, prefix) in [(here.join("tests"), ""), (here.join("../playground/tests"), "playground::")] {
        let mut files = Vec::new();
        collect(&folder, &mut files);
        for file in files {
            let module = file.strip_prefix(&folder).unwrap().with_extension("").display().to_string();
            let module = format!("{prefix}{}", module.replace('/', "::").trim_end_matches("::main"));
            tests_of(&module, &fs::read_to_string(&file).unwrap(), &mut tests);
        }
    }
    tests
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

/// The tests of a file: functions under `#[test]`, and those that are run by both adapters (`fn name(adapter: A)`).
fn tests_of(module: &str, text: &str, tests: &mut BTreeMap<String, &'static str>) {
    let mut attributes = String::new();
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("#[") {
            attributes.push_str(line);
        } else if let Some(rest) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) {
            let attributes = std::mem::take(&mut attributes);
            let is_test = attributes.contains("#[test]") || attributes.contains("::test");
            if is_test || rest.ends_with(": A) {") {
                let name = rest.split(['(', '<']).next().unwrap();
                let place = match (attributes.contains(SLOW), attributes.contains("#[ignore")) {
                    (true, _) => "slow",
                    (false, true) => "elsewhere",
                    (false, false) => "suite",
                };
                tests.insert(format!("{module}::{name}"), place);
            }
        } else if !line.starts_with("//") {
            attributes.clear();
        }
    }
}

/// The rows of the table: the attack, the tests, and where they run.
fn rows() -> Vec<(String, Vec<String>, String)> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("HELD.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| attack |"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [attack, names, place] = cells[..] else { panic!("a row has three cells: {line}") };
        let names = names.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (attack.to_owned(), names, place.to_owned())
    })
    .collect()
}

#[test]
fn each_attack_has_a_test_that_is_there_and_runs_where_the_table_says() {
    let tests = tests();
    let rows = rows();
    assert!(rows.len() > 40, "{} rows", rows.len());
    for (attack, names, place) in rows {
        assert!(!names.is_empty(), "no test holds: {attack}");
        let places: BTreeSet<&str> = names
            .iter()
            .map(|name| {
                *tests
                    .get(name)
                    .unwrap_or_else(|| panic!("there is no test {name}, which is to hold: {attack}"))
            })
            .collect();
        // `suite` comes before `slow` in the table.
        let places: Vec<&str> = places.into_iter().rev().collect();
        assert_eq!(places.join(", "), place, "{attack}");
    }
}

#[test]
fn each_test_of_an_attack_is_in_the_table() {
    let named: BTreeSet<String> = rows().into_iter().flat_map(|(_, names, _)| names).collect();
    for (name, place) in tests() {
        let is_held = name.rsplit("::").next().unwrap().starts_with("held_");
        assert!(is_held || place != "slow", "{name} is slow, and is no test of an attack");
        assert!(!is_held || named.contains(&name), "{name} is not in tests/HELD.md");
    }
}
