//! The keyring store, held to the contract, on the keyring of whoever runs this.

use std::sync::Arc;

use valetkey_stores::{KeyringStore, suite};
use valetkey_tests::owners::everybody_gets_their_own;

#[test]
#[ignore = "needs a keyring; run by tests/interop/processes/run"]
fn the_keyring_store_keeps_the_contract() {
    let locks = std::env::temp_dir().join(format!("valetkey-keyring-{}", std::process::id()));
    let kept = suite::blocking(&KeyringStore::open("valetkey-stores suite", &locks).unwrap());
    std::fs::remove_dir_all(&locks).unwrap();
    kept.unwrap();
}

/// ST-4: two people, a service, two APIs and two exchanges, one keyring: everybody finds their own token, and no other.
#[test]
#[ignore = "needs a keyring; run by tests/interop/processes/run"]
fn s0_in_a_keyring_everybody_gets_their_own_token() {
    let locks = std::env::temp_dir().join(format!("valetkey-keyring-owners-{}", std::process::id()));
    everybody_gets_their_own(Arc::new(KeyringStore::open("valetkey-stores owners", &locks).unwrap()));
    std::fs::remove_dir_all(&locks).unwrap();
}

/// Most records of the suite fit an entry of this size; the largest takes five.
#[test]
#[ignore = "needs a keyring; run by tests/interop/processes/run"]
fn f58_the_keyring_store_keeps_the_contract_in_small_entries() {
    let locks = std::env::temp_dir().join(format!("valetkey-keyring-parts-{}", std::process::id()));
    let store = KeyringStore::open("valetkey-stores suite", &locks).unwrap();
    let kept = suite::blocking(&store.with_entry_size(64 * 1024).unwrap());
    std::fs::remove_dir_all(&locks).unwrap();
    kept.unwrap();
}
