//! Assertions (RFC 7523): a JWT by which a client says who it is, or for whom it wants a token; what either must be.
//!
//! ```text
//! the client                                                            the server
//!   POST … client_assertion_type=…jwt-bearer, client_assertion=JWT    →
//!                                                                     ←  what was asked for
//!   POST /oauth/token grant_type=…jwt-bearer, assertion=JWT           →
//!                                                                     ←  a token of the JWT's subject
//! ```

use serde_json::Value;
use valetkey_core::UnixTime;

use crate::ground::jws::Jws;
use crate::ground::keys::Claims;
use crate::ground::parameters::Parameters;
use crate::{Application, AssertionAudience, Sandbox};

const CLIENT_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest that an assertion may be good for, in seconds.
const LONGEST: u64 = 86_400;

/// How far a client's clock may be ahead, in seconds.
const AHEAD: u64 = 60;

impl Sandbox {
    /// Trusts another issuer to say for whom a token is wanted (RFC 7523 §2.1): its public keys are a JWK set, and the
    /// `sub` of its assertions is a username.
    pub fn trust_issuer(&mut self, issuer: &str, jwks: &Value) {
        let keys = jwks.get("keys").and_then(Value::as_array).cloned().unwrap_or_default();
        self.trusted.insert(issuer.to_owned(), keys);
    }

    /// The client that a request's assertion proves.
    pub(crate) fn asserted_client(&mut self, parameters: &Parameters, now: UnixTime) -> Option<Application> {
        parameters.get("client_assertion_type").filter(|it| *it == CLIENT_ASSERTION)?;
        let jws = Jws::read(parameters.get("client_assertion")?)?;
        let client_id = jws.unverified().get("sub")?.as_str()?.to_owned();
        if parameters.get("client_id").is_some_and(|named| named != client_id) {
            return None;
        }
        let application = self.application(&client_id).filter(|application| application.signs())?.clone();
        let claims = signed_by(&application, &jws)?;
        let same = claims.get("iss").and_then(Value::as_str) == Some(&client_id);
        (same && self.is_addressed(claims, self.settings.assertion_audience)).then_some(())?;
        self.timely_and_new(claims, now).then_some(application)
    }

    /// Whether an assertion is for this server.
    pub(crate) fn is_addressed(&self, claims: &Claims, audience: AssertionAudience) -> bool {
        let Some(audiences) = claims.get("aud") else { return false };
        match audience {
            AssertionAudience::Issuer => {
                self.settings.issuer.as_deref().is_some_and(|issuer| audiences == issuer)
            }
            AssertionAudience::TokenEndpoint => self.settings.origin().is_some_and(|origin| {
                let endpoint = Value::from(format!("{origin}{}", self.settings.dialect.token_path()));
                *audiences == endpoint || audiences.as_array().is_some_and(|all| all.contains(&endpoint))
            }),
        }
    }

    /// Whether an assertion is good now, not for too long, and was not used before.
    pub(crate) fn timely_and_new(&mut self, claims: &Claims, now: UnixTime) -> bool {
        let jti = claims.get("jti").and_then(Value::as_str).filter(|jti| !jti.is_empty());
        let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
        let Some(used) = jti.map(|jti| format!("{issuer} {jti}")).filter(|_| timely(claims, now)) else {
            return false;
        };
        let new = self.assertions.get(&used).is_none();
        if new {
            self.assertions.insert(used, ());
        }
        new
    }
}

/// The claims of what an application signed, by one of its keys or by its secret.
pub(crate) fn signed_by<'a>(application: &Application, jws: &'a Jws<'_>) -> Option<&'a Claims> {
    let by_secret = application.secret.as_deref().filter(|_| application.secret_signs);
    by_one_of(&application.keys, jws).or_else(|| jws.verified_by_secret(by_secret?))
}

/// The claims, verified by the key that the header names, or by any if it names none.
pub(crate) fn by_one_of<'a>(keys: &[Value], jws: &'a Jws<'_>) -> Option<&'a Claims> {
    let named = jws.header("kid");
    let fits = |key: &&Value| {
        named.is_empty() || key.get("kid").and_then(Value::as_str).is_none_or(|kid| kid == named)
    };
    keys.iter().filter(fits).find_map(|key| jws.verified_by(key))
}

/// Whether claims are good now: `exp` is required and not far away, `iat` and `nbf` must not be to come.
pub(crate) fn timely(claims: &Claims, now: UnixTime) -> bool {
    let time = |name: &str| claims.get(name).map(|value| value.as_u64().unwrap_or(u64::MAX));
    let now = now.as_secs();
    let begun = |name: &str| time(name).is_none_or(|time| time <= now.saturating_add(AHEAD));
    time("exp").is_some_and(|exp| now < exp && exp <= now.saturating_add(LONGEST))
        && begun("iat")
        && begun("nbf")
}
