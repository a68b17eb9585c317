//! How a client proves who it is.

use std::sync::Arc;

use valetkey_blocking::entropy;
use valetkey_core::authorize::Prompt;
use valetkey_core::jose::{Algorithm, AwsLc, KeyPair, PrivateJwk};
use valetkey_core::server::Endpoint;
use valetkey_core::{AuthorizationRequest, Client, Grant, Resource, Session};
use valetkey_tests::get;

use super::{Visit, identity, scope, text};
use crate::adapter::{Adapter, rows};
use crate::refusal;

rows! {
    client_secret_jwt, private_key_jwt_eddsa, private_key_jwt_es256, private_key_jwt_ps256, private_key_jwt_rs256,
    mtls, mtls_self_signed, mtls_wrong_certificate, secret_basic, secret_basic_form_encoded, secret_post, wrong_key,
    wrong_secret,
}

/// The client's own token, and what an API that asks the server learns of it.
fn on_its_own_behalf<A: Adapter>(visit: &Visit<'_, A>, client: &Client) {
    let api = Resource::new(visit.url_of("opaque")).unwrap();
    let grant = Grant::client_credentials().scope(scope("api:read")).unwrap().resource(&api).unwrap();
    let tokens = visit.grant(client, grant).unwrap();
    let told = visit.api("opaque", client, &tokens);
    assert_eq!(text(&told, "/client_id"), client.id());
    assert_eq!(text(&told, "/scope"), "api:read");
}

fn secret_basic(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    on_its_own_behalf(&visit, &visit.basic("basic"));
}

/// CA-2: an identifier and a secret of which form-encoding changes every second character.
fn secret_basic_form_encoded(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    on_its_own_behalf(&visit, &visit.basic("odd:id +%/"));
}

fn secret_post(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    on_its_own_behalf(&visit, &visit.client("post").secret_in_body(visit.secret()).unwrap());
}

/// CA-4, CA-5: an HMAC that is keyed with the secret, which is not sent.
fn client_secret_jwt(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let key = KeyPair::from_secret(Algorithm::Hs256, visit.rig.text("/secret").as_bytes()).unwrap();
    let client = visit.client("secret-jwt").assertion(Arc::new(key), entropy().unwrap()).unwrap();
    on_its_own_behalf(&visit, &client);
}

/// CA-4: signed anew for each request, here for a person's tokens, their renewal, and the client's own.
fn private_key_jwt(adapter: &impl Adapter, algorithm: Algorithm) {
    let visit = Visit::new(adapter);
    let client = visit.signing(algorithm);
    let offline = |request: AuthorizationRequest| {
        request.scope(scope("openid offline_access")).unwrap().prompt([Prompt::Consent]).unwrap()
    };
    let tokens = visit.authorize_pushed(&client, offline).unwrap();
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
    assert_eq!(
        visit.person(Session::from_refresh_token(&client, tokens.refresh_token().unwrap().clone())),
        "alice"
    );
    on_its_own_behalf(&visit, &client);
}

fn private_key_jwt_eddsa(adapter: &impl Adapter) {
    private_key_jwt(adapter, Algorithm::EdDsa);
}

fn private_key_jwt_es256(adapter: &impl Adapter) {
    private_key_jwt(adapter, Algorithm::Es256);
}

fn private_key_jwt_ps256(adapter: &impl Adapter) {
    private_key_jwt(adapter, Algorithm::Ps256);
}

fn private_key_jwt_rs256(adapter: &impl Adapter) {
    private_key_jwt(adapter, Algorithm::Rs256);
}

fn wrong_key(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let key = PrivateJwk::generate(&AwsLc, Algorithm::Es256, entropy().unwrap()).unwrap();
    let key = KeyPair::new(&AwsLc, Algorithm::Es256, &key).unwrap();
    let client = visit.client("signs-ES256").assertion(Arc::new(key), entropy().unwrap()).unwrap();
    let error = visit.grant(&client, Grant::client_credentials()).unwrap_err();
    assert_eq!(refusal(&error), (401, "invalid_client"));
}

/// CA-6: a certificate at the endpoints that are for it, and a token that is bound to it.
fn certified<A: Adapter>(adapter: &A, certificate: &str, register: impl FnOnce(&Visit<'_, A>) -> Client) {
    let visit = Visit::new(adapter);
    let agent = visit.certified(certificate);
    let visit = visit.through(&agent);
    let me = visit.server.mtls_url_of(Endpoint::Userinfo).unwrap();
    let client = register(&visit).api(&me).unwrap();
    let tokens = visit.authorize(&client, |request| request.scope(scope("openid")).unwrap()).unwrap();
    let told = visit.adapter.get(Session::from_tokens(&client, &tokens), &me).unwrap();
    assert_eq!(text(&told, "/sub"), "alice");
    assert_eq!(visit.told_of(&client, &tokens).unwrap().identity(), identity(&tokens));
    // Without the certificate the token is of no use.
    let without = adapter.api(Session::from_tokens(&client, &tokens));
    let plain = visit.server.url_of(Endpoint::Userinfo).unwrap();
    assert_eq!(adapter.send(&without, get(&plain)).unwrap().status(), 401);
}

fn mtls(adapter: &impl Adapter) {
    certified(adapter, "client", |visit| visit.client("certified").tls_client_auth().unwrap());
}

fn mtls_self_signed(adapter: &impl Adapter) {
    certified(adapter, "self", |visit| visit.client("self-signed").self_signed_tls_client_auth().unwrap());
}

fn mtls_wrong_certificate(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let agent = visit.certified("self");
    let visit = visit.through(&agent);
    let client = visit.client("certified").tls_client_auth().unwrap();
    let error = visit.grant(&client, Grant::client_credentials()).unwrap_err();
    assert_eq!(refusal(&error), (401, "invalid_client"));
}

/// ER-1: a refusal of the client itself, with the challenge that goes with Basic.
fn wrong_secret(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.client("basic").secret("another secret").unwrap();
    let error = visit.grant(&client, Grant::client_credentials()).unwrap_err();
    assert_eq!(refusal(&error), (401, "invalid_client"));
}
