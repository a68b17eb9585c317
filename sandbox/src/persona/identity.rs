//! Who logged in at a [`Provider`]: ID tokens, the keys they are signed with, UserInfo; and a client whose secret is a JWT.

use std::fmt;

use http::StatusCode;
use serde_json::{Value, json};
use valetkey_core::{Request, Response};

use super::kind::Shows;
use super::provider::{Provider, said};
use crate::SigningAlgorithm;
use crate::ground::answer;
use crate::ground::jws::Jws;
use crate::ground::keys::{Claims, SigningKey, SigningKeys, client_key};

/// How long an ID token is good, in seconds.
const LIFETIME: u64 = 3600;

/// How long a secret that is a JWT may be good at most: six months.
const LONGEST_SECRET: u64 = 15_777_000;

/// What a client writes its secrets with, where the server wants each to be a JWT (ES256).
#[derive(Clone)]
pub struct WrittenSecret {
    /// The private key, as a JWK with its `kid`.
    pub key: String,
    /// The `iss` of the JWT; its `sub` is the client.
    pub issuer: &'static str,
    /// Its `aud`.
    pub audience: &'static str,
}

/// Without the key.
impl fmt::Debug for WrittenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrittenSecret").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Provider {
    /// What the client that is registered writes its secrets with; `None` where it has one that is
    /// [stored](Self::client_secret).
    #[must_use]
    pub fn written_secret(&self) -> Option<WrittenSecret> {
        let Shows::Written(issuer, audience) = self.persona.client else { return None };
        let (private, _) = client_key(self.random.bytes("client key"));
        Some(WrittenSecret { key: private.to_string(), issuer, audience })
    }

    /// From now on its ID tokens say this by a claim, whatever the documentation says; a claim that is `null` is left out.
    ///
    /// ```
    /// use valetkey_sandbox::{Persona, Provider};
    ///
    /// let google = Persona::named("google").expect("a persona of that name");
    /// let mut provider = Provider::new(&google, [7; 32]);
    /// provider.say_in_id_tokens("hd", "attacker.example");
    /// ```
    pub fn say_in_id_tokens(&mut self, claim: &str, value: impl Into<Value>) {
        self.otherwise.insert(claim.to_owned(), value.into());
    }

    /// Whether a secret is a JWT that the client's key signed, of this issuer and for this audience, good now and not for too long.
    pub(crate) fn is_written(&self, secret: &str, issuer: &str, audience: &str) -> bool {
        let (_, public) = client_key(self.random.bytes("client key"));
        let Some(jws) = Jws::read(secret) else { return false };
        let has_kid = public.get("kid").and_then(Value::as_str) == Some(jws.header("kid"));
        let Some(claims) = jws.verified_by(&public).filter(|_| has_kid && jws.header("alg") == "ES256")
        else {
            return false;
        };
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let time = |name: &str| claims.get(name).and_then(Value::as_u64);
        let now = self.now.as_secs();
        text("iss") == Some(issuer)
            && text("aud") == Some(audience)
            && text("sub") == Some(self.client_id())
            && time("iat").is_some_and(|time| time <= now)
            && time("exp").is_some_and(|time| time > now && time <= now.saturating_add(LONGEST_SECRET))
    }

    /// The ID token beside this access token, which answers a request with this nonce.
    pub(crate) fn id_token(&mut self, access_token: &str, nonce: Option<&str>) -> Option<String> {
        let told = self.persona.identity?;
        let mut claims: Claims = serde_json::from_str(told.claims).unwrap_or_default();
        let secret = told.is_by_secret.then(|| SigningKey::secret(self.client_secret().as_bytes()));
        let key = secret.as_ref().unwrap_or_else(|| self.signing_key());
        let usual = [
            ("iss", json!(told.iss)),
            ("sub", json!(told.sub)),
            ("aud", json!(self.client_id())),
            ("iat", json!(self.now.as_secs())),
            ("exp", json!(self.now.as_secs().saturating_add(LIFETIME))),
            ("at_hash", json!(key.half_hash(access_token))),
            ("nonce", json!(nonce.filter(|_| told.has_nonce))),
        ];
        let usual = usual.into_iter().map(|(name, value)| (name.to_owned(), value));
        claims.extend(usual.chain(self.otherwise.clone()));
        claims.retain(|_, value| !value.is_null());
        Some(key.sign("JWT", &claims))
    }

    fn signing_key(&self) -> &SigningKey {
        let keys = self.keys.get_or_init(|| SigningKeys::from_random(&self.random, 0));
        keys.by(SigningAlgorithm::Rs256)
    }

    /// The keys that it publishes.
    pub(crate) fn jwks(&self) -> Response {
        let mut key = self.signing_key().public().clone();
        let owner = self.persona.identity.and_then(|told| told.key_issuer);
        if let (Some(members), Some(owner)) = (key.as_object_mut(), owner) {
            members.insert("issuer".to_owned(), owner.into());
        }
        answer::json(StatusCode::OK, &json!({ "keys": [key] }))
    }

    /// UserInfo (OpenID Connect Core §5.3), for the token of a login; of any other, where an API is at its place.
    pub(crate) fn userinfo(&mut self, request: &Request) -> Response {
        if let Some(refused) = self.unnamed(request) {
            return refused;
        }
        match (self.presented(request), self.persona.identity) {
            (Some(true), Some(told)) => {
                let mut claims: Claims = serde_json::from_str(told.userinfo).unwrap_or_default();
                claims.insert("sub".to_owned(), told.sub.into());
                answer::json(StatusCode::OK, &Value::Object(claims))
            }
            (Some(_), _) => {
                self.refuse(StatusCode::FORBIDDEN, "insufficient_scope", "it is the token of no login")
            }
            (None, _) => said(self.persona.refusal),
        }
    }
}
