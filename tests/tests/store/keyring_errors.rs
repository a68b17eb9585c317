//! What a keyring says is wrong is told in the store's own words: its errors may have the secret in them.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error, Result};
use valetkey_core::store::Store;
use valetkey_stores::KeyringStore;
use valetkey_tests::SECRET;

use super::{Folder, key};

/// What is wrong.
type Wrong = fn() -> Error;

/// A keyring with which one thing is wrong.
struct Broken(Wrong);

impl CredentialStoreApi for Broken {
    fn vendor(&self) -> String {
        "a keyring that is broken".to_owned()
    }

    fn id(&self) -> String {
        "the only one".to_owned()
    }

    fn build(&self, _: &str, _: &str, _: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        Err((self.0)())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Broken")
    }
}

#[test]
fn what_is_wrong_with_a_keyring_is_told_without_a_secret() {
    let wrong: [(Wrong, &str); 6] = [
        (|| Error::NoStorageAccess(SECRET.into()), "unlock it"),
        (|| Error::NoDefaultStore, "no keyring that runs: start one"),
        (|| Error::TooLong(SECRET.to_owned(), 1), "KeyringStore::with_entry_size"),
        (|| Error::Ambiguous(Vec::new()), "several entries for the record: delete all but one"),
        (|| Error::PlatformFailure(SECRET.into()), "the keyring failed"),
        (|| Error::BadEncoding(SECRET.as_bytes().to_vec()), "look at its own messages"),
    ];
    for (error, told) in wrong {
        let locks = Folder::new();
        let store = KeyringStore::over(Arc::new(Broken(error)), "tests", &locks).unwrap();
        let error = store.load(&key()).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
        assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
    }
}
