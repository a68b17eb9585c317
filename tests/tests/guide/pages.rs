//! The pages of the guide, held to what core has: what is new there is told here, and what is linked is what it is called.

use std::fs;
use std::path::{Path, PathBuf};

use valetkey_core::{Quirk, Rule};

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The pages of an adapter's guide, each with its name.
fn pages(adapter: &str) -> Vec<(String, String)> {
    let files = fs::read_dir(top().join(adapter).join("src/guide")).unwrap().map(|file| file.unwrap().path());
    let pages = files.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let pages: Vec<_> = pages
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    assert!(!pages.is_empty());
    pages
}

fn page(adapter: &str, name: &str) -> String {
    let page = pages(adapter).into_iter().find(|(file, _)| file == name);
    page.unwrap_or_else(|| panic!("{adapter} has no page {name}")).1
}

fn sources(folder: &Path) -> String {
    let paths = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    paths.map(|path| if path.is_dir() { sources(&path) } else { fs::read_to_string(path).unwrap() }).collect()
}

/// The variants of core's enums of this name, from its sources: only they have them all.
fn variants(name: &str) -> Vec<String> {
    let sources = sources(&top().join("core/src"));
    let mut found = Vec::new();
    for after in sources.split(&format!("\npub enum {name} {{\n")).skip(1) {
        let lines = after.split("\n}").next().unwrap().lines().map(str::trim);
        let variants = lines.filter(|line| line.starts_with(char::is_uppercase));
        found.extend(variants.map(|line| line.split(['(', ',', ' ']).next().unwrap().to_owned()));
    }
    assert!(!found.is_empty(), "core has no enum {name}");
    found
}

#[test]
fn what_each_error_means_is_told() {
    let page = page("adapter-async", "errors.md");
    for name in ["Cause", "Error", "TransportErrorKind"] {
        for variant in variants(name).iter().filter(|variant| *variant != "Core") {
            assert!(
                page.contains(&format!("{name}::{variant})")),
                "errors.md says nothing of {name}::{variant}"
            );
        }
    }
}

#[test]
fn each_quirk_is_told_with_what_it_admits() {
    let page = page("adapter-async", "refused.md");
    for quirk in Quirk::ALL {
        assert!(page.contains(&format!("[`Quirk::{quirk:?}`]")), "refused.md says nothing of {quirk:?}");
    }
}

#[test]
fn each_family_of_rules_is_told() {
    let page = page("adapter-async", "refused.md");
    let headings: String = page.lines().filter(|line| line.starts_with("# ")).collect();
    for rule in Rule::ALL {
        let family = rule.id().split('-').next().unwrap();
        assert!(headings.contains(family), "refused.md has no heading with {family}");
    }
}

#[test]
fn a_link_to_a_rule_leads_to_the_rule_that_it_names() {
    let mut links = 0;
    for (name, page) in pages("adapter-async").into_iter().chain(pages("adapter-blocking")) {
        for (before, after) in page.match_indices("](Rule::").map(|(at, _)| page.split_at(at)) {
            let id = before.rsplit('[').next().unwrap();
            let variant = after["](Rule::".len()..].split(')').next().unwrap();
            let rule =
                Rule::ALL.iter().find(|rule| rule.id() == id).unwrap_or_else(|| panic!("{name}: {id}"));
            assert_eq!(format!("{rule:?}"), variant, "{name}: {id}");
            links += 1;
        }
    }
    assert!(links > 100, "only {links} links to rules");
}

#[test]
fn each_page_opens_with_its_rounds_and_has_code() {
    for (name, page) in pages("adapter-async") {
        let mut blocks = page.lines().filter(|line| line.starts_with("```"));
        assert_eq!(blocks.next(), Some("```text"), "{name}");
        assert!(blocks.any(|line| line == "```" || line == "```no_run"), "{name}");
    }
}

/// A program moves from one adapter to the other by `.await`, another kind of store, and the `?` of an HTTP client that may
/// fail to be made.
#[test]
fn the_command_line_of_both_adapters_differs_by_await_and_the_store_alone() {
    let words = |adapter: &str| -> Vec<String> {
        let page = page(adapter, "command_line.md");
        let code = page.split("```no_run\n").nth(1).unwrap().split("```").next().unwrap().to_owned();
        let code = code
            .replace(".await", "")
            .replace("async fn", "fn")
            .replace("AsyncStore", "Store")
            .replace("http_client()?", "http_client()")
            .replace("valetkey_async", "valetkey_blocking");
        let words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    assert_eq!(words("adapter-async"), words("adapter-blocking"));
}
