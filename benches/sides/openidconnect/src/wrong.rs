//! Wrong input.

use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bench_inputs::inputs::{
    CLIENT_ID, EDDSA, ES256, ES256_DUPLICATE, ES256_EXPIRED, ES256_SECOND_AUDIENCE, ES256_WITHOUT_IAT,
    ISSUER, NONCE, access_token, token_response, token_response_with,
};
use bench_inputs::{Probe, Probing, Verdict, printed, refused};
use openidconnect::core::{CoreIdToken, CoreJwsSigningAlgorithm};
use openidconnect::{AccessToken, AccessTokenHash, Nonce};

use crate::answered;
use crate::id_token::{EC, Verification};

pub(crate) const PROBES: &[Probing] = &[
    (Probe::StateWrong, || Verdict::NotLookedAt),
    (Probe::StateMissing, || Verdict::NotLookedAt),
    (Probe::CodeTwice, || Verdict::NotLookedAt),
    (Probe::IssWrong, || Verdict::NotLookedAt),
    (Probe::IssMissing, || Verdict::NotLookedAt),
    (Probe::CodeAndError, || Verdict::NotLookedAt),
    (Probe::TypeMissing, || refused(answered(200, "application/json", token_response_with(r#""a":1"#)))),
    (Probe::TypeUnknown, || {
        refused(answered(200, "application/json", token_response_with(r#""token_type":"mac""#)))
    }),
    (Probe::MemberTwice, || {
        let twice = r#""token_type":"Bearer","access_token":"other""#;
        refused(answered(200, "application/json", token_response_with(twice)))
    }),
    (Probe::NotJson, || refused(answered(200, "text/html", token_response()))),
    (Probe::ServerError, || refused(answered(500, "application/json", token_response()))),
    (Probe::ErrorMember, || {
        let error = r#""token_type":"Bearer","error":"access_denied""#;
        refused(answered(200, "application/json", token_response_with(error)))
    }),
    (Probe::TokenOfSpaces, || {
        let body = r#"{"access_token":"two words\n","token_type":"Bearer"}"#;
        refused(answered(200, "application/json", body.to_owned()))
    }),
    (Probe::Huge, || {
        let body = format!("{}{}", token_response(), " ".repeat(8 << 20));
        refused(answered(200, "application/json", body))
    }),
    (Probe::MembersKept, || {
        let tokens = answered(200, "application/json", token_response()).expect("tokens");
        let kept = serde_json::to_string(&tokens).expect("JSON");
        if kept.contains("session_state") { Verdict::Kept } else { Verdict::Dropped }
    }),
    (Probe::DebugTokens, || {
        let tokens = answered(200, "application/json", token_response()).expect("tokens");
        printed(&tokens, &access_token())
    }),
    (Probe::OtherIssuer, || refused(EC.at("https://other.example", CLIENT_ID).read(ES256.0, NONCE))),
    (Probe::OtherAudience, || refused(EC.at(ISSUER, "another").read(ES256.0, NONCE))),
    (Probe::SecondAudience, || refused(EC.read(ES256_SECOND_AUDIENCE, NONCE))),
    (Probe::OtherNonce, || refused(EC.read(ES256.0, "another"))),
    (Probe::Expired, || refused(EC.read(ES256_EXPIRED, NONCE))),
    (Probe::WithoutIat, || refused(EC.read(ES256_WITHOUT_IAT, NONCE))),
    // There is a function for the hash; that it is called is the program's.
    (Probe::OtherAccessToken, || {
        let other = AccessToken::new(String::from("another"));
        let token = CoreIdToken::from_str(ES256.0).expect("a JWT");
        let key = token.signing_key(&EC.verifier).expect("a key");
        let hash =
            AccessTokenHash::from_token(&other, token.signing_alg().expect("one"), key).expect("a hash");
        let claims = token.claims(&EC.verifier, &Nonce::new(NONCE.to_owned())).expect("claims");
        if claims.access_token_hash() == Some(&hash) { Verdict::Taken } else { Verdict::Refused }
    }),
    (Probe::ClaimTwice, || refused(EC.read(ES256_DUPLICATE, NONCE))),
    (Probe::OtherAlgorithm, || {
        refused(Verification::of(EDDSA, CoreJwsSigningAlgorithm::EcdsaP256Sha256).read(EDDSA.0, NONCE))
    }),
    (Probe::Unsigned, || {
        let (_, payload) = ES256.0.split_once('.').expect("parts");
        let (payload, _) = payload.split_once('.').expect("parts");
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        refused(EC.read(&format!("{header}.{payload}."), NONCE))
    }),
];
