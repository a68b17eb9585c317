//! RF-1: one session, many callers, in orders that [shuttle](https://docs.rs/shuttle) thinks of: one token request,
//! everybody gets its result, the observer is told of one renewal, and nobody waits for ever (shuttle calls that a
//! deadlock, and prints the schedule).
//!
//! Core is compiled a second time for this, with its one lock swapped: see `tests/shuttle`. What is explored is the order
//! in which that lock is taken, the host wakes and waits, and requests are answered. What is not: the credential
//! behind it is an atomic pointer of `arc-swap`'s, and counts are the standard library's; shuttle sees neither, so their
//! loads and stores come as one with what surrounds them, and no weak memory order is tried. The store is core's own in
//! memory, which holds its lock for no longer than an operation.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::sync::{Condvar, Mutex};
use shuttle::thread::{JoinHandle, spawn, yield_now};
use shuttle::{Config, Runner};
use valetkey_shuttled_core::host::{TransportError, TransportErrorKind};
use valetkey_shuttled_core::session::{
    AwaitedCredential, CallStep, Readiness, RenewalAnswer, RenewalStep, SessionEvent, SharedRenewal,
    SharedSession,
};
use valetkey_shuttled_core::store::{MemoryStore, Store, StoreKey, StoreStep};
use valetkey_shuttled_core::{
    AuthorizationServer, Client, ClientSecret, Error, Grant, Response, Session, UnixTime,
};

const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

/// How many schedules of each kind a test explores.
const SCHEDULES: usize = 600;

/// What becomes of a renewal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Succeeds,
    /// The server refuses, for now.
    Refused,
    /// No answer comes.
    Unanswered,
    /// The store panics when it is asked for the lease.
    Panics,
    /// The host drops it before it has done anything.
    DroppedAtOnce,
    /// The host drops it when it has sent its request.
    DroppedAfterSending,
}

/// What a host owns: it wakes, spawns and waits, and nothing else.
struct Host {
    session: Option<SharedSession>,
    outside: Arc<Outside>,
}

struct Outside {
    fate: Fate,
    /// Seconds since [`NOW`].
    passed: AtomicU64,
    store: MemoryStore,
    changes: Mutex<u64>,
    changed: Condvar,
    sent: AtomicUsize,
    renewals: AtomicUsize,
}

impl Outside {
    fn new(fate: Fate) -> Arc<Self> {
        Arc::new(Self {
            fate,
            passed: AtomicU64::new(0),
            store: MemoryStore::new(),
            changes: Mutex::new(0),
            changed: Condvar::new(),
            sent: AtomicUsize::new(0),
            renewals: AtomicUsize::new(0),
        })
    }

    fn now(&self) -> UnixTime {
        NOW.after(Duration::from_secs(self.passed.load(Ordering::SeqCst)))
    }

    fn changes(&self) -> u64 {
        *self.changes.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Waits for as long as it takes: who is not woken is a deadlock.
    fn wait(&self, changes: u64) {
        let mut now = self.changes.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        while *now == changes {
            now = self.changed.wait(now).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
    }

    fn wake(&self) {
        *self.changes.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) += 1;
        self.changed.notify_all();
    }

    fn renew(&self, mut renewal: SharedRenewal) {
        if self.fate == Fate::DroppedAtOnce {
            return;
        }
        let mut answer = None;
        loop {
            let changes = self.changes();
            answer = match renewal.step(answer.take(), self.now()).unwrap() {
                RenewalStep::Store(StoreStep::Lease(_)) if self.fate == Fate::Panics => {
                    // Without a word on the terminal, where shuttle would take it for the test's.
                    resume_unwind(Box::new("a store of the test's panics"));
                }
                RenewalStep::Store(step) => {
                    Some(RenewalAnswer::Store(step.on(&self.store, renewal.key(), self.now())))
                }
                RenewalStep::Send(_) => {
                    let count = self.sent.fetch_add(1, Ordering::SeqCst);
                    yield_now();
                    Some(match self.fate {
                        Fate::Refused => RenewalAnswer::Response(answered(503, "{}")),
                        Fate::Unanswered => {
                            renewal.unanswered(Some(TransportError::new(TransportErrorKind::Timeout)))
                        }
                        Fate::DroppedAfterSending => return,
                        _ => RenewalAnswer::Response(token(count)),
                    })
                }
                RenewalStep::Wait(_) => {
                    self.wait(changes);
                    None
                }
                RenewalStep::Done => return,
            };
        }
    }
}

impl Host {
    fn new(session: SharedSession, outside: &Arc<Outside>) -> Self {
        Self { session: Some(session), outside: Arc::clone(outside) }
    }

    fn session(&self) -> &SharedSession {
        self.session.as_ref().unwrap()
    }

    fn start(&self, renewal: SharedRenewal) {
        let outside = Arc::clone(&self.outside);
        outside.renewals.fetch_add(1, Ordering::SeqCst);
        spawn(move || {
            let _ = catch_unwind(AssertUnwindSafe(|| outside.renew(renewal)));
            outside.wake();
        });
    }

    /// Asks until there is a credential, as an adapter does.
    fn credential(&self) -> Result<String, Error> {
        self.awaited(AwaitedCredential::new())
    }

    fn awaited(&self, mut awaited: AwaitedCredential) -> Result<String, Error> {
        loop {
            let changes = self.outside.changes();
            let (readiness, renewal) = self.session().provide(&mut awaited, self.outside.now())?;
            if let Some(renewal) = renewal {
                self.start(renewal);
            }
            if readiness != Readiness::Wait {
                return Ok(awaited.take().unwrap().access_token().expose().to_owned());
            }
            self.outside.wait(changes);
        }
    }

    /// Calls the API, which refuses the token of this name; with which token it was answered.
    fn call(&self, refuses: &str) -> Result<String, Error> {
        let request = http::Request::get("https://api.example/me").body(Vec::new()).unwrap();
        let mut call = self.session().call(&request)?;
        let (mut response, mut heard, mut with) = (None::<Response>, None, String::new());
        loop {
            let step = call.step(response.as_ref().map(|answer| (answer.status(), answer.headers())))?;
            heard = response.take().map(|answer| answer.status().as_u16()).or(heard);
            match step {
                CallStep::Authorize => loop {
                    let changes = self.outside.changes();
                    let (readiness, renewal) = self.session().authorize(&mut call, self.outside.now())?;
                    if let Some(renewal) = renewal {
                        self.start(renewal);
                    }
                    if readiness != Readiness::Wait {
                        break;
                    }
                    self.outside.wait(changes);
                },
                CallStep::Send(authorization) => {
                    let mut headers = http::HeaderMap::new();
                    authorization.apply(&mut headers);
                    let header = headers["authorization"].to_str().unwrap();
                    with = header.strip_prefix("Bearer ").unwrap().to_owned();
                    yield_now();
                    response = Some(answered(if with == refuses { 401 } else { 200 }, ""));
                }
                CallStep::Wait(_) => unreachable!("a bearer token needs no signature"),
                CallStep::Done => {
                    assert_eq!(heard, Some(200));
                    return Ok(with);
                }
            }
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.session = None;
        self.outside.wake();
    }
}

fn client() -> Client {
    let server = AuthorizationServer::new().token_endpoint("https://as.example/token").unwrap();
    let client = Client::new(server, "s6BhdRkqt3").secret(ClientSecret::new("gX1fBAt3bV").unwrap());
    client.unwrap().api("https://api.example").unwrap()
}

fn session() -> Session {
    Session::from_grant(&client(), Grant::client_credentials())
}

fn answered(status: u16, body: &str) -> Response {
    let answer = http::Response::builder().status(status).header("content-type", "application/json");
    answer.header("cache-control", "no-store").body(body.as_bytes().to_vec()).unwrap()
}

fn token(number: usize) -> Response {
    answered(200, &format!(r#"{{"access_token":"token-{number}","token_type":"Bearer","expires_in":3600}}"#))
}

/// Plays schedules at random, and those in which few threads are put off at the worst moments.
fn explore(play: impl Fn() + Clone + Send + Sync + 'static) {
    let mut config = Config::new();
    // What shuttle gives a thread by default is too little for JSON in a build without optimization.
    config.stack_size = 256 << 10;
    Runner::new(RandomScheduler::new(SCHEDULES), config.clone()).run(play.clone());
    Runner::new(PctScheduler::new(3, SCHEDULES), config).run(play);
}

/// What so many callers are told who ask at once, each with a clone of the session; and how many token requests and
/// renewals there were.
fn asked(callers: usize, fate: Fate) -> (Vec<Result<String, Error>>, usize, usize) {
    let outside = Outside::new(fate);
    let log = Arc::new(std::sync::Mutex::new(Vec::new()));
    let writing = Arc::clone(&log);
    let observer = move |_: &str, event: &SessionEvent<'_>, _: UnixTime| {
        writing.lock().unwrap().push(event.name());
    };
    let session = SharedSession::new(session().with_observer(Arc::new(observer)));
    let ask = |_| {
        let host = Host::new(session.clone(), &outside);
        spawn(move || host.credential())
    };
    let callers: Vec<JoinHandle<_>> = (0..callers).map(ask).collect();
    let told = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
    let log = log.lock().unwrap();
    let ending = match fate {
        Fate::Succeeds => "done",
        Fate::Refused => "refused",
        _ => "failed",
    };
    for once in ["begun", ending] {
        assert_eq!(log.iter().filter(|told| **told == once).count(), 1, "{log:?}");
    }
    if fate == Fate::Unanswered {
        assert_eq!(session.trouble().map(|why| why.kind()), Some(TransportErrorKind::Timeout));
    }
    (told, outside.sent.load(Ordering::SeqCst), outside.renewals.load(Ordering::SeqCst))
}

#[test]
fn all_who_ask_share_one_token_request() {
    explore(|| {
        let (told, sent, renewals) = asked(3, Fate::Succeeds);
        assert!(told.iter().all(|told| told.as_deref().is_ok_and(|token| token == "token-0")), "{told:?}");
        assert_eq!((sent, renewals), (1, 1));
    });
}

#[test]
fn all_who_ask_share_a_refusal() {
    explore(|| {
        let (told, sent, renewals) = asked(3, Fate::Refused);
        assert!(told.iter().all(|told| matches!(told, Err(Error::Refused(_)))), "{told:?}");
        assert_eq!((sent, renewals), (1, 1));
    });
}

#[test]
fn all_who_ask_share_that_no_answer_came() {
    explore(|| {
        let (told, sent, renewals) = asked(3, Fate::Unanswered);
        assert!(told.iter().all(|told| matches!(told, Err(Error::Unanswered))), "{told:?}");
        assert_eq!((sent, renewals), (1, 1));
    });
}

#[test]
fn a_renewal_that_panics_or_is_dropped_leaves_nobody_waiting() {
    for (fate, requests) in [(Fate::Panics, 0), (Fate::DroppedAtOnce, 0), (Fate::DroppedAfterSending, 1)] {
        explore(move || {
            let (told, sent, renewals) = asked(3, fate);
            assert!(told.iter().all(|told| matches!(told, Err(Error::Unanswered))), "{told:?}");
            assert_eq!((sent, renewals), (requests, 1));
        });
    }
}

/// WA-3: three calls whose token the API refuses, at their own pace, cost one token more and not three.
#[test]
fn calls_that_were_refused_the_same_token_share_one_renewal() {
    explore(|| {
        let outside = Outside::new(Fate::Succeeds);
        let session = SharedSession::new(session());
        assert_eq!(Host::new(session.clone(), &outside).credential().unwrap(), "token-0");
        let call = |_| {
            let host = Host::new(session.clone(), &outside);
            spawn(move || host.call("token-0").unwrap())
        };
        let calls: Vec<JoinHandle<_>> = (0..3).map(call).collect();
        for call in calls {
            assert_eq!(call.join().unwrap(), "token-1");
        }
        assert_eq!(outside.sent.load(Ordering::SeqCst), 2);
    });
}

/// RF-1: three who refuse the same credential, at their own pace, cost one token more and not three.
#[test]
fn all_who_refuse_the_same_credential_share_one_renewal() {
    explore(|| {
        let outside = Outside::new(Fate::Succeeds);
        let session = SharedSession::new(session());
        assert_eq!(Host::new(session.clone(), &outside).credential().unwrap(), "token-0");
        let refused = session.fresh(NOW).unwrap();
        let refuse = |_| {
            let (host, refused) = (Host::new(session.clone(), &outside), refused.clone());
            spawn(move || {
                let was_held = host.session().refuse(&refused, NOW);
                (was_held, host.credential().unwrap())
            })
        };
        let callers: Vec<JoinHandle<_>> = (0..3).map(refuse).collect();
        let told: Vec<_> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
        assert_eq!(told.iter().filter(|(was_held, _)| *was_held).count(), 1);
        assert!(told.iter().all(|(_, token)| token == "token-1"), "{told:?}");
        assert_eq!(outside.sent.load(Ordering::SeqCst), 2);
    });
}

/// RF-1: those who want a new token get one, or its failure, and end; beside them others use what there is.
#[test]
fn all_who_want_a_new_token_are_told_of_one() {
    for fate in [Fate::Succeeds, Fate::Refused, Fate::DroppedAtOnce] {
        explore(move || {
            let outside = Outside::new(fate);
            let session = SharedSession::new(session());
            let ask = |number: usize| {
                let host = Host::new(session.clone(), &outside);
                spawn(move || match number {
                    0 => host.credential(),
                    _ => host.awaited(AwaitedCredential::renewed()),
                })
            };
            let callers: Vec<JoinHandle<_>> = (0..3).map(ask).collect();
            let told: Vec<_> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
            let sent = outside.sent.load(Ordering::SeqCst);
            match fate {
                // One who asks when a renewal has ended wants one that ends later.
                Fate::Succeeds => {
                    assert!(told.iter().all(Result::is_ok) && (1..=3).contains(&sent), "{sent} {told:?}")
                }
                _ => assert!(told.iter().all(Result::is_err) && sent <= 1, "{sent} {told:?}"),
            }
        });
    }
}

/// RF-1: a token that is due is used at once by everybody, and renewed once beside them.
#[test]
fn a_token_that_is_due_is_renewed_once_and_waited_for_by_nobody() {
    explore(|| {
        let outside = Outside::new(Fate::Succeeds);
        let session = SharedSession::new(session());
        let first = Host::new(session.clone(), &outside).credential().unwrap();
        // Of 3600 seconds.
        outside.passed.store(3590, Ordering::SeqCst);
        let ask = |_| {
            let host = Host::new(session.clone(), &outside);
            spawn(move || {
                let mut awaited = AwaitedCredential::new();
                let (readiness, renewal) = host.session().provide(&mut awaited, host.outside.now()).unwrap();
                assert_ne!(readiness, Readiness::Wait);
                renewal.into_iter().for_each(|renewal| host.start(renewal));
                awaited.take().unwrap().access_token().expose().to_owned()
            })
        };
        let callers: Vec<JoinHandle<_>> = (0..3).map(ask).collect();
        for caller in callers {
            let token = caller.join().unwrap();
            assert!(token == first || token == "token-1", "{token}");
        }
        assert_eq!(outside.renewals.load(Ordering::SeqCst), 2, "the first one, and one more");
    });
}

/// A renewal that only waits, for somebody else's lease, ends with the last clone of its session: it is woken whichever
/// of them goes last.
#[test]
fn a_renewal_that_only_waits_ends_with_the_last_clone() {
    explore(|| {
        let outside = Outside::new(Fate::Succeeds);
        let hour = Duration::from_secs(3600);
        assert!(Store::lease(&outside.store, &StoreKey::in_memory(), hour, NOW).unwrap().is_some());
        let session = SharedSession::new(session());
        let give_up = |_| {
            let host = Host::new(session.clone(), &outside);
            spawn(move || {
                let (readiness, renewal) =
                    host.session().provide(&mut AwaitedCredential::new(), NOW).unwrap();
                assert_eq!(readiness, Readiness::Wait);
                renewal.into_iter().for_each(|renewal| host.start(renewal));
            })
        };
        let callers: Vec<JoinHandle<_>> = (0..2).map(give_up).collect();
        drop(Host::new(session, &outside));
        callers.into_iter().for_each(|caller| caller.join().unwrap());
        assert_eq!(outside.sent.load(Ordering::SeqCst), 0);
    });
}
