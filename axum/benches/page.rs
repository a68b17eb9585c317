//! What it costs a page to know who is logged in: a page of 1 KB behind the extractor [`User`] beside the same page without it.
//!
//! ```sh
//! cargo bench -p valetkey-axum --bench page
//! ```
//!
//! The sessions are in memory, and somebody is logged in. The first row asks over one connection to a server in a thread of this
//! process, so that its CPU time and its instructions are those of both ends; the second asks the router without a network, which shows
//! what the extractor itself costs. Both sides get the same request but for its path. Nothing here is ever asserted.

#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a benchmark reads the clock and prints what it found, and its own inputs are in order"
)]

#[path = "../../core/benches/counted/mod.rs"]
mod counted;
#[path = "page/logged_in.rs"]
mod logged_in;
#[path = "../../adapter-blocking/benches/loopback/turns.rs"]
mod turns;
#[path = "../../core/benches/speed/valgrind.rs"]
mod valgrind;

use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::Html;
use axum::routing::get;
use http::Request;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;
use valetkey_axum::{User, WebLogin};

/// One round of a job, with its inputs.
type Round = Box<dyn FnOnce()>;

/// A page without the extractor and with it. Each prepares a round; what is prepared is not counted.
struct Job {
    name: &'static str,
    floor: fn() -> Round,
    core: fn() -> Round,
    /// The most that ours may cost, as a multiple of the floor.
    bar: &'static str,
}

const JOBS: [Job; 2] = [
    Job {
        name: "a page of 1 KB over kept-alive loopback",
        floor: || over_loopback("/anybody"),
        core: || over_loopback("/user"),
        bar: "1.2 wall",
    },
    Job {
        name: "the same without a network",
        floor: || called("/anybody"),
        core: || called("/user"),
        bar: "",
    },
];

fn main() {
    match valgrind::Run::asked_for() {
        Some(run) => run.play(&JOBS),
        None => turns::table(&JOBS),
    }
}

static PAGE: LazyLock<String> = LazyLock::new(|| format!("<p>{}</p>", "0123456789".repeat(102)));

async fn anybody() -> Html<&'static str> {
    Html(&PAGE)
}

async fn user(user: User) -> Html<&'static str> {
    black_box(&user);
    Html(&PAGE)
}

fn site(login: &WebLogin) -> Router {
    Router::new()
        .route("/anybody", get(anybody))
        .route("/user", get(user))
        .merge(login.router())
        .with_state(login.clone())
}

/// The application, and somebody who is logged in.
struct Site {
    router: Router,
    address: SocketAddr,
    cookie: String,
}

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().expect("a runtime"));

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.set_nonblocking(true).expect("a listener for tasks");
    let address = listener.local_addr().expect("an address");
    let (router, cookie) = RUNTIME.block_on(logged_in::logged_in(&format!("http://{address}"), site));
    let served = router.clone();
    // One thread, which does nothing else: then the least is around what is measured.
    thread::spawn(|| {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, served).await.expect("it serves until the end");
        });
    });
    Site { router, address, cookie }
});

/// The one connection, which is kept alive.
static CONNECTION: LazyLock<Mutex<TcpStream>> = LazyLock::new(|| {
    let stream = TcpStream::connect(SITE.address).expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    Mutex::new(stream)
});

fn over_loopback(path: &'static str) -> Round {
    let site = &*SITE;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\n\r\n", site.address, site.cookie);
    LazyLock::force(&CONNECTION);
    Box::new(move || {
        let mut stream = CONNECTION.lock().unwrap_or_else(PoisonError::into_inner);
        stream.write_all(request.as_bytes()).expect("a request");
        let (mut answer, mut length) = ([0; 4096], 0);
        while !answer[..length].ends_with(b"</p>") {
            length += stream.read(&mut answer[length..]).expect("an answer");
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "the page is answered");
        black_box(answer);
    })
}

fn called(path: &'static str) -> Round {
    let site = &*SITE;
    let request = Request::get(path).header("cookie", &site.cookie).body(Body::empty()).expect("a request");
    let router = site.router.clone();
    Box::new(move || {
        RUNTIME.block_on(async {
            let Ok(answer) = router.oneshot(request).await;
            assert!(answer.status().is_success(), "the page is answered");
            black_box(to_bytes(answer.into_body(), 4096).await.expect("a body"));
        });
    })
}
