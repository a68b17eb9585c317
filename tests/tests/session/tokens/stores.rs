//! A store beside the tokens: what is in it when, and what its failures are told as.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use valetkey_core::Error;
use valetkey_core::store::{MemoryStore, StoreError};

use crate::face::Failed;
use crate::for_both;
use crate::world::{Hooked, Operation, Server, Tries};

for_both! {
    /// The tokens of a login are in the store when `stored` returns, without a request of their own.
    fn a_login_is_stored_before_it_is_used(adapter: A) {
        let (server, memory) = (Server::new(), Arc::new(MemoryStore::new()));
        let login = adapter.run(server.request());
        let tokens = adapter.stored(server.login(&login), server.key(), Hooked::working(&memory)).unwrap();
        let token = login.access_token().expose();
        assert_eq!(server.record(&memory)["access_token"], token);
        assert_eq!((A::fresh(&tokens).as_deref(), server.requests()), (Some(token), 1));

        // A login takes the place of what was there, and another process finds it.
        let login = adapter.run(server.request());
        adapter.stored(server.login(&login), server.key(), Hooked::working(&memory)).unwrap();
        let other = adapter.stored(server.session(), server.key(), Hooked::working(&memory)).unwrap();
        assert_eq!(adapter.ask(&other).unwrap(), login.access_token().expose());
    }

    /// The store has the tokens before a caller does.
    fn a_token_is_stored_before_a_caller_has_it(adapter: A) {
        let (server, memory) = (Server::new(), Arc::new(MemoryStore::new()));
        let tokens = adapter.stored(server.session(), server.key(), Hooked::working(&memory)).unwrap();
        let token = adapter.ask(&tokens).unwrap();
        assert_eq!(server.record(&memory)["access_token"], token);
    }

    /// A store that fails is told as what it is, to every caller, and is not asked by each of them.
    fn a_store_that_fails_is_told_as_such(adapter: A) {
        for failing in [Operation::Load, Operation::Lease, Operation::Replace(false)] {
            let (server, memory) = (Server::new(), Arc::new(MemoryStore::new()));
            let failures = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&failures);
            let (store, _) = Hooked::new(&memory, move |operation| {
                if operation == failing {
                    counted.fetch_add(1, Ordering::SeqCst);
                    return Err(StoreError::new("the disk is gone"));
                }
                Ok(())
            });
            let tokens = adapter.stored(server.session(), server.key(), store).unwrap();
            let tries = Tries::begin();
            for asked in adapter.ask_at_once(&tokens, 1) {
                assert!(matches!(asked, Err(Failed::Core(Error::Store(_)))), "{failing:?}: {asked:?}");
            }
            tries.require(failures.load(Ordering::SeqCst));
            assert_eq!(server.requests(), 0, "{failing:?}");
        }
    }

    /// A login that cannot be stored is told where it is made, and not later.
    fn a_login_that_cannot_be_stored_is_an_error(adapter: A) {
        let (server, memory) = (Server::new(), Arc::new(MemoryStore::new()));
        let login = adapter.run(server.request());
        let (store, _) = Hooked::new(&memory, |_| Err(StoreError::new("read-only")));
        let failed = adapter.stored(server.login(&login), server.key(), store).err().unwrap();
        assert!(matches!(failed, Failed::Core(Error::Store(_))), "{failed:?}");
        assert!(server.record(&memory).is_null());
    }

    /// A store that panics is its author's fault; nobody waits for it, and it is not asked by each caller again.
    fn a_panic_in_a_store_leaves_nobody_waiting(adapter: A) {
        for panicking in [Operation::Load, Operation::Replace(false), Operation::Replace(true)] {
            let (server, memory) = (Server::new(), Arc::new(MemoryStore::new()));
            let panics = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&panics);
            let (store, _) = Hooked::new(&memory, move |operation| {
                if operation == panicking {
                    counted.fetch_add(1, Ordering::SeqCst);
                    panic!("a store of the test's panics");
                }
                Ok(())
            });
            let tokens = adapter.stored(server.session(), server.key(), store).unwrap();
            let tries = Tries::begin();
            for asked in adapter.ask_at_once(&tokens, 1) {
                assert!(matches!(asked, Err(Failed::Core(Error::Unanswered))), "{panicking:?}: {asked:?}");
            }
            tries.require(panics.load(Ordering::SeqCst));
        }
    }
}
