//! DI, PR, JK: what the server says of itself, where it says it, and the key it says it with.

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use valetkey_sandbox::{Sandbox, SigningAlgorithm};

use crate::support::*;

pub(crate) const ISSUER: &str = "https://as.example";

/// The demo as a server of today's, with an issuer.
pub(crate) fn modern() -> Sandbox {
    Sandbox::standard([7; 32], ISSUER)
}

fn fetch(sandbox: &mut Sandbox, path: &str) -> Answer {
    Answer::of(sandbox.answer(&get(path), NOW))
}

/// DI-2, DI-4: the issuer is given back to the letter, wherever its metadata are looked for.
#[test]
fn metadata_are_found_by_each_form_of_discovery() {
    for (issuer, paths, elsewhere) in [
        (
            ISSUER,
            vec!["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"],
            "/.well-known/oauth-authorization-server/tenant",
        ),
        (
            "https://as.example/tenant/7",
            vec![
                "/.well-known/oauth-authorization-server/tenant/7",
                "/.well-known/openid-configuration/tenant/7",
                "/tenant/7/.well-known/openid-configuration",
            ],
            "/.well-known/oauth-authorization-server",
        ),
        ("https://as.example/slash/", vec!["/.well-known/oauth-authorization-server/slash"], "/x"),
    ] {
        let mut sandbox = modern();
        sandbox.settings_mut().issuer = Some(issuer.to_owned());
        for path in paths {
            let answer = fetch(&mut sandbox, path);
            assert_eq!((answer.status, answer.text("issuer")), (200, issuer), "{path}");
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(answer.text("token_endpoint"), "https://as.example/oauth/token");
            assert_eq!(answer.text("authorization_endpoint"), "https://as.example/oauth/auth");
            assert_eq!(answer.body["authorization_response_iss_parameter_supported"], true);
        }
        assert_eq!(fetch(&mut sandbox, elsewhere).status, 404, "{elsewhere}");
    }
}

/// AR-3: every authorization response says who it is from, errors too.
#[test]
fn responses_name_the_issuer() {
    let mut sandbox = modern();
    for changes in [[("scope", "**")], [("response_type", "nonsense")]] {
        sandbox.sign_in("alice");
        let response = ask(&mut sandbox, &with(REQUEST, &changes));
        let arrival = valetkey_sandbox::Arrival::after(&response).unwrap();
        assert_eq!(arrival.parameter("iss").as_deref(), Some(ISSUER), "{changes:?}");
    }
}

/// The keys are real ones: another library reads them, and they belong to the seed.
#[test]
fn the_key_set_has_real_keys() {
    let mut sandbox = modern();
    let answer = fetch(&mut sandbox, "/oauth/jwks.json");
    let set: JwkSet = serde_json::from_value(answer.body.clone()).unwrap();
    let [key, _, _, _, _] = &set.keys[..] else { panic!("{set:?}") };
    for key in &set.keys {
        assert!(DecodingKey::from_jwk(key).is_ok());
        let kid = key.common.key_id.as_deref().unwrap();
        assert_eq!(kid, key.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).unwrap());
    }
    assert!(answer.body["keys"][0]["d"].is_null());
    assert_eq!(fetch(&mut modern(), "/oauth/jwks.json").body, answer.body);
    let other: Jwk = {
        let mut sandbox = Sandbox::demo([8; 32]);
        let body = fetch(&mut sandbox, "/oauth/jwks.json").body;
        serde_json::from_value(body["keys"][0].clone()).unwrap()
    };
    assert_ne!(&other, key);
    let posted = Answer::of(sandbox.answer(&post("/oauth/jwks.json", &[]), NOW));
    assert_eq!(posted.status, 405);
}

/// JK-2: after a rotation, what is signed names a key that the old set does not have.
#[test]
fn the_keys_can_be_rotated() {
    let mut sandbox = modern();
    let before = fetch(&mut sandbox, "/oauth/jwks.json").body;
    sandbox.rotate_keys();
    let after = fetch(&mut sandbox, "/oauth/jwks.json").body;
    for index in 0..4 {
        assert_ne!(before["keys"][index]["kid"], after["keys"][index]["kid"]);
    }
    // The last is for what is encrypted to the server, and stays.
    assert_eq!(after["keys"].as_array().unwrap().len(), 5);
    assert_eq!(before["keys"][4], after["keys"][4]);
    sandbox.sign_in("alice");
    for (algorithm, index) in [
        (SigningAlgorithm::Es256, 0),
        (SigningAlgorithm::EdDsa, 1),
        (SigningAlgorithm::Rs256, 2),
        (SigningAlgorithm::Ps256, 3),
    ] {
        sandbox.settings_mut().signing_algorithm = algorithm;
        let response = ask(&mut sandbox, &with(REQUEST, &[("response_mode", "jwt")]));
        let arrival = valetkey_sandbox::Arrival::after(&response).unwrap();
        let (header, _) = verified(&mut sandbox, &arrival.parameter("response").unwrap());
        assert_eq!(header.kid.as_deref(), after["keys"][index]["kid"].as_str());
    }
}

/// PR-1, PR-2: the resource is what was asked for, and the challenge leads to it (RFC 9728 §5.1).
#[test]
fn a_challenge_leads_to_the_metadata_of_the_resource() {
    let mut sandbox = modern();
    let refused = profile(&mut sandbox, "unknown", NOW);
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate").to_owned();
    let (start, metadata) = challenge.split_once(" resource_metadata=").unwrap();
    assert_eq!(start, "Bearer error=\"invalid_token\",");
    let path = metadata.trim_matches('"').strip_prefix(ISSUER).unwrap();
    let answer = fetch(&mut sandbox, path);
    assert_eq!(answer.text("resource"), "https://as.example/api/http/team-directory/profiles/me");
    assert_eq!(answer.body["authorization_servers"], serde_json::json!([ISSUER]));
    let whole = fetch(&mut sandbox, "/.well-known/oauth-protected-resource/api/http");
    assert_eq!(whole.text("resource"), "https://as.example/api/http");
    for path in ["", "/other", "/api/httpx"] {
        let path = format!("/.well-known/oauth-protected-resource{path}");
        assert_eq!(fetch(&mut sandbox, &path).status, 404, "{path}");
    }
    let quoted = sandbox.answer(&get("/api/http/a%22b"), NOW);
    assert!(quoted.headers()["www-authenticate"].to_str().unwrap().ends_with("/api/http/a%22b\""));
}

/// WA-3: what is missing is named in the challenge.
#[test]
fn a_missing_right_is_challenged() {
    let mut sandbox = modern();
    let bob = sandbox.permanent_token_of_user("bob");
    let refused = issue(&mut sandbox, &bob);
    assert_eq!(refused.status, 403);
    let expected = format!("Bearer error=\"insufficient_scope\", scope=\"{ISSUES}\"");
    assert_eq!(refused.header("www-authenticate"), expected);
}

/// Space has none of it but the keys, and without an issuer there is nothing to publish.
#[test]
fn what_is_not_spoken_is_not_there() {
    let mut space = demo();
    space.settings_mut().issuer = Some(ISSUER.to_owned());
    let mut nameless = modern();
    nameless.settings_mut().issuer = None;
    for sandbox in [&mut space, &mut nameless] {
        for path in
            ["oauth-authorization-server", "openid-configuration", "oauth-protected-resource/api/http"]
        {
            assert_eq!(fetch(sandbox, &format!("/.well-known/{path}")).status, 404, "{path}");
        }
        let refused = profile(sandbox, "unknown", NOW);
        assert_eq!(refused.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    }
}
