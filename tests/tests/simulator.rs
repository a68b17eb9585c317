//! RF-1, ST-2: the renewal protocol under faults and log-outs, and that each of its protections is one.

use std::thread;

use valetkey_tests::simulator::{Protection, simulate};

/// Seeds that broke something once.
const ONCE_BROKEN: [u64; 13] =
    [18, 35, 378, 1160, 1195, 1496, 7046, 12_317, 16_721, 32_466, 79_027, 108_840, 364_508];

/// RF-1, ST-2, ER-7, TR-13: whatever fails, and whoever refuses a credential or forces a renewal meanwhile, no token is lost that a
/// client could have kept, and no session has two renewals at once. WA-3: what was refused is not handed out again.
#[test]
fn a_thousand_schedules_of_faults_break_nothing() {
    let halves = [0..500, 500..1_000].map(|seeds| thread::spawn(move || violations(seeds, None)));
    let mut found: Vec<String> = halves.into_iter().flat_map(|half| half.join().unwrap()).collect();
    found.extend(violations(ONCE_BROKEN, None));
    assert!(found.is_empty(), "{found:#?}");
}

/// A simulator that cannot fail proves nothing: with any one protection off it finds a violation within 1,000 seeds.
#[test]
fn each_protection_is_missed_when_it_is_off() {
    let protections = [
        Protection::Cas,
        Protection::Lease,
        Protection::Intent,
        Protection::Reread,
        Protection::SpawnedRenewal,
        Protection::Tombstone,
        Protection::Mark,
        Protection::Look,
        Protection::Refusal,
    ];
    for protection in protections {
        let seeds = 0..1_000;
        let found = seeds.into_iter().any(|seed| !simulate(seed, Some(protection)).violations.is_empty());
        assert!(found, "{protection:?} is not missed");
    }
}

fn violations(seeds: impl IntoIterator<Item = u64>, without: Option<Protection>) -> Vec<String> {
    let all = |seed: u64| {
        let found = simulate(seed, without).violations.into_iter();
        found.map(move |what| format!("seed {seed}: {what}"))
    };
    seeds.into_iter().flat_map(all).collect()
}
