//! JWTs by jsonwebtoken. It has no notion of an ID token or of a DPoP proof: what its validation does not know is compared by
//! hand where the job's check asks for it, and a proof is a JWT that is put together by hand.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bench_inputs::inputs::{
    CLIENT_ID, DPOP_KEY, EDDSA, ES256, ES256_DUPLICATE, ES256_EXPIRED, ES256_SECOND_AUDIENCE,
    ES256_WITHOUT_IAT, ISSUER, NOW, RESOURCE, RS256, SUBJECT, access_token,
};
use bench_inputs::{Job, Play, Probe, Round, Side, Verdict, check, play, refused};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

const ID_TOKEN: &str =
    "`nonce`, `at_hash`, `azp`, further audiences, `iat`, `typ`; the key is parsed anew each time";

/// The program of this side.
pub(crate) fn play_as(name: &'static str) -> ExitCode {
    play(&[Side {
        name,
        plays: &[
            Play { job: Job::Rs256, prepare: rs256, check: || verified(&RSA), leaves_out: ID_TOKEN },
            Play { job: Job::Es256, prepare: es256, check: || verified(&EC), leaves_out: ID_TOKEN },
            Play { job: Job::EdDsa, prepare: eddsa, check: || verified(&ED), leaves_out: ID_TOKEN },
            Play {
                job: Job::Dpop,
                prepare: dpop,
                check: || check::proof(&proof()),
                leaves_out: "all that is DPoP: the claims, the identifier, the hash, nonces are the program's",
            },
        ],
        probes: &[
            (Probe::OtherIssuer, || refused(EC.with("https://other.example", CLIENT_ID).read(ES256.0))),
            (Probe::OtherAudience, || refused(EC.with(ISSUER, "another").read(ES256.0))),
            (Probe::SecondAudience, || refused(EC.read(ES256_SECOND_AUDIENCE))),
            (Probe::OtherNonce, || Verdict::NotLookedAt),
            (Probe::Expired, || refused(EC.read(ES256_EXPIRED))),
            (Probe::WithoutIat, || refused(EC.read(ES256_WITHOUT_IAT))),
            (Probe::OtherAccessToken, || Verdict::NotLookedAt),
            (Probe::ClaimTwice, || refused(EC.read(ES256_DUPLICATE))),
            (Probe::OtherAlgorithm, || refused(Verification::of(EDDSA.1, Algorithm::ES256).read(EDDSA.0))),
            (Probe::Unsigned, || {
                let (_, payload) = ES256.0.split_once('.').expect("parts");
                let (payload, _) = payload.split_once('.').expect("parts");
                let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
                refused(EC.read(&format!("{header}.{payload}.")))
            }),
        ],
        load: None,
    }])
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    #[serde(rename = "aud")]
    _aud: serde_json::Value,
    nonce: Option<String>,
    exp: u64,
    iat: Option<u64>,
    auth_time: Option<u64>,
    at_hash: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

struct Verification {
    key: DecodingKey,
    validation: Validation,
}

static RSA: LazyLock<Verification> = LazyLock::new(|| Verification::of(RS256.1, Algorithm::RS256));
static EC: LazyLock<Verification> = LazyLock::new(|| Verification::of(ES256.1, Algorithm::ES256));
static ED: LazyLock<Verification> = LazyLock::new(|| Verification::of(EDDSA.1, Algorithm::EdDSA));

impl Verification {
    fn of(jwk: &str, algorithm: Algorithm) -> Self {
        let jwk: Jwk = serde_json::from_str(jwk).expect("a key");
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[CLIENT_ID]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Self { key: DecodingKey::from_jwk(&jwk).expect("a key"), validation }
    }

    fn with(&self, issuer: &str, audience: &str) -> Self {
        let mut validation = self.validation.clone();
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        Self { key: self.key.clone(), validation }
    }

    fn read(&self, jwt: &str) -> Result<Claims, jsonwebtoken::errors::Error> {
        decode::<Claims>(jwt, &self.key, &self.validation).map(|data| data.claims)
    }
}

fn verified(verification: &Verification) {
    let jwt = [RS256.0, ES256.0, EDDSA.0].into_iter().find_map(|jwt| verification.read(jwt).ok());
    let claims = jwt.expect("an ID token that holds");
    assert_eq!((claims.iss.as_str(), claims.sub.as_str()), (ISSUER, SUBJECT));
    assert!(claims.exp > NOW && claims.iat.is_some() && claims.auth_time.is_some());
    assert!(
        claims.nonce.is_some() && claims.at_hash.is_some() && claims.name.is_some() && claims.email.is_some()
    );
}

fn rs256() -> Round {
    LazyLock::force(&RSA);
    Box::new(|| {
        black_box(RSA.read(RS256.0).expect("claims"));
    })
}

fn es256() -> Round {
    LazyLock::force(&EC);
    Box::new(|| {
        black_box(EC.read(ES256.0).expect("claims"));
    })
}

fn eddsa() -> Round {
    LazyLock::force(&ED);
    Box::new(|| {
        black_box(ED.read(EDDSA.0).expect("claims"));
    })
}

#[derive(Serialize)]
struct Proof<'a> {
    jti: String,
    htm: &'a str,
    htu: &'a str,
    iat: u64,
    ath: String,
}

static SIGNER: LazyLock<(EncodingKey, Header, String)> = LazyLock::new(|| {
    let key = EncodingKey::from_ec_der(DPOP_KEY);
    let jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).expect("a public key");
    let header =
        Header { typ: Some(String::from("dpop+jwt")), jwk: Some(jwk), ..Header::new(Algorithm::ES256) };
    (key, header, access_token())
});

fn proof() -> String {
    let (key, header, token) = &*SIGNER;
    let mut identifier = [0; 16];
    getrandom::fill(&mut identifier).expect("randomness");
    let proof = Proof {
        jti: URL_SAFE_NO_PAD.encode(identifier),
        htm: "GET",
        htu: RESOURCE.split_once('?').map_or(RESOURCE, |(uri, _)| uri),
        iat: NOW,
        ath: URL_SAFE_NO_PAD.encode(Sha256::digest(token)),
    };
    encode(header, &proof, key).expect("a proof")
}

fn dpop() -> Round {
    LazyLock::force(&SIGNER);
    Box::new(|| {
        black_box(proof());
    })
}
