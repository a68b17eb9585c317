//! More records by one index than a page has.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use valetkey_core::store::{AsyncStore, Index, MOST_FOUND, StoreKey};

use super::verdict::{Verdict, Violation, check, delete, entry, there, written};
use crate::name;

/// How many records: two pages, and one more.
const MANY: usize = 2 * MOST_FOUND + 1;

/// When there are so many, all are found: one page exactly, one more, and two pages and one more.
const STAGES: [usize; 3] = [MOST_FOUND, MOST_FOUND + 1, MANY];

/// Who goes through all pages sees every record that is there all the time, whatever comes, goes and is written anew in
/// between.
pub(super) async fn finds_page_by_page(store: &dyn AsyncStore) -> Verdict {
    let many = Many::new()?;
    let written_as = |number| entry(number).indexed([many.index.clone()]);
    for (number, key) in (1..).zip(&many.keys) {
        written(store.replace(key, None, Some(&written_as(number))).await?)?;
        if STAGES.contains(&number) {
            many.all_are_found(store, number).await?;
        }
    }

    let first = many.page(store, None).await?;
    let end = first.last().ok_or_else(|| Violation("not kept: what is indexed is found".to_owned()))?;
    let behind: Vec<&StoreKey> = many.keys.iter().filter(|key| key.as_str() > end.as_str()).collect();
    // The record that the page ended with goes, two come before it and one behind it, and the next is written anew.
    delete(store, end).await?;
    let before_it = many.others(end, Ordering::Less).take(2);
    let come: Vec<StoreKey> = before_it.chain(many.others(end, Ordering::Greater).take(1)).collect();
    for key in &come {
        written(store.replace(key, None, Some(&written_as(MANY))).await?)?;
    }
    if let Some(next) = behind.iter().min_by_key(|key| key.as_str()) {
        let version = there(store, next).await?.version;
        written(store.replace(next, Some(&version), Some(&written_as(MANY))).await?)?;
    }
    let (mut rest, mut after) = (BTreeSet::new(), end.clone());
    for _ in 0..MANY {
        let page = many.page(store, Some(&after)).await?;
        rest.extend(page.iter().map(|key| key.as_str().to_owned()));
        match page.last() {
            Some(last) => after = last.clone(),
            None => break,
        }
    }
    check(
        behind.iter().all(|key| rest.contains(key.as_str())),
        "a record that is there from the first page to the last is on one of them, though others come, go and are written anew",
    )?;
    for key in many.keys.iter().filter(|key| *key != end).chain(&come) {
        delete(store, key).await?;
    }
    Ok(())
}

struct Many {
    name: String,
    index: Index,
    keys: Vec<StoreKey>,
}

impl Many {
    fn new() -> Result<Self, Violation> {
        let name = name::fresh()?;
        let keys = (0..MANY).map(|number| Self::key(&name, number)).collect();
        Ok(Self { index: Index::of_user("https://as.example", &name), name, keys })
    }

    fn key(name: &str, number: usize) -> StoreKey {
        StoreKey::of_mark(&["valetkey-stores suite", name, &number.to_string()])
    }

    /// Keys of no record, whose names are in this order to that of a key.
    fn others(&self, key: &StoreKey, order: Ordering) -> impl Iterator<Item = StoreKey> {
        let others = (MANY..).map(|number| Self::key(&self.name, number));
        others.filter(move |other| other.as_str().cmp(key.as_str()) == order)
    }

    /// The first so many are all found, each once.
    async fn all_are_found(&self, store: &dyn AsyncStore, many: usize) -> Verdict {
        let (mut all, mut after) = (BTreeSet::new(), None);
        for _ in 0..=many {
            let found = store.find(&self.index, after.as_ref()).await?;
            after = found.rest_after(after.as_ref())?;
            for key in found.keys {
                check(all.insert(key.as_str().to_owned()), "no key is on two pages")?;
            }
            if after.is_none() {
                break;
            }
        }
        let is_whole = self.keys.iter().take(many).all(|key| all.contains(key.as_str()));
        check(is_whole, "all records are found, page by page, also where they just fill one")
    }

    /// One page, as it must be.
    async fn page(
        &self,
        store: &dyn AsyncStore,
        after: Option<&StoreKey>,
    ) -> Result<Vec<StoreKey>, Violation> {
        let found = store.find(&self.index, after).await?;
        check(found.keys.len() <= MOST_FOUND, "a page has a hundred keys at most")?;
        let names = after.into_iter().chain(&found.keys).map(StoreKey::as_str);
        check(
            names.is_sorted_by(|one, next| one < next),
            "a page begins after the key that is given, and is in the order of names",
        )?;
        let _ = found.rest_after(after)?;
        Ok(found.keys)
    }
}
