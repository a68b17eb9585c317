//! ID-1 to ID-8 and ID-24, JK-1, CA-5: the JWTs, keys and sets that are refused, each under its rule.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use valetkey_core::jose::{
    Algorithm, Curve, Jwk, JwkSet, Jws, JwtSigner, JwtType, KeyPair, MAX_JWT, MAX_KEYS, PrivateJwk,
    PublicKey, RustCrypto, Signer, VerificationKeys,
};
use valetkey_core::{Error, Rule};
use valetkey_tests::jose::{
    HMAC_SECRET, PROVIDERS, RSA, key_pair, private_jwk, signed, verification_keys, verified,
};

fn rule(error: &Error) -> &'static str {
    error.rule().map_or("none", Rule::id)
}

/// A JWS with this header over `{}`, signed by the ES256 key whatever the header says.
fn with_header(header: &str) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"));
    let signature = key_pair(&RustCrypto, Algorithm::Es256).sign(input.as_bytes()).unwrap().ready().unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn every_jws_that_breaks_a_rule_is_refused_by_its_id() {
    let good = signed(&RustCrypto, Algorithm::Es256, &json!({}));
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let with_signature = |bytes: &[u8]| format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode(bytes));
    // The last letter of the payload has two bits over.
    assert_eq!(payload, "e30");
    let mut flipped = raw.clone();
    flipped[10] ^= 1;
    let cases: Vec<(&str, String)> = vec![
        ("ID-1", String::new()),
        ("ID-1", format!("{header}.{payload}")),
        ("ID-1", format!("{good}.{signature}")),
        ("ID-1", format!("{good}..")),
        ("ID-1", ".".repeat(1_000_000)),
        ("ID-1", format!("{header}.{}.{signature}", "A".repeat(MAX_JWT))),
        ("ID-2", format!("{header}.{payload}.{signature}==")),
        ("ID-2", format!("{header}.e30=.{signature}")),
        ("ID-2", format!("{header}.e31.{signature}")),
        ("ID-2", format!("{header}.{payload}.{signature} ")),
        ("ID-2", format!(" {good}")),
        ("ID-2", format!("{header}\n.{payload}.{signature}")),
        ("ID-2", format!("{header}.e+30.{signature}")),
        ("ID-2", format!("{header}.e30A0.{signature}")),
        ("ID-3", format!(".{payload}.{signature}")),
        ("ID-3", with_header("[]")),
        ("ID-3", with_header("{}")),
        ("ID-3", with_header("{\"alg\":\"ES256\"} x")),
        ("ID-3", with_header(r#"{"alg":"ES256","alg":"ES256"}"#)),
        ("ID-3", with_header(r#"{"alg":"none","alg":"ES256"}"#)),
        ("ID-3", with_header(r#"{"alg":["ES256"]}"#)),
        ("ID-3", with_header(r#"{"alg":"ES256","kid":7}"#)),
        ("ID-3", with_header(r#"{"alg":"ES256","typ":null}"#)),
        ("ID-3", with_header(r#"{"alg":"ES256","crit":["x"],"x":1}"#)),
        ("ID-3", with_header(r#"{"alg":"ES256","crit":["exp"]}"#)),
        ("ID-3", with_header(r#"{"alg":"ES256","crit":[]}"#)),
        ("ID-3", with_header(r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#)),
        ("ID-3", with_header(r#"{"alg":"ES256","b64":false}"#)),
        ("ID-3", with_header(r#"{"alg":"ES256","b64":"true"}"#)),
        ("ID-3", with_header(&format!(r#"{{"alg":"ES256","x":{}1{}}}"#, "[".repeat(500), "]".repeat(500)))),
        ("ID-4", with_header(r#"{"alg":"none"}"#)),
        ("ID-4", with_header(r#"{"alg":"nOnE"}"#)),
        ("ID-4", with_header(r#"{"alg":"es256"}"#)),
        ("ID-4", with_header(r#"{"alg":"ES384"}"#)),
        ("ID-4", format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#))),
        ("ID-6", with_header(r#"{"alg":"ES256","kid":"other"}"#)),
        ("ID-7", with_signature(&[])),
        ("ID-7", with_signature(&raw[..63])),
        ("ID-7", with_signature(&[&raw[..], &[0]].concat())),
        ("ID-8", with_signature(&flipped)),
        ("ID-8", with_signature(&[0; 64])),
        ("ID-8", with_signature(&[&raw[32..], &raw[..32]].concat())),
    ];
    for (_, provider) in PROVIDERS {
        let keys = verification_keys(provider, Algorithm::Es256);
        assert!(verified(&good, &keys).is_ok());
        for (id, text) in &cases {
            let error = verified(text, &keys).unwrap_err();
            assert_eq!(rule(&error), *id, "{} … {error}", text.chars().take(120).collect::<String>());
        }
    }
}

/// ID-4: a public key is no HMAC secret, whatever a header says.
#[test]
fn an_hmac_keyed_with_the_public_key_is_refused() {
    let public = private_jwk(Algorithm::Rs256).public();
    let secret = public.required_members();
    let forged = JwtSigner::new(
        std::sync::Arc::new(KeyPair::from_secret(Algorithm::Hs256, secret.as_bytes()).unwrap()),
        None,
    );
    let forged = forged.write(&json!({})).unwrap().sign().unwrap().ready().unwrap();
    for (_, provider) in PROVIDERS {
        let keys = VerificationKeys::one(provider, &[Algorithm::Rs256], &public).unwrap();
        assert_eq!(rule(&verified(forged.expose(), &keys).unwrap_err()), "ID-4");
        let error = VerificationKeys::one(provider, &[Algorithm::Hs256], &public).unwrap_err();
        assert_eq!(rule(&error), "ID-4");
        let error = VerificationKeys::new(provider, &[Algorithm::Hs256], &JwkSet::default()).unwrap_err();
        assert_eq!(rule(&error), "ID-4");
    }
    // And the other way round: with a secret registered, nothing but that HMAC is accepted.
    let keys = VerificationKeys::secret(Algorithm::Hs256, HMAC_SECRET.as_bytes()).unwrap();
    for algorithm in [Algorithm::Hs512, Algorithm::Rs256] {
        let error = verified(&signed(&RustCrypto, algorithm, &json!({})), &keys).unwrap_err();
        assert_eq!(rule(&error), "ID-4");
    }
    assert_eq!(rule(&VerificationKeys::secret(Algorithm::Rs256, &[0; 64]).unwrap_err()), "ID-4");
    assert_eq!(rule(&KeyPair::from_secret(Algorithm::Es256, &[0; 64]).unwrap_err()), "ID-4");
}

/// ID-5: a JWT that brings its own key verifies by no key of ours.
#[test]
fn a_key_in_the_header_is_not_used() {
    let own = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, valetkey_tests::entropy(77)).unwrap();
    let own = std::sync::Arc::new(KeyPair::new(&RustCrypto, Algorithm::Es256, &own).unwrap());
    let forged = JwtSigner::showing_key(own.clone(), "JWT").unwrap();
    let forged = forged.write(&json!({})).unwrap().sign().unwrap().ready().unwrap();
    for (_, provider) in PROVIDERS {
        let keys = verification_keys(provider, Algorithm::Es256);
        assert_eq!(rule(&verified(forged.expose(), &keys).unwrap_err()), "ID-8");
        // Nor do the other ways to point at a key change which one verifies.
        for member in ["jku", "x5u", "x5c", "jwk"] {
            let header =
                json!({ "alg": "ES256", "kid": "k", member: "https://evil.example/keys" }).to_string();
            assert!(verified(&with_header(&header), &keys).is_ok());
        }
    }
}

/// ID-6: of keys that differ by type, curve, algorithm, use or operations under one `kid`, the one that fits is used; of
/// two that fit, none.
#[test]
fn the_key_is_chosen_by_everything_that_is_said_of_it() {
    let jwt = signed(&RustCrypto, Algorithm::Es256, &json!({}));
    let fitting = |kid: Option<&str>, more: Value| {
        let jwk = Jwk::new(private_jwk(Algorithm::Es256).public().key().clone());
        let mut json: Value = serde_json::from_str(&jwk.required_members()).unwrap();
        json["kid"] = kid.map_or(Value::Null, Into::into);
        let members = json.as_object_mut().unwrap();
        members.retain(|_, value| !value.is_null());
        members.extend(more.as_object().unwrap().clone());
        json
    };
    let other = |algorithm: Algorithm| {
        let jwk = Jwk::new(private_jwk(algorithm).public().key().clone()).with_key_id("k");
        serde_json::to_value(&jwk).unwrap()
    };
    let good = fitting(Some("k"), json!({}));
    let cases: Vec<(&str, Vec<Value>)> = vec![
        ("", vec![good.clone()]),
        ("", vec![fitting(Some("k"), json!({ "use": "sig", "alg": "ES256", "key_ops": ["verify"] }))]),
        ("", vec![other(Algorithm::Es384), other(Algorithm::Rs256), other(Algorithm::EdDsa), good.clone()]),
        ("", vec![fitting(Some("k"), json!({ "use": "enc" })), good.clone()]),
        ("", vec![fitting(Some("k"), json!({ "alg": "ES384" })), good.clone()]),
        ("", vec![fitting(Some("k"), json!({ "key_ops": ["encrypt"] })), good.clone()]),
        ("", vec![fitting(Some("decoy"), json!({})), good.clone()]),
        ("", vec![fitting(None, json!({})), good.clone()]),
        ("", vec![fitting(None, json!({}))]),
        ("ID-6", vec![]),
        ("ID-6", vec![other(Algorithm::Es384)]),
        ("ID-6", vec![fitting(Some("decoy"), json!({}))]),
        ("ID-6", vec![fitting(Some("K"), json!({}))]),
        ("ID-6", vec![fitting(Some("k"), json!({ "use": "enc" }))]),
        ("ID-6", vec![fitting(Some("k"), json!({ "alg": "ES384" }))]),
        ("ID-6", vec![fitting(Some("k"), json!({ "alg": "ECDH-ES" }))]),
        ("ID-6", vec![fitting(Some("k"), json!({ "key_ops": [] }))]),
        ("ID-6", vec![fitting(Some("k"), json!({ "key_ops": "verify" }))]),
        ("ID-6", vec![good.clone(), good.clone()]),
        ("ID-6", vec![fitting(None, json!({})), fitting(None, json!({}))]),
    ];
    for (name, provider) in PROVIDERS {
        for (id, keys) in &cases {
            let set = JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
            let keys = VerificationKeys::new(provider, &[Algorithm::Es256], &set).unwrap();
            let got = verified(&jwt, &keys).err().map_or("", |error| rule(&error));
            assert_eq!(got, *id, "{name}: {set:?}");
        }
    }
    // An algorithm that is named twice makes no second key.
    let set = JwkSet::parse(json!({ "keys": [good] }).to_string().as_bytes()).unwrap();
    let keys = VerificationKeys::new(&RustCrypto, &[Algorithm::Es256, Algorithm::Es256], &set).unwrap();
    assert!(verified(&jwt, &keys).is_ok());
    // Without a kid, there must be but one.
    let nameless = with_header(r#"{"alg":"ES256"}"#);
    for (id, count) in [("", 1), ("ID-6", 2)] {
        let set = json!({ "keys": vec![good.clone(); count] }).to_string();
        let set = JwkSet::parse(set.as_bytes()).unwrap();
        let keys = VerificationKeys::new(&RustCrypto, &[Algorithm::Es256], &set).unwrap();
        assert_eq!(verified(&nameless, &keys).err().map_or("", |error| rule(&error)), id);
    }
}

#[test]
fn every_key_that_breaks_a_rule_is_refused_by_its_id() {
    let n = |bits: usize| {
        let mut n = vec![0xff; bits / 8];
        n[0] = 0x80;
        URL_SAFE_NO_PAD.encode(n)
    };
    let rsa = |n: &str, e: &str| json!({ "kty": "RSA", "n": n, "e": e });
    let even = URL_SAFE_NO_PAD.encode([[0x80].as_slice(), &[0xfe; 255]].concat());
    let leading = URL_SAFE_NO_PAD.encode([[0, 0x80].as_slice(), &[0xff; 255]].concat());
    let ec = |x: &str, y: &str| json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
    let zero = URL_SAFE_NO_PAD.encode([0; 32]);
    let (x, y) =
        ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    let private: Value = serde_json::from_str(RSA).unwrap();
    let cases: Vec<(&str, Value)> = vec![
        ("ID-7", rsa(&n(1024), "AQAB")),
        ("ID-7", rsa(&n(2040), "AQAB")),
        ("ID-7", rsa(&n(8200), "AQAB")),
        ("ID-7", rsa(&even, "AQAB")),
        ("ID-7", rsa(&leading, "AQAB")),
        ("ID-7", rsa("", "AQAB")),
        ("ID-7", rsa(&n(2048), "AQ")),
        ("ID-7", rsa(&n(2048), "AA")),
        ("ID-7", rsa(&n(2048), "Ag")),
        ("ID-7", rsa(&n(2048), "AAEAAQ")),
        ("ID-7", rsa(&n(2048), "AQAAAAE")),
        ("ID-7", rsa(&n(2048), "")),
        ("ID-2", rsa(&n(2048), "AQAB==")),
        ("ID-2", rsa(&n(2048), "AR")),
        ("ID-7", ec(&x[..40], y)),
        ("ID-7", ec(x, &URL_SAFE_NO_PAD.encode([[0].as_slice(), &[1; 32]].concat()))),
        ("ID-7", json!({ "kty": "EC", "crv": "P-384", "x": x, "y": y })),
        ("ID-2", ec(&format!("{x}="), y)),
        ("ID-7", json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" })),
        ("ID-7", json!({ "kty": "OKP", "crv": "X25519", "x": "AAAA" })),
        ("ID-7", json!({ "kty": "EC", "crv": "P-521", "x": x, "y": y })),
        ("JK-1", json!({ "kty": "OKP", "crv": "X448", "x": zero })),
        ("JK-1", json!({ "kty": "EC", "crv": "secp256k1", "x": x, "y": y })),
        ("JK-1", json!({ "kty": "EC", "crv": "P-256", "x": x })),
        ("JK-1", json!({ "kty": "EC", "crv": "P-256", "x": x, "y": 7 })),
        ("JK-1", json!({ "crv": "P-256", "x": x, "y": y })),
        ("JK-1", json!({ "kty": 7 })),
        ("JK-1", json!({ "kty": "oct", "k": "AAAA" })),
        ("JK-1", json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "d": zero })),
        ("JK-1", private),
        ("JK-1", json!([])),
    ];
    for (id, jwk) in &cases {
        let error = Jwk::parse(jwk.to_string().as_bytes()).unwrap_err();
        assert_eq!(rule(&error), *id, "{jwk}: {error}");
    }
    assert_eq!(rule(&Jwk::parse(br#"{"kty":"RSA","kty":"RSA"}"#).unwrap_err()), "JK-1");
    // A key that was put together by hand is checked too.
    for (_, provider) in PROVIDERS {
        let small = Jwk::new(PublicKey::Rsa { n: vec![0xff; 128], e: vec![1, 0, 1] });
        assert_eq!(rule(&VerificationKeys::one(provider, &[Algorithm::Rs256], &small).unwrap_err()), "ID-7");
        let long = Jwk::new(PublicKey::Ec { curve: Curve::P256, x: vec![1; 33], y: vec![1; 32] });
        assert_eq!(rule(&VerificationKeys::one(provider, &[Algorithm::Es256], &long).unwrap_err()), "ID-7");
    }
    // Off the curve, the identity's coordinates, past the field: a provider says so.
    let past = URL_SAFE_NO_PAD.encode([0xff; 32]);
    let off = [ec(x, &zero), ec(&zero, &zero), ec(&past, y), ec(y, x)];
    for (name, provider) in PROVIDERS {
        for jwk in &off {
            let jwk = Jwk::parse(jwk.to_string().as_bytes()).unwrap();
            let error = VerificationKeys::one(provider, &[Algorithm::Es256], &jwk).unwrap_err();
            assert_eq!(rule(&error), "ID-7", "{name}: {jwk:?}");
        }
    }
}

/// JK-1.
#[test]
fn a_set_ignores_what_is_unknown_or_malformed_and_refuses_what_is_private() {
    let good = serde_json::to_value(private_jwk(Algorithm::Es256).public()).unwrap();
    let off_curve = json!({ "kty": "EC", "crv": "P-256", "x": good["y"], "y": good["x"] });
    let strangers = json!({ "keys": [
        "text", null, 7, {}, { "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" }, { "kty": "RSA", "n": "AQAB", "e": "AQAB" },
        { "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" }, off_curve, good,
    ], "more": true });
    let set = JwkSet::parse(strangers.to_string().as_bytes()).unwrap();
    assert_eq!((set.keys().len(), set.ignored()), (2, 7));
    for (_, provider) in PROVIDERS {
        let keys = VerificationKeys::new(provider, &[Algorithm::Es256], &set).unwrap();
        assert!(
            verified(&with_header(r#"{"alg":"ES256"}"#), &keys).is_ok(),
            "the point off the curve is left out"
        );
    }

    let private: Value = serde_json::from_str(&private_jwk(Algorithm::Es256).expose()).unwrap();
    let too_many = vec![good.clone(); MAX_KEYS + 1];
    let refused = [
        json!({ "keys": [good, private] }).to_string(),
        json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] }).to_string(),
        json!({ "keys": [{ "kty": "XX", "d": "AAAA" }] }).to_string(),
        json!({ "keys": too_many }).to_string(),
        json!({ "keys": {} }).to_string(),
        json!({}).to_string(),
        json!([good]).to_string(),
        r#"{"keys":[],"keys":[]}"#.to_owned(),
        r#"{"keys":[{"kty":"EC","kty":"RSA"}]}"#.to_owned(),
        r#"{"keys":[]} x"#.to_owned(),
        format!(r#"{{"keys":[]}}{}"#, " ".repeat(1 << 20)),
        format!(r#"{{"keys":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000)),
    ];
    for set in refused {
        assert_eq!(rule(&JwkSet::parse(set.as_bytes()).unwrap_err()), "JK-1");
    }
    assert!(JwkSet::parse(br#"{"keys":[]}"#).unwrap().keys().is_empty());
}

/// JK-1: a set with a symmetric key in it is refused whole, with its number and without, wherever in the set it is.
#[test]
fn jk1_a_symmetric_key_spoils_its_set_with_and_without_its_number() {
    let good = serde_json::to_value(key_pair(&RustCrypto, Algorithm::Es256).public_key().unwrap()).unwrap();
    let parsed = |keys: &[&Value]| JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes());
    for symmetric in [
        json!({ "kty": "oct" }),
        json!({ "kty": "oct", "kid": "h", "alg": "HS256", "use": "sig" }),
        json!({ "kty": "oct", "k": "c2VjcmV0" }),
        json!({ "kty": "oct", "k": "" }),
        json!({ "kty": "oct", "k": null }),
        json!({ "kty": "oct", "use": "enc" }),
        json!({ "k": "c2VjcmV0" }),
    ] {
        for keys in [vec![&symmetric], vec![&symmetric, &good], vec![&good, &symmetric]] {
            assert_eq!(rule(&parsed(&keys).unwrap_err()), "JK-1", "{keys:?}");
        }
        let error = Jwk::parse(symmetric.to_string().as_bytes()).unwrap_err();
        assert_eq!(rule(&error), "JK-1");
        assert!(error.to_string().contains("private or symmetric"), "{symmetric}: {error}");
    }
    let spelled = r#"{"keys":[{"kty":"\u006fct"}]}"#;
    assert_eq!(rule(&JwkSet::parse(spelled.as_bytes()).unwrap_err()), "JK-1");
    // A type that is not known is for somebody else: `OCT` is not `oct` (RFC 7517 §4.1).
    for unknown in
        [json!({ "kty": "OCT" }), json!({ "kty": "AKP", "pub": "AA" }), json!({ "crv": "oct" }), json!("oct")]
    {
        let set = parsed(&[&unknown, &good]).unwrap();
        assert_eq!((set.keys().len(), set.ignored()), (1, 1), "{unknown}");
    }
}

/// CA-5.
#[test]
fn a_secret_shorter_than_the_hash_keys_no_hmac() {
    for (algorithm, length) in [(Algorithm::Hs256, 32), (Algorithm::Hs384, 48), (Algorithm::Hs512, 64)] {
        for short in [&[][..], &[7; 5], &vec![7; length - 1]] {
            assert_eq!(rule(&KeyPair::from_secret(algorithm, short).unwrap_err()), "CA-5");
            assert_eq!(rule(&VerificationKeys::secret(algorithm, short).unwrap_err()), "CA-5");
        }
        assert!(KeyPair::from_secret(algorithm, &vec![7; length]).is_ok());
    }
}

/// ID-24.
#[test]
fn an_explicit_type_is_compared_as_a_media_type() {
    let keys = verification_keys(&RustCrypto, Algorithm::Es256);
    let verified = |typ: &str, expected: JwtType<'_>| {
        let header = json!({ "alg": "ES256", "typ": typ }).to_string();
        Jws::parse(&with_header(&header)).unwrap().verify(&keys, expected).map(|_| ())
    };
    for typ in ["dpop+jwt", "DPoP+JWT", "application/dpop+jwt", "APPLICATION/dpop+jwt"] {
        for expected in ["dpop+jwt", "application/dpop+jwt", "DPOP+jwt"] {
            assert!(verified(typ, JwtType::Explicit(expected)).is_ok(), "{typ}");
        }
    }
    for typ in ["", "JWT", "logout+jwt", "text/dpop+jwt", "application/x/dpop+jwt", "dpop+jwt "] {
        let error = verified(typ, JwtType::Explicit("dpop+jwt")).unwrap_err();
        assert_eq!(rule(&error), "ID-24", "{typ}");
        assert!(error.to_string().contains("dpop+jwt"), "it says which is expected: {error}");
    }
    let untyped = with_header(r#"{"alg":"ES256"}"#);
    assert_eq!(Jws::parse(&untyped).unwrap().typ(), None);
    assert!(Jws::parse(&untyped).unwrap().verify(&keys, JwtType::Generic).is_ok());
    let error = Jws::parse(&untyped).unwrap().verify(&keys, JwtType::Explicit("dpop+jwt")).unwrap_err();
    assert_eq!(rule(&error), "ID-24");
}

/// What an HSM that speaks DER gives is no JOSE signature (ID-7), and is not sent.
#[test]
fn a_signature_in_der_is_not_taken_from_a_signer() {
    struct Der(KeyPair);
    impl Signer for Der {
        fn algorithm(&self) -> Algorithm {
            Algorithm::Es256
        }
        fn public_key(&self) -> Option<&Jwk> {
            self.0.public_key()
        }
        fn sign(
            &self,
            _: &[u8],
        ) -> Result<valetkey_core::jose::Signed<Vec<u8>>, valetkey_core::jose::SignerError> {
            Ok(valetkey_core::jose::Signed::Ready(vec![0x30; 70]))
        }
    }
    let der = Der((*key_pair(&RustCrypto, Algorithm::Es256)).clone());
    let jwt = JwtSigner::new(std::sync::Arc::new(der), None).write(&json!({})).unwrap();
    assert_eq!(rule(&jwt.sign().unwrap_err()), "ID-7");
}
