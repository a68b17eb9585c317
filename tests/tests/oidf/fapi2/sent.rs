//! What the suite asserts of everything that the client sends.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use valetkey_core::Request;

use super::suite::{Authentication, CALLBACK, CLIENT, Constraint, ISSUER, MTLS, Suite};

/// The algorithms of FAPI 2.0 Security Profile §5.4.1.
const ALGORITHMS: [&str; 3] = ["PS256", "ES256", "EdDSA"];

/// Holds everything that was sent to the profile, and counts the requests of each endpoint.
pub(crate) fn assert_conformant(suite: &Suite) {
    let mut jtis = BTreeSet::new();
    let mut challenge = suite.visited.iter().find_map(|url| by_value(suite, url, &mut jtis));
    let mut nonces = HashMap::new();
    for request in &suite.sent {
        let path = request.uri().path();
        let origin = format!("https://{}", request.uri().authority().unwrap());
        match path {
            "/oauth/par" | "/oauth/token" => {
                assert_eq!(request.method(), "POST");
                assert_eq!(request.uri().query(), None, "a form is in the body");
                assert_certificate_endpoint(suite, &origin);
                let form = pairs(request.body());
                assert_authenticated(suite, request, &form, &mut jtis);
                if path == "/oauth/par" {
                    challenge = Some(assert_pushed(suite, &form, &mut jtis));
                } else if let Some(verifier) = find(&form, "code_verifier") {
                    assert_eq!(find(&form, "grant_type").unwrap(), "authorization_code");
                    assert_eq!(find(&form, "redirect_uri").unwrap(), CALLBACK);
                    assert_eq!(Some(sha256(&verifier)), challenge, "the verifier of this very request");
                }
                assert_proof(suite, request, None, &mut jtis, &mut nonces);
            }
            "/api/http/absences" => {
                let scheme = if suite.variant.constraint == Constraint::Dpop { "DPoP" } else { "Bearer" };
                let authorization = request.headers()["authorization"].to_str().unwrap();
                let token = authorization.strip_prefix(scheme).unwrap().trim();
                assert_eq!(request.uri().query(), Some("from=2026-11-24"), "no token in the URL");
                assert!(request.body().is_empty());
                assert_proof(suite, request, Some(token), &mut jtis, &mut nonces);
            }
            _ => {
                assert_eq!(request.method(), "GET");
                assert!(request.body().is_empty() && !request.headers().contains_key("authorization"));
            }
        }
    }
    for url in &suite.visited {
        let query = pairs(url.split_once('?').unwrap().1.as_bytes());
        let names: BTreeSet<&str> = query.iter().map(|(name, _)| name.as_str()).collect();
        let expected: &[&str] = if suite.variant.by_value {
            // OpenID Connect Core §6.1: what an OpenID provider reads of a request before it reads its object.
            &["client_id", "request", "response_type", "scope"]
        } else {
            &["client_id", "request_uri"]
        };
        assert_eq!(names, expected.iter().copied().collect(), "only these are in the browser");
        assert_eq!(find(&query, "client_id").as_deref(), Some(CLIENT));
    }
}

/// RFC 8705 §5: who shows a certificate goes where it is asked for.
fn assert_certificate_endpoint(suite: &Suite, origin: &str) {
    let aliased = suite.sandbox.settings().mtls_origin.is_some() && suite.variant.shows_certificate();
    assert_eq!(origin, if aliased { MTLS } else { ISSUER });
}

/// FAPI 2.0 §5.3.3.1, RFC 7523 §3: `iss` and `sub` are the client, `aud` is the issuer as one string, `jti` is never used
/// again, and it expires within a day (here: within five minutes).
fn assert_authenticated(
    suite: &Suite,
    request: &Request,
    form: &[(String, String)],
    jtis: &mut BTreeSet<String>,
) {
    assert!(!request.headers().contains_key("authorization"));
    assert_eq!(find(form, "client_secret"), None);
    assert!(find(form, "client_id").is_none_or(|id| id == CLIENT));
    let assertion = find(form, "client_assertion");
    if suite.variant.authentication == Authentication::Mtls {
        assert_eq!((assertion, find(form, "client_id").as_deref()), (None, Some(CLIENT)));
        return;
    }
    assert_eq!(
        find(form, "client_assertion_type").unwrap(),
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    let (header, claims) = jwt(&assertion.unwrap());
    assert!(ALGORITHMS.contains(&header["alg"].as_str().unwrap()));
    assert_eq!((&claims["iss"], &claims["sub"]), (&Value::from(CLIENT), &Value::from(CLIENT)));
    assert_eq!(claims["aud"], ISSUER, "a plain string");
    let (iat, exp) = (claims["iat"].as_u64().unwrap(), claims["exp"].as_u64().unwrap());
    assert!(iat <= suite.now.as_secs() && exp > iat && exp - iat <= 300, "{claims}");
    assert!(jtis.insert(text(&claims, "jti")), "a jti is used once");
}

/// FAPI 2.0 §5.3.3.2: what is pushed, plain or in a request object. Gives the challenge.
fn assert_pushed(suite: &Suite, form: &[(String, String)], jtis: &mut BTreeSet<String>) -> String {
    assert_eq!(find(form, "request_uri"), None);
    if !suite.variant.signed {
        assert_eq!(find(form, "request"), None);
        return assert_request(suite, &|name| find(form, name));
    }
    let beside = ["client_id", "request", "client_assertion", "client_assertion_type"];
    assert!(form.iter().all(|(name, _)| beside.contains(&name.as_str())), "all is in the object: {form:?}");
    assert_object(suite, &find(form, "request").unwrap(), jtis)
}

/// FAPI 1.0 Advanced §5.2.3: the signed request in the URL, if it is there. Gives the challenge.
fn by_value(suite: &Suite, url: &str, jtis: &mut BTreeSet<String>) -> Option<String> {
    let query = pairs(url.split_once('?')?.1.as_bytes());
    Some(assert_object(suite, &find(&query, "request")?, jtis))
}

/// A request object, FAPI 2.0 Message Signing §5.3.2 and FAPI 1.0 Advanced §5.2.2. Gives the challenge.
fn assert_object(suite: &Suite, object: &str, jtis: &mut BTreeSet<String>) -> String {
    let (header, claims) = jwt(object);
    assert!(ALGORITHMS.contains(&header["alg"].as_str().unwrap()));
    assert_eq!(header["typ"], "oauth-authz-req+jwt");
    assert_eq!((&claims["iss"], &claims["aud"]), (&Value::from(CLIENT), &Value::from(ISSUER)));
    assert!(
        claims.get("sub").is_none() && claims.get("request").is_none() && claims.get("request_uri").is_none()
    );
    let (nbf, exp) = (claims["nbf"].as_u64().unwrap(), claims["exp"].as_u64().unwrap());
    assert!(
        nbf <= suite.now.as_secs() && exp - nbf <= 3600,
        "FAPI 2.0 Message Signing §5.3.2: an hour at most"
    );
    if let Some(jti) = claims.get("jti").and_then(Value::as_str) {
        // A request that is pushed again for a nonce's sake is the same request.
        jtis.insert(jti.to_owned());
    }
    assert_request(suite, &|name| claims.get(name).and_then(Value::as_str).map(str::to_owned))
}

fn assert_request(suite: &Suite, member: &dyn Fn(&str) -> Option<String>) -> String {
    assert_eq!(member("response_type").unwrap(), suite.variant.response_type().name());
    let scope = member("scope").unwrap();
    assert_eq!(scope.split(' ').any(|token| token == "openid"), suite.variant.openid);
    assert_eq!(member("nonce").is_some_and(|nonce| nonce.len() >= 22), suite.variant.openid);
    assert_eq!(member("client_id").unwrap(), CLIENT);
    assert_eq!(member("redirect_uri").unwrap(), CALLBACK);
    assert_eq!(member("code_challenge_method").unwrap(), "S256");
    assert!(member("state").unwrap().len() >= 22, "128 bits or more");
    member("code_challenge").unwrap()
}

/// RFC 9449 §4.2, §4.3: what the suite checks of each proof.
fn assert_proof(
    suite: &Suite,
    request: &Request,
    token: Option<&str>,
    jtis: &mut BTreeSet<String>,
    nonces: &mut HashMap<bool, usize>,
) {
    let mut proofs = request.headers().get_all("dpop").iter();
    let proof = proofs.next();
    assert!(proofs.next().is_none(), "one proof, or none");
    if suite.variant.constraint == Constraint::Mtls {
        assert!(proof.is_none());
        return;
    }
    let (header, claims) = jwt(proof.unwrap().to_str().unwrap());
    let members: Vec<&str> = header.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["alg", "jwk", "typ"]);
    assert_eq!((&header["typ"], &header["alg"]), (&Value::from("dpop+jwt"), &Value::from("ES256")));
    let jwk: Vec<&str> = header["jwk"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(jwk, ["crv", "kty", "x", "y"], "the public key only");
    assert_eq!(claims["htm"], request.method().as_str());
    let url = request.uri().to_string();
    assert_eq!(claims["htu"], url.split('?').next().unwrap(), "byte by byte, without the query");
    assert!(claims["iat"].as_u64().unwrap().abs_diff(suite.now.as_secs()) <= 60);
    assert_eq!(claims.get("ath").and_then(Value::as_str), token.map(sha256).as_deref());
    assert!(text(&claims, "jti").len() >= 16, "96 bits or more");
    assert!(jtis.insert(text(&claims, "jti")), "a jti is used once");
    // Only the first proof for the server, and the first for the API, can be without a nonce where nonces are wanted.
    let earlier = nonces.entry(token.is_some()).or_insert(0);
    let wanted = suite.sandbox.settings().dpop_nonces.is_some() && *earlier > 0;
    assert_eq!(claims.get("nonce").is_some(), wanted, "{claims}");
    *earlier += 1;
}

fn jwt(compact: &str) -> (Value, Value) {
    let parts: Vec<&str> = compact.split('.').collect();
    assert_eq!(parts.len(), 3);
    let read = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    (read(parts[0]), read(parts[1]))
}

fn text(claims: &Value, name: &str) -> String {
    claims[name].as_str().unwrap().to_owned()
}

fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

fn pairs(form: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(form).into_owned().collect()
}

/// A parameter, which comes once.
fn find(pairs: &[(String, String)], name: &str) -> Option<String> {
    let mut values = pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone());
    let value = values.next();
    assert_eq!(values.next(), None, "{name} comes once");
    value
}
