//! What a login on its way prints: what it is of, and nothing that anybody could go on with.

use valetkey_core::authorize::receiver::{Incoming, Receiver};
use valetkey_core::authorize::{ResponseMode, ResponseType};
use valetkey_core::jose::Algorithm;
use valetkey_core::server::Endpoint;
use valetkey_core::{AuthorizationRequest, AuthorizationResponse};
use valetkey_tests::openid::{CALLBACK, begun, client, provider};
use valetkey_tests::{NOW, client as plain_client, client_of, entropy, server};

/// What the request and all flows that begin with it show of it.
const FRONT: [&str; 3] = ["FrontChannel {", "redirect_uri: \"https://app.example/callback\"", "s6BhdRkqt3"];

#[test]
fn a_request_prints_where_it_comes_back_and_not_its_parameters() {
    let server = server().endpoint(Endpoint::PushedAuthorization, "https://as.example/par").unwrap();
    let request = AuthorizationRequest::new(&client_of(server), CALLBACK).unwrap();
    let request = request.scope("calendar").unwrap().parameter("login_hint", "planted").unwrap();
    let pushed = request.push_unbound(entropy(1), NOW).unwrap();
    let started = request.clone().pushed().start_unbound(entropy(1), NOW).unwrap();
    let of_push = format!("{pushed:?}");
    assert!(of_push.starts_with("PushedAuthorizationRequest { front: FrontChannel {"), "{of_push}");
    let of_start = format!("{started:?}");
    assert!(of_start.starts_with("AuthorizationStart(PushedAuthorizationRequest {"), "{of_start}");
    for shown in [format!("{request:?}"), of_push, of_start] {
        assert!(FRONT.iter().all(|said| shown.contains(said)) && shown.contains("calendar"), "{shown}");
        assert!(!shown.contains("planted"), "{shown}");
    }
    let plain = AuthorizationRequest::new(&plain_client(), CALLBACK).unwrap();
    let started = plain.start_unbound(entropy(1), NOW).unwrap();
    assert_eq!(format!("{started:?}"), "AuthorizationStart(..)");
}

#[test]
fn a_response_prints_what_it_is_and_nothing_of_itself() {
    let back = |pending: &valetkey_core::PendingAuthorization| {
        let url = format!("{CALLBACK}?code=planted&state={}", pending.state());
        AuthorizationResponse::from_url(&url).unwrap()
    };
    let code = begun(&client(), |request| request).unwrap().pending;
    assert_eq!(format!("{:?}", back(&code)), "AuthorizationResponse(<secret>)");
    let opening = code.open(&client(), &back(&code)).unwrap();
    assert_eq!(format!("{opening:?}"), "SignedResponse { is_signed: false, has_id_token: false, .. }");
    let hybrid = begun(&client(), |request| {
        request.response_type(ResponseType::CodeIdToken).response_mode(ResponseMode::Fragment)
    });
    let hybrid = hybrid.unwrap().pending;
    let url = format!("{CALLBACK}#code=planted&state={}", hybrid.state());
    let opening = hybrid.open(&client(), &AuthorizationResponse::from_url(&url).unwrap()).unwrap();
    assert_eq!(format!("{opening:?}"), "SignedResponse { is_signed: false, has_id_token: true, .. }");
}

#[test]
#[expect(deprecated, reason = "the deprecated flow has a pending value too")]
fn a_pending_implicit_prints_where_it_comes_back_and_not_its_state() {
    let request = valetkey_core::authorize::ImplicitRequest::new(&plain_client(), CALLBACK).unwrap();
    let (_, pending) = request.scope("calendar").unwrap().begin_unbound(entropy(1), NOW).unwrap();
    let shown = format!("{pending:?}");
    for said in ["PendingImplicit {", CALLBACK, "calendar", "is_spent: false"] {
        assert!(shown.contains(said), "{said} in {shown}");
    }
    assert!(!shown.contains(pending.state()), "{shown}");
}

#[test]
fn a_connection_prints_how_much_it_has_brought() {
    let request = AuthorizationRequest::new(&plain_client(), "http://127.0.0.1:4711/callback").unwrap();
    let (_, pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let mut receiver = Receiver::new(&pending, NOW.after(std::time::Duration::from_secs(60))).unwrap();
    let mut incoming = Incoming::new();
    let _next = incoming.hear(Ok(b"GET /callback?code=planted"), &mut receiver, NOW);
    assert_eq!(format!("{incoming:?}"), "Incoming { length: 26, .. }");
}

/// A URL for a browser is a text to whoever takes one.
#[test]
fn a_url_for_a_browser_is_handed_out_as_a_text() {
    let client = client_of(provider(Algorithm::Es256));
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap();
    let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
    let text: &str = url.as_ref();
    assert!(text.starts_with("https://as.example/authorize?response_type=code&"), "{text}");
    assert_eq!((text, text.to_owned()), (url.as_str(), url.to_string()));
}
