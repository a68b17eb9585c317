//! A login at an OpenID provider of canned answers, whose ID token is as a test wants it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use valetkey_core::jose::{Algorithm, CryptoProvider, JwtSigner, RustCrypto};
use valetkey_core::server::Endpoint;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Error, Flow,
    PendingAuthorization, Response, Step, TokenResponse, UnixTime,
};

use crate::jose::{key_pair, verification_keys};
use crate::{NOW, client_of, entropy, server};

/// Where the browser comes back.
pub const CALLBACK: &str = "https://app.example/callback";

/// The provider, with keys that are known: those of this algorithm.
#[must_use]
pub fn provider(algorithm: Algorithm) -> AuthorizationServer {
    provider_by(&RustCrypto, algorithm)
}

/// The same, whose keys this cryptography verifies with.
#[must_use]
pub fn provider_by(crypto: &dyn CryptoProvider, algorithm: Algorithm) -> AuthorizationServer {
    server().keys(verification_keys(crypto, algorithm))
}

/// The same, which publishes its keys.
#[must_use]
pub fn publishing() -> AuthorizationServer {
    server().endpoint(Endpoint::Jwks, "https://as.example/jwks").unwrap()
}

/// A client of the provider that signs by ES256.
#[must_use]
pub fn client() -> Client {
    client_of(provider(Algorithm::Es256))
}

/// The claims of a good ID token.
#[must_use]
pub fn claims(nonce: Option<&str>) -> Value {
    let mut claims = json!({
        "iss": "https://as.example",
        "sub": "248289761001",
        "aud": "s6BhdRkqt3",
        "exp": NOW.as_secs() + 600,
        "iat": NOW.as_secs(),
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    claims
}

/// An ID token with these claims.
#[must_use]
pub fn id_token(algorithm: Algorithm, claims: &Value) -> String {
    let signer = JwtSigner::new(key_pair(&RustCrypto, algorithm), None);
    signer.write(claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned()
}

/// Half of the hash of a text, as an ID token by ES256 has it (`at_hash`, `c_hash`, `s_hash`).
#[must_use]
pub fn half_hash(text: &str) -> String {
    let hash = Sha256::digest(text);
    URL_SAFE_NO_PAD.encode(&hash[..16])
}

/// The answer of a token endpoint with this ID token.
#[must_use]
pub fn tokens(id_token: &str) -> Response {
    let body = json!({
        "access_token": "2YotnFZFEjr1zCsicMWpAA",
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA",
        "scope": "openid",
        "id_token": id_token,
    });
    crate::json(200, &body.to_string())
}

/// A login that was begun: what waits for its response, and the parameters of its URL.
pub struct Begun {
    /// What waits.
    pub pending: PendingAuthorization,
    /// The parameters.
    pub parameters: Vec<(String, String)>,
}

impl Begun {
    /// A parameter of the URL.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The nonce that was sent.
    #[must_use]
    pub fn nonce(&self) -> &str {
        self.parameter("nonce").expect("a login sends a nonce")
    }

    /// Finishes it with this answer of the token endpoint, and these of whatever is asked for after it.
    ///
    /// # Errors
    ///
    /// Those of the flow.
    pub fn finished(&mut self, client: &Client, answers: Vec<Response>) -> Result<TokenResponse, Error> {
        let back = format!("{CALLBACK}?code=SplxlOBeZQQYbYS6WxSbIA&state={}", self.pending.state());
        let response = AuthorizationResponse::from_url(&back)?;
        run(self.pending.finish(client, &response, NOW)?, answers, NOW)
    }
}

/// Begins a login.
///
/// # Errors
///
/// Those of `begin_unbound`.
pub fn begun(
    client: &Client,
    ask: impl FnOnce(AuthorizationRequest) -> AuthorizationRequest,
) -> Result<Begun, Error> {
    let request = ask(AuthorizationRequest::new(client, CALLBACK)?.scope("openid")?);
    let (url, pending) = request.begin_unbound(entropy(7), NOW)?;
    let (_, query) = url.as_str().split_once('?').expect("a query");
    let parameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    Ok(Begun { pending, parameters })
}

/// A whole login, whose ID token's claims are changed.
///
/// # Errors
///
/// Those of the flow.
pub fn logged_in(client: &Client, change: impl FnOnce(&mut Value)) -> Result<TokenResponse, Error> {
    logged_in_asking(client, |request| request, change)
}

/// The same, with more in its request.
///
/// # Errors
///
/// Those of the flow.
pub fn logged_in_asking(
    client: &Client,
    ask: impl FnOnce(AuthorizationRequest) -> AuthorizationRequest,
    change: impl FnOnce(&mut Value),
) -> Result<TokenResponse, Error> {
    let mut begun = begun(client, ask)?;
    let mut claims = claims(Some(begun.nonce()));
    change(&mut claims);
    begun.finished(client, vec![tokens(&id_token(Algorithm::Es256, &claims))])
}

/// Carries a flow out with these answers, in their order.
///
/// # Errors
///
/// Those of the flow.
///
/// # Panics
///
/// If it asks for more.
pub fn run<F: Flow>(mut flow: F, answers: Vec<Response>, now: UnixTime) -> Result<F::Output, Error> {
    let mut answers = answers.into_iter();
    let mut response = None;
    loop {
        match flow.step(response.take(), now)? {
            Step::Send(request) => {
                response =
                    Some(answers.next().unwrap_or_else(|| panic!("nothing answers {}", request.uri())));
            }
            Step::Wait(time) => panic!("it waits for {time:?}"),
            Step::Done(output) => return Ok(output),
        }
    }
}
