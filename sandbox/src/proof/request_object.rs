//! Signed authorization requests (RFC 9101): the parameters are the claims of a JWT that the client signed.
//!
//! ```text
//! the browser                                          the server
//!   GET /oauth/auth?client_id=…&request=JWT          →
//!                                                    ←  the form, by what the JWT says and nothing else
//!   … the JWT in a JWE, to the key of jwks_uri that is for encryption
//! ```

use serde_json::Value;
use valetkey_core::UnixTime;

use super::assertion::{signed_by, timely};
use crate::Sandbox;
use crate::ground::jws::Jws;
use crate::ground::keys::Claims;
use crate::ground::parameters::Parameters;
use crate::world::asked::Refused;

/// What a request object says of itself, and not of the request.
const ABOUT_ITSELF: [&str; 6] = ["iss", "aud", "exp", "iat", "nbf", "jti"];

impl Sandbox {
    /// The parameters of a request's signed object, if it has one. What stands beside it counts for nothing
    /// (RFC 9101 §5).
    pub(crate) fn opened(
        &self,
        parameters: &Parameters,
        now: UnixTime,
    ) -> Result<Option<Parameters>, Refused> {
        let Some(object) = parameters.get("request").filter(|_| self.settings.modern()) else {
            return Ok(None);
        };
        let refused = Refused::Object;
        let client_id = parameters.get("client_id").unwrap_or_default();
        let application =
            self.application(client_id).ok_or(Refused::Page("No application has this client_id."))?;
        // Encrypted or not: who signed it is all that counts.
        let decrypted = match object.bytes().filter(|byte| *byte == b'.').count() {
            4 => {
                Some(self.encryption_key().open(object).ok_or(refused("The request object does not open."))?)
            }
            _ => None,
        };
        let jws = Jws::read(decrypted.as_deref().unwrap_or(object))
            .ok_or(refused("The request object is not a JWT."))?;
        // Another JWT of the client's must not be taken for a request (RFC 9101 §10.8).
        if jws.header("typ") != "oauth-authz-req+jwt" {
            return Err(refused("The request object is of another type."));
        }
        let claims =
            signed_by(application, &jws).ok_or(refused("The request object's signature is wrong."))?;
        let is = |name: &str| claims.get(name).and_then(Value::as_str) == Some(client_id);
        if !is("iss") || !is("client_id") || is("sub") {
            return Err(refused("The request object is not this client's."));
        }
        if !self.is_for_us(claims) {
            return Err(refused("The request object is for another server."));
        }
        if !timely(claims, now) {
            return Err(refused("The request object is too old or too new."));
        }
        if claims.contains_key("request") || claims.contains_key("request_uri") {
            return Err(refused("A request object is in the request object."));
        }
        Ok(Some(as_parameters(claims)))
    }

    fn is_for_us(&self, claims: &Claims) -> bool {
        let Some((issuer, audience)) = self.settings.issuer.as_deref().zip(claims.get("aud")) else {
            return false;
        };
        *audience == issuer || audience.as_array().is_some_and(|all| all.iter().any(|one| *one == issuer))
    }

    pub(crate) fn must_sign(&self, client_id: &str) -> bool {
        self.settings.modern() && self.application(client_id).is_some_and(|application| application.must_sign)
    }
}

/// Texts as they are, several resources one by one, and everything else as JSON (RFC 9101 §4).
fn as_parameters(claims: &Claims) -> Parameters {
    let about_request = claims.iter().filter(|(name, _)| !ABOUT_ITSELF.contains(&name.as_str()));
    Parameters::of(about_request.flat_map(|(name, value)| {
        let values = match value {
            Value::Array(all) if name == "resource" => all.as_slice(),
            one => std::slice::from_ref(one),
        };
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        values.iter().map(move |value| (name.clone(), text(value)))
    }))
}
