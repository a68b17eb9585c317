//! Tokens that are bound to a key (RFC 9449).

use valetkey_core::Session;
use valetkey_core::server::Endpoint;

use super::{openid, visit};
use crate::adapter::{Adapter, rows};
use crate::refusal;
use crate::visit::{dpop_key, of_no_use_without_the_key};

rows! { dpop, dpop_left_out, dpop_par, dpop_renewal }

/// TR-7, DP-1: the code is bound by `dpop_jkt`, the token by the proof at the token endpoint.
fn dpop(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("dpop").dpop(dpop_key()).unwrap();
    let tokens = visit.authorize(&client, openid).unwrap();
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
    of_no_use_without_the_key(&visit, tokens.access_token().expose());
}

/// A client that must bind is refused without a proof.
fn dpop_left_out(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let error = visit.authorize(&visit.basic("dpop"), openid).unwrap_err();
    assert!(["invalid_request", "invalid_dpop_proof"].contains(&refusal(&error).1), "{error}");
}

fn dpop_par(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("dpop").dpop(dpop_key()).unwrap();
    let tokens = visit.authorize_pushed(&client, openid).unwrap();
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
}

/// A session renews with the key, and its new token is bound to the same.
fn dpop_renewal<A: Adapter>(adapter: &A) {
    let visit = visit(adapter);
    let client = visit.basic("dpop").dpop(dpop_key()).unwrap();
    let tokens = visit.authorize(&client, openid).unwrap();
    let session = Session::from_refresh_token(&client, tokens.refresh_token().unwrap().clone());
    let api = adapter.api(session);
    let me = visit.server.url_of(Endpoint::Userinfo).unwrap();
    assert_eq!(adapter.get_again(&api, &me).unwrap()["sub"], "alice");
    let token = A::session(&api, |session| session.credential().unwrap().access_token().expose().to_owned());
    of_no_use_without_the_key(&visit, &token);
}
