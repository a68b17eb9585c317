//! WA-3: how long a session keeps a credential that is refused right after another was.

use std::time::Duration;

use valetkey_core::{Session, UnixTime};
use valetkey_tests::NOW;
use valetkey_tests::renewing::{Rig, refreshing};

/// A session that gets a new credential at once whenever it wants one.
struct Refused {
    rig: Rig,
    session: Session,
    renewals: usize,
}

impl Refused {
    fn new() -> Self {
        let mut refused = Self { rig: Rig::new(), session: refreshing("r0"), renewals: 0 };
        refused.renew();
        refused
    }

    fn renew(&mut self) {
        self.renewals += 1;
        self.rig.rotates(&format!("a{}", self.renewals), &format!("r{}", self.renewals));
        self.rig.renew(&mut self.session).unwrap();
    }

    /// Whether the credential that is held is taken for no good, and so another is got.
    fn is_taken(&mut self, now: UnixTime) -> bool {
        let credential = self.session.credential().unwrap();
        let is_taken = self.session.refuse(&credential, now);
        if is_taken {
            self.renew();
        }
        is_taken
    }
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// The first two at once, then a second apart, two, four and so on, up to a minute; to the moment.
#[test]
fn refusals_in_a_row_are_answered_ever_more_rarely_wa_3() {
    let mut refused = Refused::new();
    let mut now = NOW;
    assert!(refused.is_taken(now), "a single one is answered at once");
    assert!(refused.is_taken(now), "and one more, in the same moment");
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        let wait = Duration::from_secs(seconds);
        assert!(!refused.is_taken(now.after(wait.saturating_sub(millis(1)))), "before {seconds} s");
        now = now.after(wait);
        assert!(refused.is_taken(now), "after {seconds} s");
    }
    assert_eq!(refused.renewals, 12);
}

/// Two minutes apart they have nothing to do with one another; a moment less, and they are in a row.
#[test]
fn refusals_two_minutes_apart_are_not_in_a_row_wa_3() {
    let apart = Duration::from_secs(120);
    for (wait, is_over) in [(apart.saturating_sub(millis(1)), false), (apart, true)] {
        let mut refused = Refused::new();
        let mut now = NOW;
        for _ in 0..4 {
            assert!(refused.is_taken(now));
            now = now.after(wait);
        }
        assert!(refused.is_taken(now));
        assert_eq!(refused.is_taken(now), is_over, "{wait:?}");
    }
}
