//! The mutants that cargo-mutants lists, and those of them that are run.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::str::FromStr;

use serde_json::Value;

use crate::Failed;
use crate::tree;

/// Where nothing may be missed: what decides whether a message is believed, and what is kept. They are run in this order.
const DECIDING: [&str; 8] = [
    "core/src/authorize",
    "core/src/token",
    "core/src/identity",
    "core/src/jose",
    "core/src/session",
    "core/src/store",
    "stores/src",
    "core/src/wire",
];

/// A place in a file: line and column, both from 1, the column in characters.
pub(crate) type Place = (usize, usize);

/// One mutant: this span of this file has the replacement in its place.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    /// Its name as cargo-mutants has it, with a number in place of line and column, so that it outlives an edit elsewhere
    /// in the file.
    pub(crate) key: String,
    pub(crate) file: String,
    pub(crate) from: Place,
    pub(crate) to: Place,
    pub(crate) replacement: String,
    pub(crate) whole_body: bool,
    pub(crate) diff: String,
}

impl Listed {
    /// The room, or the crate where that is not core.
    pub(crate) fn room(&self) -> String {
        let mut parts = self.file.split('/');
        match (parts.next(), parts.nth(1)) {
            (Some("core"), Some(room)) => room.trim_end_matches(".rs").to_owned(),
            (first, _) => first.unwrap_or_default().to_owned(),
        }
    }

    pub(crate) fn decides(&self) -> bool {
        self.rank() < DECIDING.len()
    }

    /// Its room's place among those that decide; behind them if it is none.
    pub(crate) fn rank(&self) -> usize {
        let of = |room: &str| {
            let rest = self.file.strip_prefix(room);
            rest.is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
        };
        DECIDING.iter().position(|room| of(room)).unwrap_or(DECIDING.len())
    }
}

/// Every n-th mutant from the k-th on.
#[derive(Clone, Copy)]
pub(crate) struct Shard {
    which: usize,
    of: usize,
}

impl Shard {
    pub(crate) fn has(self, at: usize) -> bool {
        at % self.of == self.which % self.of
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (which, of) = text.split_once('/').ok_or("a shard is k/n")?;
        let number = |text: &str| text.parse::<usize>().map_err(|error| error.to_string());
        let shard = Self { which: number(which)?, of: number(of)? };
        if shard.of == 0 { Err("there is no shard of none".to_owned()) } else { Ok(shard) }
    }
}

/// The list that cargo-mutants wrote.
pub(crate) fn read(list: &Path) -> Result<Vec<Listed>, Failed> {
    let values: Vec<Value> = serde_json::from_str(&fs::read_to_string(list)?)?;
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut listed = Vec::new();
    for value in &values {
        let place = |end: &str| -> Option<Place> {
            let at = &value["span"][end];
            Some((at["line"].as_u64()?.try_into().ok()?, at["column"].as_u64()?.try_into().ok()?))
        };
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let (file, name) = (text("file"), text("name"));
        let (Some(from), Some(to)) = (place("start"), place("end")) else {
            return Err(format!("{name} has no span").into());
        };
        let what = name.replacen(&format!("{file}:{}:{}: ", from.0, from.1), "", 1);
        let plain = format!("{file}: {what}").replace(['\n', '\t'], " ");
        let count = seen.entry(plain.clone()).or_default();
        *count += 1;
        let key = if *count == 1 { plain } else { format!("{plain} #{count}") };
        let (replacement, diff) = (text("replacement"), text("diff"));
        let whole_body = value["genre"] == "FnValue";
        listed.push(Listed { key, file, from, to, replacement, whole_body, diff });
    }
    Ok(listed)
}

/// All of the rooms that decide, and some of the others, drawn by a seed.
pub(crate) fn chosen(all: Vec<Listed>, seed: u64, sample: usize) -> Vec<Listed> {
    let (mut chosen, mut others): (Vec<Listed>, Vec<Listed>) = all.into_iter().partition(Listed::decides);
    fastrand::Rng::with_seed(seed).shuffle(&mut others);
    others.truncate(sample);
    chosen.append(&mut others);
    // The order of the switches: by file and place, so that those of a function are neighbours.
    let order = |mutant: &Listed| (mutant.file.clone(), mutant.from, !mutant.whole_body, mutant.key.clone());
    chosen.sort_by_cached_key(order);
    chosen
}

/// Those that change nothing, each with its reason.
pub(crate) fn same() -> Result<BTreeMap<String, String>, Failed> {
    said("tests/mutants-same.txt")
}

/// Those that no switch can express, and that were made by hand: each with the test that failed.
pub(crate) fn by_hand() -> Result<BTreeMap<String, String>, Failed> {
    said("tests/mutants-by-hand.txt")
}

/// A line is what is said of mutants if it begins with `#`, else the key of one: it is said of all keys down to the next such line.
fn said(file: &str) -> Result<BTreeMap<String, String>, Failed> {
    let mut all = BTreeMap::new();
    let mut reason = String::new();
    let mut said = false;
    for line in fs::read_to_string(tree::top().join(file))?.lines() {
        if let Some(text) = line.strip_prefix('#') {
            if said {
                reason.clear();
                said = false;
            }
            reason = format!("{reason} {}", text.trim()).trim().to_owned();
        } else if !line.trim().is_empty() {
            said = true;
            all.insert(line.to_owned(), reason.clone());
        }
    }
    Ok(all)
}
