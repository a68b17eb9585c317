//! ID-43 to ID-52, JK-4, AQ-20: ID tokens that the server encrypts to a client which is registered for that.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use valetkey_core::identity::IdTokenVerification;
use valetkey_core::jose::jwe::{AgreementCurve, ContentAlgorithm, DecryptionKeys, Encryption, KeyAlgorithm};
use valetkey_core::jose::{Algorithm, AwsLc, OaepHash, RustCrypto};
use valetkey_core::terms::IdToken;
use valetkey_core::{Client, Error, Quirk, Rule, Session, TokenResponse};
use valetkey_tests::jose::PROVIDERS;
use valetkey_tests::jwe::{
    ByHand, agreeing, decrypts, encrypted, keys_of, part, private_keys, rsa, with_part,
};
use valetkey_tests::openid::{begun, claims, client, id_token, provider, run, tokens};
use valetkey_tests::renewing::{Rig, kept};
use valetkey_tests::{NOW, client_of, json as answer, server};

const ECDH: Encryption = Encryption::new(KeyAlgorithm::EcdhEs).with(ContentAlgorithm::A256Gcm);

/// Keys of the client, of which one is for ECDH.
fn keys() -> DecryptionKeys {
    keys_of(&RustCrypto, agreeing(AgreementCurve::P256))
}

/// A client that is registered so.
fn registered() -> Client {
    client().decryption_keys(keys()).id_token_encryption(ECDH).unwrap()
}

/// What the server does, by other cryptography than the client's.
fn sealed(signed: &str) -> String {
    encrypted(&AwsLc, &keys(), ECDH, signed.as_bytes())
}

/// A login whose ID token is made of the good one.
fn log_in(client: &Client, make: impl FnOnce(&str) -> String) -> Result<TokenResponse, Error> {
    let mut begun = begun(client, |request| request)?;
    let signed = id_token(Algorithm::Es256, &claims(Some(begun.nonce())));
    begun.finished(client, vec![tokens(&make(&signed))])
}

fn rule<T>(outcome: Result<T, Error>) -> Rule {
    match outcome {
        Err(error) => error.rule().unwrap_or_else(|| panic!("no rule in: {error}")),
        Ok(_) => panic!("it was taken"),
    }
}

/// ID-26, ID-43, ID-44: by every algorithm that each provider decrypts by.
#[test]
fn an_encrypted_id_token_proves_a_login() {
    for (name, crypto) in PROVIDERS {
        for algorithm in KeyAlgorithm::ALL.iter().copied().filter(|one| decrypts(name, *one)) {
            for key in private_keys(algorithm) {
                let keys = keys_of(crypto, key);
                for content in [ContentAlgorithm::A128CbcHs256, ContentAlgorithm::A256Gcm] {
                    let agreed = Encryption::new(algorithm).with(content);
                    let client = client().decryption_keys(keys.clone()).id_token_encryption(agreed).unwrap();
                    let tokens =
                        log_in(&client, |signed| encrypted(&AwsLc, &keys, agreed, signed.as_bytes()))
                            .unwrap_or_else(|error| panic!("{name} {algorithm} {content}: {error}"));
                    let login = tokens.login().unwrap();
                    assert_eq!(login.identity().subject(), "248289761001");
                    for rule in
                        [Rule::Id8, Rule::Id43, Rule::Id44, Rule::Id46, Rule::Id49, Rule::Id51, Rule::Id52]
                    {
                        assert!(login.checks().contains(rule), "{name} {algorithm}: {rule}");
                    }
                }
            }
        }
    }
    let plain = log_in(&client(), str::to_owned).unwrap();
    let checks = plain.login().unwrap().checks();
    assert!(checks.contains(Rule::Id43) && !checks.contains(Rule::Id46));
}

/// ID-26, ID-43: encrypted where that is registered, and nowhere else.
#[test]
fn an_id_token_is_encrypted_exactly_if_that_is_registered() {
    assert_eq!(rule(log_in(&registered(), str::to_owned)), Rule::Id43);
    let error = log_in(&client(), sealed).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Id43));
    assert!(error.to_string().contains("Client::id_token_encryption"), "{error}");
    // A client that has keys, and is registered for the encryption of something else.
    let other = client()
        .user_info_algorithm(Algorithm::Es256)
        .and_then(|client| client.decryption_keys(keys()).user_info_encryption(ECDH))
        .unwrap();
    assert_eq!(rule(log_in(&other, sealed)), Rule::Id43);
    assert!(log_in(&other, str::to_owned).is_ok());
}

/// ID-44 to ID-51, ID-27: what is encrypted otherwise than was agreed on, or is not what it should be inside.
#[test]
fn an_encrypted_id_token_that_is_not_in_order_is_refused() {
    let other_enc = Encryption::new(KeyAlgorithm::EcdhEs);
    let other_alg = Encryption::new(KeyAlgorithm::EcdhEsA256Kw).with(ContentAlgorithm::A256Gcm);
    let stranger = keys_of(&AwsLc, agreeing(AgreementCurve::P384));
    let header = |signed: &str, change: fn(&str) -> String| {
        let sealed = sealed(signed);
        let header = String::from_utf8(part(&sealed, 0)).unwrap();
        with_part(&sealed, 0, change(&header).as_bytes())
    };
    type Make<'a> = Box<dyn Fn(&str) -> String + 'a>;
    let cases: Vec<(Make<'_>, Rule)> = vec![
        (Box::new(|signed| encrypted(&AwsLc, &keys(), other_enc, signed.as_bytes())), Rule::Id44),
        (Box::new(|signed| encrypted(&AwsLc, &keys(), other_alg, signed.as_bytes())), Rule::Id44),
        (Box::new(|signed| header(signed, |it| it.replace("\"ECDH-ES\"", "\"RSA1_5\""))), Rule::Id45),
        (Box::new(|signed| header(signed, |it| it.replacen('{', "{\"zip\":\"DEF\",", 1))), Rule::Id50),
        (
            Box::new(|signed| header(signed, |it| it.replacen('{', "{\"crit\":[\"x\"],\"x\":1,", 1))),
            Rule::Id52,
        ),
        (Box::new(|signed| header(signed, |it| it.replacen('{', "{\"x\":1,", 1))), Rule::Id46),
        (Box::new(|signed| with_part(&sealed(signed), 4, &[0; 16])), Rule::Id46),
        (Box::new(|signed| encrypted(&AwsLc, &stranger, ECDH, signed.as_bytes())), Rule::Id49),
        (Box::new(|signed| sealed(signed.split('.').nth(1).unwrap())), Rule::Id51),
        (Box::new(|_| sealed("{\"iss\":\"https://as.example\"}")), Rule::Id51),
        (Box::new(|signed| sealed(&sealed(signed))), Rule::Id51),
        // {"alg":"none"}
        (
            Box::new(|signed| sealed(&format!("eyJhbGciOiJub25lIn0.{}.", signed.split('.').nth(1).unwrap()))),
            Rule::Id28,
        ),
        (
            Box::new(|signed| {
                let (input, signature) = signed.rsplit_once('.').unwrap();
                sealed(&format!("{input}.{}", "A".repeat(signature.len())))
            }),
            Rule::Id8,
        ),
        (Box::new(|_| "a.b.c.d.e".to_owned()), Rule::Id2),
        (Box::new(|signed| format!("{}.e30", sealed(signed))), Rule::Id43),
        (Box::new(|signed| sealed(&format!("{signed}{}", "A".repeat(64 * 1024)))), Rule::Id27),
    ];
    for (number, (make, expected)) in cases.into_iter().enumerate() {
        assert_eq!(rule(log_in(&registered(), make)), expected, "{number}");
    }
}

/// ID-52: a claim in the header is the one inside, also where nothing but the connection vouches for the token.
#[test]
fn a_claim_in_the_header_is_that_of_the_token() {
    let agreed = Encryption::new(KeyAlgorithm::RsaOaep256).with(ContentAlgorithm::A256Gcm);
    let by_hand = |issuer: &str, signed: &str| {
        let header = format!(r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"rsa","iss":"{issuer}"}}"#);
        ByHand { header: &header, hash: OaepHash::Sha256, content_key: &[3; 32] }.gcm(signed.as_bytes())
    };
    let by_tls = client_of(server().admit(Quirk::IdTokenByTls));
    for client in [client(), by_tls] {
        let client = client.decryption_keys(keys_of(&AwsLc, rsa())).id_token_encryption(agreed).unwrap();
        assert!(log_in(&client, |signed| by_hand("https://as.example", signed)).is_ok());
        assert_eq!(rule(log_in(&client, |signed| by_hand("https://other.example", signed))), Rule::Id52);
    }
}

/// ID-19, ID-28, ID-39: hashes and the algorithm are those of the signed token inside.
#[test]
fn hashes_are_made_by_the_algorithm_of_the_signature() {
    let hash = &Sha256::digest(b"2YotnFZFEjr1zCsicMWpAA")[..16];
    for (hash, is_right) in
        [(URL_SAFE_NO_PAD.encode(hash), true), ("AAAAAAAAAAAAAAAAAAAAAA".to_owned(), false)]
    {
        let client = registered().id_token_algorithm(Algorithm::Es256).unwrap();
        let mut begun = begun(&client, |request| request).unwrap();
        let mut claims = claims(Some(begun.nonce()));
        claims["at_hash"] = json!(hash);
        let token = sealed(&id_token(Algorithm::Es256, &claims));
        let outcome = begun.finished(&client, vec![tokens(&token)]);
        if is_right {
            assert!(outcome.unwrap().login().unwrap().checks().contains(Rule::Id39));
        } else {
            assert_eq!(rule(outcome), Rule::Id19);
        }
    }
    let ed25519 = client_of(provider(Algorithm::EdDsa)).id_token_algorithm(Algorithm::EdDsa).unwrap();
    let ed25519 = ed25519.decryption_keys(keys()).id_token_encryption(ECDH).unwrap();
    assert_eq!(rule(log_in(&ed25519, sealed)), Rule::Id28);
}

/// AQ-20: what is kept for a hint is the signed token, whatever it came in; and one that is still encrypted is decrypted.
#[test]
fn a_hint_is_the_token_that_was_inside() {
    let client = registered();
    let mut signed = String::new();
    let tokens = log_in(&client, |token| {
        token.clone_into(&mut signed);
        sealed(token)
    })
    .unwrap();
    let kept = tokens.id_token().unwrap();
    assert_eq!(kept.expose(), signed);
    let stored = IdToken::new(sealed(&signed)).unwrap();
    for hint in [kept, &stored] {
        let begun = begun(&client, |request| request.id_token_hint(hint).unwrap()).unwrap();
        assert_eq!(begun.parameter("id_token_hint"), Some(signed.as_str()));
    }
    let tampered = IdToken::new(with_part(&sealed(&signed), 4, &[0; 16])).unwrap();
    for (client, hint) in [(&client, &tampered), (&valetkey_tests::openid::client(), &stored)] {
        let request =
            valetkey_core::AuthorizationRequest::new(client, valetkey_tests::openid::CALLBACK).unwrap();
        assert_eq!(rule(request.id_token_hint(hint)), Rule::Aq20);
    }
    // Set by its name it goes as it is, so that it must not be encrypted.
    let error = begun(&client, |request| request.parameter("id_token_hint", stored.expose()).unwrap());
    assert_eq!(rule(error.map(|_| ())), Rule::Aq20);
}

/// One that came in another way is opened as well.
#[test]
fn an_encrypted_id_token_is_verified_by_hand() {
    let token = IdToken::new(sealed(&id_token(Algorithm::Es256, &claims(None)))).unwrap();
    let login = run(IdTokenVerification::new(&registered(), &token).unwrap(), Vec::new(), NOW).unwrap();
    assert_eq!(login.identity().subject(), "248289761001");
    assert_eq!(rule(IdTokenVerification::new(&client(), &token)), Rule::Id43);
}

/// JK-4: a key that was replaced decrypts what was on its way, and no more when it is gone.
#[test]
fn a_retired_key_still_decrypts() {
    let (old, new) = (|| agreeing(AgreementCurve::P256), || agreeing(AgreementCurve::X25519));
    let before = keys_of(&RustCrypto, old());
    let between = DecryptionKeys::new(&RustCrypto, &[new()], &[old()]).unwrap();
    let after = keys_of(&RustCrypto, new());
    let client = client().decryption_keys(before.clone()).id_token_encryption(ECDH).unwrap();
    let to = |keys: &DecryptionKeys| {
        let keys = keys.clone();
        move |signed: &str| encrypted(&AwsLc, &keys, ECDH, signed.as_bytes())
    };
    assert!(log_in(&client, to(&before)).is_ok());
    let client = client.decryption_keys(between.clone());
    assert!(log_in(&client, to(&before)).is_ok() && log_in(&client, to(&between)).is_ok());
    let client = client.decryption_keys(after);
    assert_eq!(rule(log_in(&client, to(&before))), Rule::Id49);
    assert!(log_in(&client, to(&between)).is_ok());
}

/// ID-53: the ID token of a renewal is encrypted too, or nothing of the renewal is used.
#[test]
fn the_id_token_of_a_renewal_is_encrypted_too() {
    let client = registered();
    for (is_sealed, is_taken) in [(true, true), (false, false)] {
        let mut rig = Rig::new();
        let mut session = kept(Session::from_tokens(&client, &log_in(&client, sealed).unwrap()));
        rig.renew(&mut session).unwrap();
        rig.pass(3600);
        let mut claims = claims(None);
        claims["iat"] = json!(rig.now().as_secs());
        claims["exp"] = json!(rig.now().as_secs() + 600);
        let signed = id_token(Algorithm::Es256, &claims);
        let token = if is_sealed { sealed(&signed) } else { signed };
        let body = json!({
            "access_token": "a1", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r1",
            "id_token": token,
        });
        rig.answers(Some(answer(200, &body.to_string())));
        let outcome = rig.renew(&mut session);
        assert_eq!(outcome.is_ok(), is_taken, "{outcome:?}");
        assert_eq!(outcome.err().is_some_and(|error| error.is_authorization_required()), !is_taken);
    }
}

/// ID-43, ID-44, ID-49, ID-51: what cannot be registered so is told before anything is sent.
#[test]
fn a_registration_that_cannot_be_is_refused() {
    assert_eq!(rule(client().id_token_encryption(ECDH)), Rule::Id43);
    let with_keys = || client().decryption_keys(keys());
    let by_rsa = Encryption::new(KeyAlgorithm::RsaOaep256);
    assert_eq!(rule(with_keys().id_token_encryption(by_rsa)), Rule::Id49);
    // A key that is only retired is announced to nobody.
    let (announced, retired) = (agreeing(AgreementCurve::P256), rsa());
    let mixed = DecryptionKeys::new(&AwsLc, &[announced], &[retired]).unwrap();
    assert_eq!(rule(client().decryption_keys(mixed).id_token_encryption(by_rsa)), Rule::Id49);
    assert_eq!(rule(with_keys().user_info_encryption(ECDH)), Rule::Id51);

    type Register = fn(Client, Encryption) -> Result<Client, Error>;
    let kinds: [(&str, Register); 4] = [
        ("id_token", Client::id_token_encryption),
        ("userinfo", Client::user_info_encryption),
        ("authorization", Client::authorization_response_encryption),
        ("introspection", Client::introspection_encryption),
    ];
    for (kind, register) in kinds {
        for (which, listed) in [("alg", "ECDH-ES"), ("enc", "A256GCM")] {
            let name = format!("{kind}_encryption_{which}_values_supported");
            let at = |values: &[&str]| {
                let server = provider(Algorithm::Es256).list(&name, values.iter().copied());
                let client = client_of(server).user_info_algorithm(Algorithm::Es256).unwrap();
                register(client.decryption_keys(keys()), ECDH)
            };
            assert!(at(&["RSA1_5", listed]).is_ok(), "{name}");
            let error = at(&["RSA1_5"]).unwrap_err();
            assert_eq!(error.rule(), Some(Rule::Id44), "{name}");
            assert!(error.to_string().contains(&name), "{error}");
        }
    }
}
