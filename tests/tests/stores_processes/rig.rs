//! A sandbox, a place for the session, and the processes that share it.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use serde_json::Value;
use valetkey_blocking::{RefreshToken, Session, Tokens, http_client};
use valetkey_core::Client;
use valetkey_core::store::{Store, StoreKey, StoredBytes};
use valetkey_sandbox::{Dialect, Endpoint, Front, Rights, Rotation, Sandbox};
use valetkey_stores::{FileStore, RedisStore};
use valetkey_tests::processes::registered;

/// A folder that ends with its test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("valetkey-processes-{}-{number}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A Redis of the test's own, which syncs every write, so that it may be killed.
pub(crate) struct Redis {
    port: u16,
    folder: Folder,
    server: Child,
}

impl Redis {
    pub(crate) fn start() -> Self {
        let folder = Folder::new();
        fs::create_dir_all(&folder.0).unwrap();
        // Somebody else may take the port before Redis does; then it ends at once, and another is tried.
        for _ in 0..10 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if let Some(server) = serve(port, &folder.0) {
                return Self { port, folder, server };
            }
        }
        panic!("Redis does not start");
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn kill(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    pub(crate) fn start_again(&mut self) {
        self.server = serve(self.port, &self.folder.0).unwrap();
    }
}

fn serve(port: u16, folder: &Path) -> Option<Child> {
    let port_text = port.to_string();
    let mut server = Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--port", &port_text, "--save", "", "--appendonly", "yes"])
        .args(["--appendfsync", "always", "--dir"])
        .arg(folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is installed");
    for _ in 0..200 {
        if server.try_wait().unwrap().is_some() {
            return None;
        }
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some(server);
        }
        sleep(Duration::from_millis(50));
    }
    server.kill().unwrap();
    None
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The server, and where the session is kept.
pub(crate) struct Rig {
    pub(crate) front: Front,
    pub(crate) place: String,
    pub(crate) store: Box<dyn Store>,
    secret: String,
}

impl Rig {
    /// `lifetime` is that of access tokens, in seconds.
    pub(crate) fn new(place: &str, lifetime: u64, rotation: Rotation) -> Self {
        let mut sandbox = Sandbox::demo([7; 32]);
        sandbox.settings_mut().access_token_lifetime = Duration::from_secs(lifetime);
        sandbox.settings_mut().rotation = rotation;
        sandbox.settings_mut().dialect = Dialect::Standard;
        let secret = sandbox.client_secret("web").unwrap().to_owned();
        let front = Front::start(sandbox).unwrap();
        Self { front, place: place.to_owned(), store: open(place), secret }
    }

    pub(crate) fn client(&self) -> Client {
        registered(self.front.url(), &self.secret)
    }

    pub(crate) fn key(&self, user: &str) -> StoreKey {
        StoreKey::of_user(&self.client(), user)
    }

    /// Logs a person in, and stores the session as the adapter does.
    pub(crate) fn log_in(&self, user: &str) {
        let pushed =
            self.front.sandbox().push_refresh_token("web", "alice", &Rights::of(["global:Profile.View"]));
        let token = RefreshToken::new(pushed.unwrap().refresh_token).unwrap();
        let session = Session::from_refresh_token(&self.client(), token);
        let key = self.key(user);
        let store = match self.place.contains("://") {
            true => Tokens::stored(http_client(), session, key, RedisStore::connect(&self.place).unwrap()),
            false => Tokens::stored(http_client(), session, key, FileStore::open(&self.place).unwrap()),
        };
        store.unwrap().credential().unwrap();
    }

    /// The record as JSON.
    pub(crate) fn record(&self, user: &str) -> Value {
        serde_json::from_slice(self.store.load(&self.key(user)).unwrap().unwrap().bytes.expose()).unwrap()
    }

    /// Lets the stored access token have expired.
    pub(crate) fn expire(&self, user: &str) {
        let key = self.key(user);
        let stored = self.store.load(&key).unwrap().unwrap();
        let mut record: Value = serde_json::from_slice(stored.bytes.expose()).unwrap();
        record["issued_at"] = 1_000.into();
        record["expires_at"] = 2_000.into();
        let record = StoredBytes::new(serde_json::to_vec(&record).unwrap());
        self.store.replace(&key, Some(&stored.version), Some(&record.into())).unwrap().written().unwrap();
    }

    /// Token requests so far: the refresh token that was sent, and the one that was given for it.
    pub(crate) fn token_requests(&self) -> Vec<(String, Option<String>)> {
        let sandbox = self.front.sandbox();
        let asked = sandbox.log().iter().filter(|exchange| exchange.endpoint() == Endpoint::Token);
        asked
            .map(|exchange| {
                let body: Value = serde_json::from_slice(exchange.response().body()).unwrap();
                let given = body["refresh_token"].as_str().map(str::to_owned);
                (exchange.parameter("refresh_token").unwrap(), given)
            })
            .collect()
    }

    /// Starts a process. It does nothing until it is told to.
    pub(crate) fn worker(&self, user: &str, more: &[&str]) -> Worker {
        let mut process = Command::new(env!("CARGO_BIN_EXE_worker"))
            .args(["--server", self.front.url(), "--secret", &self.secret])
            .args(["--store", &self.place, "--user", user])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, outcomes) = channel();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = said.send((Instant::now(), line));
            }
        });
        Worker { process, outcomes }
    }
}

fn open(place: &str) -> Box<dyn Store> {
    match place.contains("://") {
        true => Box::new(RedisStore::connect(place).unwrap()),
        false => Box::new(FileStore::open(place).unwrap()),
    }
}

/// A process, and what its tasks came to.
pub(crate) struct Worker {
    process: Child,
    pub(crate) outcomes: Receiver<(Instant, String)>,
}

impl Worker {
    pub(crate) fn go(&mut self) {
        self.process.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    }

    /// SIGKILL: nothing of it runs any more.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Waits for its end, and says what its tasks came to.
    pub(crate) fn outcomes(&mut self) -> Vec<String> {
        let outcomes = self.outcomes.iter().map(|(_, outcome)| outcome).collect();
        self.process.wait().unwrap();
        outcomes
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
