//! What the manifests promise: the oldest compiler, which is the one that a dependency asks for, and what crates.io shows
//! of each published crate.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A release of the compiler: major, minor, patch.
type Release = [u64; 3];

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What `cargo metadata` says of the workspace and all that it stands on, for every platform and with every feature.
fn metadata() -> Value {
    let run = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--all-features", "--format-version", "1"])
        .current_dir(top())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

fn packages(metadata: &Value, of_the_workspace: bool) -> Vec<&Value> {
    let members = metadata["workspace_members"].as_array().unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().filter(|package| members.contains(&package["id"]) == of_the_workspace).collect()
}

/// The members that are published: `publish` is null if it is nowhere forbidden.
fn published(metadata: &Value) -> Vec<&Value> {
    packages(metadata, true).into_iter().filter(|package| package["publish"].is_null()).collect()
}

fn release(version: &str) -> Release {
    let mut parts = version.split('.').map(|part| part.parse().unwrap());
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[test]
fn the_oldest_compiler_is_the_newest_that_a_dependency_asks_for() {
    let metadata = metadata();
    let mut asked: Vec<(Release, String)> = Vec::new();
    for package in packages(&metadata, false) {
        if let Some(version) = package["rust_version"].as_str() {
            asked.push((release(version), format!("{} {}", package["name"], package["version"])));
        }
    }
    asked.sort();
    let needed = asked.last().unwrap().0;
    for package in packages(&metadata, true) {
        let declared = release(package["rust_version"].as_str().unwrap());
        let mut why = String::new();
        for (release, dependency) in asked.iter().filter(|(release, _)| *release >= needed.min(declared)) {
            writeln!(why, "  {dependency} asks for {release:?}").unwrap();
        }
        assert_eq!(
            declared, needed,
            "{} declares another `rust-version` (left) than its dependencies need (right):\n{why}",
            package["name"]
        );
    }
}

#[test]
fn the_pinned_compiler_is_one_release_and_not_older_than_the_oldest() {
    let pinned: toml::Table = fs::read_to_string(top().join("rust-toolchain.toml")).unwrap().parse().unwrap();
    let channel = pinned["toolchain"]["channel"].as_str().unwrap();
    assert_eq!(channel.split('.').count(), 3, "`{channel}` is not a single release");
    for package in packages(&metadata(), true) {
        let oldest = package["rust_version"].as_str().unwrap();
        assert!(
            release(channel) >= release(oldest),
            "{channel} is pinned, {} declares {oldest}",
            package["name"]
        );
    }
}

#[test]
fn the_readme_names_the_oldest_compiler() {
    let metadata = metadata();
    let readme = fs::read_to_string(top().join("README.md")).unwrap();
    let oldest = published(&metadata)[0]["rust_version"].as_str().unwrap();
    assert!(
        readme.contains(&format!("Rust {oldest} or newer")),
        "README.md does not say `Rust {oldest} or newer`"
    );
}

#[test]
fn crates_io_is_told_where_each_crate_comes_from_and_what_it_is_for() {
    let metadata = metadata();
    let published = published(&metadata);
    assert_eq!(published.len(), 8);
    for package in published {
        let name = package["name"].as_str().unwrap();
        assert_eq!(package["documentation"], format!("https://docs.rs/{name}").as_str());
        assert_eq!(package["license"], "MIT OR Apache-2.0", "{name}");
        for told in ["description", "homepage", "readme", "repository"] {
            assert!(package[told].as_str().is_some_and(|told| !told.is_empty()), "{name} has no {told}");
        }
        let keywords = package["keywords"].as_array().unwrap();
        assert!((3..=5).contains(&keywords.len()), "{name}: crates.io takes five keywords, not {keywords:?}");
        for keyword in keywords {
            assert!(keyword.as_str().unwrap().len() <= 20, "{name}: crates.io refuses the keyword {keyword}");
        }
        let categories = package["categories"].as_array().unwrap();
        assert!(
            (1..=5).contains(&categories.len()),
            "{name}: crates.io takes five categories, not {categories:?}"
        );
    }
}

#[test]
fn each_crate_has_the_lint_for_what_the_oldest_compiler_lacks() {
    for package in packages(&metadata(), true) {
        let path = package["manifest_path"].as_str().unwrap();
        let manifest: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
        let mut lints = &manifest["lints"];
        let workspace: toml::Table = fs::read_to_string(top().join("Cargo.toml")).unwrap().parse().unwrap();
        if lints.get("workspace").is_some() {
            lints = &workspace["workspace"]["lints"];
        }
        // The twin of core for shuttle has core's sources, which core's own manifest lints.
        if package["name"] != "valetkey-shuttled-core" {
            assert_eq!(lints["clippy"]["incompatible_msrv"].as_str(), Some("deny"), "{path}");
        }
    }
}

/// The sources of the published crates, with how many lines each has.
fn sources(metadata: &Value) -> Vec<(PathBuf, usize, String)> {
    let mut folders: Vec<PathBuf> = published(metadata)
        .iter()
        .map(|package| Path::new(package["manifest_path"].as_str().unwrap()).with_file_name("src"))
        .collect();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                sources.push((path, text.lines().count(), text));
            }
        }
    }
    sources
}

/// One idea a file. One that is longer than 300 lines says at its top why, and one that is not says nothing of it.
#[test]
fn a_file_of_more_than_300_lines_says_at_its_top_why_it_is_longer() {
    const MARK: &str = "//! Longer than most files: ";
    let sources = sources(&metadata());
    assert!(sources.len() > 300, "{} sources were found", sources.len());
    for (path, lines, text) in sources {
        let top = text.lines().take_while(|line| line.starts_with("//!"));
        let says_why = top.filter(|line| line.starts_with(MARK)).count() == 1;
        assert_eq!(says_why, lines > 300, "{} has {lines} lines", path.display());
    }
}
