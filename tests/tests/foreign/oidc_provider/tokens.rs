//! What becomes of tokens: asked about, ended, replaced.

use valetkey_core::authorize::Prompt;
use valetkey_core::jose::jwe::{Encryption, KeyAlgorithm};
use valetkey_core::server::Endpoint;
use valetkey_core::status::{Expectations, Introspection, Revocation};
use valetkey_core::{AuthorizationRequest, Grant, Resource, Session};
use valetkey_tests::get;

use super::{Visit, scope};
use crate::adapter::{Adapter, rows};

rows! { introspection, introspection_jwt, introspection_jwt_encrypted, renewal, revocation, rotation, rotation_reused }

fn offline(request: AuthorizationRequest) -> AuthorizationRequest {
    request.scope(scope("openid offline_access")).unwrap().prompt([Prompt::Consent]).unwrap()
}

/// IN-1: a token is asked about, by the API that got it.
fn introspection(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let api = Resource::new(visit.url_of("opaque")).unwrap();
    let grant = Grant::client_credentials().scope(scope("api:read")).unwrap().resource(&api).unwrap();
    let tokens = visit.grant(&client, grant).unwrap();
    let expected = Expectations::new()
        .audience(api.as_str())
        .client_id("basic")
        .issuer(visit.rig.text("/issuer"))
        .scope(scope("api:read"))
        .unwrap()
        .token_type("Bearer");
    let question = || Introspection::new(&client, tokens.access_token()).unwrap().expect(expected.clone());
    let active = adapter.run(question()).unwrap().active().expect("the token is active");
    assert_eq!(active.client_id(), Some("basic"));
    assert!(active.expires_at().is_some());
    // The API behind it asks the same.
    visit.api("opaque", &client, &tokens);
    adapter.run(Revocation::access_token(&client, tokens.access_token()).unwrap()).unwrap();
    assert!(adapter.run(question()).unwrap().active().is_none(), "an ended token is active");
}

/// IN-2: the same, in an answer that the server signs for whoever asked.
fn introspection_jwt(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("introspects-signed");
    let api = Resource::new(visit.url_of("opaque")).unwrap();
    let grant = Grant::client_credentials().scope(scope("api:read")).unwrap().resource(&api).unwrap();
    let tokens = visit.grant(&client, grant).unwrap();
    visit.api("opaque", &client, &tokens);
    let question = || Introspection::new(&client, tokens.access_token()).unwrap().signed().unwrap();
    let expected = Expectations::new().audience(api.as_str()).client_id(client.id());
    let active = adapter.run(question().expect(expected)).unwrap().active().expect("the token is active");
    assert_eq!(active.scope(), Some(&scope("api:read")));
    adapter.run(Revocation::access_token(&client, tokens.access_token()).unwrap()).unwrap();
    assert!(adapter.run(question()).unwrap().active().is_none(), "an ended token is active");
}

/// ID-43: and encrypts.
fn introspection_jwt_encrypted(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.decrypting("introspects-encrypted", KeyAlgorithm::EcdhEsA128Kw);
    let client = client.introspection_encryption(Encryption::new(KeyAlgorithm::EcdhEsA128Kw)).unwrap();
    let api = Resource::new(visit.url_of("opaque")).unwrap();
    let grant = Grant::client_credentials().scope(scope("api:read")).unwrap().resource(&api).unwrap();
    let tokens = visit.grant(&client, grant).unwrap();
    let expected = Expectations::new().audience(api.as_str()).client_id(client.id());
    let question = Introspection::new(&client, tokens.access_token()).unwrap().signed().unwrap();
    let active = adapter.run(question.expect(expected)).unwrap().active().expect("the token is active");
    assert_eq!(active.scope(), Some(&scope("api:read")));
}

/// WA-3, RFC 8707 §2.2: a token that an API has ceased to take is replaced in the middle of a call, for the same API.
fn renewal<A: Adapter>(adapter: &A) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let url = visit.url_of("jwt");
    let resource = Resource::new(url.as_str()).unwrap();
    let ask = |request: AuthorizationRequest| {
        let request = request.scope(scope("openid offline_access api:read")).unwrap();
        request.prompt([Prompt::Consent]).unwrap().resource(&resource).unwrap()
    };
    let tokens = visit.authorize(&client, ask).unwrap();
    let api = adapter.api(Session::from_tokens(&client, &tokens));
    let last = adapter.send(&api, http::Request::delete(&url).body(Vec::new()).unwrap()).unwrap();
    assert_eq!(last.status(), 200);
    assert_eq!(adapter.get_again(&api, &url).unwrap()["aud"], url);
    A::session(&api, |session| {
        assert_ne!(session.credential().unwrap().access_token(), tokens.access_token());
        assert_ne!(session.refresh_token(), tokens.refresh_token());
    });
}

/// RV-1: with a refresh token ends what came of it, and nothing but a person's authorization helps.
fn revocation(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let tokens = visit.authorize(&client, offline).unwrap();
    let api = adapter.api(Session::from_tokens(&client, &tokens));
    let me = visit.server.url_of(Endpoint::Userinfo).unwrap();
    assert_eq!(adapter.get_again(&api, &me).unwrap()["sub"], "alice");
    let refresh_token = tokens.refresh_token().unwrap();
    adapter.run(Revocation::refresh_token(&client, refresh_token).unwrap()).unwrap();
    // Whoever finds it out may have the API's 401; from then on every call is told why.
    let _ = adapter.send(&api, get(&me));
    assert!(adapter.get_again(&api, &me).unwrap_err().is_authorization_required());
}

/// TR-13: a new refresh token replaces the old one, in the session too.
fn rotation<A: Adapter>(adapter: &A) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let first = visit.authorize(&client, offline).unwrap().refresh_token().unwrap().clone();
    let tokens = visit.grant(&client, Grant::refresh_token(&first)).unwrap();
    let second = tokens.refresh_token().unwrap();
    assert_ne!(&first, second);
    assert_eq!(tokens.scope(), Some(&scope("openid offline_access")));
    // A session that has nothing but the refresh token begins by using it.
    let api = adapter.api(Session::from_refresh_token(&client, second.clone()));
    let me = visit.server.url_of(Endpoint::Userinfo).unwrap();
    assert_eq!(adapter.get_again(&api, &me).unwrap()["sub"], "alice");
    A::session(&api, |session| assert_ne!(session.refresh_token(), Some(second)));
}

/// RFC 9700 §4.14.2: who uses a refresh token again ends all that came of it, and a session learns of it by its next call.
fn rotation_reused<A: Adapter>(adapter: &A) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let tokens = visit.authorize(&client, offline).unwrap();
    let stolen = tokens.refresh_token().unwrap().clone();
    let api = adapter.api(Session::from_refresh_token(&client, stolen.clone()));
    let me = visit.server.url_of(Endpoint::Userinfo).unwrap();
    assert_eq!(adapter.get_again(&api, &me).unwrap()["sub"], "alice");
    assert!(visit.grant(&client, Grant::refresh_token(&stolen)).unwrap_err().is_invalid_grant());
    // Whoever finds it out may have the API's 401; from then on every call is told why.
    let _ = adapter.send(&api, get(&me));
    let error = adapter.get_again(&api, &me).unwrap_err();
    assert!(error.is_authorization_required() && error.is_invalid_grant(), "{error}");
}
