//! LO-9, ID-43: a logout token is encrypted where ID tokens are registered to be, and only there.

use valetkey_core::Rule;
use valetkey_core::jose::jwe::{AgreementCurve, ContentAlgorithm, DecryptionKeys, Encryption, KeyAlgorithm};
use valetkey_core::jose::{AwsLc, RustCrypto};
use valetkey_core::logout::BackChannel;
use valetkey_tests::jwe::{agreeing, encrypted, keys_of};

use crate::world::*;

const AGREED: Encryption = Encryption::new(KeyAlgorithm::EcdhEsA128Kw).with(ContentAlgorithm::A128Gcm);

fn keys() -> DecryptionKeys {
    keys_of(&RustCrypto, agreeing(AgreementCurve::X25519))
}

#[test]
fn a_logout_token_is_encrypted_as_id_tokens_are() {
    let client = client().decryption_keys(keys()).id_token_encryption(AGREED).unwrap();
    let registered = BackChannel::new(&client).unwrap();
    let seal = |content: &str| encrypted(&AwsLc, &keys(), AGREED, content.as_bytes());
    let notice = heard_by(&registered, &seal(&token(&claims()))).unwrap();
    assert!(notice.checks().contains(Rule::Id43) && notice.checks().contains(Rule::Id51));
    assert_eq!(rule(heard_by(&registered, &token(&claims()))), Some(Rule::Id43));
    assert_eq!(rule(heard_by(&registered, &seal(&claims().to_string()))), Some(Rule::Id51));
    assert_eq!(rule(heard_by(&registered, &seal(&token(&without(&["events"]))))), Some(Rule::Lo11));
    assert_eq!(rule(heard_by(&receiver(), &seal(&token(&claims())))), Some(Rule::Id43));
}
