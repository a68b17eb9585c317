//! What the tests and programs of many processes agree on: a client, a folder and a Redis of their own.

#![expect(clippy::disallowed_methods, reason = "processes live in real time and on a real disk")]

mod places;

use std::io::{Error, Result};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;
use std::{env, fs};

use valetkey_core::jose::Algorithm;
use valetkey_core::{AuthorizationServer, Client, ClientSecret, Quirk};

pub use places::{async_redis_at, redis_at};

/// The sandbox's client `web`, at the sandbox of this URL.
#[must_use]
pub fn registered(url: &str, secret: &str) -> Client {
    let server = AuthorizationServer::new()
        .admit(Quirk::LoopbackHttp)
        .token_endpoint(&format!("{url}/oauth/token"))
        .unwrap();
    Client::new(server, "web").secret(ClientSecret::new(secret).unwrap()).unwrap().api(url).unwrap()
}

/// The same client at a sandbox that publishes itself, which says who logs in: by tokens that the client's secret signs.
#[must_use]
pub fn web(url: &str, secret: &str) -> Client {
    let server = AuthorizationServer::new()
        .admit(Quirk::LoopbackHttp)
        .issuer(url)
        .and_then(|server| server.authorization_endpoint(&format!("{url}/oauth/auth")))
        .and_then(|server| server.token_endpoint(&format!("{url}/oauth/token")))
        .unwrap();
    let client = Client::new(server, "web").secret(ClientSecret::new(secret).unwrap()).unwrap();
    client.api(url).and_then(|client| client.id_token_algorithm(Algorithm::Hs256)).unwrap()
}

/// A folder that ends with its test.
pub struct Folder(PathBuf);

impl Folder {
    /// A name for one; whoever writes into it makes it.
    #[must_use]
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(env::temp_dir().join(format!("valetkey-processes-{}-{number}", std::process::id())))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A Redis of the test's own, on a port that is free, which ends with it.
pub struct Redis {
    port: u16,
    folder: Folder,
    /// Whether it syncs every write, so that it may be killed.
    is_durable: bool,
    server: Child,
}

impl Redis {
    /// One that syncs every write, so that it may be killed.
    ///
    /// # Errors
    ///
    /// The operating system's, if there is no `redis-server` or it does not start.
    pub fn durable() -> Result<Self> {
        Self::of(true)
    }

    /// One that keeps all in memory.
    ///
    /// # Errors
    ///
    /// As for [`durable`](Self::durable).
    pub fn in_memory() -> Result<Self> {
        Self::of(false)
    }

    fn of(is_durable: bool) -> Result<Self> {
        let folder = Folder::new();
        fs::create_dir_all(folder.path())?;
        // Somebody else may take the port before Redis does; then it ends at once, and another is tried.
        for _ in 0..10 {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            if let Some(server) = serve(port, folder.path(), is_durable)? {
                return Ok(Self { port, folder, is_durable, server });
            }
        }
        Err(Error::other("redis-server ends as soon as it is started"))
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it, as a failing computer would.
    ///
    /// # Panics
    ///
    /// If it cannot be killed.
    pub fn kill(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    /// Stops it where it is, as a computer would that is too busy: its connections stay, and nothing answers. Needs `kill`.
    ///
    /// # Panics
    ///
    /// If it cannot be stopped.
    pub fn stall(&self) {
        signal("-STOP", &self.server);
    }

    /// Lets it go on.
    ///
    /// # Panics
    ///
    /// If it cannot be told to.
    pub fn go_on(&self) {
        signal("-CONT", &self.server);
    }

    /// Starts it again, with what it had synced.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn start_again(&mut self) {
        let server = serve(self.port, self.folder.path(), self.is_durable).unwrap();
        self.server = server.expect("its port is still free");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Sends a process a signal, as `-STOP`. Needs `kill`.
///
/// # Panics
///
/// If it cannot be sent.
pub fn signal(signal: &str, process: &Child) {
    let sent = Command::new("kill").args([signal, &process.id().to_string()]).status().unwrap();
    assert!(sent.success(), "kill {signal}");
}

fn serve(port: u16, folder: &Path, is_durable: bool) -> Result<Option<Child>> {
    let mut server = Command::new("redis-server");
    server.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--dir"]).arg(folder);
    if is_durable {
        server.args(["--appendonly", "yes", "--appendfsync", "always"]);
    }
    let started = server.stdout(Stdio::null()).spawn();
    let mut server =
        started.map_err(|error| Error::new(error.kind(), format!("redis-server does not start: {error}")))?;
    for _ in 0..200 {
        if server.try_wait()?.is_some() {
            return Ok(None);
        }
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(Some(server));
        }
        sleep(Duration::from_millis(50));
    }
    server.kill()?;
    server.wait()?;
    Ok(None)
}
