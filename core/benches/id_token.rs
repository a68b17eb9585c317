//! What the verification of an ID token costs beside the bare signature in it:
//! `cargo bench -p valetkey-core --bench id_token`.
//!
//! Ours is the whole of what a login by a code does with its ID token, the key having been parsed before: the JWT is
//! taken apart, its signature verified, all claims are read and held to every rule, the hash of the access token (of 43
//! characters) among them, and a `Login` is made. The provider's own verification of the same signature takes turns with it.
//!
//! The benchmark fails if the bound is broken. Allocations repeat, so that a test counts them: `identity/allocations.rs` of the
//! tests. What counts them would be in the times here.

#![expect(
    clippy::expect_used,
    clippy::disallowed_macros,
    reason = "a benchmark prints what it found, and has no use for going on where something failed"
)]

mod beside;

use std::process::ExitCode;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256, Sha512};
use valetkey_core::identity::{IdTokenVerification, Login};
use valetkey_core::jose::{
    Algorithm, AwsLc, CryptoProvider, Jwk, JwkSet, JwtSigner, KeyPair, RustCrypto, Signer as _,
    VerificationKeys,
};
use valetkey_core::terms::IdToken;
use valetkey_core::{AccessToken, AuthorizationServer, Client, Flow as _, Step};

use beside::{BAR, Bare, NOW, compare, heading, pkcs8};

const ISSUER: &str = "https://as.example";
const KEY_ID: &str = "7c309e3a1c1999cb0404ab7125ee40b7cdbcaf7d";
const CLIENT_ID: &str = "s6BhdRkqt3";
const NONCE: &str = "n-0S6_WzA2Mjn-0S6_WzA2Mjn-0S6_WzA2Mjn-0S6_W";

fn main() -> ExitCode {
    heading();
    let is_within = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa].map(|algorithm| {
        let login = SignedLogin::new(algorithm);
        let is_within = login.time("aws-lc", &AwsLc) <= BAR;
        // To compare with; it has no bar.
        login.time("rust-crypto", &RustCrypto);
        is_within
    });
    if is_within.contains(&false) {
        println!("the bound is broken");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// An ID token as a login by a code gets it, with what came beside it.
struct SignedLogin {
    algorithm: Algorithm,
    public: Jwk,
    jwt: IdToken,
    access_token: AccessToken,
}

impl SignedLogin {
    fn new(algorithm: Algorithm) -> Self {
        let key =
            KeyPair::from_pkcs8(&AwsLc, algorithm, &pkcs8(algorithm)).expect("a key").with_key_id(KEY_ID);
        let key = Arc::new(key);
        let access_token = "SlAV32hkKGSlAV32hkKGSlAV32hkKGSlAV32hkKGabc";
        // EdDSA hashes by SHA-512 itself.
        let hash = match algorithm {
            Algorithm::EdDsa => Sha512::digest(access_token).to_vec(),
            _ => Sha256::digest(access_token).to_vec(),
        };
        let (at_hash, _) = hash.split_at(hash.len() / 2);
        let claims = json!({
            "iss": ISSUER,
            "sub": "248289761001",
            "aud": CLIENT_ID,
            "nonce": NONCE,
            "exp": NOW.as_secs() + 600,
            "iat": NOW.as_secs() - 10,
            "auth_time": NOW.as_secs() - 20,
            "acr": "urn:mace:incommon:iap:silver",
            "sid": "08a5019c-17e1-4977-8f42-65a12843ea02",
            "at_hash": URL_SAFE_NO_PAD.encode(at_hash),
            "name": "Jane Doe",
            "email": "janedoe@example.com",
            "email_verified": true,
        });
        let signer = JwtSigner::new(Arc::<KeyPair>::clone(&key), Some("JWT"));
        let jwt =
            signer.write(&claims).and_then(|jwt| jwt.sign()).and_then(|jwt| jwt.ready()).expect("a JWT");
        Self {
            public: key.public_key().expect("a public half").clone(),
            algorithm,
            jwt: IdToken::new(jwt.expose()).expect("an ID token"),
            access_token: AccessToken::new(access_token).expect("an access token"),
        }
    }

    /// What verifies it, with the key parsed.
    fn verification(&self, provider: &dyn CryptoProvider) -> impl Fn() -> Login {
        let set = JwkSet::of([self.public.clone()]);
        let keys = VerificationKeys::new(provider, &[self.algorithm], &set).expect("keys");
        let server = AuthorizationServer::new()
            .issuer(ISSUER)
            .and_then(|server| server.token_endpoint("https://as.example/token"))
            .expect("a server")
            .keys(keys);
        let client = Client::new(server, CLIENT_ID);
        move || {
            let verification = IdTokenVerification::new(&client, &self.jwt)
                .and_then(|verification| verification.nonce(NONCE))
                .expect("a signed JWT")
                .beside(&self.access_token);
            match { verification }.step(None, NOW).expect("an ID token that holds") {
                Step::Done(login) => login,
                _ => unreachable!("keys that are known are not fetched"),
            }
        }
    }

    /// Prints the times, and returns their ratio.
    fn time(&self, by: &str, provider: &dyn CryptoProvider) -> f64 {
        let bare = Bare::of(self.jwt.expose(), self.public.key(), provider, self.algorithm);
        compare(&format!("{}, {by}", self.algorithm), BAR, || bare.verify(), self.verification(provider))
    }
}
