//! What one provider encrypts, each decrypts: every algorithm of the key, on every curve, with every algorithm of the content.

use proptest::prelude::*;
use valetkey_core::jose::jwe::{
    AgreementCurve, ContentAlgorithm, Encryption, EncryptionKey, Jwe, KeyAlgorithm,
};
use valetkey_core::jose::{Algorithm, JwtSigner};
use valetkey_tests::entropy;
use valetkey_tests::jose::{PROVIDERS, key_pair};
use valetkey_tests::jwe::{agreeing, decrypted, decrypts, encrypted, keys_of, part, private_keys, rsa};

#[test]
fn what_one_provider_encrypts_each_decrypts() {
    let mut opened = 0;
    for algorithm in KeyAlgorithm::ALL {
        for (reader, decrypting) in PROVIDERS.into_iter().filter(|(name, _)| decrypts(name, *algorithm)) {
            for key in private_keys(*algorithm) {
                let is_slow = key.public().key_id().is_some_and(|curve| curve != "X25519" && curve != "rsa");
                let keys = keys_of(decrypting, key);
                // The content does not depend on the curve, so that one with all is enough.
                let contents = if is_slow { &ContentAlgorithm::ALL[2..4] } else { ContentAlgorithm::ALL };
                for content in contents {
                    let encryption = Encryption::new(*algorithm).with(*content);
                    for (writer, encrypting) in PROVIDERS {
                        let text = encrypted(encrypting, &keys, encryption, b"attack at dawn");
                        let plaintext = decrypted(&text, &keys, encryption).unwrap_or_else(|error| {
                            panic!("{writer} to {reader}, {algorithm}, {content}: {error}")
                        });
                        assert_eq!(plaintext, b"attack at dawn");
                        opened += 1;
                    }
                }
            }
        }
    }
    // Two writers. Four algorithms with two readers: six of the content on one curve, two on each of three others. Two
    // algorithms of RSA with one reader, six of the content.
    assert_eq!(opened, 2 * (4 * 2 * (6 + 3 * 2) + 2 * 6));
}

/// The header of what is sent: that of RFC 7516 §4.1 and RFC 7518 §4.6.1, and nothing else.
#[test]
fn a_jwe_that_is_sent_has_the_members_that_it_needs() {
    let key = key_pair(PROVIDERS[0].1, Algorithm::Es256);
    let signed =
        JwtSigner::new(key, None).write(&serde_json::json!({})).unwrap().sign().unwrap().ready().unwrap();
    for (_, provider) in PROVIDERS {
        for (algorithm, key) in
            [(KeyAlgorithm::EcdhEs, agreeing(AgreementCurve::P384)), (KeyAlgorithm::RsaOaep256, rsa())]
        {
            let kid = key.public().key_id().unwrap().to_owned();
            let set = keys_of(PROVIDERS[0].1, key).published();
            let to = EncryptionKey::choose(provider, Encryption::new(algorithm), &set).unwrap();
            let jwt = to.encrypt(&signed, entropy(51)).unwrap();
            assert_eq!(format!("{jwt:?}"), "<secret>");
            let header: serde_json::Value = serde_json::from_slice(&part(jwt.expose(), 0)).unwrap();
            let mut names: Vec<&str> = header.as_object().unwrap().keys().map(String::as_str).collect();
            names.sort_unstable();
            let agrees = algorithm == KeyAlgorithm::EcdhEs;
            let expected: &[&str] =
                if agrees { &["alg", "cty", "enc", "epk", "kid"] } else { &["alg", "cty", "enc", "kid"] };
            assert_eq!(names, expected);
            assert_eq!((&header["cty"], &header["kid"]), (&"JWT".into(), &kid.into()));
            assert!(header["epk"].get("d").is_none());
            assert_eq!(part(jwt.expose(), 1).is_empty(), agrees);
        }
    }
}

/// The same entropy makes the same JWE with either provider, but for RSA with AWS-LC, whose generator is its own; another
/// makes another key, vector and ephemeral key.
#[test]
fn a_jwe_repeats_for_the_same_entropy_only() {
    for algorithm in [KeyAlgorithm::EcdhEs, KeyAlgorithm::EcdhEsA192Kw, KeyAlgorithm::RsaOaep] {
        let encryption = Encryption::new(algorithm);
        let key = private_keys(algorithm).remove(0);
        let set = keys_of(PROVIDERS[0].1, key).published();
        let write = |provider, number| {
            let key = EncryptionKey::choose(provider, encryption, &set).unwrap();
            key.encrypt_bytes(b"hello", None, entropy(number)).unwrap().expose().to_owned()
        };
        let [(_, aws_lc), (_, rust_crypto)] = PROVIDERS;
        assert_eq!(write(rust_crypto, 1), write(rust_crypto, 1));
        let (one, other) = (write(rust_crypto, 1), write(rust_crypto, 2));
        for place in [1, 2, 3, 4] {
            assert!(
                part(&one, place).is_empty() || part(&one, place) != part(&other, place),
                "{algorithm} {place}"
            );
        }
        assert_eq!(write(aws_lc, 1) == write(rust_crypto, 1), algorithm != KeyAlgorithm::RsaOaep);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_encrypted_comes_out_the_same(
        plaintext in proptest::collection::vec(any::<u8>(), 0..300),
        algorithm in 0..KeyAlgorithm::ALL.len(),
        content in 0..ContentAlgorithm::ALL.len(),
        is_p256 in any::<bool>(),
        number in any::<u8>(),
    ) {
        let encryption = Encryption::new(KeyAlgorithm::ALL[algorithm]).with(ContentAlgorithm::ALL[content]);
        let curve = if is_p256 { AgreementCurve::P256 } else { AgreementCurve::X25519 };
        for (_, provider) in PROVIDERS.into_iter().filter(|(name, _)| decrypts(name, encryption.key())) {
            let is_rsa = matches!(encryption.key(), KeyAlgorithm::RsaOaep | KeyAlgorithm::RsaOaep256);
            let keys = keys_of(provider, if is_rsa { rsa() } else { agreeing(curve) });
            let to = EncryptionKey::choose(provider, encryption, &keys.published()).unwrap();
            let text = to.encrypt_bytes(&plaintext, Some("JWT"), entropy(number)).unwrap();
            prop_assert_eq!(decrypted(text.expose(), &keys, encryption).unwrap(), plaintext.clone());
        }
    }

    /// ID-46: whatever stands in the parts behind a good header, it is refused, and nothing panics.
    #[test]
    fn hostile_parts_are_refused(
        parts in proptest::array::uniform4(proptest::collection::vec(any::<u8>(), 0..80)),
        fitting in any::<bool>(),
        place in 0..4_usize,
    ) {
        let encryption = Encryption::new(KeyAlgorithm::EcdhEsA256Kw);
        let keys = keys_of(PROVIDERS[0].1, agreeing(AgreementCurve::X25519));
        let good = encrypted(PROVIDERS[0].1, &keys, encryption, b"hello");
        let mut text = good.clone();
        for (at, bytes) in parts.iter().enumerate().filter(|(at, _)| *at == place || !fitting) {
            let mut bytes = bytes.clone();
            if fitting {
                bytes.resize(part(&good, at + 1).len(), 7);
            }
            text = valetkey_tests::jwe::with_part(&text, at + 1, &bytes);
        }
        prop_assume!(text != good);
        let error = decrypted(&text, &keys, encryption).unwrap_err();
        prop_assert!(matches!(valetkey_tests::jwe::rule(&error), "ID-46" | "ID-48"));
    }

    /// ID-46: the invariants of the fuzz target hold for texts that are nearly good, and for headers that are.
    #[test]
    fn what_is_nearly_good_is_refused_by_both_providers_alike(
        places in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<proptest::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        for good in [include_str!("../../../fuzz/corpus/jwe/compact-good"), include_str!("../../../fuzz/corpus/jwe/ours-cty")] {
            let mut text = good.as_bytes().to_vec();
            for (place, byte) in &places {
                let place = place.index(text.len());
                text[place] = *byte;
            }
            if is_cut {
                text.truncate(cut.index(text.len()));
            }
            valetkey_tests::fuzz::jwe(&text);
        }
    }

    /// No text makes it panic, nor a header of any members.
    #[test]
    fn hostile_texts_are_refused(text in "\\PC*", header in "\\{(\"(alg|enc|epk|zip|kid|cty|apu)\":[\"a-zA-Z0-9{}:,]{0,20},?){0,4}\\}") {
        prop_assert!(Jwe::parse(&text).is_err());
        let with_header = valetkey_tests::jwe::empty(&header, 0, ContentAlgorithm::A128Gcm);
        prop_assert!(Jwe::parse(&with_header).is_err());
    }
}
