//! Wrong input.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bench_inputs::inputs::{
    CLIENT_ID, CODE, EDDSA, ES256, ES256_DUPLICATE, ES256_EXPIRED, ES256_SECOND_AUDIENCE, ES256_WITHOUT_IAT,
    ISSUER, NONCE, REDIRECT_URI, STATE, access_token, arrival, token_response, token_response_with,
};
use bench_inputs::{Probe, Probing, Verdict, printed, refused};

use crate::id_token::{EC, Verification};
use crate::messages::{answered, asks};

pub(crate) const PROBES: &[Probing] = &[
    (Probe::StateWrong, || arrived(&arrival("another"))),
    (Probe::StateMissing, || arrived(&format!("{REDIRECT_URI}?code={CODE}&iss=https%3A%2F%2Fas.example"))),
    (Probe::CodeTwice, || arrived(&format!("{}&code=another", arrival(STATE)))),
    (Probe::IssWrong, || arrived(&arrival(STATE).replace("as.example", "attacker.example"))),
    (Probe::IssMissing, || arrived(&format!("{REDIRECT_URI}?code={CODE}&state={STATE}"))),
    (Probe::CodeAndError, || arrived(&format!("{}&error=access_denied", arrival(STATE)))),
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
        let right = token_response();
        let body = right.replace(&access_token(), r"two words\n");
        refused(answered(200, "application/json", body))
    }),
    (Probe::Huge, || {
        refused(answered(200, "application/json", format!("{}{}", token_response(), " ".repeat(8 << 20))))
    }),
    (Probe::MembersKept, || {
        let output = answered(200, "application/json", token_response()).expect("tokens");
        match output.token_response.get_extra("session_state") {
            Some(_) => Verdict::Kept,
            None => Verdict::Dropped,
        }
    }),
    (Probe::DebugTokens, || {
        let output = answered(200, "application/json", token_response()).expect("tokens");
        printed(&output.token_response, &access_token())
    }),
    (Probe::OtherIssuer, || {
        refused(Verification::at("https://other.example", CLIENT_ID, ES256, "ES256").verify(NONCE))
    }),
    (Probe::OtherAudience, || refused(Verification::at(ISSUER, "another", ES256, "ES256").verify(NONCE))),
    (Probe::SecondAudience, || refused(of(ES256_SECOND_AUDIENCE).verify(NONCE))),
    (Probe::OtherNonce, || refused(EC.verify("another"))),
    (Probe::Expired, || refused(of(ES256_EXPIRED).verify(NONCE))),
    (Probe::WithoutIat, || refused(of(ES256_WITHOUT_IAT).verify(NONCE))),
    (Probe::OtherAccessToken, || Verdict::NotLookedAt),
    (Probe::ClaimTwice, || refused(of(ES256_DUPLICATE).verify(NONCE))),
    (Probe::OtherAlgorithm, || refused(Verification::of(EDDSA, "ES256").verify(NONCE))),
    (Probe::Unsigned, || {
        let (_, payload) = ES256.0.split_once('.').expect("parts");
        let (payload, _) = payload.split_once('.').expect("parts");
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        refused(of(&format!("{header}.{payload}.")).verify(NONCE))
    }),
];

fn arrived(arrival: &str) -> Verdict {
    if asks(arrival) { Verdict::Taken } else { Verdict::Refused }
}

fn of(jwt: &str) -> Verification {
    Verification::of((jwt, ES256.1), "ES256")
}
