//! RF-1: what takes as long as the waits between attempts, by the computer's clock. Run by `tests/interop/slow/run`.
#![expect(clippy::disallowed_methods, reason = "what is slow is measured by the computer's clock")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use valetkey_core::store::MemoryStore;

use crate::face::{Adapter, Async, Blocking};
use crate::world::{Hooked, Operation, Server};

/// Far more than three waits take that grow from a second.
const SOON: Duration = Duration::from_secs(120);

/// A store that panics three times and works from then on: each caller is told of a failure, and in the end has a token.
fn outlive_panics<A: Adapter>(adapter: &A) {
    for panicking in [Operation::Load, Operation::Lease, Operation::Replace(false), Operation::Replace(true)]
    {
        let (server, memory) = (Server::new(), Arc::new(MemoryStore::new()));
        let panics = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&panics);
        let (store, _) = Hooked::new(&memory, move |operation| {
            if operation == panicking && counted.fetch_add(1, Ordering::SeqCst) < 3 {
                panic!("a store of the test's panics");
            }
            Ok(())
        });
        let tokens = adapter.stored(server.session(), server.key(), store).unwrap();
        let begun = Instant::now();
        while !adapter.ask_at_once(&tokens, 1).iter().all(Result::is_ok) {
            assert!(begun.elapsed() < SOON, "{panicking:?}: {} panics", panics.load(Ordering::SeqCst));
            std::thread::yield_now();
        }
        assert!(panics.load(Ordering::SeqCst) > 3, "{panicking:?}");
    }
}

/// A store that panics three times hangs nobody, and loses nothing.
#[test]
#[ignore = "takes minutes: tests/interop/slow/run"]
fn held_a_store_that_panics_three_times_hangs_nobody_blocking() {
    outlive_panics(&Blocking);
}

/// A store that panics three times hangs nobody, and loses nothing.
#[test]
#[ignore = "takes minutes: tests/interop/slow/run"]
fn held_a_store_that_panics_three_times_hangs_nobody_async() {
    outlive_panics(&Async::new());
}
