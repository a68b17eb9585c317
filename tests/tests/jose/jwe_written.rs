//! ID-46, ID-48, ID-49: what a JWE is made of, and whose it is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use valetkey_core::jose::jwe::{
    AgreementCurve, ContentAlgorithm, DecryptionKeys, Encryption, Jwe, KeyAlgorithm,
};
use valetkey_core::jose::{Algorithm, KeyPair, RustCrypto, Signer as _};
use valetkey_core::{Error, Rule};
use valetkey_tests::jose::PROVIDERS;
use valetkey_tests::jwe::{agreeing, decrypted, encrypted, keys_of, part, with_part};

/// How many bytes the key, the vector and the tag have (RFC 7518 §5.2.3 to §5.3).
const LENGTHS: [(ContentAlgorithm, usize, usize, usize); 6] = [
    (ContentAlgorithm::A128CbcHs256, 32, 16, 16),
    (ContentAlgorithm::A192CbcHs384, 48, 16, 24),
    (ContentAlgorithm::A256CbcHs512, 64, 16, 32),
    (ContentAlgorithm::A128Gcm, 16, 12, 16),
    (ContentAlgorithm::A192Gcm, 24, 12, 16),
    (ContentAlgorithm::A256Gcm, 32, 12, 16),
];

const AGREEING: [KeyAlgorithm; 4] = [
    KeyAlgorithm::EcdhEs,
    KeyAlgorithm::EcdhEsA128Kw,
    KeyAlgorithm::EcdhEsA192Kw,
    KeyAlgorithm::EcdhEsA256Kw,
];

/// ID-48: it names the algorithms, each part is as long as they say, and a wrapped key is eight bytes longer than the key
/// (RFC 3394 §2.2.1). What one provider wrote, the other one reads.
#[test]
fn a_jwe_that_is_sent_names_its_algorithms_and_has_parts_of_their_lengths() {
    for (writing, reading) in [(0, 1), (1, 0)] {
        let (name, writer) = PROVIDERS[writing];
        let keys = keys_of(PROVIDERS[reading].1, agreeing(AgreementCurve::X25519));
        for (content, key, iv, tag) in LENGTHS {
            assert_eq!(content.key_len(), key);
            for algorithm in AGREEING {
                let agreed = Encryption::new(algorithm).with(content);
                let text = encrypted(writer, &keys, agreed, b"attack at dawn");
                let jwe = Jwe::parse(&text).unwrap();
                let said = (jwe.key_algorithm(), jwe.content_algorithm(), jwe.key_id());
                assert_eq!(said, (algorithm, content, Some("X25519")));
                let wrapped = if algorithm == KeyAlgorithm::EcdhEs { 0 } else { key + 8 };
                let lengths = [1, 2, 4].map(|place| part(&text, place).len());
                assert_eq!(lengths, [wrapped, iv, tag], "{name} {algorithm} {content}");
                let opened = jwe.decrypt(&keys, agreed).unwrap();
                assert_eq!(opened.expose(), b"attack at dawn", "{name} {algorithm} {content}");
            }
        }
    }
}

/// ID-49: for none of the keys, or for one of several and nobody says which, are two different mistakes of a server.
#[test]
fn a_jwe_for_no_key_is_told_from_one_that_names_none_of_several() {
    let agreed = Encryption::new(KeyAlgorithm::EcdhEs);
    let both = [agreeing(AgreementCurve::P256), agreeing(AgreementCurve::X25519)];
    let both = DecryptionKeys::new(&RustCrypto, &both, &[]).unwrap();
    let other = keys_of(&RustCrypto, agreeing(AgreementCurve::P384));
    let named = encrypted(&RustCrypto, &both, agreed, b"hello");
    let mut header: Value = serde_json::from_slice(&part(&named, 0)).unwrap();
    header.as_object_mut().unwrap().remove("kid").unwrap();
    let nameless = with_part(&named, 0, header.to_string().as_bytes());
    for (text, keys, told) in [
        (&named, &other, "the JWE is for none of the private keys that are known here"),
        (&nameless, &both, "the JWE does not say by kid which of several private keys it is for"),
    ] {
        let error = decrypted(text, keys, agreed).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Id49));
        assert!(error.to_string().contains(told), "{error}");
    }
    assert_eq!(decrypted(&named, &both, agreed).unwrap(), b"hello");
}

/// ID-46, RFC 7516 §11.5: the key in the place of one that does not unwrap follows from the private number. Its owner alone
/// can encrypt with it, which is no attack; nobody can who has to guess the number.
#[test]
fn the_key_in_the_place_of_one_that_does_not_unwrap_is_the_owners_secret() {
    let agreed = Encryption::new(KeyAlgorithm::EcdhEsA128Kw).with(ContentAlgorithm::A128Gcm);
    let json: Value = serde_json::from_str(&agreeing(AgreementCurve::X25519).expose()).unwrap();
    let [d, x] = ["d", "x"].map(|name| URL_SAFE_NO_PAD.decode(json[name].as_str().unwrap()).unwrap());
    for (name, provider) in PROVIDERS {
        let keys = keys_of(provider, agreeing(AgreementCurve::X25519));
        // Nothing unwraps from zeros.
        let broken = with_part(&encrypted(provider, &keys, agreed, b"hello"), 1, &[0; 24]);
        let forged = |number: &[u8]| -> Result<Vec<u8>, Error> {
            let seed = hmac(number, b"jwe: in the place of a key that does not unwrap");
            // The first block of it, for this encrypted key.
            let key = hmac(&seed, &[0; 25]);
            let aad = broken.split('.').next().unwrap().as_bytes();
            let gcm = provider.encryption().unwrap();
            let mut sealed = gcm.gcm_encrypt(&key[..16], &[7; 12], aad, b"forged").unwrap();
            let tag = sealed.split_off(sealed.len() - 16);
            let parts: [&[u8]; 3] = [&[7; 12], &sealed, &tag];
            let text = (2..).zip(parts).fold(broken.clone(), |text, (place, it)| with_part(&text, place, it));
            decrypted(&text, &keys, agreed)
        };
        assert_eq!(forged(&d).unwrap(), b"forged", "{name}");
        // An HMAC fills its key up with zeros: the first of these are the key of no bytes, and that of one zero, too.
        let one = [&[1][..], &[0; 31]].concat();
        for guess in [&[0; 32][..], &one, &x] {
            assert_eq!(forged(guess).unwrap_err().rule(), Some(Rule::Id46), "{name}");
        }
    }
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    KeyPair::from_secret(Algorithm::Hs256, key).unwrap().sign(message).unwrap().ready().unwrap()
}
