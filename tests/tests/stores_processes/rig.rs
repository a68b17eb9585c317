//! A sandbox, a place for the session, and the processes that share it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use valetkey_blocking::{RefreshToken, Session, Sessions, Tokens, entropy, http_client, now, run};
use valetkey_core::jose::{Algorithm, JwtSigner, KeyPair};
use valetkey_core::store::{Store, StoreKey, StoredBytes};
use valetkey_core::{AuthorizationRequest, AuthorizationResponse, Client};
use valetkey_sandbox::{
    Application, DEMO_USERS, Dialect, Endpoint, FlowKind, Front, Person, Rights, Rotation, Sandbox,
};
use valetkey_stores::FileStore;
use valetkey_tests::processes::{redis_at, registered, web};

const CALLBACK: &str = "https://app.example/callback";

/// The server, and where the session is kept.
pub(crate) struct Rig {
    pub(crate) front: Front,
    pub(crate) place: String,
    pub(crate) store: Box<dyn Store>,
    secret: String,
    /// Whether people log in by OpenID Connect.
    is_web: bool,
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
        Self { front, place: place.to_owned(), store: open(place), secret, is_web: false }
    }

    /// The same for a web application, whose server says who logged in, and who has logged out.
    pub(crate) fn web(place: &str, lifetime: u64, rotation: Rotation) -> Self {
        let rig = Self { is_web: true, ..Self::new(place, lifetime, rotation) };
        rig.front.publish();
        let web = Application::confidential("web", &rig.secret)
            .flow(FlowKind::AuthorizationCode)
            .redirect_uri(CALLBACK)
            .may_request(Rights::All)
            .id_tokens_by_secret();
        rig.front.sandbox().add_application(web);
        rig
    }

    pub(crate) fn client(&self) -> Client {
        let client = if self.is_web { web } else { registered };
        client(self.front.url(), &self.secret)
    }

    /// Logs Alice in by her browser, under this session's name. Returns her login at the server, `sub` and `sid`.
    pub(crate) fn log_in_by_browser(&self, session: &str) -> [String; 2] {
        let client = self.client();
        let request = AuthorizationRequest::new(&client, CALLBACK).unwrap();
        let request = request.scope("global:Profile.View openid").unwrap();
        let (url, mut pending) = request.begin_unbound(entropy().unwrap(), now()).unwrap();
        let [(name, password), _] = DEMO_USERS;
        let arrival = self.front.sandbox().visit(url.as_str(), &Person::new(name, password), now()).unwrap();
        let response = AuthorizationResponse::from_url(arrival.url().unwrap()).unwrap();
        let tokens = run(&http_client(), pending.finish(&client, &response, now()).unwrap()).unwrap();
        let sessions = match self.place.contains("://") {
            true => Sessions::new(http_client(), &client, redis_at(&self.place).unwrap()),
            false => Sessions::new(http_client(), &client, FileStore::open(&self.place).unwrap()),
        };
        sessions.login(session, &tokens).unwrap();
        let login = tokens.login().unwrap();
        [login.identity().subject(), login.session_id().unwrap()].map(str::to_owned)
    }

    /// What the server posts when this login ends there.
    pub(crate) fn logout_token(&self, [sub, sid]: &[String; 2]) -> String {
        let time = now().as_secs();
        let claims = json!({
            "iss": self.front.url(), "aud": "web", "iat": time, "exp": time + 120, "jti": format!("of {sid}"),
            "sub": sub, "sid": sid,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        let key = KeyPair::from_secret(Algorithm::Hs256, self.secret.as_bytes()).unwrap();
        let signer = JwtSigner::new(Arc::new(key), Some("logout+jwt"));
        signer.write(&claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned()
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
            true => Tokens::stored(http_client(), session, key, redis_at(&self.place).unwrap()),
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
            // The code of a login is none.
            .filter_map(|exchange| {
                let sent = exchange.parameter("refresh_token")?;
                let body: Value = serde_json::from_slice(exchange.response().body()).unwrap();
                Some((sent, body["refresh_token"].as_str().map(str::to_owned)))
            })
            .collect()
    }

    /// Starts a process. It does nothing until it is told to.
    pub(crate) fn worker(&self, user: &str, more: &[&str]) -> Worker {
        self.start(Command::new(env!("CARGO_BIN_EXE_worker")), user, more)
    }

    /// The same for one that cannot write into any file, as on a disk that is full. Needs `bash`.
    pub(crate) fn cramped_worker(&self, user: &str) -> Worker {
        // Ignored, or it would be killed by a signal instead.
        let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"";
        let mut bash = Command::new("bash");
        bash.args(["-c", script, env!("CARGO_BIN_EXE_worker")]);
        self.start(bash, user, &[])
    }

    fn start(&self, mut command: Command, user: &str, more: &[&str]) -> Worker {
        let mut process = command
            .args(["--server", self.front.url(), "--secret", &self.secret])
            .args(["--store", &self.place, "--user", user])
            .args(self.is_web.then_some("--web"))
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
        true => Box::new(redis_at(place).unwrap()),
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
