//! RF-1, ST-2, ER-7, TR-13: the renewal protocol in every order, within bounds that take seconds; `.ci/nightly` has larger ones.

use valetkey_tests::modelcheck::{Bounds, Kind, Outcome, check, play};
use valetkey_tests::simulator::Protection;

/// Two processes, each with one renewal.
const BOUNDS: Bounds = Bounds { processes: 2, renewals: 1, faults: 0, states: 1_000_000 };

/// Where nothing goes wrong no clock is asked, and both stores are alike.
#[test]
fn no_order_of_two_renewals_and_a_log_out_breaks_anything() {
    let Outcome { violation, complete, actions, merges, .. } = check(Kind::Memory, BOUNDS, None);
    assert!(violation.is_none() && complete, "{violation:#?}");
    for happened in ["renewal wanted", "step", "log-out", "log-out in a process"] {
        assert!(actions[happened] > 0, "{happened} never happened");
    }
    assert!(merges > 0, "no history that was taken for another was gone on with");
}

/// One process alone, so that it takes seconds to have everything go wrong once.
#[test]
fn whatever_goes_wrong_once_in_one_process_breaks_nothing() {
    for kind in [Kind::Memory, Kind::Redis] {
        let bounds = Bounds { processes: 1, faults: 1, ..BOUNDS };
        let Outcome { violation, complete, actions, .. } = check(kind, bounds, None);
        assert!(violation.is_none() && complete, "{kind:?}: {violation:#?}");
        for (action, count) in actions {
            assert!(count > 0, "{kind:?}: {action} never happened");
        }
    }
}

/// A search that cannot fail proves nothing: with any one protection off it finds a shortest counterexample, which can be played
/// again.
#[test]
fn each_protection_that_is_off_has_a_counterexample() {
    // What was sent is written down for when its answer is lost.
    let alone = Bounds { processes: 1, faults: 1, ..BOUNDS };
    for kind in [Kind::Memory, Kind::Redis] {
        for (without, bounds) in [
            (Protection::Cas, BOUNDS),
            (Protection::Lease, BOUNDS),
            (Protection::Intent, alone),
            (Protection::Reread, BOUNDS),
            (Protection::Tombstone, BOUNDS),
        ] {
            let found = check(kind, bounds, Some(without)).violation;
            let found = found.unwrap_or_else(|| panic!("{without:?} is not missed by {kind:?}"));
            let (words, again) = play(kind, bounds, Some(without), &found.way);
            assert_eq!(again, Some(found.what));
            assert_eq!(words.len(), found.way.len());
        }
    }
}
