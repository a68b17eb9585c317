//! What a program changes of its requests and their answers: `Adjust`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};
use valetkey_core::client::{Adjust, AdjustedAnswer, AdjustedRequest};
use valetkey_core::error::CallbackError;
use valetkey_core::server::Endpoint;
use valetkey_core::session::SessionRecord;
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client,
    DeviceAuthorizationRequest, DevicePoll, Error, Flow, Grant, Quirk, RefreshToken, Request, Rule, Session,
    Step, TokenRequest,
};
use valetkey_tests::renewing::Rig;
use valetkey_tests::script::play;
use valetkey_tests::world::World;
use valetkey_tests::{NOW, SECRET, client, client_of, entropy, json as answer, server};

/// A server that takes JSON, wants a version, calls things otherwise, and answers in an envelope.
struct Odd;

impl Adjust for Odd {
    fn request(&self, request: &mut AdjustedRequest) -> Result<(), CallbackError> {
        if request.endpoint() != Endpoint::Token {
            return Ok(());
        }
        request.rename("grant_type", "type");
        request.set("audience", "odd");
        request.remove("scope");
        request.set_header("api-version", "2026-01-01")?;
        request.send_as_json();
        Ok(())
    }

    fn answer(&self, answer: &mut AdjustedAnswer<'_>) -> Result<(), CallbackError> {
        if answer.endpoint() != Endpoint::Token {
            return Ok(());
        }
        let envelope: Value = serde_json::from_slice(answer.body()).map_err(CallbackError::new)?;
        answer.set_body(envelope["data"].to_string());
        Ok(())
    }
}

const ENVELOPE: &str = r#"{"data":{"access_token":"a","token_type":"Bearer","expires_in":3600}}"#;

fn odd() -> Client {
    client().adjusted_by(Odd)
}

fn sent(flow: &mut impl Flow) -> Request {
    match flow.step(None, NOW) {
        Ok(Step::Send(request)) => request,
        other => panic!("{:?}", other.map(|_| ())),
    }
}

/// F31: a request in JSON, its parameters and a header changed, and an answer in an envelope; both are told on the result.
#[test]
fn a_request_and_its_answer_are_changed() {
    let grant = Grant::client_credentials().scope("calendar").unwrap();
    let played = play(TokenRequest::new(&odd(), grant).unwrap(), [Some(answer(200, ENVELOPE))]);
    let tokens = played.outcome.unwrap();
    assert_eq!(tokens.access_token().expose(), "a");
    assert!(tokens.quirks().contains(Quirk::Adjusted));
    let request = &played.sent[0].1;
    assert_eq!(request.body(), br#"{"audience":"odd","type":"client_credentials"}"#);
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(request.headers()["api-version"], "2026-01-01");
    let plain = play(TokenRequest::new(&client(), Grant::client_credentials()).unwrap(), [tokens_of_plain()]);
    assert!(!plain.outcome.unwrap().quirks().contains(Quirk::Adjusted));
}

fn tokens_of_plain() -> Option<valetkey_core::Response> {
    Some(answer(200, r#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#))
}

/// Method, URL and the client's credentials are as without it.
#[test]
fn where_a_request_goes_and_by_whose_right_is_not_changed() {
    let one = sent(&mut TokenRequest::new(&odd(), Grant::client_credentials()).unwrap());
    let other = sent(&mut TokenRequest::new(&client(), Grant::client_credentials()).unwrap());
    assert_eq!((one.method(), one.uri()), (other.method(), other.uri()));
    assert_eq!(one.headers()["authorization"], other.headers()["authorization"]);
    assert!(one.headers()["authorization"].is_sensitive());

    struct Grasping(&'static str);
    impl Adjust for Grasping {
        fn request(&self, request: &mut AdjustedRequest) -> Result<(), CallbackError> {
            request.set_header(self.0, "x")
        }
    }
    let taken = [
        "Authorization",
        "DPoP",
        "Host",
        "Content-Length",
        "Content-Type",
        "Transfer-Encoding",
        "Connection",
        "TE",
        "Trailer",
        "Expect",
        "Upgrade",
        "Proxy-Authorization",
        "Cookie",
        "Content-Encoding",
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "X-Original-URL",
        "X-Rewrite-URL",
        "Forwarded",
        "X-Forwarded-Host",
        "x-forwarded-for",
        "OAuth-Client-Attestation",
        "OAuth-Client-Attestation-PoP",
        "Proxy-Connection",
        "Keep-Alive",
        "a b",
        "",
    ];
    for name in taken {
        let mut flow =
            TokenRequest::new(&client().adjusted_by(Grasping(name)), Grant::client_credentials()).unwrap();
        assert!(matches!(flow.step(None, NOW), Err(Error::Callback(_))), "{name}");
    }
}

/// It sees what is sent, the client's part too; a parameter with several values is a list in JSON.
#[test]
fn all_parameters_are_there_to_be_changed() {
    struct Looks(Arc<AtomicBool>);
    impl Adjust for Looks {
        fn request(&self, request: &mut AdjustedRequest) -> Result<(), CallbackError> {
            assert_eq!(request.parameter("client_secret"), Some(SECRET));
            assert_eq!(request.parameter("nothing"), None);
            assert!(!format!("{request:?}").contains(SECRET));
            request.set("resource", "https://one.example");
            assert_eq!(request.parameters().filter(|(name, _)| *name == "resource").count(), 1);
            if self.0.load(Ordering::SeqCst) {
                request.remove("resource");
                request.send_as_json();
            }
            Ok(())
        }
    }
    let json = Arc::new(AtomicBool::new(false));
    let client = Client::new(server(), "id").secret_in_body(SECRET).unwrap().adjusted_by(Looks(json.clone()));
    let grant = Grant::client_credentials();
    let grant = grant.resource("https://a.example").unwrap().resource("https://b.example").unwrap();
    let form = sent(&mut TokenRequest::new(&client, grant.clone()).unwrap());
    assert_eq!(
        std::str::from_utf8(form.body()).unwrap(),
        format!(
            "grant_type=client_credentials&resource=https%3A%2F%2Fone.example&client_id=id&client_secret={SECRET}"
        )
    );
    json.store(true, Ordering::SeqCst);
    let object = sent(&mut TokenRequest::new(&client, grant.clone()).unwrap());
    let object: Value = serde_json::from_slice(object.body()).unwrap();
    assert_eq!(
        object,
        json!({"grant_type": "client_credentials", "client_id": "id", "client_secret": SECRET})
    );

    struct AsJson;
    impl Adjust for AsJson {
        fn request(&self, request: &mut AdjustedRequest) -> Result<(), CallbackError> {
            request.send_as_json();
            Ok(())
        }
    }
    let object = sent(&mut TokenRequest::new(&client.adjusted_by(AsJson), grant).unwrap());
    let object: Value = serde_json::from_slice(object.body()).unwrap();
    assert_eq!(object["resource"], json!(["https://a.example", "https://b.example"]));
}

/// A code, a device's poll, a session's renewal and a flow that is run: all go through it.
#[test]
fn every_token_request_goes_through_it() {
    let is_odd = |request: &Request| {
        let object: Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(object["audience"], "odd");
        object["type"].as_str().unwrap().to_owned()
    };
    // A login.
    let request = AuthorizationRequest::new(&odd(), "https://app.example/callback").unwrap();
    let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let back = format!("https://app.example/callback?code=c&state={}", pending.state());
    let back = AuthorizationResponse::from_url(&back).unwrap();
    let played = play(pending.finish(&odd(), &back, NOW).unwrap(), [Some(answer(200, ENVELOPE))]);
    assert_eq!(is_odd(&played.sent[0].1), "authorization_code");
    played.outcome.unwrap();
    // A device.
    let devices =
        client_of(server().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap());
    let devices = devices.adjusted_by(Odd);
    let body = r#"{"device_code":"d","user_code":"W","verification_uri":"https://example.com/device","expires_in":600}"#;
    let device = play(DeviceAuthorizationRequest::new(&devices).unwrap(), [Some(answer(200, body))]);
    assert_eq!(device.sent[0].1.body(), b"", "it is no token request");
    assert!(!device.outcome.as_ref().unwrap().quirks().contains(Quirk::Adjusted));
    let pending = r#"{"data":{"error":"authorization_pending"}}"#;
    let answers = [Some(answer(400, pending)), Some(answer(200, ENVELOPE))];
    let played = play(DevicePoll::new(&devices, device.outcome.unwrap()).unwrap(), answers);
    assert_eq!(played.sent.len(), 2, "a refusal is read as it was changed");
    assert_eq!(is_odd(&played.sent[1].1), "urn:ietf:params:oauth:grant-type:device_code");
    played.outcome.unwrap();
    // A renewal; and a session that is taken up again has the one of its client.
    let session = Session::from_refresh_token(&odd(), RefreshToken::new("r0").unwrap());
    let stored = serde_json::to_string(&session.record().unwrap()).unwrap();
    let record: SessionRecord = serde_json::from_str(&stored).unwrap();
    for mut session in [session, Session::from_record(&odd(), record).unwrap()] {
        let mut call = session.call(valetkey_tests::get("https://api.example/me")).unwrap();
        assert_eq!(is_odd(&sent(&mut call)), "refresh_token");
        let Step::Send(request) = call.step(Some(answer(200, ENVELOPE)), NOW).unwrap() else { panic!() };
        assert_eq!(request.headers()["authorization"], "Bearer a");
    }
}

/// Has requests in JSON at every endpoint, and takes each answer out of an envelope.
struct Everywhere;

impl Adjust for Everywhere {
    fn request(&self, request: &mut AdjustedRequest) -> Result<(), CallbackError> {
        request.set("at", request.endpoint().name());
        request.rename("scope", "scopes");
        request.send_as_json();
        Ok(())
    }

    fn answer(&self, answer: &mut AdjustedAnswer<'_>) -> Result<(), CallbackError> {
        let envelope: Value = serde_json::from_slice(answer.body()).map_err(CallbackError::new)?;
        assert_eq!(envelope["at"], answer.endpoint().name());
        answer.set_body(envelope["data"].to_string());
        Ok(())
    }
}

fn wrapped(status: u16, endpoint: Endpoint, data: Value) -> Option<valetkey_core::Response> {
    Some(answer(status, &json!({"at": endpoint.name(), "data": data}).to_string()))
}

fn everywhere() -> Client {
    let endpoints = [
        (Endpoint::DeviceAuthorization, "https://as.example/device"),
        (Endpoint::PushedAuthorization, "https://as.example/par"),
        (Endpoint::Revocation, "https://as.example/revoke"),
        (Endpoint::Introspection, "https://as.example/introspect"),
    ];
    let described = |known: AuthorizationServer, (endpoint, url)| known.endpoint(endpoint, url).unwrap();
    client_of(endpoints.into_iter().fold(server(), described)).adjusted_by(Everywhere)
}

/// What was sent, which is JSON and goes where it went before, by the same right.
fn as_sent(request: &Request, path: &str) -> Value {
    assert_eq!(request.uri().path(), path);
    assert_eq!(request.headers()["content-type"], "application/json");
    assert!(request.headers()["authorization"].is_sensitive());
    serde_json::from_slice(request.body()).unwrap()
}

/// F31: the other endpoints that know clients are asked in JSON too, and their answers changed, each by its name; it is told on
/// what came of it.
#[test]
fn every_endpoint_that_knows_clients_is_adjusted() {
    let client = everywhere();
    let device = json!({"device_code": "d", "user_code": "W", "verification_uri": "https://example.com/d", "expires_in": 600});
    let played = play(
        DeviceAuthorizationRequest::new(&client).unwrap().scope("calendar").unwrap(),
        [wrapped(200, Endpoint::DeviceAuthorization, device)],
    );
    let asked = json!({"scopes": "calendar", "at": "device_authorization_endpoint"});
    assert_eq!(as_sent(&played.sent[0].1, "/device"), asked);
    assert!(played.outcome.unwrap().quirks().contains(Quirk::Adjusted));

    let token = AccessToken::new("a-token").unwrap();
    let played = play(
        Revocation::access_token(&client, &token).unwrap(),
        [wrapped(200, Endpoint::Revocation, json!({}))],
    );
    assert_eq!(as_sent(&played.sent[0].1, "/revoke")["token"], "a-token");
    played.outcome.unwrap();

    let active = json!({"active": true, "scope": "calendar"});
    let played =
        play(Introspection::new(&client, &token).unwrap(), [wrapped(200, Endpoint::Introspection, active)]);
    assert_eq!(as_sent(&played.sent[0].1, "/introspect")["token_type_hint"], "access_token");
    assert!(played.outcome.unwrap().active().unwrap().quirks().contains(Quirk::Adjusted));
}

/// F31: a pushed request too; that it was changed is told by what waits, and by the tokens that come of it.
#[test]
fn a_pushed_request_is_adjusted() {
    let client = everywhere();
    let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    let pushed = json!({"request_uri": "urn:example:one", "expires_in": 60});
    let played = play(
        request.push_unbound(entropy(1), NOW).unwrap(),
        [wrapped(201, Endpoint::PushedAuthorization, pushed)],
    );
    assert_eq!(as_sent(&played.sent[0].1, "/par")["code_challenge_method"], "S256");
    let (_, mut pending) = played.outcome.unwrap();
    assert!(pending.quirks().contains(Quirk::Adjusted));
    let back = format!("https://app.example/callback?code=c&state={}", pending.state());
    let back = AuthorizationResponse::from_url(&back).unwrap();
    let plain = client_of(client.server().clone());
    let tokens = play(pending.finish(&plain, &back, NOW).unwrap(), [tokens_of_plain()]).outcome.unwrap();
    assert!(tokens.quirks().contains(Quirk::Adjusted));
}

/// ER-3: at these endpoints too, an error of the program's that quotes what was sent or came does not show it.
#[test]
fn an_error_at_another_endpoint_shows_no_secret() {
    struct Quotes;
    impl Adjust for Quotes {
        fn answer(&self, answer: &mut AdjustedAnswer<'_>) -> Result<(), CallbackError> {
            let body = String::from_utf8_lossy(answer.body());
            Err(CallbackError::new(format!("no token_type_hint access_token in {body}")))
        }
    }
    let client = everywhere().adjusted_by(Quotes);
    let token = AccessToken::new("hunter2").unwrap();
    let echoed = format!("{} is unknown", token.expose());
    let flow = Revocation::access_token(&client, &token).unwrap();
    let error = play(flow, [Some(answer(200, &echoed))]).outcome.unwrap_err();
    let told = "the adjusting of a revocation failed: no token_type_hint access_token in <secret> is unknown";
    assert_eq!(error.to_string(), told);
}

/// Core's checks come after it, and hold what it left; what core refuses anyway it is not shown.
#[test]
fn what_it_leaves_is_checked() {
    struct Says(&'static str, Arc<AtomicUsize>);
    impl Adjust for Says {
        fn answer(&self, answer: &mut AdjustedAnswer<'_>) -> Result<(), CallbackError> {
            self.1.fetch_add(1, Ordering::SeqCst);
            assert!(
                !answer.status().is_redirection() && answer.body().len() <= valetkey_core::host::MAX_BODY
            );
            assert!(!format!("{answer:?}").contains("a-token"));
            answer.set_body(self.0);
            Ok(())
        }
    }
    const GOOD: &str = r#"{"access_token":"b","token_type":"Bearer"}"#;
    let asked = |body: &'static str, response: valetkey_core::Response| {
        let times = Arc::new(AtomicUsize::new(0));
        let client = client().adjusted_by(Says(body, times.clone()));
        let played = play(TokenRequest::new(&client, Grant::client_credentials()).unwrap(), [Some(response)]);
        (played.outcome, times.load(Ordering::SeqCst))
    };
    let came = r#"{"access_token":"a-token","token_type":"Bearer"}"#;
    assert_eq!(asked(GOOD, answer(200, came)).0.unwrap().access_token().expose(), "b");
    let (error, times) = asked("{}", answer(200, came));
    assert_eq!((error.unwrap_err().rule(), times), (Some(Rule::Tr5), 1));
    let (error, times) = asked(GOOD, answer(302, came));
    assert_eq!((error.unwrap_err().rule(), times), (Some(Rule::Tr1), 0), "a redirect is refused before it");
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(valetkey_core::host::MAX_BODY));
    let (error, times) = asked(GOOD, answer(200, &large));
    assert_eq!((error.unwrap_err().rule(), times), (Some(Rule::Tr2), 0), "and what is too large");
    let (error, _) = asked(GOOD, answer(400, "no"));
    assert!(matches!(error, Err(Error::Refused(_))), "a refusal stays one");
    let mut xml = answer(200, "<token/>");
    xml.headers_mut().insert("content-type", "application/xml".parse().unwrap());
    assert!(asked(GOOD, xml).0.is_ok(), "what it writes is JSON");
}

/// It fails in words of its own, without what looks like a secret; nothing was sent, and nothing is taken for lost.
#[test]
fn one_that_fails_loses_nothing() {
    struct Fails(Arc<AtomicBool>);
    impl Adjust for Fails {
        fn request(&self, _request: &mut AdjustedRequest) -> Result<(), CallbackError> {
            match self.0.load(Ordering::SeqCst) {
                true => Err(CallbackError::new("the vault is sealed")),
                false => Ok(()),
            }
        }
    }
    let fails = Arc::new(AtomicBool::new(true));
    let client = client().adjusted_by(Fails(fails.clone()));
    let token = RefreshToken::new("r0").unwrap();
    let session = Session::from_refresh_token(&client, token);
    let mut session = session.in_store(valetkey_tests::renewing::key()).unwrap();
    let mut rig = Rig::new();
    let error = rig.renew(&mut session).unwrap_err();
    assert_eq!(error.to_string(), "the adjusting of a token request failed: the vault is sealed");
    assert!(error.is_transient());
    assert_eq!((rig.requests(), &rig.record()["refresh_token"]), (0, &"r0".into()));
    assert!(rig.record()["intent"].is_null(), "nothing was sent, so nothing is lost");
    fails.store(false, Ordering::SeqCst);
    rig.pass(5);
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    let mut world = World::of(session);
    world.calls(1);
    assert_eq!(world.sent(), ["call a1"]);
}

/// What is removed last takes nothing back of what was changed before, and what was not there is no change.
#[test]
fn removing_what_is_not_there_leaves_what_was_changed() {
    struct Adds(bool);
    impl Adjust for Adds {
        fn request(&self, request: &mut AdjustedRequest) -> Result<(), CallbackError> {
            if self.0 {
                request.set("audience", "odd");
            }
            request.remove("nothing");
            Ok(())
        }
    }
    for adds in [true, false] {
        let client = client().adjusted_by(Adds(adds));
        let request = sent(&mut TokenRequest::new(&client, Grant::client_credentials()).unwrap());
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        assert_eq!(body.contains("audience=odd"), adds, "{body}");
        assert!(body.contains("grant_type=client_credentials"), "{body}");
    }
}

/// A device's poll whose answer cannot be changed has ended: the server may have given its tokens.
#[test]
fn an_answer_that_cannot_be_changed_ends_the_flow() {
    let devices =
        client_of(server().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap());
    let devices = devices.adjusted_by(Odd);
    let body = r#"{"device_code":"d","user_code":"W","verification_uri":"https://example.com/device","expires_in":600}"#;
    let device = play(DeviceAuthorizationRequest::new(&devices).unwrap(), [Some(answer(200, body))]);
    let played =
        play(DevicePoll::new(&devices, device.outcome.unwrap()).unwrap(), [Some(answer(200, "<html>"))]);
    assert!(matches!(played.outcome, Err(Error::Callback(_))));
    assert_eq!(played.sent.len(), 1);
}

/// What a program's error quotes of the answer or the request is hidden: a parser's error has the text that it did not expect.
#[test]
fn an_error_that_quotes_a_secret_does_not_show_it() {
    struct Quotes;
    impl Adjust for Quotes {
        fn answer(&self, answer: &mut AdjustedAnswer<'_>) -> Result<(), CallbackError> {
            let answer: std::collections::BTreeMap<String, u64> =
                serde_json::from_slice(answer.body()).map_err(CallbackError::new)?;
            panic!("{answer:?}")
        }
    }
    for token in ["7f3c9a", "two words", "7f3c9a0d11", "3f2b8c1e-7f3c-4a0d-9b11-0c9d8e7f6a5b"] {
        let came = format!(r#"{{"access_token":"{token}","token_type":"Bearer"}}"#);
        let client = client().adjusted_by(Quotes);
        let played = play(
            TokenRequest::new(&client, Grant::client_credentials()).unwrap(),
            [Some(answer(200, &came))],
        );
        let error = played.outcome.unwrap_err();
        assert!(!format!("{error} {error:?}").contains(token), "{error}");
        assert!(error.to_string().contains("invalid type: string"), "{error}");
    }

    // However deep in the answer it is.
    struct Repeats;
    impl Adjust for Repeats {
        fn answer(&self, _: &mut AdjustedAnswer<'_>) -> Result<(), CallbackError> {
            Err(CallbackError::new("it has two words, and nothing else"))
        }
    }
    for came in [r#"["two words"]"#, r#"{"a":[{"b":["two words"]}]}"#] {
        let client = client().adjusted_by(Repeats);
        let request = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
        let told = play(request, [Some(answer(200, came))]).outcome.unwrap_err().to_string();
        assert!(told.contains("it has") && !told.contains("two words"), "{told}");
    }

    struct Tells;
    impl Adjust for Tells {
        fn request(&self, request: &mut AdjustedRequest) -> Result<(), CallbackError> {
            request.set("pin", "made anew");
            let told: Vec<_> =
                request.parameters().map(|(name, value)| format!("{name} is {value}")).collect();
            Err(CallbackError::new(format!("no {}", told.join(", "))))
        }
    }
    let client = Client::new(server(), "id").secret_in_body(SECRET).unwrap().adjusted_by(Tells);
    let grant = Grant::refresh_token(&RefreshToken::new("r0-short").unwrap());
    let error = TokenRequest::new(&client, grant).unwrap().step(None, NOW).map(|_| ()).unwrap_err();
    let told = format!("{error} {error:?}");
    assert!(["r0-short", SECRET, "made anew"].iter().all(|secret| !told.contains(secret)), "{told}");
    assert!(error.to_string().contains("grant_type is refresh_token"), "{told}");
    let strange = CallbackError::new("no 3f2b8c1e-7f3c-4a0d-9b11-0c9d8e7f6a5b in the vault");
    assert_eq!(strange.to_string(), "code of this program's own failed: no <secret> in the vault");
}

/// ER-3: a refusal that echoes what the program put into the request does not show it.
#[test]
fn what_was_put_into_a_request_is_hidden_in_a_refusal_of_it() {
    struct Puts;
    impl Adjust for Puts {
        fn request(&self, request: &mut AdjustedRequest) -> Result<(), CallbackError> {
            request.set("otp", "hunter two");
            request.set("v", "2");
            request.set_header("x-api-key", "key-k1")
        }
    }
    let client = client().adjusted_by(Puts);
    let refusal =
        r#"{"error":"invalid_request","error_description":"v 2: hunter two and key-k1 are unknown"}"#;
    let played =
        play(TokenRequest::new(&client, Grant::client_credentials()).unwrap(), [Some(answer(400, refusal))]);
    let error = played.outcome.unwrap_err();
    assert_eq!(error.refused().unwrap().description(), Some("v 2: <secret> and <secret> are unknown"));
    assert!(!format!("{error} {error:?}").contains("hunter"), "{error}");
}
