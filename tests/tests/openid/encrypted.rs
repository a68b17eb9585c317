//! ID-43, ID-51: UserInfo that the server signs and then encrypts, to a client which is registered for that.

use valetkey_core::jose::jwe::{AgreementCurve, ContentAlgorithm, DecryptionKeys, Encryption, KeyAlgorithm};
use valetkey_core::jose::{Algorithm, AwsLc, RustCrypto};
use valetkey_core::{Client, Rule};
use valetkey_tests::jwe::{agreeing, encrypted, keys_of, with_part};
use valetkey_tests::script::play;

use crate::world::*;

const AGREED: Encryption = Encryption::new(KeyAlgorithm::EcdhEsA128Kw).with(ContentAlgorithm::A128Gcm);

fn keys() -> DecryptionKeys {
    keys_of(&RustCrypto, agreeing(AgreementCurve::X25519))
}

fn registered() -> Client {
    signed_client().decryption_keys(keys()).user_info_encryption(AGREED).unwrap()
}

fn sealed(content: &str) -> String {
    encrypted(&AwsLc, &keys(), AGREED, content.as_bytes())
}

/// ID-43: it is opened, and then passes what signed UserInfo passes.
#[test]
fn encrypted_user_info_is_opened_and_verified() {
    let played = play(request(&registered()), [Some(as_jwt(&sealed(&jwt(None, &claims()))))]);
    assert_eq!(played.sent[0].1.headers()["accept"], "application/jwt");
    let info = played.outcome.unwrap();
    assert!(info.is_signed() && info.quirks().is_empty());
    assert_eq!(info.standard_claims().name(), Some("Alice Liddell"));
    for rule in [Rule::Id8, Rule::Id43, Rule::Id44, Rule::Id46, Rule::Id51, Rule::Ui3, Rule::Ui4, Rule::Ui5] {
        assert!(info.checks().contains(rule), "{rule}");
    }
}

/// ID-43, ID-51, UI-3, UI-4: in any other form it is refused, and so is what is not good inside.
#[test]
fn encrypted_user_info_is_in_its_form() {
    let good = jwt(None, &claims());
    let (input, signature) = good.rsplit_once('.').unwrap();
    let mut other = claims();
    other["aud"] = "another".into();
    for (answer, expected) in [
        (as_jwt(&good), Rule::Id43),
        (told(&claims()), Rule::Ui3),
        (as_jwt(&sealed(&claims().to_string())), Rule::Id51),
        (as_jwt(&sealed(&format!("eyJhbGciOiJub25lIn0.{}.", input.split_once('.').unwrap().1))), Rule::Ui4),
        (as_jwt(&sealed(&format!("{input}.{}", "A".repeat(signature.len())))), Rule::Id8),
        (as_jwt(&sealed(&jwt(None, &other))), Rule::Ui4),
        (as_jwt(&sealed(&jwt(Some("at+jwt"), &claims()))), Rule::Id24),
        (as_jwt(&with_part(&sealed(&good), 4, &[0; 16])), Rule::Id46),
        (
            as_jwt(&encrypted(&AwsLc, &keys(), Encryption::new(KeyAlgorithm::EcdhEs), good.as_bytes())),
            Rule::Id44,
        ),
    ] {
        assert_eq!(rule(outcome(&registered(), answer)), expected);
    }
    let error = outcome(&signed_client(), as_jwt(&sealed(&good))).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Id43));
    assert!(error.to_string().contains("Client::user_info_encryption"), "{error}");
    assert_eq!(rule(outcome(&client(), as_jwt(&sealed(&good)))), Rule::Ui3);
    assert!(registered().user_info_algorithm(Algorithm::Es256).is_ok());
}
