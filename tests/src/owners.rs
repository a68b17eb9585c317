//! Everybody who may keep a session in one store, and a try of each to get another's token: what every store and both
//! adapters are held to (ST-4).

use std::sync::Arc;

use valetkey_core::store::{Store, StoreKey};
use valetkey_core::token::{TokenExchange, TokenKind};
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, Error, Flow, Grant, Resource, Rule, Session,
    Step, Subject, TokenRequest, TokenResponse, UnixTime,
};
use valetkey_stores::Blocking;

use crate::{client, entropy, json};

const CALLBACK: &str = "https://app.example/callback";

/// The two adapters' `Tokens::stored`, and a credential of what comes of it.
type Ask<'a> = &'a dyn Fn(Session, StoreKey, Arc<dyn Store>) -> Result<String, Error>;

/// One who keeps a session.
struct Owner {
    name: &'static str,
    key: StoreKey,
    /// Whether the key is a user's, and not the application's.
    is_users: bool,
    /// What gets the tokens, if it can be repeated.
    grant: Option<Grant>,
    tokens: TokenResponse,
}

impl Owner {
    /// The session of a login of just now.
    fn login(&self) -> Session {
        Session::from_tokens(&client(), &self.tokens)
    }

    /// The session as another process takes it up.
    fn later(&self) -> Session {
        match &self.grant {
            Some(grant) => Session::from_grant(&client(), grant.clone()),
            None => Session::from_store(&client()),
        }
    }

    /// Whether it is the same, or only the program can know that it is not.
    fn may_be(&self, other: &Self) -> bool {
        let kind = |owner: &Self| owner.grant.as_ref().map(|grant| grant.grant_type().to_owned());
        self.key == other.key
            || (kind(self) == kind(other) && kind(self).as_deref() != Some("client_credentials"))
    }

    fn token(&self) -> String {
        format!("token-of-{}", self.name)
    }
}

/// Puts two users, the service itself, two resources, two audiences and two exchanges into one store, through each
/// adapter, and lets each of them look for their token: they find it, and never another's.
///
/// # Panics
///
/// If one is called with another's token.
pub fn everybody_gets_their_own(store: Arc<dyn Store>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let blocking: Ask<'_> = &|session, key, store| {
        let tokens = valetkey_blocking::Tokens::stored(valetkey_blocking::http_client(), session, key, store);
        let credential = tokens.and_then(|tokens| tokens.credential());
        credential.map(|found| found.access_token().expose().to_owned()).map_err(|error| core(error.core()))
    };
    let asynchronous: Ask<'_> = &|session, key, store| {
        runtime.block_on(async {
            let http = valetkey_async::http_client().unwrap();
            let tokens = valetkey_async::Tokens::stored(http, session, key, Blocking::new(store)).await;
            let tokens = tokens.map_err(|error| core(error.core()))?;
            let credential = tokens.credential().await.map_err(|error| core(error.core()))?;
            Ok(credential.access_token().expose().to_owned())
        })
    };
    for (adapter, ask) in [("blocking", blocking), ("async", asynchronous)] {
        together(adapter, ask, &store);
    }
}

fn together(adapter: &str, ask: Ask<'_>, store: &Arc<dyn Store>) {
    // Everybody logs in, and everybody finds their own, whoever came after them.
    let now = valetkey_blocking::now();
    let owners = owners(now, 3600);
    for owner in &owners {
        assert_eq!(ask(owner.login(), owner.key.clone(), store.clone()).unwrap(), owner.token(), "{adapter}");
    }
    for owner in &owners {
        let found = ask(owner.later(), owner.key.clone(), store.clone());
        assert_eq!(found.unwrap(), owner.token(), "{adapter}: {}", owner.name);
    }

    // Under a key that is known to be another's, nobody stores anything, nor takes anything up. Of two users, and of two
    // exchanges, only the program can say who is who, and is believed; what a login stores under its user's own key takes
    // the place of what was there.
    for (owner, other) in owners.iter().flat_map(|owner| owners.iter().map(move |other| (owner, other))) {
        let users = owner.tokens.subject() == Some(Subject::User);
        let logs_in = (!(users && other.is_users)).then(|| owner.login());
        let looks = owner.grant.as_ref().map(|_| owner.later());
        for session in [logs_in, looks].into_iter().flatten().filter(|_| !owner.may_be(other)) {
            let found = ask(session, other.key.clone(), store.clone());
            let rule = found.as_ref().err().and_then(Error::rule);
            let case = format!("{adapter}: {} under the key of {}: {found:?}", owner.name, other.name);
            assert_eq!(rule, Some(Rule::St4), "{case}");
        }
    }

    // The reproduction: tokens that expire while another user's are good. Nothing renews them, and nobody else's are used.
    let [alice, bob] = ["alice", "bob"];
    let key = |user: &str| StoreKey::of_user(&client(), user);
    let store_of = |user: &str, name: &str, seconds| {
        let tokens = logged_in(name, now, seconds);
        ask(Session::from_tokens(&client(), &tokens), key(user), store.clone())
    };
    let _ = store_of(alice, "alice-before", 0);
    assert_eq!(store_of(bob, bob, 3600).unwrap(), "token-of-bob");
    let found = ask(Session::from_store(&client()), key(alice), store.clone());
    assert!(found.as_ref().is_err_and(Error::is_authorization_required), "{adapter}: {found:?}");

    // Alice's record in the place of Bob's, as somebody with access to the store may put it, is refused.
    let stored = |user: &str| store.load(&key(user)).unwrap().unwrap();
    let (of_alice, of_bob) = (stored(alice), stored(bob));
    store
        .replace(&key(alice), Some(&of_alice.version), Some(&of_bob.bytes.into()))
        .unwrap()
        .written()
        .unwrap();
    let found = ask(Session::from_store(&client()), key(alice), store.clone());
    assert_eq!(found.unwrap_err().rule(), Some(Rule::St4), "{adapter}");
    // A login puts it right.
    assert_eq!(store_of(alice, alice, 3600).unwrap(), "token-of-alice");

    for key in owners.iter().map(|owner| owner.key.clone()) {
        let version = store.load(&key).unwrap().map(|stored| stored.version);
        assert!(store.replace(&key, version.as_ref(), None).unwrap().is_done());
    }
}

/// Everybody, each with tokens that are good for so many seconds.
fn owners(now: UnixTime, seconds: u64) -> Vec<Owner> {
    let client = client();
    let resource = |url: &str| Resource::new(url).unwrap();
    let own = Grant::client_credentials;
    let exchange = |token: &str| {
        let token = AccessToken::new(token).unwrap();
        Grant::from(TokenExchange::new(token.expose(), TokenKind::ACCESS_TOKEN).unwrap())
    };
    let user = |name: &'static str| Owner {
        name,
        key: StoreKey::of_user(&client, name),
        is_users: true,
        grant: None,
        tokens: logged_in(name, now, seconds),
    };
    let granted = |name: &'static str, is_users: bool, key: StoreKey, grant: Grant| Owner {
        name,
        key,
        is_users,
        tokens: traded(grant.clone(), name, now, seconds),
        grant: Some(grant),
    };
    let service = |name: &'static str, grant: Grant| {
        granted(name, false, StoreKey::of_application(&client, &grant), grant)
    };
    vec![
        user("alice"),
        user("bob"),
        service("service", own()),
        service("reader", own().scope("read").unwrap()),
        service("resource-a", own().resource(resource("https://a.example")).unwrap()),
        service("resource-b", own().resource(resource("https://b.example")).unwrap()),
        service("audience-x", own().parameter("audience", "x").unwrap()),
        service("audience-y", own().parameter("audience", "y").unwrap()),
        granted(
            "exchange-alice",
            true,
            StoreKey::of_user(&client, "alice").named("exchange"),
            exchange("subject-1"),
        ),
        granted(
            "exchange-bob",
            true,
            StoreKey::of_user(&client, "bob").named("exchange"),
            exchange("subject-2"),
        ),
        granted(
            "exchange-robot",
            false,
            StoreKey::of_application(&client, &exchange("subject-3")).named("robot"),
            exchange("subject-3"),
        ),
    ]
}

/// Tokens of a login by the code flow.
fn logged_in(name: &str, now: UnixTime, seconds: u64) -> TokenResponse {
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
    let (_, mut pending) = request.begin_unbound(entropy(1), now).unwrap();
    let arrival = format!("{CALLBACK}?code=c&state={}&iss=https://as.example", pending.state());
    let response = AuthorizationResponse::from_url(&arrival).unwrap();
    answered(pending.finish(&client(), &response, now).unwrap(), name, now, seconds)
}

/// Tokens for this grant.
fn traded(grant: Grant, name: &str, now: UnixTime, seconds: u64) -> TokenResponse {
    answered(TokenRequest::new(&client(), grant).unwrap(), name, now, seconds)
}

fn answered(mut flow: TokenRequest, name: &str, now: UnixTime, seconds: u64) -> TokenResponse {
    let body = format!(
        r#"{{"access_token":"token-of-{name}","token_type":"Bearer","expires_in":{seconds},
        "issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}}"#
    );
    let _ = flow.step(None, now).unwrap();
    match flow.step(Some(json(200, &body)), now).unwrap() {
        Step::Done(tokens) => tokens,
        step => panic!("there is nothing else to do: {step:?}"),
    }
}

fn core(error: Option<&Error>) -> Error {
    error.cloned().unwrap_or_else(|| panic!("no request is sent, so nothing but core fails"))
}
