//! Records that may be too large for a place.

use valetkey_core::store::{AsyncStore, Replaced, StoreError, StoreKey, Stored, StoredBytes};

use super::verdict::{Verdict, check, delete, entry, key, there, written};
use crate::LARGEST_RECORD;

/// A place may keep records of any size, or of none that is larger than it says. It does not keep half of one.
pub(super) async fn keeps_all_of_a_record_or_nothing(store: &dyn AsyncStore) -> Verdict {
    let key = key("size")?;
    let large = StoredBytes::new(vec![b'x'; LARGEST_RECORD + 1]);
    let first = store.replace(&key, None, Some(&large.clone().into())).await;
    all_or_nothing(store, &key, None, &large, first).await?;

    let version = written(store.replace(&key, None, Some(&entry(1))).await?)?;
    let before = there(store, &key).await?;
    let second = store.replace(&key, Some(&version), Some(&large.clone().into())).await;
    all_or_nothing(store, &key, Some(before), &large, second).await?;

    let version = written(store.replace(&key, None, Some(&entry(2))).await?)?;
    check(
        there(store, &key).await?.version == version,
        "a key serves on after a record was too large for it",
    )?;
    delete(store, &key).await
}

/// What came of writing a record that may be too large. Afterwards the key has no record.
async fn all_or_nothing(
    store: &dyn AsyncStore,
    key: &StoreKey,
    before: Option<Stored>,
    large: &StoredBytes,
    came: Result<Replaced, StoreError>,
) -> Verdict {
    let after = store.load(key).await?;
    match came {
        Ok(replaced) => {
            written(replaced)?;
            let is_whole = after.as_ref().is_some_and(|stored| stored.bytes == *large);
            check(is_whole, "a record that is kept is kept whole, however large it is")?;
        }
        Err(_) => check(after == before, "a record that is too large is refused before anything is changed")?,
    }
    match after {
        Some(_) => delete(store, key).await,
        None => Ok(()),
    }
}
