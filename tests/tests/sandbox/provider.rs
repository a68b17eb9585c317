//! The sandbox as an OpenID provider: what its ID tokens and its UserInfo say, read by another library than valetkey's.

use serde_json::{Value, json};
use valetkey_sandbox::{Application, Arrival, FlowKind, Rights, Sandbox, SigningAlgorithm, User};

use crate::key::{Key, sha256};
use crate::metadata::{ISSUER, modern};
use crate::pushed::{by_name, push};
use crate::support::*;

const OPENID: (&str, &str) = ("scope", "openid");
const USERINFO: &str = "/oauth/userinfo";

/// A login of Alice's by the web application, and the claims of its ID token.
fn logged_in(sandbox: &mut Sandbox, changes: Pairs<'_>) -> (Answer, Value) {
    let answer = tokens(sandbox, "alice", &with(&[OPENID], changes));
    let (header, claims) = verified(sandbox, answer.text("id_token"));
    assert_eq!(header.typ.as_deref(), Some("JWT"));
    (answer, claims)
}

/// What a person's browser is sent back with for a request.
fn error(sandbox: &mut Sandbox, changes: Pairs<'_>) -> Option<String> {
    let response = ask(sandbox, &with(REQUEST, &with(&[OPENID], changes)));
    Arrival::after(&response).unwrap().parameter("error")
}

fn userinfo(sandbox: &mut Sandbox, scheme: &str, token: &str) -> Answer {
    let request = with_header(get(USERINFO), "authorization", &format!("{scheme} {token}"));
    Answer::of(sandbox.answer(&request, NOW))
}

/// OpenID Connect Core §2 and §3.1.3.6.
#[test]
fn an_id_token_says_who_logged_in() {
    let mut sandbox = modern();
    let (answer, claims) = logged_in(&mut sandbox, &[("nonce", "n-0S6_WzA2Mj")]);
    assert_eq!(answer.text("scope"), "openid");
    let now = NOW.as_secs();
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["sub"], sandbox.user_id("alice"));
    assert_eq!(claims["aud"], "web");
    assert_eq!(
        (&claims["iat"], &claims["exp"], &claims["auth_time"]),
        (&json!(now), &json!(now + 600), &json!(now))
    );
    assert_eq!(claims["nonce"], "n-0S6_WzA2Mj");
    let hash = sha256(answer.text("access_token"));
    // Half of 32 bytes are 21 characters and a part of one.
    assert_eq!(claims["at_hash"].as_str().unwrap()[..21], hash[..21]);
    assert!(!claims["sid"].as_str().unwrap().is_empty());
    for absent in ["acr", "amr", "azp", "name", "email", "updated_at"] {
        assert!(claims[absent].is_null(), "{absent}");
    }
    let other = logged_in(&mut sandbox, &[]).1;
    assert!(other["nonce"].is_null() && other["sid"] != claims["sid"]);
}

/// Who does not ask is not told: the scope of all rights is about rights.
#[test]
fn without_the_scope_openid_there_is_no_id_token() {
    let mut sandbox = modern();
    for scope in ["**", ISSUES, "email profile"] {
        let answer = tokens(&mut sandbox, "alice", &[("scope", scope), ("nonce", "n"), ("claims", "}")]);
        assert_eq!((answer.text("scope"), answer.text("id_token")), (scope, ""));
        assert_eq!(userinfo(&mut sandbox, "Bearer", answer.text("access_token")).status, 403, "{scope}");
    }
    let mut space = demo();
    assert_eq!(tokens(&mut space, "alice", &[OPENID]).text("id_token"), "");
    assert_eq!(space.answer(&get(USERINFO), NOW).status(), 404);
}

/// Whatever a person may do, who they are they may say; and in the claims of a scope, as people change them.
#[test]
fn everybody_may_say_who_they_are() {
    let mut sandbox = modern();
    sandbox.add_user(
        User::new("eve", "e").display_name("Eve").email("eve@elsewhere.example").rights(Rights::none()),
    );
    let request = with(REQUEST, &[("scope", "openid profile email global:Profile.View")]);
    let url = authorization_url(&sandbox, &request);
    let arrival = sandbox.visit(&url, &valetkey_sandbox::Person::new("eve", "e"), NOW).unwrap();
    let code = arrival.parameter("code").unwrap();
    let answer = token(&mut sandbox, By::Basic("web"), &redeeming(&code), NOW);
    assert_eq!(answer.text("scope"), "email openid profile");
    let (_, claims) = verified(&mut sandbox, answer.text("id_token"));
    assert_eq!((&claims["name"], &claims["given_name"]), (&json!("Eve"), &json!("Eve")));
    assert_eq!(
        (&claims["email"], &claims["email_verified"]),
        (&json!("eve@elsewhere.example"), &json!(true))
    );
    assert_eq!(profile(&mut sandbox, answer.text("access_token"), NOW).status, 403);
}

/// OpenID Connect Core §3.1.2.1 and §5.5, however the request travels.
#[test]
fn what_the_request_wants_of_the_login_is_honoured() {
    let mut sandbox = modern();
    let claims = logged_in(&mut sandbox, &[("acr_values", "mfa"), ("max_age", "60")]).1;
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("mfa"), &json!(["pwd", "otp", "mfa"])));
    let wanted =
        r#"{"id_token":{"acr":{"essential":true,"values":["mfa"]},"email":null},"userinfo":{"name":null}}"#;
    let (answer, claims) = logged_in(&mut sandbox, &[("claims", wanted)]);
    assert_eq!((&claims["acr"], &claims["email"]), (&json!("mfa"), &json!("alice@example.com")));
    assert!(claims["name"].is_null());
    let about = userinfo(&mut sandbox, "Bearer", answer.text("access_token"));
    assert_eq!(about.body, json!({ "sub": claims["sub"], "name": "Alice Archer" }));
    for bad in ["[]", "}", r#"{"id_token":5}"#] {
        assert_eq!(error(&mut sandbox, &[("claims", bad)]).as_deref(), Some("invalid_request"), "{bad}");
    }
    assert_eq!(error(&mut sandbox, &[("prompt", "none")]).as_deref(), Some("login_required"));
    assert_eq!(error(&mut sandbox, &[("prompt", "none login")]).as_deref(), Some("invalid_request"));
    sandbox.sign_in("alice");
    assert_eq!(error(&mut sandbox, &[("prompt", "none")]), None);
    assert_eq!(
        error(&mut sandbox, &[("prompt", "none"), ("max_age", "60")]).as_deref(),
        Some("login_required")
    );
    let about = |subject: &str| json!({ "id_token": { "sub": { "value": subject } } }).to_string();
    let alice = about(&sandbox.user_id("alice"));
    assert_eq!(error(&mut sandbox, &[("claims", &alice)]), None);
    let bob = about(&sandbox.user_id("bob"));
    assert_eq!(error(&mut sandbox, &[("claims", &bob)]).as_deref(), Some("login_required"));
}

#[test]
fn a_request_that_is_pushed_or_signed_asks_for_the_same() {
    let mut sandbox = modern();
    let pushed = push(&mut sandbox, &[OPENID, ("nonce", "pushed"), ("acr_values", "mfa")]);
    let arrival = arrive(&mut sandbox, "alice", &by_name(pushed.text("request_uri")));
    let code = arrival.parameter("code").unwrap();
    let answer = token(&mut sandbox, By::Basic("web"), &redeeming(&code), NOW);
    let (_, claims) = verified(&mut sandbox, answer.text("id_token"));
    assert_eq!((&claims["nonce"], &claims["acr"]), (&json!("pushed"), &json!("mfa")));

    let signer = Application::confidential("signer", "s").flow(FlowKind::AuthorizationCode).redirect_uri(WEB);
    let keys = json!({ "keys": [Key::es256().public()] });
    sandbox.add_application(signer.may_request(Rights::All).keys(&keys));
    let mut object = json!({
        "iss": "signer", "aud": ISSUER, "exp": NOW.as_secs() + 60, "iat": NOW.as_secs(), "max_age": 60,
        "claims": { "id_token": { "email": null } },
    });
    for (name, value) in with(REQUEST, &[("client_id", "signer"), OPENID, ("nonce", "signed")]) {
        object[name] = json!(value);
    }
    let object = Key::es256().sign("oauth-authz-req+jwt", &object, |_| {});
    let beside = [("response_type", "code"), OPENID];
    let signed = with(&[("client_id", "signer"), ("request", &object)], &beside);
    let arrival = arrive(&mut sandbox, "alice", &signed);
    let code = arrival.parameter("code").unwrap();
    let answer = token(&mut sandbox, By::Basic("signer"), &redeeming(&code), NOW);
    let (_, claims) = verified(&mut sandbox, answer.text("id_token"));
    assert_eq!((&claims["nonce"], &claims["email"]), (&json!("signed"), &json!("alice@example.com")));
}

/// OpenID Connect Core §12.2.
#[test]
fn a_renewal_brings_an_id_token_of_the_same_login() {
    let mut sandbox = modern();
    sandbox.settings_mut().rotation = valetkey_sandbox::Rotation::On;
    let (answer, first) = logged_in(&mut sandbox, &[("nonce", "n"), ("acr_values", "mfa")]);
    let mut token = answer.text("refresh_token").to_owned();
    for seconds in [700, 1400] {
        let renewed = refresh(&mut sandbox, &token, after(seconds));
        let (_, claims) = verified(&mut sandbox, renewed.text("id_token"));
        assert_eq!(claims["iat"], NOW.as_secs() + seconds);
        assert!(claims["nonce"].is_null() && claims["at_hash"] != first["at_hash"]);
        for same in ["iss", "sub", "aud", "auth_time", "sid", "acr"] {
            assert_eq!(claims[same], first[same], "{same}");
        }
        token = renewed.text("refresh_token").to_owned();
    }
}

#[test]
fn a_device_is_told_who_approved_it() {
    let mut sandbox = modern();
    let pairs = [("client_id", "native"), ("scope", "openid email")];
    let begun = Answer::of(sandbox.answer(&post("/oauth/device_authorization", &pairs), NOW));
    assert!(sandbox.approve_device(begun.text("user_code"), "bob"));
    let kind = "urn:ietf:params:oauth:grant-type:device_code";
    let pairs = [("grant_type", kind), ("device_code", begun.text("device_code"))];
    let answer = token(&mut sandbox, By::Public("native"), &pairs, NOW);
    let (_, claims) = verified(&mut sandbox, answer.text("id_token"));
    assert_eq!((&claims["sub"], &claims["aud"]), (&json!(sandbox.user_id("bob")), &json!("native")));
    assert_eq!(claims["email"], "bob@example.com");
    let about = userinfo(&mut sandbox, "Bearer", answer.text("access_token"));
    assert_eq!(about.body["sub"], claims["sub"]);
}

/// By what the server signs, by what the application is registered for, and by its secret.
#[test]
fn each_algorithm_signs() {
    let mut sandbox = modern();
    let all =
        [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa, SigningAlgorithm::Rs256, SigningAlgorithm::Ps256];
    let names = ["ES256", "EdDSA", "RS256", "PS256"];
    for (algorithm, name) in all.into_iter().zip(names) {
        sandbox.settings_mut().signing_algorithm = algorithm;
        let (answer, claims) = logged_in(&mut sandbox, &[]);
        let header = jsonwebtoken::decode_header(answer.text("id_token")).unwrap();
        assert_eq!(format!("{:?}", header.alg), name);
        let length = if name == "EdDSA" { 43 } else { 22 };
        assert_eq!(claims["at_hash"].as_str().unwrap().len(), length, "{name}");
    }
    let web = |sandbox: &Sandbox| {
        Application::confidential("web", sandbox.client_secret("web").unwrap())
            .flow(FlowKind::AuthorizationCode)
            .redirect_uri(WEB)
            .may_request(Rights::All)
    };
    sandbox.add_application(web(&sandbox).id_token_algorithm(SigningAlgorithm::Es256));
    let answer = logged_in(&mut sandbox, &[]).0;
    let header = jsonwebtoken::decode_header(answer.text("id_token")).unwrap();
    assert_eq!(header.alg, jsonwebtoken::Algorithm::ES256);
    sandbox.add_application(web(&sandbox).id_tokens_by_secret());
    let answer = tokens(&mut sandbox, "alice", &[OPENID]);
    let header = jsonwebtoken::decode_header(answer.text("id_token")).unwrap();
    assert_eq!((header.alg, header.kid), (jsonwebtoken::Algorithm::HS256, None));
    let mut validation = jsonwebtoken::Validation::new(header.alg);
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let secret = sandbox.client_secret("web").unwrap().as_bytes();
    let key = jsonwebtoken::DecodingKey::from_secret(secret);
    assert!(jsonwebtoken::decode::<Value>(answer.text("id_token"), &key, &validation).is_ok());
}

/// OpenID Connect Core §5.3.
#[test]
fn userinfo_is_asked_with_an_access_token() {
    let mut sandbox = modern();
    let (answer, claims) = logged_in(&mut sandbox, &[("scope", "openid profile email")]);
    let access_token = answer.text("access_token").to_owned();
    let about = userinfo(&mut sandbox, "Bearer", &access_token);
    assert_eq!((about.status, about.header("content-type")), (200, "application/json"));
    let expected = json!({
        "sub": claims["sub"], "name": "Alice Archer", "given_name": "Alice", "family_name": "Archer",
        "preferred_username": "alice", "updated_at": 1_600_000_000, "email": "alice@example.com",
        "email_verified": true,
    });
    assert_eq!(about.body, expected);
    let posted = with_header(post(USERINFO, &[]), "authorization", &format!("Bearer {access_token}"));
    assert_eq!(Answer::of(sandbox.answer(&posted, NOW)).body, expected);

    let put = http::Request::put(USERINFO).body(Vec::new()).unwrap();
    assert_eq!(sandbox.answer(&put, NOW).status(), 405);
    assert_eq!(sandbox.answer(&get(USERINFO), NOW).status(), 401);
    assert_eq!(userinfo(&mut sandbox, "Bearer", "unknown").status, 401);
    assert_eq!(userinfo(&mut sandbox, "DPoP", &access_token).status, 401);
    let in_query = get(&format!("{USERINFO}?access_token={access_token}"));
    assert_eq!(sandbox.answer(&in_query, NOW).status(), 400);
    let chatbot = sandbox.permanent_token_of_application("chatbot");
    let refused = userinfo(&mut sandbox, "Bearer", &chatbot);
    assert_eq!(refused.status, 403);
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"openid\"";
    assert_eq!(refused.header("www-authenticate"), challenge);
    // The API wants more of a login than UserInfo does.
    sandbox.settings_mut().api_acr_values = Some("mfa".to_owned());
    assert_eq!(userinfo(&mut sandbox, "Bearer", &access_token).status, 200);
}

#[test]
fn a_bound_token_asks_userinfo_with_its_proof() {
    let mut sandbox = modern();
    let key = Key::es256();
    let proof = |claims: Value| key.proof(&claims);
    let now = NOW.as_secs();
    let code = code(&mut sandbox, "alice", &[OPENID]);
    let redeemed =
        proof(json!({ "htm": "POST", "htu": format!("{ISSUER}/oauth/token"), "iat": now, "jti": "1" }));
    let request = with_header(post("/oauth/token", &redeeming(&code)), "dpop", &redeemed);
    let answer = as_web(&mut sandbox, request);
    let access_token = answer.text("access_token").to_owned();
    assert_eq!(userinfo(&mut sandbox, "Bearer", &access_token).status, 401);
    let asked = json!({
        "htm": "GET", "htu": format!("{ISSUER}{USERINFO}"), "iat": now, "jti": "2", "ath": sha256(&access_token),
    });
    let request = with_header(get(USERINFO), "authorization", &format!("DPoP {access_token}"));
    let about = Answer::of(sandbox.answer(&with_header(request, "dpop", &proof(asked)), NOW));
    assert_eq!(about.text("sub"), sandbox.user_id("alice"));
}

/// OpenID Connect Core §5.3.2: signed, it says by whom it is and for whom.
#[test]
fn userinfo_is_signed_where_that_is_registered() {
    let mut sandbox = modern();
    let secret = sandbox.client_secret("web").unwrap().to_owned();
    let web = Application::confidential("web", &secret).flow(FlowKind::AuthorizationCode).redirect_uri(WEB);
    sandbox.add_application(web.may_request(Rights::All).userinfo_algorithm(SigningAlgorithm::Rs256));
    let (answer, claims) = logged_in(&mut sandbox, &[]);
    let about = userinfo(&mut sandbox, "Bearer", answer.text("access_token"));
    assert_eq!((about.status, about.header("content-type")), (200, "application/jwt"));
    let token = String::from_utf8(about.response.into_body()).unwrap();
    let (header, about) = verified(&mut sandbox, &token);
    assert_eq!(header.alg, jsonwebtoken::Algorithm::RS256);
    assert_eq!(about, json!({ "iss": ISSUER, "aud": "web", "sub": claims["sub"] }));
}

/// OpenID Connect Discovery §3.
#[test]
fn the_metadata_are_those_of_an_openid_provider() {
    let mut sandbox = modern();
    let metadata = Answer::of(sandbox.answer(&get("/.well-known/openid-configuration"), NOW)).body;
    assert_eq!(metadata["userinfo_endpoint"], format!("{ISSUER}{USERINFO}"));
    assert_eq!(metadata["scopes_supported"], json!(["openid", "profile", "email"]));
    assert_eq!(metadata["subject_types_supported"], json!(["public"]));
    let signed = json!(["ES256", "EdDSA", "RS256", "PS256", "HS256"]);
    assert_eq!(metadata["id_token_signing_alg_values_supported"], signed);
    assert_eq!(
        metadata["userinfo_signing_alg_values_supported"],
        json!(["ES256", "EdDSA", "RS256", "PS256"])
    );
    assert_eq!(metadata["claims_parameter_supported"], true);
    let (_, claims) =
        logged_in(&mut sandbox, &[("scope", "openid profile email"), ("nonce", "n"), ("acr_values", "mfa")]);
    let said: std::collections::BTreeSet<&str> =
        claims.as_object().unwrap().keys().map(String::as_str).collect();
    let listed = metadata["claims_supported"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(said, listed);
}

/// JK-3: a key of another name, and another key of the same name.
#[test]
fn the_keys_change_at_the_worst_time() {
    let mut sandbox = modern();
    let keys = |sandbox: &mut Sandbox| {
        Answer::of(sandbox.answer(&get("/oauth/jwks.json"), NOW)).body["keys"].clone()
    };
    sandbox.settings_mut().rotates_before_signing = true;
    let before = keys(&mut sandbox);
    let (answer, _) = logged_in(&mut sandbox, &[]);
    let header = jsonwebtoken::decode_header(answer.text("id_token")).unwrap();
    assert!(before.as_array().unwrap().iter().all(|key| key["kid"].as_str() != header.kid.as_deref()));

    sandbox.settings_mut().rotates_before_signing = false;
    let before = keys(&mut sandbox);
    sandbox.replace_keys();
    let after = keys(&mut sandbox);
    for (old, new) in before.as_array().unwrap().iter().zip(after.as_array().unwrap()) {
        assert_eq!((&old["kid"], &old["alg"]), (&new["kid"], &new["alg"]));
        // The key for what is encrypted to the server stays.
        assert_eq!(old["use"] == "enc", (&old["x"], &old["n"]) == (&new["x"], &new["n"]));
    }
    logged_in(&mut sandbox, &[]);
}

/// OpenID Connect Discovery §2.1: by an email address, and by the URL of a person.
#[test]
fn the_issuer_of_a_person_is_found() {
    const REL: &str = "http://openid.net/specs/connect/1.0/issuer";
    let mut sandbox = modern();
    let mut finger = |pairs: Pairs<'_>| {
        Answer::of(sandbox.answer(&get(&format!("/.well-known/webfinger?{}", encode(pairs))), NOW))
    };
    for resource in ["acct:alice@example.com", "https://as.example/alice"] {
        let answer = finger(&[("resource", resource), ("rel", REL)]);
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/jrd+json"));
        assert_eq!(answer.body, json!({ "subject": resource, "links": [{ "rel": REL, "href": ISSUER }] }));
        assert_eq!(finger(&[("resource", resource)]).body["links"][0]["href"], ISSUER);
        assert_eq!(finger(&[("resource", resource), ("rel", "avatar")]).body["links"], json!([]));
    }
    for resource in
        ["acct:carol@example.com", "alice@example.com", "https://as.example/", "https://other.example/alice"]
    {
        assert_eq!(finger(&[("resource", resource)]).status, 404, "{resource}");
    }
    assert_eq!(finger(&[]).status, 400);
    assert_eq!(finger(&[("resource", "")]).status, 400);
    assert_eq!(
        finger(&[("resource", "acct:alice@example.com"), ("resource", "acct:bob@example.com")]).status,
        400
    );
}

/// OpenID Connect Core §5.6.2: along with UserInfo, or where it says, by the token that is only for there.
#[test]
fn claims_are_left_to_another_source() {
    let mut sandbox = modern();
    let token =
        tokens(&mut sandbox, "alice", &[("scope", "openid profile email")]).text("access_token").to_owned();
    let source = |answer: &Answer| {
        assert!(answer.body["email"].is_null() && answer.body["email_verified"].is_null());
        assert_eq!(answer.body["_claim_names"], json!({ "email": "source", "email_verified": "source" }));
        assert_eq!(answer.body["name"], "Alice Archer");
        answer.body["_claim_sources"]["source"].clone()
    };
    let is_alices = |claims: &Value| {
        assert_eq!(
            claims,
            &json!({
                "iss": "https://claims.example", "email": "alice@example.com", "email_verified": true,
            })
        );
    };
    sandbox.misbehave_once("userinfo-aggregated".parse().unwrap());
    let aggregated = source(&userinfo(&mut sandbox, "Bearer", &token));
    is_alices(&verified(&mut sandbox, aggregated["JWT"].as_str().unwrap()).1);

    sandbox.misbehave_once("userinfo-distributed".parse().unwrap());
    let distributed = source(&userinfo(&mut sandbox, "Bearer", &token));
    assert_eq!(distributed["endpoint"], "https://claims.example/oauth/claims");
    let mut fetch = |credential: &str| {
        let request = with_header(get("/oauth/claims"), "authorization", credential);
        Answer::of(sandbox.answer(&request, NOW))
    };
    let answer = fetch(&format!("Bearer {}", distributed["access_token"].as_str().unwrap()));
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/jwt"));
    for credential in [&*format!("Bearer {token}"), "Bearer claims-of-", "Basic eDp5"] {
        let refused = fetch(credential);
        assert_eq!(
            (refused.status, refused.header("www-authenticate")),
            (401, r#"Bearer error="invalid_token""#)
        );
    }
    is_alices(&verified(&mut sandbox, std::str::from_utf8(answer.response.body()).unwrap()).1);
}
