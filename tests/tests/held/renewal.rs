//! RF-1: callers who go away by the thousand while a server rotates its refresh tokens and answers are lost; and times at
//! their ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use valetkey_core::session::{RenewalAnswer, RenewalStep};
use valetkey_core::store::{MemoryStore, StoreKey};
use valetkey_core::{
    AuthorizationServer, Client, ClientSecret, Quirk, RefreshToken, Request, Response, Session, UnixTime,
};
use valetkey_sandbox::{Dialect, Endpoint, Rights, Rotation, Sandbox};
use valetkey_tests::world::token;
use valetkey_tests::{client, get, json};

/// How many tasks call at once, and how many of their calls are cancelled in the suite and in the slow run.
const TASKS: usize = 40;
const FEW: usize = 1_000;
const MANY: usize = 6_000;

/// Of so many token requests one gets no answer.
const REQUESTS_A_LOSS: usize = 10;

/// What is waited for at the most before a test fails; nothing depends on it.
const LONG: Duration = Duration::from_secs(300);

/// How long one connection may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// An authorization server and its API on a loopback port. Some answers of the one never arrive; the other answers nothing
/// until it is told to.
struct Losing {
    address: SocketAddr,
    heard: Arc<Heard>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

struct Heard {
    sandbox: Mutex<Sandbox>,
    requests: AtomicUsize,
    has_an_api: AtomicBool,
}

impl Heard {
    /// What is answered, if anything is.
    fn answer(&self, request: &Request) -> Option<Response> {
        let is_for_a_token = request.uri().path() == Dialect::Standard.token_path();
        if !is_for_a_token && !self.has_an_api.load(Ordering::SeqCst) {
            return None;
        }
        let answer = self.sandbox.lock().unwrap().answer(request, valetkey_async::now());
        let is_lost = is_for_a_token
            && (self.requests.fetch_add(1, Ordering::SeqCst) + 1).is_multiple_of(REQUESTS_A_LOSS);
        (!is_lost).then_some(answer)
    }
}

impl Losing {
    fn start(sandbox: Sandbox) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let (requests, has_an_api) = (AtomicUsize::new(0), AtomicBool::new(false));
        let heard = Arc::new(Heard { sandbox: Mutex::new(sandbox), requests, has_an_api });
        let (hears, stop) = (Arc::clone(&heard), Arc::clone(&stopped));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let hears = Arc::clone(&hears);
                // A connection ends with its client, or when it has been silent for too long.
                thread::spawn(move || {
                    let mut reader = BufReader::new(stream.ok()?);
                    reader.get_ref().set_read_timeout(Some(PATIENCE)).ok()?;
                    reader.get_ref().set_write_timeout(Some(PATIENCE)).ok()?;
                    while let Some(request) = read(&mut reader) {
                        match hears.answer(&request) {
                            Some(answer) => write(reader.get_ref(), &answer).ok()?,
                            None if request.method() == "POST" => return None,
                            // The client is waited for until it has gone away.
                            None => drop(read(&mut reader)?),
                        }
                    }
                    Some(())
                });
            }
        });
        Self { address, heard, stopped, thread: Some(thread) }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn sandbox(&self) -> MutexGuard<'_, Sandbox> {
        self.heard.sandbox.lock().unwrap()
    }
}

impl Drop for Losing {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // The connection that lets the thread look at the flag.
        drop(TcpStream::connect_timeout(&self.address, PATIENCE));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let mut request = http::Request::builder().method(words.next()?).uri(words.next()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
        request = request.header(name, value.trim());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body(body).ok()
}

fn write(mut stream: &TcpStream, answer: &Response) -> std::io::Result<()> {
    let mut bytes = format!("HTTP/1.1 {}\r\nContent-Length: {}\r\n", answer.status(), answer.body().len());
    for (name, value) in answer.headers() {
        bytes.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    stream.write_all(&[bytes.as_bytes(), b"\r\n", answer.body()].concat())
}

/// A server that takes a refresh token that comes back for stolen, but within the time that an answer may be lost. Its
/// access tokens have no lifetime to speak of, so that each call wants another.
fn server() -> Losing {
    let mut sandbox = Sandbox::demo([1; 32]);
    let settings = sandbox.settings_mut();
    settings.dialect = Dialect::Standard;
    settings.rotation = Rotation::DetectReuse { grace: LONG };
    settings.access_token_lifetime = Duration::ZERO;
    Losing::start(sandbox)
}

/// A person's session at this server, which has nothing but a refresh token.
fn session(server: &Losing) -> Session {
    let mut sandbox = server.sandbox();
    let pushed = sandbox.push_refresh_token("web", "alice", &Rights::All).unwrap();
    let secret = ClientSecret::new(sandbox.client_secret("web").unwrap()).unwrap();
    drop(sandbox);
    let description = AuthorizationServer::new().admit(Quirk::LoopbackHttp);
    let description =
        description.token_endpoint(&format!("{}{}", server.url(), Dialect::Standard.token_path())).unwrap();
    let client = Client::new(description, "web").secret(secret).unwrap().api(&server.url()).unwrap();
    Session::from_refresh_token(&client, RefreshToken::new(pushed.refresh_token).unwrap())
}

/// So many calls are cancelled; in the end there is a token that is good, and no refresh token was refused.
fn survive_cancellations(count: usize) {
    let server = server();
    let api =
        Arc::new(valetkey_async::ApiClient::new(valetkey_async::http_client().unwrap(), session(&server)));
    let absences = get(&format!("{}/api/http/absences", server.url()));
    let cancelled = Arc::new(AtomicUsize::new(0));
    let calling = |task: usize| {
        let (api, absences, cancelled) = (Arc::clone(&api), absences.clone(), Arc::clone(&cancelled));
        async move {
            let mut random = fastrand::Rng::with_seed(task as u64);
            while cancelled.load(Ordering::SeqCst) < count {
                let time = Duration::from_micros(random.u64(0..25_000));
                match tokio::time::timeout(time, api.send(absences.clone())).await {
                    Err(_) => drop(cancelled.fetch_add(1, Ordering::SeqCst)),
                    // A failure is told to all for a second, and none of them says that a person must act.
                    Ok(Err(error)) => assert!(!error.is_authorization_required(), "{error}"),
                    Ok(Ok(answer)) => {
                        panic!("the API does not answer yet, and here is a {}", answer.status())
                    }
                }
                tokio::task::yield_now().await;
            }
        }
    };
    let story = async {
        let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(calling(task))).collect();
        for task in tasks {
            task.await.unwrap();
        }
        server.sandbox().settings_mut().access_token_lifetime = LONG;
        server.heard.has_an_api.store(true, Ordering::SeqCst);
        // Whatever was lost last is over in its time.
        while !api.send(absences.clone()).await.is_ok_and(|answer| answer.status() == 200) {
            tokio::task::yield_now().await;
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(LONG, story).await }).unwrap();
    let requests = server.heard.requests.load(Ordering::SeqCst);
    assert!(requests >= REQUESTS_A_LOSS, "no answer was lost of {requests}");
    let sandbox = server.sandbox();
    for exchange in sandbox.log().iter().filter(|exchange| exchange.endpoint() == Endpoint::Token) {
        assert_eq!(exchange.response().status(), 200, "a refresh token was refused");
    }
}

/// 40 tasks whose calls are cancelled after up to 25 ms, a thousand of them; refresh tokens rotate, and of ten answers one is
/// lost: no token is lost with it, and no replay is refused.
#[test]
fn held_a_thousand_cancelled_calls_lose_no_token() {
    survive_cancellations(FEW);
}

/// The same with thousands.
#[test]
#[ignore = "takes minutes: tests/interop/slow/run"]
fn held_thousands_of_cancelled_calls_lose_no_token() {
    survive_cancellations(MANY);
}

fn key() -> StoreKey {
    StoreKey::of_user(&client(), "alice")
}

/// Renews once, by a clock that begins here, and says whether the session then has this token.
fn renew(session: &mut Session, store: &MemoryStore, begun: UnixTime, lifetime: u64, name: &str) -> bool {
    let (mut renewal, mut now, mut answer) = (session.renewal().unwrap(), begun, None);
    // More steps than any renewal needs.
    for _ in 0..2_000 {
        answer = match renewal.step(answer.take(), now).unwrap() {
            RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(store, &key(), now))),
            RenewalStep::Send(_) => {
                Some(RenewalAnswer::Response(json(200, &token(name, lifetime, Some("r")))))
            }
            RenewalStep::Wait(time) => {
                now = now.after(time);
                None
            }
            RenewalStep::Done => {
                session.settle(renewal, now).unwrap();
                return session
                    .credential()
                    .is_some_and(|credential| credential.access_token().expose() == name);
            }
        };
    }
    panic!("the renewal does not end");
}

/// Lifetimes of 0, 1 and as long as a number says, by clocks at both their ends and between: each renewal ends with its
/// token, and what it leaves in a store is read again by any other clock.
#[test]
fn held_lifetimes_and_clocks_at_their_ends_break_no_renewal() {
    let clocks = [0, 1, valetkey_tests::NOW.as_millis(), u64::MAX - 1, u64::MAX].map(UnixTime::from_millis);
    for first in clocks {
        for then in clocks {
            for lifetime in [0, 1, 9_223_372_036_854_775_807, u64::MAX] {
                let store = MemoryStore::new();
                let session = || {
                    let token = RefreshToken::new("r0").unwrap();
                    Session::from_refresh_token(&client(), token).in_store(key()).unwrap()
                };
                let mut one = session();
                assert!(renew(&mut one, &store, first, lifetime, "a1"), "{first:?} {lifetime}");
                // Another process, by another clock: it takes what is there, or gets another.
                let mut other = session();
                let held = renew(&mut other, &store, then, lifetime, "a2");
                let credential = other.credential().unwrap();
                assert!(held || credential.access_token().expose() == "a1", "{first:?} {then:?} {lifetime}");
                let _ = (credential.is_fresh(then), credential.is_valid(first));
            }
        }
    }
}
