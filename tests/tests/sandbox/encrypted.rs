//! ID-43 to ID-51: what each misbehaviour of a server that encrypts comes to at valetkey's own client.

use serde_json::json;
use valetkey_core::authorize::{ResponseMode, ResponseType};
use valetkey_core::jose::jwe::{AgreementCurve, ContentAlgorithm, Encryption, KeyAlgorithm};
use valetkey_core::jose::{Algorithm, AwsLc};
use valetkey_core::openid::UserInfoRequest;
use valetkey_core::status::Introspection;
use valetkey_core::{AuthorizationResponse, Error};
use valetkey_sandbox::{Arrival, ContentEncryption, KeyEncryption, Sandbox, SigningAlgorithm};
use valetkey_tests::entropy;
use valetkey_tests::jwe::{agreeing, keys_of};

use crate::conversations::{finished, run};
use crate::metadata::modern;
use crate::openid;
use crate::wrong::told;

/// What each comes to at an application to which everything is encrypted.
pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("id-token-not-encrypted", "ID-43"),
    ("id-token-rsa1-5", "ID-45"),
    ("id-token-other-enc", "ID-44"),
    ("id-token-encrypted-json", "ID-51"),
    ("id-token-for-nobody", "ID-46"),
    ("id-token-tampered", "ID-46"),
    ("userinfo-not-encrypted", "ID-43"),
    ("userinfo-encrypted-json", "ID-51"),
    ("userinfo-tampered", "ID-46"),
    ("jarm-not-encrypted", "ID-43"),
    ("jarm-tampered", "ID-46"),
    ("front-rsa1-5", "ID-45"),
    ("introspection-not-encrypted", "ID-43"),
    ("introspection-tampered", "ID-46"),
];

/// What each comes to at an application to which nothing is.
pub(crate) const UNASKED: &[(&str, &str)] = &[
    ("id-token-encrypted", "ID-43"),
    ("userinfo-encrypted", "ID-43"),
    ("jarm-encrypted", "ID-43"),
    ("introspection-encrypted", "ID-43"),
];

type Pair = (KeyEncryption, ContentEncryption);

/// A login by a signed response, UserInfo that is signed, and a signed introspection; encrypted if that is agreed on.
fn everything(sandbox: &mut Sandbox, agreed: Option<Pair>) -> Result<String, Error> {
    let keys = keys_of(&AwsLc, agreeing(AgreementCurve::P256));
    let mut application = openid::registered(sandbox)
        .id_token_algorithm(SigningAlgorithm::Es256)
        .userinfo_algorithm(SigningAlgorithm::EdDsa)
        .keys(&serde_json::to_value(keys.published()).unwrap());
    let mut web = openid::web_of(sandbox)?
        .id_token_algorithm(Algorithm::Es256)?
        .user_info_algorithm(Algorithm::EdDsa)?
        .decryption_keys(keys);
    if let Some((key, content)) = agreed {
        application = application
            .id_token_encryption(key, content)
            .userinfo_encryption(key, content)
            .response_encryption(key, content)
            .introspection_encryption(key, content);
        let encryption = encryption(key, content);
        web = web
            .id_token_encryption(encryption)?
            .user_info_encryption(encryption)?
            .authorization_response_encryption(encryption)?
            .introspection_encryption(encryption)?;
    }
    sandbox.add_application(application);
    let begun = openid::request(&web)?
        .response_mode(ResponseMode::Jwt)
        .begin_unbound(entropy(1), crate::support::NOW)?;
    let tokens = finished(sandbox, &web, begun)?;
    assert_eq!(tokens.login().unwrap().identity().subject(), sandbox.user_id("alice"));
    let about = run(sandbox, UserInfoRequest::new(&web, &tokens)?)?;
    assert_eq!(about.standard_claims().name(), Some("Alice Archer"));
    let asked = Introspection::new(&web, tokens.access_token())?.signed()?;
    assert!(run(sandbox, asked)?.active().is_some());
    Ok("fine".to_owned())
}

fn encryption(key: KeyEncryption, content: ContentEncryption) -> Encryption {
    let key = match key {
        KeyEncryption::EcdhEs => KeyAlgorithm::EcdhEs,
        _ => KeyAlgorithm::EcdhEsA256Kw,
    };
    let content = match content {
        ContentEncryption::A256Gcm => ContentAlgorithm::A256Gcm,
        _ => ContentAlgorithm::A128CbcHs256,
    };
    Encryption::new(key).with(content)
}

fn meet(name: Option<&str>, agreed: Option<Pair>) -> String {
    let mut sandbox = modern();
    name.into_iter().for_each(|name| sandbox.misbehave(name.parse().unwrap()));
    told(everything(&mut sandbox, agreed))
}

const PAIRS: [Pair; 4] = [
    (KeyEncryption::EcdhEs, ContentEncryption::A128CbcHs256),
    (KeyEncryption::EcdhEs, ContentEncryption::A256Gcm),
    (KeyEncryption::EcdhEsA256Kw, ContentEncryption::A128CbcHs256),
    (KeyEncryption::EcdhEsA256Kw, ContentEncryption::A256Gcm),
];

#[test]
fn each_misbehaviour_of_what_is_encrypted_is_caught_by_its_rule() {
    let mut wrong = Vec::new();
    for agreed in PAIRS {
        assert_eq!(meet(None, Some(agreed)), "fine", "{agreed:?}");
        for (name, expected) in EXPECTED {
            let came = meet(Some(name), Some(agreed));
            if came != *expected {
                wrong.push(format!("{name}: {came}, and not {expected} ({agreed:?})"));
            }
        }
    }
    assert_eq!(meet(None, None), "fine");
    for (name, expected) in UNASKED {
        let came = meet(Some(name), None);
        if came != *expected {
            wrong.push(format!("{name}: {came}, and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// ID-51: what comes out of the encryption passes every check that a token which was not encrypted passes.
#[test]
fn each_misbehaviour_of_an_id_token_is_caught_inside_of_its_encryption() {
    let mut wrong = Vec::new();
    for (name, expected) in openid::EXPECTED.iter().filter(|(name, _)| name.starts_with("id-token-")) {
        // The one is about the metadata, and of a conversation that asks for no signature by name.
        if *name == "id-token-algorithms-missing" {
            continue;
        }
        let came = meet(Some(name), Some(PAIRS[1]));
        if came != *expected {
            wrong.push(format!("{name}: {came}, and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// ID-43: what comes through the browser is encrypted as what comes from the token endpoint, inside of a signed response too.
#[test]
fn an_id_token_of_the_response_is_encrypted_in_each_mode() {
    let (key, content) = PAIRS[0];
    for mode in
        [ResponseMode::Fragment, ResponseMode::FormPost, ResponseMode::FragmentJwt, ResponseMode::FormPostJwt]
    {
        let mut sandbox = modern();
        let keys = keys_of(&AwsLc, agreeing(AgreementCurve::P256));
        let application = openid::registered(&sandbox)
            .id_token_algorithm(SigningAlgorithm::Es256)
            .keys(&serde_json::to_value(keys.published()).unwrap())
            .id_token_encryption(key, content);
        sandbox.add_application(application);
        let web = openid::web_of(&mut sandbox).unwrap().id_token_algorithm(Algorithm::Es256).unwrap();
        let web = web.decryption_keys(keys).id_token_encryption(encryption(key, content)).unwrap();
        let request = openid::request(&web).unwrap().response_type(ResponseType::CodeIdToken);
        let (url, mut pending) =
            request.response_mode(mode).begin_unbound(entropy(1), crate::support::NOW).unwrap();
        let person = crate::support::person("alice");
        let response = match sandbox.visit(url.as_str(), &person, crate::support::NOW).unwrap() {
            Arrival::Get(url) => AuthorizationResponse::from_url(&url),
            Arrival::Post(posted) => AuthorizationResponse::from_request(crate::support::WEB, &*posted),
        };
        let opened = run(&mut sandbox, pending.open(&web, &response.unwrap()).unwrap()).unwrap();
        let flow = pending.finish(&web, &opened, crate::support::NOW).unwrap();
        let tokens = run(&mut sandbox, flow).unwrap();
        assert_eq!(tokens.login().unwrap().identity().subject(), sandbox.user_id("alice"), "{mode:?}");
    }
}

/// The metadata say what is encrypted, and the key set has a key for it.
#[test]
fn the_server_says_how_it_encrypts_and_to_which_key() {
    let mut sandbox = modern();
    let mut json = |path: &str| {
        crate::support::Answer::of(sandbox.answer(&crate::support::get(path), crate::support::NOW)).body
    };
    let metadata = json("/.well-known/openid-configuration");
    for what in ["id_token", "userinfo", "authorization", "introspection", "request_object"] {
        let list = |which: &str| metadata[format!("{what}_encryption_{which}_values_supported")].clone();
        assert_eq!(list("alg"), json!(["ECDH-ES", "ECDH-ES+A256KW"]), "{what}");
        assert_eq!(list("enc"), json!(["A128CBC-HS256", "A256GCM"]), "{what}");
    }
    let keys = json("/oauth/jwks.json");
    let encrypting: Vec<_> =
        keys["keys"].as_array().unwrap().iter().filter(|key| key["use"] == "enc").collect();
    assert_eq!(encrypting.len(), 1);
    assert!(encrypting[0]["kid"].is_string() && encrypting[0].get("d").is_none());
}
