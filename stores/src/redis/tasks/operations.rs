//! What is asked for each operation of a store for tasks.

use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{
    AsyncStore, Entry, Found, Index, Lease, Replaced, StoreFuture, StoreKey, StoreVersion, Stored,
};

use super::super::question::{done, found, leased, names, stored};
use super::AsyncRedisStore;

impl AsyncStore for AsyncRedisStore {
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>> {
        Box::pin(async move { self.ask(&self.commands.load(key), self.begin(), stored).await })
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        entry: Option<&'a Entry>,
    ) -> StoreFuture<'a, Replaced> {
        Box::pin(async move {
            let (question, replaced) = self.commands.replace(key, expected, entry)?;
            let deadline = self.begin();
            for index in self.commands.indexes(key, entry) {
                self.ask(&index, deadline, |answer| done(&answer)).await?;
            }
            let is_done = self.ask(&question, deadline, |answer| done(&answer)).await?;
            Ok(if is_done { replaced } else { Replaced::Conflict })
        })
    }

    fn find<'a>(&'a self, index: &'a Index, after: Option<&'a StoreKey>) -> StoreFuture<'a, Found> {
        Box::pin(async move {
            let ([page, list], deadline) = (self.commands.find(index, after), self.begin());
            let page = self.ask(&page, deadline, names).await?;
            let list = self.ask(&list, deadline, names).await?;
            Ok(found(&page, &list, after))
        })
    }

    fn lease<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
        _now: UnixTime,
    ) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(async move {
            let (question, lease) = self.commands.lease(key, ttl)?;
            let deadline = self.begin();
            let taken = leased(self.answer(&question, deadline.most()).await);
            if taken.as_ref().is_err_and(|failed| failed.was_sent) {
                // Nobody else knows its name, and it would be there until its time is over. What comes of this is no answer to anybody.
                let rest = deadline.at_most(self.deadline / 8);
                let _ = self.answer(&self.commands.release(key, &lease), rest).await;
            }
            let is_taken = taken.map_err(|failed| failed.trouble.into_error(self.deadline))?;
            Ok(is_taken.then_some(lease))
        })
    }

    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let question = self.commands.release(key, lease);
            self.ask(&question, self.begin(), |answer| done(&answer)).await.map(drop)
        })
    }
}
