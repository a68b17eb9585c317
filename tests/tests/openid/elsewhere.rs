//! UI-2, UI-10, UI-11, UI-12: claims that another source has.

use serde_json::{Value, json};
use valetkey_core::jose::{Algorithm, JwtSigner, RustCrypto, VerificationKeys};
use valetkey_core::openid::{ClaimPlace, ClaimSource, ClaimSourceRequest, UserInfo};
use valetkey_core::{Error, Flow, Response, Rule, Step};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, json as plain};

use crate::world::*;

pub(crate) const BANK: &str = "https://bank.example";
pub(crate) const PLACE: &str = "https://claims.bank.example/me";

/// What the bank signs with: another key than the server's.
pub(crate) fn bank_jwt(claims: &Value) -> String {
    let signer = JwtSigner::new(key_pair(&RustCrypto, Algorithm::EdDsa), None);
    signer.write(claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned()
}

pub(crate) fn bank_keys() -> VerificationKeys {
    verification_keys(&RustCrypto, Algorithm::EdDsa)
}

pub(crate) fn bank_claims() -> Value {
    json!({
        "iss": BANK, "address": {"locality": "Oxford"}, "phone_number": "+44 1865", "email": "not-listed@evil.example",
        "shoe_size": 38,
    })
}

/// UserInfo that leaves these claims to one source.
fn left_to(source: &Value) -> Result<UserInfo, Error> {
    outcome(
        &client(),
        told(&json!({
            "sub": SUB, "name": "Alice",
            "_claim_names": {"address": "bank", "phone_number": "bank", "shoe_size": "bank"},
            "_claim_sources": {"bank": source, "nobody": {"JWT": "not named"}},
        })),
    )
}

pub(crate) fn aggregated() -> ClaimSource {
    let info = left_to(&json!({"JWT": bank_jwt(&bank_claims())})).unwrap();
    info.elsewhere()[0].clone()
}

pub(crate) fn distributed(endpoint: &str) -> ClaimSource {
    let info = left_to(&json!({"endpoint": endpoint, "access_token": "planted-SOURCE-TOKEN"})).unwrap();
    info.elsewhere()[0].clone()
}

/// UI-2, UI-10: neither present nor absent, and nothing is fetched.
#[test]
fn a_claim_of_another_source_is_elsewhere() {
    let info = left_to(&json!({"endpoint": PLACE, "access_token": "planted-SOURCE-TOKEN"})).unwrap();
    let [source] = info.elsewhere() else { panic!("one source that is named") };
    let mut names = source.claims().to_vec();
    names.sort();
    assert_eq!(names, ["address", "phone_number", "shoe_size"]);
    let ClaimPlace::Distributed { endpoint, access_token } = source.place() else { panic!("distributed") };
    assert_eq!((endpoint.as_str(), access_token.as_ref().unwrap().expose()), (PLACE, "planted-SOURCE-TOKEN"));
    assert!(!format!("{info:?} {source:?}").contains("planted"));

    let standard = info.standard_claims();
    assert!(standard.is_elsewhere("address") && standard.is_elsewhere("phone_number"));
    assert!(!standard.is_elsewhere("name") && !standard.is_elsewhere("email"));
    assert!(standard.address().is_none() && standard.name() == Some("Alice"));
    assert_eq!(rule(info.claim::<u8>("shoe_size")), Rule::Ui10);
    assert_eq!(info.claim::<String>("name").unwrap().as_deref(), Some("Alice"));
    assert!(info.checks().contains(Rule::Ui10));
}

/// UI-10: what is here too is not read here.
#[test]
fn a_claim_is_in_one_place() {
    let body = json!({
        "sub": SUB, "email": "here@example.com", "email_verified": true, "phone_number_verified": true,
        "updated_at": 1, "address": {"locality": "here"}, "name#DE": "hier",
        "_claim_names": {
            "email": "s", "email_verified": "s", "phone_number_verified": "s", "updated_at": "s", "address": "s", "name#de": "s",
        },
        "_claim_sources": {"s": {"JWT": "x"}},
    });
    let info = outcome(&client(), told(&body)).unwrap();
    let standard = info.standard_claims();
    assert_eq!(
        (standard.email(), standard.verified_email(), standard.in_language("name", "de")),
        (None, None, None)
    );
    assert_eq!((standard.email_verified(), standard.phone_number_verified()), (None, None));
    assert!(standard.updated_at().is_none() && standard.address().is_none());
    assert!(standard.is_elsewhere("name#De") && standard.is_elsewhere("updated_at"));
    assert_eq!(rule(info.claim::<String>("email")), Rule::Ui10);
}

/// UI-10.
#[test]
fn a_source_that_is_not_in_order_is_refused() {
    for (names, sources) in [
        (json!({"address": "bank"}), json!({"other": {"JWT": "x"}})),
        (json!({"address": "bank"}), json!({})),
        (json!({"address": "bank"}), json!({"bank": "x"})),
        (json!({"address": "bank"}), json!({"bank": {}})),
        (json!({"address": "bank"}), json!({"bank": {"JWT": "x", "endpoint": PLACE}})),
        (json!({"address": "bank"}), json!({"bank": {"JWT": 1}})),
        (json!({"address": "bank"}), json!({"bank": {"endpoint": PLACE, "access_token": ""}})),
        (json!({"address": "bank"}), json!({"bank": {"endpoint": PLACE, "access_token": 1}})),
        (json!({"address": ["bank"]}), json!({"bank": {"JWT": "x"}})),
        (json!({"sub": "bank"}), json!({"bank": {"JWT": "x"}})),
        (json!(["address"]), json!({"bank": {"JWT": "x"}})),
        (json!({"address": "bank"}), json!([])),
    ] {
        let body = json!({"sub": SUB, "_claim_names": names, "_claim_sources": sources});
        assert_eq!(rule(outcome(&client(), told(&body))), Rule::Ui10, "{body}");
    }
    let dangling = json!({"sub": SUB, "_claim_names": {"address": "bank"}});
    assert_eq!(rule(outcome(&client(), told(&dangling))), Rule::Ui10);
    // Nothing is elsewhere by a source that no claim names.
    let unnamed = json!({"sub": SUB, "_claim_sources": {"bank": {"JWT": "x"}}});
    assert!(outcome(&client(), told(&unnamed)).unwrap().elsewhere().is_empty());
}

/// UI-11: only what was listed, by the issuer and the keys that the program names.
#[test]
fn aggregated_claims_are_verified_and_no_others_taken() {
    let mut flow = ClaimSourceRequest::new(&aggregated(), BANK, bank_keys()).unwrap();
    assert!(!format!("{flow:?}").contains("eyJ"));
    let Ok(Step::Done(claims)) = flow.step(None, NOW) else { panic!("nothing is fetched") };
    assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))));
    assert_eq!(claims.issuer(), BANK);
    let mut names = claims.names().to_vec();
    names.sort();
    assert_eq!(names, ["address", "phone_number", "shoe_size"]);
    assert_eq!(claims.claim::<u8>("shoe_size").unwrap(), Some(38));
    assert_eq!(claims.claim::<String>("email").unwrap(), None, "it was not listed");
    let standard = claims.standard_claims();
    assert_eq!((standard.phone_number(), standard.email()), (Some("+44 1865"), None));
    assert_eq!(standard.address().unwrap().locality(), Some("Oxford"));
    assert!(!format!("{claims:?}").contains("Oxford"));
}

fn verified(source: &Value, issuer: &str, keys: VerificationKeys) -> Result<(), Error> {
    let info = left_to(source).unwrap();
    let flow = ClaimSourceRequest::new(&info.elsewhere()[0], issuer, keys)?;
    play(flow, []).outcome.map(drop)
}

/// UI-11 and the rules of any JWT.
#[test]
fn what_another_has_signed_is_not_the_sources_word() {
    let of = |claims: &Value| json!({"JWT": bank_jwt(claims)});
    assert_eq!(rule(verified(&of(&bank_claims()), "https://other.example", bank_keys())), Rule::Ui11);
    let servers_own = verification_keys(&RustCrypto, Algorithm::Es256);
    assert_eq!(rule(verified(&of(&bank_claims()), BANK, servers_own)), Rule::Id4);
    assert_eq!(rule(verified(&json!({"JWT": jwt(None, &bank_claims())}), BANK, bank_keys())), Rule::Id4);
    let mut expired = bank_claims();
    expired["exp"] = json!(NOW.as_secs() - 61);
    assert_eq!(rule(verified(&of(&expired), BANK, bank_keys())), Rule::Id12);
    let mut unsigned = bank_claims();
    unsigned.as_object_mut().unwrap().remove("iss");
    assert_eq!(rule(verified(&of(&unsigned), BANK, bank_keys())), Rule::Ui11);
    assert_eq!(rule(verified(&json!({"JWT": "no JWT"}), BANK, bank_keys())), Rule::Id1);

    let flow =
        |source: &ClaimSource| ClaimSourceRequest::new(source, BANK, bank_keys()).unwrap().audience("me");
    assert_eq!(play(flow(&aggregated()), []).rule(), Rule::Id10);
    let mut addressed = bank_claims();
    addressed["aud"] = json!("me");
    let info = left_to(&of(&addressed)).unwrap();
    assert!(play(flow(&info.elsewhere()[0]), []).outcome.is_ok());
}

fn fetched(answer: Response) -> Result<(), Error> {
    let flow = ClaimSourceRequest::new(&distributed(PLACE), BANK, bank_keys()).unwrap();
    play(flow, [Some(answer)]).outcome.map(drop)
}

/// UI-12: only when asked, with the source's own token.
#[test]
fn distributed_claims_are_fetched_with_their_own_token() {
    let flow = ClaimSourceRequest::new(&distributed(PLACE), BANK, bank_keys()).unwrap();
    let played = play(flow, [Some(as_jwt(&bank_jwt(&bank_claims())))]);
    let [(_, sent)] = &played.sent[..] else { panic!("one request") };
    assert_eq!((sent.method(), sent.uri().to_string()), (&http::Method::GET, PLACE.to_owned()));
    assert_eq!(sent.headers()["authorization"], "Bearer planted-SOURCE-TOKEN");
    assert!(sent.headers()["authorization"].is_sensitive());
    assert_eq!(sent.headers()["accept"], "application/jwt");
    assert_eq!(played.outcome.unwrap().claim::<u8>("shoe_size").unwrap(), Some(38));

    let info = left_to(&json!({"endpoint": PLACE})).unwrap();
    let flow = ClaimSourceRequest::new(&info.elsewhere()[0], BANK, bank_keys()).unwrap();
    let played = play(flow, [Some(as_jwt(&bank_jwt(&bank_claims())))]);
    assert!(!played.sent[0].1.headers().contains_key("authorization"));
}

/// UI-12: whoever names the place must not send this program into its own network.
#[test]
fn a_place_to_fetch_from_is_a_public_https_url() {
    for place in [
        "http://claims.bank.example/me",
        "https://169.254.169.254/latest/meta-data",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://intranet/",
        "https://printer.local/",
        "https://user@claims.bank.example/",
        "https://claims.bank.example/#x",
        "file:///etc/passwd",
        "",
    ] {
        let source = distributed(place);
        assert_eq!(rule(ClaimSourceRequest::new(&source, BANK, bank_keys())), Rule::Ui12, "{place}");
    }
}

/// UI-12: no redirect, no other form.
#[test]
fn a_source_answers_with_a_jwt() {
    let mut moved = plain(302, "");
    moved.headers_mut().insert("location", PLACE.parse().unwrap());
    assert_eq!(rule(fetched(moved)), Rule::Ui12);
    assert_eq!(rule(fetched(plain(200, &bank_claims().to_string()))), Rule::Ui12);
    let mut created = as_jwt(&bank_jwt(&bank_claims()));
    *created.status_mut() = http::StatusCode::CREATED;
    assert_eq!(rule(fetched(created)), Rule::Ui12);
    let mut binary = as_jwt("");
    *binary.body_mut() = vec![0xff];
    assert_eq!(rule(fetched(binary)), Rule::Ui12);
    assert_eq!(rule(fetched(as_jwt(&"a".repeat(300_000)))), Rule::Id1, "its size is bounded");
    let refused =
        fetched(plain(401, r#"{"error":"invalid_token","error_description":"planted-SOURCE-TOKEN"}"#));
    let refused = refused.unwrap_err();
    assert!(refused.refused().is_some() && !refused.to_string().contains("planted"));

    // In trouble or not, it is the source's own word.
    for status in [400, 403, 429, 500, 503] {
        let refused = fetched(plain(status, r#"{"error":"of_its_own"}"#)).unwrap_err();
        let code = refused.refused().unwrap().code().unwrap().as_str().to_owned();
        assert_eq!(code, "of_its_own", "{status}");
    }

    let mut flow = ClaimSourceRequest::new(&distributed(PLACE), BANK, bank_keys()).unwrap();
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    assert!(!flow.unanswered(NOW));
    assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))));
}
