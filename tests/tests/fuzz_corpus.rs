//! Every corpus is replayed on every build, without a fuzzer: what was found once is found again at once.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the bans are core's; this test reads the corpora, and says which seed it was"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use valetkey_tests::fuzz::TARGETS;

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_target_holds_for_its_corpus() {
    for (name, target) in TARGETS {
        let corpus = corpora().join(name);
        let seeds = names(&corpus);
        assert!(!seeds.is_empty(), "{name} has no corpus");
        for seed in seeds {
            // Printed only if the target panics.
            println!("{name}/{seed}");
            target(&fs::read(corpus.join(seed)).unwrap());
        }
    }
}

#[test]
fn every_corpus_has_a_target_and_every_target_is_in_the_table() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&corpora()), targets, "corpora");

    let sources = names(&corpora().join("../fuzz_targets"));
    let sources: BTreeSet<String> =
        sources.iter().filter_map(|source| source.strip_suffix(".rs")).map(str::to_owned).collect();
    assert_eq!(sources, targets, "fuzz_targets");

    let readme = fs::read_to_string(corpora().join("../README.md")).unwrap();
    for name in targets {
        assert!(readme.contains(&format!("| `{name}` |")), "{name} is not in the table of the README");
    }
}
