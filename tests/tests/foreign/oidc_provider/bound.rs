//! Tokens that are bound to a key, and are of no use to whoever else has them (RFC 9449).

use valetkey_core::authorize::Prompt;
use valetkey_core::server::Endpoint;
use valetkey_core::{AuthorizationRequest, Client, Session};
use valetkey_tests::get;

use super::{Visit, dpop_key, scope};
use crate::adapter::{Adapter, rows};
use crate::refusal;
use crate::visit::of_no_use_without_the_key;

rows! { dpop, dpop_left_out, dpop_nonces, dpop_par_nonces, dpop_public_client, dpop_renewal }

fn openid(request: AuthorizationRequest) -> AuthorizationRequest {
    request.scope(scope("openid")).unwrap()
}

/// TR-7, DP-1: the code is bound by `dpop_jkt`, the token by the proof at the token endpoint.
fn dpop(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("dpop").dpop(dpop_key()).unwrap();
    let tokens = visit.authorize(&client, openid).unwrap();
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
    of_no_use_without_the_key(&visit, tokens.access_token().expose());
}

/// A client that must bind is refused without a proof.
fn dpop_left_out(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let error = visit.authorize(&visit.basic("dpop"), openid).unwrap_err();
    assert!(
        ["invalid_request", "invalid_grant", "invalid_dpop_proof"].contains(&refusal(&error).1),
        "{error}"
    );
}

/// DP-3, DP-5: each endpoint and the API want their nonces, and get them by one more request.
fn dpop_nonces(adapter: &impl Adapter) {
    let visit = Visit::wanting_nonces(adapter);
    let client = visit.basic("dpop").dpop(dpop_key()).unwrap();
    let tokens = visit.authorize(&client, openid).unwrap();
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
    // The nonces are known by now.
    let tokens = visit.authorize(&client, openid).unwrap();
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
}

fn dpop_par_nonces(adapter: &impl Adapter) {
    let visit = Visit::wanting_nonces(adapter);
    let client = visit.basic("dpop").dpop(dpop_key()).unwrap();
    let tokens = visit.authorize_pushed(&client, openid).unwrap();
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
    of_no_use_without_the_key(&visit, tokens.access_token().expose());
}

/// A public client's refresh token is bound as well (RFC 9449 §5).
fn dpop_public_client(adapter: &impl Adapter) {
    let visit = Visit::wanting_nonces(adapter);
    let native = visit.client("native").dpop(dpop_key()).unwrap();
    let offline = |request: AuthorizationRequest| {
        request.scope(scope("openid offline_access")).unwrap().prompt([Prompt::Consent]).unwrap()
    };
    let tokens = visit.authorize_at(&native, "http://127.0.0.1:49152/callback", offline).unwrap();
    let token = tokens.refresh_token().unwrap().clone();
    let stranger: Client = visit.client("native").dpop(dpop_key()).unwrap();
    let session = Session::from_refresh_token(&stranger, token.clone());
    let me = visit.server.url_of(Endpoint::Userinfo).unwrap();
    assert!(adapter.send(&adapter.api(session), get(&me)).unwrap_err().is_authorization_required());
    assert_eq!(visit.person(Session::from_refresh_token(&native, token)), "alice");
}

/// A session renews with the key, and its new token is bound to the same.
fn dpop_renewal<A: Adapter>(adapter: &A) {
    let visit = Visit::wanting_nonces(adapter);
    let client = visit.basic("dpop").dpop(dpop_key()).unwrap();
    let offline = |request: AuthorizationRequest| {
        request.scope(scope("openid offline_access")).unwrap().prompt([Prompt::Consent]).unwrap()
    };
    let tokens = visit.authorize(&client, offline).unwrap();
    let session = Session::from_refresh_token(&client, tokens.refresh_token().unwrap().clone());
    let api = adapter.api(session);
    let me = visit.server.url_of(Endpoint::Userinfo).unwrap();
    assert_eq!(adapter.get_again(&api, &me).unwrap()["sub"], "alice");
    let token = A::session(&api, |session| session.credential().unwrap().access_token().expose().to_owned());
    of_no_use_without_the_key(&visit, &token);
}
