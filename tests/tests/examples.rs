//! The adapters' examples are short, and like one another: who has read one has read most of the next.

use std::fs;
use std::path::{Path, PathBuf};

/// What each example of the async adapter is compared with.
const BASE: &str = "base";

/// Programs of their own kind, which are not compared with it.
const OF_THEIR_OWN_KIND: [&str; 1] = ["telemetry"];

/// How many lines an example differs by from the base, at most; and how many examples there are, at least.
const MOST_CHANGED: usize = 25;
const FEWEST: usize = 12;

fn folder(krate: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(krate)
}

/// The names of a crate's examples, in order.
fn examples(krate: &str) -> Vec<String> {
    let files = fs::read_dir(folder(krate).join("examples")).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> =
        files.filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    names
}

fn source(krate: &str, example: &str) -> String {
    fs::read_to_string(folder(krate).join("examples").join(format!("{example}.rs"))).unwrap()
}

/// Its lines without indentation, imports (over as many lines as they take), comments of a whole line, and blank ones.
fn compared(source: &str) -> Vec<&str> {
    let mut is_import = false;
    let lines = source.lines().map(str::trim).filter(|line| {
        is_import |= line.starts_with("use ");
        let counts = !is_import && !line.is_empty() && !line.starts_with("//");
        is_import &= !line.ends_with(';');
        counts
    });
    lines.collect()
}

/// How many lines are removed and added between two texts: all that are in no longest common subsequence of them.
fn changed(one: &[&str], other: &[&str]) -> usize {
    let mut row = vec![0; other.len() + 1];
    for line in one {
        let before = row.clone();
        for (at, same) in other.iter().enumerate() {
            row[at + 1] = if line == same { before[at] + 1 } else { before[at + 1].max(row[at]) };
        }
    }
    one.len() + other.len() - 2 * row[other.len()]
}

#[test]
fn an_example_of_the_async_adapter_is_the_base_but_for_25_lines() {
    let base = source("adapter-async", BASE);
    let names = examples("adapter-async");
    for name in OF_THEIR_OWN_KIND {
        assert!(names.iter().any(|known| known == name), "there is no example {name} to except");
    }
    let compared_names: Vec<&String> =
        names.iter().filter(|name| *name != BASE && !OF_THEIR_OWN_KIND.contains(&name.as_str())).collect();
    assert!(compared_names.len() >= FEWEST, "{} examples: {compared_names:?}", compared_names.len());
    let list: Vec<(usize, &String)> = compared_names
        .into_iter()
        .map(|name| (changed(&compared(&base), &compared(&source("adapter-async", name))), name))
        .collect();
    assert!(list.iter().all(|(changed, _)| (1..=MOST_CHANGED).contains(changed)), "{list:?}");
}

#[test]
fn lines_that_are_removed_and_added_are_counted() {
    assert_eq!(changed(&["a", "b", "c"], &["a", "b", "c"]), 0);
    assert_eq!(changed(&["a", "b", "c"], &["a", "x", "c", "d"]), 3);
    assert_eq!(changed(&[], &["a"]), 1);
    let source = "//! Doc.\nuse a::{\n    b, c,\n};\n\nfn main() {\n    // why\n    f(); // what\n}\n";
    assert_eq!(compared(source), ["fn main() {", "f(); // what", "}"]);
}

/// As `grep -cvE '^\s*(//|$|use )'` counts them, in a file that rustfmt has written: so a second line of an import counts.
fn code_lines(source: &str) -> usize {
    let is_left_out = |line: &str| line.is_empty() || line.starts_with("//") || line.starts_with("use ");
    source.lines().filter(|line| !is_left_out(line.trim_start())).count()
}

#[test]
fn the_programs_of_the_front_pages_are_short() {
    for (krate, example, most) in
        [("axum", "login", 15), ("adapter-blocking", "script", 15), ("adapter-blocking", "device", 14)]
    {
        let source = source(krate, example);
        let lines = code_lines(&source);
        assert!(lines <= most, "{example}.rs has {lines} lines of code, and {most} are the most");
        // One statement a line, but for the head of a loop and what is in braces for one line, as rustfmt leaves it.
        let crowded = |line: &&str| line.split("//").next().unwrap_or_default().matches("; ").count() > 0;
        assert_eq!(source.lines().filter(|line| !line.trim_start().starts_with("//")).find(crowded), None);
    }
}

/// Cargo builds the examples of all crates into one folder.
#[test]
fn no_two_examples_have_one_name() {
    let mut all = [examples("adapter-async"), examples("adapter-blocking"), examples("axum")].concat();
    all.sort();
    assert_eq!(all.windows(2).find(|two| two[0] == two[1]), None);
}

#[test]
fn each_example_is_in_its_crates_readme_and_says_how_it_is_run() {
    for krate in ["adapter-async", "adapter-blocking", "axum"] {
        let readme = fs::read_to_string(folder(krate).join("README.md")).unwrap();
        let package = format!("valetkey-{}", krate.trim_start_matches("adapter-"));
        for name in examples(krate) {
            assert!(
                readme.contains(&format!("](examples/{name}.rs)")),
                "{krate}/README.md does not name {name}"
            );
            let source = source(krate, &name);
            let (head, _) = source.split_once("\nuse ").unwrap();
            let runs = head.contains(&format!("cargo run -p {package} "))
                && head.contains(&format!("--example {name}`"));
            assert!(runs, "{name}.rs does not say how it is run");
        }
    }
}
