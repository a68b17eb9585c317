//! What a program used of late: bounded, and let go when it is idle.

use std::time::Duration;

use valetkey_core::session::Recent;
use valetkey_tests::NOW;

const IDLE: Duration = Duration::from_secs(900);

#[test]
fn what_is_used_stays_and_what_is_idle_goes() {
    let mut recent = Recent::new(1000, IDLE);
    recent.put("alice", 'a', NOW);
    recent.put("bob", 'b', NOW);
    let later = NOW.after(IDLE);
    assert_eq!(recent.get("alice", later), Some('a'));
    let much_later = later.after(Duration::from_secs(1));
    assert_eq!(recent.get("bob", much_later), None);
    assert_eq!(recent.get("alice", much_later), Some('a'));
    assert_eq!(recent.len(), 1);
}

#[test]
fn idle_ones_go_though_nobody_asks_for_them() {
    let mut recent = Recent::new(1000, IDLE);
    for number in 0..500 {
        recent.put(&number.to_string(), number, NOW);
    }
    recent.put("new", 0, NOW.after(IDLE + IDLE));
    assert_eq!(recent.len(), 1);
}

#[test]
fn there_are_never_more_than_the_most_and_the_least_recently_used_go_first() {
    let mut recent = Recent::new(100, IDLE);
    for number in 0..1000_u64 {
        let now = NOW.after(Duration::from_millis(number));
        recent.put(&number.to_string(), number, now);
        assert!(recent.len() <= 100);
        // One that is used each time outlives all others.
        assert!(number == 0 || recent.get("0", now).is_some());
    }
    assert_eq!(recent.get("999", NOW.after(Duration::from_secs(1))), Some(999));
}

#[test]
fn a_clock_that_is_set_back_loses_nothing() {
    let mut recent = Recent::new(100, IDLE);
    recent.put("alice", 'a', NOW);
    assert_eq!(recent.get("alice", valetkey_core::UnixTime::from_secs(1)), Some('a'));
}

#[test]
fn none_at_all_may_be_held() {
    let mut recent = Recent::new(0, IDLE);
    recent.put("alice", 'a', NOW);
    assert_eq!(recent.get("alice", NOW), None);
    assert!(recent.is_empty());
}

#[test]
fn what_must_be_kept_stays_however_idle_and_however_many() {
    let mut recent = Recent::new(2, IDLE).keeping(|number: &i32| *number < 0);
    recent.put("unsaved", -1, NOW);
    for number in 0..10 {
        recent.put(&number.to_string(), number, NOW.after(Duration::from_secs(1)));
    }
    assert_eq!(recent.get("unsaved", NOW.after(IDLE + IDLE)), Some(-1));
}
