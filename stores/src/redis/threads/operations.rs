//! What is asked for each operation of a store for threads.

use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{
    Entry, Found, Index, Lease, Replaced, Store, StoreError, StoreKey, StoreVersion, Stored,
};

use super::super::question::{done, found, leased, names, stored};
use super::RedisStore;

impl Store for RedisStore {
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.ask(&self.commands.load(key), self.begin(), stored)
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        let (question, replaced) = self.commands.replace(key, expected, entry)?;
        let deadline = self.begin();
        for index in self.commands.indexes(key, entry) {
            self.ask(&index, deadline, |answer| done(&answer))?;
        }
        Ok(if self.ask(&question, deadline, |answer| done(&answer))? { replaced } else { Replaced::Conflict })
    }

    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        let ([page, list], deadline) = (self.commands.find(index, after), self.begin());
        let page = self.ask(&page, deadline, names)?;
        let list = self.ask(&list, deadline, names)?;
        Ok(found(&page, &list, after))
    }

    fn lease(&self, key: &StoreKey, ttl: Duration, _now: UnixTime) -> Result<Option<Lease>, StoreError> {
        let (question, lease) = self.commands.lease(key, ttl)?;
        let deadline = self.begin();
        let taken = leased(self.answer(&question, deadline.most()));
        if taken.as_ref().is_err_and(|failed| failed.was_sent) {
            // Nobody else knows its name, and it would be there until its time is over. What comes of this is no answer to anybody.
            let rest = deadline.at_most(self.deadline / 8);
            let _ = self.answer(&self.commands.release(key, &lease), rest);
        }
        let is_taken = taken.map_err(|failed| failed.trouble.into_error(self.deadline))?;
        Ok(is_taken.then_some(lease))
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        self.ask(&self.commands.release(key, lease), self.begin(), |answer| done(&answer)).map(drop)
    }
}
