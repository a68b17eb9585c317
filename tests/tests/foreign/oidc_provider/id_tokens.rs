//! How ID tokens are signed, and how they are encrypted: by each algorithm that the server and this library share.

use valetkey_core::jose::Algorithm;
use valetkey_core::jose::jwe::{ContentAlgorithm, Encryption, KeyAlgorithm};
use valetkey_core::{AuthorizationRequest, Rule};

use super::{Visit, identity, scope};
use crate::adapter::{Adapter, rows};

rows! {
    encrypted_ecdh_es, encrypted_ecdh_es_a128kw, encrypted_ecdh_es_a256kw, encrypted_rsa_oaep_256, encrypted_unregistered,
    signed_by_another_algorithm, signed_eddsa, signed_es256, signed_es384, signed_hs256, signed_ps256, signed_rs256,
}

fn openid(request: AuthorizationRequest) -> AuthorizationRequest {
    request.scope(scope("openid")).unwrap()
}

/// ID-8, ID-28: a client that is registered for an algorithm gets its ID tokens signed by it, and takes no other.
fn signed(adapter: &impl Adapter, algorithm: Algorithm) {
    let visit = Visit::new(adapter);
    let client = visit.basic(&format!("login-{}", algorithm.name())).id_token_algorithm(algorithm).unwrap();
    let tokens = visit.authorize(&client, openid).unwrap();
    assert_eq!(identity(&tokens).subject(), "alice");
    for rule in [Rule::Id8, Rule::Id28] {
        assert!(tokens.login().unwrap().checks().contains(rule), "{rule}");
    }
}

fn signed_rs256(adapter: &impl Adapter) {
    signed(adapter, Algorithm::Rs256);
}

fn signed_ps256(adapter: &impl Adapter) {
    signed(adapter, Algorithm::Ps256);
}

fn signed_es256(adapter: &impl Adapter) {
    signed(adapter, Algorithm::Es256);
}

fn signed_es384(adapter: &impl Adapter) {
    signed(adapter, Algorithm::Es384);
}

fn signed_eddsa(adapter: &impl Adapter) {
    signed(adapter, Algorithm::EdDsa);
}

/// ID-30: by the client's secret, which this client said so of.
fn signed_hs256(adapter: &impl Adapter) {
    signed(adapter, Algorithm::Hs256);
    // Of one that did not say so, no HMAC is taken.
    let visit = Visit::new(adapter);
    let error = visit.authorize(&visit.basic("login-HS256"), openid).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Id4), "{error}");
}

/// ID-28: what was agreed on holds, whatever else the server has keys for.
fn signed_by_another_algorithm(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("login-RS256").id_token_algorithm(Algorithm::Ps256).unwrap();
    let error = visit.authorize(&client, openid).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Id28), "{error}");
}

/// ID-43, ID-44: an ID token that only this client can read, by either way to encrypt the content; and what was inside is what the
/// server takes for a hint.
fn encrypted(adapter: &impl Adapter, algorithm: KeyAlgorithm) {
    let visit = Visit::new(adapter);
    for content in [ContentAlgorithm::A128CbcHs256, ContentAlgorithm::A256Gcm] {
        let id = format!("encrypted-{algorithm}-{content}");
        let client = visit.decrypting(&id, algorithm);
        let client = client.id_token_encryption(Encryption::new(algorithm).with(content)).unwrap();
        let tokens = visit.authorize(&client, openid).unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(identity(&tokens).subject(), "alice");
        for rule in [Rule::Id8, Rule::Id43, Rule::Id44, Rule::Id46] {
            assert!(tokens.login().unwrap().checks().contains(rule), "{id}: {rule}");
        }
        let hinted = |request| openid(request).id_token_hint(tokens.id_token().unwrap()).unwrap();
        assert_eq!(identity(&visit.authorize(&client, hinted).unwrap()), identity(&tokens));
    }
}

fn encrypted_rsa_oaep_256(adapter: &impl Adapter) {
    encrypted(adapter, KeyAlgorithm::RsaOaep256);
}

fn encrypted_ecdh_es(adapter: &impl Adapter) {
    encrypted(adapter, KeyAlgorithm::EcdhEs);
}

fn encrypted_ecdh_es_a128kw(adapter: &impl Adapter) {
    encrypted(adapter, KeyAlgorithm::EcdhEsA128Kw);
}

fn encrypted_ecdh_es_a256kw(adapter: &impl Adapter) {
    encrypted(adapter, KeyAlgorithm::EcdhEsA256Kw);
}

/// ID-43: encrypted where that is registered, and nowhere else.
fn encrypted_unregistered(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let error = visit.authorize(&visit.basic("encrypted-ECDH-ES-A256GCM"), openid).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Id43), "{error}");
    let agreed = Encryption::new(KeyAlgorithm::EcdhEs).with(ContentAlgorithm::A256Gcm);
    let client = visit.decrypting("basic", KeyAlgorithm::EcdhEs).id_token_encryption(agreed).unwrap();
    assert_eq!(visit.authorize(&client, openid).unwrap_err().rule(), Some(Rule::Id43));
}
