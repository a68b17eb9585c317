//! Callers who go away, clients that are dropped, and a runtime that ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use valetkey_core::Error;
use valetkey_core::store::{MemoryStore, Store, StoreError};

use crate::face::Failed;
use crate::for_both;
use crate::world::{Hooked, LONG, Operation, Server};

for_both! {
    /// RF-1: whoever stops waiting stops no renewal: its token comes, and no other is asked for.
    fn a_caller_who_goes_away_cancels_no_renewal(adapter: A) {
        let ((server, gate), memory) = (Server::gated(), Arc::new(MemoryStore::new()));
        let tokens = adapter.stored(server.session(), server.key(), Hooked::working(&memory)).unwrap();
        adapter.begin(&tokens);
        gate.came();
        gate.open();
        let tokens = A::patient(tokens, LONG);
        let token = adapter.ask(&tokens).unwrap();
        assert_eq!((&server.record(&memory)["access_token"], server.requests()), (&token.into(), 1));
    }

    /// A renewal that was sent is carried to its end when the client is dropped: the token is in the store.
    fn a_client_that_is_dropped_lets_a_sent_renewal_commit(adapter: A) {
        let ((server, gate), memory) = (Server::gated(), Arc::new(MemoryStore::new()));
        let (store, gone) = Hooked::new(&memory, |_| Ok(()));
        let tokens = adapter.stored(server.session(), server.key(), store).unwrap();
        adapter.begin(&tokens);
        gate.came();
        drop(tokens);
        gate.open();
        gone.recv_timeout(LONG).unwrap();
        let record = server.record(&memory);
        assert!(record["access_token"].is_string() && record["intent"].is_null());
    }

    /// A renewal that only waits, for somebody else's lease, ends with the client.
    fn a_client_that_is_dropped_stops_a_renewal_that_waits(adapter: A) {
        let (server, memory) = (Server::new(), Arc::new(MemoryStore::new()));
        let somebody = memory.lease(&server.key(), Duration::from_secs(3600), valetkey_blocking::now());
        assert!(somebody.unwrap().is_some());
        let (tell, told) = channel();
        let (store, gone) = Hooked::new(&memory, move |operation| {
            if operation == Operation::Lease {
                let _ = tell.send(());
            }
            Ok(())
        });
        let tokens = adapter.stored(server.session(), server.key(), store).unwrap();
        adapter.begin(&tokens);
        told.recv_timeout(LONG).unwrap();
        drop(tokens);
        // A minute if it were left to itself.
        gone.recv_timeout(LONG).unwrap();
        assert_eq!(server.requests(), 0);
    }
}

/// A store that is down when the client is dropped is waited for in peace: other tasks of the same thread go on, one of
/// which mends it.
#[test]
fn a_dropped_client_that_still_has_to_write_leaves_the_thread_to_others() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (server, memory) = (Server::new(), Arc::new(MemoryStore::new()));
    let (works, failed) = (Arc::new(AtomicBool::new(false)), Arc::new(tokio::sync::Notify::new()));
    let (hook_works, hook_failed) = (Arc::clone(&works), Arc::clone(&failed));
    let (store, gone) = Hooked::new(&memory, move |operation| {
        if operation == Operation::Replace(true) && !hook_works.load(Ordering::SeqCst) {
            hook_failed.notify_one();
            return Err(StoreError::new("down"));
        }
        Ok(())
    });
    let story = async {
        let client = valetkey_async::http_client().unwrap();
        let tokens =
            valetkey_async::Tokens::stored(client, server.session(), server.key(), store).await.unwrap();
        let asking = tokio::spawn({
            let tokens = tokens.clone();
            async move { tokens.credential().await.is_ok() }
        });
        failed.notified().await;
        asking.abort();
        let _ = asking.await;
        drop(tokens);
        // Once more after the client is gone, and only then does it work again.
        failed.notified().await;
        works.store(true, Ordering::SeqCst);
        while gone.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
    };
    runtime.block_on(async { tokio::time::timeout(LONG, story).await }).unwrap();
    assert!(server.record(&memory)["access_token"].is_string());
    assert_eq!(server.requests(), 1);
}

/// A runtime that ends under a renewal takes it along; whoever asks on another one is told so, and does not wait for it.
#[test]
fn a_runtime_that_ends_in_the_middle_leaves_nobody_waiting() {
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (server, gate) = Server::gated();
    let tokens = valetkey_async::Tokens::new(valetkey_async::http_client().unwrap(), server.session());
    let first = runtime();
    let asking = first.spawn({
        let tokens = tokens.clone();
        async move { tokens.credential().await.is_ok() }
    });
    gate.came();
    first.shutdown_timeout(LONG);
    assert!(asking.is_finished());
    let asked = runtime().block_on(tokens.credential()).map_err(Failed::from);
    assert!(matches!(asked, Err(Failed::Core(Error::Unanswered))), "{asked:?}");
}
