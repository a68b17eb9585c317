//! The keyring store, held to the contract, on the keyring of whoever runs this.

use valetkey_stores::{KeyringStore, suite};

#[test]
#[ignore = "needs a keyring; run by tests/interop/processes/run"]
fn the_keyring_store_keeps_the_contract() {
    let locks = std::env::temp_dir().join(format!("valetkey-keyring-{}", std::process::id()));
    let kept = suite::blocking(&KeyringStore::open("valetkey-stores suite", &locks).unwrap());
    std::fs::remove_dir_all(&locks).unwrap();
    kept.unwrap();
}
