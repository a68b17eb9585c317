//! ER-1, ER-2, ER-3: a refusal decides by what came, and shows it without secrets; what is made to be shown is shown.

use std::fmt::Display;

use http::HeaderValue;
use serde_json::{Value, json};
use valetkey_core::dialect::space::Reason;
use valetkey_core::error::{Refused, Retry};
use valetkey_core::jose::{Algorithm, AwsLc};
use valetkey_core::server::Endpoint;
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationServer, Client, ClientSecret, DeviceAuthorizationRequest,
    DevicePoll, Discovery, Dpop, Error, Grant, RefreshToken, Response, Rule, Session, TokenRequest,
};
use valetkey_tests::jose::key_pair;
use valetkey_tests::script::play;
use valetkey_tests::secrets::told;
use valetkey_tests::world::World;
use valetkey_tests::{NOW, SECRET, client, client_of, entropy, json as answer, server};

/// A client that authenticates with this secret.
pub(crate) fn with_secret(secret: &str) -> Client {
    with_secret_at(server(), secret)
}

fn with_secret_at(server: AuthorizationServer, secret: &str) -> Client {
    let client = Client::new(server, "id").secret(ClientSecret::new(secret).unwrap()).unwrap();
    client.api("https://api.example").unwrap()
}

/// What a token request of the client makes of an answer.
fn answered(client: &Client, response: Response) -> Error {
    let flow = TokenRequest::new(client, Grant::client_credentials()).unwrap();
    play(flow, [Some(response)]).outcome.unwrap_err()
}

pub(crate) fn refused(client: &Client, status: u16, body: &Value) -> Refused {
    answered(client, answer(status, &body.to_string())).refused().unwrap().clone()
}

pub(crate) fn described(description: impl Display) -> String {
    let body = json!({ "error": "invalid_grant", "error_description": description.to_string() });
    refused(&client(), 400, &body).description().unwrap_or_default().to_owned()
}

/// Codes that are registered.
const CODES: [&str; 17] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "access_denied",
    "server_error",
    "temporarily_unavailable",
    "authorization_pending",
    "slow_down",
    "expired_token",
    "invalid_target",
    "invalid_dpop_proof",
    "invalid_authorization_details",
    "unmet_authentication_requirements",
    "insufficient_user_authentication",
];

/// F23: a registered code is no secret, whatever the client's secret is, and is recognized and shown.
#[test]
fn f23_a_registered_code_is_recognized_whatever_the_secret_is() {
    for secret in [
        "client",
        "grant",
        "invalid",
        "token",
        "_",
        "e",
        "server_error",
        "invalid_grant",
        "aW52YWxpZF9ncmFudA",
    ] {
        for code in CODES {
            let error = answered(&with_secret(secret), answer(400, &json!({ "error": code }).to_string()));
            let refused = error.refused().unwrap();
            assert_eq!(refused.code().unwrap(), code, "{secret}");
            assert_eq!(refused.code().unwrap().as_str(), code, "{secret}");
            assert_eq!(
                refused.to_string(),
                format!("the server refused: {code} (status 400, token endpoint)"),
                "{secret}"
            );
            assert_eq!(error.is_invalid_grant(), code == "invalid_grant", "{secret}");
            assert_eq!(error.is_access_denied(), code == "access_denied", "{secret}");
            let passing = ["server_error", "temporarily_unavailable", "authorization_pending", "slow_down"]
                .contains(&code);
            assert_eq!(refused.retry() != Retry::Never, passing, "{secret}: {code}");
        }
    }
}

/// F23: a code that nobody registered is compared as it came, and shown without the secret.
#[test]
fn f23_an_unknown_code_is_compared_as_it_came_and_shown_without_the_secret() {
    let error = answered(&with_secret("hunter2"), answer(400, r#"{"error":"bad_hunter2_given"}"#));
    let code = error.refused().unwrap().code().unwrap().clone();
    assert_eq!(code, "bad_hunter2_given");
    assert_eq!(code.as_str(), "bad_<secret>_given");
    assert_eq!(code.to_string(), code.as_str());
    assert!(!format!("{code:?}{error:?}{error:#?}{error}").contains("hunter2"));
}

/// F23, DV-4: a device's code that is a part of an error's code ends no poll.
#[test]
fn f23_a_device_code_within_an_error_code_ends_no_poll() {
    let server = server().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap();
    for device_code in ["d", "pending", "slow", "authorization_pending", "_"] {
        let begun = json!({
            "device_code": device_code, "user_code": "u", "verification_uri": "https://as.example/", "expires_in": 600,
        });
        let client = with_secret_at(server.clone(), "o");
        let request = DeviceAuthorizationRequest::new(&client).unwrap();
        let device = play(request, [Some(answer(200, &begun.to_string()))]).outcome.unwrap();
        let answers = [
            answer(400, r#"{"error":"authorization_pending"}"#),
            answer(400, r#"{"error":"slow_down"}"#),
            answer(400, r#"{"error":"access_denied"}"#),
        ];
        let played = play(DevicePoll::new(&client, device).unwrap(), answers.map(Some));
        assert_eq!(played.sent.len(), 3, "{device_code}");
        assert!(played.outcome.unwrap_err().is_access_denied(), "{device_code}");
    }
}

/// F23, DP-5: a demand for a nonce is heard, whatever the client's secret is.
#[test]
fn f23_a_demand_for_a_nonce_is_heard_whatever_the_secret_is() {
    for secret in ["nonce", "use_dpop_nonce", "dpop", "_"] {
        let key = Dpop::of(key_pair(&AwsLc, Algorithm::Es256), entropy(3)).unwrap();
        let client = with_secret(secret).dpop(key).unwrap();
        let mut demand = answer(400, r#"{"error":"use_dpop_nonce"}"#);
        demand.headers_mut().insert("dpop-nonce", HeaderValue::from_static("n1"));
        let tokens = answer(200, r#"{"access_token":"a","token_type":"DPoP","expires_in":60}"#);
        let flow = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
        let played = play(flow, [Some(demand), Some(tokens)]);
        assert_eq!((played.sent.len(), played.outcome.is_ok()), (2, true), "{secret}");
    }
}

/// F23, ER-2: a challenge is there for decisions, and printed without the secret that it repeats.
#[test]
fn f23_a_challenge_decides_by_what_came() {
    let challenged = |secret: &str, challenge: &str| {
        let mut response = answer(401, r#"{"error":"invalid_client"}"#);
        response.headers_mut().insert("www-authenticate", challenge.parse().unwrap());
        answered(&with_secret(secret), response).refused().unwrap().challenges().to_vec()
    };
    let demand = r#"DPoP error="use_dpop_nonce", error_description="needs a nonce", algs="ES256""#;
    for secret in ["nonce", "dpop", "error", "DPoP", "s", "use_dpop_nonce", "needs"] {
        let [challenge] = &challenged(secret, demand)[..] else { panic!("{secret}") };
        assert!(challenge.is("dpop"), "{secret}");
        assert_eq!(challenge.parameter("error"), Some("use_dpop_nonce"), "{secret}");
        assert_eq!(challenge.parameter("error_description"), Some("needs a nonce"), "{secret}");
        assert!(challenge.to_string().starts_with(r#"DPoP error="use_dpop_nonce""#), "{secret}: {challenge}");
    }
    let [challenge] = &challenged("needs", demand)[..] else { panic!() };
    assert_eq!(
        challenge.to_string(),
        r#"DPoP error="use_dpop_nonce", error_description="<secret>", algs="ES256""#
    );

    // Wherever it is, and however the grammar took it apart.
    for (secret, challenge) in [
        ("hunter2", "Basic realm=\"hunter2\""),
        ("hunter2", "Basic hunter2"),
        ("hunter2", "hunter2 realm=\"x\""),
        ("hunter2", "Basic hunter2=\"x\""),
        ("hunter2", "Bearer error=\"hunter2\""),
        ("hunter2", "Basic realm=\"aHVudGVyMg==\""),
        ("hunter2", "Basic realm=\"%68unter2\""),
        ("hunter=\"2", "Basic hunter=2"),
        ("Custom hunter2", "Custom hunter2"),
    ] {
        let [challenge] = &challenged(secret, challenge)[..] else { panic!("{challenge}") };
        let shown = format!("{challenge}{challenge:?}");
        assert!(!shown.contains("hunter") && !shown.contains("aHVudGVyMg"), "{shown}");
        assert!(challenge.scheme().len() + challenge.parameters().count() > 0);
    }
    // One that repeats nothing is written as it came.
    assert_eq!(challenged("hunter2", demand)[0].to_string(), demand);
}

/// F23, ER-7: a refusal that is told again from a store decides as it did at first, and keeps no secret of the client's.
#[test]
fn f23_a_refusal_that_is_told_again_decides_alike() {
    for (code, status, ends) in [("invalid_grant", 400, true), ("invalid_client", 401, false)] {
        for secret in ["grant", "client", "invalid", "_"] {
            let token = RefreshToken::new("r0").unwrap();
            let mut world = World::of(Session::from_refresh_token(&with_secret(secret), token));
            world.answers(status, &json!({ "error": code }).to_string());
            let first = world.call().unwrap_err();
            let again = world.call().unwrap_err();
            assert_eq!(world.sent().len(), 1, "the second is told from what was kept");
            for error in [first, again] {
                assert_eq!(error.is_authorization_required(), ends, "{secret}: {error}");
                assert_eq!(error.is_invalid_grant(), ends, "{secret}: {error}");
                assert_eq!(error.refused().unwrap().code().unwrap(), code, "{secret}: {error}");
            }
        }
    }

    let token = RefreshToken::new("r0").unwrap();
    let mut world = World::of(Session::from_refresh_token(&with_secret("hunter2"), token));
    world.answers(400, r#"{"error":"bad_hunter2","error_description":"hunter2 is wrong","hint":"hunter2"}"#);
    world.call().unwrap_err();
    let record = serde_json::to_string(&world.session.record().unwrap()).unwrap();
    assert!(record.contains("bad_<secret>") && !record.contains("hunter2"), "{record}");
    assert!(world.call().unwrap_err().to_string().contains("bad_<secret>: <secret> is wrong"));
}

/// F23: so does the dialect that goes by descriptions.
#[test]
fn f23_a_dialect_reads_the_description_as_it_came() {
    for secret in ["token", "expired", "Access", "refresh", "revoked"] {
        let reason = |code: &str, description: &str| {
            Reason::of(&refused(
                &with_secret(secret),
                401,
                &json!({ "error": code, "error_description": description }),
            ))
        };
        assert_eq!(
            reason("authentication-required", "Access token has expired"),
            Reason::TokenExpired,
            "{secret}"
        );
        assert_eq!(
            reason("authentication-required", "Refresh token associated with the access token is revoked"),
            Reason::RefreshTokenRevoked,
            "{secret}"
        );
        assert_eq!(reason("permission-denied", "token"), Reason::PermissionDenied, "{secret}");
    }
}

/// F21: what a server's support asks for is shown: UUIDs, short identifiers, codes that are long.
#[test]
fn f21_what_is_made_to_be_shown_is_shown() {
    for text in [
        "AADSTS700084: The refresh token was issued to a single page app. Trace ID: 0000aaaa-11bb-cccc-dd22-eeeeee333333 \
         Correlation ID: aaaa0000-bb11-2222-33cc-444444dddddd Timestamp: 2024-01-31 12:34:56Z",
        "AADSTS700016: Application with identifier '6731de76-14a6-49ae-97bc-6eba6914391e' was not found in the directory \
         '72F988BF-86F1-41AF-91AB-2D7CD011DB47'.",
        "The resource api://6731de76-14a6-49ae-97bc-6eba6914391e/v2.0/access_as_user is disabled",
        "urn:uuid:6731de76-14a6-49ae-97bc-6eba6914391e {6731de76-14a6-49ae-97bc-6eba6914391e}",
        "trace 0af7651916cd43dd8448eb211c80319c span b7ad6b7169203331",
        "see https://developer.as.example/docs/v2/Reference/oauth2/errors/InvalidAuthenticationTokenTenant",
        "temporarily_unavailable_because_of_something_long_and_descriptive_2024",
        "System.IdentityModel.Tokens.SecurityTokenExpiredException at 2024-01-31T12:34:56.789Z",
        "CertificateThumbprintMismatch ES256 RFC7523 OAuth2 client_id=my-service-account-17",
    ] {
        assert_eq!(described(text), text);
    }
    let long = "temporarily_unavailable_because_of_something_long_and_descriptive_that_the_server_made_up_in_2024_for_v2_of_it";
    let refused = refused(&client(), 400, &json!({ "error": long }));
    assert_eq!(refused.code().unwrap().as_str(), long);
}

/// F21, ER-3: what looks like a token is hidden as before, and so is a UUID that is a secret of the request.
#[test]
fn f21_what_looks_like_a_token_is_hidden() {
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    for token in [
        jwt,
        "eyJhbGciOiJub25lIn0.e30.",
        "SplxlOBeZQQYbYS6WxSbIA",
        "2YotnFZFEjr1zCsicMWpAA",
        "tGzv3JOkF0XG5Qx2TlKWIA",
        "ya29.a0AfH6SMBx-Qk3nV9_tR7",
        "gho_16C7e42F292c6912E7710c838347Ae178B4a",
        "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "YW5vdGhlci1TRUNSRVQtMDEyMzQ1Njc4OQ==",
        "0000aaaa-11bb-cccc-dd22-eeeeee333333.aaaa0000-bb11-2222-33cc-444444dddddd.6731de76-14a6-49ae-97bc-6eba6914391e",
        "AKIAIOSFODNN7EXAMPLE",
    ] {
        assert_eq!(described(format_args!("bad token {token} given")), "bad token <secret> given");
    }
    // Random ones: of 160 bits and more each, of 128 all but one in a thousand, which happens to look like words.
    let mut like_words = 0;
    for number in 0..4000_u32 {
        let bytes = entropy(1).derive(&format!("token {number}"));
        for token in [base64_url(&bytes), hex(&bytes[..20]), hex(&bytes)] {
            assert_eq!(described(&token), "<secret>", "{token}");
        }
        like_words += u32::from(described(base64_url(&bytes[..16])) != "<secret>");
    }
    assert!(like_words <= 4, "{like_words}");
    let uuid = "6731de76-14a6-49ae-97bc-6eba6914391e";
    let body = json!({ "error": "invalid_client", "error_description": format!("no {uuid}") });
    assert_eq!(refused(&with_secret(uuid), 401, &body).description(), Some("no <secret>"));
}

/// ER-3: of a request that is not known here, an API may echo the token, and some tokens are UUIDs or hexadecimal.
#[test]
fn an_echoed_token_that_is_a_uuid_or_hexadecimal_is_hidden_of_an_unknown_request() {
    for token in [
        "6731de76-14a6-49ae-97bc-6eba6914391e",
        "6731DE76-14A6-49AE-97BC-6EBA6914391E",
        "6731de7614a649ae97bc6eba6914391e",
        "0123456789abcdef01234567",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "12345678901234567890",
    ] {
        let told = |body: String| Refused::parse(&answer(401, &body), NOW).unwrap();
        let text = format!("Invalid access token: {token} (trace 7b3)");
        let described = told(json!({ "error": "invalid_token", "error_description": text }).to_string());
        assert_eq!(described.description(), Some("Invalid access token: <secret> (trace 7b3)"));
        let excerpt = told(json!({ "message": text }).to_string());
        assert!(!format!("{excerpt} {excerpt:?}").contains(token), "{excerpt:?}");
        assert!(excerpt.excerpt().unwrap().contains("Invalid access token: <secret>"), "{excerpt:?}");
        let page = format!("https://as.example/why?token={token}");
        let page = told(json!({ "error": "invalid_token", "error_uri": page }).to_string());
        assert_eq!(page.uri(), None);
    }
    // Words and short identifiers are told.
    let text =
        "AADSTS700016: the application my-service-account-17 was not found at 2024-01-31T12:34:56.789Z";
    let body = json!({ "error": "invalid_token", "error_description": text }).to_string();
    assert_eq!(Refused::parse(&answer(401, &body), NOW).unwrap().description(), Some(text));
}

fn base64_url(bytes: &[u8]) -> String {
    valetkey_tests::secrets::base64(bytes, b"-_", false)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// F21: any other member of a refusal can be read, as it came, and is printed nowhere.
#[test]
fn f21_other_members_of_a_refusal_can_be_read() {
    let body = json!({
        "error": "mfa_required", "suberror": "basic_action", "error_codes": [50076], "mfa_token": "planted-mfa-0123",
        "claims": "{\"access_token\":{\"capolids\":{\"essential\":true}}}", "trace_id": "0000aaaa-11bb",
    });
    let server = [
        Endpoint::Revocation,
        Endpoint::Introspection,
        Endpoint::DeviceAuthorization,
        Endpoint::PushedAuthorization,
    ]
    .iter()
    .fold(server(), |server, one| {
        server.endpoint(*one, &format!("https://as.example/{}", one.name())).unwrap()
    });
    let (client, token) = (client_of(server), AccessToken::new("t").unwrap());
    let refusal = || [Some(answer(403, &body.to_string()))];
    let pushed = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    let pushed = pushed.push_unbound(entropy(1), NOW).unwrap();
    for error in [
        play(TokenRequest::new(&client, Grant::client_credentials()).unwrap(), refusal()).outcome.err(),
        play(Revocation::access_token(&client, &token).unwrap(), refusal()).outcome.err(),
        play(Introspection::new(&client, &token).unwrap(), refusal()).outcome.err(),
        play(DeviceAuthorizationRequest::new(&client).unwrap(), refusal()).outcome.err(),
        play(pushed, refusal()).outcome.err(),
        play(Discovery::new("https://as.example").unwrap(), [refusal(), refusal()].into_iter().flatten())
            .outcome
            .err(),
        Some(Error::Refused(Box::new(Refused::parse(&refusal()[0].clone().unwrap(), NOW).unwrap()))),
    ] {
        let error = error.unwrap();
        let refused = error.refused().unwrap();
        assert_eq!(refused.member::<String>("suberror").unwrap().as_deref(), Some("basic_action"));
        assert_eq!(refused.member::<String>("mfa_token").unwrap().as_deref(), Some("planted-mfa-0123"));
        assert_eq!(refused.member::<Vec<u32>>("error_codes").unwrap(), Some(vec![50076]));
        assert!(refused.member::<&str>("trace_id").unwrap().is_some());
        let claims: Value =
            serde_json::from_str(&refused.member::<String>("claims").unwrap().unwrap()).unwrap();
        assert_eq!(claims["access_token"]["capolids"]["essential"], true);
        assert_eq!(refused.member::<Value>("absent").unwrap(), None);
        assert_eq!(refused.member::<u8>("suberror").unwrap_err().rule(), Some(Rule::Tr2));
        let shown = told(&error);
        assert!(!shown.contains("planted-mfa") && !shown.contains("basic_action"), "{shown}");
    }
    // An object without `error` has members too; anything else has none.
    let plain = Refused::parse(&answer(429, r#"{"trace_id":"t"}"#), NOW).unwrap();
    assert_eq!(plain.member::<String>("trace_id").unwrap().as_deref(), Some("t"));
    for body in ["<html>", "[1]", r#"{"a":1,"a":2}"#, ""] {
        assert_eq!(
            Refused::parse(&answer(500, body), NOW).unwrap().member::<u8>("a").unwrap(),
            None,
            "{body}"
        );
    }
}

/// F24, HT-1, TR-1: a redirect of an endpoint is not followed, and where it points is told, so that the URL can be put right.
#[test]
fn f24_a_redirect_of_an_endpoint_says_where_it_points() {
    let moved = |location: &str| {
        let mut response = answer(301, "");
        response.headers_mut().insert("location", HeaderValue::from_bytes(location.as_bytes()).unwrap());
        response
    };
    let of_tokens = |location: &str| {
        let error = answered(&client(), moved(location));
        assert_eq!(error.rule(), Some(Rule::Tr1));
        error.to_string()
    };
    assert_eq!(
        of_tokens("/token/"),
        "the server broke the protocol: the token response has status 301; it points to /token/: if your server's \
         documentation names that for this endpoint, configure this URL (TR-1, RFC 6749 §5.1, RFC 9700 §4.12)"
    );
    for (location, told) in [
        ("https://as.example/token/", "https://as.example/token/"),
        (
            "https://as.example:8443/oauth2/v2.0/token?code=SplxlOBeZQQYbYS6WxSbIA",
            "https://as.example:8443/oauth2/v2.0/token",
        ),
        ("http://as.example/token#access_token=x", "http://as.example/token"),
        (
            "/6731de76-14a6-49ae-97bc-6eba6914391e/oauth2/token",
            "/6731de76-14a6-49ae-97bc-6eba6914391e/oauth2/token",
        ),
    ] {
        assert!(of_tokens(location).contains(&format!("it points to {told}:")), "{}", of_tokens(location));
    }
    let long = format!("https://as.example/{}", "a/".repeat(300));
    for hidden in [
        "",
        "//user:pass@evil.example/",
        "https://user:pass@as.example/",
        "https://as.example/\u{fc}",
        "javascript:alert(1)",
        "https://as.example/SplxlOBeZQQYbYS6WxSbIA",
        "https://as.example/a b",
        "?code=x",
        "#x",
        "token/",
        &long,
        &format!("/x/{SECRET}"),
    ] {
        let shown = of_tokens(hidden);
        assert!(shown.contains("has status 301 (TR-1"), "{hidden}: {shown}");
    }
    let mut two = moved("/a");
    two.headers_mut().append("location", HeaderValue::from_static("/b"));
    assert!(!answered(&client(), two).to_string().contains("points"));

    let server = server().endpoint(Endpoint::Revocation, "https://as.example/revoke").unwrap();
    let revoke =
        Revocation::access_token(&client_of(server), &AccessToken::new("token-17").unwrap()).unwrap();
    let error = play(revoke, [Some(moved("https://as.example/revoke/"))]).outcome.unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Ht1));
    assert!(error.to_string().contains("it points to https://as.example/revoke/: if"), "{error}");
    let error = Refused::parse(&moved("https://as.example/t"), NOW).unwrap_err();
    assert!(error.to_string().contains("it points to https://as.example/t"), "{error}");
    let places = [Some(moved("https://login.example/x?y")), Some(moved("https://login.example/x?y"))];
    let error = play(Discovery::new("https://as.example").unwrap(), places);
    let error = error.outcome.unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Di3));
    assert!(error.to_string().contains("status 301; it points to https://login.example/x ("), "{error}");
}
