//! Wrong input.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bench_inputs::inputs::{
    CLIENT_ID, CODE, EDDSA, ES256, ES256_DUPLICATE, ES256_EXPIRED, ES256_SECOND_AUDIENCE, ES256_WITHOUT_IAT,
    ISSUER, NONCE, REDIRECT_URI, access_token, arrival, token_response, token_response_with,
};
use bench_inputs::{Probe, Probing, Verdict, printed, refused};
use valetkey_core::jose::{Algorithm, AwsLc};
use valetkey_core::terms::IdToken;
use valetkey_core::{AccessToken, AuthorizationResponse, AuthorizationServer, Error, TokenResponse};

use crate::jwt::{EC_AWS, Verification};
use crate::messages::{CLIENT, NOW, pending, response};

pub(crate) const PROBES: &[Probing] = &[
    (Probe::StateWrong, || refused(arrived(|_| arrival("another")))),
    (Probe::StateMissing, || {
        refused(arrived(|_| format!("{REDIRECT_URI}?code={CODE}&iss=https%3A%2F%2Fas.example")))
    }),
    (Probe::CodeTwice, || refused(arrived(|state| format!("{}&code=another", arrival(state))))),
    (Probe::IssWrong, || refused(arrived(|state| arrival(state).replace("as.example", "attacker.example")))),
    (Probe::IssMissing, || refused(arrived(|state| format!("{REDIRECT_URI}?code={CODE}&state={state}")))),
    (Probe::CodeAndError, || refused(arrived(|state| format!("{}&error=access_denied", arrival(state))))),
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
        refused(answered(200, "application/json", format!("{}{}", token_response(), " ".repeat(8 << 20))))
    }),
    (Probe::MembersKept, || {
        let tokens = answered(200, "application/json", token_response()).expect("tokens");
        match tokens.member::<String>("session_state") {
            Ok(Some(_)) => Verdict::Kept,
            _ => Verdict::Dropped,
        }
    }),
    (Probe::DebugTokens, || {
        let tokens = answered(200, "application/json", token_response()).expect("tokens");
        printed(&tokens, &access_token())
    }),
    (Probe::OtherIssuer, || {
        let other = Verification::at("https://other.example", CLIENT_ID, &AwsLc, Algorithm::Es256, ES256);
        refused(other.verify(NONCE))
    }),
    (Probe::OtherAudience, || {
        refused(Verification::at(ISSUER, "another", &AwsLc, Algorithm::Es256, ES256).verify(NONCE))
    }),
    (Probe::SecondAudience, || refused(of(ES256_SECOND_AUDIENCE).verify(NONCE))),
    (Probe::OtherNonce, || refused(EC_AWS.verify("another"))),
    (Probe::Expired, || refused(of(ES256_EXPIRED).verify(NONCE))),
    (Probe::WithoutIat, || refused(of(ES256_WITHOUT_IAT).verify(NONCE))),
    (Probe::OtherAccessToken, || {
        let other = AccessToken::new("another").expect("an access token");
        refused(Verification { access_token: other, ..of(ES256.0) }.verify(NONCE))
    }),
    (Probe::ClaimTwice, || refused(of(ES256_DUPLICATE).verify(NONCE))),
    (Probe::OtherAlgorithm, || refused(Verification::of(&AwsLc, Algorithm::Es256, EDDSA).verify(NONCE))),
    (Probe::Unsigned, || {
        let (_, payload) = ES256.0.split_once('.').expect("parts");
        let (payload, _) = payload.split_once('.').expect("parts");
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        match IdToken::new(format!("{header}.{payload}.")) {
            Ok(token) => refused(Verification { token, ..of(ES256.0) }.verify(NONCE)),
            Err(_) => Verdict::Refused,
        }
    }),
];

fn arrived(arrival: impl FnOnce(&str) -> String) -> Result<(), Error> {
    let mut pending = pending();
    let arrival = arrival(pending.state());
    let response = AuthorizationResponse::from_url(&arrival)?;
    pending.finish(&CLIENT, &response, NOW).map(drop)
}

fn answered(status: u16, content_type: &str, body: String) -> Result<TokenResponse, Error> {
    TokenResponse::parse(response(status, content_type, body), NOW, &AuthorizationServer::new())
}

fn of(jwt: &str) -> Verification {
    Verification::of(&AwsLc, Algorithm::Es256, (jwt, ES256.1))
}
