//! Errors that are really provoked, as a newcomer meets them: read whole, with what stands before and after a text.

use std::collections::BTreeMap;
use std::time::Duration;

use valetkey_core::authorize::receiver::Receiver;
use valetkey_core::host::{self, ProxyRules};
use valetkey_core::server::Profile;
use valetkey_core::store::StoreKey;
use valetkey_core::terms::CodeVerifier;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret, Discovery, Flow,
    Grant, PendingAuthorization, Quirk, Resource, Scope, Session, Step, Subject, TokenRequest, TokenResponse,
};
use valetkey_stores::{FileStore, RedisStore};
use valetkey_tests::{NOW, client, client_of, entropy, get, json, server};

use crate::read;

const CALLBACK: &str = "https://app.example/callback";

/// An error's text, by what was done.
pub(crate) fn provoked() -> BTreeMap<&'static str, String> {
    let mut said = BTreeMap::new();
    let mut note =
        |what, error: &dyn ToString| assert!(said.insert(what, error.to_string()).is_none(), "{what}");

    // Setting up.
    note("an issuer under http", &Discovery::new("http://as.example").unwrap_err());
    let mut on_loopback = Discovery::new("http://127.0.0.1:8080").unwrap();
    note("an issuer on loopback", &on_loopback.step(None, NOW).unwrap_err());
    note("an issuer with a query", &server().issuer("https://as.example?x").unwrap_err());
    note("an issuer without a scheme", &Discovery::new("as.example").unwrap_err());
    note(
        "an endpoint under http",
        &AuthorizationServer::new().token_endpoint("http://as.example/token").unwrap_err(),
    );
    let on_loopback = AuthorizationServer::new().token_endpoint("http://[::1]/token").unwrap();
    note(
        "an endpoint on loopback",
        &TokenRequest::new(&client_of(on_loopback), Grant::client_credentials()).unwrap_err(),
    );
    note("an API under http", &client().api("http://api.example").unwrap_err());
    note("an API without a scheme", &client().api("api.example").unwrap_err());
    note("an API with a user", &client().api("https://me@api.example").unwrap_err());
    note("an empty secret", &ClientSecret::new("").unwrap_err());
    note("two secrets", &client().secret("x").unwrap_err());
    note("an unknown profile", &"nobody".parse::<Profile>().unwrap_err());
    note("an empty scope", &"".parse::<Scope>().unwrap_err());
    note("a resource that is a name", &Resource::new("calendar").unwrap_err());
    note("a short verifier", &CodeVerifier::new("short").unwrap_err());
    let none_listed = client_of(server().authentication_methods(["none"]));
    note("a method not listed", &TokenRequest::new(&none_listed, Grant::client_credentials()).unwrap_err());
    note("an extension grant's name", &Grant::extension("relative", Subject::User, ()).unwrap_err());

    // Logging in.
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
    note("a relative callback", &AuthorizationRequest::new(&client(), "/callback").unwrap_err());
    note("a callback under http", &AuthorizationRequest::new(&client(), "http://app.example/").unwrap_err());
    note("a parameter of our own", &request.clone().parameter("state", "x").unwrap_err());
    let pushed = AuthorizationRequest::new(
        &client_of(server().flag("require_pushed_authorization_requests")),
        CALLBACK,
    );
    note("a request that must be pushed", &pushed.unwrap().begin("s", entropy(1), NOW).unwrap_err());
    note("a session without a name", &request.begin(" ", entropy(1), NOW).unwrap_err());
    for (what, url, session) in [
        ("another state", format!("{CALLBACK}?code=c&state=x"), Some("s")),
        ("no session said", format!("{CALLBACK}?code=c&state=STATE"), None),
        ("another session", format!("{CALLBACK}?code=c&state=STATE"), Some("t")),
        ("another address", "https://app.example/other?code=c&state=STATE".to_owned(), Some("s")),
        (
            "another issuer",
            format!("{CALLBACK}?code=c&state=STATE&iss=https%3A%2F%2Fevil.example"),
            Some("s"),
        ),
        ("a code twice", format!("{CALLBACK}?code=c&code=d&state=STATE"), Some("s")),
        ("the person's no", format!("{CALLBACK}?error=access_denied&state=STATE"), Some("s")),
    ] {
        let (_, mut pending) = request.begin("s", entropy(1), NOW).unwrap();
        let response = AuthorizationResponse::from_url(&url.replace("STATE", pending.state())).unwrap();
        let response = session.iter().fold(response, |response, session| response.received_in(session));
        note(what, &pending.finish(&client(), &response, NOW).unwrap_err());
    }

    let (_, pending) = begun_on_loopback();
    let receiver = Receiver::new(&pending, NOW.after(PATIENCE)).unwrap();
    assert_eq!(receiver.wait(NOW), Some(PATIENCE));
    note("nobody came back", &receiver.finish().unwrap_err());
    let (response, mut pending) = begun_on_loopback();
    note(
        "somebody came back late",
        &pending.finish(&client(), &response, NOW.after(2 * PATIENCE)).unwrap_err(),
    );

    // What a server answers.
    let metadata = r#"{"issuer":"https://as.example/","response_types_supported":["code"]}"#;
    let discovery = Discovery::new("https://as.example").unwrap();
    let parsed = discovery.parse(json(200, metadata), NOW);
    note("an issuer with a slash more", &parsed.unwrap_err());
    let parsed = discovery.parse(json(200, "{}"), NOW);
    note("metadata without an issuer", &parsed.unwrap_err());
    for (what, answer) in [
        ("no token", json(200, r#"{"token_type":"Bearer"}"#)),
        ("no type", json(200, r#"{"access_token":"t"}"#)),
        ("an unknown type", json(200, r#"{"access_token":"t","token_type":"MAC"}"#)),
        ("scopes as an array", json(200, r#"{"access_token":"t","token_type":"Bearer","scope":["a"]}"#)),
        ("no scope at all", json(200, r#"{"access_token":"t","token_type":"Bearer","scope":""}"#)),
        ("another status", json(201, r#"{"access_token":"t","token_type":"Bearer"}"#)),
        ("an array", json(200, "[]")),
    ] {
        note(what, &TokenResponse::parse(answer, NOW, &server()).unwrap_err());
    }
    let mut flow = TokenRequest::new(&client(), Grant::client_credentials()).unwrap();
    note("an answer too early", &flow.step(Some(json(200, "{}")), NOW).unwrap_err());
    let Ok(Step::Send(_)) = flow.step(None, NOW) else { panic!("nothing to send") };
    note("a refusal", &flow.step(Some(json(400, r#"{"error":"invalid_scope"}"#)), NOW).unwrap_err());
    note("a step after the end", &flow.step(None, NOW).unwrap_err());

    // Calling an API.
    let session = || Session::from_grant(&client(), Grant::client_credentials());
    note("a call of another API", &session().call(get("https://elsewhere.example")).unwrap_err());
    note("a call of a path", &session().call(get("/me")).unwrap_err());
    note(
        "a call without an API",
        &Session::from_grant(&Client::new(server(), "id"), Grant::client_credentials())
            .call(get("https://api.example"))
            .unwrap_err(),
    );
    note("a URL with a space", &host::get("https://api.example/a b").unwrap_err());
    let rules = ProxyRules::from_values(|name| (name == "HTTPS_PROXY").then(|| "socks4://x".to_owned()));
    note("a proxy of another kind", &rules.for_uri(&"https://as.example".parse().unwrap()).unwrap_err());

    // Keeping tokens.
    let file = FileStore::open(std::env::current_exe().unwrap()).unwrap_err();
    note("a folder that is a file", &file);
    note("a Redis by its name", &RedisStore::connect("redis.example").map(|_| ()).unwrap_err());
    note(
        "a prefix with braces",
        &RedisStore::connect("redis://127.0.0.1:1").unwrap().with_prefix("{a}").map(|_| ()).unwrap_err(),
    );
    note("a key of nobody", &session().in_store(StoreKey::in_memory()).map(|_| ()).unwrap_err());
    said
}

/// How long the user may take.
const PATIENCE: Duration = Duration::from_secs(300);

fn begun_on_loopback() -> (AuthorizationResponse, PendingAuthorization) {
    let redirect_uri = "http://127.0.0.1:8080/callback";
    let request = AuthorizationRequest::new(&client(), redirect_uri).unwrap().valid_for(PATIENCE);
    let (_, pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let response =
        AuthorizationResponse::from_url(&format!("{redirect_uri}?code=c&state={}", pending.state()));
    (response.unwrap(), pending)
}

#[test]
fn what_a_newcomer_provokes_is_said_plainly() {
    let mut faults = Vec::new();
    for (what, text) in provoked() {
        println!("{what}: {text}");
        faults.extend(read::faults(&text).into_iter().map(|fault| format!("{what}: {fault}: {text}")));
        if text.lines().count() != 1 {
            faults.push(format!("{what}: not one line: {text}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What refused a departure that a server or a test needs names the quirk that admits it.
#[test]
fn a_refusal_that_a_quirk_lifts_names_the_quirk() {
    let said = provoked();
    for (what, quirk) in [
        ("an issuer on loopback", Quirk::LoopbackHttp),
        ("an endpoint on loopback", Quirk::LoopbackHttp),
        ("another issuer", Quirk::IssDiscarded),
        ("no type", Quirk::NoTokenType),
        ("scopes as an array", Quirk::ScopeAsArray),
        ("no scope at all", Quirk::EmptyScope),
        ("another status", Quirk::AnySuccessStatus),
    ] {
        assert!(said[what].contains(&format!("`Quirk::{quirk:?}`")), "{what}: {}", said[what]);
    }
}

/// What was meant stands beside what was done, where the two are easily mistaken.
#[test]
fn a_refusal_shows_what_was_compared() {
    let said = provoked();
    for (what, shown) in [
        ("an issuer with a slash more", ["https://as.example/,", "https://as.example was asked"]),
        ("another address", [CALLBACK, "AR-10"]),
        ("a call of another API", ["https://elsewhere.example", "https://api.example"]),
        ("nobody came back", ["http://127.0.0.1:8080/callback", "within 300 s"]),
        ("somebody came back late", ["300 s after", "begin another"]),
        ("a key of nobody", ["`StoreKey::in_memory`", "`StoreKey::of_user`"]),
    ] {
        for part in shown {
            assert!(said[what].contains(part), "{what}: {}", said[what]);
        }
    }
}
