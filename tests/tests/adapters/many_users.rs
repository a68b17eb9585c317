//! The sessions of many users: a login, calls on behalf of each, and a log-out that is one for all processes.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use valetkey_core::authorize::ResponseMode;
use valetkey_core::logout::BackChannel;
use valetkey_core::session::Ended;
use valetkey_core::store::{Index, MemoryStore, Store as _, StoreKey};
use valetkey_core::{
    AuthorizationRequest, BrowserUrl, Client, Discovery, Error as CoreError, Quirk, Request, TokenResponse,
    host,
};
use valetkey_sandbox::{Endpoint, Front, Person, Sandbox};

use crate::face::{Adapter, Async, Blocking, Failed};
use crate::for_both;
use crate::wire::say;
use valetkey_tests::get;

const PATIENCE: Duration = Duration::from_secs(20);
const SCOPE: &str = "global:Profile.View";

/// The subject, and the session of the server.
type Who = (Option<String>, Option<String>);

/// What the tests need of an adapter beyond the others.
pub(crate) trait Doors: Adapter {
    type Sessions;

    fn log_in(
        &self,
        request_at: impl FnOnce(String) -> Result<AuthorizationRequest, CoreError>,
        show: impl FnOnce(&BrowserUrl),
    ) -> Result<TokenResponse, Failed>;
    fn sessions(&self, client: &Client, store: Arc<MemoryStore>) -> Self::Sessions;
    /// The same, kept for this long after their last use.
    fn kept_for(&self, sessions: Self::Sessions, time: Duration) -> Self::Sessions;
    fn login(&self, sessions: &Self::Sessions, user: &str, tokens: &TokenResponse) -> Result<(), Failed>;
    fn login_indexed(
        &self,
        sessions: &Self::Sessions,
        user: &str,
        tokens: &TokenResponse,
        index: &Index,
    ) -> Result<(), Failed>;
    fn token_of(&self, sessions: &Self::Sessions, user: &str) -> Result<String, Failed>;
    fn status_for(&self, sessions: &Self::Sessions, user: &str, url: &str) -> Result<u16, Failed>;
    fn logout(&self, sessions: &Self::Sessions, user: &str) -> Result<Ended, Failed>;
    /// Who it is, and at which session of the server.
    fn logged_in(&self, sessions: &Self::Sessions, user: &str) -> Result<Option<Who>, Failed>;
    /// Of the tokens that are handed out for who is logged in.
    fn held_subject(&self, sessions: &Self::Sessions, user: &str) -> Result<Option<String>, Failed>;
    /// What the server is answered, and how many sessions have ended.
    fn receive_logout(
        &self,
        sessions: &Self::Sessions,
        receiver: &BackChannel,
        request: &Request,
    ) -> (u16, Result<usize, Failed>);
}

fn token(credential: Result<valetkey_core::session::Credential, host::Error>) -> Result<String, Failed> {
    Ok(credential?.access_token().expose().to_owned())
}

impl Doors for Blocking {
    type Sessions = valetkey_blocking::Sessions;

    fn log_in(
        &self,
        request_at: impl FnOnce(String) -> Result<AuthorizationRequest, CoreError>,
        show: impl FnOnce(&BrowserUrl),
    ) -> Result<TokenResponse, Failed> {
        Ok(valetkey_blocking::log_in(&self.0, request_at, show, PATIENCE)?)
    }

    fn sessions(&self, client: &Client, store: Arc<MemoryStore>) -> Self::Sessions {
        valetkey_blocking::Sessions::new(self.0.clone(), client, store)
    }

    fn kept_for(&self, sessions: Self::Sessions, time: Duration) -> Self::Sessions {
        sessions.with_lifetime(time)
    }

    fn login(&self, sessions: &Self::Sessions, user: &str, tokens: &TokenResponse) -> Result<(), Failed> {
        sessions.login(user, tokens)?;
        Ok(())
    }

    fn login_indexed(
        &self,
        sessions: &Self::Sessions,
        user: &str,
        tokens: &TokenResponse,
        index: &Index,
    ) -> Result<(), Failed> {
        sessions.login_indexed(user, tokens, [index.clone()])?;
        Ok(())
    }

    fn token_of(&self, sessions: &Self::Sessions, user: &str) -> Result<String, Failed> {
        token(sessions.of(user)?.credential())
    }

    fn status_for(&self, sessions: &Self::Sessions, user: &str, url: &str) -> Result<u16, Failed> {
        Ok(sessions.api(user)?.get(url)?.status().as_u16())
    }

    fn logout(&self, sessions: &Self::Sessions, user: &str) -> Result<Ended, Failed> {
        Ok(sessions.logout(user)?)
    }

    fn logged_in(&self, sessions: &Self::Sessions, user: &str) -> Result<Option<Who>, Failed> {
        let who = sessions.logged_in(user)?;
        Ok(who.map(|who| {
            (who.identity().map(|who| who.subject().to_owned()), who.session_id().map(str::to_owned))
        }))
    }

    fn held_subject(&self, sessions: &Self::Sessions, user: &str) -> Result<Option<String>, Failed> {
        let Some(who) = sessions.logged_in(user)? else { return Ok(None) };
        // They expired long ago, and nothing renews them: what counts is whose the session is, once it was asked.
        let _ = who.tokens().credential();
        Ok(who.api().look(|session| session.identity().map(|who| who.subject().to_owned())))
    }

    fn receive_logout(
        &self,
        sessions: &Self::Sessions,
        receiver: &BackChannel,
        request: &Request,
    ) -> (u16, Result<usize, Failed>) {
        let (answer, came) = sessions.receive_logout(receiver, request);
        (answer.status().as_u16(), came.map(|came| came.ended).map_err(Failed::from))
    }
}

impl Doors for Async {
    type Sessions = valetkey_async::Sessions;

    fn log_in(
        &self,
        request_at: impl FnOnce(String) -> Result<AuthorizationRequest, CoreError>,
        show: impl FnOnce(&BrowserUrl),
    ) -> Result<TokenResponse, Failed> {
        Ok(self.runtime.block_on(valetkey_async::log_in(&self.client, request_at, show, PATIENCE))?)
    }

    fn sessions(&self, client: &Client, store: Arc<MemoryStore>) -> Self::Sessions {
        valetkey_async::Sessions::new(self.client.clone(), client, store)
    }

    fn kept_for(&self, sessions: Self::Sessions, time: Duration) -> Self::Sessions {
        sessions.with_lifetime(time)
    }

    fn login(&self, sessions: &Self::Sessions, user: &str, tokens: &TokenResponse) -> Result<(), Failed> {
        self.runtime.block_on(sessions.login(user, tokens))?;
        Ok(())
    }

    fn login_indexed(
        &self,
        sessions: &Self::Sessions,
        user: &str,
        tokens: &TokenResponse,
        index: &Index,
    ) -> Result<(), Failed> {
        self.runtime.block_on(sessions.login_indexed(user, tokens, [index.clone()]))?;
        Ok(())
    }

    fn token_of(&self, sessions: &Self::Sessions, user: &str) -> Result<String, Failed> {
        token(self.runtime.block_on(sessions.of(user)?.credential()))
    }

    fn status_for(&self, sessions: &Self::Sessions, user: &str, url: &str) -> Result<u16, Failed> {
        let api = sessions.api(user)?;
        Ok(self.runtime.block_on(api.get(url))?.status().as_u16())
    }

    fn logout(&self, sessions: &Self::Sessions, user: &str) -> Result<Ended, Failed> {
        Ok(self.runtime.block_on(sessions.logout(user))?)
    }

    fn logged_in(&self, sessions: &Self::Sessions, user: &str) -> Result<Option<Who>, Failed> {
        let who = self.runtime.block_on(sessions.logged_in(user))?;
        Ok(who.map(|who| {
            (who.identity().map(|who| who.subject().to_owned()), who.session_id().map(str::to_owned))
        }))
    }

    fn held_subject(&self, sessions: &Self::Sessions, user: &str) -> Result<Option<String>, Failed> {
        let Some(who) = self.runtime.block_on(sessions.logged_in(user))? else { return Ok(None) };
        // They expired long ago, and nothing renews them: what counts is whose the session is, once it was asked.
        let _ = self.runtime.block_on(who.tokens().credential());
        Ok(who.api().look(|session| session.identity().map(|who| who.subject().to_owned())))
    }

    fn receive_logout(
        &self,
        sessions: &Self::Sessions,
        receiver: &BackChannel,
        request: &Request,
    ) -> (u16, Result<usize, Failed>) {
        let (answer, came) = self.runtime.block_on(sessions.receive_logout(receiver, request));
        (answer.status().as_u16(), came.map(|came| came.ended).map_err(Failed::from))
    }
}

fn front() -> Front {
    Front::start(Sandbox::demo([9; 32])).unwrap()
}

fn client(front: &Front) -> Client {
    let secret = front.sandbox().client_secret("web").unwrap().to_owned();
    let space = valetkey_core::dialect::space::Space::on_loopback(front.url()).unwrap();
    let application = space.application("web").secret(secret);
    Client::clone(&application.unwrap())
}

/// A user says yes, and their browser brings the response to the port and opens the page that it is sent to.
fn browse(front: &Front, url: &str, user: &str, now: valetkey_core::UnixTime) {
    let person = Person::new(user, front.sandbox().password(user).unwrap());
    let arrival = front.sandbox().visit(url, &person, now).unwrap();
    let back = arrival.url().unwrap();
    let (authority, target) = back.strip_prefix("http://").unwrap().split_once('/').unwrap();
    for target in [target, "callback"] {
        let head = format!("GET /{target} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        say(authority.parse().unwrap(), head.as_bytes());
    }
}

fn tokens_of<A: Doors>(adapter: &A, front: &Front, client: &Client, user: &str) -> TokenResponse {
    granted(adapter, front, client, user, SCOPE)
}

/// The tokens of a user who grants this scope.
pub(crate) fn granted<A: Doors>(
    adapter: &A,
    front: &Front,
    client: &Client,
    user: &str,
    scope: &str,
) -> TokenResponse {
    granted_to(adapter, front, user, |redirect_uri| {
        Ok(AuthorizationRequest::new(client, redirect_uri)?.scope(scope)?.offline())
    })
}

/// The tokens of a user who grants what this request asks for.
fn granted_to<A: Doors>(
    adapter: &A,
    front: &Front,
    user: &str,
    request_at: impl FnOnce(String) -> Result<AuthorizationRequest, CoreError>,
) -> TokenResponse {
    thread::scope(|scope| {
        let show = |url: &BrowserUrl| {
            let url = url.as_str().to_owned();
            scope.spawn(move || browse(front, &url, user, A::now()));
        };
        adapter.log_in(request_at, show).unwrap()
    })
}

fn requests(front: &Front, endpoint: Endpoint) -> usize {
    front.sandbox().log().iter().filter(|entry| entry.endpoint() == endpoint).count()
}

for_both! {
    fn a_login_by_the_browser_is_one_call(adapter: A) {
        let front = front();
        let tokens = tokens_of(&adapter, &front, &client(&front), "alice");
        assert!(tokens.refresh_token().is_some());
        assert_eq!(requests(&front, Endpoint::Token), 1);
    }

    /// JM-1: it is opened with the keys of the server before it is finished.
    fn a_login_by_a_signed_response_is_one_call_too(adapter: A) {
        let front = front();
        front.publish();
        let issuer = front.url().to_owned();
        let document = front.sandbox().answer(&get(&format!("{issuer}/.well-known/oauth-authorization-server")), A::now());
        let discovery = Discovery::new(&issuer).unwrap().admit(Quirk::LoopbackHttp);
        let server = discovery.parse(document, A::now()).unwrap().into_server();
        let secret = front.sandbox().client_secret("web").unwrap().to_owned();
        let client = Client::new(server, "web").secret(secret).unwrap();
        let tokens = granted_to(&adapter, &front, "alice", |redirect_uri| {
            let request = AuthorizationRequest::new(&client, redirect_uri)?.scope(SCOPE)?;
            Ok(request.response_mode(ResponseMode::Jwt))
        });
        assert_eq!(tokens.scope().unwrap().as_str(), SCOPE);
        assert_eq!(requests(&front, Endpoint::Jwks), 1);
    }

    /// LB-2: what no loopback port receives is refused before the user is sent to log in.
    fn a_login_by_a_form_is_refused_before_the_user_sees_it(adapter: A) {
        let (front, mut is_shown) = (front(), false);
        let client = client(&front);
        let form = |redirect_uri| {
            let request = AuthorizationRequest::new(&client, redirect_uri)?.scope(SCOPE)?;
            Ok(request.response_mode(ResponseMode::FormPost))
        };
        let refused = adapter.log_in(form, |_| is_shown = true).unwrap_err();
        assert!(refused.shown.contains("LB-2"), "{}", refused.shown);
        assert!(!is_shown);
    }

    /// ST-4: each user calls with their own tokens.
    fn each_user_has_tokens_of_their_own(adapter: A) {
        let front = front();
        let client = client(&front);
        let sessions = adapter.sessions(&client, Arc::new(MemoryStore::new()));
        let url = format!("{}/api/http/team-directory/profiles/me", front.url());
        for user in ["alice", "bob"] {
            let tokens = tokens_of(&adapter, &front, &client, user);
            adapter.login(&sessions, user, &tokens).unwrap();
            assert_eq!(adapter.token_of(&sessions, user).unwrap(), tokens.access_token().expose());
        }
        assert_ne!(
            adapter.token_of(&sessions, "alice").unwrap(),
            adapter.token_of(&sessions, "bob").unwrap()
        );
        assert!(adapter.status_for(&sessions, "alice", &url).is_ok());
    }

    fn a_user_who_is_not_logged_in_must_log_in(adapter: A) {
        let front = front();
        let sessions = adapter.sessions(&client(&front), Arc::new(MemoryStore::new()));
        assert!(adapter.token_of(&sessions, "carol").unwrap_err().is_authorization_required);
        // ST-4: a name that is empty is nobody's.
        assert!(adapter.token_of(&sessions, "").unwrap_err().core.is_some());
    }

    fn another_process_finds_the_login_in_the_store(adapter: A) {
        let front = front();
        let client = client(&front);
        let store = Arc::new(MemoryStore::new());
        let tokens = tokens_of(&adapter, &front, &client, "alice");
        adapter.login(&adapter.sessions(&client, Arc::clone(&store)), "alice", &tokens).unwrap();
        let elsewhere = adapter.sessions(&client, store);
        assert_eq!(adapter.token_of(&elsewhere, "alice").unwrap(), tokens.access_token().expose());
    }

    /// What a log-out that the server announces will name: the user or the login there.
    fn a_login_is_found_by_its_indexes(adapter: A) {
        let front = front();
        let client = client(&front);
        let store = Arc::new(MemoryStore::new());
        let sessions = adapter.sessions(&client, Arc::clone(&store));
        let index = Index::of_login("https://as.example", "08a5019c");
        let tokens = tokens_of(&adapter, &front, &client, "alice");
        adapter.login_indexed(&sessions, "alice", &tokens, &index).unwrap();
        assert_eq!(store.find(&index, None).unwrap().keys, [StoreKey::of_user(&client, "alice")]);
        adapter.logout(&sessions, "alice").unwrap();
        assert_eq!(store.find(&index, None).unwrap().keys, []);
    }

    /// RFC 7009 §2: the refresh token is revoked, and no process has the session afterwards.
    fn a_log_out_ends_the_session_for_all_processes(adapter: A) {
        let front = front();
        let client = client(&front);
        let store = Arc::new(MemoryStore::new());
        let sessions = adapter.sessions(&client, Arc::clone(&store));
        for user in ["alice", "bob"] {
            adapter.login(&sessions, user, &tokens_of(&adapter, &front, &client, user)).unwrap();
        }
        let ended = adapter.logout(&sessions, "alice").unwrap();
        assert!(!matches!(ended, Ended::Nothing), "{ended:?}");
        assert!(adapter.token_of(&sessions, "alice").unwrap_err().is_authorization_required);
        let elsewhere = adapter.sessions(&client, store);
        assert!(adapter.token_of(&elsewhere, "alice").unwrap_err().is_authorization_required);
        assert!(adapter.token_of(&elsewhere, "bob").is_ok());
        assert!(matches!(adapter.logout(&sessions, "alice").unwrap(), Ended::Nothing));

        // Only a new login brings the user back.
        let tokens = tokens_of(&adapter, &front, &client, "alice");
        adapter.login(&sessions, "alice", &tokens).unwrap();
        assert_eq!(adapter.token_of(&sessions, "alice").unwrap(), tokens.access_token().expose());
    }
}
