//! Several logins of one profile, each under a name: which names there are.
//!
//! A store is not asked what it has, for a keyring does not tell. So the names are kept in it, as a record of their own.

use valetkey_blocking::Client;
use valetkey_blocking::store::{Replaced, Store as _, StoreKey, StoreVersion, StoredBytes};

use super::account::Account;
use super::failure::Failure;
use super::nearest::nearest;

/// So often is tried to write what others write at the same time.
const TRIES: usize = 8;

impl Account {
    /// The same profile with this login of it.
    pub(crate) fn of(&self, account: &str) -> Self {
        let mut other = self.clone();
        other.profile.account = Some(account.to_owned());
        other
    }

    /// The profile, and which login of it.
    pub(crate) fn full_name(&self) -> String {
        match &self.profile.account {
            Some(account) => format!("{} --account {account}", self.name),
            None => self.name.clone(),
        }
    }

    /// The names of the logins that are stored.
    pub(crate) fn accounts(&self) -> Result<Vec<String>, Failure> {
        match self.known_client()? {
            Some(client) => Ok(self.noted(&client)?.1),
            None => Ok(Vec::new()),
        }
    }

    /// The stored name that is nearest to the one that is asked for and not there, as a sentence.
    pub(crate) fn meant(&self) -> Result<Option<String>, Failure> {
        let Some(account) = &self.profile.account else { return Ok(None) };
        let others = self.accounts()?;
        let near = nearest(account, others.iter().map(String::as_str).filter(|name| name != account));
        Ok(near.map(|name| format!("a stored account is called {name}: did you mean --account {name}?")))
    }

    /// Keeps the name of this login in mind, or forgets it. A login without a name needs none.
    pub(crate) fn note(&self, client: &Client, is_there: bool) -> Result<(), Failure> {
        let Some(account) = &self.profile.account else { return Ok(()) };
        for _ in 0..TRIES {
            let (version, mut names) = self.noted(client)?;
            if names.contains(account) == is_there {
                return Ok(());
            }
            names.retain(|name| name != account);
            if is_there {
                names.push(account.clone());
                names.sort();
            }
            let entry = match names.is_empty() {
                true => None,
                false => Some(StoredBytes::new(serde_json::to_vec(&names).unwrap_or_default()).into()),
            };
            let replaced =
                self.place()?.replace(&self.names_key(client), version.as_ref(), entry.as_ref())?;
            if !matches!(replaced, Replaced::Conflict) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What cannot be read is as good as nothing.
    fn noted(&self, client: &Client) -> Result<(Option<StoreVersion>, Vec<String>), Failure> {
        Ok(match self.place()?.load(&self.names_key(client))? {
            Some(stored) => {
                (Some(stored.version), serde_json::from_slice(stored.bytes.expose()).unwrap_or_default())
            }
            None => (None, Vec::new()),
        })
    }

    fn names_key(&self, client: &Client) -> StoreKey {
        StoreKey::of_only_user(client).named(&format!("{}: accounts", self.name))
    }
}
