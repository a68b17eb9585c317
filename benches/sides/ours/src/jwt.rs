//! ID tokens and DPoP proofs, with each of the two providers.

use std::hint::black_box;
use std::sync::{Arc, LazyLock};

use bench_inputs::inputs::{
    CLIENT_ID, DPOP_KEY, EDDSA, ES256, ISSUER, NONCE, RESOURCE, RS256, SUBJECT, access_token,
};
use bench_inputs::{Round, check};
use http::{Method, Uri};
use valetkey_core::identity::{IdTokenVerification, Login};
use valetkey_core::jose::{
    Algorithm, AwsLc, CryptoProvider, Jwk, JwkSet, KeyPair, RustCrypto, Signer as _, VerificationKeys,
};
use valetkey_core::terms::IdToken;
use valetkey_core::{AccessToken, AuthorizationServer, Client, Dpop, Entropy, Error, Flow as _, Step};

use crate::messages::NOW;

/// An ID token, and a client that knows the keys of its server.
pub(crate) struct Verification {
    pub(crate) client: Client,
    pub(crate) token: IdToken,
    pub(crate) access_token: AccessToken,
}

pub(crate) static RSA_AWS: LazyLock<Verification> =
    LazyLock::new(|| Verification::of(&AwsLc, Algorithm::Rs256, RS256));
pub(crate) static EC_AWS: LazyLock<Verification> =
    LazyLock::new(|| Verification::of(&AwsLc, Algorithm::Es256, ES256));
pub(crate) static ED_AWS: LazyLock<Verification> =
    LazyLock::new(|| Verification::of(&AwsLc, Algorithm::EdDsa, EDDSA));
pub(crate) static RSA_RUST: LazyLock<Verification> =
    LazyLock::new(|| Verification::of(&RustCrypto, Algorithm::Rs256, RS256));
pub(crate) static EC_RUST: LazyLock<Verification> =
    LazyLock::new(|| Verification::of(&RustCrypto, Algorithm::Es256, ES256));
pub(crate) static ED_RUST: LazyLock<Verification> =
    LazyLock::new(|| Verification::of(&RustCrypto, Algorithm::EdDsa, EDDSA));

impl Verification {
    pub(crate) fn of(provider: &dyn CryptoProvider, algorithm: Algorithm, (jwt, jwk): (&str, &str)) -> Self {
        Self::at(ISSUER, CLIENT_ID, provider, algorithm, (jwt, jwk))
    }

    pub(crate) fn at(
        issuer: &str,
        client_id: &str,
        provider: &dyn CryptoProvider,
        algorithm: Algorithm,
        (jwt, jwk): (&str, &str),
    ) -> Self {
        let set = JwkSet::of([Jwk::parse(jwk.as_bytes()).expect("a key")]);
        let server = AuthorizationServer::new()
            .issuer(issuer)
            .and_then(|server| server.token_endpoint("https://as.example/token"))
            .expect("a server")
            .keys(VerificationKeys::new(provider, &[algorithm], &set).expect("keys"));
        Self {
            client: Client::new(server, client_id),
            token: IdToken::new(jwt).expect("an ID token"),
            access_token: AccessToken::new(access_token()).expect("an access token"),
        }
    }

    pub(crate) fn verify(&self, nonce: &str) -> Result<Login, Error> {
        let verification = IdTokenVerification::new(&self.client, &self.token)?.nonce(nonce)?;
        match verification.beside(&self.access_token).step(None, NOW)? {
            Step::Done(login) => Ok(login),
            _ => unreachable!("keys that are known are not fetched"),
        }
    }
}

pub(crate) fn round(verification: &'static LazyLock<Verification>) -> Round {
    LazyLock::force(verification);
    Box::new(move || {
        black_box(verification.verify(NONCE).expect("an ID token that holds"));
    })
}

pub(crate) fn check(verification: &Verification) {
    let login = verification.verify(NONCE).expect("an ID token that holds");
    assert_eq!(login.identity().subject(), SUBJECT);
}

/// A key, and what its proofs are for.
pub(crate) struct Prover {
    dpop: Dpop,
    uri: Uri,
    access_token: AccessToken,
}

pub(crate) static DPOP_AWS: LazyLock<Prover> = LazyLock::new(|| Prover::of(&AwsLc));
pub(crate) static DPOP_RUST: LazyLock<Prover> = LazyLock::new(|| Prover::of(&RustCrypto));

impl Prover {
    fn of(provider: &dyn CryptoProvider) -> Self {
        let key = KeyPair::from_pkcs8(provider, Algorithm::Es256, DPOP_KEY).expect("a key");
        assert!(key.public_key().is_some(), "a public half");
        Self {
            dpop: Dpop::of(Arc::new(key), Entropy::from_seed([7; 32])).expect("a key"),
            uri: RESOURCE.parse().expect("a URI"),
            access_token: AccessToken::new(access_token()).expect("a token"),
        }
    }

    fn prove(&self) -> String {
        self.dpop
            .proof_with(&Method::GET, &self.uri, NOW, Some(&self.access_token), None)
            .and_then(|jwt| jwt.sign())
            .and_then(|jwt| jwt.ready())
            .expect("a proof")
            .expose()
            .to_owned()
    }
}

pub(crate) fn proof_round(prover: &'static LazyLock<Prover>) -> Round {
    LazyLock::force(prover);
    Box::new(move || {
        black_box(prover.prove());
    })
}

pub(crate) fn check_proof(provider: &dyn CryptoProvider) {
    check::proof(&Prover::of(provider).prove());
}
