//! What stands, in the form of tests/MUTANTS.md.

use std::collections::BTreeMap;

use crate::judge::Results;
use crate::list::Listed;

/// Prints the counts and the missed ones; whether none is missed that changes something.
pub(crate) fn print(
    listed: &[Listed],
    results: &Results,
    same: &BTreeMap<String, String>,
    by_hand: &BTreeMap<String, String>,
    seed: u64,
) -> bool {
    let mut rooms: BTreeMap<(bool, String), BTreeMap<&str, usize>> = BTreeMap::new();
    let mut news = Vec::new();
    for mutant in listed {
        let outcome = match results.of(&mutant.key).map_or("not run", |result| result.outcome.as_str()) {
            "missed" | "constant" if same.contains_key(&mutant.key) => "the same",
            "constant" | "opaque" if by_hand.contains_key(&mutant.key) => "by hand",
            outcome => outcome,
        };
        if outcome == "missed" {
            news.push(mutant);
        }
        *rooms.entry((!mutant.decides(), mutant.room())).or_default().entry(outcome).or_default() += 1;
    }
    let kinds =
        ["caught", "late", "by hand", "missed", "the same", "unviable", "constant", "opaque", "not run"];
    println!("{} mutants; seed of the sample elsewhere: {seed}\n", listed.len());
    println!("| room | mutants | {} |", kinds.join(" | "));
    println!("|---|{}", "--:|".repeat(kinds.len() + 1));
    let mut total = 0;
    for ((elsewhere, room), counts) in &rooms {
        let all: usize = counts.values().sum();
        let shown: usize = kinds.iter().filter_map(|kind| counts.get(kind)).sum();
        total += shown;
        let cells: Vec<String> =
            kinds.iter().map(|kind| counts.get(kind).map_or_else(String::new, ToString::to_string)).collect();
        let room = if *elsewhere { format!("{room} (sample)") } else { format!("`{room}`") };
        println!("| {room} | {all} | {} |", cells.join(" | "));
    }
    println!();
    for mutant in &news {
        println!("missed: {}", mutant.key);
    }
    // Each one that is listed ended somewhere.
    if total != listed.len() {
        println!("{total} outcomes of {} mutants", listed.len());
    }
    news.is_empty() && total == listed.len()
}
