//! Every text of an error, read as a user reads it: *what happened, to what, what to do*.
//!
//! They are collected from the sources of the published crates ([`collected`] says how), with the sentences of
//! [`Rule::text`]; `cargo test -p valetkey-tests --test texts -- --nocapture` prints them all, with file and line. Errors
//! that are really provoked are read as well ([`provoked`]), and with them what they say of their sources ([`sources`]).

#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "the texts are printed for who asks for them, and a port is taken to be refused"
)]

mod collected;
mod planted;
mod provoked;
mod read;
mod sources;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use collected::{Sources, Text};
use valetkey_core::Rule;

/// The crates that are published, each with the fewest texts that it is known to have. Less is a fault of the collector, or
/// texts that it does not see any more.
const CRATES: [(&str, usize); 8] = [
    ("core", 390),
    ("adapter-blocking", 5),
    ("adapter-async", 4),
    ("stores", 120),
    ("middleware", 0),
    ("axum", 30),
    ("sandbox", 130),
    ("playground", 140),
];

/// Texts that go on with another: it says what they are about.
const CONTINUED: [(&str, &[&str]); 4] = [
    ("core/server/discovery.rs", &["is at a host that"]),
    ("core/server/issuer.rs", &["is http on loopback", "is not an https URL", "has a query"]),
    ("playground/shell/options.rs", &["is not in UTF-8"]),
    ("playground/shell/source.rs", &["is not set", "is not in UTF-8"]),
];

#[test]
fn every_error_text_says_plainly_what_happened() {
    let mut faults = Vec::new();
    for (name, fewest) in CRATES {
        let texts = texts_of(name);
        for text in &texts {
            println!("{}:{}: {}", text.file, text.line, text.text);
            faults.extend(faults_of(text));
        }
        println!("{name}: {} texts", texts.len());
        if texts.len() < fewest {
            faults.push(format!("{name}: {} texts were found, and {fewest} are there at least", texts.len()));
        }
    }
    for rule in Rule::ALL {
        println!("{}: {}", rule.id(), rule.text());
        let found = read::faults(rule.text()).into_iter();
        faults.extend(found.map(|fault| format!("{}: {fault}: {}", rule.id(), rule.text())));
    }
    assert!(faults.is_empty(), "{} texts are not plain:\n{}", faults.len(), faults.join("\n"));
}

fn faults_of(text: &Text) -> Vec<String> {
    let goes_on = CONTINUED
        .iter()
        .any(|(file, begins)| text.file == *file && begins.iter().any(|begin| text.text.starts_with(begin)));
    let whole = if goes_on { format!("it {}", text.text) } else { text.text.clone() };
    let found = read::faults(&whole).into_iter();
    found.map(|fault| format!("{}:{}: {fault}: {}", text.file, text.line, text.text)).collect()
}

/// The texts of a crate, by its folder.
fn texts_of(name: &str) -> BTreeSet<Text> {
    let mut sources = Sources::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src");
    collect(&folder, name, &mut sources);
    sources.texts()
}

fn collect(folder: &Path, name: &str, sources: &mut Sources) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{name}/{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            collect(&path, &name, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.read(&name, &fs::read_to_string(&path).unwrap());
        }
    }
}
