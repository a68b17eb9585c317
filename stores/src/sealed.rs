//! Encrypts what another store keeps: [`Sealed`].

use std::fmt;
use std::time::Duration;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use valetkey_core::UnixTime;
use valetkey_core::store::{
    AsyncStore, Entry, Found, Index, Lease, Replaced, Store, StoreError, StoreFuture, StoreKey, StoreVersion,
    Stored, StoredBytes,
};
use zeroize::Zeroizing;

use crate::record;

/// A store whose records nobody reads or changes without the key, not even the operator of the storage.
///
/// The cipher is XChaCha20-Poly1305: it authenticates; its nonces are long enough to be random, so that processes which
/// share a key need not count together, as AES-GCM would have them do; and it runs in constant time on any processor. The
/// session's key is authenticated with each record, so that records cannot be swapped. What is not prevented: that
/// an old record is put in the place of a newer one, and that its length, its lifetime and the digests that it is found by are
/// seen.
///
/// A sealed record is `vks1`, the nonce of 24 bytes, and the ciphertext with its tag of 16 bytes.
///
/// ```
/// use valetkey_core::store::{Entry, MemoryStore, Store, StoreKey, StoredBytes};
/// use valetkey_stores::Sealed;
///
/// # let server = valetkey_core::AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = valetkey_core::Client::new(server, "s6BhdRkqt3");
/// # let (old, new) = ([1; 32], [2; 32]);
/// // Records of the old key are still read; whatever is written is sealed with the new one.
/// let store = Sealed::new(MemoryStore::new(), new).with_former_key(old);
/// let key = StoreKey::of_user(&client, "alice");
/// let entry = Entry::new(StoredBytes::new(b"record".to_vec()));
/// assert!(Store::replace(&store, &key, None, Some(&entry))?.is_done());
/// assert_eq!(Store::load(&store, &key)?.unwrap().bytes.expose(), b"record");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Sealed<S> {
    store: S,
    cipher: XChaCha20Poly1305,
    older: Vec<XChaCha20Poly1305>,
}

/// Which form a record has.
const FORM: &[u8] = b"vks1";
const NONCE: usize = 24;

impl<S> Sealed<S> {
    /// Seals the records of this store with a key: 32 bytes that are random, not a password.
    #[must_use]
    pub fn new(store: S, key: [u8; 32]) -> Self {
        Self { store, cipher: cipher(key), older: Vec::new() }
    }

    /// Reads records that were sealed with an earlier key too. Each is sealed with the new one when it is next written.
    #[must_use]
    pub fn with_former_key(mut self, older_key: [u8; 32]) -> Self {
        self.older.push(cipher(older_key));
        self
    }

    #[expect(clippy::disallowed_methods, reason = "a store is what asks the operating system for nonces")]
    fn seal(&self, key: &StoreKey, entry: &Entry) -> Result<Entry, StoreError> {
        record::check_size(Some(entry))?;
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce)
            .map_err(|_| StoreError::new("the operating system gave no randomness"))?;
        let context = context(key);
        let payload = Payload { msg: entry.bytes().expose(), aad: &context };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StoreError::new("the record is too large to be sealed"))?;
        Ok(entry.with_bytes(StoredBytes::new([FORM, &nonce, &sealed].concat())))
    }

    fn open(&self, key: &StoreKey, stored: Stored) -> Result<Stored, StoreError> {
        let foreign = || {
            StoreError::new(
                "the stored record is not sealed: another program wrote it, or this one before it sealed \
                 records",
            )
        };
        let rest = stored.bytes.expose().strip_prefix(FORM).ok_or_else(foreign)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(foreign)?;
        let context = context(key);
        let open = |cipher: &XChaCha20Poly1305| {
            cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &context }).ok()
        };
        let opened = std::iter::once(&self.cipher).chain(&self.older).find_map(open);
        let bytes = opened.ok_or_else(|| {
            StoreError::new(
                "the stored record cannot be unsealed: its key is another, or the record was changed",
            )
        })?;
        Ok(Stored::new(StoredBytes::new(bytes), stored.version))
    }
}

fn cipher(key: [u8; 32]) -> XChaCha20Poly1305 {
    let key = Zeroizing::new(key);
    XChaCha20Poly1305::new(&Key::from(*key))
}

/// What a record is bound to.
fn context(key: &StoreKey) -> Vec<u8> {
    [FORM, key.as_str().as_bytes()].concat()
}

impl<S: Store> Store for Sealed<S> {
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.store.load(key)?.map(|stored| self.open(key, stored)).transpose()
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        let sealed = entry.map(|entry| self.seal(key, entry)).transpose()?;
        self.store.replace(key, expected, sealed.as_ref())
    }

    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        self.store.find(index, after)
    }

    fn lease(&self, key: &StoreKey, ttl: Duration, now: UnixTime) -> Result<Option<Lease>, StoreError> {
        self.store.lease(key, ttl, now)
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        self.store.release(key, lease)
    }
}

impl<S: AsyncStore> AsyncStore for Sealed<S> {
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>> {
        Box::pin(async move { self.store.load(key).await?.map(|stored| self.open(key, stored)).transpose() })
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        entry: Option<&'a Entry>,
    ) -> StoreFuture<'a, Replaced> {
        Box::pin(async move {
            let sealed = entry.map(|entry| self.seal(key, entry)).transpose()?;
            self.store.replace(key, expected, sealed.as_ref()).await
        })
    }

    fn find<'a>(&'a self, index: &'a Index, after: Option<&'a StoreKey>) -> StoreFuture<'a, Found> {
        self.store.find(index, after)
    }

    fn lease<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
        now: UnixTime,
    ) -> StoreFuture<'a, Option<Lease>> {
        self.store.lease(key, ttl, now)
    }

    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()> {
        self.store.release(key, lease)
    }
}

impl<S: fmt::Debug> fmt::Debug for Sealed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("store", &self.store).finish_non_exhaustive()
    }
}
