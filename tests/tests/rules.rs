//! Each rule has an id of its own, and a test that names it. The table is printed by
//! `cargo test -p valetkey-tests --test rules -- --nocapture`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use valetkey_core::Rule;

/// The test files, by name, with their texts.
fn sources() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| path.file_stem().is_some_and(|stem| stem != "rules"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// Whether the text names the rule: as it is written (`AR-3`) or as it is typed (`Rule::Ar3`), and not `AR-30`.
fn names(text: &str, rule: Rule) -> bool {
    [rule.id().to_owned(), format!("Rule::{rule:?}")].iter().any(|name| {
        text.match_indices(name).any(|(place, name)| {
            !text[place + name.len()..].starts_with(|next: char| next.is_ascii_alphanumeric())
        })
    })
}

#[test]
#[expect(clippy::disallowed_macros, reason = "the table is for whoever runs the test")]
fn every_rule_has_a_test_that_names_it() {
    let sources = sources();
    let mut table = String::new();
    let mut without = Vec::new();
    for rule in Rule::ALL {
        let files: Vec<&str> =
            sources.iter().filter(|(_, text)| names(text, *rule)).map(|(name, _)| name.as_str()).collect();
        let _ = writeln!(table, "{:<6} {}", rule.id(), files.join(", "));
        if files.is_empty() {
            without.push(rule.id());
        }
    }
    println!("{table}");
    assert!(without.is_empty(), "no test names {without:?}");
}

#[test]
fn an_id_is_unique_and_says_its_family_and_number() {
    let ids: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    assert_eq!(ids.len(), Rule::ALL.len());
    for rule in Rule::ALL {
        let (family, number) = rule.id().split_once('-').unwrap();
        assert_eq!(family.to_ascii_uppercase(), family);
        assert_eq!(number.parse::<u8>().unwrap().to_string(), number);
        // The variant is the id, so that either leads to the other.
        assert_eq!(format!("{rule:?}").to_ascii_uppercase(), format!("{family}{number}"));
        assert!(!rule.source().is_empty() && !rule.text().is_empty());
        assert!(!rule.text().ends_with('.') && !rule.text().contains('\n'));
        assert_eq!(rule.to_string(), format!("{}, {}", rule.id(), rule.source()));
    }
}
