//! HT-3: what takes as long as the adapters' own deadlines. Run by `tests/interop/slow/run`.

use std::thread;
use std::time::{Duration, Instant};

use valetkey_sandbox::{RawAnswer, RawFront};
use valetkey_tests::get;

use crate::face::{Adapter, Async, Blocking};
use crate::held::{Dripping, HINTS};
use crate::wire::{permanent, token_request};

/// The deadline of an agent or a client that nobody configured, and what it may be late by on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);
const LATE: Duration = Duration::from_secs(10);

/// Every two seconds a byte, in the head, the body or the chunks, of an answer to each kind of request: all at once.
fn drip<A: Adapter>() {
    thread::scope(|scope| {
        for (name, beginning, drop) in Dripping::PLACES {
            for kind in ["send", "run", "call"] {
                scope.spawn(move || {
                    let server = Dripping::start(beginning, drop, Duration::from_secs(2));
                    let (adapter, url) = (A::new(), server.url());
                    let begun = Instant::now();
                    let failed = match kind {
                        "send" => adapter.send(get(&url)).unwrap_err(),
                        "run" => adapter.run(token_request(&url)).map(std::mem::drop).unwrap_err(),
                        _ => adapter.call(&adapter.api(permanent(&url)), get(&url)).unwrap_err(),
                    };
                    let time = begun.elapsed();
                    assert_eq!(failed.http.as_deref(), Some("Timeout"), "{name} {kind}: {}", failed.shown);
                    assert!(time >= DEADLINE && time < DEADLINE + LATE, "{name} {kind}: {time:?}");
                });
            }
        }
    });
}

/// A byte every two seconds ends at the agent's own deadline of 60 seconds.
#[test]
#[ignore = "takes minutes: tests/interop/slow/run"]
fn held_a_byte_every_two_seconds_ends_after_a_minute_blocking() {
    drip::<Blocking>();
}

/// A byte every two seconds ends at the client's own deadline of 60 seconds.
#[test]
#[ignore = "takes minutes: tests/interop/slow/run"]
fn held_a_byte_every_two_seconds_ends_after_a_minute_async() {
    drip::<Async>();
}

/// A flood of hints (103), as fast as they can be read, ends with the async adapter's deadline too, if late: what reads
/// them gives other tasks and timers their turn only now and then.
#[test]
#[ignore = "takes minutes: tests/interop/slow/run"]
fn held_a_flood_of_hints_ends_async() {
    let adapter = Async::of_the_users_own(Duration::from_millis(500));
    for hint in HINTS {
        let server = RawFront::start([RawAnswer::default().then_repeat(hint, u64::MAX)]).unwrap();
        let begun = Instant::now();
        let failed = adapter.send(get(server.url())).unwrap_err();
        assert!(failed.http.is_some(), "{hint:?}: {}", failed.shown);
        assert!(begun.elapsed() < DEADLINE + LATE, "{hint:?}: {:?}", begun.elapsed());
    }
}
