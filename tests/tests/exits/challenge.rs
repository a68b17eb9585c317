//! AQ-3: a login without a code challenge, where that is admitted and the client has a secret.

use valetkey_core::authorize::StoredAuthorization;
use valetkey_core::server::Endpoint;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Error, Flow as _,
    PendingAuthorization, Quirk, Rule, Step, TokenResponse,
};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, entropy, json, server};

const CALLBACK: &str = "https://app.example/callback";

fn refusing() -> AuthorizationServer {
    server().admit(Quirk::NoCodeChallenge)
}

fn begun(client: &Client) -> Result<(String, PendingAuthorization), Error> {
    let request = AuthorizationRequest::new(client, CALLBACK).unwrap();
    let (url, pending) = request.begin("a session", entropy(1), NOW)?;
    Ok((url.as_str().to_owned(), pending))
}

fn finished(
    client: &Client,
    pending: &mut PendingAuthorization,
    state: &str,
) -> Result<(String, TokenResponse), Error> {
    let back = AuthorizationResponse::from_url(&format!("{CALLBACK}?code=c&state={state}")).unwrap();
    let flow = pending.finish(client, &back.received_in("a session"), NOW)?;
    let played = play(flow, [Some(json(200, r#"{"access_token":"a","token_type":"Bearer"}"#))]);
    let body = String::from_utf8(played.sent.first().unwrap().1.body().clone()).unwrap();
    Ok((body, played.outcome?))
}

/// AQ-3: neither challenge nor verifier is sent, and each result says so.
#[test]
fn a_client_with_a_secret_goes_without_one_where_that_is_admitted() {
    let client = client_of(refusing());
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap();
    assert!(request.quirks().contains(Quirk::NoCodeChallenge));
    let (url, mut pending) = begun(&client).unwrap();
    assert!(url.contains("&state=") && !url.contains("code_challenge"), "{url}");
    let state = pending.state().to_owned();
    let (body, tokens) = finished(&client, &mut pending, &state).unwrap();
    assert!(!body.contains("code_verifier"), "{body}");
    assert!(pending.quirks().contains(Quirk::NoCodeChallenge));
    assert!(tokens.quirks().contains(Quirk::NoCodeChallenge));

    // A server whose list has no S256 is met so as well, and a strict one as before.
    let (url, _) = begun(&client_of(refusing().code_challenge_methods(["plain"]))).unwrap();
    assert!(!url.contains("code_challenge"), "{url}");
    let strict = client_of(server());
    let (url, mut pending) = begun(&strict).unwrap();
    assert!(url.contains("&code_challenge="), "{url}");
    let state = pending.state().to_owned();
    let (body, tokens) = finished(&strict, &mut pending, &state).unwrap();
    assert!(body.contains("code_verifier=") && !tokens.quirks().contains(Quirk::NoCodeChallenge));
    assert!(!pending.quirks().contains(Quirk::NoCodeChallenge));
}

/// AQ-3, AR-5: what is left is held to: a wrong `state` is refused.
#[test]
fn a_login_without_a_challenge_rests_on_its_state() {
    let client = client_of(refusing());
    let (_, mut pending) = begun(&client).unwrap();
    assert_eq!(finished(&client, &mut pending, "another").unwrap_err().rule(), Some(Rule::Ar5));
}

/// AQ-3: a client without a secret sends a challenge whatever is admitted, and is refused where the server lists no S256.
#[test]
fn a_client_without_a_secret_never_goes_without_one() {
    let unproven = [
        Client::new(refusing(), "native"),
        Client::new(refusing(), "native").basic_without_secret().unwrap(),
    ];
    for client in unproven {
        let (url, _) = begun(&client).unwrap();
        assert!(url.contains("&code_challenge=") && url.contains("&code_challenge_method=S256"), "{url}");
        assert!(
            !AuthorizationRequest::new(&client, CALLBACK).unwrap().quirks().contains(Quirk::NoCodeChallenge)
        );
    }
    let refused = begun(&Client::new(refusing().code_challenge_methods(["plain"]), "native")).unwrap_err();
    assert_eq!((refused.rule(), refused.admitted_by()), (Some(Rule::Aq3), None), "{refused}");
    assert!(refused.to_string().contains("without a secret never goes without PKCE"), "{refused}");
}

/// AQ-3: a pushed request goes without one in the same way.
#[test]
fn a_pushed_request_goes_without_one_too() {
    let server = refusing().endpoint(Endpoint::PushedAuthorization, "https://as.example/par").unwrap();
    let client = client_of(server);
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap();
    let mut flow = request.push_unbound(entropy(1), NOW).unwrap();
    let Step::Send(sent) = flow.step(None, NOW).unwrap() else { panic!("it is sent at once") };
    let body = String::from_utf8(sent.body().clone()).unwrap();
    assert!(body.contains("&state=") && !body.contains("code_challenge"), "{body}");
}

/// AQ-3: a record without a verifier is not finished by a client that sends one; with one, it is by any.
#[test]
fn a_stored_login_is_not_finished_without_its_verifier_unless_that_is_admitted() {
    let stored = |client: &Client, strip: bool| {
        let (_, pending) = begun(client).unwrap();
        let mut record = serde_json::to_value(&pending).unwrap();
        if strip {
            record["code_verifier"] = serde_json::Value::Null;
            let mut without = record.clone();
            without.as_object_mut().unwrap().remove("code_verifier").unwrap();
            assert!(serde_json::from_value::<StoredAuthorization>(without).is_err(), "it is of another kind");
        }
        let state = pending.state().to_owned();
        let stored: StoredAuthorization = serde_json::from_value(record).unwrap();
        (stored.taken_out(true).unwrap(), state)
    };
    let (strict, lax) = (client_of(server()), client_of(refusing()));
    let (mut pending, state) = stored(&strict, true);
    let refused = finished(&strict, &mut pending, &state).unwrap_err();
    assert_eq!(refused.rule(), Some(Rule::Aq3), "{refused}");
    assert!(!pending.is_spent());

    let (mut pending, state) = stored(&lax, false);
    assert!(serde_json::to_string(&pending).unwrap().contains(r#""code_verifier":null"#));
    assert_eq!(finished(&strict, &mut pending, &state).unwrap_err().rule(), Some(Rule::Aq3));
    let (_, tokens) = finished(&lax, &mut pending, &state).unwrap();
    assert!(tokens.quirks().contains(Quirk::NoCodeChallenge));

    let (mut pending, state) = stored(&strict, false);
    let (body, tokens) = finished(&lax, &mut pending, &state).unwrap();
    assert!(body.contains("code_verifier=") && !tokens.quirks().contains(Quirk::NoCodeChallenge));
}
