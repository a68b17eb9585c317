//! AQ-29, JK-2, ID-43: a server's key for encryption, and what says that something was encrypted.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use valetkey_core::jose::jwe::{AgreementCurve, Encryption, KeyAlgorithm};
use valetkey_core::jose::{Algorithm, JwkSet, RustCrypto, Signer as _};
use valetkey_core::server::{Endpoint, ServerKeys};
use valetkey_core::{AuthorizationRequest, Rule};
use valetkey_tests::jose::key_pair;
use valetkey_tests::jwe::{agreeing, decrypted, keys_of};
use valetkey_tests::openid::{self, CALLBACK};
use valetkey_tests::{NOW, client_of, entropy, json as answer, server};

const AGREED: Encryption = Encryption::new(KeyAlgorithm::EcdhEs);

/// AQ-29, JK-2: held keys of which none is for encryption are no answer: the set is looked at again, once a minute.
#[test]
fn a_key_for_encryption_that_a_server_adds_is_found() {
    let own = key_pair(&RustCrypto, Algorithm::Es256);
    let private = keys_of(&RustCrypto, agreeing(AgreementCurve::X25519));
    let before = JwkSet::of(own.public_key().cloned());
    let after = JwkSet::of(before.keys().iter().chain(private.published().keys()).cloned());
    let server = server().endpoint(Endpoint::Jwks, "https://as.example/jwks").unwrap();
    let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap();
    let client = client_of(server.keys(keys));
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap();
    let request = request.signed(own).unwrap().encrypted(AGREED).unwrap();
    let started = |seconds, set: Option<&JwkSet>| {
        let answers = set.map(|set| {
            let mut answer = answer(200, &json!(set).to_string());
            answer.headers_mut().insert("cache-control", "max-age=600".parse().unwrap());
            answer
        });
        let now = NOW.after(Duration::from_secs(seconds));
        let flow = request.start_unbound(entropy(1), now).unwrap();
        openid::run(flow, answers.into_iter().collect(), now)
    };
    // As soon as there are keys to look beyond, and a minute after that.
    for seconds in [0, 1] {
        assert_eq!(started(seconds, Some(&before)).unwrap_err().rule(), Some(Rule::Aq29));
    }
    // Meanwhile nothing is asked for.
    assert_eq!(started(60, None).unwrap_err().rule(), Some(Rule::Aq29));
    let (url, _) = started(61, Some(&after)).unwrap();
    let (_, query) = url.as_str().split_once('?').unwrap();
    let object = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "request").unwrap().1;
    assert!(decrypted(&object, &private, AGREED).is_ok());
    // Now it is held.
    assert!(started(62, None).is_ok());
}

/// ID-43: a login by an ID token that nobody encrypted has passed the one check that it was not, and none of the others.
#[test]
fn a_login_without_encryption_has_passed_no_check_of_it() {
    let tokens = openid::logged_in(&openid::client(), |_| ()).unwrap();
    let checks = tokens.login().unwrap().checks();
    assert!(checks.contains(Rule::Id43));
    let of_encryption = [
        Rule::Id44,
        Rule::Id45,
        Rule::Id46,
        Rule::Id47,
        Rule::Id48,
        Rule::Id49,
        Rule::Id50,
        Rule::Id51,
        Rule::Id52,
    ];
    for rule in of_encryption {
        assert!(!checks.contains(rule), "{rule}");
    }
}
