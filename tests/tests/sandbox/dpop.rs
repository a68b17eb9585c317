//! DP: proofs of possession, and tokens that are worth nothing without them.

use std::time::Duration;

use serde_json::{Value, json};
use valetkey_core::Request;
use valetkey_sandbox::{Application, FlowKind, Rights, Sandbox};

use crate::introspection::introspect;
use crate::key::{Key, sha256};
use crate::metadata::modern;
use crate::pushed::{by_name, push};
use crate::support::*;

const TOKEN: &str = "https://as.example/oauth/token";
const ME: &str = "https://as.example/api/http/team-directory/profiles/me";

/// The claims of a proof for the token endpoint; `jti` is the caller's.
fn claims(jti: &str) -> Value {
    json!({ "htm": "POST", "htu": TOKEN, "iat": NOW.as_secs(), "jti": jti })
}

fn api_claims(jti: &str, access_token: &str) -> Value {
    json!({ "htm": "GET", "htu": ME, "iat": NOW.as_secs(), "jti": jti, "ath": sha256(access_token) })
}

fn with_claim(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn credentials(proof: &str) -> Request {
    let request = post("/oauth/token", &[("grant_type", "client_credentials")]);
    with_header(request, "dpop", proof)
}

fn as_chatbot(sandbox: &mut Sandbox, request: Request) -> Answer {
    let secret = sandbox.client_secret("chatbot").unwrap().to_owned();
    Answer::of(sandbox.answer(&basic(request, "chatbot", &secret), NOW))
}

/// A user's token for a key, from the password grant.
pub(crate) fn bound(sandbox: &mut Sandbox, key: &Key, jti: &str) -> Answer {
    let password = valetkey_sandbox::DEMO_USERS[0].1;
    let pairs = [("grant_type", "password"), ("username", "alice"), ("password", password)];
    let proof = key.proof(&claims(jti));
    as_web(sandbox, with_header(post("/oauth/token", &pairs), "dpop", &proof))
}

fn call(sandbox: &mut Sandbox, scheme: &str, access_token: &str, proof: Option<String>) -> Answer {
    let request = get("/api/http/team-directory/profiles/me");
    let request = with_header(request, "authorization", &format!("{scheme} {access_token}"));
    let request = match proof {
        Some(proof) => with_header(request, "dpop", &proof),
        None => request,
    };
    Answer::of(sandbox.answer(&request, NOW))
}

/// TR-7, DP-7: the token is of the type DPoP, and the API wants the proof of its key.
#[test]
fn a_bound_token_needs_its_key() {
    let mut sandbox = modern();
    for key in [Key::es256(), Key::eddsa(), Key::rsa(jsonwebtoken::Algorithm::PS256)] {
        let jti = format!("{:?}", key.algorithm);
        let answer = bound(&mut sandbox, &key, &jti);
        assert_eq!((answer.status, answer.text("token_type")), (200, "DPoP"), "{:?}", answer.body);
        let token = answer.text("access_token");
        let about = introspect(&mut sandbox, token);
        assert_eq!((about.text("token_type"), &about.body["cnf"]["jkt"]), ("DPoP", &key.thumbprint().into()));

        let proof = key.proof(&api_claims(&jti, token));
        let me = call(&mut sandbox, "DPoP", token, Some(proof.clone()));
        assert_eq!((me.status, me.text("username")), (200, "alice"), "{:?}", me.body);
        let replayed = call(&mut sandbox, "DPoP", token, Some(proof));
        assert!(replayed.header("www-authenticate").starts_with("DPoP error=\"invalid_dpop_proof\""));
        let bearer = call(&mut sandbox, "Bearer", token, None);
        assert!(bearer.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""));
        assert_eq!(call(&mut sandbox, "DPoP", token, None).status, 401);
        let other = Key::other().proof(&api_claims(&format!("other {jti}"), token));
        let refused = call(&mut sandbox, "dpop", token, Some(other));
        assert!(refused.header("www-authenticate").starts_with("DPoP error=\"invalid_token\""), "{jti}");
    }
    let unbound = sandbox.permanent_token_of_user("alice");
    let proof = Key::es256().proof(&api_claims("unbound", &unbound));
    assert_eq!(call(&mut sandbox, "DPoP", &unbound, Some(proof)).status, 401);
}

/// DP-1: every claim of a proof is checked, and its header too.
#[test]
fn a_bad_proof_is_refused_at_the_token_endpoint() {
    let mut sandbox = modern();
    let key = Key::es256();
    let now = NOW.as_secs();
    let bad_claims = [
        ("htm", json!("GET")),
        ("htm", json!("post")),
        ("htu", json!("https://as.example/oauth/token?x=1")),
        ("htu", json!("https://as.example/oauth/token/")),
        ("htu", json!("https://AS.example/oauth/token")),
        ("htu", json!("http://as.example/oauth/token")),
        ("htu", Value::Null),
        ("iat", json!(now - 301)),
        ("iat", json!(now + 301)),
        ("iat", json!("now")),
        ("ath", json!(sha256("x"))),
        ("jti", json!("")),
        ("jti", Value::Null),
    ];
    let mut proofs: Vec<String> = bad_claims
        .into_iter()
        .map(|(name, value)| key.proof(&with_claim(claims("bad"), name, value)))
        .collect();
    let good = key.proof(&claims("good"));
    let embedded = Key::other().public();
    proofs.extend([
        "not-a-jwt".to_owned(),
        good.replace('.', ".."),
        format!("{good}="),
        key.sign("JWT", &claims("typ"), |header| header.jwk = serde_json::from_value(key.public()).ok()),
        key.sign("dpop+jwt", &claims("none"), |_| {}),
        key.sign("dpop+jwt", &claims("wrong"), |header| header.jwk = serde_json::from_value(embedded).ok()),
        key.sign("dpop+jwt", &claims("crit"), |header| {
            header.jwk = serde_json::from_value(key.public()).ok();
            header.crit = Some(vec!["b64".to_owned()]);
        }),
        // RFC 7518 §3.3: 1024 bits are too few.
        Key::short().proof(&claims("short")),
        // A symmetric key in the header would make everybody a signer.
        Key::secret("secret").proof(&claims("symmetric")),
    ]);
    for proof in proofs {
        let answer = as_chatbot(&mut sandbox, credentials(&proof));
        assert_eq!(answer.error(), (400, "invalid_dpop_proof"), "{proof}");
    }
    let twice = with_header(credentials(&good), "dpop", &good);
    assert_eq!(as_chatbot(&mut sandbox, twice).error(), (400, "invalid_dpop_proof"));
    assert_eq!(as_chatbot(&mut sandbox, credentials(&good)).status, 200);
    assert_eq!(as_chatbot(&mut sandbox, credentials(&good)).error(), (400, "invalid_dpop_proof"), "replayed");
}

/// A private key in the header is refused: whoever sends one has given it away.
#[test]
fn a_private_key_in_a_proof_is_refused() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut sandbox = modern();
    let proof = Key::es256().proof(&claims("private"));
    let (header, rest) = proof.split_once('.').unwrap();
    let mut header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    header["jwk"]["d"] = json!("AA");
    let proof = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()));
    let answer = as_chatbot(&mut sandbox, credentials(&proof));
    assert_eq!(answer.text("error_description"), "The proof's key is not a public one");
}

/// DP-3, DP-5: a nonce is demanded, given with every answer, the server's is not the API's, and each has its time.
#[test]
fn nonces_are_demanded_and_given() {
    let mut sandbox = modern();
    sandbox.settings_mut().dpop_nonces = Some(Duration::from_secs(60));
    let key = Key::es256();
    let demand = as_chatbot(&mut sandbox, credentials(&key.proof(&claims("1"))));
    assert_eq!(demand.error(), (400, "use_dpop_nonce"));
    let nonce = demand.header("dpop-nonce").to_owned();
    let with_nonce = |claims: Value, nonce: &str| key.proof(&with_claim(claims, "nonce", json!(nonce)));
    // The proof was refused before anything came of it, so its jti is still good.
    let answer = as_chatbot(&mut sandbox, credentials(&with_nonce(claims("1"), &nonce)));
    assert_eq!((answer.status, answer.header("dpop-nonce")), (200, &*nonce));
    let wrong = as_chatbot(&mut sandbox, credentials(&with_nonce(claims("2"), "invented")));
    assert_eq!(wrong.error(), (400, "use_dpop_nonce"));

    let password = valetkey_sandbox::DEMO_USERS[0].1;
    let pairs = [("grant_type", "password"), ("username", "alice"), ("password", password)];
    let request = with_header(post("/oauth/token", &pairs), "dpop", &with_nonce(claims("3"), &nonce));
    let token = as_web(&mut sandbox, request).text("access_token").to_owned();
    let demand = call(&mut sandbox, "DPoP", &token, Some(with_nonce(api_claims("4", &token), &nonce)));
    assert_eq!(demand.status, 401, "the server's nonce is not the API's");
    assert!(demand.header("www-authenticate").starts_with("DPoP error=\"use_dpop_nonce\", algs=\"ES256 "));
    let of_api = demand.header("dpop-nonce").to_owned();
    assert_ne!(of_api, nonce);
    let me = call(&mut sandbox, "DPoP", &token, Some(with_nonce(api_claims("5", &token), &of_api)));
    assert_eq!((me.status, me.header("dpop-nonce")), (200, &*of_api));

    let secret = sandbox.client_secret("chatbot").unwrap().to_owned();
    for (seconds, status) in [(60, 200), (180, 400)] {
        let claims = with_claim(claims(&seconds.to_string()), "iat", json!(NOW.as_secs() + seconds));
        let request = basic(credentials(&with_nonce(claims, &nonce)), "chatbot", &secret);
        let answer = Answer::of(sandbox.answer(&request, after(seconds)));
        assert_eq!(answer.status, status, "{seconds}");
        assert_ne!(answer.header("dpop-nonce"), nonce, "a newer one is given");
    }
}

/// DP-8, RFC 9449 §10: a code is bound to the key that was named, or shown when the request was pushed.
#[test]
fn a_code_is_bound_to_a_key() {
    let key = Key::es256();
    let thumbprint = key.thumbprint();
    let redeem = |sandbox: &mut Sandbox, code: &str, key: Option<&Key>| {
        let request = post("/oauth/token", &redeeming(code));
        let request = match key {
            Some(key) => with_header(request, "dpop", &key.proof(&claims(code))),
            None => request,
        };
        as_web(sandbox, request)
    };
    let mut sandbox = modern();
    for (proven, status) in [(Some(key), 200), (Some(Key::other()), 400), (None, 400)] {
        let code = code(&mut sandbox, "alice", &[("dpop_jkt", &thumbprint)]);
        let answer = redeem(&mut sandbox, &code, proven.as_ref());
        assert_eq!(answer.status, status, "{:?}", answer.body);
    }
    let key = Key::es256();
    let pushing = |jti: &str| with_claim(claims(jti), "htu", json!("https://as.example/oauth/par"));
    for (jti, proven, status) in [("a", Key::es256(), 200), ("b", Key::other(), 400)] {
        let request = with_header(post("/oauth/par", REQUEST), "dpop", &key.proof(&pushing(jti)));
        let pushed = as_web(&mut sandbox, request);
        assert_eq!(pushed.status, 201, "{:?}", pushed.body);
        let arrival = arrive(&mut sandbox, "alice", &by_name(pushed.text("request_uri")));
        let answer = redeem(&mut sandbox, &arrival.parameter("code").unwrap(), Some(&proven));
        assert_eq!(answer.status, status, "{:?}", answer.body);
    }
    let named = post("/oauth/par", &with(REQUEST, &[("dpop_jkt", &Key::other().thumbprint())]));
    let other = as_web(&mut sandbox, with_header(named, "dpop", &key.proof(&pushing("c"))));
    assert_eq!(other.error(), (400, "invalid_dpop_proof"));
    assert_eq!(push(&mut sandbox, &[("dpop_jkt", &key.thumbprint())]).status, 201);
}

/// DP-9: a client without a secret renews with the same key; one with a secret may take another.
#[test]
fn refresh_tokens_of_public_clients_are_bound() {
    let mut sandbox = modern();
    let renew = |sandbox: &mut Sandbox, client: By<'_>, refresh_token: &str, proof: Option<String>| {
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        let request = match client {
            By::Public(client_id) => post("/oauth/token", &with(&pairs, &[("client_id", client_id)])),
            By::Basic(client_id) => {
                let secret = sandbox.client_secret(client_id).unwrap().to_owned();
                basic(post("/oauth/token", &pairs), client_id, &secret)
            }
        };
        let request = match proof {
            Some(proof) => with_header(request, "dpop", &proof),
            None => request,
        };
        Answer::of(sandbox.answer(&request, NOW))
    };
    let native = [("client_id", "native"), ("redirect_uri", NATIVE)];
    let code = code(&mut sandbox, "alice", &native);
    let pairs = with(&redeeming(&code), &native);
    let request = with_header(post("/oauth/token", &pairs), "dpop", &Key::es256().proof(&claims("1")));
    let answer = Answer::of(sandbox.answer(&request, NOW));
    let public = answer.text("refresh_token").to_owned();
    let native = By::Public("native");
    let other = Some(Key::other().proof(&claims("2")));
    assert_eq!(renew(&mut sandbox, native, &public, other).error(), (400, "invalid_grant"));
    assert_eq!(renew(&mut sandbox, native, &public, None).error(), (400, "invalid_grant"));
    let same = Some(Key::es256().proof(&claims("3")));
    assert_eq!(renew(&mut sandbox, native, &public, same).text("token_type"), "DPoP");

    let confidential = bound(&mut sandbox, &Key::es256(), "4").text("refresh_token").to_owned();
    let other = Some(Key::other().proof(&claims("5")));
    assert_eq!(renew(&mut sandbox, By::Basic("web"), &confidential, other).text("token_type"), "DPoP");
    assert_eq!(renew(&mut sandbox, By::Basic("web"), &confidential, None).text("token_type"), "Bearer");
}

#[test]
fn proofs_can_be_required_and_are_offered_in_challenges() {
    let mut sandbox = modern();
    let strict = Application::confidential("strict", "s").flow(FlowKind::ClientCredentials).require_dpop();
    sandbox.add_application(strict.authorized(Rights::of(["global:Profile.View"])));
    let pairs = [("grant_type", "client_credentials")];
    assert_eq!(token(&mut sandbox, By::Basic("strict"), &pairs, NOW).error(), (400, "invalid_dpop_proof"));
    let bare = sandbox.answer(&get("/api/http/absences"), NOW);
    let challenges: Vec<_> =
        bare.headers().get_all("www-authenticate").iter().map(|it| it.to_str().unwrap()).collect();
    assert!(challenges[0].starts_with("Bearer realm=") && challenges[1].starts_with("DPoP algs="));
}

/// Space knows no proofs, and does not look at them.
#[test]
fn space_takes_no_proofs() {
    let mut sandbox = demo();
    let answer = as_chatbot(&mut sandbox, credentials("not-a-jwt"));
    assert_eq!((answer.status, &answer.body["token_type"]), (200, &Value::Null));
}
