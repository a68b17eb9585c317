//! A page of what an index finds: [`Found`].

use crate::ground::store_error::StoreError;
use crate::store::MOST_FOUND;
use crate::store::key::StoreKey;

/// A page of what [`Store::find`](crate::store::Store::find) finds.
///
/// A program that wants all of it asks until nothing is left, and looks at each record that is named:
///
/// ```
/// use valetkey_core::store::{Index, Store, StoreError, StoreKey};
///
/// fn all(store: &dyn Store, index: &Index) -> Result<Vec<StoreKey>, StoreError> {
///     let (mut all, mut after) = (Vec::new(), None);
///     loop {
///         let found = store.find(index, after.as_ref())?;
///         after = found.rest_after(after.as_ref())?;
///         all.extend(found.keys);
///         if after.is_none() {
///             return Ok(all);
///         }
///     }
/// }
/// # use valetkey_core::store::{Entry, MemoryStore, StoredBytes};
/// # let (store, index) = (MemoryStore::new(), Index::of_name("alice"));
/// # for number in 0..2_500 {
/// #     let entry = Entry::new(StoredBytes::new(b"seen".to_vec())).indexed([index.clone()]);
/// #     assert!(Store::insert_if_absent(&store, &StoreKey::of_mark(&[&number.to_string()]), &entry)?);
/// # }
/// # assert_eq!(all(&store, &index)?.len(), 2_500);
/// # Ok::<(), StoreError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// The keys, in the order of their [texts](StoreKey::as_str), byte by byte.
    pub keys: Vec<StoreKey>,
    /// Whether there may be more after the last of them.
    pub has_more: bool,
}

impl Found {
    /// These keys, and whether there may be more after the last of them.
    #[must_use]
    pub const fn new(keys: Vec<StoreKey>, has_more: bool) -> Self {
        Self { keys, has_more }
    }

    /// The page after this key, for a store that has all names of an index at hand: in whatever order they are, and however
    /// often each is there. What is no [name of a key](StoreKey::from_name) is left out.
    ///
    /// ```
    /// use valetkey_core::store::{Found, StoreKey};
    ///
    /// let mut keys = ["a", "b", "c"].map(|name| StoreKey::of_mark(&[name]));
    /// let found = Found::page(keys.iter().map(StoreKey::as_str), None);
    /// keys.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    /// assert_eq!((&found.keys[..], found.has_more), (&keys[..], false));
    /// let rest = Found::page(keys.iter().map(StoreKey::as_str), Some(&keys[0]));
    /// assert_eq!(rest.keys, keys[1..]);
    /// ```
    #[must_use]
    pub fn page<'n>(names: impl IntoIterator<Item = &'n str>, after: Option<&StoreKey>) -> Self {
        let after = after.map(StoreKey::as_str);
        let mut names: Vec<&str> = names.into_iter().filter(|name| after < Some(*name)).collect();
        names.sort_unstable();
        names.dedup();
        Self::of_sorted(names)
    }

    /// The same of names that are sorted, each once, and begin after the key.
    pub(crate) fn of_sorted<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        // As any store returns them: a name, which says not whose the record is.
        let mut keys = names.into_iter().filter_map(StoreKey::from_name);
        Self { keys: keys.by_ref().take(MOST_FOUND).collect(), has_more: keys.next().is_some() }
    }

    /// Which key the next page is asked for with; `None` if this one, which was asked for with `after`, is the last.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store says that there is more, and has not come further than before: it would go on so for ever.
    pub fn rest_after(&self, after: Option<&StoreKey>) -> Result<Option<StoreKey>, StoreError> {
        if !self.has_more {
            return Ok(None);
        }
        let last = self.keys.last().filter(|last| after.map(StoreKey::as_str) < Some(last.as_str()));
        last.cloned().map(Some).ok_or_else(|| {
            StoreError::new(
                "the store finds more than a page, and shows nothing beyond where the last one ended: `Store::find` must go on \
                 after the key that it is given",
            )
        })
    }
}
