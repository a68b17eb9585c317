//! Documents of the server and its API: metadata, key sets, what a device is given, and challenges.

use serde_json::{Value, json};
use valetkey_core::Response;
use valetkey_sandbox::Sandbox;

use super::{Ask, body, header, lie, told_with, truth};
use crate::support::*;

fn metadata(sandbox: &mut Sandbox) -> Response {
    sandbox.answer(&get("/.well-known/oauth-authorization-server"), NOW)
}

fn of_openid(sandbox: &mut Sandbox) -> Response {
    sandbox.answer(&get("/.well-known/openid-configuration"), NOW)
}

fn of_resource(sandbox: &mut Sandbox) -> Response {
    sandbox.answer(&get("/.well-known/oauth-protected-resource/api/http"), NOW)
}

fn keys(sandbox: &mut Sandbox) -> Response {
    sandbox.answer(&get("/oauth/jwks.json"), NOW)
}

fn all(set: &Value) -> Vec<Value> {
    set["keys"].as_array().unwrap().clone()
}

fn members(value: &mut Value) -> &mut serde_json::Map<String, Value> {
    value.as_object_mut().unwrap()
}

#[test]
fn metadata_say_something_else_and_nothing_more() {
    let longer = |member: &'static str, more: &'static str| {
        move |body: &mut Value| {
            let long = format!("{}{more}", body[member].as_str().unwrap());
            body[member] = long.into();
        }
    };
    told_with("issuer-trailing-slash", metadata, longer("issuer", "/"));
    told_with("issuer-port", metadata, longer("issuer", ":443"));
    told_with("issuer-upper-case", metadata, |body| body["issuer"] = json!("HTTPS://AS.EXAMPLE"));
    told_with("issuer-foreign", metadata, |body| body["issuer"] = json!("https://attacker.example"));
    told_with("metadata-of-tenants", metadata, longer("issuer", "/{tenantid}/v2.0"));
    told_with("token-endpoint-fragment", metadata, longer("token_endpoint", "#here"));
    told_with("without-s256", metadata, |body| body["code_challenge_methods_supported"] = json!(["plain"]));
    told_with("public-clients-unlisted", metadata, |body| {
        let lists: Vec<_> =
            members(body).iter_mut().filter(|(name, _)| name.ends_with("_auth_methods_supported")).collect();
        assert!(lists.iter().any(|(_, list)| list.as_array().unwrap().contains(&json!("none"))));
        for (_, list) in lists {
            list.as_array_mut().unwrap().retain(|method| method != "none");
        }
    });
    told_with("resource-above", of_resource, |body| {
        let above = body["resource"].as_str().unwrap().rsplit_once('/').unwrap().0.to_owned();
        body["resource"] = above.into();
    });
}

/// Below a path the port goes after the host.
#[test]
fn an_issuer_with_a_path_has_the_port_before_that() {
    let ask = |name: Option<&str>| {
        let mut sandbox = Sandbox::standard([7; 32], "https://as.example/tenant/7");
        if let Some(name) = name {
            sandbox.misbehave(name.parse().unwrap());
        }
        body(&sandbox.answer(&get("/.well-known/oauth-authorization-server/tenant/7"), NOW))
    };
    let mut expected = ask(None);
    assert_eq!(expected["issuer"], "https://as.example/tenant/7");
    expected["issuer"] = json!("https://as.example:443/tenant/7");
    assert_eq!(ask(Some("issuer-port")), expected);
}

#[test]
fn one_of_two_documents_differs() {
    for (name, spoilt, other) in [
        ("metadata-openid-more", metadata as Ask, of_openid as Ask),
        ("metadata-openid-less", of_openid, metadata),
        ("metadata-contradiction", of_openid, metadata),
        ("metadata-first-500", metadata, of_openid),
    ] {
        assert_eq!(lie(name, other).body(), truth(other).body(), "{name}");
        assert_ne!(lie(name, spoilt).body(), truth(spoilt).body(), "{name}");
    }
    told_with("metadata-openid-more", metadata, |body| {
        drop(members(body).remove("userinfo_endpoint").unwrap())
    });
    told_with("metadata-contradiction", of_openid, |body| {
        let other = format!("{}/v2", body["token_endpoint"].as_str().unwrap());
        body["token_endpoint"] = other.into();
    });
}

#[test]
fn keys_are_others_or_are_said_to_be_what_they_are_not() {
    let each = |change: fn(&mut Value)| {
        move |set: &mut Value| set["keys"].as_array_mut().unwrap().iter_mut().for_each(change)
    };
    assert!(all(&body(&truth(keys))).len() > 1);
    told_with("jwks-private", keys, each(|key| key["d"] = "A".repeat(43).into()));
    told_with("jwks-off-curve", keys, each(|key| key["y"] = "A".repeat(43).into()));
    told_with("jwks-other-kid", keys, each(|key| key["kid"] = "another".into()));
    told_with("jwks-kid-missing", keys, each(|key| drop(members(key).remove("kid").unwrap())));
    told_with("jwks-empty", keys, |set| set["keys"] = json!([]));
    let first = |key: Value| move |set: &mut Value| set["keys"].as_array_mut().unwrap().insert(0, key);
    told_with(
        "jwks-secret",
        keys,
        first(json!({ "kty": "oct", "kid": "secret", "alg": "HS256", "k": "c2VjcmV0" })),
    );
    let weak = json!({ "kty": "RSA", "kid": "weak", "alg": "RS256", "n": "A".repeat(86), "e": "AQ" });
    told_with("jwks-weak", keys, first(weak));
    told_with("jwks-unknown", keys, |set| {
        let keys = set["keys"].as_array_mut().unwrap();
        keys.insert(0, json!({ "kty": "AKP", "kid": "quantum", "alg": "ML-DSA-44", "pub": "AA" }));
        keys.insert(0, json!({ "kty": "EC", "kid": "no-coordinates", "crv": "P-256" }));
        keys.insert(0, json!(5));
    });
    told_with("jwks-many", keys, |set| {
        let decoy = json!({ "kty": "OKP", "crv": "Ed25519", "x": "A".repeat(43) });
        set["keys"].as_array_mut().unwrap().extend(vec![decoy; 10_000]);
    });
}

#[test]
fn a_decoy_has_the_name_of_a_key_and_is_another() {
    let right = all(&body(&truth(keys)));
    let same = all(&body(&lie("jwks-same-kid", keys)));
    assert_eq!((same.len(), &same[1..]), (right.len() + 1, &right[..]));
    assert!(
        same[0]["kid"] == right[0]["kid"] && same[0]["x"] != right[0]["x"] && same[0]["y"] != right[0]["y"]
    );
    let decoys = all(&body(&lie("jwks-decoys", keys)));
    assert_eq!(decoys.len(), 2 * right.len());
    for (pair, key) in decoys.chunks(2).zip(&right) {
        assert_eq!((&pair[1], &pair[0]["kid"]), (key, &key["kid"]));
        let (kty, alg) = if key["kty"] == "EC" { ("OKP", "EdDSA") } else { ("EC", "ES256") };
        assert_eq!((&pair[0]["kty"], &pair[0]["alg"]), (&kty.into(), &alg.into()));
    }
    let another = all(&body(&lie("jwks-another-key", keys)));
    assert_eq!((another.len(), &another[right.len()..]), (2 * right.len(), &right[..]));
    for (other, key) in another.iter().zip(&right) {
        assert_eq!((&other["kid"], &other["kty"]), (&"another".into(), &key["kty"]));
        assert_eq!(other["x"] != key["x"], key["kty"] != "RSA", "{other}");
    }
}

#[test]
fn a_device_is_given_its_page_by_another_name() {
    let device: Ask =
        |sandbox| sandbox.answer(&post("/oauth/device_authorization", &[("client_id", "native")]), NOW);
    told_with("verification-url", device, |body| {
        let url = members(body).remove("verification_uri").unwrap();
        body["verification_url"] = url;
    });
}

#[test]
fn a_challenge_is_written_in_odd_case_or_leads_to_other_metadata() {
    let refused: Ask = |sandbox| profile(sandbox, "unknown", NOW).response;
    let challenge = |response: &Response| header(response, "www-authenticate").unwrap().to_owned();
    let right = challenge(&truth(refused));
    let (before, place) = right.split_once("resource_metadata=").unwrap();
    assert!(right.contains("Bearer") && right.contains("error="), "{right}");
    let odd = challenge(&lie("api-challenge-odd-case", refused));
    assert_eq!(odd, right.replace("Bearer", "bEARER").replace("error=", "ERROR="));
    for (name, expected) in [
        ("api-metadata-foreign", "https://attacker.example/.well-known/oauth-protected-resource"),
        ("api-metadata-http", "http://api.example/.well-known/oauth-protected-resource"),
        ("api-metadata-file", "file:///etc/passwd"),
        ("api-metadata-private", "http://169.254.169.254/latest/meta-data/"),
    ] {
        let wrong = challenge(&lie(name, refused));
        assert_eq!(wrong, format!("{before}resource_metadata=\"{expected}\""), "{name}");
    }
    let wrong = challenge(&lie("api-metadata-elsewhere", refused));
    let path = place.trim_matches('"').splitn(4, '/').nth(3).unwrap();
    assert!(path.contains(".well-known/"), "{place}");
    assert_eq!(wrong, format!("{before}resource_metadata=\"https://docs.example/{path}\""));
    // Space's own says nothing of metadata: there it is added.
    let mut space = demo();
    let plain = challenge(&refused(&mut space));
    assert!(!plain.contains("resource_metadata"), "{plain}");
    space.misbehave("api-metadata-file".parse().unwrap());
    let wrong = challenge(&refused(&mut space));
    assert_eq!(wrong, format!("{plain}, resource_metadata=\"file:///etc/passwd\""));
}
