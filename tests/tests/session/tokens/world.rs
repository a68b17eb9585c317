//! A server that answers when the test lets it, and a store that does as the test says.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use valetkey_core::dialect::space::{Permissions, Space};
use valetkey_core::session::SessionRecord;
use valetkey_core::store::{
    AsyncStore, Entry, Found, Index, Lease, MemoryStore, Replaced, Store, StoreError, StoreFuture, StoreKey,
    StoreVersion, Stored, StoredBytes,
};
use valetkey_core::{Client, ClientSecret, Grant, Session, TokenRequest, UnixTime};
use valetkey_sandbox::{CHATBOTS_RIGHTS, Endpoint, Front, Sandbox};

/// What is waited for at the most before a test fails; nothing depends on it.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// How often may be tried by now, where the wait after a failure is a second at first: once, and once more for each second that
/// a busy machine takes.
pub(crate) struct Tries(UnixTime);

impl Tries {
    pub(crate) fn begin() -> Self {
        Self(valetkey_blocking::now())
    }

    pub(crate) fn require(&self, tried: usize) {
        let took = valetkey_blocking::now().since(self.0).as_secs();
        let most = 1 + usize::try_from(took).unwrap();
        assert!((1..=most).contains(&tried), "tried {tried} times, and {most} are allowed");
    }
}

/// The sandbox, with a client that renews by its own grant.
pub(crate) struct Server {
    front: Front,
    client: Client,
}

/// The test's hold on a server that answers nothing of its own accord.
pub(crate) struct Gate {
    came: Receiver<()>,
    go: Sender<()>,
}

impl Gate {
    /// Waits until a request has come.
    pub(crate) fn came(&self) {
        self.came.recv_timeout(LONG).unwrap();
    }

    /// Lets it be answered.
    pub(crate) fn open(&self) {
        self.go.send(()).unwrap();
    }
}

impl Server {
    pub(crate) fn new() -> Self {
        Self::of(Front::start(Sandbox::demo([1; 32])).unwrap())
    }

    pub(crate) fn gated() -> (Self, Gate) {
        let ((tell, came), (go, wait)) = (channel(), channel());
        let wait = Mutex::new(wait);
        let front = Front::start_with_clock(Sandbox::demo([1; 32]), move || {
            let _ = tell.send(());
            // A test that has ended lets everything go.
            let _ = wait.lock().unwrap().recv();
            valetkey_blocking::now()
        });
        (Self::of(front.unwrap()), Gate { came, go })
    }

    fn of(front: Front) -> Self {
        let secret = front.sandbox().client_secret("chatbot").unwrap().to_owned();
        let application = Space::on_loopback(front.url()).unwrap().application("chatbot");
        let application = application.secret(ClientSecret::new(secret).unwrap()).unwrap();
        Self { client: Client::clone(&application), front }
    }

    pub(crate) fn front(&self) -> &Front {
        &self.front
    }

    fn grant() -> Grant {
        let rights = CHATBOTS_RIGHTS.iter().fold(Permissions::new(), |rights, right| rights.raw(right));
        Grant::client_credentials().scope(rights.scope().unwrap()).unwrap()
    }

    pub(crate) fn request(&self) -> TokenRequest {
        TokenRequest::new(&self.client, Self::grant()).unwrap()
    }

    /// A session that has no token yet.
    pub(crate) fn session(&self) -> Session {
        Session::from_grant(&self.client, Self::grant())
    }

    /// A session that was persisted with a token of an hour, which has this much of it left; negative: is over since.
    pub(crate) fn with_seconds_left(&self, left: i64) -> Session {
        let record = serde_json::from_value::<SessionRecord>(self.record_with_seconds_left(left)).unwrap();
        Session::from_record(&self.client, record).unwrap().with_grant(Self::grant()).unwrap()
    }

    fn record_with_seconds_left(&self, left: i64) -> Value {
        let expires = i64::try_from(valetkey_blocking::now().as_secs()).unwrap() + left;
        let mut record =
            serde_json::to_value(self.session().in_store(self.key()).unwrap().record().unwrap()).unwrap();
        record["access_token"] = "old".into();
        record["generation"] = 1.into();
        record["issued_at"] = ((expires - 3600) * 1000).into();
        record["expires_at"] = (expires * 1000).into();
        record
    }

    /// Puts such a record into a store, with these members too.
    pub(crate) fn put(&self, store: &MemoryStore, left: i64, members: Value) {
        let mut record = self.record_with_seconds_left(left);
        for (name, member) in members.as_object().unwrap() {
            record[name] = member.clone();
        }
        let bytes = StoredBytes::new(record.to_string().into_bytes());
        assert!(Store::replace(store, &self.key(), None, Some(&bytes.into())).unwrap().is_done());
    }

    /// A login: a session from tokens of just now.
    pub(crate) fn login(&self, tokens: &valetkey_core::TokenResponse) -> Session {
        Session::from_tokens(&self.client, tokens)
    }

    pub(crate) fn key(&self) -> StoreKey {
        StoreKey::of_application(&self.client, &Self::grant())
    }

    /// What the store has, or null.
    pub(crate) fn record(&self, store: &MemoryStore) -> Value {
        let stored = Store::load(store, &self.key()).unwrap();
        stored.map_or(Value::Null, |stored| serde_json::from_slice(stored.bytes.expose()).unwrap())
    }

    /// How many token requests were answered.
    pub(crate) fn requests(&self) -> usize {
        let sandbox = self.front.sandbox();
        sandbox.log().iter().filter(|exchange| exchange.endpoint() == Endpoint::Token).count()
    }
}

/// What a store is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Load,
    /// A write, and whether it is the end of a renewal, and not an intent.
    Replace(bool),
    Lease,
    Release,
}

type Hook = Box<dyn Fn(Operation) -> Result<(), StoreError> + Send + Sync>;

/// A store that asks the test before it does anything, and tells when the last one who uses it is gone.
pub(crate) struct Hooked {
    pub(crate) memory: Arc<MemoryStore>,
    hook: Hook,
    gone: Sender<()>,
}

impl Hooked {
    pub(crate) fn new(
        memory: &Arc<MemoryStore>,
        hook: impl Fn(Operation) -> Result<(), StoreError> + Send + Sync + 'static,
    ) -> (Self, Receiver<()>) {
        let (gone, told) = channel();
        (Self { memory: Arc::clone(memory), hook: Box::new(hook), gone }, told)
    }

    /// One that works.
    pub(crate) fn working(memory: &Arc<MemoryStore>) -> Self {
        Self::new(memory, |_| Ok(())).0
    }
}

impl Drop for Hooked {
    fn drop(&mut self) {
        let _ = self.gone.send(());
    }
}

impl Store for Hooked {
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        (self.hook)(Operation::Load)?;
        Store::load(&*self.memory, key)
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        let written = entry.map(|entry| serde_json::from_slice::<Value>(entry.bytes().expose()).unwrap());
        let is_end = written.is_some_and(|record| record["intent"].is_null());
        (self.hook)(Operation::Replace(is_end))?;
        Store::replace(&*self.memory, key, expected, entry)
    }

    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        Store::find(&*self.memory, index, after)
    }

    fn lease(&self, key: &StoreKey, ttl: Duration, now: UnixTime) -> Result<Option<Lease>, StoreError> {
        (self.hook)(Operation::Lease)?;
        Store::lease(&*self.memory, key, ttl, now)
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        (self.hook)(Operation::Release)?;
        Store::release(&*self.memory, key, lease)
    }
}

impl AsyncStore for Hooked {
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>> {
        Box::pin(async { Store::load(self, key) })
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        entry: Option<&'a Entry>,
    ) -> StoreFuture<'a, Replaced> {
        Box::pin(async move { Store::replace(self, key, expected, entry) })
    }

    fn find<'a>(&'a self, index: &'a Index, after: Option<&'a StoreKey>) -> StoreFuture<'a, Found> {
        Box::pin(async move { Store::find(self, index, after) })
    }

    fn lease<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
        now: UnixTime,
    ) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(async move { Store::lease(self, key, ttl, now) })
    }

    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()> {
        Box::pin(async { Store::release(self, key, lease) })
    }
}
