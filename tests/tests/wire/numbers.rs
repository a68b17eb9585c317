//! TR-9, ID-25, IN-1, DV-1: a number is a number, and an object is an object, whatever its members are called.
//!
//! Where some crate of a program switches `serde_json`'s feature `arbitrary_precision` on, its parser hands numbers over as
//! objects with one member of a private name; under `raw_value`, its values read a text under another such name as JSON. No
//! server can make use of that. Run with the feature `exact-numbers`, these tests are about such a program.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use valetkey_core::jose::{Algorithm, Claims, Jwk, JwkSet, RustCrypto, Signer as _};
use valetkey_core::server::{Endpoint, MetadataSigner};
use valetkey_core::status::{Expectations, Introspected};
use valetkey_core::terms::AuthorizationDetails;
use valetkey_core::{
    AuthorizationRequest, AuthorizationServer, DeviceAuthorizationRequest, Discovery, Error, Rule, Session,
    TokenResponse, UnixTime,
};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::script::play;
use valetkey_tests::stored::Record;
use valetkey_tests::{NOW, client, client_of, entropy, json as answer, server};

/// Objects that a reader could take for a number, or for something else.
fn disguises() -> Vec<String> {
    let name = r#""$serde_json::private::Number""#;
    let raw = r#""$serde_json::private::RawValue""#;
    vec![
        format!(r#"{{{name}:"3600"}}"#),
        format!(r#"{{{name}:"+3600"}}"#),
        format!(r#"{{{name}:"3600.0"}}"#),
        format!(r#"{{{name}:"1e3"}}"#),
        format!(r#"{{{name}:"-1"}}"#),
        format!(r#"{{{name}:"x"}}"#),
        format!(r#"{{{name}:""}}"#),
        format!(r#"{{{name}:3600}}"#),
        format!(r#"{{{name}:null}}"#),
        format!(r#"{{{name}:{{{name}:"3600"}}}}"#),
        format!(r#"{{{name}:"3600","more":1}}"#),
        format!(r#"{{"more":1,{name}:"3600"}}"#),
        r#"{"\u0024serde_json::private::Number":"3600"}"#.to_owned(),
        r#"{"$serde_json::private::Number":"\u0033600"}"#.to_owned(),
        format!(r#"{{{raw}:"3600"}}"#),
        format!(r#"{{{raw}:3600}}"#),
        format!(r#"{{{raw}:"3600","more":1}}"#),
        format!(r#"{{{raw}:"\"https://evil.example\""}}"#),
    ]
}

fn rule<T>(outcome: Result<T, Error>) -> Rule {
    match outcome {
        Ok(_) => panic!("it is read"),
        Err(error) => error.rule().unwrap_or_else(|| panic!("no rule in: {error}")),
    }
}

/// An answer to a token request with this further member.
fn tokens(member: &str) -> Result<TokenResponse, Error> {
    let body = format!(r#"{{"access_token":"a","token_type":"Bearer",{member}}}"#);
    TokenResponse::parse(answer(200, &body), NOW, &AuthorizationServer::new())
}

#[test]
fn s9_an_object_is_no_lifetime() {
    for object in disguises() {
        assert_eq!(rule(tokens(&format!(r#""expires_in":{object}"#))), Rule::Tr9, "{object}");
        // Where no number is looked for it is an object like any other, and ignored.
        assert!(tokens(&format!(r#""x":{object},"y":[{object}]"#)).is_ok(), "{object}");
    }
}

/// Nor is it handed over to a type of the program's own, which would take it for something else, however deep it lies.
#[test]
#[cfg(feature = "exact-numbers")]
fn s9_what_the_programs_own_library_would_misread_is_not_handed_over() {
    for object in disguises() {
        let nested =
            format!(r#""x":{object},"y":[1,{object}],"z":{{"a":1,"b":[{{"c":{object}}}]}},"w":{{"a":1}}"#);
        let tokens = tokens(&nested).unwrap();
        for name in ["x", "y", "z"] {
            assert_eq!(rule(tokens.member::<Value>(name)), Rule::Tr2, "{name} {object}");
        }
        // What lies beside it is as good as ever.
        assert_eq!(tokens.member::<Value>("w").unwrap(), Some(json!({ "a": 1 })), "{object}");
    }
    let tokens = tokens(r#""x":{"a":[1.5,-1,{"b":12345678901234567890123}]},"v":0.25"#).unwrap();
    let x = tokens.member::<Value>("x").unwrap().unwrap().to_string();
    assert_eq!(x, r#"{"a":[1.5,-1,{"b":12345678901234567890123}]}"#);
    assert_eq!(tokens.member::<f64>("v").unwrap(), Some(0.25));
}

#[test]
fn s9_an_object_is_no_date_of_a_jwt() {
    for object in disguises() {
        for name in ["exp", "nbf", "iat"] {
            let read = Claims::read(format!(r#"{{"{name}":{object}}}"#));
            assert_eq!(rule(read), Rule::Id25, "{name} {object}");
        }
        for (name, expected) in [("iss", Rule::Id9), ("aud", Rule::Id10)] {
            assert_eq!(rule(Claims::read(format!(r#"{{"{name}":{object}}}"#))), expected, "{name} {object}");
        }
    }
}

#[test]
fn s9_an_object_is_no_date_of_an_introspection() {
    for object in disguises() {
        for name in ["exp", "nbf", "iat"] {
            let body = format!(r#"{{"active":true,"{name}":{object}}}"#);
            let read = Introspected::parse(
                answer(200, &body),
                &Expectations::new(),
                &AuthorizationServer::new(),
                NOW,
            );
            assert_eq!(rule(read), Rule::In1, "{name} {object}");
        }
    }
}

#[test]
fn s9_an_object_is_no_number_of_a_device_answer() {
    let server = server().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap();
    let client = client_of(server);
    for object in disguises() {
        for (lifetime, interval) in [(object.as_str(), "5"), ("600", object.as_str())] {
            let body = format!(
                r#"{{"device_code":"d","user_code":"u","verification_uri":"https://as.example/d","expires_in":{lifetime},"interval":{interval}}}"#
            );
            let flow = DeviceAuthorizationRequest::new(&client).unwrap();
            assert_eq!(play(flow, [Some(answer(200, &body))]).rule(), Rule::Dv1, "{object}");
        }
    }
}

/// DI-5, DI-6 and JK-1: nor is it anything else in a document.
#[test]
fn s9_an_object_is_no_member_of_a_document() {
    let read = |member: &str| {
        let body =
            format!(r#"{{"issuer":"https://as.example","response_types_supported":["code"],{member}}}"#);
        Discovery::new("https://as.example").and_then(|discovery| discovery.parse(answer(200, &body), NOW))
    };
    for object in disguises() {
        let unusable = read(&format!(r#""token_endpoint":{object}"#)).unwrap();
        assert_eq!(unusable.unusable_endpoints(), [Endpoint::Token], "DI-5, {object}");
        assert_eq!(rule(read(&format!(r#""scopes_supported":[{object}]"#))), Rule::Di6, "{object}");
        assert!(read(&format!(r#""x":{object}"#)).is_ok(), "{object}");
        let set = format!(r#"{{"keys":[{object},{{"kty":{object}}}]}}"#);
        assert_eq!(JwkSet::parse(set.as_bytes()).unwrap().ignored(), 2, "{object}");
        assert_eq!(rule(Jwk::parse(object.as_bytes())), Rule::Jk1, "{object}");
    }
}

/// Claims as they are written, signed.
fn jwt(claims: &str) -> String {
    let part = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
    let input = format!("{}.{}", part(br#"{"alg":"ES256"}"#), part(claims.as_bytes()));
    let signature = key_pair(&RustCrypto, Algorithm::Es256).sign(input.as_bytes()).unwrap().ready().unwrap();
    format!("{input}.{}", part(&signature))
}

/// DI-9: what is signed goes into the document as what it is, too.
#[test]
fn s9_an_object_is_no_member_of_signed_metadata() {
    let signer =
        MetadataSigner::new("https://signer.example", verification_keys(&RustCrypto, Algorithm::Es256));
    for object in disguises() {
        let claims = format!(
            r#"{{"iss":"https://signer.example","issuer":"https://as.example","token_endpoint":{object}}}"#
        );
        let body = format!(
            r#"{{"issuer":"https://as.example","response_types_supported":["code"],"signed_metadata":"{}"}}"#,
            jwt(&claims)
        );
        let answer = answer(200, &body);
        let read = Discovery::new("https://as.example").unwrap().signed_by(signer.clone()).parse(answer, NOW);
        // In a program whose library misreads it, nothing of it is read.
        match read {
            Ok(metadata) => assert_eq!(metadata.unusable_endpoints(), [Endpoint::Token], "{object}"),
            Err(_) => assert!(matches!(rule(read), Rule::Di9 | Rule::Tr2), "{object}"),
        }
    }
}

/// TR-2: a member that is handed out as the program's own type is not misread on the way either.
#[test]
fn s9_an_object_is_handed_out_as_an_object_or_not_at_all() {
    for object in disguises() {
        let tokens = tokens(&format!(r#""x":{object},"y":{{"z":[{object}]}},"n":7"#)).unwrap();
        assert!(tokens.member::<u64>("x").is_err() && tokens.member::<f64>("x").is_err(), "{object}");
        assert!(tokens.member::<serde_json::Number>("x").is_err(), "{object}");
        for name in ["x", "y"] {
            match tokens.member::<Value>(name) {
                Ok(value) => assert!(value.unwrap().is_object(), "{object}"),
                Err(error) => assert_eq!(error.rule(), Some(Rule::Tr2), "{object}"),
            }
        }
        assert_eq!(tokens.member::<Value>("n").unwrap(), Some(json!(7)));
        assert_eq!(tokens.member::<u8>("n").unwrap(), Some(7));
    }
}

/// ID-25, TR-9: and every number is still one, by each of the library's ways to hand it over.
#[test]
fn s9_a_number_is_a_number() {
    let lifetime = |digits: &str| tokens(&format!(r#""expires_in":{digits}"#));
    for (digits, seconds) in [
        ("0", 0),
        ("3600", 3600),
        ("3600.0", 3600),
        ("3600.9", 3600),
        ("36e2", 3600),
        ("-0", 0),
        ("1E2", 100),
    ] {
        let read = lifetime(digits).unwrap_or_else(|error| panic!("{digits}: {error}"));
        assert_eq!(read.expires_in(), Some(Duration::from_secs(seconds)), "{digits}");
    }
    for digits in ["-1", "-0.5", "-1e3", "18446744073709551616", "1e300"] {
        assert_eq!(rule(lifetime(digits)), Rule::Tr9, "{digits}");
    }
    for digits in ["+1", "01", "1.", ".5", "1e", "0x10", "1_000", "NaN", "Infinity", "1e400"] {
        assert_eq!(rule(lifetime(digits)), Rule::Tr2, "{digits}");
    }
    let claims = Claims::read(r#"{"exp":1700000000.5,"iat":1700000000,"nbf":17e8}"#).unwrap();
    assert_eq!(claims.expires_at(), Some(UnixTime::from_millis(1_700_000_000_500)));
    assert_eq!(claims.issued_at(), claims.not_before());
    let nested = tokens(r#""x":[1,[2.5,{"y":-3}]],"authorization_details":[{"type":"t","n":1}]"#).unwrap();
    assert_eq!(nested.member::<Value>("x").unwrap(), Some(json!([1, [2.5, { "y": -3 }]])));
    assert!(nested.authorization_details().is_some());
    assert!(AuthorizationDetails::parse(r#"[{"type":"t","n":1.5e3}]"#).is_ok());
}

/// What this program stored itself is taken up again, its times too; and an object in the place of one is not.
#[test]
fn s9_stored_numbers_are_numbers() {
    let client = client();
    let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    let (_, pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let session = Session::from_tokens(&client, &tokens(r#""expires_in":3600,"refresh_token":"r""#).unwrap());
    is_stored_faithfully(&pending, "expires_at");
    is_stored_faithfully(&session.record().unwrap(), "expires_at");
}

fn is_stored_faithfully<R: Record>(kept: &R, member: &str) {
    let stored = serde_json::to_string(kept).unwrap();
    let restored = R::read(&stored).unwrap();
    assert_eq!(serde_json::to_string(&restored).unwrap(), stored);
    let (before, rest) = stored.split_once(&format!(r#""{member}":"#)).unwrap();
    let after = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
    for object in disguises() {
        let forged = format!(r#"{before}"{member}":{object}{after}"#);
        assert!(R::read(&forged).is_err(), "{forged}");
    }
}
