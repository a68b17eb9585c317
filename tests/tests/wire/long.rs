//! Whatever a server sends, one `{:?}` of it is a short line in a log (CWE-779).

use std::fmt::Debug;

use serde_json::json;
use valetkey_core::api::{ProtectedResourceDiscovery, StepUp};
use valetkey_core::dialect::space::RefreshTokenPayload;
use valetkey_core::error::Refused;
use valetkey_core::jose::{Algorithm, AwsLc, JwkSet, Jws, JwtType, VerificationKeys};
use valetkey_core::server::Endpoint;
use valetkey_core::session::RenewalAnswer;
use valetkey_core::status::{Expectations, Introspected};
use valetkey_core::store::{StoreAnswer, StoreVersion, Stored, StoredBytes};
use valetkey_core::terms::AuthorizationDetails;
use valetkey_core::{
    AuthorizationServer, DeviceAuthorizationRequest, Discovery, Resource, Session, TokenResponse,
};
use valetkey_tests::jose::signed;
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, json as answer, server};

/// The most bytes that a `Debug` may have.
const MOST: usize = 1024;

/// Strings of a server's choice, so many of nearly a kilobyte: of letters, of control characters, of characters that are
/// escaped.
fn floods(many: usize) -> Vec<Vec<String>> {
    ["x", "\u{1}", "\u{10ffff}", "\"", "ü"]
        .iter()
        .map(|text| {
            let times = 960 / (json!(text).to_string().len() - 2);
            (0..many).map(|number| format!("{number}{}", text.repeat(times))).collect()
        })
        .collect()
}

fn assert_short(what: &str, shown: &dyn Debug) {
    for text in [format!("{shown:?}"), format!("{shown:#?}")] {
        assert!(text.len() < MOST, "{what}: {} bytes: {}", text.len(), text.get(..MOST).unwrap_or(&text));
    }
}

/// S21: the documents that a server publishes about itself and its APIs.
#[test]
fn s21_a_document_of_a_megabyte_has_a_short_debug() {
    for flood in floods(1000) {
        let document = json!({
            "issuer": "https://as.example", "token_endpoint": format!("https://as.example/{}", "t".repeat(9000)),
            "response_types_supported": ["code"], "scopes_supported": flood,
        });
        let metadata = Discovery::new("https://as.example")
            .and_then(|discovery| discovery.parse(answer(200, &document.to_string()), NOW))
            .unwrap();
        assert_short("Metadata", &metadata);
        assert_short("AuthorizationServer", metadata.server());

        let servers: Vec<_> =
            (0..32).map(|number| format!("https://{number}.as.example/{}", "a".repeat(900))).collect();
        let document = json!({
            "resource": "https://api.example", "authorization_servers": servers, "scopes_supported": flood,
        });
        let parsed = ProtectedResourceDiscovery::new(&Resource::new("https://api.example").unwrap())
            .unwrap()
            .parse(answer(200, &document.to_string()), NOW);
        assert_short("ProtectedResource", &parsed.unwrap());
    }
}

/// S21: what it says of a token, and what it grants.
#[test]
fn s21_an_answer_of_a_megabyte_has_a_short_debug() {
    for flood in floods(450) {
        let about = json!({
            "active": true, "aud": flood, "client_id": flood[1].repeat(50), "token_type": "Bearer", "sub": "s",
            "cnf": { "jkt": flood.concat() },
        });
        let expected = Expectations::new().key(flood.concat());
        let active =
            Introspected::parse(answer(200, &about.to_string()), &expected, &AuthorizationServer::new(), NOW)
                .unwrap();
        assert_short("Introspected", &active);
        assert_short("Confirmation", active.active().unwrap().confirmation().unwrap());

        let details =
            AuthorizationDetails::new(json!([{ "type": flood[1], "account": flood[..60] }])).unwrap();
        assert_short("AuthorizationDetails", &details);

        let pushed = json!({
            "refreshToken": "r", "scope": "a", "clientId": flood.concat(), "userId": flood.concat(),
        });
        assert_short(
            "RefreshTokenPayload",
            &RefreshTokenPayload::parse(pushed.to_string().as_bytes()).unwrap(),
        );

        let refusal = json!({ "error": "e", "error_description": flood.concat(), "more": flood });
        assert_short("Refused", &Refused::parse(&answer(400, &refusal.to_string()), NOW).unwrap());
        assert_short("RenewalAnswer", &RenewalAnswer::Response(answer(200, &flood.concat())));
        let stored = Stored::new(StoredBytes::new(flood.concat().into_bytes()), StoreVersion::new("1"));
        assert_short("StoreAnswer", &StoreAnswer::Loaded(Some(stored)));
    }

    let scope: Vec<_> = (0..1000).map(|number| format!("scope-{number}-{}", "x".repeat(900))).collect();
    let granted = json!({ "access_token": "a", "token_type": "Bearer", "scope": scope.join(" ") });
    let tokens =
        TokenResponse::parse(answer(200, &granted.to_string()), NOW, &AuthorizationServer::new()).unwrap();
    assert_short("TokenResponse", &tokens);
    assert_short("Scope", tokens.scope().unwrap());
    assert_short("Session", &Session::from_tokens(&client_of(server()), &tokens));

    let challenge = format!(
        "Bearer error=\"insufficient_scope\", scope=\"{}\", acr_values=\"{}\"",
        &scope.join(" ")[..8000],
        &scope.join(" ")[..7000]
    );
    let mut response = answer(401, "{}");
    response.headers_mut().insert("www-authenticate", challenge.parse().unwrap());
    assert_short("StepUp", &StepUp::parse(&response).unwrap().unwrap());

    let names: Vec<_> = (0..32).map(|number| format!("{}{number}=1", "n".repeat(400))).collect();
    response
        .headers_mut()
        .insert("www-authenticate", format!("{} {}", "S".repeat(900), names.join(", ")).parse().unwrap());
    let refused = Refused::parse(&response, NOW).unwrap();
    assert_eq!(refused.challenges().len(), 1);
    assert_short("Challenge", &refused.challenges()[0]);
    let many = vec!["Scheme"; 32].join(", ");
    response.headers_mut().insert("www-authenticate", many.parse().unwrap());
    let many = Refused::parse(&response, NOW).unwrap();
    assert_eq!(many.challenges().len(), 32);
    assert_short("Refused with challenges", &many);

    let device = server().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap();
    let begun = json!({
        "device_code": "d", "user_code": "u".repeat(128), "expires_in": 600,
        "verification_uri": format!("https://as.example/{}", "v".repeat(9000)),
    });
    let flow = DeviceAuthorizationRequest::new(&client_of(device)).unwrap();
    assert_short(
        "DeviceAuthorization",
        &play(flow, [Some(answer(200, &begun.to_string()))]).outcome.unwrap(),
    );
}

/// S21: keys, and JWTs.
#[test]
fn s21_keys_and_jwts_have_a_short_debug() {
    let modulus = "_".repeat(1365) + "Q";
    let key = |number: usize| json!({ "kty": "RSA", "n": modulus, "e": "AQAB", "kid": format!("{number}{}", "k".repeat(8000)), "alg": "RS256" });
    let set = json!({ "keys": (0..100).map(key).collect::<Vec<_>>() });
    let set = JwkSet::parse(set.to_string().as_bytes()).unwrap();
    assert_eq!(set.keys().len(), 100);
    assert_short("JwkSet", &set);
    assert_short("Jwk", &set.keys()[0]);
    assert_short("PublicKey", set.keys()[0].key());
    let keys = VerificationKeys::new(&AwsLc, &[Algorithm::Rs256], &set).unwrap();
    assert_short("VerificationKeys", &keys);

    let flood: Vec<_> = floods(100).swap_remove(1).into_iter().collect();
    let jwt = signed(&AwsLc, Algorithm::Es256, &json!({ "iss": flood.concat(), "aud": flood }));
    let keys = valetkey_tests::jose::verification_keys(&AwsLc, Algorithm::Es256);
    let jws = Jws::parse(&jwt).unwrap();
    assert_short("Jws", &jws);
    let verified = jws.verify(&keys, JwtType::Generic).unwrap();
    assert_short("Verified", &verified);
    assert_short("Claims", &verified.claims().unwrap());
}
