//! PA, AQ-13 and AQ-14: requests that are pushed past the browser.

use std::time::Duration;

use valetkey_core::authorize::ResponseMode;
use valetkey_core::error::Retry;
use valetkey_core::server::Endpoint;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Dpop, Error, Flow,
    PendingAuthorization, Quirk, Rule, Step,
};
use valetkey_sandbox::{Misbehaviour, Sandbox};
use valetkey_tests::script::play;
use valetkey_tests::stored::taken_out;
use valetkey_tests::{NOW, client_of as valetkey_client_of, entropy, json, server as plain_server};

use crate::support::*;

const CREATED: &str = r#"{"request_uri":"urn:ietf:params:oauth:request_uri:bwc4JK","expires_in":60}"#;

fn pushing() -> AuthorizationServer {
    plain_server().endpoint(Endpoint::PushedAuthorization, "https://as.example/par").unwrap()
}

/// AQ-13: everything is pushed, once; the browser carries two parameters.
#[test]
fn the_whole_request_is_pushed_and_the_browser_carries_its_name() {
    let server = pushing().authorization_endpoint("https://as.example/authorize?tenant=7").unwrap();
    let client = valetkey_client_of(server);
    let request = request(&client).scope("a b").unwrap().response_mode(ResponseMode::FormPost);
    let played = play(request.push_unbound(entropy(1), NOW).unwrap(), [Some(json(201, CREATED))]);
    let (_, sent) = &played.sent[0];
    assert_eq!((sent.method().as_str(), sent.uri().to_string().as_str()), ("POST", "https://as.example/par"));
    assert!(sent.headers()["authorization"].to_str().unwrap().starts_with("Basic "));
    let form = pairs(sent.body());
    let mut names = names(&form);
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "client_id",
            "code_challenge",
            "code_challenge_method",
            "redirect_uri",
            "response_mode",
            "response_type",
            "scope",
            "state"
        ]
    );
    let (url, pending) = played.outcome.unwrap();
    assert_eq!(value(&form, "state"), pending.state());
    assert_eq!(
        url.as_str(),
        "https://as.example/authorize?tenant=7&client_id=s6BhdRkqt3\
         &request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Abwc4JK"
    );
    assert_eq!(pending.request_expires_at(), Some(after(60)));
}

/// A client is named once, however it authenticates (RFC 9126 §2.1).
#[test]
fn the_client_is_named_once() {
    let secret = || valetkey_core::ClientSecret::new(SECRET).unwrap();
    let public = Client::new(pushing(), "c");
    for client in
        [public.clone(), public.clone().secret(secret()).unwrap(), public.secret_in_body(secret()).unwrap()]
    {
        let played =
            play(request(&client).push_unbound(entropy(1), NOW).unwrap(), [Some(json(201, CREATED))]);
        assert_eq!(value(&pairs(played.sent[0].1.body()), "client_id"), "c");
    }
}

/// AQ-13: the name is good for as long as the server said, from when the request was sent; it is stored with the rest.
#[test]
fn the_pending_authorization_knows_until_when_the_url_is_good() {
    let client = valetkey_client_of(pushing());
    let mut flow = request(&client).push("session", entropy(1), NOW).unwrap();
    assert!(matches!(flow.step(None, after(5)), Ok(Step::Send(_))));
    let Ok(Step::Done((_, pending))) = flow.step(Some(json(201, CREATED)), after(9)) else { panic!() };
    assert_eq!(pending.request_expires_at(), Some(after(65)));
    let stored = serde_json::to_string(&pending).unwrap();
    let again: PendingAuthorization = taken_out(&stored);
    assert_eq!(again.request_expires_at(), Some(after(65)));
    assert_eq!(serde_json::to_string(&again).unwrap(), stored);
    // One that was written before there was such a thing, or was not pushed.
    let older = stored.replace(&format!(r#","request_expires_at":{}"#, after(65).as_millis()), "");
    assert_ne!(older, stored);
    let older: PendingAuthorization = taken_out(&older);
    assert_eq!(older.request_expires_at(), None);
    assert_eq!(request(&client).begin_unbound(entropy(1), NOW).unwrap().1.request_expires_at(), None);
}

/// PA-1: nothing but a `request_uri` and a lifetime, with status 201.
#[test]
fn an_answer_that_is_not_in_order_is_refused() {
    let client = valetkey_client_of(pushing());
    let outcome = |status, body: &str| {
        play(request(&client).push_unbound(entropy(1), NOW).unwrap(), [Some(json(status, body))]).outcome
    };
    for (request_uri, expires_in) in [
        (r#""""#, "60"),
        ("5", "60"),
        ("null", "60"),
        (r#""not a uri""#, "60"),
        (r#""no-scheme""#, "60"),
        (r#""urn:x""#, "0"),
        (r#""urn:x""#, "-1"),
        (r#""urn:x""#, "null"),
        (r#""urn:x""#, "true"),
        (r#""urn:x""#, "[60]"),
        (r#""urn:x""#, r#""12abc""#),
    ] {
        let body = format!(r#"{{"request_uri":{request_uri},"expires_in":{expires_in}}}"#);
        assert_eq!(rule(outcome(201, &body)), Rule::Pa1, "{body}");
    }
    assert_eq!(rule(outcome(201, r#"{"expires_in":60}"#)), Rule::Pa1);
    assert_eq!(rule(outcome(201, r#"{"request_uri":"urn:x"}"#)), Rule::Pa1);
    assert_eq!(rule(outcome(200, CREATED)), Rule::Pa1);
    assert_eq!(rule(outcome(201, &format!("{CREATED}{CREATED}"))), Rule::Tr2);
    assert_eq!(rule(outcome(201, r#"{"request_uri":"urn:x","request_uri":"urn:y"}"#)), Rule::Tr2);
    let mut page = json(201, CREATED);
    page.headers_mut().insert("content-type", "text/html".parse().unwrap());
    let flow = request(&client).push_unbound(entropy(1), NOW).unwrap();
    assert_eq!(play(flow, [Some(page)]).rule(), Rule::Pa1);
    // A server that is known to answer so.
    let lax = valetkey_client_of(pushing().admit(Quirk::AnySuccessStatus));
    let flow = request(&lax).push_unbound(entropy(1), NOW).unwrap();
    assert!(play(flow, [Some(json(200, CREATED))]).outcome.is_ok());
}

fn push(sandbox: &mut Sandbox, misbehaviour: Misbehaviour) -> Result<(), Error> {
    let client = client(sandbox);
    sandbox.misbehave_once(misbehaviour);
    let flow = request(&client).push_unbound(entropy(1), NOW).unwrap();
    let outcome = run(sandbox, flow).map(drop);
    assert_eq!(sandbox.misbehaviours().count(), 0, "{misbehaviour} was met");
    outcome
}

/// PA-1, HT-1: every misbehaviour of the sandbox's endpoint.
#[test]
fn what_a_server_answers_wrongly_is_refused() {
    for (misbehaviour, expected) in [
        (Misbehaviour::PushedOk, Rule::Pa1),
        (Misbehaviour::RequestUriMissing, Rule::Pa1),
        (Misbehaviour::RequestUriEmpty, Rule::Pa1),
        (Misbehaviour::RequestUriNumber, Rule::Pa1),
        (Misbehaviour::PushedExpiryMissing, Rule::Pa1),
        (Misbehaviour::PushedExpiryZero, Rule::Pa1),
        (Misbehaviour::PushedExpiryNegative, Rule::Pa1),
        (Misbehaviour::PushedExpiryTrue, Rule::Pa1),
        (Misbehaviour::PushedExpiryGarbled, Rule::Pa1),
        (Misbehaviour::PushedExpiryArray, Rule::Pa1),
        (Misbehaviour::PushedExpiryInfinite, Rule::Tr2),
        (Misbehaviour::PushedRedirect, Rule::Ht1),
    ] {
        assert_eq!(rule(push(&mut sandbox(), misbehaviour)), expected, "{misbehaviour}");
    }
    // Ten years at most are believed.
    assert!(push(&mut sandbox(), Misbehaviour::PushedExpiryU64Max).is_ok());
}

/// PA-2: a refusal keeps what it says, and what the request held is not in it.
#[test]
fn a_refusal_keeps_its_status_and_when_to_try_again() {
    let refused = |misbehaviour| match push(&mut sandbox(), misbehaviour) {
        Err(Error::Refused(refused)) => refused,
        other => panic!("no refusal: {other:?}"),
    };
    assert_eq!(refused(Misbehaviour::PushedTooLarge).status().unwrap(), 413);
    let too_many = refused(Misbehaviour::PushedTooMany);
    assert_eq!(too_many.status().unwrap(), 429, "PA-2");
    assert_eq!(too_many.retry(), Retry::Later(Some(Duration::from_secs(7))));

    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let elsewhere = AuthorizationRequest::new(&client, "https://attacker.example/").unwrap();
    let flow = elsewhere.push_unbound(entropy(1), NOW).unwrap();
    let error = run(&mut sandbox, flow).unwrap_err();
    assert_eq!(error.refused().unwrap().code().unwrap().as_str(), "invalid_request");
    assert_eq!(error.refused().unwrap().status().unwrap(), 400);

    let mut flow = request(&client).push_unbound(entropy(1), NOW).unwrap();
    let Ok(Step::Send(sent)) = flow.step(None, NOW) else { panic!("it sends") };
    let form = pairs(sent.body());
    let state = value(&form, "state");
    let echo =
        format!(r#"{{"error":"invalid_request","error_description":"state {state}, secret {SECRET}"}}"#);
    let error = flow.step(Some(json(400, &echo)), NOW).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(state) && !shown.contains(SECRET), "{shown}");
}

/// PA-3, AQ-6: no program has a `request_uri` or a `request` of its own pushed.
#[test]
fn no_reference_to_a_request_is_ever_pushed() {
    let client = valetkey_client_of(pushing());
    for name in ["request_uri", "request"] {
        assert_eq!(misuse(request(&client).parameter(name, "urn:x")), Some(Rule::Aq6));
    }
    let played = play(request(&client).push_unbound(entropy(1), NOW).unwrap(), [Some(json(201, CREATED))]);
    assert!(!names(&pairs(played.sent[0].1.body())).contains(&"request_uri"), "PA-3");
}

/// AQ-13: the server takes the name once, in time, from its client; the tokens are got as ever.
#[test]
fn a_pushed_request_becomes_tokens_once() {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let flow = request(&client).push_unbound(entropy(1), NOW).unwrap();
    let (url, mut pending) = run(&mut sandbox, flow).unwrap();
    assert_eq!(names(&query(&url)), ["client_id", "request_uri"], "AQ-13");
    let response = visited(&mut sandbox, &url);
    finish(&mut sandbox, &client, &mut pending, &response).unwrap();
    let again = sandbox.answer(&valetkey_tests::get(url.as_str()), NOW);
    assert_eq!(again.status(), 400);
    let flow = request(&client).push_unbound(entropy(2), NOW).unwrap();
    let (url, pending) = run(&mut sandbox, flow).unwrap();
    let late = sandbox.answer(&valetkey_tests::get(url.as_str()), pending.request_expires_at().unwrap());
    assert_eq!(late.status(), 400);
}

/// AQ-14: a server that takes pushed requests only gets no other, of either flow.
#[test]
fn a_plain_request_is_refused_where_pushing_is_required() {
    let mut sandbox = sandbox();
    sandbox.settings_mut().require_pushed = true;
    let client = client(&mut sandbox);
    assert_eq!(misuse(request(&client).begin_unbound(entropy(1), NOW)), Some(Rule::Aq14));
    let flow = request(&client).push_unbound(entropy(1), NOW).unwrap();
    let (url, mut pending) = run(&mut sandbox, flow).unwrap();
    let response = visited(&mut sandbox, &url);
    finish(&mut sandbox, &client, &mut pending, &response).unwrap();

    let signing = plain_server().flag("require_signed_request_object");
    let signing = signing.endpoint(Endpoint::PushedAuthorization, "https://as.example/par").unwrap();
    let client = valetkey_client_of(signing);
    assert_eq!(misuse(request(&client).begin_unbound(entropy(1), NOW)), Some(Rule::Aq14));
    assert_eq!(misuse(request(&client).push_unbound(entropy(1), NOW)), Some(Rule::Aq14));
    let signed = request(&client).signed(key()).unwrap();
    assert!(signed.begin_unbound(entropy(1), NOW).is_ok() && signed.push_unbound(entropy(1), NOW).is_ok());
}

/// One flow begins in whichever way the server takes: without a round, or pushed where the metadata or the program want it.
#[test]
fn a_start_pushes_where_the_server_takes_nothing_else() {
    let client = valetkey_client_of(plain_server());
    let mut flow = request(&client).start("session", entropy(1), NOW).unwrap();
    assert_eq!(format!("{flow:?}"), "AuthorizationStart(..)");
    // Nothing was sent that could be answered, and what was not begun is not used up by that.
    assert!(misuse(flow.step(Some(json(201, CREATED)), NOW)).is_none());
    let Ok(Step::Done((url, pending))) = flow.step(None, NOW) else { panic!("it needs no round") };
    assert!(url.as_str().contains(pending.state()));
    assert!(misuse(flow.step(None, NOW)).is_none());

    let optional = valetkey_client_of(pushing());
    let asked = request(&optional).pushed();
    assert!(matches!(
        request(&optional).start_unbound(entropy(1), NOW).unwrap().step(None, NOW),
        Ok(Step::Done(_))
    ));
    assert_eq!(misuse(asked.begin("session", entropy(1), NOW)), Some(Rule::Aq14));
    let required = valetkey_client_of(pushing().flag("require_pushed_authorization_requests"));
    for request in [asked, request(&required)] {
        let mut flow = request.start("session", entropy(1), NOW).unwrap();
        assert!(format!("{flow:?}").starts_with("AuthorizationStart(PushedAuthorizationRequest"));
        let Ok(Step::Send(push)) = flow.step(None, NOW) else { panic!("it is pushed") };
        assert_eq!(push.uri(), "https://as.example/par");
        let Ok(Step::Done((url, mut pending))) = flow.step(Some(json(201, CREATED)), NOW) else {
            panic!("it was pushed")
        };
        assert!(!url.as_str().contains(pending.state()) && pending.request_expires_at().is_some());
        // It is bound like any other (AR-14).
        let query = format!("code=a&state={}", pending.state());
        let response = AuthorizationResponse::from_query(pending.redirect_uri(), &query).unwrap();
        let refused = pending.finish(&required, &response, NOW);
        assert!(matches!(refused, Err(Error::Misuse(_))));
    }
    let nowhere = valetkey_client_of(plain_server().flag("require_pushed_authorization_requests"));
    assert!(misuse(request(&nowhere).start_unbound(entropy(1), NOW)).is_none());
}

/// RFC 9449 §10.1: the key is named by its thumbprint alone, where the program says so, and the code is bound all the same.
#[test]
fn a_pushed_request_may_name_its_key_by_thumbprint_alone() {
    let mut sandbox = sandbox();
    let dpop = Dpop::of(key(), entropy(8)).unwrap();
    let client = client(&mut sandbox).dpop(dpop).unwrap();
    for alone in [false, true] {
        let request = if alone { request(&client).key_by_thumbprint() } else { request(&client) };
        let mut flow = request.push_unbound(entropy(1), NOW).unwrap();
        let Ok(Step::Send(sent)) = flow.step(None, NOW) else { panic!("it sends nothing") };
        assert_eq!(sent.headers().contains_key("dpop"), !alone);
        let body = String::from_utf8(sent.into_body()).unwrap();
        assert!(body.contains("&dpop_jkt="), "{body}");
        let (url, mut pending) = run(&mut sandbox, request.push_unbound(entropy(1), NOW).unwrap()).unwrap();
        let response = visited(&mut sandbox, &url);
        let tokens = finish(&mut sandbox, &client, &mut pending, &response).unwrap();
        assert!(!tokens.token_type().is_bearer());
    }
}

/// The client identifier under another name, in the push and in the URL.
#[test]
fn a_pushed_request_names_its_client_as_the_server_does() {
    let server = pushing().client_id_as("client_key").unwrap();
    let mut flow = request(&Client::new(server, "aw7d")).push_unbound(entropy(1), NOW).unwrap();
    let Ok(Step::Send(sent)) = flow.step(None, NOW) else { panic!("it sends nothing") };
    let body = String::from_utf8(sent.into_body()).unwrap();
    assert_eq!((body.matches("client_key=aw7d").count(), body.contains("client_id")), (1, false), "{body}");
    let answer = json(201, r#"{"request_uri":"urn:example:bwc4JK","expires_in":60}"#);
    let Ok(Step::Done((url, _))) = flow.step(Some(answer), NOW) else { panic!("it was not taken") };
    assert!(url.as_str().contains("?client_key=aw7d&request_uri="), "{url}");
}

/// What is missing is told before anything is sent; an answer that never came ends the flow.
#[test]
fn a_push_needs_its_endpoints_and_ends_without_an_answer() {
    assert!(misuse(request(&valetkey_client_of(plain_server())).push_unbound(entropy(1), NOW)).is_none());
    let alone = AuthorizationServer::new().endpoint(Endpoint::PushedAuthorization, "https://as.example/par");
    assert!(misuse(request(&valetkey_client_of(alone.unwrap())).push_unbound(entropy(1), NOW)).is_none());
    let listed = pushing().authentication_methods(["private_key_jwt"]);
    assert_eq!(misuse(request(&valetkey_client_of(listed)).push_unbound(entropy(1), NOW)), Some(Rule::Ca3));
    let plain_only = pushing().code_challenge_methods(["plain"]);
    assert_eq!(
        misuse(request(&valetkey_client_of(plain_only)).push_unbound(entropy(1), NOW)),
        Some(Rule::Aq3)
    );

    let client = valetkey_client_of(pushing());
    let mut flow = request(&client).push_unbound(entropy(1), NOW).unwrap();
    assert!(!format!("{flow:?}").contains(SECRET));
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    assert!(!flow.unanswered(NOW));
    assert!(misuse(flow.step(None, NOW)).is_none());
}

/// DP-5, DP-8: a pushed request proves its client's key, and is pushed anew with the nonce that the server wants.
#[test]
fn a_pushed_request_proves_the_key_and_answers_a_demand_for_a_nonce() {
    let mut sandbox = sandbox();
    sandbox.settings_mut().dpop_nonces = Some(Duration::from_secs(60));
    let dpop = Dpop::of(key(), entropy(8)).unwrap();
    let client = client(&mut sandbox).dpop(dpop).unwrap();
    let flow = request(&client).signed(key()).unwrap().push_unbound(entropy(1), NOW).unwrap();
    let (url, mut pending) = run(&mut sandbox, flow).unwrap();
    let pushes = sandbox.log().iter().filter(|exchange| exchange.request().uri().path() == "/oauth/par");
    let statuses: Vec<u16> = pushes.map(|exchange| exchange.response().status().as_u16()).collect();
    assert_eq!(statuses, [400, 201]);
    let response = visited(&mut sandbox, &url);
    let tokens = finish(&mut sandbox, &client, &mut pending, &response).unwrap();
    assert!(!tokens.token_type().is_bearer());
}
