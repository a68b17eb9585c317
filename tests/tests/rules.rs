//! Each rule has an id of its own, and tests that feed it what it refuses. The table, id by id, is printed by
//! `cargo test -p valetkey-tests --test rules -- --nocapture`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use valetkey_core::Rule;
use valetkey_tests::sources::{Test, files_in, tests_in};

/// The families of rules, and how many each has: their ids go from 1 to there. A signed response is held to the rules of
/// any JWT (ID) beside its own (JM).
const FAMILIES: [(&str, u8); 24] = [
    ("AQ", 31),
    ("AR", 26),
    ("JM", 4),
    ("TR", 22),
    ("ER", 7),
    ("ID", 59),
    ("UI", 13),
    ("DP", 11),
    ("PA", 3),
    ("DV", 5),
    ("RV", 1),
    ("IN", 2),
    ("DI", 16),
    ("PR", 4),
    ("JK", 4),
    ("WA", 5),
    ("CA", 6),
    ("HT", 3),
    ("LB", 4),
    ("ST", 4),
    ("RF", 1),
    ("LO", 19),
    ("TP", 5),
    ("FA", 4),
];

/// Ids of which the library has no rule of its own, because another says the same. Tests name them all the same.
const ONE_WITH: [(&str, Rule); 14] = [
    // No request of a client's own is named by reference: `request_uri` is no parameter of a program's.
    ("AQ-27", Rule::Aq6),
    // No session is managed in the browser.
    ("AR-24", Rule::Ar15),
    ("ID-21", Rule::Id39),
    ("ID-23", Rule::Di1),
    ("ID-26", Rule::Id43),
    // Each server has its own keys.
    ("ID-29", Rule::Id8),
    // An absent list restricts nothing but what would be of no use.
    ("DI-12", Rule::Ca3),
    ("DI-14", Rule::Tr17),
    ("DI-15", Rule::Di5),
    ("LO-1", Rule::Lo9),
    ("LO-2", Rule::Lo6),
    ("LO-3", Rule::Lo17),
    ("LO-18", Rule::Ar15),
    ("TP-3", Rule::Aq21),
];

/// Rules of features that the library does not have, and why.
const LEFT_OUT: [(&str, &str); 3] = [
    ("TR-20", "a draft's lifetimes of refresh tokens and authorizations are not read"),
    ("LO-5", "a program ends its own session before it sends the browser away; valetkey-axum does"),
    (
        "TP-5",
        "which pages may be framed is decided where they are served; valetkey-axum forbids it for its own",
    ),
];

/// Rules that no error carries, because nothing that a program or a server does can break them: the library does not
/// do what they forbid. A test watches what it does.
const KEPT_BY_CONSTRUCTION: [Rule; 63] = [
    Rule::Lo7,
    Rule::Lo15,
    Rule::Lo16,
    Rule::Lo19,
    Rule::Tp4,
    Rule::Fa3,
    Rule::Aq28,
    Rule::Ar26,
    Rule::Id42,
    Rule::Aq5,
    Rule::Aq31,
    Rule::Id37,
    Rule::Id53,
    Rule::Id54,
    Rule::Id56,
    Rule::Id59,
    Rule::Jk3,
    Rule::Ui9,
    Rule::Aq18,
    Rule::Ar21,
    Rule::Aq25,
    Rule::Ui2,
    Rule::Ui6,
    Rule::Ui7,
    Rule::Ui8,
    Rule::Ui13,
    Rule::Aq1,
    Rule::Aq4,
    Rule::Aq7,
    Rule::Aq13,
    Rule::Tr13,
    Rule::Tr19,
    Rule::Tr21,
    Rule::Er5,
    Rule::Er6,
    Rule::Id5,
    Rule::Pa2,
    Rule::Pa3,
    Rule::Ca2,
    Rule::Dv3,
    Rule::Dv5,
    Rule::Di2,
    Rule::Di10,
    Rule::Lb3,
    Rule::Wa3,
    Rule::Ar6,
    Rule::Ar15,
    Rule::Ar16,
    Rule::Er2,
    Rule::Er7,
    Rule::Dp3,
    Rule::Dp5,
    Rule::Dp6,
    Rule::Dp10,
    Rule::Dp11,
    Rule::Wa2,
    Rule::Ht2,
    Rule::Ht3,
    Rule::Lb1,
    Rule::Lb4,
    Rule::St2,
    Rule::St3,
    Rule::Rf1,
];

/// Whether the test names the rule, in its doc comment or in its code.
fn names(test: &Test, id: &str) -> bool {
    is_named(&test.about, id) || asserts(test, id)
}

/// Whether its code has the rule, as it is written (`"AR-3"`) or as it is typed (`Rule::Ar3`).
fn asserts(test: &Test, id: &str) -> bool {
    let (family, number) = id.split_once('-').unwrap();
    let (first, rest) = family.split_at(1);
    let typed = format!("Rule::{first}{}{number}", rest.to_ascii_lowercase());
    is_named(&test.code, &format!("\"{id}\"")) || is_named(&test.code, &typed)
}

/// Whether the name is in the text, and not as the beginning of another: `AR-3` is not in `AR-30`.
fn is_named(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(place, name)| {
        !text[place + name.len()..].starts_with(|next: char| next.is_ascii_alphanumeric())
    })
}

/// The ids of the books that concern this library.
fn ids() -> impl Iterator<Item = String> {
    FAMILIES
        .iter()
        .flat_map(|(family, count)| (1..=*count).map(move |number| format!("{family}-{number}")))
        .filter(|id| LEFT_OUT.iter().all(|(left_out, _)| left_out != id))
}

/// Every test of the library: not those of the sandbox, which is the server that the tests ask, but for its `client`.
fn tests() -> Vec<Test> {
    tests_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), |path| {
        path != Path::new("rules.rs")
            && (!path.starts_with("sandbox") || path.ends_with("client.rs") || path.ends_with("wrong.rs"))
    })
}

#[test]
#[expect(clippy::disallowed_macros, reason = "the table is for whoever runs the test")]
fn every_rule_has_a_test_that_names_it() {
    let tests = tests();
    let mut table = String::new();
    let mut without = Vec::new();
    for id in ids() {
        let names: Vec<&str> =
            tests.iter().filter(|test| names(test, &id)).map(|test| test.name.as_str()).collect();
        if names.is_empty() {
            without.push(id.clone());
        }
        let one_with = ONE_WITH.iter().find(|(one, _)| *one == id);
        let one_with = one_with.map(|(_, rule)| format!(" (one with {})", rule.id())).unwrap_or_default();
        let _ = writeln!(table, "{id:<6}{one_with} {}", names.join(", "));
    }
    for (id, why) in LEFT_OUT {
        let _ = writeln!(table, "{id:<6} left out: {why}");
    }
    println!("{table}");
    assert!(without.is_empty(), "no test names {without:?}");
}

/// A mention is not a test: what can be broken has been broken, and the error was asked for its rule.
#[test]
fn every_rule_that_can_be_broken_is_asserted_by_a_test() {
    let tests = tests();
    let breakable =
        Rule::ALL.iter().filter(|rule| !KEPT_BY_CONSTRUCTION.contains(rule)).map(|rule| rule.id());
    let without: Vec<&str> = breakable.filter(|id| !tests.iter().any(|test| asserts(test, id))).collect();
    assert!(without.is_empty(), "no test asserts {without:?}");
}

#[test]
fn the_list_of_rules_is_the_librarys() {
    let known: BTreeSet<String> = Rule::ALL.iter().map(|rule| rule.id().to_owned()).collect();
    let is_one_with_another = |id: &String| ONE_WITH.iter().any(|(one, _)| one == id);
    assert_eq!(ids().filter(|id| !is_one_with_another(id)).collect::<BTreeSet<String>>(), known);
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

/// A rule that a page names is one click away: the published crates' documentation has each id as a link to its [`Rule`].
#[test]
fn every_rule_that_the_documentation_names_is_a_link() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut bare = Vec::new();
    for krate in
        ["core", "adapter-async", "adapter-blocking", "stores", "middleware", "axum", "sandbox", "playground"]
    {
        for file in files_in(&root.join(krate).join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            let mut is_drawn = false;
            for (number, line) in text.lines().enumerate() {
                let trimmed = line.trim_start();
                let Some(said) = trimmed.strip_prefix("///").or_else(|| trimmed.strip_prefix("//!")) else {
                    continue;
                };
                // Nothing is a link in a drawing or in code.
                is_drawn ^= said.trim_start().starts_with("```");
                if !is_drawn && let Some(id) = bare_id(said) {
                    bare.push(format!("{}:{}: {id}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(bare.is_empty(), "write [AR-3](crate::Rule::Ar3):\n{}", bare.join("\n"));
}

/// The first id of a rule in this text that is not the text of a link.
fn bare_id(text: &str) -> Option<&'static str> {
    Rule::ALL.iter().map(|rule| rule.id()).find(|id| {
        text.match_indices(id).any(|(at, _)| {
            let (before, after) = (&text[..at], &text[at + id.len()..]);
            let is_another = after.starts_with(|next: char| next.is_ascii_digit())
                || before.ends_with(|last: char| last.is_ascii_alphanumeric());
            let is_linked = before.ends_with('[') && after.starts_with("](");
            // In code it stands for itself.
            !is_another && !is_linked && !before.ends_with(['`', '"'])
        })
    })
}

#[test]
fn an_id_is_bare_unless_it_is_a_whole_link() {
    assert_eq!(bare_id("/// It is refused (AR-3)."), Some("AR-3"));
    assert_eq!(bare_id("/// It is refused ([AR-13](crate::Rule::Ar13))."), None);
}
