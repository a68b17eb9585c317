//! What goes through the browser, and what is kept from it: pushed, signed and signed-back.

use valetkey_blocking::{entropy, now};
use valetkey_core::authorize::ResponseMode;
use valetkey_core::jose::Algorithm;
use valetkey_core::jose::jwe::{ContentAlgorithm, Encryption, KeyAlgorithm};
use valetkey_core::{AuthorizationRequest, AuthorizationResponse, Rule};

use super::{CALLBACK, Visit, scope};
use crate::adapter::{Adapter, rows};
use crate::browser::Browser;
use crate::refusal;

rows! { jar, jar_encrypted, jar_pushed, jarm, jarm_denied, jarm_encrypted, par, par_refused }

const ECDH_ES: Encryption = Encryption::new(KeyAlgorithm::EcdhEs).with(ContentAlgorithm::A256Gcm);

/// RFC 9126: a client that must push.
fn par(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("par");
    let tokens = visit.authorize_pushed(&client, |request| request.scope(scope("openid")).unwrap()).unwrap();
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
    // Not pushed, its request is refused.
    let error = visit.authorize(&client, |request| request.scope(scope("openid")).unwrap()).unwrap_err();
    assert_eq!(refusal(&error).1, "invalid_request");
}

/// PA-1: what the server does not like is refused before any person has seen it.
fn par_refused(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let request = AuthorizationRequest::new(&visit.basic("par"), "https://client.example/elsewhere").unwrap();
    let error = adapter.run(request.push_unbound(entropy().unwrap(), now()).unwrap()).unwrap_err();
    assert_eq!(refusal(&error), (400, "invalid_request"));
}

/// AQ-12: a client that must sign its request, in the URL.
fn jar(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("jar");
    let key = visit.key(Algorithm::Es256);
    let tokens = visit
        .authorize(&client, |request| request.scope(scope("openid")).unwrap().signed(key).unwrap())
        .unwrap();
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
    let error = visit.authorize(&client, |request| request.scope(scope("openid")).unwrap()).unwrap_err();
    assert_eq!(refusal(&error).1, "invalid_request");
}

fn jar_pushed(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("jar");
    let key = visit.key(Algorithm::Es256);
    let tokens = visit
        .authorize_pushed(&client, |request| request.scope(scope("openid")).unwrap().signed(key).unwrap())
        .unwrap();
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
}

/// AQ-29: and encrypt it to a key of the server's, which is fetched when it is pushed.
fn jar_encrypted(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("jar-encrypted");
    let key = visit.key(Algorithm::Es256);
    let encrypted = |request: AuthorizationRequest| {
        let request = request.scope(scope("openid")).unwrap().signed(key).unwrap();
        request.encrypted(ECDH_ES).unwrap()
    };
    let tokens = visit.authorize_pushed(&client, encrypted).unwrap();
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
}

/// ID-43: a signed response that only this client can read.
fn jarm_encrypted(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.decrypting("jarm-encrypted", KeyAlgorithm::EcdhEs);
    let client = client.authorization_response_encryption(ECDH_ES).unwrap();
    let mode = ResponseMode::FormPostJwt;
    let ask = |request: AuthorizationRequest| request.scope(scope("openid")).unwrap().response_mode(mode);
    assert_eq!(visit.userinfo(&client, &visit.authorize(&client, ask).unwrap()), "alice");
}

/// JM-1 to JM-4: a response that the server signs, with a key that is fetched for it.
fn jarm(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("jarm");
    for mode in
        [ResponseMode::Jwt, ResponseMode::QueryJwt, ResponseMode::FragmentJwt, ResponseMode::FormPostJwt]
    {
        let tokens = visit
            .authorize(&client, |request| request.scope(scope("openid")).unwrap().response_mode(mode))
            .unwrap_or_else(|error| panic!("{}: {error}", mode.name()));
        assert_eq!(visit.userinfo(&client, &tokens), "alice");
    }
}

/// JM-1: a refusal is signed too.
fn jarm_denied(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("jarm");
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap().scope(scope("openid")).unwrap();
    let request = request.response_mode(ResponseMode::Jwt);
    let (url, mut pending) = request.begin_unbound(entropy().unwrap(), now()).unwrap();
    let back = Browser::refusing().visit(url.as_str(), CALLBACK).unwrap();
    let response = AuthorizationResponse::from_url(&back).unwrap();
    let response = adapter.run(pending.open(&client, &response).unwrap()).unwrap();
    let error = pending.finish(&client, &response, now()).unwrap_err();
    assert!(error.is_access_denied(), "{error}");
    assert!(pending.checks().contains(Rule::Jm1));
}
