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

/// A quarter goes at once, the least recently used, so that the next ones find room without another look at all; where all were used
/// at the same moment, no more of them go.
#[test]
fn a_quarter_goes_where_there_is_no_room_and_no_more() {
    for apart in [1, 0] {
        let mut recent = Recent::new(100, IDLE);
        let at = |number: u64| NOW.after(Duration::from_millis(number * apart));
        for number in 0..100 {
            recent.put(&number.to_string(), number, at(number));
        }
        recent.put("new", 100, at(100));
        assert_eq!(recent.len(), 75, "{apart} ms apart");
        assert_eq!(recent.get("new", at(100)), Some(100));
        if apart == 1 {
            assert_eq!((recent.get("25", at(100)), recent.get("26", at(100))), (None, Some(26)));
        }
    }
}

#[test]
fn of_few_at_most_there_are_never_more_either() {
    for most in 1..8 {
        let mut recent = Recent::new(most, IDLE);
        for number in 0..100_usize {
            recent.put(&number.to_string(), number, NOW);
            assert!((1..=most).contains(&recent.len()), "{} of {most}", recent.len());
            assert_eq!(recent.get(&number.to_string(), NOW), Some(number));
        }
    }
}

/// Idle ones are looked for once in the time after which one is idle: at its end, to the moment.
#[test]
fn idle_ones_go_as_soon_as_that_time_is_over() {
    let after = |quarters: u32| NOW.after(IDLE / 4 * quarters);
    let mut recent = Recent::new(1000, IDLE);
    recent.put("first", 0, after(0));
    recent.put("second", 1, after(2));
    assert_eq!(recent.len(), 2);
    recent.put("third", 2, after(5));
    assert_eq!(recent.len(), 2, "the first is idle");
    recent.put("fourth", 3, after(9));
    assert_eq!(recent.len(), 2, "the second is idle, and the third has just as long as it may be");
}

/// However far: what is idle by the clock as it is now goes in its time.
#[test]
fn a_clock_that_is_set_back_keeps_nothing_for_long() {
    let mut recent = Recent::new(1000, IDLE);
    recent.put("before", 0, NOW.after(IDLE * 10));
    recent.put("idle", 1, NOW);
    recent.put("last", 2, NOW.after(IDLE * 2));
    assert_eq!(recent.len(), 2);
    assert_eq!(recent.remove("idle"), None);
}

#[test]
fn what_is_let_go_by_its_name_is_given_back_once() {
    let mut recent = Recent::new(10, IDLE);
    recent.put("alice", 'a', NOW);
    recent.put("bob", 'b', NOW);
    assert_eq!((recent.len(), recent.is_empty()), (2, false));
    assert_eq!((recent.remove("alice"), recent.remove("alice")), (Some('a'), None));
    assert_eq!((recent.get("alice", NOW), recent.get("bob", NOW)), (None, Some('b')));
}
