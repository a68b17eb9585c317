//! A run's session, moved on by hand: what a call wants next, and a renewal up to its request and from its answer.

use valetkey_core::error::Checks;
use valetkey_core::session::{Call, CallStep, Readiness, Renewal, RenewalAnswer, RenewalStep};
use valetkey_core::store::{Entry, MemoryStore, Store as _, StoreKey, StoredBytes};
use valetkey_core::{Error, Request, Response, Session, UnixTime};

/// What a call wants next.
#[expect(clippy::large_enum_variant, reason = "it is moved once; a box would be an allocation each")]
pub(super) enum Wanted {
    Send(Request),
    /// The session is to be renewed first.
    Renewal,
    Done,
}

/// A call, and the request that it is of.
pub(super) struct Calling {
    call: Call,
    request: Request,
}

impl Calling {
    pub(super) fn new(session: &Session, request: Request) -> Result<Self, Error> {
        Ok(Self { call: Call::new(session.shared(), &request)?, request })
    }

    pub(super) fn unanswered(&mut self) {
        self.call.unanswered();
    }

    /// Moves the call on, with the session's credential where there is a good one.
    pub(super) fn advance(
        &mut self,
        session: &mut Session,
        answer: Option<&Response>,
        now: UnixTime,
    ) -> Result<Wanted, Error> {
        let mut step = self.call.step(answer.map(|answer| (answer.status(), answer.headers())))?;
        loop {
            match step {
                CallStep::Send(authorization) => {
                    let mut request = self.request.clone();
                    authorization.apply(request.headers_mut());
                    return Ok(Wanted::Send(request));
                }
                // No key of a run signs later.
                CallStep::Wait(_) | CallStep::Done => return Ok(Wanted::Done),
                CallStep::Authorize => {
                    if session.authorize(&mut self.call, now)? == Readiness::Wait {
                        return Ok(Wanted::Renewal);
                    }
                }
            }
            step = self.call.step(None)?;
        }
    }
}

/// The request of the renewal that the session would begin at `now`.
pub(super) fn renewal_request(session: &Session, now: UnixTime) -> Result<Option<Request>, Error> {
    let mut renewal = session.renewal()?;
    run_in(&store_of(session), &mut renewal, None, now)
}

/// Renews the session with the answer to that request; the checks that the answer passed.
pub(super) fn renewed(
    session: &mut Session,
    response: Option<Response>,
    sent_at: UnixTime,
    now: UnixTime,
) -> (Checks, Result<(), Error>) {
    let mut renewal = match session.renewal() {
        Ok(renewal) => renewal,
        Err(error) => return (Checks::default(), Err(error)),
    };
    let answer = response.map_or(RenewalAnswer::NoResponse, RenewalAnswer::Response);
    let store = store_of(session);
    let outcome = run_in(&store, &mut renewal, None, sent_at)
        .and_then(|_| run_in(&store, &mut renewal, Some(answer), now));
    let checks = renewal.checks();
    (checks, outcome.and_then(|_| session.settle(renewal, now)))
}

/// A store that has what the session holds, but for its access token: so a renewal goes to the server though that token is
/// good. A run keeps its tokens in its session, and the store lasts no longer than the renewal; but a store that had lost
/// them would mean that the session has ended.
fn store_of(session: &Session) -> MemoryStore {
    let store = MemoryStore::new();
    if let Some(Ok(mut record)) = session.record().map(serde_json::to_value) {
        record.as_object_mut().map(|members| members.remove("access_token"));
        let entry = Entry::from(StoredBytes::new(record.to_string().into_bytes()));
        // An empty store takes what is written first.
        let _ = store.replace(&StoreKey::in_memory(), None, Some(&entry));
    }
    store
}

/// Runs a renewal to its next request, if there is one.
fn run_in(
    store: &MemoryStore,
    renewal: &mut Renewal,
    mut answer: Option<RenewalAnswer>,
    now: UnixTime,
) -> Result<Option<Request>, Error> {
    let key = StoreKey::in_memory();
    loop {
        answer = match renewal.step(answer.take(), now)? {
            RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(store, &key, now))),
            RenewalStep::Send(request) => return Ok(Some(request)),
            RenewalStep::Wait(_) | RenewalStep::Done => return Ok(None),
        };
    }
}
