//! Records that are found by another thing than their key.

use valetkey_core::store::{AsyncStore, Entry, Index, MOST_FOUND, Replaced, StoreKey};

use super::verdict::{LONG, NOW, RACERS, Verdict, check, delete, entry, held, key, there, written};
use super::waiting;
use crate::name;

/// Every record that is there is found by what it was last written with, whatever happened to it before.
pub(super) async fn finds_what_is_indexed(store: &dyn AsyncStore) -> Verdict {
    let name = name::fresh()?;
    let user = Index::of_user("https://as.example", &name);
    let logins = [0, 1].map(|number| Index::of_login("https://as.example", &format!("{name} {number}")));
    check(store.find(&user, None).await?.keys.is_empty(), "where nothing was indexed, nothing is found")?;

    let (one, other) = (key("indexed")?, key("indexed too")?);
    let [first, second] = &logins;
    let indexed = |number, login: &Index| -> Entry { entry(number).indexed([user.clone(), login.clone()]) };
    let version = written(store.replace(&one, None, Some(&indexed(1, first))).await?)?;
    written(store.replace(&other, None, Some(&indexed(2, second))).await?)?;
    found(store, &user, &[&one, &other]).await?;
    found(store, first, &[&one]).await?;
    found(store, second, &[&other]).await?;

    // A lease and a renewal leave it where it is found, and so does a write that was refused.
    let lease = held(store.lease(&one, LONG, NOW).await?)?;
    let refused = store.replace(&one, Some(&version), Some(&entry(8))).await?;
    let version = match refused {
        Replaced::Conflict => there(store, &one).await?.version,
        replaced => written(replaced)?,
    };
    let version = written(store.replace(&one, Some(&version), Some(&indexed(3, first))).await?)?;
    store.release(&one, &lease).await?;
    let refused = store.replace(&one, None, Some(&entry(9))).await?;
    check(refused == Replaced::Conflict, "no record is not expected where there is one")?;
    found(store, &user, &[&one, &other]).await?;
    found(store, first, &[&one]).await?;

    // It moves to another login, is deleted, and made anew.
    let version = match store.replace(&one, Some(&version), Some(&indexed(4, second))).await? {
        Replaced::Conflict => there(store, &one).await?.version,
        replaced => written(replaced)?,
    };
    found(store, second, &[&one, &other]).await?;
    let deleted = store.replace(&one, Some(&version), None).await?;
    check(deleted == Replaced::Deleted, "who expects the right version deletes")?;
    found(store, &user, &[&other]).await?;
    written(store.replace(&one, None, Some(&indexed(5, first))).await?)?;
    found(store, first, &[&one]).await?;
    delete(store, &one).await?;
    delete(store, &other).await?;

    // Many at once.
    let keys = (0..RACERS).map(|number| key(&format!("crowd {number}"))).collect::<Result<Vec<_>, _>>()?;
    let entry = &entry(6).indexed([user.clone()]);
    let write = |key: StoreKey| async move { store.replace(&key, None, Some(entry)).await };
    for replaced in waiting::all(keys.iter().cloned().map(write)).await {
        written(replaced?)?;
    }
    found(store, &user, &keys.iter().collect::<Vec<_>>()).await?;
    for key in &keys {
        delete(store, key).await?;
    }
    Ok(())
}

/// All of these are found, however small the pages are. There may be more.
async fn found(store: &dyn AsyncStore, index: &Index, keys: &[&StoreKey]) -> Verdict {
    let (mut all, mut after) = (Vec::new(), None);
    for _ in 0..=MOST_FOUND {
        let page = store.find(index, after.as_ref()).await?;
        after = page.rest_after(after.as_ref())?;
        all.extend(page.keys);
        if after.is_none() {
            break;
        }
    }
    let are_found = keys.iter().all(|key| all.contains(key));
    check(are_found, "every record is found by the index that it was last written with")
}
