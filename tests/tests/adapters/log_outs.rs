//! A log-out that a store breaks off by a panic is settled: the session goes on, and can be ended again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use valetkey_blocking::{Tokens, http_client};
use valetkey_core::store::{
    Entry, Found, Index, Lease, MemoryStore, Replaced, Store, StoreError, StoreKey, StoreVersion, Stored,
};
use valetkey_core::{AuthorizationServer, Session, TokenResponse, UnixTime};
use valetkey_tests::{client, json, world};

/// Panics at its next look, once it is told to.
#[derive(Clone, Default)]
struct Panicking(Arc<MemoryStore>, Arc<AtomicBool>);

impl Store for Panicking {
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        assert!(!self.1.swap(false, Ordering::SeqCst), "the store is broken");
        self.0.load(key)
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        self.0.replace(key, expected, entry)
    }

    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        self.0.find(index, after)
    }

    fn lease(&self, key: &StoreKey, ttl: Duration, now: UnixTime) -> Result<Option<Lease>, StoreError> {
        self.0.lease(key, ttl, now)
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        self.0.release(key, lease)
    }
}

#[test]
fn a_log_out_that_a_store_breaks_off_is_settled() {
    let body = world::token("a0", 3600, Some("r0"));
    let tokens =
        TokenResponse::parse(json(200, &body), valetkey_blocking::now(), &AuthorizationServer::new())
            .unwrap();
    let store = Panicking::default();
    let session = Session::from_tokens(&client(), &tokens);
    let key = StoreKey::of_user(&client(), "alice");
    let tokens = Tokens::stored(http_client(), session, key, store.clone()).unwrap();
    store.1.store(true, Ordering::SeqCst);
    assert!(catch_unwind(AssertUnwindSafe(|| tokens.end())).is_err());
    assert_eq!(tokens.credential().unwrap().access_token().expose(), "a0");
    tokens.end().unwrap();
    assert!(tokens.credential().unwrap_err().is_authorization_required());
}
