//! What errors say, of whom, and what a program can ask them.

use std::error::Error as _;

use valetkey_core::dialect::space::{RefreshTokenPayload, Space};
use valetkey_core::error::{Cause, Challenge, Refused, Retry};
use valetkey_core::server::Endpoint;
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::terms::CodeVerifier;
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret,
    DeviceAuthorizationRequest, Error, Flow, Grant, Quirk, RefreshToken, Request, Rule, Scope, Session, Step,
    Subject, TokenRequest, TokenResponse,
};
use valetkey_tests::script::play;
use valetkey_tests::world::World;
use valetkey_tests::{NOW, client, client_of, entropy, get, json, server};

const CALLBACK: &str = "https://app.example/callback";

fn refused(status: u16, body: &str) -> Error {
    let mut flow = TokenRequest::new(&client(), Grant::client_credentials()).unwrap();
    let _ = flow.step(None, NOW).unwrap();
    flow.step(Some(json(status, body)), NOW).unwrap_err()
}

fn token(text: &str) -> RefreshToken {
    RefreshToken::new(text).unwrap()
}

/// The error of an authorization response to a request that was begun at [`NOW`].
fn answered(parameters: &str, after: u64) -> Error {
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
    let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let url = format!("{CALLBACK}?{}", parameters.replace("STATE", pending.state()));
    let now = NOW.after(std::time::Duration::from_secs(after));
    pending.finish(&client(), &AuthorizationResponse::from_url(&url).unwrap(), now).unwrap_err()
}

fn renewal_refused() -> Error {
    let mut world = World::of(Session::from_refresh_token(&client(), token("r0")));
    world.answers(400, r#"{"error":"invalid_grant","error_description":"Revoked"}"#);
    world.call().unwrap_err()
}

/// One error of every kind, and as many more as are quickly made.
fn errors() -> Vec<Error> {
    let ended = {
        let mut flow = TokenRequest::new(&client(), Grant::client_credentials()).unwrap();
        assert!(
            matches!(flow.step(Some(json(200, "")), NOW), Err(Error::Misuse(_))),
            "an answer came that no request was for: step with `None`"
        );
        let _ = flow.step(None, NOW).unwrap();
        let _ = flow.step(Some(json(500, "")), NOW);
        flow.step(None, NOW).unwrap_err()
    };
    let expired = {
        let tokens = TokenResponse::parse(
            json(200, r#"{"access_token":"a","token_type":"Bearer","expires_in":0}"#),
            NOW,
            &AuthorizationServer::new(),
        )
        .unwrap();
        World::of(Session::from_tokens(&client(), &tokens)).call().unwrap_err()
    };
    let challenge = http::HeaderMap::from_iter([(http::header::WWW_AUTHENTICATE, "=".parse().unwrap())]);
    let nowhere = Client::new(AuthorizationServer::new(), "id");
    let raw = AuthorizationServer::new().admit(Quirk::RawBasic);
    vec![
        refused(400, r#"{"error":"invalid_request","error_description":"Bad\r\nthing"}"#),
        refused(401, r#"{"error":"invalid_client"}"#),
        refused(503, "<html>\n<p>down"),
        refused(503, ""),
        refused(302, ""),
        refused(200, "[]"),
        refused(200, "{}"),
        refused(400, r#"{"error":""}"#),
        answered("error=access_denied&error_description=No&state=STATE", 0),
        answered("code=a&state=other", 0),
        answered("code=a&state=STATE", 3600),
        renewal_refused(),
        ended,
        expired,
        Error::Unanswered,
        Challenge::parse(&challenge).unwrap_err(),
        RefreshTokenPayload::parse(b"").unwrap_err(),
        RefreshToken::new("").unwrap_err(),
        ClientSecret::new("").unwrap_err(),
        CodeVerifier::new("short").unwrap_err(),
        Scope::new(["a b"]).unwrap_err(),
        Space::new("ftp://x").unwrap_err(),
        TokenRequest::new(&nowhere, Grant::client_credentials()).unwrap_err(),
        AuthorizationRequest::new(&nowhere, CALLBACK).unwrap().begin_unbound(entropy(1), NOW).unwrap_err(),
        AuthorizationRequest::new(&client(), "relative").unwrap_err(),
        AuthorizationRequest::new(&client(), CALLBACK).unwrap().parameter("state", "x").unwrap_err(),
        client().secret("x").unwrap_err(),
        Client::new(raw, "a:b").secret("x").unwrap_err(),
        client().api("http://api.example").unwrap_err(),
        server().issuer("https://as.example?x").unwrap_err(),
        Grant::extension("relative", Subject::User, ()).unwrap_err(),
        Grant::extension("urn:x", Subject::User, [("scope", "x")]).unwrap_err(),
        Grant::client_credentials().parameter("grant_type", "x").unwrap_err(),
        Session::from_refresh_token(&client(), token("r")).call(get("https://evil.example")).unwrap_err(),
        TokenRequest::new(&client_of(server().authentication_methods(["none"])), Grant::client_credentials())
            .unwrap_err(),
    ]
}

#[test]
fn a_message_is_one_line_in_lower_case_that_says_who_must_act() {
    for error in errors() {
        let told = error.to_string();
        assert!(told.starts_with(|first: char| first.is_ascii_lowercase()), "{told}");
        assert!(!told.contains(char::is_control) && !told.ends_with('.') && told.len() < 600, "{told}");
        let begins = match &error {
            Error::Refused(_) => "the server refused",
            Error::Malformed(malformed) if malformed.rule().id().starts_with("AR-") => {
                "the response was refused: "
            }
            Error::Malformed(_) => "the server broke the protocol: ",
            Error::AuthorizationRequired(_) => "authorization required: ",
            Error::Unanswered => "no answer came",
            Error::Misuse(_) => "misuse: ",
            other => panic!("a kind without a test: {other:?}"),
        };
        assert!(told.starts_with(begins), "{told}");
        assert!(error.source().is_none(), "a message holds everything that there is");
    }
}

/// A rule that was broken is told by its id, which is one of those there are.
#[test]
fn an_error_names_its_rule() {
    for error in errors() {
        let rule = error.rule();
        let of_variant = match &error {
            Error::Malformed(malformed) => Some(malformed.rule()),
            Error::Misuse(misuse) => misuse.rule(),
            Error::AuthorizationRequired(_) => rule,
            _ => None,
        };
        assert_eq!(rule, of_variant, "{error}");
        let Some(rule) = rule else { continue };
        assert!(Rule::ALL.contains(&rule));
        if !error.is_authorization_required() {
            assert!(error.to_string().contains(rule.id()), "{error}");
        }
    }
}

/// ER-5: what people branch on.
#[test]
fn predicates_tell_who_must_act() {
    for (error, invalid_grant, access_denied, required, transient) in [
        (refused(400, r#"{"error":"invalid_grant"}"#), true, false, false, false),
        (refused(500, r#"{"error":"invalid_grant"}"#), false, false, false, true),
        (refused(400, r#"{"error":"access_denied"}"#), false, true, false, false),
        (refused(429, ""), false, false, false, true),
        (refused(400, r#"{"error":"invalid_scope"}"#), false, false, false, false),
        (refused(200, "[]"), false, false, false, false),
        (answered("error=access_denied&state=STATE", 0), false, true, false, false),
        (answered("error=temporarily_unavailable&state=STATE", 0), false, false, false, true),
        (answered("code=a&state=STATE", 3600), false, false, true, false),
        (renewal_refused(), true, false, true, false),
        (Error::Unanswered, false, false, false, true),
        (ClientSecret::new("").unwrap_err(), false, false, false, false),
    ] {
        assert_eq!(error.is_invalid_grant(), invalid_grant, "{error}");
        assert_eq!(error.is_access_denied(), access_denied, "{error}");
        assert_eq!(error.is_authorization_required(), required, "{error}");
        assert_eq!(error.is_transient(), transient, "{error}");
    }
}

#[test]
fn a_refusal_is_found_behind_the_error_it_caused() {
    let error = renewal_refused();
    assert_eq!(error.refused().unwrap().description(), Some("Revoked"));
    assert_eq!(
        error.to_string(),
        "authorization required: the server refused: invalid_grant: Revoked (status 400, token endpoint)"
    );
    let Error::AuthorizationRequired(required) = &error else { panic!("{error}") };
    assert!(matches!(required.cause(), Cause::Refused(_)));
    let late = answered("code=a&state=STATE", 3600);
    let Error::AuthorizationRequired(required) = &late else { panic!("{late}") };
    assert!(matches!(required.cause(), Cause::TooLate) && late.refused().is_none());
    // By redirect there is no status, and nothing to wait for.
    let denied = answered("error=access_denied&error_uri=https%3A%2F%2Fas.example%2Fwhy&state=STATE", 0);
    let by_redirect = denied.refused().unwrap();
    assert_eq!(
        (by_redirect.status(), by_redirect.retry_after(), by_redirect.retry()),
        (None, None, Retry::Never)
    );
    assert_eq!(denied.to_string(), "the server refused: access_denied");
    assert_eq!(by_redirect.uri(), Some("https://as.example/why"));
}

/// ER-4: the address of an error's page is one that a person can open, and holds nothing that had to be hidden.
#[test]
fn an_error_page_is_a_web_page() {
    let page = |uri: &str| {
        let body = format!(r#"{{"error":"e","error_uri":{}}}"#, serde_json::to_string(uri).unwrap());
        Refused::parse(&json(400, &body), NOW).unwrap().uri().map(str::to_owned)
    };
    for good in [
        "https://as.example/errors#invalid_request",
        "http://as.example/",
        "https://developer.as.example/docs/v2/Reference/oauth/errors/invalid-redirect-uri?lang=en",
    ] {
        assert_eq!(page(good).as_deref(), Some(good));
    }
    for bad in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "as.example",
        "",
        "https://as.example/\u{1b}[31m",
        "https://as.example/a b",
        "https://as.example/ü",
        "https://as.example/?token=eyJhbGciOiJSUzUxMiJ9.eyJzdWIi",
    ] {
        assert_eq!(page(bad), None, "{bad}");
    }
    assert_eq!(page(&format!("https://as.example/{}", "a/".repeat(300))), None);
}

/// ER-2: the challenges of a refusal are kept, and a garbled one does not hide the refusal.
#[test]
fn a_refusal_keeps_its_challenges() {
    let challenged = |value: &str| {
        let mut response = json(401, r#"{"error":"invalid_client"}"#);
        response.headers_mut().insert("www-authenticate", value.parse().unwrap());
        Refused::parse(&response, NOW).unwrap()
    };
    let refused = challenged(r#"Basic realm="clients""#);
    assert!(refused.challenges()[0].is("basic"));
    assert_eq!(refused.challenges()[0].parameter("realm"), Some("clients"));
    let garbled = challenged(r#"Basic realm="clients"#);
    assert!(garbled.challenges().is_empty());
    assert_eq!(garbled.code().unwrap(), "invalid_client");
}

fn first<F: Flow>(mut flow: F) -> Request {
    match flow.step(None, NOW) {
        Ok(Step::Send(request)) => request,
        _ => panic!("nothing to send"),
    }
}

fn lost<F: Flow>(mut flow: F) -> bool {
    flow.unanswered(NOW)
}

/// A flow that is behind a reference or in a box is the flow, and a step can be looked at and mapped.
#[test]
fn a_flow_may_be_borrowed_or_boxed() {
    let mut flow = TokenRequest::new(&client(), Grant::client_credentials()).unwrap();
    assert_eq!(first(&mut flow).method(), "POST");
    assert!(!lost(&mut flow));
    assert!(flow.step(None, NOW).is_err(), "the flow itself was told");
    let flow = TokenRequest::new(&client(), Grant::client_credentials()).unwrap();
    let mut boxed: Box<dyn Flow<Output = TokenResponse>> = Box::new(flow);
    let step = boxed.step(None, NOW).unwrap().map(|_| 1);
    assert_eq!(format!("{step:?}"), "Send(POST https://as.example/token)");
    assert!(!boxed.unanswered(NOW));
    let waits = Step::<u8>::Wait(std::time::Duration::from_secs(1)).map(u16::from);
    assert_eq!(format!("{waits:?} {:?}", Step::Done("x").map(str::len)), "Wait(1s) Done(..)");
}

/// HT-1: no endpoint's redirect is followed, whatever it is for; the token endpoint's breaks TR-1.
#[test]
fn a_redirect_of_an_endpoint_is_followed_nowhere() {
    let endpoints = [Endpoint::Revocation, Endpoint::Introspection, Endpoint::DeviceAuthorization];
    let server = endpoints.iter().fold(server(), |server, endpoint| {
        server.endpoint(*endpoint, &format!("https://as.example/{}", endpoint.name())).unwrap()
    });
    let (client, token) = (client_of(server), AccessToken::new("t").unwrap());
    for status in [301, 302, 303, 307, 308] {
        let redirect = || {
            let mut response = json(status, r#"{"error":"invalid_client","active":true}"#);
            response.headers_mut().insert("location", "https://attacker.example/".parse().unwrap());
            [Some(response)]
        };
        let played = [
            play(Revocation::access_token(&client, &token).unwrap(), redirect()).rule(),
            play(Introspection::new(&client, &token).unwrap(), redirect()).rule(),
            play(DeviceAuthorizationRequest::new(&client).unwrap(), redirect()).rule(),
        ];
        assert_eq!(played, [Rule::Ht1; 3], "{status}");
        let [response] = redirect().map(Option::unwrap);
        assert_eq!(Refused::parse(&response, NOW).unwrap_err().rule(), Some(Rule::Ht1), "{status}");
        let flow = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
        assert_eq!(play(flow, redirect()).rule(), Rule::Tr1, "{status}");
    }
}

/// What logs and configuration files name leads back to what it names.
#[test]
fn rules_and_quirks_are_read_by_their_names() {
    use valetkey_core::{Quirk, Rule};
    for rule in Rule::ALL {
        assert_eq!(rule.id().parse::<Rule>().unwrap(), *rule);
    }
    for quirk in Quirk::ALL {
        assert_eq!(quirk.name().parse::<Quirk>().unwrap(), *quirk);
    }
    assert!(matches!("AR-0".parse::<Rule>(), Err(Error::Misuse(_))));
    assert!(matches!("anything-goes".parse::<Quirk>(), Err(Error::Misuse(_))));
}
