//! A real server on a loopback port: [`Front`].

use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::{Router, extract};
use http::StatusCode;
use http::header::HOST;
use tokio::sync::oneshot;
use tokio::time::timeout;
use valetkey_core::{Request, Response, UnixTime};

use super::background::{Background, loopback};
use crate::ground::answer;
use crate::{CERTIFICATE_THUMBPRINT, Dialect, Sandbox};

/// What is read of a request's body, in bytes: as much as the sandbox itself would take.
const MAX_BODY: usize = 64 * 1024;

/// How long a stopping server waits for the answers that are on their way.
const FAREWELL: Duration = Duration::from_secs(1);

/// A sandbox that answers over HTTP on a loopback port, from a thread of its own.
///
/// The port is whichever is free. Dropping the front stops the server and joins the thread, after a second at most.
///
/// It answers to its own names only, `127.0.0.1`, `localhost` and `[::1]` with its port, and to any other `Host` with
/// 421: a web page whose name an attacker made to resolve to this computer (DNS rebinding) would else read, from anywhere,
/// what the sandbox says.
pub struct Front {
    url: String,
    sandbox: Arc<Mutex<Sandbox>>,
    _server: Background,
}

impl Front {
    /// Starts answering, by the computer's clock.
    ///
    /// # Errors
    ///
    /// The operating system's, if it gives no port or no thread.
    pub fn start(sandbox: Sandbox) -> io::Result<Self> {
        Self::start_with_clock(sandbox, system_time)
    }

    /// Starts answering, by a clock of the caller's, which is asked once for every request.
    ///
    /// # Errors
    ///
    /// The operating system's, if it gives no port or no thread.
    pub fn start_with_clock(
        sandbox: Sandbox,
        clock: impl Fn() -> UnixTime + Send + Sync + 'static,
    ) -> io::Result<Self> {
        Self::answering(loopback(0)?, sandbox, clock)
    }

    /// Starts answering on this port, by the computer's clock; 0 is any that is free.
    ///
    /// # Errors
    ///
    /// The operating system's, if the port is taken or it gives no thread.
    pub fn start_on(port: u16, sandbox: Sandbox) -> io::Result<Self> {
        Self::answering(loopback(port)?, sandbox, system_time)
    }

    fn answering(
        (listener, url): (TcpListener, String),
        sandbox: Sandbox,
        clock: impl Fn() -> UnixTime + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let sandbox = Arc::new(Mutex::new(sandbox));
        let names = Names::of(listener.local_addr()?.port());
        let server = serve(listener, names, Arc::clone(&sandbox), Arc::new(clock))?;
        Ok(Self { url, sandbox, _server: server })
    }

    /// The service URL, `http://127.0.0.1:PORT`, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Speaks [`Dialect::Standard`] from now on, with this address as its issuer.
    pub fn publish(&self) {
        let mut sandbox = self.sandbox();
        let settings = sandbox.settings_mut();
        settings.dialect = Dialect::Standard;
        settings.issuer = Some(self.url.clone());
    }

    /// The sandbox, for another front of the same.
    #[cfg(feature = "stage")]
    pub(crate) fn shared(&self) -> Arc<Mutex<Sandbox>> {
        Arc::clone(&self.sandbox)
    }

    /// The sandbox, for switches and the log. No request is answered while the guard is held.
    pub fn sandbox(&self) -> MutexGuard<'_, Sandbox> {
        lock(&self.sandbox)
    }
}

/// The address and the sandbox's own outline.
impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front").field("url", &self.url).field("sandbox", &*self.sandbox()).finish()
    }
}

type Clock = Arc<dyn Fn() -> UnixTime + Send + Sync>;

/// What a front is called, with its port.
#[derive(Clone)]
struct Names(Arc<[String; 3]>);

impl Names {
    fn of(port: u16) -> Self {
        Self(Arc::new(["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}"))))
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether the request is for one of them: by its one `Host`, and by its target where that names a host.
    fn are_meant(&self, request: &extract::Request) -> bool {
        let mut hosts = request.headers().get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        host.to_str().is_ok_and(|host| self.has(host))
            && request.uri().authority().is_none_or(|authority| self.has(authority.as_str()))
    }
}

fn serve(
    listener: TcpListener,
    names: Names,
    sandbox: Arc<Mutex<Sandbox>>,
    clock: Clock,
) -> io::Result<Background> {
    let router = Router::new().fallback(move |request: extract::Request| {
        let (sandbox, clock) = (Arc::clone(&sandbox), Arc::clone(&clock));
        let is_meant = names.are_meant(&request);
        async move {
            let response = if is_meant { reply(request, &sandbox, &clock).await } else { misdirected() };
            response.map(Body::from)
        }
    });
    Background::start(listener, move |listener, stopped| async move {
        let (finish, finishing) = oneshot::channel::<()>();
        let server = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = finishing.await;
        });
        let server = tokio::spawn(async move { server.await });
        let _ = stopped.await;
        let _ = finish.send(());
        let _ = timeout(FAREWELL, server).await;
    })
}

/// Nothing of the sandbox is in it, nor is the request in its log.
fn misdirected() -> Response {
    let what = "This server answers to its own address on this computer only";
    answer::error(StatusCode::MISDIRECTED_REQUEST, "misdirected-request", what)
}

async fn reply(request: extract::Request, sandbox: &Mutex<Sandbox>, clock: &Clock) -> Response {
    match whole(request).await {
        Ok(request) => lock(sandbox).answer(&request, clock()),
        Err(response) => *response,
    }
}

/// A request with its body, or the answer to one that is too large. Nobody says by a header which certificate was shown.
pub(crate) async fn whole(request: extract::Request) -> Result<Request, Box<Response>> {
    let (mut head, body) = request.into_parts();
    head.headers.remove(CERTIFICATE_THUMBPRINT);
    match to_bytes(body, MAX_BODY).await {
        Ok(body) => Ok(http::Request::from_parts(head, body.to_vec())),
        Err(_) => {
            let what = "The request is too large";
            Err(Box::new(answer::error(StatusCode::PAYLOAD_TOO_LARGE, "payload-too-large", what)))
        }
    }
}

/// A test that panicked while it held the guard does not take the server with it.
pub(crate) fn lock(sandbox: &Mutex<Sandbox>) -> MutexGuard<'_, Sandbox> {
    sandbox.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::disallowed_methods, reason = "the front stands for the world, which has a clock")]
pub(crate) fn system_time() -> UnixTime {
    std::time::SystemTime::now().into()
}
