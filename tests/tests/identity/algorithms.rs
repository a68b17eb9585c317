//! ID-4, ID-8, ID-19, ID-28, ID-30, ID-39: how ID tokens are signed, and hashes are made.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256, Sha384, Sha512};
use valetkey_core::jose::Algorithm;
use valetkey_core::{Client, Error, Rule, TokenResponse};
use valetkey_tests::jose::{HMAC_SECRET, PROVIDERS};
use valetkey_tests::openid::{begun, claims, id_token, provider, provider_by, tokens};
use valetkey_tests::{client_of, server};

const ASYMMETRIC: [Algorithm; 10] = [
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
    Algorithm::Ed25519,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
];

fn log_in(client: &Client, algorithm: Algorithm, at_hash: Option<&str>) -> Result<TokenResponse, Error> {
    let mut begun = begun(client, |request| request)?;
    let mut claims = claims(Some(begun.nonce()));
    if let Some(hash) = at_hash {
        claims["at_hash"] = json!(hash);
    }
    begun.finished(client, vec![tokens(&id_token(algorithm, &claims))])
}

/// ID-8: every algorithm of both providers.
#[test]
fn every_algorithm_of_both_providers_proves_a_login() {
    for (name, crypto) in PROVIDERS {
        for algorithm in ASYMMETRIC {
            let client = client_of(provider_by(crypto, algorithm));
            let tokens = log_in(&client, algorithm, None)
                .unwrap_or_else(|error| panic!("{name} {algorithm}: {error}"));
            assert!(tokens.login().unwrap().checks().contains(Rule::Id8));
        }
    }
}

/// ID-19, ID-21, ID-39: by the hash of the algorithm's own family, all of its left half and nothing else.
#[test]
fn a_hash_is_made_by_the_algorithm_of_the_token() {
    let token = b"2YotnFZFEjr1zCsicMWpAA";
    let half = |hash: &[u8]| URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2]);
    let (small, middle, large) =
        (half(&Sha256::digest(token)), half(&Sha384::digest(token)), half(&Sha512::digest(token)));
    for algorithm in ASYMMETRIC {
        let own = match algorithm {
            Algorithm::Es256 | Algorithm::Ps256 | Algorithm::Rs256 => &small,
            Algorithm::Es384 | Algorithm::Ps384 | Algorithm::Rs384 => &middle,
            _ => &large,
        };
        let client = client_of(provider(algorithm));
        let tokens = log_in(&client, algorithm, Some(own)).unwrap();
        assert!(tokens.login().unwrap().checks().contains(Rule::Id39), "{algorithm}");
        for other in [&small, &middle, &large].into_iter().filter(|other| *other != own) {
            assert_eq!(log_in(&client, algorithm, Some(other)).unwrap_err().rule(), Some(Rule::Id19));
        }
        for wrong in [format!("{own}="), own[..8].to_owned(), String::new(), format!("{own}AAAA")] {
            assert_eq!(
                log_in(&client, algorithm, Some(&wrong)).unwrap_err().rule(),
                Some(Rule::Id19),
                "{wrong}"
            );
        }
    }
}

/// The vector of the OpenID working group's issue 1125.
#[test]
fn eddsa_hashes_by_sha_512() {
    let code = b"dNZX1hEZ9wBCzNL40Upu646bdzQA";
    let half = URL_SAFE_NO_PAD.encode(&Sha512::digest(code)[..32]);
    assert_eq!(half, "8xltSlOGYrWy8W9yNvRlEth1i_bXW-JROWPLvCv5zog");
}

/// ID-4, ID-28: of the algorithms that its keys know, one is the registered one, or the server lists it.
#[test]
fn the_algorithm_is_the_one_that_was_agreed_on() {
    let list = "id_token_signing_alg_values_supported";
    let both = || {
        use valetkey_core::jose::{JwkSet, RustCrypto, Signer, VerificationKeys};
        use valetkey_tests::jose::key_pair;
        let algorithms = [Algorithm::Ps256, Algorithm::Rs256];
        // One key for both algorithms, as its issuer publishes it.
        let set = JwkSet::of(key_pair(&RustCrypto, Algorithm::Rs256).public_key().cloned());
        server().keys(VerificationKeys::new(&RustCrypto, &algorithms, &set).unwrap())
    };
    let client = client_of(both());
    assert!(log_in(&client, Algorithm::Rs256, None).is_ok());
    let registered = client_of(both()).id_token_algorithm(Algorithm::Ps256).unwrap();
    let error = log_in(&registered, Algorithm::Rs256, None).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Id28));
    assert!(error.to_string().contains("Client::id_token_algorithm"), "{error}");
    let listing = client_of(both().list(list, ["PS256"]));
    assert_eq!(log_in(&listing, Algorithm::Rs256, None).unwrap_err().rule(), Some(Rule::Id28));
    let unlisted = listing.id_token_algorithm(Algorithm::Rs256).unwrap_err();
    assert_eq!(unlisted.rule(), Some(Rule::Id4));
    assert!(unlisted.to_string().contains("one that it lists (PS256)"), "{unlisted}");
    // What neither the keys nor the server know.
    let client = client_of(provider(Algorithm::Rs256));
    assert_eq!(log_in(&client, Algorithm::Es256, None).unwrap_err().rule(), Some(Rule::Id4));
}

/// ID-4, ID-28: `none` is no algorithm, whatever its letters.
#[test]
fn an_unsigned_id_token_is_refused() {
    let client = client_of(provider(Algorithm::Rs256));
    for (alg, rule) in [("none", Rule::Id28), ("nOnE", Rule::Id4), ("rs256", Rule::Id4), ("HS256", Rule::Id4)]
    {
        let mut begun = begun(&client, |request| request).unwrap();
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "kid": "k" }).to_string());
        let payload = URL_SAFE_NO_PAD.encode(claims(Some(begun.nonce())).to_string());
        for signature in ["", "AAAA"] {
            let jwt = format!("{header}.{payload}.{signature}");
            let outcome = begun.finished(&client, vec![tokens(&jwt)]);
            assert_eq!(outcome.unwrap_err().rule(), Some(rule), "{alg}");
            begun = self::begun(&client, |request| request).unwrap();
        }
    }
}

/// ID-30, CA-5: an HMAC is made with the secret of a client that is registered for it, and no key that anybody can read.
#[test]
fn an_hmac_is_taken_where_it_was_registered() {
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let with_secret = || Client::new(server(), "s6BhdRkqt3").secret(HMAC_SECRET).unwrap();
        let registered = with_secret().id_token_algorithm(algorithm).unwrap();
        let tokens = log_in(&registered, algorithm, None).unwrap();
        assert!(tokens.login().unwrap().checks().contains(Rule::Id30));
        let asymmetric = Client::new(provider(Algorithm::Rs256), "s6BhdRkqt3").secret(HMAC_SECRET).unwrap();
        assert_eq!(log_in(&asymmetric, algorithm, None).unwrap_err().rule(), Some(Rule::Id4));
        let public = Client::new(server(), "s6BhdRkqt3");
        assert_eq!(public.id_token_algorithm(algorithm).unwrap_err().rule(), Some(Rule::Id30));
        let short = Client::new(server(), "s6BhdRkqt3").secret("short").unwrap();
        assert_eq!(short.id_token_algorithm(algorithm).unwrap_err().rule(), Some(Rule::Ca5));
    }
}
