//! The sandbox itself: an organisation, its authorization server and its API, as one value.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use http::{Method, StatusCode};
use serde_json::Value;
use valetkey_core::{Request, Response, UnixTime};

use crate::authorization::Ticket;
use crate::bounded::Bounded;
use crate::device::Device;
use crate::failure::Failure;
use crate::keys::{SigningKey, SigningKeys};
use crate::ledger::{AccessToken, Grant, Ledger};
use crate::misbehaviour::Misbehaviours;
use crate::pushed::Pushed;
use crate::random::Random;
use crate::{Application, Created, Exchange, Rights, Settings, Subject, User, answer};

/// An authorization server with an API behind it, without any I/O: [`answer`](Self::answer) takes a request and the
/// time and gives the response. Everything random comes from the seed, so the same requests get the same answers.
pub struct Sandbox {
    pub(crate) settings: Settings,
    pub(crate) random: Random,
    /// Made when they are first needed: that takes longer than most tests.
    keys: OnceLock<SigningKeys>,
    keys_before: u64,
    pub(crate) users: Vec<User>,
    pub(crate) applications: Vec<Application>,
    pub(crate) projects: Vec<String>,
    pub(crate) channels: Vec<String>,
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
    pub(crate) log: Vec<Exchange>,
    pub(crate) misbehaviours: Misbehaviours,
    pub(crate) failures: Vec<(Endpoint, Failure)>,
}

/// A part of the sandbox that answers requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/oauth/auth`, where a person decides.
    Authorization,
    /// `/oauth/token`.
    Token,
    /// Everything under `/api/http/`.
    Api,
    /// `/oauth/jwks.json`, the server's public keys.
    Jwks,
    /// The authorization server's metadata (RFC 8414), under `/.well-known/`.
    Metadata,
    /// The API's metadata (RFC 9728), under `/.well-known/oauth-protected-resource`.
    ResourceMetadata,
    /// `/oauth/par` (RFC 9126).
    PushedAuthorization,
    /// `/oauth/device_authorization` (RFC 8628).
    DeviceAuthorization,
    /// `/oauth/introspect` (RFC 7662).
    Introspection,
    /// `/oauth/revoke` (RFC 7009).
    Revocation,
    /// Every path where there is nothing.
    Other,
}

/// The largest request body, in bytes, and the longest path with query.
const MAX_BODY: usize = 64 * 1024;
const MAX_TARGET: usize = 16 * 1024;

/// How many exchanges the log keeps; when it is full, its older half goes.
const MAX_LOG: usize = 2_000;

impl Sandbox {
    /// An empty organisation. The seed decides every code, token and secret that the sandbox will make up.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self {
            settings: Settings::default(),
            keys: OnceLock::new(),
            keys_before: 0,
            random: Random::from_seed(seed),
            users: Vec::new(),
            applications: Vec::new(),
            projects: Vec::new(),
            channels: Vec::new(),
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

    /// Answers a request at a time. Total: whatever comes, there is an answer, and what is kept of it is bounded.
    ///
    /// Only the method, the path, the query, the headers and the body count; scheme and host may be any, or absent.
    pub fn answer(&mut self, request: &Request, now: UnixTime) -> Response {
        let endpoint = self.endpoint(request.uri().path());
        let mut response = match self.due_failure(endpoint) {
            Some(failure) => failure.response(),
            None => self.behaved(endpoint, request, now),
        };
        self.offer_nonce(endpoint, request, &mut response, now);
        let keys = || self.keys.get_or_init(|| SigningKeys::from_random(&self.random, self.keys_before));
        let key = || keys().by(self.settings.signing_algorithm);
        self.misbehaviours.spoil(endpoint, request, &mut response, &key);
        if self.log.len() >= MAX_LOG {
            self.log.drain(..MAX_LOG / 2);
        }
        self.log.push(Exchange::new(now, endpoint, request, &response));
        response
    }

    fn behaved(&mut self, endpoint: Endpoint, request: &Request, now: UnixTime) -> Response {
        let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
        if request.body().len() > MAX_BODY || target > MAX_TARGET {
            return answer::error(
                StatusCode::PAYLOAD_TOO_LARGE,
                "payload-too-large",
                "The request is too large",
            );
        }
        let path = request.uri().path();
        match endpoint {
            Endpoint::Authorization => self.authorization_endpoint(request, now),
            Endpoint::Token => self.token_endpoint(request, now),
            Endpoint::Api => self.api(request, path.strip_prefix("/api/http/").unwrap_or_default(), now),
            Endpoint::Jwks | Endpoint::Metadata | Endpoint::ResourceMetadata
                if request.method() != Method::GET =>
            {
                answer::error(StatusCode::METHOD_NOT_ALLOWED, "request-error", "Only GET is answered here")
            }
            Endpoint::Jwks => answer::json(StatusCode::OK, &self.keys().jwks()),
            Endpoint::DeviceAuthorization => self.device_authorization_endpoint(request, now),
            Endpoint::PushedAuthorization => self.pushed_authorization_endpoint(request, now),
            Endpoint::Introspection => self.introspection_endpoint(request, now),
            Endpoint::Revocation => self.revocation_endpoint(request, now),
            Endpoint::Metadata => self.metadata(),
            Endpoint::ResourceMetadata => self.resource_metadata(path),
            Endpoint::Other => answer::error(StatusCode::NOT_FOUND, "not-found", "There is nothing here"),
        }
    }

    fn endpoint(&self, path: &str) -> Endpoint {
        let dialect = self.settings.dialect;
        match path {
            _ if path == dialect.authorization_path() => Endpoint::Authorization,
            _ if path == dialect.token_path() => Endpoint::Token,
            _ if path.starts_with("/api/http/") => Endpoint::Api,
            "/oauth/jwks.json" => Endpoint::Jwks,
            _ if self.settings.modern() => self.modern_endpoint(path),
            _ => Endpoint::Other,
        }
    }

    /// What was asked and answered, the oldest first.
    #[must_use]
    pub fn log(&self) -> &[Exchange] {
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
        self.keys_before = self.keys_before.wrapping_add(1);
        self.keys = OnceLock::new();
    }

    /// The key that the server signs with.
    pub(crate) fn key(&self) -> &SigningKey {
        self.keys().by(self.settings.signing_algorithm)
    }

    fn keys(&self) -> &SigningKeys {
        self.keys.get_or_init(|| SigningKeys::from_random(&self.random, self.keys_before))
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
