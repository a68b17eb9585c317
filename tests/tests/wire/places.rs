//! TR-2: a member is found by its name, however that is written, and is handed out as it was written.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use valetkey_core::jose::{Algorithm, Claims, RustCrypto, Signer as _};
use valetkey_core::server::Endpoint;
use valetkey_core::status::Introspection;
use valetkey_core::{AccessToken, Error, Rule};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, server};

#[test]
fn a_claim_is_found_by_its_name_whether_that_is_escaped_or_not() {
    let claims = Claims::read(r#"{"plain": 1, "esc\u0061ped" :2,"twice\n":[3], "last": {"a":4} }"#).unwrap();
    let read = |name: &str| claims.claim::<Value>(name).unwrap();
    assert_eq!([read("plain"), read("escaped")], [Some(json!(1)), Some(json!(2))]);
    assert_eq!([read("twice\n"), read("last")], [Some(json!([3])), Some(json!({ "a": 4 }))]);
    assert_eq!([read("esc\\u0061ped"), read("a"), read("absent")], [None, None, None]);
    assert_eq!(claims.claim::<bool>("plain").unwrap_err().rule(), Some(Rule::Tr2));
    assert_eq!(claims.claim::<bool>("escaped").unwrap_err().rule(), Some(Rule::Tr2));
}

/// A name that is a part of another, or stands in a text, is no member.
#[test]
fn a_name_elsewhere_in_the_text_is_no_member() {
    let claims = Claims::read(r#"{"a":"\"b\":1","ab":2,"c":{"b":3}}"#).unwrap();
    assert_eq!(claims.claim::<u8>("b").unwrap(), None);
    assert_eq!(claims.claim::<u8>("ab").unwrap(), Some(2));
}

/// A JWT of these two texts, to the letter.
fn jwt(header: &str, payload: &str) -> String {
    let [header, payload] = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part));
    let input = format!("{header}.{payload}");
    let key = key_pair(&RustCrypto, Algorithm::Es256);
    let signature = key.sign(input.as_bytes()).unwrap().ready().unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A signed introspection whose payload is this.
fn introspected(payload: &str) -> Result<valetkey_core::status::Introspected, Error> {
    let server = server()
        .endpoint(Endpoint::Introspection, "https://as.example/introspect")
        .unwrap()
        .keys(verification_keys(&RustCrypto, Algorithm::Es256));
    let jwt = jwt(r#"{"alg":"ES256","typ":"token-introspection+jwt"}"#, payload);
    let response = http::Response::builder().header("content-type", "application/token-introspection+jwt");
    let token = AccessToken::new("token").unwrap();
    let flow = Introspection::new(&client_of(server), &token).unwrap().signed().unwrap();
    play(flow, [Some(response.body(jwt.into_bytes()).unwrap())]).outcome
}

/// IN-2: a number of more than 64 bits, which no reader in between keeps, comes as it was written.
#[test]
fn a_document_within_another_is_handed_out_as_it_was_written() {
    const LARGE: u128 = 123_456_789_012_345_678_901_234_567_890;
    let with = |name: &str| {
        let now = NOW.as_secs();
        introspected(&format!(
            r#"{{"iss":"https://as.example","aud":"s6BhdRkqt3","iat":{now}, "{name}" : {{"active":true,"n":{LARGE}}} ,"more":1}}"#
        ))
    };
    let active = with("token_introspection").unwrap().active().unwrap();
    assert_eq!(active.member::<u128>("n").unwrap(), Some(LARGE));
    // An escape in the name is the letter that it stands for.
    assert!(with(r"token\u005fintrospection").unwrap().active().is_some());
    assert_eq!(with("another").unwrap_err().rule(), Some(Rule::In2));
}

/// An object whose member has the name of something that a JSON library keeps for itself is an object, where this program's does not
/// keep it.
#[test]
#[cfg(not(feature = "exact-numbers"))]
fn an_object_with_a_private_name_is_an_object() {
    use valetkey_core::server::MetadataSigner;
    use valetkey_core::{AuthorizationServer, Discovery, TokenResponse};
    use valetkey_tests::json as answer;

    for name in ["$serde_json::private::Number", "$serde_json::private::RawValue", "$serde_json::private::"] {
        let object = json!({ name: "1" });
        let body = json!({ "access_token": "a", "token_type": "Bearer", "x": object, "y": [object] });
        let tokens = TokenResponse::parse(answer(200, &body.to_string()), NOW, &AuthorizationServer::new());
        let tokens = tokens.unwrap();
        assert_eq!(tokens.member::<Value>("x").unwrap(), Some(object.clone()), "{name}");
        assert_eq!(tokens.member::<Value>("y").unwrap(), Some(json!([object])), "{name}");
        // And in metadata that are signed, where nobody looks for it.
        let claims = json!({ "iss": "https://as.example", "issuer": "https://as.example", "x": [object] });
        let body = json!({
            "issuer": "https://as.example", "response_types_supported": ["code"],
            "signed_metadata": jwt(r#"{"alg":"ES256"}"#, &claims.to_string()),
        });
        let signer =
            MetadataSigner::new("https://as.example", verification_keys(&RustCrypto, Algorithm::Es256));
        let discovery = Discovery::new("https://as.example").unwrap().signed_by(signer);
        assert!(discovery.parse(answer(200, &body.to_string()), NOW).is_ok(), "{name}");
    }
}
