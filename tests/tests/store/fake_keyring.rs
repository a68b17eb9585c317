//! A keyring in memory, which takes as little in an entry as Windows, and is killed when a test wants it.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, CredentialStore, Entry, Error, Result};

/// What Windows takes in an entry, in bytes.
pub(crate) const WINDOWS: usize = 2560;

/// A keyring. Clones are the same one.
#[derive(Clone)]
pub(crate) struct FakeKeyring(Arc<Mutex<State>>);

struct State {
    entries: BTreeMap<(String, String), Vec<u8>>,
    largest: usize,
    /// How many changes are made before the process is killed.
    changes_left: usize,
    /// Whether the change that it is killed at was made all the same.
    is_last_made: bool,
    /// Whether it answers again after it was killed once.
    is_once: bool,
    /// How often it was asked for something.
    asked: usize,
}

impl FakeKeyring {
    pub(crate) fn new(largest: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            entries: BTreeMap::new(),
            largest,
            changes_left: usize::MAX,
            is_last_made: false,
            is_once: false,
            asked: 0,
        })))
    }

    /// One that nobody looks into.
    pub(crate) fn store(largest: usize) -> Arc<CredentialStore> {
        Self::new(largest).shared()
    }

    pub(crate) fn shared(&self) -> Arc<CredentialStore> {
        Arc::new(self.clone())
    }

    /// After so many changes, nothing is answered until it [lives](Self::live) again.
    pub(crate) fn kill_after(&self, changes: usize, is_last_made: bool) {
        let mut state = self.0.lock().unwrap();
        (state.changes_left, state.is_last_made) = (changes, is_last_made);
    }

    /// Does not make the change with this number, from 1, and all others.
    pub(crate) fn fail_once(&self, change: usize) {
        self.kill_after(change, false);
        self.0.lock().unwrap().is_once = true;
    }

    /// Lives again. Returns whether it had been killed.
    pub(crate) fn live(&self) -> bool {
        std::mem::replace(&mut self.0.lock().unwrap().changes_left, usize::MAX) == 0
    }

    /// How often it was asked for something since this was asked last.
    pub(crate) fn asked(&self) -> usize {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().entries.keys().map(|(_, name)| name.clone()).collect()
    }

    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.0.lock().unwrap().entries.values().map(Vec::len).collect()
    }

    /// Changes what is in an entry, as another program could.
    pub(crate) fn tamper(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.0.lock().unwrap();
        change(state.entries.iter_mut().find(|((_, other), _)| other == name).unwrap().1);
    }

    pub(crate) fn forget(&self, name: &str) {
        self.0.lock().unwrap().entries.retain(|(_, other), _| other != name);
    }
}

impl State {
    fn ask(&mut self) -> Result<()> {
        self.asked += 1;
        self.check_alive()
    }

    fn check_alive(&self) -> Result<()> {
        if self.changes_left == 0 { Err(Error::PlatformFailure("killed".into())) } else { Ok(()) }
    }

    fn change(&mut self, change: impl FnOnce(&mut BTreeMap<(String, String), Vec<u8>>)) -> Result<()> {
        self.check_alive()?;
        self.changes_left = self.changes_left.saturating_sub(usize::from(self.changes_left != usize::MAX));
        let killed = self.check_alive();
        if killed.is_ok() || self.is_last_made {
            change(&mut self.entries);
        }
        if killed.is_err() && std::mem::take(&mut self.is_once) {
            self.changes_left = usize::MAX;
        }
        killed
    }
}

struct FakeEntry {
    keyring: FakeKeyring,
    name: (String, String),
}

impl CredentialApi for FakeEntry {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        let mut state = self.keyring.0.lock().unwrap();
        state.asked += 1;
        if secret.len() > state.largest {
            return Err(Error::TooLong("secret".to_owned(), u32::try_from(state.largest).unwrap()));
        }
        state.change(|entries| drop(entries.insert(self.name.clone(), secret.to_vec())))
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        let mut state = self.keyring.0.lock().unwrap();
        state.ask()?;
        state.entries.get(&self.name).cloned().ok_or(Error::NoEntry)
    }

    fn delete_credential(&self) -> Result<()> {
        let mut state = self.keyring.0.lock().unwrap();
        state.ask()?;
        if !state.entries.contains_key(&self.name) {
            return Err(Error::NoEntry);
        }
        state.change(|entries| drop(entries.remove(&self.name)))
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        self.get_secret().map(|_| None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        Some(self.name.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FakeEntry").field(&self.name).finish()
    }
}

impl CredentialStoreApi for FakeKeyring {
    fn vendor(&self) -> String {
        "a keyring in memory".to_owned()
    }

    fn id(&self) -> String {
        "the only one".to_owned()
    }

    fn build(&self, service: &str, user: &str, _: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        let name = (service.to_owned(), user.to_owned());
        Ok(Entry::new_with_credential(Arc::new(FakeEntry { keyring: self.clone(), name })))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeKeyring")
    }
}
