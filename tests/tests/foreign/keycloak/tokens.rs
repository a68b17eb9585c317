//! What becomes of tokens: asked about, ended, replaced.

use valetkey_core::server::Endpoint;
use valetkey_core::status::{Expectations, Introspection, Revocation};
use valetkey_core::{AuthorizationRequest, Grant, Rule, Session};
use valetkey_tests::get;

use super::{openid, visit};
use crate::adapter::{Adapter, rows};
use crate::visit::scope;

rows! { introspection, introspection_unsigned, renewal, revocation, rotation, rotation_reused }

fn reading(request: AuthorizationRequest) -> AuthorizationRequest {
    request.scope(scope("openid api:read")).unwrap()
}

/// IN-1, RV-1: a token is asked about by the API that it is for, and is active no more once it was ended.
fn introspection(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let tokens = visit.authorize(&client, reading).unwrap();
    let expected = Expectations::new()
        .audience(visit.url_of("jwt"))
        .client_id("basic")
        .issuer(visit.rig.text("/issuer"))
        .scope(scope("api:read"))
        .unwrap()
        .token_type("Bearer");
    let question = || Introspection::new(&client, tokens.access_token()).unwrap().expect(expected.clone());
    let active = adapter.run(question()).unwrap().active().expect("the token is active");
    assert_eq!(active.subject(), Some("alice"));
    assert!(active.expires_at().is_some());
    // The API behind it asks the same.
    visit.api("opaque", &client, &tokens);
    adapter.run(Revocation::access_token(&client, tokens.access_token()).unwrap()).unwrap();
    assert!(adapter.run(question()).unwrap().active().is_none(), "an ended token is active");
}

/// IN-2: asked to sign its answer, this server answers unsigned; that is not taken for it.
fn introspection_unsigned(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let grant = Grant::client_credentials().scope(scope("api:read")).unwrap();
    let tokens = visit.grant(&client, grant).unwrap();
    let question = Introspection::new(&client, tokens.access_token()).unwrap().signed().unwrap();
    let error = adapter.run(question).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::In2), "{error}");
}

/// WA-3: a token that an API has ceased to take is replaced in the middle of a call.
fn renewal<A: Adapter>(adapter: &A) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let url = visit.url_of("jwt");
    let tokens = visit.authorize(&client, reading).unwrap();
    let api = adapter.api(Session::from_tokens(&client, &tokens));
    let last = adapter.send(&api, http::Request::delete(&url).body(Vec::new()).unwrap()).unwrap();
    assert_eq!(last.status(), 200);
    assert_eq!(adapter.get_again(&api, &url).unwrap()["sub"], "alice");
    A::session(&api, |session| {
        assert_ne!(session.credential().unwrap().access_token(), tokens.access_token());
        assert_ne!(session.refresh_token(), tokens.refresh_token());
    });
}

/// RV-1: with a refresh token ends what came of it, and nothing but a person's authorization helps.
fn revocation(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let tokens = visit.authorize(&client, openid).unwrap();
    let api = adapter.api(Session::from_tokens(&client, &tokens));
    let me = visit.server.url_of(Endpoint::Userinfo).unwrap();
    assert_eq!(adapter.get_again(&api, &me).unwrap()["sub"], "alice");
    adapter.run(Revocation::refresh_token(&client, tokens.refresh_token().unwrap()).unwrap()).unwrap();
    // The call that finds it out may have the API's 401; from then on every call is told why.
    let _ = adapter.send(&api, get(&me));
    assert!(adapter.get_again(&api, &me).unwrap_err().is_authorization_required());
}

/// TR-13: a new refresh token replaces the old one, in the session too.
fn rotation<A: Adapter>(adapter: &A) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let first = visit.authorize(&client, openid).unwrap().refresh_token().unwrap().clone();
    let tokens = visit.grant(&client, Grant::refresh_token(&first)).unwrap();
    let second = tokens.refresh_token().unwrap();
    assert_ne!(&first, second);
    let api = adapter.api(Session::from_refresh_token(&client, second.clone()));
    let me = visit.server.url_of(Endpoint::Userinfo).unwrap();
    assert_eq!(adapter.get_again(&api, &me).unwrap()["sub"], "alice");
    A::session(&api, |session| assert_ne!(session.refresh_token(), Some(second)));
}

/// RFC 9700 §4.14.2: a refresh token used again is dead, and ends the session that has nothing else.
fn rotation_reused(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let used = visit.authorize(&client, openid).unwrap().refresh_token().unwrap().clone();
    visit.grant(&client, Grant::refresh_token(&used)).unwrap();
    let api = adapter.api(Session::from_refresh_token(&client, used));
    let me = visit.server.url_of(Endpoint::Userinfo).unwrap();
    let error = adapter.get_again(&api, &me).unwrap_err();
    assert!(error.is_authorization_required() && error.is_invalid_grant(), "{error}");
    // It is not asked with again.
    assert!(adapter.get_again(&api, &me).unwrap_err().is_authorization_required());
}
