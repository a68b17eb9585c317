//! DI-5, DI-1, PR-1, PR-4, JK-1: a relaxation is admitted in one way everywhere, and before or after what it relaxes is named.
//! What is not admitted is refused when it is used, and the error names the quirk.

use valetkey_core::api::ProtectedResourceDiscovery;
use valetkey_core::error::Challenge;
use valetkey_core::server::{Endpoint, JwksCache};
use valetkey_core::session::Call;
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationServer, Client, DeviceAuthorizationRequest, Discovery,
    Error, Flow, Grant, Quirk, Request, Resource, Rule, Session, Subject, TokenRequest,
};
use valetkey_tests::{NOW, entropy, json};

const SESSION: &str = "the value of the browser's session cookie";
const HERE: &str = "http://localhost:8080";

fn at(path: &str) -> String {
    format!("{HERE}{path}")
}

fn local() -> Result<AuthorizationServer, Error> {
    AuthorizationServer::new()
        .issuer(HERE)?
        .authorization_endpoint(&at("/authorize"))?
        .token_endpoint(&at("/token"))?
        .endpoint(Endpoint::DeviceAuthorization, &at("/device"))?
        .endpoint(Endpoint::PushedAuthorization, &at("/par"))?
        .endpoint(Endpoint::Introspection, &at("/introspect"))?
        .endpoint(Endpoint::Revocation, &at("/revoke"))
}

/// What a program does with a server: each is its first use.
#[expect(deprecated, reason = "the deprecated flow is tested too")]
fn uses(server: &AuthorizationServer) -> Vec<Result<(), Error>> {
    let client = Client::new(server.clone(), "c");
    vec![
        TokenRequest::new(&client, Grant::client_credentials()).map(drop),
        DeviceAuthorizationRequest::new(&client).and_then(|mut request| request.step(None, NOW)).map(drop),
        AuthorizationRequest::new(&client, "https://app.example/back")
            .and_then(|request| request.begin(SESSION, entropy(1), NOW))
            .map(drop),
        AuthorizationRequest::new(&client, "https://app.example/back")
            .and_then(|request| request.push(SESSION, entropy(1), NOW))
            .and_then(|mut request| request.step(None, NOW).map(drop)),
        valetkey_core::authorize::ImplicitRequest::new(&client, "https://app.example/back")
            .and_then(|request| request.begin(SESSION, entropy(1), NOW))
            .map(drop),
        Introspection::new(&client, &AccessToken::new("a").unwrap())
            .and_then(|mut request| request.step(None, NOW).map(drop)),
        Revocation::access_token(&client, &AccessToken::new("a").unwrap())
            .and_then(|mut request| request.step(None, NOW).map(drop)),
    ]
}

fn names_the_quirk(error: &Error, rule: Rule) {
    assert_eq!(error.rule(), Some(rule), "{error}");
    assert!(matches!(error, Error::Misuse(_)), "{error:?}");
    assert!(error.to_string().contains("`loopback-http`"), "{error}");
}

#[test]
fn di5_plain_http_is_admitted_before_or_after_the_endpoints_are_named() {
    let before = AuthorizationServer::new().admit(Quirk::LoopbackHttp).token_endpoint(&at("/token")).unwrap();
    let after = AuthorizationServer::new().token_endpoint(&at("/token")).unwrap().admit(Quirk::LoopbackHttp);
    for server in [before, after] {
        TokenRequest::new(&Client::new(server, "c"), Grant::client_credentials()).unwrap();
    }
    for used in uses(&local().unwrap().admit(Quirk::LoopbackHttp)) {
        used.unwrap();
    }
}

/// A program may ask before anything is used.
#[test]
fn di5_a_client_tells_at_once_what_is_not_admitted() {
    names_the_quirk(&Client::new(local().unwrap(), "c").require_admitted().unwrap_err(), Rule::Di5);
    let admitted = Client::new(local().unwrap().admit(Quirk::LoopbackHttp), "c").api(HERE).unwrap();
    admitted.require_admitted().unwrap();
    Client::new(valetkey_tests::server(), "c")
        .api("https://api.example")
        .unwrap()
        .require_admitted()
        .unwrap();
}

#[test]
fn di5_a_server_under_plain_http_that_is_not_admitted_is_refused_when_it_is_used() {
    for used in uses(&local().unwrap()) {
        names_the_quirk(&used.unwrap_err(), Rule::Di5);
    }
    // Any of its URLs counts, used or not: an issuer is compared with what comes, an alias is for some clients.
    let https = || AuthorizationServer::new().token_endpoint("https://as.example/token").unwrap();
    let of = |server| TokenRequest::new(&Client::new(server, "c"), Grant::client_credentials()).map(drop);
    names_the_quirk(&of(https().issuer(HERE).unwrap()).unwrap_err(), Rule::Di5);
    names_the_quirk(&of(https().endpoint(Endpoint::Revocation, HERE).unwrap()).unwrap_err(), Rule::Di5);
    names_the_quirk(&of(https().mtls_alias(Endpoint::Token, HERE).unwrap()).unwrap_err(), Rule::Di5);
    // Elsewhere than on loopback nothing admits it.
    let elsewhere =
        AuthorizationServer::new().admit(Quirk::LoopbackHttp).token_endpoint("http://as.example/token");
    assert_eq!(elsewhere.unwrap_err().rule(), Some(Rule::Di5));
}

#[test]
fn di5_a_document_is_held_to_what_its_discovery_admits() {
    let body = format!(
        r#"{{"issuer":"https://as.example","response_types_supported":["code"],"token_endpoint":"{HERE}/token"}}"#
    );
    let strict = Discovery::new("https://as.example").unwrap();
    let unusable = strict.parse(json(200, &body), NOW).unwrap();
    assert_eq!(unusable.unusable_endpoints(), [Endpoint::Token]);
    let client = Client::new(unusable.into_server(), "c");
    let refused = TokenRequest::new(&client, Grant::client_credentials()).map(drop).unwrap_err();
    assert!(
        refused.rule() == Some(Rule::Di5) && refused.to_string().contains("`loopback-http`"),
        "{refused}"
    );
    let lax = strict.admit(Quirk::LoopbackHttp);
    assert!(lax.parse(json(200, &body), NOW).unwrap().server().url_of(Endpoint::Token).is_some());

    let strict = Discovery::new(HERE).unwrap();
    names_the_quirk(&strict.parse(json(200, &body), NOW).unwrap_err(), Rule::Di1);
}

#[test]
fn pr4_a_challenge_is_followed_by_what_is_admitted_afterwards() {
    let led = |place: &str, requested: &str| {
        let mut headers = http::HeaderMap::new();
        headers.insert("www-authenticate", format!("Bearer resource_metadata=\"{place}\"").parse().unwrap());
        let challenge = Challenge::parse(&headers).unwrap().remove(0);
        ProtectedResourceDiscovery::from_challenge(&challenge, requested)
    };
    let elsewhere = || led("https://docs.example/api", "https://api.example/notes").unwrap();
    assert_eq!(elsewhere().step(None, NOW).unwrap_err().rule(), Some(Rule::Pr4));
    let _ = elsewhere().admit(Quirk::MetadataElsewhere).step(None, NOW).unwrap();

    let here = || led(&at("/.well-known/oauth-protected-resource"), &at("/notes")).unwrap();
    names_the_quirk(&here().step(None, NOW).unwrap_err(), Rule::Pr1);
    let _ = here().admit(Quirk::LoopbackHttp).step(None, NOW).unwrap();

    // What nothing admits is refused at once.
    assert_eq!(
        led("http://docs.example/api", "https://api.example/notes").unwrap_err().rule(),
        Some(Rule::Pr4)
    );
    let resource = ProtectedResourceDiscovery::new(&Resource::new(HERE).unwrap()).unwrap();
    names_the_quirk(&resource.parse(json(200, "{}"), NOW).unwrap_err(), Rule::Pr1);
}

#[test]
fn di5_keys_under_plain_http_are_fetched_where_that_is_admitted() {
    let cache = || JwksCache::at(&at("/jwks"), |document| Ok(document.to_vec())).unwrap();
    let mut fetch = cache().refresh(NOW).unwrap();
    names_the_quirk(&fetch.step(None, NOW).unwrap_err(), Rule::Di5);
    let mut fetch = cache().admit(Quirk::LoopbackHttp).refresh(NOW).unwrap();
    let _ = fetch.step(None, NOW).unwrap();
    // Those of a server are used where its cache is made.
    let server = AuthorizationServer::new().endpoint(Endpoint::Jwks, &at("/jwks")).unwrap();
    let of =
        |server: &AuthorizationServer| JwksCache::new(server, |document| Ok(document.to_vec())).map(drop);
    names_the_quirk(&of(&server).unwrap_err(), Rule::Di5);
    of(&server.admit(Quirk::LoopbackHttp)).unwrap();
}

#[test]
fn di5_a_permanent_token_goes_to_plain_http_where_that_is_admitted() {
    let session =
        || Session::from_permanent_token(HERE, AccessToken::new("p").unwrap(), Subject::User).unwrap();
    let request = || -> Request { http::Request::get(at("/me")).body(Vec::new()).unwrap() };
    names_the_quirk(&Call::new(session().shared(), &request()).unwrap_err(), Rule::Di5);
    let admitted = session().admit(Quirk::LoopbackHttp);
    let mut call = Call::new(admitted.shared(), &request()).unwrap();
    assert!(call.use_fresh(admitted.shared(), NOW), "the token is still there");
}

#[test]
fn a_session_of_a_client_admits_at_its_server() {
    let server = AuthorizationServer::new().token_endpoint("https://as.example/token").unwrap();
    let client = Client::new(server, "c").api("https://api.example").unwrap();
    let renewed = |mut session: Session| {
        let request: Request = http::Request::get("https://api.example/me").body(Vec::new()).unwrap();
        let mut call = session.call(request).unwrap();
        let _ = call.step(None, NOW).unwrap();
        call.step(Some(json(200, r#"{"access_token":"a","expires_in":600}"#)), NOW).map(drop)
    };
    let session = || Session::from_grant(&client, Grant::client_credentials());
    assert_eq!(renewed(session()).unwrap_err().rule(), Some(Rule::Tr6));
    renewed(session().admit(Quirk::NoTokenType)).unwrap();
}
