//! Proofs of possession (RFC 9449): a key that the client shows to have, and tokens that are bound to it.
//!
//! ```text
//! the client                                                   the server or the API
//!   … DPoP: a JWT about this very request                    →
//!                                                            ←  use_dpop_nonce, DPoP-Nonce: n
//!   … DPoP: another JWT, with that nonce                     →
//!                                                            ←  token_type DPoP, or the resource
//! ```

use serde_json::Value;
use valetkey_core::{Request, Response, UnixTime};

use crate::ground::jws::{ASYMMETRIC, Jws};
use crate::ground::keys::{sha256, thumbprint};
use crate::ground::refusal::refusal;
use crate::world::ledger::Binding;
use crate::{Endpoint, Sandbox};

/// How far from now a proof may be dated, in seconds, before and after.
const TOLERANCE: u64 = 300;

/// What is wrong with a proof.
pub(crate) enum ProofError {
    Invalid(&'static str),
    /// There is no nonce in it, or not one that was given out lately.
    Nonce,
}

impl Sandbox {
    /// What a token request is to be bound to, or the token endpoint's answer to a bad proof.
    pub(crate) fn binding(
        &mut self,
        request: &Request,
        now: UnixTime,
    ) -> Result<Option<Binding>, Box<Response>> {
        if !self.settings.modern() {
            return Ok(None);
        }
        let proof = self.proven_key(request, None, now);
        proof.map(|key| key.map(Binding::Key)).map_err(|error| {
            Box::new(refusal(match error {
                ProofError::Invalid(reason) => ("invalid_dpop_proof", reason),
                ProofError::Nonce => ("use_dpop_nonce", "The proof must have the nonce of DPoP-Nonce"),
            }))
        })
    }

    /// The thumbprint of the key that the request's proof shows, if it has one. With an access token it is a proof
    /// for the API, and must name that token.
    pub(crate) fn proven_key(
        &mut self,
        request: &Request,
        access_token: Option<&str>,
        now: UnixTime,
    ) -> Result<Option<String>, ProofError> {
        let mut proofs = request.headers().get_all("dpop").iter();
        let (Some(proof), second) = (proofs.next(), proofs.next()) else { return Ok(None) };
        let invalid = ProofError::Invalid;
        if second.is_some() {
            return Err(invalid("There is more than one proof"));
        }
        let jws = proof.to_str().ok().and_then(Jws::read).ok_or(invalid("The proof is not a JWT"))?;
        if jws.header("typ") != "dpop+jwt" {
            return Err(invalid("The proof is of another type"));
        }
        let jwk = jws.header.get("jwk").ok_or(invalid("The proof has no key"))?;
        let key = thumbprint(jwk).ok_or(invalid("The proof's key is not a public one"))?;
        let claims = jws.verified_by(jwk).ok_or(invalid("The proof's signature is wrong"))?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("htm") != Some(request.method().as_str()) {
            return Err(invalid("The proof is for another method"));
        }
        if !text("htu").is_some_and(|htu| self.is_url_of(htu, request)) {
            return Err(invalid("The proof is for another URL"));
        }
        let issued = claims.get("iat").and_then(Value::as_u64).map(UnixTime::from_secs);
        let near = |issued: UnixTime| {
            now.since(issued).as_secs() <= TOLERANCE && issued.since(now).as_secs() <= TOLERANCE
        };
        if !issued.is_some_and(near) {
            return Err(invalid("The proof is too old or too new"));
        }
        if text("ath") != access_token.map(sha256).as_deref() {
            return Err(invalid("The proof's ath does not match the request's access token"));
        }
        let for_api = access_token.is_some();
        if let Some(period) = self.settings.dpop_nonces {
            let earlier = UnixTime::from_secs(now.as_secs().saturating_sub(period.as_secs()));
            let good = [now, earlier].map(|time| self.nonce(for_api, time));
            if !text("nonce").is_some_and(|nonce| good.iter().any(|known| known.as_deref() == Some(nonce))) {
                return Err(ProofError::Nonce);
            }
        }
        let jti = text("jti").filter(|jti| !jti.is_empty()).ok_or(invalid("The proof has no jti"))?;
        // Remembered for its URL, as RFC 9449 §11.1 says: another server may see the same one.
        let used = format!("{} {key} {jti}", request.uri().path());
        if self.proofs.get(&used).is_some() {
            return Err(invalid("The proof was used before"));
        }
        self.proofs.insert(used, ());
        Ok(Some(key))
    }

    /// Whether a text is the URL that was requested, without its query: to the letter, where the origin is known. Clients
    /// with a certificate may have another one.
    fn is_url_of(&self, text: &str, request: &Request) -> bool {
        let path = request.uri().path();
        if let Some(served) = self.served(request.uri()) {
            return text == served.url;
        }
        let aliased = |origin: &&String| {
            request.uri().authority().is_some_and(|host| **origin == format!("https://{host}"))
        };
        let mtls_origin = self.settings.mtls_origin.as_ref().filter(aliased).map(String::as_str);
        match self.settings.origin() {
            Some(origin) => text == format!("{}{path}", mtls_origin.unwrap_or(origin)),
            None => text
                .split_once("://")
                .is_some_and(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)) == Some(path)),
        }
    }

    /// The nonce of a time, the API's or the server's.
    fn nonce(&self, for_api: bool, time: UnixTime) -> Option<String> {
        let period = self.settings.dpop_nonces?.as_secs().max(1);
        let place = if for_api { "api" } else { "server" };
        Some(self.random.named(&format!("nonce {place} {}", time.as_secs() / period)))
    }

    /// Gives out the nonce for the next proof with every answer to one, as RFC 9449 §8.2 says.
    pub(crate) fn offer_nonce(
        &self,
        endpoint: Endpoint,
        request: &Request,
        response: &mut Response,
        now: UnixTime,
    ) {
        let is_called = matches!(endpoint, Endpoint::Api | Endpoint::Userinfo);
        let takes_proofs = is_called || matches!(endpoint, Endpoint::Token | Endpoint::PushedAuthorization);
        if takes_proofs && self.settings.modern() && request.headers().contains_key("dpop") {
            let nonce = self.nonce(is_called, now);
            if let Some(nonce) = nonce.and_then(|nonce| http::HeaderValue::try_from(nonce).ok()) {
                response.headers_mut().insert("dpop-nonce", nonce);
            }
        }
    }
}

/// A challenge to prove a key.
pub(crate) fn dpop_challenge(error: Option<&str>) -> String {
    let error = error.map(|error| format!("error=\"{error}\", ")).unwrap_or_default();
    format!("DPoP {error}algs=\"{}\"", ASYMMETRIC.join(" "))
}
