//! ST-4: in one store nobody gets another's token, through either adapter.

use std::sync::Arc;

use valetkey_core::store::MemoryStore;
use valetkey_stores::FileStore;
use valetkey_tests::owners::everybody_gets_their_own;

#[test]
fn s0_in_memory_everybody_gets_their_own_token() {
    everybody_gets_their_own(Arc::new(MemoryStore::new()));
}

#[test]
fn s0_in_files_everybody_gets_their_own_token() {
    let folder = std::env::temp_dir().join(format!("valetkey-owners-{}", std::process::id()));
    everybody_gets_their_own(Arc::new(FileStore::open(&folder).unwrap()));
    std::fs::remove_dir_all(&folder).unwrap();
}
