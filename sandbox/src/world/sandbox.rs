//! The sandbox itself: an organisation, its authorization server and its API, as one value. What it answers, the
//! endpoints say.

use std::collections::BTreeMap;
use std::fmt;

use http::Uri;
use serde_json::Value;
use valetkey_core::UnixTime;

use super::ledger::{AccessToken, Grant, Ledger};
use super::served::Served;
use super::server_keys::ServerKeys;
use super::waiting::{Device, Pushed, Ticket};
use crate::ground::bounded::Bounded;
use crate::ground::keys::SigningKey;
use crate::ground::random::Random;
use crate::wrong::failure::Failure;
use crate::wrong::misbehaviour::Misbehaviours;
use crate::{Application, Created, Endpoint, LogEntry, Rights, Settings, Subject, User};

/// An authorization server with an API behind it, without any I/O: [`answer`](Self::answer) takes a request and the
/// time and gives the response. Everything random comes from the seed, so the same requests get the same answers.
pub struct Sandbox {
    pub(crate) settings: Settings,
    pub(crate) random: Random,
    pub(crate) keys: ServerKeys,
    pub(crate) users: Vec<User>,
    pub(crate) applications: Vec<Application>,
    pub(crate) projects: Vec<String>,
    pub(crate) channels: Vec<String>,
    /// What the API serves beside its own resources.
    pub(crate) served: Vec<Served>,
    /// Who the person's browser is logged in as.
    pub(crate) signed_in: Option<String>,
    pub(crate) tickets: Bounded<Ticket>,
    pub(crate) pushed: Bounded<Pushed>,
    /// The keys of issuers whose assertions are trusted.
    pub(crate) trusted: BTreeMap<String, Vec<Value>>,
    /// The assertions that were used.
    pub(crate) assertions: Bounded<()>,
    /// The proofs of possession that were used.
    pub(crate) proofs: Bounded<()>,
    /// By device code.
    pub(crate) devices: Bounded<Device>,
    pub(crate) ledger: Ledger,
    pub(crate) created: Vec<Created>,
    pub(crate) created_count: u64,
    pub(crate) log: Vec<LogEntry>,
    pub(crate) misbehaviours: Misbehaviours,
    pub(crate) failures: Vec<(Endpoint, Failure)>,
}

impl Sandbox {
    /// An empty organisation. The seed decides every code, token and secret that the sandbox will make up.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self {
            settings: Settings::default(),
            keys: ServerKeys::default(),
            random: Random::from_seed(seed),
            users: Vec::new(),
            applications: Vec::new(),
            projects: Vec::new(),
            channels: Vec::new(),
            served: Vec::new(),
            signed_in: None,
            tickets: Bounded::new(),
            pushed: Bounded::new(),
            trusted: BTreeMap::new(),
            assertions: Bounded::new(),
            proofs: Bounded::new(),
            devices: Bounded::new(),
            ledger: Ledger::new(),
            created: Vec::new(),
            created_count: 0,
            log: Vec::new(),
            misbehaviours: Misbehaviours::default(),
            failures: Vec::new(),
        }
    }

    /// What was asked and answered, the oldest first.
    #[must_use]
    pub fn log(&self) -> &[LogEntry] {
        &self.log
    }

    /// The messages and issues that were made over the API, the oldest first.
    #[must_use]
    pub fn created(&self) -> &[Created] {
        &self.created
    }

    /// How the server behaves.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Changes how the server behaves, from the next request on.
    pub const fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// Adds a user, in place of one of the same username.
    pub fn add_user(&mut self, user: User) {
        self.users.retain(|known| known.username != user.username);
        self.users.push(user);
    }

    /// Registers an application, in place of one of the same client id.
    pub fn add_application(&mut self, application: Application) {
        self.applications.retain(|known| known.client_id != application.client_id);
        self.applications.push(application);
    }

    /// Adds a project, in which issues can be made, by its key.
    pub fn add_project(&mut self, key: &str) {
        self.projects.push(key.to_owned());
    }

    /// Adds a chat channel by its id.
    pub fn add_channel(&mut self, id: &str) {
        self.channels.push(id.to_owned());
    }

    /// Has the API serve this document: a GET of the URL's path is answered with it, if the access token is good and covers
    /// this right. The whole URL, which has no query, is what proofs of possession and resource indicators must name.
    /// A request that names its host gets it from the URL's host alone. It takes the place of what was served at the same URL.
    pub fn serve(&mut self, url: &str, right: &str, document: Value) {
        let served = Served { url: url.to_owned(), right: right.to_owned(), document };
        self.served.retain(|known| known.url != served.url);
        self.served.insert(0, served);
    }

    /// Issues a permanent token: it never expires, and can be revoked. It carries the subject's name and rights,
    /// not more than the subject has at the time of each request.
    pub fn permanent_token(&mut self, subject: Subject, scope: Rights) -> String {
        self.permanent(subject, scope, None)
    }

    /// Issues a permanent token with the expiry date that Space lets its maker choose.
    pub fn permanent_token_until(&mut self, subject: Subject, scope: Rights, expires: UnixTime) -> String {
        self.permanent(subject, scope, Some(expires))
    }

    fn permanent(&mut self, subject: Subject, scope: Rights, expires: Option<UnixTime>) -> String {
        let token = self.random.draw("permanent");
        let client_id = match &subject {
            Subject::Application(client_id) => Some(client_id.clone()),
            Subject::User(_) => None,
        };
        let family = self.random.draw("family");
        let grant = Grant { authenticated: true, ..Grant::new(client_id, subject, scope, family) };
        let record = AccessToken { grant, issued: None, expires };
        self.ledger.permanent_tokens.insert(token.clone(), record);
        token
    }

    /// The id of a user in the API's answers; every name has one.
    #[must_use]
    pub fn user_id(&self, username: &str) -> String {
        self.random.named(&format!("user {username}")).chars().take(12).collect()
    }

    /// Signs with other keys from now on; the old ones leave the key set.
    pub fn rotate_keys(&mut self) {
        self.keys.rotate();
    }

    /// Signs with other keys from now on, which have the names of the old ones: no server should.
    pub fn replace_keys(&mut self) {
        self.keys.replace(&self.random);
    }

    /// The key that the server signs with.
    pub(crate) fn key(&self) -> &SigningKey {
        self.keys.current(&self.random, self.settings.signing_algorithm)
    }

    /// What is served at a URI.
    pub(crate) fn served(&self, uri: &Uri) -> Option<&Served> {
        self.served.iter().find(|served| served.is_at(uri))
    }

    pub(crate) fn application(&self, client_id: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.client_id == client_id)
    }

    pub(crate) fn user(&self, username: &str) -> Option<&User> {
        self.users.iter().find(|user| user.username == username)
    }
}

/// How much there is of everything, and no secret.
impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("settings", &self.settings)
            .field("users", &self.users.len())
            .field("applications", &self.applications.len())
            .field("access_tokens", &self.ledger.access_tokens.len())
            .field("refresh_tokens", &self.ledger.refresh_tokens.len())
            .field("log", &self.log.len())
            .finish_non_exhaustive()
    }
}
