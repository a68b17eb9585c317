//! ID-27 and ID-43 to ID-52: the JWEs that are refused, each under its rule.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use valetkey_core::jose::jwe::{
    AgreementCurve, ContentAlgorithm, Decryption, DecryptionKeys, Encryption, Jwe, KeyAlgorithm, MAX_JWE,
};
use valetkey_core::jose::{Algorithm, AwsLc, CryptoProvider as _, JwtType, OaepHash, RustCrypto};
use valetkey_tests::jose::{PROVIDERS, signed, verification_keys};
use valetkey_tests::jwe::{
    ByHand, agreeing, compact, decrypted, decrypts, empty, encrypted, keys_of, part, rsa, rule, with_part,
};

const GCM: ContentAlgorithm = ContentAlgorithm::A256Gcm;
const DIRECT: Encryption = Encryption::new(KeyAlgorithm::EcdhEs).with(GCM);
const BY_RSA: Encryption = Encryption::new(KeyAlgorithm::RsaOaep256).with(GCM);
const BY_RSA_HEADER: &str = r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#;

fn by_hand(header: &str) -> ByHand<'_> {
    ByHand { header, hash: OaepHash::Sha256, content_key: &[9; 32] }
}

/// The header of a JWE by ECDH-ES with these members beside `alg` and `enc`.
fn agreeing_with(members: Value) -> String {
    let mut header = json!({ "alg": "ECDH-ES", "enc": "A256GCM" });
    header.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    empty(&header.to_string(), 0, GCM)
}

#[test]
fn what_anybody_can_see_in_a_jwe_is_refused_by_its_id() {
    let keys = keys_of(&RustCrypto, agreeing(AgreementCurve::P256));
    let good = encrypted(&RustCrypto, &keys, DIRECT, b"hello");
    assert_eq!(decrypted(&good, &keys, DIRECT).unwrap(), b"hello");
    let with = |header: &str| empty(header, 0, GCM);
    let wrapped = |length| {
        empty(
            &json!({ "alg": "ECDH-ES+A128KW", "enc": "A256GCM", "epk": epk(AgreementCurve::P256) })
                .to_string(),
            length,
            GCM,
        )
    };
    let cases: Vec<(&str, String)> = vec![
        ("ID-27", format!("{good}{}", "A".repeat(MAX_JWE))),
        ("ID-27", ".".repeat(1_000_000)),
        ("ID-27", format!(r#"{{"protected":"{good}"}}"#)),
        ("ID-27", format!("{good}=")),
        ("ID-27", format!(" {good}")),
        ("ID-27", good.replace('.', "\n.")),
        ("ID-43", String::new()),
        ("ID-43", "e30.e30.e30".to_owned()),
        ("ID-43", format!("{good}.")),
        ("ID-43", ".".repeat(60_000)),
        ("ID-2", format!("{good}AAA")),
        // The last letter of 16 bytes has four bits over.
        ("ID-2", format!("{}B", good.trim_end_matches(|letter| letter != '.').to_owned() + &"A".repeat(21))),
        ("ID-52", "....".to_owned()),
        ("ID-52", with("[]")),
        ("ID-52", with("{}")),
        ("ID-52", with(r#"{"alg":"ECDH-ES"}"#)),
        ("ID-52", with(r#"{"enc":"A256GCM"}"#)),
        ("ID-52", with(r#"{"alg":"ECDH-ES","enc":"A256GCM"} x"#)),
        ("ID-52", with(r#"{"alg":"dir","alg":"ECDH-ES","enc":"A256GCM"}"#)),
        ("ID-52", with(r#"{"alg":["ECDH-ES"],"enc":"A256GCM"}"#)),
        ("ID-52", with(r#"{"alg":"ECDH-ES","enc":7}"#)),
        ("ID-52", with(r#"{"alg":"ECDH-ES","enc":"A256GCM","kid":7}"#)),
        ("ID-52", with(r#"{"alg":"ECDH-ES","enc":"A256GCM","cty":null}"#)),
        ("ID-52", with(r#"{"alg":"ECDH-ES","enc":"A256GCM","crit":["x"],"x":1}"#)),
        ("ID-52", with(r#"{"alg":"ECDH-ES","enc":"A256GCM","crit":[]}"#)),
        ("ID-50", with(r#"{"alg":"ECDH-ES","enc":"A256GCM","zip":"DEF"}"#)),
        ("ID-50", with(r#"{"alg":"ECDH-ES","enc":"A256GCM","zip":null}"#)),
        ("ID-45", with(r#"{"alg":"RSA1_5","enc":"A128CBC-HS256"}"#)),
        ("ID-45", with(r#"{"alg":"dir","enc":"A256GCM"}"#)),
        ("ID-45", with(r#"{"alg":"A128KW","enc":"A256GCM"}"#)),
        ("ID-45", with(r#"{"alg":"A192KW","enc":"A256GCM"}"#)),
        ("ID-45", with(r#"{"alg":"A256KW","enc":"A256GCM"}"#)),
        ("ID-45", with(r#"{"alg":"A128GCMKW","enc":"A256GCM"}"#)),
        ("ID-45", with(r#"{"alg":"A256GCMKW","enc":"A256GCM"}"#)),
        ("ID-45", with(r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":1000000000,"p2s":"AAAA"}"#)),
        ("ID-45", with(r#"{"alg":"none","enc":"A256GCM"}"#)),
        ("ID-45", with(r#"{"alg":"ecdh-es","enc":"A256GCM"}"#)),
        ("ID-44", with(r#"{"alg":"ECDH-ES","enc":"A128CBC+HS256"}"#)),
        ("ID-44", with(r#"{"alg":"ECDH-ES","enc":"none"}"#)),
        ("ID-47", agreeing_with(json!({}))),
        ("ID-47", agreeing_with(json!({ "epk": "P-256" }))),
        ("ID-47", agreeing_with(json!({ "epk": {} }))),
        ("ID-47", agreeing_with(json!({ "epk": { "kty": "oct", "k": "AAAA" } }))),
        ("ID-47", agreeing_with(json!({ "epk": { "kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA" } }))),
        ("ID-47", agreeing_with(json!({ "epk": { "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" } }))),
        ("ID-47", agreeing_with(json!({ "epk": private_epk() }))),
        ("ID-47", agreeing_with(json!({ "epk": epk(AgreementCurve::P256), "apu": "=" }))),
        ("ID-47", agreeing_with(json!({ "epk": epk(AgreementCurve::P256), "apu": "QWxpY2V" }))),
        ("ID-47", agreeing_with(json!({ "epk": epk(AgreementCurve::P256), "apv": 7 }))),
        ("ID-48", with_part(&good, 1, b"x")),
        ("ID-48", with_part(&good, 2, &[0; 16])),
        ("ID-48", with_part(&good, 2, &[0; 11])),
        ("ID-48", with_part(&good, 4, &[0; 15])),
        ("ID-48", with_part(&good, 4, &[0; 17])),
        ("ID-48", with_part(&good, 4, &[])),
        ("ID-48", wrapped(0)),
        ("ID-48", wrapped(39)),
        ("ID-48", wrapped(48)),
        ("ID-48", empty(BY_RSA_HEADER, 0, GCM)),
    ];
    for (id, text) in cases {
        let shown: String = text.chars().take(200).collect();
        let error = Jwe::parse(&text).expect_err(&shown);
        assert_eq!(rule(&error), id, "{shown}: {error}");
    }
}

fn epk(curve: AgreementCurve) -> Value {
    serde_json::from_str(&agreeing(curve).public().required_members()).unwrap()
}

fn private_epk() -> Value {
    serde_json::from_str(&agreeing(AgreementCurve::P256).expose()).unwrap()
}

/// ID-43.
#[test]
fn what_was_registered_to_be_encrypted_is_and_nothing_else() {
    let keys = keys_of(&RustCrypto, agreeing(AgreementCurve::X25519));
    let plain = signed(&RustCrypto, Algorithm::Es256, &json!({ "iss": "https://as.example" }));
    let secret = encrypted(&RustCrypto, &keys, DIRECT, plain.as_bytes());
    let agreed = Decryption::new(keys, DIRECT);
    assert!(!Decryption::open(None, &plain).unwrap().was_encrypted());
    assert!(Decryption::open(Some(&agreed), &secret).unwrap().was_encrypted());
    for (agreed, text) in [(None, &secret), (Some(&agreed), &plain)] {
        let error = Decryption::open(agreed, text).unwrap_err();
        assert_eq!(rule(&error), "ID-43", "{error}");
    }
    for opened in [Decryption::open(None, &plain), Decryption::open(Some(&agreed), &secret)] {
        let opened = opened.unwrap();
        let keys = verification_keys(&RustCrypto, Algorithm::Es256);
        let claims = opened.jws().unwrap().verify(&keys, JwtType::Generic).unwrap().claims().unwrap();
        assert_eq!(claims.issuer(), Some("https://as.example"));
        assert!(!format!("{opened:?}").contains("as.example"));
    }
}

/// ID-44.
#[test]
fn only_the_registered_pair_of_algorithms_is_taken() {
    let keys = keys_of(&AwsLc, agreeing(AgreementCurve::P384));
    let good = encrypted(&AwsLc, &keys, DIRECT, b"hello");
    let others = [
        Encryption::new(KeyAlgorithm::EcdhEs),
        DIRECT.with(ContentAlgorithm::A128Gcm),
        Encryption::new(KeyAlgorithm::EcdhEsA256Kw).with(GCM),
        BY_RSA,
    ];
    for other in others {
        assert_eq!(rule(&decrypted(&good, &keys, other).unwrap_err()), "ID-44", "{other:?}");
    }
}

/// ID-47.
#[test]
fn an_ephemeral_key_that_is_not_a_good_point_of_our_curve_is_refused() {
    let p256 = epk(AgreementCurve::P256);
    let off_curve = json!({ "kty": "EC", "crv": "P-256", "x": p256["x"], "y": p256["x"] });
    let zero = URL_SAFE_NO_PAD.encode([0; 32]);
    let nowhere = json!({ "kty": "EC", "crv": "P-256", "x": zero, "y": zero });
    // As long as a coordinate, and no number below the prime.
    let beyond =
        json!({ "kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode([0xff; 32]), "y": p256["y"] });
    let x25519 = |x: [u8; 32]| json!({ "kty": "OKP", "crv": "X25519", "x": URL_SAFE_NO_PAD.encode(x) });
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = [0xff; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    let mut order_8 = [0; 32];
    order_8.copy_from_slice(&URL_SAFE_NO_PAD.decode("4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA").unwrap());
    let cases = [
        (AgreementCurve::P256, off_curve),
        (AgreementCurve::P256, nowhere),
        (AgreementCurve::P256, beyond),
        (AgreementCurve::P256, epk(AgreementCurve::P384)),
        (AgreementCurve::P256, epk(AgreementCurve::X25519)),
        (AgreementCurve::P521, epk(AgreementCurve::P256)),
        (AgreementCurve::X25519, p256),
        (AgreementCurve::X25519, x25519([0; 32])),
        (AgreementCurve::X25519, x25519(one)),
        (AgreementCurve::X25519, x25519(minus_one)),
        (AgreementCurve::X25519, x25519(order_8)),
        // An Ed25519 key agrees on nothing.
        (
            AgreementCurve::X25519,
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }),
        ),
    ];
    for (name, provider) in PROVIDERS {
        for (curve, epk) in &cases {
            let keys = keys_of(provider, agreeing(*curve));
            let error = decrypted(&agreeing_with(json!({ "epk": epk })), &keys, DIRECT).unwrap_err();
            assert_eq!(rule(&error), "ID-47", "{name} {curve:?} {epk}: {error}");
        }
    }
}

/// ID-49.
#[test]
fn the_private_key_is_the_one_that_the_jwe_names_or_the_only_one() {
    let all = || [agreeing(AgreementCurve::P256), agreeing(AgreementCurve::X25519)];
    let [first, second] = all();
    let both = DecryptionKeys::new(&RustCrypto, &all(), &[]).unwrap();
    for key in [&first, &second] {
        let named = serde_json::from_str(&key.public().required_members()).unwrap();
        let kid = key.public().key_id().unwrap().to_owned();
        let try_with = |members: Value| decrypted(&agreeing_with(members), &both, DIRECT).unwrap_err();
        let epk: Value = named;
        // It found its key, and failed with it.
        assert_eq!(rule(&try_with(json!({ "epk": epk, "kid": kid }))), "ID-46");
        assert_eq!(rule(&try_with(json!({ "epk": epk }))), "ID-49");
        assert_eq!(rule(&try_with(json!({ "epk": epk, "kid": "another" }))), "ID-49");
        assert_eq!(rule(&try_with(json!({ "epk": epk, "kid": kid.to_lowercase() }))), "ID-49");
    }
    // The only one, but by another name.
    let one = keys_of(&RustCrypto, first);
    let named = agreeing_with(json!({ "epk": epk(AgreementCurve::P256), "kid": "another" }));
    assert_eq!(rule(&decrypted(&named, &one, DIRECT).unwrap_err()), "ID-49");
    // A key of another kind, and one that is bound to another algorithm.
    assert_eq!(rule(&decrypted(&by_hand(BY_RSA_HEADER).gcm(b""), &one, BY_RSA).unwrap_err()), "ID-49");
    let mut bound: Value = serde_json::from_str(&agreeing(AgreementCurve::P256).expose()).unwrap();
    bound["alg"] = "ECDH-ES+A256KW".into();
    let bound = valetkey_core::jose::PrivateJwk::parse(bound.to_string().as_bytes()).unwrap();
    let other = agreeing_with(json!({ "epk": epk(AgreementCurve::P256) }));
    assert_eq!(rule(&decrypted(&other, &keys_of(&RustCrypto, bound), DIRECT).unwrap_err()), "ID-49");
}

/// ID-46: whatever of it fails, the same error in the same words.
#[test]
fn everything_that_depends_on_the_private_key_fails_in_the_same_way() {
    let keys = keys_of(&AwsLc, rsa());
    let good = by_hand(BY_RSA_HEADER).gcm(b"hello");
    assert_eq!(decrypted(&good, &keys, BY_RSA).unwrap(), b"hello");
    let (key, sealed) = (part(&good, 1), part(&good, 3));
    let public = rsa().public();
    let encrypt = AwsLc.encryption().unwrap().oaep_encrypter(public.key()).unwrap();
    let another = |content_key: &[u8], hash| encrypt(hash, content_key, &[0; 32]).unwrap();
    let mut cases = vec![
        // A key that does not unwrap: of another length, of no form, beyond the modulus, or under the other hash.
        with_part(&good, 1, &[1]),
        with_part(&good, 1, &key[1..]),
        with_part(&good, 1, &[0; 256]),
        with_part(&good, 1, &[0xff; 256]),
        with_part(&good, 1, &another(&[9; 32], OaepHash::Sha1)),
        // One that unwraps, and is another, or has another length.
        with_part(&good, 1, &another(&[8; 32], OaepHash::Sha256)),
        with_part(&good, 1, &another(&[9; 16], OaepHash::Sha256)),
        with_part(&good, 1, &another(&[9; 31], OaepHash::Sha256)),
        with_part(&good, 1, &another(&[], OaepHash::Sha256)),
        // Another ciphertext.
        with_part(&good, 3, &[]),
        with_part(&good, 3, &sealed[1..]),
        with_part(&good, 4, &[0; 16]),
    ];
    let mut all: Vec<String> = Vec::new();
    for (enc, length) in [("A128CBC-HS256", 32), ("A192CBC-HS384", 48), ("A256CBC-HS512", 64)] {
        let header = json!({ "alg": "RSA-OAEP-256", "enc": enc }).to_string();
        let content_key: Vec<u8> = (0..length).collect();
        let hand = ByHand { header: &header, hash: OaepHash::Sha256, content_key: &content_key };
        let encryption =
            Encryption::new(KeyAlgorithm::RsaOaep256).with(ContentAlgorithm::from_name(enc).unwrap());
        let key = &content_key[content_key.len() / 2..];
        let ciphertext = AwsLc.encryption().unwrap().cbc_encrypt(key, &[7; 16], &[0; 40]).unwrap();
        assert_eq!(decrypted(&hand.cbc(&ciphertext), &keys, encryption).unwrap(), [0; 40]);
        // The HMAC is right, and the padding is not, or there is no whole block: nobody but the sender learns it.
        for wrong in [&ciphertext[..32], &ciphertext[..16], &ciphertext[..47], &[]] {
            let error = decrypted(&hand.cbc(wrong), &keys, encryption).unwrap_err();
            assert_eq!(rule(&error), "ID-46");
            all.push(error.to_string());
        }
        for place in [3, 4] {
            let good = hand.cbc(&ciphertext);
            let mut changed = part(&good, place);
            changed[3] ^= 1;
            all.push(
                decrypted(&with_part(&good, place, &changed), &keys, encryption).unwrap_err().to_string(),
            );
        }
    }
    for text in cases.drain(..) {
        let error = decrypted(&text, &keys, BY_RSA).unwrap_err();
        assert_eq!(rule(&error), "ID-46");
        all.push(error.to_string());
        // Sent again, it fails again.
        assert!(decrypted(&text, &keys, BY_RSA).is_err());
    }
    assert!(all.iter().all(|error| *error == all[0]), "{all:#?}");
}

/// ID-46: a bit of the header may be seen by anybody, and is refused under some id; one of any other part is the same error.
#[test]
fn every_change_of_one_bit_is_refused_and_behind_the_header_by_the_same_error() {
    let pairs = [
        (KeyAlgorithm::EcdhEs, GCM, AgreementCurve::X25519),
        (KeyAlgorithm::EcdhEsA128Kw, ContentAlgorithm::A128CbcHs256, AgreementCurve::X25519),
        (KeyAlgorithm::EcdhEsA192Kw, ContentAlgorithm::A192Gcm, AgreementCurve::P256),
        (KeyAlgorithm::RsaOaep, ContentAlgorithm::A256CbcHs512, AgreementCurve::X25519),
    ];
    let mut errors = std::collections::BTreeSet::new();
    for (algorithm, content, curve) in pairs {
        for (name, provider) in PROVIDERS.into_iter().filter(|(name, _)| decrypts(name, algorithm)) {
            let is_rsa = matches!(algorithm, KeyAlgorithm::RsaOaep);
            let keys = keys_of(provider, if is_rsa { rsa() } else { agreeing(curve) });
            let encryption = Encryption::new(algorithm).with(content);
            let good = encrypted(provider, &keys, encryption, b"hello");
            for place in 0..5 {
                let bytes = part(&good, place);
                // Every bit with the curve that is fast, and of the others one bit of each byte.
                let is_slow = is_rsa || curve == AgreementCurve::P256;
                for bit in (0..8 * bytes.len()).step_by(if is_slow { 9 } else { 1 }) {
                    let mut changed = bytes.clone();
                    changed[bit / 8] ^= 1 << (bit % 8);
                    let text = with_part(&good, place, &changed);
                    let error = decrypted(&text, &keys, encryption).expect_err(name);
                    assert!(error.rule().is_some(), "{error}");
                    if place > 0 {
                        errors.insert(error.to_string());
                    }
                }
            }
        }
    }
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors.first().unwrap().contains("ID-46"));
}

/// ID-51: `cty` is `JWT`, in letters of either case, or absent; what is inside is signed.
#[test]
fn what_comes_out_is_a_signed_jwt_or_nothing() {
    let keys = keys_of(&AwsLc, rsa());
    let jws = signed(&RustCrypto, Algorithm::Es256, &json!({}));
    let issuer = verification_keys(&RustCrypto, Algorithm::Es256);
    let open = |cty: Option<&str>, inside: &str| {
        let mut header: Value = serde_json::from_str(BY_RSA_HEADER).unwrap();
        if let Some(cty) = cty {
            header["cty"] = cty.into();
        }
        let text = by_hand(&header.to_string()).gcm(inside.as_bytes());
        let decrypted = Jwe::parse(&text).unwrap().decrypt(&keys, BY_RSA).unwrap();
        assert_eq!(format!("{decrypted:?}"), "Decrypted(<secret>)");
        decrypted.jws().and_then(|jws| jws.verify(&issuer, JwtType::Generic).map(drop))
    };
    for cty in [None, Some("JWT"), Some("jwt"), Some("Jwt")] {
        open(cty, &jws).unwrap();
    }
    let nested = by_hand(BY_RSA_HEADER).gcm(jws.as_bytes());
    let none = format!("{}.e30.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#));
    let cases = [
        ("ID-51", None, r#"{"sub":"248289761001"}"#),
        ("ID-51", None, ""),
        ("ID-51", None, "e30.e30"),
        ("ID-51", None, &nested),
        ("ID-51", Some("json"), &jws),
        ("ID-51", Some(""), &jws),
        ("ID-4", None, &none),
        ("ID-2", None, "e30=.e30.e30"),
        ("ID-3", None, "e30.e30.e30"),
    ];
    for (id, cty, inside) in cases {
        let error = open(cty, inside).unwrap_err();
        assert_eq!(rule(&error), id, "{inside}: {error}");
    }
}

/// ID-52.
#[test]
fn claims_in_the_header_of_a_jwe_are_those_inside() {
    let keys = keys_of(&AwsLc, rsa());
    let claims = json!({ "iss": "https://as.example", "aud": ["s6BhdRkqt3"], "tenant": { "id": 7 } });
    let jws = signed(&RustCrypto, Algorithm::Es256, &claims);
    let issuer = verification_keys(&RustCrypto, Algorithm::Es256);
    let open = |members: Value| {
        let mut header: Value = serde_json::from_str(BY_RSA_HEADER).unwrap();
        header.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let text = by_hand(&header.to_string()).gcm(jws.as_bytes());
        let decrypted = Jwe::parse(&text).unwrap().decrypt(&keys, BY_RSA).unwrap();
        decrypted.jws().unwrap().verify(&issuer, JwtType::Generic).map(drop)
    };
    let same = [
        json!({ "iss": "https://as.example" }),
        json!({ "aud": ["s6BhdRkqt3"], "tenant": { "id": 7 } }),
        // What is not a claim inside is a member of the header, and says of the JWE what it says.
        json!({ "typ": "JWT", "kid": "rsa", "whatever": 1 }),
    ];
    for members in same {
        open(members.clone()).unwrap_or_else(|error| panic!("{members}: {error}"));
    }
    let other = [
        json!({ "iss": "https://other.example" }),
        json!({ "aud": "s6BhdRkqt3" }),
        json!({ "sub": "248289761001" }),
        json!({ "tenant": { "id": 8 } }),
    ];
    for members in other {
        let error = open(members.clone()).unwrap_err();
        assert_eq!(rule(&error), "ID-52", "{members}: {error}");
    }
}

/// Keys that a JWE brings along are not looked at (ID-5), nor is anything else unknown in its header.
#[test]
fn keys_in_the_header_are_ignored() {
    let header = json!({
        "alg": "RSA-OAEP-256", "enc": "A256GCM", "jku": "https://evil.example", "jwk": { "kty": "oct", "k": "AAAA" },
        "x5c": ["AAAA"], "x5u": "https://evil.example", "epk": 7, "apu": 7, "p2c": 1_000_000_000,
    });
    let text = by_hand(&header.to_string()).gcm(b"hello");
    assert_eq!(decrypted(&text, &keys_of(&AwsLc, rsa()), BY_RSA).unwrap(), b"hello");
}

/// The derived key of direct agreement has the length of the content's, over one block of the hash and over two.
#[test]
fn a_part_that_is_empty_or_long_is_no_trouble() {
    let keys = keys_of(&RustCrypto, agreeing(AgreementCurve::X25519));
    for content in ContentAlgorithm::ALL {
        let encryption = Encryption::new(KeyAlgorithm::EcdhEs).with(*content);
        for length in [0, 1, 15, 16, 17, 40_000] {
            let text = encrypted(&RustCrypto, &keys, encryption, &vec![7; length]);
            assert_eq!(decrypted(&text, &keys, encryption).unwrap(), vec![7; length], "{content} {length}");
        }
    }
    let long = compact(&"A".repeat(60_000), &[&[], &[], &[], &[]]);
    assert_eq!(rule(&Jwe::parse(&long).unwrap_err()), "ID-52");
}
