//! The code flow, and how a client proves who it is.

use std::sync::Arc;

use valetkey_blocking::entropy;
use valetkey_core::jose::{Algorithm, AwsLc, KeyPair, PrivateJwk};
use valetkey_core::{Client, Grant, Session};

use super::{openid, visit};
use crate::adapter::{Adapter, rows};
use crate::refusal;
use crate::visit::Visit;

rows! {
    client_secret_jwt, private_key_jwt, public, secret_basic, secret_basic_form_encoded,
    secret_post, wrong_key, wrong_secret,
}

/// A person's tokens by a code, and their renewal.
fn code_and_renewal<A: Adapter>(visit: &Visit<'_, A>, client: &Client, callback: &str) {
    let tokens = visit.authorize_at(client, callback, openid).unwrap();
    assert!(tokens.quirks().is_empty(), "{:?}", tokens.quirks());
    assert!(tokens.id_token().is_some());
    assert_eq!(visit.userinfo(client, &tokens), "alice");
    let refresh_token = tokens.refresh_token().unwrap().clone();
    assert_eq!(visit.person(Session::from_refresh_token(client, refresh_token)), "alice");
}

fn confidential<A: Adapter>(visit: &Visit<'_, A>, client: &Client) {
    code_and_renewal(visit, client, crate::visit::CALLBACK);
}

fn secret_basic(adapter: &impl Adapter) {
    let visit = visit(adapter);
    confidential(&visit, &visit.basic("basic"));
}

/// CA-2: an identifier and a secret of which form-encoding changes every second character.
fn secret_basic_form_encoded(adapter: &impl Adapter) {
    let visit = visit(adapter);
    confidential(&visit, &visit.basic("odd:id +%/"));
}

fn secret_post(adapter: &impl Adapter) {
    let visit = visit(adapter);
    confidential(&visit, &visit.client("basic").secret_in_body(visit.secret()).unwrap());
}

/// CA-4: an HMAC that is keyed with the secret, which is not sent.
fn client_secret_jwt(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let key = KeyPair::from_secret(Algorithm::Hs256, visit.rig.text("/secret").as_bytes()).unwrap();
    let client = visit.client("secret-jwt").assertion(Arc::new(key), entropy().unwrap()).unwrap();
    confidential(&visit, &client);
}

/// CA-4: signed anew for each request, by a key of each kind.
fn private_key_jwt(adapter: &impl Adapter) {
    let visit = visit(adapter);
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256, Algorithm::EdDsa] {
        confidential(&visit, &visit.signing(algorithm));
    }
}

/// CA-3: a client without a way to prove who it is has nothing that a server could list.
fn public(adapter: &impl Adapter) {
    let visit = visit(adapter);
    code_and_renewal(&visit, &visit.client("native"), "http://127.0.0.1:49152/callback");
}

/// ER-1: a refusal of the client itself, in other words than RFC 6749 has for it.
fn wrong_secret(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.client("basic").secret("another secret").unwrap();
    let error = visit.grant(&client, Grant::client_credentials()).unwrap_err();
    assert_eq!(refusal(&error), (401, "unauthorized_client"));
}

fn wrong_key(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let key = PrivateJwk::generate(&AwsLc, Algorithm::Es256, entropy().unwrap()).unwrap();
    let key = KeyPair::new(&AwsLc, Algorithm::Es256, &key).unwrap();
    let client = visit.client("signs-ES256").assertion(Arc::new(key), entropy().unwrap()).unwrap();
    let error = visit.grant(&client, Grant::client_credentials()).unwrap_err();
    assert_eq!(refusal(&error), (400, "invalid_client"));
}
