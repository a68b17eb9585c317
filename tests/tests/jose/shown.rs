//! What a JWT and a JWE say of themselves: to a program that asks, and in a log.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use valetkey_core::jose::jwe::{
    AgreementCurve, ContentAlgorithm, Decryption, Encryption, EncryptionKey, Jwe, KeyAlgorithm,
};
use valetkey_core::jose::{Algorithm, Claims, Jws, JwtSigner, JwtType, Once, RustCrypto};
use valetkey_tests::entropy;
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::jwe::{agreeing, keys_of};

const DIRECT: Encryption = Encryption::new(KeyAlgorithm::EcdhEs).with(ContentAlgorithm::A256Gcm);

#[test]
fn a_jwt_says_by_what_it_is_signed_and_which_key_it_names() {
    let key = key_pair(&RustCrypto, Algorithm::Es256);
    let keys = verification_keys(&RustCrypto, Algorithm::Es256);
    let jwt = JwtSigner::new(key, Some("at+jwt")).write(&json!({})).unwrap().sign().unwrap().ready().unwrap();
    let jws = Jws::parse(jwt.expose()).unwrap();
    assert_eq!((jws.algorithm(), jws.key_id(), jws.typ()), ("ES256", Some("k"), Some("at+jwt")));
    let verified = jws.verify(&keys, JwtType::Explicit("at+jwt")).unwrap();
    let said = (verified.algorithm(), verified.key_id(), verified.typ());
    assert_eq!(said, (Algorithm::Es256, Some("k"), Some("at+jwt")));
    // A secret has no name, and a JWT by it names none.
    let key = key_pair(&RustCrypto, Algorithm::Hs256);
    let keys = verification_keys(&RustCrypto, Algorithm::Hs256);
    let jwt = JwtSigner::new(key, None).write(&json!({})).unwrap().sign().unwrap().ready().unwrap();
    let jws = Jws::parse(jwt.expose()).unwrap();
    assert_eq!((jws.algorithm(), jws.key_id(), jws.typ()), ("HS256", None, None));
    let verified = jws.verify(&keys, JwtType::Generic).unwrap();
    assert_eq!((verified.algorithm(), verified.key_id(), verified.typ()), (Algorithm::Hs256, None, None));
}

/// As it came, whatever it is: the algorithm that nobody knows too, and a name in other letters than ASCII's.
#[test]
fn what_a_header_says_is_shown_as_it_came() {
    for (header, algorithm, key_id) in [
        (json!({ "alg": "none" }), "none", None),
        (json!({ "alg": "es256", "kid": "" }), "es256", Some("")),
        (json!({ "alg": "ML-DSA-44", "kid": "Schlüssel-1" }), "ML-DSA-44", Some("Schlüssel-1")),
    ] {
        let text = format!("{}.e30.", URL_SAFE_NO_PAD.encode(header.to_string()));
        let jws = Jws::parse(&text).unwrap();
        assert_eq!((jws.algorithm(), jws.key_id()), (algorithm, key_id));
    }
}

#[test]
fn a_jwt_prints_its_header_and_the_one_who_issued_it() {
    let key = key_pair(&RustCrypto, Algorithm::Es256);
    let signer = JwtSigner::new(key, Some("JWT"));
    let public = r#"Some(Jwk { key: Ec(P-256), key_id: Some("k"), algorithm: Some("ES256"), .. })"#;
    assert_eq!(format!("{signer:?}"), format!("JwtSigner {{ algorithm: Es256, public_key: {public}, .. }}"));
    let claims = json!({ "iss": "https://as.example", "aud": "me", "exp": 1_700_000_060, "jti": "planted" });
    let unsigned = signer.write(&claims).unwrap();
    assert_eq!(format!("{unsigned:?}"), "UnsignedJwt(<secret>)");
    let jwt = unsigned.sign().unwrap().ready().unwrap();
    assert_eq!(format!("{jwt:?}"), "<secret>");
    assert_eq!(format!("{:?}", Once::new(unsigned)), "Once(<secret>)");
    let jws = Jws::parse(jwt.expose()).unwrap();
    let header = r#"key_id: Some("k"), typ: Some("JWT"), .. }"#;
    assert_eq!(format!("{jws:?}"), format!(r#"Jws {{ algorithm: "ES256", {header}"#));
    let keys = verification_keys(&RustCrypto, Algorithm::Es256);
    let verified = jws.verify(&keys, JwtType::Generic).unwrap();
    assert_eq!(format!("{verified:?}"), format!("Verified {{ algorithm: Es256, {header}"));
    let shown = format!("{:?}", verified.claims().unwrap());
    for said in ["Claims", "https://as.example", "me", "1700000060"] {
        assert!(shown.contains(said), "{said} in {shown}");
    }
    assert!(!shown.contains("planted"), "{shown}");
    let dates = format!("{:?}", Claims::read(r#"{"nbf":1700000001,"iat":1700000002}"#).unwrap());
    assert!(dates.contains("1700000001") && dates.contains("1700000002"), "{dates}");
}

#[test]
fn a_jwe_prints_its_header_and_nothing_that_is_inside() {
    let signer = JwtSigner::new(key_pair(&RustCrypto, Algorithm::Es256), None);
    let plain = signer.write(&json!({ "jti": "planted" })).unwrap().sign().unwrap().ready().unwrap();
    let keys = keys_of(&RustCrypto, agreeing(AgreementCurve::X25519));
    let to = EncryptionKey::choose(&RustCrypto, DIRECT, &keys.published()).unwrap();
    let agreed = "Encryption { key: EcdhEs, content: A256Gcm }";
    let jwk = r#"Jwk { key: X25519, key_id: Some("X25519"), algorithm: None, .. }"#;
    assert_eq!(format!("{to:?}"), format!("EncryptionKey {{ encryption: {agreed}, jwk: {jwk}, .. }}"));
    let text = to.encrypt(&plain, entropy(5)).unwrap();
    assert_eq!(format!("{text:?}"), "<secret>");
    let jwe = Jwe::parse(text.expose()).unwrap();
    assert_eq!(
        format!("{jwe:?}"),
        r#"Jwe { key_algorithm: EcdhEs, content_algorithm: A256Gcm, key_id: Some("X25519"), .. }"#
    );
    assert_eq!(format!("{:?}", jwe.decrypt(&keys, DIRECT).unwrap()), "Decrypted(<secret>)");
    let agreed = Decryption::new(keys, DIRECT);
    for (agreed, text, shown) in
        [(None, plain.expose(), "Plain(<secret>)"), (Some(&agreed), text.expose(), "Decrypted(<secret>)")]
    {
        assert_eq!(format!("{:?}", Decryption::open(agreed, text).unwrap()), shown);
    }
}
