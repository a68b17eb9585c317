//! AQ and AR: the authorization request, and the response that must answer it.

use std::time::Duration;

use valetkey_core::authorize::ResponseMode;
use valetkey_core::server::Endpoint;
use valetkey_core::terms::CodeVerifier;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Entropy, Error, Flow,
    PendingAuthorization, Quirk, Rule, Step, UnixTime,
};
use valetkey_tests::stored::{Record as _, taken_out};
use valetkey_tests::{NOW, SECRET, client, client_of, entropy, server};

const CALLBACK: &str = "https://app.example/callback";

fn request() -> AuthorizationRequest {
    AuthorizationRequest::new(&client(), CALLBACK).unwrap()
}

fn pending() -> PendingAuthorization {
    request().begin_unbound(entropy(1), NOW).unwrap().1
}

fn finish(pending: &mut PendingAuthorization, parameters: &str) -> Result<(), Error> {
    let url = format!("{CALLBACK}?{}", parameters.replace("STATE", pending.state()));
    pending.finish(&client(), &AuthorizationResponse::from_url(&url).unwrap(), NOW).map(drop)
}

/// AQ-2, AQ-4, AQ-6: PKCE and state are always there and fresh, each parameter once, the endpoint's own query kept.
#[test]
fn the_url_has_everything_once() {
    let server = server().authorization_endpoint("https://as.example/authorize?tenant=7").unwrap();
    let request = AuthorizationRequest::new(&client_of(server), CALLBACK)
        .unwrap()
        .scope("a b")
        .unwrap()
        .response_mode(ResponseMode::FormPost)
        .parameter("prompt", "login & more")
        .unwrap();
    let (one, _) = request.begin_unbound(entropy(1), NOW).unwrap();
    let (two, _) = request.begin_unbound(entropy(2), NOW).unwrap();
    let read = |url: &str| -> Vec<(String, String)> {
        form_urlencoded::parse(url.split_once('?').unwrap().1.as_bytes()).into_owned().collect()
    };
    let (one, two) = (read(one.as_str()), read(two.as_str()));
    let names: Vec<&str> = one.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "tenant",
            "response_type",
            "client_id",
            "redirect_uri",
            "response_mode",
            "scope",
            "prompt",
            "state",
            "code_challenge",
            "code_challenge_method"
        ]
    );
    let differing: Vec<&str> =
        one.iter().zip(&two).filter(|(a, b)| a != b).map(|(a, _)| a.0.as_str()).collect();
    assert_eq!(differing, ["state", "code_challenge"]);
}

/// AQ-1, AQ-2, AQ-3, AQ-6, AQ-7, AQ-8: no token in the front channel, no `plain`, nothing twice, no odd address.
#[test]
fn requests_that_break_a_rule_cannot_be_built() {
    let rule = |error: Error| error.rule().unwrap();
    for uri in [
        "http://evil.example/",
        "https://app.example/#x",
        "/callback",
        "javascript:alert(1)",
        "myapp:/callback",
        "https://",
    ] {
        assert_eq!(rule(AuthorizationRequest::new(&client(), uri).unwrap_err()), Rule::Aq8, "{uri}");
    }
    for uri in ["https://app.example/cb", "http://127.0.0.1:1/cb", "http://[::1]:1/cb", "com.example.app:/cb"]
    {
        assert!(AuthorizationRequest::new(&client(), uri).is_ok(), "{uri}");
    }
    for name in ["state", "response_type", "code_challenge", "redirect_uri", "client_secret"] {
        assert_eq!(rule(request().parameter(name, "x").unwrap_err()), Rule::Aq6, "{name}");
    }
    for (name, value) in
        [("response_type", "token"), ("response_type", "code token"), ("code_challenge_method", "plain")]
    {
        assert_eq!(rule(request().parameter(name, value).unwrap_err()), Rule::Aq6, "{name}={value}");
    }
    assert_eq!(rule(request().parameter("a", "1").unwrap().parameter("a", "2").unwrap_err()), Rule::Aq6);
    for url in [
        "http://as.example/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://as.example/a b",
        "https://u@as.example/",
        "a:$(cmd)",
        "https://as.example/%zz",
        "https://as.example/\"",
        "https://as.example/a'b`c",
        "https://as.example/\u{1b}[2J",
        "https://as.example/\r\nX: y",
        "https://as.example/%",
    ] {
        assert_eq!(
            rule(AuthorizationServer::new().authorization_endpoint(url).unwrap_err()),
            Rule::Di5,
            "AQ-7 {url}"
        );
    }
    assert_eq!(
        rule(AuthorizationServer::new().token_endpoint("https://as.example/#f").unwrap_err()),
        Rule::Aq6
    );
    // What a quirk admits is refused when it is used: `server::admission`.
    assert!(AuthorizationServer::new().token_endpoint("http://127.0.0.1:1/t").is_ok());
    assert!(AuthorizationServer::new().token_endpoint("http://as.example/t").is_err());
    let plain = client_of(server().code_challenge_methods(["plain"]));
    let request = AuthorizationRequest::new(&plain, CALLBACK).unwrap();
    assert_eq!(rule(request.begin_unbound(entropy(1), NOW).unwrap_err()), Rule::Aq3);
}

/// AQ-2 and RFC 7636 Appendix B.
#[test]
fn code_verifiers_have_43_to_128_unreserved_characters() {
    for bad in ["a".repeat(42), "a".repeat(129), format!("{}+", "a".repeat(50))] {
        assert_eq!(CodeVerifier::new(bad).unwrap_err().rule(), Some(Rule::Aq2));
    }
    let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
    assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

/// AR-15, TR-18: what nobody knows is ignored.
#[test]
fn a_good_response_becomes_the_token_request_with_its_verifier() {
    let (url, mut pending) = request().begin_unbound(entropy(1), NOW).unwrap();
    let back = format!("{CALLBACK}?code=c%2Bd&state={}&unknown=ignored", pending.state());
    let mut flow = pending.finish(&client(), &AuthorizationResponse::from_url(&back).unwrap(), NOW).unwrap();
    let Step::Send(sent) = flow.step(None, NOW).unwrap() else { panic!("nothing to send") };
    let body: Vec<(String, String)> = form_urlencoded::parse(sent.body()).into_owned().collect();
    let value = |name: &str| body.iter().find(|(known, _)| known == name).unwrap().1.clone();
    assert_eq!((value("code").as_str(), value("redirect_uri").as_str()), ("c+d", CALLBACK));
    let challenge = CodeVerifier::new(value("code_verifier")).unwrap().challenge();
    assert!(url.as_str().contains(&format!("code_challenge={challenge}&")));
    assert!(!url.as_str().contains(&value("code_verifier")));
    // TR-18: sent, or perhaps sent, is sent.
    flow.unanswered(NOW);
    assert_eq!(flow.step(None, NOW).unwrap_err().rule(), Some(Rule::Tr18));
}

/// AR-1 to AR-11, the order of AR-6 among them.
#[test]
fn every_response_that_breaks_a_rule_is_refused_by_its_id() {
    let long = format!("code={}&state=STATE", "x".repeat(20_000));
    for (rule, parameters) in [
        (Rule::Ar1, "code=a&code=b&state=STATE"),
        (Rule::Ar1, "code=a&state=STATE&state=STATE"),
        (Rule::Ar1, "code=a&state=STATE&x=1&x=1"),
        (Rule::Ar1, "code=a&state=STATE&iss=https://as.example&iss=https://as.example"),
        (Rule::Ar1, "error=access_denied&error=access_denied&state=STATE"),
        (Rule::Ar2, "response=jwt&state=STATE"),
        (Rule::Ar4, "code=a&state=STATE&iss=https://as.example/"),
        (Rule::Ar4, "code=a&state=STATE&iss=https://AS.example"),
        (Rule::Ar5, "code=a"),
        (Rule::Ar5, "code=a&state=other"),
        (Rule::Ar5, "code=a&state=STATEx"),
        (Rule::Ar5, "error=access_denied&error_description=call+0900&state=forged"),
        (Rule::Ar7, "state=STATE"),
        (Rule::Ar7, "CODE=a&state=STATE"),
        (Rule::Ar7, "code=a&error=access_denied&state=STATE"),
        (Rule::Ar8, "code=a%0ab&state=STATE"),
        (Rule::Ar8, "code=&state=STATE"),
        (Rule::Ar8, "code=a%7fb&state=STATE"),
        (Rule::Ar8, "code=%C3%A4&state=STATE"),
        (Rule::Ar8, &long),
        (Rule::Ar9, "code=a&access_token=t&state=STATE"),
        (Rule::Ar9, "code=a&state=STATE#access_token=t"),
        (Rule::Ar11, "#code=a&state=STATE"),
    ] {
        let mut pending = pending();
        let error = finish(&mut pending, parameters).unwrap_err();
        assert_eq!(error.rule(), Some(rule), "{parameters}: {error}");
        assert!(!format!("{error} {error:?}").contains("0900"), "AR-6: no text before state has passed");
    }
}

/// AQ-8: what a server has registered beside the safe ones is refused by default, by an error that names the quirk; with it, it is
/// sent as it is, and reported. What a browser would run is never one.
#[test]
fn an_unusual_redirect_uri_is_refused_or_admitted() {
    let lax = client_of(server().admit(Quirk::UnusualRedirectUri));
    for uri in [
        "postmessage",
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "vscode://callback",
        "sfdc://success",
        "urn:ietf:wg:oauth:2.0:oob",
    ] {
        let refused = AuthorizationRequest::new(&client(), uri).map(drop).unwrap_err();
        assert_eq!(refused.rule(), Some(Rule::Aq8), "{uri}");
        assert!(refused.to_string().contains("`unusual-redirect-uri`"), "{refused}");
        let request = AuthorizationRequest::new(&lax, uri).unwrap();
        assert!(request.quirks().contains(Quirk::UnusualRedirectUri), "{uri}");
        let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
        let sent = form_urlencoded::parse(url.as_str().split_once('?').unwrap().1.as_bytes());
        assert!(sent.into_owned().any(|pair| pair == ("redirect_uri".to_owned(), uri.to_owned())), "{uri}");
    }
    for uri in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://app.example/cb",
        "HTTPS://app.example/cb",
        "/callback",
        "app.example/callback",
        "cursor://a#b",
        "cursor:",
        "1x:y",
        "a b",
        "",
    ] {
        for client in [&client(), &lax] {
            let refused = AuthorizationRequest::new(client, uri).map(drop).unwrap_err();
            assert_eq!(refused.rule(), Some(Rule::Aq8), "{uri}");
            assert_eq!(refused.admitted_by(), None, "{uri}: nothing takes it");
        }
    }
    // The usual ones are not reported, `localhost` with a port among them.
    for uri in ["http://localhost:8400/callback", "http://127.0.0.1:1/", CALLBACK, "com.example.app:/cb"] {
        for client in [&client(), &lax] {
            assert!(AuthorizationRequest::new(client, uri).unwrap().quirks().is_empty(), "{uri}");
        }
    }
}

/// AR-3: an advertised iss is required, and compared as a string.
#[test]
fn an_advertised_iss_is_required() {
    let client = client_of(server().advertises_iss());
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap();
    let answer = |iss: &str| {
        let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
        let url = format!("{CALLBACK}?code=a&state={}{iss}", pending.state());
        pending.finish(&client, &AuthorizationResponse::from_url(&url).unwrap(), NOW).map(drop)
    };
    assert!(answer("&iss=https%3A%2F%2Fas.example").is_ok());
    for iss in
        ["", "&iss=https://as.example/", "&iss=https://as.example:443", "&iss=HTTPS://as.example", "&iss="]
    {
        assert_eq!(answer(iss).unwrap_err().rule(), Some(Rule::Ar3), "{iss}");
    }
    // Escapes of the value itself are not undone, and nothing of another issuer's error is told.
    assert_eq!(answer("&iss=https://as.ex%2561mple").unwrap_err().rule(), Some(Rule::Ar3));
    for iss in ["&iss=", "&iss=https://other.example"] {
        let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
        let url =
            format!("{CALLBACK}?error=access_denied&error_description=0900&state={}{iss}", pending.state());
        let response = AuthorizationResponse::from_url(&url).unwrap();
        let error = pending.finish(&client, &response, NOW).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Ar3), "AR-6");
        assert!(!format!("{error} {error:?}").contains("0900") && !pending.is_spent(), "AR-6");
    }
}

/// AR-10: the response arrives at exactly the redirect URI.
#[test]
fn a_response_elsewhere_is_refused() {
    for url in [
        "https://app.example/other",
        "https://app.example:444/callback",
        "https://evil.example/callback",
        "http://app.example/callback",
        "https://app.example/callback/",
    ] {
        let mut pending = pending();
        let response =
            AuthorizationResponse::from_url(&format!("{url}?code=a&state={}", pending.state())).unwrap();
        assert_eq!(pending.finish(&client(), &response, NOW).unwrap_err().rule(), Some(Rule::Ar10), "{url}");
        assert!(!pending.is_spent());
    }
}

/// AR-11, AR-22: form_post is a POST of a form, and nothing else is.
#[test]
fn form_post_is_a_post() {
    let request = request().response_mode(ResponseMode::FormPost);
    let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let body = format!("code=a&state={}", pending.state());
    let post = http::Request::post("/callback")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(body.clone().into_bytes())
        .unwrap();
    let mut put = post.clone();
    *put.method_mut() = http::Method::PUT;
    assert_eq!(AuthorizationResponse::from_request(CALLBACK, &put).unwrap_err().rule(), Some(Rule::Ar22));
    // What a GET has in its body is no response.
    let mut get = post.clone();
    *get.method_mut() = http::Method::GET;
    let get = AuthorizationResponse::from_request(CALLBACK, &get).unwrap();
    assert_eq!(get.state(), None);
    assert_eq!(pending.finish(&client(), &get, NOW).unwrap_err().rule(), Some(Rule::Ar11));
    let by_query = AuthorizationResponse::from_url(&format!("{CALLBACK}?{body}")).unwrap();
    assert_eq!(pending.finish(&client(), &by_query, NOW).unwrap_err().rule(), Some(Rule::Ar11));
    let response = AuthorizationResponse::from_request(CALLBACK, &post).unwrap();
    assert!(pending.finish(&client(), &response, NOW).is_ok());
}

/// AQ-4, AR-12, AR-13: a pending authorization and its state are used once, within its time. A forged response does not use it up.
#[test]
fn a_pending_authorization_is_used_once_and_in_time() {
    let mut pending = pending();
    assert!(finish(&mut pending, "code=a&state=forged").is_err());
    assert!(finish(&mut pending, "code=a&state=STATE").is_ok());
    assert_eq!(finish(&mut pending, "code=a&state=STATE").unwrap_err().rule(), Some(Rule::Ar12));

    let (_, mut late) = request().valid_for(Duration::from_secs(60)).begin_unbound(entropy(1), NOW).unwrap();
    let url = format!("{CALLBACK}?code=a&state={}", late.state());
    let response = AuthorizationResponse::from_url(&url).unwrap();
    let error = late.finish(&client(), &response, NOW.after(Duration::from_secs(3600))).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Ar13));
    assert!(error.is_authorization_required());
}

/// AR-14: what began in one session ends in it.
#[test]
fn a_bound_authorization_ends_in_the_session_it_began_in() {
    let begin = || request().begin("session-1", entropy(1), NOW).unwrap().1;
    let response =
        AuthorizationResponse::from_url(&format!("{CALLBACK}?code=a&state={}", begin().state())).unwrap();
    let finish = |response: AuthorizationResponse| begin().finish(&client(), &response, NOW).map(drop);
    assert!(finish(response.clone().received_in("session-1")).is_ok());
    assert_eq!(finish(response.clone().received_in("session-2")).unwrap_err().rule(), Some(Rule::Ar14));
    let told = finish(response.clone().received_in("session-2")).unwrap_err().to_string();
    assert!(told.starts_with("the response was refused: "), "{told}");
    let error = finish(response).unwrap_err();
    assert!(matches!(error, Error::Misuse(_)) && error.rule() == Some(Rule::Ar14));
    assert!(error.to_string().contains("call `received_in` on the response"), "{error}");
}

/// AR-14: a session that nobody bound the authorization to proves nothing, and is not passed over in silence.
#[test]
fn an_unbound_authorization_refuses_a_session() {
    let (_, mut pending) = request().begin_unbound(entropy(1), NOW).unwrap();
    let query = format!("code=a&state={}", pending.state());
    let response = AuthorizationResponse::from_query(CALLBACK, &query).unwrap();
    let error = pending.finish(&client(), &response.clone().received_in("session-1"), NOW).unwrap_err();
    assert!(matches!(error, Error::Misuse(_)) && error.rule() == Some(Rule::Ar14), "{error}");
    assert!(!pending.is_spent());
    assert!(pending.finish(&client(), &response, NOW).is_ok());
}

/// A browser brought the response: who is told of its refusal is not told that the server is at fault.
#[test]
fn a_forged_response_is_not_told_as_the_servers_fault() {
    for query in [
        "code=a&state=forged",
        "code=a",
        "code=a&state=STATE&state=STATE",
        "code=a&state=STATE&iss=https://b",
    ] {
        let told = finish(&mut pending(), query).unwrap_err().to_string();
        assert!(told.starts_with("the response was refused: "), "{told}");
    }
}

/// AR-10: what a web server has of a GET is its query, with what the redirect URI has of its own.
#[test]
fn a_response_is_read_from_a_web_servers_request() {
    let redirect_uri = "https://app.example/callback?tenant=7";
    let begun = || {
        AuthorizationRequest::new(&client(), redirect_uri).unwrap().begin_unbound(entropy(1), NOW).unwrap().1
    };
    let finish = |response: AuthorizationResponse| begun().finish(&client(), &response, NOW).map(drop);
    let state = begun().state().to_owned();
    let whole = format!("tenant=7&code=a&state={state}");
    assert!(finish(AuthorizationResponse::from_query(redirect_uri, &whole).unwrap()).is_ok());
    let get = http::Request::get(format!("/callback?{whole}")).body(()).unwrap().map(|()| "");
    let response = AuthorizationResponse::from_request(redirect_uri, &get).unwrap();
    assert_eq!(response.state().as_deref(), Some(&*state));
    assert!(finish(response).is_ok());
    for lacking in [format!("code=a&state={state}"), format!("tenant=8&code=a&state={state}")] {
        let response = AuthorizationResponse::from_query(redirect_uri, &lacking).unwrap();
        assert_eq!(finish(response).unwrap_err().rule(), Some(Rule::Ar10));
    }
    let large = "a".repeat(64 * 1024);
    assert_eq!(AuthorizationResponse::from_query(CALLBACK, &large).unwrap_err().rule(), Some(Rule::Ar8));
}

/// TR-17, DI-14: a code is redeemed by the client, and at the server, that asked for it.
#[test]
fn another_client_or_server_cannot_finish() {
    let mut pending = pending();
    let response =
        AuthorizationResponse::from_url(&format!("{CALLBACK}?code=a&state={}", pending.state())).unwrap();
    let elsewhere = client_of(server().token_endpoint("https://evil.example/token").unwrap());
    let renamed = client_of(server().issuer("https://evil.example").unwrap());
    let another = valetkey_core::Client::new(server(), "another");
    let nowhere = AuthorizationServer::new().issuer("https://as.example").unwrap();
    let nowhere = client_of(nowhere.authorization_endpoint("https://as.example/authorize").unwrap());
    for client in [elsewhere, renamed, another, nowhere] {
        assert_eq!(pending.finish(&client, &response, NOW).unwrap_err().rule(), Some(Rule::Tr17));
        assert!(!pending.is_spent());
    }
}

/// AQ-6: a query that the endpoint has of its own is gone on with, however it ends.
#[test]
fn an_endpoints_own_query_is_gone_on_with() {
    for (own, begins) in [("", "?"), ("?", "?"), ("?a=b", "?a=b&"), ("?a=b&", "?a=b&")] {
        let endpoint = format!("https://as.example/authorize{own}");
        let client = client_of(server().authorization_endpoint(&endpoint).unwrap());
        let request = AuthorizationRequest::new(&client, CALLBACK).unwrap();
        let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
        let rest = url.as_str().strip_prefix(&format!("https://as.example/authorize{begins}")).unwrap();
        assert!(rest.starts_with(|first: char| first.is_ascii_lowercase()), "{}", url.as_str());
    }
}

#[test]
fn a_person_who_says_no_is_heard() {
    let mut pending = pending();
    let error =
        finish(&mut pending, "error=access_denied&error_description=No+thanks&state=STATE").unwrap_err();
    assert!(error.is_access_denied());
    assert_eq!(error.refused().unwrap().description(), Some("No thanks"));
    assert!(pending.is_spent());
}

#[test]
fn a_pending_authorization_survives_storage_and_shows_no_secret() {
    let (url, pending) = request().begin(SECRET, entropy(1), NOW).unwrap();
    let stored = serde_json::to_string(&pending).unwrap();
    let verifier = serde_json::from_str::<serde_json::Value>(&stored).unwrap()["code_verifier"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(!stored.contains(SECRET));
    let restored: PendingAuthorization = taken_out(&stored);
    assert_eq!(serde_json::to_string(&restored).unwrap(), stored);
    let shown = format!("{pending:?} {url:?} {:?} {:?}", client(), request());
    for secret in [SECRET, &verifier, pending.state()] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let newer = stored.replace(r#""version":1"#, r#""version":2"#);
    assert!(PendingAuthorization::read(&newer).is_err());
}

/// AQ-1 and RFC 6749 §4.2: the deprecated flow reads a fragment, and never a refresh token.
#[test]
#[expect(deprecated, reason = "the deprecated flow is tested too")]
fn implicit_reads_the_fragment_only() {
    let request = valetkey_core::authorize::ImplicitRequest::new(&client(), CALLBACK).unwrap();
    let finish = |parameters: &str| {
        let (url, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
        assert!(url.as_str().contains("response_type=token"));
        let url = format!("{CALLBACK}{}", parameters.replace("STATE", pending.state()));
        pending.finish(&client(), &AuthorizationResponse::from_url(&url).unwrap(), NOW)
    };
    let tokens = finish("#access_token=t&token_type=bearer&expires_in=600&state=STATE").unwrap();
    assert_eq!(tokens.expires_in(), Some(Duration::from_secs(600)));
    assert!(tokens.quirks().is_empty());
    for (rule, parameters) in [
        (Rule::Ar9, "?access_token=t&token_type=bearer&state=STATE"),
        (Rule::Ar9, "#access_token=t&token_type=bearer&refresh_token=r&state=STATE"),
        (Rule::Ar5, "#access_token=t&token_type=bearer&state=other"),
        (Rule::Tr6, "#access_token=t&state=STATE"),
        (Rule::Tr5, "#token_type=bearer&state=STATE"),
    ] {
        assert_eq!(finish(parameters).unwrap_err().rule(), Some(rule), "{parameters}");
    }
}

/// AQ-2, AQ-4: what begins an authorization takes its entropy away, so that the same seed cannot begin another. That an
/// `Entropy` has no copy is shown by its documentation, which does not compile.
#[test]
fn s12_one_entropy_is_one_conversation() {
    type Begin<P> = fn(&AuthorizationRequest, Entropy, UnixTime) -> Result<P, Error>;
    type BeginIn<P> = fn(&AuthorizationRequest, &str, Entropy, UnixTime) -> Result<P, Error>;
    let begin: BeginIn<_> = AuthorizationRequest::begin;
    let begin_unbound: Begin<_> = AuthorizationRequest::begin_unbound;
    let push: BeginIn<_> = AuthorizationRequest::push;
    let push_unbound: Begin<_> = AuthorizationRequest::push_unbound;
    let start: BeginIn<_> = AuthorizationRequest::start;
    let start_unbound: Begin<_> = AuthorizationRequest::start_unbound;

    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
    let states = [
        begin_unbound(&request, entropy(1), NOW).unwrap().1.state().to_owned(),
        begin(&request, "session", entropy(2), NOW).unwrap().1.state().to_owned(),
    ];
    assert_ne!(states[0], states[1]);
    let pushing =
        client_of(server().endpoint(Endpoint::PushedAuthorization, "https://as.example/par").unwrap());
    let request = AuthorizationRequest::new(&pushing, CALLBACK).unwrap();
    assert!(push_unbound(&request, entropy(3), NOW).is_ok() && push(&request, "s", entropy(4), NOW).is_ok());
    assert!(
        start_unbound(&request, entropy(5), NOW).is_ok() && start(&request, "s", entropy(6), NOW).is_ok()
    );
}

/// AR-14: an empty session would be that of everybody who has none.
#[test]
fn an_authorization_does_not_begin_in_an_empty_session() {
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
    for session in ["", " "] {
        let refused = request.begin(session, entropy(1), NOW).map(drop).unwrap_err();
        assert_eq!(refused.rule(), Some(Rule::Ar14), "{refused}");
        assert!(request.start(session, entropy(1), NOW).is_err());
    }
}
