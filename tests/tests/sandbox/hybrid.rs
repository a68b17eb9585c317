//! What each misbehaviour about ID tokens that come through the browser comes to at valetkey's own client, and what the sandbox says
//! to such requests.

use serde_json::json;
use valetkey_core::authorize::{ResponseMode, ResponseType};
use valetkey_core::identity::Login;
use valetkey_core::jose::Algorithm;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, Discovery, Error, Rule, TokenResponse,
};
use valetkey_sandbox::{Arrival, Misbehaviour, Sandbox, SigningAlgorithm};
use valetkey_tests::entropy;

use crate::conversations::{client, finished, run};
use crate::key::sha256;
use crate::metadata::{ISSUER, modern};
use crate::support::*;
use crate::wrong::told;

/// What each comes to when Alice logs in by `code id_token`, and the hash of the state is required.
pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("front-c-hash-missing", "ID-40"),
    ("front-c-hash-other", "ID-20"),
    ("front-c-hash-whole", "ID-20"),
    ("front-s-hash-missing", "ID-41"),
    ("front-s-hash-other", "ID-41"),
    ("front-nonce-missing", "ID-15"),
    ("front-nonce-other", "ID-15"),
    ("front-iss-foreign", "ID-9"),
    ("front-aud-other", "ID-10"),
    ("front-iss-missing", "ID-9"),
    ("front-sub-missing", "ID-18"),
    ("front-aud-missing", "ID-10"),
    ("front-aud-beside", "ID-10"),
    ("front-aud-list", "fine"),
    ("front-iat-missing", "ID-13"),
    ("front-iat-old", "ID-31"),
    ("front-exp-missing", "ID-12"),
    ("front-kid-missing", "fine"),
    ("front-other-algorithm", "ID-28"),
    ("front-expired", "ID-12"),
    ("front-sub-other", "AR-20"),
    ("front-auth-time-other", "AR-20"),
    ("front-acr-other", "AR-20"),
    ("front-unsigned", "ID-28"),
    ("front-forged", "ID-8"),
    ("front-id-token-missing", "AR-17"),
    ("front-id-token-twice", "AR-1"),
    ("front-code-other", "ID-20"),
    ("front-token", "AR-17"),
    ("front-error-beside", "AR-25"),
    ("front-in-query", "AR-9"),
];

/// Those of a login by the ID token alone that come to something else: nothing comes after it to be compared with, and its client
/// says nothing of an algorithm.
const ALONE: &[(&str, &str)] = &[
    ("front-c-hash-missing", "fine"),
    ("front-c-hash-other", "fine"),
    ("front-c-hash-whole", "fine"),
    ("front-other-algorithm", "ID-41"),
    ("front-sub-other", "fine"),
    ("front-auth-time-other", "fine"),
    ("front-acr-other", "fine"),
    ("front-code-other", "fine"),
];

/// This application, at the server that is discovered.
fn found(sandbox: &mut Sandbox, id: &str) -> Result<Client, Error> {
    let server = run(sandbox, Discovery::new(ISSUER)?)?.into_server();
    Ok(client(sandbox, server, id))
}

fn request(client: &Client, callback: &str, asked: ResponseType) -> Result<AuthorizationRequest, Error> {
    let request = AuthorizationRequest::new(client, callback)?.scope("openid email")?.acr_values(["mfa"])?;
    Ok(request.response_type(asked).response_mode(ResponseMode::Fragment).require_s_hash())
}

/// Alice logs in by a code and an ID token.
fn hybrid(sandbox: &mut Sandbox, algorithm: Algorithm) -> Result<TokenResponse, Error> {
    let web = found(sandbox, "web")?.id_token_algorithm(algorithm)?;
    let begun = request(&web, WEB, ResponseType::CodeIdToken)?.begin_unbound(entropy(1), NOW)?;
    let tokens = finished(sandbox, &web, begun)?;
    let login = tokens.login().expect("a verified ID token");
    assert_eq!(login.identity().subject(), sandbox.user_id("alice"));
    Ok(tokens)
}

const LEGACY: &str = "https://legacy.example/callback";

/// Alice logs in by an ID token alone, in this mode.
fn alone(sandbox: &mut Sandbox, mode: ResponseMode) -> Result<Login, Error> {
    let legacy = found(sandbox, "legacy")?;
    let request = request(&legacy, LEGACY, ResponseType::IdToken)?.response_mode(mode);
    let (url, mut pending) = request.begin_unbound(entropy(1), NOW)?;
    let response = match sandbox.visit(url.as_str(), &person("alice"), NOW).unwrap() {
        Arrival::Get(url) => AuthorizationResponse::from_url(&url)?,
        Arrival::Post(posted) => AuthorizationResponse::from_request(LEGACY, &*posted)?,
    };
    let response = run(sandbox, pending.open(&legacy, &response)?)?;
    pending.finish_login(&legacy, &response, NOW)
}

#[test]
fn each_misbehaviour_about_an_id_token_in_a_redirect_is_caught_by_its_rule() {
    let fine = |outcome: Result<(), Error>| told(outcome.map(|()| "fine".to_owned()));
    let mut wrong = Vec::new();
    for (name, expected) in EXPECTED.iter().chain(&[("", "fine")]) {
        let misbehaving = || {
            let mut sandbox = modern();
            if !name.is_empty() {
                sandbox.misbehave(name.parse::<Misbehaviour>().unwrap());
            }
            sandbox
        };
        let came = fine(hybrid(&mut misbehaving(), Algorithm::Es256).map(drop));
        if came != *expected {
            wrong.push(format!("{name}: {came}, and not {expected}"));
        }
        let alone_expected = ALONE.iter().find(|(known, _)| known == name).map_or(*expected, |(_, it)| *it);
        // What is posted is spoilt as what is redirected.
        for mode in [ResponseMode::Fragment, ResponseMode::FormPost] {
            let came = fine(alone(&mut misbehaving(), mode).map(drop));
            if came != alone_expected {
                wrong.push(format!("{name}, alone by {mode:?}: {came}, and not {alone_expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// AR-3: the ID token says whose response it is, where the server leaves `iss` out, as many do beside one (RFC 9207 §4).
#[test]
fn an_id_token_in_a_redirect_does_for_iss() {
    let lacking = || {
        let mut sandbox = modern();
        sandbox.misbehave(Misbehaviour::IssMissing);
        sandbox
    };
    assert!(hybrid(&mut lacking(), Algorithm::Es256).unwrap().quirks().is_empty());
    alone(&mut lacking(), ResponseMode::Fragment).unwrap();
    alone(&mut lacking(), ResponseMode::FormPost).unwrap();
    let mut sandbox = lacking();
    let web = found(&mut sandbox, "web").unwrap();
    let begun = request(&web, WEB, ResponseType::Code).unwrap().begin_unbound(entropy(1), NOW).unwrap();
    assert_eq!(finished(&mut sandbox, &web, begun).unwrap_err().rule(), Some(Rule::Ar3));
}

/// ID-40, ID-41: by each algorithm, whose hash it is.
#[test]
fn each_algorithm_ties_the_id_token_to_the_response() {
    for (signs, expects) in [
        (SigningAlgorithm::Es256, Algorithm::Es256),
        (SigningAlgorithm::EdDsa, Algorithm::EdDsa),
        (SigningAlgorithm::Rs256, Algorithm::Rs256),
        (SigningAlgorithm::Ps256, Algorithm::Ps256),
    ] {
        let mut sandbox = modern();
        sandbox.settings_mut().signing_algorithm = signs;
        hybrid(&mut sandbox, expects).unwrap();
    }
}

/// AQ-16: each mode that an ID token may come in.
#[test]
fn an_id_token_comes_in_each_mode_but_a_query() {
    for mode in
        [ResponseMode::Fragment, ResponseMode::FormPost, ResponseMode::FragmentJwt, ResponseMode::FormPostJwt]
    {
        let mut sandbox = modern();
        let login = alone(&mut sandbox, mode).unwrap();
        assert_eq!(login.identity().subject(), sandbox.user_id("alice"), "{mode:?}");
        assert_eq!(login.acr(), Some("mfa"));
    }
}

/// Without being told a mode, the client asks for the form that the server lists.
#[test]
fn the_form_is_preferred() {
    let mut sandbox = modern();
    let legacy = found(&mut sandbox, "legacy").unwrap();
    let request = AuthorizationRequest::new(&legacy, LEGACY).unwrap().scope("openid").unwrap();
    let (url, pending) = request.response_type(ResponseType::IdToken).begin_unbound(entropy(1), NOW).unwrap();
    assert!(url.as_str().contains("response_mode=form_post"));
    assert_eq!(pending.response_mode(), ResponseMode::FormPost);
}

const HYBRID: [(&str, &str); 3] =
    [("response_type", "code id_token"), ("scope", "openid"), ("nonce", "n-0S6")];

/// OpenID Connect Core §3.3.2.11, read by another library.
#[test]
fn the_id_token_of_a_redirect_has_the_hashes_of_what_is_beside_it() {
    let mut sandbox = modern();
    sandbox.sign_in("alice");
    let arrival = Arrival::after(&ask(&mut sandbox, &with(REQUEST, &HYBRID))).unwrap();
    assert!(arrival.url().unwrap().contains('#'));
    let (_, claims) = verified(&mut sandbox, &arrival.parameter("id_token").unwrap());
    for (claim, of) in [("c_hash", "code"), ("s_hash", "state")] {
        let hash = sha256(&arrival.parameter(of).unwrap());
        assert_eq!(claims[claim].as_str().unwrap()[..21], hash[..21], "{claim}");
    }
    assert_eq!((&claims["nonce"], &claims["at_hash"]), (&json!("n-0S6"), &json!(null)));
    assert!(arrival.parameter("access_token").is_none());
}

#[test]
fn an_id_token_in_a_redirect_has_a_nonce_a_scope_and_no_query() {
    let mut sandbox = modern();
    sandbox.sign_in("alice");
    for (changes, expected) in [
        (&[("nonce", "")][..], "invalid_request"),
        (&[("scope", "**")], "invalid_request"),
        (&[("response_mode", "query")], "invalid_request"),
        (&[("response_type", "code token")], "unsupported_response_type"),
        (&[("response_type", "code id_token token")], "unsupported_response_type"),
        (&[("response_type", "id_token")], "unauthorized_client"),
    ] {
        let response = ask(&mut sandbox, &with(REQUEST, &with(&HYBRID, changes)));
        let arrival = Arrival::after(&response).unwrap();
        assert_eq!(arrival.parameter("error").as_deref(), Some(expected), "{changes:?}");
    }
    let metadata = Answer::of(sandbox.answer(&get("/.well-known/openid-configuration"), NOW)).body;
    assert_eq!(metadata["response_types_supported"], json!(["code", "code id_token", "id_token", "token"]));
}
